"""The Mass Email panel of a campaign: its mass emails, each with what may be done, and the + that makes another."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from dashboard import routes, ui
from dashboard.acts.mass_email import mass_email_items
from dashboard.auth import Viewer
from dashboard.campaigns.campaign_head import Head
from dashboard.campaigns.form import CampaignForm
from dashboard.i18n import format, say, tr
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter
from models.log_table import Action
from models.mass_email import FINISHED, MassEmailStatus
from models.mass_email_page import MassEmailRow


@dataclass(frozen=True, slots=True)
class Line:
    """A mass email as it is shown. `progress` "" while nobody is chosen; `share` percent of the people dealt with."""

    id: int
    name: str
    href: str
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


def lines_of(news: CampaignNews, user: Viewer, now: datetime) -> list[Line]:
    """The mass emails, the latest Date Start first."""
    left = {one.row.id: one.counts.waiting + one.counts.held for one in news.under_way}
    return [_line(row, left.get(row.id, 0), user, now) for row in news.mass_emails]


def mass_emails_panel(lines: rx.Var[list[Line]], head: rx.Var[Head], *, whole: bool) -> rx.Component:
    """The panel. `whole`: on its own tab, with the results side by side."""
    add = ui.for_editors(
        ui.link(
            ui.icon("plus", 15),
            to=head.new_to,
            class_name="btn ic sm",
            title=tr("mass_emails.create"),
            aria_label=tr("mass_emails.create"),
            id="add-mass-email",
        )
    )
    table = ui.table(
        lines,
        _columns(whole=whole),
        menu=lambda row: mass_email_items(row.id, row.status, row.failed),
        label=tr("campaign_page.mass_email"),
    )
    return rx.el.div(
        ui.panel(
            rx.cond(head.has_mails, table, _none(head)),
            title=tr("campaign_page.mass_email"),
            end=add,
            padded=False,
        ),
        id="mass-emails",
    )


def _none(head: rx.Var[Head]) -> rx.Component:
    """What comes first: lists, then the mass email."""
    create = ui.button(tr("mass_emails.create"), icon_name="plus", to=head.new_to)
    choose = ui.button(
        tr("campaign_page.choose_lists"), icon_name="list-checks", on_click=CampaignForm.edit_one(head.id, head.here)
    )
    people = ui.button(tr("campaigns.import_people"), icon_name="upload", to=routes.IMPORT)
    return rx.cond(
        head.has_lists,
        ui.empty(
            tr("campaign_page.no_mass_email"),
            tr("campaign_page.no_mass_email_text"),
            icon_name="mails",
            acts=[ui.for_editors(create)],
        ),
        ui.empty(
            tr("campaign_page.no_mass_email"),
            tr("campaign_page.no_list_text"),
            icon_name="mails",
            acts=[ui.for_editors(choose), ui.for_editors(people)],
        ),
    )


def _columns(*, whole: bool) -> list[ui.Column]:
    results = [
        ui.number_column("opened", tr("campaign_page.opened"), lambda row: row.opened),
        ui.number_column("clicked", tr("campaign_page.clicked"), lambda row: row.clicked),
    ]
    template = ui.text_column("template", tr("campaign_page.template"), lambda row: row.template, low=True, cut=True)
    return [
        ui.link_column("name", tr("campaign_page.name"), lambda row: row.name, lambda row: row.href, wide=True),
        ui.status_column("status", tr("campaign_page.status"), lambda row: row.status, MassEmailStatus, phone=3),
        ui.time_column(
            "start", tr("campaign_page.start_at"), lambda row: row.start, lambda row: row.start_full, phone=4
        ),
        *([template] if whole else []),
        ui.Column("progress", tr("campaign_page.progress"), _progress, low=not whole),
        ui.count_column("sent", tr("campaign_page.sent"), lambda row: row.sent, lambda row: row.sent_to, phone=2),
        *(results if whole else []),
    ]


def _progress(row: rx.Var[Line]) -> rx.Component:
    bar = ui.progress(
        ui.Part(row.share),
        label=tr("campaign_page.progress"),
        thin=True,
        paused=row.status == MassEmailStatus.PAUSED.value,
    )
    shown = rx.el.div(
        rx.el.div(bar, style={"width": "72px", "flex": "none"}),
        rx.el.span(row.progress, class_name="mute num nowrap"),
        class_name="row",
    )
    return rx.cond(row.progress != "", shown, rx.el.span(format.UNKNOWN, class_name="mute"))


def _line(row: MassEmailRow, left: int, user: Viewer, now: datetime) -> Line:
    language, figures = user.language, row.figures
    done = 0 if row.queued is None else row.queued - left
    log = LogFilter(mass_email_id=row.id, included=(Action.SENT,)).to_query()
    return Line(
        id=row.id,
        name=row.name,
        href=routes.to(routes.MASS_EMAIL, mass_email_id=row.id),
        status=row.status,
        start=format.moment(language, user.time_zone, row.start_at, now),
        start_full=format.full_moment(language, user.time_zone, row.start_at),
        template=row.template,
        share=100.0 if row.status in FINISHED else 100 * done / row.queued if row.queued else 0.0,
        progress=say(language, "ui.of", part=done, whole=row.queued) if row.queued else "",
        sent=format.count(language, figures.sent if row.queued is not None else None),
        sent_to=routes.to(routes.LOG, **log) if figures.sent else "",
        opened=_rate(language, figures.opened, figures.sent, tracked=row.track_opens or row.track_links),
        clicked=_rate(language, figures.clicked, figures.sent, tracked=row.track_links),
        failed=figures.failed,
    )


def _rate(language: str, part: int, sent: int, *, tracked: bool) -> str:
    return format.percent(language, part, sent) if tracked else say(language, "campaign_page.not_tracked")
