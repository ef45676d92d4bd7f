"""A holder of messages that is stopped past its lease, and goes on: another worker has taken over."""

import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from models import db
from models.queue_item import decide_items
from models.queue_table import ItemState, QueueItem
from tests.faults.kills import start_worker, until
from tests.faults.mailing import BY, prepare, read_books
from tests.faults.receiver import read_taken, receiving, twice
from tests.faults.worker import Point

pytestmark = pytest.mark.slow

PEOPLE = 300
LEASE = 1.5


def _is_stopped(process: subprocess.Popen[bytes]) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("point", [f"{Point.CLAIMED}:1", f"{Point.AFTER_THE_DOT}:5"])
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
    assert twice(after) == []
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
        assert twice(read_taken(file)) == []
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
