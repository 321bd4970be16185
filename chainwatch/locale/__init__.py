"""Message catalogues. English is the key; `zh/<noun>.toml` gives the Chinese of every text that people read.

`tr` follows the language of the running command (set once by the command line); what subscribers read names its
language at each call: `text("zh", "…")`.
"""

import re
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["zh", "en"]

_PLACE = re.compile(r"\{([a-z_]+)\}")

language: ContextVar[Language] = ContextVar("language", default="en")
"""Language of the running command."""


@cache
def catalogue(of: Language) -> Mapping[str, str]:
    """All texts of a language, joined over its files (a test holds that no text is translated twice)."""
    texts: dict[str, str] = {}
    for path in catalogue_files(of):
        texts |= tomllib.loads(path.read_text(encoding="utf-8"))
    return texts


def catalogue_files(of: Language) -> list[Path]:
    """The files of a language, in order of name."""
    return sorted((Path(__file__).parent / of).glob("*.toml"))


def text(of: Language, english: str, **values: Any) -> str:
    """`english`, or its translation, with `{name}` places filled in."""
    pattern = english if of == "en" else catalogue(of).get(english, english)
    return pattern.format(**values) if values else pattern


def tr(english: str, **values: Any) -> str:
    """The text in the language of the running command."""
    return text(language.get(), english, **values)


def retold(english: str) -> str:
    """A sentence that was filled in already, as problems are, in the language of the running command.

    It is found again by its form in `problems.toml`; what has no form there stays English.
    """
    of = language.get()
    if of == "en":
        return english
    for form, pattern in _forms(of):
        met = form.fullmatch(english)
        if met is not None:
            return pattern.format(**met.groupdict())
    return english


@cache
def _forms(of: Language) -> list[tuple[re.Pattern[str], str]]:
    """English form and pattern, those with most words of their own first."""
    texts = tomllib.loads((Path(__file__).parent / of / "problems.toml").read_text(encoding="utf-8"))
    ordered = sorted(texts.items(), key=lambda item: -len(_PLACE.sub("", item[0])))
    return [(re.compile(_form(english), re.DOTALL), pattern) for english, pattern in ordered]


def _form(english: str) -> str:
    words = _PLACE.split(english)
    return "".join(f"(?P<{one}>.+)" if place % 2 else re.escape(one) for place, one in enumerate(words))


def from_environment(environment: Mapping[str, str]) -> Language:
    """The language that LC_ALL, LC_MESSAGES or LANG ask for."""
    wanted = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "zh" if wanted.lower().startswith("zh") else "en"
