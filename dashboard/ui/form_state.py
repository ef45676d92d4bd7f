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
_LONGEST_ID = 18  # digits that every database takes for a number
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile: its catalogue key, and what it holds now."""

    label: str
    theirs: str


class FormState(rx.State, mixin=True):
    """Fields are uncontrolled: `values` is what they open with, `serial` changes when they open anew."""

    form_open: bool = False
    serial: int = 0
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    conflict: str = ""
    differences: list[Difference] = []
    saving: bool = False
    _revision: int = 0

    @rx.var
    def error_count(self) -> int:
        return len(self.errors)

    @allowed(Right.LOOK)
    async def close_form(self, user: Viewer):
        self._close()

    @allowed(Right.LOOK)
    async def take_theirs(self, user: Viewer):
        """Show what is stored now; what was typed is given up."""
        self.conflict, self.differences, self.errors, self.serial = "", [], {}, self.serial + 1

    def _open(self, values: Mapping[str, Any], revision: int = 0) -> None:
        self.values = {name: "" if value is None else str(value) for name, value in values.items()}
        self.errors, self.conflict, self.differences = {}, "", []
        self._revision, self.serial, self.form_open, self.saving = revision, self.serial + 1, True, False

    def _close(self) -> None:
        self.form_open, self.errors, self.conflict, self.saving = False, {}, "", False

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
        theirs = {name: "" if value is None else str(value) for name, value in stored.items()}
        self.differences = [
            Difference(label, theirs.get(name, ""))
            for name, label in labels.items()
            if theirs.get(name, "") != self.values.get(name, "")
        ]
        self.conflict = error.problem.text(user.language)
        self.values, self._revision, self.saving = theirs, revision, False

    def _clear(self) -> None:
        self.values, self.form_open, self.errors, self.differences = {}, False, {}, []


def field_id(state: type, name: str) -> str:
    """The id of a field: two forms on one page do not meet."""
    return f"{state.__name__}-{name}".lower().replace("_", "-")


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
