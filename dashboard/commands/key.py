"""envoi key list|rotate"""

from datetime import UTC, datetime

import click

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import audit, db, token_key
from models.catalogue import text
from models.token_key import KeyRow


@click.group()
def key() -> None:
    """The key that signs the tokens in mail: links, opt-outs, return paths."""


@key.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """Every version, the newest first; all of them are accepted."""
    prepare()
    with db.reading() as session:
        rows = token_key.key_rows(session)
    if as_json:
        print_json({"versions": rows})
        return
    for row in rows:
        click.echo(_line(row))


@key.command()
@json_option
def rotate(as_json: bool) -> None:
    """Sign with a new version from the next portion on. Old ones stay valid: they are in mail that has left."""
    prepare()
    with db.unit_of_work(durable=True) as session:
        version = token_key.rotate(session, datetime.now(UTC), audit.COMMAND)
    print_json({"version": version}) if as_json else say("key.rotated", version=version)


def _line(row: KeyRow) -> str:
    spoken, since = language(), f"{row.since:%Y-%m-%d %H:%M} UTC" if row.since else ""
    line = text(spoken, "key.line" if row.since else "key.first", version=row.version, since=since, by=row.by)
    return text(spoken, "key.signs", line=line) if row.signs else line
