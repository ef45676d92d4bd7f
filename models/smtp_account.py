"""The SMTP account: a server that mail is handed to, with its limits and its health."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import func, select, update
from sqlmodel import Field, Session, SQLModel

from models import audit
from models.address import normal_form
from models.catalogue import Problem
from models.column_types import Utc, code_field, count_changed, table
from models.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from models.settings import settings


class Tls(StrEnum):
    """How the connection is secured. Stored by place: append only."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class SmtpAccount(SQLModel, table=True):
    """`secret` is the password, encrypted with the installation's key. `is_catcher`: the built-in mail catcher, made at
    the first start and the default until a person confirms a real one. `retry_at`: the breaker is open until then."""

    __tablename__ = "smtp_account"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    host: str
    port: int
    tls: Tls = code_field(Tls)
    check_certificate: bool = True
    username: str = ""
    secret: str = ""
    from_name: str = ""
    from_address: str = ""
    is_default: bool = False
    is_catcher: bool = False
    max_per_hour: int | None = None
    trouble: str = ""
    trouble_count: int = 0
    retry_at: datetime | None = Field(default=None, sa_type=Utc)
    last_reply: str = ""
    last_reply_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


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
    """An account as its list and form show it: never the password, only whether there is one. `waits_until`: the
    breaker is open until then, with `trouble` saying why."""

    id: int
    name: str
    host: str
    port: int
    tls: Tls
    check_certificate: bool
    username: str
    has_password: bool
    from_name: str
    from_address: str
    max_per_hour: int | None
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
        name=account.name,
        host=account.host,
        port=account.port,
        tls=account.tls,
        check_certificate=account.check_certificate,
        username=account.username,
        has_password=bool(account.secret),
        from_name=account.from_name,
        from_address=account.from_address,
        max_per_hour=account.max_per_hour,
        is_default=account.is_default,
        is_catcher=account.is_catcher,
        trouble=account.trouble,
        waits_until=account.retry_at if account.trouble else None,
        last_reply=account.last_reply,
        last_reply_at=account.last_reply_at,
        revision=account.revision,
    )


# Changing


def create_account(session: Session, values: Mapping[str, object], now: datetime, *, by: str) -> int:
    """A new account; gives its id. `values`: name, host, port, tls, check_certificate, username, password, from_name,
    from_address, max_per_hour, from text or typed. Raises Invalid with a Problem per field."""
    account = SmtpAccount(created_at=now, **_check(session, {"port": 587, "tls": Tls.STARTTLS, **values}, None))
    session.add(account)
    session.flush()
    audit.note(session, now, by, "smtp_account.created", "smtp_account", account.id, name=account.name)
    return _row(account).id


def draft_account(session: Session, account_id: int | None, values: Mapping[str, object], now: datetime) -> SmtpAccount:
    """The account that these values would make, not kept: what is tested before it is saved. An empty password is the
    one that the account of this id has. Raises Invalid, NotFound."""
    kept = get_account(session, account_id) if account_id else None
    checked = _check(session, values, account_id)
    if kept:
        _ask_password_again(kept, checked)
    return SmtpAccount(created_at=now, **{"secret": kept.secret if kept else "", **checked})


def edit_account(
    session: Session, account_id: int, revision: int, values: Mapping[str, object], now: datetime, *, by: str
) -> None:
    """Change an account. A password that is absent or empty is kept, for the same server. The breaker closes: the
    trouble may be mended. Raises Invalid, NotFound, Conflict when somebody changed it since `revision`, Refused for
    the mail catcher."""
    account = get_account(session, account_id)
    if account.is_catcher:
        raise Refused("smtp_account.catcher_is_fixed")
    if account.revision != revision:
        raise Conflict("errors.conflict", who=Problem("smtp_account.somebody"))
    before = {key: getattr(account, key) for key in _CHECKED}
    checked = _check(session, {**before, **values}, account_id)
    _ask_password_again(account, checked)
    for key, value in checked.items():
        setattr(account, key, value)
    account.trouble, account.trouble_count, account.retry_at = "", 0, None
    account.revision += 1
    session.flush()
    changed = [key for key, value in checked.items() if before.get(key, "") != value]
    audit.note(session, now, by, "smtp_account.edited", "smtp_account", account_id, changed=changed)


