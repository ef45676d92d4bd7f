"""Which accounts a mass email leaves by: weights, fail-over, and never past the mail catcher."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from models import db, smtp_account
from models.account_use import route_uses
from models.errors import Invalid, NotFound
from models.sending_route import Lane, lanes, share
from models.smtp_account import Tls, create_account, edit_account, get_account_row
from tests import factories
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def mail_with(session: Session, **accounts: dict) -> int:
    """A mass email without an account of its own, and these accounts; the one called "default" is."""
    for name, values in accounts.items():
        factories.smtp_account(session, name=name, **{"is_default": name == "default", **values})
    mail_id: int = factories.mass_email(session).id
    return mail_id


def names(session: Session, mass_email_id: int, now=NOW) -> dict[str, int]:
    return {get_account_row(session, one.account_id).name: one.weight for one in lanes(session, mass_email_id, now)}


def trip(session: Session, name: str, now=NOW) -> None:
    smtp_account.trip(session, smtp_account.find_account(session, name).id, "login", "535 no", now)


def close(session: Session, name: str) -> None:
    smtp_account.close_breaker(session, smtp_account.find_account(session, name).id, "250 ok", NOW)


def test_the_default_route_is_the_default_account_and_every_account_with_a_weight(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = mail_with(session, other={"weight": 3}, default={}, unused={}, gone={"weight": 5, "deleted_at": NOW})
        assert names(session, mail) == {"default": 1, "other": 3}
        assert next(iter(names(session, mail))) == "default"


def test_an_account_that_a_mass_email_names_is_its_only_one_and_in_trouble_it_waits(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail_with(session, default={}, own={}, reserve={"stand_by": True})
        own = smtp_account.find_account(session, "own")
        mail = factories.mass_email(session, smtp_account_id=own.id).id
        assert lanes(session, mail, NOW) == [Lane(own.id, 1)]
        trip(session, "own")
        assert lanes(session, mail, NOW) == []


def test_who_is_on_stand_by_takes_part_only_while_every_other_one_is_in_trouble(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = mail_with(session, default={"weight": 2}, other={"weight": 1}, reserve={"stand_by": True, "weight": 4})
        assert names(session, mail) == {"default": 2, "other": 1}
        trip(session, "default")
        assert names(session, mail) == {"other": 1}
        trip(session, "other")
        assert names(session, mail) == {"reserve": 4}
        later = NOW + timedelta(hours=1)
        assert names(session, mail, later) == {"default": 2, "other": 1, "reserve": 4}  # they try again, it goes on
        close(session, "other")
        assert names(session, mail) == {"other": 1}


def test_an_open_breaker_leaves_the_route_until_its_next_try_is_due(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = mail_with(session, default={}, other={"weight": 1})
        trip(session, "other")
        due = NOW + smtp_account.WAITS[0]
        assert names(session, mail, due - timedelta(milliseconds=1)) == {"default": 1}
        assert names(session, mail, due) == {"default": 1, "other": 1}
        other = smtp_account.find_account(session, "other")
        assert smtp_account.take_probe(session, other.id, due)
        assert names(session, mail, due) == {"default": 1}  # one message is trying it


@pytest.mark.parametrize("reserve", [{"weight": 9}, {"stand_by": True}])
def test_while_mail_goes_to_the_catcher_no_weight_lets_it_leave(database: Engine, reserve: dict) -> None:
    with db.unit_of_work() as session:
        mail = mail_with(session, default={"is_catcher": True}, real=reserve)
        assert names(session, mail) == {"default": 1}
        trip(session, "default")
        assert names(session, mail) == {}


def test_the_catcher_takes_no_part_of_real_mail(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = mail_with(session, default={}, catcher={"is_catcher": True, "weight": 1, "is_default": False})
        assert names(session, mail) == {"default": 1}


def test_without_an_account_or_a_mass_email_there_is_no_route(database: Engine) -> None:
    with db.unit_of_work() as session:
        assert lanes(session, mail_with(session, other={"weight": 1}), NOW) == []
        with pytest.raises(NotFound):
            lanes(session, 99, NOW)


@given(st.integers(0, 5000), st.lists(st.tuples(st.integers(1, 100), st.integers(0, 2000)), min_size=1, max_size=5))
def test_what_is_shared_adds_up_and_nobody_gets_more_than_it_may_send(n: int, some) -> None:
    given_to = share(n, some)
    assert sum(given_to) == min(n, sum(most for _, most in some))
    assert all(0 <= got <= most for got, (_, most) in zip(given_to, some, strict=True))
    free = [(got, weight) for got, (weight, most) in zip(given_to, some, strict=True) if got < most]
    assert all(abs(a * v - b * w) <= v * w * len(some) for a, w in free for b, v in free)  # by weight, to one each


def test_every_account_of_the_route_is_shown_with_what_it_has_used(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = mail_with(session, default={}, other={"weight": 2, "max_per_hour": 70}, reserve={"stand_by": True})
        trip(session, "other")
        uses = route_uses(session, mail, NOW)
    assert [(use.name, use.weight, use.limits.per_hour, use.stand_by) for use in uses] == [
        ("default", 1, 1000, False),
        ("other", 2, 70, False),
        ("reserve", 1, 1000, True),
    ]
    assert [use.waits_until for use in uses] == [None, NOW + smtp_account.WAITS[0], None]


def test_weight_and_stand_by_are_checked_and_kept(database: Engine) -> None:
    values = {"name": "Second", "host": "smtp.example.com", "port": 587, "tls": Tls.STARTTLS, "weight": "3"}
    with db.unit_of_work() as session:
        made = create_account(session, {**values, "stand_by": "true"}, NOW, by="someone@example.com")
        row = get_account_row(session, made)
        assert (row.weight, row.stand_by) == (3, True)
        edit_account(session, made, row.revision, {"stand_by": ""}, NOW, by="someone@example.com")
        assert (get_account_row(session, made).weight, get_account_row(session, made).stand_by) == (3, False)
        for wrong in ("-1", "101", "much"):
            with pytest.raises(Invalid) as refused:
                create_account(session, {**values, "name": "Third", "weight": wrong}, NOW, by="someone@example.com")
            assert list(refused.value.problems) == ["weight"]
