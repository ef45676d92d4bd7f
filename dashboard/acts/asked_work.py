"""Long acts that are asked about first: how many it concerns, that number typed where it is large, what it did told.

class Remove(AskedWork, rx.State):
    @allowed(Right.EDIT, background=True)
    async def confirm(self, user: Viewer):
        ...
        await self._carry_out(user, self._work(remove_members, list_id, chosen), "target_lists.remove_done")
"""

from collections.abc import Awaitable
from typing import Any, Final

import reflex as rx

from dashboard import ui
from dashboard.acts.long_work import LongWork, Stopped, work_progress
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say

TYPED_ABOVE: Final = 1_000
"""Of more people than that the number must be typed."""


class AskedWork(LongWork, rx.State, mixin=True):
    """`count` rows are asked about; `to_type`: the number to type, 0: none; `typed`: what was."""

    asking: bool = False
    count: int = 0
    to_type: int = 0
    typed: str = ""

    @allowed(Right.EDIT)
    async def type_number(self, user: Viewer, typed: str):
        self.typed = str(typed).strip()

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    def _ask_about(self, count: int, *, typing: bool = True) -> None:
        """Open it. `typing` False: an act that can be undone, whose number need not be typed."""
        self.count, self.typed, self.asking = count, "", True
        self.to_type = count if typing and count > TYPED_ABOVE else 0

    def _is_ready(self) -> bool:
        return self.asking and self.count > 0 and (not self.to_type or self.typed == str(self.to_type))

    async def _carry_out(self, user: Viewer, doing: Awaitable[int], done: str) -> None:
        """Await what was begun, close, and tell how many it did in the sentence `done`, or where it was stopped.

        Raises what the work raises; the question then stays open."""
        try:
            said, tone = say(user.language, done, count=await doing), "ok"
        except Stopped as stopped:
            said, tone = stopped.said(user.language), "warn"
        finally:
            await self._end_work()
        async with self:
            self.asking = False
            await ui.tell(self, said, tone=tone)


def work_confirmation(state: Any, *about: rx.Component, **words: Any) -> rx.Component:
    """The confirmation of an AskedWork, with its progress below what it is about; `words` are ui.confirmation's."""
    return ui.confirmation(
        *about,
        work_progress(state),
        is_open=state.asking,
        on_close=state.keep(),
        on_confirm=state.confirm(),
        busy=state.working,
        type_number=state.to_type,
        number_typed=state.typed,
        on_type=state.type_number,
        **words,
    )
