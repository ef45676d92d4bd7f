"""The kept connection: opened when needed, used for many messages, replaced when it is worn or the server cut it."""

from typing import Final

from jobs.replies import Step
from jobs.smtp import Answer, Connection, Server, SmtpTrouble

MESSAGES: Final = 100
"""Per connection: many servers cut at 50 to 200 with 421."""


class KeptConnection:
    """One place in a pool: at any time one connection at most."""

    def __init__(self, server: Server, messages: int = MESSAGES) -> None:
        self._server, self._messages = server, messages
        self._connection: Connection | None = None

    @property
    def step(self) -> Step:
        """How far the message in hand is; CONTENT: without an answer its fate is unknown."""
        return self._connection.step if self._connection else Step.CONNECT

    async def send(self, sender: str, recipient: str, content: bytes) -> Answer:
        """Hand over one message. A used connection that the server has closed meanwhile, before it accepted the sender,
        is replaced once. Raises SmtpTrouble."""
        connection = await self._ready()
        used = connection.sent > 0
        try:
            answer = await connection.send(sender, recipient, content)
        except SmtpTrouble as trouble:
            if not used or trouble.step is not Step.MAIL or trouble.reply:
                raise
        else:
            if not used or (answer.step, answer.reply.code) != (Step.MAIL, 421):
                return answer
        connection.abort()
        return await (await self._ready()).send(sender, recipient, content)

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
