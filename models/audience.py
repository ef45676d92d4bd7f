"""The audience: who gets a mass email, and who does not and why; and the queue made of it (D6, D23).

One evaluation serves the preview and the queue. It reads in windows of recipients into TEMP tables: nobody waits for
it, and no read lasts long. `audience_judged` holds what speaks against each person alone, `audience_verdict` the one
reason, twins settled, numbered in the order of writing. The queue is then written from it in short units of work.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Insert,
    MetaData,
    Select,
    Subquery,
    Table,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable
from sqlmodel import Session

from models import db
from models.address import EVERYTHING, OptOut, Suppression, SuppressionReason
from models.campaign import Campaign, CampaignType, ListRole
from models.column_types import Code, Utc, code_of, table
from models.errors import NotFound, Refused
from models.mass_email import LeftOut, LeftOutReason, MassEmail, MassEmailList, MassEmailStatus, touched
from models.queue_table import ItemState, QueueItem
from models.recipient import Kind, Recipient
from models.target_list import Membership, TargetList

WINDOW = 20_000
"""Memberships of one list that one read judges: about 100 ms."""

CHUNK = 2_000
"""People that one unit of work writes: about 10 ms of SQLite's write lock on a common disk, never 50 (D23)."""

Progress = Callable[[int, int], None]
"""Told after each committed chunk: people written, people in all."""

