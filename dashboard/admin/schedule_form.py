"""The Scheduling of a job: its crontab, in words and with its next runs while one types, and Active."""

from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.errors import Conflict, Invalid
from models.scheduled_job import edit_job, in_words, next_runs
from models.scheduled_job_page import JobNow, jobs_now

LONGEST = 200


class ScheduleForm(ui.FormState, rx.State):
    """`job`: the one whose form it is, `title` its name. What is typed outlasts news about the job."""

    job: str = ""
    title: str = ""
    words: str = ""
    following: str = ""
    zone: str = "UTC"
    _typed: str | None = None

    @allowed(Right.LOOK)
    async def type_scheduling(self, user: Viewer, typed: str):
        self._typed = str(typed)[:LONGEST]
        self._say(user, self._typed)

    @allowed(Right.ADMINISTER)
    async def save(self, user: Viewer, given: dict[str, Any]):
        typed = ui.Typed(given)
        scheduling, active = typed.text("scheduling")[:LONGEST], typed.on("active")
        try:
            await data.run(edit_job, self.job, scheduling, active, data.now(), by=user.email, revision=self._revision)
        except Invalid as error:
            return self._fail(user, error)
        except Conflict as error:
            news = await data.read(jobs_now, data.now())
            job = next(job for job in news.jobs if job.name == self.job)
            labels = {"scheduling": say(user.language, "jobs.scheduling"), "active": say(user.language, "jobs.active")}
            return self._collide(user, error, _typed_values(job), job.revision, labels)
        self._typed = None
        await ui.tell(self, say(user.language, "jobs.saved", job=self.title))
        return rx.redirect(routes.to(routes.SCHEDULED_JOBS, job=self.job), replace=True)

    @allowed(Right.LOOK)
    async def discard(self, user: Viewer):
        self._typed = None
        self._open(self.values, self._revision)
        self._say(user, self.values.get("scheduling", ""))

    def _show(self, user: Viewer, job: JobNow, zone: str) -> None:
        """Open with a job; what was typed for the same job stays."""
        same = self.job == job.name
        if same and self._revision == job.revision and self.form_open:
            return
        self._typed = self._typed if same else None
        self.job, self.title, self.zone = job.name, say(user.language, f"scheduled_job.{job.name}"), zone
        shown = _typed_values(job) | ({} if self._typed is None else {"scheduling": self._typed})
        self._open(shown, job.revision)
        self._say(user, shown["scheduling"])

    def _say(self, user: Viewer, typed: str) -> None:
        """The typed crontab in words with its next three runs, or what is wrong with it."""
        now, language = data.now(), user.language
        try:
            runs = next_runs(typed, 3, now, ZoneInfo(self.zone))
            self.words = in_words(typed, language)
        except Invalid as error:
            self.words, self.following = "", ""
            self.errors = {name: problem.text(language) for name, problem in error.problems.items()}
            return
        self.errors = {}
        times = ", ".join(format.moment(language, self.zone, run, now) for run in runs)
        self.following = say(language, "jobs.next_runs", times=times, zone=format.zone_name(self.zone, now))


def schedule_panel() -> rx.Component:
    """The form in its panel."""
    form = ScheduleForm
    body = rx.el.form(
        rx.cond(form.conflict != "", ui.form_problems(form)),
        ui.text_field(
            form,
            "scheduling",
            tr("jobs.scheduling"),
            hint=tr("jobs.scheduling_hint"),
            on_change=lambda typed: form.type_scheduling(typed).debounce(200),
            auto_complete="off",
            spell_check=False,
            max_length=LONGEST,
            style={"fontFamily": "var(--code-font-family)"},
        ),
        rx.el.div(
            rx.el.div(form.words, class_name="strong", id="schedule-words"),
            rx.el.div(form.following, class_name="mute small", id="next-runs"),
            role="status",
            style={"minHeight": "36px"},
        ),
        ui.switch_field(form, "active", tr("jobs.active"), hint=tr("jobs.active_hint")),
        rx.el.div(
            ui.button(tr("ui.discard"), look="ghost", on_click=form.discard()),
            ui.button(tr("jobs.save"), look="pri", type="submit", busy=form.saving),
            class_name="row",
            style={"justifyContent": "flex-end"},
        ),
        class_name="col g4",
        on_submit=form.save,
        key=form.serial,
        no_validate=True,
        custom_attrs={"data-main": ""},
    )
    return ui.panel(rx.el.fieldset(body, disabled=~Prefs.can_administer), title=tr("jobs.schedule"), end=form.title)


def _typed_values(job: JobNow) -> dict[str, Any]:
    return {"scheduling": job.scheduling, "active": ui.true(job.active)}
