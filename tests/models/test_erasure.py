"""Erasure on request: what goes, what stays, and that nobody can mail that person again (D25)."""

import zlib
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import SQLModel, select

from models import background_task, caught_mail, db, pepper
from models.address import (
    Address,
    ConsentEvent,
    Domain,
    OptOut,
    Suppression,
    SuppressionReason,
    find_addresses,
    intern_addresses,
    opt_out,
    suppress,
)
from models.audit import Audit
from models.background_task import BackgroundTask, TaskState
from models.caught_mail import Arrived, CaughtMail
from models.column_types import table
from models.db import Doors
from models.erasure import ABANDONED, begin, end_abandoned, erase
from models.erasure_plan import ErasurePlan, plan_address, plan_person
from models.erasure_traces import TRACES
from models.errors import NotFound, Refused, Unavailable
from models.log_table import Action, EventSource, LogRecord, Visit
from models.mail_in import MailIn, MailKind, MailText, MatchedBy, Standing
from models.queue_table import Claim, ClaimState, ItemState, QueueItem
from models.recipient import Kind, Recipient, create_recipient, edit_recipient, restore_recipients
from models.recipient_filter import RecipientFilter
from models.recipient_page import recipient_page
from models.settings import settings
from models.settlement import settle
from models.test_send import TestSend
from models.verdict import Outcome, Verdict
from tests import factories
from tests.models.test_recipient_import import checked, imported, plan_for

BY = "grace@example.com"
ADDRESS = "Augusta.Byron@Lovelace-Estate.example"
NORMAL = ADDRESS.lower()
TELLING = ("augusta", "byron", "lovelace-estate", "203.0.113", "Difference Engine", "Mozilla/5.0 (her own)")
"""What must be nowhere afterwards, whatever the case."""


def erased(plan: ErasurePlan, now: datetime) -> None:
    with db.pinned() as doors:
        erase(doors, plan, now, BY)


def planned(recipient_id: int, *, only: bool = False) -> ErasurePlan:
    with db.reading() as session:
        return plan_person(session, recipient_id, only=only)


@pytest.fixture
def augusta(database: Engine, now: datetime) -> int:
    """Somebody about whom everything is known: mailed, opened, bounced, complained of, tested, answered."""
    with db.unit_of_work() as session:
        account = factories.recipient(session, None, kind=Kind.ACCOUNT, company="Mill", first_name="", last_name="")
        person = factories.recipient(
            session,
            ADDRESS,
            first_name="Augusta",
            last_name="Byron",
            company="Difference Engine Ltd",
            account_id=account.id,
            language="en",
            time_zone="Europe/London",
            fields={"street": "1 Byron Row"},
        )
        customers = factories.target_list(session, "Customers", [person])
        mail = factories.mass_email(session, customers)
        item = factories.queue_item(
            session,
            mail,
            person,
            ItemState.SENT,
            reply=f"250 <{ADDRESS}> taken",
            personal={"Person.firstName": "Augusta"},
            opened_at=now,
        )
        visit = Visit(agent="Mozilla/5.0 (her own)", ip="203.0.113.0/24")
        session.add(visit)
        session.flush()
        session.add(
            LogRecord(
                at=now,
                campaign_id=mail.campaign_id,
                mass_email_id=mail.id,
                item_id=item.id,
                recipient_id=person.id,
                action=Action.OPENED,
                source=EventSource.PUBLIC_PAGE,
                visit_id=visit.id,
            )
        )
        opt_out(
            session, person.address_id, [customers.id], now, source="one_click", item_id=item.id, ip="203.0.113.0/24"
        )
        suppress(session, person.address_id, SuppressionReason.HARD_BOUNCE, now, evidence=f"550 <{NORMAL}> unknown")
        came = MailIn(
            account_id=1,
            folder="INBOX",
            uidvalidity=1,
            uid="1",
            digest="d",
            at=now,
            taken_at=now,
            kind=MailKind.NOT_A_BOUNCE,
            standing=Standing.REPLIED,
            matched_by=MatchedBy.RECIPIENT,
            from_address=NORMAL,
            subject="Augusta Byron is away",
            size=9,
        )
        session.add(came)
        session.flush()
        session.add(MailText(mail_id=came.id, packed=zlib.compress(b"Augusta")))
        for recipient_id in (person.id, None):
            session.add(
                TestSend(
                    mass_email_id=mail.id,
                    recipient_id=recipient_id,
                    address=ADDRESS,
                    version_id=mail.version_id,
                    at=now,
                    reply=f"250 {ADDRESS}",
                )
            )
        person_id = person.id
    arrived = Arrived("news@sender.example", (ADDRESS,), b"To: Augusta\r\n\r\nDear Augusta", now)
    with db.unit_of_work() as session:
        caught_mail.keep(session, [(arrived, caught_mail.write_file(arrived))])
    return person_id


