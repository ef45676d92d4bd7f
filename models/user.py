"""The user: who signs in, with which rights, and the sessions that prove it."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class Role(StrEnum):
    """Stored by place: append only."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    VIEWER = "viewer"


class Right(StrEnum):
    """What a role may do: every event handler names one."""

    LOOK = "look"
    EDIT = "edit"
    SEND = "send"
    ADMINISTER = "administer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.EDITOR: frozenset({Right.LOOK, Right.EDIT, Right.SEND}),
    Role.VIEWER: frozenset({Right.LOOK}),
}


class User(SQLModel, table=True):
    """`email` in normal form. `password_hash`: argon2id; empty until the one-time link is used."""

    __tablename__ = "user"
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str
    role: Role = code_field(Role)
    password_hash: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    created_at: datetime = Field(sa_type=Utc)
    disabled_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class SignIn(SQLModel, table=True):
    """A session: the hash of the cookie's secret, whose it is, and when it ends."""

    __tablename__ = "session"
    hash: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    created_at: datetime = Field(sa_type=Utc)
    seen_at: datetime = Field(sa_type=Utc)
    ends_at: datetime = Field(sa_type=Utc)


class OneTimeLink(SQLModel, table=True):
    """The hash of a link's secret. `user_id` None: makes the first administrator; else resets that user's password."""

    __tablename__ = "one_time_link"
    hash: str = Field(primary_key=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    ends_at: datetime = Field(sa_type=Utc)


class SignInTry(SQLModel, table=True):
    """Failed tries by address, for the pause after too many."""

    __tablename__ = "sign_in_try"
    email: str = Field(primary_key=True)
    count: int
    last_at: datetime = Field(sa_type=Utc)
