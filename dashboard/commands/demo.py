"""envoi demo"""

from datetime import UTC, datetime

import click

from dashboard.commands import say
from dashboard.commands.start import prepare
from models import db
from models.demo import make_demo


@click.command()
def demo() -> None:
    """Believable data to try things with: people, lists, a finished campaign and one ready to start."""
    prepare()
    with db.pinned() as doors:
        make_demo(doors, datetime.now(UTC))
    say("demo.done")
