"""Writes docs/reference/commands.md from the commands themselves. Run `python -m tools.commands` after a change."""

import importlib
from collections.abc import Iterator
from pathlib import Path

from cyclopts import App

from chainwatch.cli.main import COMMANDS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"
GROUPS: dict[str, tuple[str, ...]] = {
    "Start": ("init", "doctor", "demo", "run", "health"),
    "Articles in": ("sources", "crawl", "import", "publish", "parse"),
    "Work": ("consume", "dispatch", "relay", "stream", "dlq", "db"),
    "Facts": ("targets", "policies", "chains", "events", "articles", "export"),
    "Editors": ("correct", "merge", "split", "edits"),
    "Rules": ("rules", "taxonomy", "analyse", "explain"),
    "Alerts": ("subscribe", "subscriptions", "channels", "route", "deliveries", "feedback"),
    "Audit": ("replay", "audit", "archive"),
}
HEAD = """\
# Commands

`chainwatch COMMAND --help` tells every flag. Data goes to standard output, talk and progress to standard error; reading
commands take `--json`. Exit codes: 0 done; 1 failed, or something was found that the command looks for; 2 wrong call;
3 nothing matched (only with `--fail-on-empty`); 75 a worker ended itself, start it again; 130 interrupted.
"""


def page() -> str:
    """The whole page. Raises KeyError for a command that stands in no group."""
    missing = set(COMMANDS) - {name for names in GROUPS.values() for name in names}
    if missing:
        raise KeyError(f"commands in no group: {', '.join(sorted(missing))}")
    parts = [HEAD]
    for group, names in GROUPS.items():
        rows = [f"| `chainwatch {name}` | {what} |" for command in names for name, what in _rows(command)]
        parts.append("\n".join([f"## {group}", "", "| command | what it does |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def _rows(command: str) -> Iterator[tuple[str, str]]:
    module, _, attribute = COMMANDS[command].partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, App):
        yield command, _first_line(found.__doc__)
        return
    for name in sorted(found):
        if not name.startswith("-"):
            yield f"{command} {name}", _first_line(found[name].help)


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
