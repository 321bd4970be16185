"""`chainwatch explain`: one article in the terminal, with its findings marked, and what was refused and why."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from chainwatch.cli.analyse import open_lines, read_line
from chainwatch.cli.context import Context
from chainwatch.cli.output import JSON, OK, emit, emit_json, say, stdout
from chainwatch.locale import tr
from chainwatch.models import Article, Measure, PolicyFinding, RoleFinding
from chainwatch.problem import Problem
from chainwatch.store import articles
from consumers.extract import extract
from consumers.extractors.lexicon import load_lexicon
from consumers.extractors.trace import Refusal

STYLES = {
    "target": "bold green",
    "actual": "bold cyan",
    "commitment": "bold yellow",
    "policy": "bold magenta",
    "role": "bold blue",
}
REFUSED = "dim strike"
FOUND = {
    "kind": "kind",
    "quote": "quote",
    "what": "what",
    "says": "says",
    "region": "region",
    "sure": "sure",
    "pattern": "pattern",
}
COLUMNS = {"quote": "quote", "place": "place", "reason": "why refused"}

Found = Measure | PolicyFinding | RoleFinding


def explain(
    article: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    file: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    region: str | None = None,
    as_json: JSON = False,
) -> int:
    """Show an article with its findings marked, and every number and title that was refused, with the reason.

    Args:
        article: id of a stored article; with --file its id or line number there.
        file: JSON Lines file as for `analyse`; `-` reads standard input.
        region: place that the article is about where neither it nor its line says one (with --file).
        as_json: findings and refusals as JSON.
    """
    from chainwatch.matching.taxonomy import load_taxonomy  # noqa: PLC0415  start-up

    chosen = _from_file(file, article, region) if file else _from_store(article)
    bundle = Context().bundle
    refused: list[Refusal] = []
    found = extract(chosen, load_lexicon(bundle), load_taxonomy(bundle), refused.append)
    if as_json:
        emit_json(
            {
                "id": chosen.id,
                "title": chosen.title,
                "findings": [one.model_dump(mode="json") for one in found],
                "refused": [_refusal(chosen, one) for one in refused],
            }
        )
        return OK
    for name, _ in chosen.parts():
        stdout().print(mark(chosen, name, found, refused))
    say("{findings} findings, {refused} refused", findings=len(found), refused=len(refused))
    emit([_row(one) for one in found], FOUND, as_json=False, title=tr("Findings"))
    if refused:
        emit([_refusal(chosen, one) for one in refused], COLUMNS, as_json=False, title=tr("Refused"))
    return OK


def mark(article: Article, part: str, found: Iterable[Found], refused: Iterable[Refusal]) -> Text:
    """The text of a part with the places of findings and refusals styled."""
    text = Text(article.part(part), style="bold" if part == "title" else "")
    for refusal in refused:
        if refusal.part == part:
            text.stylize(REFUSED, refusal.start, refusal.end)
    for one in found:
        if one.part != part:
            continue
        for span in _spans(one):
            text.stylize(STYLES[one.kind], *span)
    text.append("\n")
    return text


def _spans(one: Found) -> list[tuple[int, int]]:
    if isinstance(one, PolicyFinding):
        return [one.title_span]
    if isinstance(one, RoleFinding):
        return [one.holder_span]
    return [one.value_span]


def _row(one: Found) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kind": tr(one.kind),
        "quote": one.quote,
        "region": one.region,
        "sure": f"{one.confidence:.2f}",
        "pattern": one.pattern,
    }
    if isinstance(one, PolicyFinding):
        said = [one.status.value, one.date, one.doc_number, one.issuer]
        return row | {"what": one.title, "says": " ".join(filter(None, said))}
    if isinstance(one, RoleFinding):
        return row | {"what": one.holder, "says": f"{one.role} {one.subject}"}
    when = one.deadline or one.as_of
    said = [one.comparator.value, f"{one.value:f}", one.unit, when]
    return row | {"what": f"{one.subject} {one.metric}", "says": " ".join(filter(None, said))}


def _refusal(article: Article, one: Refusal) -> dict[str, Any]:
    quote = article.part(one.part)[one.start : one.end]
    return {"quote": quote, "place": f"{one.part} {one.start}–{one.end}", "reason": tr(one.reason)}


def _from_store(wanted: str) -> Article:
    with Context() as context, context.database.read() as connection:
        article = articles.get(connection, wanted)
    if article is None:
        raise Problem(f"no stored article {wanted!r}", cure="chainwatch articles list shows ids; or give --file")
    return article


def _from_file(file: str, wanted: str, region: str | None) -> Article:
    near: list[str] = []
    with open_lines(file) as (lines, _):
        for place, raw in lines:
            number = place.rpartition(":")[2]
            if wanted.isdecimal() and number == wanted:
                return read_line(raw, place, region)
            if wanted.encode() not in raw:
                continue
            article = read_line(raw, place, region)
            if article.id == wanted:
                return article
            near.append(place)
    raise Problem(f"no article {wanted!r}", place=file, cure=_advice(near))


def _advice(near: Sequence[str]) -> str:
    return "give the id or the line number" + (f"; its text stands in {', '.join(near[:3])}" if near else "")
