"""The Log panel of a campaign: what happened last, live, and the way from there to the log or to a target list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import reflex as rx

from dashboard import routes, ui
from dashboard.acts.create_list import CreateList
from dashboard.acts.event_words import about
from dashboard.auth import Viewer
from dashboard.campaigns.campaign_head import Head
from dashboard.i18n import Prefs, format, tr
from models.campaign_news import CampaignNews
from models.log_table import Action
from models.log_view import EventRow

FEW: Final = 10


@dataclass(frozen=True, slots=True)
class Line:
    """An event as it is shown: who, what became of the message, when. `detail`: link, reason or address."""

    id: int
    action: str
    name: str
    href: str
    detail: str
    mail: str
    mail_href: str
    at: str
    full: str


def lines_of(news: CampaignNews, user: Viewer, now: datetime) -> list[Line]:
    """The last events, the newest first."""
    return [_line(row, user, now) for row in news.events]


def log_panel(lines: rx.Var[list[Line]], head: rx.Var[Head], *, whole: bool) -> rx.Component:
    """The panel with its menu. `whole`: on its own tab, with the mass email of each event."""
    shown = lines if whole else lines[:FEW]
    body = rx.el.div(
        rx.el.div(rx.foreach(shown, lambda line: _event(line, whole=whole)), class_name="lines"),
        rx.el.div(ui.text_link(tr("campaign_page.open_log"), head.log_to), class_name="event"),
    )
    nothing = ui.empty(tr("campaign_page.no_event"), tr("campaign_page.no_event_text"), icon_name="logs")
    return rx.el.div(
        ui.panel(
            rx.cond(lines.length() > 0, body, nothing),
            title=tr("campaign_page.log"),
            end=rx.fragment(ui.door(head.event_count, head.log_to, label=tr("campaign_page.log")), _menu(head)),
            padded=False,
        ),
        id="log",
    )


def _menu(head: rx.Var[Head]) -> rx.Component:
    return ui.menu(
        [
            ui.Item(
                tr("campaign_page.create_list_dots"),
                "list-plus",
                on_click=CreateList.ask(head.log_query),
                when=Prefs.can_edit,
            ),
            ui.Item(tr("campaign_page.open_log"), "logs", to=head.log_to),
        ],
        label=tr("campaign_page.log_menu"),
        trigger=rx.el.button(
            ui.icon("ellipsis", 15),
            ui.spoken(tr("campaign_page.log_menu")),
            type="button",
            class_name="btn ghost ic sm",
            title=tr("campaign_page.log_menu"),
            id="log-menu",
        ),
    )


def _event(line: rx.Var[Line], *, whole: bool) -> rx.Component:
    mail = ui.link(
        line.mail, to=line.mail_href, class_name="mute trunc only-desk", title=line.mail, style={"maxWidth": "40%"}
    )
    return rx.el.div(
        ui.state_icon(line.action, Action),
        rx.el.div(
            rx.el.div(ui.link(line.name, to=line.href, class_name="name trunc"), class_name="row"),
            rx.el.div(
                rx.match(line.action, *[(one.value, tr(f"status.{one}")) for one in Action], ""),
                rx.cond(line.detail != "", rx.el.span(" · ", line.detail)),
                class_name="mute small trunc",
            ),
            class_name="grow",
            style={"minWidth": 0},
        ),
        *([mail] if whole else []),
        rx.el.span(line.at, class_name="mute small num nowrap", title=line.full),
        class_name="row g3 event",
        key=line.id,
    )


def _line(row: EventRow, user: Viewer, now: datetime) -> Line:
    return Line(
        id=row.id,
        action=row.action,
        name=row.name or row.address,
        href=routes.to(routes.RECIPIENT, recipient_id=row.recipient_id),
        detail=_detail(row, user.language),
        mail=row.mass_email,
        mail_href=routes.to(routes.MASS_EMAIL, mass_email_id=row.mass_email_id),
        at=format.moment(user.language, user.time_zone, row.at, now),
        full=format.full_moment(user.language, user.time_zone, row.at),
    )


def _detail(row: EventRow, language: str) -> str:
    return about(language, row) or (row.address if row.action is Action.SENT else "")
