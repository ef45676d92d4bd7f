"""The portion under way: what the lanes of one run of a mass email share."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from jobs import database, turn
from jobs.compose import Plan
from jobs.database import Clock, passed
from jobs.plans import load_plan
from models.errors import EnvoiError, Refused
from models.verdict import Outcome

REFUSALS: Final = 5
"""The message itself refused for so many people in a row: the mass email pauses (D10)."""
AHEAD: Final = 20
"""Messages that a lane may be ahead of its weight, the others need not wait for each single one; …"""
AHEAD_PART: Final = 10
"""… or a tenth of what the portion has taken: what is many then costs few turns."""


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


class Taker(Protocol):
    """A lane, as the portion sees it."""

    @property
    def weight(self) -> int: ...
    @property
    def taken(self) -> int: ...
    @property
    def takes_part(self) -> bool: ...
    @property
    def waits(self) -> bool: ...
    def wake(self) -> None: ...


class UnderWay:
    """`worker` names the process in its claims. `keeps_values`: of the mass email (D8). `turns`: one lane at a time
    claims. `refused`: the message itself is, word for word. `lost`: that a lease was, in a sentence. `leased_until`:
    by passed(), whatever is in its hands is nobody else's."""

    def __init__(
        self, mass_email_id: int, worker: str, clock: Clock, stop: asyncio.Event, *, keeps_values: bool
    ) -> None:
        self.mass_email_id, self.worker, self.clock, self.stop = mass_email_id, worker, clock, stop
        self.keeps_values = keeps_values
        self.lanes: list[Taker] = []
        self.turns = asyncio.Lock()
        self.counts: Counter[Outcome] = Counter()
        self.leased_until = passed() + turn.LEASE.total_seconds()
        self.halted = False
        self.skipped = 0
        self.refused = self.lost = ""
        self._plans: dict[int, Plan] = {}
        self._refusals, self._words = 0, ""

    @property
    def taken(self) -> int:
        """Messages in the hands of lanes or offered to a server: what counts for the portion size."""
        return sum(lane.taken for lane in self.lanes)

    def room_of(self, lane: Taker) -> int | None:
        """How many messages a lane may claim before it is too far ahead of its weight; None: it takes part alone. No
        lane is held back by one that waits for its limit per minute: it catches up."""
        parts = [one.taken / one.weight for one in self.lanes if one.takes_part and not one.waits]
        if len(parts) < 2:
            return None
        ahead = max(AHEAD, self.taken // AHEAD_PART)
        return max(0, int(min(parts) * lane.weight) + ahead - lane.taken)

    def wake_others(self, lane: Taker) -> None:
        """Tell the other lanes that this one has claimed, waits, or is at its end."""
        for other in self.lanes:
            if other is not lane:
                other.wake()

    @property
    def going(self) -> bool:
        """Whether new messages may begin."""
        return not (self.halted or self.stop.is_set()) and self.leased

    @property
    def leased(self) -> bool:
        """Whether its leases last. Once they did not it stays so: a process that was stopped for too long and goes on
        cannot know whose the messages in its hands are."""
        if passed() >= self.leased_until:
            self.leased_until, self.lost = 0.0, self.lost or str(Refused("delivery.lease_lost"))
        return self.leased_until > 0

    def renewed(self, at: float) -> None:
        """The leases last from this moment of passed() on."""
        if self.leased:
            self.leased_until = at + turn.LEASE.total_seconds()

    async def plan_of(self, version_id: int) -> Plan | None:
        """The plan of a version; None, and the mass email is to pause, when it cannot be compiled."""
        if version_id not in self._plans:
            try:
                self._plans[version_id] = await database.write(load_plan, self.mass_email_id, version_id)
            except EnvoiError as error:
                self.refuse(str(error))
                return None
        return self._plans[version_id]

    def count_refusal(self, words: str) -> None:
        """The message itself was refused in these words, or, for "", was not."""
        self._refusals = self._refusals + 1 if words else 0
        self._words = words
        if self._refusals >= REFUSALS:
            self.refuse(words)

    def end(self) -> None:
        """All that was offered was refused, and would be offered again: nobody will get it."""
        if self._refusals and self.counts[Outcome.NOT_TRIED] and not self.counts[Outcome.SENT]:
            self.refuse(self._words)

    def refuse(self, words: str) -> None:
        """Nobody can get the message as it is."""
        self.refused, self.halted = self.refused or words, True
