"""The user: who signs in, with which rights, and the sessions that prove it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select

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


# Sessions


SESSION: Final = timedelta(hours=12)
LONG_SESSION: Final = timedelta(days=30)
_RENEW_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page: what a handler is given once the session and the right were checked."""

    id: int
    name: str
    email: str
    role: Role
    language: str
    time_zone: str

    @property
    def rights(self) -> frozenset[Right]:
        """What the role may do."""
        return RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that is good now. `renewable`: seen long enough ago that its end should be moved on."""

    viewer: Viewer
    length: timedelta
    renewable: bool


def open_session(session: Session, user_id: int, length: timedelta, now: datetime) -> str:
    """The secret of a new session that ends `length` after it was last seen; only its hash is stored."""
    secret = secrets.token_urlsafe(32)
    session.add(SignIn(hash=_digest(secret), user_id=user_id, created_at=now, seen_at=now, ends_at=now + length))
    session.flush()
    return secret


def find_session(session: Session, secret: str, now: datetime) -> OpenSession | None:
    """The session of a cookie's secret; None when it is unknown, over, closed, or its user disabled."""
    statement = (
        select(SignIn, User)
        .join(User, col(User.id) == col(SignIn.user_id))
        .where(SignIn.hash == _digest(secret), SignIn.ends_at > now, col(User.disabled_at).is_(None))
    )
    if (found := session.exec(statement).first()) is None:
        return None
    kept, user = found
    return OpenSession(viewer_of(user), kept.ends_at - kept.seen_at, now - kept.seen_at >= _RENEW_AFTER)


def renew_session(session: Session, secret: str, now: datetime) -> None:
    """Move the end of a session on: it slides by its own length from now. Nothing for a session that is gone."""
    if kept := session.get(SignIn, _digest(secret)):
        kept.ends_at = now + (kept.ends_at - kept.seen_at)
        kept.seen_at = now
        session.flush()


def close_session(session: Session, secret: str) -> None:
    """End a session at once; nothing for one that is gone."""
    if kept := session.get(SignIn, _digest(secret)):
        session.delete(kept)
        session.flush()


def close_sessions(session: Session, user_id: int) -> None:
    """End every session of a user."""
    for kept in session.exec(select(SignIn).where(SignIn.user_id == user_id)):
        session.delete(kept)
    session.flush()


def viewer_of(user: User) -> Viewer:
    """The value that stands for a stored user."""
    assert user.id is not None  # noqa: S101 - a stored row has its id
    return Viewer(user.id, user.name, user.email, user.role, user.language, user.time_zone)


def _digest(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
