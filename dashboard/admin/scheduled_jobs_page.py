"""Scheduled Jobs: what runs when, how it went, and the log of one job; all of it follows by itself."""

from typing import ClassVar

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.admin.job_lines import Bar, JobLine, RunLine, beat_said, job_line, run_line
from dashboard.admin.schedule_form import ScheduleForm, schedule_panel
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr, tr_with
from models.scheduled_job import (
    DEFAULTS,
    SEND_MASS_EMAILS,
    Outcome,
    RunRow,
    run_now,
    run_page,
    set_active,
)
from models.scheduled_job_page import JobsNow, jobs_now

SPEC = ui.ListSpec(
    route=routes.SCHEDULED_JOBS,
    sorts=("started",),
    sort="-started",
    filters=(
        ui.Filter("job", "jobs.job", "choice", tuple(DEFAULTS), "scheduled_job"),
        ui.Filter("result", "jobs.result", "choice", (Outcome.FAILED,), "jobs.result"),
    ),
)


class ScheduledJobs(live.LiveState, ui.ListState, rx.State):
    """The jobs, the scheduler's sign of life, and the log of the job that the address names."""

    _spec: ClassVar = SPEC
    jobs: list[JobLine] = []
    rows: list[RunLine] = []
    chosen: str = SEND_MASS_EMAILS
    chosen_name: str = ""
    beat: str = ""
    beat_fact: str = ""
    beats: bool = True
    zone_fact: str = ""
    all_href: str = ""
    errors_href: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        news = await live.follow(self, user, jobs_now)
        self.chosen = asked.get("job") or SEND_MASS_EMAILS
        only = Outcome.FAILED if asked.get("result") else None
        runs, total = await data.read(run_page, self.chosen, asked.page, asked.size, outcome=only)
        self.chosen_name = say(user.language, f"scheduled_job.{self.chosen}")
        self.all_href = routes.to(routes.SCHEDULED_JOBS, job=self.chosen)
        self.errors_href = routes.to(routes.SCHEDULED_JOBS, job=self.chosen, result=Outcome.FAILED)
        self._take(user, news)
        self._take_log(user, runs, total)
        form = await self.get_state(ScheduleForm)
        form._show(user, next(job for job in news.jobs if job.name == self.chosen), news.zone)

    @allowed(Right.ADMINISTER)
    async def switch(self, user: Viewer, name: str, active: bool):
        await data.run(set_active, str(name), active is True, data.now(), by=user.email)
        job = say(user.language, f"scheduled_job.{name}")
        await ui.tell(self, say(user.language, "jobs.activated" if active is True else "jobs.deactivated", job=job))
        return ScheduledJobs.load

    @allowed(Right.ADMINISTER)
    async def run_now(self, user: Viewer, name: str):
        await data.run(run_now, str(name), data.now(), by=user.email)
        await ui.tell(self, say(user.language, "jobs.asked", job=say(user.language, f"scheduled_job.{name}")))
        return ScheduledJobs.load

    def _take(self, user: Viewer, news: JobsNow) -> None:
        now = data.now()
        self.jobs = [job_line(job, user, now) for job in news.jobs]
        self.beats = bool(news.heartbeat and news.heartbeat.alive)
        self.beat, self.beat_fact = beat_said(news.heartbeat, user, now)
        self.zone_fact = say(user.language, "jobs.zone", zone=format.zone_name(news.zone, now))
        asked, job = self._asked(), next((job for job in news.jobs if job.name == self.chosen), None)
        if job and asked.page == 1 and asked.size == ui.SIZES[0] and not asked.get("result"):
            self._take_log(user, list(job.runs), job.total)

    def _take_log(self, user: Viewer, runs: list[RunRow], total: int) -> None:
        now = data.now()
        self.rows = [run_line(run, user, now) for run in runs]
        self._show(user, total)


def scheduled_jobs_page() -> rx.Component:
    """The page, part by part."""
    state = ScheduledJobs
    return ui.page(
        ui.page_header(tr("jobs.title"), facts=[_beat_fact(), state.beat_fact, state.zone_fact]),
        rx.cond(~Prefs.can_administer, ui.no_rights(tr("admin.only_administrators"))),
        ui.panel(
            rx.cond(state.shown, ui.table(state.jobs, _columns(), two_lines=True, label=tr("jobs.title")), _waiting()),
            padded=False,
        ),
        ui.columns([_log()], [schedule_panel()]),
        here="scheduled_jobs",
        crumbs=[(tr("nav.administration"), routes.OUTBOUND_EMAILS), (tr("jobs.title"), routes.SCHEDULED_JOBS)],
        live=live.sign(state),
    )


def _waiting() -> rx.Component:
    return ui.skeleton_rows(2)


def _beat_fact() -> rx.Component:
    sign = rx.cond(
        ScheduledJobs.beats,
        ui.icon("circle-check", class_name="ink-ok"),
        ui.icon("circle-x", class_name="ink-bad"),
    )
    inline = {"display": "inline-flex", "alignItems": "center", "gap": "6px", "verticalAlign": "middle"}
    return rx.el.span(sign, ScheduledJobs.beat, style=inline, id="scheduler-beat")


