"""envoi suppression list|add|release|import|export"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db, suppression_import
from models.address import PROVIDER_NAMES, find_addresses, normal_form
from models.catalogue import Problem
from models.errors import Invalid, NotFound
from models.spreadsheet import write_rows
from models.suppression import SuppressionReason, release
from models.suppression_form import add_suppression
from models.suppression_page import SuppressionFilter, SuppressionRow, suppressions_after, suppressions_of
from models.suppression_row import COLUMNS, Defaults, cells_of

_GIVEN = [str(reason) for reason in SuppressionReason if reason is not SuppressionReason.ERASED]
_reason = click.option("--reason", type=click.Choice(_GIVEN), default="manual", show_default=True)
_until = click.option("--until", help="A moment of ISO 8601; without it the suppression is for good.")
_note = click.option("--note", default="", help="Why; it is kept as the evidence.")
_filters = (
    click.option("--reason", type=click.Choice([str(reason) for reason in SuppressionReason]), help="Of this reason."),
    click.option("--provider", type=click.Choice(PROVIDER_NAMES), help="Of this mailbox provider."),
    click.option("--text", "words", default="", help="With this in the address."),
)


@click.group()
def suppression() -> None:
    """Addresses that are not mailed, why, and until when."""


def _filtered(command: click.decorators.FC) -> click.decorators.FC:
    for option in reversed(_filters):
        command = option(command)
    return command


@suppression.command("list")
@_filtered
@json_option
def list_all(reason: str | None, provider: str | None, words: str, as_json: bool) -> None:
    """One line for each, by address as they came."""
    prepare()
    rows = _rows(_filter(reason, provider, words))
    if as_json:
        print_json([dict(zip(COLUMNS, cells_of(row), strict=True)) for row in rows])
        return
    for row in rows:
        click.echo("  ".join(str(cell) for cell in cells_of(row) if cell))


@suppression.command()
@_filtered
def export(reason: str | None, provider: str | None, words: str) -> None:
    """CSV on standard output, as `envoi suppression import` reads it."""
    prepare()
    write_rows(sys.stdout, [COLUMNS])
    write_rows(sys.stdout, (cells_of(row) for row in _rows(_filter(reason, provider, words))))


@suppression.command()
@click.argument("address")
@_reason
@_until
@_note
@json_option
def add(address: str, reason: str, until: str | None, note: str, as_json: bool) -> None:
    """Mail an address no more, also one that nobody has yet."""
    prepare()
    end = _moment(until)
    why = SuppressionReason(reason)
    with db.unit_of_work(durable=True) as session:
        now = datetime.now(UTC)
        new = add_suppression(session, address, now, audit.COMMAND, reason=why, until=end, note=note)
    if as_json:
        print_json({"address": normal_form(address), "reason": reason, "new": new})
    else:
        say("suppressions.added" if new else "cli.suppression.changed")


@suppression.command("release")
@click.argument("address")
@click.option("--reason", type=click.Choice(_GIVEN), help="This reason alone; every one when left out.")
@json_option
def release_address(address: str, reason: str | None, as_json: bool) -> None:
    """Mail an address again. Opt-outs stay; an address that was erased on request is never released."""
    prepare()
    normal = normal_form(address)
    with db.unit_of_work(durable=True) as session:
        address_id = find_addresses(session, [normal]).get(normal, 0)
        held = [row.reason for row in suppressions_of(session, address_id)]
        chosen = [one for one in held if reason in (None, str(one))]
        if not chosen:
            raise NotFound("cli.suppression.none", address=normal)
        for one in chosen:
            release(session, address_id, one, datetime.now(UTC), audit.COMMAND)
    if as_json:
        print_json({"address": normal, "released": chosen, "left": [one for one in held if one not in chosen]})
    else:
        say("suppressions.released", count=len(chosen))


@suppression.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_reason
@_until
@_note
@click.option("--encoding", help="Instead of the recognised one.")
@click.option("--delimiter", help="Instead of the recognised one.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file for the rows with a problem."
)
@json_option
def import_file(
    file: Path,
    reason: str,
    until: str | None,
    note: str,
    encoding: str | None,
    delimiter: str | None,
    dry_run: bool,
    errors: Path | None,
    as_json: bool,
) -> None:
    """Suppress the addresses of a CSV file; --reason, --until and --note hold for rows that do not say it."""
    prepare()
    now = datetime.now(UTC)
    defaults = Defaults(SuppressionReason(reason), _moment(until), note)
    if defaults.until is not None and defaults.until <= now:
        raise Invalid({"--until": Problem("suppressions.until_past")})
    plan = suppression_import.plan_file(file, defaults, language=language(), encoding=encoding, delimiter=delimiter)
    with db.pinned() as doors:
        if dry_run:
            counts = suppression_import.check_file(doors, plan, now, errors=errors)
        else:
            counts = suppression_import.import_file(doors, plan, now, audit.COMMAND, errors=errors)
    numbers = {"rows": counts.rows, "new": counts.new, "already": counts.already, "problems": counts.problems}
    if as_json:
        print_json({**numbers, "dry_run": dry_run})
    else:
        say("cli.suppression.would" if dry_run else "cli.suppression.done", **numbers)


def _filter(reason: str | None, provider: str | None, words: str) -> SuppressionFilter:
    return SuppressionFilter(words, SuppressionReason(reason) if reason else None, provider)


def _rows(chosen: SuppressionFilter) -> Iterator[SuppressionRow]:
    after = 0
    while True:
        with db.reading() as session:
            rows = suppressions_after(session, chosen, after)
        if not rows:
            return
        after = rows[-1].key
        yield from rows


def _moment(typed: str | None) -> datetime | None:
    if typed is None:
        return None
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError as error:
        raise Invalid({"--until": Problem("cli.send.not_a_moment", typed=typed)}) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
