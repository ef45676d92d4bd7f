"""The entries of target lists: who is in, what became of them, and how they come and go.

Long acts take the doors and write in chunks (D23): to run one again after a crash does no harm and ends what it began.
`chosen` is a filter ("select all results", as they are at the moment of the act) or the ids of recipients.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models.address import EVERYTHING, Address, ConsentEvent, OptOut, Suppression, insert_new, opt_in, opt_out_many
from models.catalogue import Problem
from models.column_types import Code, Utc, count_changed, table
from models.db import Doors
from models.errors import Invalid, NotFound
from models.log_table import Action, LogRecord
from models.recipient import Kind, MailState, Recipient
from models.recipient_filter import RecipientFilter
from models.recipient_page import Count, RecipientRow, load_rows, page_of_ids
from models.selection import Ids, OnChunk, in_chunks
from models.target_list import Membership, Source, TargetList, create_list, find_live

Chosen = RecipientFilter | Ids

_m, _r, _lists = table(Membership), table(Recipient), table(TargetList)


# --- what is seen ---


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry. `person.state` is seen from this list. `last_action` None: nothing happened to this person yet."""

    person: RecipientRow
    added_at: datetime
    source: Source
    last_action: Action | None
    last_at: datetime | None


def entry_page(
    session: Session,
    list_id: int,
    chosen: RecipientFilter | None = None,
    sort: str = "name",
    page: int = 1,
    size: int = 25,
) -> tuple[list[EntryRow], Count]:
    """One page of the entries that a filter leaves, archived people among them, and how many there are."""
    ids, total = page_of_ids(session, within(list_id, chosen or RecipientFilter()), sort, page, size)
    added = {row.recipient_id: row for row in session.execute(_added(list_id, ids))}
    last = _last_actions(session, ids)
    return [
        EntryRow(person, added[person.id].added_at, added[person.id].source, *last.get(person.id, (None, None)))
        for person in load_rows(session, ids, list_id)
    ], total


def entries_after(session: Session, list_id: int, after: int = 0, limit: int = 1000) -> list[RecipientRow]:
    """The next people of a list by id, as seen from it: an export goes on from the last id."""
    ids = sa.select(_m.c.recipient_id).where(_m.c.list_id == list_id, _m.c.recipient_id > after)
    chosen = session.scalars(ids.order_by(_m.c.recipient_id).limit(limit)).all()
    return sorted(load_rows(session, list(chosen), list_id), key=lambda row: row.id)


def within(list_id: int, chosen: RecipientFilter) -> RecipientFilter:
    """The same filter over the entries of a list. Another list that it names goes on to be asked for."""
    if chosen.in_list not in (None, list_id):
        chosen = replace(chosen, all_of=(*chosen.all_of, RecipientFilter(in_list=chosen.in_list)))
    return replace(chosen, in_list=list_id, archived=None if chosen.archived is False else chosen.archived)


def _added(list_id: int, ids: Sequence[int]) -> sa.Select[tuple[int, datetime, Source]]:
    query = sa.select(_m.c.recipient_id, _m.c.added_at, _m.c.source)
    return query.where(_m.c.list_id == list_id, _m.c.recipient_id.in_(ids))


def _last_actions(session: Session, ids: Sequence[int]) -> dict[int, tuple[Action, datetime]]:
    log = table(LogRecord)
    newest = sa.select(sa.func.max(log.c.id)).where(log.c.recipient_id.in_(ids)).group_by(log.c.recipient_id)
    query = sa.select(log.c.recipient_id, log.c.action, log.c.at).where(log.c.id.in_(newest))
    return {recipient_id: (action, at) for recipient_id, action, at in session.execute(query)}


@dataclass(frozen=True, slots=True)
class ListFigures:
    """The entries of a list counted by kind and state, exactly; the states sum up to `entries`."""

    by_kind: Mapping[Kind, int]
    by_state: Mapping[MailState, int]

    @property
    def entries(self) -> int:
        return sum(self.by_kind.values())


def list_figures(session: Session, list_id: int) -> ListFigures:
    """Count the entries now: up to a few seconds at a million, so a page asks for it beside its first rows."""
    seen = sa.select(_r.c.kind, _state_of(list_id).label("state")).join_from(_m, _r, _r.c.id == _m.c.recipient_id)
    entry = seen.where(_m.c.list_id == list_id).subquery().c
    query = sa.select(entry.kind, entry.state, sa.func.count()).group_by(entry.kind, entry.state)
    kinds, states = dict.fromkeys(Kind, 0), dict.fromkeys(MailState, 0)
    for kind, name, number in session.execute(query):
        kinds[kind] += number
        states[MailState(name)] += number
    return ListFigures(kinds, states)


