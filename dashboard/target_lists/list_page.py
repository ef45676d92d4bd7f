"""All target lists: how many are in each, how many opted out, what filled it; create, edit, duplicate, delete."""

from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, tr
from dashboard.target_lists.copying import ListCopy, copy_dialog
from dashboard.target_lists.delete import TargetListDelete, delete_dialog
from dashboard.target_lists.form import TargetListForm, target_list_form
from models.target_list_page import TargetListRow, list_page

SPEC = ui.ListSpec(
    route=routes.TARGET_LISTS, sorts=("name", "entries", "opted_out", "campaigns", "created"), sort="name"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A target list as it is shown; addresses are "" where a number opens nothing."""

    id: int
    name: str
    description: str
    href: str
    people: str
    people_to: str
    opted_out: str
    opted_out_to: str
    campaigns: str
    campaigns_to: str
    report: str
    created: str
    created_full: str


class TargetLists(ui.ListState, rx.State):
    """The rows as the address asks for them."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        found, total = await data.read(list_page, asked.text, asked.sort, asked.page, asked.size)
        self.rows = [_line(row, user) for row in found]
        self._show(user, total)


def target_lists_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("target_lists.title"), acts=[ui.for_editors(_create())]),
        ui.list_panel(
            TargetLists,
            _columns(),
            search=tr("target_lists.name"),
            menu=_row_menu,
            none_yet=ui.empty(
                tr("target_lists.none"),
                tr("target_lists.none_text"),
                icon_name="list-checks",
                acts=[
                    ui.for_editors(_create()),
                    ui.button(tr("people.import"), icon_name="upload", to=routes.IMPORT),
                ],
            ),
            label=tr("target_lists.title"),
        ),
        target_list_form(),
        delete_dialog(),
        copy_dialog(),
        here="target_lists",
        crumbs=[(tr("target_lists.title"), routes.TARGET_LISTS)],
    )


def _create() -> rx.Component:
    return ui.button(
        tr("target_lists.create"), icon_name="plus", look="pri", key="c", on_click=TargetListForm.create_new()
    )


def _columns() -> list[ui.Column]:
    return [
        ui.link_column("name", tr("target_lists.name"), lambda row: row.name, lambda row: row.href, sort="name"),
        ui.count_column(
            "entries",
            tr("target_lists.entries"),
            lambda row: row.people,
            lambda row: row.people_to,
            sort="entries",
            phone=2,
        ),
        ui.count_column(
            "opted_out",
            tr("target_lists.opted_out"),
            lambda row: row.opted_out,
            lambda row: row.opted_out_to,
            sort="opted_out",
        ),
        ui.count_column(
            "campaigns",
            tr("target_lists.campaigns"),
            lambda row: row.campaigns,
            lambda row: row.campaigns_to,
            sort="campaigns",
        ),
        ui.text_column("report", tr("target_lists.filled_from"), lambda row: row.report, phone=3, cut=True),
        ui.text_column("description", tr("target_lists.description"), lambda row: row.description, low=True, cut=True),
        ui.time_column(
            "created",
            tr("people.created"),
            lambda row: row.created,
            lambda row: row.created_full,
            sort="created",
            low=True,
        ),
    ]


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    return [
        ui.Item(tr("ui.open"), "arrow-right", to=row.href),
        ui.Item(tr("ui.edit"), "pencil", on_click=TargetListForm.edit_one(row.id)),
        ui.Item(tr("target_lists.duplicate"), "copy", on_click=ListCopy.ask_duplicate(row.id)),
        ui.Item(tr("target_lists.merge"), "merge", on_click=ListCopy.ask_merge(row.id)),
        None,
        ui.Item(tr("ui.delete"), "trash-2", on_click=TargetListDelete.ask(row.id), bad=True),
    ]


def _line(row: TargetListRow, user: Viewer) -> Line:
    language = user.language
    page = routes.to(routes.TARGET_LIST, list_id=row.id)
    return Line(
        id=row.id,
        name=row.name,
        description=row.description,
        href=page,
        people=format.count(language, row.entry_count),
        people_to=page if row.entry_count else "",
        opted_out=format.count(language, row.opted_out_count),
        opted_out_to=routes.to(routes.TARGET_LIST_OPTED_OUT, list_id=row.id) if row.opted_out_count else "",
        campaigns=format.count(language, row.campaigns),
        campaigns_to=routes.to(routes.CAMPAIGNS, list=row.id) if row.campaigns else "",
        report=row.report or format.UNKNOWN,
        created=format.moment(language, user.time_zone, row.created_at, data.now()),
        created_full=format.full_moment(language, user.time_zone, row.created_at),
    )
