"""An SMTP server that misbehaves in more ways than tests/jobs/smtp_server.py: see BadServer."""

import asyncio
import socket
from collections import Counter
from typing import Self

from tests.jobs.smtp_server import HANG, RESET, SmtpServer

_SMALL = 16 * 1024
"""Octets of a receive buffer."""


class BadServer(SmtpServer):
    """`closes_after`, `hangs_after`: having answered this verb as usual. `in_content`: after the first line of a
    content, RESET or HANG. `slow`: the answer to this verb comes one byte a second, `slow_first`: on the first
    connection only. `each_takes`: messages over one connection, then 421. `forgets`: features of the first EHLO alone.
    `twice`: this verb is answered twice. `small`: the receive buffer."""

    def __init__(self, **values) -> None:
        own = (
            "closes_after",
            "hangs_after",
            "in_content",
            "slow",
            "slow_first",
            "each_takes",
            "forgets",
            "twice",
            "small",
        )
        for name in own:
            setattr(self, name, values.pop(name, None))
        super().__init__(**values)
        self._taken: Counter[asyncio.StreamWriter] = Counter()

    async def __aenter__(self) -> Self:
        if not self.small:
            return await super().__aenter__()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        listener.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._talk, sock=listener, limit=2**16)
        self.port = listener.getsockname()[1]
        return self

    def mend(self) -> None:
        """From now on it behaves."""
        self.closes_after = self.hangs_after = self.in_content = self.slow = self.each_takes = self.forgets = (
            self.twice
        ) = None
        self.on.clear()

    async def _act(self, verb: str, argument: str, writer: asyncio.StreamWriter, usual: str) -> str:
        if verb == self.slow and (not self.slow_first or self.connections == 1):
            for byte in f"{usual}\r\n".encode():
                writer.write(bytes([byte]))
                await asyncio.sleep(1)
            return usual
        if verb == "MAIL" and self.each_takes and self._taken[writer] >= self.each_takes:
            usual = "421 4.7.0 that is enough"
        said = await super()._act(verb, argument, writer, usual)
        self._taken[writer] += verb == "."
        if said and verb == self.twice:
            writer.write(f"{said}\r\n".encode())
        if said and verb == self.hangs_after:
            await asyncio.sleep(3600)
        if said and verb == self.closes_after:
            writer.close()
            return ""
        return said

    def _usual(self, verb: str, writer: asyncio.StreamWriter, ready: bool) -> str:
        if verb == "EHLO" and self.forgets and self.counts["EHLO"] > 0:
            self.features = tuple(feature for feature in self.features if feature not in self.forgets)
        return super()._usual(verb, writer, ready)

    async def _content(self, reader: asyncio.StreamReader) -> bytes:
        if self.in_content:
            await reader.readline()
        if self.in_content == HANG:
            await asyncio.sleep(3600)
        if self.in_content == RESET:
            raise ConnectionResetError  # there is more to read: the system answers with a reset
        return await super()._content(reader)
