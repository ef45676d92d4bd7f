"""Segmented controls: one of a few, as links or as a choice in the page."""

from typing import Any

import reflex as rx

from dashboard.ui.element import Words, icon, link, when


def segments(
    value: Any, options: list[tuple[str, Words]], on_choose: Any, label: Words, icons: dict[str, str] | None = None
) -> rx.Component:
    """One of a few: `options` are (value, words), `on_choose(value)` the event; with `icons` the words are spoken."""
    return rx.el.div(
        *[_segment(value, option, words, on_choose, (icons or {}).get(option, "")) for option, words in options],
        class_name="seg",
        role="radiogroup",
        aria_label=label,
    )


def segment_links(options: list[tuple[Words, Words, Any]]) -> rx.Component:
    """As links: (words, address, whether it is this one)."""
    return rx.el.div(
        *[
            link(
                words,
                to=to,
                class_name=when(on, "on", ""),
                custom_attrs={"aria-current": when(on, "true", "false")},
            )
            for words, to, on in options
        ],
        class_name="seg",
    )


def _segment(value: Any, option: str, words: Words, on_choose: Any, icon_name: str) -> rx.Component:
    shown = {"title": words, "aria_label": words} if icon_name else {}
    return rx.el.button(
        icon(icon_name, 15) if icon_name else words,
        type="button",
        role="radio",
        on_click=on_choose(option),
        custom_attrs={"aria-checked": rx.cond(value == option, "true", "false")},
        **shown,
    )
