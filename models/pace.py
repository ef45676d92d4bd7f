"""The pace: what portions, limits and the crontab of Send Mass Emails come to. Pure arithmetic."""

from dataclasses import dataclass
from typing import Literal

from models.crontab import Crontab


@dataclass(frozen=True, slots=True)
class Pace:
    """`count` people at most for one mass email, `per` hour, or per day where the job does not run every hour.
    `limited_by`: what holds it there. `left`: how many more the limit per hour would let through."""

    count: int
    per: Literal["hour", "day"]
    limited_by: Literal["portion", "hour", "minute"]
    left: int


def pace_of(portion_size: int, max_per_hour: int, max_per_minute: int | None, crontab: Crontab) -> Pace:
    """What one mass email reaches. Portions are per run, the limits per SMTP account."""
    ways: dict[Literal["portion", "hour", "minute"], int] = {
        "portion": portion_size * len(crontab.minutes),
        "hour": max_per_hour,
    }
    if max_per_minute is not None:
        ways["minute"] = max_per_minute * 60
    limited_by = min(ways, key=lambda way: ways[way])
    every_hour, hourly = len(crontab.hours) == 24, ways[limited_by]
    return Pace(
        count=hourly if every_hour else hourly * len(crontab.hours),
        per="hour" if every_hour else "day",
        limited_by=limited_by,
        left=max_per_hour - hourly,
    )
