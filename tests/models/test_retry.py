"""A message that is tried again: growing, jittered waits and a last day (D10, delivery.md 2)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from models import db
from models.claim import claim_items
from models.mass_email import MassEmailStatus
from models.outbound_emails import change
from models.queue_table import ItemState, QueueItem
from models.settlement import settle
from models.verdict import WAITS, Outcome, Tried, Verdict, judge, retry_wait
from tests import factories
from tests.factories import NOW

DAY = timedelta(days=1)
LEASE = timedelta(minutes=5)
BUSY = Verdict(1, Outcome.TEMPORARY, 451, "4.7.1", "451 4.7.1 later")


@given(st.integers(1, 10**9), st.integers(1, 30))
def test_waits_grow_from_minutes_to_hours_and_each_is_stretched_by_a_fifth_at_most(item: int, attempts: int) -> None:
    wait, whole = retry_wait(item, attempts), WAITS[min(attempts, len(WAITS)) - 1]
    assert whole <= wait <= whole * 1.2
    assert wait == retry_wait(item, attempts)
    assert wait < retry_wait(item, attempts + 1) or attempts >= len(WAITS)


def test_a_portion_refused_together_does_not_come_back_together() -> None:
    waits = {retry_wait(item, 1) for item in range(1, 201)}
    assert len(waits) > 190
    assert max(waits) - min(waits) > timedelta(seconds=50)


@pytest.mark.parametrize("days", [1, 3, 5])
def test_the_last_try_is_at_the_last_day_and_then_it_has_failed(days: int) -> None:
    item, now, tries = Tried(7, 0, None, NOW), NOW, 0
    while (fate := judge(BUSY, item, now, days * DAY)).state is ItemState.WAITING:
        assert now < fate.next_try_at <= NOW + days * DAY
        tries, now = tries + 1, fate.next_try_at
        item = Tried(7, fate.attempts, NOW, now)
    assert now == NOW + days * DAY
    assert (fate.state, fate.attempts) == (ItemState.FAILED, tries + 1)
    assert tries > 6 * days


def test_the_last_day_is_a_setting_and_holds_for_messages_on_their_way(database: Engine) -> None:
    with db.unit_of_work() as session:
        person = factories.recipient(session)
        target = factories.target_list(session, members=[person])
        mail = factories.mass_email(session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW)
        item = factories.queue_item(session, mail, person, list_id=target.id).id
        account, mail_id = factories.smtp_account(session).id, mail.id
        change(session, {"give_up_after_days": 5}, NOW, "someone@example.com")

    def tried(now) -> tuple[ItemState, timedelta]:
        with db.unit_of_work() as session:
            held = claim_items(session, mail_id, account, 1, "w", LEASE, now)
            settle(session, held.claim_id, [Verdict(item, Outcome.TEMPORARY, 451, "4.7.1", "451 4.7.1 later")], now)
        with db.reading() as session:
            found = session.get_one(QueueItem, item)
            return found.state, found.next_try_at - now

    assert tried(NOW)[0] is ItemState.WAITING
    assert tried(NOW + 4 * DAY)[0] is ItemState.WAITING  # beyond the three days of the default
    with db.unit_of_work() as session:
        change(session, {"give_up_after_days": 2}, NOW, "someone@example.com")
    assert tried(NOW + 4 * DAY + timedelta(hours=5))[0] is ItemState.FAILED
