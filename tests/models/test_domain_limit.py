"""Limits per domain, and domains that asked for a pause (D9, D10)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session

from models import db
from models.domain_limit import TRY, next_free
from models.domain_pause import WAITS, clear, pause_domain, pauses
from models.outbound_emails import change
from models.pacing import domain_allowance, full_domains
from models.rate import DomainBucket, charge_domains
from models.waiting import waiting_because
from tests import factories
from tests.factories import NOW
from tests.models.test_pacing import set_up

ACCOUNT, GMAIL, ORANGE, FREE = 1, 11, 12, 13
MINUTE, MOMENT = timedelta(minutes=1), timedelta(milliseconds=1)


def limit(session: Session, **values: int) -> None:
    change(session, values, NOW, "someone@example.com")


def test_without_a_limit_and_a_pause_no_domain_is_looked_at(database: Engine) -> None:
    with db.unit_of_work() as session:
        assert domain_allowance(session, ACCOUNT, NOW) is None
        assert full_domains(session, ACCOUNT, NOW) == frozenset()


def test_each_domain_has_what_its_hour_and_its_minute_leave(database: Engine) -> None:
    with db.unit_of_work() as session:
        limit(session, max_per_hour_per_domain=100, max_per_minute_per_domain=30)
        charge_domains(session, ACCOUNT, {GMAIL: 85}, NOW - 30 * MINUTE)
        charge_domains(session, ACCOUNT, {GMAIL: 5, ORANGE: 30}, NOW)
        charge_domains(session, ACCOUNT + 1, {FREE: 30}, NOW)
        left = domain_allowance(session, ACCOUNT, NOW)
        assert (left[GMAIL], left[ORANGE], left[FREE]) == (10, 0, 30)
        assert full_domains(session, ACCOUNT, NOW) == {ORANGE}
        assert full_domains(session, ACCOUNT + 1, NOW) == {FREE}


def test_a_limit_per_hour_alone_bounds_a_domain_that_got_nothing_yet(database: Engine) -> None:
    with db.unit_of_work() as session:
        limit(session, max_per_hour_per_domain=40)
        left = domain_allowance(session, ACCOUNT, NOW)
    assert dict(left) == {}
    assert left[GMAIL] == left.most == 40


def test_what_did_not_leave_is_given_back_and_old_buckets_are_forgotten(database: Engine) -> None:
    with db.unit_of_work() as session:
        limit(session, max_per_hour_per_domain=40)
        charge_domains(session, ACCOUNT, {GMAIL: 40, ORANGE: 3}, NOW)
        charge_domains(session, ACCOUNT, {GMAIL: -4, FREE: 0}, NOW)
        charge_domains(session, ACCOUNT, {}, NOW)
        assert dict(domain_allowance(session, ACCOUNT, NOW)) == {GMAIL: 4, ORANGE: 37}
        charge_domains(session, ACCOUNT, {FREE: 1}, NOW + timedelta(hours=3))
        assert session.scalar(select(func.count()).select_from(DomainBucket)) == 1


def test_pauses_of_a_domain_grow_and_those_of_one_trouble_count_once(database: Engine) -> None:
    with db.unit_of_work() as session:
        waits, now = [], NOW
        for _ in range(5):
            until = pause_domain(session, ACCOUNT, GMAIL, now, "421 4.7.28 rate")
            assert pause_domain(session, ACCOUNT, GMAIL, until - MOMENT, "421 again") == until
            waits.append(until - now)
            now = until
        assert tuple(waits) == (*WAITS, WAITS[-1])
        assert pause_domain(session, ACCOUNT, ORANGE, NOW, "421", jitter=1.2) == NOW + WAITS[0] * 1.2
        assert clear(session, ACCOUNT, GMAIL)
        assert not clear(session, ACCOUNT, GMAIL)
        assert pause_domain(session, ACCOUNT, GMAIL, now, "421") == now + WAITS[0]


def test_a_paused_domain_gets_nothing_then_one_message_then_its_limit(database: Engine) -> None:
    with db.unit_of_work() as session:
        until = pause_domain(session, ACCOUNT, GMAIL, NOW, "421 4.7.0 later")
        assert full_domains(session, ACCOUNT, until - MOMENT) == {GMAIL}
        assert full_domains(session, ACCOUNT + 1, NOW) == frozenset()
        half_open = domain_allowance(session, ACCOUNT, until)
        assert half_open[GMAIL] == TRY
        assert half_open[ORANGE] > 10**6
        assert pauses(session, ACCOUNT) == {GMAIL: until}
        clear(session, ACCOUNT, GMAIL)
        assert domain_allowance(session, ACCOUNT, until) is None


def test_the_first_domain_to_go_on_names_the_moment(database: Engine) -> None:
    with db.unit_of_work() as session:
        limit(session, max_per_minute_per_domain=10)
        charge_domains(session, ACCOUNT, {ORANGE: 10}, NOW)
        until = pause_domain(session, ACCOUNT, GMAIL, NOW, "421")
        assert next_free(session, ACCOUNT, [GMAIL], NOW) == until
        free = next_free(session, ACCOUNT, [ORANGE], NOW)
        assert ORANGE in full_domains(session, ACCOUNT, free - MOMENT)
        assert ORANGE not in full_domains(session, ACCOUNT, free)
        assert next_free(session, ACCOUNT, [GMAIL, ORANGE], NOW) == min(until, free)
        assert next_free(session, ACCOUNT, [], NOW) == NOW


@pytest.mark.parametrize("elsewhere", [False, True])
def test_one_line_says_that_everybody_who_is_due_waits_for_a_domain(database: Engine, elsewhere: bool) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session, 3)
        domain = factories.address(session, "someone@example.com").domain_id
        if elsewhere:
            factories.queue_item(session, mail, factories.recipient(session, "ada@example.org"))
        pause_domain(session, account.id, domain, NOW, "421 4.7.28 rate")
        found = waiting_because(session, mail.id, NOW)
    if elsewhere:
        assert found is None
        return
    assert str(found) == "3 people wait: their domains take no more before 11:47 UTC."
    assert found.values["at"] == datetime(2026, 9, 8, 11, 47, 12, tzinfo=UTC)
