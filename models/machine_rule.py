"""The rule about machines: an administrator's word on who is a person, by network or user agent (D18)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select
from sqlmodel import Field, Session, SQLModel

from models import audit
from models.catalogue import Problem
from models.column_types import Utc, code_field, table
from models.db import Doors
from models.errors import Invalid, NotFound
from models.log_table import Action, LogRecord, MachineReason, Visit
from models.machine import Rule, Told, network_of
from models.reclassification import turn
from models.selection import OnChunk


class MachineRule(SQLModel, table=True):
    """The oldest rule that meets a visitor decides, before anything that is known in general."""

    __tablename__ = "machine_rule"
    id: int | None = Field(default=None, primary_key=True)
    told_by: Told = code_field(Told)
    pattern: str
    human: bool
    note: str = ""
    created_at: datetime = Field(sa_type=Utc)
    created_by: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as a list shows it."""

    id: int
    told_by: Told
    pattern: str
    human: bool
    note: str
    created_at: datetime
    created_by: str


_RULE, _LOG, _VISIT = table(MachineRule), table(LogRecord), table(Visit)
_ACTIVE: Final = select(_RULE.c.id, _RULE.c.told_by, _RULE.c.pattern, _RULE.c.human).order_by(_RULE.c.id)
_LONGEST: Final = 200
_LEAST: Final = 4
_PAGE: Final = 2000
_BITE: Final = 100
_DRAFT: Final = 0
"""The id of a rule that is not kept yet: it would be the newest, and so the last to decide."""


def active_rules(session: Session) -> tuple[Rule, ...]:
    """The rules in the order in which they decide."""
    return tuple(Rule(*row) for row in session.connection().execute(_ACTIVE))


def rule_rows(session: Session) -> list[RuleRow]:
    """All rules, in the order in which they decide."""
    return [RuleRow(*row) for row in session.execute(select(_RULE).order_by(_RULE.c.id))]


def create_rule(session: Session, values: Mapping[str, Any], now: datetime, by: str) -> int:
    """A new rule; gives its id. It holds for what comes: apply_rule() is for what is there.

    `values`: told_by (network, agent), pattern, human, note. Raises Invalid with a Problem per field.
    """
    checked = check_rule(values)
    made = insert(_RULE).values(**checked, created_at=now, created_by=by).returning(_RULE.c.id)
    rule_id: int = session.execute(made).scalar_one()
    audit.note(
        session,
        now,
        by,
        "machine_rule.created",
        "machine_rule",
        rule_id,
        **{**checked, "told_by": str(checked["told_by"])},
    )
    return rule_id


def delete_rule(session: Session, rule_id: int, now: datetime, by: str) -> None:
    """Delete a rule; what it turned stays as it is. Raises NotFound."""
    rule = get_rule(session, rule_id)
    session.execute(delete(_RULE).where(_RULE.c.id == rule_id))
    audit.note(
        session, now, by, "machine_rule.deleted", "machine_rule", rule_id, pattern=rule.pattern, human=rule.human
    )


def apply_rule(doors: Doors, rule_id: int, now: datetime, by: str, *, on_chunk: OnChunk | None = None) -> int:
    """How many opens and clicks of the log the rule turned, those that it decides about and whose visit is still kept;
    in bites, each whole (D23). Twice does nothing more. `on_chunk`: told (records looked at, all of them). Raises
    NotFound."""
    with doors.reading() as session:
        rule, rules = get_rule(session, rule_id), active_rules(session)
    machine = MachineReason.HUMAN if rule.human else MachineReason.RULE
    turned = 0
    for found, done, last in _met_in_the_past(doors, rule, rules):
        for start in range(0, len(found), _BITE):
            with doors.unit_of_work() as session:
                turned += turn(session, found[start : start + _BITE], machine, now)
        if on_chunk:
            on_chunk(done, last)
    with doors.unit_of_work() as session:
        audit.note(session, now, by, "machine_rule.applied", "machine_rule", rule_id, turned=turned)
    return turned


