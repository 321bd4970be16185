"""Word lists of elsewhere: TrendRadar's frequency words, and tables with a column of words, to rules and back.

TrendRadar: a blank line ends a group; `word` any, `+word` must, `!word` never, `/regex/`, `=> name` what a line is
called, `@N` at most N items, `[name]` a group's name, `[GLOBAL_FILTER]` words that spoil every group.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainwatch.matching.lowering import Written

COLUMNS = ("id", "title", "status", "any", "all", "none", "regex", "tags", "why")
"""Of a table: words of a cell are separated by 、 ; | or a new line."""
_REGEX = re.compile(r"/(.+)/[a-z]*(?:\s*=>\s*(.+))?")
_SEPARATORS = re.compile(r"[、;；|\n]+")


@dataclass
class Group:
    """One group of a TrendRadar file."""

    line: int
    blocks: dict[str, list[str]] = field(default_factory=dict)
    name: str = ""

    def add(self, block: str, word: str) -> None:
        """Add a word to a block, once."""
        words = self.blocks.setdefault(block, [])
        if word not in words:
            words.append(word)


def from_trendradar(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """(rules as written in YAML, what could not be taken over: `line: reason`)."""
    groups, spoilers, notes = [Group(1)], list[str](), list[str]()
    section = "[WORD_GROUPS]"
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.upper() in {"[GLOBAL_FILTER]", "[WORD_GROUPS]"}:
            section = line.upper()
        elif not line:
            groups.append(Group(number + 1))
        elif line.startswith("#"):
            continue
        elif section == "[GLOBAL_FILTER]":
            spoilers.append(line.removeprefix("!"))
        else:
            note = _take(groups[-1], line)
            notes += [f"{number}: {note}"] if note else []
    rules = [_rule(group, spoilers) for group in groups if group.blocks.keys() & {"any", "all", "regex"}]
    notes += [
        f"{group.line}: a group without a word that must occur" for group in groups if set(group.blocks) == {"none"}
    ]
    return rules, notes


def _take(group: Group, line: str) -> str | None:
    """Take a line into the group; what of it could not be taken."""
    if line.startswith("[") and line.endswith("]"):
        group.name = line[1:-1].strip()
        return None
    if line.startswith("@"):
        return f"{line}: a number of items is the channel's affair here (subscribe --max)"
    if regex := _REGEX.fullmatch(line):
        group.add("regex", regex[1])
        group.name = group.name or (regex[2] or "").strip()
        flags = line.partition("=>")[0].rsplit("/", 1)[1].strip()
        return f"/{flags}: flags are ignored there too; write (?i) inside" if flags else None
    word, _, name = (part.strip() for part in line.partition("=>"))
    group.name = group.name or name
    block = {"+": "all", "!": "none"}.get(word[:1], "any")
    if stripped := word.lstrip("+!").strip():
        group.add(block, stripped)
    return None


def _rule(group: Group, spoilers: Sequence[str]) -> dict[str, Any]:
    blocks = {block: words for block, words in group.blocks.items() if words}
    if spoilers:
        blocks["none"] = [*blocks.get("none", []), *(word for word in spoilers if word not in blocks.get("none", []))]
    first = next(iter(blocks.get("any") or blocks.get("all") or blocks.get("regex") or [""]))
    return {
        "id": rule_id("trendradar", repr(sorted(blocks.items()))),
        "title": group.name or first,
        "status": "draft",
        "why": "Imported from a TrendRadar word list.",
        "match": blocks,
    }


def rule_id(prefix: str, content: str) -> str:
    """An id that the same content always gets."""
    return f"{prefix}.{hashlib.sha256(content.encode()).hexdigest()[:10]}"


def to_trendradar(rules: Iterable[Written]) -> tuple[str, list[str]]:
    """(the file, rules that it cannot hold: `id: reason`). Only any, all, none and regex can be written."""
    groups, notes = [], []
    for written in rules:
        match, lost = _plain(written)
        if match is None:
            notes.append(f"{written.rule.id}: {lost}")
            continue
        lines = [f"[{title}]"] if (title := written.rule.title.get("zh")) else []
        lines += [*match["any"], *(f"+{word}" for word in match["all"]), *(f"!{word}" for word in match["none"])]
        groups.append("\n".join([*lines, *(f"/{regex}/" for regex in match["regex"])]))
    return "\n\n".join(groups) + "\n", notes


def _plain(written: Written) -> tuple[dict[str, list[str]] | None, str]:
    """The blocks of a rule where it has nothing but plain words and regexes; else what stands against it."""
    match = written.spec.match
    if match is None:
        return None, "a quick form; it can be copied as it is"
    extra = match.model_fields_set - {"any", "all", "none", "regex"}
    if extra:
        return None, f"{', '.join(sorted(extra))} cannot be written there"
    blocks: dict[str, list[str]] = {}
    for name in ("any", "all", "none", "regex"):
        terms = getattr(match, name)
        if not all(isinstance(term, str) for term in terms):
            return None, f"{name} has weights or fields"
        blocks[name] = list(terms)
    return blocks, ""


def from_table(rows: Sequence[Mapping[str, str]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rules of a table with the columns of COLUMNS (`any` is needed; `word` and 关键词 mean the same), and notes."""
    rules, notes = [], []
    for number, row in enumerate(rows, 2):
        cells = {_COLUMN.get(name.strip().lower(), name.strip().lower()): value for name, value in row.items()}
        blocks = {name: _words(cells.get(name, "")) for name in ("any", "all", "none")}
        regex = cells.get("regex", "").strip()
        match: dict[str, Any] = {name: words for name, words in blocks.items() if words}
        match |= {"regex": [regex]} if regex else {}
        if not match.keys() & {"any", "all", "regex"}:
            if any(value.strip() for value in cells.values()):
                notes.append(f"row {number}: no words")
            continue
        first = next(iter(blocks["any"] or blocks["all"] or [regex]))
        status = cells.get("status", "").strip() or "draft"
        if status == "stable":
            status = "test"
            notes.append(f"row {number}: stable needs cases, which a table does not hold: taken as test")
        rule = {
            "id": cells.get("id", "").strip() or rule_id("table", repr(sorted(match.items()))),
            "title": cells.get("title", "").strip() or first,
            "status": status,
            "tags": _words(cells.get("tags", "")),
            "why": cells.get("why", "").strip(),
            "match": match,
        }
        rules.append({key: value for key, value in rule.items() if value})
    return rules, notes


_COLUMN = {
    "word": "any",
    "words": "any",
    "关键词": "any",
    "必须": "all",
    "排除": "none",
    "名称": "title",
    "标签": "tags",
}


def _words(cell: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in _SEPARATORS.split(cell) if word.strip()))


def to_table(rules: Iterable[Written]) -> tuple[list[dict[str, str]], list[str]]:
    """(rows of COLUMNS, rules that they cannot hold: `id: reason`)."""
    rows, notes = [], []
    for written in rules:
        match, lost = _plain(written)
        if match is None or len(match["regex"]) > 1:
            notes.append(f"{written.rule.id}: {lost or 'more than one regex'}")
            continue
        rule = written.rule
        cells = {"id": rule.id, "title": rule.title.get("zh", ""), "status": rule.status.value, "why": rule.why}
        cells |= {name: "、".join(words) for name, words in match.items()} | {"tags": "、".join(rule.tags)}
        rows.append({name: cells.get(name, "") for name in COLUMNS})
    return rows, notes
