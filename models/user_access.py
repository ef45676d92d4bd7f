"""The access of users: who may sign in, as what; seen and changed by administrators. One administrator always stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from models import audit
from models.errors import NotFound, Refused
from models.sign_in import SignIn, close_sessions, issue_link, void_links
from models.user import NewUser, Role, User, count_administrators, create_user


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as the list shows it. `invited`: the first one-time link was not used yet; `seen_at`: the newest of the
    open sessions, None without one."""

    id: int
    name: str
    email: str
    role: Role
    invited: bool
    created_at: datetime
    disabled_at: datetime | None
    seen_at: datetime | None


def user_rows(session: Session) -> list[UserRow]:
    """Every user, those who may sign in first, by name."""
    seen = select(func.max(SignIn.seen_at)).where(SignIn.user_id == User.id).correlate(User).scalar_subquery()
    order = (col(User.disabled_at).is_not(None), func.lower(User.name), col(User.id))
    return [_row(user, seen_at) for user, seen_at in session.exec(select(User, seen).order_by(*order))]


def get_user_row(session: Session, user_id: int) -> UserRow:
    """One user. Raises NotFound."""
    return _row(_get(session, user_id), None)


def invite(session: Session, given: NewUser, role: Role, now: datetime, by: str) -> str:
    """The secret of the link with which a new user chooses a password. Raises Invalid, one Problem per field."""
    return issue_link(session, create_user(session, given, role, now, by).id, now)


def issue_reset_link(session: Session, user_id: int, now: datetime, by: str) -> str:
    """The secret of a link that sets a new password; the present one works until then. Raises NotFound, Refused."""
    user = _get(session, user_id)
    if user.disabled_at is not None:
        raise Refused("users.disabled_no_link", name=user.name)
    audit.note(session, now, by, "user.reset_link", "user", user_id)
    return issue_link(session, user_id, now)


def change_role(session: Session, user_id: int, role: Role, now: datetime, by: str) -> None:
    """From the next event on. Raises NotFound; Refused for the last administrator."""
    user = _get(session, user_id)
    if user.role is role:
        return
    _keep_an_administrator(session, user)
    audit.note(session, now, by, "user.role_changed", "user", user_id, before=str(user.role), after=str(role))
    user.role, user.revision = role, user.revision + 1
    session.flush()


def disable(session: Session, user_id: int, now: datetime, by: str) -> None:
    """Nobody signs in as this user any more and every session ends; what they made stays. Raises NotFound; Refused for
    the last administrator and for oneself."""
    user = _get(session, user_id)
    if user.disabled_at is not None:
        return
    if user.email == by:
        raise Refused("users.not_yourself")
    _keep_an_administrator(session, user)
    user.disabled_at, user.revision = now, user.revision + 1
    close_sessions(session, user_id)
    void_links(session, user_id)
    audit.note(session, now, by, "user.disabled", "user", user_id)


def enable(session: Session, user_id: int, now: datetime, by: str) -> None:
    """The user may sign in again, with the password of before. Raises NotFound."""
    user = _get(session, user_id)
    if user.disabled_at is None:
        return
    user.disabled_at, user.revision = None, user.revision + 1
    audit.note(session, now, by, "user.enabled", "user", user_id)


def _keep_an_administrator(session: Session, user: User) -> None:
    if user.role is Role.ADMINISTRATOR and user.disabled_at is None and count_administrators(session) == 1:
        raise Refused("users.last_administrator", name=user.name)


def _get(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("users.not_found")
    return user


def _row(user: User, seen_at: datetime | None) -> UserRow:
    return UserRow(
        id=user.id or 0,
        name=user.name,
        email=user.email,
        role=user.role,
        invited=not user.password_hash,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
        seen_at=seen_at,
    )
