"""The mail catcher over real SMTP: kept before it is answered, found again, opened safely."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine

from jobs import catcher
from jobs.smtp import Connection, Server
from models import db, outbound_emails
from models.caught_mail import caught_page, delete_caught, folder, get_caught, oldest_beyond
from models.errors import NotFound
from models.settings import settings
from models.smtp_account import default_account, mail_goes_to_catcher
from tests.conftest import free_port

pytestmark = pytest.mark.slow

MESSAGE = (
    "From: Atelier <news@sender.example>\r\n"
    "To: =?utf-8?q?Ad=C3=A9le?= <ADA@example.org>\r\n"
    "Subject: =?utf-8?q?Rentr=C3=A9e?=\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="b"\r\n'
    "\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n.dot\r\n"
    '--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p><a href="https://a.example/?x=1&amp;y=2">é</a></p>\r\n'
    "--b--\r\n"
).encode()


@pytest.fixture
async def running(sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[catcher.Catcher]:
    monkeypatch.setenv("ENVOI_CATCHER_PORT", str(free_port()))
    settings.cache_clear()
    started = await catcher.start()
    assert started
    yield started
    await started.stop()


async def _send(port: int, *messages: tuple[str, bytes]) -> None:
    async with await Connection.open(Server("127.0.0.1", port)) as connection:
        for recipient, content in messages:
            stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in content.split(b"\r\n"))
            assert (await connection.send("news@sender.example", recipient, stuffed)).reply.code == 250


async def test_a_message_is_kept_found_and_opened(running: catcher.Catcher) -> None:
    await _send(running.port, ("ada@example.org", MESSAGE), ("andré@example.org", b"X-Envoi-Test: yes\r\n\r\nhi\r\n"))
    with db.reading() as session:
        rows, total = caught_page(session)
        assert (total, [row.recipient for row in rows]) == (2, ["andré@example.org", "ada@example.org"])
        assert [row.is_test for row in rows] == [True, False]
        assert (rows[1].to_name, rows[1].subject, rows[1].size) == ("Adéle", "Rentrée", len(MESSAGE))
        assert [row.id for row in caught_page(session, "rentr")[0]] == [rows[1].id]
        assert caught_page(session, "100%_")[1] == 0
        opened = get_caught(session, rows[1].id)
    assert opened.source.encode() == MESSAGE
    assert opened.links == ("https://a.example/?x=1&y=2",)
    assert opened.text.startswith("Bonjour\r\n.dot") or opened.text.startswith("Bonjour\n.dot")
    assert ("Subject", "Rentrée") in opened.headers


async def test_the_catcher_is_the_default_account_on_its_port(running: catcher.Catcher) -> None:
    with db.reading() as session:
        account = default_account(session)
        assert (account.is_catcher, account.host, account.port) == (True, "127.0.0.1", running.port)
        assert mail_goes_to_catcher(session)


async def test_messages_that_wait_together_are_all_kept(running: catcher.Catcher) -> None:
    await asyncio.gather(
        *(_send(running.port, *[(f"p{n}.{k}@example.org", MESSAGE) for k in range(5)]) for n in range(8))
    )
    with db.reading() as session:
        rows, total = caught_page(session, size=100)
    assert total == len({row.recipient for row in rows}) == 40


async def test_a_second_process_stands_by_and_a_stranger_is_evaded(running: catcher.Catcher) -> None:
    assert await catcher.start() is None
    await running.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", running.port))
        stranger.listen()
        moved = await catcher.start()
        assert moved
        assert moved.port != running.port
        with db.reading() as session:
            assert outbound_emails.recall(session, "catcher_port") == moved.port
            assert default_account(session).port == moved.port
        await moved.stop()


async def test_deleted_messages_leave_no_file(running: catcher.Catcher) -> None:
    await _send(running.port, *[(f"p{n}@example.org", MESSAGE) for n in range(4)])
    with db.unit_of_work() as session:
        oldest = oldest_beyond(session, 3)
        assert delete_caught(session, oldest) == 1
    assert len(list(folder().glob("*/*.eml"))) == 3
    with db.unit_of_work() as session:
        assert delete_caught(session) == 3
        with pytest.raises(NotFound):
            get_caught(session, 1)
    assert list(folder().glob("*/*.eml")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"Subject: =?x-unknown?q?=E9?=\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<a href=>\xe9",
        b"To: <<<>>>,,,\r\nSubject: \xff\xfe\r\nContent-Type: multipart/mixed\r\n\r\n--\r\n",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
    ],
)
async def test_odd_messages_are_kept_and_opened(running: catcher.Catcher, content: bytes) -> None:
    await _send(running.port, ("ada@example.org", content))
    with db.reading() as session:
        assert get_caught(session, 1).row.recipient == "ada@example.org"
