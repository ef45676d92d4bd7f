"""Mass emails that share an account share it fairly: the small one is not starved by the large one (D9)."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert
from sqlmodel import Session

from models import db
from models.address import Address
from models.claim import claim_items
from models.column_types import table
from models.domain_pause import pause_domain
from models.fair_share import Share, fair_part
from models.mass_email import MassEmail, MassEmailStatus
from models.outbound_emails import change
from models.pacing import allowance
from models.queue_table import ItemState, QueueItem
from models.rate import charge
from models.recipient import Kind, Recipient
from models.settlement import settle
from models.verdict import Outcome, Verdict
from models.waiting import waiting_because
from tests import factories
from tests.factories import NOW
from tests.models.test_pacing import TEN_MINUTES, set_up

LEASE = timedelta(minutes=5)
PORTION = 200


def another(session: Session, people: int, **values) -> MassEmail:
    """One more mass email In Process on the default route, its people written at once."""
    values = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, **values}
    mail = factories.mass_email(session, **values)
    domain = factories.address(session, "someone@example.com").domain_id
    names = [f"m{mail.id}.{number}@example.com" for number in range(people)]
    addresses = [{"normal": name, "domain_id": domain, "created_at": NOW} for name in names]
    persons = {"kind": Kind.CONTACT, "name": "Ada Byron", "created_at": NOW}
    ids = _put(session, Address, addresses)
    people_ids = _put(
        session,
        Recipient,
        [{**persons, "address_typed": n, "address_id": a} for n, a in zip(names, ids, strict=True)],
    )
    item = {
        "mass_email_id": mail.id, "list_id": 0, "version_id": mail.version_id, "state": ItemState.WAITING,
        "next_try_at": NOW,
    }  # fmt: skip
    _put(
        session, QueueItem, [{**item, "address_id": a, "recipient_id": p} for a, p in zip(ids, people_ids, strict=True)]
    )
    return mail


def _put(session: Session, model, rows: list[dict]) -> list[int]:
    blank = model(**rows[0]).model_dump(exclude_none=True)
    statement = insert(table(model)).returning(table(model).c.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, [{**blank, **row} for row in rows]))


def send(mail: MassEmail, now, sent: Counter[int], size: int = 200) -> int:
    """One claim as a run makes it: asked for, charged, settled. Gives how many went."""
    with db.unit_of_work() as session:
        n = min(size, allowance(session, mail.id, now, sent_in_run=sent[mail.id]).n)
        held = claim_items(session, mail.id, 1, n, "w", LEASE, now) if n else None
        if held:
            charge(session, 1, len(held.items), now)
    if not held:
        return 0
    with db.unit_of_work() as session:
        settle(session, held.claim_id, [Verdict(item.id, Outcome.SENT) for item in held.items], now)
    sent[mail.id] += len(held.items)
    return len(held.items)


def test_with_a_hundred_left_in_the_hour_the_small_one_gets_its_part(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session:
        set_up(session, 0)
        big, small = another(session, 10_000), another(session, 50)
        charge(session, 1, 900, NOW)
    sent: Counter[int] = Counter()
    while send(big, NOW, sent):  # the large one alone takes all that it may
        pass
    assert sent[big.id] == 50
    while send(small, NOW, sent):
        pass
    while send(big, NOW, sent):
        pass
    assert sent == {big.id: 50, small.id: 50}


def test_the_hour_goes_to_who_had_least_of_it_and_is_used_up(database: Engine) -> None:
    """A large one in its third run, then a small one begins: it is not behind for what the other one took before."""
    with db.unit_of_work() as session:
        set_up(session, 0)
        change(session, {"max_per_hour": 500}, NOW, "someone@example.com")
        big = another(session, 700)
    first: Counter[int] = Counter()
    for run in range(2):
        sent: Counter[int] = Counter()
        while send(big, NOW + run * TEN_MINUTES, sent):
            pass
        first += sent
    assert first[big.id] == 2 * PORTION
    with db.unit_of_work() as session:
        small = another(session, 120)
    now, last = NOW + 2 * TEN_MINUTES, Counter()
    assert send(big, now, last) == 0
    with db.reading() as session:
        why = waiting_because(session, big.id, now)
    assert str(why) == "Other mass emails have their turn: what is left of 500 per hour is theirs."
    while send(small, now, last, 20) + send(big, now, last, 20):
        pass
    assert last == {small.id: 100}


def test_two_large_ones_go_on_side_by_side(database: Engine) -> None:
    with db.unit_of_work() as session:
        set_up(session, 0)
        change(session, {"max_per_hour": 250}, NOW, "someone@example.com")
        one, two = another(session, 300), another(session, 300)
    sent: Counter[int] = Counter()
    while send(one, NOW, sent):
        pass
    while send(two, NOW, sent):
        pass
    assert sent == {one.id: 125, two.id: 125}


def test_a_minute_is_shared_too_and_nothing_of_it_is_lost(database: Engine) -> None:
    with db.unit_of_work() as session:
        set_up(session, 0)
        change(session, {"max_per_minute": 30}, NOW, "someone@example.com")
        one, _ = another(session, 300), another(session, 300)
        assert allowance(session, one.id, NOW).n == 15
    sent: Counter[int] = Counter()
    while send(one, NOW, sent):
        pass
    assert sent[one.id] == 30


def test_nothing_is_kept_for_who_cannot_send_now(database: Engine) -> None:
    with db.unit_of_work() as session:
        _, account = set_up(session, 0)
        charge(session, account.id, 900, NOW)
        big = another(session, 300)
        other = factories.smtp_account(session, is_default=False)
        closed = {"sending_window": "mon 09:00-10:00"}  # it is Tuesday
        for values in (closed, {"status": MassEmailStatus.PAUSED}, {"smtp_account_id": other.id}):
            another(session, 50, **values)
        assert allowance(session, big.id, NOW).n == 100
        change(session, {"undo_minutes": 5}, NOW, "someone@example.com")
        another(session, 50)  # within its undo minutes
        assert allowance(session, big.id, NOW, sent_in_run=1).n == 100
        change(session, {"undo_minutes": 0}, NOW, "someone@example.com")
        assert allowance(session, big.id, NOW, sent_in_run=1).n == 50
        domain = factories.address(session, "someone@example.com").domain_id
        pause_domain(session, account.id, domain, NOW, "421")
        assert allowance(session, big.id, NOW, sent_in_run=1).n == 0  # its own people wait for the domain, too


@given(
    st.integers(0, 1500),
    st.lists(st.builds(Share, used=st.integers(0, 1000), wants=st.integers(0, 200)), min_size=1, max_size=6),
)
def test_parts_never_exceed_what_is_wanted_and_use_all_that_is_left(left: int, shares: list[Share]) -> None:
    parts = [fair_part(left, one, [*shares[:i], *shares[i + 1 :]]) for i, one in enumerate(shares)]
    assert all(0 <= part <= one.wants for part, one in zip(parts, shares, strict=True))
    total = min(left, sum(one.wants for one in shares))
    assert total <= sum(parts) < total + len(shares)  # one message may be offered to several: who comes first
    for part, one in zip(parts, shares, strict=True):
        if part < one.wants:  # who wants more is not behind anybody who got some
            others = [(p, o) for p, o in zip(parts, shares, strict=True) if p]
            assert all(one.used + part >= o.used + p - 1 for p, o in others)
