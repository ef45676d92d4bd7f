"""The word of a person, and what the server sees of it: no new message begins two seconds after, and nobody gets two.

Each test writes down, in one list, what began at the server and what was said when: it is judged by their order.
"""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.queueing import run_send_mass_emails
from models import db, decision, outbound_emails, scheduled_job, undo
from models.campaign import Campaign, CampaignStatus
from models.email_template import get_template, save_version
from models.mass_email import MassEmailStatus, get_row, move
from models.migrations import migrate
from models.new_version import take_version, versions_of_mass_email
from models.queue_item import QueueCounts, queue_counts
from models.scheduled_job import SEND_MASS_EMAILS
from models.settings import settings
from tests import factories
from tests.conftest import free_port
from tests.jobs.smtp_server import SmtpServer

pytestmark = pytest.mark.slow  # whole runs at a slow server

PEOPLE = 200
BY = "ada@example.com"
WITHIN = 2.0
"""Seconds after the word from which on nothing begins (D12)."""
ROOT = Path(__file__).parents[2]

Events = list[str]


def now() -> datetime:
    return datetime.now(UTC)


def prepared(port: int, people: int = PEOPLE, **values: object) -> int:
    """A mass email that is due, in one portion, over the server of the test."""
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"portion_size": 1000, "max_per_hour": 10_000}, now(), BY)
        factories.smtp_account(session, port=port)
        members = [factories.recipient(session, f"p{n}@example.org") for n in range(people)]
        target = factories.target_list(session, members=members)
        start = {"start_at": now() - timedelta(minutes=1), "from_address": "news@sender.example"}
        return factories.mass_email(session, target, **start, **values).id


class SlowServer(SmtpServer):
    """It answers one message at a time, `seconds` for each, over however many connections. `events`: who began, and
    what the test noted between."""

    def __init__(self) -> None:
        super().__init__(on={"RCPT": self._begins})
        self.events: Events = []
        self.seconds = 0.02
        self._turn = asyncio.Lock()

    def _begins(self, argument: str, _count: int) -> None:
        self.events.append(f"begins {argument[argument.index('<') + 1 : argument.index('>')]}")

    async def _act(self, verb: str, argument: str, writer: asyncio.StreamWriter, usual: str) -> str:
        if verb == "." and self.seconds:
            async with self._turn:
                await asyncio.sleep(self.seconds)
        return await super()._act(verb, argument, writer, usual)


@pytest.fixture
async def server() -> AsyncIterator[SlowServer]:
    async with SlowServer() as server:
        yield server


async def portion(stop: asyncio.Event | None = None) -> None:
    ran = await run_send_mass_emails("w", stop=stop)
    assert ran.errors == ()


async def after(server: SlowServer, messages: int) -> None:
    """Until so many messages are through."""
    await server.until(messages=messages)


def counts(mail: int) -> QueueCounts:
    with db.reading() as session:
        return queue_counts(session, mail)


def status(mail: int) -> MassEmailStatus:
    with db.reading() as session:
        return get_row(session, mail).status


def begun_after(events: Events, mark: str) -> Events:
    return [event.removeprefix("begins ") for event in events[events.index(mark) + 1 :]]


def addresses(server: SlowServer) -> list[str]:
    """Whom the server took a message for, as often as it did."""
    return sorted(message.recipient for message in server.messages if message.answered)


EVERYBODY = sorted(f"p{n}@example.org" for n in range(PEOPLE))


async def said(server: SlowServer, word: Callable[[], None], running: Awaitable[None]) -> None:
    """Give the word in the middle of a portion; two seconds later nothing begins any more."""
    await after(server, 20)
    await asyncio.to_thread(word)
    server.events.append("word")
    await asyncio.sleep(WITHIN)
    server.events.append("limit")
    await asyncio.wait_for(running, 30)
    await asyncio.sleep(0.5)
    assert begun_after(server.events, "limit") == []


def moved(mail: int, to: MassEmailStatus) -> None:
    with db.unit_of_work() as session:
        move(session, mail, to, now(), BY)


def campaign_is(mail: int, to: CampaignStatus) -> None:
    with db.unit_of_work() as session:
        session.get_one(Campaign, get_row(session, mail).campaign_id).status = to


BRAKES = {
    "pause": (
        lambda mail: moved(mail, MassEmailStatus.PAUSED),
        lambda mail: moved(mail, MassEmailStatus.IN_PROCESS),
    ),
    "campaign inactive": (
        lambda mail: campaign_is(mail, CampaignStatus.INACTIVE),
        lambda mail: campaign_is(mail, CampaignStatus.ACTIVE),
    ),
}


@pytest.mark.parametrize("brake", BRAKES)
async def test_no_message_begins_after_the_word_and_going_on_reaches_everybody_once(
    database, server: SlowServer, brake: str
) -> None:
    mail, (halt, go_on) = prepared(server.port), BRAKES[brake]
    await said(server, lambda: halt(mail), asyncio.create_task(portion()))
    between = counts(mail)
    assert between.sent == len(addresses(server)) < PEOPLE
    assert (between.held, between.uncertain, between.sent + between.waiting) == (0, 0, PEOPLE)
    await portion()
    assert len(addresses(server)) == between.sent  # a run changes nothing as long as it is held
    go_on(mail)
    server.seconds = 0
    await portion()
    assert addresses(server) == EVERYBODY
    assert status(mail) is MassEmailStatus.COMPLETE


