"""When a mass email may leave, by the clock on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Invalid
from models.sending_window import ALWAYS, DAYS, SendingWindow, day_names, from_parts, parse, read

PARIS = ZoneInfo("Europe/Paris")
SPRING, AUTUMN = (
    datetime(2026, 3, 29, tzinfo=PARIS),
    datetime(2026, 10, 25, tzinfo=PARIS),
)  # 02:00 → 03:00, 03:00 → 02:00


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def openings(window: str, day: datetime, hours: int = 30) -> list[str]:
    """When it opens and closes from the beginning of a day on, to the minute, as the wall shows it with its zone."""
    parsed, found, was = parse(window), [], False
    for minute in range(hours * 60):
        moment = day.astimezone(UTC) + timedelta(minutes=minute)
        if parsed.is_open(moment, PARIS) is not was:
            was = not was
            found.append(moment.astimezone(PARIS).strftime("%H:%M %Z"))
    return found


@pytest.mark.parametrize(
    ("window", "day", "changes"),
    [
        ("09:00-18:00", SPRING, ["09:00 CEST", "18:00 CEST"]),
        ("09:00-18:00", AUTUMN, ["09:00 CET", "18:00 CET"]),
        ("sun 01:30-02:30", SPRING, ["01:30 CET", "03:00 CEST"]),  # 02:30 does not come
        ("sun 02:30-04:00", SPRING, ["03:00 CEST", "04:00 CEST"]),  # 02:30 has passed at 03:00
        ("sun 02:00-03:00", SPRING, []),  # the hour is skipped
        ("sun 02:00-02:30", AUTUMN, ["02:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET"]),  # it comes twice
        ("sun 01:00-02:30", AUTUMN, ["01:00 CEST", "02:30 CEST", "02:00 CET", "02:30 CET"]),
        ("sun 02:30-04:00", AUTUMN, ["02:30 CEST", "02:00 CET", "02:30 CET", "04:00 CET"]),
        ("sun 02:00-03:00", AUTUMN, ["02:00 CEST", "03:00 CET"]),
        ("sat 22:00-06:00", SPRING, ["00:00 CET", "06:00 CEST"]),
        ("sat 22:00-06:00", AUTUMN, ["00:00 CEST", "06:00 CET"]),
        ("sun", SPRING, ["00:00 CET", "00:00 CEST"]),
    ],
)
def test_across_a_change_of_clocks_the_wall_decides(window: str, day: datetime, changes: list[str]) -> None:
    assert openings(window, day) == changes


@pytest.mark.parametrize(
    ("window", "moment", "opens"),
    [
        ("mon-fri 09:00-18:00", utc(2026, 9, 8, 6, 59), utc(2026, 9, 8, 7, 0)),
        ("mon-fri 09:00-18:00", utc(2026, 9, 8, 7, 0), utc(2026, 9, 8, 7, 0)),
        ("mon-fri 09:00-18:00", utc(2026, 9, 8, 15, 59, 59), utc(2026, 9, 8, 15, 59, 59)),
        ("mon-fri 09:00-18:00", utc(2026, 9, 8, 16, 0), utc(2026, 9, 9, 7, 0)),
        ("mon-fri 09:00-18:00", utc(2026, 9, 11, 16, 0), utc(2026, 9, 14, 7, 0)),  # Friday evening → Monday
        ("mon-fri 09:00-18:00", utc(2026, 10, 23, 16, 0), utc(2026, 10, 26, 8, 0)),  # over the change of clocks
        ("fri 22:00-06:00", utc(2026, 9, 12, 3, 59), utc(2026, 9, 12, 3, 59)),  # Saturday morning is Friday's
        ("fri 22:00-06:00", utc(2026, 9, 11, 3, 0), utc(2026, 9, 11, 20, 0)),  # Friday morning is Thursday's
        ("sun 02:30-04:00", utc(2026, 3, 28, 12, 0), utc(2026, 3, 29, 1, 0)),
        ("sun 02:00-03:00", utc(2026, 3, 28, 12, 0), utc(2026, 4, 5, 0, 0)),  # skipped: the week after
        ("sun 01:00-02:30", utc(2026, 10, 25, 0, 45), utc(2026, 10, 25, 1, 0)),  # open again at the second 02:00
        ("sat,sun", utc(2026, 9, 8, 12, 0), utc(2026, 9, 11, 22, 0)),
        ("", utc(2026, 9, 8, 12, 0), utc(2026, 9, 8, 12, 0)),
    ],
)
def test_the_next_moment_it_opens(window: str, moment: datetime, opens: datetime) -> None:
    assert parse(window).next_open(moment, PARIS) == opens


@given(
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.integers(0, 366 * 24 * 60),
    st.sampled_from(["Europe/Paris", "America/Havana", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_it_opens_at_the_moment_named_and_not_a_second_before(days, opens, closes, minute, zone) -> None:
    if opens == closes:
        return
    window, there = SendingWindow(frozenset(map(DAYS.index, days)), opens, closes or 1440), ZoneInfo(zone)
    now = utc(2026, 1, 1) + timedelta(minutes=minute, seconds=30)
    found = window.next_open(now, there)
    assert window.is_open(found, there)
    assert found == now or not window.is_open(found - timedelta(seconds=1), there)
    assert not any(
        window.is_open(now + timedelta(minutes=step), there)
        for step in range(0, min(3000, int((found - now) / timedelta(minutes=1))))
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mon-fri 09:00-18:00", "mon-fri 09:00-18:00"),
        ("Mon,Tue,Wed 9:00-18:30", "mon-wed 09:00-18:30"),
        ("fri-mon 22:00-06:00", "mon,fri-sun 22:00-06:00"),
        ("mon-fri 9-18", "mon-fri 09:00-18:00"),
        ("9h30-17H", "09:30-17:00"),
        ("sat,sun", "sat,sun"),
        ("20:00-00:00", "20:00-00:00"),
        ("mon 00:00-24:00", "mon"),
        ("mon-sun", ""),
        ("00:00-24:00", ""),
        ("  ", ""),
    ],
)
def test_a_window_is_kept_as_a_text_that_reads_back(typed: str, kept: str) -> None:
    window = parse(typed)
    assert str(window) == kept
    assert parse(kept) == window
    assert read((day_names(window), *window.hours)) == window


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("mon 09:00-09:00", "never_opens"),
        ("00:00-00:00", "never_opens"),
        (([], "09:00", "18:00"), "no_day"),
        (([], "", ""), "no_day"),
        (["mon"], "unreadable"),
        ("funday 09:00-18:00", "unreadable"),
        ("mon 09:00", "unreadable"),
        ("mon 09:00-18:00 sometimes", "unreadable"),
        ("mon 9-six", "not_a_time"),
        ("mon 09:00-25:00", "not_a_time"),
        ("mon 09:61-10:00", "not_a_time"),
        ((["mon"], "09:00", ""), "not_a_time"),
        ("\U0001d7d9:00-18:00", "not_a_time"),
    ],
)
def test_a_window_that_never_opens_or_cannot_be_read_is_refused_beside_its_field(typed, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(typed)
    assert refused.value.problems["sending_window"].key == f"sending_window.{key}"


def test_no_window_is_always_open() -> None:
    assert parse("") == ALWAYS == from_parts(DAYS, "", "")
    assert all(ALWAYS.is_open(utc(2026, 9, day, hour), PARIS) for day in range(7, 14) for hour in range(24))
    assert parse("mon") != ALWAYS
