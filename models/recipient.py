"""The recipient: somebody who can be mailed (D1)."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, cast
from zoneinfo import available_timezones

import sqlalchemy as sa
from sqlalchemy import DDL, JSON, Column, Index, event
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlmodel import Field, Session, SQLModel

from models.address import CONTROL, intern_addresses, normal_form
from models.catalogue import Problem
from models.column_types import Utc, code_field, count_changed, table
from models.errors import Conflict, Invalid, NotFound, Refused


class Kind(StrEnum):
    """The four kinds of recipients. Stored by place: append only. The order is the winner's among twins (D6)."""

    ACCOUNT = "account"
    CONTACT = "contact"
    LEAD = "lead"
    USER = "user"


class MailState(StrEnum):
    """Whether a recipient can be mailed; the first that applies, in the order ARCHIVED, NO_ADDRESS, SUPPRESSED,
    OPTED_OUT_ENTIRELY, OPTED_OUT (of the list that is looked at)."""

    CAN_BE_MAILED = "can_be_mailed"
    OPTED_OUT = "opted_out"
    OPTED_OUT_ENTIRELY = "opted_out_entirely"
    SUPPRESSED = "suppressed"
    NO_ADDRESS = "no_address"
    ARCHIVED = "archived"


def fold(text: str) -> str:
    """Text as it is sorted and searched: small letters without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The folded words of a text, letters and digits only, each of at most 60 characters."""
    return [word[:60] for word in re.findall(r"[^\W_]+", fold(text))]


def _name_key(values: Mapping[str, Any]) -> str:
    return fold(values["name"])


def _address_key(values: Mapping[str, Any]) -> str:
    return str(values.get("address_typed") or "").lower()


def _search(values: Mapping[str, Any]) -> str:
    text = f"{values['name']} {values.get('company') or ''} {values.get('address_typed') or ''}"
    return " ".join(dict.fromkeys(words_of(text)))


_DERIVED: Final = {"name_key": _name_key, "address_key": _address_key, "search": _search}


def derived(values: Mapping[str, Any]) -> dict[str, str]:
    """The columns that follow from name, company and address_typed: what an UPDATE of these must set beside them."""
    return {column: derive(values) for column, derive in _DERIVED.items()}


def _derived_column(name: str) -> Any:
    """A column that any INSERT … VALUES fills by itself; INSERT … SELECT must name it."""

    def default(context: DefaultExecutionContext) -> str:
        return _DERIVED[name](context.get_current_parameters())  # type: ignore[no-untyped-call]  # SQLAlchemy's

    return Field(default=None, sa_column=Column(sa.String, nullable=False, default=default))


