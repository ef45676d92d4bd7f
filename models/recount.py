"""The recount: every counter and people flag held against the log (`envoi check`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, Text, case, cast, func, literal, select, type_coerce
from sqlmodel import Session

from models.address import Address, Domain
from models.column_types import code_of, table, to_milliseconds
from models.counter import (
    HOUR,
    INFERRED,
    PARTED,
    REJECTED,
    SLOT,
    STEPS,
    UNLOGGED,
    Counter,
    CounterKey,
    Dimension,
    in_milliseconds,
)
from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason
from models.mass_email import MassEmail
from models.queue_table import ItemState, QueueItem

_COUNTER, _LOG, _ITEM = table(Counter), table(LogRecord), table(QueueItem)
_Sums = dict[CounterKey, tuple[int, int]]

_FIRST_THERE = (Dimension.LINK, Dimension.HOW)
"""Dimensions whose firsts are each item's first of that key."""

ITEMS = "items"
"""The key of a Difference between the queue and the log."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say what the log says. `counted` and `logged`: (firsts, hits)."""

    mass_email_id: int
    dimension: Dimension
    key: str
    action: Action
    human: bool
    counted: tuple[int, int]
    logged: tuple[int, int]


def recount(session: Session, mass_email_id: int | None = None) -> list[Difference]:
    """Every counter, and every people flag of the queue, that differs from the log counted anew; [] is what should come
    out. Of one mass email, or of all. Reads the whole log: minutes at tens of millions of rows.

    Where retention has taken log records, hours from then on are compared as ever; of the rest that no counter says
    less than the log, and that the people counted are those whom the queue's flags know.
    """
    counted, unlogged = _counted(session, mass_email_id)
    logged, kept_from = _logged(session, mass_email_id), _kept_from(session)
    differences = []
    for key in sorted(counted.keys() | logged.keys()):
        found, expected = counted.get(key, (0, 0)), logged.get(key, (0, 0))
        more = unlogged.get((key.mass_email_id, key.action, key.human), 0)
        whole = _is_whole(key, kept_from.get(key.mass_email_id))
        if not (_agree(key, found, expected, more) if whole else _may_be(key, found, expected)):
            differences.append(_difference(key, found, expected))
    people = {key: counted.get(key, (0, 0)) for key in counted if key.mass_email_id in kept_from}
    return differences + _flags(session, mass_email_id, logged | people)


def _kept_from(session: Session) -> dict[int, int]:
    """The mass emails of whose log retention has taken records, with the moment from which it is whole."""
    mail = table(MassEmail).c
    rows = session.execute(select(mail.id, mail.log_kept_from).where(mail.log_kept_from.is_not(None)))
    return {row.id: to_milliseconds(row.log_kept_from) for row in rows}


def _is_whole(key: CounterKey, kept_from: int | None) -> bool:
    """Whether every event that a counter counts still has its log record."""
    if kept_from is None:
        return True
    step = STEPS.get(list(Dimension)[key.dimension - 1])
    return step is not None and int(key.key) * in_milliseconds(step) >= kept_from


def _agree(key: CounterKey, found: tuple[int, int], logged: tuple[int, int], more: int) -> bool:
    """Whether firsts are those of the log, and hits those of the log and, in total, `more` without a row; elsewhere
    these may lie anywhere."""
    if key.dimension == code_of(Dimension.TOTAL):
        return found == (logged[0], logged[1] + more)
    return found[0] == logged[0] and logged[1] <= found[1] <= logged[1] + more


def _may_be(key: CounterKey, found: tuple[int, int], logged: tuple[int, int]) -> bool:
    """Whether a counter holds at least what is left of the log. Of a link, and of a how, that is its hits: who was
    there before is not known any more, and so neither who is new."""
    enough = found[1] >= logged[1]
    there = list(Dimension)[key.dimension - 1] in _FIRST_THERE
    return enough if there else enough and found[0] >= logged[0]


def _difference(key: CounterKey, counted: tuple[int, int], logged: tuple[int, int]) -> Difference:
    dimension, action = list(Dimension)[key.dimension - 1], list(Action)[key.action - 1]
    return Difference(key.mass_email_id, dimension, key.key, action, key.human, counted, logged)


def _counted(session: Session, mass_email_id: int | None) -> tuple[_Sums, dict[tuple[int, int, bool], int]]:
    """The counters by key, and the hits that have no log row by (mass email, action, human)."""
    rows = select(_COUNTER)
    if mass_email_id is not None:
        rows = rows.where(_COUNTER.c.mass_email_id == mass_email_id)
    sums: _Sums = {}
    unlogged = {}
    for row in session.execute(rows):
        key = CounterKey(row.mass_email_id, code_of(row.dimension), row.key, code_of(row.action), row.human)
        if row.dimension is Dimension.REASON and row.key == UNLOGGED:
            unlogged[(key.mass_email_id, key.action, key.human)] = row.hits
        else:
            sums[key] = (row.firsts, row.hits)
    return sums, unlogged


