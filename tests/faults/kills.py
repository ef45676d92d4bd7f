"""kill -9 of the worker, again and again, in one mass email: by named points and by chance; judged from the receiver.

run() drives it and gives a Report, whose check() states what has to be true, and whose text lists where each kill fell.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlmodel import SQLModel

from jobs.lane import IN_DOUBT_MOST
from models import db
from models.column_types import table
from models.queue_table import Claim, ItemState, QueueItem
from models.settings import settings
from models.tracking import Purpose, from_base32, read_token
from tests.faults.mailing import Books, prepare, read_books
from tests.faults.receiver import Taken, read_taken, receiving, twice
from tests.faults.worker import POINTS, Point, State
from tests.schema import every_table

ROOT = Path(__file__).parents[2]
BY_CHANCE = "by chance"
LEASE_SECONDS = 3
GIVE_POINTS = (Point.IN_DATA, Point.AFTER_THE_DOT)


@dataclass(frozen=True)
class Kill:
    """`told`: a point and its how manyth passing, or None: by chance. `fell`: the point passed last. `bound`: messages
    that might be on the wire. `taken`: by the receiver in this life."""

    worker: str
    told: str | None
    fell: Point | None
    bound: int
    taken: int


@dataclass(frozen=True)
class Report:
    """`uncertain_of`: addresses by worker."""

    people: int
    kills: tuple[Kill, ...]
    books: Books
    taken: tuple[Taken, ...]
    uncertain_of: dict[str, list[str]]
    strangers: int
    seconds: float

    def check(self) -> None:
        """Nobody doubled, nobody lost, the uncertain within their bound. Raises AssertionError."""
        assert twice(self.taken) == []
        assert sum(self.books.states.values()) == self.people
        assert self.books.states.keys() <= {ItemState.SENT.value, ItemState.UNCERTAIN.value}
        answered = {one.recipient for one in self.taken if one.answered}
        sent = {address for address, state in self.books.of.items() if state is ItemState.SENT}
        assert sent <= answered
        assert {one.recipient for one in self.taken} <= self.books.of.keys()
        assert self.strangers == 0, "a message carried the token of another item than its recipient's"
        for kill in self.kills:
            assert len(self.uncertain_of.get(kill.worker, [])) <= kill.bound <= IN_DOUBT_MOST, kill
        assert sum(map(len, self.uncertain_of.values())) == self.books.states.get("uncertain", 0)
        assert self.uncertain_of.keys() <= {kill.worker for kill in self.kills}

    def __str__(self) -> str:
        lines = [f"kill -9 of the worker: {len(self.kills)} in a run of {self.people:,} people, {self.seconds:.0f} s"]
        lines += [self._line(n, kill) for n, kill in enumerate(self.kills, 1)]
        return "\n".join([*lines, *self._by_point(), *self._sums()])

    def _line(self, n: int, kill: Kill) -> str:
        where = kill.told or f"{BY_CHANCE}, last passed: {kill.fell}"
        uncertain = len(self.uncertain_of.get(kill.worker, []))
        return f"{n:>4}  {where:<58}{kill.taken:>6} taken{uncertain:>5} uncertain, at most {kill.bound}"

    def _by_point(self) -> Iterator[str]:
        yield "where they fell:"
        told = Counter(kill.told.rpartition(":")[0] if kill.told else BY_CHANCE for kill in self.kills)
        for point in (*POINTS, BY_CHANCE):
            yield f"{told[point]:>6}  {point}"

    def _sums(self) -> Iterator[str]:
        seen = {one.recipient: one.answered for one in self.taken}
        uncertain = [address for addresses in self.uncertain_of.values() for address in addresses]
        never = sum(address not in seen for address in uncertain)
        answered = sum(seen.get(address, False) for address in uncertain)
        lost = self.people - sum(self.books.states.values())
        yield f"doubled {len(twice(self.taken))} · silently lost {lost} · states {self.books.states}"
        yield (
            f"uncertain {len(uncertain)}: the receiver never saw {never}, had answered 250 to {answered}, "
            f"took {len(uncertain) - never - answered} without an answer"
        )


def plan(each: int, by_chance: int, dice: random.Random, *, messages: int, turns: int) -> list[str | None]:
    """`each` kills at every point that the engine knows, and some by chance, shuffled. `messages`, `turns`: the latest
    nth."""
    told: list[str | None] = [
        f"{point}:{dice.randint(1, messages if point in GIVE_POINTS else turns)}" for point in POINTS * each
    ]
    told += [None] * by_chance
    dice.shuffle(told)
    return told


@contextmanager
def installation() -> Iterator[Path]:
    """A folder with an empty database of the newest schema, behind the doors and in the environment of whatever is
    started meanwhile."""
    every_table()
    with tempfile.TemporaryDirectory(prefix="envoi-faults-") as home:
        url = f"sqlite:///{home}/envoi.sqlite"
        os.environ.update(ENVOI_DATA_DIR=home, ENVOI_DATABASE_URL=url, ENVOI_SECRET_KEY="a secret for tests")
        settings.cache_clear()
        engine = db.connect(url)
        SQLModel.metadata.create_all(engine)
        db.use(engine)
        try:
            yield Path(home)
        finally:
            db.use(None)
            engine.dispose()


def start_worker(name: str, state: Path, *options: str) -> subprocess.Popen[bytes]:
    """A worker of tests/faults/worker.py, on the installation of the environment."""
    command = [sys.executable, "-m", "tests.faults.worker", name, str(state), *options]
    return subprocess.Popen(command, cwd=ROOT)


def run(home: Path, people: int, told: Sequence[str | None], dice: random.Random) -> Report:
    """Send to so many people with a worker that is killed as told, one life after the other, until it is Complete. The
    database is the one behind the doors and in the environment; what is written else goes into `home`."""
    began = time.monotonic()
    with receiving(home / "taken", 0.004) as port:
        mail = prepare(people, port, from_address="news@sender.example")
        kills = tuple(_live_and_die(home, n, how, dice) for n, how in enumerate(told, 1))
        last = start_worker("last", home / "state.last", "--lease", str(LEASE_SECONDS))
        assert last.wait(300) == 0
        taken = tuple(read_taken(home / "taken"))
        books = read_books(mail)
        strangers = _strangers(taken)
        return Report(people, kills, books, taken, _uncertain_of(), strangers, time.monotonic() - began)


def _live_and_die(home: Path, n: int, told: str | None, dice: random.Random) -> Kill:
    name, file = f"worker {n}", home / f"state.{n}"
    before = len(read_taken(home / "taken"))
    options = ("--kill", told) if told else ()
    worker = start_worker(name, file, "--lease", str(LEASE_SECONDS), *options)
    if not told:
        until(lambda: len(read_taken(home / "taken")) > before or worker.poll() is not None)
        time.sleep(dice.uniform(0, 0.4))
        worker.kill()
    assert worker.wait(120) == -signal.SIGKILL, f"{name} was to be killed {told or BY_CHANCE}, and ended before"
    state = State(file)
    return Kill(name, told, state.passed, state.bound, len(read_taken(home / "taken")) - before)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def _uncertain_of() -> dict[str, list[str]]:
    item, claim = table(QueueItem), table(Claim)
    rows = select(claim.c.worker, item.c.recipient_id).join_from(item, claim, claim.c.id == item.c.claim_id)
    found: dict[str, list[str]] = {}
    with db.reading() as session:
        for worker, person in session.execute(rows.where(item.c.state == ItemState.UNCERTAIN)):
            found.setdefault(worker, []).append(f"person{person}@example.org")
    return found


def _strangers(taken: Sequence[Taken]) -> int:
    """Messages whose token is not of their recipient's item."""
    item = table(QueueItem).c
    with db.reading() as session:
        of = {
            row.id: f"person{row.recipient_id}@example.org"
            for row in session.execute(select(item.id, item.recipient_id))
        }
    tokens = (read_token(from_base32(one.token) or one.token, *Purpose) for one in taken)
    return sum(found is None or of[found[1]] != one.recipient for found, one in zip(tokens, taken, strict=True))
