"""One source as data: what an entry of `sources.yaml` may say."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from chainwatch.models import from_timestamp_ms
from crawlers.templates.registry import BY_NAME


def _web(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise ValueError("must be an http or https address with a host and without a user name")
    return url


def _cron(line: str) -> str:
    try:
        CronSim(line, from_timestamp_ms(0))
    except CronSimError as error:
        raise ValueError(f"no cron line: {error}") from error
    return line


def _quiet(hours: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", hours):
        raise ValueError("must look like 01:00-06:00, in Asia/Shanghai")
    return hours


Url = Annotated[str, AfterValidator(_web)]
Cron = Annotated[str, AfterValidator(_cron)]
Hours = Annotated[str, AfterValidator(_quiet)]
Selector = Annotated[str, Field(min_length=1, max_length=300)]
"""A CSS selector; `::text` and `::attr(name)` choose a text or an attribute."""


class Entry(BaseModel):
    """Base of every part of a source: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SinaRoll(Entry):
    """The roll feed of Sina: one channel is a (pageid, lid)."""

    kind: Literal["sina_roll"]
    url: Url = "https://feed.mix.sina.com.cn/api/roll/get"
    pageid: int
    lid: int
    num: int = Field(default=50, ge=1, le=100)
    """Rows a page."""


class HanwebList(Entry):
    """Columns of a Hanweb site, both generations: data store in the page with its proxy, or a jpaas unit."""

    kind: Literal["hanweb_list"]
    urls: tuple[Url, ...] = Field(min_length=1)
    """Column pages: …/col/col<ID>/index.html."""
    per_page: int = Field(default=15, ge=1, le=100)
    """Rows to ask the proxy for; a unit of the new generation says its own."""


class JpaasList(Entry):
    """Columns of a jpaas site (Hanweb's new generation, also MIIT)."""

    kind: Literal["jpaas_list"]
    urls: tuple[Url, ...] = Field(min_length=1)
    per_page: int = Field(default=15, ge=1, le=100)


class Fields(Entry):
    """Where a row of a JSON list keeps what: keys joined by dots."""

    url: str
    title: str
    date: str | None = None
    id: str | None = None


class JsonList(Entry):
    """A static JSON file of rows."""

    kind: Literal["json_list"]
    urls: tuple[Url, ...] = Field(min_length=1)
    rows: str = ""
    """Keys down to the list, joined by dots; empty: the document is the list."""
    fields: Fields
    limit: int = Field(default=200, ge=1, le=5000)
    """Newest rows looked at in a run; the file may hold years."""


class SearchJson(Entry):
    """A search service that answers in JSON, page by page. An empty answer is a fault, never "nothing new"."""

    kind: Literal["search_json"]
    url: Url
    method: Literal["GET", "POST"] = "GET"
    body: Literal["json", "form"] = "json"
    """How POST sends the parameters."""
    parameters: dict[str, str | int] = {}
    page_parameter: str
    first_page: int = 1
    rows: tuple[str, ...] = Field(min_length=1)
    """Keys down to each list of rows, joined by dots; `*` stands for every item of a list."""
    fields: Fields
    """Of a row; where rows are pieces of HTML (`snippets`), CSS selectors in place of keys."""
    snippets: bool = False
    """Rows are pieces of HTML in place of objects."""
    link_parameter: str | None = None
    """Parameter of a row's address that carries the article's own: …/link.do?url=…"""
    article_url: str | None = None
    """Where rows give no address: a pattern with {id}."""
    article_service: Url | None = None
    """For pages that a script fills: gives the article to a POST of the query of its address as a form."""
    headers: dict[str, str] = {}


class HtmlList(Entry):
    """A plain list page (TRS sites, or any page that a user adds) with selectors."""

    kind: Literal["html_list"]
    urls: tuple[Url, ...] = Field(min_length=1)
    row: Selector
    link: Selector = "a"
    title: Selector | None = None
    """Default: the link's title attribute, else its text."""
    date: Selector | None = None
    """Default: a date in the row's text, else in the link."""
    next_url: str | None = None
    """Pattern of further pages with {page}, relative to the list: index_{page}.html; the first is page 1."""
    next_link: Selector | None = None
    form: dict[str, str | int] = {}
    """The list answers to a POST of this form; `page_parameter` counts its pages from 1."""
    page_parameter: str | None = None