def _columns() -> list[ui.Column]:
    return [
        ui.Column("job", tr("jobs.job"), _name, phone=1),
        ui.Column("schedule", tr("jobs.schedule"), lambda job: job.schedule, phone=3),
        ui.Column("status", tr("jobs.status"), _switch, phone=2),
        ui.Column("last", tr("jobs.last_run"), _last_run),
        ui.Column("bars", tr("jobs.last_runs"), _bars, low=True),
        ui.time_column("next", tr("jobs.next_run"), lambda job: job.next_at, lambda job: job.next_full, phone=4),
        ui.Column("run", ui.spoken(tr("jobs.run_now")), _run_now, right=True),
    ]


def _name(job: rx.Var[JobLine]) -> rx.Component:
    here = rx.cond(ScheduledJobs.chosen == job.id, "true", "false")
    return rx.fragment(
        ui.link(job.name, to=job.href, class_name="name", custom_attrs={"aria-current": here}),
        rx.el.span(job.about, class_name="sub"),
    )


def _switch(job: rx.Var[JobLine]) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        role="switch",
        class_name="sw",
        checked=job.active,
        disabled=~Prefs.can_administer,
        on_change=ScheduledJobs.switch(job.id, ~job.active),
        aria_label=tr_with("jobs.active_switch", job=job.name),
    )
    word = rx.cond(job.active, rx.el.span(tr("ui.active")), rx.el.span(tr("ui.inactive"), class_name="mute"))
    return rx.el.label(box, word, class_name="row")


def _last_run(job: rx.Var[JobLine]) -> rx.Component:
    words = rx.el.div(
        rx.el.span(job.last, title=job.last_full),
        rx.cond(job.last_words != "", rx.el.span(job.last_words, class_name="sub trunc", title=job.last_words)),
        style={"maxWidth": "260px", "minWidth": 0},
    )
    return rx.el.div(rx.cond(job.outcome != "", _outcome_icon(job.outcome)), words, class_name="row")


def _outcome_icon(outcome: rx.Var[str]) -> rx.Component:
    return rx.match(
        outcome,
        ("done", ui.icon("circle-check", class_name="ink-ok")),
        ("failed", ui.icon("circle-x", class_name="ink-bad")),
        ("running", ui.icon("loader-circle", class_name="ink-accent")),
        ui.icon("circle-pause", class_name="ink-gray"),
    )


def _bars(job: rx.Var[JobLine]) -> rx.Component:
    def bar(run: rx.Var[Bar]) -> rx.Component:
        return rx.cond(
            run.failed,
            rx.el.b("×", title=run.words),
            rx.el.i(style={"height": run.height.to_string() + "%"}, title=run.words),
        )

    return rx.el.div(rx.foreach(job.bars, bar), class_name="runs", role="img", aria_label=job.bars_words)


def _run_now(job: rx.Var[JobLine]) -> rx.Component:
    return ui.for_administrators(
        ui.button(
            tr("jobs.run_now"),
            icon_name="play",
            small=True,
            disabled=~job.active | job.asked_for,
            on_click=ScheduledJobs.run_now(job.id),
            aria_label=tr_with("jobs.run_now_of", job=job.name),
        )
    )


def _log() -> rx.Component:
    state = ScheduledJobs
    failed = state.filters["result"] == Outcome.FAILED
    which = ui.segment_links(
        [(tr("jobs.all"), state.all_href, ~failed), (tr("jobs.errors"), state.errors_href, failed)]
    )
    columns = [
        ui.time_column("started", tr("jobs.started"), lambda run: run.started, lambda run: run.started_full, phone=1),
        ui.Column("result", tr("jobs.result"), _result, phone=2),
        ui.number_column("took", tr("jobs.took"), lambda run: run.took, phone=4),
        ui.Column("message", tr("jobs.message"), _message, phone=3, wide=True),
    ]
    return ui.panel(
        rx.cond(
            state.total > 0,
            rx.fragment(
                ui.table(state.rows, columns, label=tr_with("jobs.log_of", job=state.chosen_name)), ui.paging(state)
            ),
            rx.cond(state.shown, ui.empty(tr("jobs.no_log"), icon_name="scroll-text"), ui.skeleton_rows()),
        ),
        title=tr_with("jobs.log_of", job=state.chosen_name),
        end=which,
        padded=False,
    )


def _result(run: rx.Var[RunLine]) -> rx.Component:
    word = rx.match(run.outcome, *[(str(kind), tr(f"jobs.result.{kind}")) for kind in Outcome], run.outcome)
    return rx.el.span(_outcome_icon(run.outcome), word, class_name="st")


def _message(run: rx.Var[RunLine]) -> rx.Component:
    error = rx.el.span(run.error, class_name="code block")
    done = rx.el.span(run.message, style={"whiteSpace": "normal"})
    return rx.fragment(rx.cond(run.message != "", done), rx.cond(run.error != "", error))
