"""A page: the shell, the page header, tabs, the live sign."""

from typing import Any

import reflex as rx

from dashboard.i18n import tr, tr_with
from dashboard.ui.element import Words, link, when
from dashboard.ui.shell import shell


def page(*children: Any, here: str, crumbs: list[tuple[Words, Words]], live: Any = None) -> rx.Component:
    """A whole page. `here`: the sidebar's entry ("campaigns"); `crumbs`: (label, address), this page last;
    `live`: a live_sign for a page whose figures follow."""
    return shell(here, crumbs, live, *children)


def page_header(
    title: Words, *, badges: list[Any] | None = None, facts: list[Any] | None = None, acts: list[Any] | None = None
) -> rx.Component:
    """The title with its badges, acts at the right (at most one primary), facts in a line below."""
    return rx.el.header(
        rx.el.div(rx.el.h1(title), *(badges or []), class_name="row wrap"),
        *([rx.el.div(*acts, class_name="acts")] if acts else []),
        *([rx.el.div(*[rx.el.span(fact) for fact in facts], class_name="meta")] if facts else []),
        class_name="ph",
    )


def tabs(*items: tuple[Words, Words, Any, Any]) -> rx.Component:
    """Tabs that are links: (label, address, whether it is this one, count or "")."""
    return rx.el.nav(*[_tab(*item) for item in items], class_name="tabs")


def _tab(label: Words, to: Words, on: Any, count: Any = "") -> rx.Component:
    counted = [] if isinstance(count, str) and not count else [rx.el.i(count)]
    return link(
        label,
        *counted,
        to=to,
        class_name=when(on, "on", "") if isinstance(on, rx.Var) else "on" if on else "",
        custom_attrs={"aria-current": rx.cond(on, "page", "false") if isinstance(on, rx.Var) else str(on).lower()},
    )


def live_sign(fresh: Any, last_news: Any) -> rx.Component:
    """Green and "Live" while news come; amber with the time of the last news when none came for five seconds."""
    return rx.cond(
        fresh,
        rx.el.span(rx.el.span(class_name="pulse"), tr("shell.live"), class_name="live", role="status"),
        rx.el.span(
            rx.el.span(class_name="pulse"),
            tr_with("shell.last_news", time=last_news),
            class_name="live late",
            role="status",
        ),
    )
