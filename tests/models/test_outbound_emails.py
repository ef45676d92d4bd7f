"""Outbound Emails: defaults, what is refused beside the field, the audit, and the warning about the site URL."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db, outbound_emails
from models.audit import Audit
from models.catalogue import WORDS
from models.errors import Invalid
from models.outbound_emails import OutboundEmails, change, read, site_url_warning
from models.settings import settings
from tests import factories

NOW, BY = factories.NOW, "admin@example.com"


def test_the_defaults_are_those_of_the_product(database: Engine) -> None:
    with db.reading() as session:
        assert read(session) == OutboundEmails()
        assert (read(session).portion_size, read(session).max_per_hour, read(session).max_per_minute) == (
            200,
            1000,
            None,
        )


def test_the_first_site_url_comes_from_the_environment(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVOI_SITE_URL", "https://mail.example.com/")
    settings.cache_clear()
    with db.unit_of_work() as session:
        assert read(session).site_url == "https://mail.example.com"
        assert change(session, {"site_url": ""}, NOW, BY).site_url == ""


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("portion_size", "50", 50),
        ("max_per_hour", 10, 10),
        ("max_per_minute", "30", 30),
        ("max_per_minute", "", None),
        ("max_per_minute", None, None),
        ("mandatory_opt_out_link", "false", False),
        ("mandatory_opt_out_link", False, False),
        ("opt_out_entirely_by_default", "on", True),
        ("site_url", " https://mail.example.com/envoi/ ", "https://mail.example.com/envoi"),
        ("from_address", "News@Example.com", "News@Example.com"),
        ("from_address", "", ""),
        ("from_name", " L’Atelier ", "L’Atelier"),
        ("brand_color", "#ABCDEF", "#abcdef"),
        ("time_zone", "Europe/Paris", "Europe/Paris"),
        ("language", "fr", "fr"),
        ("stop_wait_seconds", "0", 0),
    ],
)
def test_what_is_typed_is_taken(database: Engine, key: str, typed: object, value: object) -> None:
    with db.unit_of_work() as session:
        assert getattr(change(session, {key: typed}, NOW, BY), key) == value
    with db.reading() as session:
        assert getattr(read(session), key) == value


@pytest.mark.parametrize(
    ("key", "typed", "problem"),
    [
        ("portion_size", "0", "errors.at_least"),
        ("portion_size", "-1", "errors.at_least"),
        ("portion_size", "", "errors.required"),
        ("portion_size", "ten", "errors.not_a_number"),
        ("portion_size", True, "errors.required"),
        ("portion_size", "99999999999", "errors.at_most"),
        ("max_per_hour", None, "errors.not_a_number"),
        ("max_per_minute", "0", "errors.at_least"),
        ("mandatory_opt_out_link", "perhaps", "errors.unknown_choice"),
        ("site_url", "mail.example.com", "outbound_emails.not_a_site_url"),
        ("site_url", "ftp://mail.example.com", "outbound_emails.not_a_site_url"),
        ("site_url", "https://user@mail.example.com", "outbound_emails.not_a_site_url"),
        ("site_url", "https://mail.example.com/?x=1", "outbound_emails.not_a_site_url"),
        ("site_url", "https://mail.example.com:port", "outbound_emails.not_a_site_url"),
        ("site_url", 'https://mail.example.com/"><script>', "outbound_emails.not_a_site_url"),
        ("from_name", "A\r\nBcc: x@example.com", "errors.control_character"),
        ("brand_color", "green", "outbound_emails.not_a_color"),
        ("time_zone", "Mars/Olympus", "errors.unknown_choice"),
        ("language", "de", "errors.unknown_choice"),
        ("no_such", "1", "outbound_emails.unknown"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(database: Engine, key: str, typed: object, problem: str) -> None:
    with db.unit_of_work() as session, pytest.raises(Invalid) as refused:
        change(session, {"portion_size": 7, key: typed}, NOW, BY)
    assert [(field, found.key) for field, found in refused.value.problems.items()] == [(key, problem)]
    with db.reading() as session:
        assert read(session) == OutboundEmails()
        assert session.exec(select(Audit)).all() == []


def test_a_change_is_audited_with_before_and_after_and_no_change_is_not(database: Engine) -> None:
    with db.unit_of_work() as session:
        change(session, {"portion_size": 50, "max_per_hour": 1000}, NOW, BY)
        change(session, {"portion_size": 50}, NOW, BY)
    with db.reading() as session:
        entry = session.exec(select(Audit)).one()
    assert (entry.by, entry.act, entry.detail) == (BY, "outbound_emails.changed", {"portion_size": [200, 50]})


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", "outbound_emails.site_url_unset"),
        ("http://localhost:3000", "outbound_emails.site_url_local"),
        ("https://127.0.0.1", "outbound_emails.site_url_local"),
        ("https://192.168.1.5", "outbound_emails.site_url_local"),
        ("https://172.20.0.1", "outbound_emails.site_url_local"),
        ("https://[::1]:3000", "outbound_emails.site_url_local"),
        ("https://envoi", "outbound_emails.site_url_local"),
        ("https://mail.lan", "outbound_emails.site_url_local"),
        ("http://mail.example.com", "outbound_emails.site_url_not_https"),
        ("https://mail.example.com", None),
        ("https://172.67.1.1", None),
        ("https://10.example.com", None),
    ],
)
def test_the_warning_says_why_links_would_be_dead(url: str, key: str | None) -> None:
    warning = site_url_warning(url)
    assert (warning.key if warning else None) == key
    assert warning is None or warning.key in WORDS


def test_what_the_installation_notes_for_itself_is_no_setting(database: Engine) -> None:
    with db.unit_of_work() as session:
        assert outbound_emails.recall(session, "installation") is None
        outbound_emails.remember(session, "installation", "abc")
        outbound_emails.remember(session, "portion_size", 3)
        assert outbound_emails.recall(session, "installation") == "abc"
        assert read(session).portion_size == 200
