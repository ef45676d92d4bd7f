"""The format of a spreadsheet, found by looking at it: encoding, delimiter, header; and what its columns hold."""

import codecs
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

from models.catalogue import Problem
from models.errors import Invalid
from models.spreadsheet import MAX_RECORD, UNREADABLE, Format, Row, open_text, read_records, read_rows

ENCODINGS: Final = ("utf-8", "cp1252", "utf-16-le", "utf-16-be", "cp1250", "mac_roman", "cp850")
"""What a person may choose by hand when the guess is wrong."""
DELIMITERS: Final = (",", ";", "\t", "|")
MAX_COLUMNS: Final = 500

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BLOCK = 1 << 20
_HEAD = 1 << 16
_HINT = re.compile(r'"?sep=(.)"?\r?\n?')
_ROWS_LOOKED_AT = 200
_SAMPLE_ROWS = 20
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What is in a file. `sample`: its first rows. `row_count`: rows that are not blank, the header apart. Per column:
    `filled`, how many rows have something there; `examples`, up to three different values."""

    format: Format
    size: int
    row_count: int
    sample: tuple[Row, ...]
    filled: tuple[int, ...]
    examples: tuple[tuple[str, ...], ...]


def sniff(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Sniffed:
    """Reads the whole file once or twice in flat memory. `encoding` and `delimiter`: chosen by hand, not guessed.

    Raises Invalid (field "file") for what is no CSV file: empty, a workbook, a header longer than any row may be; for
    an unknown encoding or delimiter, beside that field."""
    size = path.stat().st_size
    form = find_format(path, encoding=encoding, delimiter=delimiter)
    width = len(form.header)
    filled, examples, sample, row_count = [0] * width, [dict[str, None]() for _ in range(width)], list[Row](), 0
    rows = read_rows(path, form)
    while chunk := list(itertools.islice(rows, 5_000)):
        row_count += len(chunk)
        sample.extend(chunk[: _SAMPLE_ROWS - len(sample)])
        for place, column in enumerate(zip(*(row.cells for row in chunk if row.problem is None), strict=True)):
            filled[place] += sum(map(bool, map(str.strip, column)))
            if len(examples[place]) < _EXAMPLES:
                examples[place].update(dict.fromkeys(cell for cell in column[:100] if cell.strip()))
    shown = tuple(tuple(itertools.islice(values, _EXAMPLES)) for values in examples)
    return Sniffed(form, size, row_count, tuple(sample), tuple(filled), shown)


def find_format(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Format:
    """Encoding, delimiter and header of a file. As `sniff`, without counting."""
    _check_choice(encoding, delimiter)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise Invalid({"file": Problem("imports.empty_file")})
    if head.startswith(_WORKBOOKS):
        raise Invalid({"file": Problem("imports.workbook")})
    encoding = encoding if encoding is not None else find_encoding(path)
    with open_text(path, encoding) as text_file:
        text = text_file.read(MAX_RECORD)
    hint = _HINT.match(text)
    delimiter = delimiter or (hint[1] if hint else find_delimiter(text))
    with open_text(path, encoding) as text_file:
        if hint:
            text_file.readline(MAX_RECORD)
        first = next(read_records(text_file, delimiter), None)
    if first is None:
        raise Invalid({"file": Problem("imports.empty_file")})
    if first.problem is not None or len(first.cells) > MAX_COLUMNS:
        raise Invalid({"file": first.problem or Problem("imports.too_many_columns", limit=MAX_COLUMNS)})
    headed = not any("@" in cell for cell in first.cells)
    labels = first.cells if headed else [""] * len(first.cells)
    return Format(encoding, delimiter, name_columns(labels), headed, hint is not None)


def _check_choice(encoding: str | None, delimiter: str | None) -> None:
    if encoding is not None and encoding not in ENCODINGS:
        raise Invalid({"encoding": Problem("errors.unknown_choice", value=encoding)})
    if delimiter is not None and delimiter not in DELIMITERS:
        raise Invalid({"delimiter": Problem("errors.unknown_choice", value=delimiter)})


def name_columns(labels: Sequence[str]) -> tuple[str, ...]:
    """One label per column, unique: an empty one is the column's letter, as a spreadsheet names it; a second "email" is
    "email (2)"."""
    named: list[str] = []
    times: Counter[str] = Counter()
    for place, label in enumerate(labels):
        text = " ".join(label.replace("\0", "").split()) or _letters(place)
        times[text.casefold()] += 1
        named.append(text if times[text.casefold()] == 1 else f"{text} ({times[text.casefold()]})")
    return tuple(named)


def _letters(place: int) -> str:
    """A … Z, AA …: column 0 is A."""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def find_delimiter(text: str) -> str:
    """The delimiter that cuts most rows into as many cells as the first one; a comma when there is but one column."""

    def agreement(delimiter: str) -> tuple[int, int]:
        records = read_records(io.StringIO(text, newline=""), delimiter)
        widths = [len(row.cells) for row in itertools.islice(records, _ROWS_LOOKED_AT)]
        first = widths[0] if widths else 1
        return (widths.count(first), first) if first > 1 else (0, 0)

    return max(DELIMITERS, key=agreement)  # the first of equals


def find_encoding(path: Path) -> str:
    """The codec to read a file with: by its mark, else UTF-16 by its zeros, else UTF-8 if what is not ASCII reads so,
    else an 8-bit code page, Windows' of Western Europe before the others."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        for mark, codec in _BOMS:
            if head.startswith(mark):
                return codec
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) > len(head) // 6 and min(even, odd) < len(head) // 50:
            return "utf-16-be" if even > odd else "utf-16-le"
        file.seek(0)
        wrong = _not_utf8(iter(lambda: file.read(_BLOCK), b""))
    return "utf-8" if wrong is None else _code_page(wrong)


def _not_utf8(blocks: Iterable[bytes]) -> bytes | None:
    """None when the file is UTF-8, be it with a few broken rows (two exports glued together); else its first block that
    is not. Text of an 8-bit code page has next to no well-formed sequence, so the greater number decides."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    first_wrong: bytes | None = None
    for block in blocks:
        text = decoder.decode(block)
        if text.isascii():
            continue
        wrong = text.count(UNREADABLE)
        good += len(text) - len(text.encode("ascii", "ignore")) - wrong
        bad += wrong
        if wrong and first_wrong is None:
            first_wrong = block
    bad += decoder.decode(b"", final=True).count(UNREADABLE)
    return first_wrong if bad > good else None


def _code_page(block: bytes) -> str:
    """CP1252, unless another code page makes clearly better sense of the lines that are not ASCII."""
    sample = b"\n".join(itertools.islice((line for line in block.splitlines() if not line.isascii()), 100))[:_HEAD]
    guesses = from_bytes(sample, cp_isolation=["cp1252", "cp1250", "mac_roman", "cp850"], threshold=0.9)
    chaos = {name: guess.chaos for guess in guesses for name in guess.could_be_from_charset}
    best = min(chaos, key=lambda name: chaos[name], default="cp1252")
    return "cp1252" if chaos.get("cp1252", 1.0) - chaos.get(best, 1.0) <= 0.05 else best
