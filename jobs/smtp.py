"""The SMTP client: one connection, many messages, every reply read and kept word for word (RFC 5321).

    async with await Connection.open(server) as connection:
        answer = await connection.send("news@example.com", "ada@example.org", content)

It knows PIPELINING (RFC 2920), 8BITMIME (RFC 6152), SIZE (RFC 1870), SMTPUTF8 (RFC 6531), STARTTLS (RFC 3207) and
AUTH (RFC 4954). What a reply means for whom is jobs/replies.py.
"""

import asyncio
import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

import idna

from jobs import smtp_login
from jobs.access_token import Grant, NoToken, Tokens
from jobs.replies import Reply, Step, judge
from jobs.wire import Garbage, Wire
from models.smtp_account import SignIn, SmtpAccount, Tls, decrypt

CLOSING: Final = 421
"""The reply code with which a server closes the channel (RFC 5321 3.8)."""
_DOT: Final = b".\r\n"
_ENVELOPE: Final = (Step.MAIL, Step.RCPT, Step.DATA)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `answer` is to the dot: short there makes duplicates (RFC 5321 4.5.3.2.6 asks for ten minutes)."""

    connect: float = 30
    reply: float = 120
    block: float = 180
    answer: float = 600
    quit: float = 2


@dataclass(frozen=True, slots=True)
class Server:
    """Where to hand mail to, and how. `name` is what the client calls itself in EHLO; `sender` whom a test of the
    connection names in MAIL FROM, "" nobody. `tokens`: sign in with them, not with the password. `connections` at a
    time, and `messages` over each of them, are what the server bears."""

    host: str
    port: int
    tls: Tls = Tls.NONE
    check_certificate: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    name: str = "localhost"
    timeouts: Timeouts = Timeouts()
    sender: str = ""
    tokens: Tokens | None = field(default=None, repr=False, compare=False)
    connections: int = 10
    messages: int = 100

    @classmethod
    def of(cls, account: SmtpAccount, sender: str = "") -> Self:
        """The server of an account. `sender`: from whom mail goes when the account names nobody. Raises Unavailable
        when one of its secrets cannot be read."""
        sender = account.from_address or sender
        return cls(
            host=account.host,
            port=account.port,
            tls=account.tls,
            check_certificate=account.check_certificate,
            username=account.username,
            password=decrypt(account.secret),
            name=_greeting_name(sender),
            timeouts=Timeouts(
                account.connect_seconds, account.reply_seconds, account.reply_seconds, account.answer_seconds
            ),
            sender=sender,
            tokens=_tokens_of(account),
            connections=account.connections,
            messages=account.messages_per_connection,
        )


class SmtpTrouble(Exception):
    """The connection, not a message, is in trouble: at which step, with which reply, or with none but `detail`."""

    def __init__(self, step: Step, reply: Reply | None = None, detail: str = "") -> None:
        self.step, self.reply, self.detail = step, reply, detail
        super().__init__(f"{step}: {self.words}")

    @property
    def words(self) -> str:
        """The server's reply word for word, else what happened."""
        return self.reply.text if self.reply else self.detail

    @property
    def reason(self) -> str:
        """A word of smtp_account.trouble.* in the catalogue."""
        return judge(self.step, self.reply).reason if self.reply else _SILENT.get(self.step, "closing")


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply that decided about a message, and the step it was given at: CONTENT when nothing was refused before."""

    step: Step
    reply: Reply


class Connection:
    """A connection that is ready for mail. `step` says how far the message in hand is: CONTENT means that the final
    dot has left, so that without an answer its fate is unknown. `sent` counts messages. `dot_left`: known already of
    the content given last."""

    def __init__(self, server: Server, wire: Wire) -> None:
        self.server = server
        self.step = Step.GREETING
        self.sent = 0
        self.features: dict[str, str] = {}
        self._wire = wire
        self.dot_left = False
        self._closing = False
        self._commands: tuple[str, ...] = ()
        self._sender = ("", "")

    # Opening

    @classmethod
    async def open(cls, server: Server) -> Self:
        """Connected, secured as the server's settings ask, signed in. Raises SmtpTrouble with the step that failed."""
        connection = cls(server, await _connect(server))
        try:
            await connection._open()
        except BaseException:
            connection.abort()
            raise
        return connection

    async def _open(self) -> None:
        await self._expect(Step.GREETING, 220)
        await self._hello()
        if self.server.tls is Tls.STARTTLS:
            await self._start_tls()
            await self._hello()  # what was said in clear does not count (RFC 3207 4.2)
        if self.server.username:
            await self._log_in()

    async def _hello(self) -> None:
        self.features = {}
        reply = await self._command(Step.EHLO, f"EHLO {self.server.name}")
        if reply.done:
            words = (re.split("[ =]", line, maxsplit=1) for line in reply.lines[1:] if line)  # "AUTH=PLAIN" is of old
            self.features = {word[0].upper(): word[1] if len(word) > 1 else "" for word in words}
        elif reply.code // 100 == 5:
            await self._command(Step.EHLO, f"HELO {self.server.name}", expect=250)
        else:
            raise SmtpTrouble(Step.EHLO, reply)

    async def _start_tls(self) -> None:
        if "STARTTLS" not in self.features:
            raise SmtpTrouble(Step.TLS, detail="The server does not offer STARTTLS.")
        await self._command(Step.TLS, "STARTTLS", expect=220)
        seconds = self.server.timeouts.connect
        with _trouble_at(Step.TLS, seconds):
            async with asyncio.timeout(seconds):
                await self._wire.start_tls(_tls_context(self.server), self.server.host)

    async def _log_in(self) -> None:
        if not (self._wire.secure or smtp_login.is_loopback(self._wire.peer)):
            raise SmtpTrouble(Step.LOGIN, detail="The password is not sent over a connection without TLS.")
        for line in await self._login_lines():
            reply = await self._command(Step.LOGIN, line)
            if reply.code != 334:
                break
        if reply.code != 235:
            if self.server.tokens and reply.code // 100 == 5:
                self.server.tokens.refused()
            raise SmtpTrouble(Step.LOGIN, reply)

    async def _login_lines(self) -> tuple[str, ...]:
        server = self.server
        try:
            if server.tokens:
                mechanism = smtp_login.choose(self.features, "XOAUTH2")
                return smtp_login.lines(mechanism, server.username, await server.tokens.current())
            return smtp_login.lines(
                smtp_login.choose(self.features, "PLAIN", "LOGIN"), server.username, server.password
            )
        except (smtp_login.NoWayIn, NoToken) as error:
            raise SmtpTrouble(Step.LOGIN, detail=str(error)) from error

    async def try_sender(self, sender: str) -> None:
        """Ask whether mail from this sender is taken, and take it back. Raises SmtpTrouble at MAIL."""
        try:
            mail = f"MAIL FROM:<{_path(sender, Step.MAIL)}>"
        except _Refusal as refusal:
            raise SmtpTrouble(Step.MAIL, refusal.answer.reply) from refusal
        if not mail.isascii() and "SMTPUTF8" in self.features:
            mail += " SMTPUTF8"
        reply = await self._command(Step.MAIL, mail)
        if not reply.done:
            raise SmtpTrouble(Step.MAIL, reply)
        await self._command(Step.RSET, "RSET")

    # Sending

    async def send(self, sender: str, recipient: str, content: bytes) -> Answer:
        """Hand over one message: lines end in CRLF, dots stuffed, without the final dot. Raises SmtpTrouble when the
        connection fails; `step` says then whether the message may have been taken."""
        try:
            if refused := self.announce(sender, recipient, content) or await self.granted():
                return refused
            self.give(content)
            return await self.answer()
        except BaseException:
            self.abort()  # in the middle of a transaction nothing else can be said
            raise

    def announce(self, sender: str, recipient: str, content: bytes) -> Answer | None:
        """Write the envelope of a message: MAIL, and RCPT and DATA as well where commands may be sent ahead. The answer
        that the server would give when the message cannot be offered to it; nothing was written then."""
        try:
            self._commands = self._envelope(sender, recipient, content)
        except _Refusal as refusal:
            return refusal.answer
        self._wire.write("".join(self._commands if self.pipelines else self._commands[:1]).encode())
        return None

    async def granted(self) -> Answer | None:
        """Read the answers to an envelope: None when content may follow, else the refusal; the connection is then fit
        for the next message, or given up."""
        refused: Answer | None = None
        for place, step in enumerate(_ENVELOPE):
            if place and not self.pipelines:
                self._wire.write(self._commands[place].encode())
            reply = await self.reply(step)
            if refused is None and not _granted(step, reply):
                refused = Answer(step, reply)
            if refused and (reply.code == CLOSING or not self.pipelines):
                break
        if refused:
            await self._recover(step, reply)
        return refused

    def give(self, content: bytes) -> None:
        """Write the content with its final dot. From the moment the system has taken all of it the truth is unknown."""
        self._wire.write(content + (_DOT if content.endswith(b"\r\n") else b"\r\n" + _DOT))
        self.dot_left = self._wire.drained
        self.step = Step.CONTENT if self.dot_left else Step.DATA

    async def answer(self) -> Answer:
        """The answer to the content. Raises SmtpTrouble: at DATA when the dot has not left, else at CONTENT."""
        if not self.dot_left:
            try:
                await self._wire.drain(self.server.timeouts.block)
            except (OSError, Garbage) as error:
                raise self._failed(Step.DATA, error, self.server.timeouts.block) from error
        reply = await self.reply(Step.CONTENT, self.server.timeouts.answer)
        self.step = Step.MAIL  # of the next message nothing has left
        self.sent += 1
        return Answer(Step.CONTENT, reply)

    @property
    def pipelines(self) -> bool:
        """Whether several commands may be sent at once (RFC 2920)."""
        return "PIPELINING" in self.features

    async def _recover(self, step: Step, last: Reply) -> None:
        """After a refusal make the connection fit for the next message, or give it up: the refusal stands."""
        try:
            if step is Step.DATA and last.code == 354:
                self._wire.write(_DOT)  # nobody was accepted, yet the server waits for content (RFC 2920 3.1)
                await self.reply(Step.RSET)
            elif not self._closing:
                await self._command(Step.RSET, "RSET", expect=250)
        except SmtpTrouble:
            self.abort()

    def _envelope(self, sender: str, recipient: str, content: bytes) -> tuple[str, ...]:
        """MAIL, RCPT and DATA, each a line."""
        if sender != self._sender[0]:
            self._sender = (sender, f"MAIL FROM:<{_path(sender, Step.MAIL)}>")
        mail, rcpt = self._sender[1], f"RCPT TO:<{_path(recipient, Step.RCPT)}>"
        if (limit := self.features.get("SIZE")) is not None:
            if limit.isdigit() and 0 < int(limit) < len(content):
                raise _Refusal(
                    Step.MAIL, 552, f"5.3.4 The message has {len(content)} octets, the server takes {limit}."
                )
            mail += f" SIZE={len(content)}"
        if not content.isascii():
            if "8BITMIME" not in self.features:
                raise _Refusal(Step.DATA, 554, "5.6.3 The message has 8-bit lines, the server takes 7-bit ones.")
            mail += " BODY=8BITMIME"
        if not (mail.isascii() and rcpt.isascii()):
            if "SMTPUTF8" not in self.features:
                raise _Refusal(Step.RCPT, 553, "5.6.7 The address needs SMTPUTF8, which the server does not offer.")
            mail += " SMTPUTF8"
        return f"{mail}\r\n", f"{rcpt}\r\n", "DATA\r\n"

    # Closing

    @property
    def usable(self) -> bool:
        """Whether another message may be sent."""
        return not self._closing and self._wire.open

    async def quit(self) -> None:
        """Take leave and close."""
        if self.usable:
            with suppress(SmtpTrouble):  # the mail is handed over; how the server says good-bye changes nothing
                self._wire.write(b"QUIT\r\n")
                await self.reply(Step.QUIT, self.server.timeouts.quit)
        self._closing = True
        self._wire.close()

    def _failed(self, step: Step, error: Exception, seconds: float) -> SmtpTrouble:
        self.abort()
        return _trouble(step, error, seconds)

    def abort(self) -> None:
        """Close at once: what has not left this process never does."""
        self._closing = True
        self._wire.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.quit()

    # Dialogue

    async def _command(self, step: Step, command: str, *, expect: int | None = None) -> Reply:
        self._wire.write(f"{command}\r\n".encode())
        return await (self.reply(step) if expect is None else self._expect(step, expect))

    async def _expect(self, step: Step, code: int) -> Reply:
        reply = await self.reply(step)
        if reply.code != code:
            raise SmtpTrouble(step, reply)
        return reply

    async def reply(self, step: Step, seconds: float | None = None) -> Reply:
        """The next reply, at this step. Raises SmtpTrouble."""
        self.step = step
        seconds = seconds or self.server.timeouts.reply
        try:
            reply = await self._wire.reply(seconds)
        except (OSError, Garbage) as error:
            raise self._failed(step, error, seconds) from error
        if reply.code == CLOSING:
            self.abort()
        return reply


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """What “Test connection” found: `step` None is success; else the step that failed and the words about it."""

    step: Step | None
    words: str
    features: tuple[str, ...] = ()


