"""Whose aim or promise a number is: the authority that its sentence names, or that issued the document it quotes."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from consumers.extractors.policies import PolicyDraft

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

Span = tuple[int, int]
_SAYS = re.compile(
    r"(?:近日|日前|昨日|今日|今天|昨天|此前|最新|联合|共同|正式|已|将|（[^（）]{1,12}）|的?(?:有关|相关)?(?:负责人|发言人))*"
    r"(?:提出|明确|要求|宣布|印发|发布|出台|公布|表示|介绍|透露|部署|计划|安排|下达|预拨|拨付|了解到|获悉|召开|制定)"
)
_QUOTES = re.compile(r"《|方案|意见|规划|计划|纲要|通知|办法|措施|文件|政策")
_EDGE = re.compile(
    r"[，。；：“”（）《》\s]|从|据|由|根据|按照|记者|随着|对|距离|其中|争取|达到|批准|会上|今年|月份|目前"
)
LONGEST = 40
"""Characters before the verb in which an authority's name is looked for."""


def issuer_of(text: str, sentence: Span, at: int, named: Sequence[PolicyDraft], lexicon: "Lexicon") -> str | None:
    """As written, or None. `at` is where the number stands; `named` are the policies of the same part."""
    start = sentence[0]
    for verb in _SAYS.finditer(text, start, at):
        words = _EDGE.split(text[max(start, verb.start() - LONGEST) : verb.start()])[-1]
        found = lexicon.titles.issuer.search(words)
        if found:
            return found[0].lstrip("、和与及在") or None
    before = [draft for draft in named if draft.issuer and draft.span[0] < at]
    if not before:
        return None
    last = max(before, key=lambda draft: draft.span[0])
    if sentence[0] <= last.span[0] or _QUOTES.search(text, start, at):
        return last.issuer
    return None
