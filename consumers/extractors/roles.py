"""Who is named for a chain: chain chiefs (链长), task forces (专班), leader firms (链主)."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from consumers.extractors.policies import sentence_around

Span = tuple[int, int]
MOST = 300
"""Places looked at in one part; no article names more."""
Role = Literal["chain_chief", "task_force", "leader_firm"]

_ANY = re.compile("链长|专班|链主")
_CHAIN = r"[一-鿿（）、A-Za-z0-9]{2,24}?(?:产业生态圈|生态圈|产业集群|产业链|产业|领域|行业|链)"
_HOLDER = r"[一-鿿A-Za-z·（）]{2,24}?"
_Q = "[“\"‘']?"
_E = "[”\"’']?"
_PATTERNS: tuple[tuple[Role, str, re.Pattern[str]], ...] = (
    (
        "chain_chief",
        "serves",
        re.compile(rf"(?P<holder>{_HOLDER})(?:分别)?(?:担任|兼任|出任|任)(?P<subject>{_CHAIN})?的?{_Q}(?:总|副)?链长{_E}(?!制)"),
    ),
    (
        "chain_chief",
        "by",
        re.compile(rf"(?P<subject>{_CHAIN})的?{_Q}(?:总|副)?链长{_E}[，,]?(?:均|分别)?由(?P<holder>{_HOLDER})(?:分别)?(?:担任|兼任|出任)"),
    ),
    (
        "chain_chief",
        "title",
        re.compile(rf"(?P<subject>[一-鿿]{{2,12}}?(?:产业链|生态圈|产业|链)){_Q}(?:总|副)?链长{_E}(?!制|由|，|。|、|的|负责|会议|工作)(?P<holder>[一-鿿]{{2,4}})(?=[，。、表在说指介主调])"),
    ),
    (
        "leader_firm",
        "is",
        re.compile(
            rf"(?P<holder>{_HOLDER})(?:[，,]?(?:是|为|作为|成为|获评|入选|被认定为|被确定为|获批|担任|当选))(?:了)?(?:全省|全市|省级|市级|浙江省|杭州市|[一-鿿]{{2,3}}[省市])?"
            rf"(?P<subject>{_CHAIN})?(?:上|中)?的?(?:一家|首批|第[一二三四]批|一个)?{_Q}链主{_E}(?:型)?(?:企业|工厂|单位|地位)?"
        ),
    ),
    (
        "leader_firm",
        "named",
        re.compile(rf"(?:(?P<subject>{_CHAIN})的?)?{_Q}链主{_E}(?:型)?企业(?:[：:]|——|—)?(?P<holder>[一-鿿A-Za-z]{{2,16}}?(?:集团|公司|股份|科技|电子|汽车|药业|生物|实业|控股|重工|技术))"),
    ),
    (
        "leader_firm",
        "led",
        re.compile(rf"(?:以|由)(?P<holder>{_HOLDER})(?:等)?(?:为|作为|担任)(?:(?P<subject>{_CHAIN})的?)?{_Q}链主{_E}"),
    ),
    (
        "task_force",
        "set-up",
        re.compile(r"(?:成立|组建|设立|建立)了?(?:由[^，。]{2,20}?牵头的)?(?P<holder>(?P<subject>[一-鿿、“”（）]{2,24}?)(?:工作|推进)?专班)"),
    ),
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:(?:近日|目前|其中|此外|据悉|同时|并|而|且|由|以|如|例如|包括|和|与|及|等|位于|作为|是|的|将|已|还|都|均|又|也|分别|明确|要求|提出|实行|实施|全面推行|推行|今年|去年|\d+年|\d+月|\d+日)+)"
)
_NO_HOLDER = re.compile(
    r"^(?:一批|多家|数家|若干|这些|它们|企业|更多|我们|大家|他们|各级|首批|培育|打造|引进|支持|鼓励|推动|发挥|谁|什么|[一二三四五六七八九十两\d]+[家个位名])"
)
_WIDE = re.compile(
    r"^(?:产业链|产业|行业|领域|全|各|各个|相关|所在|重点|标志性|工作|推进|专项|专门|建设)+(?:产业链|产业|生态圈|链)?$"
)


class RoleDraft(NamedTuple):
    """A role before it becomes a finding. Spans are into the part's text."""

    part: str
    role: Role
    pattern: str
    holder: Span
    subject: Span | None
    sentence: Span
    quote: Span


def find_roles(part: str, text: str) -> Iterator[RoleDraft]:
    """All roles that a part names, in order, each (role, holder, subject) once."""
    seen: set[tuple[str, str, str]] = set()
    done = 0
    for match in islice(_ANY.finditer(text), MOST):
        if match.start() < done:
            continue
        left, right = sentence_around(text, match.start(), match.end())
        done = right
        for draft in sorted(_in_sentence(part, text, left, right), key=lambda draft: draft.quote):
            subject = text[slice(*draft.subject)] if draft.subject else ""
            key = (draft.role, text[slice(*draft.holder)], subject)
            if key not in seen:
                seen.add(key)
                yield draft


def _in_sentence(part: str, text: str, left: int, right: int) -> Iterator[RoleDraft]:
    taken: list[Span] = []
    for role, name, pattern in _PATTERNS:
        for match in pattern.finditer(text, left, right):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            holder = _trim(text, *match.span("holder"))
            subject = _trim(text, *match.span("subject")) if match["subject"] else None
            named = text[slice(*holder)]
            if (
                holder[1] - holder[0] < 2
                or _NO_HOLDER.match(named)
                or (role == "task_force" and (subject is None or wide(text[slice(*subject)])))
            ):
                continue
            if subject is not None and (subject[1] - subject[0] < 2):
                subject = None
            taken.append(match.span())
            yield RoleDraft(
                part, role, f"role.{name}", holder, subject, (left, right), (holder[0], max(match.end(), holder[1]))
            )


def _trim(text: str, start: int, end: int) -> Span:
    lead = _LEAD.match(text[start:end])
    start += lead.end() if lead else 0
    while start < end and text[start] in "，,、“”":
        start += 1
    return start, end


def wide(subject: str) -> bool:
    """Whether a subject names no chain of its own: 产业链, 各产业链."""
    return bool(_WIDE.match(subject))
