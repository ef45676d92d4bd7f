"""Clean Up: what has served its time goes, in small bites."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from jobs import database
from jobs.database import Clock, utc_now
from jobs.forgetting import forget_old
from jobs.ran import Ran
from models import caught_mail, erasure, mail_in, outbound_emails, scheduled_job, suppression, webhook_event

BITE: Final = 500
"""Rows per transaction: no write lock above 50 ms (D23)."""


async def run_clean_up(*, stop: asyncio.Event | None = None, clock: Clock = utc_now) -> Ran:
    """Delete old runs from their log, caught mails beyond the number to keep, the texts of mails that came long ago;
    release the addresses that were suppressed until now; forget what retention says of the log and of visits."""
    stop = stop or asyncio.Event()
    counts = {name: await _in_bites(bite, stop, clock()) for name, bite in _BITES.items()}
    counts["erasures"] = await database.work(erasure.end_abandoned, clock())
    counts |= await forget_old(stop, clock())
    return Ran(sum(counts.values()), counts)


async def _in_bites(bite: Callable[[Session, datetime], int], stop: asyncio.Event, now: datetime) -> int:
    total = 0
    while not stop.is_set() and (done := await database.write(bite, now)):
        total += done
    return total


def _runs(session: Session, now: datetime) -> int:
    days = outbound_emails.read(session).keep_job_runs_days
    return scheduled_job.forget_runs(session, now - timedelta(days=days), BITE)


def _caught_mails(session: Session, now: datetime) -> int:
    oldest = caught_mail.oldest_beyond(session, outbound_emails.read(session).keep_caught_mails, BITE)
    return caught_mail.delete_caught(session, oldest) if oldest else 0


def _mail_texts(session: Session, now: datetime) -> int:
    days = outbound_emails.read(session).keep_mails_days
    return mail_in.forget_texts(session, now - timedelta(days=days), BITE)


def _webhook_texts(session: Session, now: datetime) -> int:
    days = outbound_emails.read(session).keep_mails_days
    return webhook_event.forget_texts(session, now - timedelta(days=days), BITE)


def _webhook_tokens(session: Session, now: datetime) -> int:
    return webhook_event.forget_tokens(session, now, BITE)


def _ended_suppressions(session: Session, now: datetime) -> int:
    return suppression.release_ended(session, now, BITE)


_BITES: Final[dict[str, Callable[[Session, datetime], int]]] = {
    "runs": _runs,
    "caught_mails": _caught_mails,
    "mail_texts": _mail_texts,
    "webhook_texts": _webhook_texts,
    "webhook_tokens": _webhook_tokens,
    "suppressions": _ended_suppressions,
}
