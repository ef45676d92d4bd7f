"""envoi serve, envoi worker"""

import os
import socket
import sys
from functools import wraps
from typing import Any, NoReturn

import click

from dashboard.commands.start import listen, prepare
from models.settings import settings


def address_options(command: Any) -> Any:
    """`--host` and `--port`."""
    command = click.option("--port", type=click.IntRange(1, 65535), help="Default: ENVOI_PORT, else 3000.")(command)
    return click.option("--host", help="Default: ENVOI_HOST, else 127.0.0.1 (this machine only).")(command)


def for_programs(command: Any) -> Any:
    """`--json` of what runs until it is stopped: where it is stands on standard output, and the log is JSON."""

    @wraps(command)
    def run(*args: Any, as_json: bool, **options: Any) -> None:
        if as_json:
            os.environ["ENVOI_LOG_FORMAT"] = "json"
            settings.cache_clear()
        command(*args, **options)

    return click.option("--json", "as_json", is_flag=True, help="Print where it is as JSON, and log as JSON.")(run)


@click.command()
@address_options
@for_programs
def serve(host: str | None, port: int | None) -> None:
    """The dashboard and the worker together. Ctrl-C ends both: no new message begins, answers are awaited."""
    serve_dashboard(host, port, with_worker=True)


@click.command()
@click.option("--once", is_flag=True, help="Run each due scheduled job once, then end.")
@for_programs
def worker(once: bool) -> None:
    """The worker alone: scheduled jobs, sending, the mail catcher."""
    prepare()
    from dashboard.build import ROOT

    os.chdir(ROOT)
    command = [sys.executable, "-m", "jobs", *(["--once"] if once else [])]
    os.execv(sys.executable, command)  # noqa: S606 - this very interpreter becomes the worker


def serve_dashboard(host: str | None, port: int | None, *, with_worker: bool) -> NoReturn:
    """Build the page when its sources changed, and serve it until told to stop; the process ends with it."""
    from dashboard.build import ROOT
    from dashboard.commands.build import ensure_page
    from dashboard.server import run

    listener = listen_where(host, port)
    prepare()
    os.chdir(ROOT)
    ensure_page()
    raise SystemExit(run(listener, with_worker=with_worker))


def listen_where(host: str | None, port: int | None) -> socket.socket:
    """The listening socket of the options, else of the environment; public links made here start with its port."""
    if host or port:
        os.environ |= {"ENVOI_HOST": host or settings().host, "ENVOI_PORT": str(port or settings().port)}
        settings.cache_clear()
    return listen(settings().host, settings().port)
