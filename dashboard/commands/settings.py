"""envoi settings list|get|set"""

import dataclasses
from datetime import UTC, datetime

import click

from dashboard.commands import json_option, print_json
from dashboard.commands.start import prepare
from models import audit, db, outbound_emails
from models.catalogue import Problem
from models.errors import Invalid


@click.group()
def settings() -> None:
    """Outbound Emails and the rest an administrator changes; in force from the next run."""


@settings.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Every setting with its value."""
    _print(_values(), as_json)


@settings.command()
@click.argument("key")
@json_option
def get(key: str, as_json: bool) -> None:
    """The value of one setting."""
    values = _values()
    if key not in values:
        raise Invalid({"": Problem("outbound_emails.unknown", name=key)})
    print_json(values[key]) if as_json else click.echo(_shown(values[key]))


@settings.command("set")
@click.argument("key")
@click.argument("value")
@json_option
def change(key: str, value: str, as_json: bool) -> None:
    """Change one setting, e.g. portion_size 500. An empty VALUE means: no limit, or none."""
    prepare()
    with db.unit_of_work() as session:
        outbound_emails.change(session, {key: value}, datetime.now(UTC), audit.COMMAND)
    _print({key: _values()[key]}, as_json)


def _values() -> dict[str, object]:
    prepare()
    with db.reading() as session:
        return dataclasses.asdict(outbound_emails.read(session))


def _print(values: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(values)
        return
    width = max(map(len, values))
    for key, value in values.items():
        click.echo(f"{key:{width}}  {_shown(value)}")


def _shown(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
