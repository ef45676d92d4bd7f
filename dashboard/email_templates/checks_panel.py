"""What the checks say of the draft, errors first, each with a way to its place."""

from typing import Any

import reflex as rx

from dashboard import ui
from dashboard.email_templates.preview import CheckLine, TemplatePreview
from dashboard.i18n import tr, tr_with
from models.template_advice import Level


def checks_panel(show_part: Any) -> rx.Component:
    """What the checks say, errors first. `show_part(part)`: the event that opens the part an error is in."""
    state = TemplatePreview
    return ui.panel(
        ui.panel_head(tr("templates.checks"), _counts()),
        rx.el.div(rx.foreach(state.checks, lambda check: _check(check, show_part)), class_name="lines", id="checks"),
        padded=False,
    )


def _counts() -> rx.Component:
    state = TemplatePreview

    def count(level: Level, icon_name: str, ink: str, key: str) -> rx.Component:
        number = state.counts[level]
        return rx.cond(
            number > 0,
            rx.el.span(
                ui.icon(icon_name, 14, class_name=ink), number, class_name="st num", title=tr_with(key, count=number)
            ),
        )

    return rx.el.span(
        count(Level.ERROR, "circle-x", "ink-bad", "templates.errors"),
        count(Level.WARNING, "triangle-alert", "ink-warn", "templates.warnings"),
        count(Level.FINE, "circle-check", "ink-ok", "templates.fine"),
        class_name="row g3",
    )


def _check(check: rx.Var[CheckLine], show_part: Any) -> rx.Component:
    sign = rx.match(
        check.level,
        (str(Level.ERROR), ui.icon("circle-x", 15, class_name="ink-bad")),
        (str(Level.WARNING), ui.icon("triangle-alert", 15, class_name="ink-warn")),
        ui.icon("circle-check", 15, class_name="ink-ok"),
    )
    word = rx.match(
        check.level,
        (str(Level.ERROR), tr("templates.level.error")),
        (str(Level.WARNING), tr("templates.level.warning")),
        tr("templates.level.fine"),
    )
    show = rx.el.button(
        tr("templates.show"),
        type="button",
        class_name="link",
        on_click=show_part(check.part),
        custom_attrs={"data-part": check.part, "data-line": check.line, "data-column": check.column},
    )
    give_default = rx.el.button(
        tr("templates.set_default"), type="button", class_name="link", custom_attrs={"data-default": check.code}
    )
    return rx.el.div(
        sign,
        ui.spoken(word),
        rx.el.span(check.words, class_name="grow"),
        rx.cond(check.line > 0, show),
        rx.cond(check.code != "", ui.for_editors(give_default)),
        class_name="row check",
        custom_attrs={"data-level": check.level},
    )
