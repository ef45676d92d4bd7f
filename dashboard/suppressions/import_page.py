"""The import of suppressions: a file is looked at, what it would do is said, and one press does it."""

import reflex as rx

from dashboard import routes, ui
from dashboard.acts.long_work import work_progress
from dashboard.i18n import Prefs, tr, tr_with
from dashboard.suppressions.import_files import LARGEST
from dashboard.suppressions.import_state import IMPORTABLE, ProblemLine, SuppressionImport
from models.suppression_form import MOST_NOTE

UPLOAD = "suppressions-file"


def import_page() -> rx.Component:
    """The page, part by part."""
    state = SuppressionImport
    return ui.page(
        ui.page_header(tr("suppressions.import_title"), facts=[tr("suppressions.import_about")]),
        rx.cond(
            Prefs.can_edit,
            rx.cond(state.done, _ended(), _form()),
            ui.no_rights(tr("suppressions.import_no_right")),
        ),
        here="suppressions",
        crumbs=[
            (tr("nav.suppressions"), routes.SUPPRESSIONS),
            (tr("suppressions.import"), routes.SUPPRESSIONS_IMPORT),
        ],
    )


def _form() -> rx.Component:
    state = SuppressionImport
    reasons = [(reason.value, tr(f"suppressions.is.{reason}")) for reason in IMPORTABLE]
    return rx.el.form(
        ui.form_problems(state),
        ui.topic(
            tr("import.file"),
            tr("suppressions.file_text"),
            rx.el.div(_drop_zone(), _file_facts(), class_name="col g3 whole"),
        ),
        ui.topic(
            tr("suppressions.defaults"),
            tr("suppressions.defaults_text"),
            ui.select_field(
                state,
                "reason",
                tr("suppressions.reason"),
                reasons,
                on_change=state.choose_reason,
                disabled=state.working,
            ),
            ui.moment_field(state, "until", tr("suppressions.until"), optional=True),
            ui.text_field(state, "note", tr("suppressions.note"), optional=True, whole=True, max_length=MOST_NOTE),
        ),
        rx.cond(state.working, ui.panel(work_progress(state))),
        rx.cond(state.checked, _outcome()),
        rx.el.div(
            rx.el.span(tr("import.nothing_written"), class_name="mute"),
            rx.el.div(
                ui.button(
                    rx.cond(
                        state.checked,
                        tr_with("suppressions.import_count", count=state.new),
                        tr("suppressions.import"),
                    ),
                    look="pri",
                    type="submit",
                    busy=state.working,
                    disabled=~state.checked | (state.new == 0),
                ),
                class_name="end",
            ),
            class_name="panel save",
        ),
        class_name="form",
        on_submit=state.start,
        key=state.serial.to_string(),
        no_validate=True,
        custom_attrs={"data-main": ""},
    )


def _drop_zone() -> rx.Component:
    """A file is sent as soon as it is chosen or dropped."""
    state = SuppressionImport
    inside = rx.cond(
        state.reading,
        rx.el.p(tr("import.uploading"), class_name="mute", role="status"),
        rx.fragment(
            ui.icon("file-up", 20),
            rx.el.p(rx.el.b(tr("import.drop")), rx.el.span(tr("suppressions.drop_hint"), class_name="mute")),
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
        on_drop=state.take_file(rx.upload_files(upload_id=UPLOAD)),
        on_drop_rejected=state.reject_file,
    )
    zone.children[0].children[0].custom_attrs = {"aria-label": tr("import.choose")}  # Reflex's input has no other name
    return rx.el.div(zone, _file_error(), class_name="field")


def _file_error() -> rx.Component:
    state = SuppressionImport
    return rx.cond(
        state.errors.contains("file"),
        rx.el.div(ui.icon("circle-alert", 14), rx.el.span(state.errors["file"]), class_name="err", role="alert"),
    )


def _file_facts() -> rx.Component:
    state = SuppressionImport
    return rx.cond(
        state.file_name != "",
        rx.el.div(
            ui.icon("file-spreadsheet"),
            rx.el.div(
                rx.el.b(state.file_name),
                rx.el.div(state.file_facts, class_name="mute num"),
                rx.el.div(state.columns_read, class_name="mute"),
                class_name="grow",
            ),
            ui.icon_button(tr("import.drop_file"), "x", small=True, on_click=state.discard()),
            class_name="row g3",
            style={"alignItems": "flex-start"},
        ),
    )


def _outcome() -> rx.Component:
    """What would be done, or was: sums that add up, and the rows that are left out."""
    state = SuppressionImport
    return ui.panel(
        ui.facts(
            (tr("suppressions.rows"), rx.el.span(state.rows_said, class_name="num")),
            (tr("suppressions.new"), rx.el.b(state.new_said, class_name="num")),
            (tr("suppressions.already"), rx.el.span(state.already_said, class_name="num")),
            (tr("suppressions.left_out"), rx.el.span(state.problems_said, class_name="num")),
        ),
        rx.cond(state.problems.length() > 0, _problems()),
        title=tr("import.result"),
    )


def _problems() -> rx.Component:
    state = SuppressionImport

    def line(row: rx.Var[ProblemLine]) -> rx.Component:
        return rx.el.div(
            rx.el.div(row.address, class_name="mono", style={"overflowWrap": "anywhere"}),
            rx.el.div(row.where, " · ", row.problem, class_name="mute small num"),
        )

    return rx.el.div(
        rx.el.div(tr("import.problem_rows"), class_name="strong"),
        rx.foreach(state.problems, line),
        ui.server_link(
            tr("import.download_problems"), to=state.problems_href, class_name="link", download="", target="_blank"
        ),
        class_name="col g3",
        style={"marginTop": "12px"},
    )


def _ended() -> rx.Component:
    state = SuppressionImport
    return rx.fragment(
        rx.cond(
            state.stopped,
            ui.note(tr("suppressions.stopped_text"), tone="warn", title=tr("suppressions.stopped"), alert=True),
            ui.note(tr_with("suppressions.imported", count=state.new), tone="ok", title=tr("import.done"), alert=True),
        ),
        rx.cond(~state.stopped, _outcome()),
        rx.el.div(
            ui.button(tr("import.another"), icon_name="upload", on_click=state.discard()),
            rx.el.div(
                ui.button(tr("suppressions.open_list"), look="pri", icon_name="shield-ban", to=routes.SUPPRESSIONS),
                class_name="end",
            ),
            class_name="panel save",
        ),
    )
