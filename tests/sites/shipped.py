"""Every source of `crawlers/sources.yaml` at its own host names, behind them test sites of its family.

Only scheme and port of its addresses are changed, and how many rows a list page holds: so the entry itself is tested.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import docx
import yaml

from chainwatch.resources import sources_file
from tests.sites.centre import GovCn, Paper, Trs
from tests.sites.families import HanwebNew, HanwebOld, Miit, Sina, Story, stories
from tests.sites.searches import Disclosure, MiitSearch, Policies, ZjSearch
from tests.sites.server import Asked, Host, Reply

Url = Callable[[str, str], str]
"""(host, path) → address at the local server."""

ROWS = {"num": 3, "per_page": 3}
"""Rows on a list page, where the source may say how many."""
COUNT = 8
"""Articles of a source's first list; every further list has one of its own."""
ATTACHED = "附件正文：到2028年，智能物联产业链规模达到9000亿元。"
FURTHER = "第二页说明：2028年的安排和责任分工另行通知各有关单位。"


@dataclass(frozen=True)
class Family:
    """What a family's pages have. A text in place of True says why its articles have none of it.

    `template`: what must read the articles. `paging`: what is asked for once the first list page is read.
    """

    template: str
    paging: str
    attachment: str
    """Where the file stands: an address with {number}; else the reason why there is none."""
    further: bool | str = True
    """Whether articles go on on further pages; else the reason why not."""

    @property
    def attaches(self) -> bool:
        """Whether its articles link to files."""
        return self.attachment.startswith(("/", "./"))


SINA = Family("sina", "page=2", "none: an article of Sina links to no files")
HANWEB = Family("hanweb_jcms", "startrecord=4", "/module/download/downfile.jsp?classid=0&filename={number}.docx")
HANWEB_NEW = Family(
    "hanweb_jcms",
    '"pageNo":2',
    "/api-gateway/jpaas-web-server/front/document/file-download?fileUrl=/cms_files/x/{number}&fileName=%E5%88%86%E5%B7%A5.docx",
)
MIIT = Family("jpaas", '"pageNo":2', "/cms_files/filemanager/1226211233/attach/20268/{number}.docx")
GOVCN = Family("govcn", "none: one file holds the whole list", "./{number}/files/{number}.docx")
LIBRARY = Family("govcn", "p=2", "./{number}/files/{number}.docx")
MIIT_SEARCH = Family("jpaas", "p=2", "/cms_files/filemanager/1226211233/attach/20268/{number}.docx")
POLICIES = Family(
    "zj_policy",
    "pageNum=2",
    "none: the service names no files",
    "none: the service gives the text as one piece",
)
SEARCH = Family("hanweb_jcms", "p=2", "/module/download/downfile.jsp?classid=0&filename={number}.docx")
DISCLOSURE = Family("hanweb_jcms", "currpage=2", "/module/download/downfile.jsp?classid=0&filename={number}.docx")
NDRC = Family("trs", "index_1.html", "./P0202608{number}.docx")
PAPER = Family(
    "epaper",
    "node_2.htm",
    "none: an article of the paper links to no files",
    "none: an article of the paper stands on one page",
)


@dataclass
class Shipped:
    """A source as `Home.sources` takes it, the family it is of, its sites by host name, and what they tell."""

    source: dict[str, Any]
    family: Family
    hosts: Mapping[str, Host]
    lists: list[list[Story]]
    """Stories of each list, newest first."""

    @property
    def name(self) -> str:
        """Of the source."""
        return str(self.source["name"])

    @property
    def told(self) -> list[Story]:
        """All stories."""
        return [one for told in self.lists for one in told]


