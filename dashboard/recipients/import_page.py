"""The import of people from a spreadsheet, in four steps: file, columns, check, import. Writes in the last one."""

from typing import Any

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import Prefs, tr, tr_with
from dashboard.recipients.import_columns import check_step, columns_step
from dashboard.recipients.import_drawing import by_kind, steps
from dashboard.recipients.import_files import LARGEST
from dashboard.recipients.import_lines import KINDS, delimiter_name, encoding_name
from dashboard.recipients.import_run import ImportWork, run_step
from dashboard.recipients.import_state import NEW_LIST, Import
from models.spreadsheet_format import DELIMITERS, ENCODINGS

UPLOAD = "import-file"
ON_LOAD = [Import.load, ImportWork.load]


def import_page() -> rx.Component:
    """The page, step by step."""
    kind = rx.cond(ImportWork.open, ImportWork.kind, Import.kind).to(str)
    return ui.page(
        rx.cond(
            ImportWork.open,
            rx.fragment(_header(ImportWork.kind, "import"), run_step()),
            rx.cond(Prefs.can_edit, _wizard(), _for_lookers()),
        ),
        here="recipients",
        crumbs=[
            (tr("nav.recipients"), routes.RECIPIENTS),
            (by_kind(kind, "import.kind"), f"{routes.RECIPIENTS}?kind=" + kind),
            (tr("import.step.import"), routes.IMPORT),
        ],
    )


def _wizard() -> rx.Component:
    return rx.fragment(
        rx.cond(
            Import.step == "file",
            _header(Import.kind, "file"),
            _header(Import.kind, Import.step, [_what_is_imported()]),
        ),
        rx.match(
            Import.step,
            ("columns", rx.fragment(_format_panel(), columns_step())),
            ("check", check_step()),
            file_step(),
        ),
    )


def _for_lookers() -> rx.Component:
    return rx.fragment(_header(Import.kind, "file"), ui.no_rights(tr("import.no_right")))


def _header(kind: Any, step: Any, facts: list[Any] | None = None) -> rx.Component:
    return ui.page_header(by_kind(kind, "import.title"), acts=[steps(step)], facts=facts)


def _what_is_imported() -> rx.Component:
    return rx.el.span(
        rx.el.span(Import.file_name, class_name="mono"),
        rx.el.span(Import.file_facts, class_name="num"),
        rx.el.span(_read_as(), " ", _change_format()),
        rx.cond(Import.target_name != "", rx.el.span(tr_with("import.into", name=Import.target_name))),
        class_name="meta",
    )


def _read_as() -> rx.Component:
    return rx.fragment(tr_with("import.read_as", encoding=Import.encoding_name), " ", rx.el.code(Import.delimiter_name))


def _change_format() -> rx.Component:
    return rx.el.button(
        tr("import.change"),
        type="button",
        class_name="link",
        on_click=Import.change_format(),
        custom_attrs={"aria-expanded": rx.cond(Import.changing_format, "true", "false")},
    )


def _format_panel() -> rx.Component:
    """Encoding and separator by hand; the preview shows at once whether they are right."""
    return rx.cond(
        Import.changing_format,
        ui.panel(
            ui.fields(
                _choice(
                    "encoding",
                    tr("import.encoding"),
                    [("", tr("import.recognised")), *[(codec, encoding_name(codec)) for codec in ENCODINGS]],
                    Import.encoding,
                    lambda value: Import.read_as("encoding", value),
                ),
                _choice(
                    "delimiter",
                    tr("import.delimiter"),
                    [("", tr("import.recognised")), *[(sign, _sign_name(sign)) for sign in DELIMITERS]],
                    Import.delimiter,
                    lambda value: Import.read_as("delimiter", value),
                ),
            ),
            title=tr("import.format"),
        ),
    )


def _sign_name(sign: str) -> Any:
    return tr("import.tab") if sign == "\t" else delimiter_name(sign, "en")


def file_step() -> rx.Component:
    """What is imported, as whom, and into which list."""
    return rx.el.form(
        rx.el.section(
            rx.el.div(
                rx.el.header(rx.el.h2(tr("import.file")), rx.el.p(tr("import.file_text")), _sample()),
                rx.el.div(_drop_zone(), _file_facts(), class_name="col g3"),
                class_name="topic",
            ),
            class_name="panel",
        ),
        _format_panel(),
        ui.topic(tr("import.people"), tr("import.people_text"), *_who_and_where()),
        rx.el.div(
            rx.el.span(tr("import.nothing_written"), class_name="mute"),
            rx.el.div(
                ui.button(tr("import.to_columns"), look="pri", type="submit", busy=Import.reading), class_name="end"
            ),
            class_name="panel save",
        ),
        class_name="form",
        on_submit=Import.to_columns,
        no_validate=True,
        custom_attrs={"data-ready": rx.cond(Import.shown, "true", "false")},
    )


