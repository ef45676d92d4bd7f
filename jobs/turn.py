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
from models.claim import Held, HeldItem, claim_of, mark_on_wire
from models.counter import touch
from models.errors import Refused
from models.mailing import Mailing, finish_if_done, hold_mailing
from models.pacing import Allowance
from models.settlement import settle_claims
from models.verdict import Outcome, Verdict

LEASE: Final = timedelta(seconds=60)
STOCK_LASTS: Final = timedelta(seconds=1)
"""So long it may be claimed from, however slow the server became: then limits and sending window are asked anew."""
FREE: Final = frozenset({Outcome.NOT_TRIED, Outcome.RENDER_FAILED})
"""Outcomes of messages that no server was asked to take: charged nothing."""
_MAY_SUPPRESS: Final = frozenset({Outcome.PERMANENT, Outcome.TEMPORARY})


class Stock(NamedTuple):
    """Messages that are charged to the account already and may be claimed: a claim asks no limit while there are some
    and they are fresh.
    `at`: when they were charged; `domains`: each claim has to ask what its domains may get, and charges them, too."""

    n: int
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
    """What a lane asks for. `stock_of`: what the items of each claim were taken from. `put`: the claim to put on the
    wire, None: none. `limit`: how many to claim, 0: none. `stock`: what is left of it; `ahead`: how many to charge at
    a time; `taken`: by the portion so far, stock included. `domains_paused`: the server's words by domain id.
    `welcome`: the answer to the first message that the account took in this portion, "" else: its breaker closes."""

    mass_email_id: int
    account_id: int
    worker: str
    now: datetime
    known: Sequence[Known]
    stock_of: Mapping[int, Stock]
    put: int | None
    limit: int
    stock: Stock | None
    ahead: int
    taken: int
    domains_paused: Mapping[int, str]
    welcome: str

    @property
    def durable(self) -> bool:
        """It must survive a power cut: a group goes on the wire, or an address may be suppressed."""
        return self.put is not None or any(one.verdict.outcome in _MAY_SUPPRESS for one in self.known)


@dataclass(frozen=True, slots=True)
class Taken:
    """What the turn gave. `lost`: that the lease of the group to put was, in a sentence. `ask_again_at`: a limit is to
    be waited out within the run; neither that nor `held`: there is no more for this lane. `stock`: what is left."""

    lost: str = ""
    held: Held | None = None
    stock: Stock | None = None
    ask_again_at: datetime | None = None


def take_turn(session: Session, turn: Turn) -> Taken:
    """The turn, in a unit of work that is as durable as it asks for."""
    mail = hold_mailing(session, turn.mass_email_id)
    touch(session, mail.id, turn.now)
    _settle(session, mail, turn)
    _tell_account(session, turn)
    lost = _put(session, turn)
    if turn.limit:
        return _claim(session, mail, turn, lost)
    finish_if_done(session, turn.mass_email_id, turn.now)
    return Taken(lost, stock=turn.stock)


def _settle(session: Session, mail: Mailing, turn: Turn) -> None:
    by_claim: dict[int, list[Verdict]] = {}
    for one in turn.known:
        by_claim.setdefault(one.claim_id, []).append(one.verdict)
    if by_claim:
        settle_claims(session, mail, by_claim, turn.now)


def _tell_account(session: Session, turn: Turn) -> None:
    """What the answers say about the account. Its row is held before anything of it is written, and after everything of
    the mass email: on PostgreSQL no two lanes then wait for each other crosswise."""
    taking_again = _taking_again(session, turn)
    unused = any(one.verdict.outcome in FREE for one in turn.known)
    charging = bool(turn.limit and turn.stock and turn.stock.domains)
    if any((taking_again, unused, charging, turn.domains_paused, turn.welcome)):
        smtp_account.hold_limits(session, turn.account_id)
    _give_back(session, turn)
    for domain_id in taking_again:
        domain_pause.clear(session, turn.account_id, domain_id)
    for domain_id, reply in sorted(turn.domains_paused.items()):
        domain_pause.pause_domain(session, turn.account_id, domain_id, turn.now, reply, jitter=_jitter())
    if turn.welcome:
        smtp_account.close_breaker(session, turn.account_id, turn.welcome, turn.now)


