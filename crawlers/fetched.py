"""What spiders hand to the pipelines: an article, the bytes it was read from, and what to remember of its page."""

from dataclasses import dataclass, field

from chainwatch.models import Article
from chainwatch.store.crawl import Known
from crawlers.decide import Errand


@dataclass(slots=True)
class Fetched:
    """One revision of one page, ready to be kept. `bodies`: page bytes, header blocks and attachments, as they came."""

    article: Article
    errand: Errand = field(repr=False)
    page: Known = field(repr=False)
    bodies: tuple[bytes, ...] = field(repr=False)
