"""Brevo: one event per delivery, or a list of them, not signed. What is trusted is the secret in the address, and basic
authentication or a bearer token where it is set up."""

from datetime import datetime
from typing import Any, Final

from models.webhook_delivery import (
    Delivery,
    Event,
    Posted,
    Record,
    Trust,
    Untrusted,
    digest,
    key_of,
    moment,
    read_json,
    records,
)
from models.webhook_secret import check_credentials
from models.webhook_table import EventKind, Trouble
from models.webhook_verdict import Failure, held_back, judge

CUSTOM: Final = "X-Mailin-custom"
"""The header that Brevo gives back; it holds our token."""
_KINDS: Final = {
    "deferred": EventKind.DELAYED,
    "spam": EventKind.COMPLAINT,
    "complaint": EventKind.COMPLAINT,
    "unsubscribed": EventKind.OPT_OUT,
    "unsubscribe": EventKind.OPT_OUT,
    "list_addition": EventKind.OTHER,
    "delivered": EventKind.ARRIVED,
    "request": EventKind.PASSING,
    "sent": EventKind.PASSING,
    "opened": EventKind.PASSING,
    "unique_opened": EventKind.PASSING,
    "proxy_open": EventKind.PASSING,
    "unique_proxy_open": EventKind.PASSING,
    "click": EventKind.PASSING,
}
_PERMANENT: Final = frozenset({"hard_bounce", "invalid_email", "invalid"})
_FAILED: Final = _PERMANENT | {"soft_bounce", "error"}


def read(trust: Trust, posted: Posted, now: datetime) -> Delivery:
    """The events of a delivery. Raises Untrusted."""
    check_credentials(trust, posted)
    document: Any = read_json(posted.body)
    if isinstance(document, dict):
        return Delivery((_event(Record(document), posted.body),))
    if not isinstance(document, list):
        raise Untrusted(Trouble.UNREADABLE)
    return Delivery(tuple(_event(one, one.raw()) for one in records(document)))


def _event(one: Record, raw: bytes) -> Event:
    word = one.text("event")
    failure = _failure(one, word)
    # "id" is the webhook's; an event has none of its own
    about = (word, one.text("message-id"), one.text("email"), one.text("ts_epoch", "ts_event", "ts"))
    return Event(
        key=key_of(*about) if all(about) else digest(raw),
        kind=failure.kind if failure else _KINDS.get(word, EventKind.UNKNOWN),
        word=word,
        address=one.text("email"),
        at=_moment(one),
        reason=failure.reason if failure else "",
        status=failure.status if failure else "",
        evidence=failure.evidence if failure else one.text("reason"),
        item=one.text(CUSTOM),
        message_id=one.text("message-id"),
        raw=raw,
    )


def _failure(one: Record, word: str) -> Failure | None:
    if word == "blocked":
        return held_back(one.text("reason") or word)
    if word not in _FAILED:
        return None
    named = "syntaxerror" if word.startswith("invalid") else ""
    return judge(one.text("reason"), permanent=word in _PERMANENT, named=named)


def _moment(one: Record) -> datetime | None:
    """`ts_epoch` is milliseconds, but seconds in some events; `ts` is of the account's own time zone."""
    epoch = one.text("ts_epoch")
    return moment(epoch[:-3] if len(epoch) > 11 and epoch.isdecimal() else epoch) or one.moment("ts_event", "ts")
