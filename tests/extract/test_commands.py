"""`chainwatch analyse` and `chainwatch explain`, called as a user calls them."""

import io
import json
from pathlib import Path

import pytest

from chainwatch.cli.analyse import read_line
from chainwatch.cli.main import main
from chainwatch.problem import Problem

LINE = {
    "id": "one",
    "title": "工作简报",
    "text": "到2025年，杭州装备业产值达到500亿元。出台30条措施。",
    "published": "2022-05-31",
}


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_text(json.dumps(LINE, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def test_a_line_comes_out_for_each_line(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(lines)]) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"id", "tags", "findings"} <= set(row)
    (finding,) = row["findings"]
    assert (finding["kind"], finding["subject"], finding["value"], finding["unit"]) == (
        "target",
        "装备业",
        "50000000000",
        "元",
    )
    assert LINE["text"][slice(*finding["value_span"])] == finding["quote"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    data = io.TextIOWrapper(io.BytesIO(json.dumps({"title": "甲", "text": "乙"}).encode()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", data)
    assert main(["analyse", "-"]) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert row["id"].startswith("text:")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("{", "no JSON"),
        ('{"title": "甲"}', "text: Field required"),
        ('{"title": 1, "text": "乙"}', "title"),
        ('{"title": "甲", "text": "乙", "published": "gestern"}', "published is no date"),
        ('{"title": "甲", "text": "乙", "published": "2022-13-01"}', "published is no date"),
        ('["甲"]', "line"),
    ],
)
def test_a_bad_line_is_told_with_its_place(raw: str, says: str) -> None:
    with pytest.raises(Problem) as told:
        read_line(raw.encode(), "articles.jsonl:7")
    assert told.value.place == "articles.jsonl:7"
    assert says in told.value.what
    assert told.value.cure


def test_the_other_lines_go_on(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines.write_text(f"{{\n\n{json.dumps(LINE)}\n", encoding="utf-8")
    assert main(["analyse", str(lines)]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["one"]
    assert f"{lines}:1: no JSON" in err


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(tmp_path / "none.jsonl")]) == 1
    assert "cannot read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("published", "day", "precision"),
    [
        ("2022", "2022-12-28", "year"),
        ("2022-05", "2022-05-28", "month"),
        ("2022-05-31", "2022-05-31", "day"),
        ("2022-05-31T09:00+08:00", "2022-05-31", "minute"),
        ("2022-05-31 09:00", "2022-05-31", "minute"),
    ],
)
def test_dates_of_every_precision_are_read(published: str, day: str, precision: str) -> None:
    article = read_line(json.dumps({**LINE, "published": published}).encode(), "a:1")
    assert article.published is not None
    assert (article.published.date().isoformat(), article.precision.value) == (day, precision)


def test_explain_marks_findings_and_tells_refusals(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "one", "--file", str(lines)]) == 0
    out = capsys.readouterr().out
    assert LINE["text"] in out.replace("\n", "")
    assert "500亿元" in out
    assert "count of measures" in out


def test_explain_takes_a_line_number_and_speaks_json(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "1", "--file", str(lines), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert [one["quote"] for one in row["findings"]] == ["500亿元"]
    assert [one["quote"] for one in row["refused"]] == ["30条"]


def test_explain_tells_when_the_article_is_not_there(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "none", "--file", str(lines)]) == 1
    assert "no article" in capsys.readouterr().err
