"""All campaigns: saved views, filters, results side by side; create, edit, delete."""

from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.campaigns.delete import CampaignDelete, delete_dialog
from dashboard.campaigns.form import CampaignForm, campaign_form
from dashboard.i18n import format, say, tr
from models.campaign import CampaignStatus, CampaignType, set_campaign_status
from models.campaign_page import (
    SORTS,
    CampaignFilter,
    CampaignRow,
    campaign_ids,
    campaign_page,
    count_by_status,
    list_choices,
)

SPEC = ui.ListSpec(
    route=routes.CAMPAIGNS,
    sorts=SORTS,
    sort="-created",
    filters=(
        ui.Filter("status", "campaigns.status", "choice", tuple(CampaignStatus), "campaigns.status"),
        ui.Filter("type", "campaigns.type", "choice", tuple(CampaignType), "campaigns.type"),
        ui.Filter("dates", "campaigns.dates", "dates"),
        ui.Filter("list", "campaigns.target_list", "pick"),
    ),
    views=(
        ui.View("", "campaigns.view.all"),
        ui.View("active", "campaigns.view.active", {"status": "active"}),
        ui.View("planning", "campaigns.view.planning", {"status": "planning"}),
        ui.View("complete", "campaigns.view.complete", {"status": "complete"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign as it is shown; addresses are "" where a number opens nothing."""

    id: int
    name: str
    href: str
    status: str
    type: str
    dates: str
    lists: str
    sent: str
    sent_to: str
    opened: str
    clicked: str
    opted_out: str
    opted_out_to: str


class Campaigns(ui.ListState, rx.State):
    """The rows as the address asks for them, and the acts on the chosen ones."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        found, total = await data.read(campaign_page, _filter(asked), asked.sort, asked.page, asked.size)
        counts = await data.read(count_by_status)
        lists = await data.read(list_choices)
        self.rows = [_line(row, user.language) for row in found]
        options = [ui.Option(str(choice.id), choice.name) for choice in lists]
        self._show(user, total, options={"list": options}, view_counts=counts)
        if self.router.url.query_parameters.get("create") == "1":  # the way from the overview
            return CampaignForm.create_new(routes.CAMPAIGNS)
        return None

    @allowed(Right.EDIT)
    async def change_status(self, user: Viewer, status: str):
        ids = await self._ids()
        changed = await data.run(set_campaign_status, ids, CampaignStatus(status), data.now(), user.email)
        await ui.tell(self, say(user.language, "campaigns.status_changed", count=changed))
        return Campaigns.load

    @allowed(Right.EDIT)
    async def ask_delete(self, user: Viewer):
        ids = await self._ids()
        return CampaignDelete.ask(ids)

    async def _ids(self) -> list[int]:
        chosen = self._chosen()
        return chosen if chosen is not None else await data.read(campaign_ids, _filter(self._asked()))


def campaigns_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("campaigns.title"), acts=[ui.for_editors(_create())]),
        ui.list_panel(
            Campaigns,
            _columns(),
            search=tr("campaigns.name"),
            bulk=_bulk(),
            menu=_row_menu,
            none_yet=ui.empty(
                tr("campaigns.none"),
                tr("campaigns.none_text"),
                icon_name="megaphone",
                acts=[
                    ui.for_editors(_create()),
                    ui.button(tr("campaigns.import_people"), icon_name="upload", to=routes.IMPORT),
                ],
            ),
            label=tr("campaigns.title"),
        ),
        campaign_form(),
        delete_dialog(),
        here="campaigns",
        crumbs=[(tr("campaigns.title"), routes.CAMPAIGNS)],
    )


def _create() -> rx.Component:
    return ui.button(
        tr("campaigns.create"),
        icon_name="plus",
        look="pri",
        key="c",
        on_click=CampaignForm.create_new(routes.CAMPAIGNS),
    )


def _columns() -> list[ui.Column]:
    return [
        ui.link_column("name", tr("campaigns.name"), lambda row: row.name, lambda row: row.href, sort="name"),
        ui.status_column(
            "status",
            tr("campaigns.status"),
            lambda row: row.status,
            CampaignStatus,
            words="campaigns.status",
            sort="status",
            phone=3,
        ),
        ui.text_column("type", tr("campaigns.type"), lambda row: row.type, sort="type", low=True),
        ui.text_column("dates", tr("campaigns.dates"), lambda row: row.dates, sort="start", phone=4),
        ui.text_column("lists", tr("campaigns.target_lists"), lambda row: row.lists, low=True, cut=True),
        ui.count_column(
            "sent", tr("campaigns.sent"), lambda row: row.sent, lambda row: row.sent_to, sort="sent", phone=2
        ),
        ui.number_column("opened", tr("campaigns.opened"), lambda row: row.opened, sort="opened"),
        ui.number_column("clicked", tr("campaigns.clicked"), lambda row: row.clicked, sort="clicked"),
        ui.count_column(
            "opted_out",
            tr("campaigns.opted_out"),
            lambda row: row.opted_out,
            lambda row: row.opted_out_to,
            sort="opted_out",
        ),
    ]


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    return [
        ui.Item(tr("ui.open"), "arrow-right", to=row.href),
        ui.Item(tr("ui.edit"), "pencil", on_click=CampaignForm.edit_one(row.id, routes.CAMPAIGNS)),
        None,
        ui.Item(tr("ui.delete"), "trash-2", on_click=CampaignDelete.ask([row.id]), bad=True),
    ]


def _bulk() -> list[rx.Component]:
    change = rx.el.button(
        ui.icon("circle-dot", 14), rx.el.span(tr("campaigns.change_status")), type="button", class_name="btn sm"
    )
    choices = [
        ui.Item(tr(f"campaigns.status.{status}"), on_click=Campaigns.change_status(status)) for status in CampaignStatus
    ]
    remove = ui.button(tr("ui.delete"), icon_name="trash-2", look="bad", small=True, on_click=Campaigns.ask_delete())
    return [ui.for_editors(ui.menu(list(choices), trigger=change)), ui.for_editors(remove)]


def _filter(asked: ui.Asked) -> CampaignFilter:
    status, kind = asked.get("status"), asked.get("type")
    start, end = asked.dates("dates")
    return CampaignFilter(
        asked.text,
        CampaignStatus(status) if status else None,
        CampaignType(kind) if kind else None,
        asked.number("list"),
        start,
        end,
    )


def _line(row: CampaignRow, language: str) -> Line:
    untracked = say(language, "campaigns.not_tracked") if row.sent and row.opened is None else ""
    first, *others = row.lists or ("",)
    return Line(
        id=row.id,
        name=row.name,
        href=routes.to(routes.CAMPAIGN, campaign_id=row.id),
        status=row.status,
        type=say(language, f"campaigns.type.{row.type}"),
        dates=format.span(language, row.start_date, row.end_date),
        lists=say(language, "campaigns.and_more", name=first, more=len(others)) if others else first,
        sent=format.count(language, row.sent),
        sent_to=routes.to(routes.LOG, campaign_id=row.id, included="sent") if row.sent else "",
        opened=untracked or format.percent(language, row.opened, row.sent),
        clicked="" if untracked else format.percent(language, row.clicked, row.sent),
        opted_out="" if untracked else format.count(language, row.opted_out),
        opted_out_to=routes.to(routes.LOG, campaign_id=row.id, included="opted_out") if row.opted_out else "",
    )
