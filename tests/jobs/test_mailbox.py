"""Group email accounts against a real Dovecot: what comes is taken in once, whatever happens on the way."""

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from jobs import bounces
from jobs.bounces import check_account, run_check_group_email_accounts, try_mailbox
from jobs.mailbox import MOST_OCTETS, ImapMailbox, MailboxTrouble, Step
from models import db, mail_in, return_path
from models.address import OptOut, Suppression, SuppressionReason
from models.group_email_account import create_account, detached, draft_account, edit_account, get_account_row
from models.group_email_account_table import ReturnPathState
from models.log_record import Action, EventSource, LogRecord
from models.mail_in import MailIn, MatchedBy, Standing
from models.queue_item import ItemState, QueueItem
from models.statistics import recount
from models.tracking import Purpose
from tests import factories
from tests.factories import NOW
from tests.jobs import dovecot
from tests.jobs.dovecot import Dovecot
from tests.jobs.returned_mail import TO, bounce, complaint, tagged, token, written
from tests.jobs.token_server import TokenServer

pytestmark = pytest.mark.servers
BY = "ada@example.com"
_numbers = iter(range(1, dovecot.USERS))


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    server = dovecot.start()
    yield server
    dovecot.stop(server)


@pytest.fixture
def server(running: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """The server, trusted, with a mailbox of the test's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.ca))
    monkeypatch.setattr(dovecot, "USER", f"bounce{next(_numbers)}")
    return running


def put(server: Dovecot, *mails: bytes, folder: str = "INBOX") -> None:
    server.put(*mails, folder=folder, user=dovecot.USER)


def account(server: Dovecot, **values: object) -> int:
    with db.unit_of_work() as session:
        return create_account(session, server.values(dovecot.USER, **values), NOW, by=BY)


def sent(address: str = "ada@example.com", state: ItemState = ItemState.UNCERTAIN) -> QueueItem:
    """An item whose message left an hour ago; uncertain, so that what comes back makes it sent, with its log record."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, address)
        members = factories.target_list(session, f"list {person.id}", [person])
        mail = factories.mass_email(session, members)
        return factories.queue_item(session, mail, person, state, first_tried_at=NOW - timedelta(hours=1))


async def check(account_id: int) -> dict[Standing, int]:
    found = await check_account(account_id, clock=lambda: NOW)
    assert found.error == ""
    return dict(found.counts)


def mails(*columns) -> list:
    with db.reading() as session:
        return list(session.exec(select(*columns).order_by(MailIn.id)).all())


def actions() -> list[Action]:
    with db.reading() as session:
        assert recount(session) == []
        rows = select(LogRecord.action).where(LogRecord.action != Action.SENT).order_by(LogRecord.id)
        return list(session.exec(rows).all())


def suppressed() -> list[SuppressionReason]:
    with db.reading() as session:
        return list(session.exec(select(Suppression.reason)).all())


# Whose it is


@pytest.mark.usefixtures("database")
async def test_a_returned_mail_is_found_by_return_path_own_header_message_id_or_address(server: Dovecot) -> None:
    items = [sent(f"person{n}@example.com") for n in range(4)]
    strange = "nobody@elsewhere.example.net"
    put(
        server,
        bounce(strange, to=tagged(items[0].id)),
        bounce(strange, returned={"X-Envoi-Item": token(items[1].id)}),
        bounce(strange, returned={"Message-ID": f"<{token(items[2].id)}@sender.example>"}),
        bounce("Person3@Example.COM"),
    )
    assert await check(account(server)) == {Standing.BOUNCED: 4}
    ways = [MatchedBy.RETURN_PATH, MatchedBy.OWN_HEADER, MatchedBy.MESSAGE_ID, MatchedBy.RECIPIENT]
    assert mails(MailIn.item_id, MailIn.matched_by) == [(item.id, way) for item, way in zip(items, ways, strict=True)]
    assert actions() == [Action.BOUNCED] * 4
    assert suppressed() == [SuppressionReason.HARD_BOUNCE] * 4


@pytest.mark.usefixtures("sqlite_database")
async def test_the_return_path_is_believed_before_the_other_clues(server: Dovecot) -> None:
    first, other = sent("first@example.com"), sent("other@example.com")
    put(server, bounce("other@example.com", to=tagged(first.id), returned={"X-Envoi-Item": token(other.id)}))
    await check(account(server))
    assert mails(MailIn.item_id) == [first.id]


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (lambda item: bounce("stranger@example.org"), "an address that nobody has"),
        (lambda item: bounce("long.ago@example.com"), "mailed more than 30 days ago"),
        (lambda item: bounce("x@example.org", to=tagged(item.id).replace("+", "+a")), "a cut token"),
        (lambda item: bounce("x@example.org", returned={"X-Envoi-Item": token(10_000)}), "an unknown item"),
        (
            lambda item: bounce("x@example.org", returned={"X-Envoi-Item": token(item.id, Purpose.TRACK)}),
            "a token of another purpose",
        ),
    ],
)
async def test_what_nobody_can_be_found_for_is_kept_to_decide_and_suppresses_nobody(
    server: Dovecot, mail, why: str
) -> None:
    item = sent()
    with db.unit_of_work() as session:
        person = factories.recipient(session, "long.ago@example.com")
        old = factories.mass_email(session, factories.target_list(session, "old", [person]))
        long_ago = NOW - timedelta(days=31)
        factories.queue_item(session, old, person, ItemState.SENT, first_tried_at=long_ago)
    put(server, mail(item))
    assert await check(account(server)) == {Standing.UNMATCHED: 1}, why
    assert suppressed() == []
    (mail_id,) = mails(MailIn.id)
    with db.reading() as session:
        assert b"delivery-status" in mail_in.read_text(session, mail_id)


