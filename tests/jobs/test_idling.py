"""Listening to a mailbox: what comes is asked for within seconds."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from jobs import idling
from jobs.idling import is_news, listen
from models import db, scheduled_job
from models.group_email_account import create_account
from models.scheduled_job import CHECK_GROUP_EMAIL_ACCOUNTS, take_run_now
from tests.factories import NOW
from tests.jobs import dovecot
from tests.jobs.dovecot import Dovecot
from tests.jobs.returned_mail import written

pytestmark = pytest.mark.servers


@pytest.fixture
def server() -> Iterator[Dovecot]:
    running = dovecot.start()
    yield running
    dovecot.stop(running)


def asked() -> bool:
    with db.unit_of_work() as session:
        return take_run_now(session, CHECK_GROUP_EMAIL_ACCOUNTS)


async def until_asked(seconds: float) -> bool:
    patient_until = time.monotonic() + seconds
    while time.monotonic() < patient_until:
        if asked():
            return True
        await asyncio.sleep(0.1)
    return False


@pytest.mark.usefixtures("sqlite_database")
async def test_a_mail_that_comes_asks_for_a_run_within_seconds_while_this_process_leads(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idling, "LOOK", 0.2)
    monkeypatch.setattr(idling, "CALM", 0.2)
    monkeypatch.setattr(idling, "POLL", 0.2)
    with db.unit_of_work() as session:
        scheduled_job.ensure_jobs(session)
        create_account(session, server.values(), NOW, by="ada@example.com")
    stop, leads = asyncio.Event(), True
    listening = asyncio.create_task(listen(lambda: leads, stop))
    try:
        await wait_for_ear(server)
        server.put(written("x"))
        assert await until_asked(10)
        leads = False
        await asyncio.sleep(1)
        server.put(written("y"))
        assert not await until_asked(1)
    finally:
        stop.set()
        await asyncio.wait_for(listening, 10)


async def wait_for_ear(server: Dovecot) -> None:
    """Until somebody waits in the mailbox."""
    for _ in range(100):
        with suppress(FileNotFoundError):
            if "Login: user=<bounce>" in (server.home / "log").read_text():
                break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)


@pytest.mark.parametrize(
    ("answer", "news"),
    [
        ((7, b"EXISTS"), True),
        ((1, b"RECENT"), True),
        ((b"OK", b"Still here"), False),
        ((3, b"EXPUNGE"), False),
        (b"", False),
    ],
)
def test_only_a_mail_that_came_is_news(answer: object, news: bool) -> None:
    assert is_news(answer) is news
