"""The worker as a process of its own: it migrates, catches, sends by schedule alone, and ends cleanly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models import db, outbound_emails, scheduled_job
from models.caught_mail import caught_page
from models.mass_email import MassEmail, MassEmailStatus
from models.migrations import migrate
from models.queue_item import queue_counts
from models.scheduled_job import SEND_MASS_EMAILS, Outcome, ensure_jobs
from models.settings import settings
from tests import factories
from tests.conftest import free_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A data directory of its own, with its database at head."""
    monkeypatch.setenv("ENVOI_CATCHER_PORT", str(free_port()))
    settings.cache_clear()
    db.use(None)
    migrate()
    with db.unit_of_work() as session:
        ensure_jobs(session)
    yield
    db.engine().dispose()
    db.use(None)


def _pending(people: int) -> int:
    now = datetime.now(UTC)
    with db.unit_of_work() as session:
        members = [factories.recipient(session, f"person{n}@example.org") for n in range(people)]
        listed = factories.target_list(session, members=members)
        start = {"start_at": now - timedelta(minutes=1), "from_address": "news@sender.example"}
        return factories.mass_email(session, listed, **start).id


def _worker(*arguments: str) -> subprocess.Popen:
    environment = {**os.environ, "ENVOI_LOG_FORMAT": "json"}
    return subprocess.Popen(
        [sys.executable, "-m", "jobs", *arguments], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def _status(mail: int) -> MassEmailStatus:
    with db.reading() as session:
        return session.exec(select(MassEmail.status).where(MassEmail.id == mail)).one()


def test_once_queues_sends_and_ends(installation: None) -> None:
    mail = _pending(50)
    worker = _worker("--once")
    assert worker.wait(60) == 0, worker.stderr.read()
    with db.reading() as session:
        rows, total = caught_page(session, size=100)
        counts = queue_counts(session, mail)
        run = scheduled_job.run_page(session, SEND_MASS_EMAILS)[0][0]
    assert total == 50
    assert sorted(row.recipient for row in rows) == sorted(f"person{n}@example.org" for n in range(50))
    assert (counts.queued, counts.sent, counts.waiting, counts.uncertain) == (50, 50, 0, 0)
    assert (run.outcome, run.handled) == (Outcome.DONE, 50)
    assert _status(mail) is MassEmailStatus.COMPLETE


def test_run_now_sends_and_sigterm_ends_cleanly_in_the_middle_of_a_portion(installation: None) -> None:
    mail = _pending(400)
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"portion_size": 400}, factories.NOW, "admin@example.com")
        scheduled_job.change_schedule(session, SEND_MASS_EMAILS, "0 0 29 2 *", factories.NOW, by="admin@example.com")
    worker = _worker()
    with db.unit_of_work() as session:
        scheduled_job.run_now(session, SEND_MASS_EMAILS, factories.NOW, by="admin@example.com")

    def some_are_sent() -> bool:
        with db.reading() as session:
            return queue_counts(session, mail).sent > 0

    _until(some_are_sent)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(40) == 0, worker.stderr.read()
    with db.reading() as session:
        counts, (_, caught) = queue_counts(session, mail), caught_page(session)
        run = scheduled_job.run_page(session, SEND_MASS_EMAILS)[0][0]
    assert (counts.uncertain, counts.held, counts.sent + counts.waiting) == (0, 0, 400)
    assert caught == counts.sent
    assert run.ended_at is not None


def test_the_first_portion_starts_by_schedule_alone(installation: None) -> None:
    mail = _pending(5)
    with db.unit_of_work() as session:
        scheduled_job.change_schedule(session, SEND_MASS_EMAILS, "* * * * *", factories.NOW, by="admin@example.com")
    worker = _worker()
    try:
        _until(lambda: _status(mail) is MassEmailStatus.COMPLETE, 75)
    finally:
        worker.terminate()
        assert worker.wait(40) == 0
    with db.reading() as session:
        assert caught_page(session)[1] == 5
