"""The kept connection: opened when needed, used for many messages, replaced when it is worn or the server cut it."""

from jobs.replies import Step
from jobs.smtp import Answer, Connection, Server, SmtpTrouble
from jobs.stream import M, Source, stream


class KeptConnection:
    """One place in a pool: at any time one connection at most. `messages`: as many a connection sends."""

    def __init__(self, server: Server, messages: int = 100) -> None:
        self._server, self._messages = server, messages
        self._connection: Connection | None = None

    async def send(self, sender: str, recipient: str, content: bytes) -> Answer:
        """Hand over one message. Raises SmtpTrouble."""
        return await (await self._ready()).send(sender, recipient, content)

    async def stream(self, first: M, source: Source[M]) -> None:
        """Send `first` and whatever the source has next; every message taken is told of. Raises SmtpTrouble."""
        try:
            connection = await self._ready()
        except BaseException as error:
            source.broken(first, error.step if isinstance(error, SmtpTrouble) else Step.CONNECT, error)
            raise
        await stream(connection, first, source, self._messages)

    async def close(self) -> None:
        """Take leave of the server."""
        if self._connection:
            await self._connection.quit()
            self._connection = None

    async def _ready(self) -> Connection:
        if self._connection and (not self._connection.usable or self._connection.sent >= self._messages):
            await self.close()
        if not self._connection:
            self._connection = await Connection.open(self._server)
        return self._connection
