"""The mail that verifies a return path: sent to an address with a token in it, and waited for in the mailbox (D19)."""

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from sqlmodel import Session

from jobs import database
from jobs.database import Clock, utc_now
from jobs.kept_connection import KeptConnection
from jobs.replies import Fate, judge
from jobs.smtp import Server, SmtpTrouble
from models import catalogue, outbound_emails, return_path, smtp_account
from models.errors import Refused, Unavailable
from models.group_email_account import get_account
from models.scheduled_job import CHECK_GROUP_EMAIL_ACCOUNTS, ask_for_run


async def verify_return_path(account_id: int, by: str, *, clock: Clock = utc_now) -> str:
    """Hand the mail over to the default SMTP account; gives the address that it is on its way to. Whether it arrives is
    seen when the mailbox is checked, and that is asked for.

    Raises Unavailable with the server's words when it is not taken; Refused while mail goes to the catcher, and for an
    address that cannot hold a token; NotFound.
    """
    server, content, sender, to = await database.write(_prepare, account_id, by, clock())
    connection = KeptConnection(server)
    try:
        answer = await connection.send(sender, to, content)
        taken, words = judge(answer.step, answer.reply).fate is Fate.SENT, answer.reply.text
    except SmtpTrouble as trouble:
        taken, words = False, trouble.words
    finally:
        await connection.close()
    if not taken:
        await database.write(return_path.fail_verifying, account_id, words)
        raise Unavailable("group_account.not_taken", words=words)
    await database.write(ask_for_run, CHECK_GROUP_EMAIL_ACCOUNTS, clock())
    return to


def _prepare(session: Session, account_id: int, by: str, now: datetime) -> tuple[Server, bytes, str, str]:
    account, relay = get_account(session, account_id), smtp_account.default_account(session)
    if relay.is_catcher:
        raise Refused("group_account.only_catcher")
    to = return_path.begin_verifying(session, account_id, now, by=by)
    setting = outbound_emails.read(session)
    sender = relay.from_address or setting.from_address or account.address
    mail = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    mail["Date"], mail["From"], mail["To"] = format_datetime(now), sender, to
    mail["Subject"] = catalogue.text(setting.language, "group_account.verify_subject")
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    mail.set_content(catalogue.text(setting.language, "group_account.verify_body") + "\n")
    return Server.of(relay), mail.as_bytes(), sender, to
