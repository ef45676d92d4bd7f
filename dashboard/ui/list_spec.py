"""What a list may be asked for: its filters, sorts and views. The address is the one source of all of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal
from urllib.parse import urlencode

from dashboard.i18n import format, say
from models.catalogue import text as sentence

SIZES: Final = (25, 50, 100)
MOST_TEXT: Final = 120
MOST_PAGE: Final = 100_000
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


@dataclass(frozen=True, slots=True)
class Option:
    """One value that a filter or a field offers, in words already said."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: `key` in the address, `label` its catalogue key.

    choice: one of `values`, each said by the key `words.value`; several: any of them, parted by commas. pick: a
    record's id; the page fills `options[key]`, and without options it is not offered; code: the same with a short
    code. dates: "2026-09-01..2026-09-30", either side open. flag: "1". `chip`: offered, or only shown once it is set,
    or never (the page draws it itself).
    """

    key: str
    label: str
    kind: Literal["choice", "several", "pick", "code", "dates", "flag"]
    values: tuple[str, ...] = ()
    words: str = ""
    chip: Literal["offered", "set", "never"] = "offered"

    def accepts(self, value: str) -> bool:
        """Whether a value from the address means something; anything else is left out."""
        match self.kind:
            case "choice":
                return value in self.values
            case "several":
                return bool(value) and set(value.split(",")) <= set(self.values)
            case "pick":
                return value.isascii() and value.isdigit() and len(value) <= 18
            case "code":
                return _CODE.fullmatch(value) is not None
            case "flag":
                return value == "1"
            case _:
                return read_dates(value) != (None, None)

    def said(self, value: str, language: str, options: list[Option]) -> str:
        """The value as its chip shows it."""
        match self.kind:
            case "choice":
                return sentence(language, f"{self.words}.{value}")
            case "several":
                return ", ".join(sentence(language, f"{self.words}.{one}") for one in value.split(","))
            case "pick" | "code":
                return next((option.label for option in options if option.value == value), value)
            case "flag":
                return sentence(language, "ui.on")
            case _:
                return _said_dates(value, language)


@dataclass(frozen=True, slots=True)
class View:
    """A saved view: a tab over the list that fills filters. `label`: its catalogue key."""

    key: str
    label: str
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list's address and what it may ask: `sorts` are column names, `sort` the first one, "-name" downwards.

    `tabs`: the views part the list (the kinds) and leave search, sort and every filter that is not theirs as it is.
    """

    route: str
    sorts: tuple[str, ...]
    sort: str
    filters: tuple[Filter, ...] = ()
    views: tuple[View, ...] = ()
    tabs: bool = False

    def viewed(self, asked: "Asked", view: View) -> "Asked":
        """What a view shows from here."""
        if not self.tabs:
            return self.read(dict(view.filters))
        rest = {key: held for key, held in asked.filters.items() if key not in self._parting()}
        return replace(asked, filters={**rest, **view.filters}, page=1)

    def view_of(self, asked: "Asked") -> str:
        """The view that is shown, "" for none."""
        held = {key: value for key, value in asked.filters.items() if not self.tabs or key in self._parting()}
        return next((view.key for view in self.views if dict(view.filters) == held), "")

    def _parting(self) -> set[str]:
        return {key for view in self.views for key in view.filters}

    def read(self, query: Mapping[str, str]) -> "Asked":
        """What an address asks for: unknown names are left out, numbers are bounded, text is cut."""
        sort = query.get("sort", "")
        kept = {f.key: query[f.key] for f in self.filters if f.accepts(query.get(f.key, ""))}
        return Asked(
            text=query.get("q", "").replace("\0", "")[:MOST_TEXT],
            filters=kept,
            sort=sort if sort.removeprefix("-") in self.sorts else self.sort,
            page=_number(query.get("page", ""), 1, MOST_PAGE),
            size=int(query["size"]) if query.get("size") in map(str, SIZES) else SIZES[0],
        )

    def address(self, asked: "Asked", route: str = "") -> str:
        """The address of what is asked; what is as usual is left out."""
        usual = {"q": "", "sort": self.sort, "page": 1, "size": SIZES[0]}
        given = {"q": asked.text, **asked.filters, "sort": asked.sort, "page": asked.page, "size": asked.size}
        query = urlencode({key: value for key, value in given.items() if value != usual.get(key)})
        return f"{route or self.route}?{query}" if query else route or self.route


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list shows: whitelisted, bounded. `sort` "name" or "-name"; `page` from 1."""

    text: str
    filters: Mapping[str, str]
    sort: str
    page: int
    size: int

    def get(self, key: str) -> str | None:
        """The value of a filter, None when it is not set."""
        return self.filters.get(key)

    def number(self, key: str) -> int | None:
        """The id a pick filter holds."""
        return int(self.filters[key]) if key in self.filters else None

    def flag(self, key: str) -> bool:
        """Whether a flag filter is on."""
        return key in self.filters

    def dates(self, key: str) -> tuple[date | None, date | None]:
        """(from, to) of a dates filter, both inclusive, None where open."""
        return read_dates(self.filters.get(key, ""))


def read_dates(value: str) -> tuple[date | None, date | None]:
    """(from, to) of "2026-09-01..2026-09-30"; what is not a date is None."""
    start, _, end = value.partition("..")
    return _date(start), _date(end)


def _said_dates(value: str, language: str) -> str:
    start, end = read_dates(value)
    if start and end:
        return format.span(language, start, end)
    if start:
        return say(language, "list.since", day=format.day(language, start))
    return say(language, "list.until", day=format.day(language, end))


def _date(text: str) -> date | None:
    """A day of a year that a database and a time zone can do with, else None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _number(text: str, least: int, most: int) -> int:
    return min(most, max(least, int(text))) if text.isascii() and text.isdigit() and len(text) < 12 else least
