"""The writing of an import: entries into recipients, their addresses and the list, in the unit of work of one chunk."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from models.address import EVERYTHING, Address, OptOut, Suppression, insert_new, intern_addresses
from models.column_types import Utc, code_of, table
from models.db import is_sqlite
from models.import_row import Entry
from models.recipient import Kind, Recipient, derived, fold, full_name
from models.target_list import Membership, Source, TargetList

TEXTS: Final = ("first_name", "last_name", "company", "language", "time_zone")
_WRITTEN: Final = ("name", "name_key", "address_key", "search", *TEXTS, "account_id", "fields")
_IMPORT_LOCK: Final = 0x656E766F69  # any number of Envoi's own


class Change(StrEnum):
    """What an entry does to a recipient."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Known(NamedTuple):
    """A recipient that is there. `account`: the name of its account."""

    id: int
    typed: str
    values: dict[str, str]
    fields: dict[str, Any]
    account: str


def address_ids(session: Session, normals: Collection[str]) -> dict[str, int]:
    """The ids of the addresses that are there, by normal form."""
    address = table(Address).c
    query = sa.select(address.normal, address.id).where(_among(session, address.normal, list(normals)))
    return {normal: id_ for normal, id_ in session.execute(query)}


def known_people(session: Session, kind: Kind, ids: Mapping[str, int]) -> dict[str, Known]:
    """The recipients of a kind by normal address; of several with one address the first. Archived ones are not known: a
    deleted person who is imported again is a new one (D1). `ids`: the addresses by normal form."""
    person, account = table(Recipient), table(Recipient).alias("account")
    # By address alone, kind and archived sorted out here: SQLite would rather walk through all recipients of the kind.
    query = (
        sa.select(person.c.kind, person.c.archived_at, person.c.address_id, person.c.id, person.c.address_typed)
        .add_columns(person.c.fields, account.c.name, *(person.c[name] for name in TEXTS))
        .outerjoin_from(person, account, account.c.id == person.c.account_id)
        .where(_among(session, person.c.address_id, list(ids.values())))
    )
    found: dict[int, Known] = {}
    for its_kind, archived_at, address_id, id_, typed, fields, account_name, *values in session.execute(query):
        first = address_id not in found or id_ < found[address_id].id
        if its_kind is kind and archived_at is None and first:
            texts = dict(zip(TEXTS, values, strict=True))
            found[address_id] = Known(id_, typed, texts, fields, account_name or "")
    return {normal: found[id_] for normal, id_ in ids.items() if id_ in found}


def _among(session: Session, column: sa.ColumnElement[Any], values: Sequence[int] | Sequence[str]) -> Any:
    """The condition that a column is one of the values, as one parameter: an IN of five hundred takes SQLAlchemy longer
    than the database."""
    if is_sqlite(session):
        return column.in_(sa.select(sa.func.json_each(json.dumps(values)).table_valued("value").c.value))
    return column == sa.func.any(sa.bindparam(None, values, type_=sa.ARRAY(column.type)))


def change_of(entry: Entry, known: Known | None) -> Change:
    """What the entry would do to the recipient; None: there is none."""
    if known is None:
        return Change.NEW
    same = known.values | entry.values == known.values and known.fields | entry.fields == known.fields
    same = same and (not entry.account or fold(entry.account) == fold(known.account))
    return Change.UNCHANGED if same else Change.UPDATED


def count_protected(session: Session, list_id: int | None, ids: Collection[int]) -> Counter[str]:
    """How many of the addresses are `opted_out` (of everything, or of the list) and how many `suppressed`."""
    declined, held = table(OptOut).c, table(Suppression).c
    lists = {EVERYTHING, list_id}
    numbers = list(ids)
    rows = session.execute(
        sa.select(declined.address_id, declined.list_id).where(_among(session, declined.address_id, numbers))
    )
    suppressed = session.scalars(sa.select(held.address_id).where(_among(session, held.address_id, numbers)))
    opted_out = {address_id for address_id, declined_list in rows if declined_list in lists}
    return Counter(opted_out=len(opted_out), suppressed=len(set(suppressed)))


class Candidate(NamedTuple):
    """An entry, and the row of recipient it makes when nobody is there: all but the ids of its address and account."""

    entry: Entry
    row: dict[str, Any]


def prepare(entries: Sequence[Entry], kind: Kind, now: datetime) -> list[Candidate]:
    """What can be done before the write lock is taken."""
    return [Candidate(entry, _new_row(entry, kind, now)) for entry in entries]


