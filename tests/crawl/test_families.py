"""Each kind of list of the mission from its test site: list, paging, article, revision, withdrawal, return."""

from datetime import timedelta

import pytest

from chainwatch.archive import Archive
from chainwatch.models import Reading, State
from tests.sites.families import HanwebOld, page, revised, story
from tests.sites.home import Home
from tests.sites.mission import MISSION, Family, plain_url
from tests.sites.offline import crawl_offline
from tests.sites.server import Asked, Reply, Sites

SLOWER = {
    "hanweb-group",
    "hanweb-new",
    "library",
    "policies",
    "snippets",
    "disclosure",
    "paper",
    "rss",
    "atom",
    "json-feed",
    "sitemap",
}
"""Close cousins of the others; their lists are also read in test_lists.py."""


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow if name in SLOWER else ()) for name in MISSION])
def family(request: pytest.FixtureRequest, home: Home) -> Family:
    made = MISSION[request.param](plain_url)
    home.sources(made.source)
    return made


def test_a_source_is_crawled_then_revised_withdrawn_and_extended(family: Family, home: Home) -> None:
    hosts = dict.fromkeys(family.hosts, family.site)
    told = list(family.stories)
    first = crawl_offline(home, hosts, family.name)
    found = {article.title: article for article in home.articles()}
    assert (first.ended, first.discovered, first.total("published"), first.notes) == ("good", 8, 8, ())
    for one in told:
        article = found[one.title]
        assert tuple(line.strip("　 ") for line in article.text.splitlines()[: len(one.body)]) == one.body
        assert article.published is not None
        assert article.published.date() == one.at.date()
        assert (article.backfill, article.state, article.site) == (False, State.LIVE, family.name)

    family.stories[3].body = revised(told[3], "会议要求，力争2028年提前完成全部目标任务。").body
    family.stories[4].withdrawn = True
    family.stories.insert(0, story(9000 + len(family.name), told[0].at + timedelta(minutes=5), "低空经济"))
    second = crawl_offline(home, hosts, family.name)
    news = {article.title: article for article in home.articles()[8:]}
    assert (second.ended, second.open, second.total("published")) == ("good", 0, 3)
    assert set(news) == {family.stories[0].title, told[3].title, told[4].title}
    assert "提前完成" in news[told[3].title].text
    assert news[told[4].title].state == State.WITHDRAWN
    assert {news[one.title].id for one in told[3:5]} == {found[one.title].id for one in told[3:5]}

    told[4].withdrawn = False
    third = crawl_offline(home, hosts, family.name)
    assert [article.title for article in home.articles()[11:]] == [told[4].title]
    assert (third.ended, third.total("published"), third.open) == ("good", 1, 0)


def test_files_of_a_page_become_parts_of_the_article(home: Home) -> None:
    family = MISSION["hanweb-old"](plain_url)
    assert isinstance(family.site, HanwebOld)
    home.sources(family.source)
    text = "附件：到2028年，智能物联产业链规模达到9000亿元。"
    family.stories[0].files = (
        ("任务分解表.txt", "/module/download/downfile.jsp?classid=0&filename=1.txt"),
        ("旧稿.doc", "/files/2.doc"),
    )
    family.site.files = {
        "/module/download/downfile.jsp": (text.encode(), "text/plain"),
        "/files/2.doc": (b"\xd0\xcf\x11\xe0", "application/msword"),
    }
    hosts = dict.fromkeys(family.hosts, family.site)
    crawl_offline(home, hosts, family.name)
    read, old = next(one for one in home.articles() if one.attachments).attachments
    assert (read.name, read.text.strip(), read.media_type) == ("任务分解表.txt", text, "text/plain")
    assert (old.reading, old.note) == (Reading.NOT_READ, "the old Word format is not read")
    archive = Archive(home.settings.archive_dir)
    assert archive.get(str(read.digest)) == text.encode()

    family.site.files = {}  # the files cannot be had for a while: that is no revision
    run = crawl_offline(home, hosts, family.name)
    assert run.counts["failed"] == {"an attachment could not be fetched": 1}
    assert len(home.articles()) == 8


def test_an_article_of_several_pages_is_joined_or_tried_again(home: Home) -> None:
    family = MISSION["trs"](plain_url)
    home.sources(family.source)
    first = family.site.path(family.stories[0])  # type: ignore[attr-defined]  # a TRS site
    second = first.replace(".html", "_2.html")
    shut = [True, False]

    def paged(asked: Asked) -> Reply:
        if asked.path == second:
            return (
                Reply(b"", 500)
                if shut.pop(0)
                else Reply(
                    page("", "<div class='TRS_Editor'><p>第二页说明了2028年的安排和责任分工。</p></div>").encode()
                )
            )
        reply = family.site(asked)
        if asked.path == first:
            link = f'<a href="{second}">2</a></body>'
            reply.body = reply.body.replace(b"</body>", link.encode())
        return reply

    runs = [crawl_offline(home, {"ndrc.test": paged}, "trs") for _ in range(2)]
    assert runs[0].counts["failed"] == {"a further page could not be fetched": 1}
    (whole,) = [one for one in home.articles() if one.title == family.stories[0].title]
    assert whole.text.splitlines()[0].strip("　 ") == family.stories[0].body[0]
    assert whole.text.endswith("第二页说明了2028年的安排和责任分工。")


def test_every_page_of_the_stream_is_in_the_archive(home: Home) -> None:
    family = MISSION["trs"](plain_url)
    home.sources(family.source)
    crawl_offline(home, dict.fromkeys(family.hosts, family.site), family.name)
    archive = Archive(home.settings.archive_dir)
    for article in home.articles():
        assert article.title in archive.get(str(article.raw_digest)).decode()
        assert b"Content-Type" in archive.get(str(article.headers_digest))


def test_a_page_that_fails_is_tried_again_wherever_the_list_has_moved(home: Home) -> None:
    family = MISSION["sina"](plain_url)
    home.sources(family.source)
    path = family.site.path(family.stories[7])  # type: ignore[attr-defined]  # a Sina site
    answers = iter([Reply(b"oops", 500), Reply(b"oops", 500)])

    def flaky(asked: Asked) -> Reply:
        return (next(answers, None) if asked.path == path else None) or family.site(asked)

    hosts = dict.fromkeys(family.hosts, flaky)
    runs = [crawl_offline(home, hosts, family.name) for _ in range(3)]
    assert [run.total("failed") for run in runs] == [1, 1, 0]
    assert len({article.id for article in home.articles()}) == 8


@pytest.mark.slow
def test_scrapy_itself_crawls_families_side_by_side(sites: Sites, home: Home) -> None:
    families = [MISSION[name](lambda host, path: sites.url(host)[:-1] + path) for name in ("sina", "hanweb-old", "trs")]
    for family in families:
        sites.hosts |= dict.fromkeys(family.hosts, family.site)
    home.sources(*(family.source for family in families))
    runs = home.crawl_all()
    assert [(one.source, one.ended, one.total("published"), one.open) for one in runs] == [
        ("hanweb-old", "good", 8, 0),
        ("sina", "good", 8, 0),
        ("trs", "good", 8, 0),
    ]
    assert len(home.articles()) == 24
    agents = {asked.headers.get("user-agent", "") for asked in sites.asked}
    assert len(agents) == 1
    assert "contact:" in agents.pop()
