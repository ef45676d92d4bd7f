"""The public addresses, over HTTP, on both databases."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.testclient import TestClient

from dashboard.public.hits import PIXEL
from dashboard.public.site import PublicSite
from models import db, outbound_emails
from models.address import EVERYTHING, ConsentEvent, OptOut
from models.campaign import CampaignType
from models.log_record import Action, LogRecord, MachineReason, Visit
from models.mass_email import MassEmail
from models.queue_item import ItemState, QueueItem
from models.statistics import mass_email_figures, recount
from models.test_send import TestSend
from models.tracking import Purpose, Tracking, make_token, own_keys
from models.tracking_url import create_tracking_url, ensure_links, get_tracking_url
from models.webhook import create_webhook, get_key
from models.webhook_table import Provider
from tests import factories


@pytest.fixture
def client(database: Engine) -> Iterator[TestClient]:
    with TestClient(PublicSite(), base_url="https://envoi.example", follow_redirects=False) as client:
        yield client


def sent(language: str = "", **values) -> QueueItem:
    """A sent item of a mass email to the list Customers."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, "eleonore@example.com", language=language)
        members = factories.target_list(session, "Customers", [person])
        factories.smtp_account(session)
        mail = factories.mass_email(session, members, **values)
        ensure_links(session, mail.id, ["https://www.example.com/demo?a=1"])
        return factories.queue_item(session, mail, person, ItemState.SENT, list_id=members.id)


def token(purpose: Purpose, number: int) -> str:
    return make_token(own_keys(), purpose, number)


def logged() -> list[tuple[Action, MachineReason]]:
    with db.reading() as session:
        return [(row.action, row.machine) for row in session.exec(select(LogRecord).order_by(LogRecord.id))]


def opt_outs() -> list[int]:
    with db.reading() as session:
        return list(session.exec(select(OptOut.list_id)))


def test_the_pixel_is_a_gif_that_is_not_kept_and_logs_one_open(client: TestClient) -> None:
    address = f"/o/{token(Purpose.TRACK, sent().id)}.gif"
    answers = [client.get(address), client.get(address)]
    assert [answer.content for answer in answers] == [PIXEL, PIXEL]
    assert answers[0].headers["cache-control"] == "no-store, private"
    assert answers[0].headers["content-type"] == "image/gif"
    with db.reading() as session:
        assert session.exec(select(QueueItem.opened_at)).one() is not None
        assert [row.first for row in session.exec(select(LogRecord).order_by(LogRecord.id))] == [True, False]


def test_a_click_leads_to_the_stored_address_only_and_infers_the_open(client: TestClient) -> None:
    answer = client.get(f"/c/{token(Purpose.TRACK, sent().id)}/1?url=https://evil.example")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://www.example.com/demo?a=1")
    assert sorted(action for action, _ in logged()) == [Action.CLICKED, Action.OPENED]


def test_head_and_prefetch_are_kept_as_machine_events(client: TestClient) -> None:
    address = f"/c/{token(Purpose.TRACK, sent().id)}/1"
    client.head(address)
    client.get(address, headers={"Sec-Purpose": "prefetch;prerender"})
    assert logged() == [(Action.CLICKED, MachineReason.HEAD_REQUEST), (Action.CLICKED, MachineReason.PREFETCH)]
    with db.reading() as session:
        assert session.exec(select(QueueItem.clicked_at)).one() is None


def test_opening_the_opt_out_page_changes_nothing_and_its_button_does(client: TestClient) -> None:
    address = f"/u/{token(Purpose.CONSENT, sent(language='fr').id)}"
    page = client.get(address)
    assert page.status_code == 200
    assert "Ne plus recevoir ces emails" in page.text
    assert "e••••••e@example.com" in page.text
    assert "<script" not in page.text
    assert opt_outs() == []
    done = client.post(address)
    assert (done.status_code, "C’est fait." in done.text) == (200, True)
    assert opt_outs() == [1]
    assert logged() == [(Action.OPTED_OUT, MachineReason.HUMAN)]


