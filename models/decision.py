"""What people decide about a queue: cancel it, retry failed, decide uncertain, follow changed addresses (D7, D12).

Whoever decides about many does it in chunks (D23): begun again after a crash it goes on with those who are left.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlmodel import Session

from models import audit, db, queue_count
from models.claim import cancel_waiting
from models.column_types import count_changed, table
from models.counter import touch
from models.log_table import EventSource
from models.mailing import go_on, hold
from models.mass_email import MassEmailStatus, move
from models.queue_table import ItemState, QueueItem, SkipReason
from models.recipient import Recipient
from models.settlement import count_as_sent

_ITEM, _PERSON = table(QueueItem), table(Recipient)
_item, _person = _ITEM.c, _PERSON.c

CHUNK: Final = 200
"""People that one unit of work decides about: about 20 ms of SQLite's write lock, with a log record for each (D23)."""

Decision = Literal["sent", "send_again", "leave_out"]

DECIDES: Final[Mapping[Decision, tuple[ItemState, ...]]] = {
    "sent": (ItemState.UNCERTAIN,),
    "send_again": (ItemState.UNCERTAIN, ItemState.FAILED),
    "leave_out": (ItemState.UNCERTAIN, ItemState.FAILED),
}
"""Whom a decision can be about. A failed message does not count as sent: its server said no, or it was never made."""


def decide_items(session: Session, item_ids: Sequence[int], decision: Decision, now: datetime, by: str) -> int:
    """How many of these were decided: counted as sent, sent again, or left out. Whoever the decision cannot be about is
    passed over. Raises Refused when nothing of a mass email may be sent any more."""
    chosen = (_item.id.in_(item_ids), _item.state.in_(DECIDES[decision]))
    decided = 0
    concerned = select(_item.mass_email_id).where(*chosen).distinct().order_by(_item.mass_email_id)
    for mass_email_id in session.scalars(concerned).all():
        hold(session, mass_email_id)
        mine = select(_item.id).where(*chosen, _item.mass_email_id == mass_email_id)
        people = 0
        for state in DECIDES[decision]:
            ids = session.scalars(mine.where(_item.state == state).order_by(_item.id)).all()
            people += _decide(session, mass_email_id, state, ids, decision, now, by)
        audit.note(session, now, by, f"mass_email.decided_{decision}", "mass_email", mass_email_id, people=people)
        decided += people
    return decided


def decide_all(
    doors: db.Doors, mass_email_id: int, states: Sequence[ItemState], decision: Decision, now: datetime, by: str
) -> int:
    """How many in these states were decided, as decide_items() does, in chunks. Raises as it does, then nothing is
    changed."""
    states = [state for state in DECIDES[decision] if state in states]
    with doors.unit_of_work() as session:
        hold(session, mass_email_id)
        counts = queue_count.queue_counts(session, mass_email_id)
        people = sum(getattr(counts, state.value) for state in states)
        if not people:
            return 0
        if decision == "send_again":
            go_on(session, mass_email_id, now, by)
        audit.note(session, now, by, f"mass_email.decided_{decision}", "mass_email", mass_email_id, people=people)

    def decide(state: ItemState) -> Callable[[Session, Sequence[int]], int]:
        return lambda session, ids: _decide(session, mass_email_id, state, ids, decision, now, by)

    return sum(_in_chunks(doors, mass_email_id, state, decide(state)) for state in states)


def retry_failed(doors: db.Doors, mass_email_id: int, now: datetime, by: str) -> int:
    """How many failed items wait again, their retries begun anew; the mass email goes on if it was Complete. Who was
    suppressed by the failure is skipped at the claim. Raises Refused when it is Draft, Pending, Cancelled or Failed."""
    return decide_all(doors, mass_email_id, [ItemState.FAILED], "send_again", now, by)


def _in_chunks(
    doors: db.Doors,
    mass_email_id: int,
    state: ItemState,
    act: Callable[[Session, Sequence[int]], int],
    *more: ColumnElement[bool],
) -> int:
    """The sum of `act` on the ids in a state, CHUNK in each unit of work, by id: who comes into the state again behind
    the last one is not taken twice."""
    total = after = 0
    mine = select(_item.id).where(_item.mass_email_id == mass_email_id, _item.state == state, *more)
    while True:
        with doors.unit_of_work() as session:
            hold(session, mass_email_id)
            ids = session.scalars(mine.where(_item.id > after).order_by(_item.id).limit(CHUNK)).all()
            if not ids:
                return total
            total += act(session, ids)
            after = ids[-1]


