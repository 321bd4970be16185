"""`chainwatch audit`: verify the journal's chain, print its head, export it."""

import sys
from pathlib import Path

from cyclopts import App

from chainwatch.audit import Head, Verdict, exported, stored, to_line, verify
from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, emit_one, say
from chainwatch.problem import Problem
from chainwatch.store import journal

app = App(name="audit", help="Verify and export the journal of decisions.")


@app.command(name="verify")
def verify_(*, head: str | None = None, file: Path | None = None, as_json: JSON = False) -> int:
    """Recompute every hash of the journal; exit with 1 where the chain is broken.

    Parameters
    ----------
    head
        A head kept elsewhere, seq:hash: finds a cut tail and a rebuilt chain too.
    file
        Verify an export instead of the store.
    as_json
        Print JSON.
    """
    kept = Head.parse(head) if head else None
    if file is not None:
        try:
            with file.open("rb") as lines:
                verdict = verify(exported(lines, str(file)), kept)
        except OSError as error:
            raise Problem(f"cannot read: {error.strerror}", place=str(file)) from error
    else:
        with Context() as context:
            verdict = verify(stored(context.database), kept)
    emit_one(_row(verdict), {name: name for name in _row(verdict)}, as_json=as_json)
    if kept is None and verdict.fault is None:
        say("keep the head elsewhere: against it a cut tail is found too")
    return FAILED if verdict.fault else OK


def _row(verdict: Verdict) -> dict[str, object]:
    return {
        "whole": verdict.fault is None,
        "entries": verdict.entries,
        "head": str(verdict.head) if verdict.head else None,
        "first bad entry": verdict.seq,
        "fault": verdict.fault,
    }


@app.command(name="head")
def head_(*, as_json: JSON = False) -> int:
    """Print the newest entry's number and hash, to be kept elsewhere.

    Parameters
    ----------
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        newest = journal.head(connection)
    row = {"head": f"{newest.seq}:{newest.hash}" if newest else None}
    emit_one(row, {"head": "head"}, as_json=as_json)
    return OK


@app.command
def export(file: Path | None = None) -> int:
    """Write the whole journal as JSON lines, to a file or to standard output.

    Parameters
    ----------
    file
        Where to write; it must not exist yet.
    """
    with Context() as context:
        if file is None:
            for entry in stored(context.database):
                sys.stdout.buffer.write(to_line(entry))
            return OK
        try:
            with file.open("xb") as target:
                for entry in stored(context.database):
                    target.write(to_line(entry))
        except OSError as error:
            raise Problem(f"cannot write: {error.strerror}", place=str(file), cure="choose another file") from error
    return OK
