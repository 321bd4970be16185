"""`chainwatch demo`: the whole way on a local site, with no server and no internet: crawl, find, compare, tell."""

import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import Parameter

from chainwatch import logs
from chainwatch.cli import consume as consuming
from chainwatch.cli.context import Context
from chainwatch.cli.demo_picture import Picture, show, show_alerts
from chainwatch.cli.enrolment import desk_of
from chainwatch.cli.init import ECOSYSTEMS, prepare
from chainwatch.cli.output import FAILED, JSON, OK, emit_json, say
from chainwatch.demo import pages as demo_pages
from chainwatch.demo.receiver import Receiver, receive
from chainwatch.demo.site import DemoSite, serve
from chainwatch.models import SHANGHAI, to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.notify import dispatch
from chainwatch.notify.enrol import channels_for, new_id
from chainwatch.schedule import crawl_once
from chainwatch.settings import Settings, home_folder
from chainwatch.store import articles, events, subscriptions, tags
from chainwatch.store.crawl import Coverage

DAYS = 3
NAMES = ("demo-news", "demo-city", "demo-province")

SOURCES = """\
version: 1
sources:
- name: {names[0]}
  title: 示例财经
  list: {{kind: sina_roll, url: "{base}/api/roll/get", pageid: 155, lid: 1686}}
  region: 杭州
  delay: 0
  recheck_hours: 0
  silent_after_hours: 2160
- name: {names[1]}
  title: 示例市经信局
  list: {{kind: hanweb_list, urls: ["{base}/col/col{city}/index.html"]}}
  region: 杭州
  delay: 0
  recheck_hours: 0
  silent_after_hours: 2160
- name: {names[2]}
  title: 示例省经信厅
  list: {{kind: jpaas_list, urls: ["{base}/col/col{province}/index.html"]}}
  region: 浙江
  delay: 0
  recheck_hours: 0
  silent_after_hours: 2160
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo lives and since when: kept, so that a second run meets what it knows."""

    made: date
    site_port: int
    webhook_port: int


def demo(
    *,
    reset: Annotated[bool, Parameter(negative="")] = False,
    as_json: JSON = False,
) -> int:
    """Show the whole way on a local site: no server, no internet. A second run finds nothing new.

    Parameters
    ----------
    reset
        Forget what earlier runs of the demo found.
    as_json
        Print what was crawled, found and sent as JSON.
    """
    home = home_folder() / "demo"
    if reset and home.exists():
        shutil.rmtree(home)
    logs.configure("error")
    settings = Settings(home=home, allow_networks=(ip_network("127.0.0.0/8"),), workers=1, contact="demo")
    first = not (home / "demo.json").exists()
    prepare(settings)
    picture = _play(settings, _place(home), first=first, quiet=as_json)
    if as_json:
        emit_json(picture.as_json())
    else:
        show(picture)
    return OK if picture.complete else FAILED


def _play(settings: Settings, place: Place, *, first: bool, quiet: bool) -> Picture:
    note, pages = demo_pages.load(place.made)
    with serve(note, pages, place.site_port) as site, receive(place.webhook_port) as webhook:
        _write_sources(settings, site)
        before = _newest_event(settings)
        if first:
            _subscribe(settings, webhook)
        coverage: list[tuple[int, Coverage]] = []
        told: list[str] = []
        aside: list[str] = []
        for day in range(1, DAYS + 1) if first else (DAYS,):
            site.day = day
            if not quiet:
                say("day {day}: crawling the local site {base}", day=day, base=site.base)
            coverage += [(day, one) for one in crawl_once(settings, NAMES)]
            aside += _consume(settings)
            with closing_database(settings) as context:
                shown = len(told)
                dispatch.run(settings, context.database, lambda: False, once=True, terminal=told.append)
            if not quiet:
                show_alerts(told[shown:])
        return _picture(settings, coverage, before, (webhook.bodies, told, aside), first=first)


@contextmanager
def closing_database(settings: Settings) -> Iterator[Context]:
    """A context of the demo's settings, its store closed at the end."""
    context = Context(settings)
    with closing(context.database):
        yield context


def _consume(settings: Settings) -> list[str]:
    """Consume what is on the stream; why records were set aside (in a demo none may be)."""
    context = Context(settings)
    counter = consuming.Counter(context.database, lambda _n: None)
    consuming.run(context, counter, consuming.ends_of(context), patient=False)
    return [f"{record.place}: {failure.error}: {failure.reason}" for record, failure in counter.aside]


def _newest_event(settings: Settings) -> int:
    with closing_database(settings) as context, context.database.read() as connection:
        newest = events.listed(connection, events.Filter(), 1)
        return newest[0].seq if newest else 0


def _subscribe(settings: Settings, webhook: Receiver) -> None:
    """One channel to the local webhook and one to the terminal, for everything under the five ecosystems."""
    now = datetime.now(SHANGHAI)
    with closing_database(settings) as context, context.database.write() as connection:
        addresses = [f"json://127.0.0.1:{webhook.port}/", "terminal://"]
        channels = channels_for(connection, desk_of(context), addresses, owner="demo", now=now)
        wanted = Subscription(id=new_id("sub"), name="demo", filter=Filter(nodes=ECOSYSTEMS), channels=channels)
        subscriptions.save(connection, wanted, to_timestamp_ms(now))


def _picture(
    settings: Settings,
    coverage: Sequence[tuple[int, Coverage]],
    before: int,
    came: tuple[list[dict[str, Any]], list[str], list[str]],
    *,
    first: bool,
) -> Picture:
    with closing_database(settings) as context, context.database.read() as connection:
        return Picture(
            home=settings.home,
            first=first,
            coverage=tuple(coverage),
            articles=articles.count(connection),
            tags=tags.counts(connection),
            events=tuple(stored.event for stored in events.after(connection, before, 10_000)),
            webhook=tuple(came[0]),
            terminal=tuple(came[1]),
            aside=tuple(came[2]),
        )


def _write_sources(settings: Settings, site: DemoSite) -> None:
    columns = {"city": demo_pages.CITY_COLUMN, "province": demo_pages.PROVINCE_COLUMN}
    settings.sources_file.write_text(SOURCES.format(base=site.base, names=NAMES, **columns), encoding="utf-8")


def _place(home: Path) -> Place:
    """What an earlier run noted, or a new note."""
    path = home / "demo.json"
    if path.exists():
        noted = orjson.loads(path.read_bytes())
        return Place(date.fromisoformat(noted["made"]), noted["site_port"], noted["webhook_port"])
    place = Place(datetime.now(SHANGHAI).date(), *_free_ports(2))
    noted = {"made": place.made.isoformat(), "site_port": place.site_port, "webhook_port": place.webhook_port}
    path.write_bytes(orjson.dumps(noted))
    return place


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
