"""Create or edit a webhook: the address for the provider, what to do there, and what Envoi has to know of it."""

import secrets
from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from models import outbound_emails
from models.errors import Conflict, Invalid
from models.webhook import (
    Provider,
    WebhookRow,
    address_of,
    create_webhook,
    edit_webhook,
    get_key,
    get_webhook_row,
    new_key,
)

LABELS: Final = {name: f"webhook.{name}" for name in ("name", "provider", "username", "public_key", "topic_arn")}


class WebhookForm(ui.FormState, rx.State):
    """`editing`: the webhook's id, 0 for a new one. `provider`: as chosen, for the fields that hang on it. `address`:
    what the provider is told; a new one is shown before it is saved, for some want it before they say their key."""

    editing: int = 0
    provider: str = Provider.AMAZON_SES
    address: str = ""
    reachable: bool = True
    _key: str = ""

    @allowed(Right.ADMINISTER)
    async def create_new(self, user: Viewer):
        self._key = new_key()
        fresh = {**dict.fromkeys(LABELS, ""), "provider": Provider.AMAZON_SES, "active": "true", "secret": ""}
        await self._begin(0, {**fresh, "signed_secret": secrets.token_urlsafe(32)})

    @allowed(Right.ADMINISTER)
    async def edit_one(self, user: Viewer, webhook_id: int):
        found = await data.read(get_webhook_row, int(webhook_id))
        self._key = await data.read(get_key, found.id)
        await self._begin(found.id, _typed_values(found), found.revision)

    @allowed(Right.ADMINISTER)
    async def choose_provider(self, user: Viewer, value: str):
        """The fields follow."""
        self.provider = Provider(value) if value in set(Provider) else Provider.AMAZON_SES

    @allowed(Right.ADMINISTER)
    async def save(self, user: Viewer, given: dict[str, Any]):
        now, creating, values = data.now(), not self.editing, self._read(given)
        try:
            if creating:
                await data.run(create_webhook, values, now, by=user.email, key=self._key)
            else:
                await data.run(edit_webhook, self.editing, self._revision, values, now, by=user.email)
        except Invalid as error:
            return self._refuse(user, error)
        except Conflict as error:
            stored = await data.read(get_webhook_row, self.editing)
            return self._collide(user, error, _typed_values(stored), stored.revision, LABELS)
        self._leave()
        await ui.tell(self, say(user.language, "webhook.created" if creating else "webhook.saved"))
        return rx.redirect(routes.WEBHOOKS, replace=True)

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self._leave()

    async def _begin(self, webhook_id: int, values: dict[str, Any], revision: int = 0) -> None:
        setting = await data.read(outbound_emails.read)
        self.editing, self.provider = webhook_id, str(values["provider"])
        self.address = address_of(outbound_emails.public_url(setting), self._key)
        self.reachable = outbound_emails.site_url_warning(setting.site_url) is None
        self._open(values, revision)

    def _leave(self) -> None:
        """The address and the secret that was made do not stay in the browser."""
        self._close()
        self.values, self.address, self._key = {}, "", ""

    def _refuse(self, user: Viewer, error: Invalid) -> Any:
        """The secret of the signed one has a field of its own."""
        problems = dict(error.problems)
        if self.provider == Provider.SIGNED and "secret" in problems:
            problems["signed_secret"] = problems.pop("secret")
        return self._fail(user, Invalid(problems))

    def _read(self, given: dict[str, Any]) -> dict[str, object]:
        """As typed; a field that is not drawn is absent, and keeps what the webhook has."""
        typed = ui.Typed(given)
        values: dict[str, object] = {name: typed.text(name) for name in LABELS if name in typed.given}
        secret = "signed_secret" if self.provider == Provider.SIGNED else "secret"
        return values | {"active": typed.on("active"), "secret": typed.text(secret)}


