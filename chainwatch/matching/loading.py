"""Loading: from the files of a bundle to rules as values, with every fault named by file, line and column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.folding import fold
from chainwatch.matching.lowering import Lowering, Written
from chainwatch.matching.rule import Status
from chainwatch.matching.rulefile import MasksFile, Outline, RuleSpec, validate
from chainwatch.matching.words_file import FOLDERS, SCORING
from chainwatch.problem import Problem, Problems
from chainwatch.yamlfile import Path, read

MASKS = "masks.yaml"
_OTHERS = ("taxonomy/", "lexicon/", *(f"{folder}/" for folder in FOLDERS))
"""Folders of a bundle that hold no rules."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What one file says."""

    name: str
    rules: tuple[Written, ...]
    off: tuple[tuple[str, str], ...] = ()
    """(rule id, place) of what it switches off."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What all files say together."""

    rules: tuple[Written, ...]
    masks: Mapping[str, tuple[str, ...]]
    """Folded word → folded longer words."""
    hidden: tuple[Written, ...] = ()
    """Shipped rules that an own one replaces."""
    vain: tuple[Problem, ...] = ()
    """Switches and overrides of shipped rules that no longer exist: told by `rules check`, harmless."""


def is_rule_file(name: str) -> bool:
    """Whether a file of a bundle holds rules."""
    plain = name.removeprefix(OWN)
    return plain not in {MASKS, SCORING} and not plain.startswith(_OTHERS)


def load_rules(bundle: Bundle) -> Loaded:
    """All rules and masks of a bundle. Raises Problems with every fault of every file."""
    problems: list[Problem] = []
    files: list[RuleFile] = []
    masks: dict[str, tuple[str, ...]] = {}
    for name in sorted(bundle.files):
        try:
            if is_rule_file(name):
                files.append(read_rule_file(name, bundle.files[name]))
            elif name.removeprefix(OWN) == MASKS:
                for word, inside in read_masks(name, bundle.files[name]).items():
                    masks[word] = (*masks.get(word, ()), *inside)
        except Problems as found:
            problems += found.problems
    try:
        loaded = join_files(files, masks)
    except Problems as found:
        problems += found.problems
    if problems:
        raise Problems(problems)
    return loaded


def join_files(files: Iterable[RuleFile], masks: Mapping[str, tuple[str, ...]]) -> Loaded:
    """Own rules before shipped ones of the same id; what is switched off gets the status off. Raises Problems."""
    problems: list[Problem] = []
    chosen: dict[str, Written] = {}
    hidden: list[Written] = []
    files = sorted(files, key=lambda file: (file.name.startswith(OWN), file.name))
    for written in (written for file in files for written in file.rules):
        before = chosen.get(written.rule.id)
        if before is not None and not (written.override and written.source == "own" and before.source == "shipped"):
            problems.append(_twice(written, before))
            continue
        hidden += [before] if before else []
        chosen[written.rule.id] = written
    vain = _switch_off(chosen, files)
    vain += [_no_longer(w.rule.id, w.rule.place) for w in chosen.values() if w.override and w not in _over(hidden, w)]
    if problems:
        raise Problems(problems)
    return Loaded(tuple(chosen.values()), masks, tuple(hidden), tuple(vain))


def _over(hidden: Sequence[Written], written: Written) -> list[Written]:
    return [written] if any(other.rule.id == written.rule.id for other in hidden) else []


def _switch_off(chosen: dict[str, Written], files: Iterable[RuleFile]) -> list[Problem]:
    vain = []
    for rule_id, place in (entry for file in files for entry in file.off):
        if rule_id in chosen:
            written = chosen[rule_id]
            chosen[rule_id] = replace(written, rule=replace(written.rule, status=Status.OFF))
        else:
            vain.append(_no_longer(rule_id, place))
    return vain


def _twice(written: Written, before: Written) -> Problem:
    if written.source == "own" and before.source == "shipped":
        cure = "choose another id, or write override: true to replace the shipped rule"
    else:
        cure = "choose another id"
    return Problem(f"the id {written.rule.id} stands also at {before.rule.place}", place=written.rule.place, cure=cure)


def _no_longer(rule_id: str, place: str) -> Problem:
    return Problem(f"no rule {rule_id} is shipped (any more)", place=place, cure="remove the entry")


def read_masks(name: str, data: bytes) -> dict[str, tuple[str, ...]]:
    """Folded word → folded longer words. Raises Problems."""
    document = read(data, name)
    spec = validate(MasksFile, document)
    masks: dict[str, tuple[str, ...]] = {}
    problems = []
    for i, mask in enumerate(spec.masks):
        word = fold(mask.word)
        for j, longer in enumerate(mask.inside):
            if word not in fold(longer) or word == fold(longer):
                place = document.at(("masks", i, "inside", j))
                problems.append(
                    Problem(f"{longer} is no longer word that holds {mask.word}", place=place, cure="remove it")
                )
        masks[word] = (*masks.get(word, ()), *map(fold, mask.inside))
    if problems:
        raise Problems(problems)
    return masks


def read_rule_file(name: str, data: bytes) -> RuleFile:
    """The rules of one file: a list under `rules:`, or one rule at the top. Raises Problems with every fault."""
    document = read(data, name)
    alone = isinstance(document.value, dict) and "id" in document.value
    outline = Outline(rules=(document.value,)) if alone else validate(Outline, document)
    off = tuple((rule, document.at(("disabled", i))) for i, rule in enumerate(outline.disabled))
    problems: list[Problem] = []
    rules: list[Written] = []
    for i in range(len(outline.rules)):
        at: Path = () if alone else ("rules", i)
        lowering = Lowering(document, at)
        try:
            rules += lowering.written(validate(RuleSpec, document, at), name)
        except Problems as found:
            problems += found.problems
        problems += lowering.problems
    if problems:
        raise Problems(problems)
    return RuleFile(name, tuple(rules), off)
