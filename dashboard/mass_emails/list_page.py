"""All mass emails: what is being sent now, what waits, and the results side by side."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.create_list import create_list_dialog
from dashboard.acts.mass_email import mass_email_dialogs, mass_email_items
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr
from models.log_filter import LogFilter
from models.mass_email import MassEmailStatus
from models.mass_email_page import (
    SORTS,
    MassEmailFilter,
    MassEmailRow,
    count_by_status,
    form_choices,
    mass_email_page,
    not_yet_sent,
)
from models.queue_table import ItemState

SPEC = ui.ListSpec(
    route=routes.MASS_EMAILS,
    sorts=tuple(SORTS),
    sort="-start_at",
    filters=(
        ui.Filter("status", "mass_emails.status", "choice", tuple(MassEmailStatus), "status"),
        ui.Filter("campaign", "mass_emails.campaign", "pick"),
        ui.Filter("dates", "mass_emails.start_at", "dates"),
    ),
    views=(
        ui.View("", "mass_emails.view.all"),
        ui.View("in_process", "status.in_process", {"status": "in_process"}),
        ui.View("pending", "status.pending", {"status": "pending"}),
        ui.View("draft", "status.draft", {"status": "draft"}),
        ui.View("complete", "status.complete", {"status": "complete"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A mass email as it is shown; `share` is percent done, `progress` "" while there is no queue."""

    id: int
    name: str
    href: str
    campaign: str
    status: str
    start: str
    start_full: str
    template: str
    share: float
    progress: str
    sent: str
    sent_to: str
    opened: str
    clicked: str
    failed: int


class MassEmails(ui.ListState, rx.State):
    """The rows as the address asks for them."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        chosen = _filter(asked, user.time_zone)
        found, total = await data.read(mass_email_page, chosen, asked.sort, asked.page, asked.size)
        left = await data.read(not_yet_sent, [row.id for row in found])
        counts = await data.read(count_by_status)
        choices = await data.read(form_choices)
        self.rows = [_line(row, left.get(row.id, 0), user, data.now()) for row in found]
        campaigns = [ui.Option(str(id_), name) for id_, name in choices.campaigns]
        self._show(user, total, options={"campaign": campaigns}, view_counts=counts)


def mass_emails_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("mass_emails.title"), acts=[ui.for_editors(_create())]),
        ui.list_panel(
            MassEmails,
            _columns(),
            search=tr("mass_emails.search"),
            menu=lambda row: mass_email_items(row.id, row.status, row.failed),
            none_yet=ui.empty(
                tr("mass_emails.none"),
                tr("mass_emails.none_text"),
                icon_name="mails",
                acts=[ui.for_editors(_create())],
            ),
            label=tr("mass_emails.title"),
        ),
        mass_email_dialogs(),
        create_list_dialog(),
        here="mass_emails",
        crumbs=[(tr("mass_emails.title"), routes.MASS_EMAILS)],
    )


def _create() -> rx.Component:
    return ui.button(tr("mass_emails.create"), icon_name="plus", look="pri", key="c", to=routes.MASS_EMAIL_NEW)


def _columns() -> list[ui.Column]:
    return [
        ui.link_column(
            "name",
            tr("mass_emails.name"),
            lambda row: row.name,
            lambda row: row.href,
            sub=lambda row: row.campaign,
            sort="name",
        ),
        ui.status_column(
            "status", tr("mass_emails.status"), lambda row: row.status, MassEmailStatus, sort="status", phone=3
        ),
        ui.time_column(
            "start",
            tr("mass_emails.start_at"),
            lambda row: row.start,
            lambda row: row.start_full,
            sort="start_at",
            phone=4,
        ),
        ui.text_column(
            "template", tr("mass_emails.template"), lambda row: row.template, sort="template", low=True, cut=True
        ),
        ui.Column("progress", tr("mass_emails.progress"), _progress),
        ui.count_column("sent", tr("mass_emails.sent"), lambda row: row.sent, lambda row: row.sent_to, phone=2),
        ui.number_column("opened", tr("mass_emails.opened"), lambda row: row.opened),
        ui.number_column("clicked", tr("mass_emails.clicked"), lambda row: row.clicked),
    ]


def _progress(row: rx.Var[Line]) -> rx.Component:
    bar = ui.progress(
        ui.Part(row.share),
        label=tr("mass_emails.progress"),
        thin=True,
        paused=row.status == MassEmailStatus.PAUSED.value,
    )
    shown = rx.el.div(
        rx.el.div(bar, style={"width": "96px"}),
        rx.el.span(row.progress, class_name="mute num nowrap"),
        class_name="row",
    )
    return rx.cond(row.progress != "", shown, rx.el.span("–", class_name="mute"))


def _filter(asked: ui.Asked, zone: str) -> MassEmailFilter:
    """What the address asks for; days are the viewer's."""
    status = asked.get("status")
    start, end = asked.dates("dates")
    return MassEmailFilter(
        asked.text,
        asked.number("campaign"),
        (MassEmailStatus(status),) if status else (),
        _midnight(start, zone),
        _midnight(end + timedelta(1) if end else None, zone),
    )


def _midnight(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) if day else None


def _line(row: MassEmailRow, left: int, user: Viewer, now: datetime) -> Line:
    language, figures = user.language, row.figures
    done = (row.queued or 0) - left
    sent_to = routes.to(routes.LOG, **LogFilter(mass_email_id=row.id, states=(ItemState.SENT,)).to_query())
    return Line(
        id=row.id,
        name=row.name,
        href=routes.to(routes.MASS_EMAIL, mass_email_id=row.id),
        campaign=row.campaign,
        status=row.status,
        start=format.moment(language, user.time_zone, row.start_at, now),
        start_full=format.full_moment(language, row.zone, row.start_at),
        template=row.template,
        share=100 * done / row.queued if row.queued else 0,
        progress=say(language, "ui.of", part=done, whole=row.queued) if row.queued else "",
        sent=format.count(language, figures.sent if row.queued else None),
        sent_to=sent_to if figures.sent else "",
        opened=_rate(language, figures.opened, figures.sent, tracked=row.track_opens),
        clicked=_rate(language, figures.clicked, figures.sent, tracked=row.track_links),
        failed=figures.failed,
    )


def _rate(language: str, part: int, sent: int, *, tracked: bool) -> str:
    return format.percent(language, part, sent) if tracked else say(language, "mass_emails.not_tracked")
