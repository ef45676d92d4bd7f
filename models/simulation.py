"""The simulation: the runs of Send Mass Emails to come, worked out with the arithmetic of pacing. Pure."""

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from models.pacing import Left, LimitedBy, Limits
from models.rate import HOUR, MINUTE, Usage, bucket_of, free_at, oldest_bucket, used
from models.sending_route import share
from models.sending_window import ALWAYS, SendingWindow

TICK: Final = timedelta(microseconds=1)
"""A run comes after a moment; with this one less, also at it."""

NextRun = Callable[[datetime], datetime | None]
"""The first run of Send Mass Emails after a moment; None: there is none."""


@dataclass(frozen=True, slots=True)
class Portion:
    """A portion to come: when it begins and ends, how many people, and what bounds it."""

    at: datetime
    ends_at: datetime
    n: int
    limited_by: LimitedBy


@dataclass(slots=True)
class Pipe:
    """An account of the route while runs are worked out. `buckets`: what it was charged; `opens_at`: in trouble until
    then."""

    weight: int
    limits: Limits
    buckets: Usage
    opens_at: datetime | None = None
    _spent: Tally[int] = field(init=False)

    def __post_init__(self) -> None:
        self._spent = Tally(self.buckets)

    def left(self, now: datetime) -> tuple[int, LimitedBy]:
        """How many it may send now, and what allows no more."""
        if self.opens_at is not None and self.opens_at > now:
            return 0, LimitedBy.HOUR_LIMIT
        left = Left.of(self.limits, used(self._spent, now, HOUR), used(self._spent, now, MINUTE))
        return left.n, left.limited_by

    def take(self, n: int, now: datetime) -> None:
        self._spent[bucket_of(now)] += n

    def minute_over(self, now: datetime) -> datetime | None:
        """When its limit per minute allows another message; None: that is not what keeps it."""
        n, limited_by = self.left(now)
        if n or limited_by is not LimitedBy.MINUTE_LIMIT or not self.limits.per_minute:
            return None
        return free_at(self._spent, self.limits.per_minute, now, MINUTE)

    def forget(self, now: datetime) -> None:
        for bucket in [bucket for bucket in self._spent if bucket < oldest_bucket(now, HOUR)]:
            del self._spent[bucket]


def simulate(
    people: int,
    pipes: Sequence[Pipe],
    portion_size: int,
    next_run: NextRun,
    after: datetime,
    window: SendingWindow = ALWAYS,
    zone: str = "UTC",
) -> Iterator[Portion]:
    """The portions that `people` make, with the arithmetic of allowance(), one run after the other from `after` on.

    A run ends at its portion, when every account is at its hourly limit, with the window or with the people; at a limit
    per minute it goes on as buckets leave it, and one that outlasts its interval is not doubled. A run that may send
    nothing is a portion of 0; those outside of the window are passed over. Endless when nothing is ever allowed: take
    what you need.
    """
    there = ZoneInfo(zone)
    while people > 0 and (at := next_run(after)) is not None:
        if not window.is_open(at, there):
            after = window.next_open(at, there) - TICK
            continue
        n, moment, limited_by = _run(people, pipes, portion_size, at, lambda now: window.is_open(now, there))
        people -= n
        following = next_run(moment)
        if limited_by is LimitedBy.PORTION_SIZE and moment >= (next_run(at) or moment + timedelta(1)):
            limited_by = LimitedBy.MINUTE_LIMIT  # it outlasted its interval
        elif limited_by is LimitedBy.PORTION_SIZE and following and not window.is_open(following, there):
            limited_by = LimitedBy.WINDOW  # the rest waits until it opens
        for pipe in pipes:
            pipe.forget(moment)
        yield Portion(at, moment, n, limited_by)
        after = moment


def _run(
    people: int, pipes: Sequence[Pipe], portion_size: int, moment: datetime, is_open: Callable[[datetime], bool]
) -> tuple[int, datetime, LimitedBy]:
    """(people mailed, when it ends, what ends it) of one run."""
    n = 0
    while True:
        if n >= people:
            return n, moment, LimitedBy.PEOPLE
        if n >= portion_size:
            return n, moment, LimitedBy.PORTION_SIZE
        if not is_open(moment):
            return n, moment, LimitedBy.WINDOW
        left = [pipe.left(moment)[0] for pipe in pipes]
        taken = min(people - n, portion_size - n, sum(left))
        for pipe, part in zip(
            pipes,
            share(taken, [(pipe.weight, most) for pipe, most in zip(pipes, left, strict=True)]),
            strict=True,
        ):
            pipe.take(part, moment)
        n += taken
        if not taken:
            again = [at for pipe in pipes if (at := pipe.minute_over(moment)) is not None]
            if not again:
                return n, moment, LimitedBy.HOUR_LIMIT
            moment = min(again)
