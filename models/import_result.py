"""The result of an import: how many people are new, updated, unchanged, and which rows have a problem."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from models.catalogue import Problem
from models.import_row import Entry, Group, group_of
from models.import_write import Change
from models.spreadsheet import Row

SHOWN = 200
"""Problem rows of each group that a result holds; the file of problem rows has all."""
PREVIEW = 20


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A row that is not imported. `address` as it stands in the file."""

    number: int
    address: str
    problem: Problem
    group: Group


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as it will be, or was, written."""

    entry: Entry
    change: Change


@dataclass(frozen=True, slots=True)
class ImportResult:
    """rows = new + updated + unchanged + problem_count, unless it was cancelled. `added`: new members of the list.
    `accounts`: accounts made for contacts. `opted_out`, `suppressed`: importable addresses that keep that state; of the
    latter `erased` on request."""

    rows: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    added: int = 0
    accounts: int = 0
    opted_out: int = 0
    suppressed: int = 0
    erased: int = 0
    problems: Mapping[Group, int] = field(default_factory=dict)
    shown: tuple[ProblemRow, ...] = ()
    preview: tuple[PreviewRow, ...] = ()
    cancelled: bool = False
    task_id: int | None = None

    @property
    def problem_count(self) -> int:
        """Rows that are not imported."""
        return sum(self.problems.values())


class Tally:
    """What has been counted so far. `counts` of what was written are kept in the task; the rest is judged anew."""

    def __init__(self, counts: Counter[str] | None = None) -> None:
        self.counts = counts if counts is not None else Counter[str]()
        self.rows = 0
        self._problems: Counter[Group] = Counter()
        self._shown: list[ProblemRow] = []
        self._preview: list[PreviewRow] = []

    def count(self, more: Counter[str]) -> None:
        """Add to the counts."""
        self.counts.update(more)

    def take(self, entries: list[Entry], changes: list[Change]) -> None:
        """Entries, and what each did or would do."""
        self.counts.update(map(str, changes))
        room = PREVIEW - len(self._preview)
        self._preview.extend(map(PreviewRow, entries[:room], changes[:room]))

    def refuse(self, wrong: list[tuple[Row, Problem]], address: int) -> None:
        """Rows that are not imported. `address`: the place of its column."""
        for row, problem in wrong:
            group = group_of(problem)
            self._problems[group] += 1
            if self._problems[group] <= SHOWN:
                typed = row.cells[address] if address < len(row.cells) else ""
                self._shown.append(ProblemRow(row.number, typed, problem, group))

    def problem_counts(self) -> dict[str, int]:
        """Rows per group of problems."""
        return {str(group): count for group, count in self._problems.items()}

    def result(self) -> ImportResult:
        """The counts as they are now."""
        return ImportResult(
            rows=self.rows,
            new=self.counts["new"],
            updated=self.counts["updated"],
            unchanged=self.counts["unchanged"],
            added=self.counts["added"],
            accounts=self.counts["accounts"],
            opted_out=self.counts["opted_out"],
            suppressed=self.counts["suppressed"],
            erased=self.counts["erased"],
            problems=dict(self._problems),
            shown=tuple(self._shown),
            preview=tuple(self._preview),
        )
