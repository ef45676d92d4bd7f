"""A worker that kills itself where it is told to: the engine's own functions, wrapped from outside.

    python -m tests.faults.worker NAME STATE_FILE [--kill POINT:NTH] [--stop POINT:NTH] [--lease SECONDS] [--schedule]

It runs Send Mass Emails again and again until no mass email is In Process, and ends with 0; SIGTERM ends it between two
messages. With --schedule it is a whole worker, with its scheduler and catcher, until SIGTERM. STATE_FILE is shared
memory: the point passed last, and how many messages the engine allowed itself on the wire.
"""

import argparse
import mmap
import os
import signal
import struct
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import uvloop
from sqlmodel import Session

from jobs import database, lane, turn
from jobs.queueing import in_process, run_send_mass_emails
from jobs.smtp import Connection
from jobs.stopping import rest
from jobs.worker import stop_on_signals, work
from models import db, logs
from models.settings import settings


class Point(StrEnum):
    """Where a worker may be cut off, in the order of a message's way."""

    CLAIMED = "claimed"
    ON_THE_WIRE = "on the wire before the first byte"
    IN_DATA = "in DATA"
    AFTER_THE_DOT = "after the dot"
    BEFORE_THE_SETTLE = "before the settle"
    BEFORE_ITS_COMMIT = "settled, before the commit"


POINTS = tuple(Point)
_FORMAT = struct.Struct("=ii")


class State:
    """What a process tells of itself, readable after its death."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(mmap.PAGESIZE))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), mmap.PAGESIZE)

    @property
    def passed(self) -> Point | None:
        """The point passed last; None: none yet."""
        place = _FORMAT.unpack_from(self._map)[0]
        return POINTS[place - 1] if place else None

    @property
    def bound(self) -> int:
        """Messages that the engine allowed itself on the wire when it put some there last."""
        return _FORMAT.unpack_from(self._map)[1]

    def note(self, point: Point | None = None, bound: int | None = None) -> None:
        """Write either down."""
        place, before = _FORMAT.unpack_from(self._map)
        place = POINTS.index(point) + 1 if point else place
        _FORMAT.pack_into(self._map, 0, place, before if bound is None else bound)


class Strike:
    """`signals`: what to send to oneself at the nth time that a point is passed. Who is stopped holds no lock of the
    database: on SQLite nobody else could write, however long."""

    def __init__(self, state: State, signals: dict[Point, tuple[int, signal.Signals]]) -> None:
        self._state, self._signals = state, signals
        self._passed: Counter[Point] = Counter()
        self.between_transactions = threading.RLock()

    def at(self, point: Point, before: Callable[[], object] = lambda: None) -> None:
        """A point is passed; `before`: what is done just before the signal."""
        self._state.note(point)
        self._passed[point] += 1
        nth, number = self._signals.get(point, (0, signal.SIGKILL))
        if self._passed[point] == nth:
            before()
            with self.between_transactions if number is signal.SIGSTOP else nullcontext():
                os.kill(os.getpid(), number)

    def is_next(self, point: Point) -> bool:
        """Whether passing the point will send the signal."""
        return self._passed[point] + 1 == self._signals.get(point, (0,))[0]


def wrap(strike: Strike, state: State) -> None:
    """Put the points into the engine."""
    claimed, put, asked = lane.Lane._claimed, lane.Lane._put, lane.Lane._asked
    give, take_turn, bounds = Connection.give, lane.take_turn, deque[int](maxlen=2)

    def wrapped_claimed(self: lane.Lane, taken: turn.Taken) -> Any:
        if taken.held and taken.held.items:
            strike.at(Point.CLAIMED)
        return claimed(self, taken)

    def wrapped_asked(self: lane.Lane, known: Any, made: Any, limit: int) -> turn.Turn:
        if made:
            bounds.append(max(self._bound, len(made)))
            state.note(bound=max(bounds))  # it may be cut off before this one counts
        return asked(self, known, made, limit)

    def wrapped_put(self: lane.Lane, made: Any, taken: turn.Taken) -> None:
        if made and not taken.lost:
            strike.at(Point.ON_THE_WIRE)
        put(self, made, taken)

    def wrapped_give(self: Connection, content: bytes) -> None:
        if strike.is_next(Point.IN_DATA):
            strike.at(Point.IN_DATA, lambda: self._wire.write(content[: len(content) // 2]))
        strike.at(Point.IN_DATA)
        give(self, content)
        strike.at(Point.AFTER_THE_DOT)

    def wrapped_turn(session: Any, asked_for: turn.Turn) -> turn.Taken:
        if asked_for.known:
            strike.at(Point.BEFORE_THE_SETTLE)
        taken = take_turn(session, asked_for)
        if asked_for.known:
            strike.at(Point.BEFORE_ITS_COMMIT)
        return taken

    unit_of_work = db.unit_of_work

    @contextmanager
    def wrapped_unit(*, durable: bool = False) -> Iterator[Session]:
        with strike.between_transactions, unit_of_work(durable=durable) as session:
            yield session

    db.unit_of_work = wrapped_unit
    for name, function in {"_claimed": wrapped_claimed, "_put": wrapped_put, "_asked": wrapped_asked}.items():
        setattr(lane.Lane, name, function)
    Connection.give = wrapped_give  # type: ignore[method-assign]
    lane.take_turn = wrapped_turn


async def _work(name: str) -> int:
    stop = stop_on_signals()
    while not stop.is_set() and await database.read(in_process):
        ran = await run_send_mass_emails(name, stop=stop)
        for error in ran.errors:
            print(error, file=sys.stderr)
        await rest(stop, 0 if ran.handled else 0.2)
    return 0


async def _whole() -> int:
    await work(stop_on_signals())
    return 0


def _signals(options: argparse.Namespace) -> dict[Point, tuple[int, signal.Signals]]:
    found = {}
    for told, number in ((options.kill, signal.SIGKILL), (options.stop, signal.SIGSTOP)):
        if told:
            point, _, nth = told.rpartition(":")
            found[Point(point)] = (int(nth), number)
    return found


def main() -> int:
    """Run; gives the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("state", type=Path)
    parser.add_argument("--kill", default="")
    parser.add_argument("--stop", default="")
    parser.add_argument("--lease", type=float, default=3)
    parser.add_argument("--schedule", action="store_true")
    options = parser.parse_args()
    logs.configure(settings())
    turn.LEASE = timedelta(seconds=options.lease)
    state = State(options.state)
    wrap(Strike(state, _signals(options)), state)
    return uvloop.run(_whole() if options.schedule else _work(options.name))


if __name__ == "__main__":
    sys.exit(main())
