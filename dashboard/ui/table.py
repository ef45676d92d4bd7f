"""The table of a list: sortable heads, checkbox column, row menu, two-line rows on phones."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from dashboard.i18n import tr, tr_with
from dashboard.ui.button import Item, row_menu
from dashboard.ui.column import Column
from dashboard.ui.element import classes, given, icon, spoken, when

Menu = Callable[[Any], list[Item | None]]


def table(
    rows: Any,
    columns: Sequence[Column],
    *,
    state: Any = None,
    picks: bool = False,
    pick_when: Any = True,
    menu: Menu | None = None,
    name: Callable[[Any], Any] | None = None,
    two_lines: bool = False,
    label: Any = "",
) -> rx.Component:
    """A table of a state var's rows. With `state` (a ListState) heads sort and columns can be put away; `picks` adds
    the checkbox column (rows have an `id`), there while `pick_when`; `menu` the row menu; `name(row)` is what both are
    called by."""
    name = name or (lambda row: row.name)
    tick = [when(pick_when, _tick_head(state))] if picks else []
    heads = [_head(column, state) for column in columns]
    acts = [rx.el.th(spoken(tr("list.actions")), class_name="acts")] if menu else []

    def line(row: Any) -> rx.Component:
        cells = [_cell(column, row, state) for column in columns]
        first = [when(pick_when, _tick(state, row, name(row)))] if picks else []
        last = (
            [rx.el.td(row_menu(menu(row), tr_with("list.row_menu", name=name(row))), class_name="acts")] if menu else []
        )
        chosen = {"class_name": rx.cond(state.selected.contains(row.id), "sel", "")} if picks else {}
        return rx.el.tr(*first, *cells, *last, custom_attrs={"data-row": ""}, **chosen)

    shape = classes("t stack", "two" if two_lines else "", rx.cond(state.picking, "picking", "") if picks else "")
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*tick, *heads, *acts)),
            rx.el.tbody(rx.foreach(rows, line)),
            class_name=shape,
            **({"aria_label": label} if given(label) else {}),
        ),
        class_name="tw",
    )


def _head(column: Column, state: Any) -> Any:
    place = classes("r" if column.right else "", "hide-m" if column.low else "")
    if state is None or not column.sort:
        return _unless_hidden(column, state, rx.el.th(column.head, class_name=place, scope="col"))
    here = state.sorted.column == column.sort
    sign = rx.cond(here, rx.cond(state.sorted.down, icon("arrow-down", 13), icon("arrow-up", 13)))
    button = rx.el.button(
        column.head, sign, type="button", class_name="th-s", on_click=state.sort_by(column.sort, column.right)
    )
    order = rx.cond(here, rx.cond(state.sorted.down, "descending", "ascending"), "none")
    head = rx.el.th(button, class_name=place, scope="col", custom_attrs={"aria-sort": order})
    return _unless_hidden(column, state, head)


def _cell(column: Column, row: Any, state: Any) -> Any:
    place = classes(
        "r" if column.right else "",
        "hide-m" if column.low else "",
        f"p{column.phone}" if column.phone else "",
        "wide" if column.wide else "",
        "cut" if column.cut else "",
        "named" if column.named else "",
    )
    return _unless_hidden(column, state, rx.el.td(column.cell(row), class_name=place))


def _unless_hidden(column: Column, state: Any, cell: Any) -> Any:
    if state is not None and not column.fixed:
        cell = rx.cond(state.hidden_columns.contains(column.key), rx.fragment(), cell)
    return when(column.when, cell)


def _tick_head(state: Any) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        class_name="cb",
        aria_label=tr("list.select_page"),
        checked=(state.rows.length() > 0) & (state.selected.length() == state.rows.length()),
        on_change=state.toggle_page(),
    )
    return rx.el.th(box, class_name="tick")


def _tick(state: Any, row: Any, name: Any) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        class_name="cb",
        aria_label=tr_with("list.select_row", name=name),
        checked=state.selected.contains(row.id),
        on_change=state.toggle(row.id),
    )
    return rx.el.td(box, class_name="tick")
