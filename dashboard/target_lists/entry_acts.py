"""Removing entries, opting them out or in: for one, some, or all results; asked first, seen while it runs."""

from dataclasses import replace
from typing import Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.asked_work import AskedWork, work_confirmation
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import tr, tr_with
from dashboard.target_lists.entry_spec import SPEC, entry_filter
from models.membership import Chosen, opt_in_entries, opt_out_entries, remove_members

ACTS: Final = ("remove", "opt_out", "opt_in")
MOST_IDS: Final = 100


class EntryAct(AskedWork, rx.State):
    """`act`: one of ACTS, about `count` people; all results when none of them is named."""

    act: str = ACTS[0]
    _ids: list[int] = []
    _all: bool = False

    @allowed(Right.EDIT)
    async def ask_one(self, user: Viewer, act: str, person_id: int):
        self._ask(str(act), [int(person_id)], 1)

    @allowed(Right.EDIT, background=True)
    async def confirm(self, user: Viewer):
        if not await self._may_begin():
            return None
        async with self:
            act, list_id, ready = self.act, routes.id_in(self.router.url.path), self._is_ready()
            chosen: Chosen = self._found(list_id) if self._all else list(self._ids)
        if not ready:
            return await self._end_work()
        await self._carry_out(user, self._do(act, list_id, chosen, user), f"target_lists.{act}_done")
        return rx.redirect(_here(self), replace=True)

    async def _do(self, act: str, list_id: int, chosen: Chosen, user: Viewer) -> int:
        if act == "remove":
            return int(await self._work(remove_members, list_id, chosen))
        work = opt_out_entries if act == "opt_out" else opt_in_entries
        return int(await self._work(work, list_id, chosen, data.now(), by=user.email))

    def _ask(self, act: str, ids: list[int] | None, count: int) -> None:
        """Open it. `ids` None: all results of the address, as they are at the moment of the act."""
        self.act = act if act in ACTS else ACTS[0]
        self._all, self._ids = ids is None, (ids or [])[:MOST_IDS]
        self._ask_about(count, typing=act == "remove")

    def _found(self, list_id: int) -> Chosen:
        return replace(entry_filter(SPEC.read(self.router.url.query_parameters)), in_list=list_id)


def _here(state: rx.State) -> str:
    """The present address without its page number's meaning lost: the list is loaded again where it stands."""
    return SPEC.address(SPEC.read(state.router.url.query_parameters), state.router.url.path)


def entry_act_dialog() -> rx.Component:
    """The confirmation; put it once on the page of the entries."""
    return work_confirmation(EntryAct, title=_words("question"), text=_words("text"), confirm=_words("confirm"))


def _words(part: str) -> rx.Var[str]:
    state = EntryAct
    first, *others = [(act, tr_with(f"target_lists.{act}_{part}", count=state.count)) for act in ACTS]
    return rx.match(state.act, *others, first[1]).to(str)


def bulk_acts(ask: rx.event.EventCallback) -> list[rx.Component]:
    """The acts of the bulk bar; `ask(act)` is the page's event, which knows what is selected."""
    signs = {"remove": "list-x", "opt_out": "bell-off", "opt_in": "bell"}
    return [
        ui.for_editors(
            ui.button(
                tr(f"target_lists.{act}"),
                icon_name=signs[act],
                small=True,
                look="bad" if act == "remove" else "",
                on_click=ask(act),
            )
        )
        for act in ("opt_in", "opt_out", "remove")
    ]
