"""The target lists as lists and pages show them; and their deletion, which must know who uses them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models.campaign import Campaign, CampaignList
from models.column_types import table
from models.errors import NotFound, Refused
from models.mass_email import MassEmail, MassEmailList, MassEmailStatus
from models.report import Report
from models.target_list import TargetList, find_live

_lists = table(TargetList)


@dataclass(frozen=True, slots=True)
class TargetListRow:
    """A list as a list of them shows it. `campaigns`: how many use it; `report`: what filled it, or "";
    `public_name`: what recipients read on their preferences page, "" none of its own."""

    id: int
    name: str
    description: str
    entry_count: int
    opted_out_count: int
    campaigns: int
    report_id: int | None
    report: str
    created_at: datetime
    revision: int
    public_name: str


def list_page(
    session: Session, text: str = "", sort: str = "name", page: int = 1, size: int = 25
) -> tuple[list[TargetListRow], int]:
    """One page of the lists whose name has the text in it, and how many there are. `sort`: name, entries, opted_out,
    campaigns or created, with a "-" before it the other way round; KeyError for another."""
    live: list[sa.ColumnElement[bool]] = [_lists.c.deleted_at.is_(None)]
    if text.strip():
        live.append(_lists.c.name.icontains(text.strip(), autoescape=True))
    total = session.scalar(sa.select(sa.func.count()).select_from(_lists).where(*live)) or 0
    query = _rows().where(*live).order_by(*_order(sort)).limit(size).offset((page - 1) * size)
    return [TargetListRow(*row) for row in session.execute(query)], total


def get_list(session: Session, list_id: int) -> TargetListRow:
    """One list. Raises NotFound, also for a deleted one."""
    row = session.execute(_rows().where(_lists.c.id == list_id, _lists.c.deleted_at.is_(None))).first()
    if row is None:
        raise NotFound("target_list.not_found")
    return TargetListRow(*row)


def find_by_name(session: Session, name: str) -> int | None:
    """The id of the list of exactly this name, the oldest of several; None: there is none."""
    query = sa.select(sa.func.min(_lists.c.id)).where(_lists.c.name == name, _lists.c.deleted_at.is_(None))
    found: int | None = session.scalar(query)
    return found


def ids_by_name(session: Session, names: Sequence[str]) -> list[int]:
    """The ids of the lists of these names, in their order. Raises NotFound naming the first that is not there."""
    ids = []
    for name in names:
        found = find_by_name(session, name)
        if found is None:
            raise NotFound("target_list.no_name", name=name)
        ids.append(found)
    return ids


def list_choices(session: Session) -> list[tuple[int, str, int]]:
    """(id, name, entries) of every list by name, to choose from."""
    query = sa.select(_lists.c.id, _lists.c.name, _lists.c.entry_count).where(_lists.c.deleted_at.is_(None))
    return [(id_, name, entries) for id_, name, entries in session.execute(query.order_by(*_order("name")))]


def _rows() -> sa.Select[Any]:
    c, report = _lists.c, table(Report)
    return sa.select(
        *(c.id, c.name, c.description, c.entry_count, c.opted_out_count, _campaigns()),
        *(c.report_id, sa.func.coalesce(report.c.name, ""), c.created_at, c.revision, c.public_name),
    ).select_from(_lists.outerjoin(report, sa.and_(report.c.id == c.report_id, report.c.deleted_at.is_(None))))


def _campaigns() -> sa.ScalarSelect[int]:
    uses, campaign = table(CampaignList), table(Campaign)
    number = sa.select(sa.func.count(uses.c.campaign_id.distinct())).join_from(
        uses, campaign, sa.and_(campaign.c.id == uses.c.campaign_id, campaign.c.deleted_at.is_(None))
    )
    return number.where(uses.c.list_id == _lists.c.id).correlate(_lists).scalar_subquery()


def _order(sort: str) -> list[sa.ColumnElement[Any]]:
    c = _lists.c
    columns: dict[str, sa.ColumnElement[Any]] = {
        "name": sa.func.lower(c.name),
        "entries": c.entry_count,
        "opted_out": c.opted_out_count,
        "campaigns": _campaigns(),
        "created": c.created_at,
    }
    chosen = (columns[sort.removeprefix("-")], c.id)
    return [column.desc() if sort.startswith("-") else column for column in chosen]


# --- deletion ---


@dataclass(frozen=True, slots=True)
class UsingMassEmail:
    """A mass email that has the list. `still_chooses`: it is to start, or is being queued, and needs the list."""

    id: int
    name: str
    status: MassEmailStatus
    still_chooses: bool


@dataclass(frozen=True, slots=True)
class GoesWith:
    """What a deletion takes along, for the confirmation: entries end, opt-outs stay, these use the list."""

    entries: int
    opted_out: int
    campaigns: Sequence[str]
    mass_emails: Sequence[UsingMassEmail]


def goes_with(session: Session, list_id: int) -> GoesWith:
    """What goes with the deletion of a list. Raises NotFound."""
    row = find_live(session, list_id)
    campaign, uses = table(Campaign), table(CampaignList)
    names = (
        sa.select(campaign.c.name)
        .distinct()
        .join_from(campaign, uses, uses.c.campaign_id == campaign.c.id)
        .where(uses.c.list_id == list_id, campaign.c.deleted_at.is_(None))
        .order_by(campaign.c.name)
    )
    return GoesWith(row.entry_count, row.opted_out_count, list(session.scalars(names)), _mass_emails(session, list_id))


def _mass_emails(session: Session, list_id: int) -> list[UsingMassEmail]:
    mail, uses = table(MassEmail), table(MassEmailList)
    waits = {MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED}
    query = (
        sa.select(mail.c.id, mail.c.name, mail.c.status, mail.c.queue_done_at)
        .distinct()
        .join_from(mail, uses, uses.c.mass_email_id == mail.c.id)
        .where(uses.c.list_id == list_id, mail.c.deleted_at.is_(None))
        .order_by(mail.c.name, mail.c.id)
    )
    return [
        UsingMassEmail(id_, name, status, done_at is None and status in waits)
        for id_, name, status, done_at in session.execute(query)
    ]


def delete_list(session: Session, list_id: int, now: datetime) -> None:
    """Take a list away from people's eyes; its opt-outs stay (D3). Raises NotFound, and Refused while a mass email
    still has to choose its people from it: fewer would be mailed unseen, or the excluded would be."""
    row = find_live(session, list_id, for_update=True)
    if waiting := [mail.name for mail in _mass_emails(session, list_id) if mail.still_chooses]:
        raise Refused("target_list.in_use", names=", ".join(waiting[:3]))
    row.deleted_at = now
    row.revision += 1
    session.flush()
