"""From the log to a target list: what a list would hold, and making it (D3, D21, D23)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session

from models.campaign import ListRole
from models.column_types import table
from models.db import Doors
from models.log_filter import LogFilter, Who
from models.log_table import Action
from models.log_view import people, people_count, scope_of, within
from models.mass_email import MassEmailList
from models.membership import add_members, take_over_opt_outs
from models.recipient import Kind, Recipient
from models.selection import OnChunk
from models.target_list import Source, create_list

_PERSON = table(Recipient)
_person = _PERSON.c


@dataclass(frozen=True, slots=True)
class ListPreview:
    """What a list would hold: `matching` people, minus those whom each excluded action takes (in the order given, each
    person once), leaves `people`. `machine_only`: who would match too if machines counted."""

    matching: int
    taken: tuple[tuple[Action, int], ...]
    people: int
    by_kind: Mapping[Kind, int]
    machine_only: int


def preview_list(session: Session, chosen: LogFilter) -> ListPreview:
    """Count what make_list() would put into a list, exclusion by exclusion."""
    steps = [
        people_count(session, replace(chosen, excluded=chosen.excluded[:n])) for n in range(len(chosen.excluded) + 1)
    ]
    taken = tuple((action, steps[n] - steps[n + 1]) for n, action in enumerate(chosen.excluded))
    found = people(session, chosen).subquery()
    kinds = session.execute(
        select(_person.kind, func.count())
        .join_from(found, _PERSON, _person.id == found.c.recipient_id)
        .group_by(_person.kind)
    )
    more = 0
    if chosen.who is Who.PEOPLE and chosen.included:
        more = people_count(session, replace(chosen, who=Who.EVERYBODY)) - steps[-1]
    return ListPreview(steps[0], taken, steps[-1], dict.fromkeys(Kind, 0) | {kind: n for kind, n in kinds}, more)


@dataclass(frozen=True, slots=True)
class MadeList:
    """`added` people are new in the list, `already` were in it. `opt_outs`: addresses newly opted out of it, because
    they declined a list that the mass emails were sent to (D3)."""

    list_id: int
    added: int
    already: int
    opt_outs: int


def make_list(
    doors: Doors,
    chosen: LogFilter,
    into: str | int,
    now: datetime,
    *,
    by: str | None = None,
    on_chunk: OnChunk | None = None,
) -> MadeList:
    """Put the people of the filter into a new list of that name, or into the list of that id, in chunks (D23).

    The opt-outs of the lists that the scope's mass emails were sent to come first, so that at no moment somebody who
    declined can be mailed. Twice into the same list adds nobody twice. Raises Invalid for the name, NotFound.
    """
    if isinstance(into, str):
        with doors.unit_of_work() as session:
            list_id = create_list(session, {"name": into}, now)
    else:
        list_id = into
    with doors.reading() as session:
        found = people(session, chosen).subquery()
        sources = set(session.scalars(_source_lists(session, chosen))) - {list_id}
    opt_outs = take_over_opt_outs(doors, list_id, sources, now, by=by)
    made = add_members(doors, list_id, select(found.c.recipient_id), Source.LOG, now, on_chunk=on_chunk)
    return MadeList(list_id, made.added, made.already, opt_outs)


def _source_lists(session: Session, chosen: LogFilter) -> Select[Any]:
    target = table(MassEmailList).c
    lists = select(target.list_id).where(target.role == ListRole.TARGET).distinct()
    return lists.where(*within(target.mass_email_id, scope_of(session, chosen)))
