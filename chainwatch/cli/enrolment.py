"""What subscribing commands share: the desk of this installation, and flags read into a subscription."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chainwatch.cli.context import Context
from chainwatch.cli.output import stderr
from chainwatch.locale import tr
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models.schedule import Schedule
from chainwatch.notify.addresses import Policy
from chainwatch.notify.enrol import Desk
from chainwatch.notify.render import Wordings
from chainwatch.notify.secrets import open_keyring
from chainwatch.problem import Problem, Problems
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle

M = TypeVar("M", bound=BaseModel)
_WEEKDAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 1)}
_WHEN = re.compile(r"(?P<every>now|hourly|daily|weekly)(?:@(?:(?P<day>[a-z]{3})[ -])?(?P<at>\d\d:\d\d))?")
_EVERY = {"now": "now", "hourly": "hour", "daily": "day", "weekly": "week"}


def now() -> datetime:
    """The time of the running command."""
    return datetime.now(UTC)


def bundle_of(context: Context) -> Bundle:
    """The shipped rules together with the user's own."""
    return read_bundle(rules_dir(), context.settings.rules_dir)


def desk_of(context: Context) -> Desk:
    """What enrolling needs, of this installation."""
    settings = context.settings
    return Desk(
        keyring=open_keyring(settings, create=True),
        policy=Policy(settings.allow_networks, frozenset(settings.allow_services)),
        wordings=Wordings(settings.home / "wording"),
        taxonomy=load_taxonomy(bundle_of(context)),
    )


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
