"""The lane: one SMTP account's part of a portion, in groups of messages that are a step apart.

    claimed and made  ──▶  on the wire, durably  ──▶  sent over kept connections  ──▶  settled

Each turn (jobs/turn.py) settles what was answered, puts the next group on the wire and claims the one after it, so the
connections never wait for the database. What is on the wire and not settled is bounded (D12): it is what a crash makes
uncertain.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from jobs import database, made
from jobs.account import Account, Trouble, trip
from jobs.compose import Plan
from jobs.kept_connection import KeptConnection
from jobs.made import Made
from jobs.portion import UnderWay
from jobs.replies import Fate, Step, judge
from jobs.smtp import CLOSING, Answer, SmtpTrouble
from jobs.turn import FREE, Known, Stock, Taken, Turn, give_back, take_turn
from models import db, smtp_account
from models.claim import Held, HeldItem
from models.verdict import Outcome, Verdict

log = logging.getLogger("envoi.delivery")

IN_DOUBT_SECONDS: Final = 0.1
"""What is on the wire and not settled covers this much sending at the present rate (D12) …"""
IN_DOUBT_MOST: Final = 200
"""… and so many messages at most, of all lanes of this process together."""
AHEAD_SECONDS: Final = 0.5
"""So much sending is charged to the account at a time: its limits are asked for each stock, not for each claim."""
GATHER_SECONDS: Final = IN_DOUBT_SECONDS / 2
"""How long an answer waits for others, to be settled together: half a bound is half the time that it covers."""
TICK_SECONDS: Final = 0.5
SILENCES: Final = 2
"""Connections lost after the dot in a row: the account is in trouble, before more people become uncertain."""
LATELY_SECONDS: Final = IN_DOUBT_SECONDS / 2
"""How long the present rate is measured."""
KEEP_SECONDS: Final = 30.0
"""How long answers are kept while the database takes nothing: half of the lease."""

_AT_WORK: Final[set["Lane"]] = set()
"""The lanes of this process, of whatever mass email: each has its part of what may be in doubt."""


class Lane:
    """Sends what it claims until the portion is over, its account in trouble, or the account may send no more.

    `dry`: there is no more for it to claim.
    """

    def __init__(self, under_way: UnderWay, account: Account) -> None:
        self.under_way, self.account = under_way, account
        self.trouble: Trouble | None = None
        self.dry = False
        self._handed = 0
        self._connections = [KeptConnection(account.server, account.messages) for _ in range(account.connections)]
        self._in_use = len(self._connections)
        self._next: list[Made] = []
        self._ready: deque[Made] = deque()
        self._filled = asyncio.Event()
        self._known: list[Known] = []
        self._news = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._open: Counter[int] = Counter()
        self._stock: Stock | None = None
        self._stock_of: dict[int, Stock] = {}
        self._in_doubt = self._in_flight = 0
        self._ending = False
        self._ask_again_at: datetime | None = None
        self._domains_paused: dict[int, str] = {}
        self._silences = 0
        self._welcomed, self._welcome = False, ""
        self._pace = _Pace()
        self._fault: BaseException | None = None

    async def run(self) -> None:
        """Send. A cancelled call settles what it knows, and what waits for an answer as uncertain."""
        senders = [asyncio.create_task(self._send_over(connection)) for connection in self._connections]
        for sender in senders:
            sender.add_done_callback(self._sender_ended)
        _AT_WORK.add(self)
        try:
            if await self._admitted():
                while await self._has_work():
                    await self._turn()
        except Exception:
            await self._answers_in_flight()
            raise
        finally:
            try:
                await self._end(senders)
            finally:
                _AT_WORK.discard(self)

    async def _admitted(self) -> bool:
        """Whether the account takes mail: one in trouble gets one message, from one portion, to see."""
        if not self.account.troubles:
            return True
        return await database.write(smtp_account.take_probe, self.account.id, self.under_way.clock())

    @property
    def weight(self) -> int:
        """Of its account."""
        return self.account.weight

    @property
    def taken(self) -> int:
        """Messages in its hands or offered to the server so far, and those it has in stock."""
        return self._handed + (self._stock.n if self._stock else 0)

    def wake(self) -> None:
        """Look again whether it is this lane's turn."""
        self._news.set()

    @property
    def going(self) -> bool:
        """Whether new messages may begin."""
        return self.under_way.going and self.trouble is None and not self._ending

    # The turns

    async def _has_work(self) -> bool:
        """Wait until a turn has something to do; False: the lane is at its end."""
        while True:
            if self._fault:
                raise self._fault
            if not self.going:
                self._give_up_the_rest()
            if self._may_put() or self._may_claim() or (self._known and self._news.is_set()):
                return True
            if not self._open and (self.dry or not self.going):
                return False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), TICK_SECONDS)
            if not self._known:
                self._news.clear()

    def _may_put(self) -> bool:
        unsettled = self._in_doubt - sum(one.wired for one in self._known)
        return bool(self._next) and unsettled + len(self._next) <= max(self._bound, len(self._next))

    def _may_claim(self) -> bool:
        if not self.takes_part or (self._next and not self._may_put()):
            return False
        return not self.waits and self.under_way.room_of(self) != 0

    @property
    def takes_part(self) -> bool:
        """Whether it may claim more, now or later in this portion."""
        return self.going and not self.dry

    @property
    def waits(self) -> bool:
        """Whether it waits for its limit per minute."""
        return self._ask_again_at is not None and self.under_way.clock() < self._ask_again_at

    @property
    def _bound(self) -> int:
        """Messages on the wire and not settled: one for each connection, else slow ones would idle, or by its pace."""
        if self.account.troubles and not self._welcomed:
            return 1
        most = max(IN_DOUBT_MOST // len(_AT_WORK | {self}), 1)
        return min(max(int(self._pace.per_second * IN_DOUBT_SECONDS), len(self._connections)), most)

    async def _turn(self) -> None:
        async with self.under_way.turns:
            limit = self._limit() if self._may_claim() else 0
            put, known = self._next if self._may_put() else [], self._known
            taken = await self._take(self._asked(known, put, limit), put)
            self._welcome = ""
            self._settled(known)
            self._put(put, taken)
            held = self._claimed(taken) if limit else None
        if held:
            await self._make(held)

    def _limit(self) -> int:
        """How many to claim: half of what may be in doubt, so that one half is sent while the other one is made."""
        half, room = max(self._bound // 2, 1), self.under_way.room_of(self)
        return half if room is None else min(half, room)

    async def _take(self, turn: Turn, put: list[Made]) -> Taken:
        """The transaction; when it fails nothing is forgotten."""
        self._news.clear()
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        self._known, self._next, self._domains_paused = [], [] if put else self._next, {}
        try:
            return await (database.write_durably if turn.durable else database.write)(take_turn, turn)
        except BaseException:
            self._known, self._next = [*turn.known, *self._known], put or self._next
            self._domains_paused = {**turn.domains_paused, **self._domains_paused}
            raise

    def _asked(self, known: Sequence[Known], put: Sequence[Made], limit: int) -> Turn:
        return Turn(
            self.under_way.mass_email_id,
            self.account.id,
            self.under_way.worker,
            self.under_way.clock(),
            known,
            dict(self._stock_of),
            put[0].claim_id if put else None,
            limit,
            self._stock,
            int(self._pace.per_second * AHEAD_SECONDS) if self.under_way.room_of(self) is None else 0,
            self.under_way.taken,
            self._domains_paused,
            self._welcome,
        )

    def _settled(self, known: Sequence[Known]) -> None:
        outcomes = Counter(one.verdict.outcome for one in known)
        self.under_way.counts.update(outcomes)
        self._handed -= sum(outcomes[free] for free in FREE)
        self._in_doubt -= sum(one.wired for one in known)
        self._open.subtract(one.claim_id for one in known)
        for claim_id in [claim_id for claim_id, left in self._open.items() if left <= 0]:
            self._forget(claim_id)
        self._pace.count(len(known))

    def _put(self, put: Sequence[Made], taken: Taken) -> None:
        """Let the connections have a group that is on the wire. One whose lease was lost is nobody's any more."""
        if taken.lost:
            self.under_way.lost = taken.lost
            self._forget(put[0].claim_id)
            self._handed -= len(put)
        elif put:
            self._in_doubt += len(put)
            self._ready.extend(put)
            self._filled.set()

    def _forget(self, claim_id: int) -> None:
        self._open.pop(claim_id, None)
        self._stock_of.pop(claim_id, None)

    def _claimed(self, taken: Taken) -> Held | None:
        self._ask_again_at = taken.ask_again_at
        self.dry = taken.held is None and taken.ask_again_at is None
        self._stock = taken.stock
        self.under_way.wake_others(self)
        if taken.held is None or taken.stock is None:
            return None
        self.under_way.skipped += taken.held.skipped
        if taken.held.items:
            self._handed += len(taken.held.items)
            self._open[taken.held.claim_id] = len(taken.held.items)
            self._stock_of[taken.held.claim_id] = taken.stock
        return taken.held

    async def _make(self, held: Held) -> None:
        """The messages of a claim; whoever's cannot be made has failed, nothing else."""
        plan = await self.under_way.plan_of(held.items[0].version_id) if held.items else None
        for item in held.items:
            one = self._made(item, held.claim_id, plan) if plan else Verdict(item.id, Outcome.NOT_TRIED)
            if isinstance(one, Verdict):
                self._know(Known(held.claim_id, item, one, wired=False))
            else:
                self._next.append(one)

    def _made(self, item: HeldItem, claim_id: int, plan: Plan) -> Made | Verdict:
        under_way = self.under_way
        return made.make(item, claim_id, plan, self.account, under_way.clock(), keeps=under_way.keeps_values)

    def _give_up_the_rest(self) -> None:
        """What no server was offered waits again."""
        for wired, messages in ((True, self._ready), (False, self._next)):
            for one in messages:
                self._know(Known(one.claim_id, one.item, Verdict(one.item.id, Outcome.NOT_TRIED), wired))
        self._ready.clear()
        self._next = []

    # The connections: each takes messages from here and tells what became of them (jobs.stream.Source)

    async def _send_over(self, connection: KeptConnection) -> None:
        while True:
            await self._filled.wait()
            if (first := self.take()) is None:
                self._filled.clear()
                continue
            try:
                await connection.stream(first, self)
            except SmtpTrouble as trouble:  # broken() has told of it
                if self._is_one_too_many(trouble):
                    self._in_use -= 1
                    log.warning("SMTP account %s bears fewer connections: %s", self.account.name, trouble.words)
                    return

    def _is_one_too_many(self, trouble: SmtpTrouble) -> bool:
        """Whether the server only bears fewer connections at a time: the others go on without this one. Not when an
        account is tried again, nor of the last one: then it takes nothing at all."""
        turned_away = trouble.step is Step.GREETING and trouble.reply is not None and trouble.reply.code == CLOSING
        return turned_away and self._in_use > 1 and (self._welcomed or not self.account.troubles)

    def take(self) -> Made | None:
        """The next message that is on the wire; None: there is none, or nothing new may begin."""
        if not self._ready or not self.going:
            return None
        self._in_flight += 1
        return self._ready.popleft()

    def may_leave(self, message: Made) -> bool:
        """Not once its lease is over: it may be in other hands, or a person have decided about it."""
        return self.under_way.leased

    def give_back(self, message: Made) -> None:
        """It goes another way; once nothing may begin any more it waits for another portion."""
        if self.going:
            self._in_flight -= 1
            self._ready.appendleft(message)
            self._filled.set()
        else:
            self._tell(message, Verdict(message.item.id, Outcome.NOT_TRIED))

    def answered(self, message: Made, answer: Answer) -> None:
        """Judge the server's answer."""
        reply = answer.reply
        judgement = judge(answer.step, reply)
        self._silences = 0
        self.under_way.count_refusal(reply.text if judgement.fate is Fate.MESSAGE else "")
        if judgement.fate is Fate.SENT:
            self._welcome = "" if self._welcomed else reply.text
            self._welcomed = True
        elif judgement.fate in {Fate.ACCOUNT, Fate.SERVER}:
            self._in_trouble(judgement.reason, reply.text)
        elif judgement.fate is Fate.DOMAIN:
            self._domains_paused[message.item.domain_id] = reply.text
            self._stock = self._stock and self._stock._replace(domains=True)
        self._tell(message, made.answered(message, judgement, reply))

    def broken(self, message: Made, step: Step, error: BaseException) -> None:
        """The connection ended under it: uncertain when its dot has left, else not tried; either way the account's
        trouble, unless it was broken off from here, or was one too many: then it goes another way."""
        words, reason = "", "worker_stopped"
        if isinstance(error, SmtpTrouble) and self._is_one_too_many(error):
            self.give_back(message)
            return
        if isinstance(error, SmtpTrouble):
            words, reason = error.words, "no_reply"
            self._silences += step is Step.CONTENT
            if step is not Step.CONTENT or self._silences >= SILENCES:
                self._in_trouble(error.reason, words)
        self._tell(message, made.unanswered(message, step, words, reason))

    def _tell(self, message: Made, verdict: Verdict) -> None:
        self._in_flight -= 1
        self._know(Known(message.claim_id, message.item, verdict, wired=True))

    def _know(self, one: Known) -> None:
        if not self._alarm:
            self._alarm = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._news.set)
        self._known.append(one)
        if len(self._known) >= self._bound // 2:
            self._news.set()

    def _in_trouble(self, reason: str, words: str) -> None:
        self.trouble = self.trouble or Trouble(reason, words)
        self._news.set()

    def _sender_ended(self, sender: asyncio.Task[None]) -> None:
        """A fault of ours ends the lane."""
        if not sender.cancelled() and (fault := sender.exception()):
            self._fault = fault
            self._news.set()

    # The end

    async def _answers_in_flight(self) -> None:
        """A fault of ours, or of the database: nothing begins any more, and what is under way gets its answer."""
        self._ending = True
        until = time.monotonic() + KEEP_SECONDS
        while self._in_flight and time.monotonic() < until:  # noqa: ASYNC110 - a fault is rare, an event for it is not
            await asyncio.sleep(TICK_SECONDS / 10)

    async def _end(self, senders: Sequence[asyncio.Task[None]]) -> None:
        self._ending = True
        for sender in senders:
            sender.cancel()  # at rest, unless the lane itself is broken off
        ended = await asyncio.gather(*senders, return_exceptions=True)
        self.dry = True
        self.under_way.wake_others(self)
        self._give_up_the_rest()
        await asyncio.gather(*(connection.close() for connection in self._connections))
        await self._settle_last()
        await database.write(give_back, self.account.id, self._stock)
        self._stock = None
        if self.trouble:
            await database.write(trip, self.account, self.trouble, self.under_way.clock())
        for fault in ended:
            if isinstance(fault, Exception):
                raise fault

    async def _settle_last(self) -> None:
        """Settle what is known; while the database takes nothing, try again as long as the lease allows."""
        until = time.monotonic() + KEEP_SECONDS
        while self._known:
            try:
                known = self._known
                await self._take(self._asked(known, [], 0), [])
                self._settled(known)
            except Exception as error:
                if not db.is_away(error) or time.monotonic() > until:
                    raise
                await asyncio.sleep(TICK_SECONDS)


class _Pace:
    """Messages settled in a second, lately."""

    def __init__(self) -> None:
        self.per_second = 0.0
        self._since = time.monotonic()
        self._count = 0

    def count(self, n: int) -> None:
        """So many more are settled."""
        self._count += n
        now = time.monotonic()
        if now - self._since >= LATELY_SECONDS:
            self.per_second = self._count / (now - self._since)
            self._since, self._count = now, 0