@pytest.mark.usefixtures("sqlite_database")
async def test_each_kind_of_mail_means_what_it_should(server: Dovecot) -> None:
    items = [sent(f"person{n}@example.com") for n in range(9)]
    ids = [item.id for item in items]
    back = [f"<{token(item)}@sender.example>" for item in ids]
    put(
        server,
        bounce("p@example.com", "5.2.2", "552 5.2.2 mailbox full", to=tagged(ids[0])),
        bounce("p@example.com", "4.4.1", "still trying", to=tagged(ids[1]), action="delayed"),
        complaint(ids[2]),
        written("I am away.", answers=back[3], subject="Automatic reply: News", Auto_Submitted="auto-replied"),
        written("Thank you, a fine letter!", answers=back[4]),
        written("STOP", answers=back[5]),
        written("Merci de me désinscrire.", answers=back[6]),
        written("", subject=f"unsubscribe {token(ids[7], Purpose.CONSENT)}", sender="another@example.org"),
        bounce("p@example.com", "2.0.0", "250 2.0.0 ok", to=tagged(ids[8]), action="delivered"),
        written("Buy now", subject="Offer", sender="shop@example.net"),
        written("???", subject="hm", sender="MAILER-DAEMON@mx.example.net"),
    )
    await check(account(server))
    assert mails(MailIn.standing) == [
        Standing.BOUNCED,
        Standing.NOTED,
        Standing.COMPLAINED,
        Standing.NOTED,
        Standing.REPLIED,
        Standing.OPTED_OUT,
        Standing.OPTED_OUT,
        Standing.OPTED_OUT,
        Standing.NOTED,
        Standing.OTHER,
        Standing.NOT_UNDERSTOOD,
    ]
    out = Action.OPTED_OUT
    assert actions() == [Action.BOUNCED, Action.COMPLAINED, Action.REPLIED, out, out, out]
    assert suppressed() == [SuppressionReason.COMPLAINT]
    with db.reading() as session:
        sources = select(LogRecord.source).where(LogRecord.action == out).order_by(LogRecord.id)
        assert list(session.exec(sources)) == [EventSource.REPLY, EventSource.REPLY, EventSource.MAILTO]
        assert set(session.exec(select(OptOut.list_id))) == {1 + n for n in (5, 6, 7)}


