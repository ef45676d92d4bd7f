"""The recipients as lists and pages show them; and long work over all who match."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models.address import (
    EVERYTHING,
    OptOut,
    Suppression,
    SuppressionReason,
)
from models.column_types import table
from models.db import Doors
from models.errors import NotFound
from models.recipient import Kind, MailState, Recipient, archive_recipients
from models.recipient_filter import EXACT_UP_TO, RecipientFilter
from models.selection import OnChunk, in_chunks
from models.suppression_page import SuppressionRow, suppressions_of
from models.target_list import Membership, Source, TargetList

_r = table(Recipient)

SORTS: Final[dict[str, tuple[sa.ColumnElement[Any], ...]]] = {
    "name": (_r.c.name_key, _r.c.id),
    "address": (_r.c.address_key, _r.c.id),
    "created": (_r.c.created_at, _r.c.id),
    "language": (_r.c.language, _r.c.id),
}
"""The sorts of lists of recipients; with a "-" before the name the other way round. Each has its index."""


class Count(int):
    """How many there are: exact up to 10,000; beyond, it is 10,000 and `exact` is False ("10,000+")."""

    exact: bool

    def __new__(cls, found: int) -> "Count":
        count = super().__new__(cls, min(found, EXACT_UP_TO))
        count.exact = found <= EXACT_UP_TO
        return count


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """A recipient as a list shows it. `suppressed`: for which reasons, also where another state comes first."""

    id: int
    kind: Kind
    name: str
    company: str
    address: str
    account_id: int | None
    account: str
    language: str
    created_at: datetime
    state: MailState
    suppressed: tuple[SuppressionReason, ...]
    address_id: int | None


def recipient_page(
    session: Session, chosen: RecipientFilter, sort: str = "name", page: int = 1, size: int = 25
) -> tuple[list[RecipientRow], Count]:
    """One page of the people of a filter and how many there are. Beyond 10,000 rows the last page is shown again."""
    ids, total = page_of_ids(session, chosen, sort, page, size)
    return load_rows(session, ids), total


def count_recipients(session: Session, chosen: RecipientFilter) -> Count:
    """How many people a filter finds."""
    return _count(session, chosen.narrowed(session))


def count_exactly(session: Session, chosen: RecipientFilter) -> int:
    """The same to the last one, for when there is time: up to a second at a million."""
    return session.scalar(sa.select(sa.func.count()).select_from(chosen.narrowed(session).subquery())) or 0


def _count(session: Session, ids: sa.Select[tuple[int]]) -> Count:
    within = ids.limit(EXACT_UP_TO + 1).subquery()
    return Count(session.scalar(sa.select(sa.func.count()).select_from(within)) or 0)


def page_of_ids(session: Session, chosen: RecipientFilter, sort: str, page: int, size: int) -> tuple[list[int], Count]:
    """The ids of one page in the order of the sort, and how many there are. Raises KeyError for an unknown sort.

    Few people are found first and sorted then; many are met soon enough on a walk along the index of the sort.
    """
    ids = chosen.narrowed(session)
    total = _count(session, ids)
    name = sort.removeprefix("-")
    order = [column.desc() if sort.startswith("-") else column for column in SORTS[name]]
    query = sa.select(_r.c.id).order_by(*order).limit(size).offset(_offset(total, page, size))
    query = query.where(_r.c.id.in_(ids)) if total.exact else query.where(*chosen.walking(name))
    return list(session.scalars(query)), total


def _offset(total: int, page: int, size: int) -> int:
    """Where the page begins; a page that is not there is the last one."""
    last = max((total - 1) // size, 0)
    return min(max(page - 1, 0), last) * size


def load_rows(session: Session, ids: Sequence[int], list_id: int = EVERYTHING) -> list[RecipientRow]:
    """The rows of these recipients in this order; the state is seen from a list, EVERYTHING: from none."""
    account = _r.alias("account")
    columns = (_r.c.id, _r.c.kind, _r.c.name, _r.c.company, _r.c.address_typed, _r.c.account_id, _r.c.language)
    query = (
        sa.select(*columns, _r.c.created_at, _r.c.address_id, _r.c.archived_at, account.c.name.label("account"))
        .select_from(_r.outerjoin(account, account.c.id == _r.c.account_id))
        .where(_r.c.id.in_(ids))
    )
    found = {row.id: row for row in session.execute(query)}
    addresses = {row.address_id for row in found.values()} - {None}
    suppressed, declined = _suppressed(session, addresses), _declined(session, addresses, list_id)
    return [
        RecipientRow(
            id=row.id,
            kind=row.kind,
            name=row.name,
            company=row.company,
            address=row.address_typed,
            account_id=row.account_id,
            account=row.account or "",
            language=row.language,
            created_at=row.created_at,
            state=_state(row, suppressed.get(row.address_id), declined.get(row.address_id, set())),
            suppressed=tuple(suppressed.get(row.address_id, ())),
            address_id=row.address_id,
        )
        for row in (found[id_] for id_ in ids if id_ in found)
    ]


def _state(row: Any, suppressed: list[SuppressionReason] | None, declined: set[int]) -> MailState:
    checks = (
        (row.archived_at is not None, MailState.ARCHIVED),
        (row.address_id is None, MailState.NO_ADDRESS),
        (suppressed, MailState.SUPPRESSED),
        (EVERYTHING in declined, MailState.OPTED_OUT_ENTIRELY),
        (declined, MailState.OPTED_OUT),
    )
    return next((state for holds, state in checks if holds), MailState.CAN_BE_MAILED)


def _suppressed(session: Session, addresses: Collection[int]) -> dict[int, list[SuppressionReason]]:
    s = table(Suppression).c
    query = sa.select(s.address_id, s.reason).where(s.address_id.in_(addresses)).order_by(s.reason)
    reasons: dict[int, list[SuppressionReason]] = {}
    for address_id, reason in session.execute(query):
        reasons.setdefault(address_id, []).append(reason)
    return reasons


def _declined(session: Session, addresses: Collection[int], list_id: int) -> dict[int, set[int]]:
    o = table(OptOut).c
    query = sa.select(o.address_id, o.list_id).where(o.address_id.in_(addresses), o.list_id.in_([EVERYTHING, list_id]))
    lists: dict[int, set[int]] = {}
    for address_id, declined in session.execute(query):
        lists.setdefault(address_id, set()).add(declined)
    return lists


# --- one recipient ---


@dataclass(frozen=True, slots=True)
class ListOfRecipient:
    """A target list that a recipient is in, or whose mail the address declined. `member` False: only the latter."""

    id: int
    name: str
    member: bool
    added_at: datetime | None
    source: Source | None
    opted_out: bool


@dataclass(frozen=True, slots=True)
class RecipientDetail:
    """A recipient's page. `twins`: other recipients with the same address, whom consent and suppression protect too."""

    row: RecipientRow
    revision: int
    first_name: str
    last_name: str
    time_zone: str
    fields: dict[str, Any]
    user_id: int | None
    archived_at: datetime | None
    opted_out_entirely: bool
    lists: list[ListOfRecipient]
    erased_at: datetime | None = None
    suppressions: list[SuppressionRow] = field(default_factory=list)
    twins: list[RecipientRow] = field(default_factory=list)


