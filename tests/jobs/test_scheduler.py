"""The scheduler: one leads, by the crontab, as the administrator says, and nothing is doubled."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from jobs.database import utc_now
from jobs.ran import Ran
from jobs.scheduler import CrontabTrigger, Scheduler, run_due
from models import db, outbound_emails, scheduled_job
from models.crontab import parse_crontab
from models.scheduled_job import CLEAN_UP, SEND_MASS_EMAILS, Outcome

pytestmark = pytest.mark.slow  # leases and minutes that pass

LEASE = timedelta(seconds=1.5)
NEVER = "0 0 29 2 *"


class Jobs:
    """Jobs that note when they ran, and last as long as they are told."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.error: Exception | None = None

    async def send(self, stop: asyncio.Event) -> Ran:
        self.runs.append(SEND_MASS_EMAILS)
        await self.go_on.wait()
        if self.error:
            raise self.error
        return Ran(3, {"mass_emails": 1, "sent": 3})

    def named(self) -> dict:
        return {SEND_MASS_EMAILS: self.send}


def _act(act, *args, **named) -> None:
    with db.unit_of_work() as session:
        act(session, *args, **named)


def _last_run() -> scheduled_job.RunRow | None:
    with db.reading() as session:
        return next(iter(scheduled_job.run_page(session, SEND_MASS_EMAILS)[0]), None)


@contextlib.asynccontextmanager
async def _running(jobs: Jobs, *workers: str) -> AsyncIterator[list[Scheduler]]:
    stops = [asyncio.Event() for _ in workers]
    schedulers = [Scheduler(w, jobs.named(), stop, lease=LEASE) for w, stop in zip(workers, stops, strict=True)]
    tasks = [asyncio.create_task(one.run()) for one in schedulers]
    try:
        yield schedulers
    finally:
        for stop in stops:
            stop.set()
        await asyncio.gather(*tasks)


