"""What the ledger keeps of a fact: rows of its tables as values, passed between the store and the pure hop.

Rows are named tuples: a changed copy of one costs a tenth of what a dataclass's does, and every claim makes some.

Nothing here carries a time of arrival. Sort keys (`*key`, `lead`, `born`, `since`) are texts that order statements by
publication, precision, witness rank, article and place; `""` sorts first and stands for "none".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from chainwatch.models.event import Event
from chainwatch.models.wire import digest

WINDOW_MS = 30 * 86_400_000
"""Articles published further apart (milliseconds) are no reprints of each other."""
BAND_BITS = 48
SUBJECT_DIGITS = 6
"""Keys of facts, lines and stems begin with so many hex digits of their subject's digest."""
TARGET, ACTUAL, COMMITMENT = "target", "actual", "commitment"


@lru_cache(maxsize=4096)
def subject_digits(subject: str) -> str:
    """What the keys of all that is said of a subject begin with."""
    return digest(subject)[:SUBJECT_DIGITS]


def key_ms(key: str) -> int:
    """Publication in a sort key, Unix milliseconds; 0 where unknown."""
    return int(key[:14]) if key else 0


class Witness(IntEnum):
    """Who says it. A higher one is not overruled by a lower one."""

    MUTE = 0
    """Recaps and bare levels: they may start or restate a fact, never change it."""
    MEDIA = 1
    AUTHORITY = 2
    DOCUMENT = 3


class Fact(NamedTuple):
    """One aim, result or promise: (region, subject, metric, base, scope, flow, unit, when) and what is held of it."""

    key: str
    line: str
    """Key of the fact without its time: aims and results of one line are compared with each other."""
    kind: str
    when: str
    """Deadline of an aim, period of a result: ISO year, month or day; empty where none is stated."""
    ends_ms: int
    """Unix milliseconds at which `when` is over; 0 where it is empty."""
    region: str
    subject: str
    """Name of the node, or normalised name, with its rank words: 省级专精特新."""
    metric: str
    base: str
    scope: str
    flow: str
    unit: str
    per_year: bool
    stem: str
    """Hash of all but the region."""
    value: str = ""
    """Current value: decimal text, `low~high` for a range."""
    comparator: str = ""
    level: bool = False
    rank: int = 0
    since: str = ""
    """Sort key of the statement that made the value current."""
    born: str = ""
    """Sort key of the first statement of all."""
    latest: str = ""
    """Sort key of the last statement of all."""
    firsts: tuple[str, str, str, str] = ("", "", "", "")
    """First sort key by witness rank."""
    values: int = 0
    """How many values were ever stated."""
    statements: int = 0
    """How many (article, value) pairs state it."""
    issuer: str = ""
    """As the earliest statement that names one has it."""
    issuer_key: str = ""
    node: str = ""
    """As the earliest statement that resolves to one has it."""
    node_key: str = ""
    cue: bool = False
    """The first statement says that an aim was moved (提前, 推迟, 调整为)."""
    plan: str = ""
    """Policy that the first statement names or is."""

    def bare(self) -> "Fact":
        """The fact with nothing held of it."""
        return self._replace(**self._field_defaults)


class Value(NamedTuple):
    """One value that was ever stated of a fact."""

    fact: str
    value: str
    leads: tuple[str, str, str, str]
    """First sort key by witness rank, empty where no such witness said it."""
    comparator: str
    level: bool
    born: str
    echo: str
    """`echo_of(fact, value)`."""

    def accepted(self, firsts: tuple[str, str, str, str]) -> str:
        """Sort key at which the value could become current: said before any higher witness spoke; empty if never."""
        best = ""
        for rank, lead in enumerate(self.leads):
            barrier = min((first for first in firsts[rank + 1 :] if first), default="")
            if lead and (not barrier or lead < barrier) and (not best or lead < best):
                best = lead
        return best


def echo_of(fact: Fact, value: str, *, other: bool = False) -> str:
    """What a statement without a region and one with a region of the same fact and value share, but for a mark.

    `other` gives the echo of the counterpart: of those with a region for a fact without one, and the reverse.
    """
    return f"{fact.stem}={value}{'?' if bool(fact.region) is other else ''}"


class Claim(NamedTuple):
    """One article's statement of one value of one fact."""

    article: str
    fact: str
    value: str
    kind: str
    key: str
    rank: int
    comparator: str
    level: bool
    cue: bool
    plan: str
    """Policy card the sentence or the article itself names; empty where none."""
    issuer: str
    node: str
    finding: str
    """Id of the finding that carries the evidence."""
    stated: str
    """Key of the fact as the text says it, before editors' decisions."""
    said: str
    """The value as the text says it."""