_mass_email, _mass_email_list, _campaign = table(MassEmail), table(MassEmailList), table(Campaign)
_membership, _target_list, _recipient = table(Membership), table(TargetList), table(Recipient)
_opt_out, _suppression = table(OptOut), table(Suppression)
_queue_item, _left_out = table(QueueItem), table(LeftOut)

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
_verdict = Table(
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
_stale = Table(
    "audience_stale",
    _scratch,
    Column("id", BigInteger().with_variant(sqlite.INTEGER(), "sqlite"), primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class Audience:
    """The waterfall "Who gets it": `chosen` is the sum of the reasons and of `final`.

    `suppressed_by` and `excluded_by` (by list id) break their reasons down; `by_list`: who gets it, by the id of the
    list that brings them.
    """

    chosen: int = 0
    archived: int = 0
    no_address: int = 0
    suppressed: int = 0
    excluded: int = 0
    opted_out_entirely: int = 0
    opted_out: int = 0
    duplicate: int = 0
    final: int = 0
    suppressed_by: Mapping[SuppressionReason, int] = field(default_factory=dict)
    excluded_by: Mapping[int, int] = field(default_factory=dict)
    by_list: Mapping[int, int] = field(default_factory=dict)

    def left_out(self, reason: LeftOutReason) -> int:
        """How many are left out for a reason."""
        count: int = getattr(self, reason.value)
        return count

    def as_json(self) -> dict[str, Any]:
        """Plain values for mass_email.audience."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The value that as_json() wrote."""
        return cls(
            **{
                **stored,
                "suppressed_by": {SuppressionReason(reason): n for reason, n in stored["suppressed_by"].items()},
                "excluded_by": {int(list_id): n for list_id, n in stored["excluded_by"].items()},
                "by_list": {int(list_id): n for list_id, n in stored["by_list"].items()},
            }
        )


def preview_audience(doors: db.Doors, mass_email_id: int, now: datetime) -> Audience:
    """Who would get the mass email if its queue were built now: the same selection, not written."""
    _evaluate(doors, mass_email_id, now)
    with doors.reading() as session:
        return _count(session)


def find_audience(session: Session, mass_email_id: int) -> Audience | None:
    """The counts of the finished queue; None while it is not built."""
    stored = session.execute(select(_mass_email.c.audience).where(_mass_email.c.id == mass_email_id)).scalar()
    return Audience.from_json(stored) if stored else None


def build_queue(doors: db.Doors, mass_email_id: int, now: datetime, on_chunk: Progress | None = None) -> Audience:
    """Write the queue of a Pending mass email and who is left out; then In Process, or Complete when nobody gets it.

    Nothing is seen before the last step. Killed at any point and called again, it ends with the same rows: what is
    written and no longer right goes, what is missing comes. Raises Refused when the mass email is not Pending, or is
    meanwhile moved, edited, or built by another.
    """
    fence = _take_fence(doors, mass_email_id, now)
    if fence.queue_done:  # once failed and started again: the queue stands, nobody is chosen twice
        return _reopen(doors, mass_email_id, fence, now)
    _evaluate(doors, mass_email_id, now)
    _clear_stale(doors, mass_email_id, fence)
    with doors.reading() as session:
        audience = _count(session)
    for done in range(0, audience.chosen, CHUNK):
        with doors.unit_of_work() as session:
            _hold(session, mass_email_id, fence)
            _write_chunk(session, mass_email_id, fence.version_id, now, done)
        if on_chunk:
            on_chunk(min(done + CHUNK, audience.chosen), audience.chosen)
    with doors.unit_of_work() as session:
        _hold(session, mass_email_id, fence)
        _finish(session, mass_email_id, audience, now)
    return audience


# Evaluation


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the evaluation needs to know of the mass email. Lists: position → list id, without deleted target lists."""

    mass_email_id: int
    informational: bool
    targets: Mapping[int, int]
    excluded: Mapping[int, int]


def _evaluate(doors: db.Doors, mass_email_id: int, now: datetime) -> None:
    with doors.reading() as session:
        plan = _plan(session, mass_email_id)
        _fresh(session, _judged, _verdict)
    low: int | None = 0
    while low is not None:
        with doors.reading() as session:
            high = _window_end(session, plan, low)
            session.execute(insert(_judged).from_select(_judged.c.keys(), _judge(plan, low, high, now)))
        low = high
    with doors.reading() as session:
        session.execute(insert(_verdict).from_select(_verdict.c.keys(), _settle_twins(plan)))


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


def _fresh(session: Session, *tables: Table) -> None:
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
            _membership.c.recipient_id > low,
            *([] if high is None else [_membership.c.recipient_id <= high]),
        )
        .group_by(*who)
        .subquery("known")
    )


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


def _count(session: Session) -> Audience:
    v = _verdict.c
    broken_down = v.reason.in_([LeftOutReason.SUPPRESSED, LeftOutReason.EXCLUDED])
    people = select(
        v.reason,
        case((broken_down, v.because_id)).label("because"),
        case((v.reason.is_(None), v.list_id)).label("list"),
    ).subquery("people")
    rows = session.execute(select(*people.c, func.count()).group_by(*people.c)).all()
    counts: dict[str, Any] = {"chosen": 0, "final": 0, **{reason.value: 0 for reason in LeftOutReason}}
    suppressed_by: dict[SuppressionReason, int] = {}
    excluded_by: dict[int, int] = {}
    by_list: dict[int, int] = {}
    for reason, cause, list_id, n in rows:
        counts["chosen"] += n
        counts[reason.value if reason else "final"] += n
        if reason is LeftOutReason.SUPPRESSED:
            suppressed_by[list(SuppressionReason)[cause - 1]] = n
        elif reason is LeftOutReason.EXCLUDED:
            excluded_by[cause] = n
        elif reason is None:
            by_list[list_id] = n
    return Audience(**counts, suppressed_by=suppressed_by, excluded_by=excluded_by, by_list=by_list)


# Writing


@dataclass(frozen=True, slots=True)
class _Fence:
    """The right to build the queue, until somebody else takes it or the mass email leaves Pending."""

    number: int
    version_id: int
    queue_done: bool


def _take_fence(doors: db.Doors, mass_email_id: int, now: datetime) -> _Fence:
    with doors.unit_of_work() as session:
        row = session.execute(
            update(_mass_email)
            .where(
                _mass_email.c.id == mass_email_id,
                _mass_email.c.status == MassEmailStatus.PENDING,
                _mass_email.c.deleted_at.is_(None),
            )
            .values(queue_fence=_mass_email.c.queue_fence + 1)
            .returning(_mass_email.c.queue_fence, _mass_email.c.version_id, _mass_email.c.queue_done_at)
        ).one_or_none()
    if row is None:
        raise Refused("mass_email.not_pending")
    return _Fence(row.queue_fence, row.version_id, row.queue_done_at is not None)


def _hold(session: Session, mass_email_id: int, fence: _Fence) -> None:
    """Keep the mass email Pending, and this builder the only one, until the unit of work ends. Raises Refused."""
    held = session.execute(
        select(_mass_email.c.id)
        .where(
            _mass_email.c.id == mass_email_id,
            _mass_email.c.status == MassEmailStatus.PENDING,
            _mass_email.c.queue_fence == fence.number,
            _mass_email.c.deleted_at.is_(None),
        )
        .with_for_update()
    ).scalar()
    if held is None:
        raise Refused("mass_email.queue_stopped")


def _clear_stale(doors: db.Doors, mass_email_id: int, fence: _Fence) -> None:
    """Take away what an interrupted build wrote and the verdict does not confirm. Nobody has seen these rows."""
    with doors.reading() as session:
        items = session.execute(
            select(_queue_item.c.id).where(_queue_item.c.mass_email_id == mass_email_id).limit(1)
        ).scalar()
        others = session.execute(
            select(_left_out.c.reason).where(_left_out.c.mass_email_id == mass_email_id).limit(1)
        ).scalar()
        if items is None and others is None:
            return
        session.connection().exec_driver_sql(
            "CREATE INDEX audience_verdict_recipient ON audience_verdict (recipient_id)"
        )
    for rows, key, stale in (
        (_queue_item, _queue_item.c.id, _stale_items(mass_email_id, fence.version_id)),
        (_left_out, _left_out.c.recipient_id, _stale_left_out(mass_email_id)),
    ):
        with doors.reading() as session:
            _fresh(session, _stale)
            session.execute(insert(_stale).from_select(["id"], stale))
        _delete_stale(doors, mass_email_id, fence, rows, key)


def _stale_items(mass_email_id: int, version_id: int) -> Select[Any]:
    q, v = _queue_item.c, _verdict.c
    confirmed = exists().where(
        v.recipient_id == q.recipient_id, v.reason.is_(None), v.address_id == q.address_id, v.list_id == q.list_id
    )
    return select(q.id).where(q.mass_email_id == mass_email_id, or_(~confirmed, q.version_id != version_id))


def _stale_left_out(mass_email_id: int) -> Select[Any]:
    o, v = _left_out.c, _verdict.c
    confirmed = exists().where(
        v.recipient_id == o.recipient_id, v.reason == o.reason, v.because_id.is_not_distinct_from(o.because_id)
    )
    return select(o.recipient_id).where(o.mass_email_id == mass_email_id, ~confirmed)


def _delete_stale(doors: db.Doors, mass_email_id: int, fence: _Fence, rows: Table, key: Column[Any]) -> None:
    with doors.reading() as session:
        ids: Sequence[int] = session.execute(select(_stale.c.id).order_by(_stale.c.id).limit(CHUNK)).scalars().all()
    while ids:
        with doors.unit_of_work() as session:
            _hold(session, mass_email_id, fence)
            session.execute(delete(rows).where(rows.c.mass_email_id == mass_email_id, key.in_(ids)))
        with doors.reading() as session:
            after = _stale.c.id > ids[-1]
            ids = session.execute(select(_stale.c.id).where(after).order_by(_stale.c.id).limit(CHUNK)).scalars().all()


def _write_chunk(session: Session, mass_email_id: int, version_id: int, now: datetime, done: int) -> None:
    v = _verdict.c
    chunk = and_(v.n > done, v.n <= done + CHUNK)
    values: dict[str, Any] = {
        "mass_email_id": literal(mass_email_id),
        "address_id": v.address_id,
        "recipient_id": v.recipient_id,
        "list_id": v.list_id,
        "version_id": literal(version_id),
        "state": literal(ItemState.WAITING, Code(ItemState)),
        "reason": literal(""),
        "attempts": literal(0),
        "next_try_at": literal(now, Utc()),
        "enhanced_status": literal(""),
        "reply": literal(""),
        "bounced": literal(False),
        "complained": literal(False),
    }
    _insert_missing(session, _queue_item, values, select(*values.values()).where(chunk, v.reason.is_(None)))
    values = {
        "mass_email_id": literal(mass_email_id),
        "recipient_id": v.recipient_id,
        "reason": v.reason,
        "because_id": v.because_id,
    }
    _insert_missing(session, _left_out, values, select(*values.values()).where(chunk, v.reason.is_not(None)))


def _insert_missing(session: Session, rows: Table, columns: Mapping[str, Any], source: Select[Any]) -> None:
    dialect = sqlite if db.is_sqlite(session) else postgresql
    statement: Insert = dialect.insert(rows).from_select(list(columns), source).on_conflict_do_nothing()
    session.execute(statement)


def _finish(session: Session, mass_email_id: int, audience: Audience, now: datetime) -> None:
    empty = audience.final == 0
    session.execute(
        update(_mass_email)
        .where(_mass_email.c.id == mass_email_id)
        .values(
            status=MassEmailStatus.COMPLETE if empty else MassEmailStatus.IN_PROCESS,
            queue_done_at=now,
            finished_at=now if empty else None,
            audience=audience.as_json(),
            **touched(now),
        )
    )


def _reopen(doors: db.Doors, mass_email_id: int, fence: _Fence, now: datetime) -> Audience:
    with doors.unit_of_work() as session:
        _hold(session, mass_email_id, fence)
        session.execute(
            update(_mass_email)
            .where(_mass_email.c.id == mass_email_id)
            .values(status=MassEmailStatus.IN_PROCESS, **touched(now))
        )
        return find_audience(session, mass_email_id) or Audience()
