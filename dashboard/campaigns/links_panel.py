"""The links of a campaign: its tracking URLs with the code to paste, the automatic links, and who clicked."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import routes, ui
from dashboard.acts.tracking_url import TrackingUrlDelete, TrackingUrlForm, tracking_code
from dashboard.campaigns.campaign_head import Head
from dashboard.i18n import Prefs, format, say, tr
from models.campaign_news import CampaignNews
from models.log_filter import LogFilter, clicked_link
from models.statistics import LinkFigures
from models.tracking_url import TrackingAction, TrackingUrlRow

LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A link as it is shown. `url_id`: of its tracking URL, 0 for an automatic link and one that was deleted; `key`
    names the row; `share` of the people who clicked, in percent."""

    key: str
    url_id: int
    name: str
    leads: str
    href: str
    code: str
    share: float
    percent: str
    people: str
    people_to: str
    log_to: str


def lines_of(news: CampaignNews, language: str) -> list[Line]:
    """Most clicked first, then what no mail links yet."""
    urls = {row.id: row for row in news.tracking_urls}
    linked = {link.tracking_url_id for link in news.links}
    lines = [_link(news, link, urls.get(link.tracking_url_id or 0), language) for link in news.links]
    return lines + [_unlinked(row, language) for row in news.tracking_urls if row.id not in linked]


def said_of(news: CampaignNews, language: str) -> str:
    """What the numbers are; "" while nobody clicked."""
    clicked = news.figures.clicked
    return say(language, "campaign_page.links_of", count=clicked) if clicked else ""


def links_panel(lines: rx.Var[list[Line]], head: rx.Var[Head], said: rx.Var[str]) -> rx.Component:
    """The panel."""
    create = ui.button(
        tr("campaign_page.create_tracking_url"),
        icon_name="plus",
        small=True,
        on_click=TrackingUrlForm.create_new(head.id),
        id="create-tracking-url",
    )
    nothing = ui.empty(tr("campaign_page.no_link"), tr("campaign_page.no_link_text"), icon_name="link")
    table = ui.table(lines, _columns(), menu=_row_menu, label=tr("campaign_page.links"))
    return rx.el.div(
        ui.panel(
            rx.cond(lines.length() > 0, table, nothing),
            title=tr("campaign_page.links"),
            end=rx.fragment(rx.el.span(said, class_name="wide-only"), ui.for_editors(create)),
            padded=False,
        ),
        id="links",
    )


def _columns() -> list[ui.Column]:
    return [
        ui.Column("name", tr("campaign_page.tracking_url"), _name, phone=1, named=True),
        ui.Column("leads", tr("campaign_page.leads_to"), _leads, cut=True, wide=True),
        ui.Column("code", tr("campaign_page.code"), _code, phone=3),
        ui.Column("bar", ui.spoken(tr("campaign_page.share")), _bar, low=True),
        ui.number_column("share", tr("campaign_page.share"), lambda row: row.percent, phone=4),
        ui.count_column(
            "people", tr("campaign_page.people"), lambda row: row.people, lambda row: row.people_to, phone=2
        ),
    ]


def _name(row: rx.Var[Line]) -> rx.Component:
    opens = rx.el.button(row.name, type="button", class_name="link", on_click=TrackingUrlForm.edit_one(row.url_id))
    return rx.el.span(
        ui.icon("link", 14, class_name="ink-gray"),
        rx.cond((row.url_id > 0) & Prefs.can_edit, opens, rx.el.span(row.name, class_name="strong trunc")),
        class_name="row",
    )


def _leads(row: rx.Var[Line]) -> rx.Component:
    elsewhere = rx.el.a(
        row.leads, href=row.href, target="_blank", rel="noopener noreferrer", title=row.href, class_name="mute"
    )
    return rx.cond(row.href != "", elsewhere, rx.el.span(row.leads, class_name="mute"))


def _code(row: rx.Var[Line]) -> rx.Component:
    by_itself = rx.el.span(tr("campaign_page.automatic"), class_name="mute")
    return rx.cond(row.code != "", tracking_code(row.code, row.name), by_itself)


def _bar(row: rx.Var[Line]) -> rx.Component:
    return rx.el.div(ui.bar(row.share, "var(--chart-clicked)"), class_name="bar", style={"width": "120px"})


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    own = (row.url_id > 0) & Prefs.can_edit
    return [
        ui.Item(tr("ui.edit"), "pencil", on_click=TrackingUrlForm.edit_one(row.url_id), when=own),
        ui.Item(tr("campaign_page.see_in_log"), "logs", to=row.log_to),
        ui.Item(tr("ui.delete"), "trash-2", on_click=TrackingUrlDelete.ask(row.url_id), bad=True, when=own),
    ]


def _link(news: CampaignNews, link: LinkFigures, url: TrackingUrlRow | None, language: str) -> Line:
    log = LogFilter(campaign_id=news.campaign.id)
    by_url = link.tracking_url_id is not None
    chosen = clicked_link(log, tracking_url_id=link.tracking_url_id) if by_url else clicked_link(log, link.id)
    log_to = routes.to(routes.LOG, **chosen.to_query())
    return Line(
        key=f"link-{link.id}",
        url_id=url.id if url else 0,
        name=link.name if by_url else _short(link.url),
        leads=link.url or say(language, f"tracking_url.action.{TrackingAction.SHOW_MESSAGE}"),
        href=link.url,
        code=f"{{trackingUrl:{link.code}}}" if link.code else "",
        share=100 * link.people / news.figures.clicked if news.figures.clicked else 0.0,
        percent=format.percent(language, link.people, news.figures.clicked),
        people=format.count(language, link.people),
        people_to=log_to if link.people else "",
        log_to=log_to,
    )


def _unlinked(row: TrackingUrlRow, language: str) -> Line:
    redirects = row.action is TrackingAction.REDIRECT
    return Line(
        key=f"url-{row.id}",
        url_id=row.id,
        name=row.name,
        leads=row.url if redirects else say(language, f"tracking_url.action.{row.action}"),
        href=row.url if redirects else "",
        code=row.placeholder,
        share=0.0,
        percent=format.UNKNOWN,
        people=format.count(language, 0),
        people_to="",
        log_to=routes.to(routes.LOG, **clicked_link(LogFilter(), tracking_url_id=row.id).to_query()),
    )


def _short(url: str) -> str:
    """What tells one automatic link from another."""
    bare = url.partition("://")[2].removeprefix("www.").rstrip("/")
    return bare if len(bare) <= LONGEST_NAME else f"{bare[: LONGEST_NAME - 1]}…"
