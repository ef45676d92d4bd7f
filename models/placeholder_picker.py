"""The placeholder picker: what an author may insert, and for how many people it is filled."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session

from models.column_types import table
from models.person import Person, load_persons
from models.placeholder import FIELDS, PLAIN, ROOTS
from models.recipient import Recipient

_WORD: Final = re.compile(r"\w+")
_PEOPLE_ASKED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One placeholder. `code`: what is inserted; `group`: its root, or "" for the words that stand alone; `filled`: the
    share of people for whom it says something, 0 to 1 (None: it always does, or there is nobody to ask)."""

    code: str
    group: str
    filled: float | None


def placeholder_choices(session: Session, among: int = _PEOPLE_ASKED) -> list[Choice]:
    """Every placeholder there is, custom fields after the standard ones. Shares are those of the newest `among`
    people who are not archived, each root's of the kinds that it applies to."""
    people = _newest(session, among)
    custom = sorted({name for person in people for name in person.fields} - set(FIELDS), key=str.casefold)
    choices = [Choice(f"{{{word}}}", "", None) for word in PLAIN]
    for root, kinds in ROOTS.items():
        values = [person.roots()[root] for person in people if person.kind in kinds]
        filled = Counter(name for one in values for name in one if _says_something(one, name))
        for name in (*FIELDS, *custom):
            share = filled[name] / len(values) if values else None
            choices.append(Choice(_code(root, name), root, share))
    return choices


def _newest(session: Session, among: int) -> list[Person]:
    c = table(Recipient).c
    ids = select(c.id).where(c.archived_at.is_(None)).order_by(c.id.desc()).limit(among)
    return list(load_persons(session, list(session.scalars(ids))).values())


def _says_something(values: Mapping[str, Any], name: str) -> bool:
    return values[name] not in (None, "", [])


def _code(root: str, name: str) -> str:
    """The placeholder; a custom field that is no single word is written in Liquid."""
    return f"{{{root}.{name}}}" if _WORD.fullmatch(name) else f'{{{{ {root}["{name}"] }}}}'
