"""The turn: what of an account's limits a mass email may take while others wait for theirs (D9).

What is left of the hour is poured over the mass emails that have people to mail, the one that got least in this hour
first: the small one is done soon, and large ones go on side by side. Nothing is kept for who cannot send now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, exists, func, or_, select
from sqlmodel import Session

from models import sending_window
from models.address import Address
from models.campaign import Campaign, CampaignStatus
from models.catalogue import Problem
from models.column_types import table, to_milliseconds
from models.counter import SLOT, Counter, Dimension, in_milliseconds
from models.log_table import Action
from models.mass_email import MassEmail, MassEmailStatus
from models.outbound_emails import OutboundEmails
from models.queue_count import queue_counts
from models.queue_table import ItemState, QueueItem

_MAIL: Final = table(MassEmail)
_SLOTS: Final = 6
"""Ten minutes each, beside the one that is running: an hour."""
_LOOKED_AT: Final = 4
"""Portions that are looked through for people whose domain takes mail."""


@dataclass(frozen=True, slots=True)
class Share:
    """`used`: messages of the last hour; `wants`: people who are due, at most a portion."""

    used: int
    wants: int


def keeps_waiting(mail: Row[Any], setting: OutboundEmails, now: datetime, *, begun: bool = False) -> Problem | None:
    """Why a mass email In Process sends nothing yet whatever its limits: undo minutes, sending window. `begun`: its
    first portion is under way."""
    until = None if begun else undo_until(mail, setting)
    if until is not None and until > now:
        return Problem("delivery.waiting.undo", at=until)
    window, zone = sending_window.parse(mail.sending_window), ZoneInfo(mail.zone)
    if not window.is_open(now, zone):
        return Problem("delivery.waiting.window", at=window.next_open(now, zone))
    return None


def undo_until(mail: Row[Any] | MassEmail, setting: OutboundEmails) -> datetime | None:
    """Until when a mass email whose queue is built can be taken back before anybody got it; None: it has no undo
    minutes, or its first portion is done."""
    if not setting.undo_minutes or mail.queue_done_at is None or mail.portions_done:
        return None
    until: datetime = mail.queue_done_at + timedelta(minutes=setting.undo_minutes)
    return until


def rivals(session: Session, mail: Row[Any], account: Row[Any], setting: OutboundEmails, now: datetime) -> list[int]:
    """The other mass emails that could send by this account now: somebody is due."""
    by_default = account.is_default or account.weight > 0 or account.stand_by
    mine = _MAIL.c.smtp_account_id == account.id
    campaign, item = table(Campaign).c, table(QueueItem).c
    due = exists().where(item.mass_email_id == _MAIL.c.id, item.state == ItemState.WAITING, item.next_try_at <= now)
    others = session.execute(
        select(*(_MAIL.c[name] for name in ("id", "zone", "sending_window", "queue_done_at", "portions_done")))
        .join_from(_MAIL, table(Campaign), campaign.id == _MAIL.c.campaign_id)
        .where(_MAIL.c.status == MassEmailStatus.IN_PROCESS, _MAIL.c.deleted_at.is_(None), _MAIL.c.id != mail.id)
        .where(campaign.status != CampaignStatus.INACTIVE, campaign.deleted_at.is_(None), due)
        .where(or_(mine, _MAIL.c.smtp_account_id.is_(None)) if by_default else mine)
    )
    return [other.id for other in others if keeps_waiting(other, setting, now) is None]


def read_shares(
    session: Session, mass_email_ids: Sequence[int], most: int, full: Collection[int], now: datetime
) -> list[Share]:
    """What each has had and wants. `most`: a portion; `full`: the domains that may get nothing now."""
    return [Share(_used(session, one, now), _due(session, one, most, full, now)) for one in mass_email_ids]


def fair_part(left: int, mine: Share, others: Sequence[Share]) -> int:
    """How many of `left` messages are mine, when they are poured on whoever had least first, up to what each wants."""
    shares = (mine, *others)

    def poured(level: int) -> int:
        return sum(_up_to(level, one) for one in shares)

    low, high = 0, max(one.used + one.wants for one in shares)
    while low < high:  # the highest level that what is left reaches
        middle = (low + high + 1) // 2
        low, high = (middle, high) if poured(middle) <= left else (low, middle - 1)
    odd = poured(low) < left  # too few for one more each: for who comes first
    return _up_to(low + odd, mine)


def _up_to(level: int, one: Share) -> int:
    return min(one.wants, max(0, level - one.used))


def _used(session: Session, mass_email_id: int, now: datetime) -> int:
    """Sent in this hour, by the counters, and what is being sent at this moment."""
    counter, slot = table(Counter).c, to_milliseconds(now) // in_milliseconds(SLOT)
    sent = session.scalar(
        select(func.sum(counter.hits)).where(
            counter.mass_email_id == mass_email_id,
            counter.dimension == Dimension.SLOT,
            counter.key.in_([str(slot - ago) for ago in range(_SLOTS + 1)]),
            counter.action == Action.SENT,
        )
    )
    return int(sent or 0) + queue_counts(session, mass_email_id).held


def _due(session: Session, mass_email_id: int, most: int, full: Collection[int], now: datetime) -> int:
    """People who are due and whose domain takes mail, at most `most`; looks at the first few portions only."""
    item, address = table(QueueItem).c, table(Address).c
    due = select(item.address_id).where(
        item.mass_email_id == mass_email_id, item.state == ItemState.WAITING, item.next_try_at <= now
    )
    first = due.order_by(item.next_try_at, item.id).limit(most * _LOOKED_AT if full else most).subquery()
    found = select(func.count()).select_from(first)
    if full:
        found = found.join(table(Address), address.id == first.c.address_id).where(address.domain_id.not_in(full))
    return min(most, session.scalar(found) or 0)
