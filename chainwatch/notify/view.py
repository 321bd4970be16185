"""View: what a wording may show of a message: strings, listed here; nothing else can be reached from a template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chainwatch.locale import Language, text
from chainwatch.models import SHANGHAI, Event, Evidence, Message, Precision
from chainwatch.models.tag import owned
from chainwatch.notify import inert

KINDS: dict[str, str] = {
    "target.new": "First seen",
    "target.raised": "Target raised",
    "target.lowered": "Target lowered",
    "target.advanced": "Target brought forward",
    "target.postponed": "Target postponed",
    "target.restated": "Target restated",
    "target.progress": "Progress",
    "target.met": "Target met",
    "target.lagging": "Target lagging",
    "policy.new": "First seen",
    "policy.status": "Policy moved on",
    "policy.seen": "Policy mentioned",
    "policy.repealed": "Policy repealed",
    "commitment.new": "First seen",
    "commitment.changed": "Commitment changed",
    "role.named": "Named",
    "rule.hit": "Rule hit",
    "article.revised": "Article revised",
    "article.withdrawn": "Article withdrawn",
    "fact.corrected": "Correction",
    "source.silent": "Source silent",
    "source.broken": "Source broken",
    "source.recovered": "Source recovered",
    "channel.failing": "Channel failing",
    "channel.recovered": "Channel recovered",
}
"""Kind → its label; the Chinese stands in locale/zh/delivery.toml."""
LONGEST_SENTENCE = 2_000
"""Characters of an evidence sentence that are shown."""


@dataclass(frozen=True, slots=True)
class Item:
    """One event as a wording sees it. All fields are text; an empty one has nothing to say."""

    id: str
    kind: str
    label: str
    """First seen"""
    title: str
    before: str
    after: str
    """超1万亿元, 2025"""
    counts: str
    """What the figure counts (口径): metric, scope, denominator."""
    region: str
    issuer: str
    sentence: str
    article: str
    """Title of the article."""
    source: str
    published: str
    link: str
    rule: str
    nodes: str
    first: str
    """Id of the message that this one corrects."""
    why: str
    """Reasons for it, by subscription."""
    more: str
    """Other articles that say the same."""


@dataclass(frozen=True, slots=True)
class Section:
    """Events of one chain, under its ecosystem."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What a wording gets."""

    id: str
    digest: bool
    note: str
    """Why this is a digest, or what was held back; empty for an ordinary message."""
    count: str
    sections: tuple[Section, ...]


def view(
    message: Message,
    events: Sequence[Event],
    *,
    names: Mapping[str, str],
    first: Mapping[str, str],
    note: str = "",
) -> View:
    """Put a message into words.

    Args:
        message: with its reasons.
        events: those of the reasons, in order.
        names: subscription id → its name.
        first: event id → id of the message that it corrects.
        note: English text (a catalogue key) to stand on top.
    """
    sections: dict[str, list[Item]] = {}
    for event in events:
        reasons = [one for one in message.reasons if one.event == event.id]
        because = "; ".join(
            dict.fromkeys(
                f"{names.get(one.subscription, one.subscription)}: {_why(one.because, message.language)}"
                for one in reasons
            )
        )
        item = _item(event, message.language, because, first.get(event.id, ""))
        sections.setdefault(_section(event, message.language) if message.digest else "", []).append(item)
    ordered = sorted(sections.items(), key=lambda section: (section[0] == _other(message.language), section[0]))
    return View(
        id=message.id,
        digest=message.digest,
        note=note,
        count=str(len(events)),
        sections=tuple(Section(title, tuple(items)) for title, items in ordered),
    )


def headline(message: Message, events: Sequence[Event], shown: View) -> str:
    """The title of a message: the event's, or how many a digest holds."""
    language = message.language
    if not events:
        return text(language, "chainwatch: channel check")
    if message.digest or len(events) > 1:
        first = shown.sections[0].items[0]
        return text(language, "{count} items: {first} …", count=len(events), first=f"{first.label} {first.title}")
    item = shown.sections[0].items[0]
    return " ".join(part for part in (mark(item.label, language) + item.title, item.after) if part)


