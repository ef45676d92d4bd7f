"""The overview: what is being sent now, what asks for a person, how the last 30 days went, whether all is well."""

from typing import Any, Final

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.acts.mass_email import MassEmailActs
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.overview.first_steps import first_steps
from dashboard.overview.lines import (
    Day,
    HealthLine,
    MonthCell,
    Need,
    ResultLine,
    Running,
    Step,
    cells_of,
    days_of,
    health_of,
    needs_of,
    result_of,
    running_of,
    steps_of,
)
from models.mass_email import MassEmailStatus
from models.overview import FirstStep, Overview, read_overview

_FIGURES: Final = (
    ("sent", "send"),
    ("opened", "mail-open"),
    ("clicked", "mouse-pointer-click"),
    ("opted_out", "bell-off"),
    ("bounced", "undo-2"),
    ("complained", "flag"),
)
_SIGNS: Final = ("ok", "warn", "bad", "uncertain", "paused", "failed")


class Home(live.LiveState, rx.State):
    """The overview as it is followed. `began`: there is a mass email; before, the first steps stand in its place."""

    shown: bool = False
    began: bool = False
    empty: bool = False
    running: list[Running] = []
    needs: list[Need] = []
    cells: dict[str, MonthCell] = {name: MonthCell() for name, _ in _FIGURES}
    span: str = ""
    days: list[Day] = []
    most: str = ""
    results: list[ResultLine] = []
    health: list[HealthLine] = []
    steps: list[Step] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        self._take(user, await live.follow(self, user, read_overview, args=(user.time_zone,)))

    def _take(self, user: Viewer, news: Overview) -> None:
        language, now, month = user.language, data.now(), news.month
        self.running = [running_of(one, user, now) for one in news.under_way]
        self.needs = needs_of(news, user)
        self.cells, self.days = cells_of(month, language), days_of(month, language)
        self.span = format.span(language, month.days[0][0], month.days[-1][0])
        self.most = say(language, "overview.most", count=max(sent for _, sent in month.days))
        self.results = [result_of(row, user, now) for row in news.results]
        self.health = [health_of(check, user) for check in news.checks if not check.name.startswith("mass email")]
        self.steps = steps_of(news.done)
        self.began, self.empty, self.shown = FirstStep.MASS_EMAIL in news.done, news.empty, True

    def _clear(self) -> None:
        self.running, self.needs, self.results, self.health, self.days, self.shown = [], [], [], [], [], False
        self.cells = {name: MonthCell() for name, _ in _FIGURES}


def overview_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("overview.title"), acts=[rx.cond(Home.began, ui.for_editors(_create()))]),
        rx.cond(
            Home.shown,
            rx.el.div(
                ui.columns(
                    [rx.cond(Home.began, rx.fragment(_now(), _month(), _results()), first_steps(Home))],
                    [_needs(), _health(), rx.cond(Home.began, _days())],
                ),
                class_name="home",
            ),
            rx.fragment(ui.skeleton_figures(), ui.skeleton_rows()),
        ),
        here="overview",
        crumbs=[(tr("overview.title"), routes.OVERVIEW)],
        live=live.sign(Home),
    )


def _create() -> rx.Component:
    return ui.button(
        tr("overview.create_campaign"),
        icon_name="plus",
        look="pri",
        key="c",
        to=routes.to(routes.CAMPAIGNS, create="1"),
    )


def _now() -> rx.Component:
    nothing = rx.el.div(
        rx.el.div(tr("overview.nothing_now"), class_name="strong"),
        rx.el.div(tr("overview.nothing_now_text"), class_name="mute"),
        class_name="panel-b",
    )
    some = rx.el.div(rx.foreach(Home.running, _running), class_name="lines line")
    return ui.panel(
        rx.cond(Home.running.length() > 0, some, nothing),
        title=tr("overview.now"),
        end=ui.text_link(tr("overview.all_mass_emails"), routes.MASS_EMAILS),
        padded=False,
    )


def _running(one: rx.Var[Running]) -> rx.Component:
    paused = one.status == MassEmailStatus.PAUSED.value
    head = rx.el.div(
        ui.state_icon(one.status, MassEmailStatus),
        ui.link(one.name, to=one.href, class_name="strong trunc grow"),
        rx.cond(one.waiting != "", ui.door(one.waiting, one.waiting_to)),
        rx.cond(
            one.at != "",
            rx.el.span(
                one.ahead, " ", rx.el.b(one.at, class_name="num"), title=one.at_full, class_name="mute only-desk"
            ),
        ),
        _acts(one),
        class_name="row g3",
    )
    bar = ui.progress(
        ui.Part(one.share), label=tr_with("overview.progress_of", name=one.name), value=one.share, paused=paused
    )
    foot = rx.el.div(
        rx.el.span(rx.el.b(one.done), rx.el.span(one.of, class_name="mute"), class_name="num nowrap"),
        rx.el.span(one.next, class_name="mute num"),
        class_name="row between wrap small",
    )
    return rx.el.div(head, bar, foot, class_name="col now", custom_attrs={"data-mass-email": one.id})


