"""The verdict: what became of one message, and what that makes of its queue item. Pure (D10, D13)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from models.log_table import Action, BounceKind, EventSource
from models.queue_table import ItemState


class Outcome(StrEnum):
    """What a worker can say of a message it was given.

    SENT            the server took it (2yz after the dot)
    TEMPORARY       4yz for this recipient: it waits for its next try
    PERMANENT       5yz for this recipient: failed for good, logged as bounced (D13)
    UNCERTAIN       it was on the wire and no answer came: never sent again by itself (D12)
    NOT_TRIED       it did not come to it (server-wide trouble, stop): waits again, charged nothing (D10)
    RENDER_FAILED   the message could not be made: failed, `reason` says why
    """

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNCERTAIN = "uncertain"
    NOT_TRIED = "not_tried"
    RENDER_FAILED = "render_failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code`, `enhanced_status`, `reply`: the server's answer (RFC 5321 4.2, RFC 3463), "" or None without one.
    `reason`: a word of delivery.reason.* in the catalogue, or a sentence. `bounce_kind` of a PERMANENT refusal: HARD
    says that the address will not work again and suppresses it; None is SOFT. `personal`: the values to store (D8)."""

    item_id: int
    outcome: Outcome
    code: int | None = None
    enhanced_status: str = ""
    reply: str = ""
    reason: str = ""
    bounce_kind: BounceKind | None = None
    personal: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What judge() needs to know of an item: how often and since when it was tried."""

    id: int
    attempts: int
    first_tried_at: datetime | None
    next_try_at: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """What a verdict makes of an item. `action` None: nothing to log."""

    state: ItemState
    attempts: int
    next_try_at: datetime
    action: Action | None = None
    source: EventSource = EventSource.WORKER
    bounce_kind: BounceKind | None = None


WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 45, 120, 240))
"""Before the second, third, … try; the last one repeats. Greylisting is over after the first or second."""

GIVE_UP_AFTER: Final = timedelta(days=3)
"""Between the first try and the last one, unless Outbound Emails says otherwise."""

REPLY_LENGTH: Final = 200


def retry_wait(item_id: int, attempts: int) -> timedelta:
    """How long an item waits after its nth failed try (from 1): a place of WAITS, up to a fifth longer. The addition
    depends on item and try alone, so that a portion refused together does not come back together."""
    whole = WAITS[min(attempts, len(WAITS)) - 1]
    dice = hashlib.blake2b(f"{item_id}.{attempts}".encode(), digest_size=2).digest()
    return whole * (1 + int.from_bytes(dice) / 65536 / 5)


def judge(verdict: Verdict, item: Tried, now: datetime, give_up_after: timedelta = GIVE_UP_AFTER) -> Fate:
    """What becomes of an item. A temporary failure is tried again until `give_up_after` the first try, a last time at
    that moment; then it has failed."""
    attempts, due = item.attempts + 1, item.next_try_at
    last = (item.first_tried_at or now) + give_up_after
    match verdict.outcome:
        case Outcome.SENT:
            fate = Fate(ItemState.SENT, attempts, due, Action.SENT)
        case Outcome.TEMPORARY if now < last:
            fate = Fate(ItemState.WAITING, attempts, min(now + retry_wait(item.id, attempts), last))
        case Outcome.TEMPORARY:
            fate = Fate(ItemState.FAILED, attempts, due, Action.FAILED, EventSource.SMTP)
        case Outcome.PERMANENT:
            kind = verdict.bounce_kind or BounceKind.SOFT
            fate = Fate(ItemState.FAILED, attempts, due, Action.BOUNCED, EventSource.SMTP, kind)
        case Outcome.UNCERTAIN:
            fate = Fate(ItemState.UNCERTAIN, attempts, due)
        case Outcome.NOT_TRIED:
            fate = Fate(ItemState.WAITING, item.attempts, due)
        case Outcome.RENDER_FAILED:
            fate = Fate(ItemState.FAILED, item.attempts, due, Action.FAILED)
    return fate
