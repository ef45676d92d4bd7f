"""Mail Catcher: what was caught instead of sent, list left, message right; new messages arrive by themselves."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.admin.caught_mail_view import PARTS, CaughtMailView, message
from dashboard.admin.mail_catcher_delete import CatcherDelete, catcher_delete_dialog
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.ui.filter_bar import search_box
from models.caught_mail import NEWEST, CaughtNow, CaughtRow, caught_now, caught_page

SPEC: Final = ui.ListSpec(
    route=routes.MAIL_CATCHER,
    sorts=("at",),
    sort="-at",
    filters=(
        ui.Filter("mail", "catcher.mail", "pick"),
        ui.Filter("part", "catcher.part", "choice", PARTS, "catcher.part"),
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A message as the list shows it."""

    id: int
    name: str
    subject: str
    address: str
    at: str
    at_full: str
    is_test: bool
    href: str


class MailCatcher(live.LiveState, ui.ListState, rx.State):
    """The list as the address asks for it. `opened`: the id of the message at the right, 0 for none; `by_choice`:
    somebody chose it, it is not merely the newest."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    caught: int = 0
    where: str = ""
    real: str = ""
    opened: int = 0
    by_choice: bool = False
    back_href: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        news = await live.follow(self, user, caught_now)
        rows, total = await data.read(caught_page, asked.text, asked.page, asked.size)
        chosen = asked.number("mail")
        self.opened, self.by_choice = chosen or (rows[0].id if rows else 0), chosen is not None
        kept = {name: value for name, value in asked.filters.items() if name == "part"}
        self.back_href = self._address(replace(asked, filters=kept))
        self._take_list(user, rows, total)
        self._take(user, news)
        view = await self.get_state(CaughtMailView)
        hrefs = {part: self._href(self.opened, part) for part in PARTS}
        await view._open_mail(user, self.opened, asked.get("part") or PARTS[0], hrefs)

    def _take(self, user: Viewer, news: CaughtNow) -> None:
        self.caught = news.total
        self.where = say(user.language, "catcher.listens", host=f"localhost:{news.port}") if news.port else ""
        self.real = say(user.language, "catcher.real", name=news.sends_by) if news.sends_by else ""
        asked = self._asked()
        if not asked.text and asked.page == 1 and asked.size == NEWEST:
            self._take_list(user, list(news.rows), news.total)

    def _take_list(self, user: Viewer, rows: list[CaughtRow], total: int) -> None:
        now = data.now()
        self.rows = [_line(row, user, now, self._href(row.id)) for row in rows]
        self._show(user, total)

    def _href(self, mail_id: int, part: str = "") -> str:
        """The list as it stands, with a message and one of its parts."""
        asked = self._asked()
        part = part or asked.get("part") or PARTS[0]
        shown = {"mail": str(mail_id)} | ({"part": part} if part != PARTS[0] else {})
        return self._address(replace(asked, filters=shown))


def mail_catcher_page() -> rx.Component:
    """The page, part by part."""
    state = MailCatcher
    return ui.page(
        ui.page_header(tr("catcher.title"), facts=[_fact()], acts=[_refresh(), ui.for_administrators(_delete_all())]),
        rx.cond(state.real != "", ui.note(state.real, tone="warn")),
        rx.cond(
            state.shown,
            rx.cond((state.caught > 0) | (state.text != ""), _catcher(), ui.panel(_none_yet())),
            ui.panel(ui.skeleton_rows(), padded=False),
        ),
        catcher_delete_dialog(),
        here="mail_catcher",
        crumbs=[(tr("nav.administration"), routes.OUTBOUND_EMAILS), (tr("catcher.title"), routes.MAIL_CATCHER)],
        live=live.sign(state),
    )


def _fact() -> rx.Component:
    state = MailCatcher
    return rx.el.span(
        ui.icon("mail-check", class_name="ink-ok"),
        state.where,
        rx.cond(state.caught > 0, rx.el.span(tr_with("catcher.count", count=state.caught))),
        class_name="row wrap",
    )


def _refresh() -> rx.Component:
    return ui.button(tr("catcher.refresh"), icon_name="rotate-cw", on_click=MailCatcher.load())


def _delete_all() -> rx.Component:
    return rx.cond(
        MailCatcher.caught > 0,
        ui.button(
            tr_with("catcher.delete_all", count=MailCatcher.caught),
            icon_name="trash-2",
            look="bad",
            on_click=CatcherDelete.ask(),
        ),
    )


def _none_yet() -> rx.Component:
    return ui.empty(
        tr("catcher.none"),
        tr("catcher.none_text"),
        icon_name="mail-check",
        acts=[ui.button(tr("nav.mass_emails"), icon_name="mails", to=routes.MASS_EMAILS)],
    )


def _catcher() -> rx.Component:
    state = MailCatcher
    back = "row only-phone back"
    nothing = rx.el.div(tr("list.no_match"), class_name="mute", style={"padding": "16px"})
    inbox = rx.el.div(
        rx.el.div(search_box(state, tr("catcher.search")), class_name="filters", role="search"),
        rx.el.nav(
            rx.cond(state.total > 0, rx.foreach(state.rows, _mail), nothing),
            class_name="mails",
            aria_label=tr("catcher.list"),
        ),
        _pages(),
        class_name="inbox",
    )
    return rx.el.section(
        inbox,
        rx.el.div(
            ui.link(ui.icon("chevron-left", 15), tr("catcher.back"), to=state.back_href, class_name=back),
            rx.cond(CaughtMailView.mail.id > 0, message(), _nothing_open()),
            class_name="letter",
        ),
        class_name="panel flush catcher",
        custom_attrs={"data-open": rx.cond(state.by_choice, "true", "false")},
    )


def _nothing_open() -> rx.Component:
    gone = CaughtMailView.gone
    return ui.empty(rx.cond(gone != "", gone, tr("catcher.choose")), tr("catcher.choose_text"), icon_name="mail")


def _pages() -> rx.Component:
    """Which messages these are, one page back or on."""
    state = MailCatcher
    return rx.el.div(
        rx.el.span(state.range_text, role="status"),
        rx.el.div(
            ui.icon_button(
                tr("list.previous"),
                "chevron-left",
                look="",
                small=True,
                key="[",
                disabled=state.page <= 1,
                on_click=state.go_to(state.page - 1),
            ),
            ui.icon_button(
                tr("list.next"),
                "chevron-right",
                look="",
                small=True,
                key="]",
                disabled=state.page >= state.pages,
                on_click=state.go_to(state.page + 1),
            ),
            class_name="end",
        ),
        class_name="foot",
    )


def _mail(row: rx.Var[Line]) -> rx.Component:
    here = MailCatcher.opened == row.id
    return ui.link(
        rx.el.span(
            rx.el.b(row.name, class_name="trunc grow"),
            rx.cond(row.is_test, ui.plain_badge(tr("status.test"))),
            rx.el.span(row.at, class_name="mute num small", title=row.at_full),
            class_name="row",
        ),
        rx.el.span(row.subject, class_name="trunc block"),
        rx.el.span(row.address, class_name="trunc block mute small"),
        to=row.href,
        class_name=rx.cond(here, "mail on", "mail"),
        custom_attrs={"aria-current": rx.cond(here, "true", "false"), "data-row": ""},
    )


def _line(row: CaughtRow, user: Viewer, now: datetime, href: str) -> Line:
    return Line(
        id=row.id,
        name=row.to_name or row.recipient,
        subject=row.subject or say(user.language, "catcher.no_subject"),
        address=row.recipient,
        at=format.moment(user.language, user.time_zone, row.at, now),
        at_full=format.full_moment(user.language, user.time_zone, row.at),
        is_test=row.is_test,
        href=href,
    )
