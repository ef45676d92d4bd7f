"""The table of SMTP accounts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class Tls(StrEnum):
    """How the connection is secured. Stored by place: append only."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class SignIn(StrEnum):
    """How the account proves who it is: with its password (AUTH PLAIN or LOGIN), or with an access token that a refresh
    token buys at the provider (XOAUTH2: Google, Microsoft). Stored by place: append only."""

    PASSWORD = "password"  # noqa: S105 - a word of the form
    XOAUTH2 = "xoauth2"


class DkimAlgorithm(StrEnum):
    """RFC 8301, RFC 8463. Stored by place: append only."""

    RSA = "rsa-sha256"
    ED25519 = "ed25519-sha256"


def _text() -> Any:
    return Field(default="", sa_column_kwargs={"server_default": ""})


def _number(default: int) -> Any:
    return Field(default=default, sa_column_kwargs={"server_default": str(default)})


class SmtpAccount(SQLModel, table=True):
    """What ends in `secret` is encrypted with the installation's key (models/secret.py): `secret` the password,
    `client_secret` and `refresh_secret` what XOAUTH2 asks for, `dkim_secret` the private key.

    `is_catcher`: the built-in mail catcher, made at the first start and the default until a person confirms a real one.
    `retry_at`: the breaker is open until then. The seconds are how long the client waits: to connect, for a reply, and
    for the answer to a whole message, where impatience makes duplicates. `dkim_domain` "": messages are not signed.
    `weight`: the part of the default route (sending_route) that it takes, 0 is none; `stand_by`: only while every other
    one is in trouble.
    """

    __tablename__ = "smtp_account"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    host: str
    port: int
    tls: Tls = code_field(Tls)
    check_certificate: bool = True
    sign_in: SignIn = code_field(SignIn, default=SignIn.PASSWORD, server_default="1")
    username: str = ""
    secret: str = ""
    token_url: str = _text()
    client_id: str = _text()
    client_secret: str = _text()
    refresh_secret: str = _text()
    from_name: str = ""
    from_address: str = ""
    is_default: bool = False
    is_catcher: bool = False
    max_per_hour: int | None = None
    weight: int = _number(0)
    stand_by: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    connections: int = _number(10)
    messages_per_connection: int = _number(100)
    connect_seconds: int = _number(30)
    reply_seconds: int = _number(120)
    answer_seconds: int = _number(600)
    dkim_domain: str = _text()
    dkim_selector: str = _text()
    dkim_secret: str = _text()
    dkim_algorithm: DkimAlgorithm = code_field(DkimAlgorithm, default=DkimAlgorithm.RSA, server_default="1")
    trouble: str = ""
    trouble_count: int = 0
    retry_at: datetime | None = Field(default=None, sa_type=Utc)
    last_reply: str = ""
    last_reply_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1
