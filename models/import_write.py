"""The writing of an import: entries into recipients, their addresses and the list, in the unit of work of one chunk."""

import itertools
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlmodel import Session

from models.address import EVERYTHING, OptOut, among, find_addresses, intern_addresses, listed
from models.column_types import code_of, table, to_milliseconds
from models.db import is_sqlite
from models.import_row import Entry
from models.recipient import Kind, Recipient, derived, fold, full_name
from models.suppression import Suppression, SuppressionReason
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
    """The ids of the addresses that are there, by normal form, erased ones too."""
    return find_addresses(session, normals)


def known_people(session: Session, kind: Kind, ids: Mapping[str, int]) -> dict[str, Known]:
    """The recipients of a kind by normal address; of several with one address the first. Archived ones are not known: a
    deleted person who is imported again is a new one (D1). `ids`: the addresses by normal form."""
    rows = session.connection().execute(_people(is_sqlite(session)), listed(session, list(ids.values())))
    found: dict[int, Known] = {}
    for its_kind, archived_at, address_id, id_, typed, fields, account_name, *values in rows:
        first = address_id not in found or id_ < found[address_id].id
        if its_kind is kind and archived_at is None and first:
            texts = dict(zip(TEXTS, values, strict=True))
            found[address_id] = Known(id_, typed, texts, fields, account_name or "")
    return {normal: found[id_] for normal, id_ in ids.items() if id_ in found}


@cache
def _people(sqlite: bool) -> sa.Select[Any]:
    """By address alone, kind and archived sorted out later: SQLite would rather walk through all of the kind."""
    person, account = table(Recipient), table(Recipient).alias("account")
    return (
        sa.select(person.c.kind, person.c.archived_at, person.c.address_id, person.c.id, person.c.address_typed)
        .add_columns(person.c.fields, account.c.name, *(person.c[name] for name in TEXTS))
        .outerjoin_from(person, account, account.c.id == person.c.account_id)
        .where(among(person.c.address_id, sqlite))
    )


def change_of(entry: Entry, known: Known | None) -> Change:
    """What the entry would do to the recipient; None: there is none."""
    if known is None:
        return Change.NEW
    same = known.values | entry.values == known.values and known.fields | entry.fields == known.fields
    same = same and (not entry.account or fold(entry.account) == fold(known.account))
    return Change.UNCHANGED if same else Change.UPDATED


def count_protected(session: Session, list_id: int | None, ids: Collection[int]) -> Counter[str]:
    """How many of the addresses are `opted_out` (of everything, or of the list), how many `suppressed`, and how many of
    these were `erased` on request (D25)."""
    connection, lists, numbers = session.connection(), {EVERYTHING, list_id}, listed(session, list(ids))
    rows = connection.execute(_opt_outs(is_sqlite(session)), numbers)
    suppressed = {(id_, reason) for id_, reason in connection.execute(_suppressed(is_sqlite(session)), numbers)}
    opted_out = {address_id for address_id, declined_list in rows if declined_list in lists}
    erased = [id_ for id_, reason in suppressed if reason is SuppressionReason.ERASED]
    return Counter(opted_out=len(opted_out), suppressed=len({id_ for id_, _ in suppressed}), erased=len(erased))


@cache
def _opt_outs(sqlite: bool) -> sa.Select[Any]:
    declined = table(OptOut).c
    return sa.select(declined.address_id, declined.list_id).where(among(declined.address_id, sqlite))


@cache
def _suppressed(sqlite: bool) -> sa.Select[Any]:
    held = table(Suppression).c
    return sa.select(held.address_id, held.reason).where(among(held.address_id, sqlite))


class Candidate(NamedTuple):
    """An entry, and the row of recipient it makes when nobody is there, as the database takes it: the values of COLUMNS
    but the last two, the ids of address and account, which are not known yet."""

    entry: Entry
    row: tuple[Any, ...]


def prepare(entries: Sequence[Entry], kind: Kind, now: datetime) -> list[Candidate]:
    """What can be done before the write lock is taken."""
    same = (code_of(kind), to_milliseconds(now))
    return [Candidate(entry, (*same, *_new_row(entry, kind))) for entry in entries]


