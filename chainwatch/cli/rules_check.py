"""Checking rule files: every fault of every file in one go, for people, for programs and for workflows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from chainwatch.cli.output import emit_json, say, stdout
from chainwatch.cli.rulefiles import Files
from chainwatch.locale import retold, tr
from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.expression import words
from chainwatch.matching.lint import impossible, longer_words
from chainwatch.matching.loading import Loaded, load_rules
from chainwatch.matching.rule import Status
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.matching.vocabulary import load_vocabulary
from chainwatch.problem import Problem, Problems
from consumers.extractors.lexicon import load_lexicon


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong (error), odd (warning) or worth knowing (note) at a place."""

    level: Literal["error", "warning", "note"]
    place: str
    what: str
    cure: str


def check_files(files: Files, paths: Sequence[Path], texts: Sequence[str]) -> list[Fault]:
    """Faults of the shipped and own files, or of the given ones beside the shipped; texts are recent articles."""
    bundle = _with_paths(files, paths) if paths else files.bundle()
    places = {f"{OWN}{number}/{path.name}": str(path) for number, path in enumerate(paths)}
    faults = [_fault("error", problem) for problem in _errors(bundle)]
    if not faults:
        faults = list(_warnings(bundle, load_rules(bundle), texts))
    return [_placed(fault, files, places) for fault in faults]


def _with_paths(files: Files, paths: Sequence[Path]) -> Bundle:
    own = {}
    for number, path in enumerate(paths):
        try:
            own[f"{OWN}{number}/{path.name}"] = path.read_bytes()
        except OSError as error:
            raise Problem(f"cannot read: {error.strerror}", place=str(path), cure="name a rule file") from error
    shipped = {name: data for name, data in files.bundle().files.items() if not name.startswith(OWN)}
    return Bundle({**shipped, **own})


def _errors(bundle: Bundle) -> list[Problem]:
    loaders: tuple[Callable[[Bundle], object], ...] = (
        load_rules,
        load_taxonomy,
        lambda whole: load_vocabulary(whole, load_taxonomy(whole)),
        load_lexicon,
    )
    found: dict[tuple[str | None, str], Problem] = {}
    for loader in loaders:
        try:
            loader(bundle)
        except Problem as problem:
            for one in problem.problems if isinstance(problem, Problems) else [problem]:
                found.setdefault((one.place, one.what), one)
    return list(found.values())


def _fault(level: Literal["error", "warning", "note"], problem: Problem) -> Fault:
    return Fault(level, problem.place or "", problem.what, problem.cure or "")


def _warnings(bundle: Bundle, loaded: Loaded, texts: Sequence[str]) -> Iterable[Fault]:
    for problem in loaded.vain:
        yield _fault("warning", problem)
    nodes = load_taxonomy(bundle).nodes
    for written in loaded.rules:
        rule = written.rule
        if rule.status is Status.OFF:
            continue
        if reason := impossible(rule):
            yield Fault("warning", rule.place, tr("can never match: {reason}", reason=reason), tr("correct the rule"))
        for tag in rule.tags:
            if tag not in nodes and not tag.startswith("topic/"):
                cure = tr("write the id of a node (taxonomy list), or topic/… for one of your own")
                yield Fault("warning", rule.place, tr("no node {tag}", tag=tag), cure)
    yield from _short_words(loaded, texts)


def _short_words(loaded: Loaded, texts: Sequence[str]) -> Iterable[Fault]:
    users = {word.text: w.rule for w in loaded.rules if w.source == "own" for word in words(w.rule.match)}
    for word, longer in longer_words(users, texts).items():
        if longer:
            shown = ", ".join(f"{run} {count}" for run, count in longer)
            cure = tr("put those that mean something else under not_inside:")
            yield Fault(
                "note", users[word].place, tr("{word} often stands in: {longer}", word=word, longer=shown), cure
            )


def _placed(fault: Fault, files: Files, places: dict[str, str]) -> Fault:
    name, _, rest = fault.place.partition(":")
    path = places.get(name) or (str(files.path(name)) if name else "")
    return Fault(fault.level, f"{path}:{rest}" if rest else path, fault.what, fault.cure)


def tell_faults(faults: Sequence[Fault], how: Literal["text", "json", "github"]) -> None:
    """On stdout, as text, one JSON document, or annotations of a GitHub workflow."""
    if how == "json":
        emit_json([asdict(fault) for fault in faults])
        return
    out = stdout()
    for fault in faults:
        if how == "github":
            out.print(_annotation(fault), markup=False)
        else:
            out.print(f"{fault.place}: {tr(fault.level)}: {retold(fault.what)}", markup=False)
            out.print(f"    {retold(fault.cure)}", markup=False)
    if not faults and how == "text":
        say("no faults found")


def _annotation(fault: Fault) -> str:
    path, line, column = [*fault.place.split(":"), "1", "1"][:3]
    kind = {"error": "error", "warning": "warning", "note": "notice"}[fault.level]
    text = f"{fault.what} → {fault.cure}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{kind} file={path},line={line},col={column}::{text}"
