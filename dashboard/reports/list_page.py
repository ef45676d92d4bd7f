"""All reports: what each asks for, in words, and the target lists it filled; create, edit, fill, delete."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.fill_list import FillList, fill_list_dialog
from dashboard.acts.people import counted
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.reports.form import ReportForm, further_conditions, report_form
from models.recipient_filter import RecipientFilter
from models.recipient_page import count_recipients
from models.report import ReportRow, delete_report, get_report, report_page
from models.target_list_page import list_choices

SPEC = ui.ListSpec(route=routes.REPORTS, sorts=("name", "created"), sort="name")


@dataclass(frozen=True, slots=True)
class Line:
    """A report as it is shown. `people`: how many it finds now."""

    id: int
    name: str
    asks: str
    people: str
    people_to: str
    lists: str
    created: str
    created_full: str


class Reports(ui.ListState, rx.State):
    """The rows as the address asks for them; `asking`: to delete one."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    asking: bool = False
    name: str = ""
    filled: str = ""
    _id: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        found, total = await data.read(report_page, asked.text, asked.sort, asked.page, asked.size)
        lists = {list_id: name for list_id, name, _ in await data.read(list_choices)}
        self.rows = [await _line(row, lists, user) for row in found]
        self._show(user, total)

    @allowed(Right.EDIT)
    async def ask_delete(self, user: Viewer, report_id: int):
        report = await data.read(get_report, int(report_id))
        self._id, self.name, self.filled, self.asking = report.id, report.name, ", ".join(report.lists), True

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.EDIT)
    async def confirm(self, user: Viewer):
        if not self.asking:
            return None
        self.asking = False
        await data.run(delete_report, self._id, data.now())
        await ui.tell(self, say(user.language, "reports.deleted", name=self.name))
        return Reports.load


def reports_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("reports.title"), acts=[ui.for_editors(_create())]),
        ui.list_panel(
            Reports,
            _columns(),
            search=tr("reports.name"),
            menu=_row_menu,
            none_yet=ui.empty(
                tr("reports.none"), tr("reports.none_text"), icon_name="funnel", acts=[ui.for_editors(_create())]
            ),
            label=tr("reports.title"),
        ),
        report_form(),
        fill_list_dialog(),
        _delete_dialog(),
        here="reports",
        crumbs=[(tr("reports.title"), routes.REPORTS)],
    )


def _create() -> rx.Component:
    return ui.button(tr("reports.create"), icon_name="plus", look="pri", key="c", on_click=ReportForm.create_new())


def _columns() -> list[ui.Column]:
    return [
        ui.Column("name", tr("reports.name"), _name, sort="name", phone=1, fixed=True, named=True),
        ui.text_column("asks", tr("reports.asks"), lambda row: row.asks, phone=3, cut=True),
        ui.count_column("people", tr("reports.people"), lambda row: row.people, lambda row: row.people_to, phone=2),
        ui.text_column("lists", tr("reports.fills"), lambda row: row.lists, phone=4, cut=True),
        ui.time_column(
            "created",
            tr("people.created"),
            lambda row: row.created,
            lambda row: row.created_full,
            sort="created",
            low=True,
        ),
    ]


def _name(row: rx.Var[Line]) -> rx.Component:
    return rx.el.button(row.name, type="button", class_name="name", on_click=ReportForm.edit_one(row.id))


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    return [
        ui.Item(tr("reports.fill"), "list-plus", on_click=FillList.ask_report(row.id)),
        ui.Item(tr("ui.edit"), "pencil", on_click=ReportForm.edit_one(row.id)),
        None,
        ui.Item(tr("ui.delete"), "trash-2", on_click=Reports.ask_delete(row.id), bad=True),
    ]


def _delete_dialog() -> rx.Component:
    state = Reports
    return ui.confirmation(
        rx.cond(state.filled != "", rx.el.div(tr_with("reports.lists_stay", names=state.filled))),
        title=tr_with("reports.delete_question", name=state.name),
        text=tr("reports.delete_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr("reports.delete"),
        on_confirm=state.confirm(),
        keep=tr("reports.keep"),
    )


async def _line(row: ReportRow, lists: Mapping[int, str], user: Viewer) -> Line:
    language = user.language
    found = await data.read(count_recipients, row.filter)
    return Line(
        id=row.id,
        name=row.name,
        asks=_in_words(row.filter, lists, language),
        people=counted(language, found),
        people_to=_address(row.filter) if found else "",
        lists=", ".join(row.lists) or format.UNKNOWN,
        created=format.moment(language, user.time_zone, row.created_at, data.now()),
        created_full=format.full_moment(language, user.time_zone, row.created_at),
    )


def _in_words(chosen: RecipientFilter, lists: Mapping[int, str], language: str) -> str:
    """What a report asks for: Contacts · in French · in the list Customers."""
    parts = [
        say(language, f"people.kinds.{chosen.kind}") if chosen.kind else "",
        f"“{chosen.text}”" if chosen.text else "",
        format.language_name(language, chosen.language) if chosen.language else "",
        say(language, "reports.in", name=lists.get(chosen.in_list, "?")) if chosen.in_list else "",
        say(language, "reports.not_in", name=lists.get(chosen.not_in_list, "?")) if chosen.not_in_list else "",
        say(language, f"people.state.{chosen.state}") if chosen.state else "",
    ]
    further = further_conditions(chosen)
    if further:
        parts.append(say(language, "reports.more_conditions", count=further))
    return " · ".join(part for part in parts if part) or say(language, "reports.everybody")


def _address(chosen: RecipientFilter) -> str:
    """The list of recipients with the same filter; "" where its address cannot say all of it."""
    if further_conditions(chosen) or chosen.not_in_list:
        return ""
    held = {"q": chosen.text, "kind": chosen.kind, "language": chosen.language}
    return routes.to(routes.RECIPIENTS, **held, list=chosen.in_list, state=chosen.state)
