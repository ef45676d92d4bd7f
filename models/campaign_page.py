"""Campaigns as their list shows them: filtered, sorted, with the figures of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, or_, select
from sqlmodel import Session

from models.campaign import Campaign, CampaignList, CampaignStatus, CampaignType, ListRole
from models.column_types import table
from models.log_table import Action
from models.mass_email import MassEmail
from models.statistics import Counter, Dimension
from models.target_list import TargetList

_CAMPAIGN = table(Campaign)
_LIST = table(CampaignList)
_NAME = table(TargetList)
_MAIL = table(MassEmail)
_COUNTER = table(Counter)

_FIGURES: Final = {
    "sent": Action.SENT,
    "opened": Action.OPENED,
    "clicked": Action.CLICKED,
    "opted_out": Action.OPTED_OUT,
    "bounced": Action.BOUNCED,
}


@dataclass(frozen=True, slots=True)
class CampaignFilter:
    """Which campaigns: every condition that is set must hold. `start` and `end`: its dates overlap these days."""

    text: str = ""
    status: CampaignStatus | None = None
    type: CampaignType | None = None
    list_id: int | None = None
    start: date | None = None
    end: date | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions, on the campaign's own row."""
        c = _CAMPAIGN.c
        found: list[ColumnElement[bool]] = [c.deleted_at.is_(None)]
        if self.text:
            found.append(c.name.icontains(self.text, autoescape=True))
        if self.status is not None:
            found.append(c.status == self.status)
        if self.type is not None:
            found.append(c.type == self.type)
        if self.list_id is not None:
            found.append(c.id.in_(select(_LIST.c.campaign_id).where(_LIST.c.list_id == self.list_id)))
        if self.start is not None:
            found.append(or_(c.end_date >= self.start, and_(c.end_date.is_(None), c.start_date >= self.start)))
        if self.end is not None:
            found.append(c.start_date <= self.end)
        return found


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One line of the list. `sent`: people mailed; what is not tracked or not yet sent is None. `lists`: names."""

    id: int
    name: str
    status: CampaignStatus
    type: CampaignType
    start_date: date | None
    end_date: date | None
    created_at: datetime
    lists: tuple[str, ...] = ()
    sent: int | None = None
    opened: int | None = None
    clicked: int | None = None
    opted_out: int | None = None
    bounced: int | None = None


SORTS: Final = ("name", "status", "type", "start", "created", *_FIGURES)


def campaign_page(
    session: Session, filter_: CampaignFilter, sort: str, page: int, size: int
) -> tuple[list[CampaignRow], int]:
    """(rows of the page, how many in all). `sort`: one of SORTS, "-" before it for downwards; `page` from 1."""
    c = _CAMPAIGN.c
    total = session.scalar(select(func.count()).select_from(_CAMPAIGN).where(*filter_.where())) or 0
    columns = (c.id, c.name, c.status, c.type, c.start_date, c.end_date, c.created_at)
    found = session.execute(
        select(*columns).where(*filter_.where()).order_by(*_order(sort)).limit(size).offset((page - 1) * size)
    ).all()
    ids = [row.id for row in found]
    lists, figures = _list_names(session, ids), _figures(session, ids)
    return [
        CampaignRow(**row._mapping, lists=lists.get(row.id, ()), **_shown(row.type, figures.get(row.id, {})))
        for row in found
    ], total


def count_by_status(session: Session) -> dict[str, int]:
    """How many campaigns have each status; "" is all of them."""
    c = _CAMPAIGN.c
    rows = session.execute(select(c.status, func.count()).where(c.deleted_at.is_(None)).group_by(c.status)).all()
    counts = {status.value: 0 for status in CampaignStatus} | {status.value: number for status, number in rows}
    return {"": sum(counts.values()), **counts}


def campaign_ids(session: Session, filter_: CampaignFilter) -> list[int]:
    """The ids of all campaigns of a filter: what "select all results" means at this moment."""
    return list(session.scalars(select(_CAMPAIGN.c.id).where(*filter_.where())))


@dataclass(frozen=True, slots=True)
class ListChoice:
    """A target list as forms and filters offer it."""

    id: int
    name: str
    entries: int = field(default=0)


def list_choices(session: Session) -> list[ListChoice]:
    """Every target list that is not deleted, by name."""
    c = _NAME.c
    rows = session.execute(select(c.id, c.name, c.entry_count).where(c.deleted_at.is_(None)).order_by(c.name, c.id))
    return [ListChoice(*row) for row in rows]


def _order(sort: str) -> Sequence[ColumnElement[Any]]:
    c, down = _CAMPAIGN.c, sort.startswith("-")
    name = sort.removeprefix("-")
    if name in _FIGURES:
        key: ColumnElement[Any] = _counted(_FIGURES[name])
    else:
        key = {
            "name": func.lower(c.name),
            "status": c.status,
            "type": c.type,
            "start": func.coalesce(c.start_date, c.end_date),
            "created": c.created_at,
        }[name]
    unknown = case((key.is_(None), 1), else_=0)
    return unknown, key.desc() if down else key.asc(), c.id.desc()


def _counted(action: Action) -> ColumnElement[Any]:
    return (
        select(func.sum(_COUNTER.c.firsts))
        .join_from(_MAIL, _COUNTER, _COUNTER.c.mass_email_id == _MAIL.c.id)
        .where(_MAIL.c.campaign_id == _CAMPAIGN.c.id, *_totals(), _COUNTER.c.action == action)
        .scalar_subquery()
    )


def _totals() -> tuple[ColumnElement[bool], ...]:
    return _MAIL.c.deleted_at.is_(None), _COUNTER.c.dimension == Dimension.TOTAL, _COUNTER.c.human


def _figures(session: Session, ids: Sequence[int]) -> dict[int, dict[Action, int]]:
    statement: Select[Any] = (
        select(_MAIL.c.campaign_id, _COUNTER.c.action, cast(func.sum(_COUNTER.c.firsts), Integer))
        .join_from(_MAIL, _COUNTER, _COUNTER.c.mass_email_id == _MAIL.c.id)
        .where(_MAIL.c.campaign_id.in_(ids), *_totals())
        .group_by(_MAIL.c.campaign_id, _COUNTER.c.action)
    )
    found: dict[int, dict[Action, int]] = {}
    for campaign_id, action, number in session.execute(statement):
        found.setdefault(campaign_id, {})[action] = number
    return found


def _shown(kind: CampaignType, figures: dict[Action, int]) -> dict[str, Any]:
    """Nothing sent: nothing known. An informational email is not tracked: what people did is unknown, never 0 (D6)."""
    if not (sent := figures.get(Action.SENT)):
        return {}
    tracked = {name: figures.get(action, 0) for name, action in _FIGURES.items() if name != "sent"}
    if kind is CampaignType.INFORMATIONAL:
        return {"sent": sent, "bounced": tracked["bounced"]}
    return {"sent": sent, **tracked}


def _list_names(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    statement = (
        select(_LIST.c.campaign_id, _NAME.c.name)
        .join_from(_LIST, _NAME, _NAME.c.id == _LIST.c.list_id)
        .where(_LIST.c.campaign_id.in_(ids), _LIST.c.role == ListRole.TARGET)
        .order_by(_LIST.c.campaign_id, _LIST.c.position)
    )
    found: dict[int, tuple[str, ...]] = {}
    for campaign_id, name in session.execute(statement):
        found[campaign_id] = (*found.get(campaign_id, ()), name)
    return found
