"""The return path: an envelope sender with a token in it, so that a mail that comes back says whose it is (D17, D19).

Off until a group email account has an address with a token in it that is known to arrive: a mail is sent to such an
address and waited for. Then every message leaves with its own: bounce+TOKEN@example.com.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlmodel import Session

from models import audit
from models.address import MAX_LOCAL_OCTETS
from models.column_types import count_changed, table
from models.errors import Refused
from models.group_email_account import get_account
from models.group_email_account_table import GroupEmailAccount, ReturnPathState
from models.tracking import Keys, Purpose, make_token, own_keys, to_base32

TOKEN_LENGTH: Final = 26
"""Characters of a token in base32."""
PATIENCE: Final = timedelta(hours=1)
"""How long the mail that verifies may be on its way."""

_ROWS = table(GroupEmailAccount)


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """Where messages come back to: what stands before and after the token. Loaded once per portion."""

    before: str
    after: str
    keys: Keys

    def sender_for(self, item_id: int) -> str:
        """The envelope sender of an item's message."""
        token = make_token(self.keys, Purpose.RETURN_PATH, item_id)
        return f"{self.before}{to_base32(token)}{self.after}"


def find_return_path(session: Session) -> ReturnPath | None:
    """The return path that is in force; None: messages leave from the address that they are from."""
    account = session.scalars(
        select(GroupEmailAccount)
        .where(_ROWS.c.deleted_at.is_(None), _ROWS.c.active, _ROWS.c.return_path == ReturnPathState.VERIFIED)
        .order_by(_ROWS.c.id)
        .limit(1)
    ).first()
    return ReturnPath(*_around(account), own_keys()) if account else None


def proposed(account_address: str, return_domain: str = "") -> str:
    """What the envelope senders of an account would look like, for people: "bounce+…@example.com"."""
    local, _, domain = account_address.rpartition("@")
    return f"{local}+…@{return_domain or domain}"


def begin_verifying(session: Session, account_id: int, now: datetime, *, by: str) -> str:
    """The address to send the mail to that verifies the account's return path; it waits from now on. Raises Refused
    where the address is too long to hold a token (RFC 5321 4.5.3.1.1), or the account is not watched; NotFound."""
    account = get_account(session, account_id)
    before, after = _around(account)
    if len(before.encode()) + TOKEN_LENGTH > MAX_LOCAL_OCTETS:
        raise Refused("group_account.address_too_long", most=MAX_LOCAL_OCTETS - TOKEN_LENGTH - 1)
    if not account.active:
        raise Refused("group_account.inactive")
    code = to_base32(secrets.token_urlsafe(16))
    account.return_path, account.loop_code, account.loop_sent_at = ReturnPathState.WAITING, code, now
    account.loop_words, account.verified_at = "", None
    session.flush()
    audit.note(session, now, by, "group_account.verifying", "group_email_account", account_id, name=account.name)
    return f"{before}{code}{after}"


def fail_verifying(session: Session, account_id: int, words: str) -> None:
    """The mail that should verify could not be handed over, or did not come; `words`: why, word for word."""
    waiting = (_ROWS.c.id == account_id) & (_ROWS.c.return_path == ReturnPathState.WAITING)
    failed = {"return_path": ReturnPathState.FAILED, "loop_code": "", "loop_words": words[:500]}
    session.execute(update(_ROWS).where(waiting).values(failed))


def fail_overdue(session: Session, now: datetime) -> int:
    """Give up waiting where PATIENCE is over; how many."""
    overdue = (_ROWS.c.return_path == ReturnPathState.WAITING) & (_ROWS.c.loop_sent_at <= now - PATIENCE)
    failed = {"return_path": ReturnPathState.FAILED, "loop_code": "", "loop_words": ""}
    return count_changed(session, update(_ROWS).where(overdue).values(failed))


def arrived(session: Session, account_id: int, code: str, now: datetime) -> bool:
    """Whether a mail with this code in its address is the one that the account waited for: then it is verified."""
    waiting = (_ROWS.c.id == account_id) & (_ROWS.c.return_path == ReturnPathState.WAITING)
    mine = waiting & (_ROWS.c.loop_code == code) & (_ROWS.c.loop_code != "")
    verified = {"return_path": ReturnPathState.VERIFIED, "loop_code": "", "verified_at": now}
    return count_changed(session, update(_ROWS).where(mine).values(verified)) > 0


def switch_off(session: Session, account_id: int, now: datetime, *, by: str) -> None:
    """Messages leave from the address that they are from again. Raises NotFound."""
    account = get_account(session, account_id)
    account.return_path, account.loop_code, account.verified_at = ReturnPathState.OFF, "", None
    session.flush()
    audit.note(session, now, by, "group_account.return_path_off", "group_email_account", account_id, name=account.name)


def _around(account: GroupEmailAccount) -> tuple[str, str]:
    local, _, domain = account.address.rpartition("@")
    return f"{local}+", f"@{account.return_domain or domain}"
