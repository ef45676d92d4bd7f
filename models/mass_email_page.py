"""Mass emails as screens and the command show them: one page of the list, one in detail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select
from sqlmodel import Session

from models.audience import Audience, find_audience
from models.campaign import Campaign, CampaignStatus, CampaignType, ListRole
from models.column_types import table
from models.email_template import EmailTemplate, TemplateVersion
from models.email_template_page import template_choices
from models.errors import NotFound
from models.mass_email import (
    EDITABLE,
    EMAIL_TYPES,
    MassEmail,
    MassEmailList,
    MassEmailStatus,
    followed,
    get_row,
    may_move,
    newest_version,
    settled_by_queue,
    values_of,
)
from models.queue_count import queue_counts_of
from models.smtp_account import SmtpAccount, account_rows
from models.statistics import Figures, figures_of
from models.target_list import TargetList
from models.target_list_page import list_choices
from models.tracking import Tracking

_mails, _campaigns, _templates = table(MassEmail), table(Campaign), table(EmailTemplate)
_versions, _accounts = table(TemplateVersion), table(SmtpAccount)


@dataclass(frozen=True, slots=True)
class MassEmailFilter:
    """Which mass emails: all conditions together. `text` in the name of mass email, campaign or template; Date Start
    `start_from` ≤ … < `start_before`; no status means every one."""

    text: str = ""
    campaign_id: int | None = None
    statuses: tuple[MassEmailStatus, ...] = ()
    start_from: datetime | None = None
    start_before: datetime | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """Its conditions on mass_email, campaign and email_template."""
        conditions: list[ColumnElement[bool]] = [_mails.c.deleted_at.is_(None)]
        if words := self.text.strip():
            names = (_mails.c.name, _campaigns.c.name, _templates.c.name)
            conditions.append(or_(*(name.icontains(words, autoescape=True) for name in names)))
        if self.campaign_id is not None:
            conditions.append(_mails.c.campaign_id == self.campaign_id)
        if self.statuses:
            conditions.append(_mails.c.status.in_(self.statuses))
        if self.start_from:
            conditions.append(_mails.c.start_at >= self.start_from)
        if self.start_before:
            conditions.append(_mails.c.start_at < self.start_before)
        return conditions


@dataclass(frozen=True, slots=True)
class MassEmailRow:
    """A mass email in a list. `queued`: who gets it, None until the queue is built; `version_no` None in Draft.
    `moves`: the statuses that a person may bring it into now."""

    id: int
    name: str
    campaign_id: int
    campaign: str
    status: MassEmailStatus
    start_at: datetime
    zone: str
    template_id: int
    template: str
    version_no: int | None
    queued: int | None
    figures: Figures
    portions_done: int
    trouble: str
    finished_at: datetime | None
    created_at: datetime
    track_opens: bool
    track_links: bool
    tracking: Tracking
    change_seq: int
    revision: int
    moves: tuple[MassEmailStatus, ...]


@dataclass(frozen=True, slots=True)
class ListName:
    """A list of a mass email, in its order. `entries`: members today; `deleted`: it brings nobody any more."""

    id: int
    name: str
    entries: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class MassEmailDetail:
    """All of one mass email but its live queue. `values`: what an edit form starts with, `editable` the fields that may
    change; `audience`: the stored counts, None until the queue is built; `newest_version_no`: what a new freeze would
    take, None when the template is gone."""

    row: MassEmailRow
    campaign_type: CampaignType
    campaign_status: CampaignStatus
    target_lists: tuple[ListName, ...]
    excluded_lists: tuple[ListName, ...]
    smtp_account: str | None
    newest_version_no: int | None
    audience: Audience | None
    queue_done_at: datetime | None
    values: Mapping[str, Any]
    editable: frozenset[str]


SORTS: Final[Mapping[str, ColumnElement[Any]]] = {
    "name": func.lower(_mails.c.name),
    "campaign": func.lower(_campaigns.c.name),
    "status": _mails.c.status,
    "start_at": _mails.c.start_at,
    "template": func.lower(_templates.c.name),
    "created_at": _mails.c.created_at,
}
"""What mass_email_page sorts by; "-start_at" is the latest first."""


def mass_email_page(
    session: Session, chosen: MassEmailFilter, sort: str = "-start_at", page: int = 1, size: int = 50
) -> tuple[list[MassEmailRow], int]:
    """One page of the chosen mass emails with their figures, and how many there are. Unknown sorts: by Date Start."""
    rows = _rows_query().where(*chosen.where())
    total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    column = SORTS.get(sort.removeprefix("-"), SORTS["start_at"])
    order = (column.desc(), _mails.c.id.desc()) if sort.startswith("-") else (column, _mails.c.id)
    found = session.execute(rows.order_by(*order).limit(size).offset((page - 1) * size)).mappings().all()
    return _with_figures(session, found), total


def not_yet_sent(session: Session, mass_email_ids: Sequence[int]) -> dict[int, int]:
    """How many people of each queue still wait or are being mailed at this moment; who has none is not in it."""
    counts = queue_counts_of(session, mass_email_ids)
    return {one: n.waiting + n.held for one, n in counts.items() if n.waiting + n.held}


def count_by_status(session: Session) -> dict[MassEmailStatus, int]:
    """How many mass emails there are in each status; one that has none is not in it."""
    found = select(_mails.c.status, func.count().label("n")).where(_mails.c.deleted_at.is_(None))
    return {row.status: row.n for row in session.execute(found.group_by(_mails.c.status))}


def get_mass_email_row(session: Session, mass_email_id: int) -> MassEmailRow:
    """One mass email as lists show it. Raises NotFound, also for a deleted one."""
    rows = _rows_query().where(_mails.c.id == mass_email_id, _mails.c.deleted_at.is_(None))
    found = session.execute(rows).mappings().all()
    if not found:
        raise NotFound("mass_email.not_found")
    return _with_figures(session, found)[0]


def get_mass_email(session: Session, mass_email_id: int) -> MassEmailDetail:
    """One mass email in detail. Raises NotFound, also for a deleted one."""
    found = session.execute(
        _rows_query()
        .add_columns(
            _campaigns.c.type.label("campaign_type"),
            _campaigns.c.status.label("campaign_status"),
            _accounts.c.name.label("smtp_account"),
        )
        .outerjoin(_accounts, _accounts.c.id == _mails.c.smtp_account_id)
        .where(_mails.c.id == mass_email_id, _mails.c.deleted_at.is_(None))
    ).mappings()
    row = found.one_or_none()
    if row is None:
        raise NotFound("mass_email.not_found")
    mail, newest = get_row(session, mass_email_id), newest_version(session, row["template_id"])
    return MassEmailDetail(
        row=_with_figures(session, [row])[0],
        campaign_type=row["campaign_type"],
        campaign_status=row["campaign_status"],
        target_lists=_list_names(session, mass_email_id, ListRole.TARGET),
        excluded_lists=_list_names(session, mass_email_id, ListRole.EXCLUDED),
        smtp_account=row["smtp_account"],
        newest_version_no=newest.no if newest else None,
        audience=find_audience(session, mass_email_id),
        queue_done_at=mail.queue_done_at,
        values=values_of(session, mail),
        editable=EDITABLE[mail.status] - settled_by_queue(mail),
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers, as (id, name): campaigns of the email types (the newest first) and templates; lists with
    their entries; SMTP accounts, the default one first."""

    campaigns: tuple[tuple[int, str], ...]
    templates: tuple[tuple[int, str], ...]
    lists: tuple[tuple[int, str, int], ...]
    accounts: tuple[tuple[int, str], ...]


