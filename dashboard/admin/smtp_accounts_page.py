"""SMTP Accounts: the servers that mail is handed to, their health, and which one is the default."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from dashboard import data, routes, ui
from dashboard.admin.connections import DELETE, ConnectionList, asked_confirmation, health_cell, name_link
from dashboard.admin.smtp_account_form import SmtpForm, said, smtp_account_form, try_connection
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.errors import Refused
from models.smtp_account import (
    CONFIRM_FIRST_REAL,
    AccountRow,
    Tls,
    account_rows,
    delete_account,
    get_account,
    get_account_row,
    set_default,
)

REAL = "real"


@dataclass(frozen=True, slots=True)
class Line:
    """An account as its row shows it. `health`: ok · warn · off; `health_words` the reply word for word."""

    id: int
    name: str
    server: str
    tls: str
    unchecked: bool
    username: str
    sender: str
    limit: str
    is_default: bool
    is_catcher: bool
    health: str
    health_words: str
    reply: str


class SmtpAccounts(ConnectionList, rx.State):
    """The accounts. It may be asked about the first real default, or deleting. `testing`: the one being tried."""

    rows: list[Line] = []
    to_catcher: bool = False
    testing: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        now, found = data.now(), await data.read(account_rows)
        self.rows = [_line(row, user, now) for row in found]
        self.to_catcher = any(row.is_default and row.is_catcher for row in found)
        self.asking, self.shown = "", True

    @allowed(Right.ADMINISTER)
    async def make_default(self, user: Viewer, account_id: int):
        """At once; only the first real account is asked about, with how many people wait."""
        account = await data.read(get_account_row, int(account_id))
        try:
            return await self._make_default(user, account, confirmed=False)
        except Refused as refused:
            if refused.problem.key != CONFIRM_FIRST_REAL:
                raise
            self._ask(REAL, account.id, account.name, refused.problem.text(user.language))

    @allowed(Right.ADMINISTER)
    async def ask_delete(self, user: Viewer, account_id: int):
        account = await data.read(get_account_row, int(account_id))
        self._ask(DELETE, account.id, account.name, say(user.language, "smtp.delete_text"))

    @allowed(Right.ADMINISTER)
    async def confirm_default(self, user: Viewer):
        return await self._make_default(user, await data.read(get_account_row, self._asked_id), confirmed=True)

    @allowed(Right.ADMINISTER)
    async def confirm_delete(self, user: Viewer):
        self.asking = ""
        await data.run(delete_account, self._asked_id, data.now(), by=user.email)
        await ui.tell(self, say(user.language, "smtp.deleted"))
        return SmtpAccounts.load

    @allowed(Right.ADMINISTER)
    async def test(self, user: Viewer, account_id: int):
        """Try the connection of a saved account; the answer is a toast."""
        self.testing = int(account_id)
        yield
        try:
            account = await data.read(get_account, self.testing)
            found = await try_connection(account)
        finally:
            self.testing = 0
        title, words = said(user.language, found, account.name)
        await ui.tell(self, title, words, tone="ok" if found.step is None else "bad")

    async def _make_default(self, user: Viewer, account: AccountRow, *, confirmed: bool):
        await data.run(set_default, account.id, data.now(), by=user.email, confirmed=confirmed)
        self.asking = ""
        await ui.tell(self, say(user.language, "smtp.made_default", name=account.name))
        return rx.redirect(routes.SMTP_ACCOUNTS, replace=True)

    def _clear(self) -> None:
        self.rows, self.shown, self.asking = [], False, ""


def smtp_accounts_page() -> rx.Component:
    """The page, part by part."""
    state = SmtpAccounts
    return ui.page(
        ui.page_header(tr("smtp.title"), facts=[tr("smtp.about")], acts=[ui.for_administrators(_create())]),
        rx.cond(
            state.to_catcher,
            ui.note(tr("smtp.to_catcher_text"), title=tr("smtp.to_catcher"), icon_name="mail-check"),
        ),
        ui.panel(
            rx.cond(
                state.shown,
                ui.table(state.rows, _columns(), menu=_row_menu, two_lines=True, label=tr("smtp.title")),
                ui.skeleton_rows(3),
            ),
            padded=False,
        ),
        smtp_account_form(),
        asked_confirmation(state, REAL, "smtp.first_real", tr("smtp.send_for_real"), state.confirm_default()),
        asked_confirmation(state, DELETE, "smtp.delete_question", tr("ui.delete"), state.confirm_delete()),
        here="smtp_accounts",
        crumbs=[(tr("nav.administration"), routes.OUTBOUND_EMAILS), (tr("smtp.title"), routes.SMTP_ACCOUNTS)],
    )


def _create() -> rx.Component:
    return ui.button(tr("smtp.create"), icon_name="plus", look="pri", key="c", on_click=SmtpForm.create_new())


def _columns() -> list[ui.Column]:
    return [
        ui.Column("name", tr("smtp.name"), _name, phone=1, named=True),
        ui.Column("server", tr("smtp.server"), _server),
        ui.text_column("username", tr("smtp.username"), lambda row: row.username, low=True, cut=True),
        ui.text_column("from", tr("smtp.from"), lambda row: row.sender, low=True, cut=True),
        ui.number_column("limit", tr("smtp.max_per_hour"), lambda row: row.limit),
        ui.Column("health", tr("smtp.health"), _health, phone=3),
    ]


def _name(row: rx.Var[Line]) -> rx.Component:
    name = rx.el.span(row.name, class_name="strong")
    words = rx.cond(row.is_catcher, name, name_link(row, SmtpForm.edit_one(row.id)))
    return rx.el.div(
        words,
        rx.cond(row.is_default, ui.plain_badge(tr("smtp.default"))),
        rx.cond(row.is_catcher, ui.plain_badge(tr("smtp.catcher"))),
        class_name="row",
    )


def _server(row: rx.Var[Line]) -> rx.Component:
    bad = rx.el.span(ui.icon("shield-off", 13), tr("smtp.unchecked"), class_name="row g1 bad")
    under = rx.el.span(rx.el.span(row.tls, rx.cond(row.unchecked, bad), class_name="row"), class_name="sub")
    return rx.fragment(rx.el.span(row.server), under)


def _health(row: rx.Var[Line]) -> rx.Component:
    return health_cell(row, row.reply, busy=SmtpAccounts.testing == row.id)


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    changes = Prefs.can_administer & ~row.is_catcher
    return [
        ui.Item(tr("ui.edit"), "pencil", on_click=SmtpForm.edit_one(row.id), when=changes),
        ui.Item(tr("smtp.test"), "plug-zap", on_click=SmtpAccounts.test(row.id), when=Prefs.can_administer),
        ui.Item(
            tr("smtp.make_default"),
            "star",
            on_click=SmtpAccounts.make_default(row.id),
            when=Prefs.can_administer & ~row.is_default,
        ),
        ui.Item(
            tr("ui.delete"),
            "trash-2",
            on_click=SmtpAccounts.ask_delete(row.id),
            bad=True,
            when=changes & ~row.is_default,
        ),
    ]


def _line(row: AccountRow, user: Viewer, now: datetime) -> Line:
    language = user.language
    health, words = _health_of(row, user, now)
    sender = f"{row.from_name} <{row.from_address}>" if row.from_name and row.from_address else row.from_address
    return Line(
        id=row.id,
        name=row.name,
        server=f"{row.host}:{row.port}",
        tls=say(language, f"smtp.tls.{row.tls}"),
        unchecked=not row.check_certificate and row.tls is not Tls.NONE,
        username=row.username or format.UNKNOWN,
        sender=sender or format.UNKNOWN,
        limit=format.count(language, row.max_per_hour),
        is_default=row.is_default,
        is_catcher=row.is_catcher,
        health=health,
        health_words=words,
        reply=row.last_reply,
    )


def _health_of(row: AccountRow, user: Viewer, now: datetime) -> tuple[str, str]:
    language = user.language
    if row.trouble:
        trouble = say(language, f"smtp_account.trouble.{row.trouble}")
        until = format.moment(language, user.time_zone, row.waits_until, now)
        return "warn", say(language, "smtp.waits", trouble=trouble[:1].upper() + trouble[1:], time=until)
    if row.last_reply_at:
        return "ok", f"{say(language, 'smtp.fine')}, {format.moment(language, user.time_zone, row.last_reply_at, now)}"
    return "off", say(language, "smtp.unused")
