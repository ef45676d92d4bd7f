"""The caught mail: what the built-in mail catcher received instead of the world."""

import email
import email.policy
import html
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, true
from sqlmodel import Field, Session, SQLModel

from models.column_types import Utc, table
from models.errors import NotFound
from models.settings import settings
from models.smtp_account import account_rows


class CaughtMail(SQLModel, table=True):
    """The index of a message; its bytes are a file in the data directory. Addresses are the envelope's."""

    __tablename__ = "caught_mail"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    sender: str
    recipient: str = Field(index=True)
    to_name: str = ""
    subject: str = ""
    size: int
    is_test: bool = False
    file: str


TEST_HEADER: Final = "X-Envoi-Test"
"""The header by which a test says that it is one (D11)."""

NEWEST: Final = 25
"""How many messages the page follows as they arrive."""

_ROWS = table(CaughtMail)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as the catcher took it: the envelope's addresses, and the bytes between DATA and the dot."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class CaughtRow:
    """A message as the list shows it. `size` in octets."""

    id: int
    at: datetime
    sender: str
    recipient: str
    to_name: str
    subject: str
    size: int
    is_test: bool


@dataclass(frozen=True, slots=True)
class CaughtParts:
    """A message opened: decoded headers in their order, the parts that are there, the source, the links of its HTML."""

    row: CaughtRow
    headers: tuple[tuple[str, str], ...]
    html: str
    text: str
    source: str
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the recipient of a message could do with it: paths of this site's public pages; "" and () where it has none.
    `clicks`: its tracked links, in their order."""

    pixel: str
    clicks: tuple[str, ...]
    opt_out: str


@dataclass(frozen=True, slots=True)
class CaughtNow:
    """The newest messages, and how many there are. `port`: where the catcher listens; `sends_by`: the name of the
    account that mail really leaves through, "" while it goes to the catcher."""

    rows: tuple[CaughtRow, ...]
    total: int
    port: int
    sends_by: str


# What the catcher does


def folder() -> Path:
    """Where the messages lie."""
    return settings().data_dir / "catcher"


def write_file(arrived: Arrived) -> str:
    """Keep the bytes of a message; gives the name of its file in folder(), by day, that nobody can guess."""
    name = f"{arrived.at:%Y-%m-%d}/{arrived.at:%H%M%S}-{secrets.token_hex(8)}.eml"
    file = folder() / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(arrived.content)
    return name


def keep(session: Session, arrived: Sequence[tuple[Arrived, str]]) -> int:
    """Index messages by the names of their files, a row per recipient of the envelope; gives how many rows."""
    rows = [values for one, file in arrived for values in _index(one, file)]
    if rows:
        session.execute(insert(_ROWS), rows)
    return len(rows)


def _index(one: Arrived, file: str) -> list[dict[str, object]]:
    head = _parse(one.content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    names = dict(_name_and_address(head))
    about = {
        "at": one.at,
        "sender": one.sender,
        "subject": _header(head, "Subject")[:500],
        "size": len(one.content),
        "is_test": TEST_HEADER in head,
        "file": file,
    }
    return [{**about, "recipient": to, "to_name": names.get(to.lower(), "")[:200]} for to in one.recipients]


def _name_and_address(head: EmailMessage) -> list[tuple[str, str]]:
    name, address = parseaddr(_header(head, "To"))
    return [(address.lower(), name)]


# What the page does


def caught_page(session: Session, text: str = "", page: int = 1, size: int = 50) -> tuple[list[CaughtRow], int]:
    """Messages, newest first, whose recipient, name or subject contains `text`; and how many there are."""
    found = _matches(text.strip()) if text.strip() else true()
    total: int = session.scalar(select(func.count()).select_from(_ROWS).where(found)) or 0
    rows = select(_ROWS).where(found).order_by(_ROWS.c.id.desc()).limit(size).offset((page - 1) * size)
    return [_row(row) for row in session.execute(rows)], total


def caught_now(session: Session, now: datetime) -> CaughtNow:
    """What the page follows: its first page of messages as they arrive."""
    rows, total = caught_page(session, size=NEWEST)
    accounts = account_rows(session)
    port = next((account.port for account in accounts if account.is_catcher), 0)
    real = next((account.name for account in accounts if account.is_default and not account.is_catcher), "")
    return CaughtNow(tuple(rows), total, port, real)


def get_caught(session: Session, mail_id: int) -> CaughtParts:
    """A message opened. Raises NotFound, also when its file is gone."""
    row = session.execute(select(_ROWS).where(_ROWS.c.id == mail_id)).first()
    file = folder() / row.file if row else None
    if not row or not file or not file.is_file():
        raise NotFound("caught_mail.not_found")
    source = file.read_bytes()
    message = _parse(source)
    page = _part(message, "html")
    return CaughtParts(
        row=_row(row),
        headers=tuple((name, _header(message, name, at)) for name, at in _numbered(message.keys())),
        html=page,
        text=_part(message, "plain"),
        source=source.decode("utf-8", errors="replace"),
        links=_links(page),
    )


def answers_in(mail: CaughtParts) -> Answers:
    """The public addresses that a message carries, in its HTML, its text or its headers."""
    carried = "\n".join((mail.html, mail.text, *(value for _, value in mail.headers)))
    paths = tuple(dict.fromkeys(_PUBLIC.findall(carried)))
    return Answers(
        pixel=next((path for path in paths if path.startswith("/o/")), ""),
        clicks=tuple(path for path in paths if path.startswith("/c/")),
        opt_out=next((path for path in paths if path.startswith("/u/")), ""),
    )


def delete_caught(session: Session, mail_ids: Sequence[int] | None = None) -> int:
    """Delete these messages with their files, all for None; gives how many rows."""
    doomed = delete(_ROWS) if mail_ids is None else delete(_ROWS).where(_ROWS.c.id.in_(mail_ids))
    files = session.scalars(doomed.returning(_ROWS.c.file)).all()
    still_named = set(session.scalars(select(_ROWS.c.file).where(_ROWS.c.file.in_(set(files))))) if mail_ids else set()
    for file in set(files) - still_named:
        (folder() / file).unlink(missing_ok=True)
    return len(files)


def oldest_beyond(session: Session, keep_newest: int, limit: int = 500) -> list[int]:
    """The ids of the oldest messages beyond the newest `keep_newest`, at most `limit`."""
    last = session.scalar(select(_ROWS.c.id).order_by(_ROWS.c.id.desc()).offset(keep_newest).limit(1))
    if last is None:
        return []
    return list(session.scalars(select(_ROWS.c.id).where(_ROWS.c.id <= last).order_by(_ROWS.c.id).limit(limit)))


def _matches(text: str) -> ColumnElement[bool]:
    return or_(*(_ROWS.c[name].icontains(text, autoescape=True) for name in ("recipient", "to_name", "subject")))


def _row(row: Row[Any]) -> CaughtRow:
    return CaughtRow(row.id, row.at, row.sender, row.recipient, row.to_name, row.subject, row.size, row.is_test)


# Opening a message


def _parse(source: bytes) -> EmailMessage:
    message = email.message_from_bytes(source, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - for the type checker: the policy says so
    return message


def _header(message: EmailMessage, name: str, at: int = 0) -> str:
    """A header decoded; as it was written where it cannot be."""
    try:
        return str(message.get_all(name, [""])[at])
    except (MessageError, ValueError, IndexError, LookupError):
        return str([value for key, value in message.raw_items() if key.lower() == name.lower()][at])


def _numbered(names: Sequence[str]) -> list[tuple[str, int]]:
    seen: dict[str, int] = {}
    numbered = []
    for name in names:
        numbered.append((name, seen.get(name.lower(), 0)))
        seen[name.lower()] = numbered[-1][1] + 1
    return numbered


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    try:
        return raw.decode(charset, errors="replace") if isinstance(raw, bytes) else ""
    except LookupError:
        return raw.decode("latin-1") if isinstance(raw, bytes) else ""


# The addresses of models/tracking.py, wherever this site stands
_PUBLIC: Final = re.compile(r"https?://[^\s\"'<>]*?(/(?:o/[\w-]{16,}\.gif|c/[\w-]{16,}/\d+|u/[\w-]{16,}))(?![\w/-])")
_HREF: Final = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)


def _links(page: str) -> tuple[str, ...]:
    found = (html.unescape(next(filter(None, groups), "")).strip() for groups in _HREF.findall(page))
    return tuple(dict.fromkeys(link for link in found if link))
