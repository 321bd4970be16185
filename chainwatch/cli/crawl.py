"""`chainwatch crawl`: fetch sources now, or keep crawling on schedule."""

import signal
import threading
from typing import Annotated, Any

from cyclopts import Parameter

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, USAGE, emit, progress, say
from chainwatch.schedule import crawl_once, read_sources, run_schedule

COLUMNS = {
    "source": "Source",
    "ended": "Ended",
    "discovered": "Discovered",
    "published": "Published",
    "duplicate": "Duplicate",
    "filtered": "Filtered",
    "failed": "Failed",
    "quarantined": "Quarantined",
    "notes": "Notes",
}
GOOD = frozenset({"good", "shutdown"})


def crawl(
    *names: str,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    since: str | None = None,
    until: str | None = None,
    pages: int | None = None,
    schedule: Annotated[bool, Parameter(negative="")] = False,
    json: JSON = False,
) -> int:
    """Crawl sources now and show what became of every page.

    Parameters
    ----------
    names
        Sources to crawl; see `chainwatch sources list`.
    all_
        Crawl every source that is switched on and not paused.
    since
        Backfill from this day (YYYY-MM-DD): articles of the range are fetched, nobody is alerted.
    until
        Backfill to this day, inclusive.
    pages
        List pages to read at the most, in place of the source's own cap.
    schedule
        Keep crawling each source when it is due, until stopped.
    json
        One JSON document.
    """
    context = Context()
    settings = context.settings
    context.database.close()  # asked for here so that a missing installation is told before anything starts
    logs.configure(settings.log_level if schedule else "error", settings.log_format)
    if schedule:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        run_schedule(settings, stopping.is_set)
        return OK
    if not names and not all_:
        say("name the sources to crawl, or say --all; `chainwatch sources list` shows them")
        return USAGE
    for problem in read_sources(settings).problems:
        say("Problem: {problem}", problem=str(problem))
    given = {"since": since, "until": until, "pages": pages}
    arguments = {name: str(value) for name, value in given.items() if value is not None}
    with progress("crawling", None) as advance:
        done = crawl_once(settings, names or None, arguments=arguments, on_progress=_Advance(advance))
    rows: list[dict[str, Any]] = [one.as_row() for one in done]
    emit(rows, COLUMNS, as_json=json)
    return OK if all(one.ended in GOOD for one in done) else FAILED


class _Advance:
    """Turns growing totals into steps."""

    def __init__(self, advance: Any) -> None:
        self.advance, self.last = advance, 0

    def __call__(self, done: int, _of: int) -> None:
        if done > self.last:
            self.advance(done - self.last)
            self.last = done
