"""Deleting what the mail catcher keeps: asked once more; above 1,000 the number is typed."""

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from models.caught_mail import caught_page, delete_caught

TYPED_ABOVE = 1_000


class CatcherDelete(rx.State):
    """How many messages are about to go."""

    asking: bool = False
    count: int = 0
    to_type: int = 0
    typed: str = ""

    @allowed(Right.ADMINISTER)
    async def ask(self, user: Viewer):
        _, self.count = await data.read(caught_page, size=1)
        self.to_type, self.typed = self.count if self.count > TYPED_ABOVE else 0, ""
        self.asking = self.count > 0

    @allowed(Right.ADMINISTER)
    async def type_number(self, user: Viewer, typed: str):
        self.typed = str(typed).strip()[:20]

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.ADMINISTER)
    async def confirm(self, user: Viewer):
        if self.to_type and self.typed != str(self.to_type):
            return None
        self.asking = False
        deleted = await data.run(delete_caught)
        await ui.tell(self, say(user.language, "catcher.deleted", count=deleted))
        return rx.redirect(routes.MAIL_CATCHER, replace=True)


def catcher_delete_dialog() -> rx.Component:
    """The confirmation; put it once on the page."""
    state = CatcherDelete
    return ui.confirmation(
        title=tr_with("catcher.delete_question", count=state.count),
        text=tr("catcher.delete_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr_with("catcher.delete_all", count=state.count),
        on_confirm=state.confirm(),
        keep=tr("ui.cancel"),
        type_number=state.to_type,
        number_typed=state.typed,
        on_type=state.type_number,
    )
