"""Long work on the screen: a progress bar with a count, an estimate and a cancel."""

from typing import Any

import reflex as rx

from dashboard.i18n import tr
from dashboard.ui.button import button
from dashboard.ui.element import Words
from dashboard.ui.panel import Part, panel, panel_head, progress


def long_work(title: Words, share: Any, done: Words, left: Words, on_cancel: Any) -> rx.Component:
    """`share`: percent done; `done`: "7,291 of 12,391 · 58.8%"; `left`: "about 2 s left"."""
    return panel(
        panel_head(title, button(tr("ui.cancel"), icon_name="x", small=True, on_click=on_cancel)),
        rx.el.div(
            progress(Part(share), label=title, value=share),
            rx.el.div(rx.el.span(done), rx.el.span(left), class_name="row between small mute num"),
            class_name="panel-b col",
        ),
        padded=False,
    )
