"""The target list: recipients gathered to be mailed, or to be excluded."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class Source(StrEnum):
    """How a recipient came into a list. Stored by place: append only."""

    SELECT = "select"
    IMPORT = "import"
    REPORT = "report"
    LOG = "log"
    MERGE = "merge"
    DEMO = "demo"
    COMMAND = "command"


class TargetList(SQLModel, table=True):
    """`entry_count` and `opted_out_count` are kept with the memberships. Its id outlives it: opt-outs refer to it."""

    __tablename__ = "target_list"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    description: str = ""
    report_id: int | None = Field(default=None, foreign_key="report.id")
    entry_count: int = 0
    opted_out_count: int = 0
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class Membership(SQLModel, table=True):
    """One recipient in one list. `batch` groups the rows of one long work; it is visible once that work is done."""

    __tablename__ = "membership"
    list_id: int = Field(foreign_key="target_list.id", primary_key=True)
    recipient_id: int = Field(foreign_key="recipient.id", primary_key=True, index=True)
    added_at: datetime = Field(sa_type=Utc)
    source: Source = code_field(Source)
