"""What the tests of reading findings share: the shipped lexicon, and a reader of one invented text."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chainwatch import resources
from chainwatch.models import SHANGHAI, Article, Measure, PolicyFinding, Precision, RoleFinding, content_digest
from chainwatch.rulebook import read_bundle
from consumers.extract import extract
from consumers.extractors.lexicon import Lexicon, load_lexicon
from consumers.extractors.trace import Refusal

Found = list[Measure | PolicyFinding | RoleFinding]
Read = Callable[..., Found]


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    return load_lexicon(read_bundle(resources.rules_dir()))


def article(
    text: str, *, title: str = "工作简报", published: str | None = "2022-05-31", region: str | None = None
) -> Article:
    when = datetime.fromisoformat(published).replace(tzinfo=SHANGHAI) if published else None
    return Article(
        id="a",
        title=title,
        text=text,
        published=when,
        precision=Precision.DAY if when else Precision.UNKNOWN,
        fetched=when or datetime(2022, 6, 1, tzinfo=SHANGHAI),
        region=region,
        content_digest=content_digest(title, text),
    )


@pytest.fixture(scope="session")
def read(lexicon: Lexicon) -> Read:
    def reader(text: str, **setting: str | None) -> Found:
        return extract(article(text, **setting), lexicon, None)  # type: ignore[arg-type]  # the keywords of `article`

    return reader


@pytest.fixture(scope="session")
def refusals(lexicon: Lexicon) -> Callable[..., list[tuple[str, str]]]:
    """(quote, reason) of every candidate refused in the body."""

    def reader(text: str, **setting: str | None) -> list[tuple[str, str]]:
        refused: list[Refusal] = []
        extract(article(text, **setting), lexicon, None, refused.append)  # type: ignore[arg-type]  # as above
        return [(text[one.start : one.end], one.reason) for one in refused if one.part == "text"]

    return reader
