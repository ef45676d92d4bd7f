"""The log's table and its words. Below the queue item and the log record, which both write into it."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class Action(StrEnum):
    """Stored by place: append only."""

    SENT = "sent"
    OPENED = "opened"
    CLICKED = "clicked"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    REPLIED = "replied"


class MachineReason(StrEnum):
    """Why an event is not counted as a person's; HUMAN: it is. Stored by place: append only."""

    HUMAN = "human"
    HEAD_REQUEST = "head_request"
    PREFETCH = "prefetch"
    SCANNER = "scanner"
    ALL_LINKS_AT_ONCE = "all_links_at_once"
    MAIL_PRIVACY = "mail_privacy"
    TOO_FAST = "too_fast"
    HIDDEN_LINK = "hidden_link"
    RULE = "rule"
    BY_HAND = "by_hand"


UNKNOWN: Final = "unknown"
"""The reason of a bounce that gave none; an empty one says the same."""


class BounceKind(StrEnum):
    """Stored by place: append only."""

    HARD = "hard"
    SOFT = "soft"


class EventSource(StrEnum):
    """Where the news came from. Stored by place: append only."""

    WORKER = "worker"
    SMTP = "smtp"
    PUBLIC_PAGE = "public_page"
    ONE_CLICK = "one_click"
    INFERRED = "inferred"
    MAILBOX = "mailbox"
    WEBHOOK = "webhook"
    DEMO = "demo"
    PERSON = "person"
    MAILTO = "mailto"
    REPLY = "reply"
    PREFERENCES = "preferences"


class LogRecord(SQLModel, table=True):
    """One event. `first`: the first event of its action for its item, people's and machines' apart: the sum of firsts
    is distinct people. No foreign keys: bulk-written from rows that are never deleted."""

    __tablename__ = "log_record"
    __table_args__ = (
        Index("ix_log_record_campaign", "campaign_id", "action", "id"),
        Index("ix_log_record_mass_email", "mass_email_id", "action", "id"),
        Index("ix_log_record_recipient", "recipient_id", "id"),
        Index("ix_log_record_item", "item_id", "action"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    campaign_id: int
    mass_email_id: int
    item_id: int
    recipient_id: int
    action: Action = code_field(Action)
    link_id: int | None = None
    machine: MachineReason = code_field(MachineReason, default=MachineReason.HUMAN)
    first: bool = True
    bounce_kind: BounceKind | None = code_field(BounceKind, nullable=True)
    reason: str = ""
    source: EventSource = code_field(EventSource)
    visit_id: int | None = None


class Visit(SQLModel, table=True):
    """Who knocked: the user agent and the address as configured; forgotten by retention before the log is."""

    __tablename__ = "visit"
    id: int | None = Field(default=None, primary_key=True)
    agent: str
    ip: str
