"""The mailbox: a group email account's mails over IMAP, each fault with the step that failed and the server's words.

Plain blocking calls, for a thread. What is read stays unread (BODY.PEEK), and of a huge mail only its beginning is
fetched. IMAPClient speaks the protocol (RFC 3501, 2177, 6851, 4315).
"""

import imaplib
import ipaddress
import logging
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol, Self

from imapclient import SEEN, IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientError

from models.group_email_account_table import Afterwards
from models.smtp_account_table import Tls

logging.getLogger("imapclient").setLevel(logging.WARNING)  # at DEBUG it tells every mail

MOST_OCTETS: Final = 1_000_000
"""Of one mail: judging looks no further."""
FETCH: Final = 20
"""Mails fetched at a time."""


class Step(StrEnum):
    """Where a look into a mailbox may fail, in its order."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    FOLDER = "folder"
    READ = "read"


class MailboxTrouble(Exception):
    """What went wrong at which step, in the server's words or the system's."""

    def __init__(self, step: Step, words: str) -> None:
        self.step, self.words = step, words
        super().__init__(f"{step}: {words}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where the mailbox is and how to sign in; `token` is an access token (XOAUTH2), instead of the password. Times in
    seconds."""

    host: str
    port: int
    tls: Tls
    check_certificate: bool
    username: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    connect_seconds: float = 15
    reply_seconds: float = 60


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail: `raw` at most MOST_OCTETS of its `size` octets."""

    uid: str
    raw: bytes
    size: int


class Mailbox(Protocol):
    """What the job needs of a mailbox. Every call raises MailboxTrouble."""

    def select(self, folder: str) -> int:
        """Turn to a folder; gives its UIDVALIDITY."""

    def uids_after(self, last_uid: int, known: set[str]) -> list[str]:
        """The UIDs that are new in the folder, in their order."""

    def fetch(self, uids: Sequence[str]) -> list[Fetched]:
        """The mails of these UIDs, as far as they are still there."""

    def put_away(self, uids: Sequence[str], how: Afterwards, move_to: str) -> None:
        """Mark or move mails."""

    def close(self) -> None:
        """Take leave; never raises."""


class ImapMailbox:
    """An open IMAP connection, signed in."""

    numbered = True

    def __init__(self, client: IMAPClient, read_only: bool) -> None:
        self.client, self.read_only = client, read_only

    @classmethod
    def open(cls, server: MailServer, *, read_only: bool = True) -> Self:
        """Found, connected, secured as the account asks, signed in. `read_only`: nothing will be marked or moved."""
        resolve(server)
        client = _connect(server)
        try:
            if server.tls is Tls.STARTTLS:
                with trouble_at(Step.TLS):
                    client.starttls(tls_context(server))
            _log_in(client, server)
        except BaseException:
            _drop(client)
            raise
        return cls(client, read_only)

    def select(self, folder: str) -> int:
        with trouble_at(Step.FOLDER):
            return int(self.client.select_folder(folder, readonly=self.read_only).get(b"UIDVALIDITY", 0))

    def uids_after(self, last_uid: int, known: set[str]) -> list[str]:
        """RFC 3501 6.4.8: `n:*` names the last mail even where its UID is below n."""
        with trouble_at(Step.READ):
            found = self.client.search(["UID", f"{last_uid + 1}:*"])
        return [str(uid) for uid in sorted(found) if uid > last_uid and str(uid) not in known]

    def fetch(self, uids: Sequence[str]) -> list[Fetched]:
        """Together; where the server's answer cannot be read one by one, so that one mail costs no other."""
        try:
            return self._fetch(uids)
        except MailboxTrouble:
            if len(uids) == 1 or not self.alive:
                raise
        return [mail for uid in uids for mail in self._fetch_alone(uid)]

    @property
    def alive(self) -> bool:
        """Whether the server still answers."""
        try:
            self.client.noop()
        except (IMAPClientError, imaplib.IMAP4.error, OSError):
            return False
        return True

    def put_away(self, uids: Sequence[str], how: Afterwards, move_to: str) -> None:
        numbers = [int(uid) for uid in uids]
        with trouble_at(Step.FOLDER):
            if how is Afterwards.MARK_SEEN:
                self.client.add_flags(numbers, [SEEN], silent=True)
            elif how is Afterwards.MOVE:
                self._move(numbers, move_to)

    def folders(self) -> list[str]:
        """The names of all folders, for people to choose from."""
        with trouble_at(Step.FOLDER):
            return [str(name) for _, _, name in self.client.list_folders()]

    def close(self) -> None:
        try:
            with trouble_at(Step.READ):
                self.client.logout()
        except MailboxTrouble:
            _drop(self.client)

    def _fetch(self, uids: Sequence[str]) -> list[Fetched]:
        with trouble_at(Step.READ):
            answer = self.client.fetch([int(uid) for uid in uids], ["RFC822.SIZE", f"BODY.PEEK[]<0.{MOST_OCTETS}>"])
        return [_fetched(uid, parts) for uid, parts in sorted(answer.items()) if str(uid) in uids]

    def _fetch_alone(self, uid: str) -> list[Fetched]:
        try:
            return self._fetch([uid])
        except MailboxTrouble as trouble:
            if not self.alive:
                raise
            return [Fetched(uid, unreadable(uid, trouble.words), 0)]

    def _move(self, uids: list[int], folder: str) -> None:
        if not self.client.folder_exists(folder):
            self.client.create_folder(folder)
        if self.client.has_capability("MOVE"):
            self.client.move(uids, folder)
            return
        self.client.copy(uids, folder)
        self.client.delete_messages(uids, silent=True)  # that is the old way to move: a copy first, then the mark
        if self.client.has_capability("UIDPLUS"):
            self.client.uid_expunge(uids)


