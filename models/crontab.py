"""The crontab: five fields, with cron's own meaning, and when it comes next. Pure arithmetic.

The meaning is that of crontab(5): minute, hour, day of month, month, day of week; lists, ranges and steps; names of
months and weekdays; 0 and 7 are Sunday; where both days are restricted, either suffices. Across a change of clocks, a
time that does not exist runs the hour after, a time that comes twice runs once, and what runs every hour goes on so.
"""

import re
from bisect import bisect_right
from calendar import day_abbr, month_abbr, monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from models.catalogue import Problem
from models.errors import Invalid

_MONTHS: Final = {name.lower(): number for number, name in enumerate(month_abbr) if name}
_WEEKDAYS: Final = {day_abbr[(number - 1) % 7].lower(): number for number in range(7)}
_LIMITS: Final[tuple[tuple[str, int, int, dict[str, int]], ...]] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, _WEEKDAYS),
)
_PART: Final = re.compile(r"(?P<any>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?")
_HORIZON_DAYS: Final = 366 * 8  # 29 February is at most eight years away


@dataclass(frozen=True, slots=True)
class Crontab:
    """When something runs. `weekdays` counts from Sunday = 0. `either_day`: both days are restricted, one suffices."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def runs_on(self, day: date) -> bool:
        """Whether the crontab has runs on that day."""
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and ((by_date or by_weekday) if self.either_day else (by_date and by_weekday))

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first run after a moment, in UTC, the fields read in `zone`; None: there is none."""
        start = moment.astimezone(zone).date() - timedelta(days=1)  # a run moved by a clock change may cross midnight
        for offset in range(_HORIZON_DAYS):
            day = start + timedelta(days=offset)
            if self.runs_on(day) and (place := bisect_right(moments := _moments(self, day, zone), moment)) < len(
                moments
            ):
                return moments[place]
        return None


@lru_cache(maxsize=64)
def _moments(crontab: Crontab, day: date, zone: tzinfo) -> tuple[datetime, ...]:
    """The runs of a day, in order. Kept: a forecast of a thousand portions asks for the same few days each second."""
    folds = (0, 1) if len(crontab.hours) == 24 else (0,)
    return tuple(
        sorted(
            {
                datetime.combine(day, time(hour, minute, fold=fold), zone).astimezone(UTC)
                for hour in crontab.hours
                for minute in crontab.minutes
                for fold in folds
            }
        )
    )


@lru_cache(maxsize=64)
def parse_crontab(text: str) -> Crontab:
    """The crontab of five fields. Raises Invalid beside the field "scheduling", naming the part that cannot be read."""
    fields = text.lower().split()
    if len(fields) != len(_LIMITS):
        raise _invalid("crontab.five_fields", count=len(fields))
    minutes, hours, days, months, weekdays = (
        _numbers(field, *limits) for field, limits in zip(fields, _LIMITS, strict=True)
    )
    found = Crontab(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=frozenset(days),
        months=frozenset(months),
        weekdays=frozenset(number % 7 for number in weekdays),
        either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )
    if not found.either_day and min(found.days) > max(monthrange(2028, month)[1] for month in found.months):
        raise _invalid("crontab.never")
    return found


def _numbers(field: str, name: str, least: int, most: int, names: dict[str, int]) -> set[int]:
    return {number for part in field.split(",") for number in _range(part, name, least, most, names)}


def _range(part: str, name: str, least: int, most: int, names: dict[str, int]) -> range:
    span, slash, step = part.partition("/")
    if any(sign in span for sign in "?#") or re.fullmatch(r"l|\d+[lw]|lw|l-\d+", span):
        raise _invalid("crontab.unsupported", part=part)
    found = _PART.fullmatch(span)
    if not found or (slash and not (step.isascii() and step.isdigit() and int(step) > 0)):
        raise _invalid("crontab.unreadable", part=part)
    if found["any"]:
        return range(least, most + 1 - (name == "weekday"), int(step or 1))
    first = _number(found["first"], part, least, most, names)
    last = _number(found["last"], part, least, most, names) if found["last"] else first
    if slash and not found["last"]:
        raise _invalid("crontab.step_of_one", part=part, part_range=f"{first}-{most}/{step}")
    if name == "weekday" and found["last"] in {"sun"}:
        last = 7  # fri-sun ends the week
    if last < first:
        raise _invalid("crontab.backwards", part=part)
    return range(first, last + 1, int(step or 1))


def _number(word: str, part: str, least: int, most: int, names: dict[str, int]) -> int:
    if word in names:
        return names[word]
    if not (word.isascii() and word.isdigit()):
        raise _invalid("crontab.unreadable", part=part)
    if not least <= int(word) <= most:
        raise _invalid("crontab.out_of_range", part=part, least=least, most=most)
    return int(word)


def _invalid(key: str, **values: object) -> Invalid:
    return Invalid({"scheduling": Problem(key, **values)})
