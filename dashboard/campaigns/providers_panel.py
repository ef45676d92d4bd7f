"""The results by mailbox provider: who takes the mail, and who returns it."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import format, say, tr
from models.address import OTHER_PROVIDER
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter
from models.log_table import Action
from models.statistics import Figures

LIMIT: Final = 0.02
"""The bounce rate above which mailbox providers begin to block a sender."""
FEWEST: Final = 50
"""Messages below which a rate says nothing."""
SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A provider as it is shown. `high`: it returns more than LIMIT."""

    name: str
    sent: str
    sent_to: str
    opened: str
    clicked: str
    bounced: str
    bounced_to: str
    high: bool = False


@dataclass(frozen=True, slots=True)
class Warning:
    """The provider that returns most, above the limit; `title` "" when there is none."""

    title: str = ""
    see: str = ""
    href: str = ""


def lines_of(news: CampaignNews, language: str) -> list[Line]:
    """The largest providers, the rest together, then all; nothing before something was sent."""
    found = list(news.providers)
    if not news.figures.sent:
        return []
    shown, rest = found[:SHOWN], found[SHOWN:]
    lines = [_line(news, language, provider, figures) for provider, figures in shown]
    if rest:
        added = Figures(**{name: sum(getattr(one, name) for _, one in rest) for name in _COLUMNS})
        lines.append(_plain(news, language, say(language, "campaign_page.others"), added))
    return [*lines, _plain(news, language, say(language, "campaign_page.all_providers"), news.figures)]


def warning_of(news: CampaignNews, language: str) -> Warning:
    """The worst provider above the limit."""
    over = [(figures.bounced / figures.sent, name, figures) for name, figures in news.providers if _is_high(figures)]
    if not over:
        return Warning()
    rate, name, figures = max(over, key=lambda one: one[0])
    title = say(
        language,
        "campaign_page.too_many_bounces",
        provider=_name(language, name),
        percent=format.percent(language, round(rate * 1_000_000), 1_000_000),
        limit=format.percent(language, 2, 100).replace(".0", "").replace(",0", ""),
    )
    see = say(language, "campaign_page.see_people", count=figures.bounced)
    return Warning(title, see, _door(news, name, Action.BOUNCED))


def providers_panel(lines: rx.Var[list[Line]], warning: rx.Var[Warning]) -> rx.Component:
    """The panel with what asks for a person below it; nothing before something was sent."""
    first, heads = tr("campaign_page.provider"), [tr(f"campaign_page.{name}") for name in _COLUMNS]
    table = rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(rx.el.th(first, scope="col"), *[rx.el.th(one, class_name="r", scope="col") for one in heads])
            ),
            rx.el.tbody(rx.foreach(lines, _row)),
            class_name="t",
        ),
        class_name="tw",
    )
    panel = ui.panel(
        table,
        title=tr("campaign_page.providers"),
        end=rx.el.span(tr("campaign_page.percent_of_sent")),
        padded=False,
    )
    note = ui.note(
        tone="bad", title=warning.title, icon_name="triangle-alert", end=ui.text_link(warning.see, warning.href)
    )
    return rx.fragment(rx.cond(lines.length() > 0, panel), rx.cond(warning.title != "", note))


_COLUMNS: Final = ("sent", "opened", "clicked", "bounced")


def _row(line: rx.Var[Line]) -> rx.Component:
    bounced = rx.cond(
        line.high,
        rx.el.span(
            ui.icon("triangle-alert", 14),
            ui.door(line.bounced, line.bounced_to),
            class_name="row g1 bad strong",
            style={"justifyContent": "flex-end"},
        ),
        rx.el.span(line.bounced, class_name="num"),
    )
    sent = rx.cond(line.sent_to != "", ui.door(line.sent, line.sent_to, label=line.name), rx.el.span(line.sent))
    cells = [sent, rx.el.span(line.opened), rx.el.span(line.clicked), bounced]
    return rx.el.tr(
        rx.el.td(line.name),
        *[rx.el.td(cell, class_name="r num") for cell in cells],
    )


def _line(news: CampaignNews, language: str, provider: str, figures: Figures) -> Line:
    return Line(
        name=_name(language, provider),
        sent=format.count(language, figures.sent),
        sent_to=_door(news, provider, Action.SENT) if figures.sent else "",
        bounced_to=_door(news, provider, Action.BOUNCED),
        high=_is_high(figures),
        **_rates(news, language, figures),
    )


def _plain(news: CampaignNews, language: str, name: str, figures: Figures) -> Line:
    sent = format.count(language, figures.sent)
    return Line(name=name, sent=sent, sent_to="", bounced_to="", **_rates(news, language, figures))


def _rates(news: CampaignNews, language: str, figures: Figures) -> dict[str, str]:
    rates = {name: format.percent(language, getattr(figures, name), figures.sent) for name in _COLUMNS[1:]}
    return rates if news.tracked else {**rates, "opened": format.UNKNOWN, "clicked": format.UNKNOWN}


def _is_high(figures: Figures) -> bool:
    return figures.sent >= FEWEST and figures.bounced > LIMIT * figures.sent


def _name(language: str, provider: str) -> str:
    return say(language, "campaign_page.others") if provider == OTHER_PROVIDER else provider


def _door(news: CampaignNews, provider: str, action: Action) -> str:
    chosen = LogFilter(campaign_id=news.campaign.id, provider=(provider,), included=(action,))
    return routes.to(routes.LOG, **chosen.to_query())
