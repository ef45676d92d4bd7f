"""Outbound Emails: what an administrator changes at run time, as one table of settings and one typed value."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import JSON, Column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models import audit, db
from models.address import normal_form
from models.catalogue import Language, Problem
from models.column_types import table
from models.errors import Invalid
from models.sending_window import read as read_window
from models.settings import settings


class Setting(SQLModel, table=True):
    """One changed setting; what is not here has its default."""

    __tablename__ = "setting"
    key: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_column=Column(JSON))


class IpAddresses(StrEnum):
    """What is kept of a visitor's IP address. CUT: the network it lies in, IPv4 /24 and IPv6 /48."""

    FULL = "full"
    CUT = "cut"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OutboundEmails:
    """How mail goes out of this installation. The defaults are those of D9.

    portion_size: people per mass email and run. max_per_hour: messages per SMTP account in any 60 minutes;
    max_per_minute: likewise, None is without limit; *_per_domain: per account and domain that is mailed.
    sending_window: what a new mass email starts with, as text. undo_minutes: how long a built queue waits before its
    first portion. give_up_after_days: between the first try of a message and the last one. site_url: the start of every
    public link, without a slash at its end. company, postal_address, brand_color: what public pages and the end of
    mails say about the sender. ip_addresses: of visits and of the history of consent. keep_visits_days, keep_log_days:
    None for ever. time_zone: the zone in which Scheduling is read. language: of what Envoi itself writes
    into mails to people who have none. stop_wait_seconds: how long a stopping worker waits for answers.
    soft_bounce_count, soft_bounce_days: an address is given up after soft bounces of so many mass emails, over at least
    so many days (D19). keep_mails_days: how long the text of a mail that came back is kept.
    """

    portion_size: int = 200
    max_per_hour: int = 1000
    max_per_minute: int | None = None
    max_per_hour_per_domain: int | None = None
    max_per_minute_per_domain: int | None = None
    sending_window: str = ""
    undo_minutes: int = 0
    give_up_after_days: int = 3
    mandatory_opt_out_link: bool = True
    opt_out_entirely_by_default: bool = False
    from_name: str = ""
    from_address: str = ""
    site_url: str = ""
    company: str = ""
    postal_address: str = ""
    brand_color: str = "#1f5f4a"
    ip_addresses: str = IpAddresses.CUT
    keep_visits_days: int | None = 365
    keep_log_days: int | None = None
    time_zone: str = "UTC"
    language: str = Language.EN
    stop_wait_seconds: int = 30
    keep_job_runs_days: int = 30
    keep_caught_mails: int = 20_000
    soft_bounce_count: int = 3
    soft_bounce_days: int = 7
    keep_mails_days: int = 90


_ROWS: Final = table(Setting)
_LOCAL_NAME: Final = re.compile(r"[^.]*|.*\.(localhost|local|internal|lan|home\.arpa|test|invalid)")


def read(session: Session) -> OutboundEmails:
    """The settings as they are now."""
    return OutboundEmails(**_stored(session))


def change(session: Session, values: Mapping[str, object], now: datetime, by: str) -> OutboundEmails:
    """Change the settings of these keys, from text or typed values; in force from the next run. Raises Invalid with a
    Problem per key, and then nothing is changed."""
    before, checked = read(session), _check(values)
    for key, value in checked.items():
        session.merge(Setting(key=key, value=value))
    session.flush()
    changed = {key: [getattr(before, key), value] for key, value in checked.items() if getattr(before, key) != value}
    if changed:
        audit.note(session, now, by, "outbound_emails.changed", "outbound_emails", None, **changed)
    return read(session)


def site_url_warning(value: str) -> Problem | None:
    """Why links made with this site URL would not work for recipients: unset, local, not https; None: nothing wrong."""
    if not value:
        return Problem("outbound_emails.site_url_unset")
    parts = urlsplit(value)
    if _is_local(parts.hostname or ""):
        return Problem("outbound_emails.site_url_local", url=value)
    if parts.scheme != "https":
        return Problem("outbound_emails.site_url_not_https", url=value)
    return None


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return bool(_LOCAL_NAME.fullmatch(host))


def public_url(setting: OutboundEmails) -> str:
    """What public links start with: the site URL, else this machine's own address, so that trying out works."""
    return setting.site_url or f"http://127.0.0.1:{settings().port}"


def recall(session: Session, key: str) -> Any:
    """What the installation noted for itself under a key (not an administrator's setting); None: nothing."""
    return session.scalar(select(_ROWS.c.value).where(_ROWS.c.key == f"own.{key}"))


