"""What a mail was taken for and what became of it, in the viewer's words."""

from dashboard.acts.event_words import reason_said
from models.answer import log_reason
from models.catalogue import text as catalogue_text
from models.mail_in import MailKind, MailRow, Standing


def verdict_said(language: str, row: MailRow) -> str:
    """The kind of a mail; of a bounce also why: "Hard bounce · No such mailbox (5.1.1)"; "" of a person's mail."""
    if row.kind is MailKind.NOT_A_BOUNCE:
        return ""
    kind = catalogue_text(language, f"mail_in.kind.{row.kind}")
    if row.kind not in {MailKind.HARD, MailKind.SOFT}:
        return kind
    reason = reason_said(language, log_reason(row.reason))
    return f"{kind} · {reason} ({row.status})" if row.status else f"{kind} · {reason}"


def evidence_said(row: MailRow) -> str:
    """The words of the mail that decided; "" where it was only that none of them says anything."""
    silent = row.kind is MailKind.NOT_A_BOUNCE and row.standing is not Standing.OPTED_OUT
    return "" if silent else row.evidence
