"""The connection under a server that means harm: what it says of a message is true, or it says nothing."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from jobs.replies import Step
from jobs.smtp import Connection, Server, SmtpTrouble, Timeouts
from jobs.wire import MAX_REPLIES
from models.smtp_account import Tls
from tests.jobs.smtp_server import make_authority

pytestmark = pytest.mark.slow

SENDER, ADA = "news@sender.example", "ada@example.org"
SHORT = Timeouts(connect=2, reply=0.5, block=0.5, answer=0.5, quit=0.2)
UP_TO_DATA = b"220 hi\r\n250-x\r\n250 PIPELINING\r\n250 ok\r\n250 ok\r\n354 go\r\n"
LARGE = (b"x" * 76 + b"\r\n") * 250_000
"""More than the buffers of both systems hold."""
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOOPS = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


@asynccontextmanager
async def server(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Where `talk` answers one connection in whatever way."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, limit=2**16, ssl=tls)
    mode = Tls.IMPLICIT if tls else Tls.NONE
    try:
        yield Server("127.0.0.1", listener.sockets[0].getsockname()[1], mode, check_certificate=False, timeouts=SHORT)
    finally:
        listener.close()


async def trouble_of(place: Server, content: bytes) -> SmtpTrouble:
    connection = await Connection.open(place)
    with pytest.raises(SmtpTrouble) as trouble:
        await connection.send(SENDER, ADA, content)
    return trouble.value


@LOOPS
@pytest.mark.parametrize("secured", [False, True], ids=["in clear", "TLS"])
def test_what_was_given_up_in_the_content_never_ends_with_its_dot(run, secured: bool, tmp_path: Path) -> None:
    """Else the server takes a message that is sent again: bytes that wait in this process go with the connection."""

    async def whole() -> tuple[Step, bool]:
        got, done = bytearray(), asyncio.Event()

        async def deaf_for_a_while(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(UP_TO_DATA)
            await asyncio.sleep(1)
            with contextlib.suppress(ConnectionError):
                while data := await reader.read(2**20):
                    got.extend(data[-100:])
            done.set()

        async with server(deaf_for_a_while, make_authority(tmp_path).server_context() if secured else None) as place:
            trouble = await trouble_of(place, LARGE)
            await asyncio.wait_for(done.wait(), 10)
        return trouble.step, bytes(got).endswith(b"\r\n.\r\n")

    step, whole_came = run(whole())
    assert not whole_came
    assert step is Step.DATA or secured  # over TLS it may look as if it had left: then it is uncertain


@LOOPS
def test_garbage_in_the_middle_of_the_content_is_trouble_of_the_connection(run) -> None:
    async def words() -> tuple[Step, str]:
        async def babbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(UP_TO_DATA)
            await asyncio.sleep(0.1)
            writer.write(b"\x00\xff babble\r\n")
            await asyncio.sleep(1)

        async with server(babbling) as place:
            trouble = await trouble_of(place, LARGE)
        return trouble.step, trouble.words[:22]

    assert run(words()) == (Step.DATA, "The answer is not SMTP")


@LOOPS
def test_a_server_that_closes_upon_its_354_has_not_got_the_message(run) -> None:
    async def step() -> Step:
        async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(UP_TO_DATA)

        async with server(closing) as place:
            connection = await Connection.open(place)
            await asyncio.sleep(0.1)  # its end has come in, too
            with pytest.raises(SmtpTrouble) as trouble:
                await connection.send(SENDER, ADA, b"Subject: x\r\n\r\nx\r\n")
        return trouble.value.step

    assert run(step()) is Step.DATA


async def test_a_flood_of_answers_to_nothing_is_no_smtp() -> None:
    async def flooding(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(UP_TO_DATA)
        while not writer.is_closing():
            writer.write(b"250 ok\r\n" * 1000)
            await writer.drain()
            await asyncio.sleep(0)

    async with server(flooding) as place:
        connection = await Connection.open(place)
        async with asyncio.timeout(5):
            while connection.usable:  # noqa: ASYNC110 - the tests ask rarely
                await asyncio.sleep(0.02)
        assert len(connection._wire._replies) <= MAX_REPLIES + 1
