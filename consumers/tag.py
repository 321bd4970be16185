"""Hop: what an article is about, and what it only mentions.

Every word that the automaton finds speaks for its node: fully, weakly or in passing. Words in lists of sectors, of
firms without a chain word beside them, and in sentences that only set a scene are mentions. What is left makes points
by where it stands and how much of the text it fills; see rules/tagging.yaml for the numbers and their reasons.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from chainwatch.matching.automaton import Scan
from chainwatch.matching.rule import Status
from chainwatch.matching.rules import RuleHit, RuleSet
from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.models import Article, Hit, Strength, Tag
from chainwatch.models.tag import RULE, private
from consumers.aboutness import is_digest, points
from consumers.evidence import Evidence, collect
from consumers.passages import Passages

_MOST_HITS = 12
"""Places that a tag shows: the strongest, in reading order."""
_OPENING = 200
"""Characters in which a place must be named for the article to be of that place."""


def tag(article: Article, rules: RuleSet, taxonomy: Taxonomy) -> list[Tag]:
    """Tags in the order of their node ids: from the words of nodes, and from keyword rules that name nodes."""
    scan = rules.scan(article)
    tags = {made.node: made for made in _from_words(scan, rules, taxonomy)}
    for more in (*_of_other_schemes(scan, tags.values(), taxonomy), *_from_rules(scan, rules, taxonomy)):
        before = tags.get(more.node)
        if before is None or (before.strength, more.strength) == (Strength.MENTION, Strength.ABOUT):
            tags[more.node] = more
    return [tags[node] for node in sorted(tags)]


def about(tags: Iterable[Tag]) -> list[Tag]:
    """The tags that decide who gets the article."""
    return [made for made in tags if made.strength is Strength.ABOUT]


def mentions(tags: Iterable[Tag]) -> list[Tag]:
    """The tags of what is named in passing."""
    return [made for made in tags if made.strength is Strength.MENTION]


def _from_words(scan: Scan, rules: RuleSet, taxonomy: Taxonomy) -> Iterator[Tag]:
    vocabulary = rules.vocabulary
    if vocabulary is None:
        return
    title_end = scan.offsets[1] if len(scan.offsets) > 1 else len(scan.text)
    title = scan.text[:title_end]
    passages = Passages(scan.text, title_end, as_digest=is_digest(title, vocabulary.scoring))
    found = collect(scan, passages, rules.senses, vocabulary)
    reached = points(found, passages, title, vocabulary.scoring)
    topics = {node for node, sum_ in reached.items() if sum_ >= vocabulary.scoring.about}
    for node_id, evidence in found.items():
        node = taxonomy.nodes[node_id]
        covered = node.kind == "ecosystem" and any(below in topics for below in taxonomy.descendants(node_id))
        strength = Strength.ABOUT if node_id in topics and not covered else Strength.MENTION
        words = vocabulary.words[node_id]
        yield Tag(
            node=node_id,
            name=node.name,
            strength=strength,
            score=Decimal(reached[node_id]).scaleb(-3),
            rule=words.rule,
            rule_version=words.version,
            rule_set=rules.digest,
            hits=tuple(_shown(evidence, scan)),
            region=scan.article.region,
        )


def _shown(evidence: Evidence, scan: Scan) -> Iterator[Hit]:
    shown = evidence.places
    if len(shown) > _MOST_HITS:
        strongest = sorted(shown, key=lambda place: (-place[0], place[1]))[:_MOST_HITS]
        shown = sorted(strongest, key=lambda place: place[1])
    for _, start, end in shown:
        part, begin, stop = scan.place(start, end)
        yield Hit(part=part, span=(begin, stop), words=scan.raw[start:end])


def _of_other_schemes(scan: Scan, tags: Iterable[Tag], taxonomy: Taxonomy) -> Iterator[Tag]:
    """The same topic under schemes of the places that the article is of: hz9/集成电路 beside hz5/智能物联/集成电路.

    A scheme that does not hold on the day of publication counts where the article names it.
    """
    article = scan.article
    opening = scan.text[: scan.offsets[1] + _OPENING if len(scan.offsets) > 1 else _OPENING]
    around = taxonomy.around(article.region) if article.region else []
    for scheme in taxonomy.schemes():
        if not scheme.precedence or scheme.region is None:
            continue
        if scheme.region not in around and scheme.region not in opening:
            continue
        named = any(name in scan.raw for name in scheme.names)
        at = None if named or article.published is None else article.published.date()
        for made in tags:
            if taxonomy.nodes[made.node].precedence and not made.node.startswith(scheme.id + "/"):
                for mapped in taxonomy.map(made.node, scheme.id, at):
                    yield made.model_copy(update={"node": mapped, "name": taxonomy.nodes[mapped].name})


def _name(node_id: str, hit: RuleHit) -> str:
    """Of a node outside the taxonomy: the user's own topic, or the rule itself."""
    return hit.of.title.get("zh", hit.rule) if node_id.startswith(RULE) else node_id.rsplit("/", 1)[-1]


def _from_rules(scan: Scan, rules: RuleSet, taxonomy: Taxonomy) -> Iterator[Tag]:
    """Keyword rules say themselves when they hold: what they tag, the article is about.

    Drafts say nothing, but for quick ones: these say it to their owner's subscriptions alone.
    """
    for hit in rules.hits_of(scan):
        if hit.status is Status.DRAFT and not hit.quick:
            continue
        for node_id in (*hit.tags, RULE + hit.rule):
            node = taxonomy.nodes.get(node_id)
            yield Tag(
                node=private(hit.owner or "", node_id) if hit.status is Status.DRAFT else node_id,
                name=node.name if node else _name(node_id, hit),
                strength=Strength.ABOUT,
                score=hit.score,
                rule=hit.rule,
                rule_version=hit.version,
                rule_set=rules.digest,
                hits=hit.hits[:_MOST_HITS],
                region=scan.article.region,
            )
