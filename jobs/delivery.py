"""Delivery: one portion of one mass email, claim by claim (D9–D13, the queue protocol).

    claim  →  render all  →  on the wire, durably  →  send over kept connections  →  settle

A claim is charged to its account when it is taken and given back what did not come to MAIL FROM: never above a limit.
What may have left without an answer is uncertain; trouble with the server is nobody's attempt.
"""

import asyncio
import logging
import random
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session

from jobs import database
from jobs.compose import Plan
from jobs.database import Clock, utc_now
from jobs.kept_connection import KeptConnection
from jobs.plans import load_plan
from jobs.replies import Fate, Step, judge
from jobs.smtp import Answer, Server, SmtpTrouble
from jobs.stopping import rest
from jobs.test_sending import CONFIRM_OPTED_OUT, TestOutcome, send_test
from models import pacing, smtp_account
from models.catalogue import Problem
from models.claim import Held, HeldItem, claim_items, mark_on_wire, renew_claims
from models.column_types import table
from models.errors import EnvoiError
from models.mailing import get_mailing
from models.mass_email import WORKER, MassEmail, MassEmailStatus, get_row, move, touched
from models.person import Person, load_persons
from models.settlement import settle
from models.verdict import Outcome, Verdict

__all__ = ["CONFIRM_OPTED_OUT", "Portion", "TestOutcome", "send_portion", "send_test"]

log = logging.getLogger("envoi.delivery")

CONNECTIONS: Final = 4
"""Kept open at a time, per portion."""
CLAIM_SECONDS: Final = 0.1
"""A claim covers this much sending at the present rate: it bounds what can become uncertain (D12)."""
CLAIM_MOST: Final = 20
LEASE: Final = timedelta(seconds=60)
WATCH_SECONDS: Final = 0.5
"""How often a portion looks whether it may go on: paused, cancelled, campaign Inactive."""
REFUSALS: Final = 5
"""The message itself refused for so many people in a row: the mass email pauses (D10)."""
SILENCES: Final = 2
"""Connections lost after the dot in a row: the account is in trouble, before more people become uncertain."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What a portion did. `counts`: messages by outcome. `error`: what stopped it, word for word; "" nothing did."""

    mass_email_id: int
    counts: Mapping[Outcome, int]
    skipped: int
    error: str = ""

    @property
    def handled(self) -> int:
        """People whose message was decided about."""
        return sum(n for outcome, n in self.counts.items() if outcome is not Outcome.NOT_TRIED)


async def send_portion(
    mass_email_id: int, worker: str, *, clock: Clock = utc_now, stop: asyncio.Event | None = None
) -> Portion:
    """Send what one run of Send Mass Emails may send of a mass email: at most the portion size, within every limit.

    `worker` names the process in its claims. Once `stop` is set no new message begins; a cancelled call settles what it
    knows, and what waits for an answer as uncertain. Raises NotFound, Unavailable (the password cannot be read).
    """
    account = await database.read(_account_of, mass_email_id)
    return await _Run(mass_email_id, worker, account, clock, stop or asyncio.Event()).run()


@dataclass(frozen=True, slots=True)
class _Account:
    """`troubles`: how often in a row it was in trouble before this portion. `keeps_values`: of the mass email (D8)."""

    id: int
    name: str
    server: Server
    troubles: int
    keeps_values: bool


@dataclass(frozen=True, slots=True)
class _Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message that is made: who gets it, from whom, its bytes, and the values to store."""

    item: HeldItem
    sender: str
    content: bytes
    personal: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why the account waits: a word of smtp_account.trouble.*, and the server's words."""

    reason: str
    words: str


