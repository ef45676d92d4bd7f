"""The person: a recipient as placeholders see them, read at claim (D8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, select
from sqlmodel import Session

from models.column_types import table
from models.db import is_sqlite
from models.packed import pack, packed, unpack, unpacked
from models.placeholder import ROOTS
from models.recipient import Kind, Recipient


@dataclass(frozen=True)
class Person:
    """Whoever gets the mail. `address`: as typed; it is what is mailed. `account`: the fields of the account record
    they belong to, by their names in placeholders. `language` and `time_zone` "": those of the mailing."""

    id: int
    kind: Kind
    address: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    language: str = ""
    time_zone: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """The fields by their names in placeholders; a standard one wins over a custom one of its name."""
        return {
            **self.fields,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "name": self.name,
            "emailAddress": self.address,
            "company": self.company,
            "accountName": self.account.get("name", self.company),
            "language": self.language,
            "timeZone": self.time_zone,
        }

    def roots(self) -> dict[str, Mapping[str, Any]]:
        """What each root word means for this person; the word of another kind is empty."""
        own = self.values()
        roots: dict[str, Mapping[str, Any]] = {root: own if self.kind in kinds else {} for root, kinds in ROOTS.items()}
        if self.kind is not Kind.ACCOUNT:
            roots["Account"] = self.account or {"name": self.company}
        return roots


_COLUMNS: Final = (
    "id", "kind", "address_typed", "name", "first_name", "last_name", "company", "language", "time_zone", "fields"
)  # fmt: skip
_KINDS: Final = list(Kind)


def person_columns(own: FromClause, account: FromClause) -> list[ColumnElement[Any]]:
    """What person_of() takes, of a recipient and of the account that they belong to, outer joined."""
    return [
        source.c[name].label(f"{prefix}_{name}")
        for prefix, source in (("own", own), ("its", account))
        for name in _COLUMNS
    ]


def person_of(values: Sequence[Any]) -> Person:
    """The person of person_columns(), as packed."""
    account = _person(values[len(_COLUMNS) :], {}).values() if values[len(_COLUMNS)] is not None else {}
    return _person(values, account)


def _person(values: Sequence[Any], account: Mapping[str, Any]) -> Person:
    number, kind, address, name, first_name, last_name, company, language, time_zone, fields = values[: len(_COLUMNS)]
    return Person(
        number,
        _KINDS[kind - 1],
        address,
        name,
        first_name,
        last_name,
        company,
        language,
        time_zone,
        fields or {},
        account,
    )


def load_persons(session: Session, recipient_ids: Sequence[int]) -> dict[int, Person]:
    """The persons behind the ids; an unknown id is left out."""
    values = {"ids": pack([number] for number in recipient_ids)}
    rows = unpack(session.execute(_persons(is_sqlite(session)), values).scalar())
    return {row[0]: person_of(row) for row in rows}


@cache
def _persons(sqlite: bool) -> Select[Any]:
    own = table(Recipient)
    account = own.alias("account")
    wanted = unpacked("ids", {"id": BigInteger}, sqlite=sqlite)
    persons = own.join(wanted, wanted.c.id == own.c.id).outerjoin(account, account.c.id == own.c.account_id)
    return select(packed(person_columns(own, account), sqlite=sqlite)).select_from(persons)
