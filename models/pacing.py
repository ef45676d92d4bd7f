"""Pacing: how many messages may begin now, and what allows no more (D9). The buckets are in rate.py, the rest of the
queue in forecast.py, why nothing is being sent in waiting.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session

from models import fair_share, outbound_emails
from models.campaign import Campaign
from models.catalogue import Problem
from models.column_types import table
from models.domain_limit import DomainsLeft, domain_allowance, full_domains
from models.errors import NotFound
from models.mass_email import MassEmail
from models.opening import not_yet
from models.outbound_emails import OutboundEmails
from models.rate import HOUR, MINUTE, charge, free_at, usage, used, used_now
from models.smtp_account import SmtpAccount

__all__ = [
    "HOUR",
    "MINUTE",
    "Allowance",
    "DomainsLeft",
    "LimitedBy",
    "Limits",
    "allowance",
    "charge",
    "domain_allowance",
    "full_domains",
    "limits_of",
    "usage",
    "used",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a run. `per_hour`: in any 60 minutes, per SMTP account; `per_minute` likewise, None without limit."""

    portion_size: int = 200
    per_hour: int = 1000
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages may begin now; `because`: what allows no more, None when people ran out first. `scarce`: others
    want the same, so that what is charged and not sent at once would be missing in their share."""

    n: int
    because: Problem | None
    scarce: bool = False


class LimitedBy(StrEnum):
    """What keeps the pace from being faster."""

    PORTION_SIZE = "portion_size"
    HOUR_LIMIT = "hour_limit"
    MINUTE_LIMIT = "minute_limit"
    PEOPLE = "people"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Left:
    """What the limits of an account leave now, at least 0. `minute` None: there is no such limit."""

    hour: int
    minute: int | None

    @classmethod
    def of(cls, limits: Limits, hour: int, minute: int) -> Self:
        """After so many messages of the last hour and minute."""
        per_minute = limits.per_minute
        return cls(max(0, limits.per_hour - hour), None if per_minute is None else max(0, per_minute - minute))

    @property
    def n(self) -> int:
        return self.hour if self.minute is None else min(self.hour, self.minute)

    @property
    def limited_by(self) -> LimitedBy:
        return LimitedBy.HOUR_LIMIT if self.minute is None or self.hour <= self.minute else LimitedBy.MINUTE_LIMIT


def limits_of(session: Session, account: SmtpAccount | Row[Any] | None = None) -> Limits:
    """The limits of Outbound Emails; an SMTP account's own hourly limit goes before the general one."""
    return limits_in(outbound_emails.read(session), account)


def limits_in(setting: OutboundEmails, account: SmtpAccount | Row[Any] | None) -> Limits:
    """limits_of() settings that are read already."""
    own = account.max_per_hour if account is not None else None
    return Limits(setting.portion_size, own or setting.max_per_hour, setting.max_per_minute)


def allowance(
    session: Session,
    mass_email_id: int,
    now: datetime,
    *,
    sent_in_run: int = 0,
    account_id: int | None = None,
    limits: Limits | None = None,
) -> Allowance:
    """How many messages a run may begin now by one account: the least of what is left of its portion, of the hour and
    of the minute, and of its turn where other mass emails want the same hour; 0 within the undo minutes and outside of
    the sending window.

    `sent_in_run`: what this run did already by whatever account, retries included. `account_id`: one of
    sending_route.lanes(); None: the mass email's, or the default one. A limit per minute names in `at` the moment to
    ask again within the run; anything else that gives 0 ends it. Raises NotFound.
    """
    mail, setting = mail_row(session, mass_email_id), outbound_emails.read(session)
    account = account_row(session, account_id or mail.smtp_account_id)
    if account is None:
        return Allowance(0, Problem("delivery.waiting.no_account"))
    if because := not_yet(mail, setting, now, begun=sent_in_run > 0):
        return Allowance(0, because)
    limits = limits or limits_in(setting, account)
    left, portion = Left.of(limits, *used_now(session, account.id, now)), limits.portion_size - sent_in_run
    if portion <= 0:
        return Allowance(0, Problem("delivery.waiting.portion_done"))
    if not left.n:
        return Allowance(0, _spent(session, account.id, limits, left.limited_by, now))
    if others := fair_share.rivals(session, mail, account, setting, now):
        return _shared(session, [mass_email_id, *others], account.id, limits, left, portion, now)
    return Allowance(min(left.n, portion), None)


def _shared(
    session: Session,
    mass_email_ids: Sequence[int],
    account_id: int,
    limits: Limits,
    left: Left,
    portion: int,
    now: datetime,
) -> Allowance:
    """What is given to the first of several mass emails that want the same. Of a minute a part, and who asks again gets
    more: nothing of it is lost. Of an hour that does not suffice for a portion each, a fair share."""
    minute = left.n if left.minute is None else -(-left.minute // len(mass_email_ids))
    n = min(left.n, portion, minute)
    if left.hour >= limits.portion_size * len(mass_email_ids):
        return Allowance(n, None)
    full = full_domains(session, account_id, now)
    mine, *others = fair_share.read_shares(session, mass_email_ids, limits.portion_size, full, now)
    if n := min(n, fair_share.fair_part(left.hour, mine, others)):
        return Allowance(n, None, scarce=True)
    return Allowance(0, Problem("delivery.waiting.turn", limit=limits.per_hour))


def _spent(session: Session, account_id: int, limits: Limits, limited_by: LimitedBy, now: datetime) -> Problem:
    """The sentence of a limit that is used up, with the moment at which it allows another message."""
    window, limit = HOUR, limits.per_hour
    if limited_by is LimitedBy.MINUTE_LIMIT and limits.per_minute is not None:
        window, limit = MINUTE, limits.per_minute
    at = free_at(usage(session, account_id, now), limit, now, window)
    return Problem(f"delivery.waiting.{limited_by}", limit=limit, at=at)


# --- the rows that pacing looks at ---


def mail_row(session: Session, mass_email_id: int) -> Row[Any]:
    """What pacing looks at of a mass email, with the `campaign_status`. Raises NotFound."""
    row = session.execute(_MAIL_ROW, {"id": mass_email_id}).first()
    if row is None:
        raise NotFound("delivery.no_mass_email")
    return row


def account_row(session: Session, account_id: int | None) -> Row[Any] | None:
    """What pacing looks at of an SMTP account, of the default one for None; None: there is none any more."""
    return session.execute(*(_ACCOUNT_ROW, {"id": account_id}) if account_id else (_DEFAULT_ROW,)).first()


_mail, _campaign, _account = table(MassEmail).c, table(Campaign).c, table(SmtpAccount).c
_MAIL_ROW: Final = (
    select(
        *(_mail[name] for name in ("id", "status", "trouble", "start_at", "zone", "sending_window")),
        *(_mail[name] for name in ("smtp_account_id", "queue_done_at", "portions_done")),
        _campaign.status.label("campaign_status"),
    )
    .join(table(Campaign), _campaign.id == _mail.campaign_id)
    .where(_mail.id == bindparam("id"))
)
_ACCOUNT: Final = select(
    *(_account[name] for name in ("id", "name", "is_default", "weight", "stand_by", "max_per_hour"))
).where(_account.deleted_at.is_(None))
_ACCOUNT_ROW: Final = _ACCOUNT.where(_account.id == bindparam("id"))
_DEFAULT_ROW: Final = _ACCOUNT.where(_account.is_default).limit(1)
