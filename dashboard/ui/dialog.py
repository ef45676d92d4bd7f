"""Dialogs: the title is the question, acts at the right, Esc closes, focus in the first field. 480, 760 or 920 px."""

from typing import Any, Literal

import reflex as rx

from dashboard.i18n import tr, tr_with
from dashboard.ui.button import button, icon_button
from dashboard.ui.element import Words, given

Width = Literal[480, 760, 920]


def dialog(
    *children: Any,
    title: Words,
    is_open: rx.Var[bool],
    on_close: Any,
    acts: list[Any],
    text: Words = "",
    left: Any = None,
    width: Width = 480,
    form: Any = None,
    form_key: Any = None,
) -> rx.Component:
    """A dialog whose `is_open` is a state var and whose `on_close` is an event without arguments.

    `acts` stand at the right of the foot, the main one last; `left` at its left. `form`: the submit handler that makes
    the whole a form (main act: type="submit"); `form_key` changes when the form is opened anew.
    """
    inside = [
        rx.el.div(*children, class_name="dialog-b"),
        rx.el.div(*([left] if left is not None else []), rx.el.div(*acts, class_name="end"), class_name="dialog-f"),
    ]
    if form is not None:
        inside = [rx.el.form(*inside, class_name="dialog-form", on_submit=form, key=form_key, no_validate=True)]
    return rx.dialog.root(
        rx.dialog.content(
            rx.el.div(
                rx.el.div(
                    rx.dialog.title(title),
                    *([rx.dialog.description(text)] if given(text) else []),
                    class_name="grow",
                ),
                icon_button(tr("ui.close"), "x", small=True, on_click=on_close),
                class_name="dialog-h",
            ),
            *inside,
            max_width=f"{width}px",
            **({} if given(text) else {"aria_describedby": ""}),
        ),
        open=is_open,
        on_open_change=lambda _open: on_close,
    )


def confirmation(
    *children: Any,
    title: Words,
    text: Words,
    is_open: rx.Var[bool],
    on_close: Any,
    confirm: Words,
    on_confirm: Any,
    busy: Any = False,
    keep: Words = "",
    type_number: Any = None,
    number_typed: Any = None,
    on_type: Any = None,
    instead: list[Any] | None = None,
) -> rx.Component:
    """A destructive act asked once more: title, text and button name the number of people or records.

    Above 1,000 the number must be typed: `type_number` is a Var with it (0: need not), `number_typed` what was typed,
    `on_type` its handler. `instead`: milder acts that stand before the red one.
    """
    ready: Any = True
    asks = []
    if type_number is not None:
        ready = (type_number == 0) | (number_typed == type_number.to_string())
        asks = [rx.cond(type_number > 0, _typing(type_number, on_type))]
    return dialog(
        *children,
        *asks,
        title=title,
        text=text,
        is_open=is_open,
        on_close=on_close,
        acts=[
            button(keep if given(keep) else tr("ui.back"), on_click=on_close),
            *(instead or []),
            button(
                confirm,
                look="danger",
                busy=busy,
                on_click=on_confirm,
                **({"disabled": ~ready} if isinstance(ready, rx.Var) else {}),
            ),
        ],
    )


def _typing(number: rx.Var[int], on_type: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(tr_with("form.type_to_confirm", number=number.to_string()), class_name="lab"),
        rx.el.span(
            rx.el.input(on_change=on_type, input_mode="numeric", auto_complete="off", auto_focus=True), class_name="in"
        ),
        class_name="field",
        style={"maxWidth": "160px"},
    )