def everything() -> str:
    """Every value of every table, and every caught mail."""
    with db.reading() as session:
        rows = [str(row) for one in SQLModel.metadata.sorted_tables for row in session.execute(sa.select(one)).all()]
    return "\n".join([*rows, *(file.read_text() for file in caught_mail.folder().rglob("*") if file.is_file())])


def figures() -> dict[str, int]:
    counted = (QueueItem, LogRecord, ConsentEvent, OptOut, MailIn, TestSend, Visit, Recipient)
    with db.reading() as session:
        return {m.__name__: session.scalar(sa.select(sa.func.count()).select_from(table(m))) or 0 for m in counted}


def test_nothing_of_a_person_is_left_and_every_figure_stays(augusta: int, now: datetime) -> None:
    before, known = figures(), everything().lower()
    assert [word for word in TELLING if word.lower() not in known] == []
    erased(planned(augusta), now)
    assert figures() == before
    left = everything().lower()
    assert [word for word in TELLING if word.lower() in left] == []
    with db.reading() as session:
        person = session.get_one(Recipient, augusta)
        assert (person.name, person.address_typed, person.fields, person.account_id) == (f"#{augusta}", "", {}, None)
        assert person.erased_at == person.archived_at == now
        address = session.get_one(Address, person.address_id)
        assert address.normal is None
        assert len(address.erased_hash or "") == 32
        reasons = session.exec(select(Suppression.reason, Suppression.until).order_by(Suppression.reason)).all()
        assert reasons == [(SuppressionReason.HARD_BOUNCE, None), (SuppressionReason.ERASED, None)]
        assert session.exec(select(CaughtMail)).all() == []
        (event,) = session.exec(select(ConsentEvent)).all()
        assert (event.source, event.item_id is not None, event.ip) == ("one_click", True, None)
        for word in ("augusta", "byron", "lovelace"):
            everybody = RecipientFilter(text=word, archived=None)
            assert recipient_page(session, everybody)[1] == 0
        assert {line.act for line in session.exec(select(Audit))} == {"recipient.erased", "address.erased"}


def test_the_plan_names_exactly_what_goes_and_what_stays(augusta: int) -> None:
    plan = planned(augusta)
    assert plan.goes == {
        "messages": 1, "visits": 1, "consent_ips": 1, "mails": 1, "webhook_events": 0, "tests": 2, "caught_mails": 1
    }  # fmt: skip
    assert plan.stays == {"messages": 1, "log_records": 1, "entries": 1, "consent_events": 1, "opt_outs": 1}
    assert (plan.ids, len(plan.addresses), plan.kept_by, plan.users) == ((augusta,), 1, 0, 0)


def test_once_erased_nothing_is_left_to_go(augusta: int, now: datetime) -> None:
    erased(planned(augusta), now)
    assert set(planned(augusta).goes.values()) == {0}
    erased(planned(augusta), now + timedelta(days=1))
    with db.reading() as session:
        assert session.get_one(Recipient, augusta).erased_at == now


def test_a_re_import_makes_the_record_and_mails_nobody(augusta: int, now: datetime, tmp_path: Path) -> None:
    erased(planned(augusta), now)
    plan = plan_for(tmp_path, f"email,first name\n {NORMAL.upper()} ,Augusta\nother@lovelace-estate.example,Olga\n")
    dry, done, again = checked(plan), imported(plan, now), imported(plan, now)
    assert [(one.new, one.unchanged, one.suppressed, one.erased) for one in (dry, done, again)] == [
        (2, 0, 1, 1),
        (2, 0, 1, 1),
        (0, 2, 1, 1),
    ]
    with db.reading() as session:
        (row,), total = recipient_page(session, RecipientFilter(text="augusta"))
        assert (total, row.suppressed[-1]) == (1, SuppressionReason.ERASED)
        assert row.id != augusta
        assert session.get_one(Address, row.address_id).normal is None
        assert recipient_page(session, RecipientFilter(text="olga"))[0][0].suppressed == ()
        plan = plan_address(session, ADDRESS)
    assert plan.ids == (row.id,)
    erased(plan, now)
    assert not [word for word in TELLING[:2] if word in everything().lower()]