async def _until(condition, seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the tests ask rarely
            await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def _quiet_schedules(sqlite_database: Engine) -> None:
    _act(scheduled_job.ensure_jobs)
    for name in (SEND_MASS_EMAILS, CLEAN_UP):
        _act(scheduled_job.change_schedule, name, NEVER, utc_now(), by="admin@example.com")


async def test_run_now_runs_within_a_moment_and_is_logged() -> None:
    jobs = Jobs()
    async with _running(jobs, "one"):
        _act(scheduled_job.run_now, SEND_MASS_EMAILS, utc_now(), by="admin@example.com")
        await _until(lambda: (run := _last_run()) and run.outcome is Outcome.DONE, 3)
    run = _last_run()
    assert (run.handled, scheduled_job.said(run.message, "en"), run.error) == (3, "1 mass email · 3 sent", "")
    assert jobs.runs == [SEND_MASS_EMAILS]


async def test_run_now_during_a_run_comes_after_it_and_not_beside_it() -> None:
    jobs = Jobs()
    jobs.go_on.clear()
    async with _running(jobs, "one"):
        for _ in range(2):
            _act(scheduled_job.run_now, SEND_MASS_EMAILS, utc_now(), by="admin@example.com")
            await _until(lambda: jobs.runs)
            await asyncio.sleep(0.8)
        assert len(jobs.runs) == 1
        jobs.go_on.set()
        await _until(lambda: len(jobs.runs) == 2)


async def test_of_two_processes_one_leads_and_the_other_takes_over() -> None:
    jobs = Jobs()
    async with _running(jobs, "one", "two") as schedulers:
        await _until(lambda: any(one.leads for one in schedulers))
        _act(scheduled_job.run_now, SEND_MASS_EMAILS, utc_now(), by="admin@example.com")
        await _until(lambda: jobs.runs)
        await asyncio.sleep(1)
        assert len(jobs.runs) == 1
        leader = next(one for one in schedulers if one.leads)
        leader.stop.set()
        await _until(lambda: any(one.leads for one in schedulers if one is not leader))
        _act(scheduled_job.run_now, SEND_MASS_EMAILS, utc_now(), by="admin@example.com")
        await _until(lambda: len(jobs.runs) == 2)


async def test_a_failing_run_is_logged_word_for_word_and_the_next_comes() -> None:
    jobs = Jobs()
    jobs.error = RuntimeError("535 5.7.8 wrong password")
    async with _running(jobs, "one"):
        for n in (1, 2):
            _act(scheduled_job.run_now, SEND_MASS_EMAILS, utc_now(), by="admin@example.com")
            await _until(lambda n=n: len(jobs.runs) == n and _last_run().ended_at)
    assert (_last_run().outcome, _last_run().error) == (Outcome.FAILED, "RuntimeError: 535 5.7.8 wrong password")


async def test_what_an_administrator_changes_is_in_force_within_seconds() -> None:
    jobs = Jobs()
    async with _running(jobs, "one") as [scheduler]:
        at = lambda: (job := scheduler._apscheduler.get_job(SEND_MASS_EMAILS)) and job.next_run_time  # noqa: E731
        await _until(at)
        assert (at().month, at().day) == (2, 29)
        _act(scheduled_job.change_schedule, SEND_MASS_EMAILS, "*/5 * * * *", utc_now(), by="admin@example.com")
        await _until(lambda: at() - utc_now() <= timedelta(minutes=5), 3)
        _act(scheduled_job.change_schedule, SEND_MASS_EMAILS, "30 8 * * *", utc_now(), by="admin@example.com")
        _act(outbound_emails.change, {"time_zone": "Asia/Tokyo"}, utc_now(), "admin@example.com")
        await _until(lambda: (at().hour, at().minute) == (23, 30), 3)
        _act(scheduled_job.deactivate, SEND_MASS_EMAILS, utc_now(), by="admin@example.com")
        await _until(lambda: at() is None, 3)
    assert jobs.runs == []


async def test_the_crontab_alone_starts_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs()

    def every_second(_self, previous, now):
        return (previous or now) + timedelta(seconds=1)

    monkeypatch.setattr(CrontabTrigger, "get_next_fire_time", every_second)
    jobs.go_on.clear()
    async with _running(jobs, "one"):
        await _until(lambda: jobs.runs)
        await asyncio.sleep(2.5)
        assert len(jobs.runs) == 1  # it outlasts its interval and is not doubled
        jobs.go_on.set()
        await _until(lambda: len(jobs.runs) >= 3)


async def test_a_stop_waits_for_the_run_as_long_as_the_setting_says_and_notes_it_stopped() -> None:
    _act(outbound_emails.change, {"stop_wait_seconds": 1}, utc_now(), "admin@example.com")
    jobs = Jobs()
    jobs.go_on.clear()
    async with _running(jobs, "one"):
        _act(scheduled_job.run_now, SEND_MASS_EMAILS, utc_now(), by="admin@example.com")
        await _until(lambda: jobs.runs)
    assert _last_run().outcome is Outcome.STOPPED
    with db.reading() as session:
        assert not scheduled_job.heartbeat(session, scheduled_job.database_time(session)).alive


async def test_once_runs_what_is_due_and_no_more() -> None:
    jobs = Jobs()
    assert await run_due("one", jobs.named(), asyncio.Event()) == [SEND_MASS_EMAILS]
    assert await run_due("one", jobs.named(), asyncio.Event()) == []
    later = utc_now() + timedelta(days=5 * 366)
    assert await run_due("one", jobs.named(), asyncio.Event(), clock=lambda: later) == [SEND_MASS_EMAILS]
    async with _running(jobs, "two") as [other]:
        await _until(lambda: other.leads)
        assert await run_due("one", jobs.named(), asyncio.Event()) is None


def test_the_trigger_gives_the_runs_of_the_crontab() -> None:
    from zoneinfo import ZoneInfo

    trigger = CrontabTrigger(parse_crontab("0 8 * * 7"), ZoneInfo("Europe/Paris"))
    first = trigger.get_next_fire_time(None, utc_now())
    assert trigger.get_next_fire_time(first, utc_now()) - first in {timedelta(days=7), timedelta(days=7, hours=1)}
