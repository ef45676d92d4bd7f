"""A new machine rule, its effect on the past before it is kept, applying it to the past, and deleting it."""

import asyncio
from typing import Any, Literal

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.long_work import LOOK, LongWork, Stopped, work_progress
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with
from models.errors import EnvoiError, Invalid
from models.machine import Told
from models.machine_rule import (
    apply_rule,
    check_rule,
    count_in_the_past,
    count_of_rule,
    create_rule,
    delete_rule,
    get_rule,
)

NEW, APPLY, DELETE = "new", "apply", "delete"
HUMAN, MACHINE = "human", "machine"


class MachineRuleForm(ui.FormState, rx.State):
    """What a new rule says. Nothing is kept before its effect is seen."""

    @allowed(Right.ADMINISTER)
    async def create_new(self, user: Viewer):
        self._open({"told_by": Told.NETWORK, "pattern": "", "side": MACHINE, "note": ""})

    @allowed(Right.ADMINISTER)
    async def save(self, user: Viewer, given: dict[str, Any]):
        typed = ui.Typed(given)
        try:
            values = {name: typed.text(name) for name in ("told_by", "pattern", "note")}
            checked = check_rule({**values, "human": typed.text("side") == HUMAN})
        except Invalid as error:
            return self._fail(user, error)
        self._close()
        act = await self.get_state(MachineRuleAct)
        act._ask(NEW, checked["pattern"], human=checked["human"])
        act._values = {**checked, "told_by": checked["told_by"].value}
        return MachineRuleAct.count()


class MachineRuleAct(LongWork, rx.State):
    """`act` about the rule of `pattern`: NEW, APPLY or DELETE, "" none; `counted`: opens and clicks of the past that it
    would turn, -1 while they are counted."""

    act: str = ""
    pattern: str = ""
    side: str = MACHINE
    counted: int = -1
    _id: int = 0
    _values: dict[str, Any] = {}
    _asked: int = 0

    @allowed(Right.ADMINISTER)
    async def ask_apply(self, user: Viewer, rule_id: int):
        await self._ask_about(APPLY, int(rule_id))
        return MachineRuleAct.count()

    @allowed(Right.ADMINISTER)
    async def ask_delete(self, user: Viewer, rule_id: int):
        await self._ask_about(DELETE, int(rule_id))

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.act, self.work_stops = "", True

    @allowed(Right.ADMINISTER, background=True)
    async def count(self, user: Viewer):
        """Count in the past; who closes the dialog stops it, and what was asked last is what is counted."""
        async with self:
            act, rule_id, values, asked = self.act, self._id, dict(self._values), self._asked
        while not await self._may_begin():
            await asyncio.sleep(LOOK)
            if asked != self._asked:
                return
        try:
            counted = await (
                self._work(count_in_the_past, values) if act == NEW else self._work(count_of_rule, rule_id)
            )
        except Stopped:
            return
        except EnvoiError:
            await self._end_work()
            raise
        async with self:
            if asked == self._asked:
                self.counted = counted

    @allowed(Right.ADMINISTER)
    async def add(self, user: Viewer):
        """Keep the new rule for what comes."""
        if self.act != NEW:
            return None
        self.act, self.work_stops = "", True
        await data.run(create_rule, self._values, data.now(), user.email)
        await ui.tell(self, say(user.language, "machine_rules.created"))
        return _load()

    @allowed(Right.ADMINISTER, background=True)
    async def add_and_apply(self, user: Viewer):
        """Keep it, if it is new, and apply it to the past."""
        async with self:
            ready, act, rule_id, values = self.act in {NEW, APPLY}, self.act, self._id, dict(self._values)
        if not ready or not await self._may_begin():
            return None
        if act == NEW:
            rule_id = await data.run(create_rule, values, data.now(), user.email)
        try:
            said = await self._apply(user, rule_id)
        except EnvoiError:
            await self._end_work()
            raise
        async with self:
            self.act = ""
            await ui.tell(self, said)
            return _load()

    @allowed(Right.ADMINISTER)
    async def confirm_delete(self, user: Viewer):
        if self.act != DELETE:
            return None
        self.act = ""
        await data.run(delete_rule, self._id, data.now(), user.email)
        await ui.tell(self, say(user.language, "machine_rules.deleted"))
        return _load()

    async def _apply(self, user: Viewer, rule_id: int) -> str:
        try:
            turned = await self._work(apply_rule, rule_id, data.now(), user.email)
        except Stopped as stopped:
            return stopped.said(user.language)
        return say(user.language, "machine_rules.applied", count=turned)

    async def _ask_about(self, act: str, rule_id: int) -> None:
        rule = await data.read(get_rule, rule_id)
        self._ask(act, rule.pattern, human=rule.human)
        self._id = rule.id

    def _ask(self, act: str, pattern: str, *, human: bool) -> None:
        self.act, self.pattern, self.side = act, pattern, HUMAN if human else MACHINE
        self.counted, self._id, self._values, self._asked = -1, 0, {}, self._asked + 1


