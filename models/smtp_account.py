"""The SMTP account: a server that mail is handed to, with its limits and its health."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlmodel import Session

from models import audit
from models.catalogue import Problem
from models.column_types import count_changed, table
from models.dkim_key import DnsRecord, dns_record, read_key
from models.errors import Conflict, Invalid, NotFound, Refused
from models.secret import decrypt, encrypt
from models.smtp_account_check import CHECKED, SECRETS, check
from models.smtp_account_table import DkimAlgorithm, SignIn, SmtpAccount, Tls
from models.typed_server import ask_again

__all__ = [
    "DkimAlgorithm",
    "SignIn",
    "SmtpAccount",
    "Tls",
    "decrypt",
    "encrypt",
]

CATCHER_NAME: Final = "Mail catcher"
CONFIRM_FIRST_REAL: Final = "smtp_account.confirm_first_real"
"""The Refused problem that a person answers by confirming."""

WAITS: Final = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 900, 1800))
"""How long an account in trouble is left alone: after the first trouble, the second, …; the last from then on."""
PROBE: Final = timedelta(minutes=2)
"""How long the one message that tries an account again may take before another one may."""

_ROWS = table(SmtpAccount)
_REAL: Final = _ROWS.c.deleted_at.is_(None)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as its list and form show it: never a secret, only whether there is one. `waits_until`: the breaker is
    open until then, with `trouble` saying why."""

    id: int
    name: str
    host: str
    port: int
    tls: Tls
    check_certificate: bool
    sign_in: SignIn
    username: str
    token_url: str
    client_id: str
    has_password: bool
    has_refresh_token: bool
    from_name: str
    from_address: str
    max_per_hour: int | None
    weight: int
    stand_by: bool
    connections: int
    messages_per_connection: int
    connect_seconds: int
    reply_seconds: int
    answer_seconds: int
    dkim_domain: str
    dkim_selector: str
    dkim_algorithm: DkimAlgorithm
    is_default: bool
    is_catcher: bool
    trouble: str
    waits_until: datetime | None
    last_reply: str
    last_reply_at: datetime | None
    revision: int


# Reading


def get_account(session: Session, account_id: int) -> SmtpAccount:
    """The account of an id. Raises NotFound."""
    found = session.get(SmtpAccount, account_id)
    if not found or found.deleted_at:
        raise NotFound("smtp_account.not_found")
    return found


def find_account(session: Session, name: str) -> SmtpAccount | None:
    """The account of a name, in any case."""
    return session.scalars(select(SmtpAccount).where(func.lower(_ROWS.c.name) == name.strip().lower(), _REAL)).first()


def default_account(session: Session) -> SmtpAccount:
    """The account that mass emails without one of their own use. Raises NotFound before the first start."""
    found = session.scalars(select(SmtpAccount).where(_ROWS.c.is_default, _REAL)).first()
    if not found:
        raise NotFound("smtp_account.no_default")
    return found


def account_for(session: Session, account_id: int | None) -> SmtpAccount:
    """The account of an id, the default one for None. Raises NotFound."""
    return default_account(session) if account_id is None else get_account(session, account_id)


def hold_limits(session: Session, account_id: int) -> None:
    """Who reads the limits of an account and then charges it does so alone: others wait for this transaction's end."""
    session.execute(select(_ROWS.c.id).where(_ROWS.c.id == account_id).with_for_update())


def mail_goes_to_catcher(session: Session) -> bool:
    """Whether nothing leaves the machine: the default account is the mail catcher (D26's badge)."""
    return session.scalar(select(_ROWS.c.is_catcher).where(_ROWS.c.is_default, _REAL)) is not False


def account_rows(session: Session) -> list[AccountRow]:
    """Every account, the default one first, then by name. There are few: no paging."""
    order = (_ROWS.c.is_default.desc(), func.lower(_ROWS.c.name))
    return [_row(account) for account in session.scalars(select(SmtpAccount).where(_REAL).order_by(*order))]


def get_account_row(session: Session, account_id: int) -> AccountRow:
    """One account as its form shows it. Raises NotFound."""
    return _row(get_account(session, account_id))


