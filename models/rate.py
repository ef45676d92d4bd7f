"""The rate: messages charged to an SMTP account, in buckets of ten seconds; a restart loses none (D9).

A message is charged when MAIL FROM is accepted, tests included. Of a rolling hour the bucket that is leaving still
counts whole: never above a limit, at most one bucket below it. The same buckets are kept per domain that is mailed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Table, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models import db
from models.column_types import table

BUCKET_SECONDS: Final = 10
HOUR: Final = 3600
MINUTE: Final = 60
_KEPT: Final = 2 * HOUR


class RateBucket(SQLModel, table=True):
    """Messages charged to an account in ten seconds. `bucket`: seconds since 1970 // 10."""

    __tablename__ = "rate_bucket"
    smtp_account_id: int = Field(primary_key=True)
    bucket: int = Field(primary_key=True)
    n: int


class DomainBucket(SQLModel, table=True):
    """The same for one domain that an account mails to; written only while a limit per domain is set."""

    __tablename__ = "domain_bucket"
    smtp_account_id: int = Field(primary_key=True)
    bucket: int = Field(primary_key=True)
    domain_id: int = Field(primary_key=True)
    n: int


_BUCKET: Final = table(RateBucket)
_DOMAIN: Final = table(DomainBucket)

Usage = Mapping[int, int]
"""Messages charged by bucket."""


def charge(session: Session, account_id: int, n: int, now: datetime) -> None:
    """Count n messages against the limits of an SMTP account; a negative n gives back what was charged at `now`.
    Buckets that no limit looks at any more go."""
    _add(session, _BUCKET, [{"smtp_account_id": account_id, "bucket": bucket_of(now), "n": n}])
    _forget(session, _BUCKET, account_id, now)


def charge_domains(session: Session, account_id: int, messages: Mapping[int, int], now: datetime) -> None:
    """Count messages against the limits of an account per domain: how many by domain id; negative ones are given back.
    Costs nothing and keeps nothing when `messages` is empty."""
    bucket = bucket_of(now)
    rows = [
        {"smtp_account_id": account_id, "bucket": bucket, "domain_id": domain_id, "n": n}
        for domain_id, n in sorted(messages.items())  # one order, so that two writers never deadlock
        if n
    ]
    if rows:
        _add(session, _DOMAIN, rows)
        _forget(session, _DOMAIN, account_id, now)


def _add(session: Session, buckets: Table, rows: list[dict[str, Any]]) -> None:
    added = (sqlite if db.is_sqlite(session) else postgresql).insert(buckets)
    sums = {"n": buckets.c.n + added.excluded.n}
    upsert = added.on_conflict_do_update(index_elements=list(buckets.primary_key), set_=sums)
    session.connection().execute(upsert, rows)


def _forget(session: Session, buckets: Table, account_id: int, now: datetime) -> None:
    old = bucket_of(now) - _KEPT // BUCKET_SECONDS
    session.execute(delete(buckets).where(buckets.c.smtp_account_id == account_id, buckets.c.bucket < old))


def bucket_of(moment: datetime) -> int:
    """The bucket that a moment falls into."""
    return int(moment.timestamp()) // BUCKET_SECONDS


def usage(session: Session, account_id: int, now: datetime) -> dict[int, int]:
    """The buckets of an account that count in the hour before `now`."""
    rows = select(_BUCKET.c.bucket, _BUCKET.c.n).where(
        _BUCKET.c.smtp_account_id == account_id, _BUCKET.c.bucket >= oldest_bucket(now, HOUR)
    )
    return {row.bucket: row.n for row in session.execute(rows)}


def used_now(session: Session, account_id: int, now: datetime) -> tuple[int, int]:
    """How many messages of an account count in the hour and in the minute before `now`."""
    since = {"hour": oldest_bucket(now, HOUR), "minute": oldest_bucket(now, MINUTE)}
    row = session.execute(_USED_NOW, {"account": account_id, **since}).one()
    return int(row[0] or 0), int(row[1] or 0)


_USED_NOW: Final = select(
    func.sum(_BUCKET.c.n), func.sum(case((_BUCKET.c.bucket >= bindparam("minute"), _BUCKET.c.n), else_=0))
).where(_BUCKET.c.smtp_account_id == bindparam("account"), _BUCKET.c.bucket >= bindparam("hour"))


def domains_used(session: Session, account_id: int, now: datetime, window: int) -> dict[int, int]:
    """How many messages count per domain in the `window` seconds before `now`; who got none is not in it."""
    n = func.sum(_DOMAIN.c.n).label("n")
    rows = select(_DOMAIN.c.domain_id, n).where(
        _DOMAIN.c.smtp_account_id == account_id, _DOMAIN.c.bucket >= oldest_bucket(now, window)
    )
    return {row.domain_id: int(row.n) for row in session.execute(rows.group_by(_DOMAIN.c.domain_id))}


def domain_usage(session: Session, account_id: int, now: datetime) -> dict[int, dict[int, int]]:
    """The buckets of every domain that count in the hour before `now`, by domain id."""
    rows = select(_DOMAIN).where(_DOMAIN.c.smtp_account_id == account_id, _DOMAIN.c.bucket >= oldest_bucket(now, HOUR))
    found: dict[int, dict[int, int]] = {}
    for row in session.execute(rows):
        found.setdefault(row.domain_id, {})[row.bucket] = row.n
    return found


def used(buckets: Usage, now: datetime, window: int = HOUR) -> int:
    """How many messages count in the `window` seconds before `now`."""
    oldest = oldest_bucket(now, window)
    return sum(n for bucket, n in buckets.items() if bucket >= oldest)


def free_at(buckets: Usage, limit: int, now: datetime, window: int = HOUR) -> datetime:
    """When the limit allows another message: `now`, or the moment enough buckets have left the window."""
    left = used(buckets, now, window)
    for bucket in sorted(bucket for bucket in buckets if bucket >= oldest_bucket(now, window)):
        if left < limit:
            break
        left -= buckets[bucket]
        now = datetime.fromtimestamp((bucket + 1) * BUCKET_SECONDS + window, UTC)
    return now


def oldest_bucket(now: datetime, window: int) -> int:
    """The first bucket that counts in the `window` seconds before `now`."""
    return (int(now.timestamp()) - window) // BUCKET_SECONDS
