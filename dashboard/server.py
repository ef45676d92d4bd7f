"""The serving process: uvicorn on uvloop, and the worker beside it, restarted when it dies."""

import asyncio
import contextlib
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
import uvloop
from starlette.types import ASGIApp

from dashboard import data, routes
from dashboard.build import LARGEST_EVENT, ROOT
from dashboard.commands import narrate, print_json
from dashboard.commands.user import site_url
from dashboard.public.site import make as make_public
from models import db
from models.settings import settings
from models.sign_in import first_start_link

_ANSWERS: Final = 30  # seconds that the worker has to hear the answers to what is on the wire
_LONGEST_WAIT: Final = 30  # seconds between two starts of a worker that dies at once
_HEALTHY: Final = 60  # seconds after which a worker counts as having started well

_WITH_US: Final = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
"""Where Linux has it, a worker whose server was killed ends as if it had been told to."""
_COMMAND: Final = (*_WITH_US, sys.executable, "-m", "jobs")


def run(listener: socket.socket, *, with_worker: bool) -> int:
    """Serve until SIGINT or SIGTERM; the exit status. A second signal does not wait any more."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(listener, with_worker))


def run_public(listener: socket.socket) -> int:
    """Serve what recipients reach, and nothing else, until SIGINT or SIGTERM; the exit status."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(_server(make_public, _announce_public), listener))


async def _run(listener: socket.socket, with_worker: bool) -> int:
    from dashboard.asgi import make

    server = _server(make, _announce)
    worker = asyncio.create_task(_Worker(server.stopping).keep()) if with_worker else None
    status = await _serve(server, listener)
    if worker:
        narrate("cli.serve.waiting")
        await worker
    narrate("cli.serve.ended")
    return status


async def _serve(server: "_Server", listener: socket.socket) -> int:
    await server.serve(sockets=[listener])
    server.stopping.set()
    return 0 if server.started else 3


def _server(make: Callable[[], ASGIApp], announce: Callable[[], None]) -> "_Server":
    config = uvicorn.Config(
        make,
        factory=True,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ws_max_size=LARGEST_EVENT,
    )
    return _Server(config, announce)


class _Server(uvicorn.Server):
    """uvicorn, which tells the worker to stop at the moment it stops itself, and does not die of the signal."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce
        self.stopping = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say where it is once it answers."""
        await super().startup(sockets)
        if self.started:
            await asyncio.to_thread(self.announce)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal ends in peace, a second one at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        asyncio.get_running_loop().call_soon_threadsafe(self.stopping.set)


class _Worker:
    """`python -m jobs` as a child of its own session: a Ctrl-C reaches it through us alone."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self.stopping = stopping

    async def keep(self) -> None:
        """Keep a worker running until it is time to stop."""
        wait = 1
        while not self.stopping.is_set():
            began = time.monotonic()
            code = await self._one()
            if self.stopping.is_set():
                return
            wait = 1 if time.monotonic() - began > _HEALTHY else min(wait * 2, _LONGEST_WAIT)
            narrate("cli.serve.worker_died", code=code, count=wait)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), wait)

    async def _one(self) -> int:
        process = await asyncio.create_subprocess_exec(
            *_COMMAND, cwd=ROOT, start_new_session=True, stdin=asyncio.subprocess.DEVNULL
        )
        ended, told = asyncio.create_task(process.wait()), asyncio.create_task(self.stopping.wait())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not ended.done():
            await _stop(process)
        return await ended


async def _stop(process: asyncio.subprocess.Process) -> None:
    """SIGTERM; who has not ended when the answers should be in is killed (its messages become uncertain)."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _ANSWERS + 5)
    except TimeoutError:
        process.kill()


def _announce_public() -> None:
    if settings().log_format == "json":
        print_json({"url": site_url()})
    else:
        narrate("cli.serve.public", url=site_url())


def _announce() -> None:
    with db.unit_of_work() as session:
        secret = first_start_link(session, data.now())
    first = f"{site_url()}{routes.WELCOME}/{secret}" if secret else None
    if settings().log_format == "json":
        print_json({"url": site_url(), "first_start": first})
        return
    narrate("cli.serve.at", url=site_url())
    if first:
        narrate("cli.serve.first_start", url=first)
