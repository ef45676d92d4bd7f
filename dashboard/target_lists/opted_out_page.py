"""Who opted out of a target list, members or not: the addresses, when and by which way; opting them in again."""

from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.person_words import consent_source
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.target_lists.head import list_page_of
from models.address import opt_in
from models.membership import OptedOutRow, opted_out_page

SPEC = ui.ListSpec(route=routes.TARGET_LIST_OPTED_OUT, sorts=("address",), sort="address")


@dataclass(frozen=True, slots=True)
class Line:
    """An address that opted out. `names`: the recipients who have it."""

    id: int
    name: str
    names: str
    at: str
    full: str
    source: str


class OptedOut(ui.ListState, rx.State):
    """The rows as the address asks for them; `asking`: to opt one in again."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    asking: bool = False
    address: str = ""
    _address_id: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked, list_id = self._asked(), routes.id_in(self.router.url.path)
        found, total = await data.read(opted_out_page, list_id, asked.text, asked.page, asked.size)
        self.rows = [_line(row, user) for row in found]
        self._show(user, total)

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, address_id: int, address: str):
        self._address_id, self.address, self.asking = int(address_id), str(address)[:254], True

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.EDIT)
    async def confirm(self, user: Viewer):
        if not self.asking:
            return None
        self.asking = False
        lists = [routes.id_in(self.router.url.path)]
        await data.run(opt_in, self._address_id, lists, data.now(), source="person", by=user.email, durable=True)
        await ui.tell(self, say(user.language, "target_lists.opt_in_done", count=1))
        return rx.redirect(self.router.url.path, replace=True)


def list_opted_out_page() -> rx.Component:
    """The page, part by part."""
    state = OptedOut
    return list_page_of(
        ui.list_panel(
            state,
            [
                ui.Column("name", tr("people.address"), lambda row: rx.el.span(row.name, class_name="name"), phone=1),
                ui.text_column("names", tr("people.name"), lambda row: row.names, phone=3, cut=True),
                ui.time_column("at", tr("people.since"), lambda row: row.at, lambda row: row.full, phone=2),
                ui.text_column("source", tr("people.by_way_of"), lambda row: row.source, phone=4),
            ],
            search=tr("people.address"),
            menu=_row_menu,
            none_yet=ui.empty(tr("target_lists.none_opted_out"), tr("target_lists.opt_outs_last"), icon_name="bell"),
            label=tr("target_lists.opted_out"),
        ),
        ui.confirmation(
            title=tr("target_lists.opt_in_question_one"),
            text=tr_with("target_lists.opt_in_text_one", address=state.address),
            is_open=state.asking,
            on_close=state.keep(),
            confirm=tr("target_lists.opt_in"),
            on_confirm=state.confirm(),
        ),
        here="opted_out",
    )


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    return [ui.Item(tr("target_lists.opt_in"), "bell", on_click=OptedOut.ask(row.id, row.name))]


def _line(row: OptedOutRow, user: Viewer) -> Line:
    language, zone = user.language, user.time_zone
    return Line(
        id=row.address_id,
        name=row.address or say(language, "people.erased"),
        names=", ".join(row.names) or format.UNKNOWN,
        at=format.moment(language, zone, row.at, data.now()),
        full=format.full_moment(language, zone, row.at),
        source=consent_source(language, row.source) or format.UNKNOWN,
    )
