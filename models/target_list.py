"""The target list: recipients gathered to be mailed, or to be excluded.

What lists of them show is in target_list_page.py, their entries in membership.py."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlmodel import Field, Session, SQLModel

from models.address import CONTROL
from models.catalogue import Problem
from models.column_types import Utc, code_field
from models.errors import Conflict, Invalid, NotFound


class Source(StrEnum):
    """How a recipient came into a list. Stored by place: append only."""

    SELECT = "select"
    IMPORT = "import"
    REPORT = "report"
    LOG = "log"
    MERGE = "merge"
    DEMO = "demo"
    COMMAND = "command"


class TargetList(SQLModel, table=True):
    """`public_name`: what recipients read on their preferences page; "": its name, and only to whom it was mailed to.
    `entry_count` is kept with the memberships; `opted_out_count` with the opt-outs: the addresses that declined the
    list, members or not. Its id outlives it: opt-outs refer to it."""

    __tablename__ = "target_list"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    description: str = ""
    public_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    report_id: int | None = Field(default=None, foreign_key="report.id")
    entry_count: int = 0
    opted_out_count: int = 0
    created_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class Membership(SQLModel, table=True):
    """One recipient in one list."""

    __tablename__ = "membership"
    list_id: int = Field(foreign_key="target_list.id", primary_key=True)
    recipient_id: int = Field(foreign_key="recipient.id", primary_key=True, index=True)
    added_at: datetime = Field(sa_type=Utc)
    source: Source = code_field(Source)


_LINES: Final = dict.fromkeys(map(ord, "\r\n\t"))
_LENGTHS: Final = {"name": 200, "description": 2_000, "public_name": 200}


# --- acts ---


def create_list(session: Session, values: Mapping[str, Any], now: datetime) -> int:
    """The id of a new, empty list. `values`: name, description, public_name. Raises Invalid per field."""
    texts = check_texts(values, _LENGTHS, required="name")
    row = TargetList(name=texts["name"], created_at=now)
    row.description, row.public_name = texts.get("description", ""), texts.get("public_name", "")
    session.add(row)
    session.flush()
    return cast(int, row.id)


def edit_list(session: Session, list_id: int, revision: int, values: Mapping[str, Any]) -> None:
    """Change name, description or public name. Raises NotFound, Conflict, Invalid per field."""
    row = find_live(session, list_id, for_update=True)
    if row.revision != revision:
        raise Conflict("errors.conflict", who=Problem("recipient.somebody"))
    for name, text in check_texts(values, _LENGTHS, required="name" if "name" in values else "").items():
        setattr(row, name, text)
    row.revision += 1
    session.flush()


def find_live(session: Session, list_id: int, *, for_update: bool = False) -> TargetList:
    """The row of a list that is not deleted, fresh; `for_update` holds it to the end. Raises NotFound."""
    row = session.get(TargetList, list_id, with_for_update=for_update or None, populate_existing=True)
    if row is None or row.deleted_at is not None:
        raise NotFound("target_list.not_found")
    return row


def check_texts(values: Mapping[str, Any], lengths: Mapping[str, int], *, required: str = "") -> dict[str, str]:
    """The texts of a form, trimmed. Raises Invalid per field: empty where required, control characters (line breaks
    are allowed in a description), too long."""
    problems: dict[str, Problem] = {}
    texts = {name: str(values[name] or "").strip() for name in lengths if name in values}
    if required and not texts.get(required):
        problems[required] = Problem("errors.required")
    for name, text in texts.items():
        if CONTROL.search(text.translate(_LINES) if name == "description" else text):
            problems[name] = Problem("errors.control_character")
        elif len(text) > lengths[name]:
            problems[name] = Problem("errors.too_long", limit=lengths[name])
    if problems:
        raise Invalid(problems)
    return texts
