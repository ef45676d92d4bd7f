"""Who must get what, computed from the files alone, by rules written down here. Nothing of Envoi is imported.

The rules are product.md's in a tester's words. An address counts when one person could type it into any mail program:
one @, something before and a domain with a dot after it, no space, no name around it, no quotation marks; at most 254
octets, 64 before the @. Two addresses are one when they differ in case, in white space around them, in how an umlaut
is composed, or in how an international domain is written.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+")  # RFC 5322 dot-atom, RFC 6531
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAME_LONGEST = 100
HEADERS = {
    "first": {"Prénom", "First name"},
    "last": {"Nom", "Last name"},
    "address": {"E-mail", "Email"},
    "language": {"Langue", "Language"},
    "company": {"Société", "Company"},
}
LANGUAGES = {"", "fr", "en", "de", "français", "french", "english", "deutsch", "es", "it", "nl"}


@dataclass(frozen=True)
class Someone:
    """A row that must be imported. `address` as typed, trimmed; `normal`: what is compared."""

    row: int
    first: str
    last: str
    address: str
    normal: str
    company: str = ""


@dataclass
class Sheet:
    """What must become of a file: `people` imported; `wrong` rows by kind, with their numbers in the spreadsheet."""

    people: list[Someone] = field(default_factory=list)
    wrong: dict[str, list[int]] = field(default_factory=lambda: {"empty": [], "malformed": [], "twice": [], "row": []})

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(rows) for kind, rows in self.wrong.items()}

    @property
    def wrong_rows(self) -> set[int]:
        return {row for rows in self.wrong.values() for row in rows}

    @property
    def addresses(self) -> set[str]:
        return {person.normal for person in self.people}


@dataclass(frozen=True)
class Columns:
    """Where the file has what, from 0; None: not at all."""

    first: int
    last: int
    address: int
    language: int
    company: int | None
    width: int


def columns_of(header: list[str]) -> Columns:
    """The columns by their labels."""
    places = {
        name: next((place for place, label in enumerate(header) if label in labels), None)
        for name, labels in HEADERS.items()
    }
    return Columns(**places, width=len(header))


def read_sheet(path: Path, delimiter: str) -> Sheet:
    """Judge every row of a UTF-8 file below its header. Blank rows are nobody's, but keep their number."""
    text = path.read_bytes().decode("utf-8-sig")
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
    columns, sheet, seen = columns_of(next(rows)[1]), Sheet(), dict[str, int]()
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        kind, someone = judge(number, cells, columns, seen)
        if someone:
            seen[someone.normal] = number
            sheet.people.append(someone)
        else:
            sheet.wrong[kind].append(number)
    return sheet


def judge(number: int, cells: list[str], columns: Columns, seen: dict[str, int]) -> tuple[str, Someone | None]:
    """The kind of trouble, or the person."""
    if any("\0" in cell for cell in cells) or any(cell.strip() for cell in cells[columns.width :]):
        return "row", None
    cells = cells + [""] * (columns.width - len(cells))
    typed = cells[columns.address].strip()
    if not typed:
        return "empty", None
    normal = normal_form(typed)
    if normal is None:
        return "malformed", None
    company = "" if columns.company is None else cells[columns.company].strip()
    first, last = cells[columns.first].strip(), cells[columns.last].strip()
    if max(len(first), len(last)) > NAME_LONGEST or cells[columns.language].strip().lower() not in LANGUAGES:
        return "row", None
    if normal in seen:
        return "twice", None
    return "", Someone(number, one_line(first), one_line(last), typed, normal, one_line(company))


def normal_form(typed: str) -> str | None:
    """What is compared; None: no address."""
    local, at, domain = typed.strip().rpartition("@")
    if not at or "@" in local or len(local.encode()) > 64:
        return None
    if not all(map(ATOM.fullmatch, local.split("."))):
        return None
    if re.search(r"[\s\x00-\x1f\x7f<>(),;:\\\"\[\]]", typed.strip()):
        return None
    ascii_domain = to_ascii(domain)
    if ascii_domain is None:
        return None
    normal = unicodedata.normalize("NFC", local).lower() + "@" + ascii_domain
    return normal if len(typed.encode()) <= 254 and len(normal.encode()) <= 254 else None


def to_ascii(domain: str) -> str | None:
    """The domain as it stands in the DNS (RFC 5891); None: not one that mail can reach."""
    try:
        spelled = unicodedata.normalize("NFC", domain).lower().encode("idna").decode()
    except UnicodeError:
        return None
    labels = spelled.split(".")
    fits = len(labels) > 1 and all(map(LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return spelled if fits else None


def one_line(text: str) -> str:
    """A name as people see it: control characters and line breaks are spaces."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", unicodedata.normalize("NFC", text)).split())


# --- the audience ---


@dataclass(frozen=True)
class Member:
    """An entry of a target list: (kind, key) is the record; `address` its normal form, "" for none."""

    kind: str
    key: str
    address: str


@dataclass(frozen=True)
class Verdict:
    """Who gets it (normal addresses), and how many do not, by the first reason that applies."""

    gets: frozenset[str]
    left_out: Counter[str]
    chosen: int


KINDS = ("account", "contact", "lead", "user")


def decide(
    lists: Iterable[list[Member]],
    excluded: Iterable[list[Member]],
    opted_out: Iterable[tuple[str, int]] = (),
) -> Verdict:
    """The waterfall of D6: no address → excluded, by record or by address → opted out of all its lists → duplicate.

    `opted_out`: (address, place of the list). Among twins the first stays: by list, then kind.
    """
    lists = list(lists)
    everywhere = {member for one in excluded for member in one}
    addresses = {member.address for member in everywhere if member.address}
    declined = set(opted_out)
    places: dict[Member, list[int]] = {}
    for place, members in enumerate(lists):
        for member in members:
            places.setdefault(member, []).append(place)
    left_out, gets = Counter[str](), set[str]()
    in_order = sorted(places, key=lambda member: (places[member][0], KINDS.index(member.kind)))
    for member in in_order:
        if not member.address:
            left_out["no_address"] += 1
        elif member in everywhere or member.address in addresses:
            left_out["excluded"] += 1
        elif all((member.address, place) in declined for place in places[member]):
            left_out["opted_out"] += 1
        elif member.address in gets:
            left_out["duplicate"] += 1
        else:
            gets.add(member.address)
    return Verdict(frozenset(gets), left_out, len(places))
