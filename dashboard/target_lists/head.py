"""The head of one target list: its name, what filled it, who uses it, the acts, the tabs of its pages."""

from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.fill_list import FillList, fill_list_dialog
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.target_lists.copying import ListCopy, copy_dialog
from dashboard.target_lists.delete import TargetListDelete, delete_dialog
from dashboard.target_lists.form import TargetListForm, target_list_form
from models.errors import NotFound
from models.target_list_page import get_list


class TargetListHead(rx.State):
    """The list whose id is in the address. `missing`: there is none, or no more."""

    id_: int = 0
    name: str = ""
    description: str = ""
    entries: str = ""
    opted_out: str = ""
    campaigns: int = 0
    report: str = ""
    created: str = ""
    missing: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        wanted = routes.id_in(self.router.url.path)
        if self.id_ != wanted:
            self._clear()
        try:
            row = await data.read(get_list, wanted)
        except NotFound:
            self._clear()
            self.missing = True
            return
        self.id_, self.name, self.description, self.missing = row.id, row.name, row.description, False
        self.entries = format.count(user.language, row.entry_count)
        self.opted_out = format.count(user.language, row.opted_out_count)
        self.campaigns, self.report = row.campaigns, row.report
        day = format.moment(user.language, user.time_zone, row.created_at, data.now())
        self.created = say(user.language, "people.created_at", at=day)

    def _clear(self) -> None:
        self.id_, self.name, self.description, self.report, self.missing = 0, "", "", "", False
        self.entries, self.opted_out, self.campaigns, self.created = "", "", 0, ""


def list_page_of(*children: Any, here: str) -> rx.Component:
    """A page of one list: head, tabs (`here`: "entries" or "opted_out"), what is below, the dialogs of its acts."""
    head = TargetListHead
    return ui.page(
        rx.cond(
            head.missing,
            ui.missing(
                tr("target_list.not_found"),
                tr("target_lists.gone"),
                icon_name="list-checks",
                act=ui.button(tr("target_lists.title"), to=routes.TARGET_LISTS),
            ),
            rx.fragment(_header(), _tabs(here), *children),
        ),
        target_list_form(),
        delete_dialog(),
        copy_dialog(),
        fill_list_dialog(),
        here="target_lists",
        crumbs=[
            (tr("target_lists.title"), routes.TARGET_LISTS),
            (rx.cond(head.missing, tr("target_lists.one"), head.name), _page(routes.TARGET_LIST)),
        ],
    )


def _header() -> rx.Component:
    head = TargetListHead
    return ui.page_header(
        head.name,
        facts=[
            rx.cond(head.report != "", tr_with("target_lists.filled_by", name=head.report), head.created),
            _used_by(),
            rx.cond(head.description != "", head.description, tr("target_lists.no_description")),
        ],
        acts=[
            ui.for_editors(
                ui.button(
                    tr("people.import"),
                    icon_name="upload",
                    to=f"{routes.IMPORT}?list=" + head.id_.to_string(),
                    id="import-into-list",
                )
            ),
            ui.for_editors(
                ui.button(
                    tr("target_lists.fill"),
                    icon_name="refresh-cw",
                    on_click=FillList.ask_list(head.id_),
                    id="fill-from-report",
                )
            ),
            ui.for_editors(
                ui.button(
                    tr("target_lists.select"),
                    icon_name="plus",
                    look="pri",
                    to=_page(routes.TARGET_LIST_SELECT) + "?kind=contact&absent=1",
                    id="select-people",
                )
            ),
            ui.for_editors(_menu()),
        ],
    )


def _used_by() -> rx.Component:
    head = TargetListHead
    words = tr_with("target_lists.used_by", count=head.campaigns)
    return rx.cond(
        head.campaigns > 0,
        ui.door(words, f"{routes.CAMPAIGNS}?list=" + head.id_.to_string()),
        tr("target_lists.used_by_none"),
    )


def _menu() -> rx.Component:
    head = TargetListHead
    return ui.menu(
        [
            ui.Item(tr("ui.edit"), "pencil", on_click=TargetListForm.edit_one(head.id_)),
            ui.Item(tr("target_lists.duplicate"), "copy", on_click=ListCopy.ask_duplicate(head.id_)),
            ui.Item(tr("target_lists.merge"), "merge", on_click=ListCopy.ask_merge(head.id_)),
            None,
            ui.Item(tr("ui.delete"), "trash-2", on_click=TargetListDelete.ask(head.id_), bad=True),
        ]
    )


def _tabs(here: str) -> rx.Component:
    head = TargetListHead
    return ui.tabs(
        (tr("target_lists.entries"), _page(routes.TARGET_LIST), here == "entries", head.entries),
        (
            tr("target_lists.opted_out"),
            _page(routes.TARGET_LIST_OPTED_OUT),
            here == "opted_out",
            head.opted_out,
        ),
    )


def _page(route: str) -> Any:
    before, _, after = route.partition("[list_id]")
    return before + TargetListHead.id_.to_string() + after