def remember(session: Session, key: str, value: Any) -> None:
    """Note something for the installation itself: its id, the port of its mail catcher."""
    added = (sqlite if db.is_sqlite(session) else postgresql).insert(_ROWS)  # two processes may start at once
    upsert = added.on_conflict_do_update(index_elements=["key"], set_={"value": added.excluded.value})
    session.execute(upsert.values(key=f"own.{key}", value=value))


def _stored(session: Session) -> dict[str, Any]:
    known = {field.name for field in fields(OutboundEmails)}
    stored = {row.key: row.value for row in session.execute(select(_ROWS)) if row.key in known}
    return {"site_url": settings().site_url.rstrip("/"), **stored}


def _check(values: Mapping[str, object]) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for key, value in values.items():
        try:
            checked[key] = _CHECKS[key](value)
        except KeyError:
            problems[key] = Problem("outbound_emails.unknown", name=key)
        except _Unfit as unfit:
            problems[key] = unfit.problem
    if problems:
        raise Invalid(problems)
    return checked


class _Unfit(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _whole(value: object, least: int = 1, most: int = 10_000_000) -> int:
    text = str(value).strip() if not isinstance(value, bool) else ""
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        raise _Unfit(Problem("errors.not_a_number" if text else "errors.required"))
    if int(text) < least:
        raise _Unfit(Problem("errors.at_least", least=least))
    if int(text) > most:
        raise _Unfit(Problem("errors.at_most", most=most))
    return int(text)


def _whole_or_none(value: object) -> int | None:
    return None if value is None or str(value).strip().lower() in {"", "none"} else _whole(value)


_YES_NO: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _yes_no(value: object) -> bool:
    try:
        return _YES_NO[str(value).strip().lower()]
    except KeyError:
        raise _Unfit(Problem("errors.unknown_choice", value=value)) from None


def _line(value: object, limit: int = 200) -> str:
    text = str(value or "").strip()
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise _Unfit(Problem("errors.control_character"))
    if len(text) > limit:
        raise _Unfit(Problem("errors.too_long", limit=limit))
    return text


def _address(value: object) -> str:
    text = _line(value)
    try:
        return normal_form(text) and text if text else ""
    except Invalid as invalid:
        raise _Unfit(next(iter(invalid.problems.values()))) from invalid


def _site_url(value: object) -> str:
    text = _line(value, 500).rstrip("/")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        fit = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fit = False
    if not fit or parts.query or parts.fragment or parts.username or re.search(r"[\s<>\"\\]", text):
        raise _Unfit(Problem("outbound_emails.not_a_site_url"))
    return text


def _color(value: object) -> str:
    text = _line(value).lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", text):
        raise _Unfit(Problem("outbound_emails.not_a_color"))
    return text


def _ip_addresses(value: object) -> str:
    text = _line(value).lower()
    if text not in set(IpAddresses):
        raise _Unfit(Problem("errors.unknown_choice", value=text))
    return text


def _zone(value: object) -> str:
    text = _line(value)
    if text not in available_timezones():
        raise _Unfit(Problem("errors.unknown_choice", value=text))
    return ZoneInfo(text).key


def _window(value: object) -> str:
    try:
        return str(read_window(value))
    except Invalid as invalid:
        raise _Unfit(next(iter(invalid.problems.values()))) from invalid


def _language(value: object) -> str:
    text = _line(value).lower()
    if text not in set(Language):
        raise _Unfit(Problem("errors.unknown_choice", value=text))
    return text


_CHECKS: Final[Mapping[str, Callable[[object], Any]]] = {
    "portion_size": _whole,
    "max_per_hour": _whole,
    "max_per_minute": _whole_or_none,
    "max_per_hour_per_domain": _whole_or_none,
    "max_per_minute_per_domain": _whole_or_none,
    "sending_window": _window,
    "undo_minutes": partial(_whole, least=0, most=24 * 60),
    "give_up_after_days": partial(_whole, most=30),
    "mandatory_opt_out_link": _yes_no,
    "opt_out_entirely_by_default": _yes_no,
    "from_name": _line,
    "from_address": _address,
    "site_url": _site_url,
    "company": _line,
    "postal_address": partial(_line, limit=500),
    "brand_color": _color,
    "ip_addresses": _ip_addresses,
    "keep_visits_days": _whole_or_none,
    "keep_log_days": _whole_or_none,
    "time_zone": _zone,
    "language": _language,
    "stop_wait_seconds": partial(_whole, least=0, most=600),
    "keep_job_runs_days": _whole,
    "keep_caught_mails": _whole,
    "soft_bounce_count": partial(_whole, most=100),
    "soft_bounce_days": partial(_whole, least=0, most=3650),
    "keep_mails_days": _whole,
}