@pytest.mark.usefixtures("sqlite_database")
async def test_a_forged_opt_out_token_opts_nobody_out(server: Dovecot) -> None:
    item = sent()
    forged = token(item.id, Purpose.TRACK)
    put(server, written("", subject=f"unsubscribe {forged}", sender="mallory@example.net"))
    assert await check(account(server)) == {Standing.UNMATCHED: 1}
    assert actions() == []


@pytest.mark.usefixtures("sqlite_database")
async def test_a_reply_is_kept_to_read(server: Dovecot) -> None:
    item = sent()
    put(server, written("Where can I buy this?", answers=f"<{token(item.id)}@sender.example>"))
    await check(account(server))
    with db.reading() as session:
        (row,), total = mail_in.mail_page(session, recipient_id=item.recipient_id)
        assert (total, row.standing, row.person, row.subject) == (1, Standing.REPLIED, "Ada Byron", "Re: News")
        assert b"Where can I buy this?" in mail_in.read_text(session, row.id)
        assert session.get_one(QueueItem, item.id).replied_at == NOW


@pytest.mark.usefixtures("sqlite_database")
async def test_the_bounce_of_a_test_counts_for_nobody(server: Dovecot) -> None:
    put(server, bounce(returned={"X-Envoi-Item": token(1, Purpose.TEST_TRACK)}))
    assert await check(account(server)) == {Standing.NOTED: 1}
    assert suppressed() == []


# Once, and never lost


class Killed(BaseException):
    """As SIGKILL: nothing in the program handles it."""


@pytest.mark.usefixtures("database")
async def test_a_mail_is_taken_once_in_however_many_runs(server: Dovecot) -> None:
    item, account_id = sent(), account(server)
    put(server, bounce(to=tagged(item.id)))
    assert await check(account_id) == {Standing.BOUNCED: 1}
    assert await check(account_id) == {}
    put(server, bounce(to=tagged(item.id)))
    assert await check(account_id) == {Standing.KNOWN: 1}
    assert actions() == [Action.BOUNCED]


@pytest.mark.usefixtures("sqlite_database")
async def test_when_the_server_numbers_anew_all_is_looked_at_again_and_nothing_counts_twice(server: Dovecot) -> None:
    items = [sent(f"person{n}@example.com") for n in range(3)]
    account_id = account(server)
    put(server, bounce(to=tagged(items[0].id)), written("Thanks", answers=f"<{token(items[1].id)}@sender.example>"))
    await check(account_id)
    server.number_anew(dovecot.USER)
    put(server, bounce(to=tagged(items[2].id)))
    assert await check(account_id) == {Standing.BOUNCED: 1}
    assert actions() == [Action.BOUNCED, Action.REPLIED, Action.BOUNCED]
    assert set(mails(MailIn.uidvalidity)) == {4711}