def test_one_click_answers_200_without_cookie_or_redirect_and_twice_changes_nothing_more(client: TestClient) -> None:
    address = f"/u/{token(Purpose.CONSENT, sent(opt_out_entirely=True).id)}"
    for _ in range(2):
        assert client.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert opt_outs() == [EVERYTHING]
    with db.reading() as session:
        assert [event.source for event in session.exec(select(ConsentEvent))] == ["one_click"]


def test_subscribing_again_adds_to_the_history(client: TestClient) -> None:
    address = f"/u/{token(Purpose.CONSENT, sent().id)}"
    client.post(address)
    again = client.post(f"{address}/again")
    assert "Welcome back." in again.text
    assert opt_outs() == []
    with db.reading() as session:
        assert [event.way for event in session.exec(select(ConsentEvent).order_by(ConsentEvent.id))] == ["out", "in"]


@pytest.mark.parametrize("address", ["/o/{}.gif", "/c/{}/1", "/u/{}", "/p/{}", "/v/{}"])
@pytest.mark.parametrize("what", ["cut", "forged", "other purpose", "unknown item", "nothing"])
def test_a_bad_token_gets_a_plain_404_and_logs_nothing(client: TestClient, address: str, what: str) -> None:
    item_id = sent().id
    right = Purpose.TRACK if address.startswith(("/o", "/c")) else Purpose.CONSENT
    wrong = Purpose.TRACK if right is Purpose.CONSENT else Purpose.CONSENT
    good = token(right, item_id)
    bad = {
        "cut": good[:-1],
        "forged": good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1],
        "other purpose": token(wrong, item_id),
        "unknown item": token(right, item_id + 999),
        "nothing": "%00",
    }[what]
    assert client.get(address.format(bad)).status_code == 404
    assert client.post(address.format(bad)).status_code in {404, 405}
    assert logged() == []
    assert opt_outs() == []


@pytest.mark.parametrize("no", ["2", "-1", "x", "%C2%B2", "9" * 30, "9" * 5000])
@pytest.mark.parametrize("purpose", [Purpose.TRACK, Purpose.TEST_TRACK])
def test_a_link_number_that_the_mass_email_has_not_is_404(client: TestClient, purpose: Purpose, no: str) -> None:
    assert client.get(f"/c/{token(purpose, sent().id)}/{no}").status_code == 404
    assert logged() == []


def test_an_informational_email_has_no_opt_out_page(client: TestClient) -> None:
    with db.unit_of_work() as session:
        campaign = factories.campaign(session, type=CampaignType.INFORMATIONAL)
    address = f"/u/{token(Purpose.CONSENT, sent(in_campaign=campaign).id)}"
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert opt_outs() == []


def test_a_tests_page_says_so_and_changes_nothing(client: TestClient) -> None:
    item = sent()
    with db.unit_of_work() as session:
        test = TestSend(
            mass_email_id=item.mass_email_id, address="me@example.com", version_id=item.version_id, at=factories.NOW
        )
        session.add(test)
        session.flush()
        test_id = test.id
    address = f"/u/{token(Purpose.TEST_CONSENT, test_id)}"
    assert "belongs to a test email" in client.get(address).text
    assert "belongs to a test email" in client.post(address).text
    leads = client.get(f"/c/{token(Purpose.TEST_TRACK, test_id)}/1")
    assert leads.headers["location"] == "https://www.example.com/demo?a=1"
    assert client.get(f"/o/{token(Purpose.TEST_TRACK, test_id)}.gif").status_code == 200
    assert (opt_outs(), logged()) == ([], [])


