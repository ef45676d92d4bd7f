"""The claim: a leased group of queue items in the hands of one worker (D7, D12, the queue protocol).

claim_items      waiting → held; who left meanwhile → skipped
mark_on_wire     from here on the truth may be unknown
release_expired  the worker is gone: its items wait again, or are uncertain if the wire was touched
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, insert, or_, select, text, update
from sqlmodel import Session

from models.address import EVERYTHING, OptOut, Suppression
from models.campaign import ListRole
from models.column_types import count_changed, table
from models.counter import touch
from models.errors import Refused
from models.mailing import Mailing, finish_if_done, get_mailing, hold
from models.mass_email import MassEmail, MassEmailList, MassEmailStatus
from models.queue_table import Claim, ClaimState, ItemState, QueueItem, SkipReason
from models.recipient import Kind, Recipient
from models.target_list import Membership

_ITEM, _CLAIM, _PERSON = table(QueueItem), table(Claim), table(Recipient)
_item, _claim, _person = _ITEM.c, _CLAIM.c, _PERSON.c

OPEN: Final = text("claim.state <= 2")
"""CLAIMED or ON_WIRE, in the words of the index of open claims."""


@dataclass(frozen=True, slots=True)
class HeldItem:
    """What a worker needs to make one message. `address` as typed: it is what is mailed. `attempts`: tries before."""

    id: int
    recipient_id: int
    address_id: int
    address: str
    kind: Kind
    version_id: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Held:
    """A claim in hand. `items` may be empty: everybody due had left; `skipped` of them. Then claim again."""

    claim_id: int
    mass_email_id: int
    items: tuple[HeldItem, ...]
    skipped: int


def claim_items(
    session: Session, mass_email_id: int, smtp_account_id: int, limit: int, worker: str, lease: timedelta, now: datetime
) -> Held | None:
    """Up to `limit` due items moved to held under a new claim, the longest due first. None: nothing is due, or the mass
    email is not In Process, or its campaign Inactive.

    In the same transaction who was suppressed, opted out, archived or got another address since the queue was built
    becomes skipped with the reason (D7). Commit before the first byte to the server.
    """
    hold(session, mass_email_id)
    mail = get_mailing(session, mass_email_id)
    if not mail.sends:
        return None
    due = session.execute(_due(mail, limit, now)).all()
    if not due:
        return None
    values = {"worker": worker, "mass_email_id": mass_email_id, "smtp_account_id": smtp_account_id, "created_at": now}
    claim = insert(_CLAIM).values(state=ClaimState.CLAIMED, lease_until=now + lease, **values).returning(_claim.id)
    claim_id = session.execute(claim).scalar_one()
    going = [row for row in due if row.why is None]
    leaving = [{"item": row.id, "why": row.why} for row in due if row.why is not None]
    if going:
        held = update(_ITEM).where(_item.id.in_([row.id for row in going]))
        session.execute(held.values(state=ItemState.HELD, claim_id=claim_id, reason=""))
    if leaving:
        skipped = update(_ITEM).where(_item.id == bindparam("item"))
        session.connection().execute(skipped.values(state=ItemState.SKIPPED, reason=bindparam("why")), leaving)
    touch(session, mass_email_id, now)
    items = tuple(
        HeldItem(row.id, row.recipient_id, row.address_id, row.address_typed, row.kind, row.version_id, row.attempts)
        for row in going
    )
    return Held(claim_id, mass_email_id, items, len(leaving))


def _due(mail: Mailing, limit: int, now: datetime) -> Select[Any]:
    """The next due items, locked, each with `why` it must not go after all, or NULL."""
    columns = [_item[name] for name in ("id", "recipient_id", "address_id", "version_id", "attempts")]
    return (
        select(*columns, _person.address_typed, _person.kind, _why_not(mail, now).label("why"))
        .join_from(_ITEM, _PERSON, _person.id == _item.recipient_id)
        .where(_item.mass_email_id == mail.id, _item.state == ItemState.WAITING, _item.next_try_at <= now)
        .order_by(_item.next_try_at, _item.id)
        .limit(limit)
        .with_for_update(of=_ITEM, skip_locked=True)
    )


def _why_not(mail: Mailing, now: datetime) -> ColumnElement[str | None]:
    """The first reason that applies, in the order of D6. An Informational Email ignores opt-outs only."""
    held_back = table(Suppression).c
    suppressed = exists().where(
        held_back.address_id == _item.address_id, or_(held_back.until.is_(None), held_back.until > now)
    )
    reasons: list[tuple[ColumnElement[bool], str]] = [
        (_person.archived_at.is_not(None), SkipReason.ARCHIVED.value),
        (_person.address_id.is_distinct_from(_item.address_id), SkipReason.ADDRESS_CHANGED.value),
        (suppressed, SkipReason.SUPPRESSED.value),
    ]
    if not mail.informational:
        reasons.append((_declined(EVERYTHING), SkipReason.OPTED_OUT_ENTIRELY.value))
        reasons.append((and_(_declined(_item.list_id), ~_wants_another_list(mail)), SkipReason.OPTED_OUT.value))
    return case(*reasons, else_=None)


def _declined(list_id: Any) -> ColumnElement[bool]:
    declined = table(OptOut).alias().c
    found = select(declined.list_id).where(declined.address_id == _item.address_id, declined.list_id == list_id)
    return found.correlate(_ITEM, table(MassEmailList)).exists()  # from a query within a query, too


def _wants_another_list(mail: Mailing) -> ColumnElement[bool]:
    """Whether the person stands in another target list of the mass email and has not declined that one."""
    target, member = table(MassEmailList).c, table(Membership).c
    return exists().where(
        target.mass_email_id == mail.id,
        target.role == ListRole.TARGET,
        member.list_id == target.list_id,
        member.recipient_id == _item.recipient_id,
        ~_declined(target.list_id),
    )


def mark_on_wire(session: Session, claim_id: int, worker: str, now: datetime) -> None:
    """The claim is on the wire: from here on a crash makes its items uncertain. Durable, before the first DATA.

    Raises Refused when the lease is over or the claim not this worker's: then nothing of it may be sent.
    """
    mine = (
        _claim.id == claim_id,
        _claim.worker == worker,
        _claim.state == ClaimState.CLAIMED,
        _claim.lease_until > now,
    )
    if not count_changed(session, update(_CLAIM).where(*mine).values(state=ClaimState.ON_WIRE)):
        raise Refused("delivery.lease_lost")


def renew_claims(session: Session, worker: str, lease: timedelta, now: datetime) -> int:
    """How many open claims of a worker now last until `lease` from now. What has ended cannot be renewed."""
    mine = (_claim.worker == worker, OPEN, _claim.lease_until > now)
    return count_changed(session, update(_CLAIM).where(*mine).values(lease_until=now + lease))


def release_expired(session: Session, now: datetime) -> tuple[int, int]:
    """(items that wait again, items now uncertain) of claims whose lease is over. Also cancels what still waits in a
    cancelled mass email, a chunk at each call."""
    over = (OPEN, _claim.lease_until <= now)
    found = session.execute(select(_claim.mass_email_id, _claim.id).where(*over)).all()
    returned = uncertain = 0
    for mass_email_id, claim_id in sorted(tuple(row) for row in found):
        hold(session, mass_email_id)
        state = session.scalar(select(_claim.state).where(_claim.id == claim_id, *over).with_for_update())
        if state is ClaimState.ON_WIRE:
            uncertain += _expire(session, claim_id, ItemState.UNCERTAIN, reason="worker_stopped")
        elif state is ClaimState.CLAIMED:
            returned += _expire(session, claim_id, get_mailing(session, mass_email_id).again, claim_id=None)
        touch(session, mass_email_id, now)
        finish_if_done(session, mass_email_id, now)
    _cancel_left_over(session, now)
    return returned, uncertain


def _expire(session: Session, expired: int, state: ItemState, **values: object) -> int:
    """How many items the claim lets go."""
    session.execute(update(_CLAIM).where(_claim.id == expired).values(state=ClaimState.EXPIRED))
    held = update(_ITEM).where(_item.claim_id == expired, _item.state == ItemState.HELD)
    return count_changed(session, held.values(state=state, **values))


def _cancel_left_over(session: Session, now: datetime) -> None:
    mail = table(MassEmail).c
    waits = exists().where(_item.mass_email_id == mail.id, _item.state == ItemState.WAITING)
    cancelled = select(mail.id).where(mail.status == MassEmailStatus.CANCELLED, waits).order_by(mail.id).limit(1)
    if (mass_email_id := session.scalar(cancelled)) is not None:
        cancel_waiting(session, mass_email_id, now)


CHUNK: Final = 2000
"""Items that one call of cancel_waiting changes: about 20 ms of SQLite's write lock (D23)."""


def cancel_waiting(session: Session, mass_email_id: int, now: datetime, limit: int = CHUNK) -> int:
    """How many waiting items became cancelled, at most `limit`. Repeat, a unit of work each, until it says 0."""
    hold(session, mass_email_id)
    waiting = select(_item.id).where(_item.mass_email_id == mass_email_id, _item.state == ItemState.WAITING)
    some = waiting.order_by(_item.id).limit(limit).scalar_subquery()
    cancelled = count_changed(session, update(_ITEM).where(_item.id.in_(some)).values(state=ItemState.CANCELLED))
    if cancelled:
        touch(session, mass_email_id, now)
    return cancelled
