"""The worker: the scheduler and the mail catcher of one process, from start to a clean end."""

import asyncio
import logging
import os
import secrets
import signal
import socket
from collections.abc import Mapping
from typing import Final

from jobs import catcher, database
from jobs.bounces import run_check_group_email_accounts
from jobs.housekeeping import run_clean_up
from jobs.idling import listen
from jobs.queueing import run_send_mass_emails
from jobs.scheduler import Job, Scheduler, run_due
from models.scheduled_job import CHECK_GROUP_EMAIL_ACCOUNTS, CLEAN_UP, SEND_MASS_EMAILS, ensure_jobs

log = logging.getLogger("envoi.worker")

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def jobs_of(worker: str) -> Mapping[str, Job]:
    """What each scheduled job does, in the name of a worker."""
    return {
        SEND_MASS_EMAILS: lambda stop: run_send_mass_emails(worker, stop=stop),
        CHECK_GROUP_EMAIL_ACCOUNTS: lambda stop: run_check_group_email_accounts(stop=stop),
        CLEAN_UP: lambda stop: run_clean_up(stop=stop),
    }


async def work(stop: asyncio.Event) -> None:
    """Run scheduled jobs, listen to mailboxes and catch mail until `stop`: then no new message begins, answers are
    awaited, and the catcher takes the last ones before it goes."""
    await database.write(ensure_jobs)
    worker, last = own_name(), asyncio.Event()
    log.info("worker %s has started", worker)
    catching = asyncio.create_task(catcher.serve(last))
    scheduler = Scheduler(worker, jobs_of(worker), stop)
    listening = asyncio.create_task(listen(lambda: scheduler.leads, stop))
    try:
        await scheduler.run()
    finally:
        last.set()
        await asyncio.gather(catching, listening)
    log.info("worker %s has ended", worker)


async def work_once(stop: asyncio.Event) -> bool:
    """Run each scheduled job that is due, once. False: another process leads, and nothing was done."""
    await database.write(ensure_jobs)
    worker, catching = own_name(), await catcher.start()
    try:
        done = await run_due(worker, jobs_of(worker), stop)
    finally:
        if catching:
            await catching.stop()
    if done is None:
        log.error("another process leads the scheduled jobs, and runs them")
        return False
    log.info("ran: %s", ", ".join(done) or "nothing, for nothing was due")
    return True


def own_name() -> str:
    """A name for this process that no other one has, now or later."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; in a running loop."""
    stop = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
