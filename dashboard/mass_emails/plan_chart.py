"""The chart of the plan: people mailed in total, slot by slot, and those to come, portion by portion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard import data
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from dashboard.mass_emails.foreseen import clock
from dashboard.ui.chart_data import line, plot
from models.mass_email_news import Plan

DRAWN: Final = 200
"""Portions to come that the chart shows one by one; of more, every second, third …"""
DAY: Final = timedelta(days=1)
LISTED: Final = 48
"""Rows of the table beside the chart."""


@dataclass(frozen=True, slots=True)
class Point:
    """One row of the chart's table: people in total by then, mailed or planned."""

    at: str
    sent: str
    planned: str


Series = list[tuple[datetime, int]]


def real_of(plan: Plan) -> Series:
    """People mailed in total, slot by slot, from nothing."""
    totals = accumulate(n for _, n in plan.sent)
    return [(plan.sent[0][0], 0), *((at, n) for (at, _), n in zip(plan.sent, totals, strict=True))] if plan.sent else []


def planned_of(plan: Plan) -> Series:
    """From what is mailed on: people in total, portion by portion."""
    portions = plan.forecast.portions
    if not portions:
        return []
    sent = sum(n for _, n in plan.sent)
    totals = accumulate((portion.n for portion in portions), initial=sent)
    return list(zip((portions[0].at, *(portion.at for portion in portions)), totals, strict=True))


def figure_of(user: Viewer, real: Series, planned: Series, now: datetime) -> dict[str, Any]:
    """Both lines, with "now" between them. One of them has a point at least."""
    language, zone = user.language, ZoneInfo(user.time_zone)
    thinned = planned[:: max(1, -(-len(planned) // DRAWN))]
    if planned and thinned[-1] != planned[-1]:
        thinned = [*thinned, planned[-1]]
    if real:
        thinned = [(now, real[-1][1]), *thinned] if thinned else []
        real = [*real, (now if planned else real[-1][0], real[-1][1])]

    def local(points: Series) -> list[str]:
        return [at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") for at, _ in points]

    def heights(points: Series) -> list[int]:
        return [n for _, n in points]

    traces = []
    if real:
        traces.append(line("opened", local(real), heights(real), format.count(language, real[-1][1]), steps=True))
    if thinned:
        last = clock(user, thinned[-1][0], now)
        traces.append(line("planned", local(thinned), heights(thinned), last, steps=True))
    near = bool(planned) and (bool(real) or planned[0][0] - now < DAY / 12)  # else "now" would stand alone, far left
    at = now.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if near else None
    words = say(language, "chart.now", time=format.clock(language, user.time_zone, now))
    moments = [moment for moment, _ in (*real, *thinned)]
    axis = {"tickformat": "%H:%M"} if max(moments) - min(moments) < DAY else {}
    return plot(*(_ends(trace) for trace in traces), language=language, now=at, now_words=words, room=56, x=axis)


def _ends(trace: dict[str, Any]) -> dict[str, Any]:
    """The line with a marker at its end only."""
    marker = {name: value for name, value in trace["marker"].items() if name != "maxdisplayed"}
    return {**trace, "marker": {**marker, "opacity": [0] * (len(trace["y"]) - 1) + [1]}}


def points_of(user: Viewer, real: Series, planned: Series) -> list[Point]:
    """The newest of reality and the first of the plan."""
    now, language = data.now(), user.language

    def shown(points: Sequence[tuple[datetime, int]], *, mailed: bool) -> list[Point]:
        numbers = [(clock(user, at, now), format.count(language, n)) for at, n in points]
        return [Point(at, n if mailed else "", "" if mailed else n) for at, n in numbers]

    return [*shown(real[1:][-LISTED // 2 :], mailed=True), *shown(planned[1 : LISTED // 2 + 1], mailed=False)]
