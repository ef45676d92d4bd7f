"""Pacing: how many messages may begin now, and what allows no more (D9). The buckets are in rate.py, the rest of the
queue in forecast.py, why nothing is being sent in waiting.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from models import outbound_emails, turn
from models.campaign import Campaign
from models.catalogue import Problem
from models.column_types import table
from models.domain_limit import DomainsLeft, domain_allowance, full_domains
from models.errors import NotFound
from models.mass_email import MassEmail
from models.outbound_emails import OutboundEmails
from models.rate import HOUR, MINUTE, Usage, charge, free_at, usage, used
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
    """How many messages may begin now; `because`: what allows no more, None when people ran out first."""

    n: int
    because: Problem | None


class LimitedBy(StrEnum):
    """What keeps the pace from being faster."""

    PORTION_SIZE = "portion_size"
    HOUR_LIMIT = "hour_limit"
    MINUTE_LIMIT = "minute_limit"
    PEOPLE = "people"
    WINDOW = "window"


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
    if because := turn.keeps_waiting(mail, setting, now, begun=sent_in_run > 0):
        return Allowance(0, because)
    limits = limits or limits_in(setting, account)
    buckets = usage(session, account.id, now)
    given = allowed(buckets, limits, sent_in_run, now)
    others = turn.rivals(session, mail, account, setting, now) if given.n else []
    if not others:
        return given
    return _in_turn(session, [mass_email_id, *others], account.id, limits, buckets, given, now)


def _in_turn(
    session: Session,
    mass_email_ids: Sequence[int],
    account_id: int,
    limits: Limits,
    buckets: Usage,
    given: Allowance,
    now: datetime,
) -> Allowance:
    """What is given of an allowance while other mass emails, all but the first, want the same."""
    n, left = given.n, limits.per_hour - used(buckets, now)
    if limits.per_minute is not None:  # who asks again gets more: nothing of a minute is lost
        n = min(n, -(-(limits.per_minute - used(buckets, now, MINUTE)) // len(mass_email_ids)))
    if left >= limits.portion_size * len(mass_email_ids):
        return Allowance(n, None)
    full = full_domains(session, account_id, now)
    mine, *others = turn.read_shares(session, mass_email_ids, limits.portion_size, full, now)
    if n := min(n, turn.fair_part(left, mine, others)):
        return Allowance(n, None)
    return Allowance(0, Problem("delivery.waiting.turn", limit=limits.per_hour))


def allowed(buckets: Usage, limits: Limits, sent_in_run: int, now: datetime) -> Allowance:
    """The arithmetic of allowance() where nobody else wants the same."""
    n, limited_by = _least(buckets, limits, sent_in_run, now)
    if n:
        return Allowance(n, None)
    return Allowance(0, spent(buckets, limits, limited_by, now))


def left_of_account(buckets: Usage, limits: Limits, now: datetime) -> tuple[int, LimitedBy]:
    """What the hour and the minute leave, and which of them is the tighter."""
    left = [(limits.per_hour - used(buckets, now), LimitedBy.HOUR_LIMIT)]
    if limits.per_minute is not None:
        left.append((limits.per_minute - used(buckets, now, MINUTE), LimitedBy.MINUTE_LIMIT))
    n, limited_by = min(left, key=lambda one: one[0])
    return max(n, 0), limited_by


def _least(buckets: Usage, limits: Limits, sent_in_run: int, now: datetime) -> tuple[int, LimitedBy]:
    portion = (max(limits.portion_size - sent_in_run, 0), LimitedBy.PORTION_SIZE)
    return min(portion, left_of_account(buckets, limits, now), key=lambda one: one[0])


def spent(buckets: Usage, limits: Limits, limited_by: LimitedBy, now: datetime) -> Problem:
    """The sentence of a limit that is used up, with the moment at which it allows another message."""
    if limited_by is LimitedBy.HOUR_LIMIT:
        at = free_at(buckets, limits.per_hour, now)
        return Problem("delivery.waiting.hour_limit", limit=limits.per_hour, at=at)
    if limited_by is LimitedBy.MINUTE_LIMIT and limits.per_minute is not None:
        at = free_at(buckets, limits.per_minute, now, MINUTE)
        return Problem("delivery.waiting.minute_limit", limit=limits.per_minute, at=at)
    return Problem("delivery.waiting.portion_done")


# --- the rows that pacing looks at ---


def mail_row(session: Session, mass_email_id: int) -> Row[Any]:
    """The row of mass_email, with the `campaign_status`. Raises NotFound."""
    mail, campaign = table(MassEmail), table(Campaign)
    row = session.execute(
        select(mail, campaign.c.status.label("campaign_status"))
        .join(campaign, campaign.c.id == mail.c.campaign_id)
        .where(mail.c.id == mass_email_id)
    ).first()
    if row is None:
        raise NotFound("delivery.no_mass_email")
    return row


def account_row(session: Session, account_id: int | None) -> Row[Any] | None:
    """The row of smtp_account, the default one of None; None: there is none any more."""
    account = table(SmtpAccount)
    which = account.c.id == account_id if account_id else account.c.is_default
    return session.execute(select(account).where(which, account.c.deleted_at.is_(None)).limit(1)).first()
