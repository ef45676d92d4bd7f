"""A forecast in the viewer's language and zone: the next portion, the pace, when it ends."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard import data, ui
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from models.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is to come, in words. Moments: `_until` in milliseconds for the countdown, 0: none comes."""

    finishes: str = ""
    finishes_full: str = ""
    finishes_until: int = 0
    next_at: str = ""
    next_full: str = ""
    next_until: int = 0
    next_people: str = ""
    pace: str = ""
    limited_by: str = ""
    cells: tuple[str, ...] = ()
    first_portion: str = ""
    portions_said: str = ""
    last_portion: str = ""


def foreseen_of(user: Viewer, forecast: Forecast) -> Foreseen:
    """A forecast in the viewer's language and zone."""
    language, zone, now = user.language, user.time_zone, data.now()
    done, planned = forecast.portions_done, forecast.portions_planned
    cells = tuple(ui.portion_cells(done, planned)) if planned else ()
    said = say(language, "mass_emails.portions", done=done, count=planned - done)
    first = say(language, "mass_emails.portion_no", no=1) if planned else ""
    if forecast.next_at is None:
        return Foreseen(cells=cells, portions_said=said, first_portion=first)
    ends, limited = forecast.finishes_at, forecast.limited_by
    return Foreseen(
        finishes=clock(user, ends, now),
        finishes_full=format.full_moment(language, zone, ends),
        finishes_until=ui.milliseconds(ends),
        next_at=clock(user, forecast.next_at, now),
        next_full=format.full_moment(language, zone, forecast.next_at),
        next_until=ui.milliseconds(forecast.next_at),
        next_people=say(language, "ui.people", count=forecast.next_n),
        pace=say(language, "mass_emails.per_hour", count=forecast.per_hour),
        limited_by=say(language, f"delivery.limited_by.{limited}") if limited else "",
        cells=cells,
        first_portion=first,
        portions_said=said,
        last_portion=say(language, "mass_emails.last_portion", no=planned, at=clock(user, ends, now)) if ends else "",
    )


def clock(user: Viewer, at: datetime | None, now: datetime) -> str:
    """13:50 of today; the date too on another day."""
    if at is None:
        return format.UNKNOWN
    zone = ZoneInfo(user.time_zone)
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return format.clock(user.language, user.time_zone, at)
    return format.moment(user.language, user.time_zone, at, now)