class Recipient(SQLModel, table=True):
    """`name` is what lists show: first and last name, else the company, else the address. `address_typed` is what is
    mailed. `name_key`, `address_key` and `search` follow from them (see derived()): sort keys, and the words that a
    search looks among. `erased_at`: on request; then nothing of the person is left, and `name` is the number (D25)."""

    __tablename__ = "recipient"
    __table_args__ = (  # few indexes in the order of names: an import pays for each of them with a page per row
        Index("ix_recipient_name", "name_key", "id"),
        Index("ix_recipient_kind", "kind", "language", "id"),
        Index("ix_recipient_address", "address_key", "id"),
        Index("ix_recipient_created", "created_at", "id"),
        Index("ix_recipient_language", "language", "id"),
        Index(
            "ix_recipient_archived",
            "archived_at",
            "id",
            sqlite_where=sa.text("archived_at IS NOT NULL"),
            postgresql_where=sa.text("archived_at IS NOT NULL"),
        ),
        Index(
            "ix_recipient_words",
            sa.text("array_to_tsvector(string_to_array(search, ' '))"),
            postgresql_using="gin",
        ).ddl_if(dialect="postgresql"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: Kind = code_field(Kind)
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address_id: int | None = Field(default=None, foreign_key="address.id", index=True)
    address_typed: str = ""
    account_id: int | None = Field(default=None, foreign_key="recipient.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id", unique=True)
    language: str = ""
    time_zone: str = ""
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=Utc)
    archived_at: datetime | None = Field(default=None, sa_type=Utc)
    erased_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1
    name_key: str | None = _derived_column("name_key")
    address_key: str | None = _derived_column("address_key")
    search: str | None = _derived_column("search")


@event.listens_for(Recipient, "before_update")
def _derive_again(_mapper: object, _connection: object, row: Recipient) -> None:
    for column, value in derived(
        {"name": row.name, "company": row.company, "address_typed": row.address_typed}
    ).items():
        setattr(row, column, value)


SQLITE_SEARCH: Final = (
    "CREATE VIRTUAL TABLE recipient_words USING fts5(search, content='recipient', content_rowid='id',"
    " tokenize='unicode61', detail='none', columnsize=0)",
    "CREATE TRIGGER recipient_words_insert AFTER INSERT ON recipient BEGIN"
    " INSERT INTO recipient_words(rowid, search) VALUES (new.id, new.search); END",
    "CREATE TRIGGER recipient_words_update AFTER UPDATE OF search ON recipient WHEN old.search <> new.search BEGIN"
    " INSERT INTO recipient_words(recipient_words, rowid, search) VALUES ('delete', old.id, old.search);"
    " INSERT INTO recipient_words(rowid, search) VALUES (new.id, new.search); END",
    "CREATE TRIGGER recipient_words_delete AFTER DELETE ON recipient BEGIN"
    " INSERT INTO recipient_words(recipient_words, rowid, search) VALUES ('delete', old.id, old.search); END",
)
"""The full-text index of SQLite over `search`, kept by triggers; PostgreSQL has ix_recipient_words. Whole words and not
trigrams: these cost five times the work at every import, and hold the write lock for a quarter of a second."""

for _statement in SQLITE_SEARCH:
    _ddl = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's
    event.listen(table(Recipient), "after_create", _ddl.execute_if(dialect="sqlite"))


# --- acts ---

_LENGTHS: Final = {"first_name": 100, "last_name": 100, "company": 200, "language": 16, "time_zone": 64}
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
"""NUL, and half a character, which JSON keeps and no mail can carry."""
_EDITABLE: Final = frozenset({*_LENGTHS, "kind", "address", "account_id", "user_id", "fields"})
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|[0-9]{3}))?")  # RFC 5646: language and region
MAX_FIELDS: Final = 100


def create_recipient(session: Session, values: Mapping[str, Any], now: datetime) -> int:
    """The id of the new recipient. `values`: kind and any of first_name, last_name, company, address, account_id,
    language, time_zone, fields (custom: name → text or number), user_id. Raises Invalid per field."""
    row = Recipient(kind=Kind(values["kind"]), created_at=now)
    _put(row, _checked(session, row, values, now))
    session.add(row)
    session.flush()
    return cast(int, row.id)


def edit_recipient(
    session: Session, recipient_id: int, revision: int, values: Mapping[str, Any], now: datetime
) -> None:
    """Change what `values` names, and leave the rest. The kind is for ever. A new address is another row: opt-outs and
    suppressions stay with the old one, none is cleared (D2). Raises NotFound, Conflict, Invalid per field; Refused for
    somebody who was erased."""
    row = session.get(Recipient, recipient_id, with_for_update=True)
    if row is None:
        raise NotFound("recipient.not_found")
    if row.erased_at is not None:
        raise Refused("erasure.record_erased")
    if row.revision != revision:
        raise Conflict("errors.conflict", who=Problem("recipient.somebody"))
    _put(row, {"revision": revision + 1, **_checked(session, row, values, now)})
    session.flush()


def _put(row: Recipient, columns: Mapping[str, Any]) -> None:
    for column, value in columns.items():
        setattr(row, column, value)


