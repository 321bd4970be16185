"""Document numbers (文号) in every bracket form, normalised: 杭政办函〔2022〕39号."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BRACKETED = re.compile(
    r"([一-鿿]{1,14})[ \u3000]?[〔\[［【（(﹝<〈]?[ \u3000]?((?:19|20)\d{2})[ \u3000]?"
    r"[〕\]］】）)﹞>〉][ \u3000]?(?:第)?[ \u3000]?(\d{1,5})[ \u3000]?号"
)
_ORDER = re.compile(
    r"((?:中华人民共和国)?(?:国务院|主席|[一-鿿]{2,12}?(?:人民政府|部|委员会|"
    r"总局|署|局|政府))令)[ \u3000]?(?:第)?[ \u3000]?([\d一二三四五六七八九十百〇]{1,6})[ \u3000]?号"
)
_LEAD = re.compile(
    r"^(?:.*(?:根据|按照|依据|依照|参照|贯彻|落实|执行|关于|印发|发布|下发|转发|以及|文件|文号|字号|编号|"
    r"规定|废止|通知|意见|办法|以|见|的|和|与|及|由|即|为))"
)


@dataclass(frozen=True, slots=True)
class DocNumber:
    """`text[start:end]` is the number as written; `number` is its normal form."""

    start: int
    end: int
    number: str


def find_numbers(text: str) -> Iterator[DocNumber]:
    """All document numbers, in order; the words before the agency's code are left out."""
    if "号" not in text:
        return
    for match in _BRACKETED.finditer(text):
        lead = _LEAD.match(match[1])
        cut = lead.end() if lead and lead.end() < len(match[1]) else 0
        code = match[1][cut:]
        if len(code) <= 12:
            yield DocNumber(match.start() + cut, match.end(), f"{code}〔{match[2]}〕{int(match[3])}号")
    for match in _ORDER.finditer(text) if "令" in text else ():
        yield DocNumber(match.start(), match.end(), f"{match[1]}第{match[2]}号")


def normal(text: str) -> str | None:
    """The normal form of a text that is one document number, else None."""
    found = next(find_numbers(text.strip()), None)
    return found.number if found else None
