"""The recipient: somebody who can be mailed (D1)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class Kind(StrEnum):
    """The four kinds of recipients. Stored by place: append only. The order is the winner's among twins (D6)."""

    ACCOUNT = "account"
    CONTACT = "contact"
    LEAD = "lead"
    USER = "user"


class Recipient(SQLModel, table=True):
    """`name` is what lists sort and show: first and last name, else the company. `address_typed` is what is mailed."""

    __tablename__ = "recipient"
    __table_args__ = (Index("ix_recipient_kind_name", "kind", "name", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: Kind = code_field(Kind)
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address_id: int | None = Field(default=None, foreign_key="address.id", index=True)
    address_typed: str = ""
    account_id: int | None = Field(default=None, foreign_key="recipient.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id", unique=True)
    language: str = ""
    time_zone: str = ""
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Utc)
    archived_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1
