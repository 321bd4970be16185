"""`chainwatch rules`: see, check, test and explain keyword rules. Editing is in rules_edit, the past in rules_past."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, NOTHING, OK, emit, emit_json, say, stdout
from chainwatch.cli.rulefiles import articles_of, files_of, loaded_rules, one_rule
from chainwatch.cli.rules_cases import failures, junit, run_cases
from chainwatch.cli.rules_check import check_files, tell_faults
from chainwatch.locale import language, tr
from chainwatch.matching.lint import impossible
from chainwatch.matching.loading import Loaded
from chainwatch.matching.lowering import Written
from chainwatch.matching.rule import Rule, Status
from chainwatch.matching.why import Line, why
from chainwatch.models import Article
from chainwatch.problem import Problem
from chainwatch.store import articles

app = App(name="rules", help="Keyword rules: see, add, check, test, explain, try on the past.")
for name, place, about in (
    ("add", "rules_edit:add", "Add a quick rule in one line, and tell what it would have found."),
    ("edit", "rules_edit:edit", "Change a rule by flags, or in $EDITOR."),
    ("on", "rules_edit:on", "Switch a rule on again."),
    ("off", "rules_edit:off", "Switch a rule off without editing it."),
    ("import", "rules_edit:import_", "Take over a word list as draft rules."),
    ("export", "rules_edit:export", "Write rules as a word list."),
    ("diff", "rules_past:diff", "Compare two sets of rules over past articles."),
    ("backtest", "rules_past:backtest", "Hits of a rule a week, with samples."),
    ("stats", "rules_past:stats", "Hits of late, dead rules, what is in force."),
):
    app.command(f"chainwatch.cli.{place}", name=name, help=about)


@app.command(name="list")
def list_(
    *,
    status: Literal["stable", "test", "draft", "off"] | None = None,
    own: bool = False,
    fail_on_empty: bool = False,
    as_json: JSON = False,
) -> int:
    """Every keyword rule in force or off.

    Parameters
    ----------
    status
        Only rules of this status: stable, test, draft, off.
    own
        Only the rules of the home folder.
    fail_on_empty
        Exit with 3 where nothing is found.
    as_json
        Print JSON.
    """
    loaded = loaded_rules(files_of(Context().settings))
    rows = [
        _row(written)
        for written in loaded.rules
        if status in {None, written.rule.status.value} and (not own or written.source == "own")
    ]
    columns = {"id": "id", "title": "title", "status": "status", "level": "level", "source": "origin", "tags": "tags"}
    emit(rows, columns, as_json=as_json)
    return NOTHING if fail_on_empty and not rows else OK


def _row(written: Written) -> dict[str, Any]:
    rule = written.rule
    return {
        "id": rule.id,
        "title": rule.title.get(language.get()) or rule.title.get("zh", ""),
        "status": rule.status.value,
        "level": rule.level,
        "source": written.source,
        "tags": list(rule.tags),
        "version": rule.version,
        "owner": rule.owner,
        "quick": rule.quick,
        "override": written.override,
        "place": rule.place,
    }


@app.command
def show(rule: str, *, as_json: JSON = False) -> int:
    """One rule: what it asks for, where it stands, its cases and what is odd about it.

    Parameters
    ----------
    rule
        Id of the rule.
    as_json
        Print JSON.
    """
    files = files_of(Context().settings)
    loaded = loaded_rules(files)
    written = one_rule(loaded, rule)
    spec = written.spec.model_dump(mode="json", exclude_defaults=True)
    if as_json:
        emit_json({**_row(written), "file": str(files.path(written.file)), "rule": spec, "odd": _odd(written, loaded)})
        return OK
    out = stdout()
    out.print(_lines_of(written, loaded, files.path(written.file)), markup=False)
    out.print(f"# {files.path(written.file)}  {written.rule.version}", markup=False)
    for odd in _odd(written, loaded):
        out.print(f"# {odd}", markup=False)
    return OK


def _lines_of(written: Written, loaded: Loaded, path: Path) -> str:
    """The rule as it stands in its file, up to the next one or to what stands beside the rules."""
    begins = sorted(
        int(one.rule.place.split(":")[1]) for one in (*loaded.rules, *loaded.hidden) if one.file == written.file
    )
    lines = path.read_text(encoding="utf-8").split("\n")
    if len(begins) == 1:
        return "\n".join(lines).rstrip()
    begin = int(written.rule.place.split(":")[1])
    end = next((line for line in begins if line > begin), len(lines) + 1) - 1
    kept = lines[begin - 1 : end]
    beside = next((at for at, line in enumerate(kept) if at and line[:1].isalpha()), len(kept))
    return "\n".join(kept[:beside]).rstrip()


def _odd(written: Written, loaded: Loaded) -> list[str]:
    odd = []
    if reason := impossible(written.rule):
        odd.append(f"can never match: {reason}")
    if any(hidden.rule.id == written.rule.id for hidden in loaded.hidden):
        odd.append("replaces the shipped rule of this id")
    return odd


@app.command
def check(
    *paths: Path,
    format: Annotated[Literal["text", "json", "github"], Parameter(name="--format")] = "text",  # noqa: A002  the flag
    strict: Annotated[bool, Parameter(negative="")] = False,
    as_json: JSON = False,
) -> int:
    """Every fault of every rule, taxonomy and lexicon file at once, with place and cure. Ends with 1 on a fault.

    Parameters
    ----------
    paths
        Files to check in place of those in the home folder.
    format
        text, json, or github (annotations of a workflow).
    strict
        Warnings are faults too.
    as_json
        The same as --format json.
    """
    context = Context()
    files = files_of(context.settings)
    faults = check_files(files, paths, _recent(context))
    tell_faults(faults, "json" if as_json else format)
    return FAILED if any(strict or fault.level == "error" for fault in faults) else OK


def _recent(context: Context, most: int = 1_000) -> list[str]:
    """Texts to look for longer words in; none where nothing was stored yet."""
    if context.settings.store is None and not (context.settings.home / "store.db").exists():
        return []
    with context.database.read() as connection:
        rows = articles.listed(connection, articles.Filter(), most)
        found = (articles.get(connection, row["id"]) for row in rows)
        return [article.text for article in found if article]


@app.command(name="test")
def cases(
    *rules: str, junit_file: Annotated[Path | None, Parameter(name="--junit")] = None, as_json: JSON = False
) -> int:
    """Run the cases of rules and of the taxonomy's word lists. Ends with 1 where one fails.

    Parameters
    ----------
    rules
        Ids; all rules by default.
    junit_file
        Write a JUnit report here.
    as_json
        Print JSON.
    """
    files = files_of(Context().settings)
    results = run_cases(files.bundle(), frozenset(rules))
    if rules and not results:
        raise Problem(f"no cases of {', '.join(rules)}", cure="rules list shows the ids; add cases: to the rule")
    if junit_file is not None:
        junit_file.write_text(junit(results), encoding="utf-8")
    failed = failures(results)
    if as_json:
        emit_json({"run": len(results), "failed": failed})
    else:
        if failed:
            emit(failed, {"rule": "rule", "place": "place", "expected": "expected", "text": "text"}, as_json=False)
        say("{run} cases, {failed} failed", run=len(results), failed=len(failed))
    return FAILED if failed else OK


@app.command
def explain(article: str, rule: str, *, file: str | None = None, as_json: JSON = False) -> int:
    """Why a rule holds for an article, or what is missing.

    Parameters
    ----------
    article
        Id of a stored article, or of one in the file.
    rule
        Id of the rule.
    file
        JSON Lines file to look in instead of the store.
    as_json
        Print JSON.
    """
    with Context() as context:
        files = files_of(context.settings)
        wanted = one_rule(loaded_rules(files), rule).rule
        found = _article(context, article, file)
        compiled = files.compiled()
        lines = list(why(wanted, compiled, compiled.scan(found)))
    _tell_lines(lines, found, as_json=as_json)
    if wanted.status is Status.DRAFT:
        _tell_draft(wanted)
    return OK


def _tell_draft(rule: Rule) -> None:
    if not rule.quick:
        say("{rule} is a draft: nobody is told", rule=rule.id)
    elif rule.owner:
        say("{rule} is a draft: only subscriptions of {owner} are told", rule=rule.id, owner=rule.owner)
    else:
        say("{rule} is a draft: only subscriptions without an owner are told", rule=rule.id)


def _article(context: Context, article_id: str, file: str | None) -> Article:
    if file is not None:
        for article in articles_of(context, file, None):
            if article.id == article_id:
                return article
    else:
        with context.database.read() as connection:
            stored = articles.get(connection, article_id)
        if stored is not None:
            return stored
    raise Problem(f"no article {article_id}", place=file, cure="articles list shows the ids")


def _tell_lines(lines: Sequence[Line], article: Article, *, as_json: bool) -> None:
    rows = [
        {
            "depth": line.depth,
            "asks": line.asks,
            "holds": line.holds,
            "note": line.note,
            "places": [{"part": p.part, "span": [p.start, p.end], "words": _words(article, p)} for p in line.places],
        }
        for line in lines
    ]
    if as_json:
        emit_json(rows)
        return
    out = stdout()
    for line in lines:
        shown = "  ".join(f"{p.part}[{p.start}:{p.end}] {_around(article, p)}" for p in line.places[:2])
        out.print(
            "  " * line.depth + ("✓ " if line.holds else "✗ ") + tr(line.asks),
            f"({tr(line.note)})" if line.note else shown,
            markup=False,
        )


def _words(article: Article, place: Any) -> str:
    return article.part(place.part)[place.start : place.end]


def _around(article: Article, place: Any) -> str:
    text = article.part(place.part)
    return "…" + " ".join(text[max(0, place.start - 8) : place.end + 8].split()) + "…"
