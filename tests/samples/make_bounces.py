# ruff: noqa: E501 - a mail is not cut in two
"""Makes bounces/ beside it: python -m tests.samples.make_bounces. Mails that came back, as many systems write them.

Each is made up here, after the form of a system and in its manner of speaking, about people who do not exist.
expected.json: file → one {kind, reason, recipient, status, hard} per recipient, in the names of models/bounce.py.
"""

import base64
import json
import quopri
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "bounces"
TOKEN = "AQEAAAAAAAcBAgMEBQYHCA"
"""The form of a token, of nobody's key."""
RETURN_PATH = "bounce+aeaqaaaaaaaaoaicamcakbqhba@sender.example"
SENDER = "news@sender.example"

ORIGINAL = f"""Return-Path: <{RETURN_PATH}>
Received: from mail.sender.example ([192.0.2.7]) by mx.example.com; Tue, 8 Sep 2026 11:46:12 +0000
Date: Tue, 08 Sep 2026 11:46:12 +0000
From: Atelier <{SENDER}>
To: Ada Corvin <ada@example.com>
Subject: Your mailbox is full of autumn
Message-ID: <{TOKEN}@sender.example>
List-Id: Autumn <campaign-7.sender.example>
Feedback-ID: 7:9:newsletter:0a1b2c3d4e5f
X-Envoi-Item: {TOKEN}
"""
"""The headers of what was sent. Its subject lies on purpose: it is no reason."""


@dataclass(frozen=True)
class Sample:
    """A mail and what it means: (kind, reason, recipient, status) per recipient."""

    mail: bytes
    means: tuple[tuple[str, str, str | None, str], ...]


def head(sender: str, subject: str, *more: str) -> str:
    lines = [f"Return-Path: <>\nFrom: {sender}", f"To: {RETURN_PATH}", f"Subject: {subject}"]
    when = ("Date: Tue, 8 Sep 2026 12:00:00 +0000", "Message-ID: <report.1@mx.example.com>", "MIME-Version: 1.0")
    return "\n".join((*lines, *when, *more)) + "\n"


