"""The queue count: how many items of a mass email are in each state, kept so that a live page need not count a million.

Whoever changes the state of items says so with `shift` in the same unit of work, while it holds the mass email
(mailing.hold). `begin` makes the row when the queue is built; a mass email without one is counted from its queue.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Integer, bindparam, delete, func, insert, select, update
from sqlmodel import Field, Session, SQLModel

from models.column_types import table
from models.queue_table import ItemState, QueueItem


class QueueCount(SQLModel, table=True):
    """The items of a mass email, a column for each ItemState: one row, so one UPDATE for each claim and settlement."""

    __tablename__ = "queue_count"
    mass_email_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    waiting: int = 0
    held: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    skipped: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """queued = waiting + held + sent + failed + uncertain + skipped + cancelled, always (D13)."""

    queued: int = 0
    waiting: int = 0
    held: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    skipped: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class QueueDifference:
    """A kept count that is not what the queue says."""

    mass_email_id: int
    kept: QueueCounts
    queue: QueueCounts


_COUNT, _ITEM = table(QueueCount), table(QueueItem)
_count, _item = _COUNT.c, _ITEM.c


def queue_counts(session: Session, mass_email_id: int) -> QueueCounts:
    """The items of a mass email by state; exact at any moment (D13)."""
    return queue_counts_of(session, [mass_email_id])[mass_email_id]


def queue_counts_of(session: Session, mass_email_ids: Sequence[int]) -> dict[int, QueueCounts]:
    """As queue_counts(), for each of several mass emails."""
    rows = session.execute(select(_COUNT).where(_count.mass_email_id.in_(mass_email_ids))).mappings()
    kept = {row["mass_email_id"]: {state: row[state.value] for state in ItemState} for row in rows}
    return {one: _sum(kept[one] if one in kept else _counted(session, one)) for one in mass_email_ids}


def begin(session: Session, mass_email_id: int, counts: Mapping[ItemState, int]) -> None:
    """The queue stands: from here on its counts are kept. Counts that were kept before are replaced."""
    forget(session, mass_email_id)
    values = {state.value: counts.get(state, 0) for state in ItemState}
    session.execute(insert(_COUNT).values(mass_email_id=mass_email_id, **values))


def forget(session: Session, mass_email_id: int) -> None:
    """The queue goes, or is counted from its items again."""
    session.execute(delete(_COUNT).where(_count.mass_email_id == mass_email_id))


_UNCHANGED: Final = {f"by_{state}": 0 for state in ItemState}
_SHIFT: Final = (
    update(_COUNT)
    .where(_count.mass_email_id == bindparam("mail"))
    .values(
        {
            column: column + bindparam(f"by_{column.name}", type_=Integer)
            for column in (_count[state.value] for state in ItemState)
        }
    )
)


def shift(session: Session, mass_email_id: int, deltas: Mapping[ItemState, int]) -> None:
    """Items changed their state: what is added to each. The deltas of a change of states sum to 0.

    Does nothing for a mass email whose counts are not kept.
    """
    changes = {f"by_{state}": n for state, n in deltas.items() if n}
    if changes:
        session.execute(_SHIFT, {"mail": mass_email_id, **_UNCHANGED, **changes})


def shift_all(session: Session, mass_email_id: int, before: ItemState, after: ItemState, n: int) -> None:
    """`n` items went from one state to another."""
    shift(session, mass_email_id, {before: -n, after: n} if before is not after else {})


def deltas(moves: Iterable[tuple[ItemState, ItemState]]) -> Counter[ItemState]:
    """What `shift` takes, of items that went from one state to another, a pair for each."""
    sums: Counter[ItemState] = Counter()
    for before, after in moves:
        sums[before] -= 1
        sums[after] += 1
    return sums


def differences(session: Session, mass_email_id: int | None = None) -> list[QueueDifference]:
    """Kept counts that are not what the queue says (`envoi check`); [] is what should come out. Reads whole queues."""
    kept = select(_count.mass_email_id).order_by(_count.mass_email_id)
    if mass_email_id is not None:
        kept = kept.where(_count.mass_email_id == mass_email_id)
    found = [
        QueueDifference(one, queue_counts(session, one), _sum(_counted(session, one))) for one in session.scalars(kept)
    ]
    return [one for one in found if one.kept != one.queue]


def _counted(session: Session, mass_email_id: int) -> dict[ItemState, int]:
    mine = _item.mass_email_id == mass_email_id
    rows = session.execute(select(_item.state, func.count().label("n")).where(mine).group_by(_item.state))
    return {row.state: row.n for row in rows}


def _sum(counts: Mapping[ItemState, int]) -> QueueCounts:
    return QueueCounts(queued=sum(counts.values()), **{state.value: n for state, n in counts.items()})
