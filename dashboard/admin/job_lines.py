"""A scheduled job, its runs and the scheduler's sign of life, as the page shows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dashboard import routes
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from models.scheduled_job import Heartbeat, Outcome, RunRow, in_words
from models.scheduled_job import said as counts_in_words
from models.scheduled_job_page import JobNow

BARS: Final = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A run among the last ones: `height` in percent of the longest, `words` when it was and how it went."""

    height: int
    failed: bool
    words: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as its row shows it."""

    id: str
    name: str
    about: str
    href: str
    schedule: str
    active: bool
    outcome: str
    last: str
    last_full: str
    last_words: str
    bars: list[Bar]
    bars_words: str
    next_at: str
    next_full: str
    asked_for: bool


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as the log shows it. `error`: word for word, "" where nothing went wrong."""

    id: int
    started: str
    started_full: str
    outcome: str
    took: str
    message: str
    error: str


def beat_said(beat: Heartbeat | None, user: Viewer, now: datetime) -> tuple[str, str]:
    """Whether the scheduler runs, and where and since when; "" where it does not."""
    language, zone = user.language, user.time_zone
    if beat is None:
        return say(language, "jobs.never_ran"), ""
    if not beat.alive:
        return say(language, "jobs.not_running", time=format.moment(language, zone, beat.heard_at, now)), ""
    ago = format.duration(language, timedelta(seconds=max(0, round((now - beat.heard_at).total_seconds()))))
    since = format.moment(language, zone, beat.since, now)
    return say(language, "jobs.running", ago=ago), say(language, "jobs.since", holder=beat.holder, time=since)


def job_line(job: JobNow, user: Viewer, now: datetime) -> JobLine:
    """A job as it stands `now`."""
    language, zone = user.language, user.time_zone
    last = job.runs[0] if job.runs else None
    bars = _bars_of(job.runs[:BARS], user, now)
    failed = sum(bar.failed for bar in bars)
    return JobLine(
        id=job.name,
        name=say(language, f"scheduled_job.{job.name}"),
        about=say(language, f"jobs.about.{job.name}"),
        href=routes.to(routes.SCHEDULED_JOBS, job=job.name),
        schedule=in_words(job.scheduling, language),
        active=job.active,
        outcome=last.outcome if last else "",
        last=_last(last, user, now) if last else say(language, "jobs.no_run"),
        last_full=format.full_moment(language, zone, last.started_at) if last else "",
        last_words=_handled(last, language) if last else "",
        bars=bars,
        bars_words=say(language, "jobs.bars", done=len(bars) - failed, failed=failed),
        next_at=say(language, "jobs.asked_for") if job.asked_for else format.moment(language, zone, job.next_at, now),
        next_full=format.full_moment(language, zone, job.next_at),
        asked_for=job.asked_for,
    )


def _last(run: RunRow, user: Viewer, now: datetime) -> str:
    began = format.moment(user.language, user.time_zone, run.started_at, now)
    return f"{began}, {_took(run, user.language)}" if run.ended_at else began


def _handled(run: RunRow, language: str) -> str:
    if run.error:
        return run.error.splitlines()[0]
    return counts_in_words(run.message, language) or (
        say(language, "jobs.handled", count=run.handled) if run.handled else ""
    )


def _bars_of(runs: tuple[RunRow, ...], user: Viewer, now: datetime) -> list[Bar]:
    """Oldest first; the height of a bar is the run's duration."""
    longest = max((_seconds(run) for run in runs), default=0) or 1
    return [
        Bar(
            height=max(18, round(100 * _seconds(run) / longest)),
            failed=run.outcome is Outcome.FAILED,
            words=f"{_last(run, user, now)}: {say(user.language, f'jobs.result.{run.outcome}')}",
        )
        for run in reversed(runs)
    ]


def _seconds(run: RunRow) -> float:
    return (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0.0


def _took(run: RunRow, language: str) -> str:
    if run.ended_at is None:
        return format.UNKNOWN
    seconds = _seconds(run)
    return format.duration(language, timedelta(seconds=round(seconds, 1) if seconds < 10 else round(seconds)))


def run_line(run: RunRow, user: Viewer, now: datetime) -> RunLine:
    """A run of the log."""
    language = user.language
    done = counts_in_words(run.message, language)
    idle = say(language, "jobs.nothing") if run.outcome is Outcome.DONE and not run.error else ""
    return RunLine(
        id=run.id,
        started=format.moment(language, user.time_zone, run.started_at, now),
        started_full=format.full_moment(language, user.time_zone, run.started_at),
        outcome=run.outcome,
        took=_took(run, language),
        message=done or idle,
        error=run.error,
    )
