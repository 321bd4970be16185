"""Apprise configuration files are taken unchanged, and include nothing."""

from pathlib import Path

import pytest

from chainwatch.notify.apprise_config import entries
from chainwatch.problem import Problem

TEXT = """\
# comment
; comment too
mailto://user:pass@mail.example
ops, night = json://hook.example/a=b?c=d,e
2:red=tgram://123456789:abc/1
team = ops, red
"""
YAML = """\
version: 1
tag: all
urls:
  - json://hook.example/a
  - mailto://user:pass@mail.example:
      - tag: ops, night
  - tgram://123456789:abc/1:
      tag: red
  - form://hook.example:
      - tag: one
      - tag: two
"""


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        pytest.param(
            "a.conf", TEXT,
            [
                ("mailto://user:pass@mail.example", ()), ("json://hook.example/a=b?c=d,e", ("ops", "night")),
                ("tgram://123456789:abc/1", ("red",)),
            ],
            id="text",
        ),
        pytest.param(
            "a.yml", YAML,
            [
                ("json://hook.example/a", ("all",)), ("mailto://user:pass@mail.example", ("all", "ops", "night")),
                ("tgram://123456789:abc/1", ("all", "red")), ("form://hook.example", ("all", "one")),
                ("form://hook.example", ("all", "two")),
            ],
            id="yaml",
        ),
        pytest.param("a", YAML, None, id="yaml-without-its-suffix"),
    ],
)  # fmt: skip
def test_addresses_and_tags(
    tmp_path: Path, name: str, content: str, expected: list[tuple[str, tuple[str, ...]]] | None
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    found = [(one.url, one.tags) for one in entries(path)]
    assert found == expected if expected is not None else len(found) == 5
    assert "mail.example" not in repr(entries(path))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param("json://a.example\ninclude /etc/other\n", ":2", id="include"),
        pytest.param("urls:\n  - json://a.example\ninclude:\n  - http://127.0.0.1/x\n", ":4:3", id="yaml-include"),
        pytest.param("what is this?\n", ":1", id="no-address"),
        pytest.param("urls:\n  - json://a.example:\n      - tag: x\n        verify: no\n", ":2", id="options"),
    ],
)
def test_what_is_not_taken_is_refused_with_its_line(tmp_path: Path, content: str, place: str) -> None:
    path = tmp_path / "a.conf"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Problem) as refused:
        entries(path)
    assert str(refused.value.place).startswith(f"{path}{place}")
    assert "127.0.0.1" not in str(refused.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot read"):
        entries(tmp_path / "none")
