"""Archiving recipients: one, some, or all results; asked first. No new mailing reaches them, the log keeps them."""

from typing import Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.asked_work import AskedWork, work_confirmation
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from dashboard.recipients.list_spec import SPEC, recipient_filter
from models.recipient import archive_recipients, restore_recipients
from models.recipient_page import archive_matching

MOST_IDS: Final = 100


class Archive(AskedWork, rx.State):
    """`count` people are about to be archived; all results when none of them is named."""

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

    @allowed(Right.EDIT, background=True)
    async def confirm(self, user: Viewer):
        if not await self._may_begin():
            return None
        async with self:
            ready, ids, everybody = self._is_ready(), list(self._ids), self._all
            chosen = recipient_filter(SPEC.read(self.router.url.query_parameters))
        if not ready:
            return await self._end_work()
        archiving = (
            self._work(archive_matching, chosen, data.now())
            if everybody
            else data.run(archive_recipients, ids, data.now())
        )
        await self._carry_out(user, archiving, "recipients.archived")
        return _reload(self)

    def _ask(self, ids: list[int] | None, count: int) -> None:
        self._all, self._ids = ids is None, (ids or [])[:MOST_IDS]
        self._ask_about(count)


def _reload(state: rx.State) -> rx.event.EventSpec:
    """Load the page anew where it stands."""
    path = state.router.url.path
    asked = SPEC.read(state.router.url.query_parameters)
    return rx.redirect(SPEC.address(asked, path) if path == routes.RECIPIENTS else path, replace=True)


def archive_dialog() -> rx.Component:
    """The confirmation; put it once on a page whose acts ask for it."""
    state = Archive
    return work_confirmation(
        state,
        title=tr_with("recipients.archive_question", count=state.count),
        text=tr("recipients.archive_text"),
        confirm=tr_with("recipients.archive_count", count=state.count),
        keep=tr("recipients.keep"),
    )
