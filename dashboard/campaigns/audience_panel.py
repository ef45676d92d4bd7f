"""Who gets the mass emails of a campaign, who is left out and why; and what else is known of the campaign."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import reflex as rx

from dashboard import routes, ui
from dashboard.auth import Viewer
from dashboard.i18n import format, say, tr
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter, left_out_because
from models.mass_email import LeftOutReason


@dataclass(frozen=True, slots=True)
class ListLink:
    """A target list by its name."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Details:
    """What the form holds and the results do not show; "" where it says nothing."""

    lists: tuple[ListLink, ...] = ()
    excluded: tuple[ListLink, ...] = ()
    budget: str = ""
    description: str = ""
    created: str = ""


def steps_of(news: CampaignNews, language: str) -> list[ui.Step]:
    """The waterfall of all mass emails together; nothing before the first queue is built. Its numbers sum (D6)."""
    audience, scope = news.audience, LogFilter(campaign_id=news.campaign.id)
    if not audience.chosen:
        return []
    reasons = [(reason, number) for reason in LeftOutReason if (number := audience.left_out(reason))]
    left_out = sum(number for _, number in reasons)
    all_, each, rest = ui.shares(audience.chosen, [number for _, number in reasons], audience.final)
    receive = routes.to(routes.LOG, **scope.to_query(), show="people")
    return [
        ui.Step("all", say(language, "campaign_page.members"), format.count(language, audience.chosen), all_),
        ui.Step(
            "head",
            say(language, "campaign_page.left_out"),
            format.loss(language, left_out),
            href=routes.to(routes.LOG, **left_out_because(scope).to_query()) if left_out else "",
        ),
        *[
            ui.Step(
                "less",
                say(language, f"status.{reason}"),
                format.loss(language, number),
                share,
                reason,
                routes.to(routes.LOG, **left_out_because(scope, reason).to_query()),
            )
            for (reason, number), share in zip(reasons, each, strict=True)
        ],
        ui.Step(
            "rest", say(language, "campaign_page.receive"), format.count(language, audience.final), rest, href=receive
        ),
    ]


def details_of(news: CampaignNews, user: Viewer) -> Details:
    """Lists, budget, description, day of creation."""
    found = news.campaign
    return Details(
        lists=_links(found.lists),
        excluded=_links(found.excluded),
        budget="" if found.budget is None else format.money(user.language, found.budget),
        description=found.description,
        created=format.day(user.language, found.created_at.astimezone(ZoneInfo(user.time_zone)).date()),
    )


def audience_panel(steps: rx.Var[list[ui.Step]]) -> rx.Component:
    """The panel "Who gets it"."""
    nothing = ui.empty(tr("campaign_page.no_audience"), tr("campaign_page.no_audience_text"), icon_name="users")
    waterfall = ui.waterfall(steps, [reason.value for reason in LeftOutReason], tr("campaign_page.who_gets_it"))
    shown = rx.el.div(waterfall, rx.el.p(tr("campaign_page.who_text"), class_name="mute small"), class_name="col")
    return rx.el.div(
        ui.panel(rx.cond(steps.length() > 0, shown, nothing), title=tr("campaign_page.who_gets_it")), id="audience"
    )


def details_panel(details: rx.Var[Details]) -> rx.Component:
    """The panel of what else is known."""
    said = [
        (tr("campaigns.target_lists"), _names(details.lists)),
        (tr("campaigns.excluded_lists"), _names(details.excluded)),
        (tr("campaigns.budget"), rx.cond(details.budget != "", details.budget, format.UNKNOWN)),
        (tr("campaign_page.created"), details.created),
    ]
    description = rx.el.p(details.description, style={"whiteSpace": "pre-wrap", "overflowWrap": "anywhere"})
    return rx.el.div(
        ui.panel(
            rx.el.div(rx.cond(details.description != "", description), ui.facts(*said), class_name="col g3"),
            title=tr("campaign_page.details"),
        ),
        id="details",
    )


def _names(links: rx.Var[tuple[ListLink, ...]]) -> rx.Component:
    shown = links.to(list[ListLink])
    names = rx.foreach(shown, lambda one: rx.el.div(ui.link(one.name, to=one.href, class_name="link")))
    return rx.cond(shown.length() > 0, rx.fragment(names), rx.el.span(tr("campaign_page.none"), class_name="mute"))


def _links(lists: tuple[tuple[int, str], ...]) -> tuple[ListLink, ...]:
    return tuple(ListLink(name, routes.to(routes.TARGET_LIST, list_id=list_id)) for list_id, name in lists)
