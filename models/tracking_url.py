"""The tracking URL: a destination with a code to paste; and the links of a mass email (D16)."""

import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import (
    BigInteger,
    Row,
    RowMapping,
    Select,
    UniqueConstraint,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlmodel import Field, Session, SQLModel

from models import audit
from models.audit import Audit
from models.campaign import Campaign
from models.catalogue import Problem
from models.column_types import Utc, code_field, count_changed, table
from models.db import is_sqlite
from models.errors import Conflict, Invalid, NotFound, Refused
from models.packed import pack, unpacked


class TrackingAction(StrEnum):
    """What following it does. Stored by place: append only."""

    REDIRECT = "redirect"
    SHOW_MESSAGE = "show_message"


class TrackingUrl(SQLModel, table=True):
    """`code`: 17 hex digits, pasted as {trackingUrl:CODE}. `message` is Markdown, for SHOW_MESSAGE."""

    __tablename__ = "tracking_url"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=17)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    name: str
    action: TrackingAction = code_field(TrackingAction)
    url: str = ""
    message: str = ""
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class Link(SQLModel, table=True):
    """One tracked link of one mass email, /c/TOKEN/no. Never deleted: it is in mail that has left. `url` is the frozen
    destination of an automatic link; a tracking URL's link follows its tracking URL."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("mass_email_id", "no"),)
    id: int | None = Field(default=None, primary_key=True)
    mass_email_id: int = Field(foreign_key="mass_email.id")
    tracking_url_id: int | None = Field(default=None, foreign_key="tracking_url.id", index=True)
    no: int
    url: str = ""


LONGEST: Final = 2048
"""Characters of a destination; browsers and mail clients cut longer ones."""
CODE: Final = re.compile(r"\{trackingUrl:([0-9a-f]{17})\}")
"""The placeholder of D14, with its code."""
_ASIDE: Final = re.compile(r"<(style|script)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)

_FIELDS: Final = ("name", "action", "url", "message")
_ROWS, _LINKS, _CAMPAIGNS = table(TrackingUrl), table(Link), table(Campaign)


def placeholder(code: str) -> str:
    """The text to paste into a template."""
    return f"{{trackingUrl:{code}}}"


def codes_in(*texts: str) -> set[str]:
    """The codes of the tracking URLs that a template's parts name, <style> and <script> left aside (D14)."""
    return {code for part in texts for code in CODE.findall(_ASIDE.sub("", part))}


def foreign_codes(session: Session, campaign_id: int, *texts: str) -> list[str]:
    """The codes in a template that are no tracking URL of this campaign; a deleted one is none."""
    codes = codes_in(*texts)
    own = select(_ROWS.c.code).where(
        _ROWS.c.campaign_id == campaign_id, _ROWS.c.code.in_(codes), _ROWS.c.deleted_at.is_(None)
    )
    return sorted(codes - set(session.execute(own).scalars()))


# Reading


@dataclass(frozen=True, slots=True)
class TrackingUrlRow:
    """A tracking URL as lists and forms show it. `mass_emails` link it; `clicked`: people of all of them."""

    id: int
    code: str
    placeholder: str
    campaign_id: int
    campaign: str
    name: str
    action: TrackingAction
    url: str
    message: str
    mass_emails: int
    clicked: int
    created_at: datetime
    revision: int


SORTS: Final[Mapping[str, Any]] = {
    "name": func.lower(_ROWS.c.name),
    "campaign": func.lower(_CAMPAIGNS.c.name),
    "url": _ROWS.c.url,
    "created_at": _ROWS.c.created_at,
}
"""What tracking_url_page sorts by; "-name" is descending."""


def tracking_url_page(
    session: Session,
    *,
    campaign_id: int | None = None,
    text: str = "",
    sort: str = "name",
    page: int = 1,
    size: int = 50,
) -> tuple[list[TrackingUrlRow], int]:
    """One page of the tracking URLs (of a campaign), and how many there are. `text` is looked for in name, destination,
    code and campaign. An unknown sort is by name."""
    found = _chosen(campaign_id, text)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    column = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    order = (column.desc(), _ROWS.c.id.desc()) if sort.startswith("-") else (column, _ROWS.c.id)
    rows = session.execute(found.order_by(*order).limit(size).offset((page - 1) * size)).mappings().all()
    return _rows(session, rows), total


