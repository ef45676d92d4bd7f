"""The candidate: somebody who may be put into a target list, as the list sees them when people are selected (D3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from models.address import OptOut
from models.column_types import table
from models.recipient import Recipient
from models.recipient_filter import RecipientFilter
from models.recipient_page import Count, RecipientRow, load_rows, page_of_ids
from models.target_list import Membership, find_live

_r, _m, _o = table(Recipient), table(Membership), table(OptOut)


@dataclass(frozen=True, slots=True)
class Candidate:
    """`is_member`: in the list already. `has_declined`: opted out of it; adding them does not change that."""

    person: RecipientRow
    is_member: bool
    has_declined: bool


def candidate_page(
    session: Session, list_id: int, chosen: RecipientFilter, sort: str = "name", page: int = 1, size: int = 25
) -> tuple[list[Candidate], Count]:
    """One page of the people of a filter, seen from a list, and how many there are. Raises NotFound for the list."""
    find_live(session, list_id)
    ids, total = page_of_ids(session, chosen, sort, page, size)
    members: set[int] = set(session.scalars(_members(list_id, ids)))
    declined: set[int] = set(session.scalars(_declined(list_id, sa.select(_r.c.id).where(_r.c.id.in_(ids)))))
    return [Candidate(row, row.id in members, row.id in declined) for row in load_rows(session, ids, list_id)], total


def count_declined(session: Session, list_id: int, chosen: RecipientFilter) -> int:
    """How many people of a filter have opted out of the list."""
    people = _declined(list_id, chosen.narrowed(session)).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(people)) or 0


def _members(list_id: int, ids: Sequence[int]) -> sa.Select[tuple[int]]:
    return sa.select(_m.c.recipient_id).where(_m.c.list_id == list_id, _m.c.recipient_id.in_(ids))


def _declined(list_id: int, ids: sa.Select[tuple[int]]) -> sa.Select[tuple[int]]:
    having = sa.select(_r.c.id).join_from(_o, _r, _r.c.address_id == _o.c.address_id)
    return having.where(_o.c.list_id == list_id, _r.c.id.in_(ids))
