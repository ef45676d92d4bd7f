"""Send Mass Emails: what one run of the scheduled job does, for every mass email that is due."""

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine
from typing import Final, TypeVar

from sqlalchemy import select
from sqlmodel import Session

from jobs import database
from jobs.database import Clock, utc_now
from jobs.delivery import Portion, send_portion
from jobs.ran import Ran
from models import audience, db, mass_email
from models.campaign import Campaign, CampaignStatus
from models.claim import release_expired
from models.column_types import table
from models.mass_email import MassEmail, MassEmailStatus

log = logging.getLogger("envoi.queueing")
T = TypeVar("T")

AT_ONCE: Final = 8
"""Portions under way together: taking turns claim by claim, they share the limits of an account fairly."""


async def run_send_mass_emails(worker: str, *, stop: asyncio.Event | None = None, clock: Clock | None = None) -> Ran:
    """Give back what lost workers held, build due queues, send a portion of every mass email In Process. `clock`: the
    database's."""
    stop, clock = stop or asyncio.Event(), clock or await database.clock()
    await database.write(release_expired, clock())
    errors = await queue_due(clock=clock, stop=stop)
    turns = asyncio.Semaphore(AT_ONCE)

    async def portion(mass_email_id: int) -> Portion | str:
        async with turns:
            send = send_portion(mass_email_id, worker, clock=clock, stop=stop)
            return await _attempt(mass_email_id, send)

    done = await _all([portion(mass_email_id) for mass_email_id in await database.read(in_process)])
    portions = [one for one in done if isinstance(one, Portion)]
    counts: Counter[str] = Counter({"mass_emails": len(portions), "skipped": sum(one.skipped for one in portions)})
    for one in portions:
        counts.update({outcome.value: n for outcome, n in one.counts.items()})
    errors += [one for one in done if isinstance(one, str)] + [one.error for one in portions if one.error]
    return Ran(sum(one.handled for one in portions), counts, tuple(dict.fromkeys(errors)))


async def queue_due(*, clock: Clock = utc_now, stop: asyncio.Event | None = None) -> list[str]:
    """Build the queue of every Pending mass email whose Date Start has come; gives what went wrong."""
    errors: list[str] = []
    for mass_email_id in await database.read(mass_email.queue_due, clock()):
        if stop and stop.is_set():
            break
        built = await _attempt(mass_email_id, database.work(audience.build_queue, mass_email_id, clock()))
        if isinstance(built, str):
            errors.append(built)
    return errors


def in_process(session: Session) -> list[int]:
    """The mass emails to send a portion of, those with the fewest portions so far first."""
    mail, campaign = table(MassEmail).c, table(Campaign).c
    return list(
        session.scalars(
            select(mail.id)
            .join_from(table(MassEmail), table(Campaign), campaign.id == mail.campaign_id)
            .where(mail.status == MassEmailStatus.IN_PROCESS, mail.deleted_at.is_(None))
            .where(campaign.status != CampaignStatus.INACTIVE)
            .order_by(mail.portions_done, mail.start_at, mail.id)
        )
    )


async def _attempt(mass_email_id: int, work: Coroutine[object, object, T]) -> T | str:
    """The result, or what went wrong: this is the edge that keeps one mass email's fault from the others."""
    try:
        return await work
    except Exception as error:
        log.exception("mass email %s", mass_email_id)
        return f"#{mass_email_id}: {db.words(error)}"


async def _all(works: list[Coroutine[object, object, T]]) -> list[T]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
    return [task.result() for task in tasks]
