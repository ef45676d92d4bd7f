"""The hit writer: many opens and clicks, one transaction, and only then their answers (group commit).

An answer says that its hit is in the log or its counter, whatever happens to this process afterwards. One transaction
for each hit would cost more than the hit; so those that come within a moment of each other share one. While it is being
committed the next ones gather.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from models import db
from models.hit import Answer, Hit, record_hits

_log = logging.getLogger("envoi.hits")

GATHER: Final = 0.006
"""Seconds for which the first of a group waits for others."""
MOST: Final = 200
"""Hits in one transaction: some 20 ms of SQLite's write lock (D23)."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A hit that is not in the books, and why."""

    error: Exception


Outcome = Answer | Unwritten


class HitWriter:
    """The one writer of hits of a process."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Hit, asyncio.Future[Answer]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hits")

    async def record(self, hit: Hit) -> Answer:
        """What became of a hit, once it is committed. Raises what kept it from being written."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # nobody waits any more in the one before
            self._loop, self._waiting, self._writing = loop, [], None
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((hit, future))
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            if len(self._waiting) < MOST:
                await asyncio.sleep(GATHER)
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            hits = [hit for hit, _ in group]
            outcomes = await asyncio.get_running_loop().run_in_executor(self._thread, write_hits, hits)
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if future.done():  # whoever asked has gone
                    continue
                if isinstance(outcome, Unwritten):
                    future.set_exception(outcome.error)
                else:
                    future.set_result(outcome)


def write_hits(hits: Sequence[Hit]) -> list[Outcome]:
    """One outcome for each hit, all of them committed. A hit that cannot be written fails alone: the group is halved
    until it stands by itself. While the database is away all fail, and nobody tries again and again."""
    try:
        with db.unit_of_work() as session:
            return list(record_hits(session, hits))
    except Exception as error:
        if len(hits) == 1 or db.is_away(error):
            _log.error("%d hits could not be written", len(hits), exc_info=error)
            return [Unwritten(error)] * len(hits)
    half = len(hits) // 2
    return [*write_hits(hits[:half]), *write_hits(hits[half:])]
