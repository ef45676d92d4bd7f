"""envoi serve, envoi web, envoi worker"""

import os
import sys
from typing import Any

import click

from dashboard.commands.start import prepare
from models.settings import settings


def _address_options(command: Any) -> Any:
    command = click.option("--port", type=click.IntRange(1, 65535), help="Default: ENVOI_PORT, else 3000.")(command)
    return click.option("--host", help="Default: ENVOI_HOST, else 127.0.0.1 (this machine only).")(command)


@click.command()
@_address_options
def serve(host: str | None, port: int | None) -> None:
    """The dashboard and the worker together. Ctrl-C ends both: no new message begins, answers are awaited."""
    _serve(host, port, with_worker=True)


@click.command()
@_address_options
def web(host: str | None, port: int | None) -> None:
    """The dashboard alone."""
    _serve(host, port, with_worker=False)


@click.command()
@click.option("--once", is_flag=True, help="Run each due scheduled job once, then end.")
def worker(once: bool) -> None:
    """The worker alone: scheduled jobs, sending, the mail catcher."""
    prepare()
    from dashboard.build import ROOT

    os.chdir(ROOT)
    command = [sys.executable, "-m", "jobs", *(["--once"] if once else [])]
    os.execv(sys.executable, command)  # noqa: S606 - this very interpreter becomes the worker


def _serve(host: str | None, port: int | None, *, with_worker: bool) -> None:
    from dashboard.build import ROOT
    from dashboard.commands.build import ensure_page
    from dashboard.commands.start import listen
    from dashboard.server import run

    if host or port:
        os.environ |= {"ENVOI_HOST": host or settings().host, "ENVOI_PORT": str(port or settings().port)}
        settings.cache_clear()
    listener = listen(settings().host, settings().port)
    prepare()
    os.chdir(ROOT)
    ensure_page()
    raise SystemExit(run(listener, with_worker=with_worker))
