"""The queue item: one person of one mass email; what is counted and shown about it (D7, D12, D13).

Claiming, settling and releasing are in claim and settlement, what people decide in decision, the tables in queue_table;
all their words are here too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from models.claim import Held, HeldItem, cancel_waiting, claim_items, mark_on_wire, release_expired, renew_claims
from models.column_types import table
from models.decision import (
    DECIDES,
    Decision,
    cancel_mass_email,
    cancel_rest,
    decide_all,
    decide_items,
    queue_again,
    retry_failed,
)
from models.mailing import finish_if_done
from models.queue_count import QueueCounts, queue_counts
from models.queue_table import Claim, ClaimState, ItemState, QueueItem, SkipReason
from models.recipient import Kind, Recipient
from models.settlement import settle
from models.verdict import Outcome, Verdict

__all__ = [
    "DECIDES",
    "Claim",
    "ClaimState",
    "Decision",
    "Held",
    "HeldItem",
    "ItemState",
    "Outcome",
    "QueueCounts",
    "QueueItem",
    "SkipReason",
    "Verdict",
    "cancel_mass_email",
    "cancel_rest",
    "cancel_waiting",
    "claim_items",
    "decide_all",
    "decide_items",
    "finish_if_done",
    "mark_on_wire",
    "queue_again",
    "queue_counts",
    "release_expired",
    "renew_claims",
    "retry_failed",
    "settle",
]

_ITEM, _CLAIM, _PERSON = table(QueueItem), table(Claim), table(Recipient)
_item, _claim, _person = _ITEM.c, _CLAIM.c, _PERSON.c


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as lists show it. `address` as typed today. `at`: when it was last in a worker's hands, None: never."""

    id: int
    recipient_id: int
    name: str
    address: str
    kind: Kind
    state: ItemState
    reason: str
    code: int | None
    enhanced_status: str
    reply: str
    attempts: int
    next_try_at: datetime
    at: datetime | None


def item_page(
    session: Session,
    mass_email_id: int,
    states: Sequence[ItemState] = (ItemState.UNCERTAIN, ItemState.FAILED),
    page: int = 1,
    size: int = 25,
) -> tuple[list[ItemRow], int]:
    """Items in some states, uncertain ones first: the rows "To decide" when nothing else is asked for."""
    wanted = (_item.mass_email_id == mass_email_id, _item.state.in_(states))
    total = session.scalar(select(func.count()).select_from(_ITEM).where(*wanted)) or 0
    names = ("state", "reason", "code", "enhanced_status", "reply", "attempts", "next_try_at")
    rows = session.execute(
        select(_item.id, _item.recipient_id, _person.name, _person.address_typed, _person.kind)
        .add_columns(*(_item[name] for name in names), _claim.created_at)
        .select_from(
            _ITEM.join(_PERSON, _person.id == _item.recipient_id).outerjoin(_CLAIM, _claim.id == _item.claim_id)
        )
        .where(*wanted)
        .order_by(_item.state.desc(), _item.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return [ItemRow(*row) for row in rows], total


def queued_recipients(session: Session, mass_email_id: int, page: int, size: int) -> tuple[list[int], int]:
    """One page of the recipient ids of a queue, in its order, and how many there are."""
    mine = _item.mass_email_id == mass_email_id
    ids = select(_item.recipient_id).where(mine).order_by(_item.id).limit(size).offset((page - 1) * size)
    total = session.scalar(select(func.count()).select_from(_ITEM).where(mine)) or 0
    return list(session.scalars(ids)), total


def count_changed_addresses(session: Session, mass_email_id: int) -> int:
    """How many people were skipped because their address changed: queue_again() takes them up (D7)."""
    skipped = (_item.mass_email_id == mass_email_id, _item.state == ItemState.SKIPPED)
    found = select(func.count()).where(*skipped, _item.reason == SkipReason.ADDRESS_CHANGED.value)
    return session.scalar(found) or 0