def plain(sender: str, subject: str, text: str, *more: str, charset: str = "utf-8", coding: str = "8bit") -> bytes:
    """A report in words alone."""
    typed = (f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {coding}")
    body = text.encode(charset)
    if coding == "base64":
        body = base64.encodebytes(body)
    elif coding == "quoted-printable":
        body = quopri.encodestring(body)
    return head(sender, subject, *more, *typed).encode() + b"\n" + body


def report(
    sender: str,
    subject: str,
    text: str,
    blocks: Sequence[str],
    *more: str,
    kind: str = "delivery-status",
    original: str = ORIGINAL,
    whole: bool = False,
) -> bytes:
    """A multipart/report of RFC 6522: words, blocks of fields, the original's headers (or the `whole` of it)."""
    mark = "=_part/7"
    types = {
        "feedback-report": "message/feedback-report",
        "disposition-notification": "message/disposition-notification",
    }
    parts = [
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n",
        f"Content-Type: {types.get(kind, 'message/delivery-status')}\n\n" + "\n\n".join(blocks) + "\n",
    ]
    if original:
        returned = "message/rfc822" if whole else "text/rfc822-headers"
        parts.append(f"Content-Type: {returned}\n\n{original}" + ("\nThe mailbox of autumn.\n" if whole else ""))
    top = head(sender, subject, *more, f'Content-Type: multipart/report; report-type={kind}; boundary="{mark}"')
    return (top + "\n" + "".join(f"--{mark}\n{part}\n" for part in parts) + f"--{mark}--\n").encode()


def dsn(
    diagnostic: str,
    status: str,
    *,
    action: str = "failed",
    recipient: str = "ada@example.com",
    said: str = "",
    more: str = "",
    sender: str = "MAILER-DAEMON@mx.example.net (Mail Delivery System)",
    subject: str = "Undelivered Mail Returned to Sender",
) -> bytes:
    """A report about one recipient, in Postfix's form unless told otherwise."""
    text = said or (
        "This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that your message could not\n"
        f"be delivered.\n\n<{recipient}>: host mx.example.com[192.0.2.1] said: {diagnostic} (in reply to RCPT TO command)"
    )
    block = f"Final-Recipient: rfc822; {recipient}\nOriginal-Recipient: rfc822;{recipient}\nAction: {action}\nStatus: {status}"
    if diagnostic:
        block += f"\nRemote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; {diagnostic}"
    return report(
        sender, subject, text, ["Reporting-MTA: dns; mx.example.net", block + more], "Auto-Submitted: auto-replied"
    )


def one(mail: bytes, kind: str, reason: str, recipient: str | None = "ada@example.com", status: str = "") -> Sample:
    return Sample(mail, ((kind, reason, recipient, status),))


def postfix() -> dict[str, Sample]:
    answers = {
        "user-unknown": ("550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in virtual table", "5.1.1", "hard", "userunknown"),
        "full-as-5.1.1": ("550 5.1.1 <ada@example.com>: Mailbox is full / Blocks limit exceeded / Inode limit exceeded", "5.1.1", "soft", "mailboxfull"),
        "unknown-as-5.7.1": ("550 5.7.1 <ada@example.com>: no such user", "5.7.1", "hard", "userunknown"),
        "over-quota": ("552 5.2.2 Over quota", "5.2.2", "soft", "mailboxfull"),
        "disabled": ("550 5.2.1 This mailbox has been disabled", "5.2.1", "soft", "suspend"),
        "moved": ("551 5.1.6 User has moved, please try another address", "5.1.6", "hard", "hasmoved"),
        "relay": ("554 5.7.1 <ada@example.com>: Relay access denied", "5.7.1", "soft", "norelaying"),
        "blocklist": ("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org", "5.7.1", "soft", "blocked"),
        "no-reverse-dns": ("550 5.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.7]", "5.7.25", "soft", "requireptr"),
        "dmarc": ("550 5.7.26 The DMARC policy of sender.example asks to refuse this message", "5.7.26", "soft", "authfailure"),
        "spf": ("550 5.7.23 SPF validation failed for sender.example", "5.7.23", "soft", "authfailure"),
        "spam": ("554 5.7.1 Message scored high as spam and was not taken", "5.7.1", "soft", "spamdetected"),
        "virus": ("554 5.7.1 virus Eicar-Test detected by scanner", "5.7.1", "soft", "virusdetected"),
        "too-big": ("552 5.3.4 Message size exceeds fixed limit", "5.3.4", "soft", "mesgtoobig"),
        "policy": ("550 5.7.1 refused for local policy reasons", "5.7.1", "soft", "policyviolation"),
        "reputation": ("550 5.7.1 very low reputation of the sending domain", "5.7.1", "soft", "badreputation"),
        "rate": ("451 4.7.1 Too many messages from you, slow down", "4.7.1", "soft", "speeding"),
        "sender": ("553 5.1.8 Sender address rejected: Domain not found", "5.1.8", "soft", "rejected"),
        "recipient-declines": ("550 5.7.1 The recipient only accepts mail from known senders", "5.7.1", "soft", "filtered"),
        "temporary-unknown": ("450 4.1.1 <ada@example.com>: User unknown", "4.1.1", "soft", "userunknown"),
    }  # fmt: skip
    made = {
        f"postfix-{name}": one(dsn(answer, status), kind, reason, status=status)
        for name, (answer, status, kind, reason) in answers.items()
    }
    local = "This is the mail system at host mx.example.net.\n\n<ada@example.com>: {}"
    nobody = "Host or domain name not found. Name service error for name=example.com type=MX: Host not found"
    for name, words, status, kind, reason in (
        ("no-domain", nobody, "5.4.4", "hard", "hostunknown"),
        ("name-server-silent", f"{nobody}, try again", "4.4.3", "soft", "networkerror"),
        ("null-mx", "Domain example.com does not accept mail (nullMX)", "5.1.0", "hard", "notaccept"),
        ("timed-out", "connect to mx.example.com[192.0.2.1]:25: Connection timed out", "4.4.1", "soft", "expired"),
        ("loop", "mail for example.com loops back to myself", "5.4.6", "soft", "networkerror"),
    ):
        block = f"Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: {status}\nDiagnostic-Code: X-Postfix; {words}"
        sender, subject = "MAILER-DAEMON@mx.example.net", "Undelivered Mail Returned to Sender"
        mail = report(sender, subject, local.format(words), ["Reporting-MTA: dns; mx.example.net", block])
        made[f"postfix-{name}"] = one(mail, kind, reason, status=status)
    at_data = (
        "<ada@example.com>: host mx.example.com[192.0.2.1] said: 550 Unknown user (in reply to end of DATA command)"
    )
    mail = dsn("550 Unknown user", "5.0.0", said=at_data)
    made["postfix-unknown-after-data"] = one(mail, "soft", "filtered", status="5.0.0")
    delayed = dsn("", "4.4.1", action="delayed", said="Your message could not yet be delivered to <ada@example.com>: Connection refused", subject="Delayed Mail (still being retried)")  # fmt: skip
    made["postfix-delayed"] = one(delayed, "delayed", "expired", status="4.4.1")
    done = dsn("250 2.0.0 Ok: queued", "2.0.0", action="relayed", said="Your message was successfully delivered.", subject="Successful Mail Delivery Report")  # fmt: skip
    made["postfix-relayed"] = one(done, "not_a_bounce", "delivered", status="2.0.0")
    return made


def in_words() -> dict[str, Sample]:
    """Reports without a part for machines."""
    below = f"\n--- Below this line is a copy of the message.\n\n{ORIGINAL}\nThe autumn is here.\n"
    qmail = (
        "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message.\n\n"
    )
    daemon = "MAILER-DAEMON@mx.example.net"
    copy = f"\n------ This is a copy of the message, including all the headers. ------\n\n{ORIGINAL}"
    exim = "This message was created automatically by mail delivery software.\n\nThe following address(es) failed:\n\n"
    exim_from, exim_subject = (
        "Mail Delivery System <Mailer-Daemon@mx.example.net>",
        "Mail delivery failed: returning message to sender",
    )
    failed = "X-Failed-Recipients: ada@example.com"
    texts = {
        "qmail-no-mailbox": (plain(daemon, "failure notice", f"{qmail}<ada@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n{below}"), "hard", "userunknown", "5.1.1"),
        "qmail-remote": (plain(daemon, "failure notice", f"{qmail}<ada@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 unknown user\nGiving up on 192.0.2.1.\n{below}"), "hard", "userunknown", ""),
        "qmail-quota": (plain(daemon, "failure notice", f"{qmail}<ada@example.com>:\nThe users mailfolder is over the allowed quota (size). (#5.2.2)\n{below}"), "soft", "mailboxfull", "5.2.2"),
        "qmail-no-host": (plain(daemon, "failure notice", f"{qmail}<ada@example.com>:\nSorry, I couldn't find any host named example.com. (#5.1.2)\n{below}"), "hard", "hostunknown", "5.1.2"),
        "exim-unknown": (plain(exim_from, exim_subject, f"{exim}  ada@example.com\n    SMTP error from remote mail server after RCPT TO:<ada@example.com>:\n    host mx.example.com [192.0.2.1]: 550 No such user here\n{copy}", failed), "hard", "userunknown", ""),
        "exim-unrouteable": (plain(exim_from, exim_subject, f"{exim}  ada@example.com\n    Unrouteable address\n{copy}", failed), "hard", "hostunknown", ""),
        "exim-retry-timeout": (plain(exim_from, exim_subject, f"{exim}  ada@example.com\n    retry timeout exceeded\n{copy}", failed), "soft", "expired", ""),
        "exim-content": (plain(exim_from, exim_subject, f"{exim}  ada@example.com\n    SMTP error from remote mail server after end of data:\n    host mx.example.com [192.0.2.1]: 550 This message was classified as spam\n{copy}", failed), "soft", "spamdetected", ""),
        "exim-delay": (plain(exim_from, "Warning: message 1abc delayed 24 hours", "A message that you sent has not yet been delivered after more than 24 hours.\nThe address to which the message has not yet been delivered is:\n\n  ada@example.com\n\nNo action is required on your part.\n"), "delayed", "expired", ""),
        "notes-directory": (plain("Postmaster@mx.example.net", "DELIVERY FAILURE: User ada (ada@example.com) not listed in Domino Directory", f"Your message\n\n  Subject: autumn\n\nwas not delivered to:\n\n  ada@example.com\n\nbecause:\n\n  User ada (ada@example.com) not listed in Domino Directory\n{below}"), "hard", "userunknown", ""),
        "exchange-5.5": (plain("System Administrator <postmaster@mx.example.net>", "Undeliverable: autumn", "Your message\n\n  To:      Ada\n  Subject: autumn\n\ndid not reach the following recipient(s):\n\nada@example.com on Tue, 8 Sep 2026 12:00:00 +0200\n    The recipient name is not recognized\n    MSEXCH:IMS:EXAMPLE:SITE:SERVER 0 (000C05A6) Unknown Recipient\n"), "hard", "userunknown", ""),
        "mmdf-unknown": (plain("mailer-daemon@mx.example.net", "Failed mail (msg.aa123)", f"    Your message could not be delivered to\n    'ada@example.com' for the following reason:\n\n    '(USER) Unknown user name in \"ada@example.com\"'\n\n    Your message follows:\n\n{ORIGINAL}"), "hard", "userunknown", ""),
        "yahoo-disabled": (plain("MAILER-DAEMON@mx.example.net", "Failure Notice", f"Sorry, we were unable to deliver your message to the following address.\n\n<ada@example.com>:\nRemote host said:\n554 delivery error: This mailbox is disabled\n{below}"), "soft", "suspend", ""),
        "yahoo-no-account": (plain("MAILER-DAEMON@mx.example.net", "Failure Notice", f"Sorry, we were unable to deliver your message to the following address.\n\n<ada@example.com>:\n554: delivery error: This user doesn't have an example.com account\n{below}"), "hard", "userunknown", ""),
        "opensmtpd-quota": (plain("Mailer Daemon <MAILER-DAEMON@mx.example.net>", "Delivery status notification: error", f"    Hi!\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nada@example.com: 452 4.2.2 Mailbox quota reached\n\n    Below is a copy of the original message:\n\n{ORIGINAL}"), "soft", "mailboxfull", "4.2.2"),
        "dma-relay": (plain("MAILER-DAEMON <>", "Mail delivery failed", f"There was an error delivering your mail to <ada@example.com>.\n\nmx.example.com [192.0.2.1] did not like our RCPT TO:\n550 we do not relay\n\nMessage headers follow.\n\n{ORIGINAL}"), "soft", "norelaying", ""),
        "x400-unknown": (plain("X400-MTA <postmaster@mx.example.net>", "Delivery Report (failure) for ada@example.com", "This report relates to your message: autumn\n\nYour message was not delivered to   ada@example.com\n        for the following reason:\n        Recipient's Mailbox name was unknown to the system: unknown recipient\n        MTS Diagnostic 'Unrecognised O/R name'\n"), "hard", "userunknown", ""),
        "courier-unknown": (plain('"Courier mail server" <postmaster@mx.example.net>', "NOTICE: mail delivery status.", f"This is a delivery status notification.\n\nYour message could not be delivered to the following recipients:\n\n<ada@example.com>:\n    mx.example.com [192.0.2.1]:\n >>> RCPT TO:<ada@example.com>\n <<< 550 User unknown.\n\nIf your message was also sent to others, they got it.\n{below}"), "hard", "userunknown", ""),
        "german-unknown": (plain("Mailsystem <mailer-daemon@mx.example.net>", "Unzustellbar: Herbst", "Diese Nachricht konnte nicht zugestellt werden an:\n\nada@example.com\n\nGrund: Der Empfänger ist unbekannt.\n"), "hard", "userunknown", ""),
        "german-full": (plain("Mailsystem <mailer-daemon@mx.example.net>", "Unzustellbar: Herbst", "Ihre Nachricht an ada@example.com konnte nicht zugestellt werden. Das Postfach des Empfängers ist voll.\n", charset="iso-8859-1"), "soft", "mailboxfull", ""),
        "french-unknown": (plain("Postmaster <postmaster@mx.example.net>", "Non remis : automne", "Échec de la remise pour ces destinataires :\n\nada@example.com\nL’adresse de messagerie que vous avez entrée est introuvable.\n"), "hard", "userunknown", ""),
        "french-full": (plain("Postmaster <postmaster@mx.example.net>", "Non remis : automne", "Votre message n'a pas pu être remis à ada@example.com : la boîte de réception du destinataire est pleine.\n", coding="quoted-printable"), "soft", "mailboxfull", ""),
        "french-ip-blocked": (plain("Mail Delivery System <MAILER-DAEMON@mx.example.net>", "Undelivered Mail", "<ada@example.com>: host mx.example.com[192.0.2.1] refused to talk to me: 554 Adresse IP bloquee pour incident de spam\n"), "soft", "blocked", ""),
        "spanish-unknown": (plain("Postmaster <postmaster@mx.example.net>", "No se puede entregar: otoño", "El mensaje no se pudo entregar a:\n\nada@example.com\n\nNo se encontró: la dirección de correo no existe.\n"), "hard", "userunknown", ""),
        "portuguese-full": (plain("Postmaster <postmaster@mx.example.net>", "Falha na entrega: outono", "A mensagem para ada@example.com não pôde ser entregue: a caixa de correio do destinatário está cheia.\n"), "soft", "mailboxfull", ""),
        "italian-unknown": (plain("Postmaster <postmaster@mx.example.net>", "Mancata consegna: autunno", "Il messaggio non è stato recapitato a\n\nada@example.com\n\nperché l'indirizzo è inesistente.\n"), "hard", "userunknown", ""),
        "dutch-unknown": (plain("Postmaster <postmaster@mx.example.net>", "Onbestelbaar: herfst", "Uw bericht kon niet worden bezorgd bij:\n\nada@example.com\n\nHet e-mailadres bestaat niet.\n"), "hard", "userunknown", ""),
        "japanese-full": (plain("MAILER-DAEMON@mx.example.net", "=?iso-2022-jp?B?GyRCQXc/LiUoJWkhPBsoQg==?=", "ada@example.com\nメールボックスの容量が超過しているため、送信できませんでした。\n", charset="iso-2022-jp", coding="7bit"), "soft", "mailboxfull", ""),
        "japanese-unknown": (plain("MAILER-DAEMON@mx.example.net", "=?utf-8?B?6YCB5L+h44Ko44Op44O8?=", "ada@example.com\n宛先のユーザーが存在しません。送信できませんでした。\n", coding="base64"), "hard", "userunknown", ""),
        "russian-unknown": (plain("mailer-daemon@mx.example.net", "=?utf-8?B?0J/QuNGB0YzQvNC+INC90LUg0LTQvtGB0YLQsNCy0LvQtdC90L4=?=", "Письмо не может быть доставлено:\n\n  ada@example.com\n    пользователь не найден\n"), "hard", "userunknown", ""),
        "reason-unsaid": (plain("MAILER-DAEMON@mx.example.net", "Returned mail", "Your message to <ada@example.com> could not be delivered.\n"), "soft", "undefined", ""),
    }  # fmt: skip
    return {name: one(mail, kind, reason, status=status) for name, (mail, kind, reason, status) in texts.items()}


def providers() -> dict[str, Sample]:
    google_from, google_subject = (
        "Mail Delivery Subsystem <mailer-daemon@mx.example.net>",
        "Delivery Status Notification (Failure)",
    )
    gone = "** Address not found **\n\nYour message wasn't delivered to ada@example.com because the address couldn't be found.\n\nThe response was:\n\n{}"
    ms_from = "postmaster@mx.example.net"
    office = (
        "Delivery has failed to these recipients or groups:\n\nada@example.com\n{}\n\nDiagnostic information for administrators:\n\nGenerating server: mx.example.net\n\nada@example.com\nRemote server returned '{}'\n\nOriginal message headers:\n\n"
        + ORIGINAL
    )
    sendmail = "The original message was received at Tue, 8 Sep 2026\n\n   ----- The following addresses had permanent fatal errors -----\n<ada@example.com>\n    (reason: {0})\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.com.:\n>>> {1}\n<<< {0}\n{2}"
    mail_from = "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>"
    made = {
        "gmail-no-user": one(dsn("550-5.1.1 The email account that you tried to reach does not exist.", "5.1.1", said=gone.format("550 5.1.1 The account does not exist"), sender=google_from, subject=google_subject), "hard", "userunknown", status="5.1.1"),
        "gmail-heading-only": one(dsn("550 User unknown", "5.0.0", said=gone.format("550 User unknown"), sender=google_from, subject=google_subject), "hard", "userunknown", status="5.0.0"),
        "gmail-quickly": one(dsn("450 4.2.1 The user you are trying to contact is receiving mail too quickly", "4.2.1", sender=google_from, subject=google_subject), "soft", "speeding", status="4.2.1"),
        "gmail-delay": one(dsn("", "4.4.1", action="delayed", said="** Delivery incomplete **\n\nThere was a temporary problem delivering your message to ada@example.com. We will retry for 46 more hours.", sender=google_from, subject="Delivery Status Notification (Delay)"), "delayed", "expired", status="4.4.1"),
        "office365-no-user": one(dsn("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "5.1.10", said=office.format("The address couldn't be found.", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"), sender=ms_from, subject="Undeliverable: autumn"), "hard", "userunknown", status="5.1.10"),
        "office365-restricted": one(dsn("550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", "5.7.1", said=office.format("Delivery to this address is restricted.", "550 5.7.1 RESOLVER.RST.AuthRequired"), sender=ms_from, subject="Undeliverable: autumn"), "soft", "securityerror", status="5.7.1"),
        "office365-domain": one(dsn("550 5.4.310 DNS domain example.com does not exist", "5.4.310", said=office.format("The domain was not found.", "550 5.4.310 DNS domain does not exist"), sender=ms_from, subject="Undeliverable: autumn"), "hard", "hostunknown", status="5.4.310"),
        "exchange-french": one(dsn("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", "5.1.1", said="Échec de la remise pour ces destinataires ou groupes :\n\nada@example.com\nL'adresse de messagerie que vous avez entrée est introuvable.", sender=ms_from, subject="Non remis : automne"), "hard", "userunknown", status="5.1.1"),
        "outlook-banned": one(dsn("550 5.7.606 Access denied, banned sending IP [192.0.2.7]", "5.7.606", sender=ms_from), "soft", "blocked", status="5.7.606"),
        "ses-in-front": one(dsn("smtp; 5.1.0 - Unknown address error 550-'5.2.2 <ada@example.com>... Mailbox full' (delivery attempts: 0)", "5.0.0", said="The following message to <ada@example.com> was undeliverable."), "soft", "mailboxfull", status="5.2.2"),
        "sendmail-pipelined": one(dsn("550 5.1.1 <ada@example.com>... User unknown", "5.1.1", said=sendmail.format("550 5.1.1 <ada@example.com>... User unknown", "DATA", "550 5.1.1 <ada@example.com>... User unknown\n<<< 503 5.0.0 Need RCPT (recipient)"), sender=mail_from, subject="Returned mail: see transcript for details"), "hard", "userunknown", status="5.1.1"),
        "sendmail-after-data": one(dsn("550 Unknown user ada@example.com", "5.2.0", said=sendmail.format("550 Unknown user ada@example.com", "DATA", "554 5.0.0 Service unavailable"), sender=mail_from, subject="Returned mail: see transcript for details"), "soft", "filtered", status="5.2.0"),
        "sendmail-block-link": one(dsn("553 https://www.spamhaus.org/query/ip/192.0.2.7", "5.1.3", said=sendmail.format("553 https://www.spamhaus.org/query/ip/192.0.2.7", "RCPT To:<ada@example.com>", "550 5.1.1 <ada@example.com>... User unknown"), sender=mail_from), "soft", "blocked", status="5.1.3"),
        "powermta-category": one(dsn("554 refused", "5.0.0", said="<ada@example.com> delivery failed; will not continue trying", more="\nX-PowerMTA-BounceCategory: bad-domain", sender="postmaster@mx.example.net", subject="Delivery report"), "hard", "hostunknown", status="5.0.0"),
    }  # fmt: skip
    blocks = [
        "Reporting-MTA: dns; mx.example.net",
        "Final-Recipient: rfc822; ben@example.com\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full",
        "Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown",
        "Final-Recipient: rfc822; eva@example.com\nAction: delayed\nStatus: 4.4.1",
    ]
    means = (
        ("soft", "mailboxfull", "ben@example.com", "5.2.2"),
        ("hard", "userunknown", "ada@example.com", "5.1.1"),
        ("delayed", "expired", "eva@example.com", "4.4.1"),
    )
    text = "Your message did not reach some of its recipients."
    made["several-recipients"] = Sample(report(mail_from, "Delivery report", text, blocks), means)
    return made


def others() -> dict[str, Sample]:
    """Complaints, automatic answers, receipts, people."""
    abuse = "Feedback-Type: abuse\nUser-Agent: Loop/1.0\nVersion: 1\nOriginal-Rcpt-To: ada@example.com"
    notice = "This is an email abuse report for an email message received from IP 192.0.2.7."
    loop = ("Feedback Loop <fbl@provider.example>", "Abuse report", notice)
    forensic = abuse.replace("abuse", "auth-failure") + "\nAuth-Failure: dmarc"
    person = f"From: Ada Corvin <ada@example.com>\nTo: {SENDER}\nIn-Reply-To: <{TOKEN}@sender.example>\n"
    typed = "Content-Type: text/plain; charset=utf-8\n\n"
    automatic = "I am out of the office until Monday. Mail to this address is not delivered to anybody else.\n"
    returned = f'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: ada@example.com\n{ORIGINAL}\n--b--\n'
    receipt = "Final-Recipient: rfc822;ada@example.com\nDisposition: manual-action/MDN-sent-manually; displayed"
    nobody: tuple[str, None] = ("", None)
    mails: dict[str, tuple[bytes, str, str, str | None]] = {
        "arf-abuse": (report(*loop, [abuse], kind="feedback-report", whole=True), "complaint", "feedback", "ada@example.com"),
        "arf-redacted": (report(*loop, ["Feedback-Type: abuse\nVersion: 1"], kind="feedback-report"), "complaint", "feedback", "ada@example.com"),
        "arf-not-spam": (report(*loop, [abuse.replace("abuse", "not-spam")], kind="feedback-report"), "not_a_bounce", "feedback", "ada@example.com"),
        "arf-authentication": (report(*loop, [forensic], kind="feedback-report"), "complaint", "feedback", "ada@example.com"),
        "jmrp-complaint": ((f"From: staff@provider.example\nTo: {RETURN_PATH}\nSubject: complaint about message from 192.0.2.7\n" + returned).encode(), "complaint", "feedback", "ada@example.com"),
        "auto-rfc3834": ((person + "Subject: autumn\nAuto-Submitted: auto-replied\n" + typed + automatic).encode(), "auto_reply", "vacation", "ada@example.com"),
        "auto-null-sender": (("Return-Path: <>\n" + person + "Subject: Out of office\nPrecedence: auto_reply\n" + typed + automatic).encode(), "auto_reply", "vacation", "ada@example.com"),
        "auto-subject-french": ((person + "Subject: Réponse automatique : automne\n" + typed + "Je suis absente jusqu’à lundi.\n").encode(), "auto_reply", "vacation", "ada@example.com"),
        "auto-subject-german": ((person + "Subject: Abwesenheitsnotiz: Herbst\n" + typed + "Ich bin im Urlaub.\n").encode(), "auto_reply", "vacation", "ada@example.com"),
        "auto-mailbox-leaves": ((person + "Subject: Automatic reply: autumn\nX-Auto-Response-Suppress: All\n" + typed + "I no longer work at Example. This mailbox is not monitored and will be deleted.\n").encode(), "auto_reply", "vacation", "ada@example.com"),
        "receipt-read": (report("Ada Corvin <ada@example.com>", "Read: autumn", "Your message was read.", [receipt], kind="disposition-notification"), "not_a_bounce", "delivered", "ada@example.com"),
        "receipt-delivered": (dsn("", "2.1.5", action="delivered", said="Your message was delivered to ada@example.com."), "not_a_bounce", "delivered", "ada@example.com"),
        "person-thanks": ((person + "Subject: Re: autumn\n" + typed + "Thank you! The address you gave does not exist, though: the shop has moved.\n\n> The autumn is here.\n").encode(), "not_a_bounce", "", "ada@example.com"),
        "person-stop": ((person + "Subject: Re: autumn\n" + typed + "Please unsubscribe me.\n\nAda\n\nOn Tuesday Atelier wrote:\n> The autumn is here.\n").encode(), "not_a_bounce", "", "ada@example.com"),
        "person-stop-french": ((person + "Subject: Re: automne\n" + typed + "Merci de ne plus m'envoyer vos messages.\n").encode(), "not_a_bounce", "", "ada@example.com"),
        "person-do-not-stop": ((person + "Subject: Re: autumn\n" + typed + "Please don't stop sending these, I love them!\n").encode(), "not_a_bounce", "", "ada@example.com"),
        "mailto-unsubscribe": ((f"From: Ada Corvin <ada@example.com>\nTo: unsubscribe+aeaqaaaaaaaaoaicamcakbqhba@sender.example\nSubject: unsubscribe\n{typed}").encode(), "not_a_bounce", "", "ada@example.com"),
        "parcel-not-delivered": (f"From: Parcels <noreply@parcel.example>\nTo: {SENDER}\nSubject: Delivery status notification\n{typed}Your parcel could not be delivered to ada@example.com: address not found.\n".encode(), "not_a_bounce", "", "noreply@parcel.example"),
        "receipt-in-words": (plain("Mailer-Daemon@mx.example.net", "Delivery report", "Your message was successfully delivered to ada@example.com.\n"), "not_a_bounce", "delivered", "ada@example.com"),
        "newsletter-of-others": ((f"From: Shop <offers@shop.example>\nTo: {SENDER}\nSubject: Delivery free this week\n{typed}Free delivery. Unsubscribe below.\n").encode(), "not_a_bounce", "", "offers@shop.example"),
        "no-mail": (b"\x00\xff\xfe not a mail at all", "not_a_bounce", *nobody),
        "empty": (b"", "not_a_bounce", *nobody),
    }  # fmt: skip
    statuses = {"receipt-delivered": "2.1.5"}
    return {
        name: one(mail, kind, reason, to, statuses.get(name, "")) for name, (mail, kind, reason, to) in mails.items()
    }


def samples() -> dict[str, Sample]:
    """Every sample by its name."""
    return postfix() | in_words() | providers() | others()


def files() -> dict[str, bytes]:
    """What bounces/ holds: file name → content."""
    names = ("kind", "reason", "recipient", "status")
    expected = {
        name: [dict(zip(names, meaning, strict=True)) | {"hard": meaning[0] == "hard"} for meaning in sample.means]
        for name, sample in samples().items()
    }
    listing = json.dumps(expected, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return {f"{name}.eml": sample.mail for name, sample in samples().items()} | {"expected.json": listing.encode()}


def main() -> None:
    """Write them."""
    HERE.mkdir(exist_ok=True)
    for name, content in files().items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
