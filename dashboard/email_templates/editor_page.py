"""The editor of an email template: source left, preview for a real person right, checks below. Also /new."""

from typing import Final

import reflex as rx

from dashboard import routes, ui
from dashboard.email_templates.checks_panel import checks_panel
from dashboard.email_templates.editor import PARTS, TemplateEditor
from dashboard.email_templates.pickers import placeholder_picker, tracking_url_picker
from dashboard.email_templates.preview import TemplatePreview
from dashboard.email_templates.preview_panel import preview_panel
from dashboard.email_templates.source_editor import source_editor, source_file, unsaved_guard
from dashboard.email_templates.versions import TemplateVersions, diff, versions_dialog
from dashboard.i18n import Prefs, tr, tr_with

FORM: Final = "template-form"
HEIGHT: Final = "clamp(320px, calc(100vh - 520px), 720px)"


def email_template_page() -> rx.Component:
    """The page, part by part."""
    state = TemplateEditor
    title = rx.cond(state.name != "", state.name, tr("templates.new"))
    return ui.page(
        rx.cond(
            state.ready,
            rx.cond(state.missing, _missing(), rx.fragment(_header(title), _conflict(), _wrong(), _halves())),
            ui.skeleton_rows(),
        ),
        versions_dialog(state.restore(), state.unsaved),
        here="email_templates",
        crumbs=[
            (tr("nav.email_templates"), routes.EMAIL_TEMPLATES),
            (rx.cond(state.missing, tr("template.noun"), title), routes.EMAIL_TEMPLATE_NEW),
        ],
    )


def _header(title: rx.Var[str]) -> rx.Component:
    state = TemplateEditor
    number = state.version + 1
    badge = rx.cond(
        state.unsaved,
        rx.cond(state.editing > 0, tr_with("templates.unsaved_version", number=number), tr("templates.not_saved")),
        rx.cond(state.editing > 0, tr_with("templates.is_version", number=state.version), tr("templates.not_saved")),
    )
    versions = ui.button(
        tr("templates.versions"), icon_name="history", on_click=TemplateVersions.open(state.editing), id="versions"
    )
    save = ui.button(
        rx.cond(state.conflict != "", tr("form.keep_mine"), tr("ui.save")),
        icon_name="check",
        look="pri",
        type="submit",
        form=FORM,
        busy=state.saving,
        id="save",
    )
    return ui.page_header(
        title,
        badges=[ui.plain_badge(badge)],
        acts=[rx.cond(state.editing > 0, versions), ui.for_editors(save)],
        facts=[_users()],
    )


def _users() -> rx.Component:
    state = TemplateEditor
    named = rx.el.span(
        tr("templates.used_in"),
        rx.foreach(state.users, lambda one: ui.link(one.name, to=one.href, class_name="open")),
        rx.cond(state.more_users > 0, rx.el.span(tr_with("templates.and_more", count=state.more_users))),
        class_name="row wrap",
    )
    return rx.cond(state.users.length() > 0, named, rx.el.span(tr("templates.not_used")))


def _conflict() -> rx.Component:
    state = TemplateEditor
    return rx.cond(
        state.conflict != "",
        ui.note(
            rx.el.div(tr("templates.conflict_text"), " ", tr("templates.conflict_lines")),
            diff(state.differs),
            tone="warn",
            icon_name="users",
            title=state.conflict,
            end=ui.button(tr("templates.take_theirs"), small=True, on_click=state.take_stored()),
            alert=True,
        ),
    )


def _wrong() -> rx.Component:
    state = TemplateEditor
    return rx.cond(
        state.error_count > 0,
        ui.note(
            tr("form.nothing_lost"),
            tone="bad",
            title=tr_with("form.to_correct", count=state.error_count),
            alert=True,
        ),
    )


def _halves() -> rx.Component:
    state = TemplateEditor
    example = ui.button(tr("templates.from_example"), icon_name="sparkles", on_click=state.start_from_example())
    form = rx.el.form(
        ui.panel(_names()),
        _source(),
        checks_panel(state.show_part),
        unsaved_guard(FORM, state),
        id=FORM,
        class_name="col g4",
        on_submit=state.save,
        no_validate=True,
        custom_attrs={"data-main": "", "data-serial": state.serial, "data-saves": state.saves},
    )
    return rx.el.div(form, preview_panel(example), class_name="g cols-half")


def _names() -> rx.Component:
    state = TemplateEditor
    typed = {"key": state.serial, "read_only": ~Prefs.can_edit, "auto_complete": "off"}
    return ui.fields(
        ui.text_field(
            state, "name", tr("templates.name"), max_length=200, on_change=state.write_name.debounce(300), **typed
        ),
        ui.text_field(
            state,
            "subject",
            tr("templates.subject"),
            max_length=500,
            class_name="writes",
            on_change=lambda text: state.write("subject", text).debounce(300),
            **typed,
        ),
    )


def _source() -> rx.Component:
    state = TemplateEditor
    tools = rx.el.span(
        placeholder_picker(),
        tracking_url_picker(),
        rx.cond(
            state.part == "html",
            source_file(
                "html", ui.icon("upload", 15), rx.el.span(tr("templates.load_file")), on_refused=state.refuse_file
            ),
        ),
        class_name="end row wrap",
    )
    parts = [(part, tr(f"templates.{part}")) for part in PARTS]
    return rx.el.section(
        rx.el.div(
            ui.segments(state.part, parts, state.show_part, tr("templates.parts")),
            ui.for_editors(tools),
            class_name="panel-h tools",
        ),
        *[_part(part) for part in PARTS],
        class_name="panel flush",
        aria_label=tr("templates.source"),
    )


def _part(part: str) -> rx.Component:
    state = TemplateEditor
    error = rx.cond(
        state.errors.contains(part),
        rx.el.div(
            ui.icon("circle-alert", 14),
            rx.el.span(state.errors[part]),
            class_name="err",
            role="alert",
            id=f"{part}-error",
        ),
    )
    return rx.el.div(
        source_editor(
            state,
            part,
            tr(f"templates.{part}_label"),
            hint=tr(f"templates.{part}_hint"),
            height=HEIGHT,
            read_only=~Prefs.can_edit,
            choices=TemplatePreview.choices,
            faults=state.faults[part],
            on_write=lambda text: state.write(part, text),
        ),
        error,
        class_name="source-part",
        style={"display": rx.cond(state.part == part, "block", "none")},
    )


def _missing() -> rx.Component:
    return ui.missing(
        tr("templates.gone"),
        tr("templates.gone_text"),
        icon_name="file-x",
        act=ui.button(tr("templates.all"), to=routes.EMAIL_TEMPLATES),
    )
