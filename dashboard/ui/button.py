"""Buttons: at most one primary on a page, destructive ones red. Menus hang on buttons."""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from dashboard.i18n import tr
from dashboard.ui.element import Words, classes, given, icon, link, spoken, when

Look = Literal["", "pri", "danger", "ghost", "bad"]


def button(
    label: Words,
    *,
    icon_name: str = "",
    look: Look = "",
    small: bool = False,
    to: Words = "",
    busy: Any = False,
    key: str = "",
    **props: Any,
) -> rx.Component:
    """`look`: "" · "pri" primary · "danger" solid red, in confirmations only · "bad" red text · "ghost".

    `to` makes it a link. `busy` (a Var) turns the icon and disables. `key`: the shortcut that presses it ("c", "e").
    """
    spins = isinstance(busy, rx.Var)
    names = classes("btn", look, "sm" if small else "", rx.cond(busy, "busy", "") if spins else "")
    sign = icon(icon_name, 15) if icon_name else rx.fragment()
    parts = [rx.cond(busy, icon("loader-circle", 15), sign) if spins else sign, rx.el.span(label)]
    if spins:
        props["disabled"] = busy | props["disabled"] if "disabled" in props else busy
    if key:
        props["custom_attrs"] = {**props.get("custom_attrs", {}), "data-key": key, "aria-keyshortcuts": key.upper()}
    if given(to):
        return link(*parts, to=to, class_name=names, **props)
    return rx.el.button(*parts, type=props.pop("type", "button"), class_name=names, **props)


def icon_button(
    label: Words, icon_name: str, *, look: Look = "ghost", small: bool = False, **props: Any
) -> rx.Component:
    """A button of an icon alone; the label is spoken and shown on hover."""
    key = props.pop("key", "")
    if key:
        props["custom_attrs"] = {"data-key": key}
    return rx.el.button(
        icon(icon_name, 15),
        type=props.pop("type", "button"),
        class_name=classes("btn ic", look, "sm" if small else ""),
        title=label,
        aria_label=label,
        **props,
    )


def copy_button(value: Words, label: Words = "") -> rx.Component:
    """Puts the value on the clipboard; for a second the icon says that it did."""
    return rx.el.button(
        icon("copy", 14, class_name="copy-off"),
        type="button",
        class_name="btn ghost ic sm copy",
        title=label if given(label) else tr("ui.copy"),
        aria_label=label if given(label) else tr("ui.copy"),
        on_click=rx.set_clipboard(value),
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a menu; None in a list of items is a line. `to` makes it a link, `bad` red: a destructive act."""

    label: Words
    icon_name: str = ""
    on_click: Any = None
    to: Words = ""
    bad: bool = False
    when: Any = True


def menu(items: list[Item | None], *, label: Words = "", trigger: rx.Component | None = None) -> rx.Component:
    """A menu behind a trigger; by default the three dots, for acts that are not the page's main ones."""
    label = label if given(label) else tr("ui.more")
    trigger = trigger or rx.el.button(
        icon("ellipsis", 15), spoken(label), type="button", class_name="btn ic", title=label
    )
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(trigger),
        rx.dropdown_menu.content(*[_entry(item) for item in items], align="end", variant="soft", size="1"),
        modal=False,
    )


def row_menu(items: list[Item | None], name: Words) -> rx.Component:
    """The menu at the right end of a table's row; `name` says of what."""
    trigger = rx.el.button(
        icon("ellipsis", 15), spoken(name), type="button", class_name="btn ghost ic sm", title=tr("list.actions")
    )
    return menu(items, trigger=trigger)


def _entry(item: Item | None) -> rx.Component:
    if item is None:
        return rx.dropdown_menu.separator()
    parts = [*([icon(item.icon_name, 15)] if item.icon_name else []), item.label]
    props: dict[str, Any] = {"class_name": "bad" if item.bad else ""}
    if given(item.to):
        made = rx.dropdown_menu.item(link(*parts, to=item.to), as_child=True, **props)
    else:
        made = rx.dropdown_menu.item(*parts, on_select=item.on_click, **props)
    return when(item.when, made)
