"""Forms: topic left and fields right on a page, or fields in a dialog; what is wrong stands beside its field."""

from typing import Any

import reflex as rx

from dashboard.i18n import tr, tr_with
from dashboard.ui.button import button
from dashboard.ui.dialog import Width, dialog
from dashboard.ui.element import Words, given, icon
from dashboard.ui.feedback import note
from dashboard.ui.form_state import REVISION


def topic(title: Words, text: Words, *fields: Any) -> rx.Component:
    """One topic of a form: what it is about at the left, its fields at the right."""
    return rx.el.section(
        rx.el.div(
            rx.el.header(rx.el.h2(title), rx.el.p(text)), rx.el.div(*fields, class_name="fields"), class_name="topic"
        ),
        class_name="panel",
    )


def fields(*items: Any) -> rx.Component:
    """Fields in two columns; one on phones."""
    return rx.el.div(*items, class_name="fields")


def more(title: Words, *items: Any, opened: Any = False) -> rx.Component:
    """Fields that few need, behind their title. `opened`: a state var; what is wrong inside must be seen."""
    return rx.el.details(
        rx.el.summary(icon("chevron-right", 15), rx.el.span(title)),
        fields(*items),
        class_name="more whole",
        open=opened,
    )


def form(state: Any, *topics: Any, on_submit: Any, save: Words = "", discard: Any = None) -> rx.Component:
    """A page's form with its save bar; Ctrl S saves. `state`: a FormState; `discard`: the act of the second button.

    What is typed and not saved outlives a lost connection and a restart of the server (assets/kit/unsaved.js)."""
    return rx.el.form(
        form_problems(state),
        rx.el.input(type="hidden", name=REVISION, value=state.revision_open, read_only=True),
        *topics,
        save_bar(state, save if given(save) else tr("ui.save"), discard),
        class_name="form",
        on_submit=on_submit,
        key=state.serial,
        no_validate=True,
        custom_attrs={"data-main": "", "data-given-up": state.given_up},
    )


def form_dialog(
    state: Any,
    *fields_: Any,
    title: Words,
    on_submit: Any,
    save: Words,
    text: Words = "",
    width: Width = 760,
    left: Any = None,
) -> rx.Component:
    """A form in a dialog, open while `state.form_open`."""
    return dialog(
        form_problems(state),
        fields(*fields_),
        title=title,
        text=text,
        is_open=state.form_open,
        on_close=state.close_form(),
        acts=[
            button(tr("ui.cancel"), on_click=state.close_form()),
            button(
                rx.cond(state.conflict != "", tr("form.keep_mine"), save), look="pri", type="submit", busy=state.saving
            ),
        ],
        left=left,
        width=width,
        form=on_submit,
        form_key=state.serial,
    )


def form_problems(state: Any) -> rx.Component:
    """On top of a form: how many fields to correct, what is wrong with the whole, who changed it meanwhile."""
    return rx.fragment(
        rx.cond(
            state.error_count > 0,
            note(
                tr("form.nothing_lost"),
                rx.cond(state.errors.contains(""), rx.el.div(state.errors[""])),
                tone="bad",
                title=tr_with("form.to_correct", count=state.error_count),
                alert=True,
            ),
        ),
        rx.cond(state.conflict != "", _conflict(state)),
    )


def save_bar(state: Any, save: Words, discard: Any = None) -> rx.Component:
    """The sticky foot of a page's form: what is to correct, discard, save."""
    wrong = rx.cond(
        state.error_count > 0,
        rx.el.span(
            icon("circle-alert", class_name="ink-bad"),
            rx.el.b(tr_with("form.to_correct", count=state.error_count)),
            class_name="row",
        ),
    )
    back = [button(tr("ui.discard"), look="ghost", on_click=discard)] if discard is not None else []
    return rx.el.div(
        wrong,
        rx.el.div(*back, button(save, look="pri", type="submit", busy=state.saving), class_name="end"),
        class_name="panel save",
    )


def _conflict(state: Any) -> rx.Component:
    def line(difference: Any) -> rx.Component:
        words = rx.cond(difference.theirs != "", difference.theirs, tr("form.empty"))
        return rx.el.div(rx.el.b(difference.label), " ", tr_with("form.theirs", value=words), class_name="small")

    return note(
        rx.el.div(state.conflict),
        rx.foreach(state.differences, line),
        tone="warn",
        icon_name="users",
        end=button(tr("form.take_theirs"), small=True, on_click=state.take_theirs()),
        alert=True,
    )
