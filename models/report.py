"""The report: a saved filter over recipients, and what fills a target list (D22)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel

from models.catalogue import Problem
from models.column_types import Utc, table
from models.db import Doors
from models.errors import Conflict, Invalid, NotFound
from models.filter_json import filter_from_json, filter_to_json
from models.membership import Added, add_members
from models.recipient_filter import RecipientFilter
from models.recipient_page import Count, RecipientRow, recipient_page
from models.selection import OnChunk
from models.target_list import Source, TargetList, check_texts, find_live


class Report(SQLModel, table=True):
    """`filter` is a recipient_filter.RecipientFilter as plain JSON."""

    __tablename__ = "report"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    filter: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report as lists and its page show it. `lists`: the target lists filled from it."""

    id: int
    name: str
    filter: RecipientFilter
    lists: tuple[str, ...]
    created_at: datetime
    revision: int


_LENGTHS: Final = {"name": 200}
_reports, _lists = table(Report), table(TargetList)


def create_report(session: Session, values: Mapping[str, Any], now: datetime) -> int:
    """The id of a new report. `values`: name, and filter, a RecipientFilter or its JSON. Raises Invalid per field; what
    is wrong with the filter stands under `filter.` and its place in it."""
    columns = _checked({"filter": {}, **values}, required="name")
    row = Report(name=columns["name"], filter=columns["filter"], created_at=now)
    session.add(row)
    session.flush()
    return cast(int, row.id)


def edit_report(session: Session, report_id: int, revision: int, values: Mapping[str, Any]) -> None:
    """Change its name or filter; lists that it filled stay. Raises NotFound, Conflict, Invalid per field."""
    row = _find(session, report_id)
    if row.revision != revision:
        raise Conflict("errors.conflict", who=Problem("recipient.somebody"))
    for column, value in _checked(values, required="name" if "name" in values else "").items():
        setattr(row, column, value)
    row.revision += 1
    session.flush()


def delete_report(session: Session, report_id: int, now: datetime) -> None:
    """Take a report away; lists that it filled stay. Raises NotFound."""
    row = _find(session, report_id)
    row.deleted_at = now
    row.revision += 1
    session.flush()


def _find(session: Session, report_id: int) -> Report:
    row = session.get(Report, report_id, with_for_update=True, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise NotFound("report.not_found")
    return row


def _checked(values: Mapping[str, Any], *, required: str) -> dict[str, Any]:
    problems: dict[str, Problem] = {}
    columns: dict[str, Any] = {}
    try:
        columns |= check_texts(values, _LENGTHS, required=required)
    except Invalid as error:
        problems |= error.problems
    try:
        if "filter" in values:
            given = values["filter"]
            plain = filter_to_json(given) if isinstance(given, RecipientFilter) else given
            columns["filter"] = filter_to_json(filter_from_json(plain))
    except Invalid as error:
        problems |= {f"filter.{place}".rstrip("."): problem for place, problem in error.problems.items()}
    if problems:
        raise Invalid(problems)
    return columns


def get_report(session: Session, report_id: int) -> ReportRow:
    """One report. Raises NotFound, also for a deleted one."""
    rows = _load(session, _live().where(_reports.c.id == report_id))
    if not rows:
        raise NotFound("report.not_found")
    return rows[0]


def report_page(
    session: Session, text: str = "", sort: str = "name", page: int = 1, size: int = 25
) -> tuple[list[ReportRow], int]:
    """One page of the reports whose name has the text in it, and how many there are. `sort`: name or created, with a
    "-" before it the other way round."""
    chosen = _live()
    if text.strip():
        chosen = chosen.where(_reports.c.name.icontains(text.strip(), autoescape=True))
    total = session.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0
    columns = {"name": sa.func.lower(_reports.c.name), "created": _reports.c.created_at}
    order = [c.desc() if sort.startswith("-") else c for c in (columns[sort.removeprefix("-")], _reports.c.id)]
    return _load(session, chosen.order_by(*order).limit(size).offset((page - 1) * size)), total


def report_choices(session: Session) -> list[tuple[int, str]]:
    """(id, name) of every report by name, to choose from."""
    query = sa.select(_reports.c.id, _reports.c.name).where(_reports.c.deleted_at.is_(None))
    return [(id_, name) for id_, name in session.execute(query.order_by(sa.func.lower(_reports.c.name), _reports.c.id))]


def _live() -> sa.Select[Any]:
    c = _reports.c
    return sa.select(c.id, c.name, c.filter, c.created_at, c.revision).where(c.deleted_at.is_(None))


def _load(session: Session, query: sa.Select[Any]) -> list[ReportRow]:
    rows = session.execute(query).all()
    filled = sa.select(_lists.c.report_id, _lists.c.name).where(
        _lists.c.report_id.in_([row.id for row in rows]), _lists.c.deleted_at.is_(None)
    )
    names: dict[int, list[str]] = {}
    for report_id, name in session.execute(filled.order_by(_lists.c.name)):
        names.setdefault(report_id, []).append(name)
    return [
        ReportRow(
            row.id, row.name, filter_from_json(row.filter), tuple(names.get(row.id, ())), row.created_at, row.revision
        )
        for row in rows
    ]


def preview(session: Session, plain: object, size: int = 10) -> tuple[list[RecipientRow], Count]:
    """The first people whom a filter, as JSON or as it is, would find now and how many. Raises Invalid as create."""
    chosen = plain if isinstance(plain, RecipientFilter) else filter_from_json(plain)
    return recipient_page(session, chosen, "name", 1, size)


def fill_from_report(
    doors: Doors, list_id: int, report_id: int, now: datetime, *, on_chunk: OnChunk | None = None
) -> Added:
    """Add whom the report finds at this moment to a list, once, and note on the list what filled it. Nobody is removed.
    Raises NotFound."""
    with doors.reading() as session:
        chosen = get_report(session, report_id).filter
    added = add_members(doors, list_id, chosen, Source.REPORT, now, on_chunk=on_chunk)
    with doors.unit_of_work() as session:
        find_live(session, list_id, for_update=True).report_id = report_id
    return added
