"""A new template version for the people not yet mailed: offered, taken, and who got which."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import db
from models.audit import Audit
from models.email_template import TemplateVersion, get_template, save_version
from models.errors import Invalid, Refused
from models.log_filter import LogFilter
from models.log_view import people_count
from models.mass_email import MassEmail, MassEmailStatus, get_row
from models.new_version import find_offer, take_version, version_got, versions_of_mass_email
from models.queue_item import ItemState, Outcome, QueueItem, Verdict, claim_items, settle
from models.tracking_url import ensure_links, find_destination
from tests import factories
from tests.factories import NOW

BY = "ada@example.com"
LEASE = timedelta(minutes=1)


@pytest.fixture
def mail(database: Engine) -> MassEmail:
    """In Process, four people wait."""
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(4)]
        target = factories.target_list(session, members=people)
        values = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW}
        mail = factories.mass_email(session, target, **values)
        for person in people:
            factories.queue_item(session, mail, person, list_id=target.id)
        return mail


def newer(session: Session, mail: MassEmail, html: str = "<p>Corrected</p>") -> TemplateVersion:
    revision = get_template(session, mail.template_id).revision
    return save_version(session, mail.template_id, revision, "Corrected", html, "", NOW, BY)


def send(mail: MassEmail, limit: int, outcome: Outcome = Outcome.SENT) -> list[int]:
    """The versions that the next messages were made with."""
    with db.unit_of_work() as session:
        held = claim_items(session, mail.id, 1, limit, "w", LEASE, NOW)
        settle(session, held.claim_id, [Verdict(item.id, outcome) for item in held.items], NOW)
    return [item.version_id for item in held.items]


def test_a_newer_version_is_offered_and_never_taken_by_itself(mail: MassEmail) -> None:
    with db.unit_of_work() as session:
        assert find_offer(session, mail.id) is None
        version = newer(session, mail)
        offer = find_offer(session, mail.id)
    assert (offer.version_id, offer.no, offer.frozen_no, offer.people) == (version.id, 2, 1, 4)
    assert send(mail, 1) == [mail.version_id]


def test_who_is_mailed_from_then_on_gets_it_and_who_was_keeps_theirs(mail: MassEmail) -> None:
    first = send(mail, 1)
    with db.unit_of_work() as session:
        version_id = newer(session, mail).id
        take_version(session, mail.id, version_id, NOW, BY)
        assert find_offer(session, mail.id) is None
    assert first == [mail.version_id]
    assert send(mail, 3) == [version_id] * 3
    with db.reading() as session:
        uses = versions_of_mass_email(session, mail.id)
        assert [(use.no, use.people, use.current) for use in uses] == [(2, 3, True), (1, 1, False)]
        for use in uses:
            chosen = LogFilter(mass_email_id=mail.id, states=(ItemState.SENT,), version_id=use.version_id)
            assert people_count(session, chosen) == use.people
        items = session.exec(select(QueueItem).order_by(QueueItem.id)).all()
        assert [version_got(session, mail.id, item.recipient_id).no for item in items] == [1, 2, 2, 2]
        trail = session.exec(select(Audit).where(Audit.act == "mass_email.new_version")).one()
        assert (trail.by, trail.detail) == (BY, {"before": 1, "after": 2, "people": 3})


def test_who_is_tried_again_gets_it_too(mail: MassEmail) -> None:
    send(mail, 4, Outcome.TEMPORARY)
    with db.unit_of_work() as session:
        version_id = newer(session, mail).id
        take_version(session, mail.id, version_id, NOW, BY)
    with db.unit_of_work() as session:
        held = claim_items(session, mail.id, 1, 4, "w", LEASE, NOW + timedelta(hours=1))
    assert {item.version_id for item in held.items} == {version_id}


@pytest.mark.parametrize(
    ("status", "states", "offered"),
    [
        (MassEmailStatus.DRAFT, [], False),
        (MassEmailStatus.PENDING, [], True),
        (MassEmailStatus.PAUSED, [], True),
        (MassEmailStatus.COMPLETE, [ItemState.SENT] * 4, False),
        (MassEmailStatus.COMPLETE, [ItemState.SENT, ItemState.FAILED, ItemState.SENT, ItemState.SKIPPED], True),
        (MassEmailStatus.COMPLETE, [ItemState.UNCERTAIN] * 4, True),
        (MassEmailStatus.CANCELLED, [ItemState.CANCELLED] * 4, False),
        (MassEmailStatus.FAILED, [], False),
    ],
)
def test_it_is_offered_while_somebody_could_get_it(mail: MassEmail, status, states, offered) -> None:
    with db.unit_of_work() as session:
        newer(session, mail)
        session.get_one(MassEmail, mail.id).status = status
        for item, state in zip(session.exec(select(QueueItem)).all(), states, strict=False):
            item.state = state
        session.flush()
        assert (find_offer(session, mail.id) is not None) is offered


def test_the_version_that_was_looked_at_is_taken_or_none(mail: MassEmail) -> None:
    with db.unit_of_work() as session:
        seen = newer(session, mail).id
        newer(session, mail, "<p>Corrected twice</p>")
    with pytest.raises(Refused), db.unit_of_work() as session:
        take_version(session, mail.id, seen, NOW, BY)
    with db.reading() as session:
        assert get_row(session, mail.id).version_id == mail.version_id


def test_it_is_checked_as_at_the_start(mail: MassEmail) -> None:
    with db.unit_of_work() as session:
        version = newer(session, mail, "<a href='{trackingUrl:0123456789abcdef0}'>x</a>")
    with pytest.raises(Invalid) as invalid, db.unit_of_work() as session:
        take_version(session, mail.id, version.id, NOW, BY)
    assert set(invalid.value.problems) == {"template"}


def test_before_the_queue_is_built_it_is_simply_the_one_that_goes_out(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session))
        version_id, fence = newer(session, mail).id, mail.queue_fence
        take_version(session, mail.id, version_id, NOW, BY)
        row = get_row(session, mail.id)
        assert (row.version_id, row.queue_fence) == (version_id, fence + 1)
        assert versions_of_mass_email(session, mail.id) == ()


def test_links_of_both_versions_lead_where_they_led(mail: MassEmail) -> None:
    with db.unit_of_work() as session:
        before = ensure_links(session, mail.id, ["https://example.com/a", "https://example.com/b"])
        after = ensure_links(session, mail.id, ["https://example.com/c", "https://example.com/b"])
        assert (before["https://example.com/b"], after["https://example.com/b"]) == (2, 2)
        leads = [find_destination(session, mail.id, no).url for no in (1, 2, 3)]
    assert leads == [f"https://example.com/{end}" for end in "abc"]