def test_somebody_created_by_hand_with_an_erased_address_is_suppressed(augusta: int, now: datetime) -> None:
    erased(planned(augusta), now)
    with db.unit_of_work() as session:
        new = create_recipient(session, {"kind": Kind.LEAD, "address": ADDRESS}, now)
        found = intern_addresses(session, [NORMAL, "new@example.com"], now)
        assert find_addresses(session, [NORMAL, "never@example.com"]) == {NORMAL: found[NORMAL]}
        assert session.get_one(Recipient, new).address_id == found[NORMAL]
        assert session.get(Suppression, (found[NORMAL], SuppressionReason.ERASED)) is not None


def test_who_was_erased_comes_back_neither_by_editing_nor_from_the_archive(augusta: int, now: datetime) -> None:
    erased(planned(augusta), now)
    with db.unit_of_work() as session:
        revision = session.get_one(Recipient, augusta).revision
        assert restore_recipients(session, [augusta]) == 0
        with pytest.raises(Refused, match="erased on request"):
            edit_recipient(session, augusta, revision, {"first_name": "Augusta"}, now)


def test_all_records_of_an_address_go_unless_one_is_named(augusta: int, now: datetime) -> None:
    with db.unit_of_work() as session:
        twin = factories.recipient(session, ADDRESS, kind=Kind.LEAD, name="Ada B").id
    assert planned(augusta).ids == planned(twin).ids == (augusta, twin)
    alone = planned(augusta, only=True)
    assert (alone.ids, alone.addresses, alone.kept_by) == ((augusta,), (), 1)
    erased(alone, now)
    with db.reading() as session:
        assert session.get_one(Recipient, augusta).address_id is None
        kept = session.get_one(Recipient, twin)
        assert (kept.name, kept.address_typed) == ("Ada B", ADDRESS)
        assert session.get_one(Address, kept.address_id).normal == NORMAL
        assert session.get(Suppression, (kept.address_id, SuppressionReason.ERASED)) is None
        assert session.exec(select(QueueItem.personal)).all() == [None]


def test_a_former_address_goes_too_unless_somebody_else_has_it(augusta: int, now: datetime) -> None:
    with db.unit_of_work() as session:
        edit_recipient(session, augusta, 1, {"address": "augusta@example.com"}, now)
        ids = find_addresses(session, [NORMAL, "augusta@example.com"])
    assert set(planned(augusta).addresses) == set(ids.values())
    with db.unit_of_work() as session:
        factories.recipient(session, ADDRESS, name="Ada")
    assert planned(augusta).addresses == (ids["augusta@example.com"],)


