"""The head of a campaign's page: name, status, facts, acts, tabs."""

from dataclasses import dataclass
from urllib.parse import urlencode

import reflex as rx

from dashboard import routes, ui
from dashboard.acts.create_list import CreateList
from dashboard.auth import Viewer
from dashboard.campaigns.delete import CampaignDelete
from dashboard.campaigns.form import CampaignForm
from dashboard.i18n import Prefs, format, say, tr
from models.campaign import CampaignStatus
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter
from models.mass_email import MassEmailStatus

TABS = ("results", "mass_emails", "audience", "log", "tracking_urls")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head says. `counts` stand in the tabs; `log_query` is the campaign as a log filter, `log_to` the log's
    address; `new_to` where a mass email of it is created."""

    id: int = 0
    name: str = ""
    here: str = ""
    status: str = ""
    type: str = ""
    dates: str = ""
    lists: str = ""
    mails: str = ""
    can_mail: bool = False
    has_mails: bool = False
    has_lists: bool = False
    log_query: str = ""
    log_to: str = ""
    new_to: str = ""
    mail_count: str = ""
    people_count: str = ""
    event_count: str = ""
    url_count: str = ""


def head_of(news: CampaignNews, user: Viewer) -> Head:
    """The head in the viewer's words."""
    language, found = user.language, news.campaign
    log = LogFilter(campaign_id=found.id).to_query()
    return Head(
        id=found.id,
        name=found.name,
        here=routes.to(routes.CAMPAIGN, campaign_id=found.id),
        status=found.status,
        type=say(language, f"campaigns.type.{found.type}"),
        dates=format.span(language, found.start_date, found.end_date) if found.start_date or found.end_date else "",
        lists=_lists(news, language),
        mails=_mails(news, language) if found.can_mail else "",
        can_mail=found.can_mail,
        has_mails=bool(news.mass_emails),
        has_lists=bool(found.lists),
        log_query=urlencode(log),
        log_to=routes.to(routes.LOG, **log),
        new_to=routes.to(routes.MASS_EMAIL_NEW, campaign=found.id),
        mail_count=format.count(language, found.mass_emails),
        people_count=format.count(language, news.audience.final),
        event_count=format.count(language, news.event_count),
        url_count=format.count(language, len(news.tracking_urls)),
    )


def campaign_header(head: rx.Var[Head]) -> rx.Component:
    """Name, badges, facts, acts."""
    facts = [rx.cond(fact != "", rx.el.span(fact)) for fact in (head.dates, head.lists, head.mails)]
    return ui.page_header(
        head.name,
        badges=[ui.badge(head.status, CampaignStatus, words="campaigns.status"), ui.plain_badge(head.type)],
        facts=facts,
        acts=[
            ui.for_editors(
                ui.button(
                    tr("ui.edit"), icon_name="pencil", key="e", on_click=CampaignForm.edit_one(head.id, head.here)
                )
            ),
            rx.cond(head.can_mail & Prefs.can_edit, _mailing_acts(head)),
            ui.for_editors(
                ui.menu(
                    [
                        ui.Item(
                            tr("campaign_page.delete"),
                            "trash-2",
                            on_click=CampaignDelete.ask([head.id]),
                            bad=True,
                        )
                    ]
                )
            ),
        ],
    )


def _mailing_acts(head: rx.Var[Head]) -> rx.Component:
    return rx.fragment(
        rx.cond(
            head.has_mails,
            ui.button(tr("campaign_page.create_list"), icon_name="list-plus", on_click=CreateList.ask(head.log_query)),
        ),
        ui.button(tr("mass_emails.create"), icon_name="plus", look="pri", key="c", to=head.new_to),
    )


def campaign_tabs(head: rx.Var[Head], tab: rx.Var[str]) -> rx.Component:
    """The parts of the page, as links; a campaign that is not mailed has one."""
    counts = ("", head.mail_count, head.people_count, head.event_count, head.url_count)
    shown = [
        (
            tr(f"campaign_page.tab.{name}"),
            head.here + ("" if name == "results" else f"?tab={name}"),
            tab == name,
            count,
        )
        for name, count in zip(TABS, counts, strict=True)
    ]
    return rx.cond(head.can_mail, ui.tabs(*shown))


def _lists(news: CampaignNews, language: str) -> str:
    found = news.campaign
    if not found.lists and not found.excluded:
        return say(language, "campaign_page.no_list") if found.can_mail else ""
    said = say(language, "campaign_page.lists", count=len(found.lists))
    return f"{said}, {say(language, 'campaign_page.excluded', count=len(found.excluded))}" if found.excluded else said


def _mails(news: CampaignNews, language: str) -> str:
    running = sum(row.status is MassEmailStatus.IN_PROCESS for row in news.mass_emails)
    count = news.campaign.mass_emails
    if running:
        return say(language, "campaign_page.in_process", count=running, whole=count)
    return say(language, "campaign_page.mass_emails", count=count) if count else ""
