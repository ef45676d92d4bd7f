"""The wire under the SMTP client: bytes out with back-pressure, whole replies in, nothing unbounded."""

import asyncio
import re
import ssl
from collections import deque
from functools import lru_cache
from typing import Final, cast

from jobs.replies import Reply

MAX_REPLY_OCTETS: Final = 64 * 1024
"""RFC 5321 4.5.3.1.5 says 512 a line; what is longer than this for one reply is an attack or a fault."""
MAX_REPLIES: Final = 100
"""That wait to be read; of a dot, MAIL, RCPT and DATA at once there are four."""
_LINE: Final = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)


class Garbage(Exception):
    """What came in is not an SMTP reply."""


@lru_cache(maxsize=512)
def _read_line(line: bytes) -> tuple[Reply, bool]:
    """A line of a reply, and whether another one follows: most servers say the same few over and over."""
    found = _LINE.fullmatch(line.removesuffix(b"\r"))
    if not found:
        raise Garbage(line[:80].decode(errors="replace").strip())
    code, sign, words = found.groups()
    return Reply(int(code), ((words or b"").decode(errors="replace").replace("\x00", "\ufffd"),)), sign == b"-"


class Wire(asyncio.Protocol):
    """A connection as two verbs: write(bytes) and reply(). After a fault every call raises it."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._inbox = b""
        self._lines: list[str] = []
        self._unread = 0
        self._replies: deque[Reply] = deque()
        self._fault: Exception | None = None
        self._news: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    @property
    def open(self) -> bool:
        """Whether the peer is there, as far as is known."""
        return self._fault is None and self._transport is not None and not self._transport.is_closing()

    @property
    def secure(self) -> bool:
        """Whether TLS is in force."""
        return self._transport is not None and self._transport.get_extra_info("ssl_object") is not None

    @property
    def peer(self) -> str:
        """The address of the other side."""
        return str(self._transport.get_extra_info("peername")[0]) if self._transport else ""

    def write(self, data: bytes) -> None:
        """Hand bytes over; `drained` says whether the system has taken them all."""
        if self._transport and not self._fault:
            self._transport.write(data)

    @property
    def drained(self) -> bool:
        """Whether no written byte waits in this process: the system has taken them all. Of a connection that has failed
        it took none."""
        return self._room.is_set() and self.open

    async def drain(self, seconds: float) -> None:
        """Return once it is drained. Raises TimeoutError after so long, ConnectionError when the peer has gone, Garbage
        when it spoke some meanwhile."""
        async with asyncio.timeout(seconds):
            await self._room.wait()
        if not self.open:
            raise self._fault or ConnectionResetError("The connection is closed.")

    async def reply(self, seconds: float) -> Reply:
        """The next whole reply. Raises TimeoutError after so long, ConnectionError when the peer has gone, Garbage for
        what is no reply: each is the end of the wire."""
        if not self._replies:
            await self._wait_for_news(seconds)
        return self._replies.popleft()

    async def _wait_for_news(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(seconds, self._fail, TimeoutError())
        try:
            while not self._replies:
                if self._fault:
                    raise self._fault
                self._news = loop.create_future()
                await self._news
        finally:
            alarm.cancel()

    async def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Secure the connection. What the peer said in clear beyond its answer is an injection: Garbage."""
        if self._inbox or self._lines or self._replies:
            raise Garbage("there is more after the answer to STARTTLS")
        if not self._transport or self._fault:
            raise self._fault or ConnectionResetError("The connection is closed.")
        loop = asyncio.get_running_loop()
        secured = await loop.start_tls(self._transport, self, context, server_hostname=name)
        self._take_up(cast(asyncio.Transport, secured))

    def close(self) -> None:
        """Close; nothing more is read. What was written still leaves, however long the peer takes to read it."""
        self._fault = self._fault or ConnectionAbortedError("The connection is closed.")
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        """Close at once: what the system has not taken yet never leaves."""
        self.close()
        if self._transport:
            self._transport.abort()

    def _take_up(self, transport: asyncio.BaseTransport) -> None:
        """Limits so that drained means: nothing is left in this process. A plain transport is full above its limit, one
        of TLS as soon as it is reached: with 0 that one pauses and resumes in turns, however empty it is."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=1 if self.secure else 0, low=0)

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._take_up(transport)

    def data_received(self, data: bytes) -> None:
        *lines, self._inbox = (self._inbox + data).split(b"\n") if self._inbox else data.split(b"\n")
        try:
            for line in lines:
                self._read(line)
            self._unread += len(data) if self._lines or not lines else 0
            if self._unread > MAX_REPLY_OCTETS:
                raise Garbage(f"more than {MAX_REPLY_OCTETS} octets in one reply")
        except Garbage as garbage:
            self._fail(garbage)
        self._wake()

    def _read(self, line: bytes) -> None:
        """A line more of a reply, or the last one."""
        reply, continued = _read_line(line)
        if continued or self._lines:
            self._lines += reply.lines
            if continued:
                return
            reply, self._lines = Reply(reply.code, tuple(self._lines)), []
        self._unread = 0
        self._replies.append(reply)
        if len(self._replies) > MAX_REPLIES:
            raise Garbage("it answers what nobody asked")

    def eof_received(self) -> bool:
        self._fail(ConnectionResetError("The server closed the connection."))
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or ConnectionResetError("The server closed the connection."))

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def _fail(self, fault: Exception) -> None:
        self._fault = self._fault or fault
        self._room.set()
        self._wake()
        if self._transport and isinstance(fault, TimeoutError | Garbage):
            self._transport.abort()

    def _wake(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)
