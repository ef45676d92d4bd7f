"""envoi mass-email status|pause|resume|cancel|retry-failed"""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import click

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db, forecast, queue_item, scheduled_job, waiting
from models.audience import find_audience, preview_audience
from models.mass_email import MassEmailStatus, get_row, move

_REASONS = ("no_address", "suppressed", "excluded", "opted_out_entirely", "opted_out", "duplicate", "archived")
_AUDIENCE = ("chosen", *_REASONS, "final")


@click.group("mass-email")
def mass_email() -> None:
    """What becomes of a mass email, and the brakes."""


@mass_email.command()
@click.argument("mass_email_id", metavar="ID", type=int)
@json_option
def status(mass_email_id: int, as_json: bool) -> None:
    """Counts per state of the queue and per reason of being left out, portions done and planned, finish time."""
    prepare()
    found = read_status(mass_email_id, datetime.now(UTC))
    if as_json:
        print_json(found)
        return
    click.echo(f"{found['name']}: {found['status']}")
    for part in ("audience", "queue", "portions"):
        click.echo("  ".join(f"{name} {count}" for name, count in found[part].items()))
    if found["waiting_because"]:
        click.echo(found["waiting_because"])
    if found["finishes_at"]:
        click.echo(found["finishes_at"].isoformat())


def read_status(mass_email_id: int, now: datetime) -> dict[str, Any]:
    """{id, name, status, audience, queue, portions, finishes_at, waiting_because}: both sums exact. Before the queue is
    built the audience is the one it would have now. Raises NotFound."""
    with db.reading() as session:
        mail = get_row(session, mass_email_id)
        audience = find_audience(session, mass_email_id)
    if audience is None:
        with db.pinned() as doors:
            audience = preview_audience(doors, mass_email_id, now)
    with db.reading() as session:
        counts = queue_item.queue_counts(session, mass_email_id)
        because = waiting.waiting_because(session, mass_email_id, now)
        people = None if mail.queue_done_at else audience.final
        next_run = scheduled_job.runs_after(session, scheduled_job.SEND_MASS_EMAILS)
        foreseen = forecast.forecast(session, mass_email_id, now, next_run, people=people)
    return {
        "id": mass_email_id,
        "name": mail.name,
        "status": mail.status,
        "audience": {name: getattr(audience, name) for name in _AUDIENCE},
        "queue": dataclasses.asdict(counts),
        "portions": {"done": foreseen.portions_done, "planned": foreseen.portions_planned},
        "finishes_at": foreseen.finishes_at,
        "waiting_because": because.text(language()) if because else None,
    }


@mass_email.command()
@click.argument("mass_email_id", metavar="ID", type=int)
def pause(mass_email_id: int) -> None:
    """No new message begins; what is on the wire is awaited."""
    _move(mass_email_id, MassEmailStatus.PAUSED)


@mass_email.command()
@click.argument("mass_email_id", metavar="ID", type=int)
def resume(mass_email_id: int) -> None:
    """Go on from where it was paused."""
    _move(mass_email_id, MassEmailStatus.IN_PROCESS)


@mass_email.command()
@click.argument("mass_email_id", metavar="ID", type=int)
def cancel(mass_email_id: int) -> None:
    """Stop for good: who has not got it does not get it."""
    prepare()
    with db.pinned() as doors:
        people = queue_item.cancel_mass_email(doors, mass_email_id, datetime.now(UTC), audit.COMMAND)
    say("cli.mass_email.cancelled", count=people)


@mass_email.command("retry-failed")
@click.argument("mass_email_id", metavar="ID", type=int)
@json_option
def retry_failed(mass_email_id: int, as_json: bool) -> None:
    """Send again to those whose message failed."""
    prepare()
    with db.pinned() as doors:
        again = queue_item.retry_failed(doors, mass_email_id, datetime.now(UTC), audit.COMMAND)
    print_json({"again": again}) if as_json else say("cli.mass_email.again", count=again)


def _move(mass_email_id: int, to: MassEmailStatus) -> None:
    prepare()
    with db.unit_of_work() as session:
        move(session, mass_email_id, to, datetime.now(UTC), audit.COMMAND)
        say("cli.mass_email.now", name=get_row(session, mass_email_id).name, status=to)
