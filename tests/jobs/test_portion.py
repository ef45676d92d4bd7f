"""The portion under way: how long it may go on."""

import asyncio

import pytest

from jobs import portion
from jobs.portion import UnderWay
from jobs.turn import LEASE
from tests import factories

SECONDS = LEASE.total_seconds()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed, to be changed."""
    passed = [0.0]
    monkeypatch.setattr(portion, "passed", lambda: passed[0])
    return passed


def _under_way() -> UnderWay:
    return UnderWay(1, "w", lambda: factories.NOW, asyncio.Event(), keeps_values=False)


def test_a_lease_that_is_renewed_in_time_lasts(time: list[float]) -> None:
    under_way = _under_way()
    time[0] = SECONDS - 1
    under_way.renewed(time[0])
    time[0] += SECONDS - 1
    assert (under_way.going, under_way.lost) == (True, "")


def test_a_lease_that_was_over_once_is_not_renewed_any_more(time: list[float]) -> None:
    """Who was stopped and goes on cannot know whose its messages are by now."""
    under_way = _under_way()
    time[0] = SECONDS
    assert not under_way.leased
    under_way.renewed(time[0])
    assert (under_way.leased, under_way.going, under_way.lost != "") == (False, False, True)


def test_a_renewal_that_took_longer_than_the_lease_renews_nothing(time: list[float]) -> None:
    under_way = _under_way()
    began, time[0] = SECONDS - 1, SECONDS + 5
    under_way.renewed(began)
    time[0] = SECONDS - 1  # whatever a clock says later
    assert not under_way.leased
