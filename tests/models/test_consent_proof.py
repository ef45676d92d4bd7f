"""The proof of consent: whole, in order, by which message; and that nothing changes or deletes it."""

import ast
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from models import db
from models.address import EVERYTHING, Consent, ConsentEvent, intern_addresses, opt_in, opt_out
from models.consent_proof import address_id_of, count_proof, proof_after, proof_page
from models.errors import NotFound
from models.membership import duplicate_list, merge_lists
from models.queue_table import ItemState
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
BY = "grace@example.com"


@pytest.fixture
def ada(database: Engine, now: datetime) -> int:
    """The id of an address that declined by a message, was taken in again by hand, and declined everything."""
    with db.unit_of_work(durable=True) as session:
        person = factories.recipient(session, "ada@example.com")
        news = factories.target_list(session, "News", [person])
        mail = factories.mass_email(session, news, name="September")
        item = factories.queue_item(session, mail, person, ItemState.SENT)
        told = {"source": "one_click", "item_id": item.id, "ip": "203.0.113.0/24"}
        opt_out(session, person.address_id, [news.id], now, **told)
        opt_in(session, person.address_id, [news.id], now + timedelta(days=1), source="person", by=BY)
        opt_out(session, person.address_id, [EVERYTHING], now + timedelta(days=2), source="mailto", item_id=item.id)
        return person.address_id


def test_each_event_names_way_list_message_version_ip_and_who(ada: int, now: datetime) -> None:
    with db.reading() as session:
        first, second, third = proof_after(session, ada)
    assert (first.way, first.list_name, first.source, first.ip, first.by) == (
        Consent.OUT, "News", "one_click", "203.0.113.0/24", ""
    )  # fmt: skip
    assert (first.mass_email, first.version, first.template.startswith("Template")) == ("September", 1, True)
    assert (second.way, second.by, second.mass_email_id, second.version) == (Consent.IN, BY, None, None)
    assert (third.list_id, third.list_name, third.source, third.at) == (
        EVERYTHING,
        "",
        "mailto",
        now + timedelta(days=2),
    )


def test_the_history_is_paged_backwards_and_exported_forwards_whole(ada: int, now: datetime) -> None:
    with db.unit_of_work() as session:
        other = intern_addresses(session, ["bob@example.com"], now)["bob@example.com"]
        for day in range(25):
            act = opt_in if day % 2 else opt_out
            act(session, other, [EVERYTHING], now + timedelta(days=day), source="person", by=BY)
    with db.reading() as session:
        page = proof_page(session, other, limit=20)
        rest = proof_page(session, other, page[-1].id, 20)
        assert (len(page), len(rest), count_proof(session, other)) == (20, 5, 25)
        days = [(row.at - now).days for row in (*page, *rest)]
        assert days == list(range(24, -1, -1))
        everything, after = [], 0
        while rows := proof_after(session, None, after, 10):
            everything += rows
            after = rows[-1].id
        assert len(everything) == 28
        assert everything == sorted(everything, key=lambda row: row.id)
        assert [row.id for row in proof_after(session, other)] == [
            row.id for row in everything if row.address_id == other
        ]
        assert address_id_of(session, " ADA@example.com") == ada
        with pytest.raises(NotFound):
            address_id_of(session, "never@example.com")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM consent_event",
        "UPDATE consent_event SET way = 2",
        "UPDATE consent_event SET at = 0",
        "UPDATE consent_event SET address_id = 7, ip = NULL",
        'UPDATE consent_event SET "by" = NULL',
        "UPDATE consent_event SET item_id = NULL",
        "UPDATE consent_event SET ip = '198.51.100.7'",
    ],
)
def test_the_database_itself_refuses_to_change_the_history(ada: int, change: str) -> None:
    with pytest.raises(DBAPIError, match="the history of consent is append only"), db.unit_of_work() as session:
        session.execute(sa.text(change))
    with db.reading() as session:
        assert count_proof(session, ada) == 3


def test_an_ip_address_alone_may_be_emptied(ada: int) -> None:
    with db.unit_of_work() as session:
        session.execute(sa.text("UPDATE consent_event SET ip = NULL"))
        assert [row.ip for row in proof_after(session, ada)] == ["", "", ""]


def test_no_code_updates_or_deletes_consent_but_the_erasure_of_ips() -> None:
    """Whoever names the table may insert into it and read it. Erasure alone empties, and its `ip` alone."""
    changing = {}
    for room in ("models", "jobs", "dashboard"):
        for file in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(file.read_text())
            if "migrations" not in file.parts and (found := _changes(tree)):
                changing[str(file.relative_to(ROOT))] = found
    assert changing == {}
    erasure = (ROOT / "models/erasure_traces.py").read_text()
    assert '_emptied(_event, {"ip": None})' in erasure
    assert erasure.count("_emptied(_event") == 1


def _changes(tree: ast.Module) -> list[str]:
    """Calls of update() or delete() on ConsentEvent, or on a name that stands for its table."""
    names = {"ConsentEvent", "table(ConsentEvent)"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            pairs = _pairs(node)
            names |= {name for name, value in pairs if value == "table(ConsentEvent)"}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    return [
        ast.unparse(call)
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in {"update", "delete"} and ast.unparse(call.args[0]) in names
    ]


def _pairs(node: ast.Assign) -> list[tuple[str, str]]:
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        return [(ast.unparse(t), ast.unparse(v)) for t, v in zip(target.elts, node.value.elts, strict=True)]
    return [(ast.unparse(target), ast.unparse(node.value))]


def test_a_duplicated_and_a_merged_list_note_the_opt_outs_they_take_over(ada: int, now: datetime) -> None:
    with db.unit_of_work() as session:
        opt_out(session, ada, [1], now, source="person", by=BY)
        other = factories.target_list(session, "Offers").id
    with db.pinned() as doors:
        copy = duplicate_list(doors, 1, "Copy", now, by=BY)
        merged = merge_lists(doors, [1], other, now, by=BY)
    assert (copy.opt_outs, merged.opt_outs) == (1, 1)
    with db.reading() as session:
        taken = [row for row in proof_after(session, ada) if row.source == "taken_over"]
    assert [(row.list_name, row.way, row.by) for row in taken] == [
        ("Copy", Consent.OUT, BY),
        ("Offers", Consent.OUT, BY),
    ]


def test_the_table_has_no_other_columns_than_the_triggers_know(database: Engine) -> None:
    """A new column must be decided on: who may change it?"""
    known = {"id", "address_id", "list_id", "way", "at", "source", "item_id", "ip", "by"}
    assert {column.name for column in ConsentEvent.__table__.columns} == known
