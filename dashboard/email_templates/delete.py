"""Deleting an email template: asked once more, naming the mass emails that use it."""

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from models.email_template import get_template
from models.email_template_page import delete_templates, usage_of

NAMED = 5


class TemplateDelete(rx.State):
    """What is about to go, said before it does. `users`: the names of the mass emails that use it."""

    asking: bool = False
    name: str = ""
    users: list[str] = []
    more: int = 0
    _id: int = 0

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, template_id: int):
        found = await data.read(get_template, int(template_id))
        used = await data.read(usage_of, [found.id])
        self._id, self.name = found.id, found.name
        self.users, self.more = [usage.name for usage in used[:NAMED]], max(0, len(used) - NAMED)
        self.asking = True

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.EDIT)
    async def confirm(self, user: Viewer):
        self.asking = False
        await data.run(delete_templates, [self._id], data.now(), user.email)
        await ui.tell(self, say(user.language, "templates.deleted"), self.name)
        return rx.redirect(routes.EMAIL_TEMPLATES, replace=True)

    def _clear(self) -> None:
        self.asking, self.name, self.users, self.more, self._id = False, "", [], 0, 0


def delete_dialog() -> rx.Component:
    """The confirmation; put it once on a page whose acts ask for it."""
    state = TemplateDelete
    used = rx.el.div(
        rx.el.div(tr("templates.used_by"), class_name="mute"),
        rx.foreach(state.users, lambda name: rx.el.div(name, class_name="trunc")),
        rx.cond(state.more > 0, rx.el.div(tr_with("templates.and_more", count=state.more), class_name="mute")),
        class_name="col g1",
    )
    return ui.confirmation(
        rx.cond(state.users.length() > 0, used),
        title=tr_with("templates.delete_question", name=state.name),
        text=tr("templates.delete_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr("templates.delete"),
        on_confirm=state.confirm(),
    )
