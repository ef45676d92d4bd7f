"""The queue item: one person of one mass email; what is counted and shown about it (D7, D12, D13).

Claiming, settling and releasing are in claim and settlement, what people decide in decision, the tables in queue_table;
all their words are here too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlmodel import Session

from models.address import Address, normal_form
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
from models.email_template import TemplateVersion
from models.errors import NotFound
from models.mailing import finish_if_done
from models.queue_count import QueueCounts, queue_counts
from models.queue_table import MADE, Claim, ClaimState, ItemState, QueueItem, SkipReason
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
    """Items in some states and how many there are, uncertain ones first: the rows "To decide" when nothing else is
    asked for. Of one state it reads the rows of the page alone; those of several are sorted, all of them."""
    wanted = (_item.mass_email_id == mass_email_id, _item.state.in_(states))
    counts = queue_counts(session, mass_email_id)
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
    return [ItemRow(*row) for row in rows], sum(getattr(counts, state.value) for state in states)


@dataclass(frozen=True, slots=True)
class QueuedPerson:
    """An item as it is exported. `version` None: its message is not made yet."""

    id: int
    name: str
    address: str
    kind: Kind
    state: ItemState
    reason: str
    reply: str
    attempts: int
    version: int | None


def queued_people_after(
    session: Session, mass_email_id: int, states: Sequence[ItemState], after: int = 0, limit: int = 1000
) -> list[QueuedPerson]:
    """The next people of a queue in these states, by id; in any state without one."""
    version = table(TemplateVersion).c
    made = case((_item.state.in_(MADE), version.no))
    rows = session.execute(
        select(_item.id, _person.name, _person.address_typed, _person.kind, _item.state, _item.reason, _item.reply)
        .add_columns(_item.attempts, made)
        .join_from(_ITEM, _PERSON, _person.id == _item.recipient_id)
        .join(table(TemplateVersion), version.id == _item.version_id)
        .where(_item.mass_email_id == mass_email_id, _item.id > after, _item.state.in_(states or list(ItemState)))
        .order_by(_item.id)
        .limit(limit)
    )
    return [QueuedPerson(*row) for row in rows]


def find_items(session: Session, mass_email_id: int, addresses: Sequence[str]) -> list[int]:
    """The items of a mass email by address, as typed or in normal form. Raises NotFound for one that is not queued."""
    address = table(Address).c
    found = []
    for typed in addresses:
        normal = (
            select(_item.id)
            .join(table(Address), address.id == _item.address_id)
            .where(_item.mass_email_id == mass_email_id, address.normal == normal_form(typed))
        )
        item_id = session.scalar(normal)
        if item_id is None:
            raise NotFound("delivery.not_in_queue", address=typed)
        found.append(item_id)
    return found


def queued_recipients(session: Session, mass_email_id: int, page: int, size: int) -> tuple[list[int], int]:
    """One page of the recipient ids of a queue, in its order, and how many there are."""
    mine = _item.mass_email_id == mass_email_id
    ids = select(_item.recipient_id).where(mine).order_by(_item.id).limit(size).offset((page - 1) * size)
    total = session.scalar(select(func.count()).select_from(_ITEM).where(mine)) or 0
    return list(session.scalars(ids)), total


def count_changed_addresses(session: Session, mass_email_id: int) -> int:
    """How many people were skipped because their address changed: queue_again() takes them up (D7). Reads all who were
    skipped: whom something became of between queue and claim, or somebody left out."""
    skipped = (_item.mass_email_id == mass_email_id, _item.state == ItemState.SKIPPED)
    found = select(func.count()).where(*skipped, _item.reason == SkipReason.ADDRESS_CHANGED.value)
    return session.scalar(found) or 0
