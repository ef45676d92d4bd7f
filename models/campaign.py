"""The campaign: gathers mass emails, lists and tracking URLs (D4). What lists of them show is in campaign_page.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Field, Session, SQLModel

from models import audit
from models.audit import COMMAND
from models.catalogue import Problem
from models.column_types import Utc, code_field, table
from models.errors import Conflict, Invalid, NotFound, Refused
from models.queue_table import ItemState, QueueItem
from models.target_list import TargetList, check_texts


class CampaignType(StrEnum):
    """Only the first three can have mass emails. Stored by place: append only."""

    EMAIL = "email"
    NEWSLETTER = "newsletter"
    INFORMATIONAL = "informational"
    WEB = "web"
    TELEVISION = "television"
    RADIO = "radio"
    MAIL = "mail"


class CampaignStatus(StrEnum):
    """Inactive stops queueing and sending; the others are a note to people. Stored by place: append only."""

    PLANNING = "planning"
    ACTIVE = "active"
    INACTIVE = "inactive"
    COMPLETE = "complete"


class ListRole(StrEnum):
    """Whether a list is mailed or kept out. Stored by place: append only."""

    TARGET = "target"
    EXCLUDED = "excluded"


class Campaign(SQLModel, table=True):
    """`budget` in whole cents of the installation's currency."""

    __tablename__ = "campaign"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    type: CampaignType = code_field(CampaignType)
    status: CampaignStatus = code_field(CampaignStatus)
    start_date: date | None = None
    end_date: date | None = None
    budget: int | None = None
    description: str = ""
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class CampaignList(SQLModel, table=True):
    """A list of a campaign; its mass emails copy them at creation."""

    __tablename__ = "campaign_list"
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    list_id: int = Field(foreign_key="target_list.id", primary_key=True)
    role: ListRole = code_field(ListRole, primary_key=True)
    position: int


MAILING: Final = (CampaignType.EMAIL, CampaignType.NEWSLETTER, CampaignType.INFORMATIONAL)
"""The types that can have mass emails."""

_LENGTHS: Final = {"name": 200, "description": 5_000}
_MOST_BUDGET: Final = 10**13
_ROWS = table(Campaign)
_LISTS = table(CampaignList)


@dataclass(frozen=True, slots=True)
class CampaignDetail:
    """A campaign with its lists, each (id, name) in order. `mass_emails`: how many it has, deleted ones left out."""

    id: int
    name: str
    type: CampaignType
    status: CampaignStatus
    start_date: date | None
    end_date: date | None
    budget: int | None
    description: str
    created_at: datetime
    revision: int
    lists: tuple[tuple[int, str], ...]
    excluded: tuple[tuple[int, str], ...]
    mass_emails: int

    @property
    def can_mail(self) -> bool:
        """Whether its type can have mass emails."""
        return self.type in MAILING


@dataclass(frozen=True, slots=True)
class Going:
    """What goes with deleted campaigns: mass emails with their figures, tracking URLs; people were mailed by them."""

    campaigns: int
    mass_emails: int
    people: int


def create_campaign(session: Session, values: Mapping[str, Any], now: datetime, by: str = COMMAND) -> int:
    """The id of a new campaign.

    `values`: name, type, status, start_date, end_date, budget (cents), description, lists and excluded (ids, in order).
    Raises Invalid per field.
    """
    checked, lists = _checked(session, values, {})
    row = Campaign(created_at=now, **checked)
    session.add(row)
    session.flush()
    campaign_id = cast(int, row.id)
    _write_lists(session, campaign_id, lists)
    audit.note(session, now, by, "campaign.created", "campaign", campaign_id, name=row.name)
    return campaign_id


