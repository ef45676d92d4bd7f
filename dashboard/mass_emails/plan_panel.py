"""The portion planner: plan and reality in one chart, portion size and hourly limit, what limits and when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from dashboard.mass_emails.address import id_in
from dashboard.mass_emails.foreseen import Foreseen, clock, foreseen_of
from dashboard.mass_emails.plan_chart import Point, figure_of, planned_of, points_of, real_of
from dashboard.ui.chart import chart
from models.account_use import AccountUse
from models.errors import Invalid, NotFound
from models.forecast import Forecast
from models.mass_email import MassEmailStatus
from models.mass_email_news import Plan, read_plan
from models.outbound_emails import change

IF: Final = {
    MassEmailStatus.DRAFT: "mass_emails.plan_if_started",
    MassEmailStatus.PAUSED: "mass_emails.plan_if_resumed",
}
"""What the plan of one that stands still supposes."""


@dataclass(frozen=True, slots=True)
class RouteLine:
    """An account of the route: which part of the messages it takes, and how much of its hour is used."""

    name: str
    part: str
    used: str
    trouble: str


class PlanPanel(live.LiveState, ui.FormState, rx.State):
    """While there is no queue the plan is made by who counts the people (`_plan_for`)."""

    foreseen: Foreseen = Foreseen()
    people: str = ""
    used: str = ""
    own_limit: str = ""
    window: str = ""
    route: list[RouteLine] = []
    unforeseen: str = ""
    figure: dict[str, Any] = {}
    points: list[Point] = []
    sentence: str = ""
    advice: str = ""
    said: str = ""
    drawn: bool = False
    _id: int = 0
    _people: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        wanted = id_in(self.router.url.path)
        if wanted != self._id:
            self._clear()
            self._id = wanted
        try:
            plan = await live.follow(self, user, read_plan, mass_email_id=wanted)
        except NotFound:  # the page says it
            return
        self._take(user, plan)
        if plan.account and not self.form_open:
            limits = plan.account.limits
            self._open({"portion_size": limits.portion_size, "max_per_hour": limits.per_hour})

    @allowed(Right.ADMINISTER)
    async def save(self, user: Viewer, given: dict[str, Any]):
        """Both are of Outbound Emails: they hold for every mass email, from the next portion on."""
        try:
            typed = ui.Typed(given)
            names = [name for name in ("portion_size", "max_per_hour") if name in typed.given]
            values = {name: typed.whole(name) or typed.text(name) for name in names}
            typed.check()
            await data.run(change, values, data.now(), user.email)
        except Invalid as error:
            return self._fail(user, error)
        self._close()
        await ui.tell(self, say(user.language, "mass_emails.plan_saved"))
        await self._plan_again(user)
        return PlanPanel.load

    def _take(self, user: Viewer, news: Plan) -> None:
        use = news.account
        self.used = say(user.language, "mass_emails.used", count=use.used) if use else ""
        self.own_limit = format.count(user.language, use.own_limit) if use and use.own_limit else ""
        self.window = _window(user, news)
        self.route = _route(user, news.route) if len(news.route) > 1 else []
        if news.queued:
            self._draw(user, news)

    async def _plan_for(self, user: Viewer, people: int) -> None:
        """The plan before the queue is built, for so many people."""
        self._people, self.people = people, format.count(user.language, people)
        await self._plan_again(user)

    async def _plan_again(self, user: Viewer) -> None:
        if self._people:
            self._draw(user, await data.read(read_plan, self._id, data.now(), self._people))

    def _draw(self, user: Viewer, plan: Plan) -> None:
        now = data.now()
        real, planned = real_of(plan), planned_of(plan)
        self.foreseen = foreseen_of(user, plan.forecast)
        self.figure = figure_of(user, real, planned, now) if real or planned else {}
        self.points, self.drawn = points_of(user, real, planned), bool(real or planned)
        self.sentence, self.advice = _sentence(user, plan), _advice(user, plan)
        self.unforeseen = _unforeseen(user.language, plan.forecast)
        self.said = _spoken(user.language, plan, self.sentence)

    def _clear(self) -> None:
        self._close()
        self.foreseen, self.people, self.used, self.own_limit, self.figure = Foreseen(), "", "", "", {}
        self.points, self.sentence, self.advice, self.said, self.drawn, self.live = [], "", "", "", False, False
        self.window, self.route, self.unforeseen = "", [], ""
        self._id, self._people = 0, 0


def plan_panel() -> rx.Component:
    """Fields left, chart right, one sentence below."""
    plan = PlanPanel
    body = rx.el.div(
        rx.el.div(
            rx.el.div(
                rx.cond(Prefs.can_administer, _fields(), _limits()),
                _way_out(),
                class_name="col g4",
                style={"flex": "1 1 200px"},
            ),
            rx.el.div(_chart(), style={"flex": "2 1 340px", "minWidth": 0}),
            class_name="row wrap",
            style={"gap": "24px", "alignItems": "flex-start"},
        ),
        rx.cond(plan.sentence != "", ui.note(plan.advice, " ", plan.unforeseen, title=plan.sentence)),
        class_name="col g4",
    )
    return rx.cond(
        plan.drawn,
        ui.panel(body, title=tr("mass_emails.planner"), end=tr("mass_emails.from_next_portion")),
    )


def _fields() -> rx.Component:
    plan = PlanPanel
    size = ui.number_field(
        plan, "portion_size", tr("mass_emails.portion_size"), unit=tr("mass_emails.unit_people"), whole=True
    )
    hourly = ui.number_field(
        plan,
        "max_per_hour",
        tr("mass_emails.hourly_limit"),
        unit=tr("mass_emails.unit_hour"),
        hint=plan.used,
        whole=True,
    )
    own = rx.el.div(
        rx.el.span(tr("mass_emails.hourly_limit"), class_name="lab"),
        rx.el.span(plan.own_limit, " ", tr("mass_emails.unit_hour"), class_name="num"),
        rx.el.span(plan.used, class_name="hint"),
        ui.text_link(tr("mass_emails.limit_of_account"), routes.SMTP_ACCOUNTS),
        class_name="field",
    )
    return rx.el.form(
        size,
        rx.cond(plan.own_limit != "", own, hourly),
        rx.el.div(ui.button(tr("ui.save"), type="submit", small=True), class_name="row"),
        on_submit=plan.save,
        key=plan.serial,
        no_validate=True,
        class_name="col g4",
        id="planner",
    )


def _limits() -> rx.Component:
    plan = PlanPanel
    return rx.el.div(
        ui.facts(
            (tr("mass_emails.portion_size"), plan.values["portion_size"]),
            (
                tr("mass_emails.hourly_limit"),
                rx.cond(plan.own_limit != "", plan.own_limit, plan.values["max_per_hour"]),
            ),
        ),
        rx.el.span(plan.used, class_name="mute small"),
        class_name="col",
    )


def _way_out() -> rx.Component:
    """When it may leave, and by which accounts when there are several."""
    plan = PlanPanel
    return rx.fragment(
        rx.cond(plan.window != "", ui.facts((tr("mass_emails.sending_window"), plan.window))),
        rx.cond(
            plan.route.length() > 0,
            rx.el.div(
                rx.el.span(tr("mass_emails.route"), class_name="lab"),
                rx.foreach(plan.route, _route_line),
                class_name="lines",
                id="route",
            ),
        ),
    )


def _route_line(line: rx.Var[RouteLine]) -> rx.Component:
    return rx.el.div(
        rx.el.div(line.name, rx.el.span(line.part, class_name="mute", style={"marginLeft": "auto"}), class_name="row"),
        rx.el.div(line.used, class_name="hint num"),
        rx.cond(line.trouble != "", rx.el.div(ui.icon("circle-alert", 14), line.trouble, class_name="err")),
        class_name="field",
        style={"paddingBlock": "8px", "gap": "2px"},
    )


def _chart() -> rx.Component:
    plan = PlanPanel
    columns = [
        ui.time_column("at", tr("mass_emails.time"), lambda row: row.at),
        ui.number_column("sent", tr("mass_emails.real"), lambda row: row.sent),
        ui.number_column("planned", tr("mass_emails.plan"), lambda row: row.planned),
    ]
    return chart(
        plan.figure,
        plan.said,
        legend=[("opened", "line", tr("mass_emails.real")), ("planned", "line", tr("mass_emails.plan"))],
        table=ui.table(plan.points, columns, name=lambda row: row.at, label=tr("mass_emails.sent_in_total")),
    )


def _sentence(user: Viewer, plan: Plan) -> str:
    foreseen = plan.forecast
    if foreseen.next_at is None:
        return ""
    if foreseen.finishes_at is None:
        return say(user.language, "mass_emails.no_end")
    limited = say(user.language, f"delivery.limited_by.{foreseen.limited_by}") if foreseen.limited_by else ""
    at = clock(user, foreseen.finishes_at, data.now())
    to_go = foreseen.portions_planned - foreseen.portions_done
    key = IF.get(plan.status, "mass_emails.plan_sentence")
    return say(user.language, key, count=to_go, at=at, limited=limited)


def _spoken(language: str, plan: Plan, sentence: str) -> str:
    """The chart in a sentence."""
    sent = say(language, "mass_emails.sent_so_far", count=sum(n for _, n in plan.sent))
    return f"{sent} {sentence}".strip()


def _window(user: Viewer, plan: Plan) -> str:
    """Its sending window, with the zone it is read in."""
    return f"{ui.said_window(user.language, plan.window)} ({plan.zone})" if plan.window else ""


def _route(user: Viewer, uses: Sequence[AccountUse]) -> list[RouteLine]:
    language, weights = user.language, sum(use.weight for use in uses if not use.stand_by)
    return [
        RouteLine(
            use.name,
            say(language, "mass_emails.on_stand_by") if use.stand_by else format.percent(language, use.weight, weights),
            say(language, "mass_emails.used_of", count=use.used, limit=use.limits.per_hour),
            say(language, "mass_emails.in_trouble", at=format.clock(language, user.time_zone, use.waits_until))
            if use.waits_until
            else "",
        )
        for use in uses
    ]


def _unforeseen(language: str, forecast: Forecast) -> str:
    """Why it may take longer."""
    if forecast.finishes_at is None:
        return ""
    return " ".join(say(language, f"mass_emails.unforeseen.{one}") for one in forecast.unforeseen)


def _advice(user: Viewer, plan: Plan) -> str:
    if plan.better is None:
        return ""
    at = clock(user, plan.better.finishes_at, data.now())
    return say(user.language, "mass_emails.better", size=plan.better.portion_size, at=at)
