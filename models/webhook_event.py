"""What providers told, as pages read it; keeping and forgetting it."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models import audit
from models.column_types import count_changed, table
from models.errors import NotFound, Refused
from models.log_table import EventSource
from models.mail_assignment import ASSIGNABLE, match_of
from models.mail_in import TO_DECIDE, MatchedBy, Standing
from models.mail_intake import Meaning, Told, follow
from models.mass_email import MassEmail
from models.queue_table import QueueItem
from models.recipient import Recipient
from models.webhook_table import EventKind, Provider, Webhook, WebhookEvent, WebhookText, WebhookToken

__all__ = ["ASSIGNABLE_MEANINGS", "EventKind", "EventRow"]

_EVENT, _TEXT, _TOKEN, _WEBHOOK = table(WebhookEvent), table(WebhookText), table(WebhookToken), table(Webhook)
_event = _EVENT.c
SORTS: Final = ("at", "address")
ASSIGNABLE_MEANINGS: Final = tuple(one for one in ASSIGNABLE if one is not Meaning.REPLY)
TOKENS_KEPT: Final = timedelta(days=2)
"""Longer than any provider tries again."""
_OPEN: Final = (*TO_DECIDE, Standing.IGNORED)


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as lists show it. `person` and `mass_email` "" where it is not known whose it is."""

    id: int
    at: datetime
    webhook: str
    provider: Provider
    kind: EventKind
    standing: Standing
    matched_by: MatchedBy | None
    word: str
    reason: str
    status: str
    evidence: str
    address: str
    recipient_id: int | None
    person: str
    mass_email_id: int | None
    mass_email: str


def event_page(
    session: Session,
    *,
    standings: Sequence[Standing] = (),
    kind: EventKind | None = None,
    webhook_id: int | None = None,
    text: str = "",
    sort: str = "-at",
    page: int = 1,
    size: int = 25,
) -> tuple[list[EventRow], int]:
    """The events that came, and how many; `text` is part of an address; `sort` one of SORTS, with a "-" before it the
    other way round."""
    chosen = _chosen(standings, kind, webhook_id, text)
    total = session.scalar(sa.select(sa.func.count()).select_from(_EVENT).where(*chosen)) or 0
    column = {"at": _event.id, "address": _event.address}[sort.removeprefix("-")]
    order = [one.desc() if sort.startswith("-") else one for one in (column, _event.id)]
    rows = session.execute(_rows().where(*chosen).order_by(*order).limit(size).offset((page - 1) * size))
    return [EventRow(*row) for row in rows], total


def count_by_standing(session: Session) -> dict[Standing, int]:
    """How many events there are of each standing."""
    rows = session.execute(sa.select(_event.standing, sa.func.count().label("n")).group_by(_event.standing))
    return {row.standing: row.n for row in rows}


def get_event(session: Session, event_id: int) -> tuple[EventRow, str]:
    """One event, and what was sent of it, "" when its time is over. Raises NotFound."""
    row = session.execute(_rows().where(_event.id == event_id)).first()
    if row is None:
        raise NotFound("webhook.no_event")
    packed = session.scalar(sa.select(_TEXT.c.packed).where(_TEXT.c.event_id == event_id))
    raw = zlib.decompress(packed) if packed else b""
    return EventRow(*row), raw.decode("utf-8", errors="replace").replace("\0", "\ufffd")


def _chosen(
    standings: Sequence[Standing], kind: EventKind | None, webhook_id: int | None, text: str
) -> list[sa.ColumnElement[bool]]:
    chosen: list[sa.ColumnElement[bool]] = []
    if standings:
        chosen.append(_event.standing.in_(standings))
    if kind is not None:
        chosen.append(_event.kind == kind)
    if webhook_id is not None:
        chosen.append(_event.webhook_id == webhook_id)
    if words := text.strip().lower():
        chosen.append(_event.address.contains(words, autoescape=True))
    return chosen


