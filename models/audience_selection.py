"""The selection: one reason for each member of a mass email's target lists, or none (D1, D6).

It reads in windows of recipients into TEMP tables: nobody waits for it, and no read lasts long. `audience_judged` holds
what speaks against each person alone, `audience_verdict` the one reason, twins settled, numbered for the writing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    Select,
    Subquery,
    Table,
    and_,
    case,
    cast,
    func,
    insert,
    null,
    or_,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable, DropTable
from sqlmodel import Session

from models import db
from models.address import EVERYTHING, OptOut, Suppression
from models.campaign import Campaign, CampaignType, ListRole
from models.column_types import Code, code_of, table
from models.errors import NotFound
from models.mass_email import LeftOutReason, MassEmail, MassEmailList
from models.recipient import Kind, Recipient
from models.target_list import Membership, TargetList

WINDOW = 20_000
"""Memberships of one list that one read judges: about 100 ms."""

_mass_email, _mass_email_list, _campaign = table(MassEmail), table(MassEmailList), table(Campaign)
_membership, _target_list, _recipient = table(Membership), table(TargetList), table(Recipient)
_opt_out, _suppression = table(OptOut), table(Suppression)

_scratch = MetaData()
_judged = Table(
    "audience_judged",
    _scratch,
    Column("recipient_id", BigInteger, nullable=False),
    Column("address_id", BigInteger),
    Column("kind", Code(Kind), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("reason", Code(LeftOutReason)),
    Column("because_id", BigInteger),
    prefixes=["TEMPORARY"],
)
verdict = Table(
    "audience_verdict",
    _scratch,
    Column("n", BigInteger().with_variant(sqlite.INTEGER(), "sqlite"), primary_key=True, autoincrement=False),
    Column("recipient_id", BigInteger, nullable=False),
    Column("address_id", BigInteger),
    Column("list_id", BigInteger, nullable=False),
    Column("reason", Code(LeftOutReason)),
    Column("because_id", BigInteger),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the evaluation needs to know of the mass email. Lists: position → list id, without deleted target lists."""

    mass_email_id: int
    informational: bool
    targets: Mapping[int, int]
    excluded: Mapping[int, int]


def evaluate(doors: db.Doors, mass_email_id: int, now: datetime) -> None:
    """Fill `verdict` with everybody chosen: `reason` NULL is who gets it. Raises NotFound."""
    with doors.reading() as session:
        plan = _plan(session, mass_email_id)
        fresh(session, _judged, verdict)
    low: int | None = 0
    while low is not None:
        with doors.reading() as session:
            high = _window_end(session, plan, low)
            session.execute(insert(_judged).from_select(_judged.c.keys(), _judge(plan, low, high, now)))
        low = high
    with doors.reading() as session:
        session.execute(insert(verdict).from_select(verdict.c.keys(), _settle_twins(plan)))


def _plan(session: Session, mass_email_id: int) -> _Plan:
    kind = session.execute(
        select(_campaign.c.type)
        .join(_mass_email, _mass_email.c.campaign_id == _campaign.c.id)
        .where(_mass_email.c.id == mass_email_id)
    ).scalar()
    if kind is None:
        raise NotFound("mass_email.not_found")
    rows = session.execute(
        select(_mass_email_list.c.role, _mass_email_list.c.position, _mass_email_list.c.list_id)
        .join(_target_list, _target_list.c.id == _mass_email_list.c.list_id)
        .where(
            _mass_email_list.c.mass_email_id == mass_email_id,
            or_(_mass_email_list.c.role == ListRole.EXCLUDED, _target_list.c.deleted_at.is_(None)),
        )
    ).all()
    targets = {row.position: row.list_id for row in rows if row.role is ListRole.TARGET}
    excluded = {row.position: row.list_id for row in rows if row.role is ListRole.EXCLUDED}
    return _Plan(mass_email_id, kind is CampaignType.INFORMATIONAL, targets, excluded)


def fresh(session: Session, *tables: Table) -> None:
    """Make the TEMP tables anew, empty."""
    connection = session.connection()
    for scratch in tables:
        connection.execute(DropTable(scratch, if_exists=True))
        connection.execute(CreateTable(scratch))


def _window_end(session: Session, plan: _Plan, low: int) -> int | None:
    """The last recipient of the next window; None: the window has no end. No list gives more than WINDOW rows to it."""
    ends = [
        session.execute(
            select(_membership.c.recipient_id)
            .where(_membership.c.list_id == list_id, _membership.c.recipient_id > low)
            .order_by(_membership.c.recipient_id)
            .offset(WINDOW - 1)
            .limit(1)
        ).scalar()
        for list_id in plan.targets.values()
    ]
    return min((end for end in ends if end is not None), default=None)


