"""The queue item: one person of one mass email; what is counted, shown and decided about it (D7, D12, D13).

Claiming, settling and releasing are in claim and settlement, the tables in queue_table; all their words are here too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session

from models import audit, db
from models.claim import Held, HeldItem, cancel_waiting, claim_items, mark_on_wire, release_expired, renew_claims
from models.column_types import count_changed, table
from models.counter import touch
from models.log_table import EventSource
from models.mailing import finish_if_done, go_on, hold
from models.mass_email import MassEmailStatus, move
from models.queue_count import QueueCounts, queue_counts
from models.queue_table import Claim, ClaimState, ItemState, QueueItem, SkipReason
from models.recipient import Kind, Recipient
from models.settlement import count_as_sent, settle
from models.verdict import Outcome, Verdict

__all__ = [
    "Claim",
    "ClaimState",
    "Held",
    "HeldItem",
    "ItemState",
    "Outcome",
    "QueueCounts",
    "QueueItem",
    "SkipReason",
    "Verdict",
    "cancel_waiting",
    "claim_items",
    "finish_if_done",
    "mark_on_wire",
    "queue_counts",
    "release_expired",
    "renew_claims",
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


def item_ids(session: Session, mass_email_id: int, states: Sequence[ItemState]) -> list[int]:
    """The ids of all items in some states: what "all" means to an act at this moment."""
    wanted = (_item.mass_email_id == mass_email_id, _item.state.in_(states))
    return list(session.scalars(select(_item.id).where(*wanted).order_by(_item.id)))


def count_changed_addresses(session: Session, mass_email_id: int) -> int:
    """How many people were skipped because their address changed: queue_again() takes them up (D7)."""
    skipped = (_item.mass_email_id == mass_email_id, _item.state == ItemState.SKIPPED)
    found = select(func.count()).where(*skipped, _item.reason == SkipReason.ADDRESS_CHANGED.value)
    return session.scalar(found) or 0


def cancel_mass_email(doors: db.Doors, mass_email_id: int, now: datetime, by: str) -> int:
    """Stop a mass email for good; gives how many people do not get it. Raises as mass_email.move() does."""
    with doors.unit_of_work() as session:
        move(session, mass_email_id, MassEmailStatus.CANCELLED, now, by)
    total = 0
    while True:
        with doors.unit_of_work() as session:
            some = cancel_waiting(session, mass_email_id, now)
        if not some:
            return total
        total += some


def retry_failed(session: Session, mass_email_id: int, now: datetime, by: str) -> int:
    """How many failed items wait again, their retries begun anew; the mass email goes on if it was Complete. Who was
    suppressed by the failure is skipped at the claim. Raises Refused when it is Draft, Pending, Cancelled or Failed."""
    hold(session, mass_email_id)
    failed = update(_ITEM).where(_item.mass_email_id == mass_email_id, _item.state == ItemState.FAILED)
    again = count_changed(session, failed.values(**_anew(now)))
    if again:
        go_on(session, mass_email_id, now, by)
        audit.note(session, now, by, "mass_email.retried", "mass_email", mass_email_id, people=again)
    return again


def _anew(now: datetime) -> dict[str, Any]:
    waiting = {"state": ItemState.WAITING, "next_try_at": now, "first_tried_at": None, "claim_id": None, "reason": ""}
    return {**waiting, "attempts": 0}


Decision = Literal["sent", "send_again", "leave_out"]


def decide_uncertain(session: Session, item_ids: Sequence[int], decision: Decision, now: datetime, by: str) -> int:
    """How many uncertain items were decided: counted as sent, sent again, or left out (D12). "send_again" takes failed
    items too. Items in any other state are passed over."""
    states = [ItemState.UNCERTAIN, ItemState.FAILED] if decision == "send_again" else [ItemState.UNCERTAIN]
    chosen = (_item.id.in_(item_ids), _item.state.in_(states))
    decided = 0
    concerned = select(_item.mass_email_id).where(*chosen).distinct().order_by(_item.mass_email_id)
    for mass_email_id in session.scalars(concerned).all():
        hold(session, mass_email_id)
        ids = session.scalars(select(_item.id).where(*chosen, _item.mass_email_id == mass_email_id)).all()
        _decide(session, mass_email_id, ids, decision, now, by)
        audit.note(session, now, by, f"mass_email.decided_{decision}", "mass_email", mass_email_id, people=len(ids))
        decided += len(ids)
    return decided


def _decide(
    session: Session, mass_email_id: int, ids: Sequence[int], decision: Decision, now: datetime, by: str
) -> None:
    if decision == "sent":
        count_as_sent(session, ids, now, EventSource.PERSON)
        touch(session, mass_email_id, now)
        return
    leave = {"state": ItemState.SKIPPED, "reason": SkipReason.DECIDED.value, "claim_id": None}
    session.execute(update(_ITEM).where(_item.id.in_(ids)).values(leave if decision == "leave_out" else _anew(now)))
    if decision == "send_again":
        go_on(session, mass_email_id, now, by)
    else:
        touch(session, mass_email_id, now)


def queue_again(
    session: Session, mass_email_id: int, now: datetime, by: str, item_ids: Sequence[int] | None = None
) -> int:
    """How many people skipped for a changed address wait again, at the address they have today (D7). Whose new address
    this mass email has already stays skipped, as a duplicate; who has none stays as it is. `item_ids` None: all."""
    hold(session, mass_email_id)
    skipped = (
        select(_item.id, _person.address_id)
        .join_from(_ITEM, _PERSON, _person.id == _item.recipient_id)
        .where(_item.mass_email_id == mass_email_id, _item.state == ItemState.SKIPPED)
        .where(_item.reason == SkipReason.ADDRESS_CHANGED.value, _person.address_id.is_not(None))
        .order_by(_item.id)
    )
    if item_ids is not None:
        skipped = skipped.where(_item.id.in_(item_ids))
    rows = session.execute(skipped).all()
    own = {row.id: row.address_id for row in rows}
    taken = set(
        session.execute(
            select(_item.address_id).where(
                _item.mass_email_id == mass_email_id, _item.address_id.in_(own.values()), _item.id.not_in(own)
            )
        ).scalars()
    )
    again: list[dict[str, int]] = []
    twins: list[dict[str, int]] = []
    for item_id, address_id in own.items():
        (twins if address_id in taken else again).append({"item": item_id, "address": address_id})
        taken.add(address_id)
    if twins:
        twin = update(_ITEM).where(_item.id.in_([one["item"] for one in twins]))
        session.execute(twin.values(reason=SkipReason.DUPLICATE.value))
    if again:
        waits = update(_ITEM).where(_item.id == bindparam("item"))
        session.connection().execute(waits.values(address_id=bindparam("address"), **_anew(now)), again)
        go_on(session, mass_email_id, now, by)
    return len(again)