def _state_of(list_id: int) -> sa.Case[str]:
    """The state of a recipient as seen from a list; the order is MailState's."""
    s, o = table(Suppression), table(OptOut)
    suppressed = sa.exists().select_from(s).where(s.c.address_id == _r.c.address_id)
    declined = sa.exists().select_from(o).where(o.c.address_id == _r.c.address_id)
    return sa.case(
        (_r.c.archived_at.is_not(None), MailState.ARCHIVED.value),
        (_r.c.address_id.is_(None), MailState.NO_ADDRESS.value),
        (suppressed, MailState.SUPPRESSED.value),
        (declined.where(o.c.list_id == EVERYTHING), MailState.OPTED_OUT_ENTIRELY.value),
        (declined.where(o.c.list_id == list_id), MailState.OPTED_OUT.value),
        else_=MailState.CAN_BE_MAILED.value,
    )


@dataclass(frozen=True, slots=True)
class OptedOutRow:
    """An address that declined the list, member or not. `names`: the recipients who have it, at most a few."""

    address_id: int
    address: str
    at: datetime | None
    source: str
    names: tuple[str, ...]


def opted_out_page(
    session: Session, list_id: int, text: str = "", page: int = 1, size: int = 25
) -> tuple[list[OptedOutRow], int]:
    """The addresses that declined a list, by address, and how many; without `text` that is its opted_out_count."""
    a, o, event = table(Address), table(OptOut), table(ConsentEvent)
    newest = (
        sa.select(sa.func.max(event.c.id))
        .where(event.c.address_id == o.c.address_id, event.c.list_id == list_id)
        .correlate(o)
        .scalar_subquery()
    )
    chosen = (
        sa.select(a.c.id, _or_empty(a.c.normal, "address"), event.c.at, _or_empty(event.c.source, "source"))
        .select_from(o.join(a, a.c.id == o.c.address_id).outerjoin(event, event.c.id == newest))
        .where(o.c.list_id == list_id)
    )
    if text.strip():
        chosen = chosen.where(a.c.normal.contains(text.strip().lower(), autoescape=True))
    total = session.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0
    rows = session.execute(chosen.order_by(a.c.normal, a.c.id).limit(size).offset((page - 1) * size)).all()
    names = _names_by_address(session, [row.id for row in rows])
    return [
        OptedOutRow(row.id, row.address, row.at, row.source, tuple(names.get(row.id, ())[:3])) for row in rows
    ], total


