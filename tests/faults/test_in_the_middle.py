"""What people change while a mass email leaves: the next claim obeys, and what was frozen stays as it was."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, select

from jobs.queueing import run_send_mass_emails
from models import db
from models.address import EVERYTHING, SuppressionReason, opt_out
from models.column_types import table
from models.email_template import TemplateVersion
from models.mass_email import MassEmail
from models.membership import remove_members
from models.queue_table import QueueItem, SkipReason
from models.recipient import Recipient, archive_recipients
from models.suppression import suppress
from models.target_list import TargetList
from tests.faults.mailing import address_of, prepare, read_books
from tests.jobs.smtp_server import SmtpServer

pytestmark = pytest.mark.slow

PEOPLE = 120
LATER = range(PEOPLE - 10, PEOPLE + 1)
"""People who are not claimed yet when the changes come."""


def _address_id(n: int) -> int:
    return n + 1


def _move_away(session: Session, n: int) -> None:
    person = table(Recipient)
    session.execute(update(person).where(person.c.id == n).values(address_id=_address_id(0)))


def _list_id(session: Session) -> int:
    return session.exec(select(TargetList.id)).one()


def _now() -> datetime:
    return datetime.now(UTC)


CHANGES: dict[SkipReason, Callable[[Session, int], object]] = {
    SkipReason.OPTED_OUT: lambda session, n: opt_out(
        session, _address_id(n), [_list_id(session)], _now(), source="page"
    ),
    SkipReason.OPTED_OUT_ENTIRELY: lambda session, n: opt_out(
        session, _address_id(n), [EVERYTHING], _now(), source="page"
    ),
    SkipReason.SUPPRESSED: lambda session, n: suppress(session, _address_id(n), SuppressionReason.MANUAL, _now()),
    SkipReason.ARCHIVED: lambda session, n: archive_recipients(session, [n], _now()),
    SkipReason.ADDRESS_CHANGED: _move_away,
}


def _break_template(session: Session, mail: int) -> None:
    """A newer version that cannot be rendered, as if it had come past every check."""
    row = session.get_one(MassEmail, mail)
    broken = {"subject": "{% broken", "html": "{% if %}{Person.nonsense}", "sha256": "0" * 64}
    session.add(TemplateVersion(template_id=row.template_id, no=2, created_at=_now(), **broken))


async def test_the_next_claim_obeys_and_the_frozen_version_is_used(database: Engine) -> None:
    """The audience is of Date Start: who is taken out of a list after it is still mailed, unless they said no."""
    changed = dict(zip(CHANGES, LATER, strict=False))
    taken_out = LATER[len(changed)]

    def change_everything() -> None:
        with db.unit_of_work() as session:
            for reason, n in changed.items():
                CHANGES[reason](session, n)
            _break_template(session, mail)
            list_id = _list_id(session)
        with db.pinned() as doors:
            assert remove_members(doors, list_id, [taken_out]) == 1

    async with SmtpServer(delay=0.03) as server:
        mail = prepare(PEOPLE, server.port, from_address="news@sender.example", connections=4)
        running = asyncio.create_task(run_send_mass_emails("worker"))
        await server.until(messages=10)
        await asyncio.to_thread(change_everything)
        ran = await running
    assert ran.errors == ()
    skipped = {address_of(n) for n in changed.values()}
    got = [message.recipient for message in server.messages]
    assert sorted(got) == sorted({address_of(n) for n in range(1, PEOPLE + 1)} - skipped)
    assert all(b"Subject: News\r\n" in message.content for message in server.messages)
    assert read_books(mail).states == {"sent": PEOPLE - len(changed), "skipped": len(changed)}
    with db.reading() as session:
        reasons = {item.recipient_id: item.reason for item in session.exec(select(QueueItem)) if item.reason}
    assert reasons == {n: reason.value for reason, n in changed.items()}