def mark(label: str, language: Language) -> str:
    """【首见】 in Chinese, [First seen] in English."""
    return f"【{label}】" if language == "zh" else f"[{label}] "


def _item(event: Event, language: Language, why: str, first: str) -> Item:
    evidence = event.evidence[0] if event.evidence else None
    return Item(
        id=event.id,
        kind=event.kind.value,
        label=text(language, KINDS[event.kind.value]),
        title=event.title,
        before=_state(event.before, language) if event.before else "",
        after=_state(event.after, language),
        counts=_counts(event.after, language),
        region=event.region or "",
        issuer="、".join(event.issuers),
        sentence=_shortened(evidence.sentence) if evidence else event.after.get("note", ""),
        article=evidence.title if evidence else "",
        source=(evidence.source or "") if evidence else (event.source or ""),
        published=_published(evidence, language) if evidence else "",
        link=inert.link(evidence.url) or "" if evidence else "",
        rule=evidence.rule if evidence else "、".join(event.rules),
        nodes="、".join(_node(node) for node in _shown(event)),
        first=first,
        why=why,
        more=str(len(event.evidence) - 1) if len(event.evidence) > 1 else "",
    )


def _state(values: Mapping[str, str], language: Language) -> str:
    """超1万亿元, 2025; for a policy its status and date."""
    status = values.get("status", "")
    number = "" if status else values.get("shown") or " ".join(filter(None, (values.get("value"), values.get("unit"))))
    when = values.get("deadline") or values.get("as_of") or values.get("date") or ""
    until = text(language, "by {when}", when=when) if values.get("deadline") else when
    holder = values.get("holder", "")
    return ", ".join(part for part in (holder, number, text(language, status) if status else "", until) if part)


def _counts(values: Mapping[str, str], language: Language) -> str:
    """What the figure counts (口径): 核心 规模."""
    base = values.get("base", "")
    parts = [
        values.get("scope", ""),
        values.get("metric", ""),
        text(language, "relative to {base}", base=base) if base else "",
    ]
    return " ".join(part for part in parts if part)


_PRECISION = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10, Precision.MINUTE: 16}


def _published(evidence: Evidence, language: Language) -> str:
    """As exactly as it is known: 2022-11-17 09:30, 2022-11."""
    if evidence.published is None or evidence.precision is Precision.UNKNOWN:
        return text(language, "time unknown")
    local: datetime = evidence.published.astimezone(SHANGHAI)
    return local.strftime("%Y-%m-%d %H:%M")[: _PRECISION[evidence.precision]]


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST_SENTENCE else sentence[:LONGEST_SENTENCE] + "……"


def _node(node: str) -> str:
    return " › ".join(node.split("/")[1:]) or node


def _why(because: str, language: Language) -> str:
    """A reason in the reader's words: 节点 智能物联, 地区 杭州, 首见."""
    words: list[str] = []
    for part in because.split("; "):
        name, _, value = part.partition(" ")
        if part in KINDS:
            words.append(text(language, KINDS[part]))
        elif name == "node":
            nodes = "、".join(_node(one.removeprefix("=")) for one in value.split("、"))
            words.append(f"{text(language, name)} {nodes}")
        else:
            words.append(f"{text(language, name)} {value}" if value else part)
    return ", ".join(words)


def _section(event: Event, language: Language) -> str:
    nodes = _shown(event)
    return _node(min(nodes, key=lambda node: (-node.count("/"), node))) if nodes else _other(language)


def _shown(event: Event) -> list[str]:
    """The nodes that everybody may see; of an owner's draft, which goes to nobody else, its own."""
    drafts = {node: mine[1] for node in event.nodes if (mine := owned(node)) is not None}
    return [node for node in event.nodes if node not in drafts] or list(drafts.values())


def _other(language: Language) -> str:
    return text(language, "Other")