def webhook_form() -> rx.Component:
    """The dialog; put it once on the page whose acts open it."""
    form = WebhookForm
    providers = [(str(one), tr(f"webhook.provider.{one}")) for one in Provider]
    stays = rx.match(form.provider, *providers, "")
    chosen = rx.cond(
        form.editing > 0,
        rx.el.div(rx.el.div(tr("webhook.provider"), class_name="lab"), rx.el.div(stays), class_name="field"),
        ui.select_field(form, "provider", tr("webhook.provider"), providers, on_change=form.choose_provider),
    )
    return ui.dialog(
        ui.form_problems(form),
        ui.fields(
            ui.text_field(form, "name", tr("webhook.name"), auto_focus=True, max_length=253, whole=False),
            chosen,
            _address(),
            _what_to_do(),
            *_trust_fields(),
            ui.switch_field(form, "active", tr("webhook.active")),
        ),
        title=rx.cond(form.editing > 0, tr("webhook.edit"), tr("webhook.create")),
        is_open=form.form_open,
        on_close=form.close(),
        acts=[
            ui.button(tr("ui.cancel"), on_click=form.close()),
            ui.button(
                rx.cond(
                    form.conflict != "",
                    tr("form.keep_mine"),
                    rx.cond(form.editing > 0, tr("ui.save"), tr("webhook.create")),
                ),
                look="pri",
                type="submit",
                busy=form.saving,
            ),
        ],
        width=760,
        form=form.save,
        form_key=form.serial,
    )


def _address() -> rx.Component:
    form = WebhookForm
    shown = rx.el.div(
        rx.el.code(form.address, class_name="grow trunc", id="webhook-address", title=form.address),
        ui.copy_button(form.address, tr("webhook.copy_address")),
        class_name="in",
    )
    local = ui.note(
        tr("webhook.no_site_url"),
        tone="warn",
        end=ui.text_link(tr("webhook.set_site_url"), routes.OUTBOUND_EMAILS),
    )
    return rx.el.div(
        rx.el.div(tr("webhook.address"), class_name="lab"),
        shown,
        rx.el.div(tr("webhook.address_hint"), class_name="hint"),
        rx.cond(form.reachable, rx.fragment(), local),
        class_name="field whole",
    )


def _what_to_do() -> rx.Component:
    words = rx.match(
        WebhookForm.provider, *[(str(one), tr(f"webhook.how.{one}")) for one in Provider], tr("webhook.how.signed")
    )
    return rx.el.div(ui.note(words, title=tr("webhook.what_to_do"), icon_name="info"), class_name="whole")


def _trust_fields() -> list[rx.Component]:
    """What each provider is believed by."""
    form = WebhookForm
    kept = rx.cond(form.editing > 0, tr("webhook.kept"), "")
    topic = ui.text_field(
        form,
        "topic_arn",
        tr("webhook.topic_arn"),
        hint=tr("webhook.topic_hint"),
        placeholder="arn:aws:sns:eu-west-1:123456789012:envoi",
        whole=True,
        auto_complete="off",
    )
    key = ui.text_area(
        form, "public_key", tr("webhook.public_key"), rows=3, mono=True, hint=tr("webhook.public_key_hint")
    )
    signing = ui.password_field(form, "secret", tr("webhook.secret.mailgun"), hint=kept, whole=True)
    credentials = [
        ui.text_field(form, "username", tr("webhook.username"), optional=True, auto_complete="off"),
        ui.password_field(
            form,
            "secret",
            tr("webhook.secret.password"),
            optional=True,
            hint=rx.cond(form.editing > 0, tr("webhook.kept"), tr("webhook.secret_hint")),
        ),
    ]
    own = ui.text_field(
        form,
        "signed_secret",
        tr("webhook.secret"),
        hint=rx.cond(form.editing > 0, tr("webhook.kept"), tr("webhook.signed_hint")),
        whole=True,
        auto_complete="off",
        spell_check=False,
    )
    return [
        rx.cond(form.provider == Provider.AMAZON_SES, topic),
        rx.cond(form.provider == Provider.SENDGRID, key),
        rx.cond(form.provider == Provider.MAILGUN, signing),
        rx.cond((form.provider == Provider.POSTMARK) | (form.provider == Provider.BREVO), rx.fragment(*credentials)),
        rx.cond(form.provider == Provider.SIGNED, own),
    ]


def _typed_values(found: WebhookRow) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in LABELS}
    return {**values, "active": ui.true(found.active), "secret": "", "signed_secret": ""}
