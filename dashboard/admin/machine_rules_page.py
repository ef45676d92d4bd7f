"""Machine Rules: an administrator's word on who is a person and who is not, for what comes and, if wanted, the past."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.person_words import by_whom
from dashboard.admin.machine_rule_form import MachineRuleAct, MachineRuleForm, rule_act_dialog, rule_form
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, tr
from models.log_filter import LogFilter, Who
from models.machine import Told
from models.machine_rule import RuleRow, rule_rows

_SIGNS = {Told.NETWORK: "network", Told.AGENT: "app-window"}


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as its row shows it. `side`: "human" or "machine"."""

    id: int
    told_by: str
    pattern: str
    side: str
    note: str
    by: str
    at: str
    full: str


class MachineRules(rx.State):
    """The rules in the order in which they decide."""

    rows: list[Line] = []
    shown: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        """Nothing for those who may not administer: the page says so."""
        self.rows = []
        if Right.ADMINISTER in user.rights:
            self.rows = [_line(row, user, data.now()) for row in await data.read(rule_rows)]
        self.shown = True

    def _clear(self) -> None:
        self.rows, self.shown = [], False


def machine_rules_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(
            tr("machine_rules.title"),
            facts=[tr("machine_rules.about"), ui.text_link(tr("machine_rules.see_machines"), _machines())],
            acts=[ui.for_administrators(rx.cond(MachineRules.rows.length() > 0, _create()))],
        ),
        rx.cond(
            MachineRules.shown,
            rx.cond(Prefs.can_administer, _list(), ui.no_rights(tr("machine_rules.no_right"))),
            ui.panel(ui.skeleton_rows(3), padded=False),
        ),
        rule_form(),
        rule_act_dialog(),
        here="machine_rules",
        crumbs=[(tr("nav.administration"), routes.OUTBOUND_EMAILS), (tr("machine_rules.title"), routes.MACHINE_RULES)],
    )


def _machines() -> str:
    return routes.to(routes.LOG, **LogFilter(who=Who.MACHINES).to_query())


def _create() -> rx.Component:
    words = tr("machine_rules.create")
    return ui.button(words, icon_name="plus", look="pri", key="c", on_click=MachineRuleForm.create_new())


def _list() -> rx.Component:
    columns = [
        ui.Column("pattern", tr("machine_rules.pattern"), _pattern, phone=1, named=True),
        ui.Column("side", tr("machine_rules.counts_as"), _side, phone=2),
        ui.text_column("note", tr("machine_rules.note"), lambda row: row.note, cut=True, wide=True, phone=3),
        ui.text_column("by", tr("machine_rules.by"), lambda row: row.by, low=True, cut=True),
        ui.time_column("at", tr("machine_rules.since"), lambda row: row.at, lambda row: row.full, phone=4),
    ]
    none = ui.empty(tr("machine_rules.none"), tr("machine_rules.none_text"), icon_name="bot", acts=[_create()])
    table = ui.table(
        MachineRules.rows,
        columns,
        menu=_menu,
        name=lambda row: row.pattern,
        two_lines=True,
        label=tr("machine_rules.title"),
    )
    return ui.panel(rx.cond(MachineRules.rows.length() > 0, table, none), padded=False)


def _pattern(row: rx.Var[Line]) -> rx.Component:
    def told(one: Told) -> rx.Component:
        return rx.el.span(ui.icon(_SIGNS[one], 13), tr(f"machine_rules.told_by.{one}"), class_name="row g1")

    what = rx.match(row.told_by, *[(one.value, told(one)) for one in Told], rx.fragment())
    return rx.fragment(
        rx.el.span(row.pattern, class_name="mono", title=row.pattern), rx.el.span(what, class_name="sub")
    )


def _side(row: rx.Var[Line]) -> rx.Component:
    person = rx.el.span(ui.icon("user-check", class_name="ink-ok"), tr("machine_rules.side.human"), class_name="st")
    machine = rx.el.span(ui.icon("bot", class_name="ink-gray"), tr("machine_rules.side.machine"), class_name="st")
    return rx.cond(row.side == "human", person, machine)


def _menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    return [
        ui.Item(tr("machine_rules.apply"), "history", on_click=MachineRuleAct.ask_apply(row.id)),
        None,
        ui.Item(tr("ui.delete"), "trash-2", on_click=MachineRuleAct.ask_delete(row.id), bad=True),
    ]


def _line(row: RuleRow, user: Viewer, now: datetime) -> Line:
    return Line(
        id=row.id,
        told_by=row.told_by,
        pattern=row.pattern,
        side="human" if row.human else "machine",
        note=row.note,
        by=by_whom(user.language, row.created_by),
        at=format.moment(user.language, user.time_zone, row.created_at, now),
        full=format.full_moment(user.language, user.time_zone, row.created_at),
    )
