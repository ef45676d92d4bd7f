"""The rows of a file that are not imported, by group and page, and the file of them to mend."""

from typing import Any

import reflex as rx

from dashboard import ui
from dashboard.i18n import tr
from dashboard.recipients.import_drawing import download
from dashboard.recipients.import_lines import ProblemLine
from dashboard.recipients.import_state import Import


def problem_rows() -> rx.Component:
    """The panel; nothing while there is no such row."""
    heads = [rx.el.th(tr(f"import.head.{name}"), scope="col") for name in ("row", "address", "problem")]
    return rx.cond(
        Import.checked & (Import.result.problems > 0),
        rx.el.section(
            ui.panel_head(
                tr("import.problem_rows"),
                download(tr("import.download"), Import.problems_href, small=True),
                badge=ui.plain_badge(Import.result.wrong),
            ),
            rx.el.div(_groups(), style={"padding": "0 16px 8px"}),
            rx.el.div(
                rx.el.table(
                    rx.el.thead(rx.el.tr(*heads)),
                    rx.el.tbody(rx.foreach(Import.problems, _problem)),
                    class_name="t problems",
                    aria_label=tr("import.problem_rows"),
                ),
                class_name="tw",
            ),
            _pages(),
            class_name="panel flush",
            id="problem-rows",
        ),
    )


def _groups() -> rx.Component:
    def tab(one: Any) -> rx.Component:
        return rx.el.button(
            one.label,
            " ",
            rx.el.span(one.count, class_name="num"),
            type="button",
            role="radio",
            on_click=Import.show_problems(one.group, 1),
            custom_attrs={"aria-checked": rx.cond(Import.group == one.group, "true", "false")},
        )

    return rx.el.div(
        rx.foreach(Import.groups, tab), class_name="seg", role="radiogroup", aria_label=tr("import.problem_rows")
    )


def _problem(line: rx.Var[ProblemLine]) -> rx.Component:
    address = rx.cond(
        line.address != "",
        rx.el.span(line.address, class_name="mono small"),
        rx.el.span(tr("import.empty_cell"), class_name="mute small"),
    )
    return rx.el.tr(
        rx.el.td(line.number, class_name="mute num"),
        rx.el.td(address),
        rx.el.td(rx.el.div(ui.icon("circle-x", 14, class_name="ink-bad"), rx.el.span(line.problem), class_name="why")),
    )


def _pages() -> rx.Component:
    def turn(label: str, name: str, by: int, off: Any) -> rx.Component:
        return ui.icon_button(
            tr(label),
            name,
            look="",
            small=True,
            disabled=off,
            on_click=Import.show_problems(Import.group, Import.problems_page + by),
        )

    return rx.el.div(
        rx.el.span(Import.problems_range, role="status"),
        rx.el.div(
            turn("list.previous", "chevron-left", -1, Import.problems_page <= 1),
            turn("list.next", "chevron-right", 1, Import.problems_page >= Import.problems_pages),
            class_name="end",
        ),
        class_name="foot",
    )