def write_candidates(
    session: Session, kind: Kind, list_id: int | None, candidates: Sequence[Candidate], now: datetime
) -> tuple[list[Change], Counter[str]]:
    """What each did, in their order; and how many members were `added` to the list, how many `accounts` made, how many
    of the addresses are `opted_out` or `suppressed`.

    Whom it meets is looked up inside this unit of work, so that two imports at once make nobody twice."""
    _one_import_at_a_time(session)
    entries = [candidate.entry for candidate in candidates]
    ids = intern_addresses(session, [entry.normal for entry in entries], now)
    known = known_people(session, kind, ids)
    accounts, made = _account_ids(session, {entry.account for entry in entries if entry.account}, now)
    changes = [change_of(entry, known.get(entry.normal)) for entry in entries]
    new = [candidate for candidate in candidates if candidate.entry.normal not in known]
    updated = [entry for entry, change in zip(entries, changes, strict=True) if change is Change.UPDATED]
    people = [person.id for person in known.values()]
    people += _insert(session, [_with_ids(candidate, ids, accounts) for candidate in new])
    _update(session, [_changed_row(entry, known[entry.normal], kind, accounts) for entry in updated])
    added = _join(session, list_id, people, now) if list_id is not None and people else 0
    return changes, Counter(added=added, accounts=made) + count_protected(session, list_id, ids.values())


def _one_import_at_a_time(session: Session) -> None:
    """SQLite has one writer. On PostgreSQL the chunks of two imports wait for each other."""
    if not is_sqlite(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_IMPORT_LOCK)))


def _account_ids(session: Session, names: set[str], now: datetime) -> tuple[dict[str, int], int]:
    """The accounts by folded name, the oldest of several, made when there is none; and how many were made."""
    if not names:
        return {}, 0
    wanted = {fold(name): name for name in sorted(names, reverse=True)}
    found = _accounts_by_key(session, list(wanted))
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        rows = [
            {"kind": Kind.ACCOUNT, "name": wanted[key], "company": wanted[key], "created_at": now} for key in missing
        ]
        _insert(session, [_BLANK | row | derived(row) for row in rows])
        found |= _accounts_by_key(session, missing)
    return found, len(missing)


def _accounts_by_key(session: Session, keys: list[str]) -> dict[str, int]:
    person = table(Recipient).c
    query = (
        sa.select(person.name_key, sa.func.min(person.id))
        .where(person.kind == Kind.ACCOUNT, _among(session, person.name_key, keys), person.archived_at.is_(None))
        .group_by(person.name_key)
    )
    return {key: id_ for key, id_ in session.execute(query)}


_BLANK: Final[dict[str, Any]] = dict.fromkeys(("name", *TEXTS, "address_typed"), "") | {
    "account_id": None,
    "address_id": None,
    "fields": {},
    "revision": 1,
}


def _new_row(entry: Entry, kind: Kind, now: datetime) -> dict[str, Any]:
    row = _BLANK | entry.values
    row["kind"], row["created_at"] = kind, now
    row["name"], row["address_typed"] = _shown_name(entry.values, kind, entry.typed), entry.typed
    row["fields"] = entry.fields
    return row | derived(row)


def _with_ids(candidate: Candidate, ids: Mapping[str, int], accounts: Mapping[str, int]) -> dict[str, Any]:
    account_id = accounts[fold(candidate.entry.account)] if candidate.entry.account else None
    return candidate.row | {"address_id": ids[candidate.entry.normal], "account_id": account_id}


def _changed_row(entry: Entry, known: Known, kind: Kind, accounts: dict[str, int]) -> dict[str, Any]:
    values = known.values | entry.values
    row: dict[str, Any] = {
        **values,
        "name": _shown_name(values, kind, known.typed),
        "address_typed": known.typed,
        "fields": known.fields | entry.fields,
        "account_id": accounts.get(fold(entry.account)),
    }
    row |= derived(row)
    return {f"new_{name}": row[name] for name in _WRITTEN} | {"the_id": known.id}


def _insert(session: Session, rows: list[dict[str, Any]]) -> list[int]:
    """The ids of new recipients, in any order."""
    if not rows:
        return []
    made = sa.insert(table(Recipient)).returning(table(Recipient).c.id)
    return list(session.scalars(made, rows))


def _update(session: Session, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    person = table(Recipient)
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}", type_=person.c[name].type) for name in _WRITTEN}
    values["account_id"] = sa.func.coalesce(values["account_id"], person.c.account_id)
    values["revision"] = person.c.revision + 1
    session.connection().execute(sa.update(person).where(person.c.id == sa.bindparam("the_id")).values(values), rows)


def _join(session: Session, list_id: int, people: Sequence[int], now: datetime) -> int:
    """How many of the people are new in the list; its count goes with them."""
    person, lists = table(Recipient), table(TargetList)
    members = sa.select(
        sa.literal(list_id), person.c.id, sa.literal(now, Utc), sa.literal(code_of(Source.IMPORT))
    ).where(_among(session, person.c.id, people))
    columns = ["list_id", "recipient_id", "added_at", "source"]
    joined = session.connection().execute(insert_new(session, table(Membership)).from_select(columns, members))
    count = {lists.c.entry_count: lists.c.entry_count + joined.rowcount}
    session.execute(sa.update(lists).where(lists.c.id == list_id).values(count))
    return joined.rowcount


def _shown_name(values: dict[str, str], kind: Kind, typed: str) -> str:
    """What lists show: an account is its company, whoever answers for it."""
    company = values.get("company", "")
    first, last = values.get("first_name", ""), values.get("last_name", "")
    return (company if kind is Kind.ACCOUNT else "") or full_name(first, last, company, typed)
