"""The import of recipients from a spreadsheet: checked without writing, then written in chunks (D2, D23).

A person is recognised by (kind, normal address). A second run finds everybody as the first one left them and changes
nothing. What is mapped and filled replaces what was there; an empty cell, opt-outs and suppressions leave it alone.

Each chunk is read and judged first, then written in one short unit of work together with how far the task is, so other
writers come in between. After a crash the file is judged again from its top, for only so twins are known, and writing
goes on behind the last row that was committed.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from sqlmodel import Session

from models import audit, background_task
from models.catalogue import Problem
from models.chunk_size import ChunkSize, Clock
from models.db import Doors
from models.errors import NotFound
from models.import_mapping import check_mapping
from models.import_result import ImportResult, Tally
from models.import_row import Entry, Judge
from models.import_write import address_ids, change_of, count_protected, known_people, prepare, write_candidates
from models.problem_rows import ProblemFile
from models.recipient import Kind
from models.spreadsheet import Format, read_rows
from models.target_list import TargetList, create_list

TASK = "import"
CHECKED = 500
"""Rows that are checked at once, against one state of the database."""
OnChunk = Callable[[int, int], None]
"""Told after each chunk how many rows are done, of how many (0: not known)."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What shall be imported, and how. `list_id` None: into no list. `language`: of the file of problem rows."""

    path: Path
    format: Format
    mapping: tuple[str | None, ...]
    kind: Kind
    list_id: int | None = None
    language: str = "en"
    total: int = 0

    def as_json(self) -> dict[str, Any]:
        """The plan as a background task keeps it."""
        return {**asdict(self), "path": str(self.path), "kind": str(self.kind)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The plan that `as_json` kept."""
        form = Format(**{**kept["format"], "header": tuple(kept["format"]["header"])})
        made = {
            "path": Path(kept["path"]),
            "format": form,
            "mapping": tuple(kept["mapping"]),
            "kind": Kind(kept["kind"]),
        }
        return cls(**{**kept, **made})


def check(
    doors: Doors, plan: ImportPlan, *, errors: Path | None = None, on_chunk: OnChunk | None = None
) -> ImportResult:
    """What the import would do, with nothing written. `errors`: where to write the problem rows. Raises Invalid for a
    mapping that cannot be (see check_mapping)."""
    check_mapping(plan.mapping, plan.kind, len(plan.format.header))
    tally = Tally()
    for chunk in _judged(plan, tally, errors, ChunkSize(CHECKED)):
        with doors.reading() as session:
            ids = address_ids(session, [entry.normal for entry in chunk.entries])
            known = known_people(session, plan.kind, ids)
            tally.count(count_protected(session, plan.list_id, ids.values()))
        tally.take(chunk.entries, [change_of(entry, known.get(entry.normal)) for entry in chunk.entries])
        if on_chunk:
            on_chunk(tally.rows, plan.total)
    return tally.result()


def run_import(
    doors: Doors,
    plan: ImportPlan,
    now: datetime,
    by: str,
    *,
    errors: Path | None = None,
    on_chunk: OnChunk | None = None,
    clock: Clock = time.monotonic,
) -> ImportResult:
    """Imports, and says what was done. Progress and cancel are the background task's. Raises as `check`."""
    check_mapping(plan.mapping, plan.kind, len(plan.format.header))
    with doors.unit_of_work() as session:
        task_id = start_import(session, plan, now, by, errors=errors)
    return resume_import(doors, task_id, now, on_chunk=on_chunk, clock=clock)


def start_import(
    session: Session, plan: ImportPlan, now: datetime, by: str, *, errors: Path | None = None, new_list: str = ""
) -> int:
    """The id of a background task for `resume_import` to carry out. `new_list`: the name of a list to make for it.
    Raises as `check`, and for that name Invalid (field "name"); NotFound: no such list."""
    check_mapping(plan.mapping, plan.kind, len(plan.format.header))
    if new_list:
        plan = replace(plan, list_id=create_list(session, {"name": new_list}, now))
    target = session.get(TargetList, plan.list_id) if plan.list_id is not None else None
    if plan.list_id is not None and (target is None or target.deleted_at is not None):
        raise NotFound("errors.not_found", what=f"target list {plan.list_id}")
    detail = {"plan": plan.as_json(), "errors": str(errors) if errors else None, "counts": {}}
    return background_task.begin(session, TASK, now, by, total=plan.total, detail=detail)


def resume_import(
    doors: Doors, task_id: int, now: datetime, *, on_chunk: OnChunk | None = None, clock: Clock = time.monotonic
) -> ImportResult:
    """Carries an import out from where it is: from the start, or behind its last chunk. `clock`: how long the chunks
    hold the write lock, which decides how large they are. Raises what the file or the database raise; the task keeps
    the error, and can be resumed."""
    with doors.unit_of_work() as session:
        task = background_task.resume(session, task_id, now)
        detail, key = task.detail, task.key
    plan, errors = ImportPlan.from_json(detail["plan"]), detail["errors"]
    tally, size = Tally(Counter(detail["counts"])), ChunkSize()
    judged = _judged(plan, tally, Path(errors) if errors else None, size)
    try:
        cancelled = _Writing(doors, task_id, plan, now, clock).write(judged, key, tally, size, on_chunk)
    except Exception as error:
        with doors.unit_of_work() as session:
            background_task.fail(session, task_id, now, str(error))
        raise
    with doors.unit_of_work() as session:
        background_task.finish(session, task_id, now, cancelled=cancelled, problems=tally.problem_counts())
        counts = {**tally.counts, **tally.problem_counts()}
        audit.note(session, now, task.by, "recipients.imported", "target_list", plan.list_id, kind=plan.kind, **counts)
    return replace(tally.result(), cancelled=cancelled, task_id=task_id)


class _Writing(NamedTuple):
    """What the writing of all chunks of an import has in common."""

    doors: Doors
    task_id: int
    plan: ImportPlan
    now: datetime
    clock: Clock

    def write(
        self, judged: Iterator["_Chunk"], key: int, tally: Tally, size: ChunkSize, on_chunk: OnChunk | None
    ) -> bool:
        """Whether a cancel was asked. Rows up to `key` are judged, for the twins among them, and not written again."""
        for chunk in judged:
            if chunk.last <= key:
                continue
            entries = [entry for entry in chunk.entries if entry.row > key]
            stop, seconds = self._write_one(entries, chunk.last, tally)
            size.learn(chunk.rows, seconds)
            if on_chunk:
                on_chunk(tally.rows, self.plan.total)
            if stop:
                return True
            self.doors.rest()
        return False

    def _write_one(self, entries: list[Entry], last: int, tally: Tally) -> tuple[bool, float]:
        """Whether a cancel was asked, and for how many seconds the write lock was held."""
        candidates = prepare(entries, self.plan.kind, self.now)
        with self.doors.unit_of_work(rest=False) as session:
            session.connection()  # waits for the lock
            began = self.clock()
            changes, counts = write_candidates(session, self.plan.kind, self.plan.list_id, candidates, self.now)
            tally.count(counts)
            tally.take(entries, changes)
            counted = dict(tally.counts)
            stop = background_task.advance(session, self.task_id, done=tally.rows, key=last, counts=counted)
        return stop, self.clock() - began


class _Chunk(NamedTuple):
    """The entries among so many rows of the file, of which `last` is the number of the last."""

    entries: list[Entry]
    rows: int
    last: int


def _judged(plan: ImportPlan, tally: Tally, errors: Path | None, size: ChunkSize) -> Iterator[_Chunk]:
    """The file in chunks; its problem rows go to the tally and to the file of problem rows."""
    judge = Judge(plan.mapping)
    address = plan.mapping.index("address")
    rows = read_rows(plan.path, plan.format)
    with ProblemFile.open(errors, plan.format, plan.language) as problems:
        while chunk := list(itertools.islice(rows, size.rows)):
            verdicts = [(row, judge.judge(row)) for row in chunk]
            wrong = [(row, verdict) for row, verdict in verdicts if isinstance(verdict, Problem)]
            tally.rows += len(chunk)
            tally.refuse(wrong, address)
            problems.add(wrong)
            yield _Chunk(
                [verdict for _, verdict in verdicts if isinstance(verdict, Entry)], len(chunk), chunk[-1].number
            )
