"""The sending window: on which weekdays and between which hours a mass email may leave, by the clock on the wall. Pure.

Kept and typed as text: "mon-fri 09:00-18:00", "sat,sun" (whole days), "22:00-06:00" (every night); "" is no window. A
window that crosses midnight belongs to the day on which it opens. A moment is inside when the clocks of the zone say
so: across a change of clocks an hour that comes twice is open twice, one that is skipped does not open.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from models.catalogue import Problem
from models.errors import Invalid

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT: Final = 24 * 60
_HORIZON_DAYS: Final = 15
"""Every weekday twice: one of them may be skipped where a zone crossed the date line."""


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """`days`: weekdays on which it opens, 0 is Monday. `opens`, `closes`: minutes since midnight, `closes` 1 to 1440;
    one that is not after `opens` is of the next day."""

    days: frozenset[int] = frozenset(range(7))
    opens: int = 0
    closes: int = _MIDNIGHT

    @property
    def hours(self) -> tuple[str, str]:
        """("09:00", "18:00"); ("", "") for whole days."""
        if self.opens == 0 and self.closes == _MIDNIGHT:
            return "", ""
        return _clock(self.opens), _clock(self.closes % _MIDNIGHT)

    def __str__(self) -> str:
        """As it is kept: parse() reads it back; "" is no window."""
        days = "" if len(self.days) == 7 else _days_in_words(self.days)
        return f"{days} {'-'.join(self.hours)}".strip(" -")

    def is_open(self, moment: datetime, zone: tzinfo) -> bool:
        """Whether the wall clock of the zone is inside."""
        local = moment.astimezone(zone)
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.opens < self.closes:
            return today in self.days and self.opens <= minute < self.closes
        return (today in self.days and minute >= self.opens) or ((today - 1) % 7 in self.days and minute < self.closes)

    def next_open(self, moment: datetime, zone: tzinfo) -> datetime:
        """`moment` when it is inside, else the first moment after it that is, in UTC."""
        if self.is_open(moment, zone):
            return moment.astimezone(UTC)
        today = moment.astimezone(zone).date()
        for offset in range(-1, _HORIZON_DAYS):
            for begins in _beginnings(self, today + timedelta(offset), zone):
                if begins > moment:
                    return begins
        raise AssertionError(f"{self} never opens in {zone}")  # parse() and from_parts() refuse such a window


ALWAYS: Final = SendingWindow()


def parse(text: str) -> SendingWindow:
    """The window of a text; ALWAYS of "". Raises Invalid beside the field "sending_window": what cannot be read, or one
    that never opens."""
    words = text.lower().split()
    days = words.pop(0) if words and words[0][0].isalpha() else "mon-sun"
    opens, dash, closes = (words.pop(0) if words else "-").partition("-")
    if words or not dash:
        raise _invalid("sending_window.unreadable", typed=text)
    return from_parts((day for part in days.split(",") for day in _span(part, text)), opens, closes)


def from_parts(days: Iterable[str], opens: str, closes: str) -> SendingWindow:
    """The window of weekdays ("mon") and two times of day ("09:00"), both "" for whole days. Raises Invalid as parse()
    does."""
    chosen = frozenset(DAYS.index(day) for day in days)
    if not chosen:
        raise _invalid("sending_window.no_day")
    if not opens and not closes:
        return SendingWindow(chosen)
    first, last = _minutes(opens), _minutes(closes)
    if first == last:
        raise _invalid("sending_window.never_opens")
    return SendingWindow(chosen, first % _MIDNIGHT, last or _MIDNIGHT)


def read(typed: object) -> SendingWindow:
    """The window of what was given: itself, its text, or (weekdays, from, until) of a form. Raises Invalid as parse()
    does."""
    if isinstance(typed, SendingWindow):
        return typed
    if isinstance(typed, tuple):
        return from_parts(*typed)
    return parse(str(typed or ""))


def day_names(window: SendingWindow) -> list[str]:
    """Its weekdays, as from_parts() takes them."""
    return [DAYS[day] for day in sorted(window.days)]


@lru_cache(maxsize=256)
def _beginnings(window: SendingWindow, day: date, zone: tzinfo) -> tuple[datetime, ...]:
    """The moments of a local day at which the window opens, in order. Kept: a forecast asks for the same few days."""
    at = time(window.opens // 60, window.opens % 60)
    folds = [datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)]
    found = {moment for moment in (*folds, *_changes(day, zone)) if window.is_open(moment, zone)}
    return tuple(sorted(found))


@lru_cache(maxsize=256)
def _changes(day: date, zone: tzinfo) -> tuple[datetime, ...]:
    """The moment at which the clocks change on a local day, if they do."""
    first = datetime.combine(day, time(), zone).astimezone(UTC)
    last = datetime.combine(day + timedelta(1), time(), zone).astimezone(UTC)
    before = _offset(first, zone)
    if before == _offset(last, zone):
        return ()
    while last - first > timedelta(seconds=1):
        middle = first + (last - first) / 2
        first, last = (middle, last) if _offset(middle, zone) == before else (first, middle)
    return (last.replace(microsecond=0),)


def _offset(moment: datetime, zone: tzinfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _span(part: str, text: str) -> Iterable[str]:
    first, dash, last = part.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise _invalid("sending_window.unreadable", typed=text)
    start = DAYS.index(first)
    length = (DAYS.index(last) - start) % 7 + 1 if dash else 1  # fri-mon goes over the weekend
    return [DAYS[(start + step) % 7] for step in range(length)]


def _minutes(clock: str) -> int:
    found = re.fullmatch(r"(\d{1,2})(?:[:h](\d\d)?)?", clock.strip(), re.ASCII | re.IGNORECASE)  # 9, 9:30, 9h30
    if not found:
        raise _invalid("sending_window.not_a_time", typed=clock)
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    if int(found[2] or 0) > 59 or minutes > _MIDNIGHT:
        raise _invalid("sending_window.not_a_time", typed=clock)
    return minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _days_in_words(days: frozenset[int]) -> str:
    """Runs of three and more as a span: "mon-fri", "mon,tue,sat"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[day] for day in run) for run in runs
    )


def _invalid(key: str, **values: object) -> Invalid:
    return Invalid({"sending_window": Problem(key, **values)})
