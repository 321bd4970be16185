"""Wordings: what a template may hold, own ones before shipped ones, each fault with its line."""

from pathlib import Path

import pytest

from chainwatch.models import EventKind, Message, Precision, message_id
from chainwatch.notify.render import Wordings, check
from chainwatch.notify.view import KINDS, View, headline, view
from chainwatch.problem import Problem
from tests.delivery.world import START, event


def shown(*happened: object, digest: bool = False) -> View:
    message = Message(id=message_id("c", "g"), channel="c", group="g", reasons=(), due=START, digest=digest)
    return view(message, happened or [event()], names={}, first={})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        pytest.param("{{ ''.__class__.__mro__ }}", 1, id="attribute-of-a-constant"),
        pytest.param("\n{{ id.__class__ }}", 2, id="attribute-of-a-variable"),
        pytest.param("{% for i in range(10**9) %}x{% endfor %}", 1, id="bomb"),
        pytest.param("{{ id * 10**9 }}", 1, id="arithmetic"),
        pytest.param("{{ id ~ id }}", 1, id="joining"),
        pytest.param("{{ lipsum() }}", 1, id="global"),
        pytest.param("{{ id|replace('a', 'b') }}", 1, id="filter"),
        pytest.param("{% include '/etc/passwd' %}", 1, id="include"),
        pytest.param("{% import 'x' as y %}", 1, id="import"),
        pytest.param("{% macro m() %}{% endmacro %}", 1, id="macro"),
        pytest.param("{% set x = 1 %}", 1, id="set"),
        pytest.param("{{ secret }}", 1, id="unknown-variable"),
        pytest.param("{% for section in sections %}\n{{ section.secret }}{% endfor %}", 2, id="unknown-field"),
        pytest.param("{{ item.title }}", 1, id="outside-its-loop"),
        pytest.param(
            "{% for section in sections %}{% for section in sections %}{% endfor %}{% endfor %}", 1, id="twice"
        ),
        pytest.param("{% if id %}", 1, id="not-closed"),
        pytest.param("x" * 70_000, 1, id="too-long"),
        pytest.param("{% if id %}" * 60 + "{% endif %}" * 60, 1, id="too-deep"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_line(source: str, line: int) -> None:
    faults = check(source, "mine.j2")
    assert faults
    assert str(faults[0].place).split(":")[1:] in ([str(line)], [])


def test_the_shipped_wordings_are_allowed() -> None:
    Wordings().check("default")


def test_own_wordings_stand_before_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "mine.text.j2").write_text("{{ id }}!", encoding="utf-8")
    (tmp_path / "mine.en.text.j2").write_text("EN {{ count }}", encoding="utf-8")
    wordings = Wordings(tmp_path)
    assert wordings.names() == ["default", "mine"]
    assert wordings.render(shown(), "mine", "zh", "text") == message_id("c", "g") + "!"
    assert wordings.render(shown(), "mine", "en", "text") == "EN 1"
    assert wordings.render(shown(), "mine", "zh", "html").startswith("<h3>")


def test_a_changed_wording_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.text.j2"
    path.write_text("one", encoding="utf-8")
    wordings = Wordings(tmp_path)
    assert wordings.render(shown(), "mine", "zh", "text") == "one"
    path.write_text("two!", encoding="utf-8")
    assert wordings.render(shown(), "mine", "zh", "text") == "two!"


def test_a_faulty_wording_is_refused_when_used(tmp_path: Path) -> None:
    (tmp_path / "mine.text.j2").write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(Problem, match="unknown variable nothing"):
        Wordings(tmp_path).render(shown(), "mine", "zh", "text")
    with pytest.raises(Problem, match="unknown variable nothing"):
        Wordings(tmp_path).check("mine")


@pytest.mark.parametrize("name", ["nosuch", "../default", ""])
def test_an_unknown_wording_is_refused(name: str) -> None:
    with pytest.raises(Problem, match="no wording"):
        Wordings().check(name)


def test_every_kind_has_a_label() -> None:
    assert set(KINDS) == {kind.value for kind in EventKind}


@pytest.mark.parametrize("kind", list(EventKind))
@pytest.mark.parametrize("text_format", ["text", "markdown", "html"])
def test_every_kind_can_be_worded(kind: EventKind, text_format: str) -> None:
    happened = event(kind=kind, before={"shown": "超1万亿元", "deadline": "2035"})
    for language in ("zh", "en"):
        text = Wordings().render(shown(happened), "default", language, text_format)
        assert "超1万亿元" in text
        assert happened.id in text


def test_a_change_shows_before_and_after() -> None:
    moved = event(
        kind=EventKind.TARGET_ADVANCED,
        before={"shown": "超1万亿元", "deadline": "2035"},
        after={"shown": "超1万亿元", "deadline": "2027", "metric": "规模", "scope": "总体", "base": ""},
    )
    text = Wordings().render(shown(moved), "default", "zh", "text")
    assert "变化：超1万亿元, 到 2035 → 超1万亿元, 到 2027" in text
    assert "口径：总体 规模" in text


def test_a_publication_is_shown_as_exactly_as_it_is_known() -> None:
    evidence = event().evidence[0]
    for precision, expected in (
        ("month", "2026-11"),
        ("day", "2026-11-20"),
        ("minute", "2026-11-20 09:00"),
        ("unknown", "时间不详"),
    ):
        one = event(evidence=(evidence.model_copy(update={"precision": Precision(precision)}),))
        [item] = shown(one).sections[0].items
        assert item.published == expected


def test_a_digest_says_how_many() -> None:
    message = Message(id="x", channel="c", group="g", reasons=(), due=START, digest=True)
    happened = [event("甲"), event("乙")]
    assert headline(message, happened, shown(*happened, digest=True)) == "2 条：首见 甲 ……"