async def test_what_is_claimed_already_does_not_begin_after_the_word_at_a_slow_server(
    sqlite_database, server: SlowServer
) -> None:
    """Half a second for each message: what is in hand would go on beginning for long."""
    mail, server.seconds = prepared(server.port), 0.5
    running = asyncio.create_task(portion())
    await after(server, 1)
    await asyncio.to_thread(moved, mail, MassEmailStatus.PAUSED)
    await asyncio.sleep(WITHIN)
    server.events.append("limit")
    server.seconds = 0
    await asyncio.wait_for(running, 30)
    assert begun_after(server.events, "limit") == []
    assert counts(mail).sent == len(addresses(server)) == len(server.events) - 1


async def test_cancelling_ends_it_and_says_who_has_it(database, server: SlowServer) -> None:
    mail = prepared(server.port)
    await said(server, lambda: moved(mail, MassEmailStatus.CANCELLED), asyncio.create_task(portion()))
    with db.pinned() as doors:
        decision.cancel_rest(doors, mail, now())
    end = counts(mail)
    assert end.sent == len(addresses(server)) == len(set(addresses(server)))
    assert (end.sent + end.cancelled, end.uncertain) == (PEOPLE, 0)
    await portion()
    assert len(addresses(server)) == end.sent


async def test_a_stopping_run_begins_nothing_and_the_next_one_reaches_everybody_once(
    sqlite_database, server: SlowServer
) -> None:
    mail, stop = prepared(server.port), asyncio.Event()
    loop = asyncio.get_running_loop()
    await said(server, lambda: loop.call_soon_threadsafe(stop.set), asyncio.create_task(portion(stop)))
    between = counts(mail)
    assert (between.held, between.uncertain, between.sent) == (0, 0, len(addresses(server)))
    assert between.waiting > 0
    server.seconds = 0
    await portion()
    assert addresses(server) == EVERYBODY


async def test_a_new_version_goes_to_whoever_is_claimed_after_the_word(sqlite_database, server: SlowServer) -> None:
    mail = prepared(server.port)

    def correct() -> None:
        with db.unit_of_work() as session:
            template = get_template(session, get_row(session, mail).template_id)
            version = save_version(session, template.id, template.revision, "Corrected", "<p>x</p>", "", now(), BY)
            take_version(session, mail, version.id, now(), BY)

    running = asyncio.create_task(portion())
    await after(server, 20)
    await asyncio.to_thread(correct)
    await asyncio.sleep(WITHIN)
    server.events.append("limit")
    await asyncio.wait_for(running, 30)
    got = {one.recipient: re.search(rb"^Subject: (.*)\r$", one.content, re.MULTILINE)[1] for one in server.messages}
    assert {got[address] for address in begun_after(server.events, "limit")} == {b"Corrected"}
    assert got[server.events[0].removeprefix("begins ")] == b"News"
    assert addresses(server) == EVERYBODY
    with db.reading() as session:
        uses = versions_of_mass_email(session, mail)
    subjects = list(got.values())
    assert [use.people for use in uses] == [subjects.count(b"Corrected"), subjects.count(b"News")]


async def test_within_the_undo_minutes_nothing_begins_and_it_can_be_taken_back(
    sqlite_database, server: SlowServer
) -> None:
    mail = prepared(server.port, people=5)
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"undo_minutes": 5}, now(), BY)
    await portion()
    assert (server.events, counts(mail).waiting) == ([], 5)
    with db.pinned() as doors:
        assert undo.undo(doors, mail, now(), BY) == 5
    await portion()
    assert (server.events, status(mail)) == ([], MassEmailStatus.DRAFT)


@pytest.mark.slow
async def test_a_worker_that_is_asked_to_end_begins_nothing_and_the_next_reaches_everybody_once(
    monkeypatch: pytest.MonkeyPatch, server: SlowServer
) -> None:
    monkeypatch.setenv("ENVOI_CATCHER_PORT", str(free_port()))
    settings.cache_clear()
    db.use(None)
    migrate()
    mail = prepared(server.port)
    with db.unit_of_work() as session:
        scheduled_job.ensure_jobs(session)
        scheduled_job.change_schedule(session, SEND_MASS_EMAILS, "0 0 29 2 *", now(), by=BY)
        scheduled_job.run_now(session, SEND_MASS_EMAILS, now(), by=BY)
    worker = subprocess.Popen([sys.executable, "-m", "jobs"], cwd=ROOT)  # noqa: ASYNC220 - awaited in a thread

    async def ended() -> None:
        assert await asyncio.to_thread(worker.wait, 60) == 0

    try:
        async with asyncio.timeout(30):
            while len(server.messages) < 20:  # noqa: ASYNC110 - a process starts in its own time
                await asyncio.sleep(0.05)
        await said(server, lambda: worker.send_signal(signal.SIGTERM), ended())
    finally:
        worker.kill()
    between = counts(mail)
    assert (between.held, between.uncertain, between.sent) == (0, 0, len(addresses(server)))
    assert between.waiting > 0
    server.seconds = 0
    await portion()
    assert addresses(server) == EVERYBODY
    db.engine().dispose()
    db.use(None)
