"""Saving what a list of recipients shows as a report."""

from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from dashboard.recipients.list_spec import SPEC, recipient_filter
from models.errors import Invalid
from models.report import create_report


class SaveReport(ui.FormState, rx.State):
    """The name of the new report; its filter is that of the address."""

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer):
        self._open({"name": SPEC.read(self.router.url.query_parameters).text})

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        if not self.form_open:  # pressed twice: the first one did it
            return None
        chosen = recipient_filter(SPEC.read(self.router.url.query_parameters))
        try:
            await data.run(create_report, {"name": ui.Typed(given).text("name"), "filter": chosen}, data.now())
        except Invalid as error:
            whole = {name if name == "name" else "": problem for name, problem in error.problems.items()}
            return self._fail(user, Invalid(whole))
        self._close()
        await ui.tell(self, say(user.language, "reports.created"), to=routes.REPORTS, act=say(user.language, "ui.open"))
        return None


def save_report_dialog() -> rx.Component:
    """The dialog; put it once on the page that offers it."""
    form = SaveReport
    return ui.form_dialog(
        form,
        ui.text_field(form, "name", tr("reports.name"), whole=True, auto_focus=True, max_length=200),
        title=tr("reports.save_filter"),
        text=tr("reports.save_filter_text"),
        on_submit=form.save,
        save=tr("reports.save"),
        width=480,
    )