class _Run:
    """One portion under way."""

    def __init__(self, mass_email_id: int, worker: str, account: _Account, clock: Clock, stop: asyncio.Event) -> None:
        self.mass_email_id, self.worker, self.account, self.clock, self.stop = (
            mass_email_id,
            worker,
            account,
            clock,
            stop,
        )
        self.connections = [KeptConnection(account.server) for _ in range(CONNECTIONS)]
        self.counts: Counter[Outcome] = Counter()
        self.skipped = 0
        self.claim_size = 1 if account.troubles else CLAIM_MOST
        self.halted = False
        self.trouble: _Trouble | None = None
        self.refused = ""
        self._plans: dict[int, Plan] = {}
        self._refusals = self._silences = 0
        self._welcomed = False

    async def run(self) -> Portion:
        watch = asyncio.create_task(self._watch())
        watch.add_done_callback(self._watch_ended)
        try:
            if await self._admitted():
                while held := await self._claim():
                    await self._deliver(held)
        finally:
            watch.cancel()
            await asyncio.gather(*(connection.close() for connection in self.connections))
            await database.write(_end_portion, self.mass_email_id, self._ended(), self.clock())
        return self._ended()

    async def _admitted(self) -> bool:
        """Whether the account takes mail: an account in trouble one message at a time, from one portion."""
        if not self.account.troubles:
            return True
        return await database.write(smtp_account.take_probe, self.account.id, self.clock())

    def _ended(self) -> Portion:
        error = self.refused
        if self.trouble:
            error = f"{self.account.name}: {self.trouble.words}"
        return Portion(self.mass_email_id, self.counts, self.skipped, error)

    @property
    def _going(self) -> bool:
        return not (self.halted or self.stop.is_set())

    # Claiming

    async def _claim(self) -> Held | None:
        """The next group, when something may be sent; waits out a limit per minute."""
        while self._going:
            taken = self._taken()
            step = await database.write(
                _claim_next, self.mass_email_id, self.account.id, self.claim_size, taken, self.worker, self.clock()
            )
            if not isinstance(step, _Wait):
                return step
            await self._wait(step.until)
        return None

    def _taken(self) -> int:
        """What counts for the portion size: messages that were offered to the server."""
        return sum(n for outcome, n in self.counts.items() if outcome not in _FREE)

    async def _wait(self, until: datetime) -> None:
        while self._going and self.clock() < until:
            await rest(self.stop, WATCH_SECONDS)

    async def _watch(self) -> None:
        """Halts the portion when its mass email may not go on, and keeps its lease."""
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if not (await database.read(get_mailing, self.mass_email_id)).sends:
                self.halted = True
            if time.monotonic() - renewed > LEASE.total_seconds() / 3:
                await database.write(renew_claims, self.worker, LEASE, self.clock())
                renewed = time.monotonic()

    def _watch_ended(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled() and (error := watch.exception()):
            log.error("the lease of mass email %s cannot be kept", self.mass_email_id, exc_info=error)
            self.halted = True

    # One group

    async def _deliver(self, held: Held) -> None:
        charged_at, started = self.clock(), time.monotonic()
        verdicts: list[Verdict] = []
        self.skipped += held.skipped
        try:
            ready = await self._render(held, verdicts)
            if ready and self._going:
                await database.write_durably(mark_on_wire, held.claim_id, self.worker, self.clock())
                await self._send_all(ready, verdicts)
        finally:
            decided = {verdict.item_id for verdict in verdicts}
            verdicts += [Verdict(item.id, Outcome.NOT_TRIED) for item in held.items if item.id not in decided]
            await self._settle(held, verdicts, charged_at)
        self._adapt(len(verdicts), time.monotonic() - started)

    async def _render(self, held: Held, verdicts: list[Verdict]) -> list[_Ready]:
        """The messages of the group; whoever's cannot be made has failed, nothing else."""
        plans = await self._plans_for(held)
        if plans is None or not held.items:
            return []
        persons = await database.read(load_persons, [item.recipient_id for item in held.items])
        made = await asyncio.to_thread(_make_all, held.items, plans, persons, self.clock())
        verdicts += [one for one in made if isinstance(one, Verdict)]
        return [one for one in made if isinstance(one, _Ready)]

    async def _plans_for(self, held: Held) -> Mapping[int, Plan] | None:
        """The plans of the group's versions; None, and the mass email pauses, when one cannot be compiled."""
        for version_id in {item.version_id for item in held.items} - self._plans.keys():
            try:
                self._plans[version_id] = await database.write(load_plan, self.mass_email_id, version_id)
            except EnvoiError as error:
                self.refused, self.halted = str(error), True
                return None
        return self._plans

    async def _send_all(self, ready: Sequence[_Ready], verdicts: list[Verdict]) -> None:
        queue = deque(ready)
        lines = self.connections[: len(ready)]
        async with asyncio.TaskGroup() as group:  # a fault in one line ends them all before anything is settled
            for connection in lines:
                group.create_task(self._send_line(connection, queue, verdicts))

    async def _send_line(self, connection: KeptConnection, queue: deque[_Ready], verdicts: list[Verdict]) -> None:
        while queue and self._going:
            ready = queue.popleft()
            try:
                answer = await connection.send(ready.sender, ready.item.address, ready.content)
            except SmtpTrouble as trouble:
                verdicts.append(self._unsent(ready, trouble))
            except BaseException:  # cancelled, or a fault of ours: what is known of the message must be kept
                verdicts.append(self._broken_off(ready, connection.step))
                raise
            else:
                verdicts.append(self._answered(ready, answer))

    async def _settle(self, held: Held, verdicts: Sequence[Verdict], charged_at: datetime) -> None:
        unused = sum(verdict.outcome in _FREE for verdict in verdicts)
        await database.write(_settle, held.claim_id, verdicts, self.account.id, unused, charged_at, self.clock())
        self.counts.update(verdict.outcome for verdict in verdicts)
        if self.trouble:
            await database.write(_trip, self.account, self.trouble, self.clock())
        elif not self._welcomed and (sent := next((v for v in verdicts if v.outcome is Outcome.SENT), None)):
            await database.write(smtp_account.close_breaker, self.account.id, sent.reply, self.clock())
            self._welcomed = True
        if self.refused:
            await database.write(_pause, self.mass_email_id, self.refused, self.clock())

    def _adapt(self, messages: int, seconds: float) -> None:
        pace = messages / max(seconds, 0.001)
        self.claim_size = min(max(int(pace * CLAIM_SECONDS), CONNECTIONS), CLAIM_MOST)

    # What became of a message

    def _answered(self, ready: _Ready, answer: Answer) -> Verdict:
        judgement = judge(answer.step, answer.reply)
        self._silences = 0
        self._refusals = self._refusals + 1 if judgement.fate is Fate.MESSAGE else 0
        if self._refusals >= REFUSALS:
            self.refused, self.halted = answer.reply.text, True
        if judgement.fate in {Fate.ACCOUNT, Fate.SERVER}:
            self._in_trouble(judgement.reason, answer.reply.text)
        return Verdict(
            ready.item.id,
            _OUTCOMES.get(judgement.fate) or (Outcome.PERMANENT if judgement.bounce else Outcome.NOT_TRIED),
            code=answer.reply.code,
            enhanced_status=answer.reply.enhanced,
            reply=answer.reply.text,
            reason=judgement.reason,
            bounce_kind=judgement.bounce,
            personal=self._kept(ready) if judgement.fate is Fate.SENT else None,
        )

    def _unsent(self, ready: _Ready, trouble: SmtpTrouble) -> Verdict:
        reason = judge(trouble.step, trouble.reply).reason if trouble.reply else _SILENT.get(trouble.step, "closing")
        if trouble.step is not Step.CONTENT:
            self._in_trouble(reason, trouble.words)
            return Verdict(ready.item.id, Outcome.NOT_TRIED)
        self._silences += 1
        if self._silences >= SILENCES:
            self._in_trouble(reason, trouble.words)
        return Verdict(
            ready.item.id, Outcome.UNCERTAIN, reply=trouble.words, reason="no_reply", personal=self._kept(ready)
        )

    def _broken_off(self, ready: _Ready, step: Step) -> Verdict:
        if step is Step.CONTENT:
            return Verdict(ready.item.id, Outcome.UNCERTAIN, reason="worker_stopped", personal=self._kept(ready))
        return Verdict(ready.item.id, Outcome.NOT_TRIED)

    def _kept(self, ready: _Ready) -> Mapping[str, Any] | None:
        return ready.personal if self.account.keeps_values else None

    def _in_trouble(self, reason: str, words: str) -> None:
        self.trouble, self.halted = self.trouble or _Trouble(reason, words), True


_FREE: Final = frozenset({Outcome.NOT_TRIED, Outcome.RENDER_FAILED})
"""Outcomes of messages that no server was asked to take: charged nothing."""
_OUTCOMES: Final[Mapping[Fate, Outcome]] = {
    Fate.SENT: Outcome.SENT,
    Fate.TEMPORARY: Outcome.TEMPORARY,
    Fate.PERMANENT: Outcome.PERMANENT,
    Fate.ACCOUNT: Outcome.NOT_TRIED,
    Fate.SERVER: Outcome.NOT_TRIED,
}
_SILENT: Final[Mapping[Step, str]] = {Step.CONNECT: "connect", Step.TLS: "tls", Step.LOGIN: "login"}


def _make_all(
    items: Sequence[HeldItem], plans: Mapping[int, Plan], persons: Mapping[int, Person], now: datetime
) -> list[_Ready | Verdict]:
    return [_make(item, plans[item.version_id], persons[item.recipient_id], now) for item in items]


def _make(item: HeldItem, plan: Plan, person: Person, now: datetime) -> _Ready | Verdict:
    try:
        values = plan.values(person, item.id, now)
        return _Ready(item, plan.mailing.from_address, plan.join(values), values)
    except EnvoiError as error:
        return Verdict(item.id, Outcome.RENDER_FAILED, reason=str(error))


# What is written, each in one transaction


def _account_of(session: Session, mass_email_id: int) -> _Account:
    mail = get_row(session, mass_email_id)
    account = smtp_account.account_for(session, mail.smtp_account_id)
    assert account.id is not None  # noqa: S101 - for the type checker: it comes from the database
    return _Account(account.id, account.name, Server.of(account), account.trouble_count, mail.store_sent_emails)


def _claim_next(
    session: Session, mass_email_id: int, account_id: int, size: int, taken: int, worker: str, now: datetime
) -> Held | _Wait | None:
    smtp_account.hold_limits(session, account_id)
    allowed = pacing.allowance(session, mass_email_id, now, sent_in_run=taken, account_id=account_id)
    if not allowed.n:
        return _minute_over(allowed.because)
    held = claim_items(session, mass_email_id, account_id, min(size, allowed.n), worker, LEASE, now)
    if held and held.items:
        pacing.charge(session, account_id, len(held.items), now)
    return held


def _minute_over(because: Problem | None) -> _Wait | None:
    """A limit per minute is waited out within the run; any other ends the portion."""
    at = because.values["at"] if because and because.key == "delivery.waiting.minute_limit" else None
    return _Wait(at) if isinstance(at, datetime) else None


def _settle(
    session: Session,
    claim_id: int,
    verdicts: Sequence[Verdict],
    account_id: int,
    unused: int,
    charged_at: datetime,
    now: datetime,
) -> None:
    settle(session, claim_id, verdicts, now)
    if unused:
        pacing.charge(session, account_id, -unused, charged_at)


def _trip(session: Session, account: _Account, trouble: _Trouble, now: datetime) -> None:
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads the waits, hides nothing
    smtp_account.trip(session, account.id, trouble.reason, trouble.words, now, seen=account.troubles, jitter=jitter)
    log.warning("SMTP account %s is in trouble: %s", account.name, trouble.words)


def _pause(session: Session, mass_email_id: int, words: str, now: datetime) -> None:
    if get_mailing(session, mass_email_id).in_process:
        move(session, mass_email_id, MassEmailStatus.PAUSED, now, WORKER)
        rows = table(MassEmail)
        session.execute(update(rows).where(rows.c.id == mass_email_id).values(trouble=words))


def _end_portion(session: Session, mass_email_id: int, portion: Portion, now: datetime) -> None:
    if portion.handled:
        rows = table(MassEmail)
        done = {"portions_done": rows.c.portions_done + 1, **touched(now)}
        session.execute(update(rows).where(rows.c.id == mass_email_id).values(done))
