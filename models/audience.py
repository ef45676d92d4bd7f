"""The audience: who gets a mass email, and who does not and why; and the queue made of it (D6, D23).

One selection serves the preview and the queue: who is seen beforehand is who is mailed. The queue is written from it in
short units of work, so that nobody else waits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Insert,
    MetaData,
    Select,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from models import db, queue_count
from models.address import SuppressionReason
from models.audience_selection import evaluate, fresh, verdict
from models.catalogue import Problem
from models.column_types import Code, Utc, table
from models.errors import Refused
from models.mass_email import LeftOut, LeftOutReason, MassEmail, MassEmailStatus, touched
from models.queue_table import ItemState, QueueItem
from models.recipient import Kind, Recipient
from models.target_list import TargetList

CHUNK = 2_000
"""People that one unit of work writes: about 10 ms of SQLite's write lock on a common disk, never 50 (D23)."""

Progress = Callable[[int, int], None]
"""Told after each committed chunk: people written, people in all."""

_mass_email, _target_list, _recipient = table(MassEmail), table(TargetList), table(Recipient)
_queue_item, _left_out = table(QueueItem), table(LeftOut)

_stale = Table(
    "audience_stale",
    MetaData(),
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
    evaluate(doors, mass_email_id, now)
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
    evaluate(doors, mass_email_id, now)
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


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A person who does not get a mass email. `because` says why in the reader's words; `because_id`: the excluding
    list, the named twin, or the SuppressionReason's code."""

    recipient_id: int
    kind: Kind
    name: str
    address: str
    reason: LeftOutReason
    because_id: int | None
    because: Problem


def left_out_page(
    session: Session, mass_email_id: int, reason: LeftOutReason | None = None, page: int = 1, size: int = 50
) -> tuple[list[LeftOutRow], int]:
    """One page of those left out of a queued mass email (for one reason), and how many there are. Empty before the
    queue is built: preview_left_out() tells then."""
    audience = find_audience(session, mass_email_id)
    if audience is None:
        return [], 0
    source = select(_left_out.c.recipient_id, _left_out.c.reason, _left_out.c.because_id).where(
        _left_out.c.mass_email_id == mass_email_id
    )
    if reason:
        source = source.where(_left_out.c.reason == reason)
    source = source.order_by(_left_out.c.reason, _left_out.c.recipient_id).limit(size).offset((page - 1) * size)
    total = audience.left_out(reason) if reason else audience.chosen - audience.final
    return _explained(session, source), total


def preview_left_out(
    doors: db.Doors,
    mass_email_id: int,
    now: datetime,
    reason: LeftOutReason | None = None,
    page: int = 1,
    size: int = 50,
) -> tuple[list[LeftOutRow], int]:
    """As left_out_page(), of the queue as it would be built now."""
    evaluate(doors, mass_email_id, now)
    wanted = verdict.c.reason == reason if reason else verdict.c.reason.is_not(None)
    source = select(verdict.c.recipient_id, verdict.c.reason, verdict.c.because_id).where(wanted)
    source = source.order_by(verdict.c.reason, verdict.c.recipient_id).limit(size).offset((page - 1) * size)
    with doors.reading() as session:
        total = session.scalar(select(func.count()).select_from(verdict).where(wanted)) or 0
        return _explained(session, source), total


def preview_recipients(
    doors: db.Doors, mass_email_id: int, now: datetime, page: int = 1, size: int = 50
) -> tuple[list[int], int]:
    """One page of the recipient ids that would be queued if the queue were built now, and how many there are."""
    evaluate(doors, mass_email_id, now)
    final = verdict.c.reason.is_(None)
    ids = select(verdict.c.recipient_id).where(final).order_by(verdict.c.n).limit(size).offset((page - 1) * size)
    with doors.reading() as session:
        total = session.scalar(select(func.count()).select_from(verdict).where(final)) or 0
        return list(session.execute(ids).scalars()), total


def _explained(session: Session, source: Select[Any]) -> list[LeftOutRow]:
    """The rows of a page (recipient_id, reason, because_id) with names, in its order."""
    out, twin = source.subquery("out"), _recipient.alias("twin")
    rows = session.execute(
        select(
            *(out.c.recipient_id, _recipient.c.kind, _recipient.c.name, _recipient.c.address_typed),
            *(out.c.reason, out.c.because_id, twin.c.name.label("twin"), _target_list.c.name.label("list")),
        )
        .join(_recipient, _recipient.c.id == out.c.recipient_id)
        .outerjoin(twin, and_(out.c.reason == LeftOutReason.DUPLICATE, twin.c.id == out.c.because_id))
        .outerjoin(_target_list, and_(out.c.reason == LeftOutReason.EXCLUDED, _target_list.c.id == out.c.because_id))
        .order_by(out.c.reason, out.c.recipient_id)
    )
    return [
        LeftOutRow(
            recipient_id=row.recipient_id,
            kind=row.kind,
            name=row.name,
            address=row.address_typed,
            reason=row.reason,
            because_id=row.because_id,
            because=_because(row.reason, row.because_id, row.twin or row.list),
        )
        for row in rows
    ]


def _because(reason: LeftOutReason, because_id: int | None, name: str | None) -> Problem:
    if reason is LeftOutReason.SUPPRESSED and because_id:
        return Problem(f"audience.because.suppressed.{list(SuppressionReason)[because_id - 1]}")
    if reason in {LeftOutReason.EXCLUDED, LeftOutReason.DUPLICATE}:
        return Problem(f"audience.because.{reason}", name=name or f"#{because_id}")
    return Problem(f"audience.because.{reason}")


def _count(session: Session) -> Audience:
    v = verdict.c
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
            fresh(session, _stale)
            session.execute(insert(_stale).from_select(["id"], stale))
        _delete_stale(doors, mass_email_id, fence, rows, key)


def _stale_items(mass_email_id: int, version_id: int) -> Select[Any]:
    q, v = _queue_item.c, verdict.c
    confirmed = exists().where(
        v.recipient_id == q.recipient_id, v.reason.is_(None), v.address_id == q.address_id, v.list_id == q.list_id
    )
    return select(q.id).where(q.mass_email_id == mass_email_id, or_(~confirmed, q.version_id != version_id))


def _stale_left_out(mass_email_id: int) -> Select[Any]:
    o, v = _left_out.c, verdict.c
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
    v = verdict.c
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
    queue_count.begin(session, mass_email_id, {ItemState.WAITING: audience.final})
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
