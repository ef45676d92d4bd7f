"""The stream over one connection: of each message taken exactly one thing is told, and nothing leaves that may not."""

import asyncio
from collections import deque
from typing import NamedTuple

import pytest

from jobs.kept_connection import KeptConnection
from jobs.replies import Step
from jobs.smtp import Answer, Connection, Server, SmtpTrouble, Timeouts
from jobs.stream import stream
from tests.jobs.smtp_server import CLOSE, FEATURES, HANG, RESET, SmtpServer

SHORT = Timeouts(connect=2, reply=2, block=2, answer=5, quit=0.2)
BOTH_WAYS = pytest.mark.parametrize("features", [FEATURES, ()], ids=["pipelining", "lockstep"])


class Mail(NamedTuple):
    recipient: str
    sender: str = "news@sender.example"
    content: bytes = b"Subject: x\r\n\r\nx\r\n"


class Several:
    """So many messages; `told`: of whom what. `stays`: whose content may not leave any more."""

    def __init__(self, n: int, stays: str = "") -> None:
        self.left = deque(Mail(f"p{place}@example.org") for place in range(n))
        self.told: list[tuple[str, str]] = []
        self.stays = stays

    def take(self) -> Mail | None:
        return self.left.popleft() if self.left else None

    def may_leave(self, message: Mail) -> bool:
        return message.recipient != self.stays

    def answered(self, message: Mail, answer: Answer) -> None:
        self.told.append((message.recipient, str(answer.reply.code)))

    def give_back(self, message: Mail) -> None:
        self.told.append((message.recipient, "given back"))

    def broken(self, message: Mail, step: Step, error: BaseException) -> None:
        self.told.append((message.recipient, f"broken at {step}"))


@BOTH_WAYS
async def test_a_message_that_may_not_leave_any_more_is_given_back_and_its_connection_given_up(features) -> None:
    async with SmtpServer(features=features) as server:
        source = Several(3, stays="p1@example.org")
        connection = await Connection.open(Server("127.0.0.1", server.port, timeouts=SHORT))
        async with asyncio.timeout(1):
            await stream(connection, source.take(), source, 100)
        assert source.told == [("p0@example.org", "250"), ("p1@example.org", "given back")]
        assert (len(server.messages), connection.usable, len(source.left)) == (1, False, 1)


@BOTH_WAYS
async def test_a_connection_takes_so_many_messages_and_is_left_with_quit(features) -> None:
    async with SmtpServer(features=features) as server:
        source, kept = Several(7), KeptConnection(Server("127.0.0.1", server.port, timeouts=SHORT), 3)
        while first := source.take():
            await kept.stream(first, source)
        await kept.close()
        assert source.told == [(f"p{n}@example.org", "250") for n in range(7)]
        assert (server.connections, server.counts["QUIT"], server.counts["MAIL"]) == (3, 3, 7)


@BOTH_WAYS
@pytest.mark.parametrize("behaviour", [CLOSE, RESET, "421 4.7.0 enough for now"])
async def test_a_used_connection_that_the_server_closes_says_nothing_of_the_next_message(features, behaviour) -> None:
    on = {"MAIL": lambda _, n: behaviour if n == 2 else None}
    async with SmtpServer(features=features, on=on) as server:
        source = Several(3)
        connection = await Connection.open(Server("127.0.0.1", server.port, timeouts=SHORT))
        await stream(connection, source.take(), source, 100)
        assert source.told == [("p0@example.org", "250"), ("p1@example.org", "given back")]
        assert (connection.usable, len(source.left)) == (False, 1)


@BOTH_WAYS
async def test_a_new_connection_that_the_server_closes_is_trouble(features) -> None:
    async with SmtpServer(features=features, on={"MAIL": CLOSE}) as server:
        source = Several(1)
        connection = await Connection.open(Server("127.0.0.1", server.port, timeouts=SHORT))
        with pytest.raises(SmtpTrouble):
            await stream(connection, source.take(), source, 100)
        assert source.told == [("p0@example.org", "broken at mail")]


async def test_who_is_broken_off_in_the_middle_says_nothing_more() -> None:
    async with SmtpServer(on={".": HANG}) as server:
        source = Several(3)
        connection = await Connection.open(Server("127.0.0.1", server.port, timeouts=SHORT))
        running = asyncio.create_task(stream(connection, source.take(), source, 100))
        await server.until(messages=1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert source.told == [("p1@example.org", "given back"), ("p0@example.org", "broken at content")]
        assert not connection.usable