def _judge(plan: _Plan, low: int, high: int | None, now: datetime) -> Select[Any]:
    """The recipients of a window, each once, with the first reason that speaks against them alone; twins come later."""
    known = _known(plan, low, high, now)
    reason = case(
        (known.c.archived_at.is_not(None), code_of(LeftOutReason.ARCHIVED)),
        (known.c.address_id.is_(None), code_of(LeftOutReason.NO_ADDRESS)),
        (known.c.suppressed.is_not(None), code_of(LeftOutReason.SUPPRESSED)),
        (known.c.excluded.is_not(None), code_of(LeftOutReason.EXCLUDED)),
        (known.c.entirely.is_not(None), code_of(LeftOutReason.OPTED_OUT_ENTIRELY)),
        (known.c.open_position.is_(None), code_of(LeftOutReason.OPTED_OUT)),
    )
    because = case(
        (reason == code_of(LeftOutReason.SUPPRESSED), known.c.suppressed),
        (reason == code_of(LeftOutReason.EXCLUDED), _list_at(plan.excluded, known.c.excluded)),
    )
    position = func.coalesce(known.c.open_position, known.c.position)
    return select(known.c.id, known.c.address_id, known.c.kind, position, reason, because)


def _known(plan: _Plan, low: int, high: int | None, now: datetime) -> Subquery:
    """One row per recipient of a window: what is known of them, NULL where nothing speaks against them.

    `open_position`: the first list that brings them and that their address did not decline.
    """
    consent = not plan.informational  # Informational Email ignores opt-outs, never suppressions (D6)
    people = _mass_email_list.join(_membership, _membership.c.list_id == _mass_email_list.c.list_id).join(
        _recipient, _recipient.c.id == _membership.c.recipient_id
    )
    people = people.outerjoin(
        _suppression,
        and_(
            _suppression.c.address_id == _recipient.c.address_id,
            or_(_suppression.c.until.is_(None), _suppression.c.until > now),
        ),
    )
    open_position: ColumnElement[Any] = _mass_email_list.c.position
    entirely: ColumnElement[Any] = cast(null(), BigInteger)
    if consent:
        declined, everything = _opt_out.alias("declined"), _opt_out.alias("everything")
        people = people.outerjoin(
            declined,
            and_(declined.c.address_id == _recipient.c.address_id, declined.c.list_id == _mass_email_list.c.list_id),
        ).outerjoin(
            everything,
            and_(everything.c.address_id == _recipient.c.address_id, everything.c.list_id == EVERYTHING),
        )
        open_position = case((declined.c.address_id.is_(None), _mass_email_list.c.position))
        entirely = func.min(everything.c.address_id)
    who = (_recipient.c.id, _recipient.c.address_id, _recipient.c.kind, _recipient.c.archived_at)
    return (
        select(
            *who,
            func.min(_mass_email_list.c.position).label("position"),
            func.min(open_position).label("open_position"),
            func.min(_suppression.c.reason).label("suppressed"),
            entirely.label("entirely"),
            _excluded_at(plan).label("excluded"),
        )
        .select_from(people)
        .where(
            _mass_email_list.c.mass_email_id == plan.mass_email_id,
            _mass_email_list.c.role == ListRole.TARGET,
            _mass_email_list.c.list_id.in_(plan.targets.values()),
            *_within(_membership.c.recipient_id, low, high),
            *_within(_recipient.c.id, low, high),  # said twice: PostgreSQL does not conclude it from the join
        )
        .group_by(*who)
        .subquery("known")
    )


def _within(key: Column[Any], low: int, high: int | None) -> list[ColumnElement[bool]]:
    return [key > low] if high is None else [key > low, key <= high]


def _excluded_at(plan: _Plan) -> ColumnElement[Any]:
    """The position of the first excluded list with a record of the person's address, of any kind, archived or not.

    The record itself is one of them; who has no address is out before this matters.
    """
    if not plan.excluded:
        return cast(null(), BigInteger)
    twin, entry, excluded = _recipient.alias("twin"), _membership.alias("entry"), _mass_email_list.alias("excluding")
    return (
        select(func.min(excluded.c.position))
        .select_from(
            twin.join(entry, entry.c.recipient_id == twin.c.id).join(excluded, excluded.c.list_id == entry.c.list_id)
        )
        .where(
            twin.c.address_id == _recipient.c.address_id,
            entry.c.list_id.in_(plan.excluded.values()),
            excluded.c.mass_email_id == plan.mass_email_id,
            excluded.c.role == ListRole.EXCLUDED,
        )
        .correlate(_recipient)
        .scalar_subquery()
    )


def _settle_twins(plan: _Plan) -> Select[Any]:
    """Every judged person with the final reason, numbered from 1. Of those that share an address one wins: by list
    position, kind, record (D6); the others are duplicates of it."""
    j = _judged.c
    alone = case((j.reason.is_(None), 0), else_=j.recipient_id)  # those left out already have no twins
    ranked = select(
        _judged,
        func.first_value(j.recipient_id)
        .over(partition_by=(j.address_id, alone), order_by=(j.position, j.kind, j.recipient_id))
        .label("winner"),
    ).subquery("ranked")
    r = ranked.c
    doubled = and_(r.reason.is_(None), r.winner != r.recipient_id)
    return select(
        func.row_number().over(),
        r.recipient_id,
        r.address_id,
        _list_at(plan.targets, r.position),
        case((doubled, code_of(LeftOutReason.DUPLICATE)), else_=r.reason),
        case((doubled, r.winner), else_=r.because_id),
    )


def _list_at(lists: Mapping[int, int], position: ColumnElement[Any]) -> ColumnElement[Any]:
    return case(lists, value=position) if lists else cast(null(), BigInteger)