@cache
def entries() -> dict[str, dict[str, Any]]:
    """The shipped sources as they stand in the file, by name."""
    document = yaml.load(sources_file().read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {row["name"]: row for row in document["sources"]}


def shipped(name: str, url: Url) -> Shipped:
    """A source of the file and the sites that answer for it."""
    entry = entries()[name]
    listing = {**entry["list"], **{key: rows for key, rows in ROWS.items() if key in _sized(entry)}}
    listing = _local(listing, url)
    if "parameters" in listing:
        listing["parameters"] = {**listing["parameters"], **_fewer(listing["parameters"])}
    addresses = entry["list"].get("urls") or [entry["list"].get("url", "https://feed.mix.sina.com.cn/api/roll/get")]
    if entry["list"]["kind"] == "sina_roll":
        listing["url"] = _local(addresses[0], url)
    hosts = [str(urlsplit(address).hostname) for address in addresses]
    family, make = MAKERS[hosts[0], entry["list"]["kind"]]
    lists = [stories(COUNT if index == 0 else 1, first=58000 + 100 * index) for index in range(len(addresses))]
    for told in lists:
        told[0].source = "经济日报"
    first = lists[0]
    files: dict[str, bytes] = {}
    if family.attaches:
        href = family.attachment.format(number=first[0].number)
        first[0].files = (("任务分工表.docx", href),)
        files[urlsplit(href).path.lstrip(".")] = document(ATTACHED)
    if family.further is True:
        first[1].more = FURTHER
    sites = make(entry, addresses, lists, url)
    return Shipped(
        {**entry, "list": listing}, family, {host: _with(files, site) for host, site in sites.items()}, lists
    )


def _sized(entry: dict[str, Any]) -> set[str]:
    return {"sina_roll": {"num"}, "hanweb_list": {"per_page"}, "jpaas_list": {"per_page"}}.get(
        entry["list"]["kind"], set()
    )


def _fewer(parameters: dict[str, Any]) -> dict[str, int]:
    return {key: 3 for key in ("n", "pg", "pageSize") if key in parameters}


def _local(value: Any, url: Url) -> Any:
    """The value with every address leading to the local server under the same host name."""
    if isinstance(value, dict):
        return {key: _local(one, url) for key, one in value.items()}
    if isinstance(value, list):
        return [_local(one, url) for one in value]
    if isinstance(value, str) and value.startswith("https://"):
        host, _, path = value.removeprefix("https://").partition("/")
        return url(host, f"/{path}")
    return value


def _with(files: dict[str, bytes], site: Host) -> Host:
    """The site, and the files its articles link to."""

    def answer(asked: Asked) -> Reply:
        for path, data in files.items():
            if asked.path.endswith(path):
                return Reply(data, type="application/octet-stream")
        return site(asked)

    return answer


@cache
def document(text: str) -> bytes:
    """A Word document of one paragraph."""
    made, out = docx.Document(), io.BytesIO()
    made.add_paragraph(text)
    made.save(out)
    return out.getvalue()


def first_found(*sites: Host) -> Host:
    """Several columns of one host: the first that has the page answers."""

    def answer(asked: Asked) -> Reply:
        replies = (site(asked) for site in sites)
        return next((reply for reply in replies if reply.status != 404), Reply(b"not found", 404))

    return answer


Maker = Callable[[dict[str, Any], list[str], list[list[Story]], Url], dict[str, Host]]
"""(entry, its addresses, stories of each, url) → sites by host name."""


def _sina(entry: dict[str, Any], _addresses: list[str], lists: list[list[Story]], url: Url) -> dict[str, Host]:
    host, layout = {
        "sina-news-domestic": ("news.sina.com.cn", "2018"),
        "sina-technology": ("finance.sina.cn", "mobile"),
        "sina-regional": ("finance.sina.com.cn", "2014"),
    }.get(entry["name"], ("finance.sina.com.cn", "2018"))
    channel = (str(entry["list"]["pageid"]), str(entry["list"]["lid"]))
    site = Sina(lists[0], url(host, ""), wrapped=True, channel=channel, layout=layout)
    return {"feed.mix.sina.com.cn": site, host: site}


def _hanweb(_entry: dict[str, Any], addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    """Columns of both generations side by side."""
    columns: list[Host] = []
    for index, (address, told) in enumerate(zip(addresses, lists, strict=True)):
        column = address.split("/col/col")[1].partition("/")[0]
        kind = HanwebOld if index % 2 == 0 else HanwebNew
        columns.append(kind(told, column=column, unit=str(5031616 + index), per_page=3, nextgroup=index % 4 == 2))
    return {str(urlsplit(addresses[0]).hostname): first_found(*columns)}


def _hanweb_new(_entry: dict[str, Any], addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    column = addresses[0].split("/col/col")[1].partition("/")[0]
    return {str(urlsplit(addresses[0]).hostname): HanwebNew(lists[0], column=column)}


def _miit(_entry: dict[str, Any], addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    folders = [urlsplit(address).path.removesuffix("index.html") for address in addresses]
    columns: list[Host] = [
        Miit(told, folder=folder, column=str(700 + index))
        for index, (folder, told) in enumerate(zip(folders, lists, strict=True))
    ]
    return {"www.miit.gov.cn": first_found(*columns)}


def _govcn(_entry: dict[str, Any], addresses: list[str], lists: list[list[Story]], url: Url) -> dict[str, Host]:
    return {"www.gov.cn": GovCn(lists[0], url("www.gov.cn", ""), static=urlsplit(addresses[0]).path)}


def _library(_entry: dict[str, Any], _addresses: list[str], lists: list[list[Story]], url: Url) -> dict[str, Host]:
    site = GovCn(lists[0], url("www.gov.cn", ""))
    return {"sousuo.www.gov.cn": site, "www.gov.cn": site}


def _ndrc(_entry: dict[str, Any], addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    columns: list[Host] = [
        Trs(told, per_page=3, dated=index == 0, folder=urlsplit(address).path)
        for index, (address, told) in enumerate(zip(addresses, lists, strict=True))
    ]
    return {"www.ndrc.gov.cn": first_found(*columns)}


def _paper(_entry: dict[str, Any], _addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    return {"zjrb.zjol.com.cn": Paper(lists[0])}


def _policies(_entry: dict[str, Any], _addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    return {"zj87.jxt.zj.gov.cn": Policies(lists[0])}


def _search(_entry: dict[str, Any], _addresses: list[str], lists: list[list[Story]], url: Url) -> dict[str, Host]:
    site = HanwebOld(lists[0], column="1229123402")
    return {"search.zj.gov.cn": ZjSearch(site, url("jxt.zj.gov.cn", "")), "jxt.zj.gov.cn": site}


def _miit_search(entry: dict[str, Any], _addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    return {"www.miit.gov.cn": MiitSearch(Miit(lists[0]), entry["list"]["parameters"]["q"])}


def _disclosure(entry: dict[str, Any], addresses: list[str], lists: list[list[Story]], _url: Url) -> dict[str, Host]:
    unit = str(entry["list"]["form"]["jdid"])
    return {str(urlsplit(addresses[0]).hostname): Disclosure(lists[0], unit, table=unit == "149")}


MAKERS: dict[tuple[str, str], tuple[Family, Maker]] = {
    ("feed.mix.sina.com.cn", "sina_roll"): (SINA, _sina),
    ("www.zj.gov.cn", "hanweb_list"): (HANWEB, _hanweb),
    ("jxt.zj.gov.cn", "hanweb_list"): (HANWEB, _hanweb),
    ("fzggw.zj.gov.cn", "hanweb_list"): (HANWEB_NEW, _hanweb_new),
    ("zj87.jxt.zj.gov.cn", "search_json"): (POLICIES, _policies),
    ("search.zj.gov.cn", "search_json"): (SEARCH, _search),
    ("www.hangzhou.gov.cn", "hanweb_list"): (HANWEB, _hanweb),
    ("www.hangzhou.gov.cn", "html_list"): (DISCLOSURE, _disclosure),
    ("jxj.hangzhou.gov.cn", "hanweb_list"): (HANWEB, _hanweb),
    ("jxj.hangzhou.gov.cn", "html_list"): (DISCLOSURE, _disclosure),
    ("www.gov.cn", "json_list"): (GOVCN, _govcn),
    ("sousuo.www.gov.cn", "search_json"): (LIBRARY, _library),
    ("www.miit.gov.cn", "jpaas_list"): (MIIT, _miit),
    ("www.miit.gov.cn", "search_json"): (MIIT_SEARCH, _miit_search),
    ("www.ndrc.gov.cn", "html_list"): (NDRC, _ndrc),
    ("zjrb.zjol.com.cn", "epaper"): (PAPER, _paper),
}
"""(host, kind) of a source's lists → its family, and what makes its sites."""
