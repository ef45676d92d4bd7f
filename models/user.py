"""The user: who may sign in, with which rights. Each one is a recipient too (D1)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlmodel import Field, Session, SQLModel, col, func, select

from models import address, audit
from models.catalogue import Language, Problem
from models.column_types import Utc, code_field
from models.errors import Invalid, NotFound
from models.recipient import Kind, Recipient


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
    appearance: str = "system"
    created_at: datetime = Field(sa_type=Utc)
    disabled_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


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
class NewUser:
    """What is asked of a person who is to sign in."""

    name: str
    email: str
    language: str = Language.EN
    time_zone: str = "UTC"


SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 1024
_hasher = PasswordHasher()  # argon2id with the library's present defaults (RFC 9106, low memory)


def viewer_of(user: User) -> Viewer:
    """The value that stands for a stored user."""
    assert user.id is not None  # noqa: S101 - a stored row has its id
    return Viewer(user.id, user.name, user.email, user.role, user.language, user.time_zone)


def any_user(session: Session) -> bool:
    """Whether somebody can sign in: without, the first start is still to come."""
    return session.exec(select(User.id).limit(1)).first() is not None


def find_user(session: Session, email: str) -> User | None:
    """The user of an address as typed; None when there is none or the address is not one."""
    try:
        normal = address.normal_form(email)
    except Invalid:
        return None
    return session.exec(select(User).where(User.email == normal)).first()


def get_user(session: Session, email: str) -> User:
    """The user of an address as typed. Raises NotFound."""
    if (user := find_user(session, email)) is None:
        raise NotFound("auth.no_such_user", email=email)
    return user


def create_user(
    session: Session, given: NewUser, role: Role, now: datetime, by: str, *, password_hash: str = ""
) -> Viewer:
    """A user and the recipient that stands for it (D1). Raises Invalid, one Problem per field."""
    email = check_user(session, given)
    user = User(
        email=email,
        name=given.name.strip(),
        role=role,
        password_hash=password_hash,
        language=given.language,
        time_zone=given.time_zone,
        created_at=now,
    )
    session.add(user)
    session.flush()
    _add_recipient(session, user, given.email.strip(), now)
    audit.note(session, now, by, "user.created", "user", user.id, email=email, role=str(role))
    return viewer_of(user)


def check_user(session: Session, given: NewUser) -> str:
    """The normal form of a new user's address. Raises Invalid, one Problem per field."""
    problems: dict[str, Problem] = {}
    email = ""
    if not given.name.strip():
        problems["name"] = Problem("errors.required")
    elif len(given.name) > 200:
        problems["name"] = Problem("errors.too_long", limit=200)
    try:
        email = address.normal_form(given.email)
    except Invalid as error:
        problems["email"] = next(iter(error.problems.values()))
    if email and find_user(session, email):
        problems["email"] = Problem("auth.email_taken")
    if given.language not in list(Language):
        problems["language"] = Problem("errors.unknown_choice", value=given.language)
    if given.time_zone not in available_timezones():
        problems["time_zone"] = Problem("errors.unknown_choice", value=given.time_zone)
    if problems:
        raise Invalid(problems)
    return email


def check_password(password: str) -> None:
    """Raises Invalid for a password that is too short (or absurdly long): length is what NIST SP 800-63B asks for."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({"password": Problem("auth.password_short", least=SHORTEST_PASSWORD)})
    if len(password) > LONGEST_PASSWORD:
        raise Invalid({"password": Problem("errors.too_long", limit=LONGEST_PASSWORD)})


def hash_password(password: str) -> str:
    """Argon2id, about 50 ms of work: never inside a transaction."""
    return _hasher.hash(password)


def fits(password_hash: str, password: str) -> bool:
    """Whether a password is the hashed one. An empty hash (unknown or new user) takes as long and never fits."""
    try:
        return _hasher.verify(password_hash or _hash_of_nobody(), password) and bool(password_hash)
    except VerificationError:
        return False


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("")


def count_administrators(session: Session) -> int:
    """How many administrators can sign in."""
    statement = select(func.count()).where(User.role == Role.ADMINISTRATOR, col(User.disabled_at).is_(None))
    return session.exec(statement).one()


def _add_recipient(session: Session, user: User, typed: str, now: datetime) -> None:
    first, _, last = user.name.partition(" ")
    session.add(
        Recipient(
            kind=Kind.USER,
            name=user.name,
            first_name=first,
            last_name=last,
            address_id=address.intern_addresses(session, [user.email], now)[user.email],
            address_typed=typed,
            user_id=user.id,
            language=user.language,
            time_zone=user.time_zone,
            created_at=now,
        )
    )
    session.flush()
