"""Hop: article → findings. Pure: the same article and lexicon give the same findings, in the same order."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from chainwatch.models import Article, Measure, PolicyFinding, PolicyStatus, Precision, RoleFinding
from consumers.extractors import docnumbers, policies, policystatus, regions, times
from consumers.extractors.drafts import Draft, Setting
from consumers.extractors.lexicon import Lexicon
from consumers.extractors.measures import find_measures
from consumers.extractors.merge import merge
from consumers.extractors.numerals import plain
from consumers.extractors.ownership import issuer_of
from consumers.extractors.part import Part
from consumers.extractors.policies import PolicyDraft, PolicySetting
from consumers.extractors.regions import Atlas, Place
from consumers.extractors.roles import RoleDraft, find_roles, wide
from consumers.extractors.times import Time
from consumers.extractors.trace import Observer

_PARTNER = re.compile(r"[一-鿿]{0,4}(?:对|与|和|、|在|来)(?:我国|中国|华)")
"""Behind a foreign place that opens a headline about this country."""
OPENING = 600
"""Characters in which an article says what place it is about."""
Found = Measure | PolicyFinding | RoleFinding
_FORESEEN = re.compile(r"预计|预测|预期|料|或[将达超增]|有望|需求")
"""A headline that foresees lends its time to no aim."""
_BEGUN = re.compile(r"[”\"]?(?:开好局|开局|起步|以来)")
"""“十五五”开好局: a plan's first year, no term."""
_LATEST = 100
"""Characters before the place that a report starts with."""
_STARTS = re.compile(r"(?:[^。\n]{0,60}\n)?(?:[^。！？\n]{0,30}[：:]|[^。！？\n]{0,24}[电讯] ?)?")
"""What may stand before the first words of a report: its title and its agency's line."""
_ANSWERS = ("的批复", "的复函", "的函")
"""Ends of documents that decide on another one."""
_VERSION = Measure.model_fields["version"].default


class Node(Protocol):
    """A taxonomy node."""

    @property
    def id(self) -> str:
        """Its id."""


class Names(Protocol):
    """What the extractors ask of the taxonomy."""

    def resolve(self, name: str, at: date | None = None, region: str | None = None) -> Node | None:
        """The node that a name stands for at a day in a region, or None."""


def extract(article: Article, lexicon: Lexicon, taxonomy: Names | None, observe: Observer | None = None) -> list[Found]:
    """All findings, in order of part and place. `observe` is told of every candidate that was refused."""
    published = _day(article)
    title = plain(article.title)
    parts = [
        Part(name, plain(text), lexicon)
        for name, text in article.parts()
        if not (name == "title" and article.title in article.text)
    ]
    document = policies.own_title(article.title, article.text, article.document, lexicon)
    named = policies.find_policies(
        sorted(parts, key=_title_last), PolicySetting(published, article.document, observe), lexicon
    )
    roles = [draft for part in parts for draft in find_roles(part.name, part.text)]
    if not (named or roles or document or any(part.numbers for part in parts)):
        return []
    home = _home(article, title, parts, lexicon)
    deadline = _title_time(title, lexicon, published)
    drafts: list[Draft] = []
    for part in parts:
        taken = [draft.span for draft in named if draft.programme and draft.part == part.name]
        numbers = [q for q in part.numbers if not any(a <= q.start and q.end <= b for a, b in taken)]
        setting = Setting(part.name, published, home, document, deadline, observe)
        drafts += find_measures(part, numbers, setting, lexicon)
    if document:
        named = _own(article, named, lexicon)
    found: list[Found] = [
        _measure(article, draft, lexicon, taxonomy, published, issuer=_whose(article, draft, named, lexicon))
        for draft in merge(drafts)
    ]
    found += [_policy(article, draft, home, lexicon) for draft in named]
    found += [_role(article, draft, home, lexicon, taxonomy) for draft in roles]
    return found


