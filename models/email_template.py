"""The email template and its immutable versions (D8). What lists show, and deletion, is in email_template_page.py."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import UniqueConstraint, func, select
from sqlmodel import Field, Session, SQLModel

from models import audit, catalogue
from models.audit import COMMAND
from models.catalogue import Language, Problem
from models.column_types import Utc, table
from models.errors import Conflict, Invalid, NotFound
from models.target_list import check_texts
from models.template_check import parse_template

_LENGTHS: Final = {"name": 200}
_MOST_SUBJECT: Final = 500
_PEOPLE_ASKED: Final = 20_000
"""Newest recipients whose custom fields count as known."""


class EmailTemplate(SQLModel, table=True):
    """A name over a row of versions; the newest is what new mass emails freeze."""

    __tablename__ = "email_template"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    created_at: datetime = Field(sa_type=Utc)
    changed_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class TemplateVersion(SQLModel, table=True):
    """One saved state, never changed. `text` empty: derived from the HTML. `sha256` covers subject, html and text."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("template_id", "no"),)
    id: int | None = Field(default=None, primary_key=True)
    template_id: int = Field(foreign_key="email_template.id")
    no: int
    subject: str
    html: str
    text: str = ""
    sha256: str
    created_at: datetime = Field(sa_type=Utc)
    created_by: str = ""


_ROWS = table(EmailTemplate)
_VERSIONS = table(TemplateVersion)


@dataclass(frozen=True, slots=True)
class TemplateDetail:
    """A template with its newest version; `revision` goes back with what is saved."""

    id: int
    name: str
    revision: int
    changed_at: datetime
    version_id: int
    version_no: int
    subject: str
    html: str
    text: str
    saved_by: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One line of a template's versions."""

    id: int
    no: int
    subject: str
    created_at: datetime
    created_by: str


def create_template(
    session: Session, name: str, subject: str, html: str, text: str, now: datetime, by: str = COMMAND
) -> TemplateDetail:
    """A new template with its first version. Raises Invalid: name, subject, html, text; see parse_template."""
    problems: dict[str, Problem] = {}
    try:
        name = check_texts({"name": name}, _LENGTHS, required="name")["name"]
    except Invalid as invalid:
        problems |= invalid.problems
    try:
        _check_content(session, subject, html, text)
    except Invalid as invalid:
        problems |= invalid.problems
    if problems:
        raise Invalid(problems)
    row = EmailTemplate(name=name, created_at=now, changed_at=now)
    session.add(row)
    session.flush()
    _add_version(session, row, subject, html, text, now, by)
    audit.note(session, now, by, "email_template.created", "email_template", row.id, name=name)
    return get_template(session, cast(int, row.id))


def save_version(
    session: Session,
    template_id: int,
    revision: int,
    subject: str,
    html: str,
    text: str,
    now: datetime,
    by: str = COMMAND,
) -> TemplateVersion:
    """The newest version after saving; unchanged content makes no new one.

    Raises Conflict when somebody saved after `revision`, Invalid per part with line and column, NotFound.
    """
    row = _at_revision(session, template_id, revision)
    _check_content(session, subject, html, text)
    newest = newest_version(session, template_id)
    if newest.sha256 == _digest(subject, html, text):
        return newest
    row.changed_at, row.revision = now, row.revision + 1
    version = _add_version(session, row, subject, html, text, now, by)
    audit.note(session, now, by, "email_template.saved", "email_template", row.id, name=row.name, version=version.no)
    return version


def rename_template(
    session: Session, template_id: int, revision: int, name: str, now: datetime, by: str = COMMAND
) -> None:
    """Give it another name. Raises Conflict, Invalid for the name, NotFound."""
    row = _at_revision(session, template_id, revision)
    name = check_texts({"name": name}, _LENGTHS, required="name")["name"]
    if name != row.name:
        audit.note(session, now, by, "email_template.renamed", "email_template", row.id, name=[row.name, name])
        row.name, row.changed_at, row.revision = name, now, row.revision + 1
        session.flush()


def save_template(
    session: Session,
    template_id: int,
    revision: int,
    values: Mapping[str, str],
    now: datetime,
    by: str = COMMAND,
) -> TemplateVersion:
    """Name and content at once; the newest version then. `values`: name, subject, html, text.

    Raises what rename_template and save_version raise, Invalid with the problems of both.
    """
    problems: dict[str, Problem] = {}
    try:
        rename_template(session, template_id, revision, values["name"], now, by)
    except Invalid as invalid:
        problems |= invalid.problems
    try:
        parts = (values["subject"], values["html"], values["text"])
        version = save_version(session, template_id, find_live(session, template_id).revision, *parts, now, by)
    except Invalid as invalid:
        problems |= invalid.problems
    if problems:
        raise Invalid(problems)
    return version


