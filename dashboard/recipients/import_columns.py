"""The second and third step: what each column becomes, and what the import of it would do."""

from typing import Any

import reflex as rx

from dashboard import ui
from dashboard.i18n import tr, tr_with
from dashboard.recipients.import_drawing import by_kind, result_bar, result_lines
from dashboard.recipients.import_lines import ColumnLine, PreviewLine
from dashboard.recipients.import_problem_rows import problem_rows
from dashboard.recipients.import_state import Import
from models.import_write import Change

# what a field is drawn with; a custom one is a tag
_ICONS = {
    "": "circle-minus",
    "address": "at-sign",
    "first_name": "user",
    "last_name": "user",
    "name": "user",
    "company": "building-2",
    "account": "building-2",
    "language": "languages",
    "time_zone": "clock",
}
_CHANGES = {"new": ("plus", "ok"), "updated": ("pencil", "accent"), "unchanged": ("equal", "gray")}


def columns_step() -> rx.Component:
    """The mapping and the preview; beside them what it would do."""
    return rx.fragment(
        ui.columns([_mapping(), _preview()], [_result(), problem_rows()]),
        _foot(
            "file",
            ui.button(
                rx.cond(
                    Import.checked,
                    tr_with("import.check_count", count=Import.result.importable),
                    tr("import.check"),
                ),
                look="pri",
                on_click=Import.go("check"),
                id="to-check",
            ),
        ),
    )


def check_step() -> rx.Component:
    """What the import would do, once more before it does."""
    return rx.fragment(
        rx.cond(
            Import.checking,
            ui.long_work(tr("import.checking"), Import.check_share, Import.check_done, "", Import.go("columns")),
            ui.columns([_all_fine(), problem_rows(), _preview()], [_result(), _where()]),
        ),
        _foot(
            "columns",
            ui.button(
                rx.cond(Import.checked, _import_count(), tr("import.step.import")),
                look="pri",
                on_click=Import.start(),
                disabled=~Import.checked | (Import.result.importable == 0),
                id="start-import",
            ),
        ),
    )


def _all_fine() -> rx.Component:
    return rx.cond(Import.checked & (Import.result.problems == 0), ui.note(tr("import.no_problems"), tone="ok"))


def _import_count() -> Any:
    """Import 12,391 contacts."""
    count = Import.result.importable
    return rx.match(
        Import.kind,
        ("lead", tr_with("import.start.lead", count=count)),
        ("account", tr_with("import.start.account", count=count)),
        tr_with("import.start.contact", count=count),
    )


def _mapping() -> rx.Component:
    heads = ("column", "example", "", "becomes", "rows")
    return ui.panel(
        rx.cond(Import.errors.contains("mapping"), _mapping_error()),
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        *[
                            rx.el.th(tr(f"import.head.{name}"), scope="col", class_name=_low(name))
                            if name
                            else rx.el.td(class_name=_low(name))
                            for name in heads
                        ]
                    )
                ),
                rx.el.tbody(rx.foreach(Import.columns, _column)),
                class_name="t mapping",
                aria_label=tr("import.which_column"),
            ),
            class_name="tw",
        ),
        title=tr("import.which_column"),
        end=rx.el.span(
            tr_with("import.recognised_count", count=Import.recognised, total=Import.columns.length()),
            class_name="mute small",
        ),
        padded=False,
    )


def _low(name: str) -> str:
    return "only-desk" if name in {"example", "", "rows"} else ""


def _mapping_error() -> rx.Component:
    return rx.el.div(
        ui.note(Import.errors["mapping"], tone="bad", alert=True), style={"padding": "0 16px 12px"}, id="mapping-error"
    )


def _column(line: rx.Var[ColumnLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.span(line.label, class_name="strong wrap")),
        rx.el.td(line.examples, class_name="mute cut only-desk"),
        rx.el.td(ui.icon("arrow-right", 14, class_name="mute"), class_name="only-desk"),
        rx.el.td(_becomes(line)),
        rx.el.td(
            rx.el.span(line.filled, class_name="mute num small"),
            rx.cond(line.becomes == "address", rx.el.span(tr("import.recognises"), class_name="sub ink-accent small")),
        ),
    )


