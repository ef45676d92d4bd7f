"""How a user wants to see Envoi: language, time zone, light or dark."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import available_timezones

from sqlmodel import Session

from models.catalogue import Language, Problem
from models.errors import Invalid, NotFound
from models.user import User


class Appearance(StrEnum):
    """SYSTEM follows the machine the browser runs on."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Preferences:
    """`time_zone` is an IANA name."""

    language: str
    time_zone: str
    appearance: str


def get_preferences(session: Session, user_id: int) -> Preferences:
    """The preferences of a user. Raises NotFound."""
    user = _get_user(session, user_id)
    return Preferences(user.language, user.time_zone, user.appearance)


def set_preferences(
    session: Session,
    user_id: int,
    *,
    language: str | None = None,
    time_zone: str | None = None,
    appearance: str | None = None,
) -> None:
    """Change what is given. Raises Invalid for a value that is not one of the choices, NotFound."""
    user = _get_user(session, user_id)
    if language is not None:
        user.language = _one_of("language", language, set(Language))
    if time_zone is not None:
        user.time_zone = _one_of("time_zone", time_zone, available_timezones())
    if appearance is not None:
        user.appearance = _one_of("appearance", appearance, set(Appearance))
    session.flush()


def _get_user(session: Session, user_id: int) -> User:
    if (user := session.get(User, user_id)) is None:
        raise NotFound("errors.not_found", what=Problem("ui.user"))
    return user


def _one_of(field: str, value: str, choices: set[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise Invalid({field: Problem("errors.unknown_choice", value=str(value)[:60])})
    return str(value)
