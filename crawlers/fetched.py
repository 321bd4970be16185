"""What spiders hand to the pipelines: an article, and beside it what keeping it takes."""

from dataclasses import InitVar, dataclass

from chainwatch.models import Article
from chainwatch.store.crawl import Known
from crawlers.decide import Errand


@dataclass(frozen=True, slots=True)
class Keeping:
    """`bodies`: page bytes, header blocks and attachments as they came; `page`: what to remember of the page."""

    errand: Errand
    page: Known
    bodies: tuple[bytes, ...]


@dataclass
class Fetched:
    """One revision of one page. Feed exports and `scrapy parse` see the article only."""

    article: Article
    with_it: InitVar[Keeping]

    def __post_init__(self, with_it: Keeping) -> None:
        self.keeping = with_it