def edit_campaign(
    session: Session, campaign_id: int, revision: int, values: Mapping[str, Any], now: datetime, by: str = COMMAND
) -> None:
    """Change what `values` names, as create_campaign's. Its mass emails keep the lists they were made with.

    Raises NotFound, Conflict when somebody saved after `revision`, Invalid per field: the type is fixed once it has a
    mass email.
    """
    row = _live(session, campaign_id, for_update=True)
    if row.revision != revision:
        raise Conflict("errors.conflict", who=_last_editor(session, campaign_id))
    stored = {"type": row.type, "start_date": row.start_date, "end_date": row.end_date}
    checked, lists = _checked(session, values, stored)
    if checked.get("type", row.type) != row.type and _count_mass_emails(session, campaign_id):
        raise Invalid({"type": Problem("campaigns.type_fixed")})
    changed = [name for name, value in checked.items() if getattr(row, name) != value]
    for name, value in checked.items():
        setattr(row, name, value)
    row.revision += 1
    _write_lists(session, campaign_id, lists)
    audit.note(session, now, by, "campaign.edited", "campaign", campaign_id, changed=changed)


def set_campaign_status(
    session: Session, campaign_ids: Sequence[int], status: CampaignStatus, now: datetime, by: str = COMMAND
) -> int:
    """How many campaigns got another status; those that have it or are deleted are left as they are."""
    where = _ROWS.c.id.in_(campaign_ids), _ROWS.c.deleted_at.is_(None), _ROWS.c.status != status
    changed = list(session.scalars(select(_ROWS.c.id).where(*where)))
    session.execute(update(_ROWS).where(_ROWS.c.id.in_(changed)).values(status=status, revision=_ROWS.c.revision + 1))
    for campaign_id in changed:
        audit.note(session, now, by, "campaign.edited", "campaign", campaign_id, changed=["status"])
    return len(changed)


def going_with(session: Session, campaign_ids: Sequence[int]) -> Going:
    """What would go with these campaigns: said before they are deleted."""
    from models.mass_email import MassEmail  # it imports this module for its own table

    mails, items = table(MassEmail).c, table(QueueItem).c
    alive = select(func.count()).where(_ROWS.c.id.in_(campaign_ids), _ROWS.c.deleted_at.is_(None))
    of_them = mails.campaign_id.in_(campaign_ids), mails.deleted_at.is_(None)
    people = select(func.count()).where(
        items.mass_email_id.in_(select(mails.id).where(*of_them)), items.state == ItemState.SENT
    )
    return Going(
        session.scalar(alive) or 0,
        session.scalar(select(func.count()).where(*of_them)) or 0,
        session.scalar(people) or 0,
    )


def delete_campaigns(session: Session, campaign_ids: Sequence[int], now: datetime, by: str = COMMAND) -> int:
    """How many campaigns were deleted. They leave the lists; queue, log and links stay: links in mail keep working.

    Raises Refused while one of them has a mass email in process or paused.
    """
    from models.mass_email import MassEmail, MassEmailStatus

    mails = table(MassEmail).c
    busy = select(func.count()).where(
        mails.campaign_id.in_(campaign_ids),
        mails.deleted_at.is_(None),
        mails.status.in_([MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED]),
    )
    if count := session.scalar(busy):
        raise Refused("campaigns.still_sending", count=count)
    alive = list(session.scalars(select(_ROWS.c.id).where(_ROWS.c.id.in_(campaign_ids), _ROWS.c.deleted_at.is_(None))))
    session.execute(update(_ROWS).where(_ROWS.c.id.in_(alive)).values(deleted_at=now))
    session.execute(
        update(table(MassEmail)).where(mails.campaign_id.in_(alive), mails.deleted_at.is_(None)).values(deleted_at=now)
    )
    for campaign_id in alive:
        audit.note(session, now, by, "campaign.deleted", "campaign", campaign_id)
    return len(alive)


def get_campaign(session: Session, campaign_id: int) -> CampaignDetail:
    """A campaign as its page and form show it. Raises NotFound, also for a deleted one."""
    row = _live(session, campaign_id)
    names = table(TargetList).c
    chosen = session.execute(
        select(_LISTS.c.role, names.id, names.name)
        .join_from(_LISTS, table(TargetList), names.id == _LISTS.c.list_id)
        .where(_LISTS.c.campaign_id == campaign_id)
        .order_by(_LISTS.c.position)
    ).all()
    lists = {role: tuple((i, name) for held, i, name in chosen if held == role) for role in ListRole}
    return CampaignDetail(
        **{name: getattr(row, name) for name in _DETAIL},
        lists=lists[ListRole.TARGET],
        excluded=lists[ListRole.EXCLUDED],
        mass_emails=_count_mass_emails(session, campaign_id),
    )


