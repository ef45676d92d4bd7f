"""The worker's seam to the data: a models function behind one of the two doors, in a thread, so that no socket waits.

waiting = await database.read(queue_counts, mass_email_id)
await database.write(settle, claim_id, verdicts, now)
await database.work(build_queue, mass_email_id, now)
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar

from sqlmodel import Session

from models import db
from models.scheduled_job import database_time

P = ParamSpec("P")
T = TypeVar("T")
Clock = Callable[[], datetime]

_pool = ThreadPoolExecutor(8, thread_name_prefix="worker-data")


def utc_now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def passed() -> float:
    """Seconds, to be compared with each other only; they pass while the machine sleeps, where the system says so."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


async def clock() -> Clock:
    """The database's clock: read once, then counted on by this process. So machines whose clocks are apart agree on
    what is due, on leases and on limits, and a clock that is put right moves none of them in the middle of a run."""
    at, began = await read(database_time), passed()
    return lambda: at + timedelta(seconds=passed() - began)


async def read(query: Callable[Concatenate[Session, P], T], /, *args: P.args, **named: P.kwargs) -> T:
    """The result of a query that sees one snapshot and cannot write."""

    def call() -> T:
        with db.reading() as session:
            return query(session, *args, **named)

    return await _in_thread(call)


async def write(act: Callable[Concatenate[Session, P], T], /, *args: P.args, **named: P.kwargs) -> T:
    """The result of an act, committed; nothing of it stays when it raises. It survives kill -9."""

    def call() -> T:
        with db.unit_of_work() as session:
            return act(session, *args, **named)

    return await _in_thread(call)


async def write_durably(act: Callable[Concatenate[Session, P], T], /, *args: P.args, **named: P.kwargs) -> T:
    """As write(), and it survives a power cut."""

    def call() -> T:
        with db.unit_of_work(durable=True) as session:
            return act(session, *args, **named)

    return await _in_thread(call)


async def work(act: Callable[Concatenate[db.Doors, P], T], /, *args: P.args, **named: P.kwargs) -> T:
    """The result of long work that takes the doors and commits by itself in chunks (D23)."""

    def call() -> T:
        with db.pinned() as doors:
            return act(doors, *args, **named)

    return await _in_thread(call)


async def _in_thread(call: Callable[[], T]) -> T:
    """A cancelled caller still waits: what a transaction did must be known before its outcome is judged."""
    running = asyncio.get_running_loop().run_in_executor(_pool, call)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
