"""Titles in 《》: finds the outermost ones and says which name a document of a public authority."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from chainwatch.models import PolicyStatus
from consumers.extractors.words import Sheet, alternatives

LONGEST = 160
"""Characters of the longest title believed; a mark left open does not swallow the text."""
_MARK = re.compile(r"[《》]")
_YEARS = re.compile(r"(?:19|20)\d{2}(?:[-—–－～~至](?:19|20)\d{2})?年?$")
_TAIL_NOTE = re.compile(r"[（(〔\[][^（）()]{1,24}[）)〕\]]$")


@dataclass(frozen=True, slots=True)
class Titles:
    """Words that make a title a policy's, or not, and what is said of it."""

    tail: re.Pattern[str]
    never: re.Pattern[str]
    never_inside: re.Pattern[str]
    generic: frozenset[str]
    status: Mapping[str, PolicyStatus]
    status_words: re.Pattern[str]
    issuer: re.Pattern[str]
    names: AhoCorasick
    """Laws and programmes by name."""
    named: tuple[tuple[str, str | None], ...]
    """Name and region of each pattern of `names`; a law has no region."""
    law_ends: frozenset[str]
    """The last two characters of every name that ends in 法."""
    other_names: re.Pattern[str]
    """The names that end otherwise."""
    programme_tail: re.Pattern[str]
    programme_never: re.Pattern[str]
    note: re.Pattern[str]
    never_behind: re.Pattern[str]


class Title(NamedTuple):
    """`text[start:end]` is the title without its marks."""

    start: int
    end: int
    text: str


def read_titles(policies: Sheet, issuers: Sheet) -> Titles:
    """From `lexicon/policies.yaml` and `lexicon/issuers.yaml`."""
    status = {word: PolicyStatus(name) for name, words in policies.lists("status").items() for word in words}
    programmes = {name: region for region, names in policies.lists("programmes").items() for name in names}
    laws: dict[str, str | None] = dict.fromkeys(policies.words("laws"))
    named = tuple(sorted({**laws, **programmes}.items()))
    ends = alternatives(issuers.words("ends"))
    refused = "".join(f"(?<!{re.escape(word)})" for word in issuers.words("not_ends"))
    read = Titles(
        re.compile(rf"{alternatives(policies.words('tails'))}$"),
        re.compile(rf"{alternatives(policies.words('never'))}$"),
        re.compile(alternatives([*policies.words("never_inside"), *policies.words("never_issuers")])),
        frozenset(policies.words("generic")),
        status,
        re.compile(alternatives(status)),
        re.compile(
            rf"(?:[^、和与及]{{1,14}}[、和与及])*[^、和与及]{{0,16}}{ends}{refused}"
            r"(?:等(?:\d+|[一二三四五六七八九十]+)?个?(?:部门|部委|单位|部))?$"
        ),
        AhoCorasick(
            [name for name, _ in named], matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA
        ),
        named,
        frozenset(name[-2:] for name, _ in named if name.endswith("法")),
        re.compile(alternatives(name for name, _ in named if not name.endswith("法"))),
        re.compile(rf"{alternatives(policies.words('programme_tails'))}$"),
        re.compile(rf"{alternatives(policies.words('programme_never'))}$"),
        re.compile(alternatives(policies.words("suffixes"))),
        re.compile(alternatives(policies.words("never_behind"))),
    )
    policies.done()
    issuers.done()
    return read


def scan(text: str) -> Iterator[Title]:
    """Outermost 《》 titles of up to LONGEST characters, in order."""
    opened: list[int] = []
    for match in _MARK.finditer(text) if "《" in text else ():
        if match[0] == "《":
            if opened and match.start() - opened[0] > LONGEST:
                opened.clear()
            opened.append(match.end())
        elif opened:
            start = opened.pop()
            if not opened and 1 < match.start() - start <= LONGEST and "\n\n" not in text[start : match.start()]:
                yield Title(start, match.start(), text[start : match.start()])


def bare(title: str) -> str:
    """The title without notes in brackets behind it: （2020—2025年）, （试行）."""
    previous = None
    title = title.strip().rstrip('”"’')
    while previous != title:
        previous, title = title, _YEARS.sub("", _TAIL_NOTE.sub("", title)).rstrip()
    return title


def is_policy(title: str, titles: Titles) -> str:
    """Empty where the title names a public document, else why not."""
    plain = bare(title)
    if titles.never.search(plain) or titles.never_inside.search(plain):
        return "no public document by its name"
    if not titles.tail.search(plain):
        return "no document by its name"
    return ""
