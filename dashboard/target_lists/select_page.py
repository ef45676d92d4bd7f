"""Select: people of one kind are found by filters and added to the list, all results as they are at that moment."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.long_work import LongWork, Stopped, work_progress
from dashboard.acts.people import KIND_FILTER, KINDS, language_options, list_options
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.target_lists.entries_page import entries
from dashboard.target_lists.head import TargetListHead, list_page_of
from models.candidate import Candidate, candidate_page, count_declined
from models.errors import EnvoiError
from models.membership import Added, Chosen, add_members
from models.recipient import Kind
from models.recipient_filter import RecipientFilter
from models.recipient_page import count_exactly
from models.report import get_report, report_choices
from models.target_list import Source
from models.target_list_page import get_list

SPEC = ui.ListSpec(
    route=routes.TARGET_LIST_SELECT,
    sorts=("name", "address"),
    sort="name",
    filters=(
        KIND_FILTER,
        ui.Filter("language", "people.language", "code"),
        ui.Filter("list", "people.in_list", "pick"),
        ui.Filter("report", "people.report", "pick"),
        ui.Filter("absent", "target_lists.not_in_this", "flag"),
    ),
    views=tuple(ui.View(kind.value, f"people.kinds.{kind}", {"kind": kind.value}) for kind in KINDS),
    tabs=True,
)
FIRST: Final = Kind.CONTACT


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody who may be added. `note`: opted out of this list, or in it already."""

    id: int
    name: str
    address: str
    account: str
    language: str
    note: str
    declined: bool


