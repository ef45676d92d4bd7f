"""Counting opens and clicks as a person's, or as a machine's: of one row, some, or all results; asked first."""

from typing import Final

import reflex as rx

from dashboard import data, ui
from dashboard.acts.asked_work import AskedWork
from dashboard.acts.long_work import work_progress
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import tr, tr_with
from dashboard.log.lines import HUMAN, MACHINE
from dashboard.log.spec import SPEC, chosen_of
from models.log_filter import LogFilter
from models.log_reclassification import Chosen, preview_turning, turn_chosen

SIDES: Final = (HUMAN, MACHINE)
MOST_IDS: Final = 100


class Turning(AskedWork, rx.State):
    """`side`: as what they are to count; `count` opens and clicks that do not yet, of `people`; 0: none."""

    side: str = MACHINE
    people: int = 0
    _ids: list[int] = []
    _all: bool = False

    @allowed(Right.EDIT)
    async def ask_one(self, user: Viewer, record_id: int, side: str):
        await self._ask([int(record_id)], side)

    @allowed(Right.EDIT, background=True)
    async def confirm(self, user: Viewer):
        if not await self._may_begin():
            return None
        async with self:
            human, chosen, ready = self.side == HUMAN, self._chosen(), self._is_ready()
        if not ready:
            return await self._end_work()
        turning = self._work(turn_chosen, chosen, human, data.now(), user.email)
        await self._carry_out(user, turning, f"log.turned.{HUMAN if human else MACHINE}")
        return rx.redirect(SPEC.address(SPEC.read(self.router.url.query_parameters)), replace=True)

    async def _ask(self, ids: list[int] | None, side: str) -> None:
        """Open it. `ids` None: all results of the address, as they are at the moment of the act."""
        self.side = side if side in SIDES else MACHINE
        self._all, self._ids = ids is None, (ids or [])[:MOST_IDS]
        found = await data.read(preview_turning, self._chosen(), self.side == HUMAN)
        self.people = found.people
        self._ask_about(found.events, typing=False)

    def _chosen(self) -> Chosen:
        return self._filter() if self._all else list(self._ids)

    def _filter(self) -> LogFilter:
        return chosen_of(SPEC.read(self.router.url.query_parameters))


def turning_dialog() -> rx.Component:
    """The question, with how many and of whom; put it once on the page."""
    state = Turning
    as_person = state.side == HUMAN
    nothing = rx.cond(as_person, tr("log.turn_nothing.human"), tr("log.turn_nothing.machine"))
    question = rx.cond(
        as_person,
        tr_with("log.turn_question.human", count=state.count),
        tr_with("log.turn_question.machine", count=state.count),
    )
    text = rx.cond(
        as_person,
        tr_with("log.turn_text.human", count=state.people),
        tr_with("log.turn_text.machine", count=state.people),
    )
    act = rx.cond(
        as_person,
        tr_with("log.turn_confirm.human", count=state.count),
        tr_with("log.turn_confirm.machine", count=state.count),
    )
    return ui.dialog(
        work_progress(state),
        title=rx.cond(state.count > 0, question, tr("log.turn_none")),
        text=rx.cond(state.count > 0, text, nothing),
        is_open=state.asking,
        on_close=state.keep(),
        acts=[
            ui.button(tr("ui.back"), on_click=state.keep()),
            rx.cond(
                state.count > 0,
                ui.button(act, look="pri", busy=state.working, on_click=state.confirm(), id="turn"),
            ),
        ],
    )
