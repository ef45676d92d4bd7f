"""The log record: what happened to one person, written with everything that follows from it (D3, D12, D18–D20).

One call, one transaction: the log row, the people flag of the queue item, the counters, the mass email's change_seq.
Every event with a token is evidence that the message arrived: an uncertain item becomes sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update
from sqlmodel import Session

from models.address import EVERYTHING, Address, Domain, SuppressionReason, opt_in, opt_out, suppress
from models.campaign import ListRole
from models.column_types import table
from models.counter import Mark, bump, touch
from models.errors import NotFound
from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason, Visit
from models.mailing import hold
from models.mass_email import MassEmail, lists_of
from models.queue_table import ItemState, QueueItem
from models.settlement import count_as_sent
from models.tracking_url import Destination, find_destination
from models.verdict import REPLY_LENGTH

__all__ = ["Action", "BounceKind", "EventSource", "LogRecord", "MachineReason", "Visit"]

ROWS_PER_DAY: Final = 20
"""Log rows per item, action, link and day (UTC); what comes after only counts (D18)."""

_ITEM, _LOG = table(QueueItem), table(LogRecord)
_item, _log = _ITEM.c, _LOG.c


def record_opened(
    session: Session,
    item_id: int,
    now: datetime,
    *,
    machine: MachineReason = MachineReason.HUMAN,
    visit: tuple[str, str] | None = None,
    source: EventSource = EventSource.PUBLIC_PAGE,
) -> None:
    """An open of the message. `machine`: why it is not a person's; `visit`: (user agent, address). Raises NotFound."""
    item = _touched_item(session, item_id, now, source)
    _write(session, _Event(item, Action.OPENED, now, machine, source, visit=visit))


def record_clicked(
    session: Session,
    item_id: int,
    no: int,
    now: datetime,
    *,
    machine: MachineReason = MachineReason.HUMAN,
    visit: tuple[str, str] | None = None,
    source: EventSource = EventSource.PUBLIC_PAGE,
) -> Destination:
    """A click on link number `no` of the item's mass email; gives where it leads. A person's click without an open
    before it logs an inferred open. Raises NotFound, and logs nothing, without such an item or such a link in its mass
    email."""
    item = _held_item(session, item_id)
    destination = find_destination(session, item.mass_email_id, no)
    if destination is None:
        raise NotFound("delivery.no_link")
    _count_evidence(session, item, now, source)
    if machine is MachineReason.HUMAN and item.opened_at is None:
        _write(session, _Event(item, Action.OPENED, now, machine, EventSource.INFERRED))
    _write(session, _Event(item, Action.CLICKED, now, machine, source, link_id=destination.link_id, visit=visit))
    return destination


def record_opted_out(
    session: Session,
    item_id: int,
    now: datetime,
    *,
    entirely: bool = False,
    visit: tuple[str, str] | None = None,
    source: EventSource = EventSource.PUBLIC_PAGE,
    by: str | None = None,
) -> int:
    """How many lists the address newly declined: all target lists of the mass email, or everything, when the mass email
    or `entirely` says so (D3). Doing it twice changes and logs nothing more. Durable. Raises NotFound."""
    item = _touched_item(session, item_id, now, source)
    lists = _lists(session, item, entirely)
    ip = visit[1] if visit else None
    declined = opt_out(session, item.address_id, lists, now, source=source.value, item_id=item_id, ip=ip, by=by)
    if declined or item.opted_out_at is None:
        _write(session, _Event(item, Action.OPTED_OUT, now, source=source, visit=visit))
    return declined


def record_opted_in(
    session: Session,
    item_id: int,
    now: datetime,
    *,
    visit: tuple[str, str] | None = None,
    source: EventSource = EventSource.PUBLIC_PAGE,
    by: str | None = None,
) -> int:
    """How many lists the address takes again: it undoes record_opted_out(), adding to the history. If nothing was
    declined, nothing is logged. Durable. Raises NotFound."""
    item = _touched_item(session, item_id, now, source)
    lists, ip = [EVERYTHING, *_lists(session, item, False)], visit[1] if visit else None
    taken = opt_in(session, item.address_id, lists, now, source=source.value, item_id=item_id, ip=ip, by=by)
    if taken:
        _write(session, _Event(item, Action.OPTED_IN, now, source=source, visit=visit))
    return taken


def record_bounced(
    session: Session,
    item_id: int,
    kind: BounceKind,
    now: datetime,
    *,
    reason: str = "",
    evidence: str = "",
    source: EventSource = EventSource.MAILBOX,
) -> None:
    """A message that came back. A hard bounce suppresses the address (D19): then durable. Raises NotFound."""
    item = _touched_item(session, item_id, now, source)
    if kind is BounceKind.HARD:
        suppress(session, item.address_id, SuppressionReason.HARD_BOUNCE, now, evidence=evidence[:REPLY_LENGTH])
    _write(session, _Event(item, Action.BOUNCED, now, source=source, bounce_kind=kind, reason=reason))


def record_complained(
    session: Session, item_id: int, now: datetime, *, evidence: str = "", source: EventSource = EventSource.MAILBOX
) -> None:
    """A complaint: the address is suppressed at once (D19). Durable. Raises NotFound."""
    item = _touched_item(session, item_id, now, source)
    suppress(session, item.address_id, SuppressionReason.COMPLAINT, now, evidence=evidence[:REPLY_LENGTH])
    _write(session, _Event(item, Action.COMPLAINED, now, source=source))


