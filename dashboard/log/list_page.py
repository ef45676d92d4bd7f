"""The log: what became of every message, as events or as the people behind them; from here to a target list.

Every figure of the dashboard opens here: `routes.to(routes.LOG, **LogFilter(…).to_query())`. The names in the address:
campaign_id · mass_email_id · included, also, excluded (actions, parted by commas) · states (of queue items) · left_out
(reasons) · version_id · link_id · tracking_url_id · kind · bounce_kind · reason (of a bounce, as the log says it) ·
sources (where the news came from) · machine (why it is one's) · provider (one or several) · since, until (moments) ·
who (people, everybody, machines) · text; and how it is shown: show (events, people) · sort (at, -at) · page · size.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.acts.create_list import CreateList, create_list_dialog
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, say, tr
from dashboard.log.lines import HUMAN, MACHINE, Line, event_line, offered, person_line
from dashboard.log.spec import EVENTS, PEOPLE, SPEC, Tab, chosen_of, period_of, shown_as, shows_people, tabs
from dashboard.log.turning import Turning, turning_dialog
from models.log_choices import log_choices
from models.log_filter import LogFilter, Who
from models.log_table import Action
from models.log_view import MOST_NEW, count_events, count_new, event_page, newest_event, people_count, people_page
from models.recipient import Kind

PROVED: Final = frozenset({Action.BOUNCED, Action.COMPLAINED, Action.FAILED})
"""Actions that somebody's words prove."""
_SIDES: Final = {HUMAN: "user-check", MACHINE: "bot"}


