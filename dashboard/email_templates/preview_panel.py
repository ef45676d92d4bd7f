"""The right half of the editor: the mail as a person would read it."""

from typing import Any

import reflex as rx

from dashboard import ui
from dashboard.email_templates.preview import VIEWS, TemplatePreview
from dashboard.i18n import tr

HEIGHT = "max(480px, calc(100vh - 400px))"


def preview_panel(example: Any) -> rx.Component:
    """The panel; `example`: the act that stands there while nothing is written."""
    state = TemplatePreview
    return rx.el.section(
        _bar(),
        _person(),
        rx.cond(state.blank, _nothing(example), rx.cond(_unshown(state), _cannot(), _mail())),
        class_name="panel flush",
        aria_label=tr("templates.preview"),
        id="preview",
        custom_attrs={"data-stale": rx.cond(state.stale, "true", "false")},
    )


def _unshown(state: Any) -> Any:
    return state.stale & (state.html == "") & (state.text == "")


def _bar() -> rx.Component:
    state = TemplatePreview
    stale = rx.el.span(rx.el.span(class_name="pulse"), tr("templates.before_error"), class_name="live late")
    fresh = rx.el.span(rx.el.span(class_name="pulse"), tr("templates.as_you_type"), class_name="live")
    return rx.el.div(
        rx.el.div(
            *[_view(view, icon_name) for view, icon_name in VIEWS.items()],
            class_name="seg",
            role="radiogroup",
            aria_label=tr("templates.preview_as"),
        ),
        rx.el.span(rx.cond(state.stale, stale, fresh), class_name="end", role="status"),
        class_name="panel-h tools",
    )


def _view(view: str, icon_name: str) -> rx.Component:
    state, key = TemplatePreview, "as_text" if view == "text" else view
    return rx.el.button(
        ui.icon(icon_name, 14, class_name="only-desk"),
        rx.el.span(tr(f"templates.{key}")),
        type="button",
        role="radio",
        title=tr(f"templates.{key}"),
        on_click=state.choose_view(view),
        custom_attrs={"aria-checked": rx.cond(state.view == view, "true", "false")},
    )


def _person() -> rx.Component:
    state = TemplatePreview
    who = rx.el.div(
        rx.el.span(state.initials, class_name="ava", aria_hidden="true"),
        rx.el.span(state.name, class_name="strong trunc", id="preview-person"),
        rx.el.span(state.kind, class_name="mute nowrap wide-label"),
        rx.cond(
            ~state.nobody, rx.el.span(state.place_text, class_name="mute num nowrap", style={"marginLeft": "auto"})
        ),
        ui.icon_button(
            tr("templates.previous_person"),
            "chevron-left",
            small=True,
            on_click=state.step(-1),
            disabled=state.nobody | (state.place <= 1),
        ),
        ui.icon_button(
            tr("templates.next_person"),
            "chevron-right",
            small=True,
            on_click=state.step(1),
            disabled=state.nobody | (state.place >= state.total),
        ),
        class_name="in grow person",
    )
    find = rx.el.label(
        ui.icon("search", 15),
        ui.spoken(tr("templates.person")),
        rx.el.input(
            type="search",
            default_value="",
            placeholder=tr("templates.find_person"),
            on_change=state.find.debounce(250),
            auto_complete="off",
            id="preview-search",
        ),
        class_name="in",
        style={"flex": "0 1 150px"},
    )
    empty = rx.el.button(
        ui.icon("user-x", 15),
        rx.el.span(tr("templates.empty_fields"), class_name="wide-label"),
        type="button",
        title=tr("templates.empty_fields"),
        class_name=rx.cond(state.nobody, "btn on", "btn"),
        on_click=state.toggle_nobody(),
        custom_attrs={"aria-pressed": rx.cond(state.nobody, "true", "false")},
    )
    return rx.el.div(
        rx.el.div(who, find, empty, class_name="row wrap"),
        ui.facts(
            (tr("templates.subject"), rx.el.span(state.subject, class_name="strong", id="preview-subject")),
            (tr("templates.teaser"), rx.el.span(state.teaser, class_name="mute trunc block")),
        ),
        class_name="col g3 preview-head",
    )


def _mail() -> rx.Component:
    state = TemplatePreview
    shown = rx.cond(
        (state.view == "text") | (state.html == ""),
        rx.el.pre(state.text, class_name="code preview-text", style={"minHeight": HEIGHT}, id="preview-plain"),
        ui.mail_frame(state.html, tr("templates.preview_of"), phone=state.view == "phone", height=HEIGHT),
    )
    return rx.fragment(
        rx.el.div(shown, class_name=rx.cond(state.stale, "faded", "")), rx.cond(state.html != "", _foot())
    )


def _foot() -> rx.Component:
    state = TemplatePreview
    said = rx.cond(
        state.view == "dark",
        rx.cond(state.dark_own, tr("templates.dark_own"), tr("templates.dark_turned")),
        tr("templates.images_hint"),
    )
    load = ui.button(
        rx.cond(state.images, tr("templates.images_loaded"), tr("templates.load_images")),
        icon_name="image",
        small=True,
        on_click=state.load_images(),
        custom_attrs={"aria-pressed": rx.cond(state.images, "true", "false")},
    )
    return rx.el.div(rx.el.span(said), rx.el.div(load, class_name="end"), class_name="foot")


def _nothing(example: Any) -> rx.Component:
    return ui.empty(
        tr("templates.nothing_yet"), tr("templates.nothing_yet_text"), icon_name="eye", acts=[ui.for_editors(example)]
    )


def _cannot() -> rx.Component:
    return ui.empty(tr("templates.cannot_show"), tr("templates.cannot_show_text"), icon_name="circle-alert")
