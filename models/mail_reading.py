"""A mail that came, opened to be read: its words, and its source as far as it is kept."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from models.bounce_mail import read_mail
from models.mail_in import MailRow, get_mail, read_text

LONGEST: Final = 50_000
"""Characters of the words and of the source that are shown."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`words`: what a person would read, "" where there is none or its time is over; `cut`: the source is longer than
    what is shown of it."""

    row: MailRow
    words: str
    source: str
    cut: bool


def get_reading(session: Session, mail_id: int) -> Reading:
    """A mail opened. Raises NotFound."""
    row, raw = get_mail(session, mail_id), read_text(session, mail_id)
    texts = [part.text() for part in read_mail(raw).parts if part.content_type.startswith("text/")]
    words = next((text for text in texts if text.strip()), "").strip()
    source = raw.decode("utf-8", errors="replace").replace("\0", "\ufffd")
    return Reading(row, words[:LONGEST], source[:LONGEST], len(source) > LONGEST or row.size > len(raw))
