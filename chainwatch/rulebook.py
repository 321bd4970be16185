"""Reads the rule folders from disk into a Bundle: what chainwatch ships, and what the user adds in the home folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.problem import Problem, Problems

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Settled(Generic[Result]):
    """What goes into force: `bundle` as it compiled, and what had to be told about files that did not."""

    bundle: Bundle
    compiled: Result
    problems: tuple[Problem, ...]
    kept: tuple[str, ...]
    """Files that broke and stay in force as they last were."""
    left_out: tuple[str, ...]
    """The user's new files that are faulty and were never good."""


def read_bundle(shipped: Path, own: Path | None = None) -> Bundle:
    """All `*.yaml` below both folders. Raises Problem where a file cannot be read; content is judged by compiling."""
    files: dict[str, bytes] = {}
    for folder, prefix in ((shipped, ""), (own, OWN)):
        if folder is None or not folder.is_dir():
            continue
        for path in sorted(folder.rglob("*.yaml")):
            try:
                files[prefix + path.relative_to(folder).as_posix()] = path.read_bytes()
            except FileNotFoundError:  # deleted since it was listed
                continue
            except OSError as error:
                raise Problem(f"cannot read: {error.strerror}", place=str(path), retry=True) from error
    return Bundle(files)


WHOLE = ("taxonomy", "lexicon", "tagging.yaml")
"""What a folder holds that is a set of its own; any other joins the shipped files, as the home folder does."""


def read_set(folder: Path, shipped: Path) -> Bundle:
    """The set that a folder makes: alone, or together with what chainwatch ships. Raises Problem as `read_bundle`."""
    if all((folder / name).exists() for name in WHOLE):
        return read_bundle(folder)
    return read_bundle(shipped, folder)


def settle(fresh: Bundle, last: Bundle | None, compile_: Callable[[Bundle], Result]) -> Settled[Result]:
    """Compile what was read; a file that is broken keeps its own last good version, the others go on.

    `compile_` raises Problem or Problems whose places begin with the file's name in the bundle. Raises Problems where
    a shipped file is broken and nothing was in force before.
    """
    files, problems = dict(fresh.files), list[Problem]()
    kept, left_out = set[str](), set[str]()
    while True:
        bundle = Bundle(dict(files))
        try:
            compiled = compile_(bundle)
        except Problem as problem:
            found = problem.problems if isinstance(problem, Problems) else [problem]
        else:
            return Settled(bundle, compiled, tuple(problems), tuple(sorted(kept - left_out)), tuple(sorted(left_out)))
        problems += found
        if not _fall_back({_file(one) for one in found} & files.keys(), files, last, kept, left_out):
            break
    if last is None or last == fresh:
        raise Problems(problems)
    return Settled(last, compile_(last), tuple(problems), tuple(sorted(last.files)), ())


def _fall_back(
    broken: set[str], files: dict[str, bytes], last: Bundle | None, kept: set[str], left_out: set[str]
) -> bool:
    """Put last good versions in place of broken files; whether every broken file could be dealt with."""
    for name in sorted(broken):
        before = last.files.get(name) if last else None
        if before is not None and name not in kept and before != files[name]:
            files[name] = before
            kept.add(name)
        elif name.startswith(OWN):
            del files[name]
            left_out.add(name)
        else:
            return False
    return bool(broken)


def _file(problem: Problem) -> str:
    return (problem.place or "").split(":")[0]
