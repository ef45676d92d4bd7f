"""envoi doctor"""

from datetime import UTC, datetime

import click
from click import exceptions

from dashboard.commands import json_option, language, print_json, say
from dashboard.commands.start import prepare
from models import db
from models.catalogue import text
from models.health import Check, Verdict, checks, worst


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Why are emails not being sent? Checks with verdicts; exit status 1 when one of them is bad."""
    prepare()
    with db.reading() as session:
        found = checks(session, datetime.now(UTC))
    if as_json:
        print_json({"verdict": worst(found), "checks": [_as_json(check) for check in found]})
    else:
        for check in found:
            click.echo(f"{text(language(), f'health.{check.verdict}'):<10} {check.says.text(language())}")
        say("cli.doctor.bad" if worst(found) is Verdict.BAD else "cli.doctor.good")
    if worst(found) is Verdict.BAD:
        raise exceptions.Exit(1)


def _as_json(check: Check) -> dict[str, str]:
    return {"name": check.name, "verdict": check.verdict, "says": check.says.text(language())}
