"""Filling a target list with whom a report finds at this moment (D22); whoever opted out of the list stays so.

FillList.ask_list(list_id)        the event that opens it for a list: the report is chosen
FillList.ask_report(report_id)    … for a report: the list is chosen, or made
fill_list_dialog()                the dialog: put it once on a page that offers it
"""

from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.long_work import LongWork, Stopped, work_progress
from dashboard.acts.people import nothing
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from models.catalogue import Problem
from models.errors import EnvoiError, Invalid
from models.recipient_page import count_exactly
from models.report import fill_from_report, get_report, report_choices
from models.target_list import create_list
from models.target_list_page import get_list, list_choices


class FillList(ui.FormState, LongWork, rx.State):
    """`of_list`: opened for the list `name`; else for the report `name`. `people`: whom the report finds now."""

    of_list: bool = False
    name: str = ""
    existing: bool = False
    reports: list[ui.Option] = []
    lists: list[ui.Option] = []
    people: int = 0
    counted: bool = False
    _list_id: int = 0
    _report_id: int = 0

    @allowed(Right.EDIT)
    async def ask_list(self, user: Viewer, target_list_id: int):
        row = await data.read(get_list, int(target_list_id))
        found = [ui.Option(str(id_), name) for id_, name in await data.read(report_choices)]
        self.reports = [nothing(user.language, "fill_list.choose_report"), *found]
        self.of_list, self.name, self.existing = True, row.name, True
        self._list_id, self._report_id, self.people, self.counted = row.id, 0, 0, False
        self._open({"report": str(row.report_id or ""), "list": "", "name": ""})
        if row.report_id:
            await self._count(row.report_id)

    @allowed(Right.EDIT)
    async def ask_report(self, user: Viewer, report_id: int):
        report = await data.read(get_report, int(report_id))
        found = [
            ui.Option(str(id_), say(user.language, "create_list.entries", name=name, entries=entries))
            for id_, name, entries in await data.read(list_choices)
        ]
        self.lists = [nothing(user.language, "create_list.choose"), *found]
        self.of_list, self.name, self.existing, self._list_id = False, report.name, False, 0
        self._open({"report": "", "list": "", "name": report.name})
        await self._count(report.id)

    @allowed(Right.EDIT)
    async def choose_report(self, user: Viewer, report_id: str):
        self.errors, self.counted, self.people, self._report_id = {}, False, 0, 0
        if str(report_id).isdigit():
            await self._count(int(report_id))

    @allowed(Right.EDIT)
    async def put_in(self, user: Viewer, where: str):
        self.existing, self.errors = where == "existing", {}

    @allowed(Right.EDIT, background=True)
    async def fill(self, user: Viewer, given: dict[str, Any]):
        if not await self._may_begin():
            return None
        try:
            return await self._fill(user, ui.Typed(given))
        except Invalid as error:
            async with self:
                self.working = False
                self.errors = {name: problem.text(user.language) for name, problem in error.problems.items()}
        except EnvoiError:
            await self._end_work()
            raise
        return None

    async def _fill(self, user: Viewer, typed: ui.Typed) -> Any:
        async with self:
            self.errors, list_id, report_id = {}, self._list_id, self._report_id
            existing = self.existing
        if not report_id:
            raise Invalid({"report": Problem("errors.required")})
        list_id = list_id or await _destination(typed, existing=existing)
        try:
            added = await self._work(fill_from_report, list_id, report_id, data.now())
        except Stopped as stopped:
            said = stopped.said(user.language)
            return await self._finish(list_id, said, "", "warn")
        counts = {"already": added.already, "stay_out": added.opted_out}
        detail = " ".join(
            say(user.language, f"fill_list.{name}", count=number) for name, number in counts.items() if number
        )
        return await self._finish(list_id, say(user.language, "fill_list.done", count=added.added), detail, "ok")

    async def _finish(self, list_id: int, said: str, detail: str, tone: str) -> Any:
        async with self:
            self._close()
            await ui.tell(self, said, detail, tone=tone)
        return rx.redirect(routes.to(routes.TARGET_LIST, list_id=list_id))

    async def _count(self, report_id: int) -> None:
        report = await data.read(get_report, report_id)
        self.people = await data.read(count_exactly, report.filter)
        self._report_id, self.counted = report.id, True


async def _destination(typed: ui.Typed, *, existing: bool) -> int:
    """The list to fill: the chosen one, or a new one of that name."""
    if not existing:
        return await data.run(create_list, {"name": typed.text("name")}, data.now())
    list_id = typed.whole("list")
    typed.check()
    if list_id is None:
        raise Invalid({"list": Problem("errors.required")})
    return list_id


def fill_list_dialog() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    state = FillList
    return ui.dialog(
        ui.form_problems(state),
        rx.cond(state.of_list, _report(), _destination_fields()),
        rx.cond(
            state.counted,
            rx.el.div(tr_with("fill_list.finds", count=state.people), class_name="mute num", aria_live="polite"),
        ),
        work_progress(state),
        title=rx.cond(
            state.of_list,
            tr_with("fill_list.title", name=state.name),
            tr_with("fill_list.from", name=state.name),
        ),
        text=tr("fill_list.text"),
        is_open=state.form_open,
        on_close=state.close_form(),
        acts=[
            ui.button(tr("ui.cancel"), on_click=state.close_form()),
            ui.button(
                rx.cond(state.counted, tr_with("fill_list.add", count=state.people), tr("fill_list.fill")),
                look="pri",
                type="submit",
                busy=state.working,
                id="fill-list",
            ),
        ],
        form=state.fill,
        form_key=state.serial,
    )


def _report() -> rx.Component:
    state = FillList
    return ui.select_field(
        state,
        "report",
        tr("fill_list.report"),
        state.reports,
        hint=tr("fill_list.report_hint"),
        on_change=state.choose_report,
    )


def _destination_fields() -> rx.Component:
    state = FillList
    where = rx.cond(state.existing, "existing", "new")
    options = [("new", tr("create_list.new")), ("existing", tr("create_list.existing"))]
    return rx.el.div(
        ui.segments(where, options, state.put_in, tr("create_list.put_in")),
        rx.el.div(ui.text_field(state, "name", tr("create_list.name"), max_length=200), hidden=state.existing),
        rx.el.div(ui.select_field(state, "list", tr("create_list.list"), state.lists), hidden=~state.existing),
        class_name="col g3",
    )
