"""A campaign: what is being sent now, the results, its mass emails, audience, log and links; all of it follows live."""

from typing import Any

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.acts import bounce_reasons, results
from dashboard.acts.create_list import create_list_dialog
from dashboard.acts.mass_email import mass_email_dialogs
from dashboard.acts.not_watched import not_watched_note
from dashboard.acts.tracking_url import tracking_url_dialogs
from dashboard.auth import Right, Viewer, allowed
from dashboard.campaigns import (
    activity_chart,
    audience_panel,
    figures,
    links_panel,
    log_panel,
    mass_emails_panel,
    progress_panel,
    providers_panel,
)
from dashboard.campaigns.campaign_head import TABS, Head, campaign_header, campaign_tabs, head_of
from dashboard.campaigns.delete import delete_dialog
from dashboard.campaigns.form import campaign_form
from dashboard.i18n import tr, tr_with
from models.campaign import CampaignType
from models.campaign_news import CampaignNews, campaign_news
from models.errors import NotFound
from models.log_table import Action


class CampaignPage(live.LiveState, rx.State):
    """The page of one campaign. `tab` and the time of the chart are the address's; `missing`: there is no such one."""

    ready: bool = False
    missing: bool = False
    tab: str = TABS[0]
    informational: bool = False
    head: Head = Head()
    running: list[progress_panel.Running] = []
    cells: dict[str, figures.Cell] = figures.NONE
    activity: activity_chart.Drawn = activity_chart.Drawn()
    providers: list[providers_panel.Line] = []
    result_lines: list[results.Line] = []
    reasons: bounce_reasons.Reasons = bounce_reasons.Reasons()
    watched: bool = True
    bouncing: providers_panel.Warning = providers_panel.Warning()
    mass_emails: list[mass_emails_panel.Line] = []
    events: list[log_panel.Line] = []
    links: list[links_panel.Line] = []
    links_said: str = ""
    steps: list[ui.Step] = []
    details: audience_panel.Details = audience_panel.Details()

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self.router.url.query_parameters.get("tab", "")
        self.tab = asked if asked in TABS else TABS[0]
        try:
            news = await live.follow(self, user, campaign_news, campaign_id=_id(self.router.url.path))
        except NotFound:
            self._clear()
            self.ready, self.missing = True, True
            return
        self._take(user, news)

    @allowed(Right.LOOK)
    async def open_sent(self, user: Viewer, points: list[dict[str, Any]]):
        """A bar opens to the people who were sent to in its time."""
        return activity_chart.people_of(points, self.activity, self.head.log_query, user.time_zone, (Action.SENT,))

    @allowed(Right.LOOK)
    async def open_people(self, user: Viewer, points: list[dict[str, Any]]):
        """A point of a line opens to its people."""
        names = activity_chart.PEOPLE
        return activity_chart.people_of(points, self.activity, self.head.log_query, user.time_zone, names)

    @allowed(Right.LOOK)
    async def open_answers(self, user: Viewer, points: list[dict[str, Any]]):
        """A point of what came back opens to its people."""
        names = activity_chart.ANSWERS
        return activity_chart.people_of(points, self.activity, self.head.log_query, user.time_zone, names)

    def _take(self, user: Viewer, news: CampaignNews) -> None:
        time = self.router.url.query_parameters.get("time", "")
        reader = (user.language, user.time_zone, time if time in activity_chart.TIMES else "")
        self._put(**live.once(news, reader, lambda: _said(news, user, time)))

    def _clear(self) -> None:
        self.ready, self.live, self.head, self.cells = False, False, Head(), figures.NONE
        self.running, self.mass_emails, self.events, self.links, self.steps = [], [], [], [], []
        self.activity, self.details = activity_chart.Drawn(), audience_panel.Details()
        self.providers, self.bouncing = [], providers_panel.Warning()
        self.result_lines, self.reasons, self.watched = [], bounce_reasons.Reasons(), True