def duplicate_template(
    session: Session, template_id: int, now: datetime, by: str = COMMAND, language: str = Language.EN
) -> TemplateDetail:
    """A copy with the newest content as its first version, named as a copy. Raises NotFound."""
    source = get_template(session, template_id)
    name = catalogue.text(language, "template.copy_of", name=source.name)[: _LENGTHS["name"]]
    row = EmailTemplate(name=name, created_at=now, changed_at=now)
    session.add(row)
    session.flush()
    _add_version(session, row, source.subject, source.html, source.text, now, by)
    audit.note(session, now, by, "email_template.created", "email_template", row.id, name=name, copy_of=source.id)
    return get_template(session, cast(int, row.id))


def get_template(session: Session, template_id: int) -> TemplateDetail:
    """The template with its newest version. Raises NotFound, also when it is deleted."""
    row, version = find_live(session, template_id), newest_version(session, template_id)
    return TemplateDetail(
        id=template_id,
        name=row.name,
        revision=row.revision,
        changed_at=row.changed_at,
        version_id=cast(int, version.id),
        version_no=version.no,
        subject=version.subject,
        html=version.html,
        text=version.text,
        saved_by=version.created_by,
    )


def newest_version(session: Session, template_id: int) -> TemplateVersion:
    """What a mass email would freeze now. Raises NotFound."""
    statement = select(TemplateVersion).where(_VERSIONS.c.template_id == template_id).order_by(_VERSIONS.c.no.desc())
    version = session.scalar(statement.limit(1))
    if version is None:
        raise NotFound("template.not_found")
    return version


def get_version(session: Session, version_id: int) -> TemplateVersion:
    """A version, also one of a deleted template: mass emails keep theirs. Raises NotFound."""
    version = session.get(TemplateVersion, version_id)
    if version is None:
        raise NotFound("template.not_found")
    return version


def versions_of(session: Session, template_id: int) -> list[VersionRow]:
    """Its versions, newest first."""
    c = _VERSIONS.c
    columns = (c.id, c.no, c.subject, c.created_at, c.created_by)
    rows = session.execute(select(*columns).where(c.template_id == template_id).order_by(c.no.desc()))
    return [VersionRow(*row) for row in rows]


def find_live(session: Session, template_id: int, *, for_update: bool = False) -> EmailTemplate:
    """The row of a template that is not deleted. Raises NotFound."""
    row = session.get(EmailTemplate, template_id, with_for_update=for_update or None, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise NotFound("template.not_found")
    return row


def known_fields(session: Session) -> Sequence[str]:
    """The custom fields that a placeholder may name."""
    from models.recipient_page import custom_field_names  # it knows mass emails, which know this module's tables

    return custom_field_names(session, among=_PEOPLE_ASKED)


def _at_revision(session: Session, template_id: int, revision: int) -> EmailTemplate:
    row = find_live(session, template_id, for_update=True)
    if row.revision != revision:
        raise Conflict("errors.conflict", who=_last_editor(session, template_id))
    return row


def _last_editor(session: Session, template_id: int) -> str | Problem:
    trail = table(audit.Audit).c
    last = select(trail.by).where(trail.noun == "email_template", trail.noun_id == template_id)
    return session.scalar(last.order_by(trail.id.desc()).limit(1)) or Problem("ui.somebody")


def _check_content(session: Session, subject: str, html: str, text: str) -> None:
    problems: dict[str, Problem] = {}
    if not subject.strip():
        problems["subject"] = Problem("errors.required")
    elif len(subject) > _MOST_SUBJECT:
        problems["subject"] = Problem("errors.too_long", limit=_MOST_SUBJECT)
    if not html.strip() and not text.strip():
        problems["html"] = Problem("errors.required")
    try:
        parse_template(subject, html, text, fields=known_fields(session))
    except Invalid as invalid:
        problems = invalid.problems | problems
    if problems:
        raise Invalid(problems)


def _add_version(
    session: Session, row: EmailTemplate, subject: str, html: str, text: str, now: datetime, by: str
) -> TemplateVersion:
    last = session.scalar(select(func.max(_VERSIONS.c.no)).where(_VERSIONS.c.template_id == row.id)) or 0
    version = TemplateVersion(
        template_id=cast(int, row.id),
        no=last + 1,
        subject=subject,
        html=html,
        text=text,
        sha256=_digest(subject, html, text),
        created_at=now,
        created_by=by,
    )
    session.add(version)
    session.flush()
    return version


def _digest(subject: str, html: str, text: str) -> str:
    return hashlib.sha256("\0".join((subject, html, text)).encode()).hexdigest()