class Log(live.LiveState, ui.ListState, rx.State):
    """The rows as the address asks for them. `people_words` and `in_records`: "3,127 people", " match, in 4,018
    records"; `proves`: all events have evidence to show; `fresh`: "12 new", which wait while somebody reads; `query`:
    the filter, for acts."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    tabs: list[Tab] = []
    as_people: bool = False
    left_out: bool = False
    proves: bool = False
    who: str = Who.PEOPLE
    people_words: str = ""
    in_records: str = ""
    fresh: str = ""
    events_href: str = ""
    people_href: str = ""
    export_href: str = ""
    query: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer) -> AsyncIterator[None]:
        """The rows first: to count people exactly takes longer over millions."""
        asked = self._asked()
        chosen = chosen_of(asked)
        newest = await data.read(newest_event)
        total = await self._read_rows(user, asked, chosen)
        choices = await data.read(log_choices, chosen)
        self._show(user, total, options=offered(user, asked, chosen, choices))
        self._point(user, asked, chosen)
        await self._close_dialog()
        yield
        await self._count(user, chosen)
        self._take(user, await live.follow(self, user, count_new, args=(chosen, newest)))

    @allowed(Right.LOOK)
    async def set_dates(self, user: Viewer, key: str, given: dict[str, Any]):
        typed = ui.Typed({"from": given.get("from", ""), "to": given.get("to", "")})
        return self._filter(key, period_of(typed.day("from"), typed.day("to"), user.time_zone))

    @allowed(Right.LOOK)
    async def choose_who(self, user: Viewer, who: str):
        return self._filter("who", "" if who == Who.PEOPLE else str(who))

    @allowed(Right.EDIT)
    async def turn(self, user: Viewer, side: str):
        """Ask whether the chosen events, or all results, count as a person's or a machine's."""
        if not self.as_people:  # there the rows are people
            await (await self.get_state(Turning))._ask(self._chosen(), side)

    @allowed(Right.LOOK)
    async def show_new(self, user: Viewer):
        return self._go(replace(self._asked(), sort=SPEC.sort, page=1), replace_entry=True)

    async def _read_rows(self, user: Viewer, asked: ui.Asked, chosen: LogFilter) -> int:
        self.as_people = shows_people(asked)
        if self.as_people:
            people, total = await data.read(people_page, chosen, asked.page, asked.size)
            self.rows = [person_line(user.language, row) for row in people]
            return total
        oldest_first = asked.sort == "at"
        events, count = await data.read(event_page, chosen, asked.page, asked.size, oldest_first=oldest_first)
        self.rows = [event_line(user, row, data.now()) for row in events]
        return count

    def _point(self, user: Viewer, asked: ui.Asked, chosen: LogFilter) -> None:
        """Where the shortcuts, the two views and the export lead; the counts are not known yet."""
        self.tabs, self.left_out = tabs(asked, user.language), bool(chosen.left_out)
        self.who = Who.MACHINES if chosen.machine else chosen.who
        self.events_href, self.people_href = shown_as(asked, EVENTS), shown_as(asked, PEOPLE)
        self.proves = bool(chosen.included) and set(chosen.included) <= PROVED and not self.as_people
        self.query = urlencode(chosen.to_query())
        show = PEOPLE if self.as_people else EVENTS
        self.export_href = routes.to(routes.LOG_EXPORT, show=show, **chosen.to_query())
        self.filtered = chosen != LogFilter()
        self.people_words, self.in_records = "", ""

    async def _count(self, user: Viewer, chosen: LogFilter) -> None:
        people = self.total if self.as_people else await data.read(people_count, chosen)
        records = await data.read(count_events, chosen)
        key = "log.in_records" if records.exact else "log.in_more_records"
        self.people_words = say(user.language, "ui.people", count=people)
        self.in_records = say(user.language, key, count=int(records))

    def _take(self, user: Viewer, news: int) -> None:
        key = "log.new" if news <= MOST_NEW else "log.many_new"
        self.fresh = say(user.language, key, count=min(news, MOST_NEW)) if news else ""

    async def _close_dialog(self) -> None:
        """The numbers in the dialog lead here: what they open is read without it. A lost connection closes nothing."""
        dialog = await self.get_state(CreateList)
        if dialog.form_open and not dialog._is_back():
            dialog._close()


def log_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("log.title"), facts=[tr("log.text")], acts=[_export(), ui.for_editors(_create())]),
        ui.list_panel(
            Log,
            _columns(),
            search=tr("log.name_or_address"),
            views=_tabs(),
            summary=_summary(),
            bulk=[ui.for_editors(_turn(side)) for side in (HUMAN, MACHINE)],
            pick_when=~Log.as_people,
            menu=_row_menu,
            none_yet=ui.empty(
                tr("log.none"),
                tr("log.none_text"),
                icon_name="scroll-text",
                acts=[ui.button(tr("nav.campaigns"), icon_name="megaphone", to=routes.CAMPAIGNS)],
            ),
            label=tr("log.title"),
        ),
        create_list_dialog(),
        turning_dialog(),
        here="log",
        crumbs=[(tr("log.title"), routes.LOG)],
        live=live.sign(Log),
    )


def _create() -> rx.Component:
    return ui.button(
        tr("create_list.create"),
        icon_name="list-plus",
        look="pri",
        key="c",
        on_click=CreateList.ask(Log.query),
        id="create-target-list",
    )


def _turn(side: str) -> rx.Component:
    return ui.button(tr(f"log.turn.{side}"), icon_name=_SIDES[side], small=True, on_click=Log.turn(side))


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    turns = [
        ui.Item(
            tr(f"log.turn.{side}"),
            _SIDES[side],
            on_click=Turning.ask_one(row.id, side),
            when=Prefs.can_edit & (row.turns == side),
        )
        for side in (HUMAN, MACHINE)
    ]
    return [
        ui.Item(tr("log.open_person"), "user", to=row.href),
        ui.Item(tr("log.open_mass_email"), "mails", to=row.mass_email_href, when=row.mass_email_href != ""),
        ui.Item(tr("log.read_mail"), "mail-open", to=row.read, when=row.read != ""),
        *turns,
    ]


def _export() -> rx.Component:
    return ui.server_link(
        ui.icon("download", 15),
        rx.el.span(tr("log.export")),
        to=Log.export_href,
        class_name="btn only-desk",
        download="",
        id="export",
    )


def _tabs() -> rx.Component:
    def tab(one: rx.Var[Tab]) -> rx.Component:
        here = rx.cond(one.on, "true", "false")
        return ui.link(
            one.label, to=one.href, class_name=rx.cond(one.on, "on", ""), custom_attrs={"aria-current": here}
        )

    return rx.el.nav(rx.foreach(Log.tabs, tab), class_name="views", aria_label=tr("list.views"))


def _summary() -> rx.Component:
    sentence = rx.cond(
        Log.people_words != "",
        rx.el.span(ui.door(Log.people_words, Log.people_href), Log.in_records, id="counts"),
        rx.el.span(tr("log.counting"), class_name="mute"),
    )
    new = rx.cond(
        Log.fresh != "",
        ui.button(Log.fresh, icon_name="arrow-up", small=True, on_click=Log.show_new(), id="fresh"),
    )
    whose = [(who.value, tr(f"log.who.{who}")) for who in Who]
    views = [
        (tr("log.show.events"), Log.events_href, ~Log.as_people),
        (tr("log.show.people"), Log.people_href, Log.as_people),
    ]
    return rx.el.div(
        rx.el.div(sentence, role="status", style={"flex": "1 0 auto"}),
        rx.el.div(new, role="status"),
        rx.cond(~Log.left_out, ui.segments(Log.who, whose, Log.choose_who, tr("log.who"))),
        ui.segment_links(views),
        class_name="row wrap",
        style={"padding": "7px 16px", "borderBottom": "1px solid var(--gray-a4)", "minHeight": "44px"},
    )


def _columns() -> list[ui.Column]:
    events, people = ~Log.as_people, Log.as_people
    return [
        ui.time_column(
            "at",
            tr("log.when"),
            lambda row: row.when,
            lambda row: row.full,
            sort="at",
            phone=4,
            fixed=True,
            when=events,
        ),
        ui.link_column("name", tr("log.name"), lambda row: row.name, lambda row: row.href),
        ui.Column("address", tr("log.address"), _address, phone=3, cut=True, when=~Log.proves),
        ui.Column("address", tr("log.address"), _address, cut=True, when=Log.proves),
        ui.status_column("kind", tr("log.kind"), lambda row: row.kind, Kind, when=events & ~Log.proves),
        ui.status_column("kind", tr("log.kind"), lambda row: row.kind, Kind, phone=2, when=people),
        ui.status_column("action", tr("log.action"), lambda row: row.action, Action, phone=2, when=events),
        ui.Column("about", tr("log.about"), _about, cut=True, when=events & ~Log.proves),
        ui.Column("about", tr("log.reason"), _about, phone=3, cut=True, when=Log.proves),
        ui.Column("evidence", tr("log.evidence"), _evidence, cut=True, when=Log.proves),
        ui.text_column("why", tr("log.left_out"), lambda row: row.about, phone=4, when=Log.left_out),
        ui.Column("mass_email", tr("log.mass_email"), _mass_email, cut=True, when=events),
        ui.text_column("provider", tr("log.provider"), lambda row: row.provider, low=True, when=events & ~Log.proves),
    ]


def _about(row: rx.Var[Line]) -> rx.Component:
    """What is to be said of it; of a mail that somebody wrote, the way to read it."""
    words = rx.el.span(row.about, title=rx.cond(row.evidence != "", row.about + " · " + row.evidence, row.about))
    read = ui.text_link(tr("log.read"), row.read)
    gap = rx.cond(row.about != "", " ", "")
    sign = ui.icon("bot", 14, style={"display": "inline", "verticalAlign": "-2px"})  # in the line, so that it is cut
    machine = rx.el.span(sign, ui.spoken(row.machine), title=row.machine, class_name="ink-gray")
    return rx.fragment(
        rx.cond(row.machine != "", rx.fragment(machine, " ")),
        rx.cond((row.read != "") & (row.evidence == ""), rx.fragment(read, gap)),
        words,
    )


def _evidence(row: rx.Var[Line]) -> rx.Component:
    """The words that prove it, word for word; they lead to the mail that they stand in."""
    words = rx.el.span(row.evidence, class_name="mono small", title=row.evidence)
    return rx.cond(row.read != "", ui.link(words, to=row.read), words)


def _address(row: rx.Var[Line]) -> rx.Component:
    return rx.el.span(row.address, class_name="mute", title=row.address)


def _mass_email(row: rx.Var[Line]) -> rx.Component:
    return ui.link(row.mass_email, to=row.mass_email_href, class_name="mute", title=row.mass_email)
