"""The row of an import: cells in, an entry that can be written or the problem it has out. Knows no database."""

import re
import unicodedata
from array import array
from collections.abc import Callable
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final, NamedTuple
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError

from models.address import normal_form
from models.catalogue import Problem
from models.errors import Invalid
from models.import_mapping import CUSTOM, Mapping, field_name
from models.spreadsheet import Row, import_cell

MAX_LENGTH: Final = {"first_name": 100, "last_name": 100, "company": 200, "account": 200, "name": 200}
"""Characters of a name, as the form of a recipient takes them."""
MAX_VALUE: Final = 2_000
"""Characters of a custom field."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Group(StrEnum):
    """The kinds of problems that the page tells apart."""

    MALFORMED = "malformed"
    TWICE = "twice"
    EMPTY = "empty"
    ROW = "row"


class Entry(NamedTuple):
    """A row that can be written. `values`: columns of recipient, `fields`: custom fields; only what is filled."""

    row: int
    typed: str
    normal: str
    values: dict[str, str]
    fields: dict[str, str]
    account: str


class Judge:
    """Decides on the rows of one file in their order: it remembers the addresses it has seen."""

    def __init__(self, mapping: Mapping) -> None:
        self._address = mapping.index("address")
        wanted = [(place, field) for place, field in enumerate(mapping) if field and field != "address"]
        self._takers = [(place, field, _reader(field)) for place, field in wanted]
        self._seen = SeenAddresses()

    def judge(self, row: Row) -> Entry | Problem:
        """The entry, or why the row is not imported."""
        if row.problem is not None:
            return row.problem
        typed = import_cell(row.cells[self._address])
        if not typed:
            return Problem("imports.no_address")
        try:
            normal = normal_form(typed)
            entry = self._read(row, typed, normal)
        except Invalid as error:
            return next(iter(error.problems.values()))
        earlier = self._seen.earlier(normal, row.number)
        return Problem("imports.same_as_row", row=earlier) if earlier else entry

    def _read(self, row: Row, typed: str, normal: str) -> Entry:
        values: dict[str, str] = {}
        fields: dict[str, str] = {}
        for place, field, read in self._takers:
            if value := read(field, row.cells[place]):
                if field.startswith(CUSTOM):
                    fields[field[len(CUSTOM) :]] = value
                else:
                    values[field] = value
        if whole := values.pop("name", ""):
            values.update(split_name(whole) | values)
        return Entry(row.number, typed, normal, values, fields, values.pop("account", ""))


def group_of(problem: Problem) -> Group:
    """The group of a row's problem: what is wrong with an address is not in this feature's words."""
    if not problem.key.startswith("imports."):
        return Group.MALFORMED
    return {"imports.no_address": Group.EMPTY, "imports.same_as_row": Group.TWICE}.get(problem.key, Group.ROW)


def split_name(whole: str) -> dict[str, str]:
    """First and last name of a whole name: "Byron, Ada" and "Ada Byron" alike; one word is a last name."""
    last, comma, first = whole.partition(",")
    if not comma:
        first, _, last = whole.rpartition(" ") if whole.count(" ") < 2 else whole.partition(" ")
    return {key: part.strip() for key, part in (("first_name", first), ("last_name", last)) if part.strip()}


def _reader(field: str) -> Callable[[str, str], str]:
    if field == "language":
        return lambda _, cell: read_language(import_cell(cell))
    if field == "time_zone":
        return lambda _, cell: read_time_zone(import_cell(cell))
    return _read_value if field.startswith(CUSTOM) else _read_name


def _read_name(field: str, cell: str) -> str:
    """One line of text: white space is one space, accents are one character with their letter (NFC)."""
    return _checked(field, " ".join(_clean(import_cell(cell)).split()), MAX_LENGTH[field])


def _read_value(field: str, cell: str) -> str:
    """Text that may have several lines."""
    text = import_cell(cell)
    if "\n" in text or "\r" in text:
        return _checked(field, "\n".join(map(_clean, text.splitlines())), MAX_VALUE)
    return _checked(field, _clean(text), MAX_VALUE)


def _clean(text: str) -> str:
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _checked(field: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise Invalid({field: Problem("imports.too_long", field=field_name(field), length=len(text), limit=limit)})
    return text


@lru_cache(maxsize=1_000)
def read_language(cell: str) -> str:
    """The language as its code, with the region if there is one (RFC 5646): "fr" of "FR", "français", "French" and
    "Französisch"; "fr-CA" of "fr_ca". "" of "". Raises Invalid."""
    if not cell:
        return ""
    word = cell.casefold()
    if found := _language_names().get(word):
        return found
    try:
        locale = Locale.parse(word.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise Invalid({"language": Problem("imports.unknown_language", value=cell[:40])}) from error
    return f"{locale.language}-{locale.territory}" if locale.territory else locale.language


@cache
def _language_names() -> dict[str, str]:
    """Names of languages in English, French and German, and of these three in themselves (CLDR)."""
    return {
        name.casefold(): code
        for speaker in ("de", "fr", "en")
        for code, name in Locale(speaker).languages.items()
        if len(code) <= 3
    }


@lru_cache(maxsize=1_000)
def read_time_zone(cell: str) -> str:
    """The name of the zone in the time zone database, in its own spelling. "" of "". Raises Invalid."""
    if not cell:
        return ""
    if zone := _zones().get(cell.casefold().replace(" ", "_")):
        return zone
    raise Invalid({"time_zone": Problem("imports.unknown_time_zone", value=cell[:40])})


@cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones()}


class SeenAddresses:
    """The row in which each address came first, in about 30 bytes an address: a hash table of numbers; a dict of a
    million texts would take five times that. Two addresses are taken for one when their 64-bit hashes, keyed anew in
    every process, are equal: one chance in 30 million for a file of a million rows."""

    def __init__(self) -> None:
        self._count = 0
        self._allocate(1 << 10)

    def _allocate(self, size: int) -> None:
        self._mask = size - 1
        self._hashes = array("q", bytes(8 * size))
        self._rows = array("L", bytes(array("L").itemsize * size))

    def earlier(self, normal: str, row: int) -> int:
        """The earlier row (from 1) with this address; 0: none, and now it is known to be in this one."""
        number = hash(normal)
        place = self._place(number)
        if self._rows[place]:
            return self._rows[place]
        self._hashes[place], self._rows[place] = number, row
        self._count += 1
        if self._count * 5 > self._mask * 3:
            self._grow()
        return 0

    def _place(self, number: int) -> int:
        """Where the number is, or the free place where it belongs (linear probing)."""
        place = number & self._mask
        while self._rows[place] and self._hashes[place] != number:
            place = (place + 1) & self._mask
        return place

    def _grow(self) -> None:
        hashes, rows = self._hashes, self._rows
        self._allocate(2 * len(rows))
        for number, row in zip(hashes, rows, strict=True):
            if row:
                place = self._place(number)
                self._hashes[place], self._rows[place] = number, row
