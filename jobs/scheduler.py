"""The scheduler: APScheduler runs each Active job by its crontab, in the one process that leads.

However many processes run, a lease in the database makes one of them lead. What an administrator changes (Scheduling,
Active, Run now) is seen within a second. A run that outlasts its interval is not doubled.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlmodel import Session

from jobs import database
from jobs.database import Clock, utc_now
from jobs.ran import Ran
from jobs.stopping import rest
from models import db, outbound_emails, scheduled_job
from models.crontab import Crontab, parse_crontab
from models.errors import Invalid
from models.scheduled_job import LEASE, SCHEDULER, JobRow, Outcome

log = logging.getLogger("envoi.scheduler")

Job = Callable[[asyncio.Event], Awaitable[Ran]]
"""What a scheduled job does; once the event is set it begins nothing new."""

TICK_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 2.0
"""Before another try to note how a run ended."""
RENEW_SECONDS: Final = LEASE.total_seconds() / 3


class CrontabTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A crontab for APScheduler: cron's own meaning, also of weekdays and of a change of clocks."""

    def __init__(self, crontab: Crontab, zone: ZoneInfo) -> None:
        self.crontab, self.zone = crontab, zone

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The first run after the previous one; before the first one, after `now`."""
        return self.crontab.next_after(previous or now, self.zone)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The jobs as an administrator set them, and the zone in which Scheduling is read."""

    jobs: Sequence[JobRow]
    zone: ZoneInfo


class Scheduler:
    """Runs `jobs` by name. `worker` is the holder of the lease; `stop` ends the leading, not the runs: see run()."""

    def __init__(
        self,
        worker: str,
        jobs: Mapping[str, Job],
        stop: asyncio.Event,
        *,
        lease: timedelta = LEASE,
        clock: Clock = utc_now,
    ) -> None:
        self.worker, self.jobs, self.stop, self.lease, self.clock = worker, jobs, stop, lease, clock
        self._running: dict[str, asyncio.Task[Ran | None]] = {}
        self._scheduled: dict[str, tuple[str, str]] = {}
        self._leads_until = self._renew_at = 0.0
        self._apscheduler = AsyncIOScheduler(timezone="UTC")

    async def run(self) -> None:
        """Lead, or stand by, until `stop`; then wait for the runs under way, as long as the setting says."""
        self._apscheduler.start()
        try:
            while not self.stop.is_set():
                await self._tick()
                await rest(self.stop, TICK_SECONDS)
        finally:
            self._apscheduler.shutdown(wait=False)
            await self._finish()
            await database.write(_release, self.worker)

    @property
    def leads(self) -> bool:
        """Whether this process may start runs, as far as it knows by its own monotonic clock."""
        return time.monotonic() < self._leads_until

    async def _tick(self) -> None:
        try:
            await self._hold_lease()
            if self.leads:
                self._arrange(schedule := await database.read(read_schedule))
                await self._honour(schedule)
        except Exception as error:  # the database is away: the lease ends by itself, the next tick tries again
            if not db.is_away(error):
                raise
            log.warning("the scheduler cannot reach its database: %s", db.words(error))
        if not self.leads:
            self._arrange(None)

    async def _hold_lease(self) -> None:
        now = time.monotonic()
        if now < self._renew_at:
            return
        led, leads = self.leads, await database.write(_acquire, self.worker, self.lease)
        self._leads_until = now + self.lease.total_seconds() if leads else 0.0
        self._renew_at = now + min(RENEW_SECONDS, self.lease.total_seconds() / 3)
        if leads and not led:
            log.info("%s leads the scheduled jobs", self.worker)

    def _arrange(self, schedule: Schedule | None) -> None:
        """Bring APScheduler to what the database says; nothing for None."""
        active = [row for row in schedule.jobs if row.active and row.name in self.jobs] if schedule else []
        wanted = {row.name: (row.scheduling, schedule.zone.key) for row in active if schedule}
        for name in self._scheduled.keys() - wanted.keys():
            self._apscheduler.remove_job(name)
            del self._scheduled[name]
        for name, how in wanted.items():
            if self._scheduled.get(name) != how:
                self._schedule(name, *how)

    def _schedule(self, name: str, scheduling: str, zone: str) -> None:
        try:
            trigger = CrontabTrigger(parse_crontab(scheduling), ZoneInfo(zone))
        except Invalid as invalid:
            log.error("%s does not run: %s", name, invalid)
            return
        self._apscheduler.add_job(
            self._fire, trigger, [name], id=name, coalesce=True, misfire_grace_time=None, replace_existing=True
        )
        self._scheduled[name] = (scheduling, zone)

    async def _honour(self, schedule: Schedule) -> None:
        """Start what was asked for by hand, unless it runs: then right after."""
        for row in schedule.jobs:
            if row.run_now_at and row.active and row.name in self.jobs and row.name not in self._running:
                await database.write(scheduled_job.take_run_now, row.name)
                await self._fire(row.name)

    async def _fire(self, name: str) -> None:
        if name in self._running or not self.leads or self.stop.is_set():
            return
        task = asyncio.create_task(run_once(name, self.jobs[name], self.stop, clock=self.clock))
        self._running[name] = task
        task.add_done_callback(lambda _: self._running.pop(name))

    async def _finish(self) -> None:
        if not self._running:
            return
        patience = (await database.read(outbound_emails.read)).stop_wait_seconds
        log.info("waiting for the answers of %s, %s seconds at most", ", ".join(self._running), patience)
        _, cut = await asyncio.wait(self._running.values(), timeout=patience)
        for task in cut:
            task.cancel()
        if cut:
            await asyncio.wait(cut)


