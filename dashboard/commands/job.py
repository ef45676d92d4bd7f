"""envoi job list|run|activate|deactivate|schedule"""

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
from click import exceptions

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db, outbound_emails, scheduled_job
from models.scheduled_job import JobRow


@click.group()
def job() -> None:
    """Scheduled Jobs: send_mass_emails and the others."""


@job.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Each job: its Scheduling, Active or Inactive, the last run and the next."""
    _ready()
    with db.reading() as session:
        zone = ZoneInfo(outbound_emails.read(session).time_zone)
        rows = [_line(row, zone) for row in scheduled_job.job_rows(session)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        state = "Active" if row["active"] else "Inactive"
        click.echo(f"{row['name']:20} {state:9} {row['scheduling']:16} {row['in_words']}")


@job.command()
@click.argument("name")
@json_option
def run(name: str, as_json: bool) -> None:
    """Run a job now, in this process, and wait for it. Exit status 1 when it failed; its words are in its log."""
    _ready()
    ran = asyncio.run(_run(name))
    with db.reading() as session:
        newest = scheduled_job.run_page(session, name, 1, 1)[0][0]
    if as_json:
        print_json(newest)
    else:
        click.echo(newest.error or scheduled_job.said(newest.message, language()))
    if ran is None or ran.errors:
        raise exceptions.Exit(1)


async def _run(name: str):
    from jobs.scheduler import run_once
    from jobs.worker import jobs_of, own_name, stop_on_signals

    with db.reading() as session:
        scheduled_job.get_job(session, name)
    return await run_once(name, jobs_of(own_name())[name], stop_on_signals())


@job.command()
@click.argument("name")
@json_option
def activate(name: str, as_json: bool) -> None:
    """The job runs by its Scheduling again."""
    _change(as_json, scheduled_job.activate, name)


@job.command()
@click.argument("name")
@json_option
def deactivate(name: str, as_json: bool) -> None:
    """The job never runs by itself."""
    _change(as_json, scheduled_job.deactivate, name)


@job.command()
@click.argument("name")
@click.argument("cron")
@json_option
def schedule(name: str, cron: str, as_json: bool) -> None:
    """Change a job's Scheduling: a crontab of five fields in quotes, e.g. "*/10 * * * *" (0 and 7 are Sunday)."""
    _change(as_json, scheduled_job.change_schedule, name, cron)


def _change(as_json: bool, act, name: str, *values: str) -> None:
    _ready()
    with db.unit_of_work() as session:
        act(session, name, *values, datetime.now(UTC), by=audit.COMMAND)
    with db.reading() as session:
        zone = ZoneInfo(outbound_emails.read(session).time_zone)
        now = _line(next(row for row in scheduled_job.job_rows(session) if row.name == name), zone)
    if as_json:
        print_json(now)
    else:
        say("cli.job.now", name=name, state="Active" if now["active"] else "Inactive", words=now["in_words"])


def _ready() -> None:
    prepare()
    with db.unit_of_work() as session:
        scheduled_job.ensure_jobs(session)


def _line(row: JobRow, zone: ZoneInfo) -> dict[str, object]:
    upcoming = scheduled_job.next_runs(row.scheduling, 1, datetime.now(UTC), zone) if row.active else []
    return {
        "name": row.name,
        "scheduling": row.scheduling,
        "in_words": scheduled_job.in_words(row.scheduling, language()),
        "active": row.active,
        "next_run": upcoming[0] if upcoming else None,
        "last_run": row.last,
    }
