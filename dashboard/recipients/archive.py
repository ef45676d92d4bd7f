"""Archiving recipients: one, some, or all results; asked first. No new mailing reaches them, the log keeps them."""

from typing import Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.long_work import LongWork, Stopped, work_progress
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from dashboard.recipients.list_spec import SPEC, recipient_filter
from models.errors import EnvoiError
from models.recipient import archive_recipients, restore_recipients
from models.recipient_page import archive_matching

TYPED_ABOVE: Final = 1_000
MOST_IDS: Final = 100


class Archive(LongWork, rx.State):
    """`count` people are about to be archived; all results when none of them is named."""

    asking: bool = False
    count: int = 0
    to_type: int = 0
    typed: str = ""
    _ids: list[int] = []
    _all: bool = False

    @allowed(Right.EDIT)
    async def ask_one(self, user: Viewer, person_id: int):
        self._ask([int(person_id)], 1)

    @allowed(Right.EDIT)
    async def restore(self, user: Viewer, person_id: int):
        await data.run(restore_recipients, [int(person_id)])
        await ui.tell(self, say(user.language, "recipients.restored"))
        return _reload(self)

    @allowed(Right.EDIT)
    async def type_number(self, user: Viewer, typed: str):
        self.typed = str(typed).strip()

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.EDIT, background=True)
    async def confirm(self, user: Viewer):
        if not await self._may_begin():
            return None
        async with self:
            ready, ids, everybody = self._is_ready(), list(self._ids), self._all
            chosen = recipient_filter(SPEC.read(self.router.url.query_parameters))
        if not ready:
            return await self._end_work()
        said, tone = "", "ok"
        try:
            done = await (
                self._work(archive_matching, chosen, data.now())
                if everybody
                else data.run(archive_recipients, ids, data.now())
            )
            said = say(user.language, "recipients.archived", count=done)
        except Stopped as stopped:
            said, tone = say(user.language, "work.stopped", count=stopped.done, total=stopped.total), "warn"
        except EnvoiError:
            await self._end_work()
            raise
        async with self:
            self.asking = self.working = False
            await ui.tell(self, said, tone=tone)
            return _reload(self)

    def _ask(self, ids: list[int] | None, count: int) -> None:
        self._all, self._ids, self.count, self.typed = ids is None, (ids or [])[:MOST_IDS], count, ""
        self.to_type = count if count > TYPED_ABOVE else 0
        self.asking = True

    def _is_ready(self) -> bool:
        return self.asking and (not self.to_type or self.typed == str(self.to_type))


def _reload(state: rx.State) -> rx.event.EventSpec:
    """Load the page anew where it stands."""
    path = state.router.url.path
    asked = SPEC.read(state.router.url.query_parameters)
    return rx.redirect(SPEC.address(asked, path) if path == routes.RECIPIENTS else path, replace=True)


def archive_dialog() -> rx.Component:
    """The confirmation; put it once on a page whose acts ask for it."""
    state = Archive
    return ui.confirmation(
        work_progress(state),
        title=tr_with("recipients.archive_question", count=state.count),
        text=tr("recipients.archive_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr_with("recipients.archive_count", count=state.count),
        on_confirm=state.confirm(),
        busy=state.working,
        keep=tr("recipients.keep"),
        type_number=state.to_type,
        number_typed=state.typed,
        on_type=state.type_number,
    )
