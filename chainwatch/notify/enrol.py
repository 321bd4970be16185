"""Enrol: adds channels and checks subscriptions, for command line and web alike. Every fault is found in one pass."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.models import OPERATOR, EventKind, to_timestamp_ms
from chainwatch.models.subscription import ONLY, Condition, Filter, Subscription, kinds_of
from chainwatch.notify import addresses
from chainwatch.notify.addresses import Policy
from chainwatch.notify.render import Wordings
from chainwatch.notify.secrets import Keyring
from chainwatch.problem import Problem, Problems
from chainwatch.store import channels
from chainwatch.store.channels import Channel


@dataclass(frozen=True, slots=True)
class Desk:
    """What enrolling needs."""

    keyring: Keyring
    policy: Policy
    wordings: Wordings
    taxonomy: Taxonomy
    rules: Collection[str] = ()
    """Ids of the rules in force; empty: not known here."""
    sources: Collection[str] = ()
    """Names of the sources; empty: not known here."""


def new_id(prefix: str) -> str:
    """`ch-3f9a2b7c`: short enough to type."""
    return f"{prefix}-{secrets.token_hex(4)}"


def add_channel(
    connection: Connection,
    desk: Desk,
    url: str,
    *,
    name: str | None = None,
    owner: str = "",
    tags: Sequence[str] = (),
    rate: int | None = None,
    canary: bool = False,
    now: datetime,
) -> tuple[Channel, tuple[str, ...]]:
    """Check an address and store it encrypted; the channel, and the keys that were taken out of the address.

    Raises Problem with the reason where the address may not be used or the name is taken.
    """
    address = addresses.read(url, desk.policy)
    id_ = new_id("ch")
    name = name or f"{address.service}-{id_[3:7]}"
    if "://" in name or name.startswith("tag:"):
        raise Problem("a channel's name is a plain word", place="--name", cure="letters, digits, - and _")
    if channels.find(connection, name) is not None:
        raise Problem(f"there is a channel {name!r} already", place="--name", cure="choose another name")
    now_ms = to_timestamp_ms(now)
    channel = Channel(
        id=id_,
        name=name,
        service=address.service,
        masked=address.masked,
        text_format=address.text_format,
        limit_size=address.limit.size,
        limit_unit=address.limit.unit,
        takes_title=address.takes_title,
        owner=owner,
        created_ms=now_ms,
        rate=rate,
        canary=canary,
    )
    channels.add(connection, channel, desk.keyring.encrypt(address.url, id_), tags, now_ms)
    return channel, address.dropped


def channels_for(
    connection: Connection, desk: Desk, wanted: Sequence[str], *, owner: str, now: datetime
) -> tuple[str, ...]:
    """Names, ids and tags as they are; for an address the id of a new channel with it."""
    known = channels.names(connection)
    found: list[str] = []
    for one in wanted:
        if "://" in one:
            found.append(add_channel(connection, desk, one, owner=owner, now=now)[0].id)
        elif one in known:
            found.append(one)
        else:
            cure = f"an Apprise URL, or one of: {', '.join(sorted(known)) or 'none yet'}"
            raise Problem(f"no channel {one!r}", place="--to", cure=cure)
    return tuple(dict.fromkeys(found))


def resolved(taxonomy: Taxonomy, wanted: Filter) -> Filter:
    """The filter with names turned into node and region ids. Raises Problems with every unknown one."""
    problems: list[Problem] = []
    nodes = tuple(_node(taxonomy, name, problems) for name in wanted.nodes)
    regions = tuple(_region(taxonomy, name, problems) for name in wanted.regions)
    if problems:
        raise Problems(problems)
    return wanted.model_copy(update={"nodes": tuple(dict.fromkeys(nodes)), "regions": tuple(dict.fromkeys(regions))})


def _node(taxonomy: Taxonomy, written: str, problems: list[Problem]) -> str:
    only, name = (ONLY, written[1:]) if written.startswith(ONLY) else ("", written)
    node = taxonomy.resolve(name)
    if node is None:
        near = [one.id for one in taxonomy.nodes.values() if name[:2] and name[:2] in one.name][:5]
        cure = f"near it: {', '.join(near)}" if near else "chainwatch taxonomy list"
        problems.append(Problem(f"no ecosystem, chain or topic {name!r}", place="--node", cure=cure))
        return written
    return only + node.id


def _region(taxonomy: Taxonomy, written: str, problems: list[Problem]) -> str:
    only, name = (ONLY, written[1:]) if written.startswith(ONLY) else ("", written)
    region = taxonomy.region(name)
    if region is None:
        cure = "a place as 浙江, 杭州 or 杭州/滨江"
        problems.append(Problem(f"no region {name!r}", place="--region", cure=cure))
        return written
    return only + region.id


VALUED = ("target.", "commitment.", "fact.")
"""Families of kinds that carry a value."""


def never(subscription: Subscription, desk: Desk, known: Collection[str], now: datetime) -> list[str]:
    """Why a subscription can never trigger; empty where it can. English catalogue keys, filled in."""
    wanted = subscription.filter
    kinds: set[EventKind] = {kind for pattern in wanted.kinds for kind in kinds_of(pattern)}
    reasons: list[str] = []
    if subscription.condition(now) is Condition.EXPIRED:
        reasons.append("it is expired")
    reaching = [name for name in subscription.channels if name in known]
    if not reaching:
        reasons.append("it names no channel that exists")
    if kinds and kinds <= OPERATOR and not subscription.operator:
        reasons.append("it asks only for what goes to operators, and is none")
    if kinds and wanted.minimum is not None and not any(kind.startswith(VALUED) for kind in kinds):
        reasons.append("it asks for a least value, but for no kind that carries one")
    if kinds and wanted.statuses and not any(kind.startswith("policy.") for kind in kinds):
        reasons.append("it asks for a policy status, but for no policy event")
    bare = [node.removeprefix(ONLY) for node in wanted.nodes]
    if bare and not any(node in desk.taxonomy.nodes for node in bare):
        reasons.append("none of its nodes is in the taxonomy any more")
    if desk.rules and wanted.rules and not set(wanted.rules) & set(desk.rules):
        reasons.append("none of its rules exists")
    if desk.sources and wanted.sources and not set(wanted.sources) & set(desk.sources):
        reasons.append("none of its sources exists")
    return reasons