class Epaper(Entry):
    """A newspaper: index of the day, its pages, their articles."""

    kind: Literal["epaper"]
    url: Url
    """Index of one day with {year}, {month}, {day}: …/html/{year}-{month}/{day}/zjrbindex.htm."""
    page_links: Selector = "a#pageLink"
    article_links: Selector = "ul.main-ed-articlenav-list li a"
    days: int = Field(default=2, ge=1, le=31)
    """Days looked back in a run."""


class Feed(Entry):
    """RSS, Atom or JSON Feed."""

    kind: Literal["feed"]
    urls: tuple[Url, ...] = Field(min_length=1)


class Sitemap(Entry):
    """A sitemap, or an index of sitemaps."""

    kind: Literal["sitemap"]
    urls: tuple[Url, ...] = Field(min_length=1)
    match: str | None = None
    """Only addresses that contain this text."""


Listing = Annotated[
    SinaRoll | HanwebList | JpaasList | JsonList | SearchJson | HtmlList | Epaper | Feed | Sitemap,
    Field(discriminator="kind"),
]


class Source(Entry):
    """One source: where its list is, how it is read, how often, and what is expected of it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{1,59}$")
    title: str = Field(min_length=1, max_length=80)
    listing: Listing = Field(alias="list")
    template: str | None = None
    """Template that must fit its articles; none: chosen by the page."""
    hosts: tuple[str, ...] = ()
    """Hosts whose articles are taken, subdomains included; the list's own host always is."""
    region: str | None = None
    channel: str | None = None
    language: str = "zh"
    schedule: Cron = "*/30 * * * *"
    quiet_hours: Hours | None = None
    delay: float = Field(default=2.0, ge=0, le=120)
    """Seconds between two requests to a host, before throttling adds to it."""
    concurrency: int = Field(default=2, ge=1, le=2)
    pages: int = Field(default=5, ge=1, le=200)
    """List pages a run may read; reaching it is announced."""
    recheck_days: int = Field(default=3, ge=0, le=90)
    """Articles of so many days are looked at again for revisions and withdrawals."""
    recheck_hours: float = Field(default=6, ge=0, le=720)
    """The least time between two looks at one article."""
    silent_after_hours: float = Field(default=168, gt=0, le=2160)
    """Nothing new for so long makes the source silent."""
    attachments: bool = True
    verify_tls: bool = True
    """False is logged at every run: somebody on the way could change what we read."""
    alert_first_run: bool = False
    """Alert on what the very first run finds (else it only fills the ledger)."""
    enabled: bool = True

    @field_validator("template")
    @classmethod
    def _template_exists(cls, name: str | None) -> str | None:
        if name is not None and name not in BY_NAME:
            raise ValueError(f"no template {name!r}; there are {', '.join(BY_NAME)}")
        return name

    @model_validator(mode="after")
    def _parts_fit(self) -> "Source":
        listing = self.listing
        if isinstance(listing, SearchJson) and listing.article_url and "{id}" not in listing.article_url:
            raise ValueError("article_url must contain {id}")
        if isinstance(listing, SearchJson) and listing.article_service and not listing.article_url:
            raise ValueError("article_service needs article_url")
        if isinstance(listing, HtmlList) and listing.form and (listing.next_url or listing.next_link):
            raise ValueError("a form is paged by page_parameter, not by next_url or next_link")
        if isinstance(listing, HtmlList) and listing.page_parameter and not listing.form:
            raise ValueError("page_parameter needs form")
        if isinstance(listing, Epaper) and not all(part in listing.url for part in ("{year}", "{month}", "{day}")):
            raise ValueError("url of an epaper must contain {year}, {month} and {day}")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of its lists."""
        listing = self.listing
        return (listing.url,) if isinstance(listing, SinaRoll | SearchJson | Epaper) else listing.urls

    @property
    def domains(self) -> list[str]:
        """Hosts that may be asked, without ports."""
        own = [str(urlsplit(address).hostname) for address in self.addresses]
        return list(dict.fromkeys([*own, *self.hosts]))


KINDS = frozenset(
    {"sina_roll", "hanweb_list", "jpaas_list", "json_list", "search_json", "html_list", "epaper", "feed", "sitemap"}
)
"""Every kind of list."""