def get_tracking_url(session: Session, tracking_url_id: int) -> TrackingUrlRow:
    """One tracking URL. Raises NotFound."""
    rows = session.execute(_chosen(None, "").where(_ROWS.c.id == tracking_url_id)).mappings().all()
    if not rows:
        raise NotFound("tracking_url.not_found")
    return _rows(session, rows)[0]


def _chosen(campaign_id: int | None, text: str) -> Select[Any]:
    found = (
        select(_ROWS, _CAMPAIGNS.c.name.label("campaign"))
        .join(_CAMPAIGNS, _CAMPAIGNS.c.id == _ROWS.c.campaign_id)
        .where(_ROWS.c.deleted_at.is_(None))
    )
    if campaign_id is not None:
        found = found.where(_ROWS.c.campaign_id == campaign_id)
    if words := text.strip():
        columns = (_ROWS.c.name, _ROWS.c.url, _ROWS.c.code, _CAMPAIGNS.c.name)
        found = found.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    return found


def _rows(session: Session, rows: Sequence[RowMapping]) -> list[TrackingUrlRow]:
    uses = _uses(session, [row["id"] for row in rows])
    return [
        TrackingUrlRow(
            placeholder=placeholder(row["code"]),
            mass_emails=uses.get(row["id"], (0, 0))[0],
            clicked=uses.get(row["id"], (0, 0))[1],
            **{
                name: row[name]
                for name in ("id", "code", "campaign_id", "campaign", *_FIELDS, "created_at", "revision")
            },
        )
        for row in rows
    ]


