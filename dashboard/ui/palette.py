"""The command palette (Ctrl K) and the list of shortcuts (?): drawn here, moved and filtered by assets/kit/keys.js."""

import reflex as rx

from dashboard.i18n import tr, tr_with
from dashboard.ui.element import icon, key_cap, link
from dashboard.ui.navigation import Entry


def palette(entries: list[Entry]) -> rx.Component:
    """A native dialog: pages by name; arrows move, Enter opens, Ctrl Enter in a new tab."""
    return rx.el.dialog(
        rx.el.div(
            rx.el.label(
                icon("search", 17),
                rx.el.input(
                    placeholder=tr("palette.title"),
                    aria_label=tr("palette.title"),
                    auto_complete="off",
                    custom_attrs={"data-palette-input": ""},
                ),
                key_cap("Esc"),
                class_name="ask",
            ),
            rx.el.div(
                rx.el.div(tr("palette.pages"), class_name="mh"),
                *[_entry(entry) for entry in entries],
                rx.el.div(tr("palette.none"), class_name="mh", hidden=True, custom_attrs={"data-none": ""}),
                class_name="menu",
            ),
            rx.el.div(
                rx.el.span(key_cap("↑"), key_cap("↓"), tr("palette.move")),
                rx.el.span(key_cap("Enter"), tr("palette.open")),
                rx.el.span(key_cap("?"), tr("palette.all_keys"), style={"marginLeft": "auto"}),
                class_name="tips",
            ),
            class_name="palette",
        ),
        class_name="sheet",
        id="palette",
        aria_label=tr("palette.title"),
    )


def _entry(entry: Entry) -> rx.Component:
    keys = rx.el.span(key_cap("G"), key_cap(entry.go.upper()), class_name="end") if entry.go else rx.fragment()
    return link(icon(entry.icon_name), rx.el.span(tr(f"nav.{entry.name}")), keys, to=entry.route, class_name="item")


def help_dialog(entries: list[Entry]) -> rx.Component:
    """All shortcuts, and the switch that turns the single ones off (kept in the browser)."""
    rows = [
        (["Ctrl K"], tr("keys.palette")),
        (["/"], tr("keys.search")),
        *[(["G", entry.go.upper()], tr_with("keys.go", page=tr(f"nav.{entry.name}"))) for entry in entries],
        (["C"], tr("keys.create")),
        (["E"], tr("keys.edit")),
        (["J", "K"], tr("keys.row")),
        (["X"], tr("keys.select")),
        (["Shift X"], tr("keys.select_range")),
        (["Shift A"], tr("keys.select_all")),
        (["[", "]"], tr("keys.page")),
        (["F"], tr("keys.filter")),
        (["Ctrl S"], tr("keys.save")),
        (["?"], tr("keys.help")),
        (["Esc"], tr("keys.close")),
    ]
    return rx.el.dialog(
        rx.el.div(rx.el.h2(tr("shell.shortcuts"), class_name="h2 grow"), class_name="dialog-h"),
        rx.el.div(
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    role="switch",
                    class_name="sw",
                    default_checked=True,
                    custom_attrs={"data-single-keys": ""},
                ),
                rx.el.span(tr("shell.single_keys"), rx.el.span(tr("shell.single_keys_hint"), class_name="hint")),
                class_name="switch",
            ),
            rx.el.dl(
                *[
                    part
                    for caps, words in rows
                    for part in (rx.el.dt(*map(key_cap, caps), class_name="row g1"), rx.el.dd(words))
                ],
                class_name="facts",
            ),
            class_name="dialog-b",
        ),
        class_name="sheet",
        id="keys",
        aria_label=tr("shell.shortcuts"),
    )
