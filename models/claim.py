"""The claim: a leased group of queue items in the hands of one worker (D7, D12, the queue protocol).

claim_items      waiting → held; who left meanwhile → skipped
mark_on_wire     from here on the truth may be unknown
release_expired  the worker is gone: its items wait again, or are uncertain if the wire was touched
"""

from collections import Counter as Tally
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exists,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlmodel import Session

from models import queue_count
from models.address import EVERYTHING, Address, OptOut, Suppression
from models.campaign import ListRole
from models.column_types import Utc, count_changed, table
from models.counter import touch
from models.db import is_sqlite
from models.errors import Refused
from models.mailing import Mailing, finish_if_done, get_mailing, hold, hold_mailing
from models.mass_email import MassEmail, MassEmailList, MassEmailStatus
from models.packed import pack, packed, unpack, unpacked
from models.person import Person, person_columns, person_of
from models.queue_table import Claim, ClaimState, ItemState, QueueItem, SkipReason
from models.recipient import Kind, Recipient
from models.target_list import Membership

_ITEM, _CLAIM, _PERSON = table(QueueItem), table(Claim), table(Recipient)
_item, _claim, _person = _ITEM.c, _CLAIM.c, _PERSON.c

OPEN: Final = text("claim.state <= 2")
"""CLAIMED or ON_WIRE, in the words of the index of open claims."""


class HeldItem(NamedTuple):
    """What a worker needs to make one message and to judge its answer. `person`: as read at the claim (D8); their
    address as typed is what is mailed. `attempts`: tries before."""

    id: int
    recipient_id: int
    address_id: int
    domain_id: int
    version_id: int
    attempts: int
    person: Person

    @property
    def address(self) -> str:
        """As typed."""
        return self.person.address

    @property
    def kind(self) -> Kind:
        """Of the recipient."""
        return self.person.kind


@dataclass(frozen=True, slots=True)
class Held:
    """A claim in hand. `items` may be empty: everybody due had left; `skipped` of them. Then claim again."""

    claim_id: int
    mass_email_id: int
    items: tuple[HeldItem, ...]
    skipped: int


def claim_items(
    session: Session,
    mass_email_id: int,
    smtp_account_id: int,
    limit: int,
    worker: str,
    lease: timedelta,
    now: datetime,
    *,
    domain_allowance: Mapping[int, int] | None = None,
) -> Held | None:
    """Up to `limit` due items moved to held under a new claim, the longest due first. None: nothing is due, or the mass
    email is not In Process, or its campaign Inactive.

    In the same transaction who was suppressed, opted out, archived or got another address since the queue was built
    becomes skipped with the reason (D7). Each item takes the mass email's version of now. `domain_allowance`: how many
    each domain may get, asked by `[domain_id]`; None: as many as there are. Commit before the first byte to the server.
    """
    mail = hold_mailing(session, mass_email_id)
    held = claim_of(session, mail, smtp_account_id, limit, worker, lease, now, domain_allowance=domain_allowance)
    if held:
        touch(session, mass_email_id, now)
    return held


def claim_of(
    session: Session,
    mail: Mailing,
    smtp_account_id: int,
    limit: int,
    worker: str,
    lease: timedelta,
    now: datetime,
    *,
    domain_allowance: Mapping[int, int] | None = None,
) -> Held | None:
    """claim_items() of a mailing that is held already, in a unit of work that touches the mass email itself."""
    if not mail.sends:
        return None
    closed = [domain_id for domain_id, n in (domain_allowance or {}).items() if not n]
    due = _due(session, mail, limit, now, closed)
    if not due:
        return None
    going = [row for row in due if row.why is None]
    if domain_allowance is not None:
        going = _within(domain_allowance, going)
    leaving = [row for row in due if row.why is not None]
    if not going and not leaving:
        return None
    values = {"worker": worker, "mass_email_id": mail.id, "smtp_account_id": smtp_account_id}
    made = {"state": ClaimState.CLAIMED, "lease_until": now + lease, "created_at": now, **values}
    claim_id = session.execute(_MADE, made).scalar_one()
    _take(session, mail, claim_id, going)
    _leave(session, leaving)
    shifted = {
        ItemState.WAITING: -len(going) - len(leaving),
        ItemState.HELD: len(going),
        ItemState.SKIPPED: len(leaving),
    }
    queue_count.shift(session, mail.id, shifted)
    version_id = cast(int, mail.version_id)  # whatever is sent has a version
    items = tuple(HeldItem(*row[:3], row.domain_id, version_id, row.attempts, person_of(row.person)) for row in going)
    return Held(claim_id, mail.id, items, len(leaving))