def _row(account: SmtpAccount) -> AccountRow:
    assert account.id is not None  # noqa: S101 - for the type checker: it comes from the database
    return AccountRow(
        id=account.id,
        has_password=bool(account.secret),
        has_refresh_token=bool(account.refresh_secret),
        dkim_algorithm=account.dkim_algorithm,
        is_default=account.is_default,
        is_catcher=account.is_catcher,
        trouble=account.trouble,
        waits_until=account.retry_at if account.trouble else None,
        last_reply=account.last_reply,
        last_reply_at=account.last_reply_at,
        revision=account.revision,
        **{column: getattr(account, column) for column in CHECKED},
    )


def dkim_record(session: Session, account_id: int) -> DnsRecord | None:
    """What to publish so that the account's signatures are believed; None when it does not sign. Raises NotFound, and
    Unavailable when its key cannot be read."""
    account = get_account(session, account_id)
    if not account.dkim_domain:
        return None
    return dns_record(account.dkim_domain, account.dkim_selector, read_key(decrypt(account.dkim_secret)))


# Changing


def create_account(session: Session, values: Mapping[str, object], now: datetime, *, by: str) -> int:
    """A new account; gives its id. `values`: what a form shows (smtp_account_check.CHECKED) and the secrets password,
    client_secret, refresh_token and dkim_key (a PEM), from text or typed. Raises Invalid with a Problem per field."""
    account = SmtpAccount(created_at=now, **_check(session, {"port": 587, "tls": Tls.STARTTLS, **values}, None))
    session.add(account)
    session.flush()
    audit.note(session, now, by, "smtp_account.created", "smtp_account", account.id, name=account.name)
    return _row(account).id


def draft_account(session: Session, account_id: int | None, values: Mapping[str, object], now: datetime) -> SmtpAccount:
    """The account that these values would make, not kept: what is tested before it is saved. An empty secret is the one
    that the account of this id has. Raises Invalid, NotFound."""
    kept = get_account(session, account_id) if account_id else None
    checked = _check(session, values, kept)
    secrets = {column: getattr(kept, column) if kept else "" for column in SECRETS.values()}
    return SmtpAccount(id=account_id, created_at=now, **{**secrets, **checked})


def edit_account(
    session: Session, account_id: int, revision: int, values: Mapping[str, object], now: datetime, *, by: str
) -> None:
    """Change an account. A secret that is absent or empty is kept, for the same server. The breaker closes: the trouble
    may be mended. Raises Invalid, NotFound, Conflict when somebody changed it since `revision`, Refused for the mail
    catcher."""
    account = get_account(session, account_id)
    if account.is_catcher:
        raise Refused("smtp_account.catcher_is_fixed")
    if account.revision != revision:
        raise Conflict("errors.conflict", who=Problem("smtp_account.somebody"))
    before = {key: getattr(account, key) for key in CHECKED}
    checked = _check(session, {**before, **values}, account)
    for key, value in checked.items():
        setattr(account, key, value)
    account.trouble, account.trouble_count, account.retry_at = "", 0, None
    account.revision += 1
    session.flush()
    changed = [key for key, value in checked.items() if before.get(key, "") != value]
    audit.note(session, now, by, "smtp_account.edited", "smtp_account", account_id, changed=changed)


def _check(session: Session, values: Mapping[str, object], kept: SmtpAccount | None) -> dict[str, Any]:
    """The columns of what was typed. Raises Invalid."""
    checked, problems = check(values, kept)
    other = find_account(session, checked["name"]) if checked["name"] else None
    if other and (not kept or other.id != kept.id):
        problems.setdefault("name", Problem("smtp_account.name_taken"))
    if problems:
        raise Invalid(problems)
    if kept and (asked := ask_again(kept, checked)):
        raise Invalid(asked)
    return checked


def delete_account(session: Session, account_id: int, now: datetime, *, by: str) -> None:
    """Remove an account from use. Raises Refused for the default one, the mail catcher, and one that an unfinished mass
    email uses."""
    account = get_account(session, account_id)
    if account.is_catcher:
        raise Refused("smtp_account.catcher_is_fixed")
    if account.is_default:
        raise Refused("smtp_account.default_stays")
    if count := _unfinished_mass_emails(session, account_id):
        raise Refused("smtp_account.in_use", count=count)
    account.deleted_at = now
    for column in SECRETS.values():
        setattr(account, column, "")
    account.name = f"{account.name} ({account_id})"  # the name is free again
    session.flush()
    audit.note(session, now, by, "smtp_account.deleted", "smtp_account", account_id)


