"""The answer: what comes back about one message, by whatever way, as one event (D19).

The SMTP dialogue is judged in settlement; mailboxes, provider webhooks and people come through here. However often the
same news comes, and by however many ways, it counts once: an item has at most one bounced record and one complaint.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlmodel import Session

from models import log_record, soft_bounces
from models.address import Address, Domain, SuppressionReason, suppress
from models.column_types import table
from models.counter import Mark, bump, touch
from models.errors import NotFound
from models.group_email_account import is_watched
from models.log_table import Action, BounceKind, EventSource, LogRecord
from models.mailing import hold
from models.queue_table import QueueItem
from models.verdict import REPLY_LENGTH
from models.webhook import is_told

_ITEM, _LOG = table(QueueItem), table(LogRecord)
_item, _log = _ITEM.c, _LOG.c


class Recorded(StrEnum):
    """What became of an answer. COUNTED: it is in the log and the figures; HARDENED: a soft bounce known before turned
    out to be hard; ALREADY: it was known; ADDRESS: there is no message it belongs to, only the address was suppressed;
    NOTHING: nothing follows from it."""

    COUNTED = "counted"
    HARDENED = "hardened"
    ALREADY = "already"
    ADDRESS = "address"
    NOTHING = "nothing"


REASONS: Final[Mapping[str, str]] = {
    "userunknown": "user_unknown",
    "hostunknown": "host_unknown",
    "hasmoved": "moved",
    "notaccept": "takes_no_mail",
    "mailboxfull": "mailbox_full",
    "suspend": "mailbox_disabled",
    "badreputation": "blocked",
    "spamdetected": "spam",
    "policyviolation": "policy",
    "mesgtoobig": "too_big",
    "emailtoolarge": "too_big",
    "contenterror": "content",
    "virusdetected": "virus",
    "rejected": "sender",
    "authfailure": "authentication",
    "requireptr": "reverse_dns",
    "norelaying": "relay",
    "toomanyconn": "rate",
    "ratelimited": "rate",
    "speeding": "rate",
    "exceedlimit": "limit",
    "mailererror": "mailer",
    "networkerror": "network",
    "systemerror": "system",
    "systemfull": "system",
    "securityerror": "security",
    "failedstarttls": "security",
    "notcompliantrfc": "not_compliant",
    "syntaxerror": "syntax",
    "onhold": "unknown",
    "undefined": "unknown",
    "": "unknown",
}
"""Reasons as bounce mails are judged → the words that the log uses for every bounce (delivery.reason.*)."""


def are_seen(session: Session) -> bool:
    """Whether what comes back is recorded: a group email account is watched, or a provider tells. Without either, pages
    say so."""
    return is_watched(session) or is_told(session)


def log_reason(reason: str) -> str:
    """The log's word for a reason, so that a mailbox that is full is one reason by whatever way it was learnt."""
    return REASONS.get(reason, reason)


def record_bounced(
    session: Session,
    kind: BounceKind,
    *,
    item_id: int | None = None,
    address_id: int | None = None,
    reason: str = "",
    status: str = "",
    evidence: str = "",
    source: EventSource = EventSource.MAILBOX,
    at: datetime,
    now: datetime,
) -> Recorded:
    """A message came back: name the item, or where that is not known the address. Do it in a durable unit of work.

    Hard suppresses the address at once; soft when it persists (models/soft_bounces.py). `status`: RFC 3463; `evidence`:
    the words that prove it, kept with the suppression; `at`: when it came. Raises NotFound.
    """
    proof, reason = _proof(status, evidence), log_reason(reason)
    if item_id is None:
        return _suppressed(session, address_id, kind is BounceKind.HARD, SuppressionReason.HARD_BOUNCE, proof, at)
    item = _held(session, item_id)
    if not item.bounced:
        log_record.record_bounced(session, item_id, kind, min(at, now), reason=reason, evidence=proof, source=source)
        if kind is BounceKind.SOFT:
            soft_bounces.suppress_if_persistent(session, [item.address_id], now, evidence=proof)
        touch(session, item.mass_email_id, now)
        return Recorded.COUNTED
    if kind is BounceKind.HARD and (known := _soft_record(session, item_id)):
        suppress(session, item.address_id, SuppressionReason.HARD_BOUNCE, now, evidence=proof)
        _harden(session, item, known, reason)
        touch(session, item.mass_email_id, now)
        return Recorded.HARDENED
    return Recorded.ALREADY


