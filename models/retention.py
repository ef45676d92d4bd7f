"""Retention: log records and visits past their time go; items, links, consent and every figure stay (D25).

Ids of log records grow with time, so the old ones come first: a page of them is read before anything is locked, and a
page without an old one is the end. Where records are gone, the mass email says from when on its log is whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlmodel import Session

from models import outbound_emails
from models.column_types import table
from models.log_table import LogRecord, Visit
from models.mailing import hold
from models.mass_email import MassEmail

_LOG, _VISIT, _MAIL = table(LogRecord), table(Visit), table(MassEmail)
_FORGOTTEN_TO: Final = "visits_forgotten_to"


@dataclass(frozen=True, slots=True)
class OldRecords:
    """A page of log records from before a moment, by id: `ids`, the mass emails and the visits that they are of."""

    ids: Sequence[int]
    mass_email_ids: Sequence[int]
    visit_ids: Sequence[int]


def old_records(session: Session, before: datetime, limit: int, *, after: int = 0) -> OldRecords:
    """The next log records from before a moment, beyond the id `after`; at most `limit`."""
    columns = (_LOG.c.id, _LOG.c.at, _LOG.c.mass_email_id, _LOG.c.visit_id)
    rows = session.execute(select(*columns).where(_LOG.c.id > after).order_by(_LOG.c.id).limit(limit))
    old = list(takewhile(lambda row: row.at < before, rows))
    visits = [row.visit_id for row in old if row.visit_id is not None]
    return OldRecords([row.id for row in old], sorted({row.mass_email_id for row in old}), visits)


def old_visits(session: Session, before: datetime, limit: int) -> OldRecords:
    """The next log records from before a moment whose visits were not forgotten yet."""
    return old_records(session, before, limit, after=outbound_emails.recall(session, _FORGOTTEN_TO) or 0)


def forget_visits(session: Session, old: OldRecords) -> int:
    """Forget who knocked for these records; how many visits."""
    session.execute(delete(_VISIT).where(_VISIT.c.id.in_(old.visit_ids)))
    outbound_emails.remember(session, _FORGOTTEN_TO, old.ids[-1])
    return len(set(old.visit_ids))


def forget_records(session: Session, old: OldRecords, before: datetime) -> int:
    """Delete these records, with their visits; how many. Their mass emails say that their log is whole from `before`
    on: what counted as a first stays one, and nothing becomes a first again."""
    for mass_email_id in old.mass_email_ids:
        hold(session, mass_email_id)
    kept = _MAIL.c.log_kept_from
    later = (_MAIL.c.id.in_(old.mass_email_ids), or_(kept.is_(None), kept < before))
    session.execute(update(_MAIL).where(*later).values(log_kept_from=before))
    session.execute(delete(_VISIT).where(_VISIT.c.id.in_(old.visit_ids)))
    session.execute(delete(_LOG).where(_LOG.c.id.in_(old.ids)))
    return len(old.ids)
