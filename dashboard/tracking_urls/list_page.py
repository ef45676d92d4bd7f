"""All tracking URLs, of every campaign: where they lead, the code to paste, who clicked."""

from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.tracking_url import TrackingUrlDelete, TrackingUrlForm, tracking_code, tracking_url_dialogs
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.campaign_page import CampaignFilter, campaign_page
from models.log_filter import LogFilter, clicked_link
from models.tracking_url import SORTS, TrackingAction, TrackingUrlRow, tracking_url_page

CAMPAIGNS_OFFERED = 500
SPEC = ui.ListSpec(
    route=routes.TRACKING_URLS,
    sorts=tuple(SORTS),
    sort="-created_at",
    filters=(ui.Filter("campaign", "tracking_urls.campaign", "pick"),),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A tracking URL as it is shown; `clicked_to` is "" where nobody clicked."""

    id: int
    name: str
    campaign: str
    campaign_href: str
    leads: str
    url: str
    code: str
    clicked: str
    clicked_to: str
    created: str
    created_full: str


class TrackingUrls(ui.ListState, rx.State):
    """The rows as the address asks for them."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        found, total = await data.read(
            tracking_url_page,
            campaign_id=asked.number("campaign"),
            text=asked.text,
            sort=asked.sort,
            page=asked.page,
            size=asked.size,
        )
        campaigns, _ = await data.read(campaign_page, CampaignFilter(), "-created", 1, CAMPAIGNS_OFFERED)
        self.rows = [_line(row, user) for row in found]
        self._show(user, total, options={"campaign": [ui.Option(str(row.id), row.name) for row in campaigns]})


def tracking_urls_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("nav.tracking_urls"), acts=[ui.for_editors(_create())]),
        ui.list_panel(
            TrackingUrls,
            _columns(),
            search=tr("tracking_urls.search"),
            menu=_row_menu,
            none_yet=ui.empty(
                tr("tracking_urls.none"),
                tr("tracking_urls.none_text"),
                icon_name="link",
                acts=[ui.for_editors(_create())],
            ),
            label=tr("nav.tracking_urls"),
        ),
        tracking_url_dialogs(),
        here="tracking_urls",
        crumbs=[(tr("nav.tracking_urls"), routes.TRACKING_URLS)],
    )


def _create() -> rx.Component:
    return ui.button(
        tr("tracking_urls.create"), icon_name="plus", look="pri", key="c", on_click=TrackingUrlForm.create_new(0)
    )


def _columns() -> list[ui.Column]:
    return [
        ui.Column("name", tr("tracking_urls.name"), _name, sort="name", phone=1, fixed=True, named=True),
        ui.Column("campaign", tr("tracking_urls.campaign"), _campaign, sort="campaign", phone=3, cut=True),
        ui.Column("url", tr("tracking_urls.leads_to"), _destination, sort="url", cut=True, wide=True),
        ui.Column("code", tr("tracking_urls.code_head"), lambda row: tracking_code(row.code, row.name)),
        ui.count_column(
            "clicked", tr("tracking_urls.clicked"), lambda row: row.clicked, lambda row: row.clicked_to, phone=2
        ),
        ui.time_column(
            "created",
            tr("tracking_urls.created_at"),
            lambda row: row.created,
            lambda row: row.created_full,
            sort="created_at",
            phone=4,
            low=True,
        ),
    ]


def _name(row: rx.Var[Line]) -> rx.Component:
    """There is no page of one: its name opens the form, for those who may change it."""
    opens = rx.el.button(row.name, type="button", class_name="link", on_click=TrackingUrlForm.edit_one(row.id))
    return rx.cond(Prefs.can_edit, opens, rx.el.span(row.name, class_name="strong"))


def _campaign(row: rx.Var[Line]) -> rx.Component:
    return ui.link(row.campaign, to=row.campaign_href)


def _destination(row: rx.Var[Line]) -> rx.Component:
    elsewhere = rx.el.a(row.url, href=row.url, target="_blank", rel="noopener noreferrer", title=row.url)
    return rx.cond(row.url != "", elsewhere, rx.el.span(row.leads, class_name="mute"))


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    return [
        ui.Item(tr("ui.edit"), "pencil", on_click=TrackingUrlForm.edit_one(row.id), when=Prefs.can_edit),
        ui.Item(tr("tracking_urls.open_campaign"), "megaphone", to=row.campaign_href),
        None,
        ui.Item(tr("ui.delete"), "trash-2", on_click=TrackingUrlDelete.ask(row.id), bad=True, when=Prefs.can_edit),
    ]


def _line(row: TrackingUrlRow, user: Viewer) -> Line:
    log = clicked_link(LogFilter(campaign_id=row.campaign_id), tracking_url_id=row.id)
    redirects = row.action is TrackingAction.REDIRECT
    return Line(
        id=row.id,
        name=row.name,
        campaign=row.campaign,
        campaign_href=routes.to(routes.CAMPAIGN, campaign_id=row.campaign_id),
        leads=say(user.language, f"tracking_url.action.{row.action}"),
        url=row.url if redirects else "",
        code=row.placeholder,
        clicked=format.count(user.language, row.clicked),
        clicked_to=routes.to(routes.LOG, **log.to_query()) if row.clicked else "",
        created=format.moment(user.language, user.time_zone, row.created_at, data.now()),
        created_full=format.full_moment(user.language, user.time_zone, row.created_at),
    )
