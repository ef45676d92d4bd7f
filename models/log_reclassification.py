"""From the log to the other side: how many opens and clicks a choice would turn, and turning them (D18, D23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlmodel import Session

from models import audit
from models.column_types import table
from models.db import Doors
from models.log_filter import LogFilter
from models.log_table import Action, EventSource, LogRecord, MachineReason
from models.log_view import event_ids
from models.reclassification import turn
from models.selection import OnChunk, select_ids, selected

_log = table(LogRecord).c
_BITE: Final = 100
"""Records of one unit of work: each may move the flags and counters of an item of its own."""

Chosen = LogFilter | Sequence[int]
"""The events of a filter, or these."""


@dataclass(frozen=True, slots=True)
class Turning:
    """What a choice would turn: `events`, opens and clicks that count on the other side, of `people`. An open that was
    inferred is not among them: it follows its click."""

    events: int
    people: int


def preview_turning(session: Session, chosen: Chosen, human: bool) -> Turning:
    """What turn_chosen() would turn now."""
    found = _to_turn(session, chosen, human).subquery()
    events, people = session.execute(
        select(func.count(), func.count(_log.recipient_id.distinct())).where(_log.id.in_(select(found.c.id)))
    ).one()
    return Turning(events, people)


def turn_chosen(
    doors: Doors, chosen: Chosen, human: bool, now: datetime, by: str, *, on_chunk: OnChunk | None = None
) -> int:
    """How many opens and clicks count as a person's from now on, or as a machine's by hand, and did not before: those
    that are chosen at this moment, in bites (D23). With the last click of a person goes the open inferred from it.
    Twice does nothing more."""
    with doors.reading() as session:
        wanted = _to_turn(session, chosen, human)
    total, done, turned = select_ids(doors, wanted), 0, 0
    machine = MachineReason.HUMAN if human else MachineReason.BY_HAND
    for ids in selected(doors, _BITE):
        with doors.unit_of_work() as session:
            turned += turn(session, ids, machine, now)
        done += len(ids)
        if on_chunk:
            on_chunk(done, total)
    if turned:
        with doors.unit_of_work() as session:
            audit.note(session, now, by, "log.reclassified", "log_record", None, human=human, records=turned)
    return turned


def _to_turn(session: Session, chosen: Chosen, human: bool) -> Select[Any]:
    ids = event_ids(session, chosen) if isinstance(chosen, LogFilter) else list(chosen)
    is_human = _log.machine == MachineReason.HUMAN
    own = (_log.action.in_([Action.OPENED, Action.CLICKED]), _log.source != EventSource.INFERRED)
    return select(_log.id).where(_log.id.in_(ids), *own, ~is_human if human else is_human)
