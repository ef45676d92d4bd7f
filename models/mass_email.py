"""The mass email: one mailing of a campaign, from Draft to Complete (D5, D6, D8)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.campaign import ListRole
from models.column_types import Utc, code_field


class MassEmailStatus(StrEnum):
    """Stored by place: append only."""

    DRAFT = "draft"
    PENDING = "pending"
    IN_PROCESS = "in_process"
    PAUSED = "paused"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
    FAILED = "failed"


class LeftOutReason(StrEnum):
    """Why a person does not get a mass email; the first that applies, in this order (D1, D6). Stored by place."""

    ARCHIVED = "archived"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    EXCLUDED = "excluded"
    OPTED_OUT_ENTIRELY = "opted_out_entirely"
    OPTED_OUT = "opted_out"
    DUPLICATE = "duplicate"


class MassEmail(SQLModel, table=True):
    """`version_id` is frozen at Draft → Pending. `smtp_account_id` None: the default one. `reply_to` and from: "" as set
    in Outbound Emails. `change_seq` and `changed_at` move with every change of its figures: what the live page follows.
    `zone`: IANA name in which Date Start was given. `queue_fence` is taken by whoever builds the queue: an older builder
    stops at its next chunk. `audience`: the counts of the finished queue, as audience.Audience writes them."""

    __tablename__ = "mass_email"
    __table_args__ = (Index("ix_mass_email_status_start", "status", "start_at"),)
    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    name: str = Field(index=True)
    status: MassEmailStatus = code_field(MassEmailStatus)
    start_at: datetime = Field(sa_type=Utc)
    zone: str = "UTC"
    template_id: int = Field(foreign_key="email_template.id", index=True)
    version_id: int | None = Field(default=None, foreign_key="template_version.id")
    smtp_account_id: int | None = Field(default=None, foreign_key="smtp_account.id")
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    opt_out_entirely: bool = False
    store_sent_emails: bool = False
    track_opens: bool = True
    track_links: bool = True
    queue_fence: int = 0
    audience: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    queue_done_at: datetime | None = Field(default=None, sa_type=Utc)
    finished_at: datetime | None = Field(default=None, sa_type=Utc)
    portions_done: int = 0
    trouble: str = ""
    change_seq: int = 0
    changed_at: datetime = Field(sa_type=Utc, index=True)
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class MassEmailList(SQLModel, table=True):
    """A list of a mass email: its own since creation, whatever becomes of the campaign's."""

    __tablename__ = "mass_email_list"
    __table_args__ = (UniqueConstraint("mass_email_id", "role", "position"),)
    mass_email_id: int = Field(foreign_key="mass_email.id", primary_key=True)
    list_id: int = Field(foreign_key="target_list.id", primary_key=True)
    role: ListRole = code_field(ListRole, primary_key=True)
    position: int


class LeftOut(SQLModel, table=True):
    """A person who does not get a mass email, with the one reason. `because_id`: the excluding list, the named twin's
    recipient, or the SuppressionReason's code. No foreign keys: written in bulk from rows that are never deleted."""

    __tablename__ = "left_out"
    __table_args__ = (Index("ix_left_out_reason", "mass_email_id", "reason", "recipient_id"),)
    mass_email_id: int = Field(primary_key=True)
    recipient_id: int = Field(primary_key=True, index=True)
    reason: LeftOutReason = code_field(LeftOutReason)
    because_id: int | None = None