def record_complained(
    session: Session,
    *,
    item_id: int | None = None,
    address_id: int | None = None,
    evidence: str = "",
    source: EventSource = EventSource.MAILBOX,
    at: datetime,
    now: datetime,
) -> Recorded:
    """Somebody called the message spam: the address is suppressed at once; as record_bounced(). Raises NotFound."""
    if item_id is None:
        return _suppressed(session, address_id, True, SuppressionReason.COMPLAINT, _proof("", evidence), at)
    item = _held(session, item_id)
    if item.complained:
        return Recorded.ALREADY
    log_record.record_complained(session, item_id, min(at, now), evidence=_proof("", evidence), source=source)
    touch(session, item.mass_email_id, now)
    return Recorded.COUNTED


def record_reply(
    session: Session, item_id: int, *, source: EventSource = EventSource.MAILBOX, at: datetime, now: datetime
) -> Recorded:
    """Somebody answered the message; each answer is a log record, the first one counts a person. Raises NotFound."""
    item = _held(session, item_id)
    log_record.record_replied(session, item_id, min(at, now), source=source)
    touch(session, item.mass_email_id, now)
    return Recorded.COUNTED


def record_opted_out_by_mail(
    session: Session, item_id: int, *, source: EventSource, at: datetime, now: datetime
) -> Recorded:
    """Somebody asked by mail for no more of it: the same as the opt-out page does (D3). `source`: MAILTO, the address
    in List-Unsubscribe; REPLY, an answer that says stop. Durable. Raises NotFound."""
    item = _held(session, item_id)
    declined = log_record.record_opted_out(session, item_id, min(at, now), source=source)
    touch(session, item.mass_email_id, now)
    return Recorded.COUNTED if declined or item.opted_out_at is None else Recorded.ALREADY


def _held(session: Session, item_id: int) -> Row[Any]:
    mass_email_id = session.scalar(select(_item.mass_email_id).where(_item.id == item_id))
    if mass_email_id is None:
        raise NotFound("delivery.no_item")
    hold(session, mass_email_id)
    return session.execute(select(_ITEM).where(_item.id == item_id)).one()


def _suppressed(
    session: Session, address_id: int | None, acts: bool, why: SuppressionReason, proof: str, at: datetime
) -> Recorded:
    if not acts or address_id is None:
        return Recorded.NOTHING
    return Recorded.ADDRESS if suppress(session, address_id, why, at, evidence=proof) else Recorded.ALREADY


def _soft_record(session: Session, item_id: int) -> Row[Any] | None:
    soft = (_log.item_id == item_id, _log.action == Action.BOUNCED, _log.bounce_kind == BounceKind.SOFT)
    return session.execute(
        select(_log.id, _log.at, _log.first, _log.reason).where(*soft).order_by(_log.id).limit(1)
    ).first()


def _harden(session: Session, item: Row[Any], known: Row[Any], reason: str) -> None:
    """The one bounced record of an item says from now on what is known from now on; the counters follow."""
    session.execute(update(_LOG).where(_log.id == known.id).values(bounce_kind=BounceKind.HARD, reason=reason))
    address, domain = table(Address), table(Domain)
    provider = session.scalar(
        select(domain.c.provider)
        .join_from(address, domain, domain.c.id == address.c.domain_id)
        .where(address.c.id == item.address_id)
    )
    before = Mark(
        item.mass_email_id,
        Action.BOUNCED,
        known.at,
        provider or "",
        first=known.first,
        reasons=(BounceKind.SOFT.value,),
        because=known.reason,
    )
    bump(session, [replace(before, reasons=(BounceKind.HARD.value,), because=reason)], [before])


def _proof(status: str, evidence: str) -> str:
    """Status and words in one line, cut to what is kept."""
    words = evidence if not status or status in evidence else f"{status} {evidence}"
    return " ".join(words.split())[:REPLY_LENGTH]
