"""Render: a view and a wording become the text of one format. Wordings are sandboxed and checked before first use.

A wording may show the listed variables, loop over sections and items, and ask if something is empty; it may not call,
compute, include or reach into anything. What a value holds is never read as markup or as a wording.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chainwatch.locale import Language
from chainwatch.notify import inert
from chainwatch.notify.view import Item, Section, View
from chainwatch.problem import Problem, Problems

FORMATS = ("text", "markdown", "html")
LARGEST = 64_000
"""Characters that a wording may have, and bytes of text it may make for one event."""
SHIPPED = Path(__file__).parent / "wording"
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "message": tuple(field.name for field in fields(View)),
    "section": tuple(field.name for field in fields(Section)),
    "item": tuple(field.name for field in fields(Item)),
}
"""What a wording may name."""
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.If,
    nodes.For,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
)
_TOP = frozenset(VARIABLES["message"])
_LOOPS = {"sections", "section.items"}


class Wordings:
    """Where wordings are found: the home folder's own before the shipped ones. Compiled ones are kept while unchanged.

    Args:
        own: `wording/` of the home folder; files NAME.FORMAT.j2 or NAME.LANGUAGE.FORMAT.j2.
    """

    def __init__(self, own: Path | None = None) -> None:
        self.own = own
        self._compiled: dict[tuple[Path, str], tuple[int, Template]] = {}

    def render(self, shown: View, name: str, language: Language, text_format: str) -> str:
        """The text of a message. Raises Problem where the wording is at fault or makes too much."""
        path = self.find(name, language, text_format)
        return _fill(self._template(path, text_format), shown, str(path))

    def _template(self, path: Path, text_format: str) -> Template:
        changed = path.stat().st_mtime_ns
        known = self._compiled.get((path, text_format))
        if known is not None and known[0] == changed:
            return known[1]
        source = path.read_text(encoding="utf-8")
        faults = check(source, str(path))
        if faults:
            raise Problems(faults)
        template = _environment(text_format).from_string(source)
        self._compiled[path, text_format] = changed, template
        return template

    def find(self, name: str, language: Language, text_format: str) -> Path:
        """The file of a wording; a format that it does not have is the default's."""
        wanted = [f"{name}.{language}.{text_format}.j2", f"{name}.{text_format}.j2"]
        for folder in (self.own, SHIPPED):
            for file in wanted:
                if folder is not None and (folder / file).is_file():
                    return folder / file
        return SHIPPED / f"default.{language}.{text_format}.j2"

    def names(self) -> list[str]:
        """Wordings that a subscription may name."""
        folders = [folder for folder in (self.own, SHIPPED) if folder is not None and folder.is_dir()]
        return sorted({path.name.split(".")[0] for folder in folders for path in folder.glob("*.j2")})

    def check(self, name: str) -> None:
        """Raise Problems where the wording does not exist or any of its files is at fault."""
        if "/" in name or name not in self.names():
            raise Problem(f"no wording {name!r}", place="template", cure=f"one of: {', '.join(self.names())}")
        faults: list[Problem] = []
        for folder in (self.own, SHIPPED):
            for path in sorted(folder.glob(f"{name}.*j2")) if folder is not None else ():
                faults += check(path.read_text(encoding="utf-8"), str(path))
        if faults:
            raise Problems(faults)


def _fill(template: Template, shown: View, place: str) -> str:
    values = {name: getattr(shown, name) for name in VARIABLES["message"]}
    allowed = LARGEST * max(1, int(shown.count or 1))
    made: list[str] = []
    size = 0
    try:
        for piece in template.generate(values):
            size += len(piece)
            if size > allowed:
                raise Problem(f"makes more than {allowed:,} characters", place=place, cure="shorten the wording")
            made.append(piece)
    except TemplateError as error:
        raise Problem(f"cannot be filled in: {error}", place=place, cure="correct the wording") from error
    return _tidy("".join(made))


def check(source: str, place: str) -> list[Problem]:
    """Everything in a wording that is not allowed, with its line."""
    if len(source) > LARGEST:
        return [Problem(f"longer than {LARGEST:,} characters", place=place, cure="shorten it")]
    try:
        tree = _environment("text").parse(source)
    except (TemplateError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        return [Problem(str(error) or "nested too deep", place=f"{place}:{line}", cure="correct the wording")]
    return list(_faults(tree, place, frozenset(), 0))


def _faults(node: nodes.Node, place: str, loops: frozenset[str], depth: int) -> Iterable[Problem]:
    where = f"{place}:{getattr(node, 'lineno', 1)}"
    if depth > 40:
        yield Problem("nested deeper than 40 levels", place=where, cure="flatten it")
        return
    if not isinstance(node, _ALLOWED):
        what = f"{type(node).__name__} is not allowed in a wording"
        yield Problem(what, place=where, cure="only variables, if and for: docs/reference/delivery.md, Wordings")
        return
    if isinstance(node, nodes.For):
        yield from _loop_faults(node, where, loops)
        loops |= {_name(node.target)}
    if isinstance(node, nodes.Name | nodes.Getattr) and not _known(node, loops):
        names = ", ".join(_variables(loops))
        yield Problem(f"unknown variable {_name(node)}", place=where, cure=f"one of: {names}")
        return
    for child in node.iter_child_nodes():
        yield from _faults(child, place, loops, depth + 1)


def _loop_faults(node: nodes.For, where: str, loops: frozenset[str]) -> Iterable[Problem]:
    iterated = _name(node.iter)
    wanted = {"sections": "section", "section.items": "item"}.get(iterated)
    if iterated not in _LOOPS or _name(node.target) != wanted or wanted in loops or node.recursive or node.test:
        cure = "for section in sections; for item in section.items"
        yield Problem(f"this loop over {iterated} is not allowed", place=where, cure=cure)


def _known(node: nodes.Node, loops: frozenset[str]) -> bool:
    name = _name(node)
    if isinstance(node, nodes.Name):
        return name in _TOP or name in loops or (node.ctx == "store" and name in {"section", "item"})
    owner, _, field = name.rpartition(".")
    return owner in loops and field in VARIABLES[owner]


def _variables(loops: frozenset[str]) -> list[str]:
    return [*sorted(_TOP), *(f"{loop}.{field}" for loop in sorted(loops) for field in VARIABLES[loop])]


def _name(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_name(node.node)}.{node.attr}"
    return type(node).__name__


def _environment(text_format: str) -> ImmutableSandboxedEnvironment:
    escapes: dict[str, Callable[[str], str]] = {
        "text": inert.plain,
        "markdown": inert.markdown,
        "html": inert.html,
    }
    escape = escapes[text_format]

    def finalize(value: Any) -> Any:
        if isinstance(value, inert.Ready):
            return inert.as_link(value, text_format)
        return escape(value) if isinstance(value, str) else escape(str(value))

    return ImmutableSandboxedEnvironment(
        autoescape=text_format == "html",
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )


def _tidy(made: str) -> str:
    lines = [line.rstrip() for line in made.strip().splitlines()]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept)
