"""How long it is until a moment, counted in the browser; assets/kit/countdown.js writes it."""

from datetime import datetime

import reflex as rx

from dashboard.ui.element import Words


def countdown(until: rx.Var[int] | int, full: Words) -> rx.Component:
    """3 min 48 s, second by second. `until`: what `milliseconds` gives; `full`: the moment with its zone, as title."""
    return rx.el.span(
        class_name="num", title=full, role="timer", aria_label=full, custom_attrs={"data-until": until}, key=full
    )


def milliseconds(moment: datetime | None) -> int:
    """A moment as the browser counts; 0: none."""
    return int(moment.timestamp() * 1000) if moment else 0
