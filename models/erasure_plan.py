"""What an erasure is about, before it is done: which records, which addresses, what goes and what stays (D25)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models.address import Address, ConsentEvent, OptOut, find_addresses, normal_form
from models.column_types import table
from models.erasure_traces import TRACES, Subject
from models.errors import NotFound, Refused
from models.log_table import LogRecord
from models.queue_table import QueueItem
from models.recipient import Kind, Recipient
from models.target_list import Membership

_r, _a, _item = table(Recipient), table(Address), table(QueueItem)
_OF_RECIPIENT: Final = {"messages": _item, "log_records": table(LogRecord), "entries": table(Membership)}
_OF_ADDRESS: Final = {"consent_events": table(ConsentEvent), "opt_outs": table(OptOut)}


@dataclass(frozen=True, slots=True)
class ErasableRow:
    """A record that may be erased."""

    id: int
    kind: Kind
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """`records` are erased, and the addresses with these ids. `kept_by`: other records that keep the address: it can
    be mailed by them. `users` among these sign in here, and stay. `goes`, `stays`: rows by the word of their kind."""

    records: tuple[ErasableRow, ...]
    addresses: tuple[int, ...]
    kept_by: int = 0
    users: int = 0
    goes: Mapping[str, int] = field(default_factory=dict)
    stays: Mapping[str, int] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[int, ...]:
        """The records' ids."""
        return tuple(record.id for record in self.records)


def plan_person(session: Session, recipient_id: int, *, only: bool = False) -> ErasurePlan:
    """The erasure of somebody: every record with the same address, or `only` this one. Raises NotFound; Refused for a
    user, whose name the audit trail needs."""
    person = session.get(Recipient, recipient_id)
    if person is None:
        raise NotFound("recipient.not_found")
    if person.user_id is not None or person.kind is Kind.USER:
        raise Refused("erasure.user")
    if only or person.address_id is None:
        return _plan(session, [recipient_id], set())
    return _plan(session, [recipient_id, *_with_address(session, person.address_id)], set())


def plan_address(session: Session, typed: str) -> ErasurePlan:
    """The erasure of an address and of everybody who has it. Raises Invalid, NotFound: it is not known here; Refused
    when a user alone has it."""
    normal = normal_form(typed)
    address_id = find_addresses(session, [normal]).get(normal)
    if address_id is None:
        raise NotFound("erasure.unknown_address")
    ids = _with_address(session, address_id)
    plan = _plan(session, ids, {address_id})
    if not ids and plan.users:
        raise Refused("erasure.user")
    return plan


def subject_of(session: Session, recipients: Sequence[int], addresses: Sequence[int]) -> Subject:
    """Who is erased, with every spelling that is still known."""
    normals = session.scalars(sa.select(_a.c.normal).where(_a.c.id.in_(addresses), _a.c.normal.is_not(None)))
    typed = session.scalars(sa.select(_r.c.address_key).where(_r.c.address_id.in_(addresses), _r.c.address_key != ""))
    return Subject(tuple(recipients), tuple(addresses), tuple(sorted({*normals, *typed})))


def _with_address(session: Session, address_id: int) -> list[int]:
    """Those who have it and can be erased; somebody who was erased is done with."""
    erasable = (_r.c.kind != Kind.USER, _r.c.user_id.is_(None), _r.c.erased_at.is_(None))
    return list(session.scalars(sa.select(_r.c.id).where(_r.c.address_id == address_id, *erasable).order_by(_r.c.id)))


def _plan(session: Session, recipients: Collection[int], addresses: set[int]) -> ErasurePlan:
    ids = sorted(set(recipients))
    rows = sa.select(_r.c.id, _r.c.kind, _r.c.name, _r.c.address_typed).where(_r.c.id.in_(ids)).order_by(_r.c.id)
    everywhere = addresses | _addresses_of(session, ids)
    others = _others(session, ids, everywhere)
    going = sorted(everywhere - others.keys())
    who = subject_of(session, ids, going)
    return ErasurePlan(
        records=tuple(ErasableRow(*row) for row in session.execute(rows)),
        addresses=tuple(going),
        kept_by=sum(number for number, _ in others.values()),
        users=sum(users for _, users in others.values()),
        goes={word: _count(session, trace.find(who).subquery()) for word, trace in TRACES.items()},
        stays=_stays(session, who),
    )


def _addresses_of(session: Session, ids: Sequence[int]) -> set[int]:
    """The addresses of records: the present one, and those that they were mailed at before."""
    now = sa.select(_r.c.address_id).where(_r.c.id.in_(ids), _r.c.address_id.is_not(None))
    before = sa.select(_item.c.address_id).where(_item.c.recipient_id.in_(ids))
    return set(session.scalars(sa.union(now, before)))


def _others(session: Session, ids: Sequence[int], addresses: set[int]) -> dict[int, tuple[int, int]]:
    """Address id → (how many other records have it, how many of these are users)."""
    users = sa.func.count().filter(_r.c.kind == Kind.USER)
    theirs = (_r.c.address_id.in_(addresses), _r.c.id.not_in(ids), _r.c.erased_at.is_(None))
    rows = session.execute(sa.select(_r.c.address_id, sa.func.count(), users).where(*theirs).group_by(_r.c.address_id))
    return {address_id: (number, of_users) for address_id, number, of_users in rows}


def _stays(session: Session, who: Subject) -> dict[str, int]:
    of_recipient = {w: _count(session, t, t.c.recipient_id.in_(who.recipients)) for w, t in _OF_RECIPIENT.items()}
    return of_recipient | {w: _count(session, t, t.c.address_id.in_(who.addresses)) for w, t in _OF_ADDRESS.items()}


def _count(session: Session, rows: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(rows).where(*conditions)) or 0