def test_markup_in_a_list_name_is_shown_as_text(client: TestClient) -> None:
    item = sent()
    with db.unit_of_work() as session:
        session.get_one(type(factories.target_list(session)), 1).name = "<img src=x onerror=alert(1)>"
    page = client.get(f"/u/{token(Purpose.CONSENT, item.id)}").text
    assert "<img" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"])
@pytest.mark.parametrize("letter", "ocupv")
def test_another_method_than_those_of_an_address_is_405(client: TestClient, letter: str, method: str) -> None:
    if letter in "up" and method == "POST":
        return
    track = letter in "oc"
    mine = token(Purpose.TRACK if track else Purpose.CONSENT, sent().id)
    answer = client.request(method, f"/{letter}/{mine}{'/1' if letter == 'c' else ''}")
    assert (answer.status_code, "GET" in answer.headers["allow"]) == (405, True)
    assert logged() == []


def test_no_answer_is_kept_on_the_way_or_sets_a_cookie(client: TestClient) -> None:
    item, by = sent(), "someone@example.com"
    with db.unit_of_work() as session:
        told = {"name": "Thanks", "action": "show_message", "message": "**Thank** you, <b>Ada</b>"}
        campaign = session.get_one(MassEmail, item.mass_email_id).campaign_id
        url = create_tracking_url(session, campaign, told, factories.NOW, by)
        ensure_links(session, item.mass_email_id, [get_tracking_url(session, url).code])
    track, consent = token(Purpose.TRACK, item.id), token(Purpose.CONSENT, item.id)
    gets = [f"/o/{track}.gif", *(f"/c/{track}/{no}" for no in "012"), *(f"/{letter}/{consent}" for letter in "upv")]
    answers = [client.get(address) for address in [*gets, "/u/forged", "/c/forged/1"]]
    answers += [client.post(address) for address in (f"/u/{consent}", f"/u/{consent}/again", f"/p/{consent}")]
    assert [answer.status_code for answer in answers] == [200, 204, 302, 200, 200, 200, 200, 404, 404, 200, 200, 200]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store, private"}
    assert [answer.headers["set-cookie"] for answer in answers if "set-cookie" in answer.headers] == []
    message = client.get(f"/c/{track}/2").text
    assert "<strong>Thank</strong> you" in message
    assert "<b>Ada</b>" not in message


