"""The database fails under a portion: nothing begins, answers are kept, and it goes on."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from jobs import lane, scheduler
from jobs.lane import IN_DOUBT_MOST
from jobs.queueing import run_send_mass_emails
from jobs.ran import Ran
from models import db, scheduled_job
from models.scheduled_job import SEND_MASS_EMAILS, Outcome
from tests.faults.mailing import prepare, read_books
from tests.jobs.smtp_server import SmtpServer

PEOPLE = 300
HOLD = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
held.execute("COMMIT")
"""

pytestmark = pytest.mark.slow


class Watched(SmtpServer):
    """`reached`: so many messages have begun."""

    def __init__(self, at: int) -> None:
        super().__init__(on={"RCPT": self._begins}, delay=0.01)
        self.at, self.begun, self.reached = at, 0, asyncio.Event()

    def _begins(self, _argument: str, _count: int) -> None:
        self.begun += 1
        if self.begun == self.at:
            self.reached.set()

    def times(self) -> Counter[str]:
        return Counter(message.recipient for message in self.messages)


async def test_a_database_that_is_locked_for_ten_seconds_is_waited_for(sqlite_database: Engine) -> None:
    async with Watched(at=60) as server:
        mail = prepare(PEOPLE, server.port, from_address="news@sender.example")
        running = asyncio.create_task(run_send_mass_emails("worker"))
        await server.reached.wait()
        holder = subprocess.Popen(  # noqa: ASYNC220 - it holds a lock of its own process
            [sys.executable, "-c", HOLD, str(sqlite_database.url.database), "10"], stdout=subprocess.PIPE, text=True
        )
        await asyncio.to_thread(holder.stdout.readline)
        held_at = server.begun
        while holder.poll() is None:
            await asyncio.sleep(0.1)
            begun = server.begun
        assert begun - held_at <= IN_DOUBT_MOST
        ran = await running
        assert (ran.errors, ran.counts["sent"]) == ((), PEOPLE)
        assert max(server.times().values()) == 1
    assert read_books(mail).states == {"sent": PEOPLE}


@pytest.mark.postgresql
async def test_a_database_that_throws_everybody_out_is_gone_back_to_and_no_answer_is_lost(
    postgresql_database: Engine,
) -> None:
    """As when PostgreSQL is restarted."""
    others = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                  "datname = current_database()")  # fmt: skip
    async with Watched(at=60) as server:
        mail = prepare(PEOPLE, server.port, from_address="news@sender.example")
        running = asyncio.create_task(run_send_mass_emails("worker"))
        await server.reached.wait()
        with db.connect(postgresql_database.url.render_as_string(hide_password=False)).connect() as connection:
            for _ in range(40):
                await asyncio.to_thread(connection.execute, others)
                connection.commit()
                await asyncio.sleep(0.003)
        await asyncio.wait_for(running, 40)
        states = read_books(mail).states
        assert states.keys() <= {"sent", "waiting"}
        assert states["sent"] == len(server.messages)
        await run_send_mass_emails("worker")
        assert max(server.times().values()) == 1
    assert read_books(mail).states == {"sent": PEOPLE}


@pytest.mark.parametrize(("state", "away"), [("57P01", True), ("53100", True), ("08006", True), ("23505", False)])
def test_what_postgresql_says_of_itself_is_told_from_an_error_of_ours(state: str, away: bool) -> None:
    told = DatabaseError({"C": state, "M": "terminating connection due to administrator command"})
    error = ProgrammingError("SELECT secret", {}, told)
    assert db.is_away(error) is away
    assert db.words(error) == "terminating connection due to administrator command"


@pytest.fixture
def small_disk(tmp_path: Path, sqlite_template: Path) -> Iterator[Path]:
    """A file system of 6 MB with a database on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.xfail(
            "a disk that fills up needs the right to mount one"
        )  # no skip: it is nothing that one could install
    shutil.copy(sqlite_template, folder / "envoi.sqlite")
    engine = db.connect(f"sqlite:///{folder}/envoi.sqlite")
    db.use(engine)
    try:
        yield folder
    finally:
        db.use(None)
        engine.dispose()
        subprocess.run(["umount", folder], check=True)


def _fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(os.urandom(4096))
        except OSError:
            return filler


async def test_a_full_disk_stops_the_portion_which_says_why_and_goes_on_when_there_is_room(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "PATIENCE_SECONDS", 0.1)
    async with Watched(at=60) as server:
        mail, stop = prepare(PEOPLE, server.port, from_address="news@sender.example"), asyncio.Event()

        async def send(stop: asyncio.Event) -> Ran:
            return await run_send_mass_emails("worker", stop=stop)

        running = asyncio.create_task(scheduler.run_once(SEND_MASS_EMAILS, send, stop))
        await server.reached.wait()
        filler = _fill(small_disk)
        await asyncio.sleep(2)
        begun = server.begun
        assert begun < PEOPLE
        await asyncio.sleep(1)
        assert server.begun == begun, "something began though nothing can be written"
        filler.unlink()
        await asyncio.wait_for(running, lane.KEEP_SECONDS)
        with db.reading() as session:
            (last, *_), _ = scheduled_job.run_page(session, SEND_MASS_EMAILS)
        assert (last.outcome, "disk" in last.error, "SELECT" in last.error) == (Outcome.FAILED, True, False), last
        books = read_books(mail)
        assert books.states.keys() == {"sent", "waiting"}
        assert books.states["sent"] == sum(server.times().values())
        assert books.attempts.keys() == {0, 1}
        await run_send_mass_emails("worker")
        assert max(server.times().values()) == 1
    assert read_books(mail).states == {"sent": PEOPLE}


async def test_a_disk_that_stays_full_past_the_lease_leaves_nobody_lost(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered then cannot be written down: it is uncertain, and no more than may be on the wire."""
    monkeypatch.setattr(lane, "KEEP_SECONDS", 0.5)
    monkeypatch.setattr("jobs.turn.LEASE", timedelta(seconds=2))
    async with Watched(at=60) as server:
        mail = prepare(PEOPLE, server.port, from_address="news@sender.example")
        running = asyncio.create_task(run_send_mass_emails("worker"))
        await server.reached.wait()
        filler = _fill(small_disk)
        ran = await asyncio.wait_for(running, 20)
        assert any("disk" in error for error in ran.errors)
        filler.unlink()
        await asyncio.sleep(2)
        await run_send_mass_emails("worker")
        assert max(server.times().values()) == 1
    states = read_books(mail).states
    assert states["sent"] + states.get("uncertain", 0) == PEOPLE
    assert states.get("uncertain", 0) <= IN_DOUBT_MOST
