"""The SMTP account: a server that mail is handed to, with its limits and its health."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class Tls(StrEnum):
    """How the connection is secured. Stored by place: append only."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class SmtpAccount(SQLModel, table=True):
    """`secret` is the password, encrypted with the installation's key. `is_catcher`: the built-in mail catcher, made at
    the first start and the default until a person confirms a real one. `retry_at`: the breaker is open until then."""

    __tablename__ = "smtp_account"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    host: str
    port: int
    tls: Tls = code_field(Tls)
    check_certificate: bool = True
    username: str = ""
    secret: str = ""
    from_name: str = ""
    from_address: str = ""
    is_default: bool = False
    is_catcher: bool = False
    max_per_hour: int | None = None
    trouble: str = ""
    trouble_count: int = 0
    retry_at: datetime | None = Field(default=None, sa_type=Utc)
    last_reply: str = ""
    last_reply_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1
