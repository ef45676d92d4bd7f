"""A mail as it looks, in a frame that runs nothing and loads nothing."""

from typing import Any, Final

import reflex as rx

from dashboard.ui.element import Words, classes, when

# A sandbox alone still loads remote pictures: opening a preview must not tell a sender's server anything.
POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data: cid:; '
    "style-src 'unsafe-inline'; font-src data:\">"
)


def sealed(html: str) -> str:
    """The document of a preview: the mail's HTML under a policy that loads nothing. Call it on the server."""
    return f"<!doctype html>{POLICY}{html}"


def mail_frame(html: Any, title: Words, *, phone: Any = False, height: str = "520px") -> rx.Component:
    """`html`: a state var that `sealed` made; `phone`: whether to draw it 375 px wide."""
    return rx.el.div(
        rx.el.iframe(src_doc=html, sandbox="", title=title, class_name="preview", style={"height": height}),
        class_name=classes("stage", when(phone, "phone", "") if isinstance(phone, rx.Var) else ""),
    )
