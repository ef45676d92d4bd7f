"""Several of many, with search and the keyboard: a small component of our own, as the framework has no combobox."""

from typing import Any

import reflex as rx

from dashboard.i18n import tr


class MultiSelect(rx.NoSSRComponent):
    """assets/kit/multi_select.js. Its hidden input carries the chosen values parted by commas, in the order chosen."""

    library = "$/public/kit/multi_select.js"
    tag = "MultiSelect"

    name: rx.Var[str]
    input_id: rx.Var[str]
    options: rx.Var[list[Any]]
    start: rx.Var[str]
    invalid: rx.Var[bool]
    placeholder: rx.Var[str]
    none: rx.Var[str]
    remove: rx.Var[str]
    free: rx.Var[bool]
    on_search: rx.EventHandler[rx.event.passthrough_event_spec(str)]
    on_change: rx.EventHandler[rx.event.passthrough_event_spec(str)]


def multi_select(
    *,
    name: str,
    input_id: str,
    options: Any,
    start: Any,
    invalid: Any,
    label: Any = "",
    placeholder: Any = None,
    **more: Any,
) -> rx.Component:
    """`options`: a state var of Option(value, label, hint); `start`: what is chosen when it opens.

    `on_search(text)`: the options are found by the server, which puts them into the var; `free`: a typed address may be
    chosen too; `on_change(values)`: told what is chosen, parted by commas.
    """
    return MultiSelect.create(
        name=name,
        input_id=input_id,
        options=options,
        start=start,
        invalid=invalid,
        placeholder=tr("ui.choose") if placeholder is None else placeholder,
        none=tr("ui.no_match"),
        remove=tr("ui.remove"),
        **more,
    )
