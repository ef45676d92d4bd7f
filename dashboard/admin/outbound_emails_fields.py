"""The fields of Outbound Emails, topic by topic. `form`: the state OutboundPage."""

from typing import Any, Final
from zoneinfo import available_timezones

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import tr
from models.catalogue import Language
from models.outbound_emails import IpAddresses
from models.scheduled_job import SEND_MASS_EMAILS

FOLLOWED: Final = ("portion_size", "max_per_hour", "max_per_minute", "site_url", "brand_color")
"""What the page says something about while it is typed."""
ZONES: Final = sorted(available_timezones())


def limits(form: Any) -> rx.Component:
    """How much leaves in one run and in an hour, and what that comes to."""
    job = ui.text_link(tr("scheduled_job.send_mass_emails"), routes.to(routes.SCHEDULED_JOBS, job=SEND_MASS_EMAILS))
    return ui.topic(
        tr("outbound.limits"),
        tr("outbound.limits_text"),
        _number(form, "portion_size", "outbound.people", hint=tr("outbound.portion_hint")),
        _number(form, "max_per_hour", "outbound.per_hour", hint=tr("outbound.hour_hint")),
        _number(form, "max_per_minute", "outbound.per_minute", hint=tr("outbound.minute_hint"), optional=True),
        rx.el.div(
            rx.el.span(tr("outbound.interval"), class_name="lab"),
            rx.el.div(form.interval, id="job-interval", style={"lineHeight": "32px"}),
            rx.el.div(tr("outbound.interval_hint"), " ", job, class_name="hint"),
            class_name="field",
        ),
        rx.el.div(
            rx.cond(form.pace != "", ui.note(form.pace_text, title=form.pace, icon_name="gauge")),
            class_name="whole",
            id="pace",
            role="status",
        ),
    )


def per_domain(form: Any) -> rx.Component:
    """How much one domain gets."""
    return ui.topic(
        tr("outbound.per_domain"),
        tr("outbound.per_domain_text"),
        _number(form, "max_per_hour_per_domain", "outbound.per_hour", hint=tr("outbound.domain_hint"), optional=True),
        _number(
            form, "max_per_minute_per_domain", "outbound.per_minute", hint=tr("outbound.domain_hint"), optional=True
        ),
    )


def times(form: Any) -> rx.Component:
    """When mail may leave, and for how long it is tried."""
    return ui.topic(
        tr("outbound.times"),
        tr("outbound.times_text"),
        ui.window_field(form, "sending_window", tr("outbound.sending_window"), hint=tr("outbound.window_hint")),
        _number(form, "undo_minutes", "outbound.minutes", hint=tr("outbound.undo_hint")),
        _number(form, "give_up_after_days", "outbound.days", hint=tr("outbound.give_up_hint")),
    )


def soft_bounces(form: Any) -> rx.Component:
    """When an address that is refused for the time being, again and again, is given up."""
    return ui.topic(
        tr("outbound.soft_bounces"),
        tr("outbound.soft_bounces_text"),
        _number(form, "soft_bounce_count", "outbound.mass_emails", hint=tr("outbound.soft_bounce_count_hint")),
        _number(form, "soft_bounce_days", "outbound.days", hint=tr("outbound.soft_bounce_days_hint")),
    )


def opt_out(form: Any) -> rx.Component:
    """How people leave."""
    return ui.topic(
        tr("outbound.opt_out"),
        tr("outbound.opt_out_text"),
        ui.switch_field(form, "mandatory_opt_out_link", tr("outbound.mandatory"), hint=tr("outbound.mandatory_hint")),
        ui.switch_field(
            form, "opt_out_entirely_by_default", tr("outbound.entirely"), hint=tr("outbound.entirely_hint")
        ),
    )


def sender(form: Any) -> rx.Component:
    """In whose name mail leaves."""
    swatch = rx.el.span(class_name="swatch", style={"background": form.brand}, aria_hidden="true")
    return ui.topic(
        tr("outbound.sender"),
        tr("outbound.sender_text"),
        ui.text_field(form, "from_name", tr("outbound.from_name"), max_length=200),
        ui.text_field(form, "from_address", tr("outbound.from_address"), input_mode="email", max_length=254),
        ui.text_field(form, "company", tr("outbound.company"), max_length=200),
        ui.text_field(
            form,
            "brand_color",
            tr("outbound.brand_color"),
            unit=swatch,
            max_length=7,
            on_change=_follows(form, "brand_color"),
        ),
        ui.text_field(
            form,
            "postal_address",
            tr("outbound.postal_address"),
            hint=tr("outbound.postal_hint"),
            whole=True,
            max_length=500,
        ),
    )


def site(form: Any) -> rx.Component:
    """Where links lead, and the language of Envoi’s own words."""
    return ui.topic(
        tr("outbound.site"),
        tr("outbound.site_text"),
        ui.text_field(
            form,
            "site_url",
            tr("outbound.site_url"),
            hint=tr("outbound.site_hint"),
            whole=True,
            input_mode="url",
            placeholder="https://mail.example.com",
            on_change=_follows(form, "site_url"),
        ),
        rx.cond(
            form.warning != "",
            rx.el.div(ui.note(form.warning, tone="warn"), class_name="whole", id="site-url-warning", role="status"),
        ),
        ui.select_field(form, "time_zone", tr("outbound.time_zone"), [(zone, zone) for zone in ZONES]),
        ui.select_field(
            form,
            "language",
            tr("outbound.language"),
            [(str(language), tr(f"outbound.language.{language}")) for language in Language],
            hint=tr("outbound.language_hint"),
        ),
    )


def privacy(form: Any) -> rx.Component:
    """What is kept of those who open, click and opt out."""
    choices = [(str(how), tr(f"outbound.ip_addresses.{how}")) for how in IpAddresses]
    hint, label = tr("outbound.ip_hint"), tr("outbound.ip_addresses")
    return ui.topic(
        tr("outbound.privacy"),
        tr("outbound.privacy_text"),
        ui.select_field(form, "ip_addresses", label, choices, hint=hint, whole=True),
        _number(form, "keep_visits_days", "outbound.days", hint=tr("outbound.keep_visits_hint"), optional=True),
        _number(form, "keep_log_days", "outbound.days", hint=tr("outbound.keep_log_hint"), optional=True),
    )


def keeping(form: Any) -> rx.Component:
    """What Clean Up leaves, and how a worker stops."""
    return ui.topic(
        tr("outbound.keeping"),
        tr("outbound.keeping_text"),
        _number(form, "keep_job_runs_days", "outbound.days"),
        _number(form, "keep_caught_mails", "outbound.newest"),
        _number(form, "keep_mails_days", "outbound.days", hint=tr("outbound.keep_mails_hint")),
        _number(form, "stop_wait_seconds", "outbound.seconds"),
    )


def _number(form: Any, name: str, unit: str, **more: Any) -> rx.Component:
    follows = {"on_change": _follows(form, name)} if name in FOLLOWED else {}
    return ui.number_field(form, name, tr(f"outbound.{name}"), unit=tr(unit), **follows, **more)


def _follows(form: Any, name: str) -> Any:
    return lambda typed: form.follow(name, typed).debounce(250)
