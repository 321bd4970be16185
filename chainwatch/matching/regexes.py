"""Regexes of rules: checked by RE2, and read just far enough to find literals that every match contains.

The reading is sound rather than complete: where a construct is not understood, nothing is claimed of it.
"""

from dataclasses import dataclass

import re2

from chainwatch.matching.evaluate import compiled
from chainwatch.matching.folding import fold
from chainwatch.problem import Problem

LONGEST = 2_000
"""Characters a pattern may have."""
_SHORTEST = 2
"""Characters a literal needs to be worth waking a rule for."""
_DEEPEST = 50
"""Brackets that the reader follows."""
_MOST = 200
"""Literals one of which must occur."""


def check_regex(regex: str, place: str) -> None:
    """Raises Problem where RE2 refuses the pattern, or where it matches the empty text."""
    if len(regex) > LONGEST:
        raise Problem(f"a regex of {len(regex):,} characters; {LONGEST:,} are allowed", place=place, cure="shorten it")
    try:
        pattern = compiled(regex)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        cure = "RE2 knows no look-around, back references or counts above 1000; write it without"
        raise Problem(f"regex refused: {reason}", place=place, cure=cure) from error
    if pattern.fullmatch("") is not None:
        raise Problem("regex matches the empty text", place=place, cure="write + for *, or remove a ?")


def required_literals(regex: str) -> tuple[str, ...]:
    """Folded literals one of which stands in everything the pattern matches; empty where none is sure."""
    try:
        reader = _Reader(regex)
        found = reader.alternatives().best
        if reader.at != len(regex):
            return ()
    except _Unknown:
        return ()
    return tuple(sorted(found)) if found and all(len(literal) >= _SHORTEST for literal in found) else ()


class _Unknown(Exception):  # noqa: N818  never leaves this module
    """A construct that this reader does not know."""


@dataclass(frozen=True, slots=True)
class _Known:
    """`exact`: the only text matched. `best`: literals one of which must occur; empty: nothing known."""

    exact: str | None
    best: frozenset[str] = frozenset()


_NOTHING = _Known(None)


class _Reader:
    """Recursive descent over RE2's syntax."""

    def __init__(self, regex: str) -> None:
        self.regex, self.at, self.depth = regex, 0, 0

    def alternatives(self) -> _Known:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unknown
        options = [self.sequence()]
        while self._peek() == "|":
            self.at += 1
            options.append(self.sequence())
        self.depth -= 1
        if len(options) == 1:
            return options[0]
        if any(not option.best for option in options):
            return _NOTHING
        joined = frozenset().union(*(option.best for option in options))
        return _Known(None, joined if len(joined) <= _MOST else frozenset())

    def sequence(self) -> _Known:
        run, runs, exact = "", [frozenset[str]()], True
        while self._peek() not in {"", "|", ")"}:
            item = self.repeated()
            if item.exact is not None:
                run += item.exact
                continue
            runs += [frozenset((fold(run),)) if run else frozenset(), item.best]
            run, exact = "", False
        runs.append(frozenset((fold(run),)) if run else frozenset())
        return _Known(run if exact else None, max(runs, key=_worth))

    def repeated(self) -> _Known:
        item = self.atom()
        sign = self._peek()
        if sign not in {"*", "+", "?", "{"}:
            return item
        least = 0 if sign in {"*", "?"} else 1
        self.at += 1
        if sign == "{":
            least = self._count()
        if self._peek() in {"?", "+"}:
            self.at += 1
        return _Known(None, item.best) if least else _NOTHING

    def _count(self) -> int:
        end = self.regex.find("}", self.at)
        low = self.regex[self.at : end].split(",")[0]
        if end < 0 or not low.isdigit():
            raise _Unknown
        self.at = end + 1
        return int(low)

    def atom(self) -> _Known:
        sign = self.regex[self.at]
        self.at += 1
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == "\\":
            return self._escape()
        if sign in ".^$":
            return _NOTHING
        if sign in "*+?":
            raise _Unknown
        return _Known(sign, frozenset((fold(sign),)))

    def _group(self) -> _Known:
        if self._peek() == "?":
            head = self.regex[self.at : self.at + 2]
            if head != "?:":
                return self._flags_or_name()
            self.at += 2
        inner = self.alternatives()
        self._close()
        return inner

    def _flags_or_name(self) -> _Known:
        named = self.regex.startswith(("?P<", "?<"), self.at)
        end = self.regex.find(">" if named else ")", self.at)
        if end < 0:
            raise _Unknown
        flags = self.regex[self.at + 1 : end]
        self.at = end + 1
        if named:
            inner = self.alternatives()
            self._close()
            return inner
        if not set(flags) <= set("imsU-"):
            raise _Unknown
        return _NOTHING

    def _close(self) -> None:
        if self._peek() != ")":
            raise _Unknown
        self.at += 1

    def _class(self) -> _Known:
        if self._peek() == "^":
            self.at += 1
        if self._peek() == "]":
            self.at += 1
        while (sign := self._peek()) != "]":
            if sign == "":
                raise _Unknown
            if self.regex.startswith("[:", self.at):
                self.at = self.regex.find(":]", self.at) + 2
                if self.at < 2:
                    raise _Unknown
                continue
            self.at += 2 if sign == "\\" else 1
        self.at += 1
        return _NOTHING

    def _escape(self) -> _Known:
        sign = self._peek()
        self.at += 1
        if sign in {"p", "P"}:
            self.at = self.regex.find("}", self.at) + 1 if self._peek() == "{" else self.at + 1
            if self.at == 0:
                raise _Unknown
            return _NOTHING
        if sign in set("dDsSwWbBAz"):
            return _NOTHING
        if sign == "" or sign.isalnum():
            raise _Unknown
        return _Known(sign, frozenset((fold(sign),)))

    def _peek(self) -> str:
        return self.regex[self.at : self.at + 1]


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    """Longer and fewer is better; nothing is worst."""
    return (min(map(len, literals), default=0), -len(literals))
