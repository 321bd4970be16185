"""What subscribing commands share: the desk of this installation, and flags read into a subscription."""

import getpass
import re
import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chainwatch.cli.context import Context
from chainwatch.cli.output import stderr
from chainwatch.locale import tr
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models.schedule import Schedule
from chainwatch.models.subscription import Filter
from chainwatch.notify.addresses import Policy
from chainwatch.notify.enrol import Desk
from chainwatch.notify.render import Wordings
from chainwatch.notify.secrets import open_keyring
from chainwatch.problem import Problem, Problems

M = TypeVar("M", bound=BaseModel)
_WEEKDAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)}
_WHEN = re.compile(r"(?P<every>now|hourly|daily|weekly)(?:@(?:(?P<day>[a-z]{3})[ -])?(?P<at>\d\d:\d\d))?")
_EVERY = {"now": "now", "hourly": "hour", "daily": "day", "weekly": "week"}


def now() -> datetime:
    """The time of the running command."""
    return datetime.now(UTC)


def desk_of(context: Context) -> Desk:
    """What enrolling needs, of this installation."""
    settings = context.settings
    return Desk(
        keyring=open_keyring(settings, create=True),
        policy=policy_of(context),
        wordings=Wordings(settings.home / "wording"),
        taxonomy=load_taxonomy(context.bundle),
    )


def policy_of(context: Context) -> Policy:
    """What this installation lets addresses do."""
    return Policy(context.settings.allow_networks, frozenset(context.settings.allow_services))


def filter_of(given: Mapping[str, Any], old: Filter | None = None, clear: Collection[str] = ()) -> Filter:
    """A filter of flags (None: not given), over an old one; `clear` empties fields named as their flags."""
    values = old.model_dump() if old else {}
    names = {"node": "nodes", "region": "regions", "firm": "firms", "kind": "kinds", "rule": "rules"}
    names |= {"source": "sources", "issuer": "issuers", "status": "statuses"}
    for one in clear:
        values.pop(names.get(one, one), None)
    for name, value in given.items():
        if value is not None:
            values[name] = tuple(value) if isinstance(value, list) else value
    flags = {field: f"--{flag}" for flag, field in names.items()}
    return checked(Filter, values, flags)


def schedule_of(
    old: Schedule,
    when: str | None,
    quiet: str | None,
    *,
    working_days: bool | None,
    timezone: str | None,
    clear: Collection[str] = (),
) -> Schedule:
    """A schedule of flags (None: not given) over an old one."""
    zone = timezone or old.timezone
    days = old.working_days if working_days is None else working_days
    hours = quiet or ("-".join(old.quiet) if old.quiet and "quiet" not in clear else None)
    if when is not None:
        return schedule(when, hours, working_days=days, timezone=zone)
    made = schedule("now", hours, working_days=days, timezone=zone)
    return made.model_copy(update={"every": old.every, "at": old.at, "weekday": old.weekday})


def schedule(when: str, quiet: str | None, *, working_days: bool, timezone: str) -> Schedule:
    """`now`, `hourly@00:15`, `daily@08:00`, `weekly@mon-08:00`; quiet hours as `22:00-07:00`."""
    match = _WHEN.fullmatch(when.lower())
    if match is None or (match["day"] and match["day"] not in _WEEKDAYS):
        cure = "now, hourly@00:15, daily@08:00 or weekly@mon-08:00"
        raise Problem(f"{when!r} is no schedule", place="--when", cure=cure)
    values: dict[str, Any] = {"every": _EVERY[match["every"]], "working_days": working_days, "timezone": timezone}
    if match["at"]:
        values["at"] = match["at"]
    if match["day"]:
        values["weekday"] = _WEEKDAYS[match["day"]]
    if quiet:
        begin, _, end = quiet.partition("-")
        values["quiet"] = (begin.strip(), end.strip())
    return checked(Schedule, values, {"quiet": "--quiet", "timezone": "--timezone", "at": "--when"})


def checked(model: type[M], values: dict[str, Any], places: dict[str, str]) -> M:
    """Build a model; every wrong field becomes a Problem that names its flag."""
    try:
        return model(**values)
    except ValidationError as error:
        problems = []
        for item in error.errors(include_input=False, include_url=False):
            name = str(item["loc"][0]) if item["loc"] else ""
            place = places.get(name, f"--{name.replace('_', '-')}" if name else "")
            what = item["msg"].removeprefix("Value error, ")
            problems.append(Problem(what, place=place or None, cure="see docs/reference/subscriptions.md"))
        raise Problems(problems) from error


def confirmed(english: str) -> bool:
    """Ask on a terminal; where nobody can answer, the flags were the answer."""
    if not sys.stdin.isatty():
        return True
    stderr().print(tr(english) + " [Y/n] ", end="", markup=False)
    return input().strip().lower() in {"", "y", "yes", "是"}


def asked_for_address() -> list[str]:
    """Where nobody named a channel and somebody sits at the terminal: ask, without showing what is typed."""
    if not sys.stdin.isatty():
        return []
    typed = getpass.getpass(tr("Where to send (Apprise address, not shown; empty: nowhere yet): ")).strip()
    return [typed] if typed else []


def read_address(given: str) -> str:
    """An address as given; `-` reads it from standard input, `@FILE` from a file: then no process list shows it."""
    if given == "-":
        return sys.stdin.readline().strip()
    if given.startswith("@"):
        path = Path(given[1:])
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Problem(f"cannot read: {error.strerror}", place=str(path)) from error
    return given
