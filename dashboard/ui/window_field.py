"""The field of a sending window: from, until, and a tick for each weekday.

Its parts are fields of the form, named after it: window_values() opens them, typed_window() reads them.
"""

import re
from typing import Any, Final

import reflex as rx

from dashboard.i18n import say, tr
from dashboard.ui.element import Words, icon
from dashboard.ui.field import named, true, under
from dashboard.ui.form_state import Typed, field_id
from models.sending_window import DAYS, SendingWindow, day_names, parse

_DAY: Final = re.compile("|".join(DAYS))


def window_field(form: Any, name: str, label: Words, *, hint: Words = "") -> rx.Component:
    """Both columns wide. What is wrong with any part stands beside `name`."""
    group = f"{field_id(form, name)}-label"
    return rx.el.div(
        rx.el.span(label, id=group, class_name="lab"),
        rx.el.div(
            _hour(form, f"{name}_opens", tr("window.from"), named(form, name, hint)),
            rx.el.span(tr("window.until"), class_name="mute", aria_hidden="true"),
            _hour(form, f"{name}_closes", tr("window.until"), {"id": field_id(form, f"{name}_closes")}),
            rx.el.div(*[_day(form, name, day) for day in DAYS], class_name="row wrap", style={"gap": "4px"}),
            class_name="row wrap g3",
            role="group",
            aria_labelledby=group,
        ),
        under(form, name, hint),
        class_name="field whole",
    )


def _hour(form: Any, key: str, label: Words, props: dict[str, Any]) -> rx.Component:
    props = {**props, "name": key, "aria_label": label}
    box = rx.el.input(
        type="text",  # one of type time would show AM and PM by the browser's language, not by Envoi's
        default_value=form.values[key],
        placeholder="–:–",
        auto_complete="off",
        max_length=5,
        **props,
    )
    return rx.el.div(box, class_name="in", style={"width": "80px"})


def _day(form: Any, name: str, day: str) -> rx.Component:
    key = f"{name}_{day}"
    box = rx.el.input(type="checkbox", name=key, id=field_id(form, key), default_checked=form.values[key] == "true")
    return rx.el.label(box, icon("check", 13), tr(f"window.{day}"), class_name="pick", style={"height": "32px"})


def window_values(name: str, window: str) -> dict[str, str]:
    """What the parts open with; the whole, as text, is among them under its own name."""
    parsed = parse(window)
    opens, closes = parsed.hours
    days = {f"{name}_{day}": true(day in day_names(parsed)) for day in DAYS}
    return {name: window, f"{name}_opens": opens, f"{name}_closes": closes, **days}


def typed_window(typed: Typed, name: str) -> tuple[list[str], str, str] | None:
    """(weekdays, from, until) as sending_window.read() takes them; None: the form has no such field."""
    if f"{name}_opens" not in typed.given:
        return None
    days = [day for day in DAYS if typed.on(f"{name}_{day}")]
    return days, typed.text(f"{name}_opens"), typed.text(f"{name}_closes")


def said_window(language: str, window: str) -> str:
    """A window in words: "Mon – Fri, 09:00 – 18:00"."""
    parsed = parse(window)
    opens, closes = parsed.hours
    days = _DAY.sub(lambda day: say(language, f"window.{day[0]}"), str(SendingWindow(parsed.days)))
    days = days.replace("-", " – ").replace(",", ", ") or say(language, "window.every_day")
    return f"{days}, {opens} – {closes}" if opens else days
