"""The one seam between a page and the data: a models function behind one of the two doors, in a thread.

    self.rows, self.total = await data.read(campaign_page, self.page)
    await data.run(edit_campaign, campaign_id, revision, values, data.now(), user.email)
    await data.work(add_members, list_id, chosen, source, data.now())

What may be passed is a plain function of models whose first parameter is `session` (read, run) or `doors` (work, D23).
What comes back are values: a row of a table would carry every column to the browser.
"""

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from models import db

T = TypeVar("T")

_pool = ThreadPoolExecutor(8, thread_name_prefix="data")
_long_pool = ThreadPoolExecutor(2, thread_name_prefix="long-data")


def now() -> datetime:
    """This moment, aware, in UTC: what models functions take as `now`."""
    return datetime.now(UTC)


async def read(query: Callable[..., T], /, *args: Any, **named: Any) -> T:
    """The result of a query that sees one snapshot and cannot write."""
    _check(query, "session")
    return await _in_thread(_pool, lambda: _read(query, args, named))


async def run(act: Callable[..., T], /, *args: Any, durable: bool = False, **named: Any) -> T:
    """The result of an act, committed; nothing of it stays when it raises. `durable`: it must survive a power cut."""
    _check(act, "session")
    return await _in_thread(_pool, lambda: _run(act, args, named, durable))


async def work(act: Callable[..., T], /, *args: Any, **named: Any) -> T:
    """The result of long work that takes the doors and commits by itself in chunks (D23); two run at a time."""
    _check(act, "doors")
    return await _in_thread(_long_pool, lambda: _work(act, args, named))


async def _in_thread(pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, call)


def _read(query: Callable[..., T], args: Any, named: Any) -> T:
    with db.reading() as session:
        return query(session, *args, **named)


def _run(act: Callable[..., T], args: Any, named: Any, durable: bool) -> T:
    with db.unit_of_work(durable=durable) as session:
        return act(session, *args, **named)


def _work(act: Callable[..., T], args: Any, named: Any) -> T:
    with db.pinned() as doors:
        return act(doors, *args, **named)


@cache
def _check(function: Callable[..., Any], first: str) -> None:
    """Raises TypeError for anything but a plain function that takes `first` first."""
    if not inspect.isfunction(function) or next(iter(inspect.signature(function).parameters), "") != first:
        raise TypeError(f"{function!r} is not a plain function with {first} as its first parameter")
