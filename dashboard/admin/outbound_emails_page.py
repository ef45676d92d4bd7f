"""Outbound Emails: how much leaves, how fast, in whose name, and where its links lead."""

from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.admin import outbound_emails_fields as parts
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.crontab import parse_crontab
from models.errors import Invalid
from models.outbound_emails import OutboundEmails, change, read, site_url_warning
from models.pace import pace_of
from models.scheduled_job import SEND_MASS_EMAILS, in_words
from models.scheduled_job_page import JobNow, jobs_now
from models.sending_route import hourly_limits

NUMBERS: Final = (
    "portion_size",
    "max_per_hour",
    "max_per_minute",
    "max_per_minute_per_domain",
    "max_per_hour_per_domain",
    "undo_minutes",
    "give_up_after_days",
    "soft_bounce_count",
    "soft_bounce_days",
    "keep_visits_days",
    "keep_log_days",
    "keep_job_runs_days",
    "keep_caught_mails",
    "keep_mails_days",
    "stop_wait_seconds",
)
SWITCHES: Final = ("mandatory_opt_out_link", "opt_out_entirely_by_default")


class OutboundPage(ui.FormState, rx.State):
    """The settings, and what the numbers that are typed come to. `interval`: the Scheduling of the job in words."""

    shown: bool = False
    interval: str = ""
    pace: str = ""
    pace_text: str = ""
    paused: bool = False
    warning: str = ""
    brand: str = ""
    _typed: dict[str, str] = {}
    _scheduling: str = ""
    _hourly: list[int | None] = [None]

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        stored, news = await data.read(read), await data.read(jobs_now, data.now())
        self._hourly = await data.read(hourly_limits) or [None]
        self._take_job(next((job for job in news.jobs if job.name == SEND_MASS_EMAILS), None), user)
        if self._open_page(_typed_values(stored, user.language)):
            self._typed = {name: self.values[name] for name in parts.FOLLOWED}
        self._reckon(user)
        self.shown = True

    @allowed(Right.LOOK)
    async def discard(self, user: Viewer):
        """Show what is stored; what was typed is given up."""
        self._close()
        return OutboundPage.load

    @allowed(Right.LOOK)
    async def follow(self, user: Viewer, name: str, typed: str):
        """Say what the typed numbers come to, and what is wrong with the typed Site URL."""
        if name in parts.FOLLOWED:
            self._typed = {**self._typed, name: str(typed)[:500]}
            self._reckon(user)

    @allowed(Right.ADMINISTER)
    async def save(self, user: Viewer, given: dict[str, Any]):
        typed = ui.Typed(given)
        settings = [field.name for field in dataclass_fields(OutboundEmails) if field.name in typed.given]
        values: dict[str, object] = {name: typed.text(name) for name in settings}
        values |= {name: ungrouped(typed.text(name)) for name in settings if name in NUMBERS}
        values |= {name: typed.on(name) for name in SWITCHES}
        if (window := ui.typed_window(typed, "sending_window")) is not None:
            values["sending_window"] = window
        try:
            stored = await data.run(change, values, data.now(), user.email)
        except Invalid as error:
            return self._fail(user, error)
        self._close()
        self._open(_typed_values(stored, user.language))
        await ui.tell(self, say(user.language, "outbound.saved"))
        return rx.redirect(routes.OUTBOUND_EMAILS, replace=True)

    def _take_job(self, job: JobNow | None, user: Viewer) -> None:
        self.paused = job is None or not job.active
        self._scheduling = job.scheduling if job else ""
        self.interval = in_words(job.scheduling, user.language) if job else ""

    def _reckon(self, user: Viewer) -> None:
        language, typed = user.language, self._typed
        self.brand = color if len(color := typed["brand_color"].strip()) == 7 and color[1:].isalnum() else ""
        problem = site_url_warning(typed["site_url"].strip())
        self.warning = problem.text(language) if problem else ""
        if self.paused:
            self.pace, self.pace_text = (
                say(language, "outbound.pace.inactive"),
                say(language, "outbound.pace.inactive_text"),
            )
        else:
            self.pace, self.pace_text = _pace(language, typed, self._scheduling, self.interval, self._hourly)


def outbound_emails_page() -> rx.Component:
    """The page, part by part."""
    state = OutboundPage
    return ui.page(
        ui.page_header(tr("outbound.title"), facts=[tr("outbound.about")]),
        rx.cond(~Prefs.can_administer, ui.no_rights(tr("admin.only_administrators"))),
        rx.cond(state.shown, _form(), ui.skeleton_rows()),
        here="outbound_emails",
        crumbs=[
            (tr("nav.administration"), routes.OUTBOUND_EMAILS),
            (tr("outbound.title"), routes.OUTBOUND_EMAILS),
        ],
    )


def _form() -> rx.Component:
    form = ui.form(
        OutboundPage,
        parts.limits(OutboundPage),
        parts.per_domain(OutboundPage),
        parts.times(OutboundPage),
        parts.soft_bounces(OutboundPage),
        parts.opt_out(OutboundPage),
        parts.sender(OutboundPage),
        parts.site(OutboundPage),
        parts.privacy(OutboundPage),
        parts.keeping(OutboundPage),
        on_submit=OutboundPage.save,
        discard=OutboundPage.discard(),
    )
    return rx.el.fieldset(form, disabled=~Prefs.can_administer, id="outbound-emails")


def ungrouped(typed: str) -> str:
    """A whole number without the signs that group its digits: "1,000" is 1000."""
    return "".join(sign for sign in typed if sign not in " ,\u00a0\u202f")


def _typed_values(stored: OutboundEmails, language: str) -> dict[str, Any]:
    values = asdict(stored)
    values |= {name: format.count(language, values[name]) for name in NUMBERS if values[name] is not None}
    values |= ui.window_values("sending_window", stored.sending_window)
    return values | {name: ui.true(values[name]) for name in SWITCHES}


def _pace(
    language: str, typed: dict[str, str], scheduling: str, words: str, own: Sequence[int | None]
) -> tuple[str, str]:
    """(how many, why) in words; "" while something typed is no number. `own`: hourly limits of the accounts."""
    portion, hour, minute = (ungrouped(typed[name]) for name in NUMBERS[:3])
    if not all(n.isascii() and n.isdigit() and 0 < int(n) < 10**9 for n in (portion, hour, minute or "1")):
        return "", ""
    limit = int(minute) if minute else None
    pace = pace_of(int(portion), int(hour), limit, parse_crontab(scheduling), own)
    count = say(language, f"outbound.pace.{pace.per}", count=pace.count)
    about = {"portion": int(portion), "schedule": words[:1].lower() + words[1:]}
    match pace.limited_by:
        case "portion":
            return count, say(language, "outbound.pace.portion", left=pace.left, **about)
        case _ if len(own) > 1:
            return count, say(language, "outbound.pace.by_accounts", count=len(own), **about)
        case "hour":
            return count, say(language, "outbound.pace.by_hour", limit=own[0] or int(hour), **about)
        case _:
            return count, say(language, "outbound.pace.by_minute", limit=limit, **about)
