"""How a mass email is followed, from the form to the mail, from the mail over HTTP to the figures."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from dashboard.public.site import PublicSite
from jobs.compose import as_read
from jobs.plans import load_plan
from models import db
from models.log_record import Action, LogRecord, Visit
from models.mass_email import create_mass_email
from models.mass_email_page import get_mass_email
from models.person import load_persons
from models.queue_item import ItemState
from models.statistics import Figures, mass_email_figures, recount
from models.tracking import Tracking
from models.tracking_url import create_tracking_url, get_tracking_url
from tests import factories
from tests.factories import NOW

BY = "someone@example.com"


@pytest.fixture
def client(database: Engine) -> Iterator[TestClient]:
    with TestClient(PublicSite(), base_url="https://envoi.example", follow_redirects=False) as client:
        yield client


def mails(tracking: Tracking) -> list[str]:
    """The HTML that two people get of a mass email that follows so: an own link and one by a tracking URL."""
    with db.unit_of_work() as session:
        factories.smtp_account(session)
        people = [factories.recipient(session) for _ in range(2)]
        campaign = factories.campaign(session, factories.target_list(session, "News", people))
        values = {"name": "Demo", "url": "https://example.com/demo"}
        code = get_tracking_url(session, create_tracking_url(session, campaign.id, values, NOW, BY)).placeholder
        html = f'<body><a href="https://example.com/own">own</a> <a href="{code}">demo</a></body>'
        template = factories.template(session, html).template_id
        mail_id = create_mass_email(
            session, campaign.id, {"template": template, "tracking": tracking.value}, NOW, BY, confirm=True
        )
        mail = session.get_one(factories.MassEmail, mail_id)
        items = [factories.queue_item(session, mail, person, ItemState.SENT, sent_at=NOW) for person in people]
        plan = load_plan(session, mail_id, mail.version_id)
        known = load_persons(session, [person.id for person in people])
        return [as_read(plan.message(known[item.recipient_id], item.id, NOW)).html for item in items]


def follow(client: TestClient, html: str) -> list[str]:
    """Load the pixel, then follow each tracked link; where the links lead."""
    for pixel in re.findall(r'src="([^"]*/o/[^"]*)"', html):
        assert client.get(urlsplit(pixel).path).status_code == 200
    links = re.findall(r'href="([^"]*/c/[^"]*)"', html)
    return [client.get(urlsplit(link).path).headers["location"] for link in links]


def figures() -> Figures:
    with db.reading() as session:
        assert [one for one in recount(session) if one.action is not Action.SENT] == []
        return mass_email_figures(session, 1)


def test_person_by_person_everybody_has_links_of_their_own(client: TestClient) -> None:
    first, second = mails(Tracking.INDIVIDUAL)
    assert not set(re.findall(r"/c/[^\"]*", first)) & set(re.findall(r"/c/[^\"]*", second))
    assert follow(client, first)[:1] == ["https://example.com/own"]
    assert figures().opened == 1


def test_anonymously_the_mails_are_alike_and_only_totals_are_known(client: TestClient) -> None:
    both = mails(Tracking.ANONYMOUS)
    assert re.findall(r"/[oc]/[^\"]*", both[0]) == re.findall(r"/[oc]/[^\"]*", both[1])
    for html in both:
        assert follow(client, html) == ["https://example.com/own", "https://example.com/demo"]
    found = figures()
    assert (found.opened, found.open_hits, found.clicked, found.click_hits) == (0, 2, 0, 4)
    assert found.rate("opened") is None
    with db.reading() as session:
        assert session.exec(select(LogRecord)).all() == []
        assert session.exec(select(Visit)).all() == []
        row = get_mass_email(session, 1).row
        assert (row.track_opens, row.track_links) == (False, False), "pages say that people are not known"


def test_not_at_all_leaves_the_tracking_url_alone_and_counts_nothing(client: TestClient) -> None:
    for html in mails(Tracking.NONE):
        assert "/o/" not in html
        assert 'href="https://example.com/own"' in html
        assert follow(client, html) == ["https://example.com/demo"]
    assert (figures().open_hits, figures().click_hits) == (0, 0)
