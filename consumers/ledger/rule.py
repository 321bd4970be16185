"""Keyword rules that hold: told once for a text, whoever reprints it."""

from collections.abc import Sequence

from chainwatch.models import EventKind, Strength, Tag
from chainwatch.models.event import Evidence
from chainwatch.models.tag import owned
from consumers.ledger.desk import Desk
from consumers.ledger.notice import Scene

WORDS = "words/"
"""Prefix of the rule ids of nodes' own word lists: what those tag is no hit of a rule that somebody wrote."""


def tell(desk: Desk, scene: Scene, tags: Sequence[Tag]) -> None:
    """One event for all rules that hit the article, one for each owner of quick drafts that do; none for a reprint."""
    hits = [tag for tag in tags if tag.strength is Strength.ABOUT and not tag.rule.startswith(WORDS)]
    if desk.reprint:
        return
    groups: dict[str | None, list[Tag]] = {}
    for tag in hits:
        mine = owned(tag.node)
        groups.setdefault(mine and mine[0], []).append(tag)
    for owner in sorted(groups, key=lambda name: (name is not None, name)):
        _tell(desk, scene, groups[owner])


def _tell(desk: Desk, scene: Scene, hits: Sequence[Tag]) -> None:
    rules = sorted({tag.rule for tag in hits})
    article = scene.article
    event = scene.event(
        EventKind.RULE_HIT,
        f"article:{article.id}",
        article.title,
        said=("", "\n".join(rules)),
        after={
            "rules": "、".join(rules),
            "topics": "、".join(dict.fromkeys(tag.name for tag in hits)),
            "shown": article.title,
        },
        region=article.region,
    )
    evidence = tuple(dict.fromkeys(_evidence(scene, tag) for tag in hits if tag.hits))
    nodes = tuple(dict.fromkeys(tag.node for tag in hits))
    desk.events.append(event.model_copy(update={"evidence": evidence, "rules": tuple(rules), "nodes": nodes}))


def _evidence(scene: Scene, tag: Tag) -> Evidence:
    """The first place the rule saw, with the line it stands in."""
    hit, article = tag.hits[0], scene.article
    text = article.part(hit.part)
    begin = text.rfind("\n", 0, hit.span[0]) + 1
    end = text.find("\n", hit.span[1])
    return Evidence(
        article=article.id,
        revision=article.content_digest,
        part=hit.part,
        span=hit.span,
        quote=hit.words,
        sentence=text[begin : end if end >= 0 else len(text)],
        url=article.url,
        source=article.source,
        title=article.title,
        published=article.published,
        precision=article.precision,
        raw_digest=article.raw_digest,
        rule=f"{tag.rule}@{tag.rule_version}",
    )
