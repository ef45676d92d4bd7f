"""Forgetting: what the settings of retention say of the log and of visits, done in bites (D23, D25)."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from jobs import database
from models import outbound_emails, retention

_BITE: Final = 500
"""Log records in one transaction: no write lock above 50 ms."""
_PAGE: Final = 2_000
"""Log records that one transaction forgets the visits of: a row each at most, in a table without other indexes."""


async def forget_old(stop: asyncio.Event, now: datetime) -> dict[str, int]:
    """How many log records and visits went. What to delete is read before the lock is taken; a stop ends it between
    two bites, and the next run goes on."""
    setting = await database.read(outbound_emails.read)
    records, visits = setting.keep_log_days, setting.keep_visits_days
    return {
        "log_records": await _forget_records(now - timedelta(days=records), stop) if records is not None else 0,
        "visits": await _forget_visits(now - timedelta(days=visits), stop) if visits is not None else 0,
    }


async def _forget_records(before: datetime, stop: asyncio.Event) -> int:
    total = 0
    while not stop.is_set():
        old = await database.read(retention.old_records, before, _BITE)
        if not old.ids:
            break
        total += await database.write(retention.forget_records, old, before)
    return total


async def _forget_visits(before: datetime, stop: asyncio.Event) -> int:
    total = 0
    while not stop.is_set():
        old = await database.read(retention.old_visits, before, _PAGE)
        if not old.ids:
            break
        total += await database.write(retention.forget_visits, old)
    return total
