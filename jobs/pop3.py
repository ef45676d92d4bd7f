"""A mailbox over POP3 (RFC 1939): one folder, mails told apart by UIDL, nothing to do with them but to leave them."""

import poplib
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Self

from jobs.mailbox import (
    MOST_OCTETS,
    Fetched,
    MailboxTrouble,
    MailServer,
    Step,
    refuse_in_clear,
    resolve,
    tls_context,
    trouble_at,
    unreadable,
)
from models.group_email_account_table import Afterwards
from models.smtp_account_table import Tls

poplib._MAXLINE = MOST_OCTETS  # type: ignore[attr-defined]  # a mail with a line of more than 2,048 octets stops no run
_LINES: Final = 2_000
"""Of a mail that is too big: its headers and so many lines of it (TOP)."""


class PopMailbox:
    """An open POP3 connection, signed in. The mails are those that lay there when it was opened."""

    numbered = False

    def __init__(self, client: poplib.POP3) -> None:
        self.client = client
        self._numbers: dict[str, int] = {}
        self._sizes: dict[int, int] = {}

    @classmethod
    def open(cls, server: MailServer, *, read_only: bool = True) -> Self:
        """As ImapMailbox.open. POP3 has no XOAUTH2 that all servers agree about: an account with a token is refused."""
        if server.token:
            raise MailboxTrouble(Step.LOGIN, "XOAUTH2 is for IMAP.")
        resolve(server)
        client = _connect(server)
        try:
            if server.tls is Tls.STARTTLS:
                with trouble_at(Step.TLS, poplib.error_proto):
                    client.stls(tls_context(server))
            refuse_in_clear(server, client.sock)
            with trouble_at(Step.LOGIN, poplib.error_proto):
                client.user(server.username)
                client.pass_(server.password)
        except BaseException:
            client.close()
            raise
        return cls(client)

    def select(self, folder: str) -> int:
        with trouble_at(Step.FOLDER, poplib.error_proto):
            named, measured = self.client.uidl()[1], self.client.list()[1]
        pairs = (line.decode(errors="replace").split(maxsplit=1) for line in named)
        self._numbers = {uid: int(number) for number, uid in pairs}
        self._sizes = {int(number): int(size) for number, size in (line.split()[:2] for line in measured)}
        return 0

    def uids_after(self, last_uid: int, known: set[str]) -> list[str]:
        return [uid for uid in self._numbers if uid not in known]

    def fetch(self, uids: Sequence[str]) -> list[Fetched]:
        return [self._fetch(uid) for uid in uids]

    def put_away(self, uids: Sequence[str], how: Afterwards, move_to: str) -> None:
        """Nothing: POP3 knows no marks and no folders."""

    def folders(self) -> list[str]:
        """The one there is."""
        return ["INBOX"]

    def close(self) -> None:
        with suppress(poplib.error_proto, OSError):
            self.client.quit()

    def _fetch(self, uid: str) -> Fetched:
        number = self._numbers[uid]
        size = self._sizes.get(number, 0)
        with trouble_at(Step.READ):
            try:
                lines = self.client.retr(number)[1] if size <= MOST_OCTETS else self.client.top(number, _LINES)[1]
            except poplib.error_proto as error:
                return Fetched(uid, unreadable(uid, str(error)), 0)
        return Fetched(uid, b"\r\n".join(lines)[:MOST_OCTETS], size)


def _connect(server: MailServer) -> poplib.POP3:
    with trouble_at(Step.CONNECT, poplib.error_proto):
        if server.tls is Tls.IMPLICIT:
            context = tls_context(server)
            return poplib.POP3_SSL(server.host, server.port, timeout=server.connect_seconds, context=context)
        return poplib.POP3(server.host, server.port, timeout=server.connect_seconds)
