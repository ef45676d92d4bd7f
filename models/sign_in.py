"""Signing in: sessions, one-time links, the pause after too many wrong passwords. Only hashes of secrets are stored."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, select

from models import address, audit
from models.column_types import Utc
from models.errors import Invalid, NotFound
from models.user import NewUser, Role, User, Viewer, any_user, create_user, find_user, viewer_of

SESSION: Final = timedelta(hours=12)
LONG_SESSION: Final = timedelta(days=30)
LINK: Final = timedelta(hours=24)
TRIES: Final = 5
PAUSE: Final = timedelta(minutes=15)
_RENEW_AFTER: Final = timedelta(minutes=5)
_FORGET_TRIES_AFTER: Final = timedelta(days=1)


class SignIn(SQLModel, table=True):
    """A session: the hash of the cookie's secret, whose it is, and when it ends."""

    __tablename__ = "session"
    hash: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    created_at: datetime = Field(sa_type=Utc)
    seen_at: datetime = Field(sa_type=Utc)
    ends_at: datetime = Field(sa_type=Utc, index=True)


class OneTimeLink(SQLModel, table=True):
    """The hash of a link's secret. `user_id` None: makes the first administrator; else resets that user's password."""

    __tablename__ = "one_time_link"
    hash: str = Field(primary_key=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    ends_at: datetime = Field(sa_type=Utc)


class SignInTry(SQLModel, table=True):
    """Failed tries by address (its hash: what is typed there may be a password), for the pause after too many."""

    __tablename__ = "sign_in_try"
    email: str = Field(primary_key=True)
    count: int
    last_at: datetime = Field(sa_type=Utc, index=True)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that is good now. `renewable`: seen long enough ago that its end should be moved on."""

    viewer: Viewer
    length: timedelta
    renewable: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against. `user_id` None: nobody has that address, or may not sign in."""

    user_id: int | None
    password_hash: str
    paused: bool


def open_session(session: Session, user_id: int, length: timedelta, now: datetime) -> str:
    """The secret of a new session that ends `length` after it was last seen. Sessions that are over are swept."""
    session.execute(delete(SignIn).where(col(SignIn.ends_at) <= now))
    secret = secrets.token_urlsafe(32)
    session.add(SignIn(hash=digest(secret), user_id=user_id, created_at=now, seen_at=now, ends_at=now + length))
    session.flush()
    return secret


def find_session(session: Session, secret: str, now: datetime) -> OpenSession | None:
    """The session of a cookie's secret; None when it is unknown, over, closed, or its user disabled."""
    statement = (
        select(SignIn, User)
        .join(User, col(User.id) == col(SignIn.user_id))
        .where(SignIn.hash == digest(secret), SignIn.ends_at > now, col(User.disabled_at).is_(None))
    )
    if (found := session.exec(statement).first()) is None:
        return None
    kept, user = found
    return OpenSession(viewer_of(user), kept.ends_at - kept.seen_at, now - kept.seen_at >= _RENEW_AFTER)


def viewers_of_sessions(session: Session, hashes: Collection[str], now: datetime) -> dict[str, Viewer]:
    """Who looks, by the digest of their session's secret; a session that is unknown, over or closed is not in it."""
    statement = (
        select(SignIn.hash, User)
        .join(User, col(User.id) == col(SignIn.user_id))
        .where(col(SignIn.hash).in_(hashes), SignIn.ends_at > now, col(User.disabled_at).is_(None))
    )
    return {kept: viewer_of(user) for kept, user in session.exec(statement)}


def renew_session(session: Session, secret: str, now: datetime) -> None:
    """Move the end of a session on: it slides by its own length from now. Nothing for a session that is gone."""
    if kept := session.get(SignIn, digest(secret)):
        kept.ends_at, kept.seen_at = now + (kept.ends_at - kept.seen_at), now
        session.flush()


def close_session(session: Session, secret: str) -> None:
    """End a session at once; nothing for one that is gone."""
    session.execute(delete(SignIn).where(col(SignIn.hash) == digest(secret)))


def close_sessions(session: Session, user_id: int) -> None:
    """End every session of a user."""
    session.execute(delete(SignIn).where(col(SignIn.user_id) == user_id))


def find_credentials(session: Session, email: str, now: datetime) -> Credentials:
    """What to check a typed address and password against; an unknown address looks like a wrong password."""
    tried = session.get(SignInTry, _try_key(email))
    paused = tried is not None and tried.count >= TRIES and now - tried.last_at < PAUSE
    user = find_user(session, email)
    if user is None or user.disabled_at is not None:
        return Credentials(None, "", paused)
    return Credentials(user.id, user.password_hash, paused)


def note_wrong_password(session: Session, email: str, now: datetime) -> int:
    """Count a failed try; how many are left before the pause."""
    session.execute(delete(SignInTry).where(col(SignInTry.last_at) < now - _FORGET_TRIES_AFTER))
    tried = session.get(SignInTry, _try_key(email)) or SignInTry(email=_try_key(email), count=0, last_at=now)
    over = tried.count >= TRIES and now - tried.last_at >= PAUSE
    tried.count, tried.last_at = (1 if over else tried.count + 1), now
    session.add(tried)
    session.flush()
    return max(TRIES - tried.count, 0)


def begin(session: Session, email: str, user_id: int, length: timedelta, now: datetime) -> str:
    """The secret of the session of somebody whose password fitted."""
    session.execute(delete(SignInTry).where(col(SignInTry.email) == _try_key(email)))
    audit.note(session, now, email, "user.signed_in", "user", user_id)
    return open_session(session, user_id, length, now)


def void_links(session: Session, user_id: int) -> None:
    """No link sets this user's password any more."""
    session.execute(delete(OneTimeLink).where(col(OneTimeLink.user_id) == user_id))


def issue_link(session: Session, user_id: int | None, now: datetime) -> str:
    """The secret of a link that works once within 24 hours; a former link of the same user (or first start) is void."""
    session.execute(delete(OneTimeLink).where(col(OneTimeLink.user_id) == user_id))
    secret = secrets.token_urlsafe(32)
    session.add(OneTimeLink(hash=digest(secret), user_id=user_id, ends_at=now + LINK))
    session.flush()
    return secret


def first_start_link(session: Session, now: datetime) -> str | None:
    """The secret of the link that makes the first administrator; None once there is a user."""
    return None if any_user(session) else issue_link(session, None, now)


def check_welcome_link(session: Session, secret: str, now: datetime) -> None:
    """Raises NotFound unless the link makes the first administrator."""
    if _get_link(session, secret, now).user_id is not None or any_user(session):
        raise NotFound("auth.link_over")


def welcome(session: Session, secret: str, given: NewUser, password_hash: str, now: datetime) -> str:
    """Use the first start's link: the secret of the first administrator's session. Raises NotFound, Invalid."""
    check_welcome_link(session, secret, now)
    user = create_user(session, given, Role.ADMINISTRATOR, now, given.email, password_hash=password_hash)
    session.execute(delete(OneTimeLink).where(col(OneTimeLink.user_id).is_(None)))
    return open_session(session, user.id, SESSION, now)


def find_reset_user(session: Session, secret: str, now: datetime) -> Viewer:
    """Whose password a link resets. Raises NotFound for a link that is over, used or unknown."""
    user = session.get(User, _get_link(session, secret, now).user_id or 0)
    if user is None or user.disabled_at is not None:
        raise NotFound("auth.link_over")
    return viewer_of(user)


def reset_password(session: Session, secret: str, password_hash: str, now: datetime) -> str:
    """Use a reset link: every session of the user ends, and a new one begins; its secret. Raises NotFound."""
    viewer = find_reset_user(session, secret, now)
    user = session.get_one(User, viewer.id)
    user.password_hash, user.revision = password_hash, user.revision + 1
    session.execute(delete(OneTimeLink).where(col(OneTimeLink.user_id) == viewer.id))
    close_sessions(session, viewer.id)
    audit.note(session, now, viewer.email, "user.password_reset", "user", viewer.id)
    return begin(session, viewer.email, viewer.id, SESSION, now)


def digest(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _get_link(session: Session, secret: str, now: datetime) -> OneTimeLink:
    link = session.get(OneTimeLink, digest(secret))
    if link is None or link.ends_at <= now:
        raise NotFound("auth.link_over")
    return link


def _try_key(email: str) -> str:
    """One key for every way of writing an address."""
    try:
        return digest(address.normal_form(email))
    except Invalid:
        return digest(email.strip().lower())
