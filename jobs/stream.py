"""The stream: message after message over one connection, the next envelope sent behind the dot of the last content.

Where the server takes commands ahead (RFC 2920) a message costs one round trip. Of each connection at most one message
is in doubt at any time: content follows only once the answer to the content before it has been read.
"""

from typing import Any, Protocol, TypeVar

from jobs.replies import Step
from jobs.smtp import CLOSING, Answer, Connection, SmtpTrouble


class Message(Protocol):
    """What goes over the wire. `content`: for DATA, lines end in CRLF, dots are stuffed."""

    @property
    def sender(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def content(self) -> bytes: ...


M = TypeVar("M", bound=Message)


class Source(Protocol[M]):
    """Where messages come from. Of each one taken exactly one is told: answered, given back, or broken."""

    def take(self) -> M | None:
        """The next message; None: no other one now."""

    def may_leave(self, message: M) -> bool:
        """Whether its content still may: asked at the last moment."""

    def answered(self, message: M, answer: Answer) -> None:
        """The server's answer."""

    def give_back(self, message: M) -> None:
        """Nothing of its content left."""

    def broken(self, message: M, step: Step, error: BaseException) -> None:
        """The connection ended under it: at CONTENT nobody knows whether the server has taken it."""


async def stream(connection: Connection, first: M, source: Source[M], most: int) -> None:
    """Send `first` and whatever the source has, until it has none, the connection has sent `most`, or the server closes
    it. Raises SmtpTrouble when the connection fails; every message taken is told of."""
    stream = _Stream(connection, source, most)
    try:
        await stream.run(first)
    except BaseException as error:
        connection.abort()  # in the middle of a transaction nothing else can be said
        stream.fell(error)
        raise


class _Stream:
    """`current`: the message in hand. `refused`: its envelope was, in these words. `following`: the envelope of that
    message is announced already."""

    def __init__(self, connection: Connection, source: Source[Any], most: int) -> None:
        self.connection, self.source, self.most = connection, source, most
        self.current: Any = None
        self.refused: Answer | None = None
        self.following: Any = None

    async def run(self, first: Message) -> None:
        self.current = self._announced(first)
        while self.current is not None:
            if await self._had_enough():
                self._leave()
            elif self.refused:
                self._answered(self.refused)
            elif self.source.may_leave(self.current):
                await self._content()
            else:
                self.connection.abort()  # it waits for content
            if not self.connection.usable:
                self._leave()
            elif self.current is None:
                self.current = self._next()

    async def _had_enough(self) -> bool:
        """Whether the server has closed a used connection before it accepted the next sender: that says nothing about
        the message, which goes another way. Else `refused` is its answer to the envelope."""
        used, self.refused = self.connection.sent > 0, None
        try:
            self.refused = await self.connection.granted()
        except SmtpTrouble as trouble:
            if not used or trouble.step is not Step.MAIL or trouble.reply:
                raise
            return True
        return used and self.refused is not None and _closes(self.refused)

    async def _content(self) -> None:
        connection = self.connection
        connection.give(self.current.content)
        if connection.pipelines and connection.dot_left and connection.sent + 1 < self.most:
            self.following = self._next()
        self._answered(await connection.answer())

    def _next(self) -> Message | None:
        """Another message, announced; None: the source has none, or the connection is worn."""
        if self.connection.sent >= self.most:
            return None
        return self._announced(self.source.take())

    def _announced(self, message: Any) -> Message | None:
        """The message with its envelope written; one that cannot be offered is answered, and the next one tried."""
        while message is not None and (
            refused := self.connection.announce(message.sender, message.recipient, message.content)
        ):
            self.source.answered(message, refused)
            message = self.source.take()
        return message  # type: ignore[no-any-return]

    def _answered(self, answer: Answer) -> None:
        message, self.current, self.following = self.current, self.following, None
        self.source.answered(message, answer)

    def _leave(self) -> None:
        """The server has closed, or is about to: what was only announced goes another way."""
        if self.current is not None:
            self.source.give_back(self.current)
            self.current = None

    def fell(self, error: BaseException) -> None:
        if self.following is not None:
            self.source.give_back(self.following)
        if self.current is not None:
            self.source.broken(self.current, self.connection.step, error)


def _closes(answer: Answer) -> bool:
    return (answer.step, answer.reply.code) == (Step.MAIL, CLOSING)
