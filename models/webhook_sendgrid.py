"""SendGrid's Event Webhook: batches of events, signed with ECDSA (P-256, SHA-256) over the timestamp and the body."""

import binascii
from base64 import b64decode
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from models.webhook_delivery import (
    Delivery,
    Event,
    Posted,
    Record,
    Trust,
    Untrusted,
    check_fresh,
    digest,
    key_of,
    moment,
    read_json,
    records,
)
from models.webhook_table import EventKind, Trouble
from models.webhook_verdict import Failure, held_back, judge

WINDOW: Final = timedelta(hours=25)
"""It tries again for a day."""
SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"

_KINDS: Final = {
    "deferred": EventKind.DELAYED,
    "spamreport": EventKind.COMPLAINT,
    "unsubscribe": EventKind.OPT_OUT,
    "group_unsubscribe": EventKind.OPT_OUT,
    "group_resubscribe": EventKind.OTHER,
    "account_status_change": EventKind.OTHER,
    "delivered": EventKind.ARRIVED,
    "processed": EventKind.PASSING,
    "open": EventKind.PASSING,
    "click": EventKind.PASSING,
}
_CLASSES: Final = {"invalid address": "userunknown", "reputation": "badreputation", "content": "contenterror"}
"""bounce_classification, lower-case → the reason that it names; "Mailbox Unavailable" and "Technical" name none."""
_NOT_TRIED: Final = ("bounced address", "spam reporting address", "unsubscribed address", "suppress")


def load_key(public_key: str) -> ec.EllipticCurvePublicKey:
    """The verification key as SendGrid shows it: base64 of a SubjectPublicKeyInfo, with or without PEM's lines around
    it. Raises ValueError."""
    lines = (line for line in public_key.strip().splitlines() if not line.startswith("-----"))
    key = load_der_public_key(b64decode("".join("".join(lines).split()), validate=True))
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("no key of the curve P-256")
    return key


def read(trust: Trust, posted: Posted, now: datetime) -> Delivery:
    """The events of a delivery. Raises Untrusted."""
    _verify(trust, posted)
    check_fresh(moment(posted.headers.get(TIMESTAMP, "")), now, WINDOW)
    return Delivery(tuple(_event(one) for one in records(read_json(posted.body))))


def _verify(trust: Trust, posted: Posted) -> None:
    if not trust.public_key:
        raise Untrusted(Trouble.NO_KEY)
    signature, timestamp = posted.headers.get(SIGNATURE, ""), posted.headers.get(TIMESTAMP, "")
    if not signature or not timestamp:
        raise Untrusted(Trouble.UNSIGNED)
    try:
        signed = timestamp.encode() + posted.body
        load_key(trust.public_key).verify(b64decode(signature, validate=True), signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        raise Untrusted(Trouble.FORGED) from None


def _event(one: Record) -> Event:
    word = one.text("event")
    failure = _failure(one, word)
    about = one.text("sg_event_id")
    raw = one.raw()
    return Event(
        key=key_of(about) if about else digest(raw),
        kind=failure.kind if failure else _KINDS.get(word, EventKind.UNKNOWN),
        word=" ".join(filter(None, (word, one.text("type")))),
        address=one.text("email"),
        at=one.moment("timestamp"),
        reason=failure.reason if failure else "",
        status=failure.status if failure else one.text("status"),
        evidence=failure.evidence if failure else one.text("reason", "response"),
        item=one.text("envoi_item"),
        message_id=one.text("smtp-id"),
        raw=raw,
    )


def _failure(one: Record, word: str) -> Failure | None:
    words, status = one.text("reason", "response"), one.text("status")
    if word == "dropped":
        if any(sign in words.lower() for sign in _NOT_TRIED):
            return held_back(words)
        return judge(words, status=status, permanent=False)
    if word != "bounce":
        return None
    named = _CLASSES.get(one.text("bounce_classification").lower(), "")
    return judge(words, status=status, permanent=one.text("type") != "blocked", named=named)
