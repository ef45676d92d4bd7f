"""What the database knows of the items of some hits, and how what follows is written: a statement each, however many.

Rows go in and come out as one value (packed): the thread that writes hits shares the interpreter with the one that
answers them, and hands it over at every row that it fetches or binds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Insert,
    Select,
    Text,
    Update,
    bindparam,
    case,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlmodel import Session

from models.address import Address, Domain
from models.column_types import Utc, code_of, from_milliseconds, table, to_milliseconds
from models.db import is_sqlite
from models.log_table import Action, EventSource, LogRecord, MachineReason, Visit
from models.machine import AGENT_LENGTH, Knock
from models.mass_email import MassEmail
from models.packed import Types, pack, packed, unpack, unpacked
from models.queue_table import ItemState, QueueItem
from models.tracking import Tracking
from models.visit import kept, kept_how

_ITEM, _LOG, _MAIL, _VISIT = table(QueueItem), table(LogRecord), table(MassEmail), table(Visit)
_item, _log, _mail = _ITEM.c, _LOG.c, _MAIL.c
_STATES, _ACTIONS, _TRACKINGS, _MACHINES = list(ItemState), list(Action), list(Tracking), list(MachineReason)
_HUMAN: Final = code_of(MachineReason.HUMAN)
_CODES: Final = {kind: {member: code_of(member) for member in kind} for kind in (Action, MachineReason, EventSource)}
_LIVELY: Final = (
    MachineReason.HUMAN,
    MachineReason.ALL_LINKS_AT_ONCE,
    MachineReason.TOO_FAST,
    MachineReason.HIDDEN_LINK,
)
"""Clicks that may be one visitor running through the links of a mail."""


class Mail(NamedTuple):
    """What hits need to know of a mass email. `kept_from`: before it retention may have taken log rows; None: none."""

    id: int
    campaign_id: int
    tracking: Tracking
    kept_from: datetime | None


@dataclass(slots=True)
class Known:
    """What is known of an item, moved on by each hit. `flags`: its first human events. `rows`: log rows of today by
    (action, link); `seen`: the actions of machines, each with its reason; `links`: (link, human) that were clicked;
    `clicks`: (at, link) of a moment ago, None being the hidden link. `uncertain`: it was sent nobody knows when."""

    id: int
    mail: Mail
    recipient_id: int
    provider: str
    state: ItemState
    sent_at: datetime | None
    flags: dict[Action, datetime | None]
    rows: dict[tuple[Action, int | None], int] = field(default_factory=lambda: defaultdict(int))
    seen: set[tuple[Action, MachineReason]] = field(default_factory=set)
    links: set[tuple[int, bool]] = field(default_factory=set)
    clicks: list[tuple[datetime, int | None]] = field(default_factory=list)
    uncertain: bool = False
    dirty: bool = False

    def was_seen(self, action: Action) -> bool:
        """Whether a machine did it before, for whatever reason."""
        return any(action is seen for seen, _ in self.seen)

    def may_have_lost(self, moment: datetime | None) -> bool:
        """Whether retention may have taken log rows of that moment: then nothing counts as a first any more."""
        return self.mail.kept_from is not None and moment is not None and moment < self.mail.kept_from


class Record(NamedTuple):
    """A log row to be written, with who knocked."""

    item: Known
    action: Action
    at: datetime
    machine: MachineReason
    first: bool
    source: EventSource
    link_id: int | None
    knock: Knock | None


# --- reading ---


def held_mails(session: Session, item_ids: Iterable[int], mass_email_ids: Iterable[int]) -> dict[int, Mail]:
    """The mass emails of the items, and those named, held in the order of their ids: two hits of an item at once are a
    first and a second."""
    values = {"ids": pack([number] for number in item_ids), "mails": pack([number] for number in mass_email_ids)}
    rows = session.connection().execute(_held(is_sqlite(session)), values)
    return {row.id: Mail(row.id, row.campaign_id, row.tracking, row.log_kept_from) for row in rows}


@cache
def _held(sqlite: bool) -> Select[Any]:
    items, mails = (unpacked(name, {"id": BigInteger}, sqlite=sqlite) for name in ("ids", "mails"))
    wanted = select(_item.mass_email_id).join_from(items, _ITEM, _item.id == items.c.id).union(select(mails.c.id))
    return (
        select(_mail.id, _mail.campaign_id, _mail.tracking, _mail.log_kept_from)
        .where(_mail.id.in_(wanted))
        .order_by(_mail.id)
        .with_for_update()
    )


def known_items(session: Session, item_ids: Iterable[int], mails: Mapping[int, Mail]) -> dict[int, Known]:
    """The items by id; one that is none is not in it."""
    values = {"ids": pack([number] for number in item_ids)}
    rows = unpack(session.connection().execute(_items(is_sqlite(session)), values).scalar())
    return {row[0]: _known(row, mails) for row in rows}


@cache
def _items(sqlite: bool) -> Select[Any]:
    address, domain = table(Address), table(Domain)
    wanted = unpacked("ids", {"id": BigInteger}, sqlite=sqlite)
    names = ("id", "mass_email_id", "recipient_id", "state", "sent_at", "opened_at", "clicked_at")
    columns = [*(_item[name] for name in names), domain.c.provider]
    rows = wanted.join(_ITEM, _item.id == wanted.c.id).join(address, address.c.id == _item.address_id).join(domain)
    return select(packed(columns, sqlite=sqlite)).select_from(rows)


def _known(row: Sequence[Any], mails: Mapping[int, Mail]) -> Known:
    number, mail, recipient_id, state, sent_at, opened_at, clicked_at, provider = row
    flags = {Action.OPENED: _moment(opened_at), Action.CLICKED: _moment(clicked_at)}
    return Known(number, mails[mail], recipient_id, provider, _STATES[state - 1], _moment(sent_at), flags)


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else from_milliseconds(stored)


def add_past(session: Session, items: Mapping[int, Known], now: datetime, recent: timedelta) -> None:
    """What the log says of the items: machines' firsts, clicked links, rows of today (UTC), clicks `recent`ly."""
    if not items:
        return
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"ids": pack([number] for number in items), "day": day, "since": now - recent}
    totals, clicks = _past(is_sqlite(session))
    for number, action, link_id, machine, today in unpack(session.connection().execute(totals, values).scalar()):
        item, human = items[number], machine == _HUMAN
        item.rows[_ACTIONS[action - 1], link_id] += today
        if not human:
            item.seen.add((_ACTIONS[action - 1], _MACHINES[machine - 1]))
        if link_id is not None:
            item.links.add((link_id, human))
    for number, at, link_id in unpack(session.connection().execute(clicks, values).scalar()):
        items[number].clicks.append((from_milliseconds(at), link_id))


