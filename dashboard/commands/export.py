"""envoi export log|list|consent: CSV or JSON on standard output"""

import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Sequence

import click

from dashboard.acts.consent_file import COLUMNS as CONSENT_COLUMNS
from dashboard.acts.consent_file import cells, objects
from dashboard.commands import json_option
from dashboard.commands.start import prepare
from models import db, outbound_emails
from models.consent_proof import ProofRow, address_id_of, proof_after
from models.log_filter import LogFilter, Who
from models.log_table import MachineReason
from models.log_view import EventRow, events_after
from models.membership import entries_after
from models.spreadsheet import write_rows
from models.target_list_page import ids_by_name
from models.test_send import exported_after

LOG_COLUMNS = (
    *("mass_email", "recipient kind", "name", "address", "action", "time", "link", "detail", "test"),
    *("reason", "bounce", "source", "machine", "evidence"),
)
"""New ones come at the end, so that a script finds the others where they were."""
LIST_COLUMNS = ("kind", "name", "company", "address", "account", "language", "state")


@click.group()
def export() -> None:
    """CSV on standard output; values that a spreadsheet would run as formulas are kept as text. Or an array of JSON."""


@export.command()
@click.option("--campaign", "campaign_id", type=int, help="Of this campaign only.")
@click.option("--mass-email", "mass_email_id", type=int, help="Of this mass email only.")
@click.option("--tests", is_flag=True, help="Tests too: they are in no figure.")
@click.option("--machines", is_flag=True, help="Opens and clicks of machines too; the last but one column says why.")
@json_option
def log(campaign_id: int | None, mass_email_id: int | None, tests: bool, machines: bool, as_json: bool) -> None:
    """What became of every message, the oldest first; times are UTC.

    Actions, bounces (hard, soft), sources, machines and reasons (user_unknown, mailbox_full, blocked, …) are words that
    stay the same, whatever the language.
    """
    prepare()
    who = Who.EVERYBODY if machines else Who.PEOPLE
    chosen = LogFilter(campaign_id=campaign_id, mass_email_id=mass_email_id, who=who)
    _write(LOG_COLUMNS, itertools.chain(_events(chosen), _tests(mass_email_id) if tests else ()), as_json)


def _events(chosen: LogFilter) -> Iterator[tuple[object, ...]]:
    after = 0
    while True:
        with db.reading() as session:
            rows = events_after(session, chosen, after)
        if not rows:
            return
        after = rows[-1].id
        for row in rows:
            person = (row.kind, row.name, row.address)
            yield row.mass_email, *person, row.action, row.at.isoformat(), row.link, row.detail, 0, *_told(row)


def _told(row: EventRow) -> tuple[object, ...]:
    """Why, in one word; hard or soft; where the news came from; why it is a machine's; the words that prove it."""
    machine = "" if row.machine is MachineReason.HUMAN else row.machine
    reason = "" if " " in row.detail else row.detail
    return reason, row.bounce_kind or "", row.source, machine, row.evidence


def _tests(mass_email_id: int | None) -> Iterator[tuple[object, ...]]:
    after = 0
    while True:
        with db.reading() as session:
            rows = exported_after(session, mass_email_id, after)
        if not rows:
            return
        after = rows[-1].id
        for row in rows:
            action = "sent" if row.delivered else "failed"
            yield row.mass_email, "", "", row.address, action, row.at.isoformat(), "", row.reply, 1, "", "", "", "", ""


@export.command("list")
@click.argument("name")
@json_option
def target_list(name: str, as_json: bool) -> None:
    """The entries of a target list."""
    prepare()
    with db.reading() as session:
        list_id = ids_by_name(session, (name,))[0]
    _write(LIST_COLUMNS, _entries(list_id), as_json)


def _entries(list_id: int) -> Iterator[tuple[object, ...]]:
    after = 0
    while True:
        with db.reading() as session:
            rows = entries_after(session, list_id, after)
        if not rows:
            return
        after = rows[-1].id
        for row in rows:
            yield row.kind, row.name, row.company, row.address, row.account, row.language, row.state


@export.command()
@click.option("--address", help="Of this address only; an erased one is found too, by who can name it.")
@json_option
def consent(address: str | None, as_json: bool) -> None:
    """The whole history of consent, the oldest first: what, when, by which way and message. Times are UTC."""
    prepare()
    with db.reading() as session:
        address_id = None if address is None else address_id_of(session, address)
        site = outbound_emails.public_url(outbound_emails.read(session))
    rows = _proof(address_id)
    if as_json:
        _write_array(objects(rows, site))
    else:
        _write(CONSENT_COLUMNS, (cells(row, site) for row in rows), as_json=False)


def _write(columns: Sequence[str], rows: Iterable[Sequence[object]], as_json: bool) -> None:
    """Row by row, however many. In JSON a space in a column's name is a _."""
    if as_json:
        names = [column.replace(" ", "_") for column in columns]
        _write_array(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows)
    else:
        write_rows(sys.stdout, itertools.chain([columns], rows))


def _write_array(objects: Iterable[str]) -> None:
    """An array of what is JSON already, one to a line."""
    before = "[\n"
    for line in objects:
        click.echo(before + line, nl=False)
        before = ",\n"
    click.echo("[]" if before == "[\n" else "\n]")


def _proof(address_id: int | None) -> Iterator[ProofRow]:
    after = 0
    while True:
        with db.reading() as session:
            rows = proof_after(session, address_id, after)
        if not rows:
            return
        after = rows[-1].id
        yield from rows
