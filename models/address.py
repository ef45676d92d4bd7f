"""The address: what is compared everywhere, and what consent and suppression hang on (D1, D2, D3)."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class Domain(SQLModel, table=True):
    """The part after the @, with the mailbox provider it belongs to (a fixed table of names, else "other")."""

    __tablename__ = "domain"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    provider: str = Field(default="other", index=True)


class Address(SQLModel, table=True):
    """The normal form of an address: trimmed, lower-cased, IDNA domain. NULL once erased."""

    __tablename__ = "address"
    id: int | None = Field(default=None, primary_key=True)
    normal: str | None = Field(default=None, unique=True)
    domain_id: int = Field(foreign_key="domain.id", index=True)
    created_at: datetime = Field(sa_type=Utc)


EVERYTHING = 0
"""The list_id of an opt-out that means every mailing."""


class OptOut(SQLModel, table=True):
    """Present state, for anti-joins: the address declined the list, member or not; list 0 is everything."""

    __tablename__ = "opt_out"
    address_id: int = Field(primary_key=True)
    list_id: int = Field(primary_key=True, index=True)


class Consent(StrEnum):
    """Which way a consent event goes. Stored by place: append only."""

    OUT = "out"
    IN = "in"


class ConsentEvent(SQLModel, table=True):
    """Append-only history of consent: what, when, from where, by which message. `source`: page, one-click, import, …"""

    __tablename__ = "consent_event"
    id: int | None = Field(default=None, primary_key=True)
    address_id: int = Field(index=True)
    list_id: int
    way: Consent = code_field(Consent)
    at: datetime = Field(sa_type=Utc)
    source: str
    item_id: int | None = None
    ip: str | None = None
    by: str | None = None


class SuppressionReason(StrEnum):
    """Why an address is not mailed. Stored by place: append only."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    SOFT_BOUNCES = "soft_bounces"
    INVALID = "invalid"
    MANUAL = "manual"


class Suppression(SQLModel, table=True):
    """An address that is not mailed, with the reason and its evidence. `until` None: for good."""

    __tablename__ = "suppression"
    address_id: int = Field(primary_key=True)
    reason: SuppressionReason = code_field(SuppressionReason, primary_key=True)
    since: datetime = Field(sa_type=Utc)
    until: datetime | None = Field(default=None, sa_type=Utc)
    evidence: str = ""
