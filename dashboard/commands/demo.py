"""envoi demo"""

from datetime import UTC, datetime

import click

from dashboard.commands import json_option, print_json, say
from dashboard.commands.start import prepare
from models import db
from models.demo import make_demo


@click.command()
@json_option
def demo(as_json: bool) -> None:
    """Believable data to try things with: people, lists, a finished campaign and one ready to start."""
    prepare()
    with db.pinned() as doors:
        mass_email_id = make_demo(doors, datetime.now(UTC))
    if as_json:
        print_json({"mass_email": mass_email_id})
    else:
        say("demo.done")
