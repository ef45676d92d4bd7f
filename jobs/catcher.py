"""The built-in mail catcher: an SMTP server on loopback that keeps what it receives: nothing leaves the machine.

Whichever process of the installation gets the port serves it; its greeting names the installation, so that the others
know their own. A port that a stranger holds is given up for a free one, which the installation remembers.
"""

import asyncio
import errno
import logging
from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlmodel import Session

from jobs import database
from jobs.smtp import Server, SmtpTrouble, Timeouts, read_greeting
from jobs.stopping import rest
from models import outbound_emails
from models.caught_mail import Arrived, keep, write_file
from models.settings import settings
from models.smtp_account import ensure_catcher

log = logging.getLogger("envoi.catcher")

MAX_OCTETS: Final = 64 * 1024 * 1024
LOOPBACK: Final = "127.0.0.1"
TRY_AGAIN_SECONDS: Final = 5
"""How often a process that does not serve the catcher looks whether it must."""


async def serve(stop: asyncio.Event) -> None:
    """Serve the mail catcher until `stop`, or stand by while another process of the installation does."""
    while not stop.is_set():
        if catcher := await start():
            log.info("mail catcher on %s:%s", LOOPBACK, catcher.port)
            await stop.wait()
            await catcher.stop()
        else:
            await rest(stop, TRY_AGAIN_SECONDS)


async def start() -> "Catcher | None":
    """The catcher, listening, its SMTP account in place; None while another process of the installation serves it."""
    about = await database.write(_read_place)
    try:
        catcher = await Catcher.listen(about.installation, about.port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        if about.installation in await _greeting(about.port):
            return None
        log.warning("port %s belongs to another program: the mail catcher takes a free one", about.port)
        catcher = await Catcher.listen(about.installation, 0)
    await database.write(_note_place, catcher.port)
    return catcher


class Catcher:
    """A running mail catcher. Messages are kept before they are answered, those that wait together in one commit."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Arrived, asyncio.Future[None]]] = []
        self._keeping: asyncio.Task[None] | None = None
        self._server: asyncio.Server
        self.port = 0

    @classmethod
    async def listen(cls, installation: str, port: int) -> "Catcher":
        """Listen on a port of loopback; 0: a free one. Raises OSError."""
        catcher = cls()
        loop = asyncio.get_running_loop()
        catcher._server = await loop.create_server(lambda: _protocol(catcher, installation), LOOPBACK, port)
        catcher.port = catcher._server.sockets[0].getsockname()[1]
        return catcher

    async def stop(self) -> None:
        """Take no more; what was taken is kept."""
        self._server.close()
        if self._keeping:
            await self._keeping

    async def handle_DATA(self, _server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:
        """Called by aiosmtpd with a whole message; the answer goes out once the message is kept."""
        content = envelope.original_content or b""
        recipients = tuple(str(one) for one in envelope.rcpt_tos)
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((Arrived(envelope.mail_from or "", recipients, content, database.utc_now()), kept))
        if not self._keeping or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_all())
        await kept
        return "250 2.0.0 caught"

    async def _keep_all(self) -> None:
        while group := self._waiting:
            self._waiting = []
            try:
                files = await asyncio.to_thread(_write_files, group)
                await database.write(keep, files)
            except Exception as error:
                _answer(group, error)
                raise
            _answer(group)


@dataclass(frozen=True, slots=True)
class _Place:
    installation: str
    port: int


def _read_place(session: Session) -> _Place:
    installation = outbound_emails.recall(session, "installation")
    if not installation:
        installation = token_hex(8)
        outbound_emails.remember(session, "installation", installation)
    return _Place(installation, outbound_emails.recall(session, "catcher_port") or settings().catcher_port)


def _note_place(session: Session, port: int) -> None:
    outbound_emails.remember(session, "catcher_port", port)
    ensure_catcher(session, port, database.utc_now())


def _write_files(group: list[tuple[Arrived, asyncio.Future[None]]]) -> list[tuple[Arrived, str]]:
    return [(arrived, write_file(arrived)) for arrived, _ in group]


def _answer(group: list[tuple[Arrived, asyncio.Future[None]]], error: Exception | None = None) -> None:
    for _, kept in group:
        if kept.done():
            continue  # the client has gone meanwhile
        kept.set_exception(error) if error else kept.set_result(None)


def _protocol(catcher: Catcher, installation: str) -> SMTP:
    return SMTP(
        catcher,
        data_size_limit=MAX_OCTETS,
        enable_SMTPUTF8=True,
        hostname="localhost",
        ident=f"Envoi mail catcher {installation}",
    )


async def _greeting(port: int) -> str:
    try:
        return (await read_greeting(Server(LOOPBACK, port, timeouts=Timeouts(connect=2, reply=2)))).text
    except SmtpTrouble:
        return ""