def get_recipient(session: Session, recipient_id: int) -> RecipientDetail:
    """All about one recipient but the timeline. Raises NotFound."""
    person = session.get(Recipient, recipient_id)
    if person is None:
        raise NotFound("recipient.not_found")
    row = load_rows(session, [recipient_id])[0]
    address_id = person.address_id
    detail = RecipientDetail(
        row=row,
        revision=person.revision,
        first_name=person.first_name,
        last_name=person.last_name,
        time_zone=person.time_zone,
        fields=dict(person.fields),
        user_id=person.user_id,
        archived_at=person.archived_at,
        opted_out_entirely=address_id is not None and session.get(OptOut, (address_id, EVERYTHING)) is not None,
        lists=_lists(session, recipient_id, address_id),
        erased_at=person.erased_at,
    )
    if address_id is None:
        return detail
    return replace(
        detail,
        suppressions=suppressions_of(session, address_id),
        twins=_twins(session, recipient_id, address_id),
    )


def _lists(session: Session, recipient_id: int, address_id: int | None) -> list[ListOfRecipient]:
    lists, m, o = table(TargetList), table(Membership), table(OptOut)
    query = (
        sa.select(lists.c.id, lists.c.name, m.c.recipient_id, m.c.added_at, m.c.source, o.c.list_id)
        .select_from(
            lists.outerjoin(m, sa.and_(m.c.list_id == lists.c.id, m.c.recipient_id == recipient_id)).outerjoin(
                o, sa.and_(o.c.list_id == lists.c.id, o.c.address_id == address_id)
            )
        )
        .where(lists.c.deleted_at.is_(None), sa.or_(m.c.list_id.is_not(None), o.c.list_id.is_not(None)))
        .order_by(sa.func.lower(lists.c.name), lists.c.id)
    )
    return [
        ListOfRecipient(id_, name, member is not None, added_at, source, declined is not None)
        for id_, name, member, added_at, source, declined in session.execute(query)
    ]


def _twins(session: Session, recipient_id: int, address_id: int, most: int = 20) -> list[RecipientRow]:
    same = sa.select(_r.c.id).where(_r.c.address_id == address_id, _r.c.id != recipient_id)
    return load_rows(session, list(session.scalars(same.order_by(_r.c.kind, _r.c.id).limit(most))))


def custom_field_names(session: Session, among: int = 2_000) -> list[str]:
    """The names of custom fields, as the newest recipients have them: what a filter offers to choose from."""
    newest = sa.select(_r.c.fields).order_by(_r.c.created_at.desc(), _r.c.id.desc()).limit(among)
    return sorted({name for fields in session.scalars(newest) for name in fields}, key=str.casefold)


def languages_in_use(session: Session, most: int = 60) -> list[str]:
    """The languages that recipients have, by code: one seek of the index for each, however many people there are."""
    found: list[str] = []
    after = ""
    while len(found) < most:
        following = session.scalar(sa.select(sa.func.min(_r.c.language)).where(_r.c.language > after))
        if following is None:
            break
        after = following
        found.append(after)
    return found


# --- all who match ---


def archive_matching(doors: Doors, chosen: RecipientFilter, now: datetime, *, on_chunk: OnChunk | None = None) -> int:
    """Archive everybody whom the filter finds at this moment; how many. In chunks (D23); twice does no harm."""
    return in_chunks(doors, chosen.ids(), lambda session, ids: archive_recipients(session, ids, now), on_chunk=on_chunk)
