"""Two schedulers and four workers at once, real processes, and SIGTERM to all of them in the middle."""

import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import db, outbound_emails, scheduled_job
from models.queue_item import queue_counts
from models.scheduled_job import SEND_MASS_EMAILS
from tests.conftest import free_port
from tests.faults.kills import start_worker, until
from tests.faults.mailing import BY, prepare, read_books
from tests.faults.receiver import read_taken, receiving, twice

pytestmark = pytest.mark.slow

PEOPLE = 300
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
        assert twice(read_taken(file)) == []
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
