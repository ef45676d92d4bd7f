"""The refresh token of XOAUTH2: the provider may exchange it whenever an access token is bought (RFC 6749 6)."""

from sqlalchemy import select
from sqlmodel import Session

from models.column_types import table
from models.errors import Unavailable
from models.group_email_account_table import GroupEmailAccount
from models.secret import decrypt, encrypt
from models.smtp_account_table import SmtpAccount

_ACCOUNT, _MAILBOX = table(SmtpAccount).c, table(GroupEmailAccount).c


def keep_refresh_token(session: Session, old: str, new: str) -> int:
    """Keep the new token with every account that has the old one, for an SMTP account and a mailbox may share it; how
    many there were. An account whose token somebody typed anew meanwhile stays as it is."""
    holders: list[SmtpAccount | GroupEmailAccount] = [
        *session.scalars(select(SmtpAccount).where(_ACCOUNT.refresh_secret != "")),
        *session.scalars(select(GroupEmailAccount).where(_MAILBOX.refresh_secret != "")),
    ]
    theirs = [one for one in holders if _is(one.refresh_secret, old)]
    for one in theirs:
        one.refresh_secret = encrypt(new)
    session.flush()
    return len(theirs)


def _is(secret: str, token: str) -> bool:
    try:
        return decrypt(secret) == token
    except Unavailable:  # kept under an earlier key of the installation: whoever bought with it could read it
        return False
