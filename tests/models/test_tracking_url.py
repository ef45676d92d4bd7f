"""Tracking URLs, the links of a mass email, and where they lead."""

import re

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from models import db
from models.audit import Audit
from models.column_types import table
from models.errors import Conflict, Invalid, NotFound, Refused
from models.tracking_url import (
    Destination,
    TrackingAction,
    TrackingUrl,
    codes_in,
    create_tracking_url,
    delete_tracking_url,
    edit_tracking_url,
    ensure_links,
    find_destination,
    foreign_codes,
    get_tracking_url,
    tracking_url_page,
    url_problem,
)
from tests import factories
from tests.factories import NOW

BY = "ada@example.com"
DEMO = "https://www.example.com/demo?a=1&b=2#top"


def make(session: Session, campaign_id: int, **values) -> int:
    return create_tracking_url(session, campaign_id, {"name": "Demo", "url": DEMO, **values}, NOW, BY)


def test_a_code_has_17_hexadecimal_digits_and_is_pasted_as_a_placeholder(database: Engine) -> None:
    with db.unit_of_work() as session:
        campaign = factories.campaign(session).id
        rows = [get_tracking_url(session, make(session, campaign)) for _ in range(3)]
    assert len({row.code for row in rows}) == 3
    for row in rows:
        assert re.fullmatch(r"[0-9a-f]{17}", row.code)
        assert row.placeholder == f"{{trackingUrl:{row.code}}}"
        assert codes_in(f'<a href="{row.placeholder}">') == {row.code}


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://exemple.fr/é?q=ü", None),
        ("HTTP://[2001:db8::1]:8080/", None),
        ("", "errors.required"),
        ("www.example.com", "tracking_url.not_a_url"),
        ("javascript:alert(1)", "tracking_url.not_a_url"),
        ("data:text/html,x", "tracking_url.not_a_url"),
        ("//example.com", "tracking_url.not_a_url"),
        ("https://", "tracking_url.not_a_url"),
        ("https://[::1", "tracking_url.not_a_url"),
        ("https://example.com:99999", "tracking_url.not_a_url"),
        ("https://example.com/\r\nSet-Cookie: a", "tracking_url.forbidden_sign"),
        ("https://example.com/a b", "tracking_url.forbidden_sign"),
        ('https://example.com/"><script>', "tracking_url.forbidden_sign"),
        ("https:\\\\example.com", "tracking_url.forbidden_sign"),
        ("https://example.com/" + "a" * 2048, "errors.too_long"),
    ],
)
def test_only_whole_web_addresses_are_destinations(url: str, key: str | None) -> None:
    problem = url_problem(url)
    assert (problem and problem.key) == key


def test_what_is_wrong_is_said_beside_the_field(database: Engine) -> None:
    with db.unit_of_work() as session:
        campaign = factories.campaign(session).id
        with pytest.raises(Invalid) as invalid:
            make(session, campaign, name="a\nb", url="ftp://example.com")
        assert set(invalid.value.problems) == {"name", "url"}
        with pytest.raises(Invalid) as invalid:
            make(session, campaign, action="show_message", message=" ")
        assert set(invalid.value.problems) == {"message"}
        with pytest.raises(Invalid) as invalid:
            make(session, campaign, action="explode")
        assert set(invalid.value.problems) == {"action"}
        with pytest.raises(NotFound):
            make(session, campaign + 1)


def test_a_corrected_destination_leads_mail_that_went_out_and_is_kept_in_the_trail(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session))
        url_id = make(session, mail.campaign_id)
        code = get_tracking_url(session, url_id).code
        no = ensure_links(session, mail.id, [code])[code]
        edit_tracking_url(session, url_id, 1, {"url": "https://example.com/new"}, NOW, BY)
        found = find_destination(session, mail.id, no)
        assert found == Destination(found.link_id, TrackingAction.REDIRECT, "https://example.com/new", "", url_id)
        trail = session.execute(select(Audit).where(table(Audit).c.act == "tracking_url.edited")).scalars().one()
        assert trail.detail == {"url": [DEMO, "https://example.com/new"]}
        assert get_tracking_url(session, url_id).code == code


