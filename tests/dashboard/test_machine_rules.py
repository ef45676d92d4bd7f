"""Machine Rules: what a rule would change is seen before it is kept; counting by hand in the log is asked first."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from dashboard import routes
from dashboard.acts.person_words import by_whom
from dashboard.admin.machine_rule_form import APPLY, DELETE, NEW, MachineRuleAct, MachineRuleForm
from dashboard.admin.machine_rules_page import MachineRules
from dashboard.log.list_page import Log
from dashboard.log.turning import Turning
from models import audit, db
from models.hit import Hit, record_hits
from models.log_filter import LogFilter, Who
from models.log_table import Action
from models.log_view import count_events, event_page
from models.machine import Knock, Told
from models.machine_rule import active_rules
from models.statistics import Figures, mass_email_figures, recount
from models.user import Role
from tests.dashboard.tab import Tab, tab_of
from tests.factories import NOW
from tests.models.test_statistics import ids_of, sent_mass_email

HOUR = timedelta(hours=1)
RULE = {"told_by": Told.NETWORK.value, "pattern": "203.0.113.9/24", "side": "machine", "note": "our gateway"}


@pytest.fixture
def opened(sqlite_database: Engine) -> int:
    """A mass email to four people: three opened, two of them from one network."""
    mail = sent_mass_email()
    addresses = ("203.0.113.4", "203.0.113.5", "198.51.100.1")
    hits = [Hit(item, NOW + HOUR, knock=Knock("Reader", ip)) for item, ip in zip(ids_of(mail), addresses, strict=False)]
    with db.unit_of_work() as session:
        record_hits(session, hits)
    return 1


def figures() -> Figures:
    with db.reading() as session:
        assert recount(session) == []
        return mass_email_figures(session, 1)


def rules() -> list[tuple[str, bool]]:
    with db.reading() as session:
        return [(rule.pattern, rule.human) for rule in active_rules(session)]


async def asked(**more: str) -> tuple[Tab, MachineRuleAct]:
    """An administrator's tab in which a new rule was written and its effect counted."""
    tab = tab_of(Role.ADMINISTRATOR)
    tab.go(routes.MACHINE_RULES)
    await tab.do(MachineRuleForm.create_new, MachineRuleForm)
    await tab.do(MachineRuleForm.save, MachineRuleForm, {**RULE, **more})
    await tab.do(MachineRuleAct.count, MachineRuleAct)
    return tab, await tab.state(MachineRuleAct)


async def test_what_a_rule_would_change_is_seen_before_anything_is_kept(opened: int) -> None:
    before = figures()
    _, act = await asked()
    assert (act.act, act.pattern, act.counted) == (NEW, "203.0.113.0/24", 2)
    assert (rules(), figures()) == ([], before)


async def test_added_for_what_comes_it_leaves_the_past(opened: int) -> None:
    tab, _ = await asked()
    await tab.do(MachineRuleAct.add, MachineRuleAct)
    assert rules() == [("203.0.113.0/24", False)]
    assert figures().opened == 3
    await tab.do(MachineRules.load, MachineRules)
    (row,) = (await tab.state(MachineRules)).rows
    assert (row.pattern, row.side, row.note) == ("203.0.113.0/24", "machine", "our gateway")


async def test_applied_it_turns_exactly_what_was_counted_and_twice_nothing(opened: int) -> None:
    tab, act = await asked()
    await tab.do(MachineRuleAct.add_and_apply, MachineRuleAct)
    assert (figures().opened, figures().machine_opened) == (1, 2)
    assert await tab.told() == ["2 events of the past count otherwise now."]
    await tab.do(MachineRuleAct.ask_apply, MachineRuleAct, 1)
    assert (act.act, act.pattern, act.counted) == (APPLY, "203.0.113.0/24", -1)
    await tab.do(MachineRuleAct.count, MachineRuleAct)
    assert act.counted == 0


@pytest.mark.parametrize(("language", "by"), [("en", "command line"), ("fr", "ligne de commande")])
def test_who_set_a_rule_by_the_command_is_said_in_the_viewers_language(language: str, by: str) -> None:
    assert by_whom(language, audit.COMMAND) == by
    assert by_whom(language, "ada@example.com") == "ada@example.com"


