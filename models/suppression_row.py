"""The row of a file of suppressions: cells in, what is to be suppressed or the problem it has out; and
the same row written.

Files of other programs are read too: a column is found by what it is called, a reason by the words that mail providers
have for it, a moment in ISO 8601 or in seconds since 1970.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from models.address import CONTROL, normal_form
from models.catalogue import Problem
from models.errors import Invalid
from models.import_mapping import propose_mapping
from models.import_row import SeenAddresses
from models.recipient import Kind, words_of
from models.spreadsheet import Row, import_cell
from models.spreadsheet_format import Sniffed
from models.suppression import SuppressionReason
from models.suppression_form import MOST_NOTE
from models.suppression_page import SuppressionRow

COLUMNS: Final = ("address", "reason", "since", "until", "evidence")
"""What an export writes, and an import reads; only the first is needed."""

_HEADS: Final[Mapping[str, str]] = {
    word: column
    for column, words in {
        "reason": "reason, type, event, cause, raison, motif, grund",
        "since": "since, created, created at, date, last update time, lastupdatetime, depuis, seit",
        "until": "until, expires, expires at, end, jusqu au, fin, bis",
        "evidence": "evidence, note, comment, description, status, error, preuve, remarque, commentaire, notiz",
    }.items()
    for word in words.split(", ")
}
_REASONS: Final[Mapping[str, SuppressionReason]] = {
    word: reason
    for reason, words in {
        SuppressionReason.HARD_BOUNCE: "hard bounce, hardbounce, hard, bounce, bounced, permanent, permanent fail",
        SuppressionReason.COMPLAINT: "complaint, complained, spam complaint, spamcomplaint, spam, spam report, abuse",
        SuppressionReason.SOFT_BOUNCES: "soft bounces, soft bounce, softbounce, soft, transient",
        SuppressionReason.INVALID: "invalid, invalid address, invalid email",
        SuppressionReason.MANUAL: "manual, by hand, manual suppression, manualsuppression",
        SuppressionReason.ERASED: "erased",
    }.items()
    for word in words.split(", ")
}


class Entry(NamedTuple):
    """An address to suppress. `since` None: from the moment of the import."""

    row: int
    normal: str
    reason: SuppressionReason
    since: datetime | None
    until: datetime | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say it themselves."""

    reason: SuppressionReason = SuppressionReason.MANUAL
    until: datetime | None = None
    note: str = ""


@dataclass(slots=True)
class Judge:
    """Decides on the rows of one file in their order: it remembers what it has seen. `places`: column → place."""

    places: Mapping[str, int]
    defaults: Defaults
    now: datetime
    _seen: SeenAddresses = field(default_factory=SeenAddresses)

    def judge(self, row: Row) -> Entry | Problem:
        """The entry, or why the row is not imported."""
        if row.problem is not None:
            return row.problem
        try:
            entry = self._read(row)
        except Invalid as error:
            return next(iter(error.problems.values()))
        earlier = self._seen.earlier(f"{entry.reason} {entry.normal}", row.number)
        return Problem("imports.same_as_row", row=earlier) if earlier else entry

    def _read(self, row: Row) -> Entry:
        cells = {column: import_cell(row.cells[place]) for column, place in self.places.items()}
        reason, word = self._reason(cells.get("reason", ""))
        if not cells["address"]:
            raise Invalid({"address": Problem("imports.no_address")})
        since, until = (_moment(column, cells.get(column, "")) for column in ("since", "until"))
        if until is not None and until <= self.now:
            raise Invalid({"until": Problem("suppressions.ended")})
        evidence = CONTROL.sub(" ", cells.get("evidence", "") or word or self.defaults.note)[:MOST_NOTE]
        since = min(since, self.now) if since else None
        return Entry(row.number, normal_form(cells["address"]), reason, since, until or self.defaults.until, evidence)

    def _reason(self, cell: str) -> tuple[SuppressionReason, str]:
        """The reason, and the word itself where it is none that is known."""
        if not cell:
            return self.defaults.reason, ""
        reason = _REASONS.get(" ".join(words_of(cell)))
        if reason is SuppressionReason.ERASED:
            raise Invalid({"reason": Problem("suppressions.erased_row")})
        return (reason, "") if reason else (self.defaults.reason, cell)


def cells_of(row: SuppressionRow) -> Sequence[object]:
    """The values of COLUMNS for an export: moments in ISO 8601; "" for no end, and for an address that was erased."""
    until = row.until.isoformat() if row.until else ""
    return row.address, row.reason, row.since.isoformat(), until, row.evidence


def find_columns(found: Sniffed) -> dict[str, int]:
    """Column → its place. A file without a head, or with a head of its own: the address is where the @ stands. Raises
    Invalid (file): there is no address."""
    header = found.format.header
    places: dict[str, int] = {}
    for place, label in enumerate(header):
        if column := _HEADS.get(" ".join(words_of(label))):
            places.setdefault(column, place)
    address = _address_column(header, found.examples)
    if address is None:
        raise Invalid({"file": Problem("suppressions.no_address_column")})
    return {"address": address, **{column: place for column, place in places.items() if place != address}}


def _address_column(header: Sequence[str], examples: Sequence[Sequence[str]]) -> int | None:
    mapping = propose_mapping(header, Kind.CONTACT)
    if "address" in mapping:
        return mapping.index("address")
    with_at = (place for place, values in enumerate(examples) if any("@" in value for value in values))
    return next(with_at, 0 if len(header) == 1 else None)


def _moment(column: str, cell: str) -> datetime | None:
    if not cell:
        return None
    try:
        if cell.isascii() and cell.isdigit() and len(cell) in {10, 13}:
            return datetime.fromtimestamp(int(cell[:10]), UTC)
        moment = datetime.fromisoformat(cell)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid({column: Problem("suppressions.no_moment", value=cell[:40])}) from error
