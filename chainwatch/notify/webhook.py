"""Webhooks: a POST of one CloudEvent in JSON, signed by HMAC-SHA256, so that the receiver can trust and deduplicate it.

X-Chainwatch-Signature: t=<Unix seconds>,v1=<hex HMAC of "<t>." + body>
Idempotency-Key: <message id>
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from chainwatch.models import Event, Message

SIGNATURE = "X-Chainwatch-Signature"
IDEMPOTENCY = "Idempotency-Key"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TYPE = "chainwatch.message.v1"


def body(message: Message, title: str, text: str, events: list[Event], first: Mapping[str, str]) -> bytes:
    """The CloudEvent of one message; equal messages give equal bytes.

    Args:
        message: with its reasons; its id is the CloudEvent's id.
        title: headline.
        text: the whole message as plain text.
        events: what it tells of, in order.
        first: event id → id of the message that it corrects.
    """
    data: dict[str, Any] = {
        "version": "1.0",
        "title": title,
        "message": text,
        "type": "info",
        "digest": message.digest,
        "language": message.language,
        "reasons": [reason.model_dump(mode="json", exclude={"version"}) for reason in message.reasons],
        "events": [event.model_dump(mode="json") for event in events],
        "corrects": dict(first),
    }
    envelope = {
        "specversion": "1.0",
        "id": message.id,
        "source": "/chainwatch",
        "type": TYPE,
        "subject": message.group,
        "time": message.due.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    return orjson.dumps(envelope, option=orjson.OPT_SORT_KEYS)


def headers(message_id: str, payload: bytes, key: str, at: int) -> dict[str, str]:
    """The headers of a signed body.

    Args:
        message_id: the same at every attempt.
        payload: exactly the bytes that are sent.
        key: signing key of the channel.
        at: Unix seconds of this attempt.
    """
    return {
        "Content-Type": CONTENT_TYPE,
        IDEMPOTENCY: message_id,
        SIGNATURE: f"t={at},v1={signature(payload, key, at)}",
    }


def signature(payload: bytes, key: str, at: int) -> str:
    """Hex HMAC-SHA256 over the time and the body."""
    return hmac.new(key.encode(), b"%d." % at + payload, hashlib.sha256).hexdigest()


def verify(payload: bytes, header: str, key: str, now: int, *, tolerance: int = 300) -> bool:
    """Whether a receiver should believe a body: the signature fits and is at most `tolerance` seconds old."""
    fields = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    at = fields.get("t", "")
    if not at.isdigit() or abs(now - int(at)) > tolerance:
        return False
    return hmac.compare_digest(fields.get("v1", ""), signature(payload, key, int(at)))
