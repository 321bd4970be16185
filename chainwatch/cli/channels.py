"""`chainwatch channels`: where messages go. Addresses go in and are never shown again."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import confirmed, desk_of, now, read_address
from chainwatch.cli.output import FAILED, JSON, OK, YES, emit, emit_json, emit_one, say, when
from chainwatch.models import to_timestamp_ms
from chainwatch.notify import secrets
from chainwatch.notify.apprise_config import entries
from chainwatch.notify.canary import check_message
from chainwatch.notify.enrol import add_channel
from chainwatch.problem import Problem
from chainwatch.store import attempts, channels, outbox
from chainwatch.store.channels import Channel

app = App(name="channels", help="Where messages go: Apprise addresses, stored encrypted.")
Flag = Annotated[bool, Parameter(negative="")]

COLUMNS = {
    "id": "id",
    "name": "name",
    "masked": "address",
    "owner": "owner",
    "state": "state",
    "failures": "failures in a row",
    "delivered": "last delivery",
    "tags": "tags",
}


@app.command(name="list")
def list_(*, as_json: JSON = False) -> int:
    """All channels, their addresses masked."""
    with Context() as context, context.database.read() as connection:
        tags = channels.tags_of(connection)
        rows = [_row(channel, tags) for channel in channels.listed(connection)]
    emit(rows, COLUMNS, as_json=as_json)
    return OK


@app.command
def show(channel: str, *, as_json: JSON = False) -> int:
    """One channel and its last attempts.

    Args:
        channel: id or name.
        as_json: print JSON.
    """
    with Context() as context, context.database.read() as connection:
        found = find(connection, channel)
        row = _row(found, channels.tags_of(connection)) | {
            "rate": found.rate,
            "canary": found.canary,
            "text_format": found.text_format,
            "limit": f"{found.limit_size} {found.limit_unit}",
            "note": found.note,
        }
        tries = [
            {
                "begun": when(one.begun_ms),
                "message": one.message,
                "outcome": one.outcome,
                "detail": one.detail,
                "took_ms": one.took_ms,
            }
            for one in attempts.of_channel(connection, found.id, 10)
        ]
    if as_json:
        emit_json({**row, "attempts": tries})
        return OK
    labels = COLUMNS | {"note": "note", "rate": "messages a minute", "canary": "daily check", "limit": "length limit"}
    emit_one(row, labels, as_json=False)
    emit(tries, {name: name for name in ("begun", "message", "outcome", "detail", "took_ms")}, as_json=False)
    return OK


@app.command
def add(
    address: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    name: str | None = None,
    owner: str = "",
    tag: Annotated[list[str] | None, Parameter(negative="")] = None,
    rate: int | None = None,
    canary: Flag = False,
    test: Flag = False,
    as_json: JSON = False,
) -> int:
    """Add a channel.

    Args:
        address: Apprise URL; `-` reads it from standard input, `@FILE` from a file.
        name: plain word to call it by.
        owner: whom to tell, on another channel of the same owner, where it fails.
        tag: subscriptions may name `tag:WORD`. May be repeated.
        rate: at most so many messages a minute.
        canary: send one check message a day.
        test: send a check message now.
        as_json: print JSON.
    """
    with Context() as context:
        desk, moment = desk_of(context), now()
        with context.database.write() as connection:
            made, dropped = add_channel(
                connection,
                desk,
                read_address(address),
                name=name,
                owner=owner,
                tags=tag or (),
                rate=rate,
                canary=canary,
                now=moment,
            )
            if test:
                outbox.put(connection, [check_message(made.id, moment)])
        if dropped:
            say(
                "taken out of the address: {keys} (retries, times and splitting are decided here)",
                keys=", ".join(dropped),
            )
        emit_one(_row(made, {made.id: tag or []}), COLUMNS, as_json=as_json)
        return _send(context, made) if test else OK


@app.command(name="test")
def send_test(channel: str) -> int:
    """Send a check message now.

    Args:
        channel: id or name.
    """
    with Context() as context:
        with context.database.write() as connection:
            found = find(connection, channel)
            outbox.put(connection, [check_message(found.id, now())])
        return _send(context, found)


@app.command(name="import")
def import_(file: Path, *, owner: str = "", as_json: JSON = False) -> int:
    """Add every address of an Apprise configuration file (TEXT or YAML, taken unchanged), with its tags.

    Args:
        file: the configuration; it may not include others.
        owner: of all these channels.
        as_json: print JSON.
    """
    rows: list[dict[str, Any]] = []
    refused: list[Problem] = []
    with Context() as context:
        desk, moment = desk_of(context), now()
        for entry in entries(file):
            try:
                with context.database.write() as connection:
                    made, _ = add_channel(connection, desk, entry.url, owner=owner, tags=entry.tags, now=moment)
                rows.append(_row(made, {made.id: list(entry.tags)}))
            except Problem as problem:
                refused.append(Problem(problem.what, place=entry.place, cure=problem.cure))
    for one in refused:
        say("refused: {problem}", problem=str(one))
    emit(rows, COLUMNS, as_json=as_json)
    return FAILED if refused else OK


@app.command
def pause(channel: str) -> int:
    """Send nothing on a channel; its messages wait.

    Args:
        channel: id or name.
    """
    return _set(channel, channels.PAUSED)


@app.command
def resume(channel: str) -> int:
    """Use a paused or failing channel again, at once.

    Args:
        channel: id or name.
    """
    return _set(channel, channels.ACTIVE)


@app.command
def remove(channel: str, *, yes: YES = False) -> int:
    """Forget a channel and its address. Messages that wait for it are never sent.

    Args:
        channel: id or name.
        yes: do not ask.
    """
    with Context() as context:
        with context.database.read() as connection:
            found = find(connection, channel)
        if not (yes or confirmed("Remove this channel?")):
            return FAILED
        with context.database.write() as connection:
            channels.remove(connection, found.id, to_timestamp_ms(now()))
    say("removed: {item}", item=found.name)
    return OK


@app.command
def new_key() -> int:
    """Make the key that addresses are encrypted with, or change it: every address is encrypted anew."""
    with Context() as context:
        settings = context.settings
        if settings.secret_key is not None:
            raise Problem(
                "the key is given by a setting",
                place="secret_key",
                cure="put a new key before the old one (separated by a blank), run `channels rekey`, drop the old one",
            )
        path = settings.home / secrets.KEY_FILE
        old = path.read_text(encoding="ascii").split() if path.exists() else []
        fresh = secrets.new_key()
        secrets.write_keys(path, [fresh, *old])
        count = _rekey(context)
        secrets.write_keys(path, [fresh])
    say("{count} addresses encrypted with the new key", count=count)
    return OK


@app.command
def rekey() -> int:
    """Encrypt every address with the first of the keys that the setting secret_key gives."""
    with Context() as context:
        count = _rekey(context)
    say("{count} addresses encrypted with the new key", count=count)
    return OK


@app.command
def signing_key(channel: str) -> int:
    """Print the key that webhook bodies of a channel are signed with, for its receiver. The one secret that is shown.

    Args:
        channel: id or name.
    """
    with Context() as context:
        with context.database.read() as connection:
            found = find(connection, channel)
        given = context.settings.webhook_secret
        key = given.get_secret_value() if given else secrets.open_keyring(context.settings).signing_key(found.id)
    print(key)  # noqa: T201  asked for by name, and nothing else on the line
    return OK


def find(connection: Any, reference: str) -> Channel:
    """The channel with the id or name. Raises Problem."""
    found = channels.find(connection, reference)
    if found is None:
        names = ", ".join(channel.name for channel in channels.listed(connection))
        raise Problem(f"no channel {reference!r}", cure=f"one of: {names or 'none yet'}")
    return found


def _row(channel: Channel, tags: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "masked": channel.masked,
        "service": channel.service,
        "owner": channel.owner,
        "state": channel.state,
        "failures": channel.failures,
        "delivered": when(channel.delivered_ms),
        "tags": tags.get(channel.id, []),
    }


def _set(reference: str, state: str) -> int:
    with Context() as context, context.database.write() as connection:
        found = find(connection, reference)
        moment = to_timestamp_ms(now())
        channels.change(connection, found.id, moment, state=state, failures=0, ready_ms=0, note="by hand")
        if state == channels.ACTIVE:
            outbox.hurry(connection, found.id, moment)
    say("{name} is {state} now", name=found.name, state=state)
    return OK


def _send(context: Context, channel: Channel) -> int:
    """Send what is due, and say what came of the check."""
    from chainwatch.notify import dispatch  # noqa: PLC0415  start-up

    logs.configure("error")
    dispatch.run(context.settings, context.database, lambda: False, once=True, only={channel.id})
    with context.database.read() as connection:
        last = attempts.of_channel(connection, channel.id, 1)
    outcome = last[0].outcome if last else "not tried"
    say(
        "check message to {name}: {outcome} {detail}",
        name=channel.name,
        outcome=outcome,
        detail=last[0].detail if last else "",
    )
    return OK if outcome == "delivered" else FAILED


def _rekey(context: Context) -> int:
    keyring = secrets.open_keyring(context.settings)
    moment = to_timestamp_ms(now())
    with context.database.write() as connection:
        rows = channels.addresses(connection)
        for id_, old in rows:
            channels.change(connection, id_, moment, address=keyring.encrypt(keyring.decrypt(old, id_), id_))
    return len(rows)
