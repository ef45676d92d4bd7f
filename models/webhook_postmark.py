"""Postmark: one event per delivery, not signed. What is trusted is the secret in the address, and basic authentication
where it is set up."""

from datetime import datetime
from typing import Final

from models.webhook_delivery import Delivery, Event, Posted, Record, Trust, digest, key_of, read_record
from models.webhook_secret import check_credentials
from models.webhook_table import EventKind
from models.webhook_verdict import Failure, held_back, judge

METADATA: Final = "envoi-item"
"""The key of our own header X-PM-Metadata-envoi-item, as Postmark gives it back."""
_KINDS: Final = {
    "SpamComplaint": EventKind.COMPLAINT,
    "Delivery": EventKind.ARRIVED,
    "Open": EventKind.PASSING,
    "Click": EventKind.PASSING,
}
_TYPES: Final = {
    "SpamComplaint": EventKind.COMPLAINT,
    "SpamNotification": EventKind.SOFT,
    "Unsubscribe": EventKind.OPT_OUT,
    "AutoResponder": EventKind.AUTO_REPLY,
    "ChallengeVerification": EventKind.AUTO_REPLY,
    "AddressChange": EventKind.OTHER,
    "Subscribe": EventKind.OTHER,
    "OpenRelayTest": EventKind.OTHER,
    "Transient": EventKind.DELAYED,
    "InboundError": EventKind.OTHER,
}
"""Types of bounces that are none, or not one yet; every other type is judged by its words."""
_NAMED: Final = {
    "HardBounce": "userunknown",
    "BadEmailAddress": "syntaxerror",
    "SpamNotification": "spamdetected",
    "VirusNotification": "virusdetected",
    "DMARCPolicy": "authfailure",
    "DnsError": "networkerror",
    "Blocked": "badreputation",
}
_NO_FAILURE: Final = frozenset({EventKind.COMPLAINT, EventKind.OPT_OUT, EventKind.AUTO_REPLY, EventKind.OTHER})
_PERMANENT: Final = frozenset({"HardBounce", "Unknown"})
_HELD: Final = frozenset({"ManuallyDeactivated", "Unconfirmed"})
_BY_RECIPIENT: Final = "Recipient"


def read(trust: Trust, posted: Posted, now: datetime) -> Delivery:
    """The event of a delivery. Raises Untrusted."""
    check_credentials(trust, posted)
    return Delivery((_event(read_record(posted.body), posted.body),))


def _event(one: Record, raw: bytes) -> Event:
    sort = one.text("RecordType")
    match sort:
        case "Bounce":
            kind, failure = _bounce(one)
        case "SubscriptionChange":
            kind, failure = _change(one)
        case _:
            kind, failure = _KINDS.get(sort, EventKind.UNKNOWN), None
    about = (sort, one.text("ID")) if one.text("ID") else (sort, one.text("MessageID"), digest(raw))
    return Event(
        key=key_of(*about),
        kind=kind,
        word=" ".join(filter(None, (sort, one.text("Type", "SuppressionReason")))),
        address=one.text("Email", "Recipient"),
        at=one.moment("BouncedAt", "ChangedAt", "DeliveredAt", "ReceivedAt"),
        reason=failure.reason if failure else "",
        status=failure.status if failure else "",
        evidence=failure.evidence if failure else one.text("Details", "Description"),
        item=one.part("Metadata").text(METADATA, "envoi_item"),
        raw=raw,
    )


def _bounce(one: Record) -> tuple[EventKind, Failure | None]:
    """Of many types, of which some are no failure."""
    sort, words = one.text("Type"), one.text("Details") or one.text("Description")
    kind = _TYPES.get(sort)
    if kind in _NO_FAILURE:
        return kind, None
    if sort in _HELD:
        return EventKind.SOFT, held_back(words or sort)
    failure = judge(words, permanent=sort in _PERMANENT, named=_NAMED.get(sort, ""))
    return kind or failure.kind, failure


def _change(one: Record) -> tuple[EventKind, Failure | None]:
    """Somebody was put on the suppression list of a stream, or taken off it. For a bounce there is an event of its own
    that says why."""
    why = one.text("SuppressionReason")
    if not one.says("SuppressSending"):
        return EventKind.OTHER, None
    if why == "SpamComplaint":
        return EventKind.COMPLAINT, None
    if why == "HardBounce":
        return EventKind.SOFT, held_back("SuppressionReason: HardBounce")
    return (EventKind.OPT_OUT if one.text("Origin") == _BY_RECIPIENT else EventKind.OTHER), None
