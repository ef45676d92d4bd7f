"""What the mail catcher received over SMTP, read from its files and its index, not through Envoi's pages."""

import email
import email.policy
import re
import sqlite3
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    """A message that arrived: the envelope's recipient, and the file of what was between DATA and the dot."""

    recipient: str
    file: Path

    @cached_property
    def message(self) -> EmailMessage:
        """Opened."""
        message = email.message_from_bytes(self.file.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @cached_property
    def html(self) -> str:
        """What a mail program shows."""
        part = self.message.get_body(("html",))
        assert part is not None
        content = part.get_content()
        assert isinstance(content, str)
        return content

    def link(self, words: str) -> str:
        """Where the link with these words leads."""
        found = re.search(rf'<a\b[^>]*href="([^"]+)"[^>]*>\s*{re.escape(words)}', self.html)
        assert found, (words, self.html)
        return found[1].replace("&amp;", "&")


class Mailbox:
    """The catcher's data of one installation."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def count(self) -> int:
        """How many messages arrived, tests apart."""
        return int(self._rows("SELECT count(*) FROM caught_mail WHERE NOT is_test")[0][0])

    def recipients(self) -> list[str]:
        """Of each message that arrived, tests apart, in their order."""
        return [row[0] for row in self._rows("SELECT recipient FROM caught_mail WHERE NOT is_test ORDER BY id")]

    def mails(self, *, tests: bool = False) -> list[Mail]:
        """All of them, or the tests."""
        rows = self._rows("SELECT recipient, file FROM caught_mail WHERE is_test = ? ORDER BY id", tests)
        return [Mail(recipient, self.data / "catcher" / file) for recipient, file in rows]

    def files(self) -> int:
        """How many message files lie there, tests among them."""
        return len(list((self.data / "catcher").rglob("*.eml")))

    def _rows(self, query: str, *values: object) -> list[tuple]:
        connection = sqlite3.connect(f"file:{self.data / 'envoi.sqlite'}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()