_MADE: Final = insert(_CLAIM).returning(_claim.id)


class _Due(NamedTuple):
    """A due item as the database packs it: `why` it must not go after all, or None; then the person's columns."""

    id: int
    recipient_id: int
    address_id: int
    attempts: int
    domain_id: int
    why: str | None
    person: list[Any]


def _due(session: Session, mail: Mailing, limit: int, now: datetime, closed: Collection[int]) -> list[_Due]:
    """The next due items, locked."""
    values = {"mail": mail.id, "limit": limit, "now": now, "closed": pack([one] for one in closed)}
    statement = _due_statement(is_sqlite(session), mail.informational, bool(closed))
    return [_Due._make([*row[:6], row[6:]]) for row in unpack(session.execute(statement, values).scalar())]


@cache
def _due_statement(sqlite: bool, informational: bool, some_closed: bool) -> Select[Any]:
    """The rows of _Due in one value. Built once: it is the hottest statement of all."""
    place = table(Address)
    columns = [*(_item[name] for name in ("id", "recipient_id", "address_id", "attempts")), place.c.domain_id]
    waiting = text("queue_item.state = 1")  # in the words of the index of due items
    due = (
        select(*columns, _why_not(informational).label("why"))
        .join_from(_ITEM, _PERSON, _person.id == _item.recipient_id)
        .join(place, place.c.id == _item.address_id)
        .where(_item.mass_email_id == bindparam("mail"), waiting, _item.next_try_at <= bindparam("now", type_=Utc))
        .order_by(_item.next_try_at, _item.id)
        .limit(bindparam("limit"))
        .with_for_update(of=_ITEM, skip_locked=True)
    )
    if some_closed:
        closed = unpacked("closed", {"id": BigInteger}, sqlite=sqlite)
        due = due.where(place.c.domain_id.not_in(select(closed.c.id)))
    rows, own, account = due.subquery("due"), _PERSON.alias("own"), _PERSON.alias("account")
    whole = rows.join(own, own.c.id == rows.c.recipient_id).outerjoin(account, account.c.id == own.c.account_id)
    return select(packed([*rows.c, *person_columns(own, account)], sqlite=sqlite)).select_from(whole)


def _within(allowance: Mapping[int, int], due: Sequence[_Due]) -> list[_Due]:
    """Those that their domains may still get; the others go on waiting."""
    taken, going = Tally[int](), []
    for row in due:
        if taken[row.domain_id] < allowance[row.domain_id]:
            taken[row.domain_id] += 1
            going.append(row)
    return going


def _take(session: Session, mail: Mailing, claim_id: int, going: Sequence[_Due]) -> None:
    if going:
        values = {"ids": pack([row.id] for row in going), "claim": claim_id, "version": mail.version_id}
        session.execute(_taken(is_sqlite(session)), values)


@cache
def _taken(sqlite: bool) -> Update:
    ids = unpacked("ids", {"id": BigInteger}, sqlite=sqlite)
    held = update(_ITEM).where(_item.id.in_(select(ids.c.id)))
    return held.values(state=ItemState.HELD, claim_id=bindparam("claim"), version_id=bindparam("version"), reason="")


