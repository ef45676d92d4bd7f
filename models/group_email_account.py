"""The group email account: a mailbox that is watched for what comes back (D19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlmodel import Session

from models import audit
from models.catalogue import Problem
from models.column_types import table
from models.errors import Conflict, Invalid, NotFound
from models.group_email_account_check import CHECKED, check
from models.group_email_account_table import Afterwards, GroupEmailAccount, Protocol, ReturnPathState, columns
from models.smtp_account_table import SignIn, Tls
from models.typed_server import SECRETS, ask_again

__all__ = ["Afterwards", "GroupEmailAccount", "Protocol", "ReturnPathState", "SignIn", "Tls"]

_ROWS = table(GroupEmailAccount)
_REAL: Final = _ROWS.c.deleted_at.is_(None)
WORDS_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as its list and form show it: never a secret. `trouble` "": the last look went well, or there was none
    yet (`checked_at` None)."""

    id: int
    name: str
    address: str
    protocol: Protocol
    host: str
    port: int
    tls: Tls
    check_certificate: bool
    sign_in: SignIn
    username: str
    token_url: str
    client_id: str
    folders: tuple[str, ...]
    afterwards: Afterwards
    move_to: str
    active: bool
    trouble: str
    last_words: str
    checked_at: datetime | None
    return_domain: str
    return_path: ReturnPathState
    loop_sent_at: datetime | None
    loop_words: str
    verified_at: datetime | None
    revision: int


# Reading


def get_account(session: Session, account_id: int) -> GroupEmailAccount:
    """The account of an id. Raises NotFound."""
    found = session.get(GroupEmailAccount, account_id)
    if not found or found.deleted_at:
        raise NotFound("group_account.not_found")
    return found


def find_account(session: Session, name: str) -> GroupEmailAccount | None:
    """The account of a name, in any case."""
    named = func.lower(_ROWS.c.name) == name.strip().lower()
    return session.scalars(select(GroupEmailAccount).where(named, _REAL)).first()


def account_rows(session: Session) -> list[AccountRow]:
    """Every account, by name. There are few: no paging."""
    rows = session.scalars(select(GroupEmailAccount).where(_REAL).order_by(func.lower(_ROWS.c.name)))
    return [_row(account) for account in rows]


def get_account_row(session: Session, account_id: int) -> AccountRow:
    """One account as its form shows it. Raises NotFound."""
    return _row(get_account(session, account_id))


def active_accounts(session: Session) -> list[int]:
    """The accounts that are watched, the one that was looked at longest ago first."""
    order = (_ROWS.c.checked_at.is_not(None), _ROWS.c.checked_at, _ROWS.c.id)
    return list(session.scalars(select(_ROWS.c.id).where(_REAL, _ROWS.c.active).order_by(*order)))


def is_watched(session: Session) -> bool:
    """Whether there is an active account."""
    return session.scalar(select(_ROWS.c.id).where(_REAL, _ROWS.c.active).limit(1)) is not None


def opt_out_address(session: Session) -> str:
    """Where a List-Unsubscribe by mail goes: the address of the first active account; "" without one."""
    first = select(_ROWS.c.address).where(_REAL, _ROWS.c.active).order_by(_ROWS.c.id).limit(1)
    return session.scalar(first) or ""


def _row(account: GroupEmailAccount) -> AccountRow:
    values = {name: getattr(account, name) for name in AccountRow.__dataclass_fields__}
    return AccountRow(**{**values, "folders": tuple(account.folders)})


# Changing


def create_account(session: Session, values: Mapping[str, object], now: datetime, *, by: str) -> int:
    """A new account; gives its id. `values`: the fields of CHECKED and password, client_secret, refresh_token, from
    text or typed. Raises Invalid with a Problem per field."""
    account = GroupEmailAccount(created_at=now, **_checked(session, values, None))
    session.add(account)
    session.flush()
    assert account.id is not None  # noqa: S101 - for the type checker: flushed
    audit.note(session, now, by, "group_account.created", "group_email_account", account.id, name=account.name)
    return account.id


def draft_account(
    session: Session, account_id: int | None, values: Mapping[str, object], now: datetime
) -> GroupEmailAccount:
    """The account that these values would make, not kept: what is tested before it is saved. Secrets that are empty
    are those that the account of this id has. Raises Invalid, NotFound."""
    kept = get_account(session, account_id) if account_id else None
    checked = _checked(session, values, kept)
    secrets = {column: getattr(kept, column) if kept else "" for column in SECRETS.values()}
    return GroupEmailAccount(created_at=now, **{**secrets, **checked})


def edit_account(
    session: Session, account_id: int, revision: int, values: Mapping[str, object], now: datetime, *, by: str
) -> None:
    """Change an account; secrets that are absent or empty are kept, for the same server. With another address its
    return path has to be verified anew. Raises Invalid, NotFound, Conflict when it was changed since `revision`."""
    account = get_account(session, account_id)
    if account.revision != revision:
        raise Conflict("errors.conflict", who=Problem("smtp_account.somebody"))
    before = {key: getattr(account, key) for key in CHECKED}
    checked = _checked(session, {**before, **values}, account)
    if any(checked[key] != before[key] for key in ("address", "return_domain")):
        account.return_path, account.verified_at, account.loop_code = ReturnPathState.OFF, None, ""
    for key, value in checked.items():
        setattr(account, key, value)
    account.trouble = account.last_words = ""
    account.revision += 1
    session.flush()
    changed = [key for key, value in checked.items() if before.get(key, "") != value]
    audit.note(session, now, by, "group_account.edited", "group_email_account", account_id, changed=changed)


def set_active(session: Session, account_id: int, active: bool, now: datetime, *, by: str) -> None:
    """Whether the mailbox is watched. Raises NotFound."""
    account = get_account(session, account_id)
    account.active = active
    account.revision += 1
    session.flush()
    act = f"group_account.{'activated' if active else 'deactivated'}"
    audit.note(session, now, by, act, "group_email_account", account_id, name=account.name)


def delete_account(session: Session, account_id: int, now: datetime, *, by: str) -> None:
    """Watch the mailbox no more and forget its secrets; what came stays. Raises NotFound."""
    account = get_account(session, account_id)
    account.deleted_at, account.active = now, False
    for column in SECRETS.values():
        setattr(account, column, "")
    account.name = f"{account.name} ({account_id})"  # the name is free again
    session.flush()
    audit.note(session, now, by, "group_account.deleted", "group_email_account", account_id)


def note_look(session: Session, account_id: int, now: datetime, *, trouble: str = "", words: str = "") -> None:
    """What the last look into the mailbox found: `trouble` the step that failed, a word of group_account.step.*, and
    the server's `words` about it; "" all went well."""
    found = {"trouble": trouble, "last_words": words[:WORDS_LENGTH], "checked_at": now}
    session.execute(update(_ROWS).where(_ROWS.c.id == account_id).values(found))


def detached(session: Session, account_id: int) -> GroupEmailAccount:
    """A copy of an account that may be used after the session: what the worker works with. Raises NotFound."""
    return GroupEmailAccount(**columns(get_account(session, account_id)))


def _checked(session: Session, values: Mapping[str, object], kept: GroupEmailAccount | None) -> dict[str, Any]:
    checked, problems = check(values, kept)
    if kept:
        problems = ask_again(kept, checked) | problems
    other = find_account(session, checked["name"]) if checked["name"] else None
    if other and (kept is None or other.id != kept.id):
        problems.setdefault("name", Problem("smtp_account.name_taken"))
    if problems:
        raise Invalid(problems)
    return checked
