"""Undo: a mass email whose queue is built goes back to Draft, as long as no message of it has begun.

Nobody has heard of its queue then, so it goes: the only items that are ever deleted. What a crash leaves of it is taken
up, or away, when the queue is built again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Table, delete, select
from sqlmodel import Session

from models import db
from models.column_types import table
from models.mailing import hold
from models.mass_email import LeftOut, MassEmail, MassEmailStatus, move
from models.queue_count import QueueCounts
from models.queue_table import QueueItem

_MAIL, _ITEM, _LEFT = table(MassEmail), table(QueueItem), table(LeftOut)

CHUNK: Final = 500
"""Rows that one unit of work deletes: about 20 ms of SQLite's write lock (D23)."""


def undo(doors: db.Doors, mass_email_id: int, now: datetime, by: str) -> int:
    """Back to Draft before the first message; gives how many people leave the queue. Raises as mass_email.move() does:
    Refused once something has begun."""
    with doors.unit_of_work() as session:
        move(session, mass_email_id, MassEmailStatus.DRAFT, now, by)
    return clear_queue(doors, mass_email_id)


def clear_queue(doors: db.Doors, mass_email_id: int) -> int:
    """How many people left the queue of a Draft; who was left out goes too. Stops when it is started again: then its
    queue is the builder's."""
    with doors.reading() as session:
        fence = session.scalar(select(_MAIL.c.queue_fence).where(_MAIL.c.id == mass_email_id)) or 0
    people = _delete(doors, mass_email_id, fence, _ITEM, _ITEM.c.id)
    _delete(doors, mass_email_id, fence, _LEFT, _LEFT.c.recipient_id)
    return people


def _delete(doors: db.Doors, mass_email_id: int, fence: int, rows: Table, key: Column[int]) -> int:
    mine = rows.c.mass_email_id == mass_email_id
    total = 0
    while True:
        with doors.unit_of_work() as session:
            ids: Sequence[int] = []
            if _is_still_draft(session, mass_email_id, fence):
                ids = session.scalars(select(key).where(mine).order_by(key).limit(CHUNK)).all()
                session.execute(delete(rows).where(mine, key.in_(ids)))
        if not ids:
            return total
        total += len(ids)


def _is_still_draft(session: Session, mass_email_id: int, fence: int) -> bool:
    hold(session, mass_email_id)
    same = (_MAIL.c.id == mass_email_id, _MAIL.c.status == MassEmailStatus.DRAFT, _MAIL.c.queue_fence == fence)
    return session.scalar(select(_MAIL.c.id).where(*same)) is not None


def may_undo(status: MassEmailStatus, counts: QueueCounts, portions_done: int) -> bool:
    """Whether a page offers it: the act itself looks closer."""
    running = status in {MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED}
    return running and portions_done == 0 and counts.waiting == counts.queued > 0
