"""The person: a recipient as placeholders see them, read at claim (D8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, select
from sqlmodel import Session

from models.column_types import table
from models.placeholder import ROOTS
from models.recipient import Kind, Recipient

_MOST_IDS = 500


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


def load_persons(session: Session, recipient_ids: Sequence[int]) -> dict[int, Person]:
    """The persons behind the ids, one query per 500; an unknown id is left out."""
    own = table(Recipient)
    account = own.alias("account")
    columns = (*own.c, *(column.label(f"its_{column.name}") for column in account.c))
    statement = select(*columns).select_from(own.outerjoin(account, account.c.id == own.c.account_id))
    persons: dict[int, Person] = {}
    for start in range(0, len(recipient_ids), _MOST_IDS):
        chunk = list(recipient_ids[start : start + _MOST_IDS])
        for row in session.execute(statement.where(own.c.id.in_(chunk))).mappings():
            account_fields = _person(row, "its_", {}).values() if row["account_id"] is not None else {}
            persons[row["id"]] = _person(row, "", account_fields)
    return persons


def _person(row: RowMapping, prefix: str, account: Mapping[str, Any]) -> Person:
    return Person(
        id=row[f"{prefix}id"],
        kind=row[f"{prefix}kind"],
        address=row[f"{prefix}address_typed"],
        name=row[f"{prefix}name"],
        first_name=row[f"{prefix}first_name"],
        last_name=row[f"{prefix}last_name"],
        company=row[f"{prefix}company"],
        language=row[f"{prefix}language"],
        time_zone=row[f"{prefix}time_zone"],
        fields=row[f"{prefix}fields"] or {},
        account=account,
    )
