"""Several at once on one database: lanes that share an account, machines whose clocks are apart, many workers."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from jobs.database import clock as clock_of_the_database
from jobs.queueing import run_send_mass_emails
from models import db, outbound_emails
from models.mass_email import MassEmailStatus
from models.queue_item import queue_counts
from tests import factories
from tests.faults.mailing import BY, assert_clean, prepare, read_books
from tests.jobs.smtp_server import SmtpServer

pytestmark = pytest.mark.slow

NOW = factories.NOW


def _mailings(port: int, mails: int, people: int, domains: int) -> list[int]:
    """Mass emails In Process to the same people, over one account."""
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"portion_size": 10_000, "max_per_hour": 100_000}, NOW, BY)
        account = factories.smtp_account(session, port=port)
        members = [factories.recipient(session, f"p{n}@d{n % domains}.example") for n in range(people)]
        listed = factories.target_list(session, members=members)
        ids = []
        for n in range(mails):
            in_process = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, "name": f"mail {n}"}
            mail = factories.mass_email(session, listed, smtp_account_id=account.id, **in_process)
            for member in members:
                factories.queue_item(session, mail, member, list_id=listed.id)
            ids.append(mail.id)
        return ids


async def test_mass_emails_that_share_an_account_and_its_paused_domains_do_not_block_each_other(
    database: Engine,
) -> None:
    dice = random.Random(3)

    def moody(argument: str, _: int) -> str | None:
        return "451 4.7.28 too much mail from you for this domain" if dice.random() < 0.3 else None

    async with SmtpServer(on={"RCPT": moody}) as server:
        mails, now = _mailings(server.port, 6, 60, 12), NOW
        for _ in range(12):
            ran = await run_send_mass_emails("worker", clock=lambda now=now: now)
            assert ran.errors == ()
            now += timedelta(minutes=70)
        assert max(Counter((m.recipient, m.content) for m in server.messages).values()) == 1
    assert_clean()
    with db.reading() as session:
        for mail in mails:
            counts = queue_counts(session, mail)
            assert counts.sent + counts.waiting == 60


class Jumping:
    """A clock of the test's, `apart` from the real one; `jumps_at` that many readings by `by`."""

    def __init__(self, apart: timedelta = timedelta(0), jumps_at: int = 0, by: timedelta = timedelta(0)) -> None:
        self.apart, self.jumps_at, self.by, self.read = apart, jumps_at, by, 0

    def __call__(self) -> datetime:
        self.read += 1
        if self.read == self.jumps_at:
            self.apart += self.by
        return datetime.now(UTC) + self.apart


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)], ids=["forth", "back"])
async def test_a_clock_that_jumps_by_an_hour_in_a_portion_doubles_nobody(database: Engine, by: timedelta) -> None:
    async with SmtpServer(delay=0.005) as server:
        mail = prepare(120, server.port, from_address="news@sender.example")
        clock = Jumping(timedelta(hours=2), jumps_at=40, by=by)
        await run_send_mass_emails("worker", clock=clock)
        assert max(times(server).values()) == 1
        assert read_books(mail).states.get("uncertain", 0) == 0
        clock.apart = timedelta(hours=4)  # whatever the leases were given, they are over
        for _ in range(2):
            await run_send_mass_emails("worker", clock=clock)
        assert max(times(server).values()) == 1
    assert read_books(mail).states == {"sent": 120}


async def test_machines_whose_clocks_are_an_hour_apart_double_nobody(database: Engine) -> None:
    """By the worst clocks, not by the database's: the one ahead finds every lease of the others over."""
    async with SmtpServer(delay=0.005) as server:
        mail = prepare(300, server.port, from_address="news@sender.example", connections=3)
        clocks = [Jumping(timedelta(hours=hours)) for hours in (1, 2, 3)]
        for _ in range(3):
            runs = [run_send_mass_emails(f"worker {n}", clock=clock) for n, clock in enumerate(clocks)]
            await asyncio.gather(*runs)
        assert max(times(server).values()) == 1
        last = Jumping(timedelta(hours=5))
        await run_send_mass_emails("worker", clock=last)
        await run_send_mass_emails("worker", clock=last)
        assert max(times(server).values()) == 1
    states = read_books(mail).states
    assert sum(states.values()) == 300
    assert states.keys() <= {"sent", "uncertain"}


async def test_the_clock_of_a_run_is_the_database_s_and_does_not_jump(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)
    monkeypatch.setattr("jobs.database.database_time", lambda session: at)
    clock = await clock_of_the_database()
    monkeypatch.setattr("jobs.database.database_time", lambda session: at - timedelta(hours=1))
    assert timedelta(0) <= clock() - at < timedelta(seconds=5)
    assert clock() <= clock()


def times(server: SmtpServer) -> Counter[str]:
    """How often the server was given a whole message, by recipient."""
    return Counter(message.recipient for message in server.messages)
