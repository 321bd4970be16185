"""What the rules commands share: the files in force, their places on disk, and the articles rules are tried on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chainwatch.cli.analyse import open_lines, read_line
from chainwatch.cli.context import Context
from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.loading import Loaded, load_rules
from chainwatch.matching.lowering import Written
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.models import Article
from chainwatch.problem import Problem, Problems
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle, read_set
from chainwatch.rulecache import DiskCache
from chainwatch.settings import Settings
from chainwatch.store import articles, bundles

PAGE = 500
"""Articles read from the store at a time."""


@dataclass(frozen=True)
class Files:
    """The rule files of an installation."""

    shipped: Path
    own: Path
    cache: DiskCache

    def bundle(self) -> Bundle:
        """As they are on disk now."""
        return read_bundle(self.shipped, self.own)

    def compiled(self) -> RuleSet:
        """The set they make. Raises Problems where one is faulty."""
        return compile_rules(self.bundle(), keep=self.cache)

    def path(self, name: str) -> Path:
        """Where a file of the bundle stands."""
        return self.own / name.removeprefix(OWN) if name.startswith(OWN) else self.shipped / name

    def on_disk(self, problem: Problem) -> Problem:
        """The problem with the path of the file in place of its name in the bundle."""
        name, _, rest = (problem.place or "").partition(":")
        place = f"{self.path(name)}:{rest}" if rest else problem.place
        return Problem(problem.what, place=place, cure=problem.cure, retry=problem.retry)


def on_disk(problem: Problem, folder: Path) -> Problem:
    """The problem of a folder's own files, or of a whole set in it, with their paths."""
    name, _, rest = (problem.place or "").partition(":")
    path = folder / name.removeprefix(OWN)
    place = f"{path}:{rest}" if rest and path.exists() else problem.place
    return Problem(problem.what, place=place, cure=problem.cure, retry=problem.retry)


def files_of(settings: Settings) -> Files:
    """The shipped rules and those of the home folder."""
    return Files(rules_dir(), settings.rules_dir, DiskCache(settings.home / "cache"))


def one_rule(loaded: Loaded, rule_id: str) -> Written:
    """The rule of that id. Raises Problem naming ids like it."""
    for written in loaded.rules:
        if written.rule.id == rule_id:
            return written
    near = [written.rule.id for written in loaded.rules if rule_id.rsplit(".", 1)[-1] in written.rule.id]
    raise Problem(f"no rule {rule_id}", cure=f"rules list shows all; like it: {', '.join(near[:5]) or 'none'}")


def loaded_rules(files: Files) -> Loaded:
    """Every rule as written. Raises Problems with the paths of the files."""
    try:
        return load_rules(files.bundle())
    except Problems as problems:
        raise Problems([files.on_disk(one) for one in problems.problems]) from problems


def bundle_named(context: Context, files: Files, name: str) -> Bundle:
    """`files` (on disk now), `active` (in force), a digest of the archive, or a folder. Raises Problem."""
    if name == "files":
        return files.bundle()
    if Path(name).is_dir():
        return _sound_set(Path(name), files)
    with context.database.read() as connection:
        digest = bundles.active(connection) if name == "active" else name
        bundle = bundles.load(connection, digest) if digest else None
    if bundle is None:
        cure = "write files, active, a whole digest of the archive, or a folder of rules"
        raise Problem(f"no rule bundle {name}", cure=cure)
    return bundle


def _sound_set(folder: Path, files: Files) -> Bundle:
    bundle = read_set(folder, files.shipped)
    try:
        compile_rules(bundle, keep=files.cache)
    except Problems as problems:
        raise Problems([on_disk(one, folder) for one in problems.problems]) from problems
    return bundle


def stored_articles(context: Context, since_ms: int | None) -> Iterator[str]:
    """JSON of the current revision of every stored article published since then, a page at a time."""
    after = 0
    while True:
        with context.database.read() as connection:
            page = articles.current_bodies(connection, after, PAGE, since_ms)
        if not page:
            return
        after = page[-1][0]
        yield from (body for _, body in page)


def articles_of(context: Context, file: str | None, since_ms: int | None) -> Iterator[Article]:
    """Articles of a JSON Lines file, or of the store."""
    if file is None:
        yield from map(Article.from_json, stored_articles(context, since_ms))
        return
    with open_lines(file) as (lines, _):
        for place, raw in lines:
            yield read_article(raw, place)


def count_lines(file: str) -> int | None:
    """How many lines a file has."""
    with open_lines(file) as (_, total):
        return total


def read_article(raw: bytes, place: str) -> Article:
    """A line that is a whole Article, or only title, text and what `analyse` reads. Raises Problem."""
    try:
        return Article.from_json(raw)
    except ValueError:
        return read_line(raw, place)