def _checked(session: Session, old: Recipient, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns to write; the old row is not touched, so that an error leaves nothing half done."""
    if unknown := values.keys() - _EDITABLE:
        raise TypeError(f"a recipient has no {sorted(unknown)}")
    problems: dict[str, Problem] = {}
    new: dict[str, Any] = {field: _text(field, values[field], problems) for field in _LENGTHS if field in values}
    if Kind(values.get("kind", old.kind)) is not old.kind:
        problems["kind"] = Problem("recipient.kind_fixed")
    if "fields" in values:
        new["fields"] = check_fields(values["fields"], problems)
    if "account_id" in values:
        new["account_id"] = _account(session, old.kind, values["account_id"], problems)
    if "user_id" in values:
        new["user_id"] = values["user_id"]
    normal = _address(values["address"], new, problems) if "address" in values else None
    new["name"] = full_name(
        *(new.get(f, getattr(old, f)) for f in ("first_name", "last_name", "company", "address_typed"))
    )
    if not new["name"]:
        problems.setdefault("last_name", Problem("recipient.who_required"))
    if problems:
        raise Invalid(problems)
    if normal:
        new["address_id"] = intern_addresses(session, [normal], now)[normal]
    return new


def full_name(first_name: str, last_name: str, company: str, address: str) -> str:
    """What lists show for these: "Ada Byron", else the company, else the address; "" when all are empty."""
    return f"{first_name} {last_name}".strip() or company or address


def _text(field: str, value: object, problems: dict[str, Problem]) -> str:
    text = str(value or "").strip()
    if CONTROL.search(text):
        problems[field] = Problem("errors.control_character")
    elif len(text) > _LENGTHS[field]:
        problems[field] = Problem("errors.too_long", limit=_LENGTHS[field])
    elif field == "time_zone" and text and text not in _time_zones():
        problems[field] = Problem("recipient.time_zone_unknown", value=text)
    elif field == "language" and text:
        return _language(text, problems)
    return text


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _language(text: str, problems: dict[str, Problem]) -> str:
    match = _LANGUAGE.fullmatch(text)
    if match is None:
        problems["language"] = Problem("recipient.language_unknown")
        return text
    language, region = match.groups()
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


def check_fields(fields: Mapping[str, Any], problems: dict[str, Problem]) -> dict[str, Any]:
    """The custom fields without the empty ones; what is wrong with them goes to problems["fields"]."""
    kept = {name.strip(): value for name, value in fields.items() if value not in (None, "")}
    if len(kept) > MAX_FIELDS:
        problems["fields"] = Problem("recipient.too_many_fields", limit=MAX_FIELDS)
    for name, value in kept.items():
        if not is_field_name(name):
            problems["fields"] = Problem("recipient.field_name", name=name[:60])
        elif not _is_field_value(value):
            problems["fields"] = Problem("recipient.field_value", name=name)
    return kept


def _is_field_value(value: object) -> bool:
    """A text or a number. JSON has no infinity: a database that meets one gives nobody's fields any more."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int) and not isinstance(value, bool) and not _NO_TEXT.search(str(value))


def is_field_name(name: str) -> bool:
    """Whether a custom field may be called so: it is part of a JSON path and of placeholders."""
    return 0 < len(name) <= 60 and not re.search(r"[\"\\]", name) and not CONTROL.search(name)


def _account(session: Session, kind: Kind, account_id: int | None, problems: dict[str, Problem]) -> int | None:
    if account_id is None:
        return None
    account = session.get(Recipient, account_id)
    if kind is not Kind.CONTACT:
        problems["account_id"] = Problem("recipient.account_of_contact")
    elif account is None or account.kind is not Kind.ACCOUNT:
        problems["account_id"] = Problem("recipient.account_unknown")
    return account_id


def _address(typed: str | None, new: dict[str, Any], problems: dict[str, Problem]) -> str | None:
    """Its normal form, None for none; what is mailed is the address as typed."""
    new["address_typed"], new["address_id"] = (typed or "").strip(), None
    if not new["address_typed"]:
        return None
    try:
        return normal_form(new["address_typed"])
    except Invalid as error:
        problems |= error.problems
        return None


def archive_recipients(session: Session, ids: Iterable[int], now: datetime) -> int:
    """How many are newly archived: left out of new mailings, with a count; what they got stays (D1). At most BATCH."""
    r = table(Recipient)
    archive = sa.update(r).where(r.c.id.in_(list(ids)), r.c.archived_at.is_(None))
    return count_changed(session, archive.values(archived_at=now, revision=r.c.revision + 1))


def restore_recipients(session: Session, ids: Iterable[int]) -> int:
    """How many came back from the archive; who was erased stays there. At most BATCH."""
    r = table(Recipient)
    restore = sa.update(r).where(r.c.id.in_(list(ids)), r.c.archived_at.is_not(None), r.c.erased_at.is_(None))
    return count_changed(session, restore.values(archived_at=None, revision=r.c.revision + 1))