def _taking_again(session: Session, turn: Turn) -> list[int]:
    """Domains that were left alone and took a message."""
    took = {one.item.domain_id for one in turn.known if one.verdict.outcome is Outcome.SENT}
    return sorted(took & domain_pause.pauses(session, turn.account_id).keys()) if took else []


def _give_back(session: Session, turn: Turn) -> None:
    """What no server was asked to take was charged for nothing."""
    unused = Counter((one.claim_id, one.item.domain_id) for one in turn.known if one.verdict.outcome in FREE)
    for (claim_id, domain_id), n in sorted(unused.items()):
        stock = turn.stock_of.get(claim_id)
        if stock is None:  # its lease was lost, and with it what was charged
            continue
        rate.charge(session, turn.account_id, -n, stock.at)
        if stock.domains:
            rate.charge_domains(session, turn.account_id, {domain_id: -n}, stock.at)


def _put(session: Session, turn: Turn) -> str:
    try:
        if turn.put is not None:
            mark_on_wire(session, turn.put, turn.worker, turn.now)
    except Refused as refused:
        return str(refused)
    return ""


def _claim(session: Session, mail: Mailing, turn: Turn, lost: str) -> Taken:
    """The next group out of the stock; or when to ask again."""
    stock = turn.stock
    if stock is None or not stock.n or turn.now - stock.at > STOCK_LASTS:
        allowed = _allowed(session, turn)
        if not allowed.n:
            finish_if_done(session, turn.mass_email_id, turn.now)
            return Taken(lost, ask_again_at=_minute_over(allowed.because))
        ahead = 0 if allowed.scarce else turn.ahead
        stock = _charge(session, turn, min(allowed.n, max(ahead, turn.limit)))
    held = _claim_from(session, mail, turn, stock)
    if held is None:
        give_back(session, turn.account_id, stock)
        finish_if_done(session, turn.mass_email_id, turn.now)
        return Taken(lost)
    return Taken(lost, held, stock._replace(n=stock.n - len(held.items)))


def _allowed(session: Session, turn: Turn) -> Allowance:
    """What may be charged now; what is left of an old stock is given back before."""
    smtp_account.hold_limits(session, turn.account_id)
    give_back(session, turn.account_id, turn.stock)
    taken = turn.taken - (turn.stock.n if turn.stock else 0)
    return pacing.allowance(session, turn.mass_email_id, turn.now, sent_in_run=taken, account_id=turn.account_id)


def _charge(session: Session, turn: Turn, n: int) -> Stock:
    rate.charge(session, turn.account_id, n, turn.now)
    minds_domains = pacing.domain_allowance(session, turn.account_id, turn.now) is not None
    return Stock(n, turn.now, minds_domains)


def _claim_from(session: Session, mail: Mailing, turn: Turn, stock: Stock) -> Held | None:
    domains = pacing.domain_allowance(session, turn.account_id, turn.now) if stock.domains else None
    size = min(turn.limit, stock.n)
    held = claim_of(session, mail, turn.account_id, size, turn.worker, LEASE, turn.now, domain_allowance=domains)
    if held and domains is not None:
        rate.charge_domains(session, turn.account_id, Counter(item.domain_id for item in held.items), stock.at)
    return held


def give_back(session: Session, account_id: int, stock: Stock | None) -> None:
    """What is left of a stock was charged for nothing."""
    if stock and stock.n:
        rate.charge(session, account_id, -stock.n, stock.at)


def _minute_over(because: Problem | None) -> datetime | None:
    """A limit per minute is waited out within the run; any other ends the portion."""
    at = because.values["at"] if because and because.key == "delivery.waiting.minute_limit" else None
    return at if isinstance(at, datetime) else None


def _jitter() -> float:
    """Spreads waits, hides nothing."""
    return random.uniform(0.8, 1.2)  # noqa: S311