async def test_a_deleted_rule_decides_no_more_and_what_it_turned_stays(opened: int) -> None:
    tab, act = await asked()
    await tab.do(MachineRuleAct.add_and_apply, MachineRuleAct)
    await tab.do(MachineRuleAct.ask_delete, MachineRuleAct, 1)
    assert act.act == DELETE
    await tab.do(MachineRuleAct.confirm_delete, MachineRuleAct)
    assert (rules(), figures().machine_opened) == ([], 2)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"pattern": ""}, "pattern"),
        ({"pattern": "everywhere"}, "pattern"),
        ({"told_by": "weather"}, "told_by"),
        ({"told_by": "agent", "pattern": "Mo"}, "pattern"),
        ({"note": "x" * 300}, "note"),
    ],
)
async def test_what_is_no_rule_is_said_beside_its_field(sqlite_database: Engine, given: dict[str, str], wrong: str):
    tab = tab_of(Role.ADMINISTRATOR)
    tab.go(routes.MACHINE_RULES)
    await tab.do(MachineRuleForm.create_new, MachineRuleForm)
    await tab.do(MachineRuleForm.save, MachineRuleForm, {**RULE, **given})
    form = await tab.state(MachineRuleForm)
    assert (set(form.errors), form.form_open, rules()) == ({wrong}, True, [])


async def test_who_may_not_administer_sees_and_sets_none(opened: int) -> None:
    tab = tab_of(Role.EDITOR)
    tab.go(routes.MACHINE_RULES)
    await tab.do(MachineRules.load, MachineRules)
    assert (await tab.state(MachineRules)).rows == []
    await tab.do(MachineRuleForm.create_new, MachineRuleForm)
    await tab.do(MachineRuleForm.save, MachineRuleForm, RULE)
    act = await tab.state(MachineRuleAct)
    act.act, act._values = NEW, RULE
    await tab.do(MachineRuleAct.add, MachineRuleAct)
    await tab.do(MachineRuleAct.add_and_apply, MachineRuleAct)
    assert (rules(), figures().opened) == ([], 3)


# --- by hand, in the log ---


async def log_tab(**query: str) -> tuple[Tab, Log]:
    tab = tab_of(Role.EDITOR)
    tab.go(routes.LOG, **query)
    await tab.do(Log.load, Log)
    return tab, await tab.state(Log)


async def test_a_row_is_counted_as_a_machines_and_back_after_a_question(opened: int) -> None:
    tab, log = await log_tab(included="opened")
    first = log.rows[0]
    assert first.turns == "machine"
    await tab.do(Turning.ask_one, Turning, first.id, "machine")
    turning = await tab.state(Turning)
    assert (turning.asking, turning.count, turning.people) == (True, 1, 1)
    await tab.do(Turning.confirm, Turning)
    assert (figures().opened, figures().machine_opened) == (2, 1)
    assert await tab.told() == ["1 counts as a machine’s now."]
    await tab.do(Turning.ask_one, Turning, first.id, "human")
    await tab.do(Turning.confirm, Turning)
    assert (figures().opened, figures().machine_opened) == (3, 0)


async def test_selected_rows_and_all_results_turn_and_the_number_is_named_first(opened: int) -> None:
    tab, log = await log_tab(included="opened")
    log.selected = [row.id for row in log.rows[:2]]
    await tab.do(Log.turn, Log, "machine")
    turning = await tab.state(Turning)
    assert (turning.count, turning.people) == (2, 2)
    await tab.do(Turning.keep, Turning)
    log.all_results = True
    await tab.do(Log.turn, Log, "machine")
    assert (turning.count, turning.people) == (3, 3)
    await tab.do(Turning.confirm, Turning)
    assert (figures().opened, figures().machine_opened) == (0, 3)
    with db.reading() as session:
        assert count_events(session, LogFilter(included=(Action.OPENED,), who=Who.MACHINES)) == 3


async def test_what_is_no_open_or_click_is_not_turned(opened: int) -> None:
    tab, log = await log_tab(included="sent")
    assert {row.turns for row in log.rows} == {""}
    await tab.do(Turning.ask_one, Turning, log.rows[0].id, "machine")
    turning = await tab.state(Turning)
    assert (turning.asking, turning.count) == (True, 0)
    await tab.do(Turning.confirm, Turning)
    with db.reading() as session:
        assert event_page(session, LogFilter(who=Who.MACHINES))[1] == 0


async def test_in_the_view_of_people_no_row_is_an_event(opened: int) -> None:
    tab, log = await log_tab(included="opened", show="people")
    log.selected = [row.id for row in log.rows]
    await tab.do(Log.turn, Log, "machine")
    assert not (await tab.state(Turning)).asking
