"""The shell round every page: sidebar, header, catcher sign, connection banner, palette, toasts."""

from typing import Any, Final

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from dashboard import data, routes
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, tr, tr_with
from dashboard.ui.browser import document_settings
from dashboard.ui.element import Words, icon, key_cap, link, server_link
from dashboard.ui.feedback import note
from dashboard.ui.navigation import GROUPS, Entry
from dashboard.ui.palette import help_dialog, palette
from dashboard.ui.toast import toasts
from models.standing import get_standing


class Shell(rx.State):
    """What the sidebar says on every page."""

    catching: bool = False
    in_process: int = 0
    drawer: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        """Runs on every page, after the preferences."""
        standing = await data.read(get_standing)
        self.catching, self.in_process, self.drawer = standing.catching, standing.in_process, False

    @allowed(Right.LOOK)
    async def set_drawer(self, user: Viewer, is_open: bool):
        self.drawer = is_open is True

    def _clear(self) -> None:
        self.catching, self.in_process = False, 0


ON_LOAD: Final = (Prefs.load, Shell.load)
"""What every page loads before its own."""


def shell(here: str, crumbs: list[tuple[Words, Words]], live: Any, *children: Any) -> rx.Component:
    """`here`: the sidebar's entry; `crumbs`: (label, address) from the outside in, the last one is this page."""
    return rx.el.div(
        document_settings(Prefs.lang, Prefs.appearance, crumbs[-1][0]),
        _sidebar(here),
        rx.el.div(class_name="drawer-veil", on_click=Shell.set_drawer(False)),
        rx.el.div(
            _header(crumbs, live),
            rx.el.main(_banner(), *children, class_name="page", id="content", tab_index=-1),
            class_name="col",
            style={"gap": 0},
        ),
        palette([entry for _, group in GROUPS for entry in group]),
        help_dialog([entry for _, group in GROUPS for entry in group if entry.go]),
        toasts(),
        class_name=rx.cond(Shell.drawer, "app drawer", "app"),
        custom_attrs={"data-ready": rx.cond(Prefs.ready, "true", "false")},
    )


def _sidebar(here: str) -> rx.Component:
    groups = [_group(title, entries, here) for title, entries in GROUPS]
    return rx.el.nav(
        rx.el.a(tr("nav.skip"), href="#content", class_name="to-content"),
        rx.el.div(
            rx.el.span(icon("send", 13), class_name="mark"), rx.el.span("Envoi", class_name="label"), class_name="brand"
        ),
        rx.el.button(
            icon("search", 15),
            rx.el.span(tr("nav.jump"), class_name="label"),
            key_cap("Ctrl K"),
            type="button",
            class_name="jump",
            aria_label=tr("nav.jump"),
            custom_attrs={"data-opens": "palette", "aria-keyshortcuts": "Control+K"},
        ),
        *[part for group in groups for part in group],
        rx.el.div(rx.cond(Shell.catching, _catcher_sign()), _user_menu(), class_name="side-foot"),
        class_name="side",
        aria_label=tr("nav.main"),
    )


def _group(title: str, entries: tuple[Entry, ...], here: str) -> list[rx.Component]:
    head = [rx.el.div(rx.el.span(tr(f"nav.{title}"), class_name="label"), class_name="nav-h")] if title else []
    return [*head, *[_nav_entry(entry, here) for entry in entries]]


def _nav_entry(entry: Entry, here: str) -> rx.Component:
    on = entry.name == here
    asks = []
    if entry.name == "mass_emails":
        sign = rx.el.span(class_name="pulse", style={"width": "6px", "height": "6px", "boxShadow": "none"})
        asks = [rx.cond(Shell.in_process > 0, rx.el.b(sign, Shell.in_process))]
    return link(
        icon(entry.icon_name),
        rx.el.span(tr(f"nav.{entry.name}"), class_name="label trunc"),
        *asks,
        to=entry.route,
        class_name="nav on" if on else "nav",
        title=tr(f"nav.{entry.name}"),
        custom_attrs={**({"aria-current": "page"} if on else {}), **({"data-go": entry.go} if entry.go else {})},
    )


def _catcher_sign() -> rx.Component:
    return link(
        icon("mail-check"),
        rx.el.div(rx.el.b(tr("shell.catcher")), tr("shell.catcher_detail")),
        to=routes.MAIL_CATCHER,
        class_name="sink",
        title=tr("shell.catcher"),
    )


def _user_menu() -> rx.Component:
    trigger = rx.el.button(
        rx.el.span(Prefs.initials, class_name="ava", aria_hidden="true"),
        rx.el.span(Prefs.name, class_name="label trunc"),
        icon("chevrons-up-down", 14),
        type="button",
        class_name="me",
        aria_label=tr_with("shell.account", name=Prefs.name),
    )
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(trigger),
        rx.dropdown_menu.content(
            rx.el.div(tr("shell.language"), class_name="mh"),
            _choice("shell.english", Prefs.lang == "en", Prefs.set_language("en")),
            _choice("shell.french", Prefs.lang == "fr", Prefs.set_language("fr")),
            rx.dropdown_menu.separator(),
            rx.el.div(tr("shell.appearance"), class_name="mh"),
            *[
                _choice(f"shell.{look}", Prefs.appearance == look, Prefs.set_appearance(look))
                for look in ("light", "dark", "system")
            ],
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(icon("keyboard", 15), tr("shell.shortcuts"), custom_attrs={"data-opens": "keys"}),
            rx.dropdown_menu.item(
                server_link(icon("log-out", 15), tr("shell.sign_out"), to=routes.SIGN_OUT), as_child=True
            ),
            side="top",
            align="start",
            variant="soft",
            size="1",
        ),
        modal=False,
    )


def _choice(key: str, chosen: rx.Var[bool], choose: Any) -> rx.Component:
    sign = rx.cond(chosen, icon("check", 15), rx.el.span(style={"width": "15px"}))
    return rx.dropdown_menu.item(sign, tr(key), on_select=choose)


def _header(crumbs: list[tuple[Words, Words]], live: Any) -> rx.Component:
    *outer, (here, _) = crumbs
    steps = [rx.el.li(link(label, to=to), icon("chevron-right", 14, aria_hidden="true")) for label, to in outer]
    return rx.el.header(
        rx.el.button(
            icon("menu", 18),
            type="button",
            class_name="menu-btn",
            aria_label=tr("nav.open_menu"),
            on_click=Shell.set_drawer(True),
        ),
        rx.el.nav(
            rx.el.ol(*steps, rx.el.li(rx.el.b(here, custom_attrs={"aria-current": "page"})), class_name="crumb"),
            aria_label=tr("nav.breadcrumb"),
            class_name="grow",
        ),
        *([live] if live is not None else []),
        rx.el.span(tr_with("shell.times_in", zone=Prefs.zone_label), class_name="zone"),
        class_name="top",
    )


def _banner() -> rx.Component:
    return rx.cond(
        has_connection_errors,
        note(
            tr("shell.lost_detail"),
            tone="warn",
            title=tr("shell.lost"),
            icon_name="wifi-off",
            end=server_link(tr("shell.reload"), to="", class_name="link"),
            alert=True,
        ),
    )
