"""What a mail was taken for and what became of it, in the viewer's words."""

from models.answer import log_reason
from models.catalogue import WORDS
from models.catalogue import text as catalogue_text
from models.mail_in import MailRow, Standing


def verdict_said(language: str, row: MailRow) -> str:
    """ "Hard bounce: No such mailbox (5.1.1)"."""
    kind = catalogue_text(language, f"mail_in.kind.{row.kind}")
    key = f"delivery.reason.{log_reason(row.reason)}"
    reason = catalogue_text(language, key) if row.reason and key in WORDS else row.reason
    said = f"{kind} · {reason}" if reason else kind
    return f"{said} ({row.status})" if row.status else said


def matched_said(language: str, row: MailRow) -> str:
    """By which way it was found whose it is; "" where it is not known."""
    return catalogue_text(language, f"mail_in.matched.{row.matched_by}") if row.matched_by else ""


def waits(row: MailRow) -> bool:
    """Whether a person may say whose the mail is."""
    return row.standing in {Standing.UNMATCHED, Standing.NOT_UNDERSTOOD, Standing.OTHER, Standing.IGNORED}
