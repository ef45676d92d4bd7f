"""Taking in what a provider told: kept, matched, and everything that follows from it, a few events per unit of work.

Done again with the same events it changes nothing; so a provider that tries again, a delivery that somebody replays,
and a process that died between two units do no harm.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models.address import batches
from models.bounce import Kind, MailVerdict
from models.bounce_matching import Match, find_match, named_item
from models.column_types import table
from models.db import insert_new
from models.log_table import EventSource
from models.mail_in import Standing
from models.mail_intake import Meaning, Told, believable, follow, meaning_of, one_line
from models.mailing import hold
from models.queue_table import ItemState, QueueItem
from models.settlement import count_as_sent
from models.webhook import note_taken
from models.webhook_delivery import Event
from models.webhook_table import NOT_KEPT, EventKind, WebhookEvent, WebhookText, WebhookToken

PORTION: Final = 10
"""Events in one unit of work: 20 ms of SQLite's write lock, of the 50 that it may be held (D23)."""
ARRIVALS: Final = 500
"""The same of those that only say that a message arrived."""
MOST_KEPT: Final = 64 * 1024
"""Octets of what was sent of an event that are kept to read."""

_EVENT, _TEXT, _TOKEN, _ITEM = table(WebhookEvent), table(WebhookText), table(WebhookToken), table(QueueItem)
_event, _item = _EVENT.c, _ITEM.c
_KINDS: Final = {
    EventKind.HARD: Kind.HARD,
    EventKind.SOFT: Kind.SOFT,
    EventKind.DELAYED: Kind.DELAYED,
    EventKind.COMPLAINT: Kind.COMPLAINT,
    EventKind.OPT_OUT: Kind.COMPLAINT,
    EventKind.AUTO_REPLY: Kind.AUTO_REPLY,
}
_ACTS: Final = frozenset({Meaning.HARD, Meaning.SOFT, Meaning.COMPLAINT, Meaning.OPT_OUT})


@dataclass(frozen=True, slots=True)
class _Placed:
    """An event that is new here, and whose it is."""

    id: int
    event: Event
    verdict: MailVerdict
    match: Match | None


def portions(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events as they are taken in; one empty portion where there are none, so that the delivery is noted."""
    kept = [event for event in events if event.kind not in NOT_KEPT]
    arrived = [event for event in events if event.kind is EventKind.ARRIVED]
    yield from batches(kept, PORTION)
    yield from batches(arrived, ARRIVALS)
    if not kept and not arrived:
        yield []


def take_events(
    session: Session, webhook_id: int, events: Sequence[Event], now: datetime, *, once: str = ""
) -> list[Standing]:
    """What became of the events that are new; `events`: one of the portions(). In a durable unit of work. `once`: the
    token of a delivery of one event; where it came before, nothing happens."""
    if once and not _is_first(session, webhook_id, once, now):
        return []
    kept = sorted((event for event in events if event.kind not in NOT_KEPT), key=lambda event: event.key)
    new = [(event_id, event) for event in kept if (event_id := _insert(session, webhook_id, event, now)) is not None]
    placed = [_place(session, event_id, event, now) for event_id, event in new]
    arrived = _arrived(session, events)
    _hold(session, [*(one.match.item_id for one in placed if one.match and one.match.item_id), *arrived])
    count_as_sent(session, arrived, now, EventSource.WEBHOOK)
    # addresses in one order everywhere: two deliveries must not wait for each other
    placed.sort(key=lambda one: (one.match.address_id or 0) if one.match else 0)
    standings = [_settle(session, one, now) for one in placed]
    note_taken(session, webhook_id, now)
    return standings


def verdict_of(event: Event) -> MailVerdict:
    """The event in the words of mails that came back, by which it is matched and followed."""
    kind = _KINDS.get(event.kind, Kind.NOT_A_BOUNCE)
    return MailVerdict(
        kind,
        event.reason,
        event.address or None,
        event.status,
        event.evidence,
        message_id=event.message_id or None,
        headers={"x-envoi-item": event.item},
        to_addresses=(event.sender,) if event.sender else (),
        feedback_type="opt-out" if event.kind is EventKind.OPT_OUT else event.feedback_type,
    )


def _is_first(session: Session, webhook_id: int, token: str, now: datetime) -> bool:
    values = {"webhook_id": webhook_id, "token": one_line(token), "at": now}
    made = session.scalar(insert_new(session, _TOKEN).values(values).returning(_TOKEN.c.token))
    return made is not None


def _insert(session: Session, webhook_id: int, event: Event, now: datetime) -> int | None:
    """The id of the new row; None where the event is here already."""
    values = {
        "webhook_id": webhook_id,
        "key": one_line(event.key),
        "at": believable(event.at, now),
        "taken_at": now,
        "kind": event.kind,
        "standing": Standing.OTHER,
        "word": one_line(event.word, 100),
        "reason": one_line(event.reason, 60),
        "status": one_line(event.status, 20),
        "evidence": one_line(event.evidence),
        "address": one_line(event.address, 320).lower(),
    }
    event_id: int | None = session.scalar(insert_new(session, _EVENT).values(values).returning(_event.id))
    if event_id is not None:
        packed = zlib.compress(event.raw[:MOST_KEPT], 6)
        session.execute(sa.insert(_TEXT).values(event_id=event_id, packed=packed))
    return event_id


def _place(session: Session, event_id: int, event: Event, now: datetime) -> _Placed:
    verdict = verdict_of(event)
    return _Placed(event_id, event, verdict, find_match(session, verdict, now))


def _arrived(session: Session, events: Sequence[Event]) -> list[int]:
    """The items of messages that the recipients' servers took, as far as that was uncertain (D12). An address alone is
    no evidence."""
    ids = {named_item(verdict_of(event)) for event in events if event.kind is EventKind.ARRIVED} - {None}
    if not ids:
        return []
    uncertain = (_item.id.in_(ids), _item.state == ItemState.UNCERTAIN)
    return list(session.scalars(sa.select(_item.id).where(*uncertain).order_by(_item.id)))


def _hold(session: Session, item_ids: Sequence[int]) -> None:
    """Hold the mass emails of these items, in the order of their ids."""
    if item_ids:
        found = session.scalars(sa.select(_item.mass_email_id).where(_item.id.in_(set(item_ids))).distinct())
        for mass_email_id in sorted(found):
            hold(session, mass_email_id)


def _settle(session: Session, one: _Placed, now: datetime) -> Standing:
    match, standing = one.match, _standing(session, one, now)
    values: dict[str, Any] = {"standing": standing}
    if match:
        values |= {name: getattr(match, name) for name in ("item_id", "recipient_id", "address_id")}
        values["matched_by"] = match.by
    session.execute(sa.update(_EVENT).where(_event.id == one.id).values(values))
    return standing


def _standing(session: Session, one: _Placed, now: datetime) -> Standing:
    if one.event.kind is EventKind.UNKNOWN:
        return Standing.NOT_UNDERSTOOD
    meaning = meaning_of(one.verdict)
    if meaning not in _ACTS or (one.match and one.match.test):
        return Standing.NOTED
    if one.match is None:
        return Standing.UNMATCHED
    event = one.event
    told = Told(event.reason, one_line(event.status, 20), one_line(event.evidence), believable(event.at, now))
    return follow(session, meaning, one.match, told, now, source=EventSource.WEBHOOK)
