"""The audit trail: who did what to which record, append only."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel

from models.column_types import Utc


class Audit(SQLModel, table=True):
    """`act` is a verb phrase of the glossary (campaign.created, mass_email.paused); `detail` what changed."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    by: str
    act: str
    noun: str
    noun_id: int | None = Field(default=None, index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


COMMAND = "command line"
"""`by` of what was done with the command on the server."""


def note(session: Session, now: datetime, by: str, act: str, noun: str, noun_id: int | None, **detail: Any) -> None:
    """Add one line to the trail, in the transaction of the act itself. `by`: a user's address, or COMMAND."""
    session.add(Audit(at=now, by=by, act=act, noun=noun, noun_id=noun_id, detail=detail))
    session.flush()
