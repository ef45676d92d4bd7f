"""Waiting: why nothing of a mass email is being sent, in one sentence (D9)."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Row, exists, select
from sqlmodel import Session

from models import outbound_emails, sending_route
from models.address import Address
from models.campaign import CampaignStatus
from models.catalogue import Problem
from models.column_types import table
from models.domain_limit import full_domains, next_free
from models.mass_email import MassEmailStatus
from models.opening import not_yet
from models.pacing import allowance, mail_row
from models.queue_count import queue_counts
from models.queue_table import ItemState, QueueItem
from models.scheduled_job import SCHEDULER, SEND_MASS_EMAILS, Lease, ScheduledJob


def waiting_because(session: Session, mass_email_id: int, now: datetime) -> Problem | None:
    """Why nothing is being sent, in one sentence; None: a portion is being sent, or the next run sends one.

    Values named `at` are aware moments: in_zone() puts them into the reader's zone. Raises NotFound.
    """
    mail = mail_row(session, mass_email_id)
    return _at_rest(session, mail) or _outside(session, mail, now) or _inside(session, mail, now)


def in_zone(problem: Problem, zone: tzinfo) -> Problem:
    """The same sentence with its moments in a time zone."""
    moved = {k: v.astimezone(zone) if isinstance(v, datetime) else v for k, v in problem.values.items()}
    return Problem(problem.key, **moved)


def _at_rest(session: Session, mail: Row[Any]) -> Problem | None:
    """What the status alone explains."""
    status, trouble = mail.status, mail.trouble
    if status is MassEmailStatus.COMPLETE:
        uncertain = queue_counts(session, mail.id).uncertain
        return Problem(f"delivery.waiting.complete{'_uncertain' if uncertain else ''}", count=uncertain)
    if status is MassEmailStatus.FAILED:
        return Problem("delivery.waiting.failed", trouble=trouble)
    if status is MassEmailStatus.PAUSED and trouble:
        return Problem("delivery.waiting.paused_because", trouble=trouble)
    if status in {MassEmailStatus.DRAFT, MassEmailStatus.CANCELLED, MassEmailStatus.PAUSED}:
        return Problem(f"delivery.waiting.{status}")
    return None


def _outside(session: Session, mail: Row[Any], now: datetime) -> Problem | None:
    """What around the mass email keeps it: campaign, job, worker."""
    if mail.campaign_status is CampaignStatus.INACTIVE:
        return Problem("delivery.waiting.campaign_inactive")
    if mail.status is MassEmailStatus.PENDING and mail.start_at > now:
        return Problem("delivery.waiting.date_start", at=mail.start_at)
    job, lease = table(ScheduledJob).c, table(Lease).c
    if session.scalar(select(job.active).where(job.name == SEND_MASS_EMAILS)) is False:
        return Problem("delivery.waiting.job_inactive")
    if session.scalar(select(lease.name).where(lease.name == SCHEDULER, lease.until > now)) is None:
        return Problem("delivery.waiting.no_scheduler")
    return None


def _inside(session: Session, mail: Row[Any], now: datetime) -> Problem | None:
    """What of its accounts, times, limits and queue keeps it."""
    accounts = sending_route.route_by(session, mail.smtp_account_id)
    if not accounts:
        return Problem("delivery.waiting.no_account")
    ready = [account for account in accounts if not sending_route.waits(account, now)]
    if not ready:
        return _trouble(min(accounts, key=lambda account: account.retry_at))
    if mail.status is MassEmailStatus.PENDING or mail.queue_done_at is None:
        return Problem("delivery.waiting.queueing")
    counts = queue_counts(session, mail.id)
    if counts.held:
        return None
    return (
        not_yet(mail, outbound_emails.read(session), now)
        or _retries(session, mail, counts.waiting, now)
        or _domains(session, mail, ready, counts.waiting, now)
        or _limit(session, mail, ready, now)
    )


def _trouble(account: Row[Any]) -> Problem:
    reply = account.last_reply or account.trouble
    return Problem("delivery.waiting.account_trouble", account=account.name, at=account.retry_at, reply=reply)


def _limit(session: Session, mail: Row[Any], accounts: Sequence[Row[Any]], now: datetime) -> Problem | None:
    """No account may send one more: the first that goes on names the moment. A limit per minute is waited out within a
    run."""
    found: list[tuple[datetime, Problem]] = []
    for account in accounts:
        because = allowance(session, mail.id, now, account_id=account.id).because
        if because is None or because.key == "delivery.waiting.minute_limit":
            return None
        at = because.values.get("at")
        found.append((at if isinstance(at, datetime) else now, because))
    return min(found, key=lambda one: one[0])[1]


def _retries(session: Session, mail: Row[Any], waiting: int, now: datetime) -> Problem | None:
    first = first_try_at(session, mail.id)
    if first is None or first <= now:
        return None
    return Problem("delivery.waiting.retries", count=waiting, at=first)


def _domains(
    session: Session, mail: Row[Any], accounts: Sequence[Row[Any]], waiting: int, now: datetime
) -> Problem | None:
    """Everybody who is due is at a domain that takes no more from any of the accounts."""
    moments = []
    for account in accounts:
        full = full_domains(session, account.id, now)
        if not full or _is_due_elsewhere(session, mail.id, full, now):
            return None
        moments.append(next_free(session, account.id, full, now))
    return Problem("delivery.waiting.domains", count=waiting, at=min(moments))


def _is_due_elsewhere(session: Session, mass_email_id: int, full: frozenset[int], now: datetime) -> bool:
    item, address = table(QueueItem).c, table(Address).c
    due = exists().where(
        item.mass_email_id == mass_email_id,
        item.state == ItemState.WAITING,
        item.next_try_at <= now,
        address.id == item.address_id,
        address.domain_id.not_in(full),
    )
    return bool(session.scalar(select(due)))


def first_try_at(session: Session, mass_email_id: int) -> datetime | None:
    """When the first person who waits is due; None: nobody waits."""
    item = table(QueueItem).c
    due = select(item.next_try_at).where(item.mass_email_id == mass_email_id, item.state == ItemState.WAITING)
    found: datetime | None = session.scalar(due.order_by(item.next_try_at, item.id).limit(1))
    return found
