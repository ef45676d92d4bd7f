"""Create or edit an SMTP account, try its connection before anything is saved, and make its DKIM key."""

import asyncio
from dataclasses import replace
from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.admin import smtp_account_fields as parts
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from jobs.smtp import ConnectionTest, Server, Timeouts, test_connection
from models import outbound_emails
from models.dkim_key import DnsRecord, check_place, dns_record, generate_key, read_key
from models.errors import Conflict, Invalid, Unavailable
from models.smtp_account import (
    AccountRow,
    DkimAlgorithm,
    SignIn,
    SmtpAccount,
    Tls,
    create_account,
    dkim_record,
    draft_account,
    edit_account,
    get_account_row,
)

LABELS: Final = {
    "name": "smtp.name",
    "host": "smtp.host",
    "port": "smtp.port",
    "tls": "smtp.tls",
    "sign_in": "smtp.sign_in",
    "username": "smtp.username",
    "token_url": "smtp.token_url",
    "client_id": "smtp.client_id",
    "from_name": "smtp.from_name",
    "from_address": "smtp.from_address",
    "max_per_hour": "smtp.max_per_hour",
    "weight": "smtp.weight",
    "connections": "smtp.connections",
    "messages_per_connection": "smtp.messages_per_connection",
    "connect_seconds": "smtp.connect_seconds",
    "reply_seconds": "smtp.reply_seconds",
    "answer_seconds": "smtp.answer_seconds",
    "dkim_domain": "smtp.dkim_domain",
    "dkim_selector": "smtp.dkim_selector",
}
_BEARS: Final = frozenset(name for name in LABELS if name.endswith(("_seconds", "connections", "_connection")))
_SECRETS: Final = ("password", "client_secret", "refresh_token", "dkim_key")
_NEW: Final = {
    **{name: SmtpAccount.model_fields[name].default for name in (*_BEARS, "weight")},
    "port": 587,
    "tls": Tls.STARTTLS,
    "sign_in": SignIn.PASSWORD,
    "check_certificate": "true",
    "dkim_algorithm": DkimAlgorithm.RSA,
}
PATIENCE: Final = Timeouts(connect=10, reply=15)
"""Somebody is waiting for the answer."""


class SmtpForm(ui.FormState, rx.State):
    """`editing`: the account's id, 0 for a new one. `tested`: what the last try of the connection found. `record_*`:
    what to publish for DKIM; `key_is_new`: its key is not saved yet; it stays here and never goes to the browser."""

    editing: int = 0
    sign_in: str = SignIn.PASSWORD
    testing: bool = False
    tested: str = ""
    tested_words: str = ""
    works: bool = False
    bears_open: bool = False
    signature_open: bool = False
    making_key: bool = False
    key_is_new: bool = False
    record_name: str = ""
    record_value: str = ""
    _key: str = ""
    _next: str = ""

    @allowed(Right.ADMINISTER)
    async def create_new(self, user: Viewer):
        self._begin(0, {**dict.fromkeys(LABELS, ""), **_NEW})

    @allowed(Right.ADMINISTER)
    async def edit_one(self, user: Viewer, account_id: int):
        found = await data.read(get_account_row, int(account_id))
        self._begin(found.id, _typed_values(found), found.revision)
        try:
            self._show_record(await data.read(dkim_record, found.id))
        except Unavailable as error:  # the key was saved with another secret: a new one can be made
            self.errors = {"dkim_key": error.text(user.language)}

    @allowed(Right.ADMINISTER)
    async def choose_sign_in(self, user: Viewer, way: str):
        """The fields follow."""
        self.sign_in = way if way in set(SignIn) else SignIn.PASSWORD

    @allowed(Right.ADMINISTER)
    async def test_only(self, user: Viewer):
        """The form that is submitted next is tried, not saved."""
        self._next = "test"

    @allowed(Right.ADMINISTER)
    async def key_only(self, user: Viewer):
        """The form that is submitted next gets a key for its domain, and is not saved."""
        self._next = "key"

    @allowed(Right.ADMINISTER)
    async def save_or_test(self, user: Viewer, given: dict[str, Any]):
        act, self._next = self._next, ""
        if act == "":
            yield await self._save(user, self._read(given))
            return
        self.testing, self.making_key = act == "test", act == "key"
        self.tested = ""
        yield
        try:
            await (self._test(user, self._read(given)) if act == "test" else self._make_key(given))
        except Invalid as error:
            yield self._refuse(user, error)
        finally:
            self.testing = self.making_key = False

    async def _save(self, user: Viewer, values: dict[str, object]) -> Any:
        now, creating = data.now(), not self.editing
        try:
            if creating:
                await data.run(create_account, values, now, by=user.email)
            else:
                await data.run(edit_account, self.editing, self._revision, values, now, by=user.email)
        except Invalid as error:
            return self._refuse(user, error)
        except Conflict as error:
            stored = await data.read(get_account_row, self.editing)
            return self._collide(user, error, _typed_values(stored), stored.revision, LABELS)
        self._key = ""
        self._close()
        await ui.tell(self, say(user.language, "smtp.created" if creating else "smtp.saved"))
        return rx.redirect(routes.SMTP_ACCOUNTS, replace=True)

    async def _test(self, user: Viewer, values: dict[str, object]) -> None:
        draft = await data.read(draft_account, self.editing or None, values, data.now())
        self.errors = {}
        found = await try_connection(draft)
        self.works = found.step is None
        self.tested, self.tested_words = said(user.language, found)

    async def _make_key(self, given: dict[str, Any]) -> None:
        typed = ui.Typed(given)
        domain, selector = check_place(typed.text("dkim_domain"), typed.text("dkim_selector"))
        algorithm = typed.choice("dkim_algorithm", DkimAlgorithm) or DkimAlgorithm.RSA
        typed.check()
        self._key = await asyncio.to_thread(generate_key, algorithm)
        self.errors, self.key_is_new = {}, True
        self._show_record(dns_record(domain, selector, read_key(self._key)))

    def _begin(self, account_id: int, values: dict[str, Any], revision: int = 0) -> None:
        self.editing, self.tested, self.testing, self.making_key, self._next = account_id, "", False, False, ""
        self.sign_in = str(values["sign_in"])
        self.bears_open, self.signature_open = False, bool(values["dkim_domain"])
        self._key, self.key_is_new = "", False
        self._show_record(None)
        self._open({**values, **dict.fromkeys(_SECRETS, "")}, revision)

    def _show_record(self, record: DnsRecord | None) -> None:
        self.record_name, self.record_value = (record.name, record.value) if record else ("", "")

    def _refuse(self, user: Viewer, error: Invalid) -> Any:
        """Beside the fields, with what hides one of them open."""
        self.bears_open |= bool(_BEARS & error.problems.keys())
        self.signature_open |= any(name.startswith("dkim_") for name in error.problems)
        return self._fail(user, error)

    def _read(self, given: dict[str, Any]) -> dict[str, object]:
        typed = ui.Typed(given)
        values: dict[str, object] = {name: typed.text(name) for name in LABELS if name in typed.given}
        secrets = {name: given.get(name) for name in _SECRETS}  # as they are: spaces may be part of them
        secrets["dkim_key"] = typed.text("dkim_key") or self._key
        return values | {
            "check_certificate": typed.on("check_certificate"),
            "weight": typed.text("weight") or "0",
            "stand_by": typed.on("stand_by"),
            **{name: secret if isinstance(secret, str) else "" for name, secret in secrets.items()},
        }