def _uses(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For each id: the mass emails that link it, and the people who clicked it."""
    from models.log_table import Action
    from models.statistics import Counter, Dimension  # figures stand above links; this is the way back

    counter = table(Counter)
    clicks = (
        (counter.c.mass_email_id == _LINKS.c.mass_email_id)
        & (counter.c.dimension == Dimension.LINK)
        & (counter.c.action == Action.CLICKED)
        & counter.c.human
        & (cast(counter.c.key, BigInteger) == _LINKS.c.id)
    )
    people = func.coalesce(func.sum(counter.c.firsts), 0)
    rows = session.execute(
        select(_LINKS.c.tracking_url_id, func.count(_LINKS.c.mass_email_id.distinct()), people)
        .select_from(_LINKS.outerjoin(counter, clicks))
        .where(_LINKS.c.tracking_url_id.in_(ids))
        .group_by(_LINKS.c.tracking_url_id)
    ).all()
    return {tracking_url_id: (mass_emails, int(clicked)) for tracking_url_id, mass_emails, clicked in rows}


# Changing


def create_tracking_url(session: Session, campaign_id: int, values: Mapping[str, Any], now: datetime, by: str) -> int:
    """A new tracking URL of a campaign, with a code of its own; gives its id. `values`: name, action, url or message.

    Raises Invalid with a Problem per field, NotFound for the campaign.
    """
    campaign = session.get(Campaign, campaign_id)
    if not campaign or campaign.deleted_at:
        raise NotFound("tracking_url.no_campaign")
    checked = _check({"name": "", "action": TrackingAction.REDIRECT, "url": "", "message": "", **values})
    row = TrackingUrl(code=secrets.token_hex(9)[:17], campaign_id=campaign_id, created_at=now, **checked)
    session.add(row)
    session.flush()
    assert row.id is not None  # noqa: S101 - for the type checker: it was flushed
    audit.note(session, now, by, "tracking_url.created", "tracking_url", row.id, name=row.name, url=row.url)
    return row.id


def edit_tracking_url(
    session: Session, tracking_url_id: int, revision: int, values: Mapping[str, Any], now: datetime, by: str
) -> None:
    """Change it: its code stays, mail that went out leads to the new destination (D16), the trail keeps the old one.

    Raises Invalid with a Problem per field, NotFound, Conflict when somebody changed it since `revision`.
    """
    row = _get_row(session, tracking_url_id)
    before = {name: getattr(row, name) for name in _FIELDS}
    checked = _check({**before, **values})
    changed = {name: [before[name], checked[name]] for name in _FIELDS if before[name] != checked[name]}
    changing = (
        update(_ROWS)
        .where(_ROWS.c.id == tracking_url_id, _ROWS.c.revision == revision, _ROWS.c.deleted_at.is_(None))
        .values(revision=revision + 1, **checked)
    )
    if count_changed(session, changing) != 1:
        raise Conflict("errors.conflict", who=_last_editor(session, tracking_url_id))
    session.expire_all()
    audit.note(session, now, by, "tracking_url.edited", "tracking_url", tracking_url_id, **changed)


def delete_tracking_url(session: Session, tracking_url_id: int, now: datetime, by: str) -> None:
    """Delete it: gone when no mail links it, else only hidden, and its links go on leading where they lead. Raises
    NotFound."""
    name = _get_row(session, tracking_url_id).name
    linked = session.scalar(select(exists().where(_LINKS.c.tracking_url_id == tracking_url_id)))
    mine = _ROWS.c.id == tracking_url_id
    session.execute(update(_ROWS).where(mine).values(deleted_at=now) if linked else delete(_ROWS).where(mine))
    session.expire_all()
    audit.note(session, now, by, "tracking_url.deleted", "tracking_url", tracking_url_id, name=name)


def _get_row(session: Session, tracking_url_id: int) -> TrackingUrl:
    found = session.get(TrackingUrl, tracking_url_id, populate_existing=True)
    if not found or found.deleted_at:
        raise NotFound("tracking_url.not_found")
    return found


def _check(values: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := values.keys() - set(_FIELDS):
        raise TypeError(f"not a field of a tracking URL: {', '.join(sorted(unknown))}")
    problems: dict[str, Problem] = {}
    name = str(values["name"] or "").strip()
    if problem := _name_problem(name):
        problems["name"] = problem
    if values["action"] not in set(TrackingAction):
        raise Invalid({**problems, "action": Problem("errors.unknown_choice", value=values["action"])})
    action = TrackingAction(values["action"])
    url, message = str(values["url"] or "").strip(), str(values["message"] or "").strip()
    if action is TrackingAction.REDIRECT and (problem := url_problem(url)):
        problems["url"] = problem
    if action is TrackingAction.SHOW_MESSAGE and not message:
        problems["message"] = Problem("errors.required")
    if problems:
        raise Invalid(problems)
    return {"name": name, "action": action, "url": url, "message": message}


def _name_problem(name: str) -> Problem | None:
    if not name:
        return Problem("errors.required")
    if len(name) > 200:
        return Problem("errors.too_long", limit=200)
    return Problem("errors.control_character") if _has_control(name) else None


def url_problem(url: str) -> Problem | None:
    """Why a click may not be sent there; None: it may. Only whole http and https addresses: a redirect to another
    scheme (javascript, data) would run in the reader's browser."""
    if not url:
        return Problem("errors.required")
    if len(url) > LONGEST:
        return Problem("errors.too_long", limit=LONGEST)
    if _has_control(url) or any(sign.isspace() or sign in '<>"\\' for sign in url):
        return Problem("tracking_url.forbidden_sign")
    try:
        parts = urlsplit(url)
        fit = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an address that has no port or host to speak of: http://[x, http://a:b
        fit = False
    return None if fit else Problem("tracking_url.not_a_url")


def _has_control(text: str) -> bool:
    return any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text)


def _last_editor(session: Session, tracking_url_id: int) -> str | Problem:
    trail = table(Audit).c
    mine = (trail.noun == "tracking_url", trail.noun_id == tracking_url_id)
    by: str | None = session.scalar(select(trail.by).where(*mine).order_by(trail.id.desc()).limit(1))
    return by or Problem("tracking_url.somebody")