@pytest.mark.usefixtures("sqlite_database")
async def test_a_run_that_dies_between_fetching_and_committing_loses_nothing(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [sent(f"person{n}@example.com") for n in range(5)]
    account_id = account(server, afterwards="mark_seen")
    put(server, *(bounce(to=tagged(item.id)) for item in items))
    take_in, calls = bounces._take_in, iter(range(10))

    def dies(session: Session, *given):
        standing = take_in(session, *given)
        if next(calls) == 2:
            raise Killed  # the process is killed: the transaction of the third mail is never committed
        return standing

    with monkeypatch.context() as dying:
        dying.setattr(bounces, "_take_in", dies)
        with pytest.raises(Killed):
            await check_account(account_id, clock=lambda: NOW)
    assert len(mails(MailIn.id)) == 2
    assert await check(account_id) == {Standing.BOUNCED: 3}
    assert actions() == [Action.BOUNCED] * 5
    assert len(server.subjects(user=dovecot.USER, criteria="SEEN")) == 5


@pytest.mark.usefixtures("sqlite_database")
async def test_more_mails_than_a_portion_are_read_in_portions_until_none_is_left(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounces, "PORTION", 3)
    monkeypatch.setattr(bounces, "FETCH", 2)
    put(server, *(written(f"number {n}", subject=f"mail {n}") for n in range(8)))
    assert await check(account(server)) == {Standing.OTHER: 8}
    assert mails(MailIn.subject) == [f"mail {n}" for n in range(8)]


@pytest.mark.usefixtures("sqlite_database")
async def test_a_stop_ends_the_run_and_the_next_one_goes_on(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounces, "FETCH", 1)
    account_id, stop = account(server), asyncio.Event()
    put(server, *(written("x", subject=f"mail {n}") for n in range(3)))
    real = bounces.judge

    def stops(raw: bytes):
        stop.set()
        return real(raw)

    monkeypatch.setattr(bounces, "judge", stops)
    found = await check_account(account_id, stop=stop, clock=lambda: NOW)
    assert found.counts == {Standing.OTHER: 1}
    assert await check(account_id) == {Standing.OTHER: 2}


@pytest.mark.usefixtures("database")
async def test_hostile_huge_and_broken_mails_stop_no_run(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    item, account_id = sent(), account(server)
    nested = b"Subject: nested\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
    nested += b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 3000
    put(
        server,
        b"Subject: no end" + b"x" * 200_000 + b"\r\n\r\n",
        b"Subject: =?utf-8?q?=00=F0=9F?=\r\nFrom: \xff\xfe\r\n\r\n\x80\x81\r\n",
        nested,
        b"Subject: huge\r\n\r\n" + b"y" * 70 + b"\r\n" * (3 * MOST_OCTETS),
        b"\r\n",
        bounce(to=tagged(item.id)),
    )
    found = await check(account_id)
    assert sum(found.values()) == 6
    assert found[Standing.BOUNCED] == 1
    assert max(mails(MailIn.size)) > 3 * MOST_OCTETS

    def breaks(raw: bytes):
        raise RuntimeError("a rule is wrong")

    monkeypatch.setattr(bounces, "judge_mail", breaks)
    put(server, written("whatever"))
    await check(account_id)
    assert mails(MailIn.evidence)[-1] == "RuntimeError: a rule is wrong"


# What becomes of them in the mailbox


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("how", ["leave", "mark_seen", "move"])
async def test_mails_are_left_marked_or_moved_as_the_account_asks_and_never_deleted(server: Dovecot, how: str) -> None:
    account_id = account(server, afterwards=how, move_to="Envoi/Lus é" if how == "move" else "")
    put(server, written("a", subject="one"), written("b", subject="two"))
    assert await check(account_id) == {Standing.OTHER: 2}
    user = dovecot.USER
    there = server.subjects(user=user)
    seen = server.subjects(user=user, criteria="SEEN")
    match how:
        case "leave":
            assert (there, seen) == (["one", "two"], [])
        case "mark_seen":
            assert (there, seen) == (["one", "two"], ["one", "two"])
        case "move":
            assert there == []
            assert server.subjects("Envoi/Lus é", user=user) == ["one", "two"]
    assert await check(account_id) == {}


@pytest.mark.usefixtures("sqlite_database")
async def test_several_folders_are_watched_and_a_mail_in_two_of_them_counts_once(server: Dovecot) -> None:
    item = sent()
    reply = written("Thanks", answers=f"<{token(item.id)}@sender.example>")
    put(server, reply)
    put(server, reply, written("other", subject="junk"), folder="Junk")
    account_id = account(server, folders="INBOX\nJunk")
    assert await check(account_id) == {Standing.REPLIED: 1, Standing.OTHER: 1}
    assert actions() == [Action.REPLIED]


# POP3


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("way", ["none", "starttls", "implicit"])
async def test_over_pop3_mails_are_read_once_and_left(server: Dovecot, way: str) -> None:
    item = sent()
    port = server.pop3s if way == "implicit" else server.pop3
    account_id = account(server, protocol="pop3", port=port, tls=way)
    put(server, bounce(to=tagged(item.id)), b"From: a@example.org\r\nSubject: long\r\n\r\n" + b"z" * 5000 + b"\r\n")
    assert await check(account_id) == {Standing.BOUNCED: 1, Standing.OTHER: 1}
    assert await check(account_id) == {}
    put(server, written("later", subject="later"))
    assert await check(account_id) == {Standing.OTHER: 1}
    assert len(server.subjects(user=dovecot.USER)) == 3


# Test connection


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize(
    ("values", "step", "words"),
    [
        ({"host": "nowhere.invalid"}, Step.RESOLVE, ""),
        ({"port": 1}, Step.CONNECT, "Connection refused"),
        ({"tls": "implicit"}, Step.TLS, "TLS failed"),
        ({"tls": "starttls", "host": "localhost"}, None, ""),
        ({"password": "wrong"}, Step.LOGIN, "Authentication failed"),
        ({"folders": "INBOX\nMissing"}, Step.FOLDER, "Mailbox doesn't exist: Missing"),
        ({"protocol": "pop3", "port": "pop3", "password": "wrong"}, Step.LOGIN, "Authentication failed"),
    ],
)
async def test_test_connection_names_the_step_that_failed_with_the_servers_words(
    server: Dovecot, values: dict[str, object], step: Step | None, words: str
) -> None:
    values = {**values, "port": server.pop3} if values.get("port") == "pop3" else values
    with db.reading() as session:
        draft = draft_account(session, None, server.values(dovecot.USER, **values), NOW)
    found = await try_mailbox(draft, patience=5)
    assert found.step is step
    assert words in found.words


@pytest.mark.usefixtures("sqlite_database")
async def test_a_certificate_that_nobody_vouches_for_is_refused_unless_the_check_is_off(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    values = server.values(dovecot.USER, port=server.imaps, tls="implicit")
    with db.reading() as session:
        checking = draft_account(session, None, values, NOW)
        trusting = draft_account(session, None, {**values, "check_certificate": "false"}, NOW)
    assert (await try_mailbox(checking)).step is Step.CERTIFICATE
    found = await try_mailbox(trusting)
    assert (found.step, found.folders) == (None, ("INBOX",))


@pytest.mark.usefixtures("sqlite_database")
async def test_trouble_stands_with_the_account_and_in_the_run_and_goes_when_it_is_over(server: Dovecot) -> None:
    good, bad = account(server), account(server, name="bad", port=1)
    put(server, written("x"))
    ran = await run_check_group_email_accounts(clock=lambda: NOW)
    assert (ran.handled, len(ran.errors)) == (1, 1)
    assert ran.errors[0].startswith("bad: connect: ")
    with db.unit_of_work() as session:
        row = get_account_row(session, bad)
        assert (row.trouble, row.last_words, row.checked_at) == ("connect", "Connection refused", NOW)
        assert get_account_row(session, good).trouble == ""
        values = {"port": server.imap, "password": dovecot.PASSWORD}
        edit_account(session, bad, row.revision, values, NOW, by=BY)
    assert (await run_check_group_email_accounts(clock=lambda: NOW)).errors == ()


@pytest.mark.usefixtures("sqlite_database")
async def test_a_password_does_not_leave_the_machine_without_tls(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Peer:
        def getpeername(self) -> tuple[str, int]:
            return "192.0.2.1", 143

    from jobs import mailbox

    with db.reading() as session:
        draft = draft_account(session, None, server.values(dovecot.USER), NOW)
    with pytest.raises(MailboxTrouble) as refused:
        mailbox.refuse_in_clear(await bounces.server_of(draft), Peer())
    assert refused.value.step is Step.LOGIN


# XOAUTH2


@pytest.fixture
def token_info(running: Dovecot) -> Iterator[dict[str, str]]:
    """Token → user: what the mail server is told about a token."""
    known: dict[str, str] = {}

    class Info(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            user = known.get(parse_qs(urlsplit(self.path).query)["access_token"][0])
            body = json.dumps({"email": user} if user else {"error": "invalid_token"}).encode()
            self.send_response(200 if user else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", running.tokens), Info) as info:
        threading.Thread(target=info.serve_forever, daemon=True).start()
        yield known
        info.shutdown()


@pytest.mark.usefixtures("sqlite_database")
async def test_an_account_signs_in_with_an_access_token_and_buys_another_when_it_is_refused(
    server: Dovecot, token_info: dict[str, str]
) -> None:
    token_info["token-2"] = dovecot.USER
    put(server, written("x"))
    async with TokenServer(lambda n: (200, {"access_token": f"token-{n}", "expires_in": 3600})) as provider:
        values = {"sign_in": "xoauth2", "token_url": provider.url, "client_id": "envoi", "refresh_token": "refresh"}
        account_id = account(server, **values)
        refused = await check_account(account_id, clock=lambda: NOW)
        assert refused.error.startswith("Returned mails: login: ")
        assert await check(account_id) == {Standing.OTHER: 1}


# The return path


@pytest.mark.usefixtures("database")
async def test_the_return_path_is_used_once_a_mail_to_it_has_arrived(server: Dovecot) -> None:
    account_id = account(server)
    with db.unit_of_work() as session:
        assert return_path.find_return_path(session) is None
        address = return_path.begin_verifying(session, account_id, NOW, by=BY)
    assert address.startswith("bounce+")
    put(server, written("x", to=TO.replace("@", "+" + "a" * 26 + "@")))
    await check(account_id)
    with db.reading() as session:
        assert return_path.find_return_path(session) is None
    put(server, written("loop", to=address))
    await check(account_id)
    with db.reading() as session:
        row = get_account_row(session, account_id)
        assert (row.return_path, row.verified_at) == (ReturnPathState.VERIFIED, NOW)
        assert return_path.find_return_path(session).sender_for(7) == tagged(7)


@pytest.mark.usefixtures("sqlite_database")
async def test_a_mail_that_does_not_arrive_within_an_hour_verifies_nothing(server: Dovecot) -> None:
    account_id = account(server)
    with db.unit_of_work() as session:
        address = return_path.begin_verifying(session, account_id, NOW, by=BY)
    late = NOW + timedelta(hours=1)
    await run_check_group_email_accounts(clock=lambda: late)
    put(server, written("loop", to=address))
    await check(account_id)
    with db.reading() as session:
        assert get_account_row(session, account_id).return_path is ReturnPathState.FAILED


@pytest.mark.usefixtures("sqlite_database")
async def test_of_a_mail_that_cannot_be_handed_out_stands_a_line_and_the_others_are_read(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = account(server)
    put(server, *(written("x", subject=f"mail {n}") for n in range(3)))
    fetch = ImapMailbox._fetch

    def refuses(self: ImapMailbox, uids):
        if "2" in uids:
            raise MailboxTrouble(Step.READ, "NO [SERVERBUG] corrupt")
        return fetch(self, uids)

    monkeypatch.setattr(ImapMailbox, "_fetch", refuses)
    assert sum((await check(account_id)).values()) == 3
    assert mails(MailIn.subject) == ["mail 0", "(mail 2 could not be read)", "mail 2"]


def test_the_copy_that_the_worker_holds_knows_no_session(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session:
        made = create_account(
            session,
            {"name": "a", "address": TO, "host": "127.0.0.1", "username": "u", "password": "p"},
            NOW,
            by=BY,
        )
        copy = detached(session, made)
        assert copy not in session
    assert copy.folders == ["INBOX"]
