"""What the lists of SMTP accounts, group email accounts and webhooks share: the act asked about, how each stands."""

from typing import Any

import reflex as rx

from dashboard import ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, tr, tr_with

DELETE = "delete"


class ConnectionList(rx.State, mixin=True):
    """`asking`: the act that is being asked about, "" none: `question`, of the one called `asked_name`."""

    shown: bool = False
    asking: str = ""
    asked_name: str = ""
    question: str = ""
    _asked_id: int = 0

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = ""

    def _ask(self, act: str, id_: int, name: str, question: str) -> None:
        self._asked_id, self.asked_name, self.question, self.asking = id_, name, question, act


def name_link(row: Any, opens: Any) -> rx.Component:
    """The name, which opens the form for those who may change it."""
    button = rx.el.button(row.name, type="button", class_name="link", title=row.name, on_click=opens)
    return rx.cond(Prefs.can_administer, button, rx.el.span(row.name, class_name="strong", title=row.name))


def health_cell(row: Any, note: rx.Var[str], *, busy: Any = False, note_class: str = "mono") -> rx.Component:
    """`row.health` (ok · warn · off) as a sign, `row.health_words` beside it, and below them a note, "" none."""
    sign = rx.match(
        row.health,
        ("ok", ui.icon("circle-check", class_name="ink-ok")),
        ("warn", ui.icon("triangle-alert", class_name="ink-warn")),
        ui.icon("circle-dashed", class_name="ink-gray"),
    )
    shown = sign if busy is False else rx.cond(busy, ui.icon("loader-circle", class_name="ink-accent"), sign)
    return signed(shown, row.health_words, note, note_class=note_class)


def signed(sign: rx.Component, words: rx.Var[str], note: rx.Var[str], *, note_class: str = "mono") -> rx.Component:
    """A sign, what it says, and below that a note, "" none."""
    under = rx.cond(note != "", rx.el.span(note, class_name=f"sub {note_class}", title=note))
    text = rx.el.div(rx.el.span(words, class_name="trunc"), under, style={"maxWidth": "300px", "minWidth": 0})
    return rx.el.div(sign, text, class_name="row")


def asked_confirmation(state: Any, act: str, title: str, confirm: rx.Var[str], on_confirm: Any) -> rx.Component:
    """The question of a ConnectionList about this act; `title` is a sentence with {name}."""
    return ui.confirmation(
        title=tr_with(title, name=state.asked_name),
        text=state.question,
        is_open=state.asking == act,
        on_close=state.keep(),
        confirm=confirm,
        on_confirm=on_confirm,
        keep=tr("ui.cancel"),
    )
