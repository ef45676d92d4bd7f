"""The erasure of a person on request (D25): from the first step on they cannot be mailed, at the end nothing tells of
them, and figures, links and the history of consent stay.

    begin     suppressed for good and recognisable by a hash, archived; a task remembers how far it is
    traces    emptied kind by kind, in chunks (D23)
    end       the records and the addresses themselves, at last: until then a broken erasure knows what to look for
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models import audit, background_task, pepper
from models.address import OTHER_PROVIDER, Address, Domain, insert_new
from models.column_types import Utc, table
from models.db import Doors
from models.erasure_plan import ErasurePlan, subject_of
from models.erasure_traces import TRACES
from models.errors import Refused
from models.queue_table import ItemState, QueueItem
from models.recipient import Recipient, derived
from models.selection import OnChunk, in_chunks
from models.suppression import Suppression, SuppressionReason, suppress

TASK: Final = "erasure"
ABANDONED: Final = timedelta(minutes=10)
"""After so long an erasure that has not ended is nobody's any more: Clean Up ends it."""
_NOWHERE: Final = "erased.invalid"
"""The domain of erased addresses whose own could tell who it was (RFC 2606). A mailbox provider's tells nobody."""

_r, _a, _d, _item = table(Recipient), table(Address), table(Domain), table(QueueItem)
_suppressed: Final = table(Suppression).c


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did."""

    task_id: int
    records: int
    addresses: int


def erase(doors: Doors, plan: ErasurePlan, now: datetime, by: str, *, on_chunk: OnChunk | None = None) -> Erased:
    """Erase whom a plan names. Run again after a crash, by the same plan or by Clean Up, it ends what it began. Raises
    Refused while a message to them is on its way: a minute later it is not."""
    with doors.unit_of_work(durable=True) as session:
        task_id = begin(session, plan.ids, plan.addresses, now, by)
    return carry_on(doors, task_id, now, on_chunk=on_chunk)


def begin(session: Session, recipients: Sequence[int], addresses: Sequence[int], now: datetime, by: str) -> int:
    """The first step, durable; the id of the task for carry_on(). Raises as erase()."""
    held = sa.select(_item.c.id).where(_item.c.recipient_id.in_(recipients), _item.c.state == ItemState.HELD)
    if session.scalar(held.limit(1)) is not None:
        raise Refused("erasure.under_way")
    late = sa.update(_item).where(_item.c.recipient_id.in_(recipients), _item.c.state == ItemState.UNCERTAIN)
    session.execute(late.values(claim_id=None))  # whoever held it and wakes up late would write what was answered
    key = pepper.make(session)
    known = sa.select(_a.c.id, _a.c.normal).where(_a.c.id.in_(addresses), _a.c.normal.is_not(None))
    for address_id, normal in session.execute(known).all():
        (hash_,) = pepper.hashes(key, [normal])
        session.execute(sa.update(_a).where(_a.c.id == address_id).values(erased_hash=hash_))
    for address_id in sorted(addresses):
        suppress(session, address_id, SuppressionReason.ERASED, now)
    gone = sa.update(_r).where(_r.c.id.in_(recipients), _r.c.erased_at.is_(None))
    session.execute(gone.values(erased_at=now, archived_at=sa.func.coalesce(_r.c.archived_at, sa.literal(now, Utc))))
    detail = {"recipients": list(recipients), "addresses": list(addresses)}
    return background_task.begin(session, TASK, now, by, total=len(TRACES), detail=detail)


def carry_on(doors: Doors, task_id: int, now: datetime, *, on_chunk: OnChunk | None = None) -> Erased:
    """Empty every trace, then the records and addresses; from wherever it stands."""
    with doors.unit_of_work() as session:
        task = background_task.resume(session, task_id, now)
        detail, by = task.detail, task.by
        who = subject_of(session, detail["recipients"], detail["addresses"])
    for place, trace in enumerate(TRACES.values(), start=1):
        in_chunks(doors, trace.find(who), trace.empty)
        if on_chunk:
            on_chunk(place, len(TRACES) + 1)
    with doors.unit_of_work(durable=True) as session:
        _end(session, who.recipients, who.addresses, now, by)
        background_task.finish(session, task_id, now)
    return Erased(task_id, len(who.recipients), len(who.addresses))


def end_abandoned(doors: Doors, now: datetime) -> int:
    """Carry on with erasures that a crash broke off; how many."""
    with doors.reading() as session:
        begun = background_task.running_tasks(session, TASK)
    left = [task.id for task in begun if task.id is not None and task.started_at < now - ABANDONED]
    for task_id in left:
        carry_on(doors, task_id, now)
    return len(left)


def _end(session: Session, recipients: Sequence[int], addresses: Sequence[int], now: datetime, by: str) -> None:
    records = sa.select(_r.c.id, _r.c.address_id).where(_r.c.id.in_(recipients))
    for recipient_id, address_id in session.execute(records).all():
        keeps = address_id if address_id in addresses else None  # another record has it, and this one no longer
        blank = _blank(recipient_id) | {"address_id": keeps, "revision": _r.c.revision + 1}
        session.execute(sa.update(_r).where(_r.c.id == recipient_id).values(blank))
        audit.note(session, now, by, "recipient.erased", "recipient", recipient_id, addresses=len(addresses))
    session.execute(sa.update(table(Suppression)).where(_suppressed.address_id.in_(addresses)).values(evidence=""))
    for address_id in addresses:
        _forget(session, address_id)
        audit.note(session, now, by, "address.erased", "address", address_id, records=len(recipients))


def _blank(recipient_id: int) -> dict[str, Any]:
    """Every column that tells of a person. The name is the record's number: lists and logs have something to show."""
    texts = ("first_name", "last_name", "company", "address_typed", "language", "time_zone")
    values: dict[str, Any] = {**dict.fromkeys(texts, ""), "name": f"#{recipient_id}", "account_id": None, "fields": {}}
    return values | derived(values)


def _forget(session: Session, address_id: int) -> None:
    """The address goes, its hash stays. Its domain goes too, unless it is a mailbox provider's or others have it."""
    domain = session.execute(
        sa.select(_d.c.id, _d.c.provider).join_from(_a, _d, _d.c.id == _a.c.domain_id).where(_a.c.id == address_id)
    ).one()
    values: dict[str, Any] = {"normal": None}
    if domain.provider == OTHER_PROVIDER:
        values["domain_id"] = _nowhere(session)
    session.execute(sa.update(_a).where(_a.c.id == address_id).values(values))
    used = sa.exists().select_from(_a).where(_a.c.domain_id == domain.id)
    if domain.id != values.get("domain_id", domain.id):
        name = f"{domain.id}.{_NOWHERE}"  # its number stays: limits and pauses know it
        session.execute(sa.update(_d).where(_d.c.id == domain.id, ~used).values(name=name))


def _nowhere(session: Session) -> int:
    session.execute(insert_new(session, _d).values(name=_NOWHERE, provider=OTHER_PROVIDER))
    number: int = session.scalars(sa.select(_d.c.id).where(_d.c.name == _NOWHERE)).one()
    return number
