"""System Health: why emails are not being sent, check by check, each with the way to where it is mended."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr
from models.health import Check, Verdict, checks, worst

SIGNS: Final = {
    Verdict.GOOD: ("circle-check", "ok", "health_page.good"),
    Verdict.WARNING: ("triangle-alert", "warn", "health_page.to_know"),
    Verdict.BAD: ("circle-x", "bad", "health_page.to_act"),
}
# the first word of a check's name → where it is mended, and what that page is called; the database has no page
_MENDED: Final = {
    "scheduler": (routes.SCHEDULED_JOBS, "nav.scheduled_jobs"),
    "job": (routes.SCHEDULED_JOBS, "nav.scheduled_jobs"),
    "smtp": (routes.SMTP_ACCOUNTS, "nav.smtp_accounts"),
    "group": (routes.GROUP_EMAIL_ACCOUNTS, "nav.group_email_accounts"),
    "webhook": (routes.WEBHOOKS, "nav.webhooks"),
    "site": (routes.OUTBOUND_EMAILS, "nav.outbound_emails"),
    "queue": (routes.MASS_EMAILS, "nav.mass_emails"),
    "mass": (routes.MASS_EMAILS, "nav.mass_emails"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A check as its row shows it: `place` is where it is mended, `href` its address; "" when that is no page."""

    verdict: str
    says: str
    place: str
    href: str


class Health(rx.State):
    """What was found when the page was opened, or asked again."""

    rows: list[Line] = []
    shown: bool = False
    verdict: str = ""
    summary: str = ""
    checked: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        now = data.now()
        found = await data.read(checks, now)
        self.rows = [_line(check, user.language) for check in found]
        self.verdict = str(worst(found))
        self.summary = _summary(found, user.language)
        moment = format.moment(user.language, user.time_zone, now, now)
        self.checked = say(user.language, "health_page.checked", time=moment)
        self.shown = True

    def _clear(self) -> None:
        self.rows, self.shown = [], False


def health_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(
            tr("health_page.title"),
            facts=[tr("health_page.about")],
            acts=[ui.button(tr("health_page.again"), icon_name="rotate-cw", on_click=Health.load())],
        ),
        rx.cond(
            Health.shown,
            rx.fragment(
                _summary_note(),
                ui.panel(_lines(), padded=False),
            ),
            ui.panel(ui.skeleton_rows(6), padded=False),
        ),
        here="system_health",
        crumbs=[(tr("nav.administration"), routes.OUTBOUND_EMAILS), (tr("health_page.title"), routes.SYSTEM_HEALTH)],
    )


def _lines() -> rx.Component:
    """Whole sentences, also on phones: they say what to do."""

    def line(row: rx.Var[Line]) -> rx.Component:
        return rx.el.li(
            rx.el.span(_verdict(row.verdict), style={"width": "110px"}),
            rx.el.span(row.says, class_name="says", style={"flex": "1 1 240px"}),
            rx.cond(row.href != "", ui.text_link(row.place, row.href)),
            class_name="row wrap g3",
            style={"padding": "10px 16px"},
            custom_attrs={"data-verdict": row.verdict},
        )

    return rx.el.ul(rx.foreach(Health.rows, line), class_name="lines checks", aria_label=tr("health_page.title"))


def _summary_note() -> rx.Component:
    end = rx.el.span(Health.checked, class_name="mute small num")
    return rx.match(
        Health.verdict,
        ("bad", ui.note(title=Health.summary, tone="bad", end=end)),
        ("warning", ui.note(title=Health.summary, tone="warn", end=end)),
        ui.note(title=Health.summary, tone="ok", end=end),
    )


def _verdict(verdict: rx.Var[str]) -> rx.Component:
    def shown(one: Verdict) -> rx.Component:
        icon_name, ink, words = SIGNS[one]
        return rx.el.span(ui.icon(icon_name, class_name=f"ink-{ink}"), rx.el.span(tr(words)), class_name="st")

    return rx.match(verdict, *[(str(one), shown(one)) for one in Verdict], rx.fragment())


def _summary(found: list[Check], language: str) -> str:
    """How many checks keep emails back; else how many are worth knowing; else that all is well."""
    for verdict in (Verdict.BAD, Verdict.WARNING):
        if count := len([check for check in found if check.verdict is verdict]):
            return say(language, f"health_page.{verdict}", count=count)
    return say(language, "health_page.all_good")


def _line(check: Check, language: str) -> Line:
    first, _, rest = check.name.partition(" ")
    verdict, says = str(check.verdict), check.says.text(language)
    if first not in _MENDED:
        return Line(verdict, says, "", "")
    href, place = _MENDED[first]
    number = rest.removeprefix("email ")
    if first == "mass" and number.isdecimal():
        href = routes.to(routes.MASS_EMAIL, mass_email_id=number)
    return Line(verdict, says, say(language, place), href)
