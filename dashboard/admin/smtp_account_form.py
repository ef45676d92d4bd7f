"""Create or edit an SMTP account, and try its connection before anything is saved."""

from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from jobs.smtp import ConnectionTest, Server, Timeouts, test_connection
from models.errors import Conflict, Invalid
from models.smtp_account import (
    AccountRow,
    SmtpAccount,
    Tls,
    create_account,
    draft_account,
    edit_account,
    get_account_row,
)

LABELS: Final = {
    "name": "smtp.name",
    "host": "smtp.host",
    "port": "smtp.port",
    "tls": "smtp.tls",
    "username": "smtp.username",
    "from_name": "smtp.from_name",
    "from_address": "smtp.from_address",
    "max_per_hour": "smtp.max_per_hour",
    "weight": "smtp.weight",
}
PATIENCE: Final = Timeouts(connect=10, reply=15)
"""Somebody is waiting for the answer."""


class SmtpForm(ui.FormState, rx.State):
    """`editing`: the account's id, 0 for a new one. `tested`: what the last try of the connection found."""

    editing: int = 0
    testing: bool = False
    tested: str = ""
    tested_words: str = ""
    works: bool = False
    _only_test: bool = False

    @allowed(Right.ADMINISTER)
    async def create_new(self, user: Viewer):
        self._begin(
            0, {**dict.fromkeys(LABELS, ""), "port": 587, "weight": 0, "tls": Tls.STARTTLS, "check_certificate": "true"}
        )

    @allowed(Right.ADMINISTER)
    async def edit_one(self, user: Viewer, account_id: int):
        found = await data.read(get_account_row, int(account_id))
        self._begin(found.id, _typed_values(found), found.revision)

    @allowed(Right.ADMINISTER)
    async def test_only(self, user: Viewer):
        """The form that is submitted next is tried, not saved."""
        self._only_test = True

    @allowed(Right.ADMINISTER)
    async def save_or_test(self, user: Viewer, given: dict[str, Any]):
        only_test, self._only_test = self._only_test, False
        if not only_test:
            yield await self._save(user, _read(given))
            return
        self.tested, self.testing = "", True
        yield
        try:
            await self._test(user, _read(given))
        except Invalid as error:
            yield self._fail(user, error)
        finally:
            self.testing = False

    async def _save(self, user: Viewer, values: dict[str, object]) -> Any:
        now, creating = data.now(), not self.editing
        try:
            if creating:
                await data.run(create_account, values, now, by=user.email)
            else:
                await data.run(edit_account, self.editing, self._revision, values, now, by=user.email)
        except Invalid as error:
            return self._fail(user, error)
        except Conflict as error:
            stored = await data.read(get_account_row, self.editing)
            return self._collide(user, error, _typed_values(stored), stored.revision, LABELS)
        self._close()
        await ui.tell(self, say(user.language, "smtp.created" if creating else "smtp.saved"))
        return rx.redirect(routes.SMTP_ACCOUNTS, replace=True)

    async def _test(self, user: Viewer, values: dict[str, object]) -> None:
        draft = await data.read(draft_account, self.editing or None, values, data.now())
        self.errors = {}
        found = await try_connection(draft)
        self.works = found.step is None
        self.tested, self.tested_words = said(user.language, found)

    def _begin(self, account_id: int, values: dict[str, Any], revision: int = 0) -> None:
        self.editing, self.tested, self.testing, self._only_test = account_id, "", False, False
        self._open({**values, "password": ""}, revision)


def smtp_account_form() -> rx.Component:
    """The dialog; put it once on the page whose acts open it."""
    form = SmtpForm
    return ui.form_dialog(
        form,
        _saves_on_enter(),
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
        ui.text_field(form, "username", tr("smtp.username"), optional=True, auto_complete="off"),
        ui.password_field(
            form,
            "password",
            tr("smtp.password"),
            optional=True,
            hint=rx.cond(form.editing > 0, tr("smtp.password_kept"), ""),
        ),
        ui.text_field(form, "from_name", tr("smtp.from_name"), optional=True),
        ui.text_field(form, "from_address", tr("smtp.from_address"), optional=True, input_mode="email"),
        ui.number_field(form, "max_per_hour", tr("smtp.max_per_hour"), optional=True, hint=tr("smtp.limit_hint")),
        ui.number_field(form, "weight", tr("smtp.weight"), hint=tr("smtp.weight_hint")),
        ui.switch_field(form, "stand_by", tr("smtp.stand_by"), hint=tr("smtp.stand_by_hint")),
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
    """Connect, secure and sign in as the account says. Raises Unavailable when its password cannot be read."""
    server = Server.of(account)
    return await test_connection(
        Server(
            server.host,
            server.port,
            server.tls,
            server.check_certificate,
            server.username,
            server.password,
            server.name,
            PATIENCE,
        )
    )


def said(language: str, found: ConnectionTest, name: str = "") -> tuple[str, str]:
    """(what happened, the reply word for word or what the server offers); with the account's `name` in front."""
    tail = "_account" if name else ""
    if found.step is None:
        features = ", ".join(found.features) or "–"
        return say(language, f"smtp.tested{tail}", name=name), say(language, "smtp.tested_text", features=features)
    step = say(language, f"smtp.step.{found.step}")
    return say(language, f"smtp.test_failed{tail}", name=name, step=step), found.words


def _read(given: dict[str, Any]) -> dict[str, object]:
    typed = ui.Typed(given)
    values: dict[str, object] = {name: typed.text(name) for name in LABELS}
    password = given.get("password")
    return values | {
        "check_certificate": typed.on("check_certificate"),
        "weight": typed.text("weight") or "0",
        "stand_by": typed.on("stand_by"),
        "password": password if isinstance(password, str) else "",  # its spaces may be part of it
    }


def _typed_values(found: AccountRow) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in LABELS}
    return {
        **values,
        "check_certificate": ui.true(found.check_certificate),
        "stand_by": ui.true(found.stand_by),
    }
