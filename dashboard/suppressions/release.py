"""Releasing addresses: one, some, or all results; asked first, saying what it means. Consent stays as it is."""

from dataclasses import asdict
from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.acts.asked_work import AskedWork, work_confirmation
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import tr, tr_with
from dashboard.suppressions.spec import here
from models.suppression_page import SuppressionFilter, count_chosen, release_matching


class Release(AskedWork, rx.State):
    """`count` suppressions are about to be released; `stay` of the chosen were erased on request and are not."""

    stay: int = 0
    _keys: list[int] = []
    _filter: dict[str, Any] | None = None

    @allowed(Right.ADMINISTER)
    async def ask_one(self, user: Viewer, key: int):
        await self._ask([int(key)])

    @allowed(Right.ADMINISTER, background=True)
    async def confirm(self, user: Viewer):
        if not await self._may_begin():
            return None
        async with self:
            ready = self._is_ready()
            chosen = list(self._keys) if self._filter is None else SuppressionFilter(**self._filter)
        if not ready:
            return await self._end_work()
        releasing = self._work(release_matching, chosen, data.now(), user.email)
        await self._carry_out(user, releasing, "suppressions.released")
        return rx.redirect(here(self), replace=True)

    async def _ask(self, chosen: SuppressionFilter | list[int]) -> None:
        found = await data.read(count_chosen, chosen)
        self._keys, self._filter = (chosen, None) if isinstance(chosen, list) else ([], asdict(chosen))
        self.stay = found.stay
        self._ask_about(found.total - found.stay)


def release_dialog() -> rx.Component:
    """The confirmation; put it once on a page whose acts ask for it."""
    state = Release
    return work_confirmation(
        state,
        _means("send", tr("suppressions.release_mailed")),
        _means("bell-off", tr("suppressions.release_consent")),
        _means("undo-2", tr("suppressions.release_again")),
        rx.cond(state.stay > 0, ui.note(tr_with("suppressions.release_stay", count=state.stay), tone="info")),
        title=tr_with("suppressions.release_question", count=state.count),
        text=tr("suppressions.release_text"),
        confirm=tr_with("suppressions.release_count", count=state.count),
        keep=tr("suppressions.keep"),
    )


def _means(icon_name: str, words: rx.Var[str]) -> rx.Component:
    return rx.el.div(ui.icon(icon_name), rx.el.span(words), class_name="row g3")
