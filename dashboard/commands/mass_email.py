"""envoi mass-email status|pause|resume|cancel|undo|window|retry-failed|decide|queue-again|new-version|people"""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

import click

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.mass_email_status import read_status
from dashboard.commands.start import prepare
from models import audit, db, queue_item
from models.catalogue import text
from models.email_template import versions_of
from models.mass_email import MassEmailStatus, edit_mass_email, get_row, move
from models.new_version import find_offer, take_version
from models.queue_item import Decision, ItemState, QueuedPerson
from models.spreadsheet import write_rows
from models.undo import undo as take_back


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
    for version in found["versions"]:
        say("cli.mass_email.version", no=version["no"], count=version["people"])
    if found["waiting_because"]:
        click.echo(found["waiting_because"])
    if found["finishes_at"]:
        click.echo(found["finishes_at"].isoformat())


_id = click.argument("mass_email_id", metavar="ID", type=int)


@mass_email.command()
@_id
@json_option
def pause(mass_email_id: int, as_json: bool) -> None:
    """No new message begins; what is on the wire is awaited."""
    _move(mass_email_id, MassEmailStatus.PAUSED, as_json)


@mass_email.command()
@_id
@json_option
def resume(mass_email_id: int, as_json: bool) -> None:
    """Go on from where it was paused."""
    _move(mass_email_id, MassEmailStatus.IN_PROCESS, as_json)


@mass_email.command()
@_id
@json_option
def cancel(mass_email_id: int, as_json: bool) -> None:
    """Stop for good: who has not got it does not get it."""
    _tell(as_json, "cancelled", "people", _long(queue_item.cancel_mass_email, mass_email_id))


@mass_email.command()
@_id
@json_option
def undo(mass_email_id: int, as_json: bool) -> None:
    """Back to Draft, as long as no message has begun: nobody is queued any more."""
    _tell(as_json, "undone", "people", _long(take_back, mass_email_id))


@mass_email.command()
@_id
@click.argument("window", metavar="WINDOW")
@json_option
def window(mass_email_id: int, window: str, as_json: bool) -> None:
    """When it may leave, like "mon-fri 09:00-18:00" in its time zone; "" is at any time. In force at once."""
    prepare()
    with db.unit_of_work() as session:
        revision = get_row(session, mass_email_id).revision
        values = {"sending_window": window}
        edit_mass_email(session, mass_email_id, revision, values, datetime.now(UTC), audit.COMMAND)
        row = get_row(session, mass_email_id)
        found = {"id": mass_email_id, "sending_window": row.sending_window, "zone": row.zone}
    if as_json:
        print_json(found)
    else:
        open_when = row.sending_window or text(language(), "window.always")
        say("cli.mass_email.window", name=row.name, window=open_when, zone=row.zone)


@mass_email.command("retry-failed")
@_id
@json_option
def retry_failed(mass_email_id: int, as_json: bool) -> None:
    """Send again to those whose message failed."""
    _tell(as_json, "again", "again", _long(queue_item.retry_failed, mass_email_id))


@mass_email.command()
@_id
@click.argument("decision", type=click.Choice(["sent", "send-again", "leave-out"]))
@click.option("--uncertain", is_flag=True, help="Everybody whose message is uncertain.")
@click.option("--failed", is_flag=True, help="Everybody whose message failed; they never count as sent.")
@click.option("--address", "addresses", multiple=True, help="This person; may be given several times.")
@json_option
def decide(
    mass_email_id: int, decision: str, uncertain: bool, failed: bool, addresses: tuple[str, ...], as_json: bool
) -> None:
    """What becomes of uncertain or failed messages: count as sent, send again, or leave out."""
    chosen = cast(Decision, decision.replace("-", "_"))
    states = [state for state, on in ((ItemState.UNCERTAIN, uncertain), (ItemState.FAILED, failed)) if on]
    if bool(states) == bool(addresses):
        raise click.UsageError(text(language(), "cli.mass_email.whom"))
    decided = _long(_decide, mass_email_id, chosen, states, addresses)
    _tell(as_json, "decided", "decided", decided)


