"""envoi import FILE --list NAME --kind contact"""

from datetime import UTC, datetime
from pathlib import Path

import click

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db
from models.catalogue import Problem
from models.errors import Invalid
from models.import_mapping import propose_mapping
from models.recipient import Kind
from models.recipient_import import ImportPlan, check, run_import
from models.spreadsheet_format import sniff
from models.target_list import create_list
from models.target_list_page import find_by_name


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "list_name", help="The target list to put them in; made when it is not there.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind if kind is not Kind.USER]), default="contact")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="Repeat; the others are recognised by name.")
@click.option("--encoding", help="Instead of the recognised one.")
@click.option("--delimiter", help="Instead of the recognised one.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file for the rows with a problem."
)
@json_option
def import_file(
    file: Path,
    list_name: str | None,
    kind: str,
    maps: tuple[str, ...],
    encoding: str | None,
    delimiter: str | None,
    dry_run: bool,
    errors: Path | None,
    as_json: bool,
) -> None:
    """Import people from a spreadsheet. Rows with a problem are left out, said, and kept in --errors."""
    prepare()
    sniffed = sniff(file, encoding=encoding, delimiter=delimiter)
    header = sniffed.format.header
    mapping = _mapped(list(propose_mapping(header, Kind(kind))), header, maps)
    now = datetime.now(UTC)
    list_id = None if list_name is None else _list(list_name, now, make=not dry_run)
    plan = ImportPlan(
        file.resolve(), sniffed.format, tuple(mapping), Kind(kind), list_id, language(), sniffed.row_count
    )
    with db.pinned() as doors:
        if dry_run:
            result = check(doors, plan, errors=errors)
        else:
            result = run_import(doors, plan, now, audit.COMMAND, errors=errors)
    if as_json:
        print_json(result)
        return
    say("cli.import.read", encoding=sniffed.format.encoding, count=sniffed.row_count)
    counts = {"new": result.new, "updated": result.updated, "unchanged": result.unchanged}
    say("cli.import.would" if dry_run else "cli.import.done", **counts, problems=result.problem_count)
    if result.erased:
        say("cli.import.erased", count=result.erased)


def _mapped(mapping: list[str | None], header: tuple[str, ...], maps: tuple[str, ...]) -> list[str | None]:
    for given in maps:
        column, sign, field = given.partition("=")
        if not sign or column not in header:
            raise Invalid({"--map": Problem("cli.import.no_column", column=column, columns=", ".join(header))})
        mapping[header.index(column)] = field or None
    return mapping


def _list(name: str, now: datetime, *, make: bool) -> int | None:
    """The id of the target list of this name; a new one where there is none, if it may be made."""
    with db.unit_of_work() as session:
        found = find_by_name(session, name)
        return create_list(session, {"name": name}, now) if found is None and make else found
