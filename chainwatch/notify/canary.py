"""Canary: check messages, one a day to each channel that asked for it: a dead one is known before it matters."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from chainwatch.models import Message, message_id
from chainwatch.store.channels import PAUSED, Channel

DAILY_AT = time(9)
ZONE = ZoneInfo("Asia/Shanghai")


def check_message(channel: str, now: datetime) -> Message:
    """A check by hand: unique by its second."""
    return _message(channel, f"check:{now.isoformat(timespec='seconds')}", now)


def daily(known: Sequence[Channel], now: datetime) -> list[Message]:
    """The check messages of today, from nine o'clock on; the same ones however often it is asked."""
    local = now.astimezone(ZONE)
    if local.time() < DAILY_AT:
        return []
    group = f"canary:{local.date().isoformat()}"
    return [_message(channel.id, group, now) for channel in known if channel.canary and channel.state != PAUSED]


def _message(channel: str, group: str, now: datetime) -> Message:
    return Message(id=message_id(channel, group), channel=channel, group=group, reasons=(), due=now)
