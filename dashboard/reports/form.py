"""Create or edit a report in a dialog: the filter, and how many it finds, counted as it is typed."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.people import counted, kind_choices, language_options, list_options, nothing
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from models.errors import Conflict, Invalid
from models.recipient import Kind, MailState
from models.recipient_filter import RecipientFilter
from models.report import create_report, edit_report, get_report, preview

PARTS: Final = ("kind", "text", "language", "in_list", "not_in_list", "state")
LABELS: Final = {
    "name": "reports.name",
    "kind": "people.kind",
    "text": "people.name_or_address",
    "language": "people.language",
    "in_list": "people.in_list",
    "not_in_list": "people.not_in_list",
    "state": "people.is_state",
}
NAMED: Final = 5


class ReportForm(ui.FormState, rx.State):
    """`editing`: the report's id, 0 for a new one. `found`: how many people the filter finds now, `names` the first.
    `further`: conditions of the report that the form does not show, and keeps."""

    editing: int = 0
    found: str = ""
    names: str = ""
    further: int = 0
    languages: list[ui.Option] = []
    lists: list[ui.Option] = []
    _parts: dict[str, str] = {}

    @allowed(Right.EDIT)
    async def create_new(self, user: Viewer):
        await self._offer(user)
        self.editing, self.further = 0, 0
        await self._begin(user, {"name": "", **dict.fromkeys(PARTS, "")}, 0)

    @allowed(Right.EDIT)
    async def edit_one(self, user: Viewer, report_id: int):
        report = await data.read(get_report, int(report_id))
        await self._offer(user)
        self.editing, self.further = report.id, further_conditions(report.filter)
        await self._begin(user, {"name": report.name, **_typed(report.filter)}, report.revision)

    @allowed(Right.EDIT)
    async def try_part(self, user: Viewer, part: str, value: str):
        """What the filter would find with this value."""
        if part in PARTS:
            self._parts = {**self._parts, part: str(value)[:200]}
            await self._count(user)

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        if not self.form_open:  # pressed twice: the first one did it
            return None
        typed = ui.Typed(given)
        values = {"name": typed.text("name"), "filter": await self._filter({p: typed.text(p) for p in PARTS})}
        try:
            if self.editing:
                await data.run(edit_report, self.editing, self._revision, values)
            else:
                await data.run(create_report, values, data.now())
        except Invalid as error:
            own = {name.removeprefix("filter."): problem for name, problem in error.problems.items()}
            return self._fail(user, Invalid(own))
        except Conflict as error:
            stored = await data.read(get_report, self.editing)
            labels = {name: say(user.language, label) for name, label in LABELS.items()}
            theirs = {"name": stored.name, **_typed(stored.filter)}
            return self._collide(user, error, theirs, stored.revision, labels)
        self._close()
        await ui.tell(self, say(user.language, "reports.saved" if self.editing else "reports.created"))
        return rx.redirect(routes.REPORTS, replace=True)

    async def _begin(self, user: Viewer, values: Mapping[str, str], revision: int) -> None:
        self._parts = {part: values[part] for part in PARTS}
        self._open(values, revision)
        await self._count(user)

    async def _count(self, user: Viewer) -> None:
        rows, total = await data.read(preview, await self._filter(self._parts), NAMED)
        self.found = say(user.language, "reports.finds", count=total, number=counted(user.language, total))
        self.names = ", ".join(row.name for row in rows)

    async def _filter(self, parts: Mapping[str, str]) -> RecipientFilter:
        """The filter of the form, over what the report has besides."""
        stored = (await data.read(get_report, self.editing)).filter if self.editing else RecipientFilter()
        return replace(stored, **_read(parts))

    async def _offer(self, user: Viewer) -> None:
        anything = nothing(user.language, "reports.any")
        self.languages = [anything, *await language_options(user.language)]
        self.lists = [anything, *await list_options()]


def further_conditions(chosen: RecipientFilter) -> int:
    """How many conditions a filter has that the form has no field for."""
    usual = RecipientFilter()
    others = [one.name for one in fields(chosen) if one.name not in PARTS]
    changed = [getattr(chosen, name) for name in others if getattr(chosen, name) != getattr(usual, name)]
    return sum(len(value) if isinstance(value, tuple) else 1 for value in changed)


def report_form() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    form = ReportForm
    anything = [("", tr("reports.any"))]
    states = [(state.value, tr(f"people.state.{state}")) for state in MailState]
    return ui.form_dialog(
        form,
        ui.text_field(form, "name", tr("reports.name"), whole=True, auto_focus=True, max_length=200),
        ui.select_field(form, "kind", tr("people.kind"), anything + kind_choices(), on_change=_tried("kind")),
        ui.text_field(
            form, "text", tr("people.name_or_address"), max_length=120, on_change=_typed_part("text"), optional=True
        ),
        ui.select_field(form, "language", tr("people.language"), form.languages, on_change=_tried("language")),
        ui.select_field(form, "state", tr("people.is_state"), anything + states, on_change=_tried("state")),
        ui.select_field(form, "in_list", tr("people.in_list"), form.lists, on_change=_tried("in_list")),
        ui.select_field(form, "not_in_list", tr("people.not_in_list"), form.lists, on_change=_tried("not_in_list")),
        rx.el.div(
            rx.el.b(form.found, class_name="strong num"),
            rx.cond(form.names != "", rx.el.div(form.names, class_name="mute small")),
            rx.cond(
                form.further > 0,
                rx.el.div(tr_with("reports.further", count=form.further), class_name="mute small"),
            ),
            class_name="whole",
            aria_live="polite",
            id="report-count",
        ),
        title=rx.cond(form.editing > 0, tr("reports.edit"), tr("reports.create")),
        text=tr("reports.form_text"),
        on_submit=form.save,
        save=rx.cond(form.editing > 0, tr("ui.save"), tr("reports.create")),
    )


def _tried(part: str) -> Any:
    return lambda value: ReportForm.try_part(part, value)


def _typed_part(part: str) -> Any:
    return lambda value: ReportForm.try_part(part, value).debounce(300)


def _typed(chosen: RecipientFilter) -> dict[str, str]:
    return {part: "" if getattr(chosen, part) is None else str(getattr(chosen, part)) for part in PARTS}


def _read(parts: Mapping[str, str]) -> dict[str, Any]:
    """The form's conditions; a value that is none of the offered ones is no condition."""
    kind, state = parts["kind"], parts["state"]
    return {
        "kind": Kind(kind) if kind in list(Kind) else None,
        "text": parts["text"],
        "language": parts["language"] or None,
        "in_list": int(parts["in_list"]) if parts["in_list"].isdigit() else None,
        "not_in_list": int(parts["not_in_list"]) if parts["not_in_list"].isdigit() else None,
        "state": MailState(state) if state in list(MailState) else None,
    }