def _day(article: Article) -> date | None:
    """The day of publication; None where it is not known."""
    return article.published.date() if article.published and article.precision is not Precision.UNKNOWN else None


def _title_last(part: Part) -> bool:
    """The body's place of a title is the better one."""
    return part.name == "title"


def _title_time(title: str, lexicon: Lexicon, published: date | None) -> Time | None:
    """The deadline that the headline names: a coming year, or a plan period."""
    if _FORESEEN.search(title):
        return None
    for time in times.scan(title, lexicon.clock, published):
        if _BEGUN.match(title, time.end):
            continue
        if time.year and not time.baseline and (time.relation == "future" or "五" in title[time.start : time.end]):
            return time
    return None


def _home(article: Article, title: str, parts: Sequence[Part], lexicon: Lexicon) -> str | None:
    """The place an article is about, where its sentences do not say.

    The headline's place, else the hint of the source, the issuer of the document, the medium's own place, the place
    that the opening names most; else the nation.
    """
    places = [p for p in regions.scan(title, lexicon.atlas) if p.region]
    inland = [p for p in places if not p.foreign]
    if places and places[0].foreign and places[0].start == 0 and not _PARTNER.match(title, places[0].end):
        return places[0].region
    if inland:
        return inland[0].region
    if article.region:
        return article.region
    if places and title[places[0].start : places[0].end] not in {"全球", "世界"}:
        return places[0].region
    issuer = article.document.issuer if article.document else None
    for name in (issuer, article.source):
        if name and (place := regions.leading(name, lexicon.atlas)):
            return place
    text = next((part for part in parts if part.name == "text"), None)
    opening = [place for place in text.places(0, OPENING) if place.region] if text else []
    told = _most_named(opening) or (_opens(text.text, opening, lexicon.atlas) if text and opening else None)
    return told or regions.NATION


def _most_named(opening: Sequence[Place]) -> str | None:
    """The place that the opening names three times or more, and twice as often as all others together."""
    named = [place.region for place in opening if place.region != regions.NATION]
    if len(opening) - len(named) >= len(named):
        return None
    for region in set(named) if len(named) >= 3 else ():
        if named.count(region) >= 3 and 3 * named.count(region) > 2 * len(named):
            return region
    return None


def _opens(text: str, opening: Sequence[Place], atlas: Atlas) -> str | None:
    """The place that a text starts with, where its opening names no other: a report from one town."""
    inland = [place for place in opening if place.region != regions.NATION]
    if not inland or inland[0].start > _LATEST or not _STARTS.fullmatch(text, 0, inland[0].start):
        return None
    paired = len(inland) > 1 and inland[1].start == inland[0].end
    narrowest = inland[1 if paired else 0].region
    above = {narrowest, atlas.parents.get(narrowest or ""), inland[0].region}
    return narrowest if all(place.region in above for place in inland) else None


def _whose(article: Article, draft: Draft, named: Sequence[PolicyDraft], lexicon: Lexicon) -> str | None:
    """The authority whose aim or promise it is; results are nobody's."""
    told = draft.told
    if told.kind == "actual":
        return None
    if named and named[0].itself:
        return named[0].issuer
    here = [policy for policy in named if policy.part == told.part]
    return issuer_of(article.part(told.part), told.sentence, told.quantity.start, here, lexicon)


