"""Who is named for a chain: chief, task force, leader firm. The first naming is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from chainwatch.models import Article, EventKind, RoleFinding, finding_id
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import Role, RoleClaim, Witness
from consumers.ledger import key as keys
from consumers.ledger.desk import Desk
from consumers.ledger.notice import Scene

TITLES = {"chain_chief": "链长", "task_force": "专班", "leader_firm": "链主"}


@dataclass(frozen=True, slots=True)
class Named:
    """A role as one article names it."""

    role: Role
    claim: RoleClaim
    finding: RoleFinding


def named(article: Article, findings: Sequence[Finding]) -> list[Named]:
    """The roles an article names, each once."""
    found: dict[str, Named] = {}
    for finding in findings:
        if not isinstance(finding, RoleFinding):
            continue
        region = "" if finding.node else keys.region_key(finding.region)
        subject = keys.subject_key(finding.subject, finding.node, region, "")
        key = keys.hashed("role", finding.role, subject, region, finding.holder.strip())
        at = keys.sort_key(article, Witness.MEDIA, finding.part, finding.holder_span[0])
        role = Role(key, finding.role, finding.holder.strip(), subject, finding.node or "", region, at, 1)
        claim = RoleClaim(article.id, key, at, finding_id(article.id, article.content_digest, finding))
        if key not in found or at < found[key].claim.key:
            found[key] = Named(role, claim, finding)
    return [found[key] for key in sorted(found)]


def record(desk: Desk, scene: Scene, one: Named) -> None:
    """Count the naming in, and tell a first one."""
    held = desk.role(one.role.key)
    desk.role_claims.append(one.claim)
    if held is not None:
        desk.put_role(held._replace(born=min(held.born, one.claim.key), statements=held.statements + 1))
        return
    role = one.role
    desk.put_role(role)
    after = {
        "role": role.role,
        "role_shown": TITLES[role.role],
        "holder": role.holder,
        "subject": role.subject,
        "region": role.region,
        "shown": f"{TITLES[role.role]} {role.holder}",
    }
    event = scene.event(
        EventKind.ROLE_NAMED,
        role.key,
        f"{role.subject} {TITLES[role.role]}：{role.holder}",
        said=("", role.holder),
        after=after,
        finding=one.finding,
        node=role.node,
        region=role.region or keys.region_key(one.finding.region),
        issuers=(one.finding.issuer or "",),
        firms=(role.holder,) if role.role == "leader_firm" else (),
    )
    desk.events.append(event)
