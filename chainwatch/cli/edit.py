"""`chainwatch merge`, `split`, `correct`, `edits`: what an editor decides about the ledger, with name and reason."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import App, Parameter

from chainwatch import editing
from chainwatch.cli.context import Context
from chainwatch.cli.correction import known_metric, known_place, period_text, value_text
from chainwatch.cli.ledger_words import say_data, taxonomy_of, titled
from chainwatch.cli.output import JSON, OK, emit, say, when
from chainwatch.locale import tr
from chainwatch.problem import Problem
from chainwatch.runner.live import Outbox
from chainwatch.store import edits, ledgerview
from consumers.ledger.editing import Correction

Editor = Annotated[str, Parameter(name="--by", env_var="CHAINWATCH_EDITOR")]
app = App(name="edits", help="Editors' decisions: list them, undo one.")


def merge(*keys: str, by: Editor, reason: str) -> int:
    """Make facts, or policies, one: the last key is what the others become.

    Parameters
    ----------
    keys
        Two facts, or any number of policies.
    by
        Who decides.
    reason
        Why; kept in the journal.
    """
    if len(keys) < 2 or (len(keys) > 2 and not all(key.startswith("policy:") for key in keys)):
        raise Problem("two facts, or two or more policies, are needed", place=" ".join(keys))
    with Context() as context, context.database.write() as connection:
        made = editing.merge(connection, keys, editing.Hand(by, reason, datetime.now(UTC)))
    for fact in (made.origin, made.landing):
        if fact is not None:
            say_data("{key}  {title} {deadline}", key=fact.key, title=titled(fact), deadline=fact.when)
    say("edit {number} is made; chainwatch edits undo {number} takes it back", number=made.number)
    return OK


def split(key: str, *articles: str, by: Editor, reason: str) -> int:
    """Take what some articles state out of a fact or policy, into one of its own.

    Parameters
    ----------
    key
        The fact or policy.
    articles
        Ids of the articles.
    by
        Who decides.
    reason
        Why; kept in the journal.
    """
    if not articles:
        raise Problem("name the articles whose statements are another fact", place=key)
    with Context() as context, context.database.write() as connection:
        made = editing.split(connection, key, articles, editing.Hand(by, reason, datetime.now(UTC)))
    if made.landing is not None:
        fact = made.landing
        say_data("{key}  {title} {deadline}", key=fact.key, title=titled(fact), deadline=fact.when)
    say("edit {number} is made; chainwatch edits undo {number} takes it back", number=made.number)
    return OK


def correct(
    key: str,
    *,
    by: Editor,
    reason: str,
    value: str | None = None,
    year: str | None = None,
    metric: str | None = None,
    region: str | None = None,
    kind: Literal["target", "actual", "commitment"] | None = None,
    article: Annotated[tuple[str, ...], Parameter(name="--article", negative="")] = (),
) -> int:
    """Correct a misread fact. Whoever was told of it is told; the correction stays when articles are read again.

    Parameters
    ----------
    key
        The fact.
    by
        Who decides.
    reason
        Why; kept in the journal and told.
    value
        The right value: 1.2万亿, or 1200000000000; statements of the present value count with it.
    year
        The right deadline or period: 2027, 2027-06.
    metric
        The right metric: 产值.
    region
        The right place: 杭州.
    kind
        What it really is.
    article
        Only the statements of this article; may be repeated.
    """
    now = datetime.now(UTC)
    with Context() as context, context.database.write() as connection:
        taxonomy = taxonomy_of(context)
        fact = ledgerview.get(connection, key)
        correction = Correction(
            value=None if value is None else value_text(value, fact),
            year=None if year is None else period_text(year),
            metric=None if metric is None else known_metric(metric),
            region=None if region is None else known_place(region, taxonomy),
            kind=kind,
        )
        made, event = editing.correct(connection, key, correction, editing.Hand(by, reason, now), articles=article)
        sent = Outbox(taxonomy).address(connection, [event], now)
    say(
        "edit {number} is made, {sent} messages go out; chainwatch edits undo {number} takes it back",
        number=made.number,
        sent=len(sent),
    )
    return OK


@app.command(name="list")
def list_(*, as_json: JSON = False) -> int:
    """List all decisions, oldest first.

    Parameters
    ----------
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        rows = [
            {
                "number": edit.number,
                "kind": edit.kind,
                "subject": edit.subject,
                "into": edit.landing.key if edit.landing else None,
                "changed": [f"{field}: {before} → {after}" for field, before, after in edit.changed],
                "articles": edit.articles,
                "editor": edit.editor,
                "reason": edit.reason,
                "made": when(edit.made_ms),
                "undone": when(edit.undone_ms) or None,
            }
            for edit in edits.listed(connection)
        ]
    columns = ("kind", "subject", "into", "changed", "editor", "reason", "made", "undone")
    shown = rows if as_json else [row | {"kind": tr(str(row["kind"]))} for row in rows]
    emit(shown, {"number": "edit", **{name: name for name in columns}}, as_json=as_json)
    return OK


@app.command
def undo(number: int, *, by: Editor, reason: str) -> int:
    """Take a decision back.

    Parameters
    ----------
    number
        As `edits list` shows it.
    by
        Who decides.
    reason
        Why; kept in the journal.
    """
    now = datetime.now(UTC)
    with Context() as context, context.database.write() as connection:
        _, event = editing.undo(connection, number, editing.Hand(by, reason, now))
        if event is not None:
            Outbox(taxonomy_of(context)).address(connection, [event], now)
    say("edit {number} is undone", number=number)
    return OK
