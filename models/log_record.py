"""The log record: what happened to one person, written with everything that follows from it (D3, D12, D18–D20).

One call, one transaction: the log row, the people flag of the queue item, the counters, the mass email's change_seq.
Every event with a token is evidence that the message arrived: an uncertain item becomes sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, select, update
from sqlmodel import Session

from models.address import EVERYTHING, Address, Domain, SuppressionReason, opt_in, opt_out, suppress
from models.campaign import ListRole
from models.column_types import table
from models.counter import Mark, bump, touch
from models.errors import EnvoiError, NotFound
from models.hit import ROWS_PER_DAY, Hit, record_hits
from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason, Visit
from models.machine import AGENT_LENGTH, Knock
from models.mailing import hold
from models.mass_email import MassEmail, lists_of
from models.queue_table import ItemState, QueueItem
from models.settlement import count_as_sent
from models.tracking_url import Destination
from models.verdict import REPLY_LENGTH
from models.visit import kept_ip

__all__ = ["ROWS_PER_DAY", "Action", "BounceKind", "EventSource", "LogRecord", "MachineReason", "Visit"]

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
    """An open of the message. `machine`: why it is not a person's, as is known already; `visit`: (user agent, address).
    What comes by the hundred goes through hit.record_hits(). Raises NotFound."""
    _record_hit(session, Hit(item_id, now, machine=machine, knock=_knock(visit), source=source))


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
    hit = Hit(item_id, now, no=no, machine=machine, knock=_knock(visit), source=source)
    destination = _record_hit(session, hit)
    if not isinstance(destination, Destination):
        raise NotFound("delivery.no_link")
    return destination


def _record_hit(session: Session, hit: Hit) -> Destination | None:
    answer = record_hits(session, [hit])[0]
    if isinstance(answer, EnvoiError):
        raise answer
    return answer


def _knock(visit: tuple[str, str] | None) -> Knock | None:
    return Knock(*visit) if visit else None


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
    lists, ip = _lists(session, item, entirely), _ip(session, visit)
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
    lists, ip = [EVERYTHING, *_lists(session, item, False)], _ip(session, visit)
    taken = opt_in(session, item.address_id, lists, now, source=source.value, item_id=item_id, ip=ip, by=by)
    if taken:
        _write(session, _Event(item, Action.OPTED_IN, now, source=source, visit=visit))
    return taken


def record_preferences(
    session: Session,
    item_id: int,
    choices: Mapping[int, bool],
    now: datetime,
    *,
    visit: tuple[str, str] | None = None,
    source: EventSource = EventSource.PREFERENCES,
) -> tuple[int, int]:
    """(lists newly declined, lists taken again) by what a person chose, list by list; {EVERYTHING: False} declines all
    mail, {EVERYTHING: True} lifts that alone. Whoever declined everything and takes a list again has everything
    else lifted too. Nothing changed, nothing logged. Durable. Raises NotFound."""
    item = _touched_item(session, item_id, now, source)
    ip, address_id = _ip(session, visit), item.address_id
    wanted = [list_id for list_id, wants in choices.items() if wants]
    left = choices.keys() - wanted
    declined = opt_out(session, address_id, left, now, source=source.value, item_id=item_id, ip=ip)
    taken = 0
    if wanted:
        wanted = [EVERYTHING, *wanted]
        taken = opt_in(session, address_id, wanted, now, source=source.value, item_id=item_id, ip=ip)
    if declined:
        _write(session, _Event(item, Action.OPTED_OUT, now, source=source, visit=visit))
    if taken:
        _write(session, _Event(item, Action.OPTED_IN, now, source=source, visit=visit))
    return declined, taken


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
    """Something that a person or a mail server did, never a machine that looks at links."""

    item: Row[Any]
    action: Action
    at: datetime
    source: EventSource = EventSource.PUBLIC_PAGE
    bounce_kind: BounceKind | None = None
    reason: str = ""
    visit: tuple[str, str] | None = None


_FLAGS: Final = {
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
        select(_ITEM, mail.c.campaign_id, mail.c.opt_out_entirely, mail.c.log_kept_from, domain.c.provider)
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
    first = not getattr(item, flag) if flag else not _happened(session, event)
    if first and flag:
        value = event.at if flag.endswith("_at") else True
        session.execute(update(_ITEM).where(_item.id == item.id).values({flag: value}))
    logged = first or _rows_today(session, event) < ROWS_PER_DAY
    if logged:
        _insert(session, event, first)
    bump(session, [_mark(event, first, logged)])
    touch(session, item.mass_email_id, event.at)


def _mark(event: _Event, first: bool, logged: bool) -> Mark:
    return Mark(
        event.item.mass_email_id,
        event.action,
        event.at,
        event.item.provider,
        first=first,
        reasons=(event.bounce_kind.value,) if event.bounce_kind else (),
        logged=logged,
        because=event.reason,
    )


def _happened(session: Session, event: _Event) -> bool:
    """Whether the item has such a record already, or may have had one that retention took."""
    item = event.item
    if item.log_kept_from is not None and item.sent_at is not None and item.sent_at < item.log_kept_from:
        return True
    found = select(_log.id).where(_log.item_id == event.item.id, _log.action == event.action)
    return session.scalar(found.limit(1)) is not None


def _rows_today(session: Session, event: _Event) -> int:
    day = event.at.replace(hour=0, minute=0, second=0, microsecond=0)
    alike = (_log.item_id == event.item.id, _log.action == event.action, _log.at >= day)
    return session.scalar(select(func.count()).select_from(_LOG).where(*alike)) or 0


def _ip(session: Session, visit: tuple[str, str] | None) -> str | None:
    """What is kept of the visitor's address; None: there was no visitor, or nothing is kept."""
    return (kept_ip(session, visit[1]) or None) if visit else None


def _insert(session: Session, event: _Event, first: bool) -> None:
    visit_id = None
    if event.visit:
        seen = insert(table(Visit)).values(agent=event.visit[0][:AGENT_LENGTH], ip=_ip(session, event.visit) or "")
        visit_id = session.execute(seen.returning(table(Visit).c.id)).scalar_one()
    item = event.item
    values = {
        "at": event.at,
        "campaign_id": item.campaign_id,
        "mass_email_id": item.mass_email_id,
        "item_id": item.id,
        "recipient_id": item.recipient_id,
        "action": event.action,
        "machine": MachineReason.HUMAN,
        "first": first,
        "bounce_kind": event.bounce_kind,
        "reason": event.reason,
        "source": event.source,
        "visit_id": visit_id,
    }
    session.execute(insert(_LOG).values(values))
