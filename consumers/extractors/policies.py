"""Documents and programmes of public authorities: one finding for each, however often and shortly it is named."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from chainwatch.models import Document, PolicyStatus
from consumers.extractors import docnumbers, policystatus, programmes, regions, times, titles
from consumers.extractors.nouns import trim
from consumers.extractors.part import Part
from consumers.extractors.sentences import lines
from consumers.extractors.trace import Observer, Refusal

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

Span = tuple[int, int]
_SHORT = re.compile(
    r"^[》”\"]?\s*[（(，,]?\s*(?:以下|下称?|下文)?(?:统|均)?简?称(?:为)?[：:]?\s*[《“\"]?([^》”\"）)，。]{2,20})[》”\"]?"
)
_RULES_OF = re.compile(r"(?:实施条例|实施细则|实施办法|修正案|实施意见|实施方案)")
_NOISE = re.compile(r"[\s“”\"'‘’「」《》〈〉<>（）()、,，·]")
_ADVERBS = re.compile(
    r"(?:近日|日前|昨日|今日|今天|昨天|此前|已经|已|正式|联合|共同|最新|新近|刚刚|相继|陆续|先后|又|再次|更是|第一次|首次|在北京|于|将|发布的|的|了|，)+$"
)
_ISSUE = re.compile(r"(?:联合印发|印发|发布|出台|公布|颁布|下发|推出|签署|通过|制定|审议通过|转发|印送)(?:了|的|《)?$")
_ADDRESSEE = re.compile(r"^各[^。]{4,80}[：:]$")
_SIGNED = re.compile(r"^((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日$")
_MODIFIER = re.compile(
    r"[_”]?(?:推进会|动员会|大会|会议|企业|试点|名单|专项资金|工作|领导小组|建设|项目|产业|实施(?!以来)|培育|提出|明确|要求)"
)
MOST, MOST_PLACES = 400, 40
"""Policies of one article, and places of one policy, that are read; no honest article has more."""
_LISTED = re.compile(
    r"(?:《[^《》]{2,80}》(?:[（(][^）)]{1,20}[）)])?[、和及与]?|“[^“”]{2,18}”[一-鿿]{0,6}(?:工程|行动|计划)[、和及与])$"
)
"""What stands before in a list: another title, or a programme named in quotes."""
_HEAD_LINES = 8
_TRADE = re.compile(r"[一-鿿]{2,12}(?:行业|产业|工业|制造业|服务业)$")
"""工程机械行业“十二五”规划: whose plan it is belongs to the name."""
_OURS = frozenset({"我国", "国内"})
_PERIOD_PLAN = re.compile(r"(十[一二三四五六]五)(?:发展|时期)?(?:规划|规划纲要|纲要)")
"""Says of what plan period only; which plan it is, a longer name tells: 工程机械十二五规划."""


@dataclass(slots=True)
class PolicyDraft:
    """A policy before it becomes a finding."""

    title: str
    span: Span
    part: str
    statuses: list[tuple[PolicyStatus, str | None]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    short: str | None = None
    programme: bool = False
    number: str | None = None
    issuer: str | None = None
    region: str | None = None
    itself: bool = False
    sentence: Span = (0, 0)
    listed: bool = False


@dataclass(frozen=True, slots=True)
class PolicySetting:
    """What the article lends to the policies it names."""

    published: date | None
    document: Document | None
    observe: Observer | None


def find_policies(parts: Iterable[Part], setting: PolicySetting, lexicon: "Lexicon") -> list[PolicyDraft]:
    """Over all parts of an article, in order of first mention."""
    register = _Register(setting, lexicon)
    for part in parts:
        register.part(part.name, part.text)
    return register.drafts


def own_title(title: str, text: str, document: Document | None, lexicon: "Lexicon") -> bool:
    """Whether the article is a policy's own text: its title is one, and its head or foot is that of a document."""
    if titles.is_policy(title.strip("《》 "), lexicon.titles) or "解读" in title or "《" in title.strip("《"):
        return False
    if document is not None and (document.number or document.index):
        return True
    head = [text[start:end].strip() for start, end in _first(text)]
    foot = text[-200:].split("\n")
    return any(docnumbers.normal(line) and len(line) < 40 for line in head) or (
        any(_ADDRESSEE.match(line) for line in head) and any(_SIGNED.match(line.strip()) for line in foot)
    )


def _first(text: str) -> list[Span]:
    found = []
    for span in lines(text[:2000]):
        found.append(span)
        if len(found) == _HEAD_LINES:
            break
    return found


