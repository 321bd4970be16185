"""`chainwatch init`: makes the home folder, settings file, secret key, store and stream; safe to run again."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from chainwatch.cli.context import Context, open_topics
from chainwatch.cli.output import JSON, emit_json, say
from chainwatch.locale import tr
from chainwatch.models import SHANGHAI
from chainwatch.notify.secrets import KEY_FILE, new_key
from chainwatch.problem import Problem
from chainwatch.resources import rules_dir
from chainwatch.runner.live import Live
from chainwatch.settings import Settings
from chainwatch.store import schema
from chainwatch.store.database import Database

ECOSYSTEMS = ("hz5/智能物联", "hz5/生物医药", "hz5/高端装备", "hz5/新材料", "hz5/绿色能源")
"""What the first subscription asks for where nothing is named."""

SETTINGS = """\
# Settings of this installation. Every name, its meaning and default: docs/reference/settings.md
# The environment (CHAINWATCH_<NAME>) goes before this file. `chainwatch doctor` checks it.

# contact = "mailto:…"          # named in the crawler's user agent; please set it
# language = "zh"               # of the command line
# alert_window_days = 3
"""


def init(
    *,
    channel: str | None = None,
    to: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    no_input: Annotated[bool, Parameter(negative="")] = False,
    as_json: JSON = False,
) -> int:
    """Make an installation in CHAINWATCH_HOME, and its first subscription with a test message.

    Parameters
    ----------
    channel
        Address of the first channel, as Apprise writes it (mailto://…, dingtalk://…, json://…).
    to
        Ecosystems, chains or topics of the first subscription; all five ecosystems where none is named.
    no_input
        Ask nothing.
    """
    context = Context()
    made = prepare(context.settings)
    if as_json:
        emit_json({"home": str(context.settings.home), "made": made})
    else:
        for item in made or [tr("nothing: all of it is there")]:
            say("made: {item}", item=item)
    if channel is None and not no_input and os.isatty(0):
        channel = input(tr("Address of the first channel (empty: none now): ")).strip() or None
    if channel is not None:
        from chainwatch.cli.subscribe import subscribe  # noqa: PLC0415  imports apprise, only where asked

        return subscribe(to=[channel], node=list(to) or list(ECOSYSTEMS), yes=True, test=True, as_json=as_json)
    if not as_json:
        say("next: chainwatch subscribe, chainwatch run; chainwatch demo shows everything without internet")
    return 0


def prepare(settings: Settings) -> list[str]:
    """Make what is missing of an installation; what was made. Raises Problem where the home cannot be written."""
    made: list[str] = []
    try:
        made += _files(settings)
    except OSError as error:
        cure = "choose a folder that this user may write: CHAINWATCH_HOME"
        raise Problem(f"cannot make the home folder: {error.strerror}", place=str(settings.home), cure=cure) from error
    database = Database(settings.store_url)
    try:
        new = schema.revision(database) is None
        if new:
            made.append(tr("store"))
        schema.create(database)
        _topics(settings, needed=new)
        live = Live(database, rules_dir(), settings.rules_dir, workers=1)
        live.activate(datetime.now(SHANGHAI))
        live.close()
    finally:
        database.close()
    return made


def _topics(settings: Settings, *, needed: bool) -> None:
    """Make the topics. Of an installation that was made before, brokers may be away: its crawls go on without them."""
    try:
        open_topics(settings).close()
    except Problem as problem:
        if needed or not problem.retry:
            raise
        say("the stream is away, its topics were not looked at: {problem}", problem=str(problem))


def _files(settings: Settings) -> list[str]:
    made: list[str] = []
    home = settings.home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (settings.archive_dir, settings.rules_dir):
        if not folder.is_dir():
            folder.mkdir(parents=True)
            made.append(str(folder))
    path = home / "chainwatch.toml"
    if not path.exists():
        path.write_text(SETTINGS, encoding="utf-8")
        made.append(str(path))
    if settings.secret_key is None and not (home / KEY_FILE).exists():
        _write_secret(home / KEY_FILE, new_key())
        made.append(str(home / KEY_FILE))
    return made


def _write_secret(path: Path, key: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another worker on this home was quicker: its key counts
        return
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(key + "\n")
