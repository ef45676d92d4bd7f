"""Releasing addresses: one, some, or all results; asked first, saying what it means. Consent stays as it is."""

from dataclasses import asdict
from typing import Any, Final

import reflex as rx

from dashboard import data, ui
from dashboard.acts.long_work import LongWork, Stopped, work_progress
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from dashboard.suppressions.spec import here
from models.errors import EnvoiError
from models.suppression_page import SuppressionFilter, count_chosen, release_matching

TYPED_ABOVE: Final = 1_000


class Release(LongWork, rx.State):
    """`count` suppressions are about to be released; `stay` of the chosen were erased on request and are not."""

    asking: bool = False
    count: int = 0
    stay: int = 0
    to_type: int = 0
    typed: str = ""
    _keys: list[int] = []
    _filter: dict[str, Any] | None = None

    @allowed(Right.ADMINISTER)
    async def ask_one(self, user: Viewer, key: int):
        await self._ask([int(key)])

    @allowed(Right.ADMINISTER)
    async def type_number(self, user: Viewer, typed: str):
        self.typed = str(typed).strip()

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.ADMINISTER, background=True)
    async def confirm(self, user: Viewer):
        if not await self._may_begin():
            return None
        async with self:
            ready = self.asking and self.count > 0 and (not self.to_type or self.typed == str(self.to_type))
            chosen = list(self._keys) if self._filter is None else SuppressionFilter(**self._filter)
        if not ready:
            return await self._end_work()
        tone = "ok"
        try:
            done = await self._work(release_matching, chosen, data.now(), user.email)
            said = say(user.language, "suppressions.released", count=done)
        except Stopped as stopped:
            said, tone = say(user.language, "work.stopped", count=stopped.done, total=stopped.total), "warn"
        except EnvoiError:
            await self._end_work()
            raise
        async with self:
            self.asking = self.working = False
            await ui.tell(self, said, tone=tone)
            return rx.redirect(here(self), replace=True)

    async def _ask(self, chosen: SuppressionFilter | list[int]) -> None:
        found = await data.read(count_chosen, chosen)
        self._keys, self._filter = (chosen, None) if isinstance(chosen, list) else ([], asdict(chosen))
        self.count, self.stay, self.typed = found.total - found.stay, found.stay, ""
        self.to_type = self.count if self.count > TYPED_ABOVE else 0
        self.asking = True


def release_dialog() -> rx.Component:
    """The confirmation; put it once on a page whose acts ask for it."""
    state = Release
    return ui.confirmation(
        _means("send", tr("suppressions.release_mailed")),
        _means("bell-off", tr("suppressions.release_consent")),
        _means("undo-2", tr("suppressions.release_again")),
        rx.cond(state.stay > 0, ui.note(tr_with("suppressions.release_stay", count=state.stay), tone="info")),
        work_progress(state),
        title=tr_with("suppressions.release_question", count=state.count),
        text=tr("suppressions.release_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr_with("suppressions.release_count", count=state.count),
        on_confirm=state.confirm(),
        busy=state.working,
        keep=tr("suppressions.keep"),
        type_number=state.to_type,
        number_typed=state.typed,
        on_type=state.type_number,
    )


def _means(icon_name: str, words: rx.Var[str]) -> rx.Component:
    return rx.el.div(ui.icon(icon_name), rx.el.span(words), class_name="row g3")
