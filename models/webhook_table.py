"""The tables of webhooks: addresses that providers tell their events to, and what they told."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field
from models.mail_in import MatchedBy, Standing


class Provider(StrEnum):
    """Whose events come to an address. SIGNED: anybody's who signs them (docs/webhooks.md). Stored by place: append
    only."""

    AMAZON_SES = "amazon_ses"
    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"
    POSTMARK = "postmark"
    BREVO = "brevo"
    SIGNED = "signed"


class EventKind(StrEnum):
    """What an event says. Stored by place: append only.

    HARD to AUTO_REPLY: as of a mail (models/bounce_verdict.py). OPT_OUT: somebody unsubscribed at the provider. OTHER:
    known, and nothing follows from it. UNKNOWN: no rule knows it. Not kept: ARRIVED (the recipient's server took the
    message), PASSING (on its way, opened or clicked, which Envoi sees for itself).
    """

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    OPT_OUT = "opt_out"
    AUTO_REPLY = "auto_reply"
    OTHER = "other"
    UNKNOWN = "unknown"
    ARRIVED = "arrived"
    PASSING = "passing"


NOT_KEPT: Final = frozenset({EventKind.ARRIVED, EventKind.PASSING})


class Trouble(StrEnum):
    """Why a delivery was refused. Stored by place: append only."""

    UNSIGNED = "unsigned"
    FORGED = "forged"
    STALE = "stale"
    CREDENTIALS = "credentials"
    OTHER_TOPIC = "other_topic"
    CERTIFICATE = "certificate"
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    NO_KEY = "no_key"
    NOT_CONFIRMED = "not_confirmed"
    ENDED = "ended"


class Webhook(SQLModel, table=True):
    """An address for one provider. `digest` finds it by the key in its address, `address_secret` is that key; what ends
    in `secret` is encrypted (models/secret.py). `topic_arn`: of Amazon SNS. `public_key`: of SendGrid, base64.
    `username`: of basic authentication. `trouble`: why the last delivery was refused; None: it was taken, or none came.
    `confirmed_at`: when Amazon SNS's subscription was confirmed."""

    __tablename__ = "webhook"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    provider: Provider = code_field(Provider)
    digest: str = Field(unique=True)
    address_secret: str
    secret: str = ""
    username: str = ""
    public_key: str = ""
    topic_arn: str = ""
    active: bool = True
    trouble: Trouble | None = code_field(Trouble, nullable=True)
    trouble_at: datetime | None = Field(default=None, sa_type=Utc)
    last_event_at: datetime | None = Field(default=None, sa_type=Utc)
    confirmed_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class WebhookEvent(SQLModel, table=True):
    """One event. `key`: what the provider tells it from others by; so the same one twice is one. `word`: the provider's
    own for it. The rest as in mail_in."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("webhook_id", "key", name="uq_webhook_event_key"),
        Index("ix_webhook_event_standing", "standing", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    webhook_id: int
    key: str
    at: datetime = Field(sa_type=Utc)
    taken_at: datetime = Field(sa_type=Utc)
    kind: EventKind = code_field(EventKind)
    standing: Standing = code_field(Standing)
    matched_by: MatchedBy | None = code_field(MatchedBy, nullable=True)
    item_id: int | None = Field(default=None, index=True)
    recipient_id: int | None = Field(default=None, index=True)
    address_id: int | None = Field(default=None, index=True)
    word: str
    reason: str = ""
    status: str = ""
    evidence: str = ""
    address: str = ""


class WebhookText(SQLModel, table=True):
    """What the provider sent of an event, packed (zlib); gone after the days of the setting."""

    __tablename__ = "webhook_text"
    event_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    packed: bytes = Field(sa_type=LargeBinary)


class WebhookToken(SQLModel, table=True):
    """A token that a delivery used up: whoever saw it must not sign another one with it. Kept as long as its moment
    would be believed."""

    __tablename__ = "webhook_token"
    webhook_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    token: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc, index=True)
