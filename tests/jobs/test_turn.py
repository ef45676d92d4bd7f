"""The turn of a lane, asked as a lane asks: what it charges and what it lets begin."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from jobs.turn import STOCK_LASTS, Known, Stock, Turn, take_turn
from models import db, outbound_emails, rate
from models.mass_email import MassEmail, MassEmailStatus, get_row
from models.verdict import Outcome, Verdict
from tests import factories
from tests.factories import NOW

PEOPLE = 8
BY = "admin@example.com"


def _turn(**values) -> Turn:
    """Of a lane that has nothing yet; the mass email and its account are the only ones."""
    nothing = {"known": [], "stock_of": {}, "put": None, "limit": 0, "stock": None, "ahead": 0, "taken": 0}
    return Turn(1, 1, "w", **{"now": NOW, **nothing, "domains_paused": {}, "welcome": "", **values})


def _mailing(people: int = PEOPLE) -> None:
    with db.unit_of_work() as session:
        account = factories.smtp_account(session)
        values = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, "smtp_account_id": account.id}
        mail = factories.mass_email(session, factories.target_list(session), **values)
        for _ in range(people):
            factories.queue_item(session, mail, factories.recipient(session))
        assert (mail.id, account.id) == (1, 1)


@pytest.mark.parametrize(("age", "claimed"), [(STOCK_LASTS, 5), (STOCK_LASTS + timedelta(seconds=1), 3)])
def test_what_was_charged_a_while_ago_is_asked_for_anew(database: Engine, age: timedelta, claimed: int) -> None:
    """A server that becomes slow leaves a stock lying: a limit that was lowered since holds for it, too."""
    _mailing()
    with db.unit_of_work() as session:
        rate.charge(session, 1, 5, NOW)
        outbound_emails.change(session, {"max_per_hour": 3, "portion_size": 5}, NOW, BY)
    with db.unit_of_work() as session:
        stock = Stock(5, NOW, domains=False)
        taken = take_turn(session, _turn(now=NOW + age, limit=PEOPLE, stock=stock, taken=stock.n))
    assert len(taken.held.items) == claimed
    with db.reading() as session:
        assert rate.used_now(session, 1, NOW + age)[0] == claimed


@pytest.mark.parametrize("used", [0, 1000])
def test_a_mass_email_with_nobody_left_is_complete_also_when_nothing_may_be_sent(database: Engine, used: int) -> None:
    _mailing(people=0)
    with db.unit_of_work() as session:
        rate.charge(session, 1, used, NOW)
        assert take_turn(session, _turn(limit=5)).held is None
    with db.reading() as session:
        assert get_row(session, 1).status is MassEmailStatus.COMPLETE
        assert rate.used_now(session, 1, NOW)[0] == used


def test_what_was_not_tried_is_given_back_to_the_account_and_to_its_domain(database: Engine) -> None:
    _mailing()
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"max_per_hour_per_domain": 100}, NOW, BY)
    with db.unit_of_work() as session:
        taken = take_turn(session, _turn(limit=3))
    held, stock = taken.held, taken.stock
    with db.reading() as session:
        assert rate.used_now(session, 1, NOW)[0] == sum(rate.domains_used(session, 1, NOW, rate.HOUR).values()) == 3
    one, *_ = held.items
    known = [Known(held.claim_id, one, Verdict(one.id, Outcome.NOT_TRIED), wired=False)]
    with db.unit_of_work() as session:
        take_turn(session, _turn(known=known, stock_of={held.claim_id: stock}, now=NOW + timedelta(seconds=20)))
    with db.reading() as session:
        assert rate.used_now(session, 1, NOW)[0] == sum(rate.domains_used(session, 1, NOW, rate.HOUR).values()) == 2


def test_a_domain_gets_what_its_limit_leaves_and_the_others_are_claimed_past_it(database: Engine) -> None:
    _mailing()
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"max_per_hour_per_domain": 3}, NOW, BY)
        for address in ("ada@elsewhere.example", "bob@elsewhere.example"):
            factories.queue_item(session, session.get_one(MassEmail, 1), factories.recipient(session, address))
    turns = []
    for _ in range(3):
        with db.unit_of_work() as session:
            taken = take_turn(session, _turn(limit=5))
        domains = Counter(item.address.partition("@")[2] for item in taken.held.items) if taken.held else Counter()
        turns.append(dict(domains))
    assert turns == [{"example.com": 3}, {"elsewhere.example": 2}, {}]