def _sample() -> rx.Component:
    return rx.el.p(
        ui.server_link(tr("import.sample"), to=routes.IMPORT_SAMPLE, class_name="link", download=""),
        style={"marginTop": "8px"},
    )


def _drop_zone() -> rx.Component:
    """A file is sent as soon as it is chosen or dropped."""
    send = rx.upload_files(upload_id=UPLOAD, on_upload_progress=Import.uploading)
    inside = rx.cond(
        Import.reading | (Import.uploaded > 0),
        rx.el.div(
            ui.progress(ui.Part(Import.uploaded), label=tr("import.uploading"), thin=True),
            rx.el.p(tr("import.uploading"), class_name="mute"),
            class_name="col g3 grow",
            role="status",
        ),
        rx.fragment(
            ui.icon("file-up", 20),
            rx.el.p(rx.el.b(tr("import.drop")), rx.el.span(tr("import.drop_hint"), class_name="mute")),
            rx.el.button(tr("import.choose"), type="button", class_name="btn sm"),
        ),
    )
    zone = rx.upload.root(
        inside,
        id=UPLOAD,
        class_name="drop",
        multiple=False,
        max_files=1,
        max_size=LARGEST,
        no_keyboard=True,
        on_drop=Import.take_file(send),
        on_drop_rejected=Import.reject_file,
    )
    field = zone.children[0].children[0]  # the input that Reflex makes; nothing else names it
    field.custom_attrs = {"aria-label": tr("import.choose")}
    return rx.el.div(zone, _error("file"), class_name="field")


def _file_facts() -> rx.Component:
    return rx.cond(
        Import.file_facts != "",
        rx.el.div(
            ui.icon("file-spreadsheet"),
            rx.el.div(
                rx.el.b(Import.file_name, id="file-name"),
                rx.el.div(Import.file_facts, class_name="mute num"),
                rx.el.div(_read_as(), " ", _change_format(), class_name="mute"),
                class_name="grow",
            ),
            ui.icon_button(tr("import.drop_file"), "x", small=True, on_click=Import.discard()),
            class_name="row g3",
            style={"alignItems": "flex-start"},
        ),
    )


def _who_and_where() -> list[rx.Component]:
    return [
        _choice(
            "kind",
            tr("import.kind"),
            [(str(kind), tr(f"import.kind.{kind}")) for kind in KINDS],
            Import.kind,
            Import.choose_kind,
        ),
        _choice(
            "target",
            tr("import.target"),
            [
                ("", tr("import.no_list")),
                (NEW_LIST, tr("import.new_list")),
                rx.foreach(Import.lists, lambda option: rx.el.option(option.label, value=option.value)),
            ],
            Import.target,
            Import.choose_target,
        ),
        rx.cond(
            Import.target == NEW_LIST,
            rx.el.div(
                rx.el.label(tr("import.list_name"), html_for="import-new_list"),
                rx.el.div(
                    rx.el.input(
                        id="import-new_list",
                        name="new_list",
                        default_value=Import.new_list,
                        max_length=200,
                        auto_focus=True,
                        custom_attrs=_said_wrong("new_list"),
                    ),
                    class_name="in",
                ),
                _error("new_list"),
                class_name="field",
            ),
        ),
    ]


def _choice(name: str, label: Any, options: list[Any], value: Any, on_change: Any) -> rx.Component:
    """A labelled select that acts at once; the error stands under it."""
    drawn = [rx.el.option(option[1], value=option[0]) if isinstance(option, tuple) else option for option in options]
    return rx.el.div(
        rx.el.label(label, html_for=f"import-{name}"),
        rx.el.div(
            rx.el.select(
                *drawn,
                id=f"import-{name}",
                name=name,
                value=value,
                on_change=on_change,
                custom_attrs=_said_wrong(name),
            ),
            ui.icon("chevron-down", 15),
            class_name="in select",
        ),
        _error(name),
        class_name="field",
    )


def _said_wrong(name: str) -> dict[str, Any]:
    return {
        "aria-invalid": rx.cond(Import.errors.contains(name), "true", "false"),
        "aria-describedby": f"import-{name}-error",
    }


def _error(name: str) -> rx.Component:
    return rx.cond(
        Import.errors.contains(name),
        rx.el.div(
            ui.icon("circle-alert", 14),
            rx.el.span(Import.errors[name]),
            class_name="err",
            id=f"import-{name}-error",
        ),
    )
