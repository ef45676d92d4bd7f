"""One target list: its figures and its entries, by kind, with the state of each as seen from this list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.people import language_options, state_column, why
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.target_lists.entry_acts import EntryAct, bulk_acts, entry_act_dialog
from dashboard.target_lists.entry_spec import SPEC, entry_filter
from dashboard.target_lists.head import TargetListHead, list_page_of
from models.log_table import Action
from models.membership import EntryRow, ListFigures, entry_page, list_figures, within
from models.recipient import Kind, MailState
from models.recipient_page import count_exactly


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is shown. `action` "": nothing happened to this person yet."""

    id: int
    name: str
    href: str
    kind: str
    address: str
    account: str
    state: str
    why: str
    action: str
    action_at: str
    action_full: str
    added: str
    added_full: str


class Entries(ui.ListState, rx.State):
    """The rows as the address asks for them; `states` and `shares` are the figures of the whole list."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    states: dict[str, str] = {}
    shares: dict[str, str] = {}
    archived: int = 0
    figures_shown: bool = False
    _of: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        list_id, asked = routes.id_in(self.router.url.path), self._asked()
        if self._of != list_id:
            self._clear()
            self._of = list_id
        chosen = entry_filter(asked)
        found, total = await data.read(entry_page, list_id, chosen, asked.sort, asked.page, asked.size)
        self.rows = [_line(row, user) for row in found]
        self._show(user, total, options={"language": await language_options(user.language)})
        yield
        if not total.exact:
            self._count_up(user, await data.read(count_exactly, within(list_id, chosen)))
            yield
        self._show_figures(user, await data.read(list_figures, list_id))

    @allowed(Right.LOOK)
    async def load_behind(self, user: Viewer):
        """Under the Select dialog: what is shown already stays."""
        if self._of != routes.id_in(self.router.url.path) or not self.shown:
            return Entries.load
        return None

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, act: str):
        """The bulk act: about the selected, or all results."""
        chosen = self._chosen()
        acts = await self.get_state(EntryAct)
        acts._ask(str(act), chosen, self.results if chosen is None else len(chosen))

    def _asked(self) -> ui.Asked:
        path = self.router.url.path
        return SPEC.read({} if path.endswith("/select") else self.router.url.query_parameters)

    def _show_figures(self, user: Viewer, found: ListFigures) -> None:
        language, whole = user.language, found.entries
        kinds: Mapping[str, int] = {"": whole, **found.by_kind}
        self.view_counts = {kind: format.count(language, number) for kind, number in kinds.items()}
        self.states = {state.value: format.count(language, number) for state, number in found.by_state.items()}
        self.states["all"] = format.count(language, whole)
        self.shares = {state.value: format.percent(language, n, whole) for state, n in found.by_state.items()}
        self.archived, self.figures_shown = found.by_state[MailState.ARCHIVED], True

    def _clear(self) -> None:
        self.rows, self.total, self.results, self.shown, self.selected, self.options = [], 0, 0, False, [], {}
        self.states, self.shares, self.view_counts, self.archived, self.figures_shown = {}, {}, {}, 0, False


def entries_page() -> rx.Component:
    """The page of a list."""
    return list_page_of(*entries(), entry_act_dialog(), here="entries")


def entries() -> list[rx.Component]:
    """Figures and table; also what stands behind the Select dialog."""
    return [
        rx.cond(Entries.figures_shown, _figures(), ui.skeleton_figures(6)),
        ui.list_panel(
            Entries,
            _columns(),
            search=tr("people.name_or_address"),
            bulk=bulk_acts(Entries.ask),
            menu=_row_menu,
            none_yet=ui.empty(
                tr("target_lists.empty"),
                tr("target_lists.empty_text"),
                icon_name="users",
                acts=[ui.button(tr("people.import"), icon_name="upload", to=_import())],
            ),
            label=tr("target_lists.entries"),
        ),
    ]


def _import() -> rx.Var[str]:
    return f"{routes.IMPORT}?list=" + TargetListHead.id_.to_string()


def _figures() -> rx.Component:
    def cell(state: MailState, icon_name: str, label: str, fact: str) -> ui.Figure:
        shown, share = Entries.states[state], Entries.shares[state]
        to = _list_path() + f"?state={state}"
        return ui.Figure(tr(label), icon_name, shown, to=to, percent=share, fact=tr(f"target_lists.{fact}"))

    among = rx.cond(
        Entries.archived > 0,
        tr_with("target_lists.archived_among", count=Entries.archived),
        tr("target_lists.each_once"),
    )
    return ui.figures(
        ui.Figure(tr("target_lists.entries"), "list-checks", Entries.states["all"], to=_list_path(), fact=among),
        cell(MailState.CAN_BE_MAILED, "send", "people.state.can_be_mailed", "one_per_address"),
        cell(MailState.OPTED_OUT, "bell-off", "target_lists.opted_out", "of_this_list"),
        cell(MailState.OPTED_OUT_ENTIRELY, "bell-off", "target_lists.opted_out", "of_everything"),
        cell(MailState.SUPPRESSED, "shield-ban", "people.state.suppressed", "bounced_or_complained"),
        cell(MailState.NO_ADDRESS, "at-sign", "people.state.no_address", "to_complete"),
    )


def _list_path() -> rx.Var[str]:
    return "/target-lists/" + TargetListHead.id_.to_string()


def _columns() -> list[ui.Column]:
    return [
        ui.link_column("name", tr("people.name"), lambda row: row.name, lambda row: row.href, sort="name"),
        ui.status_column("kind", tr("people.kind"), lambda row: row.kind, Kind, low=True),
        ui.text_column("address", tr("people.address"), lambda row: row.address, sort="address", phone=3, cut=True),
        ui.text_column("account", tr("people.account"), lambda row: row.account, low=True, cut=True),
        state_column("state", tr("people.is_state"), phone=2),
        ui.Column("action", tr("people.last_action"), _last_action, phone=4),
        ui.time_column("added", tr("people.added_by"), lambda row: row.added, lambda row: row.added_full, low=True),
    ]


def _last_action(row: rx.Var[Line]) -> rx.Component:
    return rx.cond(
        row.action != "",
        rx.el.span(
            ui.status(row.action, Action),
            rx.el.span(row.action_at, class_name="mute num", title=row.action_full),
            class_name="row g1",
        ),
        rx.el.span(format.UNKNOWN, class_name="mute"),
    )


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    declined = row.state == MailState.OPTED_OUT.value
    return [
        ui.Item(tr("ui.open"), "arrow-right", to=row.href),
        ui.Item(tr("target_lists.opt_out"), "bell-off", on_click=EntryAct.ask_one("opt_out", row.id), when=~declined),
        ui.Item(tr("target_lists.opt_in"), "bell", on_click=EntryAct.ask_one("opt_in", row.id), when=declined),
        None,
        ui.Item(tr("target_lists.remove"), "list-x", on_click=EntryAct.ask_one("remove", row.id), bad=True),
    ]


def _line(row: EntryRow, user: Viewer) -> Line:
    language, zone, person, now = user.language, user.time_zone, row.person, data.now()
    return Line(
        id=person.id,
        name=person.name,
        href=routes.to(routes.RECIPIENT, recipient_id=person.id),
        kind=person.kind,
        address=person.address or format.UNKNOWN,
        account=person.account or person.company or format.UNKNOWN,
        state=person.state,
        why=why(language, person),
        action=row.last_action or "",
        action_at=format.short_moment(language, zone, row.last_at, now),
        action_full=format.full_moment(language, zone, row.last_at),
        added=say(
            language,
            "people.added",
            source=say(language, f"people.source.{row.source}"),
            at=format.short_moment(language, zone, row.added_at, now),
        ),
        added_full=format.full_moment(language, zone, row.added_at),
    )
