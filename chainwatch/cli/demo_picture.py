"""What the demo shows at its end: crawled, tagged, found, told, and what to type next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from chainwatch.cli.output import say, stdout, when
from chainwatch.locale import tr
from chainwatch.models import ON_REQUEST, Event
from chainwatch.store.crawl import Coverage


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything one run of the demo brought."""

    home: Path
    first: bool
    coverage: tuple[tuple[int, Coverage], ...]
    articles: int
    tags: Mapping[str, int]
    events: tuple[Event, ...]
    webhook: tuple[Mapping[str, Any], ...]
    terminal: tuple[str, ...]
    aside: tuple[str, ...]
    """Records that were set aside, with the reason; none in a sound installation."""

    @property
    def told(self) -> list[Event]:
        """Events that somebody was told of."""
        return [event for event in self.events if not event.silent]

    @property
    def complete(self) -> bool:
        """Every page accounted for, and on a first run both channels reached."""
        balanced = all(one.open == 0 for _day, one in self.coverage)
        return balanced and not self.aside and (not self.first or (bool(self.webhook) and bool(self.terminal)))

    def as_json(self) -> dict[str, Any]:
        """For `--json`: coverage, tags, events and messages."""
        return {
            "home": str(self.home),
            "first": self.first,
            "articles": self.articles,
            "coverage": [{"day": day, **one.as_row()} for day, one in self.coverage],
            "tags": dict(self.tags),
            "events": [event.model_dump(mode="json") for event in self.told],
            "silent_events": sum(event.silent for event in self.events),
            "messages": list(self.webhook),
            "set_aside": list(self.aside),
        }


def show_alerts(texts: Sequence[str]) -> None:
    """What the terminal channel was sent."""
    out = stdout()
    for text in texts:
        out.rule(tr("alert"))
        out.print(text, markup=False)
    if texts:
        out.rule()


def show(picture: Picture) -> None:
    """Print it for a newcomer."""
    out = stdout()
    out.print()
    out.print(_coverage(picture))
    out.print()
    out.print(_ecosystems(picture))
    for title, families in ((tr("Targets and commitments"), ("target", "commitment")), (tr("Policies"), ("policy",))):
        found = [event for event in picture.told if event.kind.value.split(".")[0] in families]
        if found := [event for event in found if event.kind not in ON_REQUEST]:
            out.print()
            out.print(_changes(title, found))
    out.print()
    for one in picture.aside:
        say("set aside: {record}", record=one)
    quiet = sum(event.kind in ON_REQUEST for event in picture.told)
    if not picture.told and not picture.aside:
        say("Nothing new: every page of the site is known, and nobody was told anything.")
    else:
        say(
            "{count} events, {quiet} of them of kinds that go only to who asks; {messages} messages at the webhook.",
            count=len(picture.told),
            quiet=quiet,
            messages=len(picture.webhook),
        )
    _next(picture)


def _coverage(picture: Picture) -> Table:
    names = ("discovered", "published", "duplicate", "filtered", "failed", "quarantined")
    table = Table(title=tr("Crawled: discovered = published + duplicate + filtered + failed + quarantined"))
    table.add_column(tr("day"), justify="right")
    table.add_column(tr("source"), no_wrap=True, min_width=13)
    for name in names:
        table.add_column(tr(name), justify="right", overflow="fold")
    for day, one in picture.coverage:
        row = one.as_row()
        table.add_row(str(day), str(row["source"]), *(str(row[name]) for name in names))
    return table


def _ecosystems(picture: Picture) -> Table:
    found: Counter[str] = Counter()
    for node, count in picture.tags.items():
        scheme, _, rest = node.partition("/")
        if scheme == "hz5" and rest:
            found[rest.split("/")[0]] += count
    table = Table(title=tr("{articles} articles, tagged by ecosystem", articles=picture.articles))
    table.add_column(tr("ecosystem"))
    table.add_column(tr("tags"), justify="right")
    for name, count in found.most_common():
        table.add_row(name, str(count))
    return table


def _changes(title: str, events: list[Event]) -> Table:
    table = Table(title=title, show_lines=True)
    for heading in ("event", "what", "before", "now", "said in"):
        table.add_column(tr(heading), overflow="fold", ratio=3 if heading == "said in" else None)
    for event in events:
        evidence = event.evidence[0] if event.evidence else None
        said = f"“{evidence.sentence}” {when(evidence.published)}" if evidence else ""
        table.add_row(event.kind.value, event.title, _said(event.before or {}), _said(event.after), said)
    return table


def _said(values: Mapping[str, str]) -> str:
    """超1万亿元 2030; for a policy its status."""
    return " ".join(values[name] for name in ("shown", "deadline") if values.get(name))


def _next(picture: Picture) -> None:
    home = f"CHAINWATCH_HOME={picture.home}"
    say("Look further:  {home} chainwatch targets list   (also policies, events, articles, deliveries)", home=home)
    say("See it again:  chainwatch demo --reset")
    say("In earnest:    chainwatch init, then chainwatch run")
