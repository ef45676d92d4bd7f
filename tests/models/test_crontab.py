"""The crontab means what it means in cron."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from models.crontab import parse_crontab
from models.errors import Invalid
from models.scheduled_job import in_words, next_runs

PARIS = ZoneInfo("Europe/Paris")
SATURDAY = datetime(2026, 9, 5, 12, tzinfo=UTC)


def _runs(scheduling: str, n: int, start: datetime, zone=UTC, form: str = "%a %d %H:%M") -> list[str]:
    return [run.strftime(form) for run in next_runs(scheduling, n, start, zone)]


@pytest.mark.parametrize(
    ("weekday", "expected"),
    [
        ("0", "Sun 06"),
        ("7", "Sun 06"),
        ("1", "Mon 07"),
        ("2", "Tue 08"),
        ("3", "Wed 09"),
        ("4", "Thu 10"),
        ("5", "Fri 11"),
        ("6", "Sat 12"),
        ("sun", "Sun 06"),
        ("MON", "Mon 07"),
        ("tue", "Tue 08"),
        ("wed", "Wed 09"),
        ("thu", "Thu 10"),
        ("fri", "Fri 11"),
        ("sat", "Sat 12"),
    ],
)
def test_a_weekday_is_crons_weekday(weekday: str, expected: str) -> None:
    assert _runs(f"0 8 * * {weekday}", 1, SATURDAY, form="%a %d") == [expected]


@pytest.mark.parametrize(
    ("scheduling", "expected"),
    [
        ("0 8 * * 5-7", ["Sun 06 08:00", "Fri 11 08:00", "Sat 12 08:00", "Sun 13 08:00"]),
        ("0 8 * * fri-sun", ["Sun 06 08:00", "Fri 11 08:00", "Sat 12 08:00", "Sun 13 08:00"]),
        ("0 8 * * 0-1", ["Sun 06 08:00", "Mon 07 08:00", "Sun 13 08:00", "Mon 14 08:00"]),
        ("0 8 * * */3", ["Sun 06 08:00", "Wed 09 08:00", "Sat 12 08:00", "Sun 13 08:00"]),
        ("*/20 * * * *", ["Sat 05 12:20", "Sat 05 12:40", "Sat 05 13:00", "Sat 05 13:20"]),
        ("5-10/5,50 13 * * *", ["Sat 05 13:05", "Sat 05 13:10", "Sat 05 13:50", "Sun 06 13:05"]),
        ("0 0 7 * mon", ["Mon 07 00:00", "Mon 14 00:00", "Mon 21 00:00", "Mon 28 00:00"]),
        ("0 0 8 * mon", ["Mon 07 00:00", "Tue 08 00:00", "Mon 14 00:00", "Mon 21 00:00"]),
        ("0 0 29 feb *", ["Tue 29 00:00", "Sun 29 00:00", "Fri 29 00:00", "Wed 29 00:00"]),
    ],
)
def test_lists_ranges_steps_and_either_day(scheduling: str, expected: list[str]) -> None:
    assert _runs(scheduling, 4, SATURDAY) == expected


@pytest.mark.parametrize(
    ("scheduling", "start", "expected"),
    [
        ("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), ["29 03:30+0200", "30 02:30+0200"]),
        ("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), ["25 02:30+0200", "26 02:30+0100"]),
        ("0,30 * * * *", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), ["29 03:00+0200", "29 03:30+0200", "29 04:00+0200"]),
        (
            "*/30 * * * *",
            datetime(2026, 10, 25, 0, 0, tzinfo=UTC),
            ["25 02:30+0200", "25 02:00+0100", "25 02:30+0100", "25 03:00+0100"],
        ),
    ],
)
def test_a_change_of_clocks_neither_drops_nor_doubles_a_run(
    scheduling: str, start: datetime, expected: list[str]
) -> None:
    assert _runs(scheduling, len(expected), start, PARIS, "%d %H:%M%z") == expected


@pytest.mark.parametrize(
    ("scheduling", "key"),
    [
        ("", "crontab.five_fields"),
        ("* * * *", "crontab.five_fields"),
        ("* * * * * *", "crontab.five_fields"),
        ("@daily", "crontab.five_fields"),
        ("? * * * *", "crontab.unsupported"),
        ("* * L * *", "crontab.unsupported"),
        ("* * 15W * *", "crontab.unsupported"),
        ("* * * * 5L", "crontab.unsupported"),
        ("* * * * 5#2", "crontab.unsupported"),
        ("60 * * * *", "crontab.out_of_range"),
        ("* 24 * * *", "crontab.out_of_range"),
        ("* * 0 * *", "crontab.out_of_range"),
        ("* * * 13 *", "crontab.out_of_range"),
        ("* * * * 8", "crontab.out_of_range"),
        ("* * * * 6-1", "crontab.backwards"),
        ("5/10 * * * *", "crontab.step_of_one"),
        ("*/0 * * * *", "crontab.unreadable"),
        ("1,,2 * * * *", "crontab.unreadable"),
        ("a * * * *", "crontab.unreadable"),
        ("-5 * * * *", "crontab.unreadable"),
        ("٣ * * * *", "crontab.unreadable"),
        ("* * 31 2,4 *", "crontab.never"),
        ("* * 30 2 *", "crontab.never"),
    ],
)
def test_what_is_no_crontab_is_refused_with_the_reason(scheduling: str, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_crontab(scheduling)
    problem = refused.value.problems["scheduling"]
    assert problem.key == key
    assert problem.text("en") != problem.text("fr")


@pytest.mark.parametrize(
    ("scheduling", "english", "french"),
    [
        ("*/10 * * * *", "Every 10 minutes", "Toutes les 10 minutes"),
        ("0 8 * * 1-5", "At 08:00, Monday through Friday", "À 08:00, du lundi au vendredi"),
        ("0 8 * * 7", "At 08:00, only on Sunday", "À 08:00, uniquement le dimanche"),
        ("0 8,12 * 1-3 *", "At 08:00 and 12:00, January through March", "À 08:00 et 12:00, de janvier à mars"),
    ],
)
def test_a_crontab_in_words(scheduling: str, english: str, french: str) -> None:
    assert in_words(scheduling, "en") == english
    assert in_words(scheduling, "fr") == french
