"""The recipient filter: shows the people in lists, chooses them for target lists, and is what a report keeps (D22)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from pydantic import AwareDatetime, ConfigDict
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import Session

from models.address import EVERYTHING, Address, Domain, OptOut, Suppression
from models.column_types import table
from models.db import is_sqlite
from models.mass_email import MassEmail
from models.queue_table import ItemState, QueueItem
from models.recipient import Kind, MailState, Recipient, words_of
from models.target_list import Membership, Source

Condition = sa.ColumnElement[bool]
EXACT_UP_TO: Final = 10_000
CUSTOM: Final = "fields."
"""What a custom field's name is written after in a rule."""

_LAST: Final = "\U0010ffff"
_STRICT = ConfigDict(extra="forbid")
_r, _m, _q = table(Recipient), table(Membership), table(QueueItem)


class Test(StrEnum):
    """How a field is compared: as text, without regard to case (SQLite: of A to Z)."""

    __test__ = False
    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    BEGINS = "begins"
    EMPTY = "empty"
    FILLED = "filled"


class Did(StrEnum):
    """What somebody did with a mass email; by people, not by machines."""

    MAILED = "mailed"
    OPENED = "opened"
    CLICKED = "clicked"
    OPTED_OUT = "opted_out"
    BOUNCED = "bounced"


def _like(column: sa.ColumnElement[Any], pattern: str) -> Condition:
    return sa.func.lower(column).like(sa.func.lower(pattern), escape="\\")  # the database's own lower() on both sides


