"""The generic webhook, for providers without a module of their own and for scripts: docs/webhooks.md.

`X-Envoi-Signature: t=1789000000,v1=…`: HMAC-SHA256 in hex over "t.body". The words are those that django-anymail made
common for all providers.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final

from models.webhook_delivery import (
    Delivery,
    Event,
    Posted,
    Record,
    Trust,
    Untrusted,
    check_fresh,
    digest,
    is_same,
    key_of,
    moment,
    read_json,
    records,
)
from models.webhook_table import EventKind, Trouble
from models.webhook_verdict import Failure, held_back, judge

WINDOW: Final = timedelta(minutes=5)
"""Whoever tries again signs again."""
HEADER: Final = "x-envoi-signature"
_KINDS: Final = {
    "deferred": EventKind.DELAYED,
    "complained": EventKind.COMPLAINT,
    "unsubscribed": EventKind.OPT_OUT,
    "subscribed": EventKind.OTHER,
    "autoresponded": EventKind.AUTO_REPLY,
    "delivered": EventKind.ARRIVED,
    "queued": EventKind.PASSING,
    "sent": EventKind.PASSING,
    "opened": EventKind.PASSING,
    "clicked": EventKind.PASSING,
}
_NAMED: Final = {"invalid": "syntaxerror", "timed_out": "expired", "blocked": "badreputation", "spam": "spamdetected"}
_HELD: Final = frozenset({"bounced", "unsubscribed", "spam"})
"""Reasons for which a provider rejects a message before it tries."""


def signature_of(secret: str, at: int, body: bytes) -> str:
    """The header's value for a body, signed at a moment in seconds since 1970."""
    return f"t={at},v1={_mac(secret, str(at), body)}"


def read(trust: Trust, posted: Posted, now: datetime) -> Delivery:
    """The events of a delivery. Raises Untrusted."""
    fields = [part.strip().partition("=") for part in posted.headers.get(HEADER, "").split(",")]
    at = next((value for name, _, value in fields if name == "t"), "")
    given = [value for name, _, value in fields if name == "v1"][:5]
    if not at or not given:
        raise Untrusted(Trouble.UNSIGNED)
    expected = _mac(trust.secret, at, posted.body)
    if not trust.secret or not any(is_same(one, expected) for one in given):
        raise Untrusted(Trouble.FORGED)
    check_fresh(moment(at), now, WINDOW)
    return Delivery(tuple(_event(one) for one in _all(read_json(posted.body))))


def _mac(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode(errors="replace") + body, hashlib.sha256).hexdigest()


def _all(document: Any) -> list[Record]:
    """{"events": […]}, […], or one event alone. Raises Untrusted for anything else."""
    if isinstance(document, dict):
        return records(document["events"] if isinstance(document.get("events"), list) else [document])
    if not isinstance(document, list):
        raise Untrusted(Trouble.UNREADABLE)
    return records(document)


def _event(one: Record) -> Event:
    word, raw = one.text("event"), one.raw()
    failure = _failure(one, word)
    return Event(
        key=key_of(one.text("id")) if one.text("id") else digest(raw),
        kind=failure.kind if failure else _KINDS.get(word, EventKind.UNKNOWN),
        word=word,
        address=one.text("recipient"),
        at=one.moment("timestamp"),
        reason=failure.reason if failure else "",
        status=failure.status if failure else one.text("status"),
        evidence=failure.evidence if failure else one.text("response", "description"),
        item=one.text("item"),
        message_id=one.text("message_id"),
        feedback_type=one.text("feedback_type"),
        raw=raw,
    )


def _failure(one: Record, word: str) -> Failure | None:
    words, why = one.text("response", "description"), one.text("reason")
    if word == "rejected" and why in _HELD:
        return held_back(words or why)
    if word not in {"bounced", "rejected", "failed"}:
        return None
    return judge(words, status=one.text("status"), permanent=word == "bounced", named=_NAMED.get(why, ""))
