"""The domain pause: a domain that answered "later" rests for a while, the others go on (D10).

A 421 or 4.7.x that speaks of one receiving domain is neither the recipient's fault nor the account's: nothing is handed
to that domain by that account until the pause is over, and then one message tries (domain_limit.domain_allowance).
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models import db
from models.column_types import Utc, count_changed, table


class DomainPause(SQLModel, table=True):
    """A domain that an account leaves alone until `until`. `times`: pauses in a row; `reply`: the server's words. The
    row goes when the domain takes a message again."""

    __tablename__ = "domain_pause"
    smtp_account_id: int = Field(primary_key=True)
    domain_id: int = Field(primary_key=True)
    until: datetime = Field(sa_type=Utc)
    times: int
    reply: str = ""


WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""How long a domain is left alone: the first time, the second in a row, …; the last from then on."""
REPLY_LENGTH: Final = 200

_PAUSE: Final = table(DomainPause)


def pause_domain(
    session: Session, account_id: int, domain_id: int, now: datetime, reply: str, *, jitter: float = 1.0
) -> datetime:
    """Leave a domain alone until the moment given back; each pause in a row is longer. `jitter`, 0.8 to 1.2, stretches
    it, so that domains do not come back together.

    While it is paused already nothing changes: messages that were on their way together tell of one trouble.
    """
    mine = (_PAUSE.c.smtp_account_id == account_id, _PAUSE.c.domain_id == domain_id)
    found = session.execute(select(_PAUSE.c.until, _PAUSE.c.times).where(*mine)).first()
    until: datetime | None = found.until if found else None
    if until is not None and until > now:
        return until
    times = found.times if found else 0
    until = now + WAITS[min(times, len(WAITS) - 1)] * jitter
    added = (sqlite if db.is_sqlite(session) else postgresql).insert(_PAUSE)
    values = {"until": until, "times": times + 1, "reply": reply[:REPLY_LENGTH]}
    upsert = added.on_conflict_do_update(index_elements=list(_PAUSE.primary_key), set_=values)
    session.execute(upsert.values(smtp_account_id=account_id, domain_id=domain_id, **values))
    return until


def clear(session: Session, account_id: int, domain_id: int) -> bool:
    """The domain takes mail again. Whether it had been paused."""
    mine = (_PAUSE.c.smtp_account_id == account_id, _PAUSE.c.domain_id == domain_id)
    return bool(count_changed(session, delete(_PAUSE).where(*mine)))


def pauses(session: Session, account_id: int) -> dict[int, datetime]:
    """Until when each domain is left alone by an account, by domain id; a moment that has passed: it is being tried
    again, so whoever delivers to it clears it. Most of the time {}."""
    rows = select(_PAUSE.c.domain_id, _PAUSE.c.until).where(_PAUSE.c.smtp_account_id == account_id)
    return {row.domain_id: row.until for row in session.execute(rows)}
