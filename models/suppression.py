"""The suppression: an address that is not mailed, for which reason, on what evidence, until when (D2, D19, D25)."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel

from models.audit import Audit
from models.column_types import Utc, code_field, count_changed, table
from models.db import insert_new
from models.errors import Refused


class SuppressionReason(StrEnum):
    """Why an address is not mailed. Stored by place: append only. ERASED: its person asked to be erased (D25)."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    SOFT_BOUNCES = "soft_bounces"
    INVALID = "invalid"
    MANUAL = "manual"
    ERASED = "erased"


class Suppression(SQLModel, table=True):
    """An address that is not mailed, with the reason and its evidence. `until` None: for good.

    It counts as long as the row is there: release_ended() takes away those whose `until` has passed."""

    __tablename__ = "suppression"
    __table_args__ = (sa.Index("ix_suppression_since", "since", "address_id"),)
    address_id: int = Field(primary_key=True)
    reason: SuppressionReason = code_field(SuppressionReason, primary_key=True)
    since: datetime = Field(sa_type=Utc)
    until: datetime | None = Field(default=None, sa_type=Utc)
    evidence: str = ""


_RELEASED: Final = "suppression.released"
"""The act in the audit trail."""
_ROWS: Final = table(Suppression)
_row = _ROWS.c


def suppress(
    session: Session,
    address_id: int,
    reason: SuppressionReason,
    now: datetime,
    *,
    until: datetime | None = None,
    evidence: str = "",
) -> bool:
    """Mail the address no more; True when it was not suppressed for this reason. Do it in a durable unit of work.

    Again for the same reason: `since` stays, the newer end and evidence hold.
    """
    values = {"address_id": address_id, "reason": reason, "since": now, "until": until, "evidence": evidence}
    result = session.execute(insert_new(session, _ROWS).values(values))
    if result.rowcount:  # type: ignore[attr-defined]  # a CursorResult, typed as Result
        return True
    held = sa.update(_ROWS).where(_row.address_id == address_id, _row.reason == reason)
    session.execute(held.values(until=until, evidence=evidence))
    return False


def release(session: Session, address_id: int, reason: SuppressionReason, now: datetime, by: str) -> bool:
    """Take one reason away, audited; False when it was not there. Other reasons go on, and so does every opt-out. Do it
    in a durable unit of work. Raises Refused for an address that was erased on request: nobody mails that person."""
    if reason is SuppressionReason.ERASED:
        raise Refused("suppressions.erased_stays")
    return release_all(session, [key_of(address_id, reason)], now, by) > 0


def release_all(session: Session, keys: Collection[int], now: datetime, by: str) -> int:
    """Take away the suppressions of these keys, each with its line in the audit trail; how many. Those that are gone,
    and erased addresses, are passed over."""
    chosen = (among_keys(keys), _row.reason != SuppressionReason.ERASED)
    gone = session.execute(sa.delete(_ROWS).where(*chosen).returning(_row.address_id, _row.reason)).all()
    if gone:
        session.execute(sa.insert(table(Audit)), [_released(row, now, by) for row in gone])
    return len(gone)


def _released(row: sa.Row[Any], now: datetime, by: str) -> dict[str, Any]:
    what = {"at": now, "by": by, "act": _RELEASED, "noun": "address", "noun_id": row.address_id}
    return {**what, "detail": {"reason": str(row.reason)}}


def last_release(session: Session, address_id: int) -> datetime | None:
    """When somebody said last, by releasing it, that an address can be mailed again; None: nobody did."""
    moment: datetime | None = session.scalar(sa.select(sa.func.max(table(Audit).c.at)).where(is_release(address_id)))
    return moment


def is_release(address_id: int | None) -> sa.ColumnElement[bool]:
    """The condition that a line of the audit trail is a release of this address."""
    trail = table(Audit).c
    return sa.and_(trail.act == _RELEASED, trail.noun == "address", trail.noun_id == address_id)


def release_ended(session: Session, now: datetime, limit: int = 500) -> int:
    """Take away suppressions whose end has come, at most `limit`; how many. Clean Up does so until none is left."""
    ended = list(session.scalars(sa.select(KEY).where(_row.until <= now).limit(limit)))
    return count_changed(session, sa.delete(_ROWS).where(among_keys(ended)))


# A suppression is known by its address and its reason; lists choose rows by one number.

_REASONS: Final = list(SuppressionReason)
_ROOM: Final = 16
KEY: Final = _row.address_id * _ROOM + sa.type_coerce(_row.reason, sa.Integer)
"""The key of a row, in a statement."""


def key_of(address_id: int, reason: SuppressionReason) -> int:
    """The one number that stands for a suppression."""
    return address_id * _ROOM + _REASONS.index(reason) + 1


def among_keys(keys: Collection[int]) -> sa.ColumnElement[bool]:
    """The condition that a row has one of these keys; it is found by its address, which has the index."""
    return sa.and_(_row.address_id.in_({key // _ROOM for key in keys}), KEY.in_(keys))


def read_key(key: int) -> tuple[int, SuppressionReason | None]:
    """(address id, reason) of a key; no reason for a number that is none."""
    address_id, code = divmod(key, _ROOM)
    return address_id, _REASONS[code - 1] if 0 < code <= len(_REASONS) else None
