"""/v: the message as its person got it, on a page in which nothing runs."""

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from dashboard.public.site import PublicSite
from jobs.plans import load_plan
from models import db
from models.campaign import CampaignType
from models.email_template import TemplateVersion
from models.log_record import LogRecord
from models.person import load_persons
from models.queue_item import ItemState, QueueItem
from models.recipient import Recipient
from models.test_send import TestSend
from models.tracking import Purpose, make_token, own_keys
from tests import factories

HTML = (
    '<html><body><h1>Hello {Person.firstName}</h1><script>alert(1)</script><a href="https://example.com/x">x</a>'
    '<p><a href="{viewUrl}">In the browser</a> <a href="{optOutUrl}">No more</a></p></body></html>'
)


@pytest.fixture
def client(database: Engine) -> Iterator[TestClient]:
    with TestClient(PublicSite(), base_url="https://envoi.example", follow_redirects=False) as client:
        yield client


def send(html: str = HTML, *, store: bool = True, **campaign) -> bytes:
    """The bytes of what item 1 was sent; its values are stored when `store` says so."""
    with db.unit_of_work() as session:
        factories.smtp_account(session)
        ada = factories.recipient(session, "ada@example.com", language="fr")
        members = factories.target_list(session, "News", [ada])
        mail = factories.mass_email(
            session,
            members,
            in_campaign=factories.campaign(session, members, **campaign),
            version=factories.template(session, html, "News for {Person.firstName}"),
            store_sent_emails=store,
        )
        item = factories.queue_item(session, mail, ada, ItemState.SENT, sent_at=factories.NOW)
        plan = load_plan(session, mail.id, mail.version_id)
        values = plan.values(load_persons(session, [ada.id])[ada.id], item.id, factories.NOW)
        item.personal = values if store else None
        return plan.join(values)


def view(client: TestClient, purpose: Purpose = Purpose.CONSENT, number: int = 1):
    return client.get(f"/v/{make_token(own_keys(), purpose, number)}")


def change_person(**values) -> None:
    with db.unit_of_work() as session:
        person = session.get_one(Recipient, 1)
        for name, value in values.items():
            setattr(person, name, value)


def test_the_stored_values_give_what_was_sent_without_its_pixel(client: TestClient) -> None:
    sent = message_from_bytes(send(), policy=policy.default)
    change_person(first_name="Somebody else")
    answer = view(client)
    body = sent.get_body(("html",)).get_content()
    pixel = body[body.index("<img") : body.index(">", body.index("<img")) + 1]
    assert "/o/" in pixel
    assert answer.text == body.replace(pixel, "")
    assert "Hello Ada" in answer.text


def test_without_stored_values_it_is_made_anew_and_says_so_in_the_readers_language(client: TestClient) -> None:
    send(store=False)
    change_person(first_name="Augusta")
    page = view(client).text
    assert "Hello Augusta" in page
    assert "recomposé avec ce qui est connu aujourd’hui" in page


def test_when_the_frame_changed_since_it_is_made_anew(client: TestClient) -> None:
    send()
    with db.unit_of_work() as session:
        session.exec(select(TemplateVersion)).one().html = HTML.replace("Hello", "Good day")
    page = view(client).text
    assert "Good day Ada" in page
    assert "recomposé" in page


def test_nothing_runs_and_nobody_keeps_it(client: TestClient) -> None:
    send()
    headers = view(client).headers
    content = headers["content-security-policy"]
    assert "sandbox allow-popups" in content
    assert "allow-scripts" not in content
    assert "default-src 'none'" in content
    assert "script-src" not in content
    assert headers["cache-control"] == "no-store, private"
    assert headers["x-robots-tag"] == "noindex, nofollow"


def test_looking_is_neither_an_open_nor_a_click(client: TestClient) -> None:
    send()
    view(client)
    with db.reading() as session:
        assert session.exec(select(LogRecord)).all() == []
        assert session.exec(select(QueueItem.opened_at)).one() is None


def test_a_mail_of_text_alone_is_a_page_too(client: TestClient) -> None:
    send(store=False)
    with db.unit_of_work() as session:
        row = session.exec(select(TemplateVersion)).one()
        row.html, row.text = "", "Hello {Person.firstName} <b>"
    page = view(client).text
    assert "Hello Ada &lt;b&gt;" in page
    assert "<title>News for Ada</title>" in page


def test_an_informational_email_can_be_seen(client: TestClient) -> None:
    send(type=CampaignType.INFORMATIONAL)
    assert "Hello Ada" in view(client).text


def test_a_test_is_shown_as_its_person_got_it(client: TestClient) -> None:
    send()
    with db.unit_of_work() as session:
        item = session.exec(select(QueueItem)).one()
        told = {"mass_email_id": item.mass_email_id, "version_id": item.version_id, "at": factories.NOW}
        for recipient_id in (1, None):
            session.add(TestSend(address="me@example.com", recipient_id=recipient_id, **told))
            session.flush()
    assert "Hello Ada" in view(client, Purpose.TEST_CONSENT).text
    assert "<h1>Hello </h1>" in view(client, Purpose.TEST_CONSENT, 2).text


def test_of_a_person_who_is_no_longer_known_nothing_can_be_shown(client: TestClient) -> None:
    send(store=False)
    change_person(address_typed="", first_name="")
    answer = view(client)
    assert (answer.status_code, "ne peut plus être affiché" in answer.text) == (410, False)
    assert "can no longer be shown" in answer.text
