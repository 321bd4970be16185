"""The quick form of a rule, one line: `储能 +补贴 !招聘 /千亿级?/` (any, must, must not, regex)."""

import re

from chainwatch.matching.folding import fold
from chainwatch.problem import Problem

_SIGNS = "+!＋！ "
_TOKEN = re.compile(
    r'(?P<sign>[+!＋！])?(?:"(?P<phrase>[^"]*)"|/(?P<regex>(?:[^/\\\s]|\\.)+)/(?=\s|$)|(?P<word>[^\s"]+))'
)


def parse_quick(line: str, place: str) -> dict[str, list[str]]:
    """Blocks of a `match`: any, all, none, regex; only those that the line uses. Raises Problem."""
    blocks: dict[str, list[str]] = {}
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        token = _TOKEN.match(line, at)
        if token is None:
            what = f"quick form: cannot read {line[at : at + 10]!r} at character {at + 1}"
            raise Problem(what, place=place, cure='write: word +must !never /regex/ "two words"')
        at = token.end()
        _add(blocks, token, place)
    if not blocks.keys() & {"any", "all", "regex"}:
        raise Problem("quick form: no word that must occur", place=place, cure="add a word without ! before it")
    return blocks


def _add(blocks: dict[str, list[str]], token: re.Match[str], place: str) -> None:
    sign = {"": "any", "+": "all", "!": "none"}[fold(token["sign"] or "")]
    if token["regex"]:
        if sign != "any":
            cure = "use match: with regex:, or a query, for that"
            raise Problem("quick form: a /regex/ takes no + or !", place=place, cure=cure)
        blocks.setdefault("regex", []).append(token["regex"])
        return
    text = token["phrase"] if token["phrase"] is not None else token["word"]
    if not text.strip(_SIGNS):
        raise Problem("quick form: a sign without a word", place=place, cure="write the word behind the sign")
    blocks.setdefault(sign, []).append(text.strip())
