"""What a mail that came back says: bytes in, verdict out. Pure, and never an error, whatever the bytes are.

The order: what is made for machines (feedback, delivery status, disposition), then reports of mail systems in words,
then automatic answers, then people. Reasons have the names that bounce parsers share (userunknown, mailboxfull, …);
the catalogue words them (bounce.reason.…).
"""

import re
from typing import Any, Final

from models.auto_reply import auto_reply_mark, auto_reply_wording
from models.bounce_failure import status_report, worded_report
from models.bounce_mail import Mail, first, read_mail
from models.bounce_paper import Paper, lay_out
from models.bounce_reason import MOST_EVIDENCE, names_cause
from models.bounce_report import MOST_RECIPIENTS, bare_address, feedback, read_blocks
from models.bounce_signs import (
    complains,
    forwards_failure,
    is_daemon,
    reports_failure,
    unsubscribes_for_a_person,
)
from models.bounce_verdict import Kind, MailVerdict, RecipientVerdict
from models.stop_reply import says_stop, unsubscribe_token

__all__ = ["Kind", "MailVerdict", "RecipientVerdict", "judge_mail", "judge_read"]

_OURS: Final = re.compile(r"[A-Za-z0-9_-]{22}@")


def judge_mail(raw: bytes) -> MailVerdict:
    """The verdict on any bytes. It never raises, and looks at the first megabyte alone."""
    try:
        return judge_read(read_mail(raw))
    except (ValueError, LookupError, OverflowError) as error:  # fuzzing knows of none, but a run must go on
        return MailVerdict(Kind.NOT_A_BOUNCE, evidence=f"cannot be read: {type(error).__name__}")


def judge_read(mail: Mail) -> MailVerdict:
    """The verdict on a mail as it was read."""
    if not mail.headers:
        return MailVerdict(Kind.NOT_A_BOUNCE, evidence="no mail: it has no headers")
    paper = lay_out(mail)
    for look in _LOOKS:
        if verdict := look(paper):
            return paper.sign(verdict)
    return paper.sign(_of_a_person(paper))


def _complaint(paper: Paper) -> MailVerdict | None:
    fields = feedback(paper.mail)
    if fields is None:
        return _complaint_of_its_own_form(paper)
    kind_of = (first(fields, "feedback-type") or "abuse").strip().lower()[:40]
    named = [bare_address(v) for n in ("original-rcpt-to", "removal-recipient") for v in fields.get(n, ())]
    people = [address for address in dict.fromkeys(named) if address] or [paper.person_mailed]
    kind = Kind.NOT_A_BOUNCE if kind_of == "not-spam" else Kind.COMPLAINT
    evidence = f"Feedback-Type: {kind_of}"
    each = tuple(
        RecipientVerdict(kind, "feedback", person or None, "", evidence) for person in people[:MOST_RECIPIENTS]
    )
    return MailVerdict(kind, "feedback", each[0].recipient, "", evidence, each, feedback_type=kind_of)


def _complaint_of_its_own_form(paper: Paper) -> MailVerdict | None:
    """Microsoft's junk mail reports hold the message alone; a mail program unsubscribes in a person's name."""
    person = bare_address(first(paper.returned, "x-hmxmroriginalrecipient"))
    if person or (complains(paper.subject) and any(part.is_returned for part in paper.mail.parts)):
        person = person or paper.person_mailed
        return _one(Kind.COMPLAINT, "feedback", person, paper.subject, feedback_type="abuse")
    if unsubscribes_for_a_person(paper.words):
        person = bare_address(paper.sender)
        return _one(Kind.COMPLAINT, "feedback", person, paper.words, feedback_type="opt-out", asks_to_stop=True)
    return None


def _disposition(paper: Paper) -> MailVerdict | None:
    """A disposition notification (RFC 8098): somebody's program displayed or deleted the message, so it had arrived."""
    part = paper.mail.part("message/disposition-notification")
    if part is None:
        return None
    fields = {name: values for block in read_blocks(part.text()) for name, values in block.items()}
    return _one(
        Kind.NOT_A_BOUNCE,
        "delivered",
        bare_address(first(fields, "final-recipient")),
        f"Disposition: {first(fields, 'disposition')}",
    )


def _daemon_report(paper: Paper) -> MailVerdict | None:
    headers = paper.mail.headers
    back = paper.header("return-path").strip()
    is_system = ("from" in headers and is_daemon(paper.sender)) or (len(back) > 2 and is_daemon(back))
    if not (is_system or "x-failed-recipients" in headers or back == "<>"):
        return None
    if auto_reply_mark(headers) and not is_system and "x-failed-recipients" not in headers:
        return None  # holiday notes are sent with an empty return path too (RFC 3834 3.3)
    if reports_failure(paper.subject, paper.words) or (is_system and _reports_in_other_words(paper)):
        return worded_report(paper)
    return None


def _reports_in_other_words(paper: Paper) -> bool:
    """Whether a mail system that says nothing of failing names a cause all the same, or returns the message. Holiday
    notes do so too: “she has left the company”."""
    says_why = names_cause(paper.words) or paper.returns_message
    return says_why and not auto_reply_wording(paper.subject, paper.words)


def _forwarded_report(paper: Paper) -> MailVerdict | None:
    """A report that a person or a gateway passed on, or one from a sender that does not look like a mail system."""
    return worded_report(paper) if forwards_failure(paper.subject, paper.words, paper.returns_message) else None


def _unsubscribe(paper: Paper) -> MailVerdict | None:
    token = unsubscribe_token(paper.to_addresses, paper.subject)
    if token is None:
        return None
    return _one(
        Kind.NOT_A_BOUNCE,
        "",
        bare_address(paper.sender),
        f"Subject: {paper.subject}",
        asks_to_stop=True,
        unsubscribe_token=token,
    )


def _automatic(paper: Paper) -> MailVerdict | None:
    evidence = auto_reply_mark(paper.mail.headers) or auto_reply_wording(paper.subject, paper.words)
    return _one(Kind.AUTO_REPLY, "vacation", bare_address(paper.sender), evidence) if evidence else None


def _of_a_person(paper: Paper) -> MailVerdict:
    stop = says_stop(paper.words, paper.subject)
    is_reply = any(_OURS.match(answered) for answered in paper.answers) or "x-envoi-item" in paper.returned
    evidence = paper.words if stop else "nothing in it reports a failure"
    return _one(Kind.NOT_A_BOUNCE, "", bare_address(paper.sender), evidence, is_reply=is_reply, asks_to_stop=stop)


def _one(kind: Kind, reason: str, recipient: str, evidence: str, **more: Any) -> MailVerdict:
    return MailVerdict(kind, reason, recipient or None, "", " ".join(evidence.split())[:MOST_EVIDENCE], **more)


_LOOKS: Final = (
    _complaint,
    status_report,
    _disposition,
    _daemon_report,
    _unsubscribe,
    _forwarded_report,
    _automatic,
)
"""The order in which a mail is looked at; the first that knows it speaks."""
