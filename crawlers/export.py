"""Feed exports: `scrapy crawl NAME -O articles.jsonl` writes one Article a line, as it travels on the stream."""

from scrapy.exporters import BaseItemExporter

from crawlers.fetched import Fetched


class ArticleLines(BaseItemExporter):
    """JSON lines of articles."""

    def __init__(self, file: object, **kwargs: object) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self.file = file

    def export_item(self, item: Fetched) -> None:
        """Write one article."""
        self.file.write(item.article.to_json() + b"\n")  # type: ignore[attr-defined]  # a binary file
