"""The use of an account: how much of its hour is gone, and which part of the sending route it takes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from models import sending_route
from models.pacing import Limits, limits_of, mail_row
from models.rate import usage, used


@dataclass(frozen=True, slots=True)
class AccountUse:
    """An SMTP account in the 60 minutes until now. `own_limit`: its hourly limit, None: the general one of `limits`.
    `waits_until`: in trouble until then, None while it may be used. `weight`: of the route that it is one of."""

    account_id: int
    name: str
    is_catcher: bool
    used: int
    limits: Limits
    own_limit: int | None
    waits_until: datetime | None = None
    weight: int = 1
    stand_by: bool = False

    @property
    def left(self) -> int:
        """How many more it may send in this hour."""
        return max(0, self.limits.per_hour - self.used)


def find_account_use(session: Session, mass_email_id: int, now: datetime) -> AccountUse | None:
    """The account that a mass email is sent with, of several the default one; None: there is none any more. Raises
    NotFound."""
    return next(iter(route_uses(session, mass_email_id, now)), None)


def route_uses(session: Session, mass_email_id: int, now: datetime) -> tuple[AccountUse, ...]:
    """Every account of its route with those on stand-by, the default one first; one when it names its account. Raises
    NotFound."""
    accounts = sending_route.every_account(session, mail_row(session, mass_email_id).smtp_account_id)
    return tuple(_use(session, account, now) for account in accounts)


def _use(session: Session, account: Row[Any], now: datetime) -> AccountUse:
    return AccountUse(
        account.id,
        account.name,
        account.is_catcher,
        used(usage(session, account.id, now), now),
        limits_of(session, account),
        account.max_per_hour,
        account.retry_at if sending_route.waits(account, now) else None,
        sending_route.weight_of(account),
        sending_route.is_on_stand_by(account),
    )
