"""envoi web"""

import click

from dashboard.commands.serve import address_options, for_programs, listen_where, serve_dashboard
from dashboard.commands.start import prepare


@click.command()
@address_options
@click.option("--public-only", is_flag=True, help="Only what recipients reach: /o /c /u /p /v /hooks and /healthz.")
@for_programs
def web(host: str | None, port: int | None, public_only: bool) -> None:
    """The dashboard alone. With --public-only: opens, clicks and opt-outs in a process of their own, without it."""
    if not public_only:
        serve_dashboard(host, port, with_worker=False)
    from dashboard.server import run_public

    listener = listen_where(host, port)
    prepare()
    raise SystemExit(run_public(listener))