def set_default(session: Session, account_id: int, now: datetime, *, by: str, confirmed: bool = False) -> None:
    """Hand mail to this account from now on. Raises Refused, until `confirmed`, when mail went to the catcher so far:
    with how many people are waiting to be mailed for real."""
    account = get_account(session, account_id)
    if not account.is_catcher and mail_goes_to_catcher(session) and not confirmed:
        raise Refused(CONFIRM_FIRST_REAL, account=account.name, host=account.host, count=_people_waiting(session))
    session.execute(update(_ROWS).where(_ROWS.c.is_default).values(is_default=False))
    session.execute(update(_ROWS).where(_ROWS.c.id == account_id).values(is_default=True))
    session.expire_all()
    audit.note(session, now, by, "smtp_account.made_default", "smtp_account", account_id, name=account.name)


def ensure_catcher(session: Session, port: int, now: datetime) -> int:
    """The account of the mail catcher, on this port of loopback; the default one where there is none. Gives its id."""
    found = session.scalars(select(SmtpAccount).where(_ROWS.c.is_catcher)).first()
    if not found:
        found = SmtpAccount(
            name=CATCHER_NAME, host="127.0.0.1", port=port, tls=Tls.NONE, is_catcher=True, created_at=now
        )
        found.is_default = session.scalar(select(func.count()).where(_ROWS.c.is_default, _REAL)) == 0
        session.add(found)
    elif found.port != port:
        found.port, found.trouble, found.trouble_count, found.retry_at = port, "", 0, None
    session.flush()
    return _row(found).id


def _unfinished_mass_emails(session: Session, account_id: int) -> int:
    from models.mass_email import MassEmail, MassEmailStatus  # mass emails know accounts; this is the way back

    mails, done = table(MassEmail).c, (MassEmailStatus.COMPLETE, MassEmailStatus.CANCELLED)
    used = (mails.smtp_account_id == account_id) & mails.deleted_at.is_(None) & mails.status.not_in(done)
    return session.scalar(select(func.count()).where(used)) or 0


def _people_waiting(session: Session) -> int:
    from models.mass_email import MassEmail, MassEmailStatus
    from models.queue_item import ItemState, QueueItem

    mails, items = table(MassEmail).c, table(QueueItem).c
    on_the_way = (MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED)
    scope = mails.status.in_(on_the_way) & mails.smtp_account_id.is_(None) & mails.deleted_at.is_(None)
    waiting = (items.mass_email_id.in_(select(mails.id).where(scope))) & (items.state == ItemState.WAITING)
    return session.scalar(select(func.count()).where(waiting)) or 0


# The breaker (D10): trouble with the server is nobody's attempt


def trip(
    session: Session,
    account_id: int,
    trouble: str,
    reply: str,
    now: datetime,
    *,
    seen: int | None = None,
    jitter: float = 1.0,
) -> datetime | None:
    """The account is in trouble: nothing is handed to it until the moment given back, then one message tries.

    `trouble`: a word of smtp_account.trouble.*; `reply`: the server's words. The wait grows with each trouble in a row;
    `jitter`, 0.8 to 1.2, stretches it, so that accounts do not come back together. `seen`: the trouble_count that the
    caller began with: None is given back, and nothing changed, when another one has reported the trouble already.
    """
    count = session.scalar(select(_ROWS.c.trouble_count).where(_ROWS.c.id == account_id)) or 0
    if seen is not None and seen != count:
        return None
    retry_at = now + WAITS[min(count, len(WAITS) - 1)] * jitter
    values = {"trouble": trouble, "retry_at": retry_at, "last_reply": reply, "last_reply_at": now}
    mine = (_ROWS.c.id == account_id, _ROWS.c.trouble_count == count)  # nobody was faster since it was read
    told = count_changed(session, update(_ROWS).where(*mine).values(trouble_count=count + 1, **values))
    return retry_at if told else None


def take_probe(session: Session, account_id: int, now: datetime) -> bool:
    """Half open: one caller may try the account with one message; for PROBE nobody else may."""
    due = (_ROWS.c.id == account_id) & (_ROWS.c.retry_at <= now)
    return bool(count_changed(session, update(_ROWS).where(due).values(retry_at=now + PROBE)))


def close_breaker(session: Session, account_id: int, reply: str, now: datetime) -> None:
    """The account does its part (again)."""
    session.execute(
        update(_ROWS)
        .where(_ROWS.c.id == account_id)
        .values(trouble="", trouble_count=0, retry_at=None, last_reply=reply, last_reply_at=now)
    )
