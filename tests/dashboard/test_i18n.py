"""Two languages: numbers, dates and sentences as each is written, and no key without both."""

import re
import string
from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.i18n import format, say, tr, tr_with
from models.catalogue import FORMS, WORDS

NOW = datetime(2026, 9, 8, 11, 46, 8, tzinfo=UTC)
PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("shown", "english", "french"),
    [
        (lambda lang: format.count(lang, 31904), "31,904", "31\u202f904"),
        (lambda lang: format.count(lang, None), "–", "–"),
        (lambda lang: format.loss(lang, 1904), "\u22121,904", "\u22121\u202f904"),
        (lambda lang: format.loss(lang, 0), "0", "0"),
        (lambda lang: format.percent(lang, 360, 1000), "36.0%", "36,0\u202f%"),
        (lambda lang: format.percent(lang, 19, 10_000), "0.19%", "0,19\u202f%"),
        (lambda lang: format.percent(lang, 0, 10), "0.0%", "0,0\u202f%"),
        (lambda lang: format.percent(lang, 1, 0), "–", "–"),
        (lambda lang: format.percent(lang, None, 10), "–", "–"),
        (lambda lang: format.day(lang, date(2026, 9, 8)), "8 Sep 2026", "8 sept. 2026"),
        (
            lambda lang: format.span(lang, date(2026, 9, 1), date(2026, 9, 30)),
            "1 Sep – 30 Sep 2026",
            "1 – 30 sept. 2026",
        ),
        (
            lambda lang: format.span(lang, date(2026, 6, 24), date(2026, 7, 2)),
            "24 Jun – 2 Jul 2026",
            "24 juin – 2 juil. 2026",
        ),
        (lambda lang: format.span(lang, date(2026, 9, 8), None), "8 Sep 2026", "8 sept. 2026"),
        (lambda lang: format.span(lang, None, None), "–", "–"),
        (lambda lang: format.moment(lang, PARIS, NOW, NOW), "13:46:08", "13:46:08"),
        (
            lambda lang: format.moment(lang, PARIS, NOW - timedelta(days=1), NOW),
            "7 Sep 2026, 13:46",
            "7 sept. 2026, 13:46",
        ),
        (lambda lang: format.full_moment(lang, PARIS, NOW), "8 Sep 2026, 13:46:08 CEST", "8 sept. 2026, 13:46:08 CEST"),
        (lambda lang: format.duration(lang, timedelta(minutes=3, seconds=48)), "3 min 48 s", "3 min 48 s"),
        (lambda lang: format.duration(lang, timedelta(hours=2, minutes=45, seconds=9)), "2 h 45 min", "2 h 45 min"),
        (lambda lang: format.duration(lang, timedelta(days=1)), "1 d", "1 j"),
        (lambda lang: format.duration(lang, timedelta(seconds=0.6)), "0.6 s", "0,6 s"),
        (lambda lang: format.money(lang, 123456), "€1,234.56", "1\u202f234,56\u00a0€"),
        (lambda lang: format.size(lang, 31 * 1024), "31 KB", "31\u202fko"),
    ],
)
def test_numbers_and_times_read_as_each_language_writes_them(shown, english, french):
    assert (shown("en"), shown("fr")) == (english, french)


def test_today_is_the_viewers_day_not_the_servers():
    midnight = datetime(2026, 9, 8, 22, 30, tzinfo=UTC)  # already the 9th in Paris
    assert format.moment("en", PARIS, midnight, NOW) == "9 Sep 2026, 00:30"
    assert format.moment("en", "UTC", midnight, NOW) == "22:30:00"


def test_the_zone_is_named_with_its_present_short_name():
    assert format.zone_name(PARIS, NOW) == "Europe/Paris (CEST)"
    assert format.zone_name("UTC", NOW) == "UTC"


@pytest.mark.parametrize(
    ("language", "count", "sentence"),
    [
        ("en", 1, "1 campaign deleted"),
        ("en", 1284, "1,284 campaigns deleted"),
        ("en", 0, "0 campaigns deleted"),
        ("fr", 0, "0 campagne supprimée"),
        ("fr", 1284, "1\u202f284 campagnes supprimées"),
    ],
)
def test_a_sentence_chooses_its_plural_and_groups_its_number(language, count, sentence):
    assert say(language, "campaigns.deleted", count=count) == sentence


def test_a_sentence_of_a_page_follows_the_viewers_language():
    drawn = str(tr("campaigns.create"))
    assert "prefs" in drawn
    assert "Create campaign" in drawn
    assert "une campagne" in drawn


def test_a_word_that_is_the_same_in_both_languages_needs_no_state():
    assert str(tr("shell.french")) == '"Fran\\u00e7ais"'


def test_an_unknown_key_fails_when_the_page_is_built():
    with pytest.raises(KeyError, match=r"campaigns\.nothing"):
        tr("campaigns.nothing")
    with pytest.raises(KeyError):
        tr_with("keys.go", wrong="x")


def values_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_hold_the_same_values_and_the_same_number_of_forms():
    for key, (english, french) in WORDS.items():
        assert values_of(english) == values_of(french), key
        assert len(english.split(FORMS)) == len(french.split(FORMS)), key


def test_french_puts_the_right_space_before_its_marks():
    loose = re.compile(r"(?<=[^\s\u00a0\u202f])[?!;](?=\s|$)|[ ][?!;%:](?=\s|$)|'")
    wrong = {key: french for key, (_, french) in WORDS.items() if loose.search(french)}
    kit = {
        key: text
        for key, text in wrong.items()
        if key.split(".")[0] in {"ui", "nav", "shell", "list", "form", "campaigns"}
    }
    assert kit == {}
