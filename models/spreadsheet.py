"""The spreadsheet: a CSV file in, rows out, in flat memory, however its program bends RFC 4180.

Row numbers are those a spreadsheet shows: the header is row 1, a cell with a line break in it stays in its row, blank
rows count (and are not given out).
"""

import csv
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, Self

from models.catalogue import Problem

MAX_RECORD = 131_072
"""Characters of one row. The csv module's own limit of one cell, so that limit is never met."""
MAX_LINES = 100
"""Lines of one row: a quotation mark that is never closed swallows no more of the file than this."""
UNREADABLE = "\N{REPLACEMENT CHARACTER}"

_SHOWN = 500
_FORMULA = frozenset("=+-@\t\r")


@dataclass(frozen=True, slots=True)
class Format:
    """How the bytes are read. `encoding`: a codec of Python. `header`: one label per column, unique; `headed`: whether
    the file's first row gave them. `hinted`: the first line is Excel's `sep=;`."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    headed: bool = True
    hinted: bool = False


class Row(NamedTuple):
    """`cells`: one per column of the header, unless `problem` says why the row cannot be read: then as they came."""

    number: int
    cells: list[str]
    problem: Problem | None


def read_rows(path: Path, form: Format) -> Iterator[Row]:
    """The rows below the header, one at a time. A short row is filled up with empty cells: programs leave out the
    delimiters at the end of a row when nothing follows. A longer one has a problem: its cells moved. So has a row with
    a NUL, with a character that the encoding cannot read, or with a misplaced quotation mark."""
    width = len(form.header)
    with open_text(path, form.encoding) as file:
        if form.hinted:
            file.readline(MAX_RECORD)
        for row in itertools.islice(read_records(file, form.delimiter), form.headed, None):
            yield row if row.problem is not None or len(row.cells) == width else _fit(row, width)


def _fit(row: Row, width: int) -> Row:
    number, cells, _ = row
    if any(map(str.strip, cells[width:])):
        return Row(number, cells, Problem("imports.too_many_cells", cells=len(cells), columns=width))
    return Row(number, cells[:width] + [""] * (width - len(cells)), None)


def read_records(file: IO[str], delimiter: str) -> Iterator[Row]:
    """The records of an open text file (newline="") as wide as they come. Blank ones are counted and left out."""
    lines = _Lines(file)
    parser = csv.reader(lines, delimiter=delimiter, strict=True)
    for number in itertools.count(1):
        lines.begin()
        try:
            cells, problem = next(parser), lines.problem
        except StopIteration:
            return
        except (_Broken, csv.Error) as error:
            key = error.key if isinstance(error, _Broken) else "imports.misplaced_quote"
            cells, problem = _salvage(lines.give_back(), delimiter), Problem(key)
            parser = csv.reader(lines, delimiter=delimiter, strict=True)
        if problem is not None or any(map(str.strip, cells)):
            yield Row(number, cells, problem)


def open_text(path: Path, encoding: str) -> IO[str]:
    """The file as text, line ends (LF, CRLF, CR) as they are; what cannot be decoded becomes UNREADABLE."""
    return path.open(encoding=encoding, errors="replace", newline="")


class _Broken(Exception):
    """The record that the parser is in the middle of cannot be finished."""

    def __init__(self, key: str) -> None:
        self.key = key


class _Lines:
    """The lines of a file, fed to the csv parser. What one record took can be given back, all but its first line: after
    a quotation mark that is never closed, reading goes on with the next line and loses nothing."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._size = 0
        self.problem: Problem | None = None

    def begin(self) -> None:
        """A new record begins."""
        self._taken, self._size, self.problem = [], 0, None

    def give_back(self) -> str:
        """The first line of the broken record; the others will be read again."""
        self._again.extendleft(reversed(self._taken[1:]))
        return self._taken[0]

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(MAX_RECORD + 1)
        if not line:
            if self._taken:
                raise _Broken("imports.unclosed_quote")
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        if self._size > MAX_RECORD or len(self._taken) > MAX_LINES:
            self._stop(line)
        if "\0" in line:
            self.problem = Problem("imports.nul")
        elif UNREADABLE in line:
            self.problem = Problem("imports.unreadable")
        return line

    def _stop(self, line: str) -> None:
        if len(line) <= MAX_RECORD:
            raise _Broken("imports.unclosed_quote")
        while line and not line.endswith(("\n", "\r")):  # a line without end is passed over, never held
            line = self._file.readline(MAX_RECORD)
        self._taken[-1] = self._taken[-1][:_SHOWN]
        if len(self._taken) > 1:
            raise _Broken("imports.unclosed_quote")
        raise _Broken("imports.too_long_row")


def _salvage(line: str, delimiter: str) -> list[str]:
    """The cells of a broken line as far as they can be told, for the file of problem rows."""
    cells = next(csv.reader([line], delimiter=delimiter), [])
    return [cell.rstrip("\r\n") for cell in cells]


def export_cell(value: str) -> str:
    """The value as it goes into a CSV file: a leading apostrophe where a spreadsheet would run it as a formula
    (OWASP, CSV injection). `import_cell` takes it off again."""
    return f"'{value}" if value[:1] in _FORMULA else value


def import_cell(value: str) -> str:
    """The text of a cell, trimmed; an apostrophe that `export_cell` put there is taken off. A formula stays text."""
    value = value.strip()
    return value[1:] if value[:1] == "'" and value[1:2] in _FORMULA else value


def write_rows(file: IO[str], rows: Iterable[Sequence[object]], delimiter: str = ",") -> None:
    """Rows as CSV, formulas neutralised. For a file that Excel reads as it should, open it with `utf-8-sig`."""
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([export_cell(str(cell)) for cell in row] for row in rows)
