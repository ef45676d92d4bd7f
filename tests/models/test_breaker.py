"""The breaker of an SMTP account at its boundaries (D10)."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from models import db
from models.sending_route import waits
from models.smtp_account import PROBE, WAITS, close_breaker, get_account, take_probe, trip
from tests import factories
from tests.factories import NOW

MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def account(database: Engine) -> int:
    with db.unit_of_work() as session:
        return factories.smtp_account(session).id


def test_each_trouble_in_a_row_waits_longer_and_the_last_wait_repeats(account: int) -> None:
    waited, now = [], NOW
    for _ in range(len(WAITS) + 2):
        with db.unit_of_work() as session:
            retry_at = trip(session, account, "connect", "refused", now)
        waited.append(retry_at - now)
        now = retry_at
    assert tuple(waited) == (*WAITS, WAITS[-1], WAITS[-1])


@pytest.mark.parametrize("jitter", [0.8, 1.0, 1.2])
def test_a_wait_is_stretched_so_that_accounts_do_not_come_back_together(account: int, jitter: float) -> None:
    with db.unit_of_work() as session:
        assert trip(session, account, "connect", "refused", NOW, jitter=jitter) == NOW + WAITS[0] * jitter


def test_open_until_the_moment_named_and_half_open_from_it(account: int) -> None:
    with db.unit_of_work() as session:
        retry_at = trip(session, account, "login", "535 5.7.8 no", NOW)
        assert waits(get_account(session, account), retry_at - MOMENT)
        assert not take_probe(session, account, retry_at - MOMENT)
        assert not waits(get_account(session, account), retry_at)
        assert take_probe(session, account, retry_at)


def test_half_open_one_caller_tries_and_the_next_one_when_it_did_not_come_back(account: int) -> None:
    with db.unit_of_work() as session:
        retry_at = trip(session, account, "login", "535 5.7.8 no", NOW)
    with db.unit_of_work() as session:
        assert take_probe(session, account, retry_at)
    with db.unit_of_work() as session:
        assert not take_probe(session, account, retry_at)
        assert not take_probe(session, account, retry_at + PROBE - MOMENT)
        assert take_probe(session, account, retry_at + PROBE)


def test_a_probe_that_fails_waits_the_next_longer_time_and_one_that_succeeds_begins_anew(account: int) -> None:
    with db.unit_of_work() as session:
        first = trip(session, account, "login", "535 5.7.8 no", NOW)
        take_probe(session, account, first)
        assert trip(session, account, "login", "535 5.7.8 no", first) == first + WAITS[1]
        close_breaker(session, account, "250 2.0.0 ok", first)
        found = get_account(session, account)
        assert (found.trouble, found.trouble_count, found.retry_at, found.last_reply) == ("", 0, None, "250 2.0.0 ok")
        assert trip(session, account, "login", "535 5.7.8 no", first) == first + WAITS[0]


def test_one_trouble_that_several_tell_of_counts_once(account: int) -> None:
    with db.unit_of_work() as session:
        assert trip(session, account, "connect", "refused", NOW, seen=0) == NOW + WAITS[0]
        assert trip(session, account, "connect", "refused too", NOW, seen=0) is None
        found = get_account(session, account)
        assert (found.trouble_count, found.last_reply) == (1, "refused")


def test_an_account_that_never_was_in_trouble_needs_no_probe(account: int) -> None:
    with db.unit_of_work() as session:
        assert not waits(get_account(session, account), NOW)
        assert not take_probe(session, account, NOW)