def _leave(session: Session, leaving: Sequence[_Due]) -> None:
    if leaving:
        skipped = update(_ITEM).where(_item.id == bindparam("item"))
        changes = [{"item": row.id, "why": row.why} for row in leaving]
        session.connection().execute(skipped.values(state=ItemState.SKIPPED, reason=bindparam("why")), changes)


def _why_not(informational: bool) -> ColumnElement[str | None]:
    """The first reason that applies, in the order of D6. An Informational Email ignores opt-outs only."""
    held_back = table(Suppression).c
    ended = held_back.until <= bindparam("now", type_=Utc)
    suppressed = exists().where(held_back.address_id == _item.address_id, or_(held_back.until.is_(None), ~ended))
    reasons: list[tuple[ColumnElement[bool], str]] = [
        (_person.archived_at.is_not(None), SkipReason.ARCHIVED.value),
        (_person.address_id.is_distinct_from(_item.address_id), SkipReason.ADDRESS_CHANGED.value),
        (suppressed, SkipReason.SUPPRESSED.value),
    ]
    if not informational:
        reasons.append((_declined(EVERYTHING), SkipReason.OPTED_OUT_ENTIRELY.value))
        reasons.append((and_(_declined(_item.list_id), ~_wants_another_list()), SkipReason.OPTED_OUT.value))
    return case(*reasons, else_=None)


def _declined(list_id: Any) -> ColumnElement[bool]:
    declined = table(OptOut).alias().c
    found = select(declined.list_id).where(declined.address_id == _item.address_id, declined.list_id == list_id)
    return found.correlate(_ITEM, table(MassEmailList)).exists()  # from a query within a query, too


def _wants_another_list() -> ColumnElement[bool]:
    """Whether the person stands in another target list of the mass email and has not declined that one."""
    target, member = table(MassEmailList).c, table(Membership).c
    return exists().where(
        target.mass_email_id == bindparam("mail"),
        target.role == ListRole.TARGET,
        member.list_id == target.list_id,
        member.recipient_id == _item.recipient_id,
        ~_declined(target.list_id),
    )


def mark_on_wire(session: Session, claim_id: int, worker: str, now: datetime) -> None:
    """The claim is on the wire: from here on a crash makes its items uncertain. Durable, before the first DATA.

    Raises Refused when the lease is over or the claim not this worker's: then nothing of it may be sent.
    """
    marked = session.execute(_ON_WIRE, {"claim": claim_id, "by": worker, "now": now})
    if not cast(CursorResult[Any], marked).rowcount:
        raise Refused("delivery.lease_lost")


_ON_WIRE: Final = (
    update(_CLAIM)
    .where(
        _claim.id == bindparam("claim"),
        _claim.worker == bindparam("by"),
        _claim.state == ClaimState.CLAIMED,
        _claim.lease_until > bindparam("now", type_=Utc),
    )
    .values(state=ClaimState.ON_WIRE)
)


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
            tried = {"reason": "worker_stopped", "attempts": _item.attempts + 1}
            uncertain += _expire(session, mass_email_id, claim_id, ItemState.UNCERTAIN, **tried)
        elif state is ClaimState.CLAIMED:
            again = get_mailing(session, mass_email_id).again
            returned += _expire(session, mass_email_id, claim_id, again, claim_id=None)
        touch(session, mass_email_id, now)
        finish_if_done(session, mass_email_id, now)
    _cancel_left_over(session, now)
    return returned, uncertain


def _expire(session: Session, mass_email_id: int, expired: int, state: ItemState, **values: object) -> int:
    """How many items the claim lets go."""
    session.execute(update(_CLAIM).where(_claim.id == expired).values(state=ClaimState.EXPIRED))
    held = update(_ITEM).where(_item.claim_id == expired, _item.state == ItemState.HELD)
    gone = count_changed(session, held.values(state=state, **values))
    queue_count.shift_all(session, mass_email_id, ItemState.HELD, state, gone)
    return gone


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
        queue_count.shift_all(session, mass_email_id, ItemState.WAITING, ItemState.CANCELLED, cancelled)
        touch(session, mass_email_id, now)
    return cancelled
