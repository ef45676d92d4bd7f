"""The health of the installation: "why are emails not being sent?" as checks with verdicts (D26).

checks() is for System Health, the overview and `envoi doctor`. `name` begins with what was looked at: scheduler ·
job NAME · smtp account NAME · group account NAME · webhook NAME · site url · database · queue · mass email ID.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import db, outbound_emails, waiting
from models.answer import are_seen
from models.catalogue import Problem
from models.column_types import table
from models.errors import NotFound
from models.group_email_account import account_rows as group_account_rows
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_table import ItemState, QueueItem
from models.scheduled_job import SEND_MASS_EMAILS, JobRow, Outcome, heartbeat, job_rows
from models.smtp_account import AccountRow, account_rows
from models.webhook import webhook_rows

_MOST_MASS_EMAILS: Final = 50
_UNDER_WAY: Final = (MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED)


class Verdict(StrEnum):
    """GOOD: as it should be. WARNING: worth knowing. BAD: nothing is sent until somebody acts."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `name` is a stable word for programs, `says` the sentence for people; its moments
    are aware, and waiting.in_zone() puts them into the reader's zone."""

    name: str
    verdict: Verdict
    says: Problem


def checks(session: Session, now: datetime) -> list[Check]:
    """Every check, from the machine to the single mass email."""
    return [
        _scheduler(session, now),
        *_jobs(session),
        *_accounts(session, now),
        *_mailboxes(session),
        *_webhooks(session),
        _site_url(session),
        _database(session),
        _queue(session, now),
        *_mass_emails(session, now),
    ]


def worst(found: list[Check]) -> Verdict:
    """The gravest verdict of them."""
    order = list(Verdict)
    return max((check.verdict for check in found), key=order.index, default=Verdict.GOOD)


def _scheduler(session: Session, now: datetime) -> Check:
    beat = heartbeat(session, now)
    if beat is None:
        return Check("scheduler", Verdict.BAD, Problem("health.scheduler_never"))
    if not beat.alive:
        return Check("scheduler", Verdict.BAD, Problem("health.scheduler_silent", moment=beat.heard_at))
    return Check("scheduler", Verdict.GOOD, Problem("health.scheduler_alive", holder=beat.holder))


def _jobs(session: Session) -> Iterator[Check]:
    for job in job_rows(session):
        name, last = f"job {job.name}", job.last
        if not job.active:
            verdict = Verdict.BAD if job.name == SEND_MASS_EMAILS else Verdict.WARNING
            yield Check(name, verdict, Problem("health.job_inactive", job=job.name))
        elif last and last.outcome is Outcome.FAILED:
            yield Check(name, Verdict.WARNING, Problem("health.job_failed", job=job.name, error=last.error))
        else:
            yield Check(name, Verdict.GOOD, _ran(job))


def _ran(job: JobRow) -> Problem:
    if job.last is None:
        return Problem("health.job_active", job=job.name, scheduling=job.scheduling)
    said = {"moment": job.last.started_at, "count": job.last.handled}
    return Problem("health.job_ran", job=job.name, scheduling=job.scheduling, **said)


def _accounts(session: Session, now: datetime) -> Iterator[Check]:
    rows = account_rows(session)
    if not any(row.is_default for row in rows):
        yield Check("smtp account", Verdict.BAD, Problem("smtp_account.no_default"))
    for row in rows:
        yield Check(f"smtp account {row.name}", *_account(row, now))


def _account(row: AccountRow, now: datetime) -> tuple[Verdict, Problem]:
    if row.trouble and row.waits_until and row.waits_until > now:
        says = Problem("health.account_waits", name=row.name, trouble=row.trouble, moment=row.waits_until)
        return Verdict.BAD, says
    if row.is_default and row.is_catcher:
        return Verdict.WARNING, Problem("health.mail_caught")
    return Verdict.GOOD, Problem("health.account_good", name=row.name, host=row.host, port=row.port)


def _mailboxes(session: Session) -> Iterator[Check]:
    rows = group_account_rows(session)
    if not are_seen(session):
        yield Check("group account", Verdict.WARNING, Problem("health.no_mailbox"))
    for row in rows:
        if row.active and row.trouble:
            says = Problem("health.mailbox_trouble", name=row.name, words=row.last_words)
            yield Check(f"group account {row.name}", Verdict.WARNING, says)
        elif row.active:
            yield Check(f"group account {row.name}", Verdict.GOOD, Problem("health.mailbox_good", name=row.name))


def _webhooks(session: Session) -> Iterator[Check]:
    for row in webhook_rows(session):
        if row.active and row.trouble:
            says = Problem("health.webhook_trouble", name=row.name, trouble=Problem(f"webhook.trouble.{row.trouble}"))
            yield Check(f"webhook {row.name}", Verdict.WARNING, says)
        elif row.active:
            yield Check(f"webhook {row.name}", Verdict.GOOD, Problem("health.webhook_good", name=row.name))


def _site_url(session: Session) -> Check:
    url = outbound_emails.read(session).site_url
    if warning := outbound_emails.site_url_warning(url):
        return Check("site url", Verdict.WARNING, warning)
    return Check("site url", Verdict.GOOD, Problem("health.site_url", url=url))


def _database(session: Session) -> Check:
    if db.is_sqlite(session):
        kind, size = "SQLite", "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        kind, size = "PostgreSQL", "SELECT pg_database_size(current_database())"
    megabytes = -(-(session.scalar(sa.text(size)) or 0) // 1_000_000)
    return Check("database", Verdict.GOOD, Problem("health.database", kind=kind, size=megabytes))


def _queue(session: Session, now: datetime) -> Check:
    """Since when the oldest message to send is due. That alone is no trouble: a large mailing takes hours."""
    item, mail = table(QueueItem), table(MassEmail)
    waiting = (item.c.mass_email_id == mail.c.id, item.c.state == ItemState.WAITING)
    first = sa.select(item.c.next_try_at).where(*waiting).order_by(item.c.next_try_at, item.c.id).limit(1)
    sending = (mail.c.status == MassEmailStatus.IN_PROCESS, mail.c.deleted_at.is_(None))
    of_each = sa.select(first.correlate(mail).scalar_subquery().label("due")).where(*sending).subquery()
    oldest: datetime | None = session.scalar(sa.select(sa.func.min(of_each.c.due)))
    if oldest is None or oldest > now:
        return Check("queue", Verdict.GOOD, Problem("health.queue_empty"))
    return Check("queue", Verdict.GOOD, Problem("health.queue_moves", moment=oldest))


def _mass_emails(session: Session, now: datetime) -> Iterator[Check]:
    newest = select(MassEmail).where(col(MassEmail.status).in_(_UNDER_WAY), col(MassEmail.deleted_at).is_(None))
    for mail in session.exec(newest.order_by(col(MassEmail.id).desc()).limit(_MOST_MASS_EMAILS)):
        yield Check(f"mass email {mail.id}", *_why_not(session, mail, now))


def _why_not(session: Session, mail: MassEmail, now: datetime) -> tuple[Verdict, Problem]:
    try:
        because = waiting.waiting_because(session, mail.id or 0, now)
    except NotFound as error:
        because = error.problem
    if because is None:
        return Verdict.GOOD, Problem("health.mass_email_goes", name=mail.name)
    return Verdict.WARNING, Problem("health.mass_email_waits", name=mail.name, because=because)
