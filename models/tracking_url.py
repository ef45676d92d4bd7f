"""The tracking URL: a destination with a code to paste; and the links of a mass email (D16)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class TrackingAction(StrEnum):
    """What following it does. Stored by place: append only."""

    REDIRECT = "redirect"
    SHOW_MESSAGE = "show_message"


class TrackingUrl(SQLModel, table=True):
    """`code`: 17 hex digits, pasted as {trackingUrl:CODE}. `message` is Markdown, for SHOW_MESSAGE."""

    __tablename__ = "tracking_url"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=17)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    name: str
    action: TrackingAction = code_field(TrackingAction)
    url: str = ""
    message: str = ""
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class Link(SQLModel, table=True):
    """One tracked link of one mass email, /c/TOKEN/no. Never deleted: it is in mail that has left. `url` is the frozen
    destination of an automatic link; a tracking URL's link follows its tracking URL."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("mass_email_id", "no"),)
    id: int | None = Field(default=None, primary_key=True)
    mass_email_id: int = Field(foreign_key="mass_email.id")
    tracking_url_id: int | None = Field(default=None, foreign_key="tracking_url.id", index=True)
    no: int
    url: str = ""
