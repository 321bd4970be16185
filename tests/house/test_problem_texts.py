"""Problems speak Chinese under a Chinese locale: their finished sentences are found again by their form."""

import ast
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chainwatch.cli.main import main
from chainwatch.locale import Language, language, retold

ROOT = Path(__file__).parents[2] / "chainwatch"
FORMS = tomllib.loads((ROOT / "locale/zh/problems.toml").read_text(encoding="utf-8"))
PLACE = re.compile(r"\{[^}]*\}")


@contextmanager
def speaking(of: Language) -> Iterator[None]:
    token = language.set(of)
    try:
        yield
    finally:
        language.reset(token)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("no installation here", "这里还没有安装"),
        ("chainwatch init, or set CHAINWATCH_HOME", "运行 chainwatch init，或设置 CHAINWATCH_HOME"),
        ("no such setting", "没有这项设置"),
        ("no channel 'team'", "没有渠道 'team'"),
        ("there is a channel team already", "已经有渠道 team"),
        ("no subscription 's1'", "没有订阅 's1'"),
        ("no rule own.a", "没有规则 own.a"),
        ("no rule bundle 3f", "没有规则集 3f"),
        ("one of: a, b", "可选：a, b"),
        ("one of a, b", "可选：a, b"),
        ("cannot read: No such file or directory", "无法读取：No such file or directory"),
        ("cannot read key.txt: Permission denied", "无法读取 key.txt：Permission denied"),
        ("the id own.a stands also at b.yaml:3:1", "编号 own.a 也出现在 b.yaml:3:1"),
        ("the store cannot be used: two\nlines", "数据库无法使用：two\nlines"),
        ("no channel {curly}", "没有渠道 {curly}"),
    ],
)
def test_a_problem_is_retold(english: str, chinese: str) -> None:
    with speaking("zh"):
        assert retold(english) == chinese
    with speaking("en"):
        assert retold(english) == english


def test_what_has_no_form_stays_english() -> None:
    with speaking("zh"):
        assert retold("line 3: something else altogether") == "line 3: something else altogether"


def said() -> Iterator[str]:
    """Every text of the program, its places empty."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)


def test_every_form_is_one_that_the_program_uses() -> None:
    known = set(said())
    assert [form for form in FORMS if PLACE.sub("{}", form) not in known] == []


def test_a_command_says_it_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with speaking("zh"):
        assert main(["articles", "list"]) == 1
    told = capsys.readouterr().err
    assert "这里还没有安装" in told
    assert "办法：运行 chainwatch init" in told
