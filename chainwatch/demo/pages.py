"""The demo's pages as values: texts of pages.yaml, dated from the day the demo was made."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from chainwatch import resources, yamlfile
from chainwatch.models import SHANGHAI, digest

Site = Literal["sina", "city", "province"]

CITY_COLUMN, CITY_UNIT = "1228963", "4037001"
PROVINCE_COLUMN, PROVINCE_WEB = "1229123402", "3185"


@dataclass(frozen=True, slots=True)
class Head:
    """The head table of a government document."""

    number: str
    index: str
    issuer: str
    written: date


@dataclass(frozen=True, slots=True)
class Page:
    """One state of one page of the demo site."""

    id: str
    site: Site
    day: int
    title: str
    source: str
    editor: str
    published: datetime
    paragraphs: tuple[str, ...]
    document: Head | None

    @property
    def docid(self) -> str:
        """Document id as news sites write it: i and fourteen letters or digits."""
        return "i" + digest(self.id)[:14]

    @property
    def path(self) -> str:
        """Path of the page below the demo site."""
        day = self.published
        if self.site == "sina":
            return f"/sina/{day:%Y-%m-%d}/doc-{self.docid}.shtml"
        if self.site == "city":
            return f"/art/{day.year}/{day.month}/{day.day}/art_{CITY_COLUMN}_{int(digest(self.id)[:7], 16)}.html"
        return f"/col/col{PROVINCE_COLUMN}/art/{day.year}/art_{digest(self.id)[:32]}.html"


def load(made: date) -> tuple[str, list[Page]]:
    """The note at the foot of every page, and all page states in order of day."""
    path = resources.demo_dir() / "pages.yaml"
    content = yamlfile.read(path.read_bytes(), path.name).value
    years = {f"y{n}": str(made.year + n) for n in range(10)} | {"p1": str(made.year - 1)}
    pages = [_page(entry, made, years) for entry in content["pages"]]
    return content["note"], sorted(pages, key=lambda page: page.day)


def on_day(pages: list[Page], day: int) -> list[Page]:
    """What the site shows on a day: the latest state of every page, newest first."""
    latest = {page.id: page for page in pages if page.day <= day}
    return sorted(latest.values(), key=lambda page: (page.published, page.id), reverse=True)


def _page(entry: dict[str, Any], made: date, years: dict[str, str]) -> Page:
    ago, clock = entry["at"]
    head = entry.get("document")
    return Page(
        id=entry["id"],
        site=entry["site"],
        day=entry["day"],
        title=entry["title"].format(**years),
        source=entry["source"],
        editor=entry.get("editor", ""),
        published=datetime.combine(made - timedelta(days=ago), time.fromisoformat(clock), SHANGHAI),
        paragraphs=tuple(entry["text"].format(**years).splitlines()),
        document=head
        and Head(
            number=head["number"].format(**years),
            index=head["index"].format(**years),
            issuer=head["issuer"],
            written=made - timedelta(days=head["written"][0]),
        ),
    )