def test_an_address_that_nobody_has_is_erased_by_itself(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        intern_addresses(session, ["ada@gmail.com", "alone@own-domain.example"], now)
    for typed in ("ADA@gmail.com", "alone@own-domain.example"):
        with db.reading() as session:
            plan = plan_address(session, typed)
        erased(plan, now)
    with db.reading() as session:
        domains = session.exec(select(Domain.name).join(Address, Address.domain_id == Domain.id)).all()
        assert sorted(domains) == ["erased.invalid", "gmail.com"]
        assert "own-domain" not in str(session.exec(select(Domain.name)).all())
        with pytest.raises(NotFound):
            plan_address(session, "never@example.com")


def test_users_stay_for_the_audit_trail_names_them(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        user = factories.recipient(session, "grace@example.com", kind=Kind.USER)
        with pytest.raises(Refused, match="signs in here"):
            plan_person(session, user.id)
        with pytest.raises(Refused, match="signs in here"):
            plan_address(session, "grace@example.com")
        contact = factories.recipient(session, "grace@example.com")
        plan = plan_address(session, "grace@example.com")
        assert (plan.ids, plan.addresses, plan.kept_by, plan.users) == ((contact.id,), (), 1, 1)


def test_nobody_is_erased_while_a_message_to_them_is_on_its_way(augusta: int, now: datetime) -> None:
    with db.unit_of_work() as session:
        item = session.exec(select(QueueItem)).one()
        item.state = ItemState.HELD
    with pytest.raises(Refused, match="Try again in a minute"):
        erased(planned(augusta), now)
    with db.reading() as session:
        assert session.exec(select(BackgroundTask)).all() == []


def test_who_held_a_message_and_wakes_up_after_the_erasure_writes_nothing_of_the_person(
    augusta: int, now: datetime
) -> None:
    with db.unit_of_work() as session:
        item = session.exec(select(QueueItem)).one()
        held = {"worker": "w", "mass_email_id": item.mass_email_id, "smtp_account_id": 1, "state": ClaimState.EXPIRED}
        claim = Claim(**held, lease_until=now, created_at=now)
        session.add(claim)
        session.flush()
        item.state, item.claim_id = ItemState.UNCERTAIN, claim.id
        item_id, claim_id = item.id, claim.id
    erased(planned(augusta), now)
    late = Verdict(item_id, Outcome.SENT, reply=f"250 <{ADDRESS}> taken", personal={"Person.firstName": "Augusta"})
    with db.unit_of_work() as session:
        settle(session, claim_id, [late], now + timedelta(minutes=5))
        item = session.exec(select(QueueItem)).one()
        assert (item.state, item.reply, item.personal) == (ItemState.UNCERTAIN, "", None)


@pytest.mark.parametrize("broken_at", [0, 2, len(TRACES)])
def test_an_erasure_that_was_broken_off_is_ended_by_clean_up(augusta: int, now: datetime, broken_at: int) -> None:
    class Killed(BaseException):
        pass

    def kill(done: int, _total: int) -> None:
        if done == broken_at:
            raise Killed

    plan = planned(augusta)
    if broken_at:
        with db.pinned() as doors, pytest.raises(Killed):
            erase(doors, plan, now, BY, on_chunk=kill)
    else:
        with db.unit_of_work() as session:
            begin(session, plan.ids, plan.addresses, now, BY)
    with db.reading() as session:  # from the first step on nobody mails them
        assert session.get_one(Recipient, augusta).archived_at == now
        assert session.get(Suppression, (plan.addresses[0], SuppressionReason.ERASED)) is not None
    with db.pinned() as doors:
        assert end_abandoned(doors, now + ABANDONED) == 0
        assert end_abandoned(doors, now + ABANDONED + timedelta(seconds=1)) == 1
        assert end_abandoned(doors, now + 3 * ABANDONED) == 0
    assert not [word for word in TELLING if word.lower() in everything().lower()]
    with db.reading() as session:
        assert session.exec(select(BackgroundTask.state)).all() == [TaskState.DONE]


def test_an_erasure_goes_in_chunks(sqlite_database: Engine, now: datetime, monkeypatch) -> None:
    """Ten thousand opens: the chunks are small, and others write in between (D23)."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, ADDRESS)
        visits = [{"agent": "Mozilla", "ip": f"203.0.113.{n % 256}"} for n in range(10_000)]
        numbers = session.scalars(sa.insert(Visit).returning(Visit.id), visits).all()
        row = {"at": now, "campaign_id": 1, "mass_email_id": 1, "item_id": 1, "recipient_id": person.id}
        row |= {"action": Action.OPENED, "source": EventSource.PUBLIC_PAGE, "first": False, "machine": 1}
        session.execute(sa.insert(table(LogRecord)), [row | {"visit_id": number} for number in numbers])
        ids = person.id
    units: list[Doors] = []
    unit = Doors.unit_of_work

    @contextmanager
    def counted(self, **named):
        with unit(self, **{**named, "rest": False}) as session:
            yield session
        units.append(self)

    monkeypatch.setattr(Doors, "unit_of_work", counted)
    erased(planned(ids), now)
    with db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Visit.ip != "")) == 0
    assert len(units) >= 12


def test_the_database_alone_tests_no_guess_and_another_secret_mails_nobody(
    augusta: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased(planned(augusta), now)
    with db.reading() as session:
        key = pepper.find(session)
        kept = session.scalar(sa.text("SELECT value FROM setting WHERE key = 'own.erasure_pepper'"))
    assert key is not None
    assert key.hex() not in str(kept)
    monkeypatch.setenv("ENVOI_SECRET_KEY", "another secret")
    settings.cache_clear()
    with db.unit_of_work() as session, pytest.raises(Unavailable, match="secret is another one"):
        intern_addresses(session, ["somebody@example.com"], now)


def test_the_token_key_rotates_and_the_pepper_does_not(augusta: int, now: datetime) -> None:
    from models import token_key

    erased(planned(augusta), now)
    with db.unit_of_work() as session:
        before = pepper.find(session)
        token_key.rotate(session, now, BY)
        assert pepper.make(session) == pepper.find(session) == before
        assert find_addresses(session, [NORMAL])


def test_an_erasure_is_a_task_without_the_address(augusta: int, now: datetime) -> None:
    erased(planned(augusta), now)
    with db.reading() as session:
        (task,) = session.exec(select(BackgroundTask)).all()
        assert (task.state, task.kind) == (TaskState.DONE, "erasure")
        assert background_task.running_tasks(session, "erasure") == []
        assert "lovelace" not in str(task.detail).lower()
