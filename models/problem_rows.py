"""The file of problem rows: what an import leaves out, to be mended in the program that wrote the other file."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from models.catalogue import Problem, text
from models.spreadsheet import Format, Row, write_rows


class ProblemFile:
    """Open while rows are judged; without a path nothing is written. The columns of the other file come first, then
    the number of the row and its problem."""

    def __init__(self, file: IO[str] | None, form: Format, language: str) -> None:
        self._file, self._form, self._language = file, form, language

    @classmethod
    @contextmanager
    def open(cls, path: Path | None, form: Format, language: str) -> Iterator[Self]:
        """The file for a block, with its head."""
        if path is None:
            yield cls(None, form, language)
            return
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            head = [*form.header, text(language, "imports.row"), text(language, "imports.problem")]
            write_rows(file, [head], form.delimiter)
            yield cls(file, form, language)

    def add(self, wrong: Iterable[tuple[Row, Problem]]) -> None:
        """Rows that are not imported, as they came."""
        if self._file is not None:
            lines = ([*row.cells, row.number, problem.text(self._language)] for row, problem in wrong)
            write_rows(self._file, lines, self._form.delimiter)
