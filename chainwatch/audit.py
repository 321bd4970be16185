"""The audit of the journal: is the chain whole, and does it still lead to a head that somebody kept elsewhere?

Finds any changed, removed, inserted or reordered entry by recomputing every hash. A tail that was cut off, or a chain
rebuilt from some entry on, is found only against a head (seq and hash) kept outside the store.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import orjson

from chainwatch.problem import Problem
from chainwatch.store import journal
from chainwatch.store.database import Database
from chainwatch.store.journal import GENESIS, Entry, entry_hash

PAGE = 5_000
"""Entries read in one short transaction."""


@dataclass(frozen=True, slots=True)
class Head:
    """An entry to hold the chain to; written `seq:hash`."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, given: str) -> "Head":
        """Read `seq:hash`. Raises Problem."""
        seq, _, hash_ = given.partition(":")
        if not seq.isdecimal() or len(hash_) != 64:
            raise Problem(f"no head: {given}", place="--head", cure="seq:hash, as chainwatch audit head prints it")
        return cls(int(seq), hash_)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the audit found. `fault` None: the chain is whole, `entries` long, and `head` is its last entry."""

    entries: int
    head: Head | None
    seq: int | None = None
    """The first bad entry, or where one is missing."""
    fault: str | None = None


def verify(entries: Iterable[Entry], kept: Head | None = None) -> Verdict:
    """Check a chain from its first entry, and against a head kept elsewhere."""
    seq, previous, met = 0, GENESIS, kept is None
    for entry in entries:
        fault = _fault(entry, seq + 1, previous)
        if fault is None and kept is not None and entry.seq == kept.seq:
            met = entry.hash == kept.hash
            fault = None if met else "the chain was rebuilt: its hash here is not the one of the kept head"
        if fault is not None:
            return Verdict(seq, Head(seq, previous) if seq else None, entry.seq, fault)
        seq, previous = entry.seq, entry.hash
    head = Head(seq, previous) if seq else None
    if not met and kept is not None:
        return Verdict(seq, head, seq + 1, f"the chain ends before the kept head {kept.seq}: its tail was cut off")
    return Verdict(seq, head)


def _fault(entry: Entry, expected: int, previous: str) -> str | None:
    if entry.seq != expected:
        return f"entry {expected} is missing: {entry.seq} follows {expected - 1}"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    if entry.hash != entry_hash(entry.previous, entry.seq, entry.at_ms, entry.kind, entry.body):
        return "its content does not have its hash"
    return None


def stored(database: Database) -> Iterator[Entry]:
    """Every entry of the journal, page by page."""
    seq = 0
    while True:
        with database.read() as connection:
            page = journal.after(connection, seq, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        seq = page[-1].seq


def to_line(entry: Entry) -> bytes:
    """One entry as a line of an export."""
    return orjson.dumps(asdict(entry), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def exported(lines: Iterable[bytes], place: str) -> Iterator[Entry]:
    """The entries of an export. Raises Problem for a line that is none."""
    for number, line in enumerate(lines, 1):
        try:
            yield Entry(**orjson.loads(line))
        except (ValueError, TypeError) as error:
            cure = "the file is no export of chainwatch audit export"
            raise Problem("no journal entry", place=f"{place}:{number}", cure=cure) from error