def _said(news: CampaignNews, user: Viewer, time: str) -> dict[str, Any]:
    """The vars of the page, in the viewer's words."""
    now, language = data.now(), user.language
    return {
        "ready": True,
        "missing": False,
        "informational": news.campaign.type is CampaignType.INFORMATIONAL,
        "head": head_of(news, user),
        "running": [progress_panel.running_of(one, user, now) for one in news.under_way],
        "cells": figures.cells_of(news, language),
        "activity": activity_chart.drawn_of(news, user, time, now),
        "providers": providers_panel.lines_of(news, language),
        "result_lines": results.lines_of(news.results, language),
        "reasons": bounce_reasons.reasons_of(news.results, language),
        "watched": news.watched,
        "bouncing": providers_panel.warning_of(news, language),
        "mass_emails": mass_emails_panel.lines_of(news, user, now),
        "events": log_panel.lines_of(news, user, now),
        "links": links_panel.lines_of(news, language),
        "links_said": links_panel.said_of(news, language),
        "steps": audience_panel.steps_of(news, language),
        "details": audience_panel.details_of(news, user),
    }


def campaign_page() -> rx.Component:
    """The page, part by part."""
    state = CampaignPage
    return ui.page(
        rx.cond(state.missing, _missing(), rx.cond(state.ready, _whole(), _loading())),
        campaign_form(),
        delete_dialog(),
        mass_email_dialogs(),
        create_list_dialog(),
        tracking_url_dialogs(),
        here="campaigns",
        crumbs=[(tr("campaigns.title"), routes.CAMPAIGNS), (_name(), state.head.here)],
        live=rx.cond(state.ready & ~state.missing, live.sign(state)),
    )


def _name() -> rx.Var[str]:
    return rx.cond(CampaignPage.missing, tr("campaigns.campaign"), CampaignPage.head.name)


def _whole() -> rx.Component:
    state = CampaignPage
    return rx.fragment(
        campaign_header(state.head),
        campaign_tabs(state.head, state.tab),
        rx.cond(
            state.head.can_mail,
            rx.match(
                state.tab,
                ("mass_emails", mass_emails_panel.mass_emails_panel(state.mass_emails, state.head, whole=True)),
                ("audience", _audience()),
                ("log", log_panel.log_panel(state.events, state.head, whole=True)),
                ("tracking_urls", _links()),
                _results(),
            ),
            _not_mailed(),
        ),
    )


def _results() -> rx.Component:
    """What is happening first, then the figures, then what happened."""
    state = CampaignPage
    mails = mass_emails_panel.mass_emails_panel(state.mass_emails, state.head, whole=False)
    details = audience_panel.details_panel(state.details)
    untracked = ui.note(tr("campaign_page.not_tracked_text"), title=tr("campaign_page.not_tracked"))
    drawn = rx.fragment(
        progress_panel.progress_panels(state.running),
        rx.cond(state.informational, untracked),
        figures.figures_of(state.cells),
        ui.columns(
            [
                _activity(),
                providers_panel.providers_panel(state.providers, state.bouncing),
                bounce_reasons.reasons_panel(state.reasons),
                rx.cond(~state.watched, not_watched_note()),
                mails,
            ],
            [
                log_panel.log_panel(state.events, state.head, whole=False),
                results.results_panel(state.result_lines),
            ],
        ),
        _links(),
    )
    return rx.cond(state.head.has_mails, drawn, rx.fragment(ui.columns([mails, _links()], [details])))


def _activity() -> rx.Component:
    state = CampaignPage
    return activity_chart.activity_panel(
        state.activity, state.head.here, state.open_sent, state.open_people, state.open_answers
    )


def _links() -> rx.Component:
    state = CampaignPage
    return links_panel.links_panel(state.links, state.head, state.links_said)


def _audience() -> rx.Component:
    state = CampaignPage
    return ui.columns([audience_panel.audience_panel(state.steps)], [audience_panel.details_panel(state.details)])


def _not_mailed() -> rx.Component:
    """A campaign of the web, the press or the air: what is known of it."""
    state = CampaignPage
    note = ui.note(tr("campaign_page.no_mailing_text"), title=tr_with("campaign_page.no_mailing", type=state.head.type))
    return rx.fragment(note, audience_panel.details_panel(state.details))


def _missing() -> rx.Component:
    return ui.missing(
        tr("campaign_page.missing"),
        tr("campaign_page.missing_text"),
        icon_name="megaphone-off",
        act=ui.button(tr("campaign_page.all"), to=routes.CAMPAIGNS),
    )


def _loading() -> rx.Component:
    return rx.fragment(ui.skeleton_figures(6), ui.panel(ui.skeleton_rows(), padded=False))


def _id(path: str) -> int:
    """The id of /campaigns/ID; 0, which nothing has, for anything else."""
    part = path.rstrip("/").rpartition("/")[2]
    return int(part) if part.isascii() and part.isdigit() and len(part) < 19 else 0
