"""The email template and its immutable versions."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.column_types import Utc


class EmailTemplate(SQLModel, table=True):
    """A name over a row of versions; the newest is what new mass emails freeze."""

    __tablename__ = "email_template"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    created_at: datetime = Field(sa_type=Utc)
    changed_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class TemplateVersion(SQLModel, table=True):
    """One saved state, never changed. `text` empty: derived from the HTML. `sha256` covers subject, html and text."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("template_id", "no"),)
    id: int | None = Field(default=None, primary_key=True)
    template_id: int = Field(foreign_key="email_template.id")
    no: int
    subject: str
    html: str
    text: str = ""
    sha256: str
    created_at: datetime = Field(sa_type=Utc)
    created_by: str = ""
