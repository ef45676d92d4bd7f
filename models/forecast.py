"""The forecast: when the rest of a mass email goes, by the arithmetic of pacing (D9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row
from sqlmodel import Session

from models import domain_limit, outbound_emails, sending_route
from models.fair_share import rivals
from models.mass_email import MassEmailStatus
from models.opening import undo_until
from models.outbound_emails import OutboundEmails
from models.pacing import LimitedBy, limits_in, mail_row
from models.queue_count import queue_counts
from models.rate import usage
from models.sending_window import parse
from models.simulation import TICK, NextRun, Pipe, Portion, simulate
from models.waiting import first_try_at

FORESEEN: Final = 1000
"""Portions that are worked out one by one; what comes after goes on at the same pace."""


class Unforeseen(StrEnum):
    """What may make it later than foreseen: other mass emails that share the account; limits per domain and pauses."""

    RIVALS = "rivals"
    DOMAINS = "domains"


@dataclass(frozen=True, slots=True)
class Forecast:
    """`next_at`, `next_n`: the next portion, None and 0 when none comes. `finishes_at` None: no end in sight, or
    nothing to send; at the earliest where something is `unforeseen`. `per_hour`: people per hour on average.
    `portions`: those to come, at most FORESEEN."""

    portions_done: int
    portions_planned: int
    next_at: datetime | None
    next_n: int
    finishes_at: datetime | None
    limited_by: LimitedBy | None
    per_hour: int
    portions: tuple[Portion, ...]
    unforeseen: tuple[Unforeseen, ...] = ()


def forecast(
    session: Session,
    mass_email_id: int,
    now: datetime,
    next_run: NextRun,
    *,
    portion_size: int | None = None,
    people: int | None = None,
) -> Forecast:
    """When the next portion goes, how many are to come and when the last one ends, if nothing else changes.

    `next_run`: from its Scheduling. `portion_size`: another one than in force, for the planner. `people`: how many are
    to be mailed while the queue is not built yet; without it there are no portions. Raises NotFound.
    """
    mail, setting = mail_row(session, mass_email_id), outbound_emails.read(session)
    accounts = sending_route.route_by(session, mail.smtp_account_id)
    waiting = _to_send(session, mail, people)
    if not accounts or not waiting:
        return Forecast(mail.portions_done, mail.portions_done, None, 0, None, None, 0, ())
    pipes = [_pipe(session, account, setting, now) for account in accounts]
    size = portion_size or setting.portion_size
    after = _ready_at(session, mail, accounts, setting, next_run, now)
    runs = simulate(waiting, pipes, size, next_run, after, parse(mail.sending_window), mail.zone)
    return _foresee(
        mail.portions_done, waiting, list(islice(runs, FORESEEN)), next_run, _unforeseen(session, mail, accounts, now)
    )


def _to_send(session: Session, mail: Row[Any], people: int | None) -> int:
    if mail.status in {MassEmailStatus.CANCELLED, MassEmailStatus.FAILED, MassEmailStatus.COMPLETE}:
        return 0
    if mail.queue_done_at is None:
        return people or 0
    counts = queue_counts(session, mail.id)
    return counts.waiting + counts.held


def _pipe(session: Session, account: Row[Any], setting: OutboundEmails, now: datetime) -> Pipe:
    weight, limits = sending_route.weight_of(account), limits_in(setting, account)
    return Pipe(weight, limits, usage(session, account.id, now), account.retry_at)


def _ready_at(
    session: Session,
    mail: Row[Any],
    accounts: Sequence[Row[Any]],
    setting: OutboundEmails,
    next_run: NextRun,
    now: datetime,
) -> datetime:
    """The moment after which the next run can send something: a run at Date Start itself does."""
    retries = [account.retry_at or now for account in accounts]
    known: list[datetime | None] = [mail.start_at, min(retries), first_try_at(session, mail.id)]
    known.append(undo_until(mail, setting))
    ready = max([now, *(moment - TICK for moment in known if moment is not None)])
    if mail.queue_done_at is None and setting.undo_minutes and (built := next_run(ready)):
        return built + timedelta(minutes=setting.undo_minutes) - TICK
    return ready


def _unforeseen(
    session: Session, mail: Row[Any], accounts: Sequence[Row[Any]], now: datetime
) -> tuple[Unforeseen, ...]:
    setting = outbound_emails.read(session)
    found = []
    if any(rivals(session, mail, account, setting, now) for account in accounts):
        found.append(Unforeseen.RIVALS)
    if any(domain_limit.domain_allowance(session, account.id, now) is not None for account in accounts):
        found.append(Unforeseen.DOMAINS)
    return tuple(found)


def _foresee(
    done: int, waiting: int, runs: Sequence[Portion], next_run: NextRun, unforeseen: tuple[Unforeseen, ...]
) -> Forecast:
    portions = [run for run in runs if run.n]
    limited_by = next((bound for bound in _BOUNDS if any(run.limited_by is bound for run in runs)), None)
    if not portions:
        return Forecast(done, done, None, 0, None, limited_by, 0, ())
    sent = sum(portion.n for portion in portions)
    pace, rest = _pace(portions, next_run), waiting - sent
    planned = done + len(portions) + -(-rest * len(portions) // sent)
    finishes_at = portions[-1].ends_at + timedelta(hours=rest / pace)
    first = portions[0]
    return Forecast(done, planned, first.at, first.n, finishes_at, limited_by, round(pace), tuple(portions), unforeseen)


_BOUNDS: Final = (
    LimitedBy.HOUR_LIMIT,
    LimitedBy.MINUTE_LIMIT,
    LimitedBy.WINDOW,
    LimitedBy.PORTION_SIZE,
    LimitedBy.PEOPLE,
)
"""The tightest first: a limit that cuts one run short sets the pace of all."""


def _pace(portions: list[Portion], next_run: NextRun) -> float:
    """People per hour, a whole interval counted for the last portion."""
    after_last = next_run(portions[-1].ends_at) or portions[-1].ends_at + timedelta(hours=1)
    hours = (after_last - portions[0].at) / timedelta(hours=1)
    return sum(portion.n for portion in portions) / hours