def record_replied(session: Session, item_id: int, now: datetime, *, source: EventSource = EventSource.MAILBOX) -> None:
    """An answer that a person wrote. Raises NotFound."""
    item = _touched_item(session, item_id, now, source)
    _write(session, _Event(item, Action.REPLIED, now, source=source))


@dataclass(frozen=True, slots=True)
class _Event:
    item: Row[Any]
    action: Action
    at: datetime
    machine: MachineReason = MachineReason.HUMAN
    source: EventSource = EventSource.PUBLIC_PAGE
    link_id: int | None = None
    bounce_kind: BounceKind | None = None
    reason: str = ""
    visit: tuple[str, str] | None = None

    @property
    def human(self) -> bool:
        return self.machine is MachineReason.HUMAN


_FLAGS: Final = {
    Action.OPENED: "opened_at",
    Action.CLICKED: "clicked_at",
    Action.OPTED_OUT: "opted_out_at",
    Action.BOUNCED: "bounced",
    Action.COMPLAINED: "complained",
    Action.REPLIED: "replied_at",
}
"""The people flag of an action: when, or whether, its first human event came."""


def _held_item(session: Session, item_id: int) -> Row[Any]:
    """The item, its mass email held: two clicks at once are a first and a second."""
    mass_email_id = session.scalar(select(_item.mass_email_id).where(_item.id == item_id))
    if mass_email_id is None:
        raise NotFound("delivery.no_item")
    hold(session, mass_email_id)
    mail, address, domain = table(MassEmail), table(Address), table(Domain)
    return session.execute(
        select(_ITEM, mail.c.campaign_id, mail.c.opt_out_entirely, domain.c.provider)
        .join_from(_ITEM, mail, mail.c.id == _item.mass_email_id)
        .join(address, address.c.id == _item.address_id)
        .join(domain, domain.c.id == address.c.domain_id)
        .where(_item.id == item_id)
    ).one()


def _touched_item(session: Session, item_id: int, now: datetime, source: EventSource) -> Row[Any]:
    item = _held_item(session, item_id)
    _count_evidence(session, item, now, source)
    return item


def _count_evidence(session: Session, item: Row[Any], now: datetime, source: EventSource) -> None:
    if item.state is ItemState.UNCERTAIN:
        count_as_sent(session, [item.id], now, source)


def _lists(session: Session, item: Row[Any], entirely: bool) -> Sequence[int]:
    if entirely or item.opt_out_entirely:
        return [EVERYTHING]
    return lists_of(session, item.mass_email_id, ListRole.TARGET)


def _write(session: Session, event: _Event) -> None:
    item, flag = event.item, _FLAGS.get(event.action)
    flag = flag if event.human else None
    first = not getattr(item, flag) if flag else not _happened(session, event)
    if first and flag:
        value = event.at if flag.endswith("_at") else True
        session.execute(update(_ITEM).where(_item.id == item.id).values({flag: value}))
    first_on_link = event.link_id is not None and not _happened(session, event, event.link_id)
    logged = first or first_on_link or _rows_today(session, event) < ROWS_PER_DAY
    if logged:
        _insert(session, event, first)
    bump(session, [_mark(event, first, first_on_link, logged)])
    touch(session, item.mass_email_id, event.at)


def _mark(event: _Event, first: bool, first_on_link: bool, logged: bool) -> Mark:
    return Mark(
        event.item.mass_email_id,
        event.action,
        event.at,
        event.item.provider,
        human=event.human,
        first=first,
        link_id=event.link_id,
        first_on_link=first_on_link,
        reasons=(event.bounce_kind.value,) if event.bounce_kind else (),
        logged=logged,
        because=event.reason,
    )


def _happened(session: Session, event: _Event, link_id: int | None = None) -> bool:
    """Whether the item has such a record already, of a person or of a machine as this one; on one link, or on any."""
    alike = _log.machine == MachineReason.HUMAN if event.human else _log.machine != MachineReason.HUMAN
    found = select(_log.id).where(_log.item_id == event.item.id, _log.action == event.action, alike)
    if link_id is not None:
        found = found.where(_log.link_id == link_id)
    return session.scalar(found.limit(1)) is not None


def _rows_today(session: Session, event: _Event) -> int:
    day = event.at.replace(hour=0, minute=0, second=0, microsecond=0)
    alike = (_log.item_id == event.item.id, _log.action == event.action, _log.at >= day)
    link = _log.link_id.is_not_distinct_from(event.link_id)
    return session.scalar(select(func.count()).select_from(_LOG).where(*alike, link)) or 0


def _insert(session: Session, event: _Event, first: bool) -> None:
    visit_id = None
    if event.visit:
        agent, ip = event.visit
        seen = insert(table(Visit)).values(agent=agent, ip=ip).returning(table(Visit).c.id)
        visit_id = session.execute(seen).scalar_one()
    item = event.item
    values = {
        "at": event.at,
        "campaign_id": item.campaign_id,
        "mass_email_id": item.mass_email_id,
        "item_id": item.id,
        "recipient_id": item.recipient_id,
        "action": event.action,
        "link_id": event.link_id,
        "machine": event.machine,
        "first": first,
        "bounce_kind": event.bounce_kind,
        "reason": event.reason,
        "source": event.source,
        "visit_id": visit_id,
    }
    session.execute(insert(_LOG).values(values))
