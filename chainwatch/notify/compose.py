"""Compose: a stored message, its events and reasons become a title and the parts that its channel takes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from chainwatch.models import CORRECTING, Event, Message
from chainwatch.notify import inert, webhook
from chainwatch.notify.render import Wordings
from chainwatch.notify.services import WEBHOOK, Limit
from chainwatch.notify.split import split
from chainwatch.notify.view import View, headline, view
from chainwatch.problem import Problem
from chainwatch.store import events, messages, subscriptions, telling
from chainwatch.store.channels import Channel
from chainwatch.store.messages import Stored

log = structlog.get_logger(__name__)

LONGEST_TITLE = 120
"""Characters."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message with everything that its wording needs."""

    message: Message
    events: tuple[Event, ...]
    names: Mapping[str, str]
    first: Mapping[str, str]
    note: str


@dataclass(frozen=True, slots=True)
class Composed:
    """What goes out, part by part. Equal input gives equal parts, so that a later try can go on where one ended."""

    title: str
    parts: tuple[str, ...]
    digest: str = field(repr=False)


def gather(connection: Connection, stored: Stored) -> Told:
    """Read what a message is about."""
    why = messages.reasons_of(connection, stored.id)
    by_id = {one.event.id: one.event for one in events.among(connection, {reason.event for reason in why})}
    ordered = tuple(by_id[id_] for id_ in dict.fromkeys(reason.event for reason in why) if id_ in by_id)
    first: dict[str, str] = {}
    for event in ordered:
        for one in telling.told_of(connection, event) if event.kind in CORRECTING else ():
            if one.channel == stored.channel and one.message != stored.id:
                first.setdefault(event.id, one.message)
    names = subscriptions.names(connection, {reason.subscription for reason in why})
    return Told(messages.as_message(stored, why), ordered, names, first, stored.note)


def compose(told: Told, channel: Channel, wordings: Wordings) -> Composed:
    """Put it into the words and the pieces of the channel's service."""
    message, text_format = told.message, channel.text_format
    shown = view(message, told.events, names=told.names, first=told.first, note=told.note)
    title = inert.plain(headline(message, told.events, shown))[:LONGEST_TITLE]
    if channel.service in WEBHOOK:
        text = _worded(shown, message, wordings, "text")
        parts: Sequence[str] = [webhook.body(message, title, text, list(told.events), told.first).decode()]
    else:
        text = _worded(shown, message, wordings, text_format)
        limit = Limit(channel.limit_size, "utf16" if channel.limit_unit == "utf16" else "bytes")
        parts = split(text, limit, html=text_format == "html")
    if not channel.takes_title:
        title = ""
    return Composed(title, tuple(parts), hashlib.sha256("\0".join((title, *parts)).encode()).hexdigest())


def _worded(shown: View, message: Message, wordings: Wordings, text_format: str) -> str:
    """In the message's own wording; in the shipped one where that has become faulty since it was chosen."""
    try:
        return wordings.render(shown, message.template, message.language, text_format)
    except Problem as problem:
        log.error("wording is faulty, the default is used", template=message.template, problem=str(problem))  # noqa: TRY400  the reason is enough
        return Wordings().render(shown, "default", message.language, text_format)