def _rows() -> sa.Select[Any]:
    person, item, mail = table(Recipient), table(QueueItem), table(MassEmail)
    own = [_event[n] for n in ("kind", "standing", "matched_by", "word", "reason", "status", "evidence", "address")]
    return (
        sa.select(_event.id, _event.at, _WEBHOOK.c.name, _WEBHOOK.c.provider, *own)
        .add_columns(_event.recipient_id, sa.func.coalesce(person.c.name, ""))
        .add_columns(mail.c.id, sa.func.coalesce(mail.c.name, ""))
        .select_from(
            _EVENT.join(_WEBHOOK, _WEBHOOK.c.id == _event.webhook_id)
            .outerjoin(person, person.c.id == _event.recipient_id)
            .outerjoin(item, item.c.id == _event.item_id)
            .outerjoin(mail, mail.c.id == item.c.mass_email_id)
        )
    )


# A person's word about an event that no rule could place


def assign(session: Session, event_id: int, recipient_id: int, meaning: Meaning, now: datetime, *, by: str) -> Standing:
    """The event is of this person, and means this, as mail_assignment.assign() does for mails. Durable.

    Raises NotFound; Refused for an event that counts already; Invalid beside "recipient"."""
    row = _open_event(session, event_id)
    match = match_of(session, recipient_id, meaning)
    told = Told(row.reason, row.status, row.evidence, row.at)
    standing = follow(session, meaning, match, told, now, source=EventSource.WEBHOOK)
    found = {"item_id": match.item_id, "recipient_id": recipient_id, "address_id": match.address_id}
    values = {**found, "standing": standing, "matched_by": MatchedBy.PERSON}
    session.execute(sa.update(_EVENT).where(_event.id == event_id).values(values))
    detail = {"recipient": recipient_id, "meaning": meaning}
    audit.note(session, now, by, "webhook_event.assigned", "webhook_event", event_id, **detail)
    return standing


def ignore(session: Session, event_id: int, now: datetime, *, by: str) -> None:
    """Nothing follows from the event. Raises NotFound; Refused for an event that counts already."""
    _open_event(session, event_id)
    session.execute(sa.update(_EVENT).where(_event.id == event_id).values(standing=Standing.IGNORED))
    audit.note(session, now, by, "webhook_event.ignored", "webhook_event", event_id)


def ignore_all(session: Session, event_ids: list[int], now: datetime, *, by: str) -> int:
    """Nothing follows from these events, as far as they wait for a decision; how many did."""
    waiting = (_event.id.in_(event_ids), _event.standing.in_(TO_DECIDE))
    ids = list(session.scalars(sa.select(_event.id).where(*waiting).with_for_update()))
    session.execute(sa.update(_EVENT).where(_event.id.in_(ids)).values(standing=Standing.IGNORED))
    if ids:
        audit.note(session, now, by, "webhook_event.ignored", "webhook_event", None, ids=ids)
    return len(ids)


def _open_event(session: Session, event_id: int) -> sa.Row[Any]:
    row = session.execute(sa.select(_EVENT).where(_event.id == event_id).with_for_update()).first()
    if row is None:
        raise NotFound("webhook.no_event")
    if row.standing not in _OPEN:
        raise Refused("webhook.counts_already")
    return row


# Forgetting


def forget_texts(session: Session, before: datetime, limit: int = 500) -> int:
    """Delete what was sent of events that were taken before a moment, at most `limit`; how many. The events stay
    listed."""
    old = sa.select(_TEXT.c.event_id).join(_EVENT, _event.id == _TEXT.c.event_id).where(_event.taken_at < before)
    return count_changed(session, sa.delete(_TEXT).where(_TEXT.c.event_id.in_(old.limit(limit))))


def forget_tokens(session: Session, now: datetime, limit: int = 500) -> int:
    """Delete the tokens whose moment nobody would believe any more, at most `limit`; how many."""
    old = sa.select(_TOKEN.c.webhook_id, _TOKEN.c.token).where(_TOKEN.c.at < now - TOKENS_KEPT).limit(limit)
    key = sa.tuple_(_TOKEN.c.webhook_id, _TOKEN.c.token)
    return count_changed(session, sa.delete(_TOKEN).where(key.in_(old)))