class Reading(NamedTuple):
    """The revision of an article that the ledger holds."""

    article: str
    revision: str
    fetched_ms: int
    published_ms: int
    state: str
    title: str
    said: str
    """Digest of everything it claimed: an equal one brings nothing."""


class Card(NamedTuple):
    """One way a policy is named: title, years, region, issuer, number, address. Several cards make one policy."""

    key: str
    bucket: str
    """Normalised title without years, region and tail: where candidates meet."""
    title: str
    """Title as first written."""
    years: str
    region: str
    stated_region: bool
    """The title, issuer or number names the region; else it is the article's."""
    issuer: str
    number: str
    address: str
    """URL or index number of the page that is the document itself; empty for a mention."""
    year: int
    """Year of publication, of the number where there is one; 0 unknown."""
    generic: bool
    """A title that many offices use (工作要点): it needs the issuer too."""
    programme: bool
    apart: str
    """Set by an editor: cards with different marks are never one policy."""
    together: str
    """Set by an editor: cards with one mark are one policy."""
    policy: str
    """Key of the policy: its earliest card."""
    born: str
    steps: tuple[tuple[str, str, str], ...]
    """(status, sort key, stated date or "") of the earliest statement of each status, sorted."""
    mentions: int

    @property
    def marks(self) -> list[tuple[str, str]]:
        """Whatever two cards of one policy may share: (column, value)."""
        named = (("number", self.number), ("address", self.address), ("together", self.together))
        return [("bucket", self.bucket), *((name, value) for name, value in named if value)]


class PolicyClaim(NamedTuple):
    """One article's statement about one policy card."""

    article: str
    card: str
    status: str
    date: str
    key: str
    rank: int
    finding: str


class Policy(NamedTuple):
    """A policy as its cards tell it."""

    key: str
    title: str
    number: str
    issuer: str
    region: str
    status: str
    status_date: str
    since: str
    born: str
    programme: bool
    mentions: int
    history: tuple[tuple[str, str, str], ...]
    """Steps that were applied: (status, sort key, date), in order of life."""
    flags: tuple[tuple[str, str], ...]
    """Impossible steps that were not applied: (status, sort key)."""


class Role(NamedTuple):
    """Who is named for a chain."""

    key: str
    role: str
    holder: str
    subject: str
    node: str
    region: str
    born: str
    statements: int


class RoleClaim(NamedTuple):
    """One article's naming."""

    article: str
    role: str
    key: str
    finding: str


class Signature(NamedTuple):
    """What near-duplicates are found by."""

    article: str
    published_ms: int
    size: int
    """Characters of the text without marks: the fullest one represents its cluster."""
    hashes: bytes
    """MinHash, 128 unsigned 32-bit numbers, little-endian."""
    bands: tuple[int, ...]
    """63 bits each: a count of 30 days of publication, then the hash of a group of three. Texts that share one are
    compared; those of the time before and after are looked up too."""
    figures: str
    """Numbers and dates of the title: never joined where they differ."""
    numbers: str
    """Distinct numbers of the text, separated by spaces."""
    measures: tuple[tuple[str, str], ...]
    """(fact, value) of each number found."""
    cluster: str
    """Least article id of the connected component."""

    @property
    def around(self) -> tuple[int, ...]:
        """The bands of the 30 days before, its own, and those of the 30 days after."""
        return tuple(band + (beside << BAND_BITS) for beside in (-1, 0, 1) for band in self.bands)

    def within(self, cluster: str) -> "Signature":
        """The same, in that cluster."""
        return self._replace(cluster=cluster)