def _ask_password_again(account: SmtpAccount, checked: Mapping[str, object]) -> None:
    """A kept password goes to the server that it was given for. Raises Invalid when another one would get it."""
    places = ("host", "port", "tls")
    if account.secret and "secret" not in checked and any(checked[key] != getattr(account, key) for key in places):
        raise Invalid({"password": Problem("smtp_account.password_again")})


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
    account.deleted_at, account.secret = now, ""
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


# The password


def encrypt(password: str) -> str:
    """The password as it is kept: unreadable without the installation's key; "" stays ""."""
    return _cipher().encrypt(password.encode()).decode() if password else ""


def decrypt(secret: str) -> str:
    """The password of a kept secret. Raises Unavailable when the installation's key is another one than then."""
    try:
        return _cipher().decrypt(secret.encode()).decode() if secret else ""
    except InvalidToken:
        raise Unavailable("smtp_account.other_key") from None


def _cipher() -> Fernet:
    key = hashlib.blake2b(settings().secret(), digest_size=32, person=b"smtp password").digest()
    return Fernet(base64.urlsafe_b64encode(key))


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
    session.execute(
        update(_ROWS)
        .where(_ROWS.c.id == account_id)
        .values(trouble=trouble, trouble_count=count + 1, retry_at=retry_at, last_reply=reply, last_reply_at=now)
    )
    return retry_at


def may_send(session: Session, account_id: int, now: datetime) -> bool:
    """Whether the breaker is closed, or its wait is over."""
    retry_at = session.scalar(select(_ROWS.c.retry_at).where(_ROWS.c.id == account_id))
    return retry_at is None or retry_at <= now


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


# Checking what was typed

_CHECKED: Final = (
    "name", "host", "port", "tls", "check_certificate", "username", "from_name", "from_address", "max_per_hour"
)  # fmt: skip
_HOST: Final = re.compile(r"(?!-)[A-Za-z0-9_.:-]{1,253}")


def _check(session: Session, values: Mapping[str, object], account_id: int | None) -> dict[str, Any]:
    problems: dict[str, Problem] = {}
    checked: dict[str, Any] = {}
    for key in ("name", "host", "username", "from_name", "from_address"):
        checked[key] = _line(values.get(key), key, problems)
    checked["port"] = _number(values.get("port"), "port", 65535, problems)
    checked["max_per_hour"] = _number(values.get("max_per_hour"), "max_per_hour", 10_000_000, problems, optional=True)
    checked["check_certificate"] = str(values.get("check_certificate", True)).lower() not in {"false", "0", "no", "off"}
    try:
        checked["tls"] = Tls(str(values.get("tls") or ""))
    except ValueError:
        problems["tls"] = Problem("errors.unknown_choice", value=values.get("tls"))
    if password := str(values.get("password") or ""):
        checked["secret"] = encrypt(password)
    for key in ("name", "host"):
        if not checked[key]:
            problems.setdefault(key, Problem("errors.required"))
    if checked["host"] and not _HOST.fullmatch(checked["host"]):
        problems.setdefault("host", Problem("smtp_account.not_a_host"))
    if checked["from_address"] and (problem := _address_problem(checked["from_address"])):
        problems.setdefault("from_address", problem)
    other = find_account(session, checked["name"]) if checked["name"] else None
    if other and other.id != account_id:
        problems.setdefault("name", Problem("smtp_account.name_taken"))
    if problems:
        raise Invalid(problems)
    return checked


def _line(value: object, key: str, problems: dict[str, Problem], limit: int = 253) -> str:
    text = str(value or "").strip()
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        problems[key] = Problem("errors.control_character")
    elif len(text) > limit:
        problems[key] = Problem("errors.too_long", limit=limit)
    return text


def _number(value: object, key: str, most: int, problems: dict[str, Problem], *, optional: bool = False) -> int | None:
    text = "" if value is None else str(value).strip()
    if not text and optional:
        return None
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        problems[key] = Problem("errors.not_a_number" if text else "errors.required")
        return None
    if not 1 <= int(text) <= most:
        problems[key] = Problem("errors.at_least", least=1) if int(text) < 1 else Problem("errors.at_most", most=most)
    return int(text)


def _address_problem(address: str) -> Problem | None:
    try:
        normal_form(address)
    except Invalid as invalid:
        return next(iter(invalid.problems.values()))
    return None
