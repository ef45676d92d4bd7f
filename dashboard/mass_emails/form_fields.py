"""The fields of a mass email's form, topic by topic. `form`: the state MassEmailForm."""

from typing import Any
from zoneinfo import available_timezones

import reflex as rx

from dashboard import ui
from dashboard.i18n import tr
from dashboard.mass_emails.form_values import FIRST, LABELS, LISTS, SWITCHES
from models.tracking import Tracking


def when(form: Any) -> list[rx.Component]:
    """Its name, when it starts, and whether it does."""
    zones = rx.el.datalist(*[rx.el.option(value=zone) for zone in sorted(available_timezones())], id="zones")
    words = [(status.value, tr(f"status.{status}")) for status in FIRST]
    return [
        ui.text_field(form, "name", tr(LABELS["name"]), whole=True, max_length=200),
        _unless_fixed(form, "start_at", ui.text_field(form, "start_at", tr(LABELS["start_at"]), kind="datetime-local")),
        _unless_fixed(
            form,
            "zone",
            rx.fragment(
                ui.text_field(form, "zone", tr(LABELS["zone"]), auto_complete="off", list="zones"),
                zones,
            ),
        ),
        _unless_fixed(
            form,
            "status",
            ui.select_field(
                form, "status", tr(LABELS["status"]), words, hint=tr("mass_emails.status_hint"), whole=True
            ),
        ),
    ]


def window(form: Any) -> rx.Component:
    """Between which hours it may leave."""
    field = ui.window_field(form, "sending_window", tr("mass_emails.window_open"), hint=tr("mass_emails.window_hint"))
    return _unless_fixed(form, "sending_window", field)


def template(form: Any) -> rx.Component:
    """Which template it sends."""
    field = ui.select_field(
        form, "template", tr(LABELS["template"]), form.templates, hint=tr("mass_emails.template_hint"), whole=True
    )
    return _unless_fixed(form, "template", field)


def who(form: Any) -> list[rx.Component]:
    """Whom it goes to, and whom not."""
    target = ui.lists_field(form, "target_lists", tr(LABELS["target_lists"]), form.lists)
    excluded = ui.lists_field(
        form,
        "excluded_lists",
        tr(LABELS["excluded_lists"]),
        form.lists,
        hint=tr("mass_emails.excluded_hint"),
        optional=True,
    )
    return [_unless_fixed(form, "target_lists", target), _unless_fixed(form, "excluded_lists", excluded)]


def sender(form: Any) -> list[rx.Component]:
    """By which account it leaves, and under which names."""
    account = ui.select_field(form, "smtp_account", tr(LABELS["smtp_account"]), form.accounts, whole=True)
    as_set = tr("mass_emails.as_set")
    return [
        _unless_fixed(form, "smtp_account", account),
        *[
            _unless_fixed(form, name, ui.text_field(form, name, tr(LABELS[name]), optional=True, placeholder=as_set))
            for name in ("from_name", "from_address", "reply_to")
        ],
    ]


def switches(form: Any) -> list[rx.Component]:
    """What is tracked and kept, and what opting out means."""
    quiet = rx.el.div(ui.note(tr("mass_emails.informational")), class_name="whole")
    choices = [(one.value, tr(f"mass_emails.tracking.{one}")) for one in Tracking]
    tracking = ui.select_field(
        form, "tracking", tr(LABELS["tracking"]), choices, hint=tr("mass_emails.tracking_hint"), whole=True
    )
    return [
        rx.cond(form.informational, quiet),
        _unless_fixed(form, "tracking", tracking),
        *[
            _unless_fixed(
                form, name, ui.switch_field(form, name, tr(LABELS[name]), hint=tr(f"mass_emails.{name}_hint"))
            )
            for name in SWITCHES
        ],
    ]


def _unless_fixed(form: Any, name: str, field: rx.Component) -> rx.Component:
    """The field, or what it holds when it can no longer be changed."""
    held = rx.el.div(
        rx.el.span(tr(LABELS[name]), class_name="lab"),
        rx.el.span(form.shown[name], class_name="mute"),
        class_name="field whole"
        if name in (*LISTS, *SWITCHES, "sending_window", "template", "status", "smtp_account", "tracking")
        else "field",
    )
    return rx.cond(form.fixed.contains(name), held, field)
