"""/p: every list of an address, and "everything", over HTTP."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from dashboard.public import page
from dashboard.public.site import PublicSite
from models import db
from models.address import EVERYTHING, ConsentEvent, OptOut, opt_out
from models.log_record import Action, LogRecord
from models.queue_item import ItemState
from models.statistics import recount
from models.tracking import Purpose, make_token, own_keys
from tests import factories


@pytest.fixture
def client(database: Engine) -> Iterator[TestClient]:
    with TestClient(PublicSite(), base_url="https://envoi.example", follow_redirects=False) as client:
        yield client


@pytest.fixture
def lists(client: TestClient) -> dict[str, int]:
    """Ada's lists, by name: the one she was mailed by, others she is in, with and without a public name, one she is not
    in, one that is deleted."""
    with db.unit_of_work() as session:
        ada = factories.recipient(session, "ada@example.com", language="en")
        twin = factories.recipient(session, "ada@example.com", company="The twin")
        eve = factories.recipient(session, "eve@example.com")
        made = {
            "News": factories.target_list(session, "News", [ada]),
            "Events": factories.target_list(session, "events 2026 (internal)", [twin]),
            "Who pays late": factories.target_list(session, "Who pays late", [ada]),
            "Others": factories.target_list(session, "Others", [eve]),
            "Gone": factories.target_list(session, "Gone", [ada]),
        }
        made["Events"].public_name = "Events"
        made["Others"].public_name = "Others"
        made["Gone"].public_name, made["Gone"].deleted_at = "Gone", factories.NOW
        mail = factories.mass_email(session, made["News"])
        factories.queue_item(session, mail, ada, ItemState.SENT, list_id=made["News"].id)
    return {name: row.id for name, row in made.items()}


def page_of(client: TestClient) -> str:
    return client.get(address()).text


def address() -> str:
    return f"/p/{make_token(own_keys(), Purpose.CONSENT, 1)}"


def switches(html: str) -> dict[str, bool]:
    found = re.findall(r'role="switch" name="list" value="(\d+)"( checked)?><span>([^<]+)</span>', html)
    return {name: bool(checked) for _, checked, name in found}


def declined() -> set[int]:
    with db.reading() as session:
        return set(session.exec(select(OptOut.list_id)))


def save(client: TestClient, offered: list[int], wanted: list[int]) -> str:
    answer = client.post(address(), data={"offered": list(map(str, offered)), "list": list(map(str, wanted))})
    assert answer.status_code == 200
    with db.reading() as session:
        assert [one for one in recount(session) if one.action is not Action.SENT] == []
    return answer.text


def log() -> list[Action]:
    with db.reading() as session:
        return list(session.exec(select(LogRecord.action).order_by(LogRecord.id)))


def test_it_shows_the_lists_of_the_address_and_none_that_is_the_houses_own(client: TestClient, lists) -> None:
    html = page_of(client)
    assert switches(html) == {"Events": True, "News": True}
    assert "a•••a@example.com" in html
    assert "<script" not in html
    assert declined() == set()


def test_lists_are_left_and_taken_one_by_one_with_proof(client: TestClient, lists) -> None:
    offered = [lists["News"], lists["Events"]]
    html = save(client, offered, [lists["News"]])
    assert ("Saved." in html, switches(html)) == (True, {"Events": False, "News": True})
    assert declined() == {lists["Events"]}
    save(client, offered, offered)
    assert declined() == set()
    with db.reading() as session:
        events = session.exec(select(ConsentEvent).order_by(ConsentEvent.id)).all()
    assert [(e.way, e.list_id, e.source, e.item_id) for e in events] == [
        ("out", lists["Events"], "preferences", 1),
        ("in", lists["Events"], "preferences", 1),
    ]
    assert log() == [Action.OPTED_OUT, Action.OPTED_IN]


def test_saving_what_is_already_so_changes_and_logs_nothing(client: TestClient, lists) -> None:
    offered = [lists["News"], lists["Events"]]
    save(client, offered, offered)
    assert (declined(), log()) == (set(), [])


def test_a_list_that_the_page_did_not_offer_is_not_decided_by_it(client: TestClient, lists) -> None:
    save(client, [lists["News"]], [])
    assert declined() == {lists["News"]}


def test_a_list_that_is_not_the_addresss_own_cannot_be_touched(client: TestClient, lists) -> None:
    save(client, [lists["Others"], lists["Who pays late"], EVERYTHING, 999, -1], [])
    assert declined() == set()


def test_everything_stops_and_starts_again_and_each_choice_is_kept(client: TestClient, lists) -> None:
    save(client, [lists["Events"]], [])
    html = client.post(address(), data={"stop": "1"}).text
    assert "You get no emails from us at all." in html
    assert switches(html) == {"Events": False, "News": False}
    assert declined() == {EVERYTHING, lists["Events"]}
    html = client.post(address(), data={"start": "1"}).text
    assert switches(html) == {"Events": False, "News": True}
    assert declined() == {lists["Events"]}


def test_who_gets_nothing_and_takes_one_list_gets_that_one_alone(client: TestClient, lists) -> None:
    client.post(address(), data={"stop": "1"})
    offered = [lists["News"], lists["Events"]]
    save(client, offered, [])
    assert declined() == {EVERYTHING}, "nothing was taken, so nothing is decided"
    save(client, offered, [lists["Events"]])
    assert declined() == {lists["News"]}


def test_a_list_declined_without_being_a_member_is_offered_to_be_taken_again(client: TestClient, lists) -> None:
    with db.unit_of_work() as session:
        opt_out(session, 1, [lists["Others"]], factories.NOW, source="import")
    assert switches(page_of(client)) == {"Events": True, "News": True, "Others": False}


def test_the_opt_out_page_leads_there_before_and_after(client: TestClient, lists) -> None:
    way = f'href="{address()}"'
    opt_out_page = address().replace("/p/", "/u/")
    assert way in client.get(opt_out_page).text
    assert way in client.post(opt_out_page).text


@pytest.mark.parametrize(("company", "title"), [("", "Saved."), ("Maison Tilleul", "Saved. · Maison Tilleul")])
def test_a_page_without_a_senders_name_shows_no_empty_sign(company: str, title: str) -> None:
    brand = page.Brand(company, "#1f5f4a", "")
    drawn = bytes(page.document(brand, "en", "Saved.").body).decode()
    assert f"<title>{title}</title>" in drawn
    assert ('class="brand"' in drawn) is bool(company)