def smtp_account_form() -> rx.Component:
    """The dialog; put it once on the page whose acts open it."""
    form = SmtpForm
    return ui.form_dialog(
        form,
        _saves_on_enter(),
        *parts.place(form),
        *parts.sign_in(form),
        *parts.sender(form),
        parts.bears(form),
        parts.signature(form),
        rx.cond(form.tested != "", rx.el.div(_found(), class_name="whole", id="smtp-test", role="status")),
        title=rx.cond(form.editing > 0, tr("smtp.edit"), tr("smtp.create")),
        on_submit=form.save_or_test,
        save=rx.cond(form.editing > 0, tr("ui.save"), tr("smtp.create")),
        left=ui.button(
            tr("smtp.test"), icon_name="plug-zap", type="submit", busy=form.testing, on_click=form.test_only()
        ),
    )


def _saves_on_enter() -> rx.Component:
    """Enter presses the first submit button of a form: this one, so that it saves."""
    return rx.el.button(type="submit", style={"display": "none"}, tab_index=-1, aria_hidden="true")


def _found() -> rx.Component:
    form = SmtpForm
    return rx.cond(
        form.works,
        ui.note(form.tested_words, tone="ok", title=form.tested),
        ui.note(rx.el.span(form.tested_words, class_name="mono"), tone="bad", title=form.tested),
    )


async def try_connection(account: SmtpAccount) -> ConnectionTest:
    """Connect, secure, sign in as the account says, name the sender. Raises Unavailable when a secret cannot be
    read."""
    setting = await data.read(outbound_emails.read)
    return await test_connection(replace(Server.of(account, setting.from_address), timeouts=PATIENCE))


def said(language: str, found: ConnectionTest, name: str = "") -> tuple[str, str]:
    """(what happened, the reply word for word or what the server offers); with the account's `name` in front."""
    tail = "_account" if name else ""
    if found.step is None:
        features = ", ".join(found.features) or "–"
        return say(language, f"smtp.tested{tail}", name=name), say(language, "smtp.tested_text", features=features)
    step = say(language, f"smtp.step.{found.step}")
    return say(language, f"smtp.test_failed{tail}", name=name, step=step), found.words


def _typed_values(found: AccountRow) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in (*LABELS, "dkim_algorithm")},
        "check_certificate": ui.true(found.check_certificate),
        "stand_by": ui.true(found.stand_by),
    }