def _decide(
    doors: db.Doors,
    mass_email_id: int,
    decision: Decision,
    states: Sequence[ItemState],
    addresses: Sequence[str],
    now: datetime,
    by: str,
) -> int:
    if states:
        return queue_item.decide_all(doors, mass_email_id, states, decision, now, by)
    with doors.unit_of_work() as session:
        item_ids = queue_item.find_items(session, mass_email_id, addresses)
        return queue_item.decide_items(session, item_ids, decision, now, by)


@mass_email.command("queue-again")
@_id
@json_option
def queue_again(mass_email_id: int, as_json: bool) -> None:
    """Those left out because their address changed wait again, at the new one."""
    _tell(as_json, "queued_again", "again", _long(queue_item.queue_again, mass_email_id))


@mass_email.command("new-version")
@_id
@click.option("--take", "no", type=int, help="The number of the version, as this command offers it.")
@json_option
def new_version(mass_email_id: int, no: int | None, as_json: bool) -> None:
    """A newer version of the template for the people not yet mailed: which is offered, or take it."""
    prepare()
    with db.unit_of_work() as session:
        offer = find_offer(session, mass_email_id)
        if no is not None:
            versions = versions_of(session, get_row(session, mass_email_id).template_id)
            wanted = next((row.id for row in versions if row.no == no), 0)
            take_version(session, mass_email_id, wanted, datetime.now(UTC), audit.COMMAND)
    if as_json:
        print_json({"taken": no} if no is not None else {"offered": offer})
    elif no is not None:
        say("cli.mass_email.taken", no=no)
    elif offer:
        say("cli.mass_email.offered", no=offer.no, by=offer.saved_by, frozen=offer.frozen_no)
    else:
        say("cli.mass_email.no_newer")


PEOPLE_COLUMNS = ("name", "address", "kind", "state", "version", "reason", "reply", "attempts")


@mass_email.command()
@_id
@click.option("--state", "states", multiple=True, type=click.Choice([s.value for s in ItemState]), help="Only these.")
@json_option
def people(mass_email_id: int, states: tuple[str, ...], as_json: bool) -> None:
    """The people of its queue and what became of each, as CSV; with --json one line of JSON for each."""
    prepare()
    with db.reading() as session:
        get_row(session, mass_email_id)
    rows = _people(mass_email_id, [ItemState(state) for state in states])
    if as_json:
        for row in rows:
            print_json({name: getattr(row, name) for name in PEOPLE_COLUMNS})
        return
    write_rows(sys.stdout, [PEOPLE_COLUMNS])
    write_rows(sys.stdout, (_cells(row) for row in rows))


def _cells(row: QueuedPerson) -> tuple[object, ...]:
    values = (getattr(row, name) for name in PEOPLE_COLUMNS)
    return tuple("" if value is None else value for value in values)


def _people(mass_email_id: int, states: Sequence[ItemState]) -> Iterator[QueuedPerson]:
    after = 0
    while True:
        with db.reading() as session:
            rows = queue_item.queued_people_after(session, mass_email_id, states, after)
        if not rows:
            return
        after = rows[-1].id
        yield from rows


def _long(act: Callable[..., int], *args: object) -> int:
    """How many people an act in chunks was about."""
    prepare()
    with db.pinned() as doors:
        return act(doors, *args, datetime.now(UTC), audit.COMMAND)


def _tell(as_json: bool, key: str, name: str, count: int) -> None:
    print_json({name: count}) if as_json else say(f"cli.mass_email.{key}", count=count)


def _move(mass_email_id: int, to: MassEmailStatus, as_json: bool) -> None:
    prepare()
    with db.unit_of_work() as session:
        move(session, mass_email_id, to, datetime.now(UTC), audit.COMMAND)
        name = get_row(session, mass_email_id).name
    if as_json:
        print_json({"id": mass_email_id, "name": name, "status": to})
    else:
        say("cli.mass_email.now", name=name, status=to)
