"""What a page says about itself: notes, empty, error, loading, no rights."""

from typing import Any, Final, Literal

import reflex as rx

from dashboard.i18n import Prefs, tr
from dashboard.ui.element import Words, given, icon, when

Tone = Literal["info", "ok", "warn", "bad", ""]
TONE_ICONS: Final[dict[str, str]] = {
    "info": "info",
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-alert",
    "": "info",
}


def note(
    *children: Any, tone: Tone = "info", title: Words = "", icon_name: str = "", end: Any = None, alert: bool = False
) -> rx.Component:
    """A banner or a remark. `title` is bold and comes first; `end` an act at the right; `alert` is spoken at once."""
    head = [rx.el.b(title), " "] if given(title) else []
    return rx.el.div(
        icon(icon_name or TONE_ICONS[tone]),
        rx.el.div(*head, *children, class_name="grow"),
        *([rx.el.div(end, class_name="end")] if end is not None else []),
        class_name=f"note {tone}",
        role="alert" if alert else "note",
    )


def empty(title: Words, text: Words = "", *, icon_name: str = "", acts: list[Any] | None = None) -> rx.Component:
    """Nothing here yet: what it would be, and what to do next."""
    return _middle(title, text, icon_name, acts or [], "ic")


def missing(title: Words, text: Words, *, icon_name: str, act: Any) -> rx.Component:
    """The whole of a page whose record is not there: what it is that is missing, and the way back."""
    words = _middle(title, text, icon_name, [act], "ic", head=rx.el.h1)
    return rx.el.section(words, class_name="panel flush")


def error(title: Words = "", text: Words = "", *, retry: Any, acts: list[Any] | None = None) -> rx.Component:
    """It could not be read: what still works, and a way on."""
    again = rx.el.button(
        icon("rotate-cw", 15), rx.el.span(tr("ui.try_again")), type="button", class_name="btn pri", on_click=retry
    )
    return rx.el.div(
        _middle(
            title if given(title) else tr("ui.error_title"),
            text if given(text) else tr("ui.error_detail"),
            "circle-alert",
            [again, *(acts or [])],
            "ic bad",
        ),
        role="alert",
    )


def _middle(
    title: Words, text: Words, icon_name: str, acts: list[Any], sign: str, *, head: Any = rx.el.h2
) -> rx.Component:
    return rx.el.div(
        *([rx.el.div(icon(icon_name, 20), class_name=sign)] if icon_name else []),
        head(title),
        rx.el.p(text),
        *([rx.el.div(*acts, class_name="row wrap")] if acts else []),
        class_name="empty",
    )


def no_rights(text: Words) -> rx.Component:
    """What the viewer may not do, and which right it needs."""
    return note(text, tone="", title=tr("ui.no_right"), icon_name="lock")


def for_editors(component: Any) -> Any:
    """Shown to those who may edit; the handler checks again."""
    return when(Prefs.can_edit, component)


def for_senders(component: Any) -> Any:
    """Shown to those who may send."""
    return when(Prefs.can_send, component)


def for_administrators(component: Any) -> Any:
    """Shown to administrators."""
    return when(Prefs.can_administer, component)


def skeleton_rows(rows: int = 8, widths: tuple[int, ...] = (28, 14, 14, 18)) -> rx.Component:
    """Lines in the shape of a table, shown after 200 ms of waiting."""
    line = rx.el.div(
        *[rx.el.span(class_name="skel", style={"width": f"{width}%"}) for width in widths],
        class_name="row g5",
        style={"padding": "12px 16px"},
    )
    return rx.el.div(*[line] * rows, class_name="lines late", role="status", aria_label=tr("ui.loading"))


def skeleton_figures(cells: int = 5) -> rx.Component:
    """Cells in the shape of the figure card."""
    cell = rx.el.div(
        *[
            rx.el.span(class_name="skel", style={"width": width, "height": height, "margin": "4px 0"})
            for width, height in (("50%", "10px"), ("70%", "20px"), ("60%", "8px"))
        ],
        class_name="fig",
    )
    return rx.el.section(
        rx.el.div(*[cell] * cells, class_name="figs"), class_name="panel late", aria_label=tr("ui.loading")
    )