def write_candidates(
    session: Session, kind: Kind, list_id: int | None, candidates: Sequence[Candidate], now: datetime
) -> tuple[list[Change], Counter[str]]:
    """What each did, in their order; and how many members were `added` to the list, how many `accounts` made, how many
    of the addresses are `opted_out`, `suppressed`, `erased`.

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
        same = (code_of(Kind.ACCOUNT), to_milliseconds(now))
        companies = [_row_of({"name": wanted[key], "company": wanted[key]}, {}) for key in missing]
        _insert(session, [(*same, *row, None, None) for row in companies])
        found |= _accounts_by_key(session, missing)
    return found, len(missing)


def _accounts_by_key(session: Session, keys: list[str]) -> dict[str, int]:
    found = session.connection().execute(_accounts(is_sqlite(session)), listed(session, keys))
    return {key: id_ for key, id_ in found}


@cache
def _accounts(sqlite: bool) -> sa.Select[Any]:
    person = table(Recipient).c
    return (
        sa.select(person.name_key, sa.func.min(person.id))
        .where(person.kind == Kind.ACCOUNT, among(person.name_key, sqlite), person.archived_at.is_(None))
        .group_by(person.name_key)
    )


_FILLED: Final = ("name", *TEXTS, "address_typed")
_DERIVED: Final = ("name_key", "address_key", "search")
COLUMNS: Final = ("kind", "created_at", *_FILLED, *_DERIVED, "fields", "revision", "address_id", "account_id")


def _new_row(entry: Entry, kind: Kind) -> tuple[Any, ...]:
    name = _shown_name(entry.values, kind, entry.typed)
    return _row_of({**entry.values, "name": name, "address_typed": entry.typed}, entry.fields)


def _row_of(values: dict[str, str], fields: dict[str, str]) -> tuple[Any, ...]:
    """The values of COLUMNS between the moment it was made and the ids."""
    keys = derived(values)
    filled = [values.get(column, "") for column in _FILLED]
    return (*filled, *[keys[column] for column in _DERIVED], json.dumps(fields) if fields else "{}", 1)


def _with_ids(candidate: Candidate, ids: Mapping[str, int], accounts: Mapping[str, int]) -> tuple[Any, ...]:
    entry = candidate.entry
    return (*candidate.row, ids[entry.normal], accounts[fold(entry.account)] if entry.account else None)


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


_BLOCK: Final = 100


def _insert(session: Session, rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """The ids of new recipients, in any order.

    As text, for SQLAlchemy takes longer to put a row into a statement than the database to store it. In two statements,
    for each ends in a write of the full-text index: whole blocks and what remains, so that the driver, which keeps the
    statements it has seen, sees few."""
    whole = len(rows) - len(rows) % _BLOCK
    return [id_ for part in (rows[:whole], rows[whole:]) if part for id_ in _insert_in_one(session, part)]


def _insert_in_one(session: Session, rows: Sequence[tuple[Any, ...]]) -> list[int]:
    place = "?" if is_sqlite(session) else "%s"
    one = f"({', '.join([place] * len(COLUMNS))})"
    into = f"INSERT INTO recipient ({', '.join(COLUMNS)})"
    values = tuple(itertools.chain.from_iterable(rows))
    made = session.connection().exec_driver_sql(f"{into} VALUES {', '.join([one] * len(rows))} RETURNING id", values)
    return [id_ for (id_,) in made]


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
    connection = session.connection()
    joining = {"list_id": list_id, "now": to_milliseconds(now), **listed(session, people)}
    added = connection.execute(_joining(is_sqlite(session)), joining).rowcount
    lists = table(TargetList).c
    count = sa.update(table(TargetList)).where(lists.id == list_id).values(entry_count=lists.entry_count + added)
    connection.execute(count)
    return added


@cache
def _joining(sqlite: bool) -> sa.Insert:
    person = table(Recipient).c
    values = sa.bindparam("list_id", type_=sa.Integer), person.id, sa.bindparam("now", type_=sa.BigInteger)
    members = sa.select(*values, sa.literal(code_of(Source.IMPORT))).where(among(person.id, sqlite))
    into = sqlite_dialect.insert if sqlite else postgresql.insert
    columns = ["list_id", "recipient_id", "added_at", "source"]
    return into(table(Membership)).from_select(columns, members).on_conflict_do_nothing()


def _shown_name(values: dict[str, str], kind: Kind, typed: str) -> str:
    """What lists show: an account is its company, whoever answers for it."""
    company = values.get("company", "")
    first, last = values.get("first_name", ""), values.get("last_name", "")
    return (company if kind is Kind.ACCOUNT else "") or full_name(first, last, company, typed)
