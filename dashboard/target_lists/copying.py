"""Duplicating a target list, and merging others into it: entries and opt-outs come along (D3)."""

from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.long_work import LongWork, Stopped, work_progress
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from models.catalogue import Problem
from models.errors import EnvoiError, Invalid
from models.membership import Merged, duplicate_list, merge_lists
from models.target_list_page import get_list, list_choices


class ListCopy(ui.FormState, LongWork, rx.State):
    """`merging`: others are put into the list; else it is duplicated."""

    merging: bool = False
    name: str = ""
    others: list[ui.Option] = []
    _id: int = 0

    @allowed(Right.EDIT)
    async def ask_duplicate(self, user: Viewer, target_list_id: int):
        row = await data.read(get_list, int(target_list_id))
        self._id, self.name, self.merging = row.id, row.name, False
        self._open({"name": say(user.language, "target_lists.copy_of", name=row.name), "sources": ""})

    @allowed(Right.EDIT)
    async def ask_merge(self, user: Viewer, target_list_id: int):
        row = await data.read(get_list, int(target_list_id))
        self._id, self.name, self.merging = row.id, row.name, True
        self.others = [
            ui.Option(str(id_), name, say(user.language, "ui.people", count=entries))
            for id_, name, entries in await data.read(list_choices)
            if id_ != row.id
        ]
        self._open({"name": "", "sources": ""})

    @allowed(Right.EDIT, background=True)
    async def copy(self, user: Viewer, given: dict[str, Any]):
        typed = ui.Typed(given)
        if not await self._may_begin():
            return None
        try:
            made = await self._copy(user, typed)
        except Invalid as error:
            async with self:
                self.working = False
                return self._fail(user, error)
        except Stopped as stopped:
            async with self:
                self._close()
                await ui.tell(self, stopped.said(user.language), tone="warn")
            return rx.redirect(routes.TARGET_LISTS)
        except EnvoiError:
            await self._end_work()
            raise
        async with self:
            self._close()
            title = say(user.language, "target_lists.copied", count=made.added)
            detail = say(user.language, "target_lists.opt_outs_taken", count=made.opt_outs) if made.opt_outs else ""
            await ui.tell(self, title, detail)
        return rx.redirect(routes.to(routes.TARGET_LIST, list_id=made.list_id))

    async def _copy(self, user: Viewer, typed: ui.Typed) -> Merged:
        async with self:
            list_id, merging, self.errors = self._id, self.merging, {}
        if not merging:
            name = typed.text("name")
            made: Merged = await self._work(duplicate_list, list_id, name, data.now(), by=user.email)
            return made
        sources = typed.ids("sources")
        if not sources:
            raise Invalid({"sources": Problem("target_list.merge_nothing")})
        made = await self._work(merge_lists, sources, list_id, data.now(), by=user.email)
        return made


def copy_dialog() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    state = ListCopy
    return ui.dialog(
        ui.form_problems(state),
        rx.cond(
            state.merging,
            ui.lists_field(
                state, "sources", tr("target_lists.merge_from"), state.others, hint=tr("target_lists.sources_stay")
            ),
            ui.text_field(state, "name", tr("target_lists.name"), max_length=200, auto_focus=True),
        ),
        work_progress(state),
        title=rx.cond(
            state.merging,
            tr_with("target_lists.merge_into", name=state.name),
            tr_with("target_lists.duplicate_of", name=state.name),
        ),
        text=tr("target_lists.opt_outs_come"),
        is_open=state.form_open,
        on_close=state.close_form(),
        acts=[
            ui.button(tr("ui.cancel"), on_click=state.close_form()),
            ui.button(
                rx.cond(state.merging, tr("target_lists.merge_do"), tr("target_lists.duplicate")),
                look="pri",
                type="submit",
                busy=state.working,
            ),
        ],
        form=state.copy,
        form_key=state.serial,
    )
