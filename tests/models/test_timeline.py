"""The timeline of a recipient."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db
from models.address import EVERYTHING, opt_in, opt_out
from models.answer import record_complained, record_opted_out_by_mail, record_reply
from models.errors import NotFound
from models.log_record import record_bounced
from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason
from models.mail_in import MailIn, MailKind, Standing
from models.mass_email import LeftOut, LeftOutReason
from models.queue_table import ItemState, QueueItem
from models.recipient import Kind
from models.suppression import SuppressionReason, release, suppress
from models.timeline import Happening, timeline
from tests import factories
from tests.models.test_statistics import ids_of, sent_mass_email


def hour(number: int) -> datetime:
    return factories.NOW + timedelta(hours=number)


@pytest.fixture
def person(database: Engine) -> int:
    with db.unit_of_work() as session:
        ada, twin = (factories.recipient(session, "ada@example.com", kind=kind) for kind in (Kind.CONTACT, Kind.LEAD))
        target = factories.target_list(session, "News", [ada])
        first = factories.mass_email(session, target, name="first")
        second = factories.mass_email(session, target, name="second", queue_done_at=hour(6))
        third = factories.mass_email(session, target, name="third")
        item = factories.queue_item(session, first, ada, ItemState.SENT, sent_at=hour(1))
        factories.queue_item(session, third, ada, ItemState.UNCERTAIN, sent_at=hour(7), reason="connection lost")
        other = factories.queue_item(session, second, twin, ItemState.SENT, sent_at=hour(1))
        event = {
            "campaign_id": first.campaign_id,
            "mass_email_id": first.id,
            "item_id": item.id,
            "recipient_id": ada.id,
        }
        for action, at, machine in (
            (Action.SENT, 1, MachineReason.HUMAN),
            (Action.OPENED, 2, MachineReason.PREFETCH),
            (Action.OPTED_OUT, 3, MachineReason.HUMAN),
        ):
            session.add(LogRecord(at=hour(at), action=action, machine=machine, source=EventSource.WORKER, **event))
        session.add(LeftOut(mass_email_id=second.id, recipient_id=ada.id, reason=LeftOutReason.OPTED_OUT))
        opt_out(session, ada.address_id, [target.id], hour(3), source="page", item_id=item.id)  # the log tells it
        opt_in(session, ada.address_id, [target.id], hour(4), source="person", by="grace@example.com")
        opt_out(session, ada.address_id, [EVERYTHING], hour(5), source="one-click", item_id=other.id)  # the twin's mail
    return ada.id


ALL = [
    (Happening.QUEUE, "uncertain", "connection lost", "third"),
    (Happening.LEFT_OUT, "opted_out", "", "second"),
    (Happening.CONSENT, "out", "", "second"),
    (Happening.CONSENT, "in", "News", ""),
    (Happening.LOG, "opted_out", "", "first"),
    (Happening.LOG, "opened", "", "first"),
    (Happening.LOG, "sent", "", "first"),
    (Happening.LISTED, "select", "News", ""),
    (Happening.CREATED, "created", "", ""),
]


def test_why_the_address_is_not_mailed_and_that_it_is_again_stand_in_their_place(database: Engine) -> None:
    (item,) = ids_of(sent_mass_email(people=1))
    with db.unit_of_work(durable=True) as session:
        row = session.get_one(QueueItem, item)
        ada, address = row.recipient_id, row.address_id
        record_bounced(session, item, BounceKind.HARD, hour(1), reason="user_unknown", evidence="550 5.1.1 nobody")
        session.add(
            MailIn(
                **{"account_id": 1, "folder": "INBOX", "uidvalidity": 1, "uid": "1", "digest": "a", "size": 1},
                **{"at": hour(1), "taken_at": hour(1), "kind": MailKind.HARD, "standing": Standing.BOUNCED},
                **{"item_id": item, "evidence": "550 5.1.1 nobody"},
            )
        )
        release(session, address, SuppressionReason.HARD_BOUNCE, hour(2), "grace@example.com")
        suppress(session, address, SuppressionReason.COMPLAINT, hour(3), evidence="abuse")
    with db.reading() as session:
        lines = timeline(session, ada)[:3]
        mail = session.exec(select(MailIn.id)).one()
    assert [(line.happening, line.detail, line.source, line.evidence) for line in lines] == [
        (Happening.SUPPRESSED, "complaint", "", "abuse"),
        (Happening.RELEASED, "hard_bounce", "grace@example.com", ""),
        (Happening.LOG, "user_unknown", "mailbox", "550 5.1.1 nobody"),
    ]
    assert (lines[2].bounce_kind, lines[2].mail_id) == ("hard", mail)


def test_all_that_happened_to_a_person_is_told_newest_first(person: int) -> None:
    with db.reading() as session:
        lines = timeline(session, person)
    assert [(line.happening, line.what, line.detail, line.mass_email) for line in lines] == ALL
    assert [line.what for line in lines if line.machine] == ["opened"]
    assert lines[0].at == hour(7)


def test_all_that_comes_back_stands_in_it(database: Engine) -> None:
    items = ids_of(sent_mass_email(people=1))
    with db.unit_of_work(durable=True) as session:
        person = session.get_one(QueueItem, items[0]).recipient_id
        record_reply(session, items[0], at=hour(1), now=hour(1))
        record_bounced(session, items[0], BounceKind.SOFT, hour(2), reason="mailboxfull")
        record_complained(session, item_id=items[0], at=hour(3), now=hour(3), evidence="abuse")
        record_opted_out_by_mail(session, items[0], source=EventSource.MAILTO, at=hour(4), now=hour(4))
    with db.reading() as session:
        told = [line.what for line in timeline(session, person) if line.happening is Happening.LOG]
    assert told == ["opted_out", "complained", "bounced", "replied", "sent"]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_pages_follow_each_other_without_a_gap_or_a_repeat(person: int, size: int) -> None:
    seen, before = [], None
    with db.reading() as session:
        while lines := timeline(session, person, before, size):
            seen += [(line.happening, line.what, line.detail, line.mass_email) for line in lines]
            before = lines[-1].key
    assert seen == ALL


def test_nobody_has_no_timeline(database: Engine) -> None:
    with db.reading() as session, pytest.raises(NotFound):
        timeline(session, 1)
