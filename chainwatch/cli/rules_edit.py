"""`chainwatch rules add|edit|on|off|import|export`: change rule files of the home folder only.

Nothing is written that would not load.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, emit_json, say, stdout
from chainwatch.cli.rulefiles import Files, files_of, loaded_rules, one_rule, stored_articles
from chainwatch.cli.tables import read_table, write_table
from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.edit import with_off, with_rule, with_values, without_off
from chainwatch.matching.loading import load_rules, read_rule_file
from chainwatch.matching.quick import parse_quick
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.matching.trial import Trial, try_rule
from chainwatch.matching.wordlists import COLUMNS, from_table, from_trendradar, rule_id, to_table, to_trendradar
from chainwatch.models import SHANGHAI, Article, to_timestamp_ms
from chainwatch.problem import Problem, Problems

QUICK, SWITCHES = "quick.yaml", "switches.yaml"
"""Files of the home folder that quick rules and switches are written to."""
SCHEMA = "rules.schema.json"
ListFormat = Literal["trendradar", "csv", "xlsx"]


def add(
    line: str,
    *,
    title: str | None = None,
    tag: Annotated[Sequence[str], Parameter(negative="")] = (),
    owner: str | None = None,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    as_json: JSON = False,
) -> int:
    """Add a quick rule, and tell what it would have found in the last 30 days.

    It is live at once for its owner's subscriptions; for everyone else it is a draft until its status is changed.

    Parameters
    ----------
    line
        储能 +补贴 !招聘 /千亿级?/ (one of, must, must not, regex).
    title
        Name of the rule; by default its first word.
    tag
        Node or topic it tags; may be repeated.
    owner
        Whose rule it is, as in `subscribe --owner`; by default, as there, nobody named.
    dry_run
        Only tell; write nothing.
    as_json
        Print JSON.
    """
    if not line.strip():
        raise Problem("an empty rule", place="LINE", cure='write words: "储能 +补贴 !招聘"')
    parse_quick(line, "LINE")
    if owner and "/" in owner:
        raise Problem(f"no / in the name of an owner: {owner}", place="--owner", cure="write a name without it")
    with Context() as context:
        files = files_of(context.settings)
        rule = _quick_rule(line, title, tag, owner)
        _refuse_known(rule["id"], tag, files)
        text, compiled = _with_line(rule, files)
        trial = try_rule(rule["id"], compiled, _last_month(context), datetime.now(SHANGHAI))
        if not dry_run:
            _write(files, QUICK, text)
    _tell_trial(rule["id"], trial, files, written=not dry_run, as_json=as_json)
    return OK


def _quick_rule(line: str, title: str | None, tag: Sequence[str], owner: str | None) -> dict[str, Any]:
    """The same line of two owners makes two rules."""
    rule: dict[str, Any] = {"id": rule_id("quick", f"{owner}\n{line}" if owner else line), "status": "draft"}
    rule["title"] = title or line.strip().split(maxsplit=1)[0].strip("+!＋！")[:40] or line.strip()[:40]
    rule |= {"tags": list(tag)} if tag else {}
    rule |= {"owner": owner} if owner else {}
    return rule | {"quick": line}


def _refuse_known(new_id: str, tags: Sequence[str], files: Files) -> None:
    for written in loaded_rules(files).rules:
        if written.rule.id == new_id:
            place = str(files.path(written.file))
            cure = f"rules show {new_id}, rules edit {new_id}; another --owner may have the same line"
            raise Problem(f"this rule is there already: {new_id}", place=place, cure=cure)
    nodes = load_taxonomy(files.bundle()).nodes
    for name in tags:
        if name not in nodes and not name.startswith("topic/"):
            near = ", ".join([one for one in nodes if name.rsplit("/", 1)[-1] in one][:5]) or "taxonomy list shows them"
            cure = f"write the id of a node ({near}), or topic/… for one of your own"
            raise Problem(f"no node {name}", place="--tag", cure=cure)


def _with_line(rule: dict[str, Any], files: Files) -> tuple[str, RuleSet]:
    """The file of quick rules with one more, and the set that all make."""
    try:
        text = with_rule(_text(files, QUICK), rule, OWN + QUICK)
        return text, compile_rules(_with(files, {QUICK: text}))
    except Problem as problem:
        found = problem.problems if isinstance(problem, Problems) else [problem]
        raise Problems([_of_line(one, files) for one in found]) from problem


def _of_line(problem: Problem, files: Files) -> Problem:
    """The other files are sound: what is wrong with the one to be written is the line's fault."""
    if (problem.place or "").startswith(OWN + QUICK):
        return Problem(problem.what, place="LINE", cure=problem.cure)
    return files.on_disk(problem)