def form_choices(session: Session) -> Choices:
    """What a form can choose from today."""
    of_email = (_campaigns.c.type.in_(EMAIL_TYPES), _campaigns.c.deleted_at.is_(None))
    campaigns = select(_campaigns.c.id, _campaigns.c.name).where(*of_email).order_by(_campaigns.c.id.desc())
    return Choices(
        campaigns=tuple((row.id, row.name) for row in session.execute(campaigns)),
        templates=tuple(template_choices(session)),
        lists=tuple(list_choices(session)),
        accounts=tuple((row.id, row.name) for row in account_rows(session)),
    )


_SHOWN: Final = (
    *("id", "name", "campaign_id", "status", "start_at", "zone", "template_id", "portions_done", "trouble"),
    *("finished_at", "created_at", "track_opens", "track_links", "tracking", "change_seq", "revision"),
)


_FOLLOWED: Final = {name: followed(name).label(name) for name in ("track_opens", "track_links")}


def _rows_query() -> Select[Any]:
    return (
        select(
            *(_FOLLOWED.get(name, _mails.c[name]) for name in (*_SHOWN, "audience")),
            _campaigns.c.name.label("campaign"),
            _templates.c.name.label("template"),
            _versions.c.no.label("version_no"),
        )
        .select_from(_mails)
        .join(_campaigns, _campaigns.c.id == _mails.c.campaign_id)
        .join(_templates, _templates.c.id == _mails.c.template_id)
        .outerjoin(_versions, _versions.c.id == _mails.c.version_id)
    )


def _with_figures(session: Session, rows: Sequence[RowMapping]) -> list[MassEmailRow]:
    figures = figures_of(session, [row["id"] for row in rows])
    return [
        MassEmailRow(
            **{name: row[name] for name in (*_SHOWN, "campaign", "template", "version_no")},
            queued=row["audience"]["final"] if row["audience"] else None,
            figures=figures.get(row["id"], Figures()),
            moves=tuple(status for status in MassEmailStatus if may_move(row["status"], status)),
        )
        for row in rows
    ]


def _list_names(session: Session, mass_email_id: int, role: ListRole) -> tuple[ListName, ...]:
    lists, own = table(TargetList), table(MassEmailList)
    rows = session.execute(
        select(lists.c.id, lists.c.name, lists.c.entry_count, lists.c.deleted_at)
        .join(own, own.c.list_id == lists.c.id)
        .where(own.c.mass_email_id == mass_email_id, own.c.role == role)
        .order_by(own.c.position)
    )
    return tuple(ListName(row.id, row.name, row.entry_count, row.deleted_at is not None) for row in rows)
