"""The report: a saved filter over recipients, and what fills a target list (D22)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from models.column_types import Utc


class Report(SQLModel, table=True):
    """`filter` is a recipient.RecipientFilter as plain JSON."""

    __tablename__ = "report"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    filter: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1
