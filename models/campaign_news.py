"""A campaign as its page follows it: read whole, once per change for everybody who looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlmodel import Session

from models.answer import are_seen
from models.audience import Audience
from models.campaign import CampaignDetail, CampaignType, get_campaign
from models.catalogue import Problem
from models.column_types import table
from models.counter import UNLOGGED
from models.forecast import Forecast, forecast
from models.log_filter import LogFilter
from models.log_view import EventRow, last_events
from models.mass_email import LeftOutReason, MassEmail, MassEmailStatus
from models.mass_email_page import MassEmailFilter, MassEmailRow, mass_email_page
from models.queue_item import QueueCounts, queue_counts
from models.results import Results, read_results
from models.scheduled_job import SEND_MASS_EMAILS, runs_after
from models.statistics import (
    HOUR,
    SLOT,
    Activity,
    Counter,
    Dimension,
    Figures,
    LinkFigures,
    activity,
    by_link,
    by_provider,
    campaign_figures,
)
from models.tracking_url import TrackingUrlRow, tracking_url_page
from models.waiting import waiting_because

EVENTS: Final = 25
MASS_EMAILS: Final = 200
TRACKING_URLS: Final = 200
SLOTS: Final = timedelta(hours=48)
"""How far back the ten-minute slots go: a day of the reader, wherever its midnight is."""

UNDER_WAY: Final = (MassEmailStatus.IN_PROCESS, MassEmailStatus.PAUSED, MassEmailStatus.PENDING, MassEmailStatus.FAILED)
_GOES_ON_BY_ITSELF: Final = {f"delivery.waiting.{key}" for key in ("hour_limit", "retries", "account_trouble")}


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A mass email that is not over. `because`: why nothing is being sent, None while it is. `forecast`: None where no
    further portion is to be foreseen."""

    row: MassEmailRow
    counts: QueueCounts
    because: Problem | None
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class CampaignNews:
    """All that the page shows. `audience`: sums over the queues that are built; `events`: people's, the newest first;
    `event_count`: how many of them there are; `slots` of the last SLOTS. `watched`: what comes back is recorded."""

    campaign: CampaignDetail
    figures: Figures
    audience: Audience
    mass_emails: tuple[MassEmailRow, ...]
    under_way: tuple[UnderWay, ...]
    slots: tuple[Activity, ...]
    hours: tuple[Activity, ...]
    providers: tuple[tuple[str, Figures], ...]
    results: Results
    links: tuple[LinkFigures, ...]
    tracking_urls: tuple[TrackingUrlRow, ...]
    events: tuple[EventRow, ...]
    event_count: int
    watched: bool

    @property
    def tracked(self) -> bool:
        """Whether opens and clicks are known: never of an informational email (D6), else if a mass email tracks."""
        tracks = any(row.track_opens or row.track_links for row in self.mass_emails)
        return tracks and not _is_informational(self.campaign)


def campaign_news(session: Session, campaign_id: int, now: datetime) -> CampaignNews:
    """The campaign as it is now. Raises NotFound, also for a deleted one."""
    campaign, scope = get_campaign(session, campaign_id), LogFilter(campaign_id=campaign_id)
    rows, _ = mass_email_page(session, MassEmailFilter(campaign_id=campaign_id), size=MASS_EMAILS)
    figures = campaign_figures(session, campaign_id)
    return CampaignNews(
        campaign=campaign,
        figures=figures,
        audience=_sum_of_audiences(session, campaign_id),
        mass_emails=tuple(rows),
        under_way=tuple(under_way(session, row, now) for row in in_order(rows)),
        slots=tuple(activity(session, campaign_id=campaign_id, step=SLOT, since=now - SLOTS)),
        hours=tuple(activity(session, campaign_id=campaign_id, step=HOUR)),
        providers=tuple(by_provider(session, campaign_id=campaign_id)),
        results=read_results(session, scope, figures, rows, informational=_is_informational(campaign)),
        links=tuple(by_link(session, campaign_id=campaign_id)),
        tracking_urls=tuple(tracking_url_page(session, campaign_id=campaign_id, size=TRACKING_URLS)[0]),
        events=tuple(last_events(session, scope, EVENTS)),
        event_count=_count_events(session, campaign_id),
        watched=are_seen(session),
    )


def _is_informational(campaign: CampaignDetail) -> bool:
    return campaign.type is CampaignType.INFORMATIONAL


def in_order(rows: list[MassEmailRow]) -> list[MassEmailRow]:
    """What is being sent first, then what stands, then what is to come, the next first."""
    found = [row for row in rows if row.status in UNDER_WAY]
    return sorted(found, key=lambda row: (UNDER_WAY.index(row.status), row.start_at, row.id))


def under_way(session: Session, row: MassEmailRow, now: datetime) -> UnderWay:
    """A mass email that is not over, with its queue, why it waits, and its forecast."""
    counts = queue_counts(session, row.id) if row.queued is not None else QueueCounts()
    because, foreseen = waiting_because(session, row.id, now), None
    if because is None or because.key in _GOES_ON_BY_ITSELF:
        foreseen = forecast(session, row.id, now, runs_after(session, SEND_MASS_EMAILS))
    return UnderWay(row, counts, because, foreseen if foreseen and foreseen.next_at else None)


def _ids(campaign_id: int) -> Any:
    mail = table(MassEmail).c
    return select(mail.id).where(mail.campaign_id == campaign_id)


def _sum_of_audiences(session: Session, campaign_id: int) -> Audience:
    """The waterfalls added up: a person of two mass emails counts twice, as in the figures."""
    mail = table(MassEmail).c
    stored = select(mail.audience).where(mail.campaign_id == campaign_id)
    found = [Audience.from_json(one) for one in session.scalars(stored) if one]
    sums: Any = {name: sum(getattr(one, name) for one in found) for name in ("chosen", "final", *LeftOutReason)}
    return Audience(**sums)


def _count_events(session: Session, campaign_id: int) -> int:
    """The log rows of people's doing, from the counters: events without a row (D18) are taken off."""
    counter = table(Counter).c
    is_total = counter.dimension == Dimension.TOTAL
    without_row = (counter.dimension == Dimension.REASON) & (counter.key == UNLOGGED)
    hits = func.sum(case((is_total, counter.hits), else_=-counter.hits))
    found = select(hits).where(counter.mass_email_id.in_(_ids(campaign_id)), counter.human, is_total | without_row)
    return int(session.scalar(found) or 0)