class _Register:
    """Policies of one article by all their names."""

    def __init__(self, setting: PolicySetting, lexicon: "Lexicon") -> None:
        self.setting, self.lexicon = setting, lexicon
        self.drafts: list[PolicyDraft] = []

    def part(self, name: str, text: str) -> None:
        taken: list[Span] = []
        for title in titles.scan(text):
            taken.append((title.start - 1, title.end + 1))
            self._bracketed(name, text, title)
        named = sorted(programmes.scan(text, self.lexicon.titles, self.lexicon.plans), key=lambda p: (p.start, -p.end))
        last = -1
        for programme in named:
            if programme.start < last or any(left <= programme.start < right for left, right in taken):
                continue
            last = programme.end
            self._programme(name, text, programme)

    def _bracketed(self, part: str, text: str, title: titles.Title) -> None:
        reason = titles.is_policy(title.text, self.lexicon.titles)
        if not reason and self.lexicon.titles.never_behind.match(text, title.end + 1):
            reason = "no public document by its name"
        known = self._known(title.text)
        if reason and known is None:
            if self.setting.observe:
                self.setting.observe(Refusal(part, title.start, title.end, "title", reason))
            return
        if known is None and len(title.text) <= 5 and title.text in self.lexicon.titles.generic:
            if self.setting.observe:
                self.setting.observe(
                    Refusal(part, title.start, title.end, "title", "short name of nothing named before")
                )
            return
        if known is None and len(self.drafts) >= MOST:
            return
        draft = known or self._add(PolicyDraft(title.text, (title.start, title.end), part))
        draft.names.add(_bare(title.text))
        self._short_name(draft, text, title.end)
        self._say(draft, text, title.start - 1, title.end + 1)

    def _programme(self, part: str, text: str, programme: programmes.Programme) -> None:
        start = (
            self._with_place(text, programme.start)
            if text[programme.end - 2 : programme.end] in {"规划", "纲要"}
            else programme.start
        )
        programme = programme._replace(start=start)
        title = text[programme.start : programme.end]
        draft = self._known(title) or self._headline(title, part, programme)
        if draft is None and len(self.drafts) >= MOST:
            return
        if draft is None:
            draft = self._add(
                PolicyDraft(
                    title,
                    (programme.start, programme.end),
                    part,
                    programme=True,
                    region=programme.region,
                    listed=programme.listed,
                )
            )
        self._say(draft, text, programme.start, programme.end)

    def _headline(self, title: str, part: str, programme: programmes.Programme) -> PolicyDraft | None:
        """The plan that was named before by nothing but its period; the longer name is the better one."""
        for draft in self.drafts:
            period = _PERIOD_PLAN.fullmatch(_bare(draft.title))
            if period and draft.programme and period[1] in title and _bare(title).endswith("规划"):
                draft.title, draft.span, draft.part = title, (programme.start, programme.end), part
                draft.names.add(_bare(title))
                return draft
        return None

    def _with_place(self, text: str, start: int) -> int:
        """杭州“十四五”规划: the place before belongs to the name."""
        window = max(0, start - 8)
        ends = [
            place
            for place in regions.scan(text[window:start], self.lexicon.atlas)
            if place.region and window + place.end == start and text[window + place.start : start] not in _OURS
        ]
        start = window + ends[-1].start if ends else start
        trade = _TRADE.search(text, max(0, start - 14), start)
        if trade is None:
            return start
        begin, end = trim(text, trade.start(), start, self.lexicon.nouns)
        verbs = [verb.end() for verb in programmes.VERB_INSIDE.finditer(text, begin, end)]
        begin = max([begin, *verbs])
        return begin if end == start and begin < end else start

    def _add(self, draft: PolicyDraft) -> PolicyDraft:
        self.drafts.append(draft)
        draft.names.add(_bare(draft.title))
        return draft

    def _known(self, title: str) -> PolicyDraft | None:
        bare = _bare(title)
        for draft in self.drafts:
            if bare in draft.names or any(_one_in_other(bare, name) for name in draft.names):
                return draft
        period = _PERIOD_PLAN.fullmatch(bare)
        if period:
            same = [draft for draft in self.drafts if period[1] in draft.title and not draft.listed]
            return same[0] if len(same) == 1 else None
        if title in self.lexicon.titles.generic:
            for draft in reversed(self.drafts):
                if titles.bare(draft.title).endswith(title) or (draft.short or "").endswith(title):
                    return draft
        return None

    def _short_name(self, draft: PolicyDraft, text: str, end: int) -> None:
        match = _SHORT.match(text[end : end + 60])
        if match is None:
            tail = text[end : end + 60]
            after_note = re.match(r"》[（(][^（）()]{2,30}[）)]", tail)
            match = _SHORT.match(tail[after_note.end() :]) if after_note else None
        if match:
            draft.short = match[1].strip("《》“”")
            draft.names.add(_bare(draft.short))

    def _say(self, draft: PolicyDraft, text: str, start: int, end: int) -> None:
        """Add what this place says: status, date, number, issuer, region."""
        if len(draft.statuses) >= MOST_PLACES:
            return
        left, right = sentence_around(text, start, end)
        if not draft.sentence[1]:
            draft.sentence = (left, right)
        reach_left, reach_right = _list_edges(text, start, end, left, right)
        status, at = policystatus.read_status(text, reach_left, reach_right, self.lexicon.titles)
        if draft.programme and _MODIFIER.match(text, end):
            status, at = PolicyStatus.MENTIONED, None
        noted = self.lexicon.titles.note.match(text, end) or "征求意见稿" in draft.title or "草案" in draft.title
        if noted and policystatus.ORDER.index(status) <= policystatus.ORDER.index(PolicyStatus.ISSUED):
            status = PolicyStatus.DRAFT
        when = None
        if status is not PolicyStatus.MENTIONED and at is not None:
            found = [
                t
                for t in times.scan(text[left:right], self.lexicon.clock, self.setting.published)
                if not left + t.start > start or left + t.start >= end
            ]
            when = policystatus.date_of(found, at - left, start - left)
        draft.statuses.append((status, when))
        if draft.number is None:
            numbers = [n for n in docnumbers.find_numbers(text[end : end + 40]) if n.start <= 6]
            draft.number = numbers[0].number if numbers else None
        if draft.issuer is None:
            draft.issuer = _issuer(text[max(left, reach_left - 60) : reach_left], self.lexicon)
        if draft.region is None:
            draft.region = self._region(draft, text, left, start)

    def _region(self, draft: PolicyDraft, text: str, left: int, start: int) -> str | None:
        for source in (draft.title, draft.issuer or "", text[left:start]):
            named = [
                p for p in regions.scan(source, self.lexicon.atlas) if p.region and not p.foreign and p.region != "全国"
            ]
            if named:
                return named[0].region if source == draft.title else named[-1].region
        return None


