"""Mail into servers of other people, as their Debian packages have them: Postfix and Exim with TLS and a login, and
Postfix's smtp-sink. What they took is looked at where they delivered it."""

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import dkim
import pytest

from jobs.access_token import Grant, Tokens
from jobs.delivery import send_portion
from jobs.dkim import Signer
from jobs.replies import Fate, Step, judge
from jobs.smtp import Connection, Server, test_connection
from models import db
from models.dkim_key import dns_record, generate_key, read_key
from models.log_table import BounceKind
from models.mass_email import MassEmailStatus
from models.queue_item import queue_counts
from models.secret import encrypt
from models.smtp_account import DkimAlgorithm, Tls
from tests import factories
from tests.conftest import free_port
from tests.jobs.real_servers import MOST_OCTETS, PASSWORD, TOKEN, USERNAME, MailServer, Missing, exim, postfix
from tests.jobs.test_compose import ADA, NOW, plan_of
from tests.jobs.token_server import TokenServer

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("sqlite_database")]
SENDER = "news@sender.example"
HEAD = (
    "From: Atelier <news@sender.example>\r\nTo: {to}\r\nSubject: Real\r\nDate: Tue, 08 Sep 2026 11:46:12 +0000\r\n"
    "Message-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n"
)
BODY = ".\r\n..\r\n. dot\r\n\r\n in, and out \r\nÉlan – 8 bits\r\n" + "x" * 998 + "\r\n.\r\n"