async def run_once(name: str, job: Job, stop: asyncio.Event, *, clock: Clock = utc_now) -> Ran | None:
    """Run a job now, with its entry in the log of runs; None: it failed, and the log says how. A cancelled run is
    noted as stopped."""
    run_id = await database.write(scheduled_job.begin_run, name, clock())
    ran, outcome, error = None, Outcome.STOPPED, ""
    try:
        ran = await job(stop)
        error = "\n".join(ran.errors)
        outcome = Outcome.FAILED if ran.errors else Outcome.STOPPED if stop.is_set() else Outcome.DONE
    except Exception as fault:  # the edge: whatever a job does, the next run comes, and the log says what happened
        log.exception("%s failed", name)
        outcome, error = Outcome.FAILED, f"{type(fault).__name__}: {db.words(fault)}"
    finally:
        await _note_end(stop, run_id, outcome, clock, ran, error)
    return ran


async def _note_end(
    stop: asyncio.Event, run_id: int, outcome: Outcome, clock: Clock, ran: Ran | None, error: str
) -> None:
    """Write down how a run ended. A full disk may be what it ended with: then as soon as there is room again."""
    handled, message = (ran.handled, ran.message) if ran else (0, "")
    while True:
        try:
            return await database.write(
                scheduled_job.end_run, run_id, outcome, clock(), handled=handled, message=message, error=error
            )
        except Exception as away:
            if not db.is_away(away) or stop.is_set():
                raise
            log.warning("the end of a run cannot be noted: %s", db.words(away))
        await rest(stop, PATIENCE_SECONDS)


async def run_due(
    worker: str, jobs: Mapping[str, Job], stop: asyncio.Event, *, clock: Clock = utc_now
) -> list[str] | None:
    """Run each Active job once whose crontab has come since its last run, or that was asked for by hand; gives their
    names. None: another process leads, and runs them."""
    if not await database.write(_acquire, worker, timedelta(hours=1)):
        return None
    try:
        schedule = await database.read(read_schedule)
        due = [row.name for row in schedule.jobs if row.name in jobs and _is_due(row, schedule.zone, clock())]
        for name in due:
            await database.write(scheduled_job.take_run_now, name)
            await run_once(name, jobs[name], stop, clock=clock)
        return due
    finally:
        await database.write(_release, worker)


def _is_due(row: JobRow, zone: ZoneInfo, now: datetime) -> bool:
    if not row.active:
        return False
    if row.run_now_at or not row.last:
        return True
    following = parse_crontab(row.scheduling).next_after(row.last.started_at, zone)
    return following is not None and following <= now


def read_schedule(session: Session) -> Schedule:
    """The jobs and the zone of their Scheduling."""
    return Schedule(scheduled_job.job_rows(session), ZoneInfo(outbound_emails.read(session).time_zone))


def _acquire(session: Session, worker: str, lease: timedelta) -> bool:
    now = scheduled_job.database_time(session)
    return scheduled_job.acquire_lease(session, SCHEDULER, worker, lease, now)


def _release(session: Session, worker: str) -> None:
    scheduled_job.release_lease(session, SCHEDULER, worker, scheduled_job.database_time(session))
