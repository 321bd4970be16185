"""Makes events: what they say, with their evidence. Whether there is one is decided elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainwatch.models import (
    Article,
    Event,
    EventKind,
    Evidence,
    Measure,
    PolicyFinding,
    RoleFinding,
    Strength,
    Tag,
    event_id,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """The article that events come from, with what is the same in all of them."""

    article: Article
    nodes: tuple[str, ...]
    rules: tuple[str, ...]
    firms: tuple[str, ...]
    silent: bool

    @classmethod
    def of(cls, article: Article, tags: Sequence[Tag], findings: Sequence[object], *, silent: bool) -> "Scene":
        """The scene of an article: the nodes it is about, the rules that hit it, the firms it names as leaders."""
        about = [tag for tag in tags if tag.strength is Strength.ABOUT]
        leaders = (f.holder for f in findings if isinstance(f, RoleFinding) and f.role == "leader_firm")
        return cls(
            article,
            tuple(dict.fromkeys(tag.node for tag in about)),
            tuple(sorted({tag.rule for tag in tags})),
            tuple(sorted(set(leaders))),
            silent,
        )

    def evidence(self, finding: Measure | PolicyFinding | RoleFinding) -> Evidence:
        """Where the article says it."""
        match finding:
            case Measure():
                span = finding.value_span
            case PolicyFinding():
                span = finding.title_span
            case RoleFinding():
                span = finding.holder_span
        article = self.article
        return Evidence(
            article=article.id,
            revision=article.content_digest,
            part=finding.part,
            span=span,
            quote=finding.quote,
            sentence=finding.sentence,
            url=article.url,
            source=article.source,
            title=article.title,
            published=article.published,
            precision=article.precision,
            raw_digest=article.raw_digest,
            rule=finding.pattern,
        )

    def event(
        self,
        kind: EventKind,
        subject: str,
        title: str,
        *,
        said: tuple[str, str],
        after: Mapping[str, str],
        before: Mapping[str, str] | None = None,
        finding: Measure | PolicyFinding | RoleFinding | None = None,
        node: str | None = None,
        region: str | None = None,
        issuers: Sequence[str] = (),
        firms: Sequence[str] = (),
    ) -> Event:
        """An event of this article. `said` is the statement before and the one after: with kind and subject, its id."""
        return Event(
            id=event_id(kind, subject, *said),
            kind=kind,
            subject=subject,
            title=title,
            nodes=tuple(dict.fromkeys(([node] if node else []) + list(self.nodes))),
            region=region or None,
            before=dict(before) if before is not None else None,
            after=dict(after),
            evidence=(self.evidence(finding),) if finding is not None else (),
            rules=self.rules,
            firms=tuple(dict.fromkeys((*firms, *self.firms))),
            issuers=tuple(issuer for issuer in issuers if issuer),
            source=self.article.site or self.article.source,
            silent=self.silent,
        )