def _load() -> Any:
    return rx.redirect(routes.MACHINE_RULES, replace=True)


def rule_form() -> rx.Component:
    """The form; put it once on the page."""
    form = MachineRuleForm
    told = [(one.value, tr(f"machine_rules.told_by.{one}")) for one in Told]
    sides = [(side, tr(f"machine_rules.side.{side}")) for side in (MACHINE, HUMAN)]
    return ui.form_dialog(
        form,
        ui.select_field(form, "told_by", tr("machine_rules.told_by"), told),
        ui.select_field(form, "side", tr("machine_rules.counts_as"), sides),
        ui.text_field(
            form,
            "pattern",
            tr("machine_rules.pattern"),
            hint=tr("machine_rules.pattern_hint"),
            auto_complete="off",
            max_length=200,
            whole=True,
        ),
        ui.text_field(form, "note", tr("machine_rules.note"), optional=True, max_length=200, whole=True),
        title=tr("machine_rules.create"),
        text=tr("machine_rules.create_text"),
        on_submit=form.save,
        save=tr("machine_rules.see_effect"),
    )


def rule_act_dialog() -> rx.Component:
    """What the rule would change, and what is to be done; put it once on the page."""
    return rx.fragment(_effect(), _deletion())


def _effect() -> rx.Component:
    state = MachineRuleAct
    new = state.act == NEW
    known = state.counted >= 0
    turns = rx.cond(
        state.side == HUMAN,
        tr_with("machine_rules.would_turn.human", count=state.counted),
        tr_with("machine_rules.would_turn.machine", count=state.counted),
    )
    effect = rx.cond(state.counted > 0, turns, tr("machine_rules.would_turn_nothing"))
    both = ui.button(
        rx.cond(new, tr("machine_rules.add_and_apply"), tr_with("machine_rules.apply_to", count=state.counted)),
        look="pri",
        busy=state.working & known,
        on_click=state.add_and_apply(),
        id="apply-rule",
    )
    return ui.dialog(
        rx.el.p(rx.el.span(state.pattern, class_name="mono strong")),
        rx.cond(known, rx.el.p(effect, id="effect"), rx.el.p(tr("machine_rules.counting"), class_name="mute")),
        work_progress(state),
        title=rx.cond(new, tr("machine_rules.new_question"), tr("machine_rules.apply_question")),
        text=tr("machine_rules.past_text"),
        is_open=(state.act == NEW) | (state.act == APPLY),
        on_close=state.keep(),
        acts=[
            ui.button(tr("ui.back"), on_click=state.keep()),
            rx.cond(new, rx.cond(state.counted == 0, _add("pri"), _add(""))),
            rx.cond(state.counted > 0, both),
        ],
        width=760,
    )


def _add(look: Literal["", "pri"]) -> rx.Component:
    """For what comes; the main act where nothing of the past would change."""
    return ui.button(tr("machine_rules.add"), look=look, on_click=MachineRuleAct.add())


def _deletion() -> rx.Component:
    state = MachineRuleAct
    return ui.confirmation(
        title=tr_with("machine_rules.delete_question", pattern=state.pattern),
        text=tr("machine_rules.delete_text"),
        is_open=state.act == DELETE,
        on_close=state.keep(),
        confirm=tr("ui.delete"),
        on_confirm=state.confirm_delete(),
    )
