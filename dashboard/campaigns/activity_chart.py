"""The activity of a campaign over time: what was sent and is planned; on the same axis, what people did and what came
back."""

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import reflex as rx

from dashboard import routes, ui
from dashboard.auth import Viewer
from dashboard.i18n import format, say, tr
from dashboard.ui.chart import chart
from dashboard.ui.chart_data import bars, line, plot
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter
from models.log_table import Action
from models.statistics import HOUR, SLOT, Activity

TODAY, ALL = "today", "all"
TIMES: Final = (TODAY, ALL)
MOST: Final = 1500
"""Steps on the axis: two months of hours; what is older is not drawn."""
QUIET: Final = timedelta(days=1)
"""Without events for this long, the axis ends with the last one and not today."""
TABLE: Final = 48
LABEL_ROOM: Final = 76
PEOPLE: Final = (Action.OPENED, Action.CLICKED)
ANSWERS: Final = (Action.REPLIED, Action.OPTED_OUT, Action.BOUNCED, Action.COMPLAINED)
"""The lines of the second and of the third plot, in the order of their curves."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step of "Show as table"."""

    at: str
    sent: str
    opened: str
    clicked: str
    replied: str
    opted_out: str
    bounced: str
    complained: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The plots as they are drawn; `any` False: nothing happened in this time; `back` False: nothing came back."""

    time: str = TODAY
    any: bool = False
    sent: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    back: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    answers_said: str = ""
    rows: tuple[Row, ...] = ()
    sentence: str = ""
    planned: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The steps of the axis, from the first event to now or the last planned portion, in the viewer's zone."""

    step: timedelta
    first: datetime
    last: datetime
    zone: ZoneInfo

    @property
    def steps(self) -> list[datetime]:
        count = (self.last - self.first) // self.step + 1
        return [self.first + self.step * number for number in range(count)]

    def shown(self, at: datetime) -> str:
        """A moment as Plotly reads it: wall clock, without a zone."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")


def drawn_of(news: CampaignNews, user: Viewer, time: str, now: datetime) -> Drawn:
    """What is drawn. `time`: TODAY in ten minutes, ALL in hours, "" today if something happened today."""
    zone = ZoneInfo(user.time_zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    today = [one for one in news.slots if one.at >= midnight]
    time = time if time in TIMES else TODAY if today or not news.hours else ALL
    step, happened = (SLOT, today) if time == TODAY else (HOUR, list(news.hours))
    until = midnight + timedelta(days=1) if time == TODAY else None
    planned = _planned(news, step, until)
    if not happened and not planned:
        return Drawn(time)
    span = _span(step, happened, planned, now, zone)
    return _draw(Drawn(time, any=True), span, happened, planned, user, now)


def people_of(
    points: object, drawn: Drawn, query: str, zone: str, names: tuple[Action, ...]
) -> rx.event.EventSpec | None:
    """Leads to the log: the people of a mark that was pressed. A browser may send anything: what is no mark opens
    nothing."""
    found = _mark(points)
    if found is None or not query or not 0 <= found[1] < len(names):
        return None
    step = SLOT if drawn.time == TODAY else HOUR
    begins = _begin(found[0].replace(tzinfo=ZoneInfo(zone)), step)
    chosen = replace(
        LogFilter.from_query(dict(parse_qsl(query))), included=(names[found[1]],), since=begins, until=begins + step
    )
    return rx.redirect(routes.to(routes.LOG, **chosen.to_query()))


def _mark(points: object) -> tuple[datetime, int] | None:
    """The time and the curve of the first point."""
    first = points[0] if isinstance(points, list) and points else None
    if not isinstance(first, dict) or not isinstance(first.get("curveNumber"), int):
        return None
    try:
        return datetime.fromisoformat(str(first.get("x"))).replace(tzinfo=None), first["curveNumber"]
    except ValueError:
        return None


def activity_panel(
    drawn: rx.Var[Drawn],
    here: rx.Var[str],
    open_sent: rx.EventHandler,
    open_people: rx.EventHandler,
    open_answers: rx.EventHandler,
) -> rx.Component:
    """The panel: plots over one time axis, each with its own scale. A press on a mark opens its people."""
    choice = ui.segment_links(
        [
            (tr("campaign_page.today"), here + "?time=today", drawn.time == TODAY),
            (tr("campaign_page.all_time"), here + "?time=all", drawn.time == ALL),
        ]
    )
    nothing = ui.empty(
        rx.cond(drawn.time == TODAY, tr("campaign_page.no_activity_today"), tr("campaign_page.no_activity")),
        tr("campaign_page.no_activity_text"),
        icon_name="chart-line",
    )
    return rx.el.div(
        ui.panel(
            rx.cond(drawn.any, _plots(drawn, open_sent, open_people, open_answers), nothing),
            title=tr("campaign_page.activity"),
            end=choice,
        ),
        id="activity",
    )


def _plots(
    drawn: rx.Var[Drawn], open_sent: rx.EventHandler, open_people: rx.EventHandler, open_answers: rx.EventHandler
) -> rx.Component:
    by_slot = drawn.time == TODAY
    sent_head = rx.cond(by_slot, tr("campaign_page.sent_per_slot"), tr("campaign_page.sent_per_hour"))
    people_head = rx.cond(by_slot, tr("campaign_page.people_per_slot"), tr("campaign_page.people_per_hour"))
    back_head = rx.cond(by_slot, tr("campaign_page.back_per_slot"), tr("campaign_page.back_per_hour"))
    answers = rx.fragment(
        rx.el.span(back_head, class_name="small strong"),
        chart(drawn.answers, drawn.answers_said, legend=_legend(ANSWERS), height=120, on_click=open_answers),
    )
    return rx.el.div(
        rx.el.div(
            rx.el.span(sent_head, class_name="small strong"),
            rx.el.span(drawn.planned, class_name="small mute num"),
            class_name="row between",
        ),
        chart(
            drawn.sent,
            drawn.sentence,
            legend=[("sent", "bar", tr("campaign_page.sent")), ("planned", "bar", tr("campaign_page.planned"))],
            height=120,
            on_click=open_sent,
        ),
        rx.el.span(people_head, class_name="small strong"),
        chart(drawn.people, drawn.sentence, legend=_legend(PEOPLE), height=216, on_click=open_people),
        rx.cond(drawn.back, answers),
        rx.el.details(rx.el.summary(tr("chart.as_table")), _table(drawn.rows), class_name="chart"),
        class_name="col",
    )


def _legend(actions: tuple[Action, ...]) -> list[tuple[Any, str, Any]]:
    return [(action.value, "line", tr(f"campaign_page.{action}")) for action in actions]


def _table(rows: rx.Var[tuple[Row, ...]]) -> rx.Component:
    places = {"sent": 2, "opened": 3, "clicked": 4, "replied": 0, "opted_out": 0, "bounced": 0, "complained": 0}
    numbers = [
        ui.number_column(name, tr(f"campaign_page.{name}"), lambda row, name=name: getattr(row, name), phone=place)
        for name, place in places.items()
    ]
    when = ui.text_column("at", tr("campaign_page.time"), lambda row: row.at, phone=1)
    return ui.table(rows.to(list[Row]), [when, *numbers], label=tr("campaign_page.activity"))


def _draw(
    drawn: Drawn, span: Span, happened: Sequence[Activity], planned: Tally[datetime], user: Viewer, now: datetime
) -> Drawn:
    step, language, by_time = span.step, user.language, {one.at: one for one in happened}
    past = [at for at in span.steps if at + step <= now or at in by_time]  # the step that runs: if it has events
    known = [by_time.get(at, Activity(at)) for at in past]
    clock = format.clock(language, user.time_zone, now)
    axis: dict[str, Any] = {
        "language": language,
        "now": span.shown(now) if now <= span.last + span.step else None,
        "room": LABEL_ROOM,
        "x": {
            "type": "date",  # said, for there may be no bar to read it from
            "range": [span.shown(span.first), span.shown(span.last + span.step)],
            "tickformat": _ticks(span, language),
        },
    }
    middles = [span.shown(at + span.step / 2) for at in past]
    people, answers = (
        [
            line(
                action.value,
                middles,
                [getattr(one, action) for one in known],
                say(language, f"campaign_page.{action}"),
                rare=action in ANSWERS,
            )
            for action in actions
        ]
        for actions in (PEOPLE, ANSWERS)
    )
    sums = {action.value: sum(getattr(one, action) for one in known) for action in (Action.SENT, *PEOPLE, *ANSWERS)}
    moment = {"start": _said(span, span.first, language), "end": _said(span, min(now, span.last + step), language)}
    return Drawn(
        drawn.time,
        any=True,
        sent=plot(
            _columns(span, "sent", [(one.at, one.sent) for one in known if one.sent], language),
            _columns(span, "planned", sorted(planned.items()), language),
            height=120,
            now_words=say(language, "chart.now", time=clock),
            **axis,
        ),
        people=plot(*people, **axis),
        back=any(sums[action] for action in ANSWERS),
        answers=plot(*answers, height=120, y={"dtick": 1} if _are_few(known) else None, **axis),
        answers_said=say(language, "campaign_page.answers_said", **moment, **sums),
        rows=tuple(_row(one, span, language) for one in reversed(known) if one != Activity(one.at))[:TABLE],
        sentence=say(language, "campaign_page.activity_said", **moment, **sums),
        planned=_planned_said(span, planned, language),
    )


def _are_few(known: Sequence[Activity]) -> bool:
    """Whether the axis would count people in halves."""
    return max((getattr(one, action) for one in known for action in ANSWERS), default=0) < 4


def _columns(span: Span, series: Any, values: Iterable[tuple[datetime, int]], language: str) -> dict[str, Any]:
    """Bars that begin where their step begins."""
    found = list(values)
    name = say(language, f"campaign_page.{series}")
    drawn = bars(series, [span.shown(at) for at, _ in found], [number for _, number in found], name)
    width = span.step / timedelta(milliseconds=1) * 0.84
    return drawn | {"width": width, "offset": 0}


def _planned(news: CampaignNews, step: timedelta, until: datetime | None) -> Tally[datetime]:
    """The people of portions to come, by step."""
    found = Tally[datetime]()
    for one in news.under_way:
        for portion in one.forecast.portions if one.forecast else ():
            if until is None or portion.at < until:
                found[_begin(portion.at, step)] += portion.n
    return found


def _span(
    step: timedelta, happened: Sequence[Activity], planned: Iterable[datetime], now: datetime, zone: ZoneInfo
) -> Span:
    moments = sorted([*(one.at for one in happened), *planned])
    first, last, present = moments[0], moments[-1], _begin(now, step)
    if present - last <= QUIET:
        last = max(last, present)
    if last - first < step * 6:
        first = last - step * 6
    # a step is never split by a change of the clocks: both are whole parts of an hour
    return Span(step, max(first, last - step * MOST), last, zone)


def _begin(at: datetime, step: timedelta) -> datetime:
    seconds = step // timedelta(seconds=1)
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, at.tzinfo)


def _ticks(span: Span, language: str) -> str:
    if span.last - span.first <= timedelta(days=1):
        return "%H:%M"
    return "%d/%m\n%H:%M" if language == "fr" else "%-d %b\n%H:%M"


def _said(span: Span, at: datetime, language: str) -> str:
    there = at.astimezone(span.zone)
    clock = format.clock(language, str(span.zone), at)
    return clock if span.step == SLOT else f"{format.day(language, there.date())}, {clock}"


def _planned_said(span: Span, planned: Tally[datetime], language: str) -> str:
    if not planned:
        return ""
    last = _said(span, max(planned), language)
    return say(language, "campaign_page.planned_until", count=len(planned), time=last)


def _row(one: Activity, span: Span, language: str) -> Row:
    numbers = [getattr(one, action) for action in (Action.SENT, *PEOPLE, *ANSWERS)]
    return Row(_said(span, one.at, language), *(format.count(language, number) for number in numbers))