def _becomes(line: rx.Var[ColumnLine]) -> rx.Component:
    option = lambda one: rx.el.option(one.label, value=one.value)  # noqa: E731 - of both lists
    return rx.el.div(
        rx.el.div(
            rx.match(line.becomes, *[(field, ui.icon(name, 15)) for field, name in _ICONS.items()], ui.icon("tag", 15)),
            rx.el.select(
                rx.el.option(tr("import.leave_out"), value=""),
                rx.foreach(Import.fields, option),
                rx.foreach(line.own, option),
                value=line.becomes,
                on_change=lambda field: Import.map_column(line.place, field),
                aria_label=tr_with("import.becomes", column=line.label),
                custom_attrs={"aria-invalid": rx.cond(line.error != "", "true", "false")},
            ),
            ui.icon("chevron-down", 15),
            class_name="in select",
        ),
        rx.cond(
            line.error != "",
            rx.el.div(ui.icon("circle-alert", 14), rx.el.span(line.error), class_name="err"),
        ),
        class_name="field",
    )


def _preview() -> rx.Component:
    def cell(words: rx.Var[str]) -> rx.Component:
        return rx.el.td(words)

    def line(row: rx.Var[PreviewLine]) -> rx.Component:
        sign = rx.match(
            row.change,
            *[(str(change), _change(str(change))) for change in Change],
            rx.fragment(),
        )
        return rx.el.tr(rx.el.td(row.number, class_name="mute num"), rx.foreach(row.cells, cell), rx.el.td(sign))

    return rx.cond(
        Import.checked & (Import.preview.length() > 0),
        ui.panel(
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th(tr("import.head.row"), scope="col"),
                            rx.foreach(Import.preview_heads, lambda head: rx.el.th(head, scope="col")),
                            rx.el.th(tr("import.head.result"), scope="col"),
                        )
                    ),
                    rx.el.tbody(rx.foreach(Import.preview, line)),
                    class_name="t",
                    aria_label=tr("import.preview"),
                ),
                class_name="tw",
                tab_index=0,
                role="region",
                aria_label=tr("import.preview"),
            ),
            title=tr("import.preview"),
            end=rx.el.span(
                tr_with("import.first_of", first=Import.preview.length(), count=Import.result.importable),
                class_name="mute small",
            ),
            padded=False,
        ),
    )


def _change(change: str) -> rx.Component:
    name, ink = _CHANGES[change]
    return rx.el.span(
        ui.icon(name, 15, class_name=f"ink-{ink}"), rx.el.span(tr(f"import.change.{change}")), class_name="st"
    )


def _result() -> rx.Component:
    return rx.cond(
        Import.checking,
        ui.panel(
            rx.el.div(
                ui.progress(ui.Part(Import.check_share), label=tr("import.checking"), value=Import.check_share),
                rx.el.div(
                    rx.el.span(tr("import.checking")),
                    rx.el.span(Import.check_done),
                    class_name="row between small mute num",
                ),
                class_name="col",
            ),
            title=tr("import.result_of_mapping"),
        ),
        rx.cond(
            Import.checked,
            rx.el.div(
                ui.panel(
                    result_bar(Import.result),
                    result_lines(Import.kind, Import.result),
                    _protected(),
                    title=tr("import.result_of_mapping"),
                ),
                id="check-result",
            ),
            ui.panel(rx.el.p(tr("import.not_checked"), class_name="mute"), title=tr("import.result_of_mapping")),
        ),
    )


def _protected() -> rx.Component:
    return rx.el.div(
        ui.icon("shield-check", 15, class_name="ink-ok"),
        rx.el.span(
            tr("import.never_cleared"),
            rx.cond(
                Import.result.opted_out > 0,
                rx.fragment(" ", tr_with("import.opted_out", count=Import.result.opted_out)),
            ),
            rx.cond(
                Import.result.suppressed > 0,
                rx.fragment(" ", tr_with("import.suppressed", count=Import.result.suppressed)),
            ),
            rx.cond(
                Import.result.erased > 0,
                rx.fragment(" ", tr_with("import.erased", count=Import.result.erased)),
            ),
        ),
        class_name="row g3 small mute line",
        style={"paddingTop": "10px", "marginTop": "10px", "alignItems": "flex-start"},
    )


def _where() -> rx.Component:
    return ui.panel(
        ui.facts(
            (tr("import.fact.file"), Import.file_name),
            (tr("import.fact.kind"), by_kind(Import.kind, "import.kind")),
            (tr("import.fact.list"), rx.cond(Import.target_name != "", Import.target_name, tr("import.no_list"))),
        ),
        title=tr("import.what_happens"),
    )


def _foot(back: str, onward: rx.Component) -> rx.Component:
    return rx.el.div(
        ui.button(tr("ui.back"), icon_name="arrow-left", on_click=Import.go(back)),
        rx.el.div(
            rx.el.span(tr("import.nothing_written"), class_name="mute only-desk"),
            ui.button(tr("ui.cancel"), look="ghost", on_click=Import.discard()),
            onward,
            class_name="end row",
        ),
        class_name="panel save",
    )
