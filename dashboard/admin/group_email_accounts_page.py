"""Group Email Accounts: the mailboxes that are watched, how the last look went, and the return path."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from dashboard import data, routes, ui
from dashboard.admin.connections import DELETE, ConnectionList, asked_confirmation, health_cell, name_link, signed
from dashboard.admin.group_account_form import GroupAccountForm, group_account_form, said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from jobs.bounces import try_mailbox
from jobs.return_path_mail import verify_return_path
from models.answer import are_seen
from models.errors import Unavailable
from models.group_email_account import (
    AccountRow,
    ReturnPathState,
    account_rows,
    delete_account,
    detached,
    get_account_row,
    set_active,
)
from models.return_path import proposed, switch_off
from models.scheduled_job import CHECK_GROUP_EMAIL_ACCOUNTS, run_now

VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Line:
    """An account as its row shows it. `health`: ok · warn · off; `words` the server's, word for word; `path`: how the
    return path stands."""

    id: int
    name: str
    address: str
    server: str
    how: str
    folders: str
    active: bool
    health: str
    health_words: str
    words: str
    path: str
    path_words: str
    path_note: str


class GroupEmailAccounts(ConnectionList, rx.State):
    """The accounts. It may be asked about deleting, and about verifying the return path. `watched`: one is active;
    `seen`: what comes back is recorded, by one of them or a webhook; `testing`: the one being tried."""

    rows: list[Line] = []
    watched: bool = True
    seen: bool = True
    testing: int = 0
    sending: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        now, found = data.now(), await data.read(account_rows)
        self.rows = [_line(row, user, now) for row in found]
        self.watched, self.seen = any(row.active for row in found), await data.read(are_seen)
        self.asking, self.sending, self.shown = "", False, True

    @allowed(Right.ADMINISTER)
    async def ask_delete(self, user: Viewer, account_id: int):
        account = await data.read(get_account_row, int(account_id))
        self._ask(DELETE, account.id, account.name, say(user.language, "group_account.delete_text"))

    @allowed(Right.ADMINISTER)
    async def confirm_delete(self, user: Viewer):
        self.asking = ""
        await data.run(delete_account, self._asked_id, data.now(), by=user.email)
        await ui.tell(self, say(user.language, "group_account.deleted"))
        return GroupEmailAccounts.load

    @allowed(Right.ADMINISTER)
    async def ask_verify(self, user: Viewer, account_id: int):
        account = await data.read(get_account_row, int(account_id))
        address = proposed(account.address, account.return_domain)
        self._ask(VERIFY, account.id, account.name, say(user.language, "group_account.verify_text", address=address))

    @allowed(Right.ADMINISTER)
    async def confirm_verify(self, user: Viewer):
        """Sends the mail; whether it arrives is seen when the mailbox is checked."""
        self.sending = True
        yield
        try:
            to = await verify_return_path(self._asked_id, user.email)
            told = say(user.language, "group_account.verify_sent", address=to)
            await ui.tell(self, told, say(user.language, "group_account.verify_sent_text"))
        except Unavailable as error:
            await ui.tell(
                self, say(user.language, "group_account.verify_failed"), error.text(user.language), tone="bad"
            )
        finally:
            self.asking, self.sending = "", False
        yield GroupEmailAccounts.load

    @allowed(Right.ADMINISTER)
    async def stop_return_path(self, user: Viewer, account_id: int):
        await data.run(switch_off, int(account_id), data.now(), by=user.email)
        await ui.tell(self, say(user.language, "group_account.return_path_stopped"))
        return GroupEmailAccounts.load

    @allowed(Right.ADMINISTER)
    async def switch(self, user: Viewer, account_id: int, active: bool):
        await data.run(set_active, int(account_id), active is True, data.now(), by=user.email)
        return GroupEmailAccounts.load

    @allowed(Right.ADMINISTER)
    async def check_now(self, user: Viewer):
        await data.run(run_now, CHECK_GROUP_EMAIL_ACCOUNTS, data.now(), by=user.email)
        await ui.tell(self, say(user.language, "group_account.checking"))

    @allowed(Right.ADMINISTER)
    async def test(self, user: Viewer, account_id: int):
        """Try the connection of a saved account; the answer is a toast."""
        self.testing = int(account_id)
        yield
        try:
            account = await data.read(detached, self.testing)
            found = await try_mailbox(account)
        finally:
            self.testing = 0
        title, words = said(user.language, found, account.name)
        await ui.tell(self, title, words, tone="ok" if found.step is None else "bad")

    def _clear(self) -> None:
        self.rows, self.shown, self.asking = [], False, ""


def group_email_accounts_page() -> rx.Component:
    """The page, part by part."""
    state = GroupEmailAccounts
    listed = ui.table(state.rows, _columns(), menu=_row_menu, two_lines=True, label=tr("group_account.title"))
    none = ui.empty(
        tr("group_account.none"),
        tr("group_account.none_text"),
        icon_name="inbox",
        acts=[ui.for_administrators(_create())],
    )
    return ui.page(
        ui.page_header(
            tr("group_account.title"),
            facts=[tr("group_account.about")],
            acts=[ui.button(tr("nav.answers"), icon_name="inbox", to=routes.ANSWERS), ui.for_administrators(_acts())],
        ),
        rx.cond(
            state.shown & ~state.seen & (state.rows.length() > 0),
            ui.note(tr("group_account.not_watched_text"), title=tr("group_account.not_watched"), tone="warn"),
        ),
        ui.panel(
            rx.cond(state.shown, rx.cond(state.rows.length() > 0, listed, none), ui.skeleton_rows(3)),
            padded=False,
        ),
        group_account_form(),
        asked_confirmation(state, DELETE, "group_account.delete_question", tr("ui.delete"), state.confirm_delete()),
        _verify(),
        here="group_email_accounts",
        crumbs=[
            (tr("nav.administration"), routes.OUTBOUND_EMAILS),
            (tr("group_account.title"), routes.GROUP_EMAIL_ACCOUNTS),
        ],
    )


def _create() -> rx.Component:
    return ui.button(
        tr("group_account.create"), icon_name="plus", look="pri", key="c", on_click=GroupAccountForm.create_new()
    )


def _acts() -> rx.Component:
    state = GroupEmailAccounts
    check = ui.button(tr("group_account.check_now"), icon_name="rotate-cw", on_click=state.check_now())
    return rx.cond(state.rows.length() > 0, rx.fragment(rx.cond(state.watched, check), _create()))


def _columns() -> list[ui.Column]:
    return [
        ui.Column("name", tr("group_account.name"), _name, phone=1, named=True),
        ui.Column("server", tr("smtp.server"), _server),
        ui.text_column("folders", tr("group_account.folders"), lambda row: row.folders, low=True, cut=True),
        ui.Column("path", tr("group_account.return_path"), _path, low=True),
        ui.Column("health", tr("group_account.status"), _health, phone=3),
    ]


def _name(row: rx.Var[Line]) -> rx.Component:
    opens = name_link(row, GroupAccountForm.edit_one(row.id))
    return rx.fragment(opens, rx.el.span(row.address, class_name="sub"))


def _server(row: rx.Var[Line]) -> rx.Component:
    return rx.fragment(rx.el.span(row.server), rx.el.span(row.how, class_name="sub"))


def _path(row: rx.Var[Line]) -> rx.Component:
    sign = rx.match(
        row.path,
        ("verified", ui.icon("circle-check", class_name="ink-ok")),
        ("waiting", ui.icon("clock", class_name="ink-gray")),
        ("failed", ui.icon("triangle-alert", class_name="ink-warn")),
        ui.icon("circle-dashed", class_name="ink-gray"),
    )
    return signed(sign, row.path_words, row.path_note)


def _health(row: rx.Var[Line]) -> rx.Component:
    return health_cell(row, row.words, busy=GroupEmailAccounts.testing == row.id)


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    state, changes = GroupEmailAccounts, Prefs.can_administer
    return [
        ui.Item(tr("ui.edit"), "pencil", on_click=GroupAccountForm.edit_one(row.id), when=changes),
        ui.Item(tr("group_account.test"), "plug-zap", on_click=state.test(row.id), when=changes),
        ui.Item(
            tr("group_account.verify"),
            "corner-up-left",
            on_click=state.ask_verify(row.id),
            when=changes & row.active & (row.path != "verified"),
        ),
        ui.Item(
            tr("group_account.return_path_stop"),
            "circle-off",
            on_click=state.stop_return_path(row.id),
            when=changes & (row.path == "verified"),
        ),
        ui.Item(
            tr("group_account.deactivate"),
            "circle-pause",
            on_click=state.switch(row.id, False),
            when=changes & row.active,
        ),
        ui.Item(
            tr("group_account.activate"), "circle-play", on_click=state.switch(row.id, True), when=changes & ~row.active
        ),
        ui.Item(tr("ui.delete"), "trash-2", on_click=state.ask_delete(row.id), bad=True, when=changes),
    ]


def _verify() -> rx.Component:
    state = GroupEmailAccounts
    return ui.dialog(
        rx.el.p(state.question),
        title=tr("group_account.verify"),
        is_open=state.asking == VERIFY,
        on_close=state.keep(),
        acts=[
            ui.button(tr("ui.cancel"), on_click=state.keep()),
            ui.button(
                tr("group_account.send_mail"),
                icon_name="send",
                look="pri",
                busy=state.sending,
                on_click=state.confirm_verify(),
            ),
        ],
    )


def _line(row: AccountRow, user: Viewer, now: datetime) -> Line:
    language = user.language
    health, words = _health_of(row, user, now)
    path_words, note = _path_of(row, user, now)
    tls = say(language, f"smtp.tls.{row.tls}")
    return Line(
        id=row.id,
        name=row.name,
        address=row.address,
        server=f"{row.host}:{row.port}",
        how=f"{say(language, f'group_account.protocol.{row.protocol}')} · {tls}",
        folders=", ".join(row.folders),
        active=row.active,
        health=health,
        health_words=words,
        words=row.last_words if row.active else "",
        path=row.return_path,
        path_words=path_words,
        path_note=note,
    )


def _health_of(row: AccountRow, user: Viewer, now: datetime) -> tuple[str, str]:
    language = user.language
    if not row.active:
        return "off", say(language, "group_account.off")
    if row.checked_at is None:
        return "off", say(language, "group_account.never")
    time = format.moment(language, user.time_zone, row.checked_at, now)
    if row.trouble:
        step = say(language, f"group_account.step.{row.trouble}")
        return "warn", say(language, "group_account.trouble", step=step, time=time)
    return "ok", say(language, "group_account.fine", time=time)


def _path_of(row: AccountRow, user: Viewer, now: datetime) -> tuple[str, str]:
    at = row.verified_at if row.return_path is ReturnPathState.VERIFIED else row.loop_sent_at
    time = format.moment(user.language, user.time_zone, at, now) if at else ""
    words = say(user.language, f"group_account.return_path.{row.return_path}", time=time)
    match row.return_path:
        case ReturnPathState.VERIFIED:
            return words, proposed(row.address, row.return_domain)
        case ReturnPathState.FAILED:
            return words, row.loop_words or say(user.language, "group_account.return_path_late")
        case _:
            return words, ""
