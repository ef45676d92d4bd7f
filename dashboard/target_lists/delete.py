"""Deleting a target list: asked once more, saying what goes with it and what stays."""

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from models.target_list_page import delete_list, get_list, goes_with

TYPED_ABOVE = 1_000
NAMED = 5


class TargetListDelete(rx.State):
    """What is about to go. `waiting`: mass emails that still choose their people from it, which forbids it."""

    asking: bool = False
    name: str = ""
    entries: int = 0
    opted_out: str = ""
    campaigns: str = ""
    mass_emails: str = ""
    waiting: str = ""
    to_type: int = 0
    typed: str = ""
    _id: int = 0

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, target_list_id: int):
        row = await data.read(get_list, int(target_list_id))
        going = await data.read(goes_with, row.id)
        self._id, self.name, self.entries, self.typed = row.id, row.name, going.entries, ""
        self.opted_out = format.count(user.language, going.opted_out)
        self.campaigns = _named(user.language, list(going.campaigns))
        self.mass_emails = _named(user.language, [mail.name for mail in going.mass_emails])
        self.waiting = _named(user.language, [mail.name for mail in going.mass_emails if mail.still_chooses])
        self.to_type = going.entries if going.entries > TYPED_ABOVE else 0
        self.asking = True

    @allowed(Right.EDIT)
    async def type_number(self, user: Viewer, typed: str):
        self.typed = str(typed).strip()

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.EDIT)
    async def confirm(self, user: Viewer):
        if not self.asking or (self.to_type and self.typed != str(self.to_type)):
            return None
        self.asking = False
        await data.run(delete_list, self._id, data.now())
        await ui.tell(self, say(user.language, "target_lists.deleted", name=self.name))
        return rx.redirect(routes.TARGET_LISTS, replace=True)


def delete_dialog() -> rx.Component:
    """The confirmation; put it once on a page whose acts ask for it."""
    state = TargetListDelete
    return ui.confirmation(
        rx.cond(state.waiting != "", ui.note(state.waiting, tone="warn", title=tr("target_lists.still_needed"))),
        _line(tr("target_lists.goes_entries"), tr_with("ui.people", count=state.entries)),
        _line(tr("target_lists.stays_opted_out"), state.opted_out),
        rx.cond(state.campaigns != "", _line(tr("target_lists.used_in_campaigns"), state.campaigns)),
        rx.cond(state.mass_emails != "", _line(tr("target_lists.used_in_mass_emails"), state.mass_emails)),
        title=tr_with("target_lists.delete_question", name=state.name),
        text=tr("target_lists.delete_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr_with("target_lists.delete_with", count=state.entries),
        on_confirm=state.confirm(),
        keep=tr("target_lists.keep"),
        type_number=state.to_type,
        number_typed=state.typed,
        on_type=state.type_number,
    )


def _line(words: rx.Var[str], value: rx.Var[str]) -> rx.Component:
    return rx.el.div(words, rx.el.b(value, class_name="num strong"), class_name="row between")


def _named(language: str, names: list[str]) -> str:
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    return say(language, "people.and_more", name=shown, more=more) if more > 0 else shown
