"""The table of group email accounts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field
from models.smtp_account_table import SignIn, Tls


class Protocol(StrEnum):
    """How the mailbox is read. Stored by place: append only."""

    IMAP = "imap"
    POP3 = "pop3"


class Afterwards(StrEnum):
    """What becomes of a mail in the mailbox once Envoi has it; it is never deleted. Stored by place: append only."""

    LEAVE = "leave"
    MARK_SEEN = "mark_seen"
    MOVE = "move"


class ReturnPathState(StrEnum):
    """Whether mails sent to the account's address with a token in it arrive in its mailbox (D19). OFF: never tried;
    WAITING: a mail is on its way. Stored by place: append only."""

    OFF = "off"
    WAITING = "waiting"
    VERIFIED = "verified"
    FAILED = "failed"


INBOX = "INBOX"


class GroupEmailAccount(SQLModel, table=True):
    """A mailbox that is watched for what comes back. What ends in `secret` is encrypted (models/secret.py), as in an
    SMTP account, and XOAUTH2 asks for the same.

    `trouble`: the step at which the last look failed, "" none; `last_words`: the server's words about it.
    `return_domain`: another domain whose every address leads here; "": the account's own address with a plus.
    `loop_code`: what the address of the mail that is on its way holds.
    """

    __tablename__ = "group_email_account"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    address: str
    protocol: Protocol = code_field(Protocol, default=Protocol.IMAP)
    host: str
    port: int
    tls: Tls = code_field(Tls)
    check_certificate: bool = True
    sign_in: SignIn = code_field(SignIn, default=SignIn.PASSWORD)
    username: str = ""
    secret: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    refresh_secret: str = ""
    folders: list[str] = Field(default_factory=lambda: [INBOX], sa_column=Column(JSON, nullable=False))
    afterwards: Afterwards = code_field(Afterwards, default=Afterwards.LEAVE)
    move_to: str = ""
    active: bool = True
    trouble: str = ""
    last_words: str = ""
    checked_at: datetime | None = Field(default=None, sa_type=Utc)
    return_domain: str = ""
    return_path: ReturnPathState = code_field(ReturnPathState, default=ReturnPathState.OFF)
    loop_code: str = ""
    loop_sent_at: datetime | None = Field(default=None, sa_type=Utc)
    loop_words: str = ""
    verified_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


def columns(row: GroupEmailAccount) -> dict[str, Any]:
    """Every column with its value: for a copy that no session knows."""
    return {name: getattr(row, name) for name in GroupEmailAccount.model_fields}
