"""Suppressions: each reason by itself, the list, releasing one and all, adding by hand."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import select

from models import db
from models.address import ConsentEvent, OptOut, intern_addresses, opt_out
from models.audit import Audit
from models.catalogue import WORDS
from models.db import Doors
from models.errors import Invalid, Refused
from models.suppression import (
    Suppression,
    SuppressionReason,
    key_of,
    read_key,
    release,
    release_ended,
    suppress,
)
from models.suppression_form import MOST_NOTE, add_suppression
from models.suppression_page import (
    SORTS,
    Chosen,
    SuppressionFilter,
    count_by_reason,
    count_chosen,
    providers_in_use,
    release_matching,
    suppression_page,
    suppressions_after,
)
from tests import factories

BY = "grace@example.com"
HARD, MANUAL, ERASED = SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL, SuppressionReason.ERASED


def test_each_reason_of_suppression_stands_and_goes_alone(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        address = factories.address(session, "ada@example.com").id
        later = now + timedelta(days=1)
        assert suppress(session, address, HARD, now, evidence="550 5.1.1")
        assert not suppress(session, address, HARD, later, evidence="550 again")
        assert suppress(session, address, MANUAL, later, until=later + timedelta(days=2))
        rows, total = suppression_page(session, SuppressionFilter())
        assert (total, [row.reason for row in rows]) == (2, [MANUAL, HARD])
        assert (rows[1].since, rows[1].evidence) == (now, "550 again")
        assert release_ended(session, later + timedelta(days=1)) == 0
        assert release_ended(session, later + timedelta(days=2)) == 1
        assert release(session, address, HARD, later, BY)
        assert not release(session, address, HARD, later, BY)


def test_every_reason_has_its_words() -> None:
    families = ("people.reason", "send_test.suppression", "audience.because.suppressed")
    assert {f"{family}.{reason}" for family in families for reason in SuppressionReason} <= WORDS.keys()


def test_a_key_is_one_address_and_one_reason() -> None:
    assert {read_key(key_of(7, reason)) for reason in SuppressionReason} == {(7, one) for one in SuppressionReason}
    assert read_key(7 * 16) == (7, None)


@pytest.fixture
def many(database: Engine, now: datetime) -> None:
    """Thirty: every tenth complained, the others bounced; the last one is of Gmail, and ends."""
    with db.unit_of_work() as session:
        normals = [*(f"p{number:02}@example.com" for number in range(29)), "p29@gmail.com"]
        ids = intern_addresses(session, normals, now)
        for number, normal in enumerate(normals):
            reason = SuppressionReason.COMPLAINT if number % 10 == 0 else HARD
            until = now + timedelta(days=9) if number == 29 else None
            suppress(session, ids[normal], reason, now + timedelta(minutes=number), until=until)


def test_suppressions_are_searched_filtered_sorted_and_paged(many, now: datetime) -> None:
    def found(sort: str = "address", page: int = 1, **chosen) -> list[str]:
        with db.reading() as session:
            rows, _ = suppression_page(session, SuppressionFilter(**chosen), sort=sort, page=page, size=10)
        return [row.address[:3] for row in rows]

    assert found(page=2) == [f"p{number}" for number in range(10, 20)]
    assert found("-since", reason=SuppressionReason.COMPLAINT) == ["p20", "p10", "p00"]
    assert found(text="P07@") == ["p07"]
    assert found(text="%") == []
    assert found(since_from=now + timedelta(minutes=3), since_to=now + timedelta(minutes=5)) == ["p03", "p04"]
    assert found(until_from=now, until_to=now + timedelta(days=10)) == ["p29"]
    assert all(len(found(sort)) == len(found(f"-{sort}")) == 10 for sort in SORTS)


def test_an_export_goes_on_from_the_last_key(many) -> None:
    with db.reading() as session:
        first = suppressions_after(session, SuppressionFilter(), limit=20)
        rest = suppressions_after(session, SuppressionFilter(), first[-1].key, limit=20)
    assert len({row.address for row in (*first, *rest)}) == 30 == len(first) + len(rest)


def test_a_suppression_says_how_many_recipients_it_holds_back(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        one = factories.recipient(session, "ada@example.com")
        factories.recipient(session, "ada@example.com", archived_at=now)
        suppress(session, one.address_id, HARD, now)
        add_suppression(session, "nobody@example.org", now, BY)
    with db.reading() as session:
        rows, _ = suppression_page(session, SuppressionFilter(), sort="address")
    assert [(row.people, row.recipient_id) for row in rows] == [(2, one.id), (0, None)]


def test_an_address_by_hand_is_held_back_audited_and_told_again(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        assert add_suppression(session, " Ada@Example.com ", now, BY, note="asked by phone")
        assert not add_suppression(session, "ada@example.com", now, BY, until=now + timedelta(days=1))
        (row,), _ = suppression_page(session, SuppressionFilter())
        assert (row.address, row.reason, row.until, row.evidence) == (
            "ada@example.com", MANUAL, now + timedelta(days=1), ""
        )  # fmt: skip
        trail = session.exec(select(Audit).order_by(Audit.id)).all()
    assert [(line.act, line.by, line.noun_id) for line in trail] == [
        ("suppression.added", BY, row.address_id),
        ("suppression.changed", BY, row.address_id),
    ]
    assert "ada@" not in str([line.detail for line in trail])


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("address", {"typed": "no address"}),
        ("until", {"until": timedelta(0)}),
        ("note", {"note": "two\nlines"}),
        ("note", {"note": "x" * (MOST_NOTE + 1)}),
        ("reason", {"reason": ERASED}),
    ],
)
def test_what_cannot_be_a_suppression_is_said_beside_its_field(
    sqlite_database: Engine, now: datetime, field: str, given: dict
) -> None:
    typed, until = given.pop("typed", "ada@example.com"), given.pop("until", None)
    with db.unit_of_work() as session, pytest.raises(Invalid) as error:
        add_suppression(session, typed, now, BY, until=None if until is None else now + until, **given)
    assert list(error.value.problems) == [field]


def test_releasing_touches_no_consent_and_leaves_who_was_erased(many, now: datetime) -> None:
    with db.unit_of_work() as session:
        erased = factories.address(session, "gone@example.com").id
        suppress(session, erased, ERASED, now)
        opt_out(session, session.exec(select(Suppression.address_id)).first(), [0], now, source="one_click")
        with pytest.raises(Refused, match="never mailed again"):
            release(session, erased, ERASED, now, BY)
    with db.reading() as session:
        assert count_chosen(session, SuppressionFilter()) == Chosen(31, 1)
        assert count_chosen(session, [key_of(erased, ERASED)]) == Chosen(1, 1)
        assert providers_in_use(session) == ["Gmail", "other"]
        assert count_by_reason(session, SuppressionFilter(reason=HARD)) == dict.fromkeys(SuppressionReason, 0) | {
            HARD: 27, SuppressionReason.COMPLAINT: 3, ERASED: 1
        }  # fmt: skip
    with db.pinned() as doors:
        chosen = SuppressionFilter(reason=HARD)
        assert release_matching(doors, chosen, now, BY) == 27
        assert release_matching(doors, SuppressionFilter(), now, BY) == 3
        assert release_matching(doors, SuppressionFilter(), now, BY) == 0
    with db.reading() as session:
        assert session.exec(select(Suppression.reason)).all() == [ERASED]
        assert len(session.exec(select(OptOut)).all()) == len(session.exec(select(ConsentEvent)).all()) == 1
        released = session.exec(select(Audit).where(Audit.act == "suppression.released")).all()
    assert len({line.noun_id for line in released}) == 30
    assert {line.detail["reason"] for line in released} == {"hard_bounce", "complaint"}


def test_a_bulk_release_goes_in_chunks(sqlite_database: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight thousand, each with its line in the audit trail; others write between two chunks (D23)."""
    with db.unit_of_work() as session:
        ids = intern_addresses(session, [f"p{number}@example.com" for number in range(8_000)], now)
        rows = [{"address_id": id_, "reason": HARD, "since": now, "evidence": ""} for id_ in ids.values()]
        session.execute(sa.insert(Suppression), rows)
    units: list[Doors] = []
    unit = Doors.unit_of_work

    @contextmanager
    def counted(self, **named):
        with unit(self, **{**named, "rest": False}) as session:
            yield session
        units.append(self)

    monkeypatch.setattr(Doors, "unit_of_work", counted)
    with db.pinned() as doors:
        assert release_matching(doors, SuppressionFilter(), now, BY) == 8_000
    assert len(units) >= 8
