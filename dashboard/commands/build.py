"""envoi build"""

import time

import click

from dashboard.build import build_page
from dashboard.commands import narrate


@click.command()
@click.option("--again", is_flag=True, help="Build even when nothing has changed.")
def build(again: bool) -> None:
    """Build the dashboard's page, when its sources have changed."""
    ensure_page(again=again, quiet=False)


def ensure_page(*, again: bool = False, quiet: bool = True) -> None:
    """Build what has to be built, and say how long it took."""
    began = time.monotonic()
    if build_page(narrate, again=again):
        narrate("cli.build.done", seconds=round(time.monotonic() - began))
    elif not quiet:
        narrate("cli.build.current")
