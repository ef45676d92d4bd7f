"""From the log to a target list: whom to include and leave out, the count that follows, and making it (D3, D21).

CreateList.ask(query)      the event that opens it: the people of a log filter, as LogFilter.to_query() in an address
create_list_dialog()       the dialog: put it once on a page that offers it
"""

from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.list_words import (
    EXCLUDE,
    IGNORE,
    INCLUDE,
    Choice,
    choices_of,
    kinds_said,
    list_option,
    missing,
    steps_of,
    suggested_name,
)
from dashboard.acts.long_work import LongWork, Stopped, work_progress
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from models.catalogue import Problem
from models.errors import EnvoiError, Invalid
from models.log_filter import LogFilter, Who
from models.log_list import MadeList, make_list, preview_list
from models.log_table import Action
from models.log_view import people_count
from models.target_list_page import list_choices

LONGEST: Final = 2_000
_UNWANTED: Final = (Action.OPTED_OUT, Action.BOUNCED, Action.COMPLAINED)
_SIGNS: Final = {INCLUDE: ("check", "tone-ok"), EXCLUDE: ("minus", "tone-bad"), IGNORE: ("", "")}


class CreateList(LongWork, ui.FormState, rx.State):
    """`found`: how many the page's filter shows; `people`: how many the list would get, as it is chosen now."""

    found: int = 0
    people: int = 0
    choices: list[Choice] = []
    human: bool = True
    machine_only: int = 0
    existing: bool = False
    lists: list[ui.Option] = []
    steps: list[ui.Step] = []
    kinds: str = ""
    _query: dict[str, str] = {}

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, query: str):
        """Open it for the people of a log filter; who opted out, bounced or complained is left out unless asked for."""
        chosen = _read(query)
        self.found = await data.read(people_count, chosen)
        if not chosen.left_out:
            chosen = replace(chosen, excluded=(*chosen.excluded, *missing(_UNWANTED, chosen)))
        await self._preview(user, chosen)
        lists = await data.read(list_choices)
        nothing = ui.Option("", say(user.language, "create_list.choose"))
        self.lists = [nothing, *(list_option(user.language, *one) for one in lists)]
        self.existing = False
        self._open({"name": await suggested_name(user.language, _read(query)), "list": ""})

    @allowed(Right.EDIT)
    async def choose(self, user: Viewer, action: str, choice: str):
        chosen, about = self._chosen(), next((one for one in Action if one == action), None)
        if about is None:
            return
        included = [one for one in chosen.included if one is not about]
        excluded = [one for one in chosen.excluded if one is not about]
        if choice in {INCLUDE, EXCLUDE}:
            (included if choice == INCLUDE else excluded).append(about)
        await self._preview(user, replace(chosen, included=tuple(included), excluded=tuple(excluded)))

    @allowed(Right.EDIT)
    async def set_human(self, user: Viewer, on: bool):
        await self._preview(user, replace(self._chosen(), who=Who.PEOPLE if on is True else Who.EVERYBODY))

    @allowed(Right.EDIT)
    async def put_in(self, user: Viewer, where: str):
        self.existing, self.errors = where == "existing", {}
        await self._preview(user, self._chosen())

    @allowed(Right.EDIT, background=True)
    async def create(self, user: Viewer, given: dict[str, Any]):
        if not await self._may_begin():
            return None
        typed = ui.Typed(given)
        try:
            chosen, into = self._chosen(), _destination(typed, existing=self.existing)
            made = await self._work(make_list, chosen, into, data.now(), by=user.email)
        except Stopped as stopped:
            return await self._end(stopped.said(user.language))
        except EnvoiError as error:
            return await self._explain(user, error)
        return await self._finish(user, made, opens=typed.on("open"))

    async def _explain(self, user: Viewer, error: EnvoiError) -> Any:
        await self._end_work()
        if not isinstance(error, Invalid):
            raise error
        async with self:
            return self._fail(user, error)

    async def _end(self, said: str) -> None:
        async with self:
            self._close()
            await ui.tell(self, said, tone="warn")

    async def _finish(self, user: Viewer, made: MadeList, *, opens: bool) -> Any:
        page = routes.to(routes.TARGET_LIST, list_id=made.list_id)
        said = {"already": made.already, "opt_outs": made.opt_outs}
        detail = " ".join(say(user.language, f"create_list.{name}", count=n) for name, n in said.items() if n)
        title = say(user.language, "create_list.done", count=made.added)
        async with self:
            self._close()
            await ui.tell(self, title, detail, to="" if opens else page, act=say(user.language, "ui.open"))
        return rx.redirect(page) if opens else None

    def _chosen(self) -> LogFilter:
        return LogFilter.from_query(self._query)

    async def _preview(self, user: Viewer, chosen: LogFilter) -> None:
        found = await data.read(preview_list, chosen)
        self._query, self.people, self.machine_only = chosen.to_query(), found.people, found.machine_only
        self.human, self.choices = chosen.who is Who.PEOPLE, choices_of(chosen)
        self.steps = steps_of(user.language, chosen, found, existing=self.existing)
        self.kinds = kinds_said(user.language, found.by_kind)

    def _clear(self) -> None:
        self.values, self.form_open, self.lists, self.steps, self.choices, self._query = {}, False, [], [], [], {}
        self.found, self.people, self.kinds = 0, 0, ""


