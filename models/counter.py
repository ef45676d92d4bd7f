"""The counter: a marginal of the log, kept in the same transaction as its rows (D20)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Text, Update, bindparam, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models import db
from models.column_types import Utc, code_field, code_of, table, to_milliseconds
from models.log_table import Action, EventSource, MachineReason
from models.packed import Types, pack, unpacked


class Dimension(StrEnum):
    """What a counter is broken down by. Stored by place: append only."""

    TOTAL = "total"
    HOUR = "hour"
    LINK = "link"
    PROVIDER = "provider"
    REASON = "reason"
    SLOT = "slot"
    PROVIDER_REASON = "provider_reason"
    HOW = "how"


class Counter(SQLModel, table=True):
    """A marginal of the log. `key`: "" | hours since 1970 | link id | provider | reason | ten minutes since 1970 |
    provider "|" reason of a bounce as logged | how an open or click is known. Reasons of a bounce: its kind, and
    "rejected" when it came in the SMTP dialogue; "unlogged" counts hits without a row. How: why it is a machine's, or
    "inferred", an open that a person's click tells of. `firsts`: first events (of a link or a how: first there), so
    distinct people; `hits`: all events of that humanity."""

    __tablename__ = "counter"
    mass_email_id: int = Field(primary_key=True)
    dimension: Dimension = code_field(Dimension, primary_key=True)
    key: str = Field(primary_key=True)
    action: Action = code_field(Action, primary_key=True)
    human: bool = Field(primary_key=True)
    firsts: int = 0
    hits: int = 0


REJECTED: Final = "rejected"
UNLOGGED: Final = "unlogged"
INFERRED: Final = EventSource.INFERRED.value
PARTED: Final = "|"
"""Between provider and reason in a key; no provider's name holds it."""
HOUR: Final = timedelta(hours=1)
SLOT: Final = timedelta(minutes=10)
STEPS: Final = {Dimension.HOUR: HOUR, Dimension.SLOT: SLOT}
_COUNTER: Final = table(Counter)
_SLOT: Final = SLOT // timedelta(milliseconds=1)
_DIMENSIONS: Final = {dimension: code_of(dimension) for dimension in Dimension}
_ACTIONS: Final = {action: code_of(action) for action in Action}


@dataclass(frozen=True, slots=True)
class Mark:
    """What one event, or `n` alike, adds to the counters. `first`: the item's first of this action and humanity;
    `first_on_link`: its first on this link. `logged` False: the event has no row, only this count (D18). `provider` "":
    not known, nobody was told apart. `because`: the reason of a bounce, word for word as its log row says it. `how`: as
    how_of() has it; `first_how`: the item's first known so."""

    mass_email_id: int
    action: Action
    at: datetime
    provider: str
    human: bool = True
    first: bool = True
    link_id: int | None = None
    first_on_link: bool = False
    reasons: tuple[str, ...] = ()
    logged: bool = True
    because: str = ""
    how: str = ""
    first_how: bool = False
    n: int = 1


class CounterKey(NamedTuple):
    """The primary key of a counter, as stored: its order is the order in which rows are locked."""

    mass_email_id: int
    dimension: int
    key: str
    action: int
    human: bool


def bump(session: Session, marks: Iterable[Mark], taken_back: Iterable[Mark] = ()) -> None:
    """Add events to the counters, and take others back: one upsert per touched counter, in key order, so that two
    writers never deadlock."""
    sums: dict[CounterKey, list[int]] = defaultdict(lambda: [0, 0])
    for sign, counted in ((1, marks), (-1, taken_back)):
        for mark, n in _alike(counted):
            action = _ACTIONS[mark.action]
            for dimension, key, first in _parts(mark):
                sum_ = sums[CounterKey(mark.mass_email_id, _DIMENSIONS[dimension], key, action, mark.human)]
                sum_[0] += sign * n * first
                sum_[1] += sign * n
    rows = [(*key[:-1], int(key.human), *n) for key, n in sorted(sums.items()) if any(n)]
    if rows:
        session.connection().execute(_upsert(db.is_sqlite(session)), {"sums": pack(rows)})


def _alike(marks: Iterable[Mark]) -> Iterable[tuple[Mark, int]]:
    """The marks that differ, each with how many times it counts: of a moment only its slot matters."""
    groups: dict[tuple[object, ...], tuple[Mark, int]] = {}
    for mark in marks:
        slot = to_milliseconds(mark.at) // _SLOT
        event = (slot, mark.mass_email_id, mark.action, mark.provider, mark.human, mark.first, mark.link_id)
        key = (*event, mark.first_on_link, mark.reasons, mark.logged, mark.because, mark.how, mark.first_how)
        first, n = groups.get(key, (mark, 0))
        groups[key] = (first, n + mark.n)
    return groups.values()


def _parts(mark: Mark) -> Iterable[tuple[Dimension, str, bool]]:
    yield Dimension.TOTAL, "", mark.first
    for dimension, step in STEPS.items():
        yield dimension, _moment_key(mark.at, step), mark.first
    if mark.provider:
        yield Dimension.PROVIDER, mark.provider, mark.first
    if mark.link_id is not None:
        yield Dimension.LINK, str(mark.link_id), mark.first_on_link
    for reason in mark.reasons:
        yield Dimension.REASON, reason, mark.first
    if mark.action is Action.BOUNCED:
        yield Dimension.PROVIDER_REASON, provider_reason(mark.provider, mark.because), mark.first
    if mark.how:
        yield Dimension.HOW, mark.how, mark.first_how
    if not mark.logged:
        yield Dimension.REASON, UNLOGGED, False


def provider_reason(provider: str, reason: str) -> str:
    """The key of a mailbox provider's bounces for one reason."""
    return f"{provider}{PARTED}{reason}"


def how_of(machine: MachineReason, source: EventSource) -> str:
    """How an open or click is known: why it is a machine's; INFERRED from a click; "" a person's own."""
    if machine is not MachineReason.HUMAN:
        return machine.value
    return INFERRED if source is EventSource.INFERRED else ""


def _moment_key(at: datetime, step: timedelta) -> str:
    return str(to_milliseconds(at) // in_milliseconds(step))


def in_milliseconds(step: timedelta) -> int:
    """The length of a step as times are stored."""
    return step // timedelta(milliseconds=1)


@cache
def _upsert(is_sqlite: bool) -> Any:
    kinds: Types = {column.name: BigInteger for column in _COUNTER.c} | {"key": Text}
    rows = unpacked("sums", kinds, sqlite=is_sqlite)
    values = [(column == 1 if column.name == "human" else column) for column in rows.c]
    added: Any = (sqlite if is_sqlite else postgresql).insert(_COUNTER)
    added = added.from_select(list(kinds), select(*values).where(true()))  # or SQLite takes ON CONFLICT for a join's ON
    sums = {name: _COUNTER.c[name] + added.excluded[name] for name in ("firsts", "hits")}
    return added.on_conflict_do_update(index_elements=list(_COUNTER.primary_key), set_=sums)


def touch(session: Session, mass_email_id: int, now: datetime) -> None:
    """Say that the figures or states of a mass email moved: what the live watcher follows. Last in a unit of work: on
    PostgreSQL it is the row that writers of one mass email wait for each other on."""
    session.execute(_touched(), {"mail": mass_email_id, "now": now})


@cache
def _touched() -> Update:
    from models.mass_email import MassEmail

    mail = table(MassEmail)
    moved = {"change_seq": mail.c.change_seq + 1, "changed_at": bindparam("now", type_=Utc)}
    return update(mail).where(mail.c.id == bindparam("mail")).values(moved)
