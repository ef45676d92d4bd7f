"""Amazon SES through Amazon SNS: identity notifications and event publishing, which differ in one name.
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from models.webhook_delivery import (
    Delivery,
    Event,
    Posted,
    Record,
    Trust,
    Untrusted,
    digest,
    header,
    key_of,
    read_record,
)
from models.webhook_sns import Envelope, is_amazons, open_envelope, verify
from models.webhook_table import EventKind, Trouble
from models.webhook_verdict import Failure, held_back, judge

_PARTS: Final = {
    "Bounce": ("bounce", "bouncedRecipients"),
    "Complaint": ("complaint", "complainedRecipients"),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients"),
    "Reject": ("reject", ""),
    "Rendering Failure": ("failure", ""),
    "Subscription": ("subscription", ""),
}
"""Type → the object that tells of it, and whom it names."""
_KINDS: Final = {
    "Complaint": EventKind.COMPLAINT,
    "DeliveryDelay": EventKind.DELAYED,
    "Subscription": EventKind.OPT_OUT,
    "Delivery": EventKind.ARRIVED,
    "Send": EventKind.PASSING,
    "Open": EventKind.PASSING,
    "Click": EventKind.PASSING,
}
_HELD: Final = frozenset({"Suppressed", "OnAccountSuppressionList", "UnsubscribedRecipient"})
_NAMED: Final = {
    "NoEmail": "userunknown",
    "MailboxFull": "mailboxfull",
    "MessageTooLarge": "mesgtoobig",
    "ContentRejected": "contenterror",
    "AttachmentRejected": "contenterror",
    "CustomTimeoutExceeded": "expired",
}
_HELLO: Final = "Successfully validated SNS topic"
"""What SES writes to a topic in plain words once, when event publishing is set up."""
_NO_SPAM: Final = "not-spam"


def read(trust: Trust, posted: Posted, now: datetime) -> Delivery:
    """The events of a delivery, or the subscription to confirm. Raises Untrusted."""
    envelope = open_envelope(trust, posted)
    verify(envelope, posted.certificate, now)
    match envelope.type:
        case "Notification":
            return Delivery(tuple(_events(envelope, posted.body)))
        case "SubscriptionConfirmation":
            url = envelope.fields["SubscribeURL"]
            if not is_amazons(url, trust.topic_arn):
                raise Untrusted(Trouble.CERTIFICATE)
            return Delivery(confirm=url)
        case _:
            return Delivery(ended=True)


def _events(envelope: Envelope, raw: bytes) -> Iterator[Event]:
    message = envelope.fields["Message"]
    if message.startswith(_HELLO):
        return
    document = read_record(message)
    word = document.text("eventType", "notificationType")
    if not word:
        raise Untrusted(Trouble.UNREADABLE)
    part, named = _PARTS.get(word, ("", ""))
    told, mail = document.part(part), document.part("mail")
    people = told.parts(named) if named else [Record({"emailAddress": one}) for one in mail.lines("destination")]
    for person in people or [Record({})]:
        yield _event(envelope, word, told, mail, person, raw)


def _event(envelope: Envelope, word: str, told: Record, mail: Record, person: Record, raw: bytes) -> Event:
    failure = _failure(word, told, person)
    kind = failure.kind if failure else _KINDS.get(word, EventKind.UNKNOWN)
    if word == "Complaint" and told.text("complaintFeedbackType") == _NO_SPAM:
        kind = EventKind.OTHER
    address = person.text("emailAddress")
    about = told.text("feedbackId") or envelope.fields["MessageId"] or digest(raw)
    headers = mail.parts("headers")
    return Event(
        key=key_of(about, address),
        kind=kind,
        word=" ".join(filter(None, (word, told.text("bounceType", "delayType"), told.text("bounceSubType")))),
        address=address,
        at=told.moment("timestamp") or mail.moment("timestamp"),
        reason=failure.reason if failure else "",
        status=failure.status if failure else person.text("status"),
        evidence=failure.evidence if failure else person.text("diagnosticCode") or told.text("complaintFeedbackType"),
        item=header(headers, "x-envoi-item"),
        message_id=header(headers, "message-id") or mail.part("commonHeaders").text("messageId"),
        sender=mail.text("source"),
        feedback_type=told.text("complaintFeedbackType"),
        raw=raw,
    )


def _failure(word: str, told: Record, person: Record) -> Failure | None:
    words, sort = person.text("diagnosticCode"), told.text("bounceSubType")
    match word:
        case "Bounce" if sort in _HELD:
            return held_back(words or sort)
        case "Bounce":
            permanent = told.text("bounceType") == "Permanent"
            return judge(words, status=person.text("status"), permanent=permanent, named=_NAMED.get(sort, ""))
        case "Complaint" if told.text("complaintSubType") in _HELD:
            return held_back(told.text("complaintSubType"))
        case "Reject":
            return Failure(EventKind.SOFT, "virusdetected", "", told.text("reason"))  # SES rejects for nothing else
        case "Rendering Failure":
            return judge(told.text("errorMessage"), permanent=False, named="contenterror")
        case _:
            return None
