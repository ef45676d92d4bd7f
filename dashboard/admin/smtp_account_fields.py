"""The fields of an SMTP account's form, topic by topic. `form`: the state SmtpForm."""

from typing import Any

import reflex as rx

from dashboard import ui
from dashboard.i18n import tr
from models.smtp_account import DkimAlgorithm, SignIn, Tls


def place(form: Any) -> list[rx.Component]:
    """Which server, and how the connection to it is secured."""
    return [
        ui.text_field(form, "name", tr("smtp.name"), whole=True, auto_focus=True, max_length=253),
        ui.text_field(form, "host", tr("smtp.host"), placeholder="smtp.example.com", auto_complete="off"),
        ui.number_field(form, "port", tr("smtp.port"), hint=tr("smtp.tls_hint")),
        ui.select_field(form, "tls", tr("smtp.tls"), [(str(way), tr(f"smtp.tls.{way}")) for way in Tls]),
        ui.switch_field(
            form,
            "check_certificate",
            tr("smtp.check_certificate"),
            hint=tr("smtp.check_hint"),
            whole=False,
            custom_attrs={"data-guard": ""},
        ),
    ]


def sign_in(form: Any) -> list[rx.Component]:
    """With a password or with tokens: the fields of the one that is chosen."""
    ways = [(str(way), tr(f"smtp.sign_in.{way}")) for way in SignIn]
    kept = rx.cond(form.editing > 0, tr("smtp.secret_kept"), "")
    password = ui.password_field(form, "password", tr("smtp.password"), optional=True, hint=kept, whole=True)
    place = "https://login.example.com/oauth2/token"
    tokens = rx.fragment(
        ui.text_field(form, "token_url", tr("smtp.token_url"), hint=tr("smtp.token_url_hint"), placeholder=place),
        ui.text_field(form, "client_id", tr("smtp.client_id"), auto_complete="off"),
        ui.password_field(form, "client_secret", tr("smtp.client_secret"), optional=True, hint=kept),
        ui.password_field(form, "refresh_token", tr("smtp.refresh_token"), hint=kept),
    )
    return [
        ui.select_field(
            form, "sign_in", tr("smtp.sign_in"), ways, hint=tr("smtp.sign_in_hint"), on_change=form.choose_sign_in
        ),
        ui.text_field(form, "username", tr("smtp.username"), optional=True, auto_complete="off"),
        rx.cond(form.sign_in == SignIn.XOAUTH2, tokens, password),
    ]


def sender(form: Any) -> list[rx.Component]:
    """From whom, and how much."""
    return [
        ui.text_field(form, "from_name", tr("smtp.from_name"), optional=True),
        ui.text_field(form, "from_address", tr("smtp.from_address"), optional=True, input_mode="email"),
        ui.number_field(form, "max_per_hour", tr("smtp.max_per_hour"), optional=True, hint=tr("smtp.limit_hint")),
        ui.number_field(form, "weight", tr("smtp.weight"), hint=tr("smtp.weight_hint")),
        ui.switch_field(form, "stand_by", tr("smtp.stand_by"), hint=tr("smtp.stand_by_hint")),
    ]


def bears(form: Any) -> rx.Component:
    """What the server bears, and how patient the client is."""
    seconds = {"unit": tr("smtp.seconds")}
    return ui.more(
        tr("smtp.bears"),
        ui.number_field(form, "connections", tr("smtp.connections"), hint=tr("smtp.connections_hint")),
        ui.number_field(
            form, "messages_per_connection", tr("smtp.messages_per_connection"), hint=tr("smtp.messages_hint")
        ),
        ui.number_field(form, "connect_seconds", tr("smtp.connect_seconds"), **seconds),
        ui.number_field(form, "reply_seconds", tr("smtp.reply_seconds"), **seconds),
        ui.number_field(form, "answer_seconds", tr("smtp.answer_seconds"), hint=tr("smtp.answer_hint"), **seconds),
        opened=form.bears_open,
    )


def signature(form: Any) -> rx.Component:
    """DKIM: for which domain, with which key, and what to publish."""
    kinds = [(str(kind), tr(f"smtp.dkim_algorithm.{kind}")) for kind in DkimAlgorithm]
    key_hint = rx.cond(form.editing > 0, tr("smtp.dkim_key_kept"), tr("smtp.dkim_key_hint"))
    generate = ui.button(
        tr("smtp.dkim_generate"), icon_name="key-round", type="submit", busy=form.making_key, on_click=form.key_only()
    )
    return ui.more(
        tr("smtp.dkim"),
        rx.el.p(tr("smtp.dkim_about"), class_name="whole mute small"),
        ui.text_field(form, "dkim_domain", tr("smtp.dkim_domain"), optional=True, hint=tr("smtp.dkim_domain_hint")),
        ui.text_field(form, "dkim_selector", tr("smtp.dkim_selector"), hint=tr("smtp.dkim_selector_hint")),
        ui.select_field(form, "dkim_algorithm", tr("smtp.dkim_algorithm"), kinds),
        rx.el.div(generate, class_name="row beside"),
        rx.cond(form.record_name != "", rx.el.div(_record(form), class_name="whole", role="status")),
        ui.text_area(form, "dkim_key", tr("smtp.dkim_key"), rows=3, mono=True, optional=True, hint=key_hint),
        opened=form.signature_open,
    )


def _record(form: Any) -> rx.Component:
    def part(value: Any, copy: Any) -> rx.Component:
        return rx.el.span(
            rx.el.span(value, class_name="mono anywhere"), ui.copy_button(value, copy), class_name="row top"
        )

    return ui.note(
        rx.cond(form.key_is_new, tr("smtp.dkim_new"), ""),
        ui.facts(
            (tr("smtp.dkim_name"), part(form.record_name, tr("smtp.dkim_copy_name"))),
            (tr("smtp.dkim_value"), part(form.record_value, tr("smtp.dkim_copy_value"))),
        ),
        title=tr("smtp.dkim_publish"),
        icon_name="globe",
    )
