"""Several at once on one database: lanes that share an account, machines whose clocks are apart, many workers."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from jobs.queueing import run_send_mass_emails
from models import db, outbound_emails
from models.mass_email import MassEmailStatus
from models.queue_item import queue_counts
from tests import factories
from tests.faults.mailing import BY, assert_clean
from tests.jobs.smtp_server import SmtpServer

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
