"""A mail as it looks, in a frame that runs nothing and loads nothing."""

import re
from typing import Any, Final

import reflex as rx

from dashboard.ui.element import Words, classes, when

# A sandbox alone still loads remote pictures: opening a preview must not tell a sender's server anything.
_POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data: cid:{images}; '
    'style-src \'unsafe-inline\'; font-src data:"><base target="_blank">'
)
_SCHEME: Final = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_TRUE, _FALSE = "(min-width:0)", "(max-width:0)"
_INVERTED: Final = (
    "<style>html{background:#fff;filter:invert(1) hue-rotate(180deg)}"
    "img,picture,video{filter:invert(1) hue-rotate(180deg)}</style>"
)


def sealed(html: str, *, images: bool = False, dark: bool = False) -> str:
    """The document of a preview: the mail's HTML under a policy that loads nothing; `images`: but those of the web,
    because somebody asked. The mail is shown as in a light mailbox, or with `dark` as in a dark one: by its own dark
    styles, else turned round as mail programs do. Call it on the server."""
    shown = _SCHEME.sub(lambda found: _TRUE if (found[1].lower() == "dark") is dark else _FALSE, html)
    policy = _POLICY.format(images=" https:" if images else "")
    turned = _INVERTED if dark and not has_dark_styles(html) else ""
    return f"<!doctype html>{policy}{shown}{turned}"


def has_dark_styles(html: str) -> bool:
    """Whether the mail says itself how it looks in the dark."""
    return any(found[1].lower() == "dark" for found in _SCHEME.finditer(html))


def mail_frame(html: Any, title: Words, *, phone: Any = False, height: str = "520px") -> rx.Component:
    """`html`: a state var that `sealed` made; `phone`: whether to draw it 375 px wide."""
    return rx.el.div(
        rx.el.iframe(src_doc=html, sandbox="", title=title, class_name="preview", style={"height": height}),
        class_name=classes("stage", when(phone, "phone", "") if isinstance(phone, rx.Var) else ""),
    )