@dataclass(frozen=True, slots=True)
class Redirect:
    """What an editor decided about statements of a fact: they count for another fact, or with another value.

    Merging, splitting and correcting are all this. It is applied each time an article is read.
    """

    edit: int
    """Number of the edit; of several redirects the latest counts, one for an article before one for all."""
    subject: str
    """Fact that the text states, or that an earlier decision led to."""
    article: str
    """Only in this article; empty: in every one."""
    was: str
    """Only where this value is stated; empty: whatever the value."""
    landing: Fact
    """The fact it counts for, with nothing held of it."""
    value: str
    """The value it counts with; empty: as stated."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Keys to load before an article can be compared. `needs | needs` for a batch."""

    articles: tuple[tuple[str, str, int], ...] = ()
    """(article, digest of all it says, fetched in Unix milliseconds)."""
    facts: tuple[tuple[str, str, str], ...] = ()
    """(fact, value, sort key) of each claim, in order of arrival."""
    lines: frozenset[str] = frozenset()
    """Whose aims are needed."""
    aims: frozenset[str] = frozenset()
    """Lines of the aims stated."""
    results: frozenset[str] = frozenset()
    """Lines of the results stated: all their results are needed where they have aims, held or stated."""
    echoes: frozenset[str] = frozenset()
    """Of the counterparts that lack the region a claim has, or have the one it lacks."""
    marks: frozenset[tuple[str, str]] = frozenset()
    """Of policy cards: (column, value)."""
    roles: frozenset[str] = frozenset()
    bands: tuple[int, ...] = ()
    """Of near-duplicate signatures, with those of the times beside the article's."""

    said: tuple[tuple[tuple[str, str], Any], ...] = ()
    """(article, revision) → what it says as `compare` reads it, so that it need not be read twice."""

    def __or__(self, other: "Needs") -> "Needs":
        return Needs.of_batch((self, other))

    @classmethod
    def of_batch(cls, needs: Iterable["Needs"]) -> "Needs":
        """The needs of several articles, in order, as one."""
        each = list(needs)

        def listed(name: str) -> tuple[Any, ...]:
            return tuple(chain.from_iterable(getattr(one, name) for one in each))

        def any_of(name: str) -> frozenset[Any]:
            return frozenset(chain.from_iterable(getattr(one, name) for one in each))

        return cls(
            articles=listed("articles"),
            facts=listed("facts"),
            lines=any_of("lines"),
            aims=any_of("aims"),
            results=any_of("results"),
            echoes=any_of("echoes"),
            marks=any_of("marks"),
            roles=any_of("roles"),
            bands=listed("bands"),
            said=listed("said"),
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What one article does to the ledger, and the events it raises. Rows replace rows of the same key."""

    facts: tuple[Fact, ...] = ()
    values: tuple[Value, ...] = ()
    claims: tuple[Claim, ...] = ()
    cards: tuple[Card, ...] = ()
    policies: tuple[Policy, ...] = ()
    policy_claims: tuple[PolicyClaim, ...] = ()
    roles: tuple[Role, ...] = ()
    role_claims: tuple[RoleClaim, ...] = ()
    readings: tuple[Reading, ...] = ()
    signatures: tuple[Signature, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    """(table, key) of rows that an edit, a revision or a withdrawal ended."""
    emptied: tuple[str, ...] = ()
    """Facts whose values are all replaced by those above."""
    forgotten: tuple[str, ...] = ()
    """Articles whose earlier claims are replaced by those above."""
    joined: tuple[tuple[str, str], ...] = ()
    """(cluster, cluster it became part of)."""
    events: tuple[Event, ...] = ()
    again: tuple[Event, ...] = ()
    """Events told before whose fact gained issuer, region or number: to be routed again, alerting only new readers."""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)

    @classmethod
    def of_batch(cls, changes: Iterable["Changes"]) -> "Changes":
        """The changes of several articles, in order, as one: of rows with one key the last stands, or its end."""
        rows: dict[str, dict[Any, Any]] = {name: {} for name in _KEYS}
        dropped: dict[tuple[str, str], None] = {}
        listed: dict[str, list[Any]] = {name: [] for name in ("emptied", "forgotten", "joined", "events", "again")}
        for one in changes:
            for article in one.forgotten:
                rows["signatures"].pop(article, None)
                for name in ("claims", "policy_claims", "role_claims"):
                    rows[name] = {key: row for key, row in rows[name].items() if row.article != article}
            if one.emptied:
                rows["values"] = {key: row for key, row in rows["values"].items() if row.fact not in one.emptied}
            for table, key in one.dropped:
                rows[table].pop(key, None)
                dropped[table, key] = None
            for name, key_of in _KEYS.items():
                for row in getattr(one, name):
                    rows[name][key_of(row)] = row
                    dropped.pop((name, key_of(row)), None)
            for name, items in listed.items():
                items.extend(getattr(one, name))
        return cls(
            **{name: tuple(found.values()) for name, found in rows.items()},
            **{name: tuple(items) for name, items in listed.items()},
            dropped=tuple(dropped),
        )


_KEYS: dict[str, Callable[[Any], Any]] = {
    "facts": lambda row: row.key,
    "values": lambda row: (row.fact, row.value),
    "claims": lambda row: (row.article, row.stated, row.said),
    "cards": lambda row: row.key,
    "policies": lambda row: row.key,
    "policy_claims": lambda row: (row.article, row.card),
    "roles": lambda row: row.key,
    "role_claims": lambda row: (row.article, row.role),
    "readings": lambda row: row.article,
    "signatures": lambda row: row.article,
}
