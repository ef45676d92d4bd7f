"""Users: who may sign in and as what; an administrator makes them and hands over the link that sets the password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr, tr_with
from models.catalogue import Language, Problem
from models.errors import Invalid
from models.settings import settings
from models.user import NewUser, Role
from models.user_access import (
    UserRow,
    change_role,
    disable,
    enable,
    get_user_row,
    invite,
    issue_reset_link,
    user_rows,
)

_STATES = {"active": ("circle-check", "ok"), "invited": ("mail", "gray"), "disabled": ("ban", "gray")}
_LANGUAGES = {Language.EN: "English", Language.FR: "Français"}


@dataclass(frozen=True, slots=True)
class Line:
    """A user as the row shows it. `state`: active, invited or disabled; `own`: the viewer's."""

    id: int
    name: str
    email: str
    role: str
    state: str
    seen: str
    seen_full: str
    since: str
    own: bool


class Users(rx.State):
    """The users, the one who is asked about, and the link that is shown once."""

    rows: list[Line] = []
    shown: bool = False
    asking: bool = False
    asked_name: str = ""
    link: str = ""
    link_name: str = ""
    _asked_id: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        """Nothing for those who may not administer: the page says so."""
        self.rows, self.asking, self.link = [], False, ""
        if Right.ADMINISTER in user.rights:
            now = data.now()
            self.rows = [_line(row, user, now) for row in await data.read(user_rows)]
        self.shown = True

    @allowed(Right.ADMINISTER)
    async def give_role(self, user: Viewer, user_id: int, role: str):
        try:
            wanted = Role(role)
        except ValueError as error:
            raise Invalid({"role": Problem("errors.unknown_choice", value=str(role)[:40])}) from error
        await data.run(change_role, int(user_id), wanted, data.now(), user.email)
        row = await data.read(get_user_row, int(user_id))
        said = say(user.language, f"auth.role.{wanted}")
        await ui.tell(self, say(user.language, "users.role_changed", name=row.name, role=said))
        return Users.load

    @allowed(Right.ADMINISTER)
    async def give_link(self, user: Viewer, user_id: int):
        row = await data.read(get_user_row, int(user_id))
        self._show_link(await data.run(issue_reset_link, row.id, data.now(), user.email), row.name)

    @allowed(Right.ADMINISTER)
    async def ask_disable(self, user: Viewer, user_id: int):
        row = await data.read(get_user_row, int(user_id))
        self._asked_id, self.asked_name, self.asking = row.id, row.name, True

    @allowed(Right.ADMINISTER)
    async def confirm_disable(self, user: Viewer):
        self.asking = False
        await data.run(disable, self._asked_id, data.now(), user.email)
        await ui.tell(self, say(user.language, "users.disabled", name=self.asked_name))
        return Users.load

    @allowed(Right.ADMINISTER)
    async def enable_again(self, user: Viewer, user_id: int):
        row = await data.read(get_user_row, int(user_id))
        await data.run(enable, row.id, data.now(), user.email)
        await ui.tell(self, say(user.language, "users.enabled", name=row.name))
        return Users.load

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        """The link is gone from the page, and nowhere to be read again."""
        self.asking, self.link = False, ""

    def _show_link(self, secret: str, name: str) -> None:
        base = settings().site_url.rstrip("/") or str(self.router.headers.origin).rstrip("/")
        self.link, self.link_name = f"{base}{routes.RESET}/{secret}", name

    def _clear(self) -> None:
        self.rows, self.shown, self.asking, self.link = [], False, False, ""


class UserForm(ui.FormState, rx.State):
    """A new user; what follows is the link to hand over."""

    @allowed(Right.ADMINISTER)
    async def create_new(self, user: Viewer):
        self._open({"name": "", "email": "", "role": Role.EDITOR, "language": user.language})

    @allowed(Right.ADMINISTER)
    async def save(self, user: Viewer, given: dict[str, Any]):
        typed = ui.Typed(given)
        wanted = NewUser(typed.text("name"), typed.text("email"), typed.text("language"), user.time_zone)
        try:
            role = typed.choice("role", Role) or Role.VIEWER
            typed.check()
            secret = await data.run(invite, wanted, role, data.now(), user.email)
        except Invalid as error:
            return self._fail(user, error)
        self._close()
        users = await self.get_state(Users)
        users.rows = [_line(row, user, data.now()) for row in await data.read(user_rows)]
        users._show_link(secret, wanted.name)


def users_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("users.title"), facts=[tr("users.about")], acts=[ui.for_administrators(_create())]),
        rx.cond(
            Users.shown,
            rx.cond(Prefs.can_administer, _list(), ui.no_rights(tr("users.no_right"))),
            ui.panel(ui.skeleton_rows(3), padded=False),
        ),
        _form(),
        _link(),
        _disable(),
        here="users",
        crumbs=[(tr("nav.administration"), routes.OUTBOUND_EMAILS), (tr("users.title"), routes.USERS)],
    )