def unreadable(uid: str, words: str) -> bytes:
    """What stands for a mail that the server cannot hand out: it is listed, and stops nothing."""
    return f"Subject: (mail {uid} could not be read)\r\n\r\n{words}\r\n".encode()


def _fetched(uid: int, parts: dict[bytes, Any]) -> Fetched:
    raw = next((value for key, value in parts.items() if key.startswith(b"BODY[]")), b"") or b""
    return Fetched(str(uid), raw, int(parts.get(b"RFC822.SIZE") or len(raw)))


def _connect(server: MailServer) -> IMAPClient:
    implicit = server.tls is Tls.IMPLICIT
    with trouble_at(Step.CONNECT):
        return IMAPClient(
            server.host,
            server.port,
            ssl=implicit,
            ssl_context=tls_context(server) if implicit else None,
            timeout=SocketTimeout(server.connect_seconds, server.reply_seconds),
        )


def _log_in(client: IMAPClient, server: MailServer) -> None:
    refuse_in_clear(server, client.socket())
    with trouble_at(Step.LOGIN):
        if server.token:
            client.oauth2_login(server.username, server.token)
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(server.username, server.password)  # takes letters of any script, LOGIN ASCII alone
        else:
            client.login(server.username, server.password)


def _drop(client: IMAPClient) -> None:
    with suppress(OSError, IMAPClientError, imaplib.IMAP4.error):
        client.shutdown()


# What IMAP and POP3 share


def resolve(server: MailServer) -> None:
    """Find the host. Raises MailboxTrouble at RESOLVE."""
    try:
        socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise MailboxTrouble(Step.RESOLVE, words_of(error)) from error


def refuse_in_clear(server: MailServer, sock: socket.socket) -> None:
    """A password goes over TLS, or nowhere but to this machine. Raises MailboxTrouble at LOGIN."""
    peer = ipaddress.ip_address(str(sock.getpeername()[0]).partition("%")[0])
    if server.tls is Tls.NONE and not peer.is_loopback:
        raise MailboxTrouble(Step.LOGIN, "The password is not sent over a connection without TLS.")


def tls_context(server: MailServer) -> ssl.SSLContext:
    """TLS as the account asks for it."""
    context = ssl.create_default_context()
    if not server.check_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def trouble_at(step: Step, *faults: type[Exception]) -> Iterator[None]:
    """Whatever goes wrong inside is MailboxTrouble at that step, or at the step of TLS that it shows. `faults`: what
    the protocol's library raises beside IMAP's."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailboxTrouble(Step.CERTIFICATE, error.verify_message or words_of(error)) from error
    except ssl.SSLError as error:
        raise MailboxTrouble(Step.TLS, f"TLS failed: {error.reason or error}.") from error
    except CapabilityError as error:
        raise MailboxTrouble(step, f"The server does not offer it: {error}.") from error
    except TimeoutError as error:
        raise MailboxTrouble(step, "The server did not answer in time.") from error
    except (IMAPClientError, imaplib.IMAP4.error, OSError, UnicodeError, ValueError, *faults) as error:
        raise MailboxTrouble(step, words_of(error)) from error


_BYTES: Final = re.compile(r"""b(['"])(.*)\1""", re.DOTALL)


def words_of(error: Exception) -> str:
    """What the server or the system said, without the marks of Python."""
    said = error.args[0] if error.args else ""
    if isinstance(error, OSError) and error.strerror:
        said = error.strerror
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    text = _BYTES.sub(lambda found: found[2], text)
    return " ".join(text.split())[:500] or type(error).__name__
