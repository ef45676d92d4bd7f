"""envoi migrate, envoi check"""

import click
from click import exceptions

from dashboard.commands import json_option, print_json, say
from dashboard.commands.start import prepare
from models import db, queue_count
from models.migrations import migrate as bring_to_head
from models.statistics import recount


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring the database's schema to the newest state."""
    prepare(migrated=False)
    before, now = bring_to_head()
    if as_json:
        print_json({"before": before, "now": now})
    else:
        say("cli.migrate.done" if before != now else "cli.migrate.current", revision=now)


@click.command()
@json_option
def check(as_json: bool) -> None:
    """Count every figure anew from the log, and every queue, and compare. Exit status 1 when one differs."""
    prepare()
    with db.reading() as session:
        differences = [*recount(session), *queue_count.differences(session)]
    if as_json:
        print_json({"differences": differences})
    else:
        for difference in differences:
            click.echo(f"{difference}")
        say("cli.check.done", count=len(differences))
    if differences:
        raise exceptions.Exit(1)
