"""The figures: counters kept in the same transaction as the log, read by the dozen at any size (D20)."""

from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.column_types import code_field
from models.log_table import Action


class Dimension(StrEnum):
    """What a counter is broken down by. Stored by place: append only."""

    TOTAL = "total"
    HOUR = "hour"
    LINK = "link"
    PROVIDER = "provider"
    REASON = "reason"
    SLOT = "slot"


class Counter(SQLModel, table=True):
    """A marginal of the log. `key`: "" | hours since 1970 | link id | provider | reason. `firsts`: first human events,
    so distinct people; `hits`: all events of that humanity."""

    __tablename__ = "counter"
    mass_email_id: int = Field(primary_key=True)
    dimension: Dimension = code_field(Dimension, primary_key=True)
    key: str = Field(primary_key=True)
    action: Action = code_field(Action, primary_key=True)
    human: bool = Field(primary_key=True)
    firsts: int = 0
    hits: int = 0
