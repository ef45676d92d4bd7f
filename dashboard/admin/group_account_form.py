"""Create or edit a group email account, and try its connection before anything is saved."""

from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from jobs.bounces import MailboxTest, try_mailbox
from models.errors import Conflict, Invalid
from models.group_email_account import (
    AccountRow,
    Afterwards,
    Protocol,
    SignIn,
    Tls,
    create_account,
    draft_account,
    edit_account,
    get_account_row,
)

LABELS: Final = {
    name: f"group_account.{name}"
    for name in (
        "name", "address", "protocol", "host", "port", "sign_in", "token_url", "client_id", "folders", "afterwards",
        "move_to", "return_domain",
    )
} | {"tls": "smtp.tls", "username": "smtp.username"}  # fmt: skip
SECRETS: Final = ("password", "client_secret", "refresh_token")
SHOWN: Final = 12
"""Folders of the mailbox that are named after a test."""


class GroupAccountForm(ui.FormState, rx.State):
    """`editing`: the account's id, 0 for a new one. `tested`: what the last try of the connection found. `sign_in`,
    `protocol`, `afterwards`: as chosen in the form, for the fields that hang on them."""

    editing: int = 0
    testing: bool = False
    tested: str = ""
    tested_words: str = ""
    works: bool = False
    sign_in: str = SignIn.PASSWORD
    protocol: str = Protocol.IMAP
    afterwards: str = Afterwards.LEAVE
    _only_test: bool = False

    @allowed(Right.ADMINISTER)
    async def create_new(self, user: Viewer):
        fresh = {
            **dict.fromkeys(LABELS, ""),
            "protocol": Protocol.IMAP,
            "port": 993,
            "tls": Tls.IMPLICIT,
            "sign_in": SignIn.PASSWORD,
            "folders": "INBOX",
            "afterwards": Afterwards.LEAVE,
            "check_certificate": "true",
            "active": "true",
        }
        self._begin(0, fresh)

    @allowed(Right.ADMINISTER)
    async def edit_one(self, user: Viewer, account_id: int):
        found = await data.read(get_account_row, int(account_id))
        self._begin(found.id, _typed_values(found), found.revision)

    @allowed(Right.ADMINISTER)
    async def choose_sign_in(self, user: Viewer, value: str):
        self.sign_in = SignIn(value) if value in set(SignIn) else SignIn.PASSWORD

    @allowed(Right.ADMINISTER)
    async def choose_protocol(self, user: Viewer, value: str):
        self.protocol = Protocol(value) if value in set(Protocol) else Protocol.IMAP

    @allowed(Right.ADMINISTER)
    async def choose_afterwards(self, user: Viewer, value: str):
        self.afterwards = Afterwards(value) if value in set(Afterwards) else Afterwards.LEAVE

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
        await ui.tell(self, say(user.language, f"group_account.{'created' if creating else 'saved'}"))
        return rx.redirect(routes.GROUP_EMAIL_ACCOUNTS, replace=True)

    async def _test(self, user: Viewer, values: dict[str, object]) -> None:
        draft = await data.read(draft_account, self.editing or None, values, data.now())
        self.errors = {}
        found = await try_mailbox(draft)
        self.works = found.step is None
        self.tested, self.tested_words = said(user.language, found)

    def _begin(self, account_id: int, values: dict[str, Any], revision: int = 0) -> None:
        self.editing, self.tested, self.testing, self._only_test = account_id, "", False, False
        self.sign_in, self.protocol = values["sign_in"], values["protocol"]
        self.afterwards = values["afterwards"]
        self._open({**values, **dict.fromkeys(SECRETS, "")}, revision)


def group_account_form() -> rx.Component:
    """The dialog; put it once on the page whose acts open it."""
    form = GroupAccountForm
    return ui.form_dialog(
        form,
        rx.el.button(type="submit", style={"display": "none"}, tab_index=-1, aria_hidden="true"),  # Enter saves
        *_mailbox_fields(form),
        *_sign_in_fields(form),
        *_reading_fields(form),
        rx.cond(form.tested != "", rx.el.div(_found(), class_name="whole", id="mailbox-test", role="status")),
        title=rx.cond(form.editing > 0, tr("group_account.edit"), tr("group_account.create")),
        on_submit=form.save_or_test,
        save=rx.cond(form.editing > 0, tr("ui.save"), tr("group_account.create")),
        left=ui.button(
            tr("group_account.test"), icon_name="plug-zap", type="submit", busy=form.testing, on_click=form.test_only()
        ),
    )


