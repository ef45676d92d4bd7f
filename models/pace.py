"""The pace: what portions, limits and the crontab of Send Mass Emails come to. Pure arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.crontab import Crontab


@dataclass(frozen=True, slots=True)
class Pace:
    """`count` people at most for one mass email, `per` hour, or per day where the job does not run every hour.
    `limited_by`: what holds it there. `left`: how many more the limits per hour would let through."""

    count: int
    per: Literal["hour", "day"]
    limited_by: Literal["portion", "hour", "minute"]
    left: int


def pace_of(
    portion_size: int,
    max_per_hour: int,
    max_per_minute: int | None,
    crontab: Crontab,
    own: Sequence[int | None] = (None,),
) -> Pace:
    """What one mass email reaches. Portions are per run, the limits per SMTP account; `own`: the hourly limit of each
    account that it leaves by, None: the general one."""
    hours = [limit or max_per_hour for limit in own]
    ways: dict[Literal["portion", "hour", "minute"], int] = {
        "portion": portion_size * len(crontab.minutes),
        "hour": sum(hours),
    }
    if max_per_minute is not None:
        ways["minute"] = sum(min(limit, max_per_minute * 60) for limit in hours)
    limited_by = min(ways, key=lambda way: ways[way])
    every_hour, hourly = len(crontab.hours) == 24, ways[limited_by]
    return Pace(
        count=hourly if every_hour else hourly * len(crontab.hours),
        per="hour" if every_hour else "day",
        limited_by=limited_by,
        left=ways["hour"] - hourly,
    )
