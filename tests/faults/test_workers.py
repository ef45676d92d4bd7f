"""Real worker processes that meet: a holder stopped past its lease, two schedulers and four workers, SIGTERM."""

import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from models import db, outbound_emails, scheduled_job
from models.queue_item import decide_items, queue_counts
from models.queue_table import ItemState, QueueItem
from models.scheduled_job import SEND_MASS_EMAILS
from tests.conftest import free_port
from tests.faults.kills import start_worker, until
from tests.faults.mailing import BY, prepare, read_books
from tests.faults.receiver import Taken, read_taken, receiving
from tests.faults.worker import Point

pytestmark = pytest.mark.slow

PEOPLE = 300
LEASE = 1.5


def _is_stopped(process: subprocess.Popen[bytes]) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def _twice(taken: list[Taken]) -> list[str]:
    return [address for address, n in Counter(one.recipient for one in taken).items() if n > 1]


@pytest.mark.parametrize("point", [f"{Point.CLAIMED}:1", f"{Point.ON_THE_WIRE}:5", f"{Point.AFTER_THE_DOT}:5"])
def test_a_holder_that_is_stopped_past_its_lease_and_goes_on_sends_nothing_of_it(home: Path, point: str) -> None:
    """Another worker takes over. The woken one settles what it had sent, and that alone."""
    file = home / "taken"
    with receiving(file) as port:
        mail = prepare(PEOPLE, port, from_address="news@sender.example", connections=4)
        woken = start_worker("stopped", home / "stopped", "--stop", point, "--lease", str(LEASE))
        try:
            until(lambda: _is_stopped(woken))
            time.sleep(LEASE + 0.2)
            other = start_worker("other", home / "other", "--lease", str(LEASE))
            assert other.wait(60) == 0
            before, states = read_taken(file), read_books(mail).states
            assert states.get("uncertain", 0) + states["sent"] == PEOPLE
            assert ("uncertain" in states) == (not point.startswith(Point.CLAIMED))
            woken.send_signal(signal.SIGCONT)
            assert woken.wait(60) == 0
        finally:
            woken.kill()
        after, books = read_taken(file), read_books(mail)
    assert len(after) == len(before), "the woken one sent something"
    assert _twice(after) == []
    sent = {address for address, state in books.of.items() if state == "sent"}
    assert sent == {one.recipient for one in after}
    assert set(books.states) <= {"sent", "uncertain"}
    assert max(books.attempts) == 1


def test_what_a_person_had_sent_again_meanwhile_is_not_sent_by_the_woken_one(home: Path) -> None:
    file = home / "taken"
    with receiving(file) as port:
        mail = prepare(PEOPLE, port, from_address="news@sender.example", connections=4)
        options = ("--stop", f"{Point.ON_THE_WIRE}:5", "--lease", str(LEASE))
        woken = start_worker("stopped", home / "stopped", *options)
        try:
            until(lambda: _is_stopped(woken))
            time.sleep(LEASE + 0.2)
            assert start_worker("other", home / "other").wait(60) == 0
            uncertain = _send_again_what_nobody_saw(mail, {one.recipient for one in read_taken(file)})
            assert uncertain > 0
            assert start_worker("third", home / "third").wait(60) == 0
            assert len(read_taken(file)) == PEOPLE
            woken.send_signal(signal.SIGCONT)
            assert woken.wait(60) == 0
        finally:
            woken.kill()
        assert _twice(read_taken(file)) == []
    assert read_books(mail).states == {"sent": PEOPLE}


def _send_again_what_nobody_saw(mail: int, seen: set[str]) -> int:
    """As a person decides, who asked the recipients."""
    with db.unit_of_work() as session:
        of = {item.id: f"person{item.recipient_id}@example.org" for item in session.exec(select(QueueItem))
              if item.state is ItemState.UNCERTAIN}  # fmt: skip
        now = datetime.now(UTC)
        again = decide_items(session, [one for one, to in of.items() if to not in seen], "send_again", now, BY)
        decide_items(session, [one for one, to in of.items() if to in seen], "sent", now, BY)
        return again


LIMIT = 200


def test_two_schedulers_and_four_workers_keep_the_limit_and_double_nobody_and_end_when_asked(
    home_on_both: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVOI_CATCHER_PORT", str(free_port()))
    home, file = home_on_both, home_on_both / "taken"
    with receiving(file, 0.02) as port:
        mail = prepare(PEOPLE, port, {"max_per_hour": LIMIT}, from_address="news@sender.example", connections=3)
        with db.unit_of_work() as session:
            now = datetime.now(UTC)
            scheduled_job.change_schedule(session, SEND_MASS_EMAILS, "* * * * *", now, by=BY)
            scheduled_job.run_now(session, SEND_MASS_EMAILS, now, by=BY)
        workers = _start_all(home)
        until(lambda: len(read_taken(file)) >= LIMIT)
        time.sleep(1.5)
        taken = read_taken(file)
        assert len(taken) == LIMIT
        _raise_limit()
        until(lambda: len(read_taken(file)) > LIMIT + 20)
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(40) for worker in workers] == [0] * 6
        between, taken = _counts(mail), read_taken(file)
        assert (between.held, between.uncertain, between.sent) == (0, 0, len(taken))
        assert between.waiting == PEOPLE - len(taken)
        assert start_worker("last", home / "last").wait(60) == 0
        assert _twice(read_taken(file)) == []
    assert read_books(mail).states == {"sent": PEOPLE}


def _start_all(home: Path) -> list[subprocess.Popen[bytes]]:
    workers = [start_worker(f"worker {n}", home / f"worker {n}") for n in range(4)]
    return workers + [start_worker(f"scheduler {n}", home / f"scheduler {n}", "--schedule") for n in range(2)]


def _raise_limit() -> None:
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"max_per_hour": 100_000}, datetime.now(UTC), BY)


def _counts(mail: int):
    with db.reading() as session:
        return queue_counts(session, mail)
