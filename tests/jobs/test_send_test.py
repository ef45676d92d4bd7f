"""Send Test: as the person would get it, whatever the status, marked as a test, never in the figures."""

from email import message_from_bytes, policy

import dkim
import pytest
from sqlmodel import select

from jobs.delivery import CONFIRM_OPTED_OUT, send_test
from models import db, pacing
from models.address import EVERYTHING, OptOut, Suppression, SuppressionReason
from models.dkim_key import dns_record, generate_key, read_key
from models.erasure import erase
from models.erasure_plan import plan_address
from models.errors import Invalid, Refused
from models.log_table import LogRecord
from models.mass_email import MassEmail, MassEmailStatus
from models.smtp_account import DkimAlgorithm, SmtpAccount, encrypt
from models.test_send import TestSend
from tests import factories
from tests.jobs.smtp_server import SmtpServer

pytestmark = pytest.mark.usefixtures("database")
BY = "editor@example.com"


def _draft(server: SmtpServer) -> tuple[int, int, int]:
    """A Draft through an account at the server; its id, and those of two people."""
    with db.unit_of_work() as session:
        account = factories.smtp_account(session, port=server.port)
        ada = factories.recipient(session, "Ada@example.org")
        bob = factories.recipient(session, "bob@example.org", first_name="Bob")
        listed = factories.target_list(session, members=[ada, bob])
        draft = {"status": MassEmailStatus.DRAFT, "version_id": None}
        mail = factories.mass_email(session, listed, smtp_account_id=account.id, **draft)
        return mail.id, ada.id, bob.id


async def _send(mail: int, people=(), addresses=(), **named):
    return await send_test(mail, people, addresses, BY, clock=lambda: factories.NOW, **named)


async def test_a_test_is_signed_as_the_mass_email_will_be() -> None:
    pem = generate_key(DkimAlgorithm.ED25519)
    async with SmtpServer() as server:
        mail, ada, _ = _draft(server)
        with db.unit_of_work() as session:
            account = session.exec(select(SmtpAccount)).one()
            account.dkim_domain, account.dkim_selector, account.dkim_secret = "sender.example", "envoi1", encrypt(pem)
        assert [one.delivered for one in await _send(mail, [ada])] == [True]
        record = dns_record("sender.example", "envoi1", read_key(pem))
        (message,) = server.messages
        assert dkim.verify(message.content, dnsfunc=lambda name, timeout=5: record.value.encode())


async def test_a_draft_is_sent_to_people_and_typed_addresses_as_they_would_get_it() -> None:
    async with SmtpServer() as server:
        mail, ada, bob = _draft(server)
        outcomes = await _send(mail, [ada], [" BOB@example.org", "new@example.com"])
        assert [(one.address, one.delivered, one.words) for one in outcomes] == [
            ("Ada@example.org", True, "250 2.0.0 taken"),
            ("bob@example.org", True, "250 2.0.0 taken"),
            ("new@example.com", True, "250 2.0.0 taken"),
        ]
        messages = [message_from_bytes(m.content, policy=policy.default) for m in server.messages]
        texts = [message.get_body(("html",)).get_content() for message in messages]
        assert all(message["X-Envoi-Test"] for message in messages)
        assert ["Hello Ada" in texts[0], "Hello Bob" in texts[1], "Hello <" in texts[2]] == [True] * 3
    with db.reading() as session:
        tests = session.exec(select(TestSend).order_by(TestSend.id)).all()
        assert [(t.recipient_id, t.delivered, t.reply, t.by) for t in tests] == [
            (ada, True, "250 2.0.0 taken", BY),
            (bob, True, "250 2.0.0 taken", BY),
            (None, True, "250 2.0.0 taken", BY),
        ]
        assert session.exec(select(LogRecord)).all() == []
        assert session.exec(select(MassEmail.status)).one() is MassEmailStatus.DRAFT
        account = session.exec(select(SmtpAccount.id)).one()
        assert pacing.used(pacing.usage(session, account, factories.NOW), factories.NOW) == 3


async def test_a_suppressed_address_is_refused_with_the_reason_and_the_others_go() -> None:
    async with SmtpServer() as server:
        mail, ada, bob = _draft(server)
        with db.unit_of_work() as session:
            held = factories.address(session, "ada@example.org").id
            reason = SuppressionReason.COMPLAINT
            session.add(Suppression(address_id=held, reason=reason, since=factories.NOW))
        outcomes = {one.address: one for one in await _send(mail, [ada, bob])}
        assert [m.recipient for m in server.messages] == ["bob@example.org"]
        refused = outcomes["Ada@example.org"]
        assert (refused.delivered, "complaint" in refused.words) == (False, True)
        assert "plainte" in refused.problem.text("fr")


async def test_an_address_that_was_erased_is_refused_also_when_it_is_typed() -> None:
    async with SmtpServer() as server:
        mail, _, bob = _draft(server)
        with db.reading() as session:
            plan = plan_address(session, "ada@example.org")
        with db.pinned() as doors:
            erase(doors, plan, factories.NOW, BY)
        outcomes = {one.address: one for one in await _send(mail, [bob], ["ADA@example.org"])}
        assert [m.recipient for m in server.messages] == ["bob@example.org"]
        assert "erased on request" in outcomes["ADA@example.org"].words


@pytest.mark.parametrize("whole", [True, False])
async def test_who_opted_out_is_asked_about_first(whole: bool) -> None:
    async with SmtpServer() as server:
        mail, ada, _ = _draft(server)
        with db.unit_of_work() as session:
            held = factories.address(session, "ada@example.org").id
            session.add(OptOut(address_id=held, list_id=EVERYTHING if whole else 1))
        with pytest.raises(Refused) as asked:
            await _send(mail, [ada])
        assert (asked.value.problem.key, server.messages) == (CONFIRM_OPTED_OUT, [])
        with db.reading() as session:
            assert session.exec(select(TestSend)).all() == []
        assert (await _send(mail, [ada], confirm=True))[0].delivered


@pytest.mark.parametrize(
    ("addresses", "key"),
    [
        (["no address"], None),
        (["a@b.example\r\nBcc: x@y.example"], None),
        ([], "send_test.nobody"),
        ([f"p{n}@example.org" for n in range(51)], "send_test.too_many"),
    ],
)
async def test_what_cannot_be_sent_to_is_refused_beside_the_field(addresses, key) -> None:
    async with SmtpServer() as server:
        mail, *_ = _draft(server)
        with pytest.raises(Invalid) as refused:
            await _send(mail, addresses=addresses)
        assert key in {None, refused.value.problems["addresses"].key}
        assert server.messages == []


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ({"AUTH": "535 5.7.8 wrong password"}, "535 5.7.8 wrong password"),
        ({"RCPT": "550 5.1.1 no such user"}, "550 5.1.1 no such user"),
        ({"CONNECT": "421 4.3.2 closed today"}, "421 4.3.2 closed today"),
    ],
)
async def test_errors_are_shown_word_for_word_and_kept(on, words) -> None:
    async with SmtpServer(on=on, features=("AUTH PLAIN",)) as server:
        mail, ada, _ = _draft(server)
        with db.unit_of_work() as session:
            account = session.exec(select(SmtpAccount)).one()
            account.username, account.secret = "envoi", encrypt("secret")
        outcome = (await _send(mail, [ada]))[0]
        assert (outcome.delivered, outcome.words) == (False, words)
    with db.reading() as session:
        assert session.exec(select(TestSend.reply)).one() == words
