"""Addresses: the normal form, providers, consent."""

from datetime import datetime, timedelta

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func
from sqlmodel import select

from models import db
from models.address import (
    _PROVIDERS,
    EVERYTHING,
    Address,
    Consent,
    Domain,
    OptOut,
    _is_plain,
    intern_addresses,
    normal_form,
    opt_in,
    opt_out,
    provider_of,
)
from models.consent_proof import proof_page
from models.errors import Invalid
from models.target_list import TargetList
from tests import factories


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.Byron@Example.COM\n", "ada.byron@example.com"),
        ("o'hara+news@exemple.fr", "o'hara+news@exemple.fr"),
        ("zoé@exemple.fr", "zoé@exemple.fr"),
        ("info@MÜNCHEN.de", "info@xn--mnchen-3ya.de"),
        ("info@xn--mnchen-3ya.de", "info@xn--mnchen-3ya.de"),
        ("用户@例子.公司", "用户@xn--fsqu00a.xn--55qx5d"),
        (f"{'a' * 64}@{'b' * 63}.com", f"{'a' * 64}@{'b' * 63}.com"),
    ],
)
def test_normal_form_is_trimmed_lower_cased_and_ascii_in_its_domain(typed: str, normal: str) -> None:
    assert normal_form(typed) == normal
    assert normal_form(normal) == normal


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "address.empty"),
        ("   ", "address.empty"),
        ("ada@example.com\r\nBcc: bob@example.com", "errors.control_character"),
        ("ada\x00@example.com", "errors.control_character"),
        ("ada\u2028@example.com", "errors.control_character"),
        (f"{'a' * 390}@b.com", "address.too_long"),
        (f"{'a' * 65}@example.com", "address.local_too_long"),
        ("Ada <ada@example.com>", "address.with_name"),
        ("ada@example.com, bob@example.com", "address.several"),
        ("ada@@example.com", "address.two_ats"),
        ("ada byron@example.com", "address.space"),
        ("ada.example.com", "address.no_at"),
        ("@example.com", "address.nothing_before"),
        ("ada@", "address.nothing_after"),
        ("ada..byron@example.com", "address.two_dots"),
        ("ada@example..com", "address.two_dots"),
        ("ada.@example.com", "address.dot_at_edge"),
        ("ada@localhost", "address.no_dot"),
        ("ada@com.", "address.no_dot"),
        ("ada@shop.local", "address.reserved"),
        ("ada@-example.com", "address.malformed"),
        ("ada@exa_mple.com", "address.malformed"),
        ("ada@192.0.2.1", "address.malformed"),
        ("\ud800@example.com", "address.malformed"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_in_particular(typed: str, key: str) -> None:
    with pytest.raises(Invalid) as error:
        normal_form(typed)
    assert error.value.problems["address"].key == key


_word = st.text("abz09-_'+", min_size=1, max_size=12)


@given(st.lists(_word, min_size=1, max_size=3), st.lists(_word, min_size=2, max_size=4))
def test_the_quick_check_takes_only_what_the_validator_takes_as_it_stands(local: list[str], domain: list[str]) -> None:
    address = f"{'.'.join(local)}@{'.'.join(domain)}"
    if _is_plain(address):
        assert validate_email(address, check_deliverability=False).normalized == address


def test_providers_are_at_most_thirty_names_and_know_the_countries() -> None:
    known = {"gmail.com": "Gmail", "hotmail.fr": "Outlook", "yahoo.co.uk": "Yahoo", "wanadoo.fr": "Orange"}
    known |= {"free.fr": "Free", "laposte.net": "La Poste", "gmx.de": "GMX", "web.de": "Web.de", "example.com": "other"}
    assert {domain: provider_of(domain) for domain in known} == known
    assert len(_PROVIDERS) <= 30


def test_interning_makes_each_address_and_domain_once(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        old = factories.address(session, "old@example.com").id
        first = intern_addresses(session, ["old@example.com", "new@gmail.com", "new@gmail.com"], now)
        again = intern_addresses(session, ["new@gmail.com", "third@gmail.com"], now)
        assert first["old@example.com"] == old
        assert again["new@gmail.com"] == first["new@gmail.com"]
        assert session.exec(select(func.count()).select_from(Address)).one() == 3
        providers = session.exec(select(Domain.name, Domain.provider).order_by(Domain.name)).all()
        assert [tuple(row) for row in providers] == [("example.com", "other"), ("gmail.com", "Gmail")]


def test_interning_takes_more_addresses_than_a_statement_holds(database: Engine, now: datetime) -> None:
    normals = [f"p{number}@d{number % 7}.example" for number in range(4_500)]
    with db.unit_of_work() as session:
        ids = intern_addresses(session, normals, now)
    assert len(set(ids.values())) == 4_500


def test_opting_out_counts_once_and_keeps_the_history(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        address = factories.address(session, "ada@example.com").id
        news, offers = (factories.target_list(session, name).id for name in ("News", "Offers"))
    with db.unit_of_work(durable=True) as session:
        assert opt_out(session, address, [news, offers, news], now, source="page", item_id=7, ip="192.0.2.0") == 2
        assert opt_out(session, address, [news], now, source="one-click") == 0
        later = now + timedelta(hours=1)
        assert opt_in(session, address, [news, EVERYTHING], later, source="page", by="ada@example.com") == 1
        assert opt_out(session, address, [EVERYTHING], later, source="page") == 1
    with db.reading() as session:
        counts = dict(session.exec(select(TargetList.name, TargetList.opted_out_count)).all())
        assert counts == {"News": 0, "Offers": 1}
        held = session.exec(select(OptOut.list_id).where(OptOut.address_id == address)).all()
        assert sorted(held) == [EVERYTHING, offers]
        history = [(row.way, row.list_name, row.item_id) for row in proof_page(session, address)]
        assert history == [
            (Consent.OUT, "", None),
            (Consent.IN, "News", None),
            (Consent.OUT, "Offers", 7),
            (Consent.OUT, "News", 7),
        ]
        newest = proof_page(session, address, limit=2)
        assert [row.list_name for row in proof_page(session, address, before=newest[-1].id)] == ["Offers", "News"]
