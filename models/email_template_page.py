"""The email templates as lists show them; and their deletion, which must know who uses them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models import audit
from models.audit import COMMAND
from models.column_types import table
from models.email_template import EmailTemplate, TemplateVersion, find_live
from models.errors import Refused
from models.mass_email import MassEmail, MassEmailStatus

_rows, _versions, _mails = table(EmailTemplate), table(TemplateVersion), table(MassEmail)
_OVER: Final = (MassEmailStatus.COMPLETE, MassEmailStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One line of the list. `used`: how many mass emails were made with it; `characters`: of its HTML."""

    id: int
    name: str
    subject: str
    version_no: int
    characters: int
    used: int
    changed_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class Usage:
    """A mass email that uses a template."""

    mass_email_id: int
    campaign_id: int
    name: str
    status: MassEmailStatus


def template_page(
    session: Session, text: str = "", sort: str = "-changed", page: int = 1, size: int = 25
) -> tuple[list[TemplateRow], int]:
    """One page of the templates whose name or subject has the text in it, and how many there are. `sort`: name,
    subject, used or changed, with a "-" before it the other way round; KeyError for another."""
    query = _query()
    if text.strip():
        name, subject = _rows.c.name, _versions.c.subject
        query = query.where(
            name.icontains(text.strip(), autoescape=True) | subject.icontains(text.strip(), autoescape=True)
        )
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    shown = query.order_by(*_order(sort)).limit(size).offset((page - 1) * size)
    return [TemplateRow(*row) for row in session.execute(shown)], total


def template_choices(session: Session) -> list[tuple[int, str]]:
    """(id, name) of every template by name, to choose from."""
    query = sa.select(_rows.c.id, _rows.c.name).where(_rows.c.deleted_at.is_(None))
    shown = session.execute(query.order_by(sa.func.lower(_rows.c.name), _rows.c.id))
    return [(number, name) for number, name in shown]


def usage_of(session: Session, template_ids: Sequence[int]) -> list[Usage]:
    """The mass emails that use these templates, newest first: said before they are deleted."""
    c = _mails.c
    query = sa.select(c.id, c.campaign_id, c.name, c.status).where(c.template_id.in_(template_ids))
    return [Usage(*row) for row in session.execute(query.where(c.deleted_at.is_(None)).order_by(c.id.desc()))]


def delete_templates(session: Session, template_ids: Sequence[int], now: datetime, by: str = COMMAND) -> int:
    """How many were deleted. Their versions stay: mass emails keep what they have frozen.

    Raises Refused, naming them, while mass emails that are not over use one; NotFound for one that is gone.
    """
    open_mails = [usage.name for usage in usage_of(session, template_ids) if usage.status not in _OVER]
    if open_mails:
        raise Refused("template.in_use", count=len(open_mails), names=", ".join(open_mails[:5]))
    for template_id in template_ids:
        row = find_live(session, template_id, for_update=True)
        row.deleted_at, row.revision = now, row.revision + 1
        audit.note(session, now, by, "email_template.deleted", "email_template", template_id, name=row.name)
    session.flush()
    return len(template_ids)


def _query() -> sa.Select[Any]:
    newest = sa.select(sa.func.max(_versions.c.no)).where(_versions.c.template_id == _rows.c.id).correlate(_rows)
    used = (
        sa.select(sa.func.count())
        .where(_mails.c.template_id == _rows.c.id, _mails.c.deleted_at.is_(None))
        .correlate(_rows)
        .scalar_subquery()
    )
    return (
        sa.select(
            _rows.c.id,
            _rows.c.name,
            _versions.c.subject,
            _versions.c.no,
            sa.func.length(_versions.c.html),
            used.label("used"),
            _rows.c.changed_at,
            _rows.c.revision,
        )
        .join_from(_rows, _versions, _versions.c.template_id == _rows.c.id)
        .where(_versions.c.no == newest.scalar_subquery(), _rows.c.deleted_at.is_(None))
    )


def _order(sort: str) -> tuple[sa.ColumnElement[Any], ...]:
    down = sort.startswith("-")
    column: sa.ColumnElement[Any] = {
        "name": sa.func.lower(_rows.c.name),
        "subject": sa.func.lower(_versions.c.subject),
        "used": sa.column("used"),
        "changed": _rows.c.changed_at,
    }[sort.removeprefix("-")]
    return (column.desc(), _rows.c.id.desc()) if down else (column.asc(), _rows.c.id.asc())