def _last_month(context: Context) -> Sequence[Article]:
    if context.settings.store is None and not (context.settings.home / "store.db").exists():
        return []
    since = datetime.now(SHANGHAI) - timedelta(days=30)
    return [Article.from_json(body) for body in stored_articles(context, to_timestamp_ms(since))]


def _tell_trial(rule: str, trial: Trial, files: Files, *, written: bool, as_json: bool) -> None:
    if as_json:
        emit_json({"id": rule, "file": str(files.own / QUICK), "written": written, **trial.as_row()})
        return
    if written:
        say("{rule} written to {file}", rule=rule, file=files.own / QUICK)
    say("it holds for {week} of {articles} articles of 7 days, {month} of 30 days", **trial.counts())
    out = stdout()
    for hit in trial.samples:
        out.print(f"{hit.id}  {hit.title}", markup=False)
        out.print(f"    {hit.quote}", markup=False)
    if trial.hits or trial.misses:
        say("proposed cases:")
        out.print("cases:", markup=False)
        for kind, texts in (("hits", trial.hits), ("misses", trial.misses)):
            out.print(f"  {kind}:{'' if texts else ' []'}", markup=False)
            for text in texts:
                out.print(f"  - {json.dumps(text, ensure_ascii=False)}", markup=False)


def edit(
    rule: str,
    *,
    status: Literal["stable", "test", "draft", "off"] | None = None,
    level: Literal["low", "medium", "high"] | None = None,
    as_json: JSON = False,
) -> int:
    """Change a rule: by flags, or without any in $EDITOR. A shipped rule is first copied to the home folder.

    Parameters
    ----------
    rule
        Id of the rule.
    status
        New status.
    level
        New level.
    as_json
        Print JSON.
    """
    files = files_of(Context().settings)
    written = one_rule(loaded_rules(files), rule)
    name = written.file.removeprefix(OWN) if written.source == "own" else f"{rule}.yaml"
    text = _text(files, name)
    if written.source == "shipped":
        copy = {**written.spec.model_dump(mode="json", exclude_defaults=True), "override": True}
        text = with_rule("", copy, OWN + name)
    values = {key: value for key, value in (("status", status), ("level", level)) if value is not None}
    if values:
        text = with_values(text, rule, values, OWN + name)
        _loads(_with(files, {name: text}), files)
    _write(files, name, text)
    if not values:
        editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        subprocess.run([*editor, str(files.own / name)], check=False)  # noqa: S603  the user's own editor
        _loads(files.bundle(), files)
    if as_json:
        emit_json({"rule": rule, "file": str(files.own / name), **values})
    else:
        say("{rule} written to {file}", rule=rule, file=files.own / name)
    return OK


def _loads(bundle: Bundle, files: Files) -> None:
    """Raises Problems with the paths of the files."""
    try:
        load_rules(bundle)
    except Problems as problems:
        raise Problems([files.on_disk(one) for one in problems.problems]) from problems


def off(rule: str) -> int:
    """Switch a rule off without editing it; survives upgrades.

    Parameters
    ----------
    rule
        Id of the rule.
    """
    files = files_of(Context().settings)
    one_rule(loaded_rules(files), rule)
    _write(files, SWITCHES, with_off(_text(files, SWITCHES), rule, OWN + SWITCHES))
    say("{rule} is off", rule=rule)
    return OK