def _one_in_other(a: str, b: str) -> bool:
    """A shorter name of the same document; but a law's 实施条例 is another one."""
    short, long = sorted((a, b), key=len)
    return len(short) >= 5 and short in long and not _RULES_OF.fullmatch(long.removeprefix(short))


def _bare(title: str) -> str:
    return _NOISE.sub("", titles.bare(title))


def sentence_around(text: str, start: int, end: int) -> Span:
    """The sentence that holds a span, at most 300 characters to each side."""
    left = max(text.rfind(mark, max(0, start - 300), start) for mark in "。！？\n") + 1
    ends = [at for at in (text.find(mark, end, end + 300) for mark in "。！？\n") if at >= 0]
    right = min(ends) + (text[min(ends)] != "\n") if ends else min(len(text), end + 300)
    return left, right


def _list_edges(text: str, start: int, end: int, left: int, right: int) -> Span:
    """The edges of the list of titles that this one stands in: what is said of one is said of all."""
    while start > left and (match := _LISTED.search(text, left, start)):
        start = match.start()
    while end < right and (
        match := re.match(r"(?:[（(][^）)]{1,20}[）)])?[、和及与]?《[^《》]{2,80}》", text[end:right])
    ):
        end += match.end()
    while end < right and (
        match := re.match(
            r"[、和及与][一-鿿]{3,14}?(?:法|条例|办法|标准|意见|方案|规划)(?=[、和及与等印发施修出完])", text[end:right]
        )
    ):
        end += match.end()
    return start, end


def _issuer(before: str, lexicon: "Lexicon") -> str | None:
    """The body that stands before 印发 or 发布: 工业和信息化部等八部门."""
    stem = _ISSUE.sub("", before.rstrip("《“"))
    if stem == before.rstrip("《“"):
        return None
    while True:
        shorter = _ADVERBS.sub("", stem)
        last = list(times.scan(shorter[-14:], lexicon.clock, None))
        if last and last[-1].end == len(shorter[-14:]):
            shorter = shorter[: len(shorter) - (last[-1].end - last[-1].start)]
        if shorter == stem:
            break
        stem = shorter
    stem = re.split(r"[，。；：“”（）]|据|由|根据|随着|对|的|起生效", stem)[-1]
    match = lexicon.titles.issuer.search(stem)
    return match[0].lstrip("、和与及") or None if match else None


def bare_name(title: str) -> str:
    """The title without marks, spaces and notes behind it, to compare names."""
    return _bare(title)


def leading_issuer(title: str, lexicon: "Lexicon") -> str | None:
    """The body that a title starts with: 国务院[关于…]."""
    lead = re.match(r"^([一-鿿、 ]{2,40}?)(?:关于|印发|令)", title)
    match = lexicon.titles.issuer.search(lead[1].strip()) if lead else None
    return match[0] if match else None


def signed(text: str) -> str | None:
    """The date under a document's text: 2018年12月21日 on a line of its own."""
    for line in reversed(text[-400:].split("\n")):
        match = _SIGNED.match(line.strip())
        if match:
            return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
    return None
