"""Undo: back to Draft before the first message, and what becomes of the queue."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from models import db, undo
from models.audience import build_queue
from models.claim import claim_items
from models.column_types import table
from models.email_template import get_template, save_version
from models.errors import Refused
from models.mass_email import LeftOut, MassEmail, MassEmailStatus, delete_mass_email, get_row, move, start
from models.new_version import take_version, versions_of_mass_email
from models.queue_item import QueueItem, queue_counts
from models.undo import clear_queue, may_undo
from tests import factories
from tests.factories import NOW

BY = "ada@example.com"
LEASE = timedelta(minutes=1)


@pytest.fixture
def mail(database: Engine) -> int:
    """In Process with five people who wait and one who is left out."""
    with db.unit_of_work() as session:
        factories.smtp_account(session, is_catcher=True)
        people = [*(factories.recipient(session) for _ in range(5)), factories.recipient(session, None)]
        made = factories.mass_email(session, factories.target_list(session, members=people)).id
    build(made)
    return made


def build(mail: int) -> None:
    with db.pinned() as doors:
        build_queue(doors, mail, NOW)


def undone(mail: int) -> int:
    with db.pinned() as doors:
        return undo.undo(doors, mail, NOW, BY)


def rows(model) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table(model)))


def test_before_the_first_message_it_is_a_draft_again_and_nobody_is_queued(
    mail: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "CHUNK", 2)
    assert undone(mail) == 5
    assert (rows(QueueItem), rows(LeftOut)) == (0, 0)
    with db.reading() as session:
        row = get_row(session, mail)
        assert (row.status, row.version_id, row.queue_done_at) == (MassEmailStatus.DRAFT, None, None)
        assert row.audience is None
        assert queue_counts(session, mail).queued == 0


def test_started_again_it_reaches_the_same_people(mail: int) -> None:
    undone(mail)
    with db.unit_of_work() as session:
        session.get_one(MassEmail, mail).start_at = NOW
        start(session, mail, NOW, BY)
    build(mail)
    assert (rows(QueueItem), rows(LeftOut)) == (5, 1)


def test_of_versions_taken_before_nothing_is_left_and_the_draft_can_be_deleted(mail: int) -> None:
    with db.unit_of_work() as session:
        template = get_template(session, get_row(session, mail).template_id)
        newer = save_version(session, template.id, template.revision, "Corrected", "<p>Corrected</p>", "", NOW, BY).id
        take_version(session, mail, newer, NOW, BY)
        assert len(versions_of_mass_email(session, mail)) == 2
    undone(mail)
    with db.unit_of_work() as session:
        assert versions_of_mass_email(session, mail) == ()
        delete_mass_email(session, mail, NOW, BY)
    assert rows(MassEmail) == 0


def test_once_a_message_has_begun_it_cannot_be_taken_back(mail: int) -> None:
    with db.unit_of_work() as session:
        assert claim_items(session, mail, 1, 1, "w", LEASE, NOW)
    with pytest.raises(Refused):
        undone(mail)
    assert rows(QueueItem) == 5
    with db.reading() as session:
        assert get_row(session, mail).status is MassEmailStatus.IN_PROCESS


def test_after_the_word_nothing_is_claimed(mail: int) -> None:
    with db.unit_of_work() as session:
        move(session, mail, MassEmailStatus.DRAFT, NOW, BY)
        assert claim_items(session, mail, 1, 10, "w", LEASE, NOW) is None


def test_a_queue_that_is_being_built_anew_is_not_cleared(mail: int) -> None:
    with db.unit_of_work() as session:
        move(session, mail, MassEmailStatus.DRAFT, NOW, BY)
        session.get_one(MassEmail, mail).start_at = NOW
        start(session, mail, NOW, BY)
    with db.pinned() as doors:
        assert clear_queue(doors, mail) == 0
    build(mail)
    assert rows(QueueItem) == 5


def test_a_page_offers_it_while_everybody_waits(mail: int) -> None:
    with db.reading() as session:
        counts = queue_counts(session, mail)
    assert may_undo(MassEmailStatus.IN_PROCESS, counts, 0)
    assert may_undo(MassEmailStatus.PAUSED, counts, 0)
    assert not may_undo(MassEmailStatus.COMPLETE, counts, 0)
    assert not may_undo(MassEmailStatus.IN_PROCESS, counts, 1)
