"""The turn: the one transaction of a lane. It settles what was answered, puts a group on the wire, claims another one.

Together they cost one commit; alone each of them would cost its own, and the connections would wait for three.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlmodel import Session

from models import domain_pause, pacing, rate, smtp_account
from models.catalogue import Problem
from models.claim import Held, HeldItem, claim_items, mark_on_wire
from models.errors import Refused
from models.settlement import settle
from models.verdict import Outcome, Verdict

LEASE: Final = timedelta(seconds=60)
FREE: Final = frozenset({Outcome.NOT_TRIED, Outcome.RENDER_FAILED})
"""Outcomes of messages that no server was asked to take: charged nothing."""


class Charged(NamedTuple):
    """When the items of a claim were charged, and whether to their domains, too."""

    at: datetime
    domains: bool


class Known(NamedTuple):
    """What is known of an item and not settled yet. `wired`: its group is on the wire."""

    claim_id: int
    item: HeldItem
    verdict: Verdict
    wired: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What a lane asks for. `charged`: by claim. `put`: the claim to put on the wire, None: none. `limit`: how many to
    claim, 0: none. `domains_paused`: the server's words by domain id. `welcome`: the answer to the first message that
    the account took in this portion, "" else: its breaker closes."""

    mass_email_id: int
    account_id: int
    worker: str
    now: datetime
    known: Sequence[Known]
    charged: Mapping[int, Charged]
    put: int | None
    limit: int
    sent_in_run: int
    domains_paused: Mapping[int, str]
    welcome: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What the turn gave. `lost`: that the lease of the group to put was, in a sentence. `ask_again_at`: a limit is to
    be waited out within the run; neither that nor `held`: there is no more for this lane."""

    lost: str = ""
    held: Held | None = None
    charged: Charged | None = None
    ask_again_at: datetime | None = None


def take_turn(session: Session, turn: Turn) -> Taken:
    """Durable when it puts a group on the wire: from there on a crash makes it uncertain."""
    _settle(session, turn)
    for domain_id, reply in turn.domains_paused.items():
        domain_pause.pause_domain(session, turn.account_id, domain_id, turn.now, reply, jitter=_jitter())
    if turn.welcome:
        smtp_account.close_breaker(session, turn.account_id, turn.welcome, turn.now)
    lost = _put(session, turn)
    return _claim(session, turn, lost) if turn.limit else Taken(lost)


def _settle(session: Session, turn: Turn) -> None:
    by_claim: dict[int, list[Verdict]] = {}
    for one in turn.known:
        by_claim.setdefault(one.claim_id, []).append(one.verdict)
    for claim_id, verdicts in sorted(by_claim.items()):
        settle(session, claim_id, verdicts, turn.now)
    _give_back(session, turn)
    if turn.known and (paused := domain_pause.pauses(session, turn.account_id)):
        took = {one.item.domain_id for one in turn.known if one.verdict.outcome is Outcome.SENT}
        for domain_id in sorted(took & paused.keys()):
            domain_pause.clear(session, turn.account_id, domain_id)


def _give_back(session: Session, turn: Turn) -> None:
    """What no server was asked to take was charged for nothing."""
    unused = Counter((one.claim_id, one.item.domain_id) for one in turn.known if one.verdict.outcome in FREE)
    for (claim_id, domain_id), n in sorted(unused.items()):
        charged = turn.charged[claim_id]
        pacing.charge(session, turn.account_id, -n, charged.at)
        if charged.domains:
            rate.charge_domains(session, turn.account_id, {domain_id: -n}, charged.at)


def _put(session: Session, turn: Turn) -> str:
    try:
        if turn.put is not None:
            mark_on_wire(session, turn.put, turn.worker, turn.now)
    except Refused as refused:
        return str(refused)
    return ""


def _claim(session: Session, turn: Turn, lost: str) -> Taken:
    """The next group, charged; or when to ask again."""
    account_id, now = turn.account_id, turn.now
    smtp_account.hold_limits(session, account_id)
    allowed = pacing.allowance(session, turn.mass_email_id, now, sent_in_run=turn.sent_in_run, account_id=account_id)
    if not allowed.n:
        return Taken(lost, ask_again_at=_minute_over(allowed.because))
    domains = pacing.domain_allowance(session, account_id, now)
    size = min(turn.limit, allowed.n)
    held = claim_items(session, turn.mass_email_id, account_id, size, turn.worker, LEASE, now, domain_allowance=domains)
    if held and held.items:
        pacing.charge(session, account_id, len(held.items), now)
        if domains is not None:
            rate.charge_domains(session, account_id, Counter(item.domain_id for item in held.items), now)
    return Taken(lost, held, Charged(now, domains is not None))


def _minute_over(because: Problem | None) -> datetime | None:
    """A limit per minute is waited out within the run; any other ends the portion."""
    at = because.values["at"] if because and because.key == "delivery.waiting.minute_limit" else None
    return at if isinstance(at, datetime) else None


def _jitter() -> float:
    """Spreads waits, hides nothing."""
    return random.uniform(0.8, 1.2)  # noqa: S311
