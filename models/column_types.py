"""Column types that read the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import BigInteger, Column, Delete, SmallInteger, Table, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment, exact (no float). Raises TypeError for a naive one."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(number: int) -> datetime:
    """The aware UTC moment of a stored number."""
    return _EPOCH + number * _MILLISECOND


class Utc(TypeDecorator[datetime]):
    """An aware UTC moment, kept as integer milliseconds: one order, one arithmetic (hours, days) on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        return to_milliseconds(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_milliseconds(value)


class Code(TypeDecorator[StrEnum]):
    """A StrEnum kept as a small number: its place in the class, from 1. So members are only ever appended."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum
        self._members = list(enum)
        self._codes = {member: number for number, member in enumerate(self._members, start=1)}

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return self._codes[self.enum(value)]

    def process_result_value(self, value: int | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self._members[value - 1]


def code_of(member: StrEnum) -> int:
    """The stored number of a member, for statements written as text."""
    return list(type(member)).index(member) + 1


def code_field(enum: type[StrEnum], *, default: StrEnum | None = None, nullable: bool = False, **column: Any) -> Any:
    """A model field kept as Code(enum)."""
    if default is None and not nullable:
        return Field(sa_column=Column(Code(enum), nullable=False, **column))
    return Field(default=default, sa_column=Column(Code(enum), nullable=nullable, **column))


def table(model: type[SQLModel]) -> Table:
    """The Core table behind a model: hot paths and lists are Core statements on the declared tables."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


def count_changed(session: Session, statement: Update | Delete) -> int:
    """How many rows a statement changed."""
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]  # a CursorResult, typed as Result