def _escaped(value: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", value)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One field compared with a value. `field`: one of FIELDS, or "fields.NAME" for a custom one; one that a recipient
    lacks is empty."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    field: str
    test: Test = Test.IS
    value: str = ""

    def condition(self) -> Condition:
        column = _field(self.field)
        match self.test:
            case Test.EMPTY:
                return column == ""
            case Test.FILLED:
                return column != ""
            case Test.IS:
                return sa.func.lower(column) == sa.func.lower(self.value)
            case Test.IS_NOT:
                return sa.func.lower(column) != sa.func.lower(self.value)
            case Test.CONTAINS:
                return _like(column, f"%{_escaped(self.value)}%")
            case Test.BEGINS:
                return _like(column, f"{_escaped(self.value)}%")


@dataclass(frozen=True, slots=True)
class Engagement:
    """Did something, or (`never`) did not, with any mass email in the scope: within [since, until), of that campaign or
    mass email."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    did: Did
    never: bool = False
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    campaign_id: int | None = None
    mass_email_id: int | None = None

    def condition(self) -> Condition:
        happened = _exists(_q, _q.c.recipient_id == _r.c.id, *self._scope())
        return sa.not_(happened) if self.never else happened

    def _scope(self) -> Iterator[Condition]:
        at, did = _DONE[self.did]
        yield did
        if self.since is not None:
            yield at >= self.since
        if self.until is not None:
            yield at < self.until
        if self.mass_email_id is not None:
            yield _q.c.mass_email_id == self.mass_email_id
        if self.campaign_id is not None:
            mails = sa.select(table(MassEmail).c.id).where(table(MassEmail).c.campaign_id == self.campaign_id)
            yield _q.c.mass_email_id.in_(mails)


_DONE: Final[dict[Did, tuple[sa.ColumnElement[Any], Condition]]] = {
    Did.MAILED: (_q.c.sent_at, _q.c.state == ItemState.SENT),
    Did.OPENED: (_q.c.opened_at, _q.c.opened_at.is_not(None)),
    Did.CLICKED: (_q.c.clicked_at, _q.c.clicked_at.is_not(None)),
    Did.OPTED_OUT: (_q.c.opted_out_at, _q.c.opted_out_at.is_not(None)),
    Did.BOUNCED: (_q.c.sent_at, _q.c.bounced),
}


@dataclass(frozen=True, slots=True)
class RecipientFilter:
    """All that is given must hold; so must each group of `all_of`, at least one of `any_of` (when there are any), and
    none of `none_of`.

    `text`: every word begins a word of the name, the company or the address; one with an @ in it begins the address.
    `state` OPTED_OUT, and the lists' part of CAN_BE_MAILED, speak of `in_list`, as does `added_by`. Created:
    [created_from, created_to). `archived`: only those (None: them too); of a group within it says nothing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: str = ""
    kind: Kind | None = None
    language: str | None = None
    in_list: int | None = None
    not_in_list: int | None = None
    added_by: Source | None = None
    state: MailState | None = None
    account_id: int | None = None
    created_from: AwareDatetime | None = None
    created_to: AwareDatetime | None = None
    archived: bool | None = False
    fields: tuple[FieldRule, ...] = ()
    engagement: tuple[Engagement, ...] = ()
    all_of: "tuple[RecipientFilter, ...]" = ()
    any_of: "tuple[RecipientFilter, ...]" = ()
    none_of: "tuple[RecipientFilter, ...]" = ()

    def where(self) -> list[Condition]:
        """Its conditions on the table of recipients, each decided row by row."""
        return [*self._archived(), *self._conditions(lambda column: column)]

    def ids(self) -> sa.Select[tuple[int]]:
        """The ids of its people."""
        return sa.select(_r.c.id).where(*self.where())

    def walking(self, sort: str) -> list[Condition]:
        """The conditions for walking along the index of a sort until a page is full: what narrows this very index may;
        SQLite, which takes any index to be selective, must not choose another one."""
        bare = {"language": "language", "created": "created_at"}.get(sort)
        return [*self._archived(), *self._conditions(lambda c: c if c.name == bare else _unindexed(c))]

    def narrowed(self, session: Session) -> sa.Select[tuple[int]]:
        """The ids of its people, found from the one condition that leaves fewest, when it leaves at most EXACT_UP_TO.

        Each is asked, and stops counting there: neither database knows how rare one kind, language or word is.
        """
        fewest = min(self._counted(session), key=lambda way: way[0], default=None)
        rest = [*self._archived(), *self._conditions(_unindexed)]
        if fewest is not None:
            return sa.select(_r.c.id).where(_r.c.id.in_(fewest[1]), *rest)
        if self.in_list is not None:
            return sa.select(_r.c.id).join_from(_m, _r).where(_m.c.list_id == self.in_list, *rest)
        return self.ids()

    def _counted(self, session: Session) -> Iterator[tuple[int, sa.Select[tuple[int]]]]:
        for way in self._ways(session):
            number = session.scalar(sa.select(sa.func.count()).select_from(way.limit(EXACT_UP_TO + 1).subquery())) or 0
            if number <= EXACT_UP_TO:
                yield number, way

    def _ways(self, session: Session) -> "Iterator[sa.Select[tuple[int]]]":
        """The ids that single conditions leave, each by an index."""
        if words := _words(self.text, session):
            yield _by_words_sqlite(words) if is_sqlite(session) else _by_words_postgresql(words)
        if self.in_list is not None:
            yield sa.select(_m.c.recipient_id).where(_m.c.list_id == self.in_list)
        indexed: list[list[Condition]] = [
            list(self._equal(_same)),
            *([condition] for condition in self._addresses()),
            list(self._created(_same)),
            list(self._state(_same)),
            list(self._archived()) if self.archived or self.state is MailState.ARCHIVED else [],
        ]
        yield from (sa.select(_r.c.id).where(*conditions) for conditions in indexed if conditions)

    def _archived(self) -> Iterator[Condition]:
        if self.state is MailState.ARCHIVED:
            yield _r.c.archived_at.is_not(None)
        elif self.archived is not None:
            yield _r.c.archived_at.is_not(None) if self.archived else _r.c.archived_at.is_(None)

    def _conditions(self, of: "Seen") -> Iterator[Condition]:
        yield from self._equal(of)
        yield from self._created(of)
        yield from self._text()
        if self.in_list is not None:
            yield _is_member(self.in_list)
        if self.not_in_list is not None:
            yield sa.not_(_is_member(self.not_in_list))
        if self.added_by is not None:
            yield _is_member(self.in_list, self.added_by)
        yield from self._state(of)
        yield from (rule.condition() for rule in self.fields)
        yield from (deed.condition() for deed in self.engagement)
        yield from self._groups()

    def _equal(self, of: "Seen") -> Iterator[Condition]:
        equal = {"kind": self.kind, "language": self.language, "account_id": self.account_id}
        yield from (of(_r.c[name]) == value for name, value in equal.items() if value is not None)

    def _created(self, of: "Seen") -> Iterator[Condition]:
        if self.created_from is not None:
            yield of(_r.c.created_at) >= self.created_from
        if self.created_to is not None:
            yield of(_r.c.created_at) < self.created_to

    def _text(self) -> Iterator[Condition]:
        words, addresses = _searched(self.text)
        if self.text.strip() and not words and not addresses:  # nothing but punctuation begins no word
            yield sa.false()
        yield from ((sa.literal(" ") + _r.c.search).contains(f" {word}") for word in words)
        yield from self._addresses()

    def _addresses(self) -> Iterator[Condition]:
        key = _r.c.address_key
        for start in _searched(self.text)[1]:
            yield _Either(key.between(start, f"{start}{_LAST}"), key.startswith(start, autoescape=True))

    def _groups(self) -> Iterator[Condition]:
        yield from (group._all() for group in self.all_of)
        if self.any_of:
            yield sa.or_(*(group._all() for group in self.any_of))
        yield from (sa.not_(group._all()) for group in self.none_of)

    def _all(self) -> Condition:
        return sa.and_(sa.true(), *self._conditions(lambda column: column))

    def _state(self, of: "Seen") -> Iterator[Condition]:
        lists = [EVERYTHING] if self.in_list is None else [EVERYTHING, self.in_list]
        match self.state:
            case MailState.NO_ADDRESS:
                yield of(_r.c.address_id).is_(None)
            case MailState.SUPPRESSED:
                yield of(_r.c.address_id).in_(sa.select(table(Suppression).c.address_id))
            case MailState.OPTED_OUT_ENTIRELY:
                yield of(_r.c.address_id).in_(_declined([EVERYTHING]))
                yield sa.not_(_is_suppressed())
            case MailState.OPTED_OUT:
                yield of(_r.c.address_id).in_(_declined(lists[1:]))
                yield sa.not_(_is_suppressed())
                yield sa.not_(_has_declined([EVERYTHING]))
            case MailState.CAN_BE_MAILED:
                yield of(_r.c.address_id).is_not(None)
                yield sa.not_(_is_suppressed())
                yield sa.not_(_has_declined(lists))


def _is_member(list_id: int | None, source: Source | None = None) -> Condition:
    m = _m.alias("member")
    of_list = [] if list_id is None else [m.c.list_id == list_id]
    added = [] if source is None else [m.c.source == source]
    return _exists(m, m.c.recipient_id == _r.c.id, *of_list, *added)


def _is_suppressed() -> Condition:
    s = table(Suppression)
    return _exists(s, s.c.address_id == _r.c.address_id)


def _declined(lists: list[int]) -> sa.Select[tuple[int]]:
    return sa.select(table(OptOut).c.address_id).where(table(OptOut).c.list_id.in_(lists))


def _has_declined(lists: list[int]) -> Condition:
    o = table(OptOut)
    return _exists(o, o.c.address_id == _r.c.address_id, o.c.list_id.in_(lists))


def _exists(rows: sa.FromClause, *conditions: Condition) -> Condition:
    return sa.exists().select_from(rows).where(*conditions).correlate(_r)


# --- fields ---


def _domain() -> sa.ColumnElement[Any]:
    a, d = table(Address), table(Domain)
    of = sa.select(d.c.name).join_from(a, d, d.c.id == a.c.domain_id).where(a.c.id == _r.c.address_id)
    return sa.func.coalesce(of.correlate(_r).scalar_subquery(), "")


def _account() -> sa.ColumnElement[Any]:
    account = _r.alias("account")
    of = sa.select(account.c.name).where(account.c.id == _r.c.account_id)
    return sa.func.coalesce(of.correlate(_r).scalar_subquery(), "")


FIELDS: Final[dict[str, sa.ColumnElement[Any]]] = {
    "name": _r.c.name,
    "first_name": _r.c.first_name,
    "last_name": _r.c.last_name,
    "company": _r.c.company,
    "address": _r.c.address_typed,
    "domain": _domain(),
    "account": _account(),
    "language": _r.c.language,
    "time_zone": _r.c.time_zone,
}
"""The fields of every recipient that a rule may name."""


def _field(name: str) -> sa.ColumnElement[Any]:
    if not name.startswith(CUSTOM):
        return FIELDS[name]
    return sa.func.coalesce(_r.c.fields[name.removeprefix(CUSTOM)].as_string(), "")


# --- ways to find ---


class _Either(sa.ColumnElement[Any]):
    """One expression on SQLite, another elsewhere."""

    inherit_cache = True

    def __init__(self, on_sqlite: sa.ColumnElement[Any], elsewhere: sa.ColumnElement[Any]) -> None:
        self.on_sqlite, self.elsewhere, self.type = on_sqlite, elsewhere, elsewhere.type

    def self_group(self, against: Any = None) -> "_Either":
        return self  # not "= 1", which hides a condition from the index

    _traverse_internals = [
        ("on_sqlite", InternalTraversal.dp_clauseelement),
        ("elsewhere", InternalTraversal.dp_clauseelement),
    ]


@compiles(_Either)
def _say_elsewhere(element: _Either, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.elsewhere.self_group(), **options)


@compiles(_Either, "sqlite")
def _say_on_sqlite(element: _Either, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.on_sqlite.self_group(), **options)


Seen = Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]]


