"""What retention takes, what it leaves, and that figures of the past stay what they were."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func
from sqlmodel import select

from jobs.housekeeping import run_clean_up
from models import db, outbound_emails
from models.address import ConsentEvent
from models.hit import Hit, record_hits
from models.log_record import Action, LogRecord, MachineReason, Visit, record_opted_out
from models.machine import Knock
from models.queue_item import QueueItem
from models.reclassification import turn
from models.statistics import Figures, by_link, mass_email_figures, recount
from models.tracking_url import Link, ensure_links
from tests.factories import NOW
from tests.models.test_statistics import ids_of, sent_mass_email

DAY = timedelta(days=1)
READER, SCANNER = Knock("Reader", "192.0.2.7"), Knock("Barracuda", "198.51.100.7")
BY = "someone@example.com"


@pytest.fixture
def items(database: Engine) -> list[int]:
    """Four people who were sent a mass email with two links at NOW; the first two clicked, one of them by a scanner."""
    mail = sent_mass_email()
    with db.unit_of_work() as session:
        ensure_links(session, mail.id, ["https://example.com/b"])
    found = ids_of(mail)
    hit(Hit(found[0], NOW + DAY, 1, knock=READER), Hit(found[1], NOW + DAY, 1, knock=SCANNER), Hit(found[1], NOW + DAY))
    with db.unit_of_work(durable=True) as session:
        record_opted_out(session, found[2], NOW + DAY, visit=("Reader", "192.0.2.7"))
    return found


def hit(*hits: Hit) -> None:
    with db.unit_of_work() as session:
        record_hits(session, hits)


def figures() -> Figures:
    with db.reading() as session:
        assert recount(session) == []
        return mass_email_figures(session, 1)


def count(model) -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(model)).one()


async def clean(at: datetime, **days: int | None) -> dict[str, int]:
    with db.unit_of_work() as session:
        outbound_emails.change(session, {f"keep_{name}_days": n for name, n in days.items()}, NOW, BY)
    return dict((await run_clean_up(clock=lambda: at)).counts)


async def test_log_records_go_and_every_figure_item_link_and_consent_stays(items: list[int]) -> None:
    before = figures()
    took = await clean(NOW + 32 * DAY, log=30, visits=None)
    assert took["log_records"] == 4 + 5
    assert (count(LogRecord), count(Visit)) == (0, 0)
    assert (count(QueueItem), count(Link), count(ConsentEvent)) == (4, 2, 1)
    assert figures() == before


async def test_young_records_stay_and_nothing_is_taken_by_default(items: list[int]) -> None:
    assert (await clean(NOW + 300 * DAY))["log_records"] == 0
    assert (await clean(NOW + 30 * DAY + timedelta(hours=1), log=30))["log_records"] == 4
    with db.reading() as session:
        assert set(session.exec(select(LogRecord.action))) == {Action.OPENED, Action.CLICKED, Action.OPTED_OUT}
    figures()


async def test_visits_go_before_the_log_does(items: list[int]) -> None:
    rows, visits = count(LogRecord), count(Visit)
    assert (await clean(NOW + 3 * DAY, log=None, visits=1))["visits"] == visits == 3
    assert (count(LogRecord), count(Visit)) == (rows, 0)
    hit(Hit(items[3], NOW + 3 * DAY, knock=READER))
    assert (await clean(NOW + 3 * DAY, visits=1))["visits"] == 0
    assert (await clean(NOW + 5 * DAY, visits=1))["visits"] == 1


async def test_who_was_counted_before_is_never_counted_again(items: list[int]) -> None:
    before = figures()
    await clean(NOW + 32 * DAY, log=30)
    later = NOW + 40 * DAY
    hit(Hit(items[0], later, 1, knock=READER), Hit(items[0], later + timedelta(minutes=1), 2, knock=READER))
    hit(Hit(items[1], later, 1, knock=SCANNER), Hit(items[1], later, knock=READER))
    after = figures()
    assert (after.clicked, after.opened, after.machine_clicked) == (
        before.clicked,
        before.opened,
        before.machine_clicked,
    )
    assert after.click_hits == before.click_hits + 2
    hit(Hit(items[3], later, 2, knock=READER))
    assert (figures().clicked, figures().opened) == (before.clicked + 1, before.opened + 1)
    with db.reading() as session:
        people = {link.url[-1]: link.people for link in by_link(session, mass_email_id=1)}
    assert people == {"a": 1, "b": 1}


async def test_what_remains_can_still_change_sides(items: list[int]) -> None:
    await clean(NOW + 32 * DAY, log=30)
    hit(Hit(items[0], NOW + 40 * DAY, 1, knock=READER), Hit(items[3], NOW + 40 * DAY, 1, knock=READER))
    before = figures()
    with db.reading() as session:
        clicks = list(session.exec(select(LogRecord.id).where(LogRecord.action == Action.CLICKED)))
    for machine, clicked in ((MachineReason.BY_HAND, before.clicked - 1), (MachineReason.HUMAN, before.clicked)):
        with db.unit_of_work() as session:
            assert turn(session, clicks, machine, NOW) == 2
        assert figures().clicked == clicked
    with db.reading() as session:
        kept = session.get_one(QueueItem, items[0])
        assert kept.clicked_at == NOW + DAY, "of the click whose record is gone the flag still tells"
        assert set(session.exec(select(LogRecord.machine))) == {MachineReason.HUMAN}