@pytest.mark.parametrize("letter", "upv")
def test_head_is_answered_like_get_and_changes_nothing(client: TestClient, letter: str) -> None:
    address = f"/{letter}/{token(Purpose.CONSENT, sent().id)}"
    answer = client.head(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store, private")
    assert (logged(), opt_outs()) == ([], [])


def test_head_at_the_pixel_is_a_machine(client: TestClient) -> None:
    assert client.head(f"/o/{token(Purpose.TRACK, sent().id)}.gif").status_code == 200
    assert logged() == [(Action.OPENED, MachineReason.HEAD_REQUEST)]


def test_the_link_that_no_person_sees_answers_nothing_and_is_kept(client: TestClient) -> None:
    assert client.get(f"/c/{token(Purpose.TRACK, sent().id)}/0").status_code == 204
    assert logged() == [(Action.CLICKED, MachineReason.HIDDEN_LINK)]


def test_anonymous_links_lead_on_and_only_counters_move(client: TestClient) -> None:
    mine = token(Purpose.MAILING_TRACK, sent(tracking=Tracking.ANONYMOUS).mass_email_id)
    assert client.get(f"/o/{mine}.gif").content == PIXEL
    assert client.get(f"/c/{mine}/1").headers["location"] == "https://www.example.com/demo?a=1"
    with db.reading() as session:
        figures = mass_email_figures(session, 1)
        assert (figures.open_hits, figures.click_hits, figures.opened) == (1, 1, 0)
        assert [one for one in recount(session) if one.action is not Action.SENT] == []
    assert logged() == []


def test_what_cannot_be_written_is_not_answered_as_if_it_were(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("", {}, Exception("database is locked"))

    monkeypatch.setattr("dashboard.public.hit_writer.record_hits", gone)
    mine = token(Purpose.TRACK, sent().id)
    for address in (f"/o/{mine}.gif", f"/c/{mine}/1"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_while_the_database_is_away_every_address_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    item = sent().id
    tracking, consent = token(Purpose.TRACK, item), token(Purpose.CONSENT, item)
    monkeypatch.setattr(db, "_current", db.connect("sqlite:////nowhere/at/all.sqlite"))
    gets = (f"/o/{tracking}.gif", f"/c/{tracking}/1", f"/u/{consent}", f"/p/{consent}", f"/v/{consent}", "/elsewhere")
    posts = (f"/u/{consent}", f"/u/{consent}/again", f"/p/{consent}", "/hooks/key")
    answers = [*map(client.get, gets), *map(client.post, posts)]
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "5")}


@pytest.mark.parametrize("body", ["x=" + "y" * 70_000, "x=1&" * 3_000])
def test_a_form_longer_than_any_of_ours_is_413_and_changes_nothing(client: TestClient, body: str) -> None:
    mine, form = token(Purpose.CONSENT, sent().id), {"content-type": "application/x-www-form-urlencoded"}
    for letter in "up":
        assert client.post(f"/{letter}/{mine}", content=body, headers=form).status_code == 413
    assert opt_outs() == []


def test_one_click_may_come_as_multipart(client: TestClient) -> None:
    address = f"/u/{token(Purpose.CONSENT, sent().id)}"
    client.post(address, files={"List-Unsubscribe": (None, "One-Click")})
    with db.reading() as session:
        assert [event.source for event in session.exec(select(ConsentEvent))] == ["one_click"]


def test_of_the_visitors_address_only_what_is_configured_is_kept(client: TestClient) -> None:
    item = sent()
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"ip_addresses": "none"}, factories.NOW, "someone")
    client.get(f"/o/{token(Purpose.TRACK, item.id)}.gif", headers={"User-Agent": "Reader"})
    client.post(f"/u/{token(Purpose.CONSENT, item.id)}")
    with db.reading() as session:
        assert session.exec(select(Visit.agent, Visit.ip)).first() == ("Reader", "")
        assert session.exec(select(ConsentEvent.ip)).all() == [None]


HOOK = ""
"""The key of the webhook that any_client makes."""
words = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["o", "c", "u", "p", "v", "hooks"]),
    st.one_of(st.none(), words),
    words,
    st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    st.dictionaries(st.sampled_from(["accept-language", "user-agent", "purpose", "content-type", "x-moz"]), words),
    st.binary(max_size=200),
)
def test_whatever_is_asked_gets_an_answer_that_is_no_error(
    any_client: TestClient, letter: str, name: str | None, rest: str, method: str, headers: dict[str, str], body: bytes
) -> None:
    """Random paths, methods, headers and bodies, half of them with a token or key of ours in front."""
    mine = HOOK if letter == "hooks" else token(Purpose.TRACK if letter in "oc" else Purpose.CONSENT, 1)
    path = f"/{letter}/{quote(mine if name is None else name, safe='')}/{quote(rest)}".rstrip("/")
    sent_headers = {key: value.encode("utf-8", "replace") for key, value in headers.items() if value.isprintable()}
    answer = any_client.request(method, path, headers=sent_headers, content=body if method == "POST" else None)
    assert answer.status_code in {200, 204, 302, 400, 404, 405, 410, 413}


@pytest.fixture
def any_client(sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    sent()
    with db.unit_of_work() as session:
        told = {"name": "Postmark", "provider": Provider.POSTMARK}
        hook = get_key(session, create_webhook(session, told, factories.NOW, by="someone@example.com"))
    monkeypatch.setattr("tests.dashboard.test_public.HOOK", hook)
    with TestClient(PublicSite(), base_url="https://envoi.example", follow_redirects=False) as client:
        yield client
