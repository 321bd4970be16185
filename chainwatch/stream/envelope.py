"""Articles and events as records: CloudEvents headers in binary form, value = the model's own JSON.

A record newer than this code is told apart from a broken one: the first wants an upgrade, the second quarantine.
"""

import re
from datetime import datetime

import orjson
from pydantic import ValidationError

from chainwatch.models import Article, Event, to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.stream.protocol import ARCHIVED, DAMAGED, Draft, Record

ARTICLE_TYPE = "chainwatch.article.v1"
EVENT_TYPE = "chainwatch.event.v1"
KNOWN = 1
"""The newest version of Article and Event that this code reads."""
_NUMBER = re.compile("[0-9]{1,6}")


class NewerError(Problem):
    """The record was written by a newer chainwatch: keep it where it is, and upgrade."""


class MalformedError(Problem):
    """The record is no Article and no Event of any version."""


def article_draft(article: Article, now: datetime) -> Draft:
    """The record of an article: key = its id, timestamp = when it was fetched, never in the future."""
    at = min(article.fetched, now)
    name = f"{article.id}:{article.content_digest}"
    headers = _headers(ARTICLE_TYPE, name, article.site or "import", at)
    return Draft(article.id, article.to_json(), to_timestamp_ms(at), headers)


def event_draft(event: Event, now: datetime) -> Draft:
    """The record of an event: key = its subject, so that the events of one fact keep their order."""
    headers = _headers(EVENT_TYPE, event.id, event.source or "chainwatch", now)
    return Draft(event.subject, event.to_json(), to_timestamp_ms(now), headers)


def _headers(kind: str, id_: str, source: str, at: datetime) -> dict[str, bytes]:
    return {
        "ce_specversion": b"1.0",
        "ce_type": kind.encode(),
        "ce_id": id_.encode(),
        "ce_source": source.encode(),
        "ce_time": at.isoformat().encode(),
        "content-type": b"application/json",
    }


def decode(record: Record) -> Article | Event:
    """What the record holds. Raises NewerError or MalformedError, naming the record's place."""
    if DAMAGED in record.headers:
        raise MalformedError(record.headers[DAMAGED].decode("utf-8", "replace"), place=record.place)
    if ARCHIVED in record.headers:
        digest = record.headers[ARCHIVED].decode("utf-8", "replace")
        raise MalformedError(f"its value stands in the archive, which cannot give it: {digest}", place=record.place)
    kind = record.headers.get("ce_type", ARTICLE_TYPE.encode()).decode("utf-8", "replace")
    name, _, major = kind.rpartition(".v")
    if name not in {"chainwatch.article", "chainwatch.event"} or not _NUMBER.fullmatch(major):
        raise MalformedError(f"no record of chainwatch: type {kind!r}", place=record.place)
    try:
        value = orjson.loads(record.value)
    except ValueError as error:
        raise MalformedError(f"not JSON: {error}", place=record.place) from error
    told = value.get("version", 1) if isinstance(value, dict) else 1
    version = max(int(major), told if isinstance(told, int) else 0)
    if version > KNOWN:
        what = f"the record has version {version}, this program knows {KNOWN}"
        raise NewerError(what, place=record.place, cure="upgrade chainwatch; nothing is lost meanwhile")
    try:
        return Article.model_validate(value) if name == "chainwatch.article" else Event.model_validate(value)
    except ValidationError as error:
        raise MalformedError(_first_faults(error), place=record.place) from error


def _first_faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    shown = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'value'}: {fault['msg']}" for fault in faults[:3])
    return shown if len(faults) <= 3 else f"{shown} (and {len(faults) - 3} more)"