def _create() -> rx.Component:
    return ui.button(tr("users.create"), icon_name="plus", look="pri", key="c", on_click=UserForm.create_new())


def _list() -> rx.Component:
    columns = [
        ui.Column("name", tr("users.name"), _name, phone=1, named=True),
        ui.Column("role", tr("users.role"), lambda row: _role(row.role), phone=3),
        ui.Column("state", tr("users.state"), lambda row: _state(row.state), phone=2),
        ui.time_column("seen", tr("users.seen"), lambda row: row.seen, lambda row: row.seen_full, phone=4),
        ui.text_column("since", tr("users.since"), lambda row: row.since, low=True),
    ]
    return ui.panel(ui.table(Users.rows, columns, menu=_menu, two_lines=True, label=tr("users.title")), padded=False)


def _name(row: rx.Var[Line]) -> rx.Component:
    own = rx.cond(row.own, rx.el.span(" ", ui.plain_badge(tr("users.you"))))
    return rx.fragment(rx.el.span(row.name, class_name="strong"), own, rx.el.span(row.email, class_name="sub"))


def _role(role: rx.Var[str]) -> rx.Component:
    def shown(one: Role) -> rx.Component:
        return rx.fragment(
            rx.el.span(tr(f"auth.role.{one}")), rx.el.span(tr(f"users.may.{one}"), class_name="sub only-desk")
        )

    return rx.match(role, *[(str(one), shown(one)) for one in Role], rx.fragment())


def _state(state: rx.Var[str]) -> rx.Component:
    def shown(name: str) -> rx.Component:
        icon_name, ink = _STATES[name]
        return rx.el.span(
            ui.icon(icon_name, class_name=f"ink-{ink}"), rx.el.span(tr(f"users.state.{name}")), class_name="st"
        )

    return rx.match(state, *[(name, shown(name)) for name in _STATES], rx.fragment())


def _menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    enabled = row.state != "disabled"
    roles = [
        ui.Item(tr(f"users.make.{role}"), "user-cog", on_click=Users.give_role(row.id, role), when=row.role != role)
        for role in map(str, Role)
    ]
    return [
        ui.Item(tr("users.reset"), "key-round", on_click=Users.give_link(row.id), when=enabled),
        *roles,
        None,
        ui.Item(tr("users.disable"), "ban", on_click=Users.ask_disable(row.id), bad=True, when=enabled & ~row.own),
        ui.Item(tr("users.enable"), "circle-check", on_click=Users.enable_again(row.id), when=~enabled),
    ]


def _form() -> rx.Component:
    form = UserForm
    roles = [(str(role), tr(f"auth.role.{role}")) for role in (Role.EDITOR, Role.VIEWER, Role.ADMINISTRATOR)]
    return ui.form_dialog(
        form,
        ui.text_field(form, "name", tr("users.name"), auto_focus=True, max_length=200, auto_complete="off"),
        ui.text_field(form, "email", tr("users.email"), kind="email", auto_complete="off"),
        ui.select_field(form, "role", tr("users.role"), roles),
        ui.select_field(
            form, "language", tr("users.language"), [(str(code), word) for code, word in _LANGUAGES.items()]
        ),
        title=tr("users.create"),
        on_submit=form.save,
        save=tr("users.create"),
    )


def _link() -> rx.Component:
    """The link is selectable and can be copied; it is not kept anywhere else."""
    shown = rx.el.input(
        value=Users.link, read_only=True, id="one-time-link", class_name="mono", aria_label=tr("users.link")
    )
    return ui.dialog(
        rx.el.div(shown, ui.copy_button(Users.link, tr("users.copy_link")), class_name="in"),
        title=tr_with("users.link_title", name=Users.link_name),
        text=tr("users.link_text"),
        is_open=Users.link != "",
        on_close=Users.close(),
        acts=[ui.button(tr("users.link_done"), look="pri", on_click=Users.close())],
        width=760,
    )


def _disable() -> rx.Component:
    return ui.confirmation(
        title=tr_with("users.disable_question", name=Users.asked_name),
        text=tr("users.disable_text"),
        is_open=Users.asking,
        on_close=Users.close(),
        confirm=tr("users.disable"),
        on_confirm=Users.confirm_disable(),
    )


def _line(row: UserRow, user: Viewer, now: datetime) -> Line:
    language, zone = user.language, user.time_zone
    return Line(
        id=row.id,
        name=row.name,
        email=row.email,
        role=str(row.role),
        state="disabled" if row.disabled_at else "invited" if row.invited else "active",
        seen=format.moment(language, zone, row.seen_at, now),
        seen_full=format.full_moment(language, zone, row.seen_at),
        since=format.moment(language, zone, row.created_at, now),
        own=row.id == user.id,
    )
