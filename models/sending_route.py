"""The sending route: the SMTP accounts that a mass email leaves by, with weights and fail-over (D9, D10).

A mass email that names an account leaves by that one alone: in trouble, it waits. The others take the default route:
the default account, and every account with a weight. Who is on stand-by takes part only while all of these are in
trouble. While the default account is the mail catcher nothing leaves the machine, whatever weights there are (D26).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from models.column_types import table
from models.errors import NotFound
from models.mass_email import MassEmail
from models.smtp_account import SmtpAccount

_ACCOUNT: Final = table(SmtpAccount)


@dataclass(frozen=True, slots=True)
class Lane:
    """An account that may be used now; of several, each takes a part by its weight, at least 1."""

    account_id: int
    weight: int


def lanes(session: Session, mass_email_id: int, now: datetime) -> list[Lane]:
    """The accounts that a mass email may be sent with now, the default one first; [] when all are in trouble, or none
    is left.

    An account whose breaker is open is not among them until its next try is due (smtp_account.take_probe asks who may
    try). Raises NotFound.
    """
    open_now = [account for account in route(session, mass_email_id) if not waits(account, now)]
    return [Lane(account.id, weight_of(account)) for account in open_now]


def route(session: Session, mass_email_id: int) -> list[Row[Any]]:
    """The accounts that take part today, in trouble or not: rows of smtp_account, the default one first. Who is on
    stand-by is among them only while every other one is in trouble. Raises NotFound."""
    mail = table(MassEmail).c
    found = session.execute(select(mail.smtp_account_id).where(mail.id == mass_email_id)).first()
    if found is None:
        raise NotFound("delivery.no_mass_email")
    return route_by(session, found.smtp_account_id)


def route_by(session: Session, account_id: int | None) -> list[Row[Any]]:
    """route() of a mass email that names this account, or None: the default route."""
    all_of_them = every_account(session, account_id)
    regular = [account for account in all_of_them if not is_on_stand_by(account)]
    return regular if any(account.retry_at is None for account in regular) else all_of_them


def every_account(session: Session, account_id: int | None) -> list[Row[Any]]:
    """The accounts of a route with those on stand-by, the default one first."""
    live = select(_ACCOUNT).where(_ACCOUNT.c.deleted_at.is_(None))
    if account_id is not None:
        return list(session.execute(live.where(_ACCOUNT.c.id == account_id)))
    part = _ACCOUNT.c.is_default | (_ACCOUNT.c.weight > 0) | _ACCOUNT.c.stand_by
    found = list(session.execute(live.where(part).order_by(_ACCOUNT.c.is_default.desc(), _ACCOUNT.c.id)))
    default = [account for account in found if account.is_default]
    if not default or default[0].is_catcher:
        return default
    return [account for account in found if not account.is_catcher]


def hourly_limits(session: Session) -> list[int | None]:
    """The hourly limit of each account that the default route leaves by today; None: the general one."""
    return [account.max_per_hour for account in route_by(session, None)]


def is_on_stand_by(account: Row[Any]) -> bool:
    """The default account never is."""
    return bool(account.stand_by) and not account.is_default


def waits(account: Row[Any], now: datetime) -> bool:
    """Whether its breaker is open and its next try not due."""
    return account.retry_at is not None and account.retry_at > now


def weight_of(account: Row[Any]) -> int:
    """The default account and who is on stand-by count at least 1."""
    return max(1, int(account.weight))


def share(n: int, lanes_left: Sequence[tuple[int, int]]) -> list[int]:
    """n messages over lanes of (weight, most that it may send): by weight, what one cannot take goes to the others.

    The sum of what is given is n, or all that the lanes may send.
    """
    given = [0] * len(lanes_left)
    while n > 0 and (room := [i for i, (_, most) in enumerate(lanes_left) if given[i] < most]):
        weights = sum(lanes_left[i][0] for i in room)
        parts = {i: min(lanes_left[i][1] - given[i], n * lanes_left[i][0] // weights) for i in room}
        if not any(parts.values()):
            parts = {i: 1 for i in room[:n]}
        for i, part in parts.items():
            given[i] += part
        n -= sum(parts.values())
    return given
