"""The suppressions as lists show, choose and export them; and long work over all that a filter finds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models.address import Address, Domain
from models.column_types import table
from models.db import Doors
from models.recipient import Recipient
from models.selection import Ids, OnChunk, in_chunks
from models.suppression import KEY, Suppression, SuppressionReason, among_keys, release_all

_s, _a, _d, _r = table(Suppression), table(Address), table(Domain), table(Recipient)
_KEY: Final = KEY.label("key")

SORTS: Final[Mapping[str, sa.ColumnElement[Any]]] = {
    "since": _s.c.since,
    "until": _s.c.until,
    "address": _a.c.normal,
    "reason": _s.c.reason,
    "provider": _d.c.provider,
}
"""The sorts of the list; with a "-" before the name the other way round."""


@dataclass(frozen=True, slots=True)
class SuppressionFilter:
    """All that is given must hold. `text`: part of the address; since and until: [from, to); one without an end is
    never within `until_from` and `until_to`."""

    text: str = ""
    reason: SuppressionReason | None = None
    provider: str | None = None
    since_from: datetime | None = None
    since_to: datetime | None = None
    until_from: datetime | None = None
    until_to: datetime | None = None
    address_id: int | None = None

    def where(self) -> list[sa.ColumnElement[bool]]:
        """Its conditions on the table of suppressions."""
        bounds = (
            (self.since_from, lambda at: _s.c.since >= at),
            (self.since_to, lambda at: _s.c.since < at),
            (self.until_from, lambda at: _s.c.until >= at),
            (self.until_to, lambda at: _s.c.until < at),
            (self.reason, lambda reason: _s.c.reason == reason),
            (self.address_id, lambda id_: _s.c.address_id == id_),
            (self.text.strip(), lambda text: _address(_a.c.normal.contains(text.lower(), autoescape=True))),
            (self.provider, lambda name: _address(_d.c.provider == name)),
        )
        return [condition(value) for value, condition in bounds if value]

    def keys(self) -> sa.Select[tuple[int]]:
        """The keys of its suppressions."""
        return sa.select(_KEY).where(*self.where())


def _address(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    found = sa.exists().select_from(_a.join(_d, _d.c.id == _a.c.domain_id))
    return found.where(_a.c.id == _s.c.address_id, condition).correlate(_s)


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """A suppression as lists show it. `address` "": it was erased. `people`: recipients with this address, archived
    ones too; `recipient_id` and `name`: the first of them, None and "" when nobody has it."""

    key: int
    address_id: int
    address: str
    provider: str
    reason: SuppressionReason
    since: datetime
    until: datetime | None
    evidence: str
    people: int
    recipient_id: int | None
    name: str


def suppression_page(
    session: Session, chosen: SuppressionFilter, *, sort: str = "-since", page: int = 1, size: int = 25
) -> tuple[list[SuppressionRow], int]:
    """One page of the suppressions of a filter and how many there are. Raises KeyError for an unknown sort."""
    column = SORTS[sort.removeprefix("-")]
    order = [one.desc() if sort.startswith("-") else one for one in (column, _s.c.address_id, _s.c.reason)]
    total = session.scalar(sa.select(sa.func.count()).select_from(_s).where(*chosen.where())) or 0
    rows = session.execute(_rows().where(*chosen.where()).order_by(*order).limit(size).offset((page - 1) * size))
    return [SuppressionRow(*row) for row in rows], total


def suppressions_of(session: Session, address_id: int) -> list[SuppressionRow]:
    """Every reason why one address is not mailed, the newest first."""
    return suppression_page(session, SuppressionFilter(address_id=address_id))[0]


def suppressions_after(
    session: Session, chosen: SuppressionFilter, after: int = 0, limit: int = 1_000
) -> list[SuppressionRow]:
    """The next suppressions by key: an export goes on from the last one."""
    rows = session.execute(_rows().where(after < _KEY, *chosen.where()).order_by(_KEY).limit(limit))
    return [SuppressionRow(*row) for row in rows]


def count_by_reason(session: Session, chosen: SuppressionFilter) -> dict[SuppressionReason, int]:
    """How many suppressions there are for each reason, whatever reason the filter asks for; 0 for one that nobody
    has."""
    of_any = replace(chosen, reason=None).where()
    rows = session.execute(sa.select(_s.c.reason, sa.func.count()).where(*of_any).group_by(_s.c.reason))
    return dict.fromkeys(SuppressionReason, 0) | {reason: number for reason, number in rows}


def providers_in_use(session: Session) -> list[str]:
    """The mailbox providers of suppressed addresses, by name."""
    used = sa.select(_d.c.provider).distinct().join_from(_s, _a, _a.c.id == _s.c.address_id)
    return sorted(session.scalars(used.join(_d, _d.c.id == _a.c.domain_id)), key=str.casefold)


def _rows() -> sa.Select[Any]:
    with_it = sa.select(sa.func.count()).where(_r.c.address_id == _s.c.address_id).correlate(_s).scalar_subquery()
    first = sa.select(sa.func.min(_r.c.id)).where(_r.c.address_id == _s.c.address_id).correlate(_s).scalar_subquery()
    return (
        sa.select(_KEY, _s.c.address_id, sa.func.coalesce(_a.c.normal, ""), _d.c.provider, _s.c.reason, _s.c.since)
        .add_columns(_s.c.until, _s.c.evidence, with_it, _r.c.id, sa.func.coalesce(_r.c.name, ""))
        .join_from(_s, _a, _a.c.id == _s.c.address_id)
        .join(_d, _d.c.id == _a.c.domain_id)
        .outerjoin(_r, _r.c.id == first)
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many suppressions a release is about, and how many among them stay: erased on request."""

    total: int
    stay: int


def count_chosen(session: Session, chosen: SuppressionFilter | list[int]) -> Chosen:
    """The suppressions of a filter or of these keys."""
    found = chosen.where() if isinstance(chosen, SuppressionFilter) else [among_keys(chosen)]
    erased = sa.func.count().filter(_s.c.reason == SuppressionReason.ERASED)
    return Chosen(*session.execute(sa.select(sa.func.count(), erased).where(*found)).one())


def release_matching(
    doors: Doors,
    chosen: SuppressionFilter | list[int],
    now: datetime,
    by: str,
    *,
    on_chunk: OnChunk | None = None,
) -> int:
    """Release what a filter finds at this moment, or these keys; how many. Consent stays, so do erased addresses. In
    chunks (D23), each durable and audited; twice does no harm."""
    ids: Ids = chosen.keys() if isinstance(chosen, SuppressionFilter) else chosen
    return in_chunks(
        doors,
        ids,
        lambda session, keys: release_all(session, keys, now, by),
        on_chunk=on_chunk,
        durable=True,
    )
