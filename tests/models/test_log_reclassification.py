"""Opens and clicks of a log filter change sides: how many, whose, and the counters with them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db
from models.audit import Audit
from models.log_filter import LogFilter, Who
from models.log_reclassification import preview_turning, turn_chosen
from models.log_record import Action, LogRecord, MachineReason, record_clicked, record_opened
from models.log_view import people_count
from models.statistics import Figures, mass_email_figures, recount
from tests.factories import NOW
from tests.models.test_statistics import ids_of, sent_mass_email

HOUR = timedelta(hours=1)
BY = "someone@example.com"


@pytest.fixture
def scope(database: Engine) -> LogFilter:
    """Four people were sent it: one opened twice and clicked, one opened, for one a proxy opened."""
    mail = sent_mass_email()
    one, two, three, _ = ids_of(mail)
    with db.unit_of_work() as session:
        record_opened(session, one, NOW + HOUR)
        record_opened(session, one, NOW + 2 * HOUR)
        record_clicked(session, one, 1, NOW + 2 * HOUR)
        record_opened(session, two, NOW + HOUR)
        record_opened(session, three, NOW, machine=MachineReason.PREFETCH)
    return LogFilter(mass_email_id=mail.id)


def figures(scope: LogFilter) -> Figures:
    with db.reading() as session:
        assert recount(session) == []
        return mass_email_figures(session, scope.mass_email_id)


def turn(chosen, human: bool) -> int:
    with db.pinned() as doors:
        return turn_chosen(doors, chosen, human, NOW + HOUR, BY)


def preview(chosen, human: bool) -> tuple[int, int]:
    with db.reading() as session:
        found = preview_turning(session, chosen, human)
        return found.events, found.people


def test_what_was_announced_is_what_turns_and_comes_back(scope: LogFilter) -> None:
    before, opens = figures(scope), replace(scope, included=(Action.OPENED,))
    assert preview(opens, False) == (3, 2)
    assert turn(opens, False) == 3
    assert turn(opens, False) == 0
    after = figures(scope)
    assert (after.opened, after.machine_opened, after.inferred, after.clicked) == (1, 3, 1, 1)
    by_hand = replace(opens, machine=MachineReason.BY_HAND)
    assert preview(by_hand, True) == (3, 2)
    assert turn(by_hand, True) == 3
    back = figures(scope)
    assert (back.opened, back.clicked, back.machine_opened) == (before.opened, before.clicked, before.machine_opened)


def test_the_people_are_those_of_the_moment_of_the_act(scope: LogFilter) -> None:
    """Turning an open takes its person out of the filter; the person's other events still turn."""
    whole = replace(scope, also=(Action.OPENED, Action.CLICKED))
    assert preview(whole, False) == (3, 1)
    assert turn(whole, False) == 3
    with db.reading() as session:
        assert people_count(session, whole) == 0


def test_chosen_rows_turn_alone_and_what_is_no_open_or_click_is_passed_over(scope: LogFilter) -> None:
    with db.reading() as session:
        everything = list(session.exec(select(LogRecord.id).order_by(LogRecord.id)))
        opened = session.exec(select(LogRecord.id).where(LogRecord.action == Action.OPENED).limit(1)).one()
    assert preview([opened, 999], False) == (1, 1)
    assert turn([opened, 999], False) == 1
    assert preview(everything, True) == (2, 2)
    assert turn(everything, True) == 2
    assert preview(replace(scope, who=Who.MACHINES), True) == (0, 0)
    with db.reading() as session:
        notes = session.exec(select(Audit).where(Audit.act == "log.reclassified")).all()
    assert [(note.by, note.detail) for note in notes] == [
        (BY, {"human": False, "records": 1}),
        (BY, {"human": True, "records": 2}),
    ]