@cache
def _past(sqlite: bool) -> tuple[Select[Any], Select[Any]]:
    """(rows by item, action, link and machine, with how many are of today; the lively clicks of a moment ago)."""
    wanted = unpacked("ids", {"id": BigInteger}, sqlite=sqlite)
    log = wanted.join(_LOG, _log.item_id == wanted.c.id)
    alike = [_log.item_id, _log.action, _log.link_id, _log.machine]
    today = func.count(case((_log.at >= bindparam("day", type_=Utc), 1))).label("today")
    both = _log.action.in_([Action.OPENED, Action.CLICKED])
    totals = select(*alike, today).select_from(log).where(both).group_by(*alike).subquery()
    clicks = (
        select(packed([_log.item_id, _log.at, _log.link_id], sqlite=sqlite))
        .select_from(log)
        .where(_log.action == Action.CLICKED, _log.machine.in_(_LIVELY))
        .where(_log.at >= bindparam("since", type_=Utc))
    )
    return select(packed(list(totals.c), sqlite=sqlite)), clicks


def clicks_since(session: Session, since: Mapping[int, datetime]) -> list[int]:
    """The ids of the clicks that count as a person's, each item's since its moment."""
    rows = session.connection().execute(
        select(_log.id, _log.item_id, _log.at).where(
            _log.item_id.in_(since),
            _log.action == Action.CLICKED,
            _log.machine == MachineReason.HUMAN,
            _log.at >= min(since.values()),
        )
    )
    return [row.id for row in rows if row.at >= since[row.item_id]]


