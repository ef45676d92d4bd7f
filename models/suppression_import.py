"""The import of suppressions from a spreadsheet: checked without writing, then written in chunks (D2, D23).

What is suppressed for the same reason already stays as it is, so a second run, and one after a crash, changes nothing
twice. Nothing is ever released by it.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from models import audit
from models.address import find_addresses, insert_new, intern_addresses
from models.catalogue import Problem
from models.chunk_size import ChunkSize, Clock
from models.column_types import table
from models.db import Doors
from models.problem_rows import ProblemFile
from models.selection import OnChunk
from models.spreadsheet import Format, Row, read_rows
from models.spreadsheet_format import sniff
from models.suppression import KEY, Suppression, among_keys, key_of
from models.suppression_row import Defaults, Entry, Judge, find_columns

SHOWN: Final = 100
"""Problem rows that a result holds; the file of problem rows has all."""


@dataclass(frozen=True, slots=True)
class SuppressionPlan:
    """A file, and how it is read. `places`: column → its place; `language`: of the file of problem rows."""

    path: Path
    format: Format
    places: dict[str, int]
    defaults: Defaults
    language: str = "en"
    total: int = 0


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that is not imported. `address` as it stands in the file."""

    number: int
    address: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class SuppressionCounts:
    """rows = new + already + problems, unless it was stopped. `already`: suppressed for that reason before."""

    rows: int = 0
    new: int = 0
    already: int = 0
    problems: int = 0
    shown: tuple[WrongRow, ...] = ()


def plan_file(
    path: Path,
    defaults: Defaults,
    *,
    language: str = "en",
    encoding: str | None = None,
    delimiter: str | None = None,
) -> SuppressionPlan:
    """The file, looked at: its encoding, its columns. Raises Invalid (file, encoding, delimiter)."""
    found = sniff(path, encoding=encoding, delimiter=delimiter)
    return SuppressionPlan(path, found.format, find_columns(found), defaults, language, found.row_count)


def check_file(
    doors: Doors,
    plan: SuppressionPlan,
    now: datetime,
    *,
    errors: Path | None = None,
    on_chunk: OnChunk | None = None,
) -> SuppressionCounts:
    """What the import would do, with nothing written. `errors`: where to write the rows with a problem."""
    counts = SuppressionCounts()
    for chunk in _judged(plan, now, errors, ChunkSize()):
        with doors.reading() as session:
            ids = find_addresses(session, [entry.normal for entry in chunk.entries])
            held = _held(session, [key_of(ids[e.normal], e.reason) for e in chunk.entries if e.normal in ids])
        counts = _counted(counts, chunk, len(held), plan.places["address"])
        if on_chunk:
            on_chunk(counts.rows, plan.total)
    return counts


def import_file(
    doors: Doors,
    plan: SuppressionPlan,
    now: datetime,
    by: str,
    *,
    errors: Path | None = None,
    on_chunk: OnChunk | None = None,
    clock: Clock = time.monotonic,
) -> SuppressionCounts:
    """Suppress what the file names; audited, also when it is stopped. `clock`: how long the write lock was held, which
    decides how large the chunks are."""
    counts, size = SuppressionCounts(), ChunkSize()
    try:
        for chunk in _judged(plan, now, errors, size):
            with doors.unit_of_work(durable=True, rest=False) as session:
                session.connection()  # waits for the lock
                began = clock()
                held = _write(session, chunk.entries, now)
            size.learn(len(chunk.entries), clock() - began)
            counts = _counted(counts, chunk, held, plan.places["address"])
            if on_chunk:
                on_chunk(counts.rows, plan.total)
            doors.rest()
    finally:
        with doors.unit_of_work() as session:
            told = {"rows": counts.rows, "new": counts.new, "reason": str(plan.defaults.reason)}
            audit.note(session, now, by, "suppressions.imported", "suppression", None, **told)
    return counts


def _write(session: Session, entries: Sequence[Entry], now: datetime) -> int:
    """How many were suppressed for that reason before."""
    ids = intern_addresses(session, [entry.normal for entry in entries], now)
    keyed = {key_of(ids[entry.normal], entry.reason): entry for entry in entries}
    held = _held(session, list(keyed))
    new = [_values(ids[entry.normal], entry, now) for key, entry in keyed.items() if key not in held]
    if new:
        session.execute(insert_new(session, table(Suppression)), new)
    return len(held)


def _values(address_id: int, entry: Entry, now: datetime) -> dict[str, Any]:
    values = {"address_id": address_id, "reason": entry.reason, "since": entry.since or now}
    return {**values, "until": entry.until, "evidence": entry.evidence}


def _held(session: Session, keys: Sequence[int]) -> set[int]:
    """Those of the keys that are there."""
    return set(session.scalars(sa.select(KEY).where(among_keys(keys))))


class _Chunk(NamedTuple):
    """The entries and the problem rows among so many rows of the file."""

    rows: int
    entries: list[Entry]
    wrong: list[tuple[Row, Problem]]


def _counted(counts: SuppressionCounts, chunk: _Chunk, already: int, address: int) -> SuppressionCounts:
    room = SHOWN - len(counts.shown)
    shown = tuple(WrongRow(row.number, _cell(row, address), problem) for row, problem in chunk.wrong[:room])
    return SuppressionCounts(
        counts.rows + chunk.rows,
        counts.new + len(chunk.entries) - already,
        counts.already + already,
        counts.problems + len(chunk.wrong),
        counts.shown + shown,
    )


def _cell(row: Row, place: int) -> str:
    return row.cells[place] if place < len(row.cells) else ""


def _judged(plan: SuppressionPlan, now: datetime, errors: Path | None, size: ChunkSize) -> Iterator[_Chunk]:
    """The file in chunks; its problem rows go to the file of problem rows."""
    judge = Judge(plan.places, plan.defaults, now)
    rows = read_rows(plan.path, plan.format)
    with ProblemFile.open(errors, plan.format, plan.language) as problems:
        while chunk := list(itertools.islice(rows, size.rows)):
            verdicts = [(row, judge.judge(row)) for row in chunk]
            wrong = [(row, verdict) for row, verdict in verdicts if isinstance(verdict, Problem)]
            problems.add(wrong)
            yield _Chunk(len(chunk), [verdict for _, verdict in verdicts if isinstance(verdict, Entry)], wrong)