def _mailbox_fields(form: type[GroupAccountForm]) -> list[rx.Component]:
    protocols = [(str(one), tr(f"group_account.protocol.{one}")) for one in Protocol]
    address_hint = tr("group_account.address_hint")
    return [
        ui.text_field(form, "name", tr("group_account.name"), auto_focus=True, max_length=253),
        ui.text_field(form, "address", tr("group_account.address"), input_mode="email", hint=address_hint),
        ui.select_field(form, "protocol", tr("group_account.protocol"), protocols, on_change=form.choose_protocol),
        ui.text_field(form, "host", tr("group_account.host"), placeholder="imap.example.com", auto_complete="off"),
        ui.number_field(form, "port", tr("group_account.port"), hint=tr("group_account.port_hint")),
        ui.select_field(form, "tls", tr("smtp.tls"), [(str(way), tr(f"smtp.tls.{way}")) for way in Tls]),
        ui.switch_field(
            form,
            "check_certificate",
            tr("smtp.check_certificate"),
            hint=tr("smtp.check_hint"),
            custom_attrs={"data-guard": ""},
        ),
    ]


def _sign_in_fields(form: type[GroupAccountForm]) -> list[rx.Component]:
    ways = [(str(one), tr(f"group_account.sign_in.{one}")) for one in SignIn]
    kept = rx.cond(form.editing > 0, tr("group_account.kept"), "")
    password = ui.password_field(form, "password", tr("smtp.password"), hint=kept)
    tokens = [
        ui.text_field(form, "token_url", tr("group_account.token_url"), auto_complete="off"),
        ui.text_field(form, "client_id", tr("group_account.client_id"), auto_complete="off"),
        ui.password_field(form, "client_secret", tr("group_account.client_secret"), optional=True, hint=kept),
        ui.password_field(form, "refresh_token", tr("group_account.refresh_token"), hint=kept),
    ]
    return [
        ui.text_field(form, "username", tr("smtp.username"), auto_complete="off"),
        ui.select_field(form, "sign_in", tr("group_account.sign_in"), ways, on_change=form.choose_sign_in),
        rx.cond(form.sign_in == SignIn.XOAUTH2, rx.fragment(*tokens), password),
    ]


def _reading_fields(form: type[GroupAccountForm]) -> list[rx.Component]:
    ways = [(str(one), tr(f"group_account.afterwards.{one}")) for one in Afterwards]
    move_hint = tr("group_account.move_to_hint")
    of_imap = [
        ui.text_area(form, "folders", tr("group_account.folders"), rows=3, hint=tr("group_account.folders_hint")),
        ui.select_field(form, "afterwards", tr("group_account.afterwards"), ways, on_change=form.choose_afterwards),
        rx.cond(
            form.afterwards == Afterwards.MOVE,
            ui.text_field(form, "move_to", tr("group_account.move_to"), hint=move_hint),
        ),
    ]
    return [
        rx.cond(form.protocol == Protocol.IMAP, rx.fragment(*of_imap)),
        ui.text_field(
            form,
            "return_domain",
            tr("group_account.return_domain"),
            optional=True,
            hint=tr("group_account.return_domain_hint"),
        ),
        ui.switch_field(form, "active", tr("group_account.active")),
    ]


def _found() -> rx.Component:
    form = GroupAccountForm
    return rx.cond(
        form.works,
        ui.note(form.tested_words, tone="ok", title=form.tested),
        ui.note(rx.el.span(form.tested_words, class_name="mono"), tone="bad", title=form.tested),
    )


def said(language: str, found: MailboxTest, name: str = "") -> tuple[str, str]:
    """(what happened, the server's words or the folders there are); with the account's `name` in front."""
    tail = "_account" if name else ""
    if found.step is None:
        more = ", …" if len(found.folders) > SHOWN else ""
        folders = ", ".join(found.folders[:SHOWN]) + more
        title = say(language, f"group_account.tested{tail}", name=name)
        return title, say(language, "group_account.tested_text", folders=folders)
    step = say(language, f"group_account.step.{found.step}")
    return say(language, f"group_account.test_failed{tail}", name=name, step=step), found.words


def _read(given: dict[str, Any]) -> dict[str, object]:
    """As typed; a field that is not drawn is absent, and keeps what the account has."""
    typed = ui.Typed(given)
    values: dict[str, object] = {name: typed.text(name) for name in LABELS if name in given}
    for name in SECRETS:
        secret = given.get(name)
        values[name] = secret if isinstance(secret, str) else ""  # its spaces may be part of it
    return values | {"check_certificate": typed.on("check_certificate"), "active": typed.on("active")}


def _typed_values(found: AccountRow) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in LABELS}
    switches = {name: ui.true(getattr(found, name)) for name in ("check_certificate", "active")}
    return {**values, **switches, "folders": "\n".join(found.folders)}