async def test_connection(server: Server) -> ConnectionTest:
    """Connect, secure, sign in, name the sender, take leave: which step failed with which reply, if any. No mail is
    sent."""
    try:
        async with await Connection.open(server) as connection:
            if server.sender:
                await connection.try_sender(server.sender)
            return ConnectionTest(None, "", tuple(sorted(connection.features)))
    except SmtpTrouble as trouble:
        return ConnectionTest(trouble.step, trouble.words)


async def read_greeting(server: Server) -> Reply:
    """What the server says first. Raises SmtpTrouble."""
    connection = Connection(server, await _connect(server))
    try:
        return await connection.reply(Step.GREETING)
    finally:
        connection.abort()


test_connection.__test__ = False  # type: ignore[attr-defined]  # pytest: not a test


class _Refusal(Exception):
    """The message cannot be offered to this server: the answer that it would give."""

    def __init__(self, step: Step, code: int, words: str) -> None:
        self.answer = Answer(step, Reply(code, (words,)))


def _granted(step: Step, reply: Reply) -> bool:
    return reply.code == 354 if step is Step.DATA else reply.done


_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f<>]")


def _path(address: str, step: Step) -> str:
    """The address for the wire: its domain in A-labels (RFC 5890), its local part as it is."""
    local, _, domain = address.rpartition("@")
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise _Refusal(step, 553, f"5.1.3 The domain cannot be written for mail: {error}") from error
    if not local or _UNSAFE.search(address):
        raise _Refusal(step, 501, "5.1.3 The address cannot be written on the wire.")
    return f"{local}@{domain}"


