"""What the pure hops say of one article."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chainwatch.models import Article, Finding, Tag
from chainwatch.models.finding import finding_id_of
from chainwatch.models.ledger import Needs


@dataclass(frozen=True, slots=True)
class Reading:
    """Tags as the tagger gave them, findings in the order of the text, and both as the store keeps them.

    Made by `of`, in the process that read the article, so that the runner need not write everything as JSON itself.
    """

    tags: tuple[Tag, ...] = ()
    findings: tuple[Finding, ...] = ()
    needs: Needs = field(default_factory=Needs)
    """Keys of what the ledger must load before the article can be compared."""
    tag_bodies: tuple[str, ...] = ()
    finding_bodies: tuple[tuple[str, str], ...] = ()
    """(id, JSON) of each finding."""

    @classmethod
    def of(cls, article: Article, tags: Sequence[Tag], findings: Sequence[Finding], needs: Needs) -> "Reading":
        """The reading of one revision of an article."""
        bodies = [finding.to_json() for finding in findings]
        return cls(
            tuple(tags),
            tuple(findings),
            needs,
            tuple(tag.to_json().decode() for tag in tags),
            tuple((finding_id_of(article.id, article.content_digest, body), body.decode()) for body in bodies),
        )


NOTHING = Reading()

Read = Callable[[Article], Reading]
"""The pure hops of one rule bundle. Same article, same result."""