def _measure(
    article: Article,
    draft: Draft,
    lexicon: Lexicon,
    taxonomy: Names | None,
    published: date | None,
    *,
    issuer: str | None,
) -> Measure:
    """All fields are right by construction; the tests validate them."""
    told, period = draft.told, draft.told.period
    q, text = told.quantity, article.part(told.part)
    subject = text[draft.subject[0] : draft.subject[1]] if draft.subject else draft.subject_text
    node = taxonomy.resolve(subject, published, draft.region) if taxonomy and subject else None
    fields = {
        "version": _VERSION,
        "part": told.part,
        "quote": text[q.start : q.end],
        "sentence": text[told.sentence[0] : told.sentence[1]],
        "sentence_span": told.sentence,
        "region": draft.region,
        "issuer": issuer,
        "pattern": f"{told.pattern}/1",
        "confidence": lexicon.confidence.of(told.pattern, inherited=draft.inherited > 0),
        "kind": told.kind,
        "subject": subject,
        "subject_span": draft.subject,
        "node": node.id if node else None,
        "metric": draft.metric,
        "metric_text": told.metric_text,
        "comparator": told.comparator,
        "base": told.base,
        "scope": draft.scope,
        "flow": told.flow,
        "value": q.value,
        "value_high": q.high,
        "unit": q.unit,
        "level": q.level,
        "deadline": period if told.kind == "target" else None,
        "as_of": period if told.kind == "actual" else None,
        "per_year": told.per_year,
        "baseline": told.baseline,
        "recap": told.recap,
        "payer": told.payer,
        "beneficiary": told.beneficiary,
        "cap_per_item": told.cap,
        "value_span": (q.start, q.end),
    }
    return Measure.assured(fields)


def _own(article: Article, named: list[PolicyDraft], lexicon: Lexicon) -> list[PolicyDraft]:
    """The article's own document first: its head table is the first witness of number, issuer and date."""
    title = article.title.strip().strip("《》")
    at = article.text.find(title)
    part, start = ("text", at) if at >= 0 else ("title", article.title.find(title))
    head = article.document
    number = head.number if head and head.number else None
    if number is None:
        found = next(docnumbers.find_numbers(article.text[:400]), None)
        number = found.number if found else None
    own = PolicyDraft(
        title, (start, start + len(title)), part, number=number, itself=True, sentence=(start, start + len(title))
    )
    own.issuer = head.issuer if head and head.issuer else policies.leading_issuer(title, lexicon)
    day = (head.written or head.published) if head else None
    own.statuses = [(PolicyStatus.ISSUED, day.isoformat() if day else policies.signed(article.text))]
    if title.endswith(_ANSWERS):
        return [own, *(draft for draft in named if policies.bare_name(draft.title) != policies.bare_name(title))]
    bare = policies.bare_name(title)
    return [own, *(draft for draft in named if policies.bare_name(draft.title) not in bare)]


def _policy(article: Article, draft: PolicyDraft, home: str | None, lexicon: Lexicon) -> PolicyFinding:
    text = article.part(draft.part)
    status, day = policystatus.strongest(draft.statuses)
    pattern = f"policy.{'itself' if draft.itself else 'programme' if draft.programme else 'title'}"
    return PolicyFinding(
        part=draft.part,
        quote=text[draft.span[0] : draft.span[1]],
        sentence=text[draft.sentence[0] : draft.sentence[1]],
        sentence_span=draft.sentence,
        region=draft.region or home,
        issuer=draft.issuer,
        pattern=f"{pattern}/1",
        confidence=lexicon.confidence.of(pattern),
        kind="policy",
        title=text[draft.span[0] : draft.span[1]],
        title_span=draft.span,
        short_title=draft.short,
        programme=draft.programme,
        doc_number=draft.number,
        status=status,
        date=day,
        itself=draft.itself,
    )


def _role(
    article: Article, draft: RoleDraft, home: str | None, lexicon: Lexicon, taxonomy: Names | None
) -> RoleFinding:
    published = _day(article)
    text = article.part(draft.part)
    subject = text[slice(*draft.subject)] if draft.subject else ""
    node = taxonomy.resolve(subject, published, home) if taxonomy and subject and not wide(subject) else None
    return RoleFinding(
        part=draft.part,
        quote=text[slice(*draft.quote)],
        sentence=text[slice(*draft.sentence)],
        sentence_span=draft.sentence,
        region=home,
        pattern=f"{draft.pattern}/1",
        confidence=lexicon.confidence.of(draft.pattern),
        role=draft.role,
        holder=text[slice(*draft.holder)],
        holder_span=draft.holder,
        subject=subject,
        subject_span=draft.subject,
        node=node.id if node else None,
    )
