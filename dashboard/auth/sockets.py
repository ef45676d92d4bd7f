"""The open sockets of this process by session, so that signing out closes them."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.types import Message, Send

POLICY_VIOLATION: Final = 1008


class Socket:
    """The sending side of a websocket, which can be closed from outside; what is sent later goes nowhere."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._closed = False

    async def send(self, message: Message) -> None:
        """What the app sends."""
        if not self._closed:
            await self._send(message)

    async def close(self) -> None:
        """End it; the app hears of it as a disconnect."""
        self._closed = True
        await self._send({"type": "websocket.close", "code": POLICY_VIOLATION})


_open: dict[str, set[Socket]] = defaultdict(set)


@contextmanager
def counted(session: str, socket: Socket) -> Iterator[None]:
    """The socket belongs to the session (its hash) as long as the block lasts."""
    _open[session].add(socket)
    try:
        yield
    finally:
        _open[session].discard(socket)
        if not _open[session]:
            del _open[session]


async def close_sockets(session: str) -> None:
    """Close every open page of a session."""
    for socket in list(_open.get(session, ())):
        await socket.close()
