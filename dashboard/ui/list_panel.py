"""A whole list in its panel: views, filters, bulk bar, table, paging, and what stands there when it is empty."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from dashboard.i18n import tr, tr_with
from dashboard.ui.button import button, icon_button
from dashboard.ui.column import Column
from dashboard.ui.element import Words, icon, when
from dashboard.ui.feedback import empty, skeleton_rows
from dashboard.ui.filter_bar import filter_bar, view_tabs
from dashboard.ui.list_spec import SIZES
from dashboard.ui.table import Menu, table


def list_panel(
    state: Any,
    columns: list[Column],
    *,
    none_yet: rx.Component,
    search: Words = "",
    bulk: list[Any] | None = None,
    pick_when: Any = True,
    menu: Menu | None = None,
    name: Callable[[Any], Any] | None = None,
    export: Any = "",
    summary: Any = None,
    more: Any = None,
    views: Any = None,
    two_lines: bool = False,
    label: Words = "",
) -> rx.Component:
    """`state`: a ListState with `rows`. `none_yet`: the empty state of the first time. `bulk`: acts on the selection
    (None: no checkboxes), offered while `pick_when`. `summary`: a line above the heads; `more`: acts beside "Columns";
    `export`: the CSV; `views`: the page's own tabs instead of the saved views.
    """
    picks = bulk is not None
    head = [views] if views is not None else [view_tabs(state)] if state._spec.views else []
    bar = filter_bar(state, columns, search=search, export=export, more=_with_picking(state, more) if picks else more)
    body = rx.cond(
        state.total > 0,
        rx.fragment(
            table(
                state.rows,
                columns,
                state=state,
                picks=picks,
                pick_when=pick_when,
                menu=menu,
                name=name,
                two_lines=two_lines,
                label=label,
            ),
            paging(state),
        ),
        rx.cond(state.filtered, _no_match(state), none_yet),
    )
    return rx.el.section(
        *head,
        bar,
        *([_bulk(state, bulk or [], pick_when)] if picks else []),
        *([summary] if summary is not None else []),
        rx.cond(state.shown, body, skeleton_rows()),
        class_name="panel flush",
    )


def paging(state: Any) -> rx.Component:
    """Which rows these are, how many per page, one page back or on ([ and ])."""
    return rx.el.div(
        rx.el.span(state.range_text, role="status"),
        rx.el.label(
            rx.el.span(tr("list.rows")),
            rx.el.span(
                rx.el.select(
                    *[rx.el.option(str(size), value=str(size)) for size in SIZES],
                    value=state.size.to_string(),
                    on_change=state.set_size,
                ),
                icon("chevron-down", 14),
                class_name="in select",
            ),
            class_name="row only-desk",
        ),
        rx.el.div(
            icon_button(
                tr("list.previous"),
                "chevron-left",
                look="",
                small=True,
                key="[",
                disabled=state.page <= 1,
                on_click=state.go_to(state.page - 1),
            ),
            icon_button(
                tr("list.next"),
                "chevron-right",
                look="",
                small=True,
                key="]",
                disabled=state.page >= state.pages,
                on_click=state.go_to(state.page + 1),
            ),
            class_name="end",
        ),
        class_name="foot",
    )


def _bulk(state: Any, acts: list[Any], pick_when: Any) -> Any:
    bar = rx.cond(state.selected.length() > 0, _bulk_bar(state, acts))
    return when(pick_when, rx.fragment(bar, _all_by_key(state)))


def _bulk_bar(state: Any, acts: list[Any]) -> rx.Component:
    one_page = rx.fragment(
        rx.el.b(tr_with("list.selected", count=state.selected.length())),
        rx.el.span(tr("list.on_this_page"), class_name="mute"),
        rx.cond(
            state.total > state.rows.length(),
            rx.el.button(
                tr_with("list.select_all", count=state.results),
                type="button",
                class_name="link",
                on_click=state.select_all(),
            ),
        ),
    )
    everything = rx.fragment(
        rx.el.b(tr_with("list.all_selected", count=state.results)),
        rx.el.span(tr("list.as_they_are"), class_name="mute"),
        rx.el.button(tr("list.only_page"), type="button", class_name="link", on_click=state.toggle_page()),
    )
    return rx.el.div(
        rx.cond(state.all_results, everything, one_page),
        rx.el.div(
            *acts, icon_button(tr("list.unselect"), "x", small=True, on_click=state.unselect()), class_name="acts"
        ),
        class_name="bulk",
        role="status",
    )


def _all_by_key(state: Any) -> rx.Component:
    """What Shift A presses; by eye and mouse it is in the bulk bar."""
    hidden = {"data-key": "shift a", "aria-hidden": "true"}
    return rx.cond(
        state.total > 0,
        rx.el.button(type="button", class_name="sr", tab_index=-1, on_click=state.select_all(), custom_attrs=hidden),
    )


def _with_picking(state: Any, more: Any) -> Any:
    pick = rx.el.button(
        tr("list.select"), type="button", class_name="btn ghost sm only-phone", on_click=state.pick_rows()
    )
    return rx.fragment(pick, more) if more is not None else pick


def _no_match(state: Any) -> rx.Component:
    return empty(
        tr("list.no_match"), acts=[button(tr("list.clear_filters"), icon_name="x", on_click=state.clear_filters())]
    )


def selected_count(state: Any) -> rx.Var[int]:
    """How many records a bulk act is about: the selected, or all results."""
    return rx.cond(state.all_results, state.results, state.selected.length()).to(int)
