"""Bytes → text: right characters or a refusal, never a garbled page (the charset pages are made here)."""

import pytest

from crawlers.encoding import decode
from crawlers.refusal import Reason, Refused

TEXT = "某市召开产业链推进会，部署智能物联、集成电路和生物医药工作，力争到二〇二七年规模突破一万亿元。" * 12
RARE = "参会的有龘公司和㐀公司，朱镕某处长·发言——增长“明显”。"
TRADITIONAL = "本市這個產業鏈說來話長，他們對於發展還沒有結論，會議經過討論後決定實際情況。" * 12
PAGE = "<html><head><meta charset='{0}'><title>公告</title></head><body><p>{1}</p></body></html>"


def page(charset: str, text: str = TEXT + RARE) -> str:
    return PAGE.format(charset, text)


CASES = {
    "utf-8 declared": (page("utf-8").encode(), None, page("utf-8")),
    "utf-8 with mark": (b"\xef\xbb\xbf" + page("gbk").encode(), "gbk", page("gbk")),
    "utf-8 called gbk": (page("gbk").encode(), None, page("gbk")),
    "utf-8 behind a latin-1 header": (page("utf-8").encode(), "iso-8859-1", page("utf-8")),
    "gb18030 called gb2312": (page("gb2312").encode("gb18030"), None, page("gb2312")),
    "gb18030 called utf-8": (page("utf-8").encode("gb18030"), None, page("utf-8")),
    "gb18030 behind a utf-8 header": (page("gbk").encode("gb18030"), "utf-8", page("gbk")),
    "gb18030 called nothing": (page("").encode("gb18030"), None, page("")),
    "gb18030 called nonsense": (page("x-none-such").encode("gb18030"), "klingon", page("x-none-such")),
    "big5 declared": (page("big5", TRADITIONAL).encode("big5"), None, page("big5", TRADITIONAL)),
    "big5 called nothing": (page("", TRADITIONAL).encode("big5"), None, page("", TRADITIONAL)),
    "big5 behind a gbk header": (page("big5", TRADITIONAL).encode("big5"), "gbk", page("big5", TRADITIONAL)),
    "utf-16 with mark": (page("utf-16").encode("utf-16"), None, page("utf-16")),
    "utf-16 without mark": (page("").encode("utf-16-le"), None, page("")),
    "declared late": ((" " * 3000 + page("gb2312")).encode("gb18030"), None, " " * 3000 + page("gb2312")),
    "ascii": (b"<html><p>growth</p></html>", None, "<html><p>growth</p></html>"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_right_whatever_was_declared(name: str) -> None:
    data, header, text = CASES[name]
    assert decode(data, header).text == text


@pytest.mark.parametrize(("codec", "cut"), [("utf-8", 1), ("utf-8", 2), ("gb18030", 1)])
def test_a_character_cut_off_at_the_end_costs_only_itself(codec: str, cut: int) -> None:
    data = page(codec, TEXT).encode(codec)
    end = data.index("一万亿".encode(codec), 600) + cut
    assert decode(data[:end]).text == data[: end - cut].decode(codec)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("two encodings in one page", PAGE.format("utf-8", TEXT).encode() + TEXT.encode("gb18030")),
        ("gb18030 saved as utf-8 with losses", TEXT.encode("gb18030").decode("utf-8", "replace").encode()),
        ("utf-8 taken for latin-1 and saved again", TEXT.encode().decode("latin-1").encode()),
        ("noise", bytes(range(128, 256)) * 40),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, data: bytes) -> None:
    del name
    with pytest.raises(Refused) as refused:
        decode(data, place="https://x.example.test/1")
    assert refused.value.reason == Reason.ENCODING
    assert refused.value.place == "https://x.example.test/1"
    assert refused.value.cure


def test_one_damaged_character_in_a_long_page_is_let_through() -> None:
    data = page("utf-8", TEXT * 4).encode()
    middle = len(data) // 2
    assert "产业链推进会" in decode(data[:middle] + b"\xff" + data[middle:]).text


@pytest.mark.parametrize(("header", "by"), [(None, "meta"), ("gb18030", "header")])
def test_what_decided_is_told(header: str | None, by: str) -> None:
    decoded = decode(page("gb2312").encode("gb18030"), header)
    assert (decoded.encoding, decoded.by) == ("gb18030", by)
