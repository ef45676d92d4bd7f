"""The tables of the queue: items, and the claims that hold them. Below every noun that reads or builds the queue."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class ItemState(StrEnum):
    """Stored by place: append only."""

    WAITING = "waiting"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


MADE: Final = (ItemState.HELD, ItemState.SENT, ItemState.FAILED, ItemState.UNCERTAIN)
"""States of an item whose message was made, with the version that the item names."""


class ClaimState(StrEnum):
    """Stored by place: append only."""

    CLAIMED = "claimed"
    ON_WIRE = "on_wire"
    SETTLED = "settled"
    EXPIRED = "expired"


class Claim(SQLModel, table=True):
    """A leased group of items. The lease, and whether the wire was touched, belong to the claim, not to the items."""

    __tablename__ = "claim"
    __table_args__ = (
        Index("ix_claim_open", "lease_until", sqlite_where=text("state <= 2"), postgresql_where=text("state <= 2")),
    )
    id: int | None = Field(default=None, primary_key=True)
    worker: str
    mass_email_id: int
    smtp_account_id: int
    state: ClaimState = code_field(ClaimState)
    lease_until: datetime = Field(sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)


_WAITING = text("state = 1")
_HELD = text("state = 2")


class QueueItem(SQLModel, table=True):
    """One person of one mass email. `list_id`: the target list that brought them. `reply`: the server's words.
    `claim_id`: the last claim that held it, None once it waits again. `first_tried_at`: when its retries began.
    The *_at and bounced / complained columns are first human events: the people flags (D20, D21).
    `personal` keeps the rendered values where the mass email stores sent emails. No foreign keys: bulk-written."""

    __tablename__ = "queue_item"
    __table_args__ = (
        Index("uq_queue_item_address", "mass_email_id", "address_id", unique=True),
        Index(
            "ix_queue_item_due", "mass_email_id", "next_try_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING
        ),
        Index("ix_queue_item_claim", "claim_id", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_queue_item_recipient", "recipient_id", "id"),
        Index("ix_queue_item_state", "mass_email_id", "state", "id"),
        Index(
            "ix_queue_item_bounced",
            "address_id",
            sqlite_where=text("bounced = 1"),
            postgresql_where=text("bounced"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    mass_email_id: int
    address_id: int
    recipient_id: int
    list_id: int
    version_id: int
    state: ItemState = code_field(ItemState)
    reason: str = ""
    claim_id: int | None = None
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=Utc)
    first_tried_at: datetime | None = Field(default=None, sa_type=Utc)
    sent_at: datetime | None = Field(default=None, sa_type=Utc)
    code: int | None = None
    enhanced_status: str = ""
    reply: str = ""
    personal: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    opened_at: datetime | None = Field(default=None, sa_type=Utc)
    clicked_at: datetime | None = Field(default=None, sa_type=Utc)
    opted_out_at: datetime | None = Field(default=None, sa_type=Utc)
    bounced: bool = False
    complained: bool = False
    replied_at: datetime | None = Field(default=None, sa_type=Utc)


class SkipReason(StrEnum):
    """Why an item is skipped, as its `reason` says: found at the claim (D7), or decided by a person."""

    ARCHIVED = "archived"
    ADDRESS_CHANGED = "address_changed"
    SUPPRESSED = "suppressed"
    OPTED_OUT_ENTIRELY = "opted_out_entirely"
    OPTED_OUT = "opted_out"
    DUPLICATE = "duplicate"
    DECIDED = "decided"