@pytest.fixture(scope="module", params=[postfix, exim], ids=["Postfix", "Exim"])
def running(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    folder = Path(tempfile.mkdtemp(prefix="envoi-server-"))
    folder.chmod(0o755)  # the servers' own users work in it
    try:
        with request.param(folder) as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(running: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    """A running server whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.authority.file))
    return running


def _stuffed(message: str) -> bytes:
    return re.sub(rb"^\.", b"..", message.encode(), flags=re.MULTILINE)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_tls_and_login_are_as_the_server_wants_them(server: MailServer, tls: Tls, monkeypatch) -> None:
    """Postfix offers LOGIN alone over implicit TLS."""
    assert (await test_connection(server.place(tls, sender=SENDER))).step is None
    wrong = await test_connection(server.place(tls, password="wrong"))
    assert (wrong.step, wrong.words[:3]) == (Step.LOGIN, "535")
    monkeypatch.delenv("SSL_CERT_FILE")
    assert (await test_connection(server.place(tls))).step is Step.CERTIFICATE
    assert (await test_connection(server.place(tls, check_certificate=False))).step is None


async def test_a_token_signs_in_and_another_one_is_refused_with_the_servers_own_words(server: MailServer) -> None:
    """Dovecot, which Postfix asks, explains the refusal in a challenge and says its reply only after the client's empty
    line. Exim takes no tokens: none is bought for it."""
    for token, wanted in ((TOKEN, (None, "")), ("ya29.revoked", (Step.LOGIN, "535"))):
        async with TokenServer(lambda n, token=token: (200, {"access_token": token, "expires_in": 3600})) as provider:
            tokens = Tokens(Grant(provider.url, "app", "secret", "refresh"))
            found = await test_connection(server.place(password="", tokens=tokens, sender=SENDER))
        if server.name == "Postfix":
            assert (found.step, found.words[:3]) == wanted
        else:
            assert (found.step, "does not offer AUTH XOAUTH2" in found.words) == (Step.LOGIN, True)
            assert provider.asked == []


async def test_without_a_login_nothing_is_taken_and_not_everybody_pays(server: MailServer) -> None:
    """Exim says that it does not relay. Postfix refuses as it would a single person, so that five in a row stop it."""
    async with await Connection.open(server.place(username="")) as connection:
        answer = await connection.send(SENDER, "ada@example.org", b"Subject: x\r\n\r\n")
    fate = {"Postfix": Fate.MESSAGE, "Exim": Fate.ACCOUNT}[server.name]
    assert (answer.step, judge(answer.step, answer.reply).fate) == (Step.RCPT, fate)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_every_octet_arrives_dots_8_bits_and_utf8_addresses(server: MailServer, tls: Tls) -> None:
    people = ("ada@example.org", "andré@example.org", "bob@example.org")
    messages = {to: HEAD.format(to=to) + BODY for to in people}
    async with await Connection.open(server.place(tls)) as connection:
        for to, message in messages.items():
            answer = await connection.send(SENDER, to, _stuffed(message))
            assert answer.reply.code == 250, answer
    assert server.delivered(len(people)) == {to: message.encode() for to, message in messages.items()}


async def test_an_unknown_person_is_a_hard_bounce_and_a_message_too_big_is_not_even_offered(server: MailServer) -> None:
    async with await Connection.open(server.place()) as connection:
        unknown = await connection.send(SENDER, "nobody@example.org", b"Subject: x\r\n\r\n")
        judgement = judge(unknown.step, unknown.reply)
        assert (judgement.fate, judgement.reason, judgement.bounce) == (Fate.PERMANENT, "user_unknown", BounceKind.HARD)
        big = await connection.send(SENDER, "ada@example.org", b"x\r\n" * MOST_OCTETS)
        assert (big.step, judge(big.step, big.reply).reason) == (Step.MAIL, "too_big")
        fits = await connection.send(SENDER, "ada@example.org", _stuffed(HEAD.format(to="ada@example.org")))
        assert fits.reply.code == 250
    assert set(server.delivered(1)) == {"ada@example.org"}


@pytest.mark.parametrize("algorithm", list(DkimAlgorithm))
async def test_a_signed_message_is_still_believed_where_it_was_delivered(
    server: MailServer, algorithm: DkimAlgorithm
) -> None:
    key = read_key(generate_key(algorithm))
    message = plan_of().message(ADA, 7, NOW)
    async with await Connection.open(server.place()) as connection:
        signed = Signer("sender.example", "envoi1", key).sign(message, NOW) + message
        assert (await connection.send(SENDER, "ada@example.org", signed)).reply.code == 250
    (arrived,) = server.delivered(1).values()
    record = dns_record("sender.example", "envoi1", key)
    assert dkim.verify(arrived, dnsfunc=lambda name, timeout=5: record.value.encode())
    assert arrived == signed


async def test_a_portion_through_a_real_server_reaches_everybody_once_and_signed(server: MailServer) -> None:
    pem = generate_key(DkimAlgorithm.RSA)
    people = [f"person{n}@example.org" for n in range(30)]
    with db.unit_of_work() as session:
        place = {"port": server.port, "tls": Tls.STARTTLS, "username": USERNAME, "secret": encrypt(PASSWORD)}
        signs = {"dkim_domain": "sender.example", "dkim_selector": "envoi1", "dkim_secret": encrypt(pem)}
        account = factories.smtp_account(session, connections=4, messages_per_connection=5, **place, **signs)
        members = [factories.recipient(session, address) for address in (*people, "nobody@example.org")]
        listed = factories.target_list(session, members=members)
        in_process = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": factories.NOW}
        mail = factories.mass_email(session, listed, smtp_account_id=account.id, **in_process)
        for member in members:
            factories.queue_item(session, mail, member, list_id=listed.id)
    portion = await send_portion(mail.id, "worker-1", clock=lambda: factories.NOW)
    assert (portion.handled, portion.error) == (31, "")
    arrived = await asyncio.to_thread(server.delivered, 30)
    assert set(arrived) == set(people)
    read = {to: message_from_bytes(raw, policy=policy.default) for to, raw in arrived.items()}
    assert all(to in str(message["To"]) for to, message in read.items())
    record = dns_record("sender.example", "envoi1", read_key(pem)).value.encode()
    assert all(dkim.verify(raw, dnsfunc=lambda name, timeout=5: record) for raw in arrived.values())
    with db.reading() as session:
        counts = queue_counts(session, mail.id)
    assert (counts.sent, counts.failed) == (30, 1)


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[tuple[int, Path]]:
    """The port of a running smtp-sink, and the folder with a file per message."""
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin:/usr/libexec/postfix")
    if not program:
        pytest.skip("no smtp-sink: install the package postfix")
    port, folder = free_port(), tmp_path / "sink"
    folder.mkdir()
    user = []
    if os.geteuid() == 0:  # smtp-sink refuses to run as root
        user = ["-u", "nobody"]
        for path in (folder, *folder.parents):
            if path.is_relative_to("/tmp") and path != Path("/tmp"):
                path.chmod(0o777)
    command = [program, *user, "-d", "%M.", f"127.0.0.1:{port}", "100"]
    process = await asyncio.create_subprocess_exec(*command, cwd=folder)
    try:
        for _ in range(100):
            if (await test_connection(Server("127.0.0.1", port))).step is None:
                break
            await asyncio.sleep(0.05)
        yield port, folder
    finally:
        process.terminate()
        await process.wait()


async def test_fifty_people_get_exactly_one_message_each(sink: tuple[int, Path]) -> None:
    port, folder = sink
    with db.unit_of_work() as session:
        account = factories.smtp_account(session, port=port)
        members = [factories.recipient(session, f"person{n}@example.org") for n in range(50)]
        listed = factories.target_list(session, members=members)
        in_process = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": factories.NOW}
        mail = factories.mass_email(session, listed, smtp_account_id=account.id, **in_process)
        for member in members:
            factories.queue_item(session, mail, member, list_id=listed.id)
    portion = await send_portion(mail.id, "worker-1", clock=lambda: factories.NOW)
    assert (portion.handled, portion.error) == (50, "")
    received = [file.read_bytes().decode() for file in folder.iterdir()]
    recipients = [line for text in received for line in text.splitlines() if line.startswith("X-Rcpt-Args:")]
    assert len(received) == len(set(recipients)) == 50
    with db.reading() as session:
        assert queue_counts(session, mail.id).sent == 50
