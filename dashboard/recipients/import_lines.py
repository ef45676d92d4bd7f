"""What the import wizard shows of a file, its mapping and its result: finished text in the viewer's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dashboard import ui
from dashboard.i18n import format, say
from models.import_mapping import CUSTOM, FIELDS, Mapping, custom_field, field_name
from models.import_result import ImportResult, PreviewRow, ProblemRow
from models.import_row import Group
from models.recipient import Kind
from models.spreadsheet_format import Sniffed

KINDS: Final = (Kind.CONTACT, Kind.LEAD, Kind.ACCOUNT)
PREVIEWED: Final = 4
_PREVIEW: Final = ("first_name", "last_name", "address", "account", "company", "language", "time_zone")
_MOST_PREVIEWED: Final = 5
_ENCODINGS: Final = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "mac_roman": "Mac Roman"}
_MOST_EXAMPLE: Final = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """A column as it is in the file. `filled`: rows that have something in it."""

    label: str
    examples: str
    filled: int


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column and what it becomes: a field, "" for none. `own`: the custom fields that only this one offers."""

    place: int
    label: str
    examples: str
    becomes: str
    filled: str
    own: list[ui.Option]
    error: str


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A row as it will be written. `change`: new, updated or unchanged."""

    number: int
    cells: list[str]
    change: str


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A row that is not imported, and why."""

    number: str
    address: str
    problem: str
    group: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of a result, in words; the shares are percents of its bar."""

    new: str = ""
    updated: str = ""
    unchanged: str = ""
    wrong: str = ""
    new_share: float = 0
    updated_share: float = 0
    unchanged_share: float = 0
    wrong_share: float = 0
    importable: int = 0
    problems: int = 0
    accounts: int = 0
    opted_out: int = 0
    suppressed: int = 0
    erased: int = 0
    added: int = 0


@dataclass(frozen=True, slots=True)
class GroupTab:
    """A group of problem rows with its count; "" is all of them."""

    group: str
    label: str
    count: str


def seen_columns(sniffed: Sniffed) -> tuple[Seen, ...]:
    """The columns of a file with examples of their own."""
    columns = zip(sniffed.format.header, sniffed.examples, sniffed.filled, strict=True)
    return tuple(
        Seen(_cut(label, 120), _cut(", ".join(" ".join(one.split()) for one in examples), _MOST_EXAMPLE), filled)
        for label, examples, filled in columns
    )


def column_lines(
    seen: Sequence[Seen], mapping: Mapping, known: Iterable[str], problems: dict[str, str], language: str
) -> list[ColumnLine]:
    """The columns with what they become. `known`: custom fields that every column offers; `problems`: by place."""
    offered = {*FIELDS, *known}
    return [
        ColumnLine(
            place,
            column.label,
            column.examples,
            becomes or "",
            say(language, "import.filled", count=column.filled),
            _own(column.label, becomes, offered, language),
            problems.get(str(place), ""),
        )
        for place, (column, becomes) in enumerate(zip(seen, mapping, strict=True))
    ]


def _own(label: str, becomes: str | None, offered: set[str], language: str) -> list[ui.Option]:
    named = dict.fromkeys([custom_field(label), becomes or ""])
    return [field_option(name, language) for name in named if name.startswith(CUSTOM) and name not in offered]


def field_options(kind: Kind, known: Iterable[str], language: str) -> list[ui.Option]:
    """The fields that any column may become."""
    fields = [name for name in FIELDS if name != "account" or kind is Kind.CONTACT]
    return [field_option(name, language) for name in (*fields, *known)]


def field_option(field: str, language: str) -> ui.Option:
    """A field as its choice reads."""
    return ui.Option(field, field_name(field).text(language))


def encoding_name(codec: str) -> str:
    """What people call a codec: UTF-8, Windows-1252."""
    if codec.startswith("cp125"):
        return f"Windows-{codec[2:]}"
    return _ENCODINGS.get(codec, codec.upper())


def delimiter_name(delimiter: str, language: str) -> str:
    """The delimiter itself; the tab by its name."""
    return say(language, "import.tab") if delimiter == "\t" else delimiter


def preview_fields(mapping: Mapping) -> list[str]:
    """What the preview has a column for; a whole name is shown as the two that it is cut into."""
    mapped = {*mapping} | ({"first_name", "last_name"} if "name" in mapping else set())
    custom = [field for field in mapping if field and field.startswith(CUSTOM)]
    return [field for field in (*_PREVIEW, *custom) if field in mapped][:_MOST_PREVIEWED]


def preview_lines(rows: Sequence[PreviewRow], fields: Sequence[str]) -> list[PreviewLine]:
    """The first rows that can be imported."""
    return [
        PreviewLine(row.entry.row, [_cut(_value(row, field), 40) or "–" for field in fields], str(row.change))
        for row in rows[:PREVIEWED]
    ]


def _value(row: PreviewRow, field: str) -> str:
    entry = row.entry
    if field.startswith(CUSTOM):
        return entry.fields.get(field.removeprefix(CUSTOM), "")
    return {"address": entry.typed, "account": entry.account}.get(field) or entry.values.get(field, "")


def problem_lines(rows: Sequence[ProblemRow], language: str) -> tuple[ProblemLine, ...]:
    """The rows with a problem, in the order of the file."""
    return tuple(
        ProblemLine(
            str(row.number),
            _cut(row.address.strip(), 40),
            row.problem.text(language),
            str(row.group),
        )
        for row in sorted(rows, key=lambda row: row.number)
    )


def group_tabs(result: ImportResult, language: str) -> list[GroupTab]:
    """All, and each group there is."""
    every = GroupTab("", say(language, "import.all"), format.count(language, result.problem_count))
    found = [
        GroupTab(str(group), say(language, f"imports.group.{group}"), format.count(language, result.problems[group]))
        for group in Group
        if result.problems.get(group)
    ]
    return [every, *found]


def counted(result: ImportResult, language: str) -> Counted:
    """The counts and the shares of the bar."""
    parts = (result.new, result.updated, result.unchanged, result.problem_count)
    whole = sum(parts) or 1
    return Counted(
        *(format.count(language, part) for part in parts),
        *(round(100 * part / whole, 2) for part in parts),
        importable=result.new + result.updated + result.unchanged,
        problems=result.problem_count,
        accounts=result.accounts,
        opted_out=result.opted_out,
        suppressed=result.suppressed,
        erased=result.erased,
        added=result.added,
    )


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
