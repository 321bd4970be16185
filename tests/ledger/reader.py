"""The real tagger and extractor over generated text: an article as a site would tell it, and what is read in it."""

from datetime import datetime
from functools import cache

from chainwatch.models import SHANGHAI, Article, Precision, content_digest
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.runner.hops import compile_hops
from chainwatch.runner.reading import Read, Reading


@cache
def _hops() -> Read:
    return compile_hops(read_bundle(rules_dir()))


def page(
    id_: str, published: str, title: str, text: str, *, source: str = "某市日报", region: str | None = None
) -> Article:
    """A live article of a day, fetched on it."""
    at = datetime.fromisoformat(published).replace(tzinfo=SHANGHAI)
    return Article(
        id=id_,
        title=title,
        text=text,
        source=source,
        region=region,
        published=at,
        precision=Precision.DAY,
        fetched=at,
        content_digest=content_digest(title, text),
    )


def read(article: Article) -> Reading:
    """Tags and findings, as the runner's pool reads them."""
    return _hops()(article)
