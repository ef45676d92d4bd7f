"""Mails of the demo that come back: reports of mail systems, a complaint, and what people write (RFC 3464, 5965).

They are made as the real ones are, and taken in by the same functions, so that What Came Back has something to show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from models.tracking import Purpose, make_token, own_keys

INBOX_ADDRESS: Final = "answers@tilleul.example"
_DOMAIN: Final = "tilleul.example"
_RELAY: Final = "relay.tilleul.example"
_BOUNDARY: Final = "=_demo"


@dataclass(frozen=True, slots=True)
class Letter:
    """The message that a mail is about: to whom, and when it came back. `item_id` 0: none of ours."""

    item_id: int
    address: str
    at: datetime

    @property
    def token(self) -> str:
        return make_token(own_keys(), Purpose.RETURN_PATH, self.item_id)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a server does not deliver: its status (RFC 3463) and its words."""

    status: str
    words: str


REFUSALS: Final[Mapping[str, Refusal]] = {
    "unknown": Refusal("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"),
    "full": Refusal("5.2.2", "552 5.2.2 The mailbox is full, quota exceeded"),
    "blocked": Refusal("5.7.1", "554 5.7.1 Your IP address has a poor reputation and is blocked"),
    "spam": Refusal("5.7.1", "550 5.7.1 Message content rejected as spam"),
    "disabled": Refusal("5.2.1", "550 5.2.1 This mailbox is disabled"),
    "expired": Refusal("4.4.7", "421 4.4.7 Delivery time expired, message could not be delivered"),
}


def returned(letter: Letter, refusal: Refusal) -> bytes:
    """A delivery report of the relay (RFC 3464)."""
    host = letter.address.rpartition("@")[2]
    words = (
        f"This is the mail system at host {_RELAY}.\n\nYour message could not be delivered to one recipient.\n\n"
        f"<{letter.address}>: host mx.{host} said: {refusal.words}\n"
    )
    facts = (
        f"Reporting-MTA: dns; {_RELAY}\nArrival-Date: {format_datetime(letter.at)}\n\n"
        f"Final-Recipient: rfc822; {letter.address}\nAction: failed\nStatus: {refusal.status}\n"
        f"Remote-MTA: dns; mx.{host}\nDiagnostic-Code: smtp; {refusal.words}\n"
    )
    mail = _headed(letter, f"Mail Delivery System <MAILER-DAEMON@{_RELAY}>", "Undelivered Mail Returned to Sender")
    return _report(mail, "delivery-status", words, facts, letter)


def complained(letter: Letter) -> bytes:
    """A feedback report of a mailbox provider: somebody pressed the button (RFC 5965)."""
    host = letter.address.rpartition("@")[2]
    facts = (
        f"Feedback-Type: abuse\nUser-Agent: Feedback/1.0\nVersion: 1\nOriginal-Rcpt-To: {letter.address}\n"
        f"Arrival-Date: {format_datetime(letter.at)}\n"
    )
    mail = _headed(letter, f"Feedback <feedback@{host}>", "FW: The first cold mornings")
    return _report(mail, "feedback-report", "This is an email abuse report.\n", facts, letter)


def replied(letter: Letter, name: str, words: str) -> bytes:
    """What a person answers."""
    mail = _headed(letter, f"{name} <{letter.address}>", "Re: The first cold mornings")
    mail["In-Reply-To"] = mail["References"] = f"<{letter.token}@{_DOMAIN}>"
    mail.set_content(words)
    return mail.as_bytes()


def away(letter: Letter, name: str) -> bytes:
    """What a person's program answers: nothing follows from it."""
    mail = _headed(letter, f"{name} <{letter.address}>", "Out of office: The first cold mornings")
    mail["Auto-Submitted"] = "auto-replied"
    mail["In-Reply-To"] = f"<{letter.token}@{_DOMAIN}>"
    mail.set_content("I am out of office until Monday and will answer then.\n")
    return mail.as_bytes()


def _headed(letter: Letter, sender: str, subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Date"] = format_datetime(letter.at)
    mail["From"] = sender
    mail["To"] = INBOX_ADDRESS
    mail["Subject"] = subject
    mail["Message-ID"] = f"<demo.{letter.item_id}.{int(letter.at.timestamp())}@{_RELAY}>"
    return mail


def _report(mail: EmailMessage, kind: str, words: str, facts: str, letter: Letter) -> bytes:
    """The words for people, the facts for programs, and the headers of the message that it is about."""
    original = f"From: Maison Tilleul <letter@{_DOMAIN}>\nTo: {letter.address}\nSubject: The first cold mornings\n"
    if letter.item_id:
        original += f"Message-ID: <{letter.token}@{_DOMAIN}>\nX-Envoi-Item: {letter.token}\n"
    parts = {"text/plain": words, f"message/{kind}": facts, "text/rfc822-headers": original}
    mail["Auto-Submitted"] = "auto-replied"
    form = f'MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="{_BOUNDARY}"\n'
    body = "".join(f"--{_BOUNDARY}\nContent-Type: {type_}\n\n{part}\n" for type_, part in parts.items())
    return form.encode() + mail.as_bytes() + f"{body}--{_BOUNDARY}--\n".encode()
