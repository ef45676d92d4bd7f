"""The two doors."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from models import db
from models.target_list import TargetList
from tests import factories


def test_reading_refuses_to_write(database: Engine) -> None:
    with pytest.raises(DBAPIError), db.reading() as session:
        factories.target_list(session)


def test_unit_of_work_commits_at_its_end_and_rolls_back_on_error(database: Engine) -> None:
    with db.unit_of_work() as session:
        factories.target_list(session, "kept")
    with pytest.raises(ZeroDivisionError), db.unit_of_work() as session:  # noqa: PT012 - it fails after its write
        factories.target_list(session, "lost")
        1 / 0  # noqa: B018
    with db.reading() as session:
        assert session.exec(select(TargetList.name)).all() == ["kept"]


def test_two_units_of_work_wait_for_each_other_and_none_is_lost(database: Engine) -> None:
    with db.unit_of_work() as session:
        factories.target_list(session)

    def add_one() -> None:
        for _ in range(20):
            with db.unit_of_work() as session:
                row = session.exec(select(TargetList).with_for_update()).one()
                row.entry_count += 1

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as session:
        assert session.exec(select(TargetList.entry_count)).one() == 80


def test_moments_come_back_aware_and_to_the_millisecond(database: Engine) -> None:
    moment = datetime(2026, 9, 8, 11, 46, 12, 345000, tzinfo=UTC)
    with db.unit_of_work() as session:
        session.add(TargetList(name="x", created_at=moment))
    with db.reading() as session:
        assert session.exec(select(TargetList.created_at)).one() == moment


def test_pinned_doors_share_their_scratch_tables_and_leave_none_behind(database: Engine) -> None:
    with db.pinned() as doors:
        with doors.reading() as session:
            session.execute(text("CREATE TEMP TABLE scratch AS SELECT 7 AS n"))
        with doors.unit_of_work() as session:
            assert session.execute(text("SELECT n FROM scratch")).scalar_one() == 7
    with pytest.raises(DBAPIError), db.reading() as session:
        session.execute(text("SELECT n FROM scratch"))


def test_a_unit_of_work_that_waits_too_long_says_that_the_database_is_locked(
    sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "PATIENCE", 0.05)
    with db.unit_of_work() as first:
        first.connection()
        with pytest.raises(DBAPIError, match="database is locked"), db.unit_of_work() as second:
            second.connection()


def test_who_waits_gets_in_between_two_chunks_of_long_work(sqlite_database: Engine) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def click() -> None:
        waiting.set()
        with db.unit_of_work() as session:
            factories.target_list(session)
            order.append("click")

    clicker = threading.Thread(target=click)
    with db.pinned() as doors:
        for chunk in range(50):
            with doors.unit_of_work() as session:
                if chunk == 0:
                    clicker.start()
                    waiting.wait()
                factories.target_list(session)
                order.append("chunk")
    clicker.join()
    assert order.index("click") < 50
