"""Scheduled Jobs: what runs when, how it went, and the log of one job; all of it follows by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.admin.schedule_form import ScheduleForm, schedule_panel
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr, tr_with
from models.scheduled_job import (
    DEFAULTS,
    SEND_MASS_EMAILS,
    Heartbeat,
    Outcome,
    RunRow,
    in_words,
    run_now,
    run_page,
    set_active,
)
from models.scheduled_job import said as counts_in_words
from models.scheduled_job_page import JobNow, JobsNow, jobs_now

BARS: Final = 12
SPEC = ui.ListSpec(
    route=routes.SCHEDULED_JOBS,
    sorts=("started",),
    sort="-started",
    filters=(
        ui.Filter("job", "jobs.job", "choice", tuple(DEFAULTS), "scheduled_job"),
        ui.Filter("result", "jobs.result", "choice", (Outcome.FAILED,), "jobs.result"),
    ),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A run among the last ones: `height` in percent of the longest, `words` when it was and how it went."""

    height: int
    failed: bool
    words: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as its row shows it."""

    id: str
    name: str
    about: str
    href: str
    schedule: str
    active: bool
    outcome: str
    last: str
    last_full: str
    last_words: str
    bars: list[Bar]
    bars_words: str
    next_at: str
    next_full: str
    asked_for: bool


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as the log shows it. `error`: word for word, "" where nothing went wrong."""

    id: int
    started: str
    started_full: str
    outcome: str
    took: str
    message: str
    error: str


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
        self.jobs = [_job_line(job, user, now) for job in news.jobs]
        self.beats = bool(news.heartbeat and news.heartbeat.alive)
        self.beat, self.beat_fact = _beat(news.heartbeat, user, now)
        self.zone_fact = say(user.language, "jobs.zone", zone=format.zone_name(news.zone, now))
        asked, job = self._asked(), next((job for job in news.jobs if job.name == self.chosen), None)
        if job and asked.page == 1 and asked.size == ui.SIZES[0] and not asked.get("result"):
            self._take_log(user, list(job.runs), job.total)

    def _take_log(self, user: Viewer, runs: list[RunRow], total: int) -> None:
        now = data.now()
        self.rows = [_run_line(run, user, now) for run in runs]
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
    return rx.el.span(sign, ScheduledJobs.beat, class_name="row", id="scheduler-beat")


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
    return rx.fragment(rx.cond(run.message != "", rx.el.span(run.message)), rx.cond(run.error != "", error))


def _beat(beat: Heartbeat | None, user: Viewer, now: datetime) -> tuple[str, str]:
    language, zone = user.language, user.time_zone
    if beat is None:
        return say(language, "jobs.never_ran"), ""
    if not beat.alive:
        return say(language, "jobs.not_running", time=format.moment(language, zone, beat.heard_at, now)), ""
    ago = format.duration(language, timedelta(seconds=max(0, round((now - beat.heard_at).total_seconds()))))
    since = format.moment(language, zone, beat.since, now)
    return say(language, "jobs.running", ago=ago), say(language, "jobs.since", holder=beat.holder, time=since)


def _job_line(job: JobNow, user: Viewer, now: datetime) -> JobLine:
    language, zone = user.language, user.time_zone
    last = job.runs[0] if job.runs else None
    bars = _bars_of(job.runs[:BARS], user, now)
    failed = sum(bar.failed for bar in bars)
    return JobLine(
        id=job.name,
        name=say(language, f"scheduled_job.{job.name}"),
        about=say(language, f"jobs.about.{job.name}"),
        href=routes.to(routes.SCHEDULED_JOBS, job=job.name),
        schedule=in_words(job.scheduling, language),
        active=job.active,
        outcome=last.outcome if last else "",
        last=_last(last, user, now) if last else say(language, "jobs.no_run"),
        last_full=format.full_moment(language, zone, last.started_at) if last else "",
        last_words=_handled(last, language) if last else "",
        bars=bars,
        bars_words=say(language, "jobs.bars", done=len(bars) - failed, failed=failed),
        next_at=say(language, "jobs.asked_for") if job.asked_for else format.moment(language, zone, job.next_at, now),
        next_full=format.full_moment(language, zone, job.next_at),
        asked_for=job.asked_for,
    )


def _last(run: RunRow, user: Viewer, now: datetime) -> str:
    began = format.moment(user.language, user.time_zone, run.started_at, now)
    return f"{began}, {_took(run, user.language)}" if run.ended_at else began


def _handled(run: RunRow, language: str) -> str:
    if run.error:
        return run.error.splitlines()[0]
    return counts_in_words(run.message, language) or (
        say(language, "jobs.handled", count=run.handled) if run.handled else ""
    )


def _bars_of(runs: tuple[RunRow, ...], user: Viewer, now: datetime) -> list[Bar]:
    """Oldest first; the height of a bar is the run's duration."""
    longest = max((_seconds(run) for run in runs), default=0) or 1
    return [
        Bar(
            height=max(18, round(100 * _seconds(run) / longest)),
            failed=run.outcome is Outcome.FAILED,
            words=f"{_last(run, user, now)}: {say(user.language, f'jobs.result.{run.outcome}')}",
        )
        for run in reversed(runs)
    ]


def _seconds(run: RunRow) -> float:
    return (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0.0


def _took(run: RunRow, language: str) -> str:
    if run.ended_at is None:
        return format.UNKNOWN
    seconds = _seconds(run)
    return format.duration(language, timedelta(seconds=round(seconds, 1) if seconds < 10 else round(seconds)))


def _run_line(run: RunRow, user: Viewer, now: datetime) -> RunLine:
    language = user.language
    done = counts_in_words(run.message, language)
    idle = say(language, "jobs.nothing") if run.outcome is Outcome.DONE and not run.error else ""
    return RunLine(
        id=run.id,
        started=format.moment(language, user.time_zone, run.started_at, now),
        started_full=format.full_moment(language, user.time_zone, run.started_at),
        outcome=run.outcome,
        took=_took(run, language),
        message=done or idle,
        error=run.error,
    )