async def _connect(server: Server) -> Wire:
    context = _tls_context(server) if server.tls is Tls.IMPLICIT else None
    seconds = server.timeouts.connect
    with _trouble_at(Step.CONNECT, seconds):
        async with asyncio.timeout(seconds):
            return await _wire_to(server, context)


async def _wire_to(server: Server, context: ssl.SSLContext | None) -> Wire:
    name = server.host if context else None
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(Wire, server.host, server.port, ssl=context, server_hostname=name)
    return wire


@contextmanager
def _trouble_at(step: Step, seconds: float) -> Iterator[None]:
    """Whatever goes wrong with the connection inside is SmtpTrouble at that step."""
    try:
        yield
    except (OSError, Garbage) as error:
        raise _trouble(step, error, seconds) from error


def _trouble(step: Step, error: Exception, seconds: float) -> SmtpTrouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return SmtpTrouble(Step.CERTIFICATE, detail=f"The certificate is refused: {error.verify_message}.")
    if isinstance(error, ssl.SSLError):
        return SmtpTrouble(Step.TLS, detail=f"TLS failed: {error.reason or error}.")
    if isinstance(error, TimeoutError) and not error.errno:
        return SmtpTrouble(step, detail=f"No answer within {seconds:g} seconds.")
    if isinstance(error, Garbage):
        return SmtpTrouble(step, detail=f"The answer is not SMTP: {error}")
    if isinstance(error, socket.gaierror):
        step = Step.RESOLVE
    return SmtpTrouble(step, detail=getattr(error, "strerror", "") or str(error) or type(error).__name__)


def _tls_context(server: Server) -> ssl.SSLContext:
    return _context(server.check_certificate, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=4)
def _context(check: bool, file: str | None, folder: str | None) -> ssl.SSLContext:
    """Reading the authorities takes 10 ms and more: once per process, and anew when others are to be trusted."""
    context = ssl.create_default_context()
    if not check:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


_SILENT: Final = {
    Step.RESOLVE: "resolve",
    Step.CONNECT: "connect",
    Step.TLS: "tls",
    Step.CERTIFICATE: "certificate",
    Step.LOGIN: "login",
}


def _greeting_name(sender: str) -> str:
    """RFC 5321 4.1.4 wants a domain; the sender's is one that its owner answers for."""
    try:
        return idna.encode(sender.rpartition("@")[2], uts46=True).decode()
    except idna.IDNAError:
        return "localhost"


def _tokens_of(account: SmtpAccount) -> Tokens | None:
    if account.sign_in is not SignIn.XOAUTH2:
        return None
    secrets = decrypt(account.client_secret), decrypt(account.refresh_secret)
    return Tokens(Grant(account.token_url, account.client_id, *secrets))
