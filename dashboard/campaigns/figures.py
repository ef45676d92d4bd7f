"""The figures of a campaign: six cells, each opens to its people in the log."""

from dataclasses import replace
from typing import Final

import reflex as rx

from dashboard.acts.results import Cell, cell_of, counted, figures_card
from dashboard.i18n import say
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter, failed
from models.log_table import Action

NAMES: Final = ("sent", "opened", "clicked", "opted_out", "bounced", "failed")
NONE: Final = {name: Cell() for name in NAMES}


def cells_of(news: CampaignNews, language: str) -> dict[str, Cell]:
    """The cells by name, in the viewer's words."""
    found = {name: cell_of(news.results, name, language) for name in ("opened", "clicked", "opted_out", "bounced")}
    return {**found, "sent": _sent(news, language), "failed": _failed(news, language)}


def figures_of(cells: rx.Var[dict[str, Cell]]) -> rx.Component:
    """The card."""
    return figures_card(cells, NAMES)


def _sent(news: CampaignNews, language: str) -> Cell:
    sent, whole = news.figures.sent, news.audience.final
    opens = LogFilter(campaign_id=news.campaign.id, included=(Action.SENT,))
    cell = counted(language, sent, sent / whole if whole else None, opens)
    fact = say(language, "campaign_page.of_audience", whole=whole) if whole else ""
    return replace(cell, fact=fact, base=fact)


def _failed(news: CampaignNews, language: str) -> Cell:
    figures, whole = news.figures, news.audience.final
    share = figures.failed / whole if whole else None
    cell = counted(language, figures.failed, share, failed(LogFilter(campaign_id=news.campaign.id)))
    base = say(language, "campaign_page.of_audience", whole=whole) if whole else ""
    if figures.uncertain:
        decide = say(language, "campaign_page.decide", count=figures.uncertain)
        return replace(cell, fact=decide, base=base, warn=True)
    return replace(cell, fact=base, base=base)
