"""Create or edit a target list, in a dialog."""

from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from models.errors import Conflict, Invalid
from models.target_list import create_list, edit_list
from models.target_list_page import get_list

LABELS = {
    "name": "target_lists.name",
    "public_name": "target_lists.public_name",
    "description": "target_lists.description",
}


class TargetListForm(ui.FormState, rx.State):
    """`editing`: the list's id, 0 for a new one, whose page opens once it is made."""

    editing: int = 0

    @allowed(Right.EDIT)
    async def create_new(self, user: Viewer):
        self.editing = 0
        self._open(dict.fromkeys(LABELS, ""))

    @allowed(Right.EDIT)
    async def edit_one(self, user: Viewer, target_list_id: int):
        found = await data.read(get_list, int(target_list_id))
        self.editing = found.id
        self._open({name: getattr(found, name) for name in LABELS}, found.revision)

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        if not self.form_open:  # pressed twice: the first one did it
            return None
        typed = ui.Typed(given)
        values = {name: typed.text(name) for name in LABELS}
        try:
            if not self.editing:
                made = await data.run(create_list, values, data.now())
                self._close()
                await ui.tell(self, say(user.language, "target_lists.created"))
                return rx.redirect(routes.to(routes.TARGET_LIST, list_id=made))
            await data.run(edit_list, self.editing, self._revision, values)
        except Invalid as error:
            return self._fail(user, error)
        except Conflict as error:
            stored = await data.read(get_list, self.editing)
            theirs = {name: getattr(stored, name) for name in LABELS}
            labels = {name: say(user.language, label) for name, label in LABELS.items()}
            return self._collide(user, error, theirs, stored.revision, labels)
        self._close()
        await ui.tell(self, say(user.language, "target_lists.saved"))
        return rx.redirect(self.router.url.path, replace=True)


def target_list_form() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    form = TargetListForm
    return ui.form_dialog(
        form,
        ui.text_field(form, "name", tr("target_lists.name"), whole=True, auto_focus=True, max_length=200),
        ui.text_field(
            form,
            "public_name",
            tr("target_lists.public_name"),
            hint=tr("target_lists.public_name_hint"),
            whole=True,
            optional=True,
            max_length=200,
        ),
        ui.text_area(form, "description", tr("target_lists.description"), rows=3, optional=True, max_length=2000),
        title=rx.cond(form.editing > 0, tr("target_lists.edit"), tr("target_lists.create")),
        on_submit=form.save,
        save=rx.cond(form.editing > 0, tr("ui.save"), tr("target_lists.create")),
        width=480,
    )
