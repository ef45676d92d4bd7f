"""The smallest parts: icon, link inside the site, number that opens, text for screen readers only."""

from typing import Any, Final

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

ICON: Final = 16
Words = str | rx.Var[str]


def icon(name: str, size: int = ICON, **props: Any) -> rx.Component:
    """A Lucide icon of the house's stroke; decoration, so the word always stands beside it."""
    return rx.icon(name, size=size, stroke_width=1.75, **props)


def link(*children: Any, to: Words, **props: Any) -> rx.Component:
    """A link within the site, without loading the page anew; Ctrl click opens a tab."""
    return ReactRouterLink.create(*children, to=to, **props)


def server_link(*children: Any, to: Words, **props: Any) -> rx.Component:
    """A link that the browser itself follows: a file, whatever the server answers outside the built pages. (rx.el.a is
    React Router's link, which would look for a page.)"""
    return ReactRouterLink.create(*children, to=to, reload_document=True, **props)


def text_link(label: Words, to: Words) -> rx.Component:
    """A link in running text or at the end of a panel's head."""
    return link(label, to=to, class_name="link")


def door(shown: Words, to: Words, *, label: Words = "") -> rx.Component:
    """A number that opens to the people behind it: dotted underline, and nothing else has it. `label` says of what."""
    return link(shown, to=to, class_name="open", **({"aria_label": _said(shown, label)} if given(label) else {}))


def spoken(words: Words) -> rx.Component:
    """Text for screen readers only."""
    return rx.el.span(words, class_name="sr")


def key_cap(name: str) -> rx.Component:
    """A key as it is drawn."""
    return rx.el.kbd(name, class_name="kbd", aria_hidden="true")


def classes(*names: Any) -> Any:
    """Class names joined; Vars among them are put in, empty ones fall out."""
    made: Any = ""
    for name in names:
        if isinstance(name, rx.Var):
            made = made + " " + name
        elif name:
            made = f"{made} {name}".strip() if isinstance(made, str) else made + f" {name}"
    return made


def given(words: Any) -> bool:
    """Whether words were given at all; a Var always is."""
    return isinstance(words, rx.Var) or bool(words)


def when(condition: Any, component: Any, otherwise: Any = None) -> Any:
    """rx.cond for a Var; for a plain truth the component itself."""
    if isinstance(condition, rx.Var):
        return rx.cond(condition, component, otherwise if otherwise is not None else rx.fragment())
    return component if condition else otherwise if otherwise is not None else rx.fragment()


def _said(shown: Words, label: Words) -> Any:
    return rx.Var.create(shown).to(str) + " " + label