class Select(ui.ListState, LongWork, rx.State):
    """The results as the address asks for them. `declined`: how many of all results have opted out of the list."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    kind: str = FIRST.value
    declined: int = 0
    open: bool = False

    @rx.var
    def stay_out(self) -> int:
        """How many of the chosen stay opted out."""
        if self.all_results:
            return self.declined
        return sum(row.declined for row in self.rows if row.id in self.selected)

    @allowed(Right.EDIT)
    async def load(self, user: Viewer):
        asked, list_id = self._asked(), routes.id_in(self.router.url.path)
        chosen = await _filter(asked, list_id)
        found, total = await data.read(candidate_page, list_id, chosen, asked.sort, asked.page, asked.size)
        self.kind = chosen.kind or FIRST
        self.rows = [_line(row, user.language) for row in found]
        self._show(user, total, options=await _options(user.language, list_id))
        self.view, self.open, self.declined = self.kind, True, 0
        self.picking = True  # its checkboxes are there on phones too
        yield
        if not total.exact:
            self._count_up(user, await data.read(count_exactly, chosen))
        if (await data.read(get_list, list_id)).opted_out_count:
            self.declined = await data.read(count_declined, list_id, chosen)

    @allowed(Right.LOOK)
    async def leave(self, user: Viewer):
        self.open = False
        return rx.redirect(routes.to(routes.TARGET_LIST, list_id=routes.id_in(self.router.url.path)))

    @allowed(Right.EDIT, background=True)
    async def add(self, user: Viewer):
        if not await self._may_begin():
            return None
        async with self:
            list_id, asked, ids = routes.id_in(self.router.url.path), self._asked(), self._chosen()
        try:
            chosen: Chosen = await _filter(asked, list_id) if ids is None else ids
            added = await self._work(add_members, list_id, chosen, Source.SELECT, data.now())
        except Stopped as stopped:
            said = stopped.said(user.language)
            return await self._finish(list_id, said, "", "warn")
        except EnvoiError:
            await self._end_work()
            raise
        return await self._finish(list_id, *_outcome(user.language, added), "ok")

    async def _finish(self, list_id: int, said: str, detail: str, tone: str) -> Any:
        async with self:
            self.open = False
            self._unselect()
            await ui.tell(self, said, detail, tone=tone)
        return rx.redirect(routes.to(routes.TARGET_LIST, list_id=list_id))


def select_page() -> rx.Component:
    """The list with the dialog over it; its address holds what is searched."""
    return list_page_of(*entries(), select_dialog(), here="entries")


def select_dialog() -> rx.Component:
    """Kinds, filters, results with checkboxes, and the act that names how many."""
    state = Select
    return rx.dialog.root(
        rx.dialog.content(
            rx.el.div(
                rx.el.div(rx.dialog.title(_title()), class_name="grow"),
                ui.segment_links(
                    [
                        (tr(f"people.kinds.{kind}"), state.view_links[kind.value], state.kind == kind.value)
                        for kind in KINDS
                    ]
                ),
                ui.icon_button(tr("ui.close"), "x", small=True, on_click=state.leave()),
                class_name="dialog-h wrap",
            ),
            ui.filter_bar(state, [], search=tr("people.name_or_address"), focus=True),
            _results(),
            rx.el.div(
                rx.el.span(
                    rx.cond(state.stay_out > 0, tr_with("target_lists.stay_out", count=state.stay_out), ""),
                    class_name="mute num",
                ),
                rx.el.div(
                    ui.button(tr("ui.cancel"), on_click=state.leave()),
                    _add(),
                    class_name="end",
                ),
                class_name="dialog-f",
            ),
            max_width="920px",
            aria_describedby="",
            id="select-dialog",
        ),
        open=state.open,
        on_open_change=lambda _open: state.leave(),
    )


def _title() -> rx.Var[str]:
    name = TargetListHead.name
    first, *others = [(kind.value, tr_with(f"target_lists.select_{kind}", name=name)) for kind in KINDS]
    return rx.match(Select.kind, *others, first[1]).to(str)


def _results() -> rx.Component:
    state = Select
    found = rx.fragment(
        _choice(),
        rx.cond(state.working, rx.el.div(work_progress(state), class_name="panel-b")),
        rx.el.div(
            ui.table(state.rows, _columns(), state=state, picks=True, label=tr("target_lists.results")),
            class_name="results",
            role="region",
            aria_label=tr("target_lists.results"),
            tab_index=0,
        ),
        ui.paging(state),
    )
    nobody = ui.empty(
        tr("target_lists.nobody"),
        tr("target_lists.nobody_text"),
        icon_name="users",
        acts=[ui.button(tr("list.clear_filters"), icon_name="x", on_click=state.clear_filters())],
    )
    return rx.cond(state.shown, rx.cond(state.total > 0, found, nobody), ui.skeleton_rows())


def _choice() -> rx.Component:
    state = Select
    every = rx.fragment(
        rx.el.b(tr_with("list.all_selected", count=state.results), class_name="strong num"),
        rx.el.span(tr("target_lists.as_they_are"), class_name="mute"),
        rx.el.button(
            tr_with("target_lists.only_page", count=state.rows.length()),
            type="button",
            class_name="link",
            on_click=state.toggle_page(),
        ),
    )
    some = rx.fragment(
        rx.el.b(tr_with("list.selected", count=state.selected.length()), class_name="strong num"),
        rx.el.button(
            tr_with("list.select_all", count=state.results),
            type="button",
            class_name="link",
            id="select-all-results",
            on_click=state.select_all(),
        ),
    )
    return rx.el.div(rx.cond(state.all_results, every, some), class_name="bulk", role="status")


def _columns() -> list[ui.Column]:
    return [
        ui.Column(
            "name",
            tr("people.name"),
            lambda row: rx.el.span(row.name, class_name="name"),
            sort="name",
            phone=1,
            fixed=True,
        ),
        ui.text_column("address", tr("people.address"), lambda row: row.address, sort="address", phone=3, cut=True),
        ui.text_column("account", tr("people.account"), lambda row: row.account, low=True, cut=True),
        ui.text_column("language", tr("people.language"), lambda row: row.language, low=True),
        ui.Column(
            "note",
            ui.spoken(tr("target_lists.note")),
            lambda row: rx.el.span(row.note, class_name="mute small"),
            phone=4,
        ),
    ]


def _add() -> rx.Component:
    state = Select
    number = rx.cond(state.all_results, state.results, state.selected.length()).to(int)
    first, *others = [(kind.value, tr_with(f"target_lists.add_{kind}", count=number)) for kind in KINDS]
    words = rx.match(state.kind, *others, first[1]).to(str)
    return ui.button(
        words,
        icon_name="plus",
        look="pri",
        busy=state.working,
        disabled=number == 0,
        on_click=state.add(),
        id="add-to-list",
    )


async def _filter(asked: ui.Asked, list_id: int) -> RecipientFilter:
    """Whom the address asks for: of one kind, not archived, in a report or another list too where it says so."""
    kind, report_id = asked.get("kind"), asked.number("report")
    chosen = RecipientFilter(
        text=asked.text,
        kind=Kind(kind) if kind else FIRST,
        language=asked.get("language"),
        in_list=asked.number("list"),
        not_in_list=list_id if asked.flag("absent") else None,
    )
    if report_id is None:
        return chosen
    return replace(chosen, all_of=((await data.read(get_report, report_id)).filter,))


async def _options(language: str, list_id: int) -> dict[str, list[ui.Option]]:
    reports = [ui.Option(str(id_), name) for id_, name in await data.read(report_choices)]
    others = [option for option in await list_options() if option.value != str(list_id)]
    return {"language": await language_options(language), "list": others, "report": reports}


def _outcome(language: str, added: Added) -> tuple[str, str]:
    counts = {"fill_list.already": added.already, "fill_list.stay_out": added.opted_out}
    detail = " ".join(say(language, key, count=number) for key, number in counts.items() if number)
    return say(language, "fill_list.done", count=added.added), detail


def _line(row: Candidate, language: str) -> Line:
    person = row.person
    note = "opted_out_here" if row.has_declined else "in_already" if row.is_member else ""
    return Line(
        id=person.id,
        name=person.name,
        address=person.address or format.UNKNOWN,
        account=person.account or person.company or format.UNKNOWN,
        language=format.language_name(language, person.language) if person.language else format.UNKNOWN,
        note=say(language, f"target_lists.{note}") if note else "",
        declined=row.has_declined,
    )
