"""Suppressing an address by hand, in a dialog."""

from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from dashboard.suppressions.spec import here
from models.errors import Invalid
from models.suppression_form import MOST_NOTE, add_suppression


class SuppressionForm(ui.FormState, rx.State):
    """An address, an end, a note."""

    @allowed(Right.EDIT)
    async def open_new(self, user: Viewer):
        self._open({"address": "", "until": "", "note": ""})

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        if not self.form_open:  # pressed twice: the first one did it
            return None
        try:
            typed = ui.Typed(given)
            told = {"until": typed.moment("until", user.time_zone), "note": typed.text("note")}
            typed.check()
            new = await data.run(add_suppression, typed.text("address"), data.now(), user.email, durable=True, **told)
        except Invalid as error:
            return self._fail(user, error)
        self._close()
        await ui.tell(self, say(user.language, "suppressions.added" if new else "suppressions.changed"))
        return rx.redirect(here(self), replace=True)


def add_form() -> rx.Component:
    """The dialog; put it once on the page."""
    form = SuppressionForm
    return ui.form_dialog(
        form,
        ui.text_field(form, "address", tr("people.address"), whole=True, auto_focus=True, max_length=400, kind="email"),
        ui.moment_field(
            form, "until", tr("suppressions.until"), hint=tr("suppressions.until_hint"), optional=True, whole=True
        ),
        ui.text_field(
            form,
            "note",
            tr("suppressions.note"),
            hint=tr("suppressions.note_hint"),
            optional=True,
            whole=True,
            max_length=MOST_NOTE,
        ),
        title=tr("suppressions.add"),
        text=tr("suppressions.add_text"),
        on_submit=form.save,
        save=tr("suppressions.add"),
        width=480,
    )
