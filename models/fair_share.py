"""The fair share: what of an account's limits a mass email may take while others want it too (D9).

What is left of the hour is poured over the mass emails that have people to mail, the one that got least in this hour
first: the small one is done soon, and large ones go on side by side. Nothing is kept for who cannot send now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, bindparam, exists, func, or_, select
from sqlmodel import Session

from models.address import Address
from models.campaign import Campaign, CampaignStatus
from models.column_types import table, to_milliseconds
from models.counter import SLOT, Counter, Dimension, in_milliseconds
from models.log_table import Action
from models.mass_email import MassEmail, MassEmailStatus
from models.opening import not_yet
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


def rivals(session: Session, mail: Row[Any], account: Row[Any], setting: OutboundEmails, now: datetime) -> list[int]:
    """The other mass emails that could send by this account now: somebody is due."""
    by_default = account.is_default or account.weight > 0 or account.stand_by
    values = {"mail": mail.id, "account": account.id, "now": now}
    others = session.execute(_RIVALS_BY_DEFAULT if by_default else _RIVALS_THAT_NAME_IT, values)
    return [other.id for other in others if not_yet(other, setting, now) is None]


def _rivals(of_account: ColumnElement[bool]) -> Select[Any]:
    """Built once: it is asked for at every claim."""
    campaign, item, mail = table(Campaign).c, table(QueueItem).c, _MAIL.c
    due = exists().where(
        item.mass_email_id == mail.id, item.state == ItemState.WAITING, item.next_try_at <= bindparam("now")
    )
    return (
        select(*(mail[name] for name in ("id", "zone", "sending_window", "queue_done_at", "portions_done")))
        .join(table(Campaign), campaign.id == mail.campaign_id)
        .where(mail.status == MassEmailStatus.IN_PROCESS, mail.deleted_at.is_(None), mail.id != bindparam("mail"))
        .where(campaign.status != CampaignStatus.INACTIVE, campaign.deleted_at.is_(None), of_account, due)
    )


_NAMES_IT: Final = _MAIL.c.smtp_account_id == bindparam("account")
_RIVALS_THAT_NAME_IT: Final = _rivals(_NAMES_IT)
_RIVALS_BY_DEFAULT: Final = _rivals(or_(_NAMES_IT, _MAIL.c.smtp_account_id.is_(None)))


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
