"""The group commit: one transaction for those that come together, and each fails alone."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import func, select

from dashboard.public.hit_writer import MOST, HitWriter, Unwritten, write_hits
from models import db
from models.errors import NotFound
from models.hit import Hit
from models.log_record import Action, LogRecord
from models.machine import Knock
from models.queue_item import ItemState
from models.statistics import mass_email_figures, recount
from tests import factories

NOW = datetime(2026, 9, 8, 12, tzinfo=UTC)


@pytest.fixture
def items(database: Engine) -> list[int]:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(30)]
        mail = factories.mass_email(session, factories.target_list(session, members=people))
        return [factories.queue_item(session, mail, person, ItemState.SENT).id for person in people]


def opened(item: int, at: datetime = NOW) -> Hit:
    return Hit(item, at, knock=Knock("Reader"))


def opens() -> int:
    with db.reading() as session:
        assert [one for one in recount(session) if one.action is not Action.SENT] == []
        return mass_email_figures(session, 1).opened


async def test_those_that_come_together_share_a_transaction(items: list[int], database: Engine) -> None:
    begun = []

    def note(connection: object) -> None:
        begun.append(connection)

    event.listen(database, "begin", note)
    writer = HitWriter()
    answers = await asyncio.gather(*(writer.record(opened(item)) for item in items), writer.record(opened(999)))
    event.remove(database, "begin", note)
    assert ([type(one) for one in answers[-1:]], answers[:-1]) == ([NotFound], [None] * 30)
    assert (len(begun), opens()) == (1, 30)


async def test_a_group_is_never_longer_than_a_lock_may_last(items: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def counted(hits: list[Hit]) -> list[None]:
        sizes.append(len(hits))
        return [None] * len(hits)

    monkeypatch.setattr("dashboard.public.hit_writer.write_hits", counted)
    writer = HitWriter()
    await asyncio.gather(*(writer.record(opened(items[0])) for _ in range(MOST * 2 + 7)))
    assert (sum(sizes), max(sizes)) == (MOST * 2 + 7, MOST)


async def test_a_hit_that_cannot_be_written_fails_alone(items: list[int]) -> None:
    writer = HitWriter()
    no_moment = NOW.replace(tzinfo=None)
    asked = [writer.record(opened(item, no_moment if n == 11 else NOW)) for n, item in enumerate(items)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if answer is not None] == [11]
    assert opens() == 29


def test_while_the_database_is_away_nobody_tries_again_and_again(
    items: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def locked(_session: object, hits: list[Hit]) -> None:
        tried.append(len(hits))
        raise OperationalError("", {}, Exception("database is locked"))

    monkeypatch.setattr("dashboard.public.hit_writer.record_hits", locked)
    outcomes = write_hits([opened(item) for item in items])
    assert (tried, {type(one) for one in outcomes}) == ([30], {Unwritten})


async def test_whoever_goes_before_the_answer_is_counted_all_the_same(items: list[int]) -> None:
    writer = HitWriter()
    waiting = asyncio.ensure_future(writer.record(opened(items[0])))
    await asyncio.sleep(0)
    waiting.cancel()
    await writer.record(opened(items[1]))
    assert opens() == 2
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(LogRecord)).one() == 2