def _same(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return column


def _unindexed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column, by which SQLite chooses no index: with a unary plus (sqlite.org/optoverview.html)."""
    plus = UnaryExpression(column, operator=custom_op("+"), type_=column.type)
    return _Either(plus, column)


def _searched(text: str) -> tuple[list[str], list[str]]:
    """The words of a search, and the beginnings of addresses: what has an @ and something before it."""
    parts = text.lower().split()
    addresses = [part for part in parts if part.find("@") > 0]
    return words_of(" ".join(part for part in parts if part not in addresses)), addresses


def _words(text: str, session: Session) -> list[str]:
    """The words to look up in the full-text index. PostgreSQL finds addresses by them too: its index of addresses is in
    the order of a language, in which a beginning is no range."""
    return _searched(text)[0] if is_sqlite(session) else words_of(text)


def _by_words_sqlite(words: list[str]) -> sa.Select[tuple[int]]:
    index = sa.table("recipient_words", sa.column("rowid", sa.Integer), sa.column("recipient_words", sa.String))
    query = " AND ".join(f'"{word}"*' for word in words)
    return sa.select(index.c.rowid).where(index.c.recipient_words.op("MATCH")(query))


def _by_words_postgresql(words: list[str]) -> sa.Select[tuple[int]]:
    query = " & ".join(f"'{word}':*" for word in words)
    vector = sa.func.array_to_tsvector(sa.func.string_to_array(_r.c.search, sa.literal_column("' '")))
    return sa.select(_r.c.id).where(vector.op("@@")(sa.cast(query, sa.dialects.postgresql.TSQUERY)))
