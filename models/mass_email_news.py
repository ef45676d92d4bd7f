"""What the page of a mass email follows. Each value is frozen, and equal as long as there is nothing new to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from models.account_use import AccountUse, find_account_use, route_uses
from models.answer import are_seen
from models.audience import Audience, find_audience
from models.campaign import Campaign, CampaignType
from models.catalogue import Problem
from models.forecast import Forecast, forecast
from models.log_filter import LogFilter
from models.mass_email import MassEmailStatus, get_row
from models.mass_email_page import MassEmailRow, get_mass_email_row
from models.new_version import Offer, find_offer
from models.queue_item import ItemRow, ItemState, QueueCounts, count_changed_addresses, item_page, queue_counts
from models.results import Results, read_results
from models.scheduled_job import SEND_MASS_EMAILS, runs_after
from models.simulation import NextRun
from models.statistics import SLOT, activity
from models.undo import may_undo
from models.waiting import waiting_because

SHOWN: Final = 25
"""People to decide about that are shown at once."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. `account` "": there is none to send with. `because`: why nothing is being sent, None while
    something is. `offer`: a newer version of its template, for who is not mailed yet. `may_undo`: no message has begun,
    so it may go back to Draft. `results`: what came of what was sent. `watched`: a group email account or webhook is
    active, so that what comes back is seen."""

    row: MassEmailRow
    account: str
    counts: QueueCounts
    because: Problem | None
    offer: Offer | None
    may_undo: bool
    results: Results
    watched: bool


@dataclass(frozen=True, slots=True)
class ToDecide:
    """Whom somebody has to decide about: the first SHOWN of each kind, and how many there are. `changed`: people left
    out because their address changed, who could be queued again (D7)."""

    uncertain: tuple[ItemRow, ...]
    uncertain_count: int
    failed: tuple[ItemRow, ...]
    failed_count: int
    changed: int


@dataclass(frozen=True, slots=True)
class Better:
    """A portion size that would use the whole hourly limit, and when it would be done."""

    portion_size: int
    finishes_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan and reality; of a Draft or a paused one, as if it went on now. `queued`: whether the queue is built. `sent`:
    people per ten minutes that begin at the moment, oldest first. `account` None: there is none to send with. `route`:
    every account it may leave by, with those on stand-by. `window`: its sending window as text, read in `zone`; "" is
    none. `better` None: nothing would be faster within the hourly limit."""

    status: MassEmailStatus
    queued: bool
    forecast: Forecast
    account: AccountUse | None
    route: tuple[AccountUse, ...]
    window: str
    zone: str
    sent: tuple[tuple[datetime, int], ...]
    better: Better | None


def read_progress(session: Session, mass_email_id: int, now: datetime) -> Progress:
    """The progress of now. Raises NotFound."""
    row = get_mass_email_row(session, mass_email_id)
    use, counts = find_account_use(session, mass_email_id, now), queue_counts(session, mass_email_id)
    return Progress(
        row=row,
        account=use.name if use else "",
        counts=counts,
        because=waiting_because(session, mass_email_id, now),
        offer=find_offer(session, mass_email_id),
        may_undo=may_undo(row.status, counts, row.portions_done),
        results=_results(session, row),
        watched=are_seen(session),
    )


def _results(session: Session, row: MassEmailRow) -> Results:
    informational = session.get_one(Campaign, row.campaign_id).type is CampaignType.INFORMATIONAL
    scope = LogFilter(mass_email_id=row.id)
    return read_results(session, scope, row.figures, [row], informational=informational)


def read_audience(session: Session, mass_email_id: int, now: datetime) -> Audience | None:
    """Who gets it and who does not, as the queue settled it; None while it is not built."""
    return find_audience(session, mass_email_id)


def read_to_decide(session: Session, mass_email_id: int, now: datetime) -> ToDecide:
    """The people to decide about now; an unknown mass email has none."""
    uncertain, uncertain_count = item_page(session, mass_email_id, [ItemState.UNCERTAIN], 1, SHOWN)
    failed, failed_count = item_page(session, mass_email_id, [ItemState.FAILED], 1, SHOWN)
    changed = count_changed_addresses(session, mass_email_id)
    return ToDecide(tuple(uncertain), uncertain_count, tuple(failed), failed_count, changed)


def read_plan(session: Session, mass_email_id: int, now: datetime, people: int | None = None) -> Plan:
    """The plan of now. `people`: how many would get it, while the queue is not built yet. Raises NotFound."""
    mail, next_run = get_row(session, mass_email_id), runs_after(session, SEND_MASS_EMAILS)
    foreseen = forecast(session, mass_email_id, now, next_run, people=people)
    use, route = find_account_use(session, mass_email_id, now), route_uses(session, mass_email_id, now)
    sent = activity(session, mass_email_id=mass_email_id, step=SLOT)
    return Plan(
        status=mail.status,
        queued=mail.queue_done_at is not None,
        forecast=foreseen,
        account=use,
        route=route,
        window=mail.sending_window,
        zone=mail.zone,
        sent=tuple((slot.at, slot.sent) for slot in sent if slot.sent),
        better=_better(session, mass_email_id, now, next_run, foreseen, route, people),
    )


def _better(
    session: Session,
    mass_email_id: int,
    now: datetime,
    next_run: NextRun,
    foreseen: Forecast,
    route: tuple[AccountUse, ...],
    people: int | None,
) -> Better | None:
    if not route or foreseen.next_at is None or foreseen.finishes_at is None:
        return None
    runs = _runs_in_an_hour(next_run, foreseen.next_at)
    hourly = sum(use.limits.per_hour for use in route if not use.stand_by)
    whole = -(-hourly // max(1, runs))
    if whole <= route[0].limits.portion_size:
        return None
    faster = forecast(session, mass_email_id, now, next_run, portion_size=whole, people=people)
    if faster.finishes_at is None or faster.finishes_at >= foreseen.finishes_at:
        return None
    return Better(whole, faster.finishes_at)


def _runs_in_an_hour(next_run: NextRun, first: datetime) -> int:
    runs, run = 0, next_run(first)
    while run is not None and run <= first + timedelta(hours=1):
        runs, run = runs + 1, next_run(run)
    return runs
