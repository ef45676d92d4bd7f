"""Why messages came back, by mailbox provider."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import format, say, tr
from models.address import OTHER_PROVIDER
from models.campaign_news import CampaignNews
from models.catalogue import WORDS
from models.log_filter import LogFilter
from models.log_table import Action
from models.statistics import BounceReason

SHOWN: Final = 10
LONGEST: Final = 60
"""Characters of a reason that an address of the log holds: a word of ours does, a server's words may not."""


@dataclass(frozen=True, slots=True)
class Line:
    """A reason at a provider. `href` "": the rest, which no one filter holds."""

    reason: str
    provider: str
    people: str
    href: str = ""


def lines_of(news: CampaignNews, language: str) -> list[Line]:
    """The commonest, and the rest together: they add up to the bounced."""
    shown, rest = news.reasons[:SHOWN], news.reasons[SHOWN:]
    lines = [_line(news, language, one) for one in shown]
    if rest:
        people = format.count(language, sum(one.people for one in rest))
        lines.append(Line(say(language, "campaign_page.other_reasons"), "", people))
    return lines


def reasons_panel(lines: rx.Var[list[Line]]) -> rx.Component:
    """The panel; nothing before something came back."""
    heads = [tr("campaign_page.reason"), tr("campaign_page.provider"), tr("campaign_page.bounced")]
    table = rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[rx.el.th(head, scope="col", class_name="r" if at == 2 else "") for at, head in enumerate(heads)]
                )
            ),
            rx.el.tbody(rx.foreach(lines, _row)),
            class_name="t",
        ),
        class_name="tw",
    )
    return rx.cond(lines.length() > 0, ui.panel(table, title=tr("campaign_page.why_bounced"), padded=False))


def _row(line: rx.Var[Line]) -> rx.Component:
    door = ui.door(line.people, line.href, label=line.reason)
    number = rx.cond(line.href != "", door, rx.el.span(line.people))
    return rx.el.tr(
        rx.el.td(line.reason), rx.el.td(line.provider, class_name="mute"), rx.el.td(number, class_name="r num")
    )


def _line(news: CampaignNews, language: str, one: BounceReason) -> Line:
    key = f"delivery.reason.{one.reason}"
    chosen = LogFilter(
        campaign_id=news.campaign.id, included=(Action.BOUNCED,), provider=(one.provider,), reason=one.reason
    )
    other = one.provider == OTHER_PROVIDER
    return Line(
        reason=say(language, key) if key in WORDS else one.reason,
        provider=say(language, "campaign_page.others") if other else one.provider,
        people=format.count(language, one.people),
        href=routes.to(routes.LOG, **chosen.to_query()) if 0 < len(one.reason) <= LONGEST else "",
    )
