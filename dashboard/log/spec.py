"""What the log may be asked for: the address holds a LogFilter by the names of its fields, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dashboard import routes, ui
from dashboard.i18n import format, say
from models.log_filter import (
    LogFilter,
    Who,
    did_not_open,
    failed,
    left_out_because,
    not_yet_sent,
    opened_not_clicked,
)
from models.log_table import Action, BounceKind, EventSource, MachineReason
from models.mass_email import LeftOutReason
from models.queue_table import ItemState
from models.recipient import Kind

PERIOD: Final = "period"
MOST_TEXT: Final = 300
MACHINES: Final = tuple(reason for reason in MachineReason if reason is not MachineReason.HUMAN)
EVENTS, PEOPLE = "events", "people"


class Period(ui.Filter):
    """`since` and `until` of the address as one filter: "2026-09-07T22:00:00+00:00..", moments, either side open."""

    def accepts(self, value: str) -> bool:
        return LogFilter.from_query(_ends(value)) != LogFilter()

    def said(self, value: str, language: str, options: list[ui.Option]) -> str:
        """As the page worded it in the viewer's zone."""
        return next((option.label for option in options if option.value == value), value)


class Name(ui.Filter):
    """A name that records hold, such as a reason."""

    def accepts(self, value: str) -> bool:
        return 0 < len(value) <= MOST_TEXT

    def said(self, value: str, language: str, options: list[ui.Option]) -> str:
        return next((option.label for option in options if option.value == value), value)


class Names(Name):
    """Names, parted by commas, such as mailbox providers; the list offers one at a time, a figure may open several."""

    def said(self, value: str, language: str, options: list[ui.Option]) -> str:
        return ", ".join(super(Names, self).said(name, language, options) for name in value.split(","))


class LogSpec(ui.ListSpec):
    """The kit's address with the names of LogFilter: `text` for the search, `since` and `until` for the period."""

    def read(self, query: Mapping[str, str]) -> ui.Asked:
        since, until = query.get("since", ""), query.get("until", "")
        merged = {**query, "q": query.get("text", "")}
        if since or until:
            merged[PERIOD] = f"{since}..{until}"
        return super().read(merged)

    def address(self, asked: ui.Asked, route: str = "") -> str:
        usual = {"sort": self.sort, "page": 1, "size": 25}
        filters = {name: value for name, value in asked.filters.items() if name != PERIOD}
        shown = {"sort": asked.sort, "page": asked.page, "size": asked.size}
        given = {"text": asked.text, **filters, **_ends(asked.filters.get(PERIOD, "")), **shown}
        return routes.to(route or self.route, **{name: v for name, v in given.items() if v != usual.get(name)})


SPEC: Final = LogSpec(
    route=routes.LOG,
    sorts=("at",),
    sort="-at",
    filters=(
        ui.Filter("included", "log.action", "several", tuple(Action), "status"),
        ui.Filter("also", "log.also", "several", tuple(Action), "status", chip="set"),
        ui.Filter("excluded", "log.without", "several", tuple(Action), "status", chip="set"),
        ui.Filter("states", "log.state", "several", tuple(ItemState), "status", chip="set"),
        ui.Filter("left_out", "log.left_out", "several", tuple(LeftOutReason), "status", chip="set"),
        ui.Filter("campaign_id", "log.campaign", "pick"),
        ui.Filter("mass_email_id", "log.mass_email", "pick"),
        ui.Filter("version_id", "log.version", "pick", chip="set"),
        ui.Filter("link_id", "log.link", "pick"),
        ui.Filter("tracking_url_id", "log.tracking_url", "pick"),
        ui.Filter("kind", "log.kind", "choice", tuple(Kind), "status"),
        ui.Filter("bounce_kind", "log.bounce_kind", "choice", tuple(BounceKind), "status", chip="set"),
        Name("reason", "log.reason", "pick"),
        ui.Filter("sources", "log.source", "several", tuple(EventSource), "log.source", chip="set"),
        ui.Filter("machine", "log.because", "choice", MACHINES, "log.why_machine", chip="set"),
        Names("provider", "log.provider", "pick"),
        Period(PERIOD, "log.dates", "dates"),
        ui.Filter("who", "log.who", "choice", (Who.EVERYBODY, Who.MACHINES), "log.who", chip="never"),
        ui.Filter("show", "log.show", "choice", (EVENTS, PEOPLE), "log.show", chip="never"),
    ),
)