def _acts(one: rx.Var[Running]) -> rx.Component:
    acts = MassEmailActs
    pause = ui.button(tr("mass_emails.pause"), icon_name="pause", small=True, on_click=acts.pause(one.id))
    resume = ui.button(tr("mass_emails.resume"), icon_name="play", small=True, on_click=acts.resume(one.id))
    look = ui.button(tr("ui.open"), icon_name="arrow-right", small=True, to=one.href)
    return rx.match(
        one.status,
        (MassEmailStatus.IN_PROCESS.value, ui.for_senders(pause)),
        (MassEmailStatus.PAUSED.value, ui.for_senders(resume)),
        look,
    )


def _month() -> rx.Component:
    head = rx.el.div(
        rx.el.h2(tr("overview.month"), class_name="h2"),
        rx.el.span(Home.span, class_name="mute small num"),
        class_name="row between",
    )
    cells = [
        ui.Figure(
            tr(f"overview.{name}"),
            icon_name,
            Home.cells[name].value,
            to=Home.cells[name].href,
            fact=Home.cells[name].fact,
        )
        for name, icon_name in _FIGURES
    ]
    return rx.el.section(head, ui.figures(*cells), class_name="col")


def _results() -> rx.Component:
    columns = [
        ui.link_column("name", tr("overview.mass_email"), lambda row: row.name, lambda row: row.href, wide=True),
        ui.time_column(
            "finished", tr("overview.finished"), lambda row: row.finished, lambda row: row.finished_full, phone=3
        ),
        ui.count_column("sent", tr("overview.sent"), lambda row: row.sent, lambda row: row.sent_to, phone=2),
        ui.number_column("opened", tr("overview.opened"), lambda row: row.opened, phone=4),
        ui.number_column("clicked", tr("overview.clicked"), lambda row: row.clicked),
        ui.number_column("opted_out", tr("overview.opted_out"), lambda row: row.opted_out),
        ui.count_column("bounced", tr("overview.bounced"), lambda row: row.bounced, lambda row: row.bounced_to),
        ui.count_column(
            "complained", tr("overview.complained"), lambda row: row.complained, lambda row: row.complained_to
        ),
    ]
    none = rx.el.div(tr("overview.no_results"), class_name="panel-b mute")
    return ui.panel(
        rx.cond(Home.results.length() > 0, ui.table(Home.results, columns, label=tr("overview.results")), none),
        title=tr("overview.results"),
        end=ui.text_link(tr("overview.all_campaigns"), routes.CAMPAIGNS),
        padded=False,
    )


def _needs() -> rx.Component:
    def need(one: rx.Var[Need]) -> rx.Component:
        return rx.el.div(
            ui.state_icon(one.sign, _SIGNS),
            rx.el.div(rx.el.div(one.title), rx.el.div(one.detail, class_name="mute small"), class_name="grow"),
            rx.cond(one.href != "", ui.text_link(one.act, one.href)),
            class_name="row g3 now",
            style={"alignItems": "flex-start"},
        )

    return rx.el.section(
        ui.panel_head(
            tr("overview.needs"), badge=rx.cond(Home.needs.length() > 0, ui.plain_badge(Home.needs.length()))
        ),
        rx.cond(
            Home.needs.length() > 0,
            rx.el.div(rx.foreach(Home.needs, need), class_name="lines line"),
            rx.el.div(
                ui.icon("circle-check", class_name="ink-ok"),
                tr("overview.needs_nothing"),
                class_name="row panel-b mute",
            ),
        ),
        class_name="panel flush",
        id="needs-you",
    )


def _health() -> rx.Component:
    def check(one: rx.Var[HealthLine]) -> rx.Component:
        return rx.el.div(
            ui.state_icon(one.sign, ("ok", "warn", "bad")),
            rx.el.span(one.about, class_name="trunc", title=one.about, style={"maxWidth": "64%", "flex": "none"}),
            rx.el.span(one.says, class_name="mute small trunc grow r", title=one.says),
            class_name="row",
            style={"padding": "7px 16px"},
        )

    return ui.panel(
        rx.el.div(rx.foreach(Home.health, check), class_name="lines line"),
        title=tr("overview.health"),
        end=ui.for_administrators(ui.text_link(tr("nav.system_health"), routes.SYSTEM_HEALTH)),
        padded=False,
    )


def _days() -> rx.Component:
    def bar(day: rx.Var[Day]) -> rx.Component:
        return rx.el.i(style={"height": day.share.to_string() + "%"}, title=day.day + ": " + day.sent)

    columns: list[Any] = [
        ui.text_column("day", tr("overview.day"), lambda row: row.day, phone=1),
        ui.number_column("sent", tr("overview.sent"), lambda row: row.sent, phone=2),
    ]
    drawn = rx.el.figure(
        rx.el.div(rx.foreach(Home.days, bar), class_name="days", role="img", aria_label=tr("overview.per_day")),
        rx.el.figcaption(
            rx.el.span(Home.days[0].day), rx.el.span(tr("overview.today")), class_name="days-foot mute small num"
        ),
    )
    table = rx.el.details(
        rx.el.summary(tr("overview.as_table"), class_name="link small"),
        rx.el.div(
            ui.table(Home.days, columns, label=tr("overview.per_day")),
            style={"maxHeight": "240px", "overflowY": "auto"},
        ),
    )
    return ui.panel(drawn, table, title=tr("overview.per_day"), end=Home.most)
