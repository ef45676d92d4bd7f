"""Delivery: one portion of one mass email (D9–D13, the queue protocol).

A portion has a lane for each SMTP account of its route (jobs/lane.py); the lanes share what may be sent by the weights
of their accounts, and when one is in trouble the others go on. A claim is charged to its account when it is taken and
given back what no server was offered: never above a limit. What may have left without an answer is uncertain; trouble
with the server is nobody's attempt.
"""

import asyncio
import logging
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlmodel import Session

from jobs import database, turn
from jobs.account import accounts_of
from jobs.database import Clock, passed, utc_now
from jobs.lane import Lane
from jobs.portion import Portion, UnderWay
from jobs.test_sending import CONFIRM_OPTED_OUT, TestOutcome, send_test
from models.claim import renew_claims
from models.column_types import table
from models.mailing import get_mailing
from models.mass_email import WORKER, MassEmail, MassEmailStatus, get_row, move, touched

__all__ = ["CONFIRM_OPTED_OUT", "Portion", "TestOutcome", "send_portion", "send_test"]

log = logging.getLogger("envoi.delivery")

WATCH_SECONDS: Final = 0.5
"""How often a portion looks whether it may go on: paused, cancelled, campaign Inactive."""


async def send_portion(
    mass_email_id: int, worker: str, *, clock: Clock = utc_now, stop: asyncio.Event | None = None
) -> Portion:
    """Send what one run of Send Mass Emails may send of a mass email: at most the portion size, within every limit.

    `worker` names the process in its claims. Once `stop` is set no new message begins; a cancelled call settles what it
    knows, and what waits for an answer as uncertain. Raises NotFound, Unavailable (the password cannot be read).
    """
    mail = await database.read(get_row, mass_email_id)
    under_way = UnderWay(mass_email_id, worker, clock, stop or asyncio.Event(), keeps_values=mail.store_sent_emails)
    lanes: list[Lane] = []
    watch = asyncio.create_task(_watch(under_way))
    try:
        await _run_route(under_way, lanes)
    finally:
        watch.cancel()
        under_way.end()
        await database.write(_end_portion, portion := _ended(under_way, lanes), under_way.refused, clock())
    return portion


async def _run_route(under_way: UnderWay, lanes: list[Lane]) -> None:
    """Run a lane for each account of the route; when one fell into trouble, go on by those that may be used then: the
    others, or who is on stand-by. `lanes` gets all of them."""
    ill: set[int] = set()
    while True:
        route = await database.read(accounts_of, under_way.mass_email_id, under_way.clock())
        started = [Lane(under_way, account) for account in route if account.id not in ill]
        lanes += started
        under_way.lanes += started
        ended = await asyncio.gather(*(_run(lane) for lane in started), return_exceptions=True)
        for fault in ended:
            if isinstance(fault, BaseException):
                raise fault
        fallen = {lane.account.id for lane in started if lane.trouble}
        if not fallen or not under_way.going:
            return
        ill |= fallen


async def _run(lane: Lane) -> None:
    """Run a lane; a fault of ours in one ends them all, and each settles what it knows."""
    try:
        await lane.run()
    except BaseException:
        lane.under_way.halted = True
        raise


def _ended(under_way: UnderWay, lanes: list[Lane]) -> Portion:
    troubles = [f"{lane.account.name}: {lane.trouble.words}" for lane in lanes if lane.trouble]
    error = under_way.refused or "\n".join(filter(None, (*troubles, under_way.lost)))
    return Portion(under_way.mass_email_id, under_way.counts, under_way.skipped, error)


async def _watch(under_way: UnderWay) -> None:
    """Halts the portion when its mass email may not go on, and keeps its leases; when that fails nothing new begins."""
    renewed = passed()
    try:
        while under_way.leased:
            await asyncio.sleep(WATCH_SECONDS)
            if not (await database.read(get_mailing, under_way.mass_email_id)).sends:
                under_way.halted = True
            if passed() - renewed > turn.LEASE.total_seconds() / 3:
                renewed = await _renew(under_way)
    except Exception:
        log.exception("the lease of mass email %s cannot be kept", under_way.mass_email_id)
        under_way.halted = True


async def _renew(under_way: UnderWay) -> float:
    """The moment from which on the leases last."""
    at = passed()
    await database.write(renew_claims, under_way.worker, turn.LEASE, under_way.clock())
    under_way.renewed(at)
    return at


def _end_portion(session: Session, portion: Portion, refused: str, now: datetime) -> None:
    rows = table(MassEmail)
    mine = update(rows).where(rows.c.id == portion.mass_email_id)
    if refused and get_mailing(session, portion.mass_email_id).in_process:
        move(session, portion.mass_email_id, MassEmailStatus.PAUSED, now, WORKER)
        session.execute(mine.values(trouble=refused))
    if portion.handled:
        session.execute(mine.values(portions_done=rows.c.portions_done + 1, **touched(now)))
