"""The figures of a campaign: six cells, each opens to its people in the log."""

from dataclasses import dataclass, replace
from typing import Final

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import format, say, tr
from models.campaign import CampaignType
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter, failed
from models.log_table import Action
from models.statistics import Figures

ICONS: Final = {
    "sent": "send",
    "opened": "mail-open",
    "clicked": "mouse-pointer-click",
    "opted_out": "bell-off",
    "bounced": "undo-2",
    "failed": "circle-x",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """`share` of the bar in percent; `warn`: the fact asks for a person; `href` "" opens nothing."""

    value: str = "–"
    href: str = ""
    percent: str = ""
    fact: str = ""
    share: float = 0.0
    warn: bool = False


NONE: Final = {name: Cell() for name in ICONS}


def cells_of(news: CampaignNews, language: str) -> dict[str, Cell]:
    """The cells by name, in the viewer's words."""
    figures, scope = news.figures, LogFilter(campaign_id=news.campaign.id)
    found = {
        name: _cell(language, getattr(figures, name), figures.rate(name), _included(scope, Action(name)))
        for name in ("opened", "clicked", "opted_out", "bounced")
    }
    found["sent"] = _sent(news, language, _included(scope, Action.SENT))
    found["failed"] = _cell(language, figures.failed, _of(figures.failed, figures.sent), failed(scope))
    facts = _facts(figures, language)
    found = {name: replace(cell, fact=facts.get(name) or cell.fact) for name, cell in found.items()}
    found["failed"] = replace(found["failed"], warn=figures.uncertain > 0)
    return found | {name: Cell(fact=say(language, "campaign_page.not_tracked")) for name in _unknown(news)}


def figures_card(cells: rx.Var[dict[str, Cell]]) -> rx.Component:
    """The card."""
    colors = {"opened": "opened", "clicked": "clicked", "opted_out": "opted-out", "bounced": "bounced"}
    return ui.figures(
        *[
            ui.Figure(
                tr(f"campaign_page.{name}"),
                sign,
                cells[name].value,
                cells[name].href,
                cells[name].percent,
                rx.cond(cells[name].warn, rx.el.span(cells[name].fact, class_name="ink-warn"), cells[name].fact),
                cells[name].share,
                colors.get(name, "sent" if name == "sent" else "bounced"),
            )
            for name, sign in ICONS.items()
        ]
    )


def _cell(language: str, number: int, rate: float | None, opens: LogFilter) -> Cell:
    return Cell(
        value=format.count(language, number),
        href=routes.to(routes.LOG, **opens.to_query()),
        percent=format.percent(language, round(rate * 1_000_000), 1_000_000) if rate is not None else "",
        share=100 * (rate or 0),
    )


def _sent(news: CampaignNews, language: str, opens: LogFilter) -> Cell:
    sent, whole = news.figures.sent, news.audience.final
    cell = _cell(language, sent, _of(sent, whole), opens)
    return replace(cell, fact=say(language, "campaign_page.of_audience", whole=whole)) if whole else cell


def _facts(figures: Figures, language: str) -> dict[str, str]:
    """One line below a number, where there is something to say."""
    said = {
        "opened": ("by_machines", {"count": figures.machine_opened}),
        "clicked": ("by_scanners", {"count": figures.machine_clicked}),
        "opted_out": ("complained", {"count": figures.complained}),
        "bounced": ("bounce_kinds", {"hard": figures.bounced_hard, "soft": figures.bounced_soft}),
        "failed": ("decide", {"count": figures.uncertain}),
    }
    return {
        name: say(language, f"campaign_page.{key}", **numbers)
        for name, (key, numbers) in said.items()
        if any(numbers.values())
    }


def _unknown(news: CampaignNews) -> list[str]:
    """What nobody can know: of an informational email, and of mass emails that do not track (D6)."""
    if news.campaign.type is CampaignType.INFORMATIONAL:
        return ["opened", "clicked", "opted_out"]
    mails = [row for row in news.mass_emails if row.queued]
    opens, clicks = any(row.track_opens for row in mails), any(row.track_links for row in mails)
    untracked = [("opened", opens or clicks), ("clicked", clicks)]
    return [name for name, tracked in untracked if mails and not tracked]


def _included(scope: LogFilter, action: Action) -> LogFilter:
    return replace(scope, included=(action,))


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None
