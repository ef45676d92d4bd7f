"""The turn of a lane, asked as a lane asks: what it charges and what it lets begin."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from jobs.turn import STOCK_LASTS, Stock, Turn, take_turn
from models import db, outbound_emails, rate
from models.mass_email import MassEmailStatus
from tests import factories
from tests.factories import NOW

PEOPLE = 8


def _turn(stock: Stock, now, *, limit: int = PEOPLE) -> Turn:
    """Of a lane that has nothing but this stock; the mass email and its account are the only ones."""
    return Turn(1, 1, "w", now, [], {}, None, limit, stock, 0, stock.n, {}, "")


@pytest.mark.parametrize(("age", "claimed"), [(STOCK_LASTS, 5), (STOCK_LASTS + timedelta(seconds=1), 3)])
def test_what_was_charged_a_while_ago_is_asked_for_anew(database: Engine, age: timedelta, claimed: int) -> None:
    """A server that becomes slow leaves a stock lying: a limit that was lowered since holds for it, too."""
    with db.unit_of_work() as session:
        account = factories.smtp_account(session)
        values = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, "smtp_account_id": account.id}
        mail = factories.mass_email(session, factories.target_list(session), **values)
        for _ in range(PEOPLE):
            factories.queue_item(session, mail, factories.recipient(session))
        rate.charge(session, account.id, 5, NOW)
        outbound_emails.change(session, {"max_per_hour": 3, "portion_size": 5}, NOW, "admin@example.com")
    with db.unit_of_work() as session:
        assert (mail.id, account.id) == (1, 1)
        taken = take_turn(session, _turn(Stock(5, NOW, domains=False), NOW + age))
    assert len(taken.held.items) == claimed
    with db.reading() as session:
        assert rate.used_now(session, account.id, NOW + age)[0] == claimed