def _decide(
    session: Session,
    mass_email_id: int,
    state: ItemState,
    ids: Sequence[int],
    decision: Decision,
    now: datetime,
    by: str,
) -> int:
    if not ids:
        return 0
    if decision == "sent":
        decided = count_as_sent(session, ids, now, EventSource.PERSON)
        touch(session, mass_email_id, now)
        return decided
    leaves = {"state": ItemState.SKIPPED, "reason": SkipReason.DECIDED.value}
    after, values = (ItemState.SKIPPED, leaves) if decision == "leave_out" else (ItemState.WAITING, again(state, now))
    decided = count_changed(session, update(_ITEM).where(_item.id.in_(ids), _item.state == state).values(values))
    queue_count.shift_all(session, mass_email_id, state, after, decided)
    if decision == "send_again":
        go_on(session, mass_email_id, now, by)
    else:
        touch(session, mass_email_id, now)
    return decided


def again(state: ItemState, now: datetime) -> dict[str, Any]:
    """The values of an item that waits again. The tries of a failed one begin anew, the doubtful try of an uncertain
    one counts."""
    waits = {"state": ItemState.WAITING, "next_try_at": now, "first_tried_at": None, "claim_id": None, "reason": ""}
    return waits if state is ItemState.UNCERTAIN else {**waits, "attempts": 0}


# Changed addresses


def queue_again(doors: db.Doors, mass_email_id: int, now: datetime, by: str) -> int:
    """How many people skipped for a changed address wait again, at the address they have today (D7). Whose new address
    this mass email has already stays skipped, as a duplicate; who has none stays as it is. Raises Refused when nothing
    of it may be sent any more."""
    changed = _item.reason == SkipReason.ADDRESS_CHANGED.value
    queued = _in_chunks(
        doors,
        mass_email_id,
        ItemState.SKIPPED,
        lambda session, ids: _queue_again(session, mass_email_id, ids, now, by),
        changed,
    )
    if queued:
        with doors.unit_of_work() as session:
            audit.note(session, now, by, "mass_email.queued_again", "mass_email", mass_email_id, people=queued)
    return queued


def _queue_again(session: Session, mass_email_id: int, ids: Sequence[int], now: datetime, by: str) -> int:
    moved = select(_item.id, _item.address_id, _person.address_id.label("new")).where(
        _item.id.in_(ids), _person.id == _item.recipient_id, _person.address_id.is_not(None)
    )
    rows = session.execute(moved.order_by(_item.id)).all()
    old, new = {row.id: row.address_id for row in rows}, {row.id: row.new for row in rows}
    others = select(_item.address_id).where(
        _item.mass_email_id == mass_email_id, _item.address_id.in_(new.values()), _item.id.not_in(new)
    )
    goes = _without_twins(old, new, set(session.scalars(others)))
    if twins := new.keys() - goes:
        stays = update(_ITEM).where(_item.id.in_(twins))
        session.execute(stays.values(reason=SkipReason.DUPLICATE.value))
    if goes:
        _readdress(session, {item: new[item] for item in goes}, now)
        queue_count.shift_all(session, mass_email_id, ItemState.SKIPPED, ItemState.WAITING, len(goes))
        go_on(session, mass_email_id, now, by)
    return len(goes)


def _without_twins(old: Mapping[int, int], new: Mapping[int, int], taken: set[int]) -> set[int]:
    """The items whose new address nobody else has: of two that move to one address the first. Who stays keeps the old
    address from whoever moves to it."""
    goes = set(new)
    while True:
        has = set(taken)
        stays = set()
        for item in sorted(goes):
            if new[item] in has:
                stays.add(item)
            has.add(new[item])
        if not stays:
            return goes
        goes -= stays
        taken = taken | {old[item] for item in stays}


def _readdress(session: Session, addresses: Mapping[int, int], now: datetime) -> None:
    """Each address is one item's only, at any moment: two that swapped theirs let go first."""
    session.execute(update(_ITEM).where(_item.id.in_(addresses)).values(address_id=-_item.id))
    waits = update(_ITEM).where(_item.id == bindparam("item"))
    rows = [{"item": item, "address": address} for item, address in sorted(addresses.items())]
    values = {**again(ItemState.SKIPPED, now), "address_id": bindparam("address")}
    session.connection().execute(waits.values(values), rows)


# Cancel


def cancel_mass_email(doors: db.Doors, mass_email_id: int, now: datetime, by: str) -> int:
    """Stop a mass email for good; gives how many people do not get it. Raises as mass_email.move() does."""
    with doors.unit_of_work() as session:
        move(session, mass_email_id, MassEmailStatus.CANCELLED, now, by)
    return cancel_rest(doors, mass_email_id, now)


def cancel_rest(doors: db.Doors, mass_email_id: int, now: datetime) -> int:
    """How many people who waited in a cancelled mass email do not get it."""
    total = 0
    while True:
        with doors.unit_of_work() as session:
            some = cancel_waiting(session, mass_email_id, now)
        if not some:
            return total
        total += some
