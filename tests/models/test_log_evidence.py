"""The words and the mail behind a line of the log."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from models import db
from models.log_filter import LogFilter
from models.log_record import (
    Action,
    BounceKind,
    EventSource,
    record_bounced,
    record_opted_out,
    record_replied,
)
from models.log_view import event_page
from models.mail_in import MailIn, MailKind, Standing
from models.mass_email import MassEmailStatus
from models.queue_item import Outcome, Verdict, claim_items, settle
from models.webhook_table import EventKind, WebhookEvent
from tests import factories
from tests.factories import NOW
from tests.models.test_statistics import ids_of, sent_mass_email

HOUR = timedelta(hours=1)


def mail(session: Session, item: int, standing: Standing, at=NOW, **values) -> int:
    number = values.pop("number")
    where = {"account_id": 1, "folder": "INBOX", "uidvalidity": 1, "uid": str(number), "digest": str(number)}
    row = MailIn(
        **where, at=at, taken_at=at, kind=MailKind.NOT_A_BOUNCE, standing=standing, item_id=item, size=1, **values
    )
    session.add(row)
    session.flush()
    return row.id


def test_each_line_leads_to_the_mail_that_brought_it(database: Engine) -> None:
    one, two, three, four = ids_of(sent_mass_email())
    with db.unit_of_work() as session:
        record_bounced(session, one, BounceKind.HARD, NOW, reason="user_unknown", source=EventSource.MAILBOX)
        returned = mail(session, one, Standing.BOUNCED, evidence="550 5.1.1 no such user", number=1)
        mail(session, one, Standing.KNOWN, evidence="again", number=2)
        record_replied(session, two, NOW)
        record_replied(session, two, NOW + HOUR)
        first = mail(session, two, Standing.REPLIED, number=3)
        second = mail(session, two, Standing.REPLIED, NOW + HOUR, number=4)
        record_opted_out(session, three, NOW, source=EventSource.MAILTO)
        stop = mail(session, three, Standing.OPTED_OUT, number=5)
        record_opted_out(session, four, NOW, source=EventSource.ONE_CLICK)
    with db.reading() as session:
        rows, _ = event_page(session, LogFilter(), oldest_first=True)
        found = [(row.action, row.evidence, row.mail_id) for row in rows if row.action is not Action.SENT]
    assert found == [
        (Action.BOUNCED, "550 5.1.1 no such user", returned),
        (Action.REPLIED, "", first),
        (Action.REPLIED, "", second),
        (Action.OPTED_OUT, "", stop),
        (Action.OPTED_OUT, "", None),
    ]


def test_a_refusal_shows_the_servers_words(database: Engine) -> None:
    reply = "550 5.7.1 Message refused by policy"
    with db.unit_of_work() as session:
        person = factories.recipient(session)
        target = factories.target_list(session, members=[person])
        row = factories.mass_email(session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW)
        factories.queue_item(session, row, person, list_id=target.id, next_try_at=NOW)
        held = claim_items(session, row.id, 1, 1, "w", HOUR, NOW)
        verdict = Verdict(held.items[0].id, Outcome.PERMANENT, 550, "5.7.1", reply, "policy")
        settle(session, held.claim_id, [verdict], NOW)
    with db.reading() as session:
        ((event,), _) = event_page(session, LogFilter())
    assert (event.action, event.detail, event.evidence, event.mail_id) == (Action.BOUNCED, "policy", reply, None)


def test_what_a_provider_told_shows_its_words(database: Engine) -> None:
    one, *_ = ids_of(sent_mass_email())
    with db.unit_of_work() as session:
        record_bounced(session, one, BounceKind.SOFT, NOW, reason="mailbox_full", source=EventSource.WEBHOOK)
        told = {"webhook_id": 1, "key": "k", "at": NOW, "taken_at": NOW, "kind": EventKind.SOFT, "word": "Transient"}
        session.add(WebhookEvent(**told, standing=Standing.BOUNCED, item_id=one, evidence="452 4.2.2 over quota"))
    with db.reading() as session:
        ((event,), _) = event_page(session, LogFilter(included=(Action.BOUNCED,)))
    assert (event.evidence, event.mail_id) == ("452 4.2.2 over quota", None)