def test_the_second_editor_is_told_who_was_first(database: Engine) -> None:
    with db.unit_of_work() as session:
        url_id = make(session, factories.campaign(session).id)
        edit_tracking_url(session, url_id, 1, {"name": "First"}, NOW, "grace@example.com")
        with pytest.raises(Conflict, match=r"grace@example\.com changed this meanwhile"):
            edit_tracking_url(session, url_id, 1, {"name": "Second"}, NOW, BY)
        assert get_tracking_url(session, url_id).name == "First"


def test_deleted_it_is_gone_unless_mail_links_it(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session))
        used, unused = make(session, mail.campaign_id), make(session, mail.campaign_id)
        code = get_tracking_url(session, used).code
        ensure_links(session, mail.id, [code])
        for url_id in (used, unused):
            delete_tracking_url(session, url_id, NOW, BY)
        assert tracking_url_page(session) == ([], 0)
        assert [row.id for row in session.execute(select(TrackingUrl)).scalars()] == [used]
        assert find_destination(session, mail.id, 1).url == DEMO
        assert foreign_codes(session, mail.campaign_id, f"{{trackingUrl:{code}}}") == [code]
        with pytest.raises(NotFound):
            delete_tracking_url(session, used, NOW, BY)


def test_a_link_keeps_its_number_for_ever(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session))
        other = factories.mass_email(session, factories.target_list(session), in_campaign=factories.campaign(session))
        code = get_tracking_url(session, make(session, mail.campaign_id)).code
        assert ensure_links(session, mail.id, ["https://a.example/", code]) == {"https://a.example/": 1, code: 2}
        again = ensure_links(session, mail.id, ["https://b.example/", code, "https://a.example/", code])
        assert again == {"https://b.example/": 3, code: 2, "https://a.example/": 1}
        assert ensure_links(session, other.id, ["https://b.example/"]) == {"https://b.example/": 1}
        with pytest.raises(Refused):
            ensure_links(session, other.id, [code])
        assert find_destination(session, other.id, 2) is None
        assert find_destination(session, mail.id, 3).url == "https://b.example/"
        assert (tracking_url_page(session)[0][0].mass_emails, tracking_url_page(session)[0][0].clicked) == (1, 0)


def test_a_message_is_a_destination_too(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session))
        url_id = make(session, mail.campaign_id, action="show_message", url="", message="**Thank you**")
        code = get_tracking_url(session, url_id).code
        found = find_destination(session, mail.id, ensure_links(session, mail.id, [code])[code])
        assert (found.action, found.message) == (TrackingAction.SHOW_MESSAGE, "**Thank you**")


def test_the_list_searches_sorts_and_pages(database: Engine) -> None:
    with db.unit_of_work() as session:
        one, two = factories.campaign(session, name="Spring").id, factories.campaign(session, name="Autumn").id
        for name, campaign in (("beta", one), ("Alpha", one), ("50% off", two)):
            make(session, campaign, name=name, url=f"https://example.com/{name[0]}")
        names = lambda **how: [row.name for row in tracking_url_page(session, **how)[0]]  # noqa: E731
        assert names() == ["50% off", "Alpha", "beta"]
        assert names(sort="-name", size=2) == ["beta", "Alpha"]
        assert names(sort="-name", size=2, page=2) == ["50% off"]
        assert names(text="spring") == ["Alpha", "beta"]
        assert names(text="%") == ["50% off"]
        assert names(campaign_id=two) == ["50% off"]
        assert tracking_url_page(session, text="example.com", size=1)[1] == 3


def test_codes_in_style_and_script_are_text() -> None:
    code = "{trackingUrl:55f2c87b09a220a78}"
    assert codes_in(f"<style>a{code}</style><script>{code}</script>") == set()
    assert codes_in(f"<STYLE>a</STYLE >{code}", "{trackingUrl:55f2}") == {"55f2c87b09a220a78"}