# --- writing ---


def write_records(session: Session, records: Sequence[Record]) -> None:
    """Insert log rows, and the visits that they are of: one for all that the same visitor did here."""
    visits = _write_visits(session, [record.knock for record in records])
    rows = (_packed_record(record, visit) for record, visit in zip(records, visits, strict=True))
    session.connection().execute(_records(is_sqlite(session)), {"records": pack(rows)})


_RECORD: Final[Types] = dict.fromkeys(
    (
        "at",
        "campaign_id",
        "mass_email_id",
        "item_id",
        "recipient_id",
        "action",
        "link_id",
        "machine",
        "first",
        "source",
        "visit_id",
    ),
    BigInteger,
)


def _packed_record(record: Record, visit_id: int | None) -> tuple[int | None, ...]:
    item = record.item
    return (
        to_milliseconds(record.at),
        item.mail.campaign_id,
        item.mail.id,
        item.id,
        item.recipient_id,
        _CODES[Action][record.action],
        record.link_id,
        _CODES[MachineReason][record.machine],
        int(record.first),
        _CODES[EventSource][record.source],
        visit_id,
    )


@cache
def _records(sqlite: bool) -> Insert:
    new = unpacked("records", _RECORD, sqlite=sqlite)
    values = [(column == 1 if column.name == "first" else column) for column in new.c]
    return insert(_LOG).from_select([*_RECORD, "reason"], select(*values, type_coerce("", Text)))


def _write_visits(session: Session, knocks: Sequence[Knock | None]) -> list[int | None]:
    """The visit of each record, None for nobody's."""
    if not any(knocks):
        return [None] * len(knocks)
    how = kept_how(session)
    visitors = [(knock.agent[:AGENT_LENGTH], kept(knock.ip, how)) if knock else None for knock in knocks]
    new = list(dict.fromkeys(visitor for visitor in visitors if visitor))
    numbers = dict(zip(new, _insert_visits(session, new), strict=True))
    return [numbers[visitor] if visitor else None for visitor in visitors]


def _insert_visits(session: Session, visitors: Sequence[tuple[str, str]]) -> list[int]:
    """The ids of new visits, in their order. SQLite numbers the rows of one statement without a gap, for nobody else
    writes meanwhile; what it returns would have to be fetched row by row."""
    values = [{"agent": agent, "ip": ip} for agent, ip in visitors]
    if not is_sqlite(session):
        ids = session.connection().scalars(insert(_VISIT).returning(_VISIT.c.id, sort_by_parameter_order=True), values)
        return list(ids)
    session.connection().execute(_VISITS, {"visitors": pack(visitors)})
    last: int = session.connection().scalar(_LAST) or 0
    return list(range(last - len(visitors) + 1, last + 1))


_VISITORS: Final = unpacked("visitors", {"agent": Text, "ip": Text}, sqlite=True)
_VISITS: Final = insert(_VISIT).from_select(["agent", "ip"], select(_VISITORS))
_LAST: Final = select(func.last_insert_rowid())


def write_flags(session: Session, items: Iterable[Known]) -> None:
    """Set the people flags of items as they are known now."""
    rows = [
        (item.id, *(moment and to_milliseconds(moment) for moment in item.flags.values()))
        for item in items
        if item.dirty
    ]
    if rows:
        session.connection().execute(_flags(is_sqlite(session)), {"flags": pack(rows)})


@cache
def _flags(sqlite: bool) -> Update:
    new = unpacked("flags", {"id": BigInteger, "opened": BigInteger, "clicked": BigInteger}, sqlite=sqlite)
    values = {"opened_at": new.c.opened, "clicked_at": new.c.clicked}
    return update(_ITEM).where(_item.id == new.c.id).values(values)
