"""A mail that came back, laid out: its own words, the headers of the message it returns, whom it came to."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from models.bounce_mail import MOST_TEXT, Headers, Mail, first, read_headers, read_mail
from models.bounce_report import bare_address
from models.bounce_text import addresses_in, own_words
from models.bounce_verdict import MailVerdict

_KEPT: Final = ("message-id", "x-envoi-item", "list-id", "feedback-id", "to", "x-hmxmroriginalrecipient")
_COLLECTED: Final = (
    "to",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "apparently-to",
    "cc",
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A mail with what every look at it needs. `words`: its own, without the returned message; `returned`: the headers
    of that; `answers`: the Message-IDs it replies to, without brackets."""

    mail: Mail
    words: str
    returned: Headers
    to_addresses: tuple[str, ...]
    answers: tuple[str, ...]

    @property
    def subject(self) -> str:
        """The subject, at most 1,000 characters."""
        return self.header("subject")[:1000]

    @property
    def sender(self) -> str:
        """From, as written."""
        return self.header("from")

    @property
    def never(self) -> frozenset[str]:
        """Addresses in lower case that the mail is not about: whom it came to, whom it comes from."""
        return frozenset(address.lower() for address in (*self.to_addresses, bare_address(self.sender)))

    @property
    def person_mailed(self) -> str:
        """To whom the returned message was addressed, "" when it does not say."""
        return bare_address(first(self.returned, "to"))

    @property
    def returns_message(self) -> bool:
        """Whether a message, or what is left of its headers, comes back with it."""
        return "message-id" in self.returned or "received" in self.returned

    def attached_report(self) -> "Paper | None":
        """A report in the place of the returned message: passed on as an attachment."""
        part = self.mail.part("message/rfc822")
        if (
            part is None
            or self.mail.part("message/delivery-status")
            or "multipart/report" not in first(self.returned, "content-type").lower()
        ):
            return None
        return lay_out(read_mail(part.body))

    def header(self, name: str) -> str:
        """The first value of a header of the mail itself."""
        return first(self.mail.headers, name)

    def sign(self, verdict: MailVerdict) -> MailVerdict:
        """A verdict with what the mail says of itself."""
        return replace(
            verdict,
            message_id=first(self.returned, "message-id") or _told_message_id(self.words) or None,
            headers={name: first(self.returned, name)[:1000] for name in _KEPT if name in self.returned},
            to_addresses=self.to_addresses,
            report_message_id=self.header("message-id") or None,
            subject=self.subject,
            from_address=bare_address(self.sender),
            date=_date(self.header("date")),
            answers=self.answers,
        )


def lay_out(mail: Mail) -> Paper:
    """A mail, laid out."""
    text = _text(mail)
    words = own_words(text)
    collected = [a for name in _COLLECTED for value in mail.headers.get(name, ()) for a in addresses_in(value)]
    told = " ".join((first(mail.headers, "in-reply-to"), first(mail.headers, "references")))
    answers = re.findall(r"<([^<>\s]{3,250})>", told)[:50]
    return Paper(
        mail, words, _returned(mail, text[len(words) :]), tuple(dict.fromkeys(collected)), tuple(dict.fromkeys(answers))
    )


def _text(mail: Mail) -> str:
    """What a person reads first: the plain texts outside of the returned message, or else the words of its HTML."""
    for content_type in ("text/plain", "text/html"):
        texts = [part.text() for part in mail.parts if part.content_type == content_type][:3]
        if any(text.strip() for text in texts):
            return "\n".join(texts)[:MOST_TEXT]
    return ""


def _returned(mail: Mail, rest: str) -> Headers:
    """The headers of the returned message: a part of its own, or below the words."""
    part = next((part for part in mail.parts if part.is_returned), None)
    text = part.text().lstrip() if part else rest
    return read_headers(text[:MOST_TEXT].partition("\n\n")[0].encode() if part else rest[:MOST_TEXT].encode())


def _told_message_id(words: str) -> str:
    told = re.search(r"(?im)^\W{0,12}message-?id\W{1,6}(<?[^\s<>]{3,250}>?)\s*$", words)
    return told[1] if told else ""


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value[:100])
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None  # a date that is none; the mail is judged without