_ALL: Final = LogFilter()
VIEWS: Final[Mapping[str, LogFilter]] = {
    "all": _ALL,
    "sent": LogFilter(included=(Action.SENT,)),
    "opened": LogFilter(included=(Action.OPENED,)),
    "opened_not_clicked": opened_not_clicked(_ALL),
    "clicked": LogFilter(included=(Action.CLICKED,)),
    "did_not_open": did_not_open(_ALL),
    "failed": failed(_ALL),
    "bounced": LogFilter(included=(Action.BOUNCED,)),
    "opted_out": LogFilter(included=(Action.OPTED_OUT,)),
    "replied": LogFilter(included=(Action.REPLIED,)),
    "not_yet_sent": not_yet_sent(_ALL),
    "left_out": left_out_because(_ALL),
    "machines": LogFilter(who=Who.MACHINES),
}
"""The shortcuts over the list: each narrows whatever scope is chosen."""

_OF_AN_EVENT: Final = ("bounce_kind", "reason", "sources", "machine")
_OF_A_VIEW: Final = ("included", "also", "excluded", "states", "left_out", *_OF_AN_EVENT, "who", "show")


@dataclass(frozen=True, slots=True)
class Tab:
    """A shortcut as it is drawn."""

    label: str
    href: str
    on: bool


def chosen_of(asked: ui.Asked) -> LogFilter:
    """The log filter of what is asked."""
    return LogFilter.from_query({**asked.filters, **_ends(asked.filters.get(PERIOD, "")), "text": asked.text})


def shows_people(asked: ui.Asked) -> bool:
    """Whether people are listed, not events: when asked for, and where nothing can have happened to them yet."""
    if show := asked.get("show"):
        return show == PEOPLE
    chosen = chosen_of(asked)
    no_event = set(chosen.states) <= {ItemState.WAITING, ItemState.HELD} if chosen.states else False
    return bool(chosen.left_out) or no_event


def tabs(asked: ui.Asked, language: str) -> list[Tab]:
    """The shortcuts, each within the campaign, mass email, people and dates that are chosen."""
    scope = {name: value for name, value in asked.filters.items() if name not in _OF_A_VIEW}
    own = {name: value for name, value in asked.filters.items() if name in _OF_A_VIEW and name != "show"}
    return [
        Tab(
            say(language, f"log.view.{view}"),
            SPEC.address(replace(asked, filters={**scope, **narrowed.to_query()}, page=1)),
            own == narrowed.to_query(),
        )
        for view, narrowed in VIEWS.items()
    ]


def shown_as(asked: ui.Asked, show: str) -> str:
    """The address of the same filter as events, or as people."""
    return SPEC.address(replace(asked, filters={**asked.filters, "show": show}, page=1))


def period_of(start: date | None, end: date | None, zone: str) -> str:
    """The value of the period filter for days in the viewer's zone, both inclusive, None where open; "" for both."""
    since = datetime.combine(start, time(), ZoneInfo(zone)).astimezone(UTC) if start else None
    until = datetime.combine(end + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC) if end else None
    query = LogFilter(since=since, until=until).to_query()
    return f"{query.get('since', '')}..{query.get('until', '')}" if query else ""


def period_said(chosen: LogFilter, language: str, zone: str) -> str:
    """The period in words: whole days as days, else to the minute."""
    since, until = (moment and moment.astimezone(ZoneInfo(zone)) for moment in (chosen.since, chosen.until))
    if all(moment is None or moment.time() == time() for moment in (since, until)):
        first, last = since and since.date(), until and until.date() - timedelta(days=1)
        if first and last:
            return format.span(language, first, last)
        key, on = ("list.since", first) if first else ("list.until", last)
        return say(language, key, day=format.day(language, on))
    return " – ".join(_minute(language, moment) for moment in (since, until))


def _minute(language: str, moment: datetime | None) -> str:
    return "…" if moment is None else f"{format.day(language, moment.date())}, {moment:%H:%M}"


def _ends(period: str) -> dict[str, str]:
    since, _, until = period.partition("..")
    return {name: value for name, value in (("since", since), ("until", until)) if value}
