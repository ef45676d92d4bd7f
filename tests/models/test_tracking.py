"""Tokens: what opens what, and what opens nothing (D17)."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import tracking
from models.settings import settings
from models.tracking import MOST_ID, Keys, Purpose, make_token, read_token

KEYS = Keys(1, {1: b"first"})
ALL = tuple(Purpose)
URL_SAFE = set(string.ascii_letters + string.digits + "-_")


@given(purpose=st.sampled_from(Purpose), number=st.integers(0, MOST_ID))
def test_a_token_gives_back_its_purpose_and_id_in_both_spellings(purpose: Purpose, number: int):
    token = make_token(KEYS, purpose, number)
    assert len(token) == 22
    assert set(token) <= URL_SAFE
    assert read_token(token, *ALL, keys=KEYS) == (purpose, number)
    short = tracking.to_base32(token)
    assert len(short) == 26
    assert tracking.from_base32(short) == tracking.from_base32(short.upper()) == token


def test_a_token_has_this_form_for_ever():
    """Mail that has left carries it: when this fails, every link in it is dead."""
    assert make_token(KEYS, Purpose.CONSENT, 1234567) == "AQIAAAAS1oe6tcvXi-beXA"


def test_a_token_opens_only_its_own_purpose():
    track = make_token(KEYS, Purpose.TRACK, 7)
    assert read_token(track, Purpose.CONSENT, keys=KEYS) is None
    assert read_token(track, Purpose.TRACK, Purpose.TEST_TRACK, keys=KEYS) == (Purpose.TRACK, 7)
    assert read_token(track, keys=KEYS) is None


def test_old_key_versions_stay_valid_for_checking():
    old = make_token(KEYS, Purpose.TRACK, 7)
    ring = Keys(2, {1: b"first", 2: b"second"})
    assert read_token(old, *ALL, keys=ring) == (Purpose.TRACK, 7)
    new = make_token(ring, Purpose.TRACK, 7)
    assert new != old
    assert read_token(new, *ALL, keys=KEYS) is None


def test_a_token_of_another_installation_opens_nothing():
    assert read_token(make_token(KEYS, Purpose.TRACK, 7), *ALL, keys=Keys(1, {1: b"other"})) is None


def test_every_single_changed_character_is_refused():
    token = make_token(KEYS, Purpose.TRACK, 7)
    for place in range(len(token)):
        for other in URL_SAFE - {token[place]}:
            assert read_token(token[:place] + other + token[place + 1 :], *ALL, keys=KEYS) is None


@pytest.mark.parametrize(
    "wrong", ["", "x", "A" * 21, "A" * 22, "A" * 23, "é" * 22, "=" * 22, "A" * 20 + "\n\n", "+/" * 11]
)
def test_a_cut_or_foreign_token_is_none(wrong: str):
    assert read_token(wrong, *ALL, keys=KEYS) is None


@given(st.text(max_size=30))
def test_any_text_is_read_without_an_error(text: str):
    assert read_token(text, *ALL, keys=KEYS) is None
    token = tracking.from_base32(text)
    assert token is None or read_token(token, *ALL, keys=KEYS) is None


def test_the_ring_of_this_installation_is_the_default():
    token = make_token(settings().secret(), Purpose.TRACK, 7)
    assert read_token(token, Purpose.TRACK) == (Purpose.TRACK, 7)
    assert read_token(make_token(KEYS, Purpose.TRACK, 7), Purpose.TRACK) is None


def test_an_id_beyond_48_bits_is_an_error():
    with pytest.raises(OverflowError):
        make_token(KEYS, Purpose.TRACK, MOST_ID + 1)


@pytest.mark.parametrize(("current", "secrets"), [(2, {1: b"a"}), (256, {256: b"a"})])
def test_a_ring_without_its_current_key_or_with_a_wide_version_is_refused(current: int, secrets: dict[int, bytes]):
    with pytest.raises(ValueError):
        Keys(current, secrets)


def test_the_ring_does_not_show_its_secrets():
    assert "first" not in repr(KEYS)


def test_addresses_join_the_site_url_with_or_without_a_slash():
    for site in ("https://mail.example", "https://mail.example/"):
        assert tracking.pixel_url(site, "T") == "https://mail.example/o/T.gif"
        assert tracking.click_url(site, "T", 3) == "https://mail.example/c/T/3"
        assert tracking.opt_out_url(site, "T") == "https://mail.example/u/T"
        assert tracking.preferences_url(site, "T") == "https://mail.example/p/T"
        assert tracking.view_url(site, "T") == "https://mail.example/v/T"
