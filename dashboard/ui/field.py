"""Fields: label, control, hint, and the error with its icon under it. `form` is the FormState the field belongs to."""

from typing import Any

import reflex as rx

from dashboard.i18n import Prefs, tr
from dashboard.ui.element import Words, classes, given, icon
from dashboard.ui.form_state import field_id
from dashboard.ui.multi_select import multi_select


def text_field(
    form: Any,
    name: str,
    label: Words,
    *,
    kind: str = "text",
    unit: Words = "",
    icon_name: str = "",
    hint: Any = "",
    whole: bool = False,
    optional: bool = False,
    **props: Any,
) -> rx.Component:
    """One line. `kind`: an input type; `unit` stands inside at the right; `whole` takes both columns."""
    control = rx.el.input(type=kind, default_value=form.values[name], **named(form, name, hint), **props)
    front = [icon(icon_name, 15)] if icon_name else []
    back = [rx.el.span(unit, class_name="suf")] if given(unit) else []
    return _field(form, name, label, rx.el.div(*front, control, *back, class_name="in"), hint, whole, optional)


def number_field(form: Any, name: str, label: Words, *, unit: Words = "", **more: Any) -> rx.Component:
    """A number, typed with or without grouping; its unit inside the field."""
    return text_field(form, name, label, unit=unit, **{"input_mode": "numeric", "auto_complete": "off", **more})


def date_field(form: Any, name: str, label: Words, **more: Any) -> rx.Component:
    """A day."""
    return text_field(form, name, label, kind="date", **more)


def moment_field(form: Any, name: str, label: Words, *, zone: Words = "", **more: Any) -> rx.Component:
    """A moment, with the zone it is meant in (the viewer's unless named)."""
    return text_field(form, name, label, kind="datetime-local", unit=zone if given(zone) else Prefs.zone, **more)


def password_field(form: Any, name: str, label: Words, **more: Any) -> rx.Component:
    """A password: never given back by the server, never remembered by the browser."""
    return text_field(form, name, label, kind="password", **{"auto_complete": "new-password", **more})


def text_area(
    form: Any,
    name: str,
    label: Words,
    *,
    rows: int = 4,
    mono: bool = False,
    hint: Any = "",
    whole: bool = True,
    optional: bool = False,
    **props: Any,
) -> rx.Component:
    """Several lines; `mono` for code."""
    control = rx.el.textarea(
        default_value=form.values[name],
        rows=rows,
        **named(form, name, hint),
        **({"spell_check": False} if mono else {}),
        **props,
    )
    inside = rx.el.div(control, class_name=classes("in area", "mono" if mono else ""))
    return _field(form, name, label, inside, hint, whole, optional)


def select_field(
    form: Any,
    name: str,
    label: Words,
    options: Any,
    *,
    hint: Any = "",
    whole: bool = False,
    optional: bool = False,
    **props: Any,
) -> rx.Component:
    """One of some. `options`: (value, words) pairs, or a state var of Option."""
    control = rx.el.select(*_options(options), default_value=form.values[name], **named(form, name, hint), **props)
    return _field(
        form, name, label, rx.el.div(control, icon("chevron-down", 15), class_name="in select"), hint, whole, optional
    )


def lists_field(
    form: Any,
    name: str,
    label: Words,
    options: Any,
    *,
    hint: Any = "",
    whole: bool = True,
    optional: bool = False,
    **more: Any,
) -> rx.Component:
    """Several of many, with search. `options`: a state var of Option; the value is their ids parted by commas. `more`:
    `on_search`, `free` and the rest of multi_select."""
    control = multi_select(
        name=name,
        input_id=field_id(form, name),
        options=options,
        start=form.values[name],
        invalid=_wrong(form, name),
        label=label,
        **more,
    )
    return _field(form, name, label, control, hint, whole, optional)


def switch_field(
    form: Any, name: str, label: Words, *, hint: Words = "", whole: bool = True, **props: Any
) -> rx.Component:
    """On or off; the label is part of the target. Its value opens as "true" or ""."""
    words = [label, *([rx.el.span(hint, class_name="hint")] if given(hint) else [])]
    box = rx.el.input(
        type="checkbox",
        role="switch",
        class_name="sw",
        name=name,
        id=field_id(form, name),
        default_checked=form.values[name] == "true",
        **props,
    )
    return rx.el.div(
        rx.el.label(box, rx.el.span(*words), class_name="switch"),
        _error(form, name),
        class_name="whole" if whole else "",
    )


def true(value: bool) -> str:
    """A truth as `switch_field` opens with it."""
    return "true" if value else ""


def _field(form: Any, name: str, label: Words, control: Any, hint: Any, whole: bool, optional: bool) -> rx.Component:
    mark = [" ", rx.el.span(tr("ui.optional"), class_name="mute")] if optional else []
    return rx.el.div(
        rx.el.label(label, *mark, html_for=field_id(form, name), id=f"{field_id(form, name)}-label"),
        control,
        under(form, name, hint),
        class_name=classes("field", "whole" if whole else ""),
    )


def under(form: Any, name: str, hint: Any) -> rx.Component:
    """What stands under a control: what is wrong with it, else its hint."""
    return rx.cond(_wrong(form, name), _error(form, name), _hint(form, name, hint))


def _hint(form: Any, name: str, hint: Any) -> rx.Component:
    if not given(hint):
        return rx.fragment()
    shown = rx.el.div(hint, class_name="hint", id=f"{field_id(form, name)}-hint")
    return rx.cond(hint != "", shown) if isinstance(hint, rx.vars.StringVar) else shown


def named(form: Any, name: str, hint: Any) -> dict[str, Any]:
    """What makes an element the control of a field: its name, its id, and what is said of it."""
    key = field_id(form, name)
    said = rx.cond(_wrong(form, name), f"{key}-error", f"{key}-hint" if given(hint) else "")
    return {
        "name": name,
        "id": key,
        "custom_attrs": {"aria-invalid": rx.cond(_wrong(form, name), "true", "false"), "aria-describedby": said},
    }


def _wrong(form: Any, name: str) -> rx.Var[bool]:
    return form.errors.contains(name)


def _error(form: Any, name: str) -> rx.Component:
    return rx.cond(
        _wrong(form, name),
        rx.el.div(
            icon("circle-alert", 14),
            rx.el.span(form.errors[name]),
            class_name="err",
            id=f"{field_id(form, name)}-error",
        ),
    )


def _options(options: Any) -> list[Any]:
    if isinstance(options, rx.Var):
        return [rx.foreach(options, lambda option: rx.el.option(option.label, value=option.value))]
    return [rx.el.option(words, value=value) for value, words in options]
