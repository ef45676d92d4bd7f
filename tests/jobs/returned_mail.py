"""Mails as they come back, of the tests' own making: RFC 3464 (delivery status), 5965 (feedback), 3834 (automatic)."""

import itertools
from email.message import EmailMessage, Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

from models.tracking import Purpose, make_token, own_keys, to_base32
from tests.factories import NOW

TO = "bounce@sender.example"
_numbers = itertools.count(1)


def token(item_id: int, purpose: Purpose = Purpose.RETURN_PATH) -> str:
    return make_token(own_keys(), purpose, item_id)


def tagged(item_id: int, to: str = TO) -> str:
    """The return path of an item's message."""
    local, _, domain = to.partition("@")
    return f"{local}+{to_base32(token(item_id))}@{domain}"


def bounce(
    recipient: str = "ada@example.com",
    status: str = "5.1.1",
    said: str = "550 5.1.1 <ada@example.com>: user unknown",
    *,
    to: str = TO,
    action: str = "failed",
    returned: dict[str, str] | None = None,
    message_id: str = "",
) -> bytes:
    """A delivery status notification. `returned`: headers of the message that came back; None: it is not returned."""
    report = _report(
        "delivery-status", "Undelivered Mail Returned to Sender", "MAILER-DAEMON@mx.example.net", to, message_id
    )
    report.attach(MIMEText(f"This is the mail system at host mx.example.net.\n\n<{recipient}>: {said}\n"))
    fields = {"Reporting-MTA": "dns; mx.example.net"}
    about = {
        "Final-Recipient": f"rfc822; {recipient}",
        "Action": action,
        "Status": status,
        "Diagnostic-Code": f"smtp; {said}",
    }
    report.attach(_fields("delivery-status", fields, about))
    if returned is not None:
        report.attach(_returned({"Subject": "News", **returned}))
    return report.as_bytes()


def complaint(item_id: int, feedback_type: str = "abuse") -> bytes:
    """A feedback report with the message complained about."""
    report = _report("feedback-report", "FW: News", "feedback@isp.example.net", TO)
    report.attach(MIMEText("This is an email abuse report.\n"))
    report.attach(
        _fields("feedback-report", {"Feedback-Type": feedback_type, "User-Agent": "Loop/1.0", "Version": "1"})
    )
    report.attach(_returned({"Subject": "News", "X-Envoi-Item": token(item_id)}))
    return report.as_bytes()


def written(
    text: str,
    *,
    sender: str = "Ada Byron <ada@example.com>",
    to: str = TO,
    subject: str = "Re: News",
    answers: str = "",
    message_id: str = "",
    **headers: str,
) -> bytes:
    """A mail that somebody wrote, or that a program wrote in their place."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"], mail["Message-ID"] = format_datetime(NOW), message_id or f"<{next(_numbers)}@home.example.com>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def _report(kind: str, subject: str, sender: str, to: str, message_id: str = "") -> MIMEMultipart:
    report = MIMEMultipart("report", **{"report-type": kind})
    report["From"], report["To"], report["Subject"] = sender, to, subject
    report["Date"] = format_datetime(NOW)
    report["Message-ID"] = message_id or f"<{next(_numbers)}@mx.example.net>"
    return report


def _fields(kind: str, *groups: dict[str, str]) -> Message:
    part = Message()
    part["Content-Type"] = f"message/{kind}"
    for group in groups:
        block = Message()
        for name, value in group.items():
            block[name] = value
        part.attach(block)
    return part


def _returned(headers: dict[str, str]) -> Message:
    original = EmailMessage()
    for name, value in headers.items():
        original[name] = value
    original.set_content("Hello\n")
    return MIMEMessage(original)
