"""The receiving side: an SMTP server of its own process that writes down what it took. It is the judge.

    python -m tests.faults.receiver FILE [SECONDS]       says its port; between a dot and its answer pass up to SECONDS

FILE gets a line for each content that came whole, before it is answered: "answered RECIPIENT TOKEN", or "unanswered …"
when the client was gone by then. What came in part is not taken, and not written down.
"""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop

_FEATURES = b"250-receiver\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10485760\r\n"
_USUAL = {b"MAIL": b"250 2.1.0 ok\r\n", b"RCPT": b"250 2.1.5 ok\r\n", b"DATA": b"354 go\r\n", b"EHLO": _FEATURES}
_ITEM = b"X-Envoi-Item: "


class Taken(NamedTuple):
    """A message that came whole."""

    answered: bool
    recipient: str
    token: str


def read_taken(file: Path) -> list[Taken]:
    """What was taken so far; a line that is being written is left out."""
    whole, _, _ = file.read_text().rpartition("\n")
    return [Taken(how == "answered", to, token) for how, to, token in map(str.split, whole.splitlines())]


def twice(taken: Sequence[Taken]) -> list[str]:
    """Who was given more than one whole message."""
    return [address for address, n in Counter(one.recipient for one in taken).items() if n > 1]


@contextmanager
def receiving(file: Path, seconds: float = 0.0) -> Iterator[int]:
    """A running receiver; gives its port."""
    file.touch()
    command = [sys.executable, "-m", "tests.faults.receiver", str(file), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


class Receiver:
    """Takes whatever comes whole."""

    def __init__(self, file: Path, seconds: float) -> None:
        self._file = os.open(file, os.O_APPEND | os.O_WRONLY)
        self._seconds = seconds

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        recipient = b""
        try:
            writer.write(b"220 receiver\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"RCPT":
                    recipient = line[line.index(b"<") + 1 : line.index(b">")]
                writer.write(_USUAL.get(verb, b"250 2.0.0 ok\r\n"))
                if verb == b"DATA":
                    content = await reader.readuntil(b"\r\n.\r\n")
                    await self._take(reader, writer, recipient, content)
                elif verb == b"QUIT":
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client was killed
        finally:
            writer.close()

    async def _take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipient: bytes, content: bytes
    ) -> None:
        if self._seconds:
            await asyncio.sleep(random.random() * self._seconds)
        at = content.index(_ITEM) + len(_ITEM)
        token = content[at : content.index(b"\r\n", at)]
        how = b"unanswered" if reader.at_eof() or writer.is_closing() else b"answered"
        os.write(self._file, b"%b %b %b\n" % (how, recipient, token))
        writer.write(b"250 2.0.0 taken\r\n")


async def _serve(file: Path, seconds: float) -> None:
    server = await asyncio.start_server(Receiver(file, seconds).talk, "127.0.0.1", 0, limit=2**24)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1]), float(sys.argv[2])))