def _or_empty(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[str]:
    return sa.func.coalesce(column, "").label(name)


def _names_by_address(session: Session, address_ids: Sequence[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    query = sa.select(_r.c.address_id, _r.c.name).where(_r.c.address_id.in_(address_ids)).order_by(_r.c.kind, _r.c.id)
    for address_id, name in session.execute(query):
        names.setdefault(address_id, []).append(name)
    return names


# --- how they come and go ---


@dataclass(frozen=True, slots=True)
class Added:
    """What adding did. `already`: were in the list; `opted_out`: of the chosen, they stay opted out of this list."""

    added: int
    already: int
    opted_out: int


def add_members(
    doors: Doors, list_id: int, chosen: Chosen, source: Source, now: datetime, *, on_chunk: OnChunk | None = None
) -> Added:
    """Put people into a list, each once. The entry count of the list moves with each chunk. Unknown ids are passed
    over. Raises NotFound, also when the list is deleted meanwhile."""
    with doors.reading() as session:
        find_live(session, list_id)
    return _add(doors, list_id, _ids(chosen), source, now, on_chunk)


def _add(doors: Doors, list_id: int, ids: Ids, source: Source, now: datetime, on_chunk: OnChunk | None) -> Added:
    met = opted_out = 0

    def add(session: Session, chunk: list[int]) -> int:
        nonlocal met, opted_out
        met += _count(session, _r.c.id.in_(chunk))
        opted_out += _count(session, _r.c.id.in_(chunk), _has_declined(list_id))
        return _insert(session, list_id, chunk, source, now)

    added = in_chunks(doors, ids, add, on_chunk=on_chunk)
    return Added(added, met - added, opted_out)


def _insert(session: Session, list_id: int, ids: list[int], source: Source, now: datetime) -> int:
    people = sa.select(sa.literal(list_id), _r.c.id, sa.literal(now, Utc), sa.literal(source, Code(Source))).where(
        _r.c.id.in_(ids)
    )
    columns = ["list_id", "recipient_id", "added_at", "source"]
    result = session.execute(insert_new(session, _m).from_select(columns, people))
    added = int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult, typed as Result
    _move_count(session, list_id, added)
    return added


def remove_members(doors: Doors, list_id: int, chosen: Chosen, *, on_chunk: OnChunk | None = None) -> int:
    """Take people out of a list; how many. Their opt-outs stay (D3)."""

    def remove(session: Session, chunk: list[int]) -> int:
        gone = count_changed(session, sa.delete(_m).where(_m.c.list_id == list_id, _m.c.recipient_id.in_(chunk)))
        _move_count(session, list_id, -gone)
        return gone

    return in_chunks(doors, _ids(chosen, list_id), remove, on_chunk=on_chunk)


def _move_count(session: Session, list_id: int, more: int) -> None:
    count = sa.update(_lists).where(_lists.c.id == list_id, _lists.c.deleted_at.is_(None))
    if not count_changed(session, count.values(entry_count=_lists.c.entry_count + more)):
        raise NotFound("target_list.not_found")


def opt_out_entries(
    doors: Doors, list_id: int, chosen: Chosen, now: datetime, *, by: str, on_chunk: OnChunk | None = None
) -> int:
    """A person declines the list for these; how many addresses newly do. Kept in the history of consent."""

    def decline(session: Session, chunk: list[int]) -> int:
        return opt_out_many(session, _addresses(session, chunk), list_id, now, source="person", by=by)

    return in_chunks(doors, _ids(chosen, list_id), decline, on_chunk=on_chunk, durable=True)


def opt_in_entries(
    doors: Doors, list_id: int, chosen: Chosen, now: datetime, *, by: str, on_chunk: OnChunk | None = None
) -> int:
    """The other way: a person takes back the opt-outs of this list; how many. An opt-out of everything stays."""

    def accept(session: Session, chunk: list[int]) -> int:
        addresses = _addresses(session, chunk, _has_declined(list_id))
        return sum(opt_in(session, address_id, [list_id], now, source="person", by=by) for address_id in addresses)

    return in_chunks(doors, _ids(chosen, list_id), accept, on_chunk=on_chunk, durable=True)


def take_over_opt_outs(
    doors: Doors,
    list_id: int,
    sources: Iterable[int],
    now: datetime,
    *,
    by: str | None = None,
    on_chunk: OnChunk | None = None,
) -> int:
    """Whoever declined one of the source lists has declined this one too (D3); how many newly. Do it before people are
    added, so that at no moment somebody who declined can be mailed."""
    o = table(OptOut)
    declined = sa.select(o.c.address_id).where(o.c.list_id.in_(list(sources)))

    def take_over(session: Session, chunk: list[int]) -> int:
        return opt_out_many(session, chunk, list_id, now, source="taken_over", by=by)

    return in_chunks(doors, declined, take_over, on_chunk=on_chunk, durable=True)


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did. `opt_outs`: taken over from the source lists."""

    list_id: int
    added: int
    opt_outs: int


def merge_lists(
    doors: Doors,
    sources: Sequence[int],
    list_id: int,
    now: datetime,
    *,
    by: str | None = None,
    on_chunk: OnChunk | None = None,
) -> Merged:
    """Put the entries of the source lists into a list, with their opt-outs; the sources stay as they are. Raises
    Invalid without a source, NotFound."""
    if not set(sources) - {list_id}:
        raise Invalid({"sources": Problem("target_list.merge_nothing")})
    with doors.reading() as session:
        for one in (list_id, *sources):
            find_live(session, one)
    opt_outs = take_over_opt_outs(doors, list_id, set(sources) - {list_id}, now, by=by)
    entries = sa.select(_m.c.recipient_id).where(_m.c.list_id.in_(list(sources)))
    return Merged(list_id, _add(doors, list_id, entries, Source.MERGE, now, on_chunk).added, opt_outs)


def duplicate_list(
    doors: Doors, list_id: int, name: str, now: datetime, *, by: str | None = None, on_chunk: OnChunk | None = None
) -> Merged:
    """A new list of that name with the same entries and opt-outs. Raises NotFound, Invalid for the name."""
    with doors.unit_of_work() as session:
        description = find_live(session, list_id).description
        copy = create_list(session, {"name": name, "description": description}, now)
    return merge_lists(doors, [list_id], copy, now, by=by, on_chunk=on_chunk)


def _ids(chosen: Chosen, list_id: int | None = None) -> Ids:
    if not isinstance(chosen, RecipientFilter):
        return chosen
    return chosen.ids() if list_id is None else within(list_id, chosen).ids()


def _has_declined(list_id: int) -> sa.ColumnElement[bool]:
    o = table(OptOut)
    return sa.exists().select_from(o).where(o.c.address_id == _r.c.address_id, o.c.list_id == list_id)


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(_r).where(*conditions)) or 0


def _addresses(session: Session, ids: list[int], *conditions: sa.ColumnElement[bool]) -> list[int]:
    query = sa.select(_r.c.address_id).distinct().where(_r.c.id.in_(ids), _r.c.address_id.is_not(None), *conditions)
    return list(session.scalars(query.order_by(_r.c.address_id)))
