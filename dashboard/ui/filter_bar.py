"""Views, search, filter chips, and the acts on the right of a list's head."""

from typing import Any

import reflex as rx

from dashboard.i18n import tr, tr_with
from dashboard.ui.column import Column
from dashboard.ui.element import Words, given, icon, key_cap, link, server_link, when
from dashboard.ui.list_spec import Filter, ListSpec, View


def view_tabs(state: Any, end: Any = None) -> rx.Component:
    """The saved views as links, each with its count where the page gives one."""
    spec: ListSpec = state._spec
    return rx.el.nav(
        *[
            link(
                tr(view.label),
                rx.el.i(state.view_counts[view.key]),
                to=_address(state, view),
                class_name=rx.cond(state.view == view.key, "on", ""),
                custom_attrs={"aria-current": rx.cond(state.view == view.key, "true", "false")},
            )
            for view in spec.views
        ],
        *([rx.el.div(end, style={"marginLeft": "auto"})] if end is not None else []),
        class_name="views",
        aria_label=tr("list.views"),
    )


def _address(state: Any, view: View) -> Any:
    """Where a view stands; only the state knows it when the page's path or other filters belong to it."""
    spec: ListSpec = state._spec
    if spec.tabs or "[" in spec.route:
        return rx.cond(state.view_links.contains(view.key), state.view_links[view.key], "")
    return spec.address(spec.viewed(spec.read({}), view))


def filter_bar(
    state: Any,
    columns: list[Column],
    *,
    search: Words = "",
    export: Any = "",
    more: Any = None,
    focus: bool = False,
) -> rx.Component:
    """Search (/), one chip per filter (filled: "Field is value ×", else dashed), column choice, CSV link. `focus`: it
    opens with the caret in the search, as a dialog does."""
    spec: ListSpec = state._spec
    ends = [*([more] if more is not None else []), *([_column_choice(state, columns)] if columns else [])]
    if given(export):
        ends.append(
            server_link(
                icon("download", 15), rx.el.span(tr("list.export")), to=export, class_name="btn ghost sm", download=""
            )
        )
    return rx.el.div(
        search_box(state, search, focus=focus),
        *[_chip(state, filter_) for filter_ in spec.filters if filter_.chip != "never"],
        rx.cond(
            state.filtered,
            rx.el.button(
                tr("list.clear_filters"), type="button", class_name="link nowrap", on_click=state.clear_filters()
            ),
        ),
        rx.el.div(*ends, class_name="end"),
        class_name="filters",
        role="search",
    )


def search_box(state: Any, placeholder: Words = "", *, focus: bool = False) -> rx.Component:
    """The list's search; what is typed reaches the address after a quarter of a second."""
    words = placeholder if given(placeholder) else tr("list.search")
    return rx.el.div(
        icon("search", 15),
        rx.el.input(
            type="search",
            placeholder=words,
            aria_label=words,
            default_value=state.text,
            key=state.text_key,
            on_change=state.search.debounce(250),
            max_length=120,
            auto_focus=focus,
            custom_attrs={"data-search": ""},
        ),
        key_cap("/"),
        class_name="in find",
    )


def _chip(state: Any, filter_: Filter) -> rx.Component:
    label, held = tr(filter_.label), state.chips[filter_.key]
    verb = [" ", tr("list.is")] if filter_.kind in {"choice", "several", "pick", "code"} else []
    filled = rx.el.span(
        _popover(
            state,
            filter_,
            rx.el.button(label, *verb, " ", rx.el.b(held), type="button", class_name="row g1"),
        ),
        rx.el.button(
            icon("x", 13),
            type="button",
            class_name="x",
            aria_label=tr_with("list.drop_filter", name=label),
            on_click=state.drop_filter(filter_.key),
        ),
        class_name="chip on",
    )
    if filter_.chip == "set":
        return rx.cond(held, filled)
    add = rx.el.button(icon("plus", 14), label, type="button", class_name="chip", custom_attrs={"data-key": "f"})
    if filter_.kind == "flag":
        empty = rx.el.button(
            icon("plus", 14), label, type="button", class_name="chip", on_click=state.set_filter(filter_.key, "1")
        )
    else:
        empty = _popover(state, filter_, add)
    if filter_.kind in {"pick", "code"}:
        offered = state.options.contains(filter_.key) & (state.options[filter_.key].length() > 0)
        empty = rx.cond(offered, empty)
    return rx.cond(held, filled, empty)


def _popover(state: Any, filter_: Filter, trigger: rx.Component) -> rx.Component:
    if filter_.kind == "flag":
        return trigger
    inside = _dates(state, filter_) if filter_.kind == "dates" else _choices(state, filter_)
    shape = {} if filter_.kind == "dates" else {"class_name": "menu"}
    return rx.popover.root(
        rx.popover.trigger(trigger),
        rx.popover.content(inside, align="start", min_width="200px", aria_label=tr(filter_.label), **shape),
    )


def _choices(state: Any, filter_: Filter) -> rx.Component:
    def entry(value: Any, words: Any) -> rx.Component:
        chosen = rx.cond(state.filters[filter_.key] == value, icon("check", 15), rx.el.span(style={"width": "15px"}))
        pick = rx.el.button(
            chosen, words, type="button", class_name="item", on_click=state.set_filter(filter_.key, value)
        )
        return rx.popover.close(pick)

    def toggled(value: str) -> rx.Component:
        held = state.filters[filter_.key].split(",").contains(value)
        return rx.el.button(
            rx.cond(held, icon("check", 15), rx.el.span(style={"width": "15px"})),
            tr(f"{filter_.words}.{value}"),
            type="button",
            class_name="item",
            custom_attrs={"aria-pressed": rx.cond(held, "true", "false")},
            on_click=state.toggle_filter(filter_.key, value),
        )

    if filter_.kind == "several":
        return rx.el.div(*[toggled(value) for value in filter_.values])
    if filter_.kind in {"pick", "code"}:
        return rx.el.div(rx.foreach(state.options[filter_.key], lambda option: entry(option.value, option.label)))
    return rx.el.div(*[entry(value, tr(f"{filter_.words}.{value}")) for value in filter_.values])


def _dates(state: Any, filter_: Filter) -> rx.Component:
    def field(name: str) -> rx.Component:
        return rx.el.label(
            rx.el.span(tr(f"list.{name}"), class_name="lab"),
            rx.el.span(rx.el.input(type="date", name=name), class_name="in"),
            class_name="field",
        )

    return rx.el.form(
        field("from"),
        field("to"),
        rx.el.button(tr("ui.apply"), type="submit", class_name="btn pri"),
        class_name="col g3",
        on_submit=lambda given: state.set_dates(filter_.key, given),
    )


def _column_choice(state: Any, columns: list[Column]) -> rx.Component:
    def entry(column: Column) -> rx.Component:
        box = rx.el.input(
            type="checkbox",
            class_name="cb",
            checked=~state.hidden_columns.contains(column.key),
            on_change=state.toggle_column(column.key),
        )
        return when(column.when, rx.el.label(box, column.head, class_name="item"))

    trigger = rx.el.button(
        icon("columns-3", 15), rx.el.span(tr("list.columns")), type="button", class_name="btn ghost sm only-desk"
    )
    return rx.popover.root(
        rx.popover.trigger(trigger),
        rx.popover.content(
            *[entry(column) for column in columns if not column.fixed],
            class_name="menu",
            align="end",
            aria_label=tr("list.columns"),
        ),
    )
