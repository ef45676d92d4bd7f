"""The state of a form: what it opens with, what is wrong beside each field, who was faster. Typed text stays typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import reflex as rx

from dashboard.auth import Right, Viewer, allowed
from models.catalogue import Problem
from models.errors import Conflict, Invalid

MOST_TYPED = 2_000_000
REVISION = "revision"
"""The hidden field of a page's form."""
_LONGEST_ID = 18  # digits that every database takes for a number
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile: its catalogue key, and what it holds now."""

    label: str
    theirs: str


class FormState(rx.State, mixin=True):
    """Fields are uncontrolled: `values` is what they open with, `serial` changes when they open anew.

    `given_up` counts how often what was typed was saved or let go on purpose. A form that is drawn anew without that
    (the server began again and knows nothing of the page) gets back what was typed: assets/kit/unsaved.js.
    """

    form_open: bool = False
    serial: int = 0
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    conflict: str = ""
    differences: list[Difference] = []
    saving: bool = False
    given_up: int = 0
    _revision: int = 0
    _stood: tuple[str, str] = ("", "")

    @rx.var
    def revision_open(self) -> int:
        return self._revision

    @rx.var
    def error_count(self) -> int:
        return len(self.errors)

    @allowed(Right.LOOK)
    async def close_form(self, user: Viewer):
        self._close()

    @allowed(Right.LOOK)
    async def take_theirs(self, user: Viewer):
        """Show what is stored now; what was typed is given up."""
        self.conflict, self.differences, self.errors = "", [], {}
        self.given_up, self.serial = self.given_up + 1, self.serial + 1

    def _open(self, values: Mapping[str, Any], revision: int = 0) -> None:
        self.values = _texts(values)
        self.errors, self.conflict, self.differences = {}, "", []
        self._revision, self.serial, self.form_open, self.saving = revision, self.serial + 1, True, False
        self._stood = self._stands()

    def _open_page(self, values: Mapping[str, Any], revision: int = 0) -> bool:
        """Opens the form of a page whose `load` this is. False: it was left as it stands, for only the connection was
        lost for a while, and what is stored is what it opened with."""
        if self._is_back() and self.values == _texts(values):
            self._revision = revision
            return False
        self._open(values, revision)
        return True

    def _is_back(self) -> bool:
        """Whether the form stands open at this address already, and the page came by another connection: the former
        one was lost, and `load` runs again. Told once."""
        before, self._stood = self._stood, self._stands()
        return self.form_open and before[0] == self._stood[0] and before[1] != self._stood[1]

    def _stands(self) -> tuple[str, str]:
        """The address of the page, and the connection it has."""
        url = self.router.url
        return f"{url.path}?{url.query}", self.router.session.session_id

    def _close(self) -> None:
        self.form_open, self.errors, self.conflict, self.saving = False, {}, "", False
        self.given_up += 1

    def _fail(self, user: Viewer, error: Invalid) -> Any:
        """Put each problem beside its field and lead the eye to the first; problems of no field stand on top."""
        self.errors = {name: problem.text(user.language) for name, problem in error.problems.items()}
        self.saving = False
        first = next((name for name in self.errors if name), "")
        return rx.set_focus(field_id(self.__class__, first)) if first else None  # a background handler has a proxy

    def _collide(
        self, user: Viewer, error: Conflict, stored: Mapping[str, Any], revision: int, labels: Mapping[str, str]
    ) -> None:
        """Somebody else was faster: say who, show what they changed, keep what was typed. Saving again saves mine."""
        theirs = _texts(stored)
        self.differences = [
            Difference(label, theirs.get(name, ""))
            for name, label in labels.items()
            if theirs.get(name, "") != self.values.get(name, "")
        ]
        self.conflict = error.problem.text(user.language)
        self.values, self._revision, self.saving = theirs, revision, False

    def _clear(self) -> None:
        self.values, self.form_open, self.errors, self.differences = {}, False, {}, []


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}


def field_id(state: type, name: str) -> str:
    """The id of a field: two forms on one page do not meet."""
    return f"{state.__name__}-{name}".lower().replace("_", "-")


def revision_in(given: Mapping[str, Any], known: int) -> int:
    """The revision that was edited: the one a page's form carries, which outlives the server's knowledge of the page;
    `known` where it carries none."""
    said = str(given.get(REVISION, ""))
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _LONGEST_ID else known


class Typed:
    """What a form was given, read field by field. Problems gather and are raised together by `check()`."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = {str(name): value for name, value in given.items() if isinstance(value, (str, bool))}
        self.problems: dict[str, Problem] = {}

    def text(self, name: str) -> str:
        """Trimmed; "" when it is not there."""
        return str(self.given.get(name, ""))[:MOST_TYPED].strip()

    def whole(self, name: str) -> int | None:
        """A whole number, with or without its grouping; None when empty."""
        return self._read(name, lambda typed: int(typed.translate(_UNGROUP)), "errors.not_a_number")

    def cents(self, name: str) -> int | None:
        """An amount with two decimals at most, in whole cents; None when empty."""
        return self._read(name, _cents, "errors.not_an_amount")

    def day(self, name: str) -> date | None:
        """What an input of type date gives."""
        return self._read(name, date.fromisoformat, "errors.not_a_date")

    def moment(self, name: str, zone: str) -> datetime | None:
        """What an input of type datetime-local gives, meant in the zone; aware UTC."""
        return self._read(name, lambda typed: _moment(typed, zone), "errors.not_a_date")

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.given.get(name) in ("on", "true", True)

    def ids(self, name: str) -> list[int]:
        """The ids a multi-select holds, in the order chosen."""
        parts = self.text(name).split(",")
        return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= _LONGEST_ID]

    def choice(self, name: str, kind: type[T]) -> T | None:
        """A member of an enum; None, with a problem beside the field, when it is none of them."""
        return self._read(name, kind, "errors.unknown_choice")

    def check(self) -> None:
        """Raises Invalid with what could not be read."""
        if self.problems:
            raise Invalid(self.problems)

    def _read(self, name: str, read: Any, problem: str) -> Any:
        if not (typed := self.text(name)):
            return None
        try:
            return read(typed)
        except (ValueError, OverflowError):
            self.problems[name] = Problem(problem, value=typed[:60])
            return None


_UNGROUP = str.maketrans("", "", " ,\u00a0\u202f")


def _cents(typed: str) -> int:
    whole, _, part = typed.translate(str.maketrans(",", ".", " \u00a0\u202f")).partition(".")
    if len(part) > 2 or not (whole + part).isdigit():
        raise ValueError(typed)
    return int(whole or 0) * 100 + int(part.ljust(2, "0"))


def _moment(typed: str, zone: str) -> datetime:
    return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