def _logged(session: Session, mass_email_id: int | None) -> _Sums:
    sums: _Sums = {}
    for dimension, events in _events():
        per_person = events.c.item_id.distinct() if dimension in _FIRST_THERE else case((events.c.first, 1))
        keyed = select(events.c.mass_email_id, events.c.key, events.c.action, events.c.human)
        rows = keyed.add_columns(func.count(per_person).label("firsts"), func.count().label("hits"))
        rows = rows.group_by(*keyed.selected_columns)
        if mass_email_id is not None:
            rows = rows.where(events.c.mass_email_id == mass_email_id)
        for row in session.execute(rows):
            place = CounterKey(row.mass_email_id, code_of(dimension), row.key, code_of(row.action), row.human)
            sums[place] = (row.firsts, row.hits)
    return sums


def _events() -> Iterator[tuple[Dimension, Any]]:
    """The log once for each dimension, with the key that a row counts under."""
    log, address, domain = _LOG.c, table(Address), table(Domain)
    at = type_coerce(log.at, BigInteger)
    bounced = log.action == Action.BOUNCED
    people = _LOG.join(_ITEM, _ITEM.c.id == log.item_id).join(address, address.c.id == _ITEM.c.address_id)
    yield Dimension.TOTAL, _keyed(literal("", Text)).subquery()
    yield Dimension.HOUR, _keyed(cast(at // in_milliseconds(HOUR), Text)).subquery()
    yield Dimension.SLOT, _keyed(cast(at // in_milliseconds(SLOT), Text)).subquery()
    yield Dimension.LINK, _keyed(cast(log.link_id, Text)).where(log.link_id.is_not(None)).subquery()
    yield Dimension.PROVIDER, _keyed(domain.c.provider).select_from(people.join(domain)).subquery()
    because = domain.c.provider.concat(PARTED).concat(log.reason)
    yield Dimension.PROVIDER_REASON, _keyed(because).select_from(people.join(domain)).where(bounced).subquery()
    inferred = (log.source == EventSource.INFERRED, log.machine == MachineReason.HUMAN)
    reasons = case(*((log.machine == one, literal(one.value, Text)) for one in MachineReason), else_="")
    machine = (log.machine != MachineReason.HUMAN, log.action.in_([Action.OPENED, Action.CLICKED]))
    yield Dimension.HOW, _keyed(reasons).where(*machine).subquery()
    yield Dimension.HOW, _keyed(literal(INFERRED, Text)).where(*inferred).subquery()
    for kind in BounceKind:
        yield Dimension.REASON, _keyed(literal(kind.value, Text)).where(bounced, log.bounce_kind == kind).subquery()
    rejected = _keyed(literal(REJECTED, Text)).where(bounced, log.source == EventSource.SMTP)
    yield Dimension.REASON, rejected.subquery()


def _keyed(key: Any) -> Select[Any]:
    columns = (_LOG.c[name] for name in ("mass_email_id", "item_id", "action", "first"))
    return select(*columns, (_LOG.c.machine == MachineReason.HUMAN).label("human"), key.label("key"))


def _flags(session: Session, mass_email_id: int | None, logged: _Sums) -> list[Difference]:
    """The states and people flags of queue items that the log does not bear out."""
    item = _ITEM.c
    flags = {
        Action.SENT: item.state == ItemState.SENT,
        Action.OPENED: item.opened_at.is_not(None),
        Action.CLICKED: item.clicked_at.is_not(None),
        Action.OPTED_OUT: item.opted_out_at.is_not(None),
        Action.BOUNCED: item.bounced,
        Action.COMPLAINED: item.complained,
        Action.REPLIED: item.replied_at.is_not(None),
    }
    counts = [func.count(case((flag, 1))).label(action.value) for action, flag in flags.items()]
    rows = select(item.mass_email_id, *counts).group_by(item.mass_email_id)
    if mass_email_id is not None:
        rows = rows.where(item.mass_email_id == mass_email_id)
    found = []
    for row in session.execute(rows).mappings():
        for action in flags:
            key = CounterKey(row["mass_email_id"], code_of(Dimension.TOTAL), "", code_of(action), True)
            people, firsts = row[action.value], logged.get(key, (0, 0))[0]
            if people != firsts:
                found.append(_difference(key._replace(key=ITEMS), (people, people), (firsts, firsts)))
    return found
