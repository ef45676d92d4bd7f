"""Mailgun: one event per delivery, signed with HMAC-SHA256 of a timestamp and a token. The signature does not cover the
event, so a token counts once: who has seen one must not be able to sign another event with it."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from models.webhook_delivery import (
    Delivery,
    Event,
    Posted,
    Record,
    Trust,
    Untrusted,
    check_fresh,
    is_same,
    key_of,
    read_record,
)
from models.webhook_table import EventKind, Trouble
from models.webhook_verdict import Failure, held_back, judge

WINDOW: Final = timedelta(hours=9)
"""It tries again for eight hours."""
_KINDS: Final = {
    "complained": EventKind.COMPLAINT,
    "unsubscribed": EventKind.OPT_OUT,
    "delivered": EventKind.ARRIVED,
    "accepted": EventKind.PASSING,
    "opened": EventKind.PASSING,
    "clicked": EventKind.PASSING,
    "stored": EventKind.PASSING,
    "list_member_uploaded": EventKind.OTHER,
}


def read(trust: Trust, posted: Posted, now: datetime) -> Delivery:
    """The event of a delivery. Raises Untrusted."""
    document = read_record(posted.body)
    signature = document.part("signature")
    token, timestamp = signature.text("token"), signature.text("timestamp")
    if not token or not timestamp or not signature.text("signature"):
        raise Untrusted(Trouble.UNSIGNED)
    signed = f"{timestamp}{token}".encode(errors="replace")
    expected = hmac.new(trust.secret.encode(), signed, hashlib.sha256).hexdigest()
    if not trust.secret or not is_same(signature.text("signature"), expected):
        raise Untrusted(Trouble.FORGED)
    check_fresh(signature.moment("timestamp"), now, WINDOW)
    once = key_of(token)
    return Delivery((_event(document.part("event-data"), once, posted.body),), once=once)


def _event(one: Record, key: str, raw: bytes) -> Event:
    word, severity = one.text("event"), one.text("severity")
    failure = _failure(one, word)
    message = one.part("message").part("headers")
    kind = failure.kind if failure else _KINDS.get(word, EventKind.UNKNOWN)
    if word == "failed" and severity == "temporary":
        kind = EventKind.DELAYED
    return Event(
        key=key,
        kind=kind,
        word=" ".join(filter(None, (word, severity))),
        address=one.text("recipient") or message.text("to"),
        at=one.moment("timestamp"),
        reason=failure.reason if failure else "",
        status=failure.status if failure else "",
        evidence=failure.evidence if failure else "",
        item=one.part("user-variables").text("envoi_item", "envoi-item"),
        message_id=message.text("message-id"),
        sender=one.part("envelope").text("sender"),
        raw=raw,
    )


def _failure(one: Record, word: str) -> Failure | None:
    if word not in {"failed", "rejected"}:
        return None
    status, why = one.part("delivery-status"), one.text("reason")
    words = status.text("message") or status.text("description") or one.part("reject").text("reason")
    if why.startswith("suppress-"):
        return held_back(words or why)
    permanent = word == "failed" and one.text("severity") == "permanent"
    named = "expired" if why == "old" else ""
    enhanced = status.text("enhanced-code")
    return judge(_with_code(status.text("code"), words), status=enhanced, permanent=permanent, named=named)


def _with_code(code: str, words: str) -> str:
    """The server's answer with the reply code that stands beside it; Mailgun's own codes (498, 605) are no replies."""
    is_reply = code.isdecimal() and code[:1] in "45" and code != "498" and len(code) == 3
    return words if not is_reply or words.lstrip().startswith(code) else f"{code} {words}"