def create_list_dialog() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    made = CreateList
    return ui.dialog(
        rx.el.div(_actions(), _destination_and_count(), class_name="g cols-half g5"),
        work_progress(made),
        title=tr_with("create_list.title", count=made.found),
        text=rx.cond(made.choices.length() > 0, tr("create_list.text"), tr("create_list.left_out_text")),
        is_open=made.form_open,
        on_close=made.close_form(),
        left=rx.el.label(
            rx.el.input(type="checkbox", class_name="cb", name="open", id="open-afterwards"),
            tr("create_list.open_after"),
            class_name="row mute",
        ),
        acts=[ui.button(tr("ui.cancel"), on_click=made.close_form()), _create()],
        width=760,
        form=made.create,
        form_key=made.serial,
    )


def _create() -> rx.Component:
    made = CreateList
    words = rx.cond(
        made.existing,
        tr_with("create_list.add", count=made.people),
        tr_with("create_list.create_with", count=made.people),
    )
    return ui.button(
        words,
        icon_name="list-plus",
        look="pri",
        type="submit",
        busy=made.working,
        disabled=made.people == 0,
        id="create-list",
    )


def _actions() -> rx.Component:
    made = CreateList
    return rx.cond(
        made.choices.length() > 0,
        rx.el.div(
            rx.el.div(tr("create_list.actions"), class_name="lab"),
            rx.el.div(rx.foreach(made.choices, _action), _human(), class_name="lines"),
            class_name="col",
        ),
    )


def _action(row: rx.Var[Choice]) -> rx.Component:
    return rx.el.div(
        ui.status(row.action, Action),
        rx.el.div(
            *[_segment(row, choice) for choice in (INCLUDE, EXCLUDE, IGNORE)],
            class_name="seg",
            role="radiogroup",
            aria_label=rx.match(row.action, *[(a.value, tr(f"status.{a}")) for a in Action], ""),
        ),
        class_name="row between choice",
    )


def _segment(row: rx.Var[Choice], choice: str) -> rx.Component:
    sign, tone = _SIGNS[choice]
    chosen = row.choice == choice
    return rx.el.button(
        *([rx.cond(chosen, ui.icon(sign, 13, class_name="only-desk"))] if sign else []),
        tr(f"create_list.{choice}"),
        type="button",
        role="radio",
        class_name=tone,
        on_click=CreateList.choose(row.action, choice),
        custom_attrs={"aria-checked": rx.cond(chosen, "true", "false"), "data-choice": choice},
    )


def _human() -> rx.Component:
    made = CreateList
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                role="switch",
                class_name="sw",
                checked=made.human,
                on_change=made.set_human,
                name="human",
            ),
            tr("log.human_only"),
            class_name="row",
        ),
        rx.cond(
            made.machine_only > 0,
            rx.el.span(tr_with("create_list.by_machines", count=made.machine_only), class_name="mute small num"),
        ),
        class_name="row between choice",
    )


def _destination_and_count() -> rx.Component:
    made = CreateList
    where = rx.cond(made.existing, "existing", "new")
    options = [("new", tr("create_list.new")), ("existing", tr("create_list.existing"))]
    return rx.el.div(
        rx.el.div(
            rx.el.div(tr("create_list.put_in"), class_name="lab"),
            rx.el.div(ui.segments(where, options, made.put_in, tr("create_list.put_in")), class_name="row"),
            class_name="field",
        ),
        rx.el.div(ui.text_field(made, "name", tr("create_list.name"), max_length=200), hidden=made.existing),
        rx.el.div(ui.select_field(made, "list", tr("create_list.list"), made.lists), hidden=~made.existing),
        rx.el.div(
            rx.el.div(tr("create_list.people"), class_name="lab"),
            ui.waterfall(made.steps, [action.value for action in Action], tr("create_list.people"), rest="list-plus"),
            rx.el.div(made.kinds, class_name="small mute num"),
            rx.el.div(tr("create_list.opt_outs_come"), class_name="small mute"),
            class_name="col",
            aria_live="polite",
        ),
        class_name="col g4",
    )


def _read(query: str) -> LogFilter:
    return LogFilter.from_query(dict(parse_qsl(str(query)[:LONGEST].removeprefix("?"))))


def _destination(typed: ui.Typed, *, existing: bool) -> str | int:
    if not existing:
        return typed.text("name")
    list_id = typed.whole("list")
    typed.check()
    if list_id is None:
        raise Invalid({"list": Problem("errors.required")})
    return list_id
