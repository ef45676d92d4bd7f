"""Erasing a person on request (D25): asked first, naming exactly what goes and what stays; there is no way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from models.erasure import erase
from models.erasure_plan import ErasurePlan, plan_person
from models.errors import EnvoiError

ALL: Final = "all"
ONLY: Final = "only"


@dataclass(frozen=True, slots=True)
class Counted:
    """What goes or stays, in words, and how many of it."""

    words: str
    number: str


class Erase(rx.State):
    """`records`: the names of those who are erased; `which`: all records with the address, or only the page's own.
    `twins`: others have the address too, so there is something to choose."""

    asking: bool = False
    working: bool = False
    which: str = ALL
    twins: int = 0
    records: list[str] = []
    count: int = 0
    kept_by: int = 0
    keeps_address: bool = False
    goes: list[Counted] = []
    stays: list[Counted] = []
    _id: int = 0

    @allowed(Right.ADMINISTER)
    async def ask(self, user: Viewer, person_id: int):
        self._id, self.which, self.working = int(person_id), ALL, False
        self.twins = len((await self._plan()).ids) - 1
        await self._show(user)
        self.asking = True

    @allowed(Right.ADMINISTER)
    async def choose(self, user: Viewer, which: str):
        if self.asking and not self.working:
            self.which = ONLY if which == ONLY else ALL
            await self._show(user)

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.ADMINISTER, background=True)
    async def confirm(self, user: Viewer):
        async with self:
            if not self.asking or self.working:
                return None
            self.working = True
            plan = await self._plan()
        try:
            await data.work(erase, plan, data.now(), user.email)
        except EnvoiError:
            async with self:
                self.working = False
            raise
        async with self:
            self.asking = self.working = False
            await ui.tell(self, say(user.language, "erasure.done", count=len(plan.ids)))
            return rx.redirect(routes.to(routes.RECIPIENT, recipient_id=self._id), replace=True)

    async def _plan(self) -> ErasurePlan:
        return await data.read(plan_person, self._id, only=self.which == ONLY)

    async def _show(self, user: Viewer) -> None:
        plan, language = await self._plan(), user.language
        self.count, self.kept_by, self.keeps_address = len(plan.ids), plan.kept_by, not plan.addresses
        self.records = [
            " · ".join(part for part in (say(language, f"status.{one.kind}"), one.name, one.address) if part)
            for one in plan.records
        ]
        self.goes = _counted(language, "erasure.goes", plan.goes)
        self.stays = _counted(language, "erasure.stays", plan.stays)

    def _clear(self) -> None:
        self.reset()


def _counted(language: str, family: str, numbers: Mapping[str, int]) -> list[Counted]:
    """Each kind of which there is any."""
    return [
        Counted(say(language, f"{family}.{word}"), format.count(language, number))
        for word, number in numbers.items()
        if number
    ]


def erase_dialog() -> rx.Component:
    """The confirmation; put it once on the page of the person."""
    state = Erase
    return ui.confirmation(
        rx.cond(state.twins > 0, _choice()),
        _block(
            tr("erasure.goes"),
            rx.foreach(state.records, lambda record: rx.el.div(record, style={"overflowWrap": "anywhere"})),
            rx.el.p(rx.cond(state.keeps_address, tr("erasure.goes_details"), tr("erasure.goes_details_and_address"))),
            rx.foreach(state.goes, _line),
        ),
        _block(tr("erasure.stays"), rx.el.p(tr("erasure.stays_text")), rx.foreach(state.stays, _line)),
        rx.cond(
            state.kept_by > 0,
            ui.note(tr_with("erasure.kept_by", count=state.kept_by), tone="warn"),
            ui.note(tr("erasure.never_again"), tone="info"),
        ),
        title=tr_with("erasure.question", count=state.count),
        text=tr("erasure.text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr_with("erasure.confirm", count=state.count),
        on_confirm=state.confirm(),
        busy=state.working,
        keep=tr("recipients.keep"),
    )


def _choice() -> rx.Component:
    """All records with the address, or this one; all at first."""
    state = Erase
    return ui.segments(
        state.which,
        [(ALL, tr_with("erasure.all", count=state.twins + 1)), (ONLY, tr("erasure.only"))],
        state.choose,
        tr("erasure.which"),
    )


def _block(title: rx.Var[str], *children: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.div(title, class_name="strong"), *children, class_name="col")


def _line(one: rx.Var[Counted]) -> rx.Component:
    return rx.el.div(rx.el.span(one.words), rx.el.span(one.number, class_name="num strong"), class_name="row between")