# The links of a mass email


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a link of a mail leads: a redirect to `url`, or a page with `message` (Markdown)."""

    link_id: int
    action: TrackingAction
    url: str
    message: str
    tracking_url_id: int | None


def ensure_links(session: Session, mass_email_id: int, destinations: Iterable[str]) -> dict[str, int]:
    """The number of each destination in this mass email, made where it has none; a number given stays for ever.

    A destination is the code of a tracking URL, or the address of an automatic link. Raises Refused for a code that is
    no tracking URL of the campaign.
    """
    wanted = list(dict.fromkeys(destinations))
    campaign_id = _lock_mass_email(session, mass_email_id)
    known = link_numbers(session, mass_email_id)
    missing = [destination for destination in wanted if destination not in known]
    codes = _ids_by_code(session, campaign_id, missing)
    for no, destination in enumerate(missing, start=max(known.values(), default=0) + 1):
        by_code = _is_code(destination)
        if by_code and destination not in codes:
            raise Refused("tracking_url.foreign", code=destination)
        session.execute(
            insert(_LINKS).values(
                mass_email_id=mass_email_id,
                no=no,
                tracking_url_id=codes[destination] if by_code else None,
                url="" if by_code else destination,
            )
        )
        known[destination] = no
    return {destination: known[destination] for destination in wanted}


def find_destination(session: Session, mass_email_id: int, no: int) -> Destination | None:
    """Where a link of a mass email leads now; None: it has no such link. Deleted tracking URLs go on leading."""
    return find_destinations(session, [(mass_email_id, no)]).get((mass_email_id, no))


def find_destinations(session: Session, links: Collection[tuple[int, int]]) -> dict[tuple[int, int], Destination]:
    """Where several links lead now, by (mass email, number); what is no link is not in it."""
    if not links:
        return {}
    asked = {"asked": pack(sorted(links))}
    rows = session.connection().execute(_destinations(is_sqlite(session)), asked)
    return {(row.mass_email_id, row.no): _destination(row) for row in rows}


@cache
def _destinations(sqlite: bool) -> Select[Any]:
    asked = unpacked("asked", {"mail": BigInteger, "no": BigInteger}, sqlite=sqlite)
    found = asked.join(_LINKS, (_LINKS.c.mass_email_id == asked.c.mail) & (_LINKS.c.no == asked.c.no))
    current = (_ROWS.c.action, _ROWS.c.url.label("current"), _ROWS.c.message)
    return select(_LINKS, *current).select_from(found.outerjoin(_ROWS, _ROWS.c.id == _LINKS.c.tracking_url_id))


def _destination(row: Row[Any]) -> Destination:
    if row.tracking_url_id is None:
        return Destination(row.id, TrackingAction.REDIRECT, row.url, "", None)
    return Destination(row.id, row.action, row.current, row.message, row.tracking_url_id)


def _lock_mass_email(session: Session, mass_email_id: int) -> int:
    """The campaign of a mass email that nobody else numbers links of until the unit of work ends. Raises NotFound."""
    from models.mass_email import MassEmail  # mass emails know tracking URLs; this is the way back

    mails = table(MassEmail)
    campaign_id: int | None = session.scalar(
        select(mails.c.campaign_id).where(mails.c.id == mass_email_id).with_for_update()
    )
    if campaign_id is None:
        raise NotFound("mass_email.not_found")
    return campaign_id


def link_numbers(session: Session, mass_email_id: int) -> dict[str, int]:
    """The number of each destination that a mass email has: code of a tracking URL, or address."""
    rows = session.execute(
        select(_LINKS.c.no, _LINKS.c.url, _ROWS.c.code)
        .select_from(_LINKS.outerjoin(_ROWS, _ROWS.c.id == _LINKS.c.tracking_url_id))
        .where(_LINKS.c.mass_email_id == mass_email_id)
    ).all()
    return {row.code or row.url: row.no for row in rows}


def _ids_by_code(session: Session, campaign_id: int, destinations: Iterable[str]) -> dict[str, int]:
    codes = [destination for destination in destinations if _is_code(destination)]
    own = select(_ROWS.c.code, _ROWS.c.id).where(_ROWS.c.campaign_id == campaign_id, _ROWS.c.code.in_(codes))
    return {row.code: row.id for row in session.execute(own)}


def _is_code(destination: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{17}", destination) is not None