def on(rule: str) -> int:
    """Switch a rule on again that was switched off.

    Parameters
    ----------
    rule
        Id of the rule.
    """
    files = files_of(Context().settings)
    loaded_rules(files)
    changed = False
    for name, data in files.bundle().under("own").items():
        if any(switched == rule for switched, _ in read_rule_file(name, data).off):
            _write(files, name.removeprefix(OWN), without_off(data.decode(), rule, name))
            changed = True
    if not changed:
        raise Problem(f"{rule} is not switched off", cure="rules list --status off shows what is")
    say("{rule} is on", rule=rule)
    return OK


def import_(
    file: Path,
    *,
    from_: Annotated[ListFormat, Parameter(name="--from")],
    name: str | None = None,
    replace: Annotated[bool, Parameter(negative="")] = False,
    as_json: JSON = False,
) -> int:
    """Take over a word list as draft rules in a file of their own; what cannot be taken over is named.

    Parameters
    ----------
    file
        The word list.
    from_
        trendradar (frequency_words.txt), csv or xlsx (columns any, all, none, regex, title, tags, status, why).
    name
        Name of the rule file; by default that of the word list.
    replace
        Overwrite the rule file of that name.
    as_json
        Print JSON.
    """
    files = files_of(Context().settings)
    target = f"{name or file.stem}.yaml"
    if (files.own / target).exists() and not replace:
        raise Problem("there is a rule file of that name", place=str(files.own / target), cure="--name, or --replace")
    rules, notes = from_trendradar(_read(file)) if from_ == "trendradar" else from_table(read_table(file, from_))
    text = ""
    for rule in rules:
        text = with_rule(text, rule, OWN + target)
    if text:
        _loads(_with(files, {target: text}), files)
        _write(files, target, text)
    if as_json:
        emit_json({"file": str(files.own / target), "rules": len(rules), "not_taken": notes})
    else:
        for note in notes:
            say("{file}:{note}", file=file, note=note)
        say("{count} draft rules written to {file}", count=len(rules), file=files.own / target)
    return FAILED if not rules else OK


def export(
    file: Path, *, to: ListFormat, own: Annotated[bool, Parameter(negative="")] = False, as_json: JSON = False
) -> int:
    """Write rules as a word list; rules that it cannot hold are named, not flattened.

    Parameters
    ----------
    file
        File to write.
    to
        trendradar, csv or xlsx.
    own
        Only the rules of the home folder.
    as_json
        Print JSON.
    """
    rules = [one for one in loaded_rules(files_of(Context().settings)).rules if not own or one.source == "own"]
    if not file.parent.is_dir():
        raise Problem("no such folder", place=str(file.parent), cure="make it, or name a file elsewhere")
    if to == "trendradar":
        text, notes = to_trendradar(rules)
        file.write_text(text, encoding="utf-8")
    else:
        rows, notes = to_table(rules)
        write_table(file, to, COLUMNS, rows)
    if as_json:
        emit_json({"file": str(file), "rules": len(rules) - len(notes), "left_out": notes})
    else:
        for note in notes:
            say("left out: {note}", note=note)
        say("{count} rules written to {file}", count=len(rules) - len(notes), file=file)
    return OK


def _text(files: Files, name: str) -> str:
    path = files.own / name
    return _read(path) if path.is_file() else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Problem(f"cannot read: {error.strerror}", place=str(path), cure="name a file in UTF-8") from error
    except UnicodeDecodeError as error:
        raise Problem("is not in UTF-8", place=str(path), cure="save it as UTF-8") from error


def _with(files: Files, own: dict[str, str]) -> Bundle:
    return Bundle({**files.bundle().files, **{OWN + name: text.encode() for name, text in own.items()}})


def _write(files: Files, name: str, text: str) -> None:
    """Whole or not at all: a reader never sees half a file. The schema that its first line names lies beside it."""
    files.own.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(files.shipped / SCHEMA, files.own / SCHEMA)
    aside = files.own / f".{name}.new"
    aside.write_text(text, encoding="utf-8")
    aside.replace(files.own / name)
