"""What strangers write arrives inert: in text, Markdown, HTML, title and link, whatever they try."""

import re
from html.parser import HTMLParser

import pytest

from chainwatch.models import Message, message_id
from chainwatch.notify import inert
from chainwatch.notify.render import FORMATS, Wordings
from chainwatch.notify.view import headline, view
from tests.delivery.world import START, event

WORDINGS = Wordings()
TRICKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<a href='javascript:alert(1)'>点</a>",
    "[点这里](javascript:alert(1))",
    "[点这里](https://evil.example/)",
    "![x](https://evil.example/p.png)",
    "**粗** _斜_ `码` ~~删~~ # 题",
    "@all @所有人 @everyone @here ＠全体",
    "<!channel> <!here> <@U123> <#C1>",
    "{{ 7*7 }} {% for x in y %}{% endfor %} {{ ''.__class__ }}",
    "标题\r\nBcc: victim@example.com\r\n\r\n正文",
    "\u202e反向\u2066文字\u200f",
    "https://evil.example/login www.evil.example ftp://evil.example",
    "javascript:alert(1) data:text/html,x vbscript:x",
    "\x00\x07\x1b[31m红",
    "&lt;b&gt; &#60;script&#62;",
    "|表|格|\n|-|-|",
    "</blockquote></p><script>1</script>",
]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))


def _rendered(trick: str, text_format: str) -> tuple[str, str]:
    hostile = (
        event()
        .evidence[0]
        .model_copy(
            update={
                "sentence": trick,
                "title": trick,
                "source": trick,
                "rule": trick,
                "url": "https://news.example/" + trick,
            }
        )
    )
    after = {"shown": trick, "deadline": trick, "metric": trick, "status": trick}
    happened = event(
        title=trick, region=trick, issuers=(trick,), after=after, nodes=(f"hz5/{trick}",), evidence=(hostile,)
    )
    message = Message(id=message_id("c", "g"), channel="c", group="g", reasons=(), due=START)
    shown = view(message, [happened], names={}, first={}, note=trick)
    body = WORDINGS.render(shown, "default", "zh", text_format)
    return inert.plain(headline(message, [happened], shown)), body


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("text_format", FORMATS)
def test_tricks_arrive_inert(trick: str, text_format: str) -> None:
    title, body = _rendered(trick, text_format)
    assert "\n" not in title
    assert "\r" not in title + body
    for text in (title, body):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
        assert not re.search(r"[@＠]\w", text), "a mention would work"
        assert not re.search(r"<[!@#]\w", text), "a Slack ping would work"
        outside = re.sub(r"https://news\.example/\S*", "", text)
        assert not re.search(r"(?i)(javascript|vbscript|data):[^\s\u200b]", outside)
        links = re.findall(r"(?i)\bhttps?://[^\s<\"]+", text)
        assert all(link.startswith("https://news.example/") for link in links)
    assert "49" not in body


@pytest.mark.parametrize("trick", TRICKS)
def test_html_has_only_our_own_tags(trick: str) -> None:
    _title, body = _rendered(trick, "html")
    reader = _Reader()
    reader.feed(body)
    assert {tag for tag, _ in reader.tags} <= {"p", "b", "h2", "h3", "blockquote", "a", "small"}
    for tag, attributes in reader.tags:
        names = [name for name, _ in attributes]
        assert names == (["href", "rel"] if tag == "a" else [])
        assert all((value or "").startswith("https://news.example/") for name, value in attributes if name == "href")


@pytest.mark.parametrize("trick", TRICKS)
def test_markdown_has_only_our_own_marks(trick: str) -> None:
    _title, body = _rendered(trick, "markdown")
    for line in body.splitlines():
        bare = re.sub(r"\\.", "", line)
        bare = re.sub(r"https://news\.example/\S*", "", bare)
        bare = re.sub(r"^\*\*(.*)\*\*$", r"\1", bare).removeprefix("> ")
        assert not re.search(r"[\\`*_\[\]<>~|]", bare), line


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://user:pw@evil.example/", "//evil.example",
        "https://", "", None, "ht tp://x", "https://[::1", "mailto:a@b.example",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    assert inert.link(url) is None


def test_ordinary_text_stays_as_it_is() -> None:
    text = "到2025年，智能物联规模突破1.2万亿元（同比增长8%），9:30发布。"
    assert inert.plain(text) == text
    assert inert.markdown(text) == text