def count_in_the_past(doors: Doors, values: Mapping[str, Any], *, on_chunk: OnChunk | None = None) -> int:
    """How many opens and clicks a new rule of these values would turn, were it applied; nothing is written. `on_chunk`
    as in apply_rule(). Raises Invalid."""
    checked = check_rule(values)
    rule = Rule(_DRAFT, checked["told_by"], checked["pattern"], checked["human"])
    with doors.reading() as session:
        rules = (*active_rules(session), rule)
    return _count(doors, rule, rules, on_chunk)


def count_of_rule(doors: Doors, rule_id: int, *, on_chunk: OnChunk | None = None) -> int:
    """How many opens and clicks apply_rule() would turn now. Raises NotFound."""
    with doors.reading() as session:
        rule, rules = get_rule(session, rule_id), active_rules(session)
    return _count(doors, rule, rules, on_chunk)


def _count(doors: Doors, rule: Rule, rules: tuple[Rule, ...], on_chunk: OnChunk | None) -> int:
    counted = 0
    for found, done, last in _met_in_the_past(doors, rule, rules):
        counted += len(found)
        if on_chunk:
            on_chunk(done, last)
    return counted


def _met_in_the_past(doors: Doors, rule: Rule, rules: tuple[Rule, ...]) -> Iterator[tuple[list[int], int, int]]:
    """(records that the rule decides about and that are not as it says, records looked at, all of them), part by part,
    each read in a snapshot of its own."""
    with doors.reading() as session:
        last = session.scalar(select(func.max(_LOG.c.id))) or 0
    after = 0
    while after < last:
        with doors.reading() as session:
            after, found = _met(session, rule, rules, after)
        yield found, min(after, last), last


def _met(session: Session, rule: Rule, rules: tuple[Rule, ...], after: int) -> tuple[int, list[int]]:
    """(the id up to which was looked, the records that the rule decides about and that are not as it says)."""
    page = select(_LOG.c.id).where(_LOG.c.id > after).order_by(_LOG.c.id).limit(_PAGE).subquery()
    reached, last = session.execute(select(func.count(), func.max(page.c.id))).one()
    human = _LOG.c.machine == MachineReason.HUMAN
    rows = session.execute(
        select(_LOG.c.id, _VISIT.c.agent, _VISIT.c.ip)
        .join_from(_LOG, _VISIT, _VISIT.c.id == _LOG.c.visit_id)
        .where(_LOG.c.id > after, _LOG.c.id <= (last or after), _LOG.c.action.in_([Action.OPENED, Action.CLICKED]))
        .where(~human if rule.human else human)
    )
    found = [row.id for row in rows if _decides(rule, rules, row.agent, row.ip)]
    return (last if reached else after + _PAGE), found


def _decides(rule: Rule, rules: tuple[Rule, ...], agent: str, ip: str) -> bool:
    first = next((one for one in rules if one.meets(agent, ip)), None)
    return first is not None and first.id == rule.id


def get_rule(session: Session, rule_id: int) -> Rule:
    """One rule. Raises NotFound."""
    rule = _RULE.c
    row = session.execute(select(rule.id, rule.told_by, rule.pattern, rule.human).where(rule.id == rule_id)).first()
    if row is None:
        raise NotFound("machine_rule.not_found")
    return Rule(*row)


def check_rule(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of create_rule() as they are kept. Raises Invalid with a Problem per field."""
    problems: dict[str, Problem] = {}
    pattern, note = (str(values.get(name) or "").strip() for name in ("pattern", "note"))
    told_by = values.get("told_by")
    if told_by not in set(Told):
        problems["told_by"] = Problem("errors.unknown_choice", value=told_by)
    for name, text in (("pattern", pattern), ("note", note)):
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
            problems[name] = Problem("errors.control_character")
        elif len(text) > _LONGEST:
            problems[name] = Problem("errors.too_long", limit=_LONGEST)
    if not pattern:
        problems["pattern"] = Problem("errors.required")
    elif "pattern" not in problems and told_by == Told.NETWORK:
        network = network_of(pattern)
        if network is None:
            problems["pattern"] = Problem("machine_rule.not_a_network", pattern=pattern)
        else:
            pattern = str(network)
    elif "pattern" not in problems and len(pattern) < _LEAST:
        problems["pattern"] = Problem("machine_rule.too_short", least=_LEAST)
    if problems:
        raise Invalid(problems)
    return {"told_by": Told(str(told_by)), "pattern": pattern, "human": bool(values.get("human")), "note": note}