_DETAIL: Final = (
    "id", "name", "type", "status", "start_date", "end_date", "budget", "description", "created_at", "revision",
)  # fmt: skip


def _live(session: Session, campaign_id: int, *, for_update: bool = False) -> Campaign:
    row = session.get(Campaign, campaign_id, with_for_update=for_update or None, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise NotFound("campaigns.not_found")
    return row


def _last_editor(session: Session, campaign_id: int) -> str | Problem:
    trail = table(audit.Audit).c
    last = select(trail.by).where(trail.noun == "campaign", trail.noun_id == campaign_id).order_by(trail.id.desc())
    return session.scalar(last.limit(1)) or Problem("ui.somebody")


def _count_mass_emails(session: Session, campaign_id: int) -> int:
    from models.mass_email import MassEmail

    mails = table(MassEmail).c
    return session.scalar(select(func.count()).where(mails.campaign_id == campaign_id, mails.deleted_at.is_(None))) or 0


def _checked(
    session: Session, values: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[ListRole, list[int]]]:
    """The columns and the lists that `values` name. Raises Invalid with every problem at once."""
    problems: dict[str, Problem] = {}
    columns: dict[str, Any] = {}
    try:
        columns.update(check_texts(values, _LENGTHS, required="name" if "name" in values or not stored else ""))
    except Invalid as invalid:
        problems.update(invalid.problems)
    for name, kind in (("type", CampaignType), ("status", CampaignStatus)):
        if name in values or not stored:
            try:
                columns[name] = kind(values.get(name) or "")
            except ValueError:
                problems[name] = Problem("errors.required")
    for name in ("start_date", "end_date", "budget"):
        if name in values:
            columns[name] = values[name]
    start, end = (columns.get(name, stored.get(name)) for name in ("start_date", "end_date"))
    if start and end and end < start:
        problems["end_date"] = Problem("campaigns.end_before_start")
    if (budget := columns.get("budget")) is not None and not 0 <= budget <= _MOST_BUDGET:
        problems["budget"] = Problem("errors.at_least", least=0)
    lists = _checked_lists(session, values, problems)
    if problems:
        raise Invalid(problems)
    return columns, lists


def _checked_lists(
    session: Session, values: Mapping[str, Any], problems: dict[str, Problem]
) -> dict[ListRole, list[int]]:
    lists = {
        role: list(dict.fromkeys(values[name]))
        for role, name in ((ListRole.TARGET, "lists"), (ListRole.EXCLUDED, "excluded"))
        if name in values
    }
    names = table(TargetList).c
    asked = {list_id for ids in lists.values() for list_id in ids}
    known = (
        set(session.scalars(select(names.id).where(names.id.in_(asked), names.deleted_at.is_(None))))
        if asked
        else set()
    )
    for role, ids in lists.items():
        if not known.issuperset(ids):
            problems["lists" if role == ListRole.TARGET else "excluded"] = Problem("campaigns.list_gone")
    if set(lists.get(ListRole.TARGET, ())) & set(lists.get(ListRole.EXCLUDED, ())):
        problems["excluded"] = Problem("campaigns.list_both")
    return lists


def _write_lists(session: Session, campaign_id: int, lists: Mapping[ListRole, Sequence[int]]) -> None:
    for role, ids in lists.items():
        session.execute(delete(_LISTS).where(_LISTS.c.campaign_id == campaign_id, _LISTS.c.role == role))
        if ids:
            session.execute(
                insert(_LISTS),
                [
                    {"campaign_id": campaign_id, "list_id": list_id, "role": role, "position": position}
                    for position, list_id in enumerate(ids)
                ],
            )
