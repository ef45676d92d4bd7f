"""Placeholders and Liquid: what is known, what is text, what a person makes of it (D14)."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import db
from models.errors import Invalid
from models.placeholder import TemplateError, scan
from models.placeholder_picker import placeholder_choices
from models.recipient import Kind
from models.rendering import Person, Template, empty_names, load_persons, parse_template, scope_of
from tests import factories

ADA = Person(
    7,
    Kind.CONTACT,
    "ada@example.com",
    name="Ada Byron",
    first_name="Ada",
    last_name="Byron & <Co>",
    language="fr",
    time_zone="Europe/Paris",
    fields={"city": "Zürich", "visits": 3, "Job title": "Poet"},
    account={"name": "Analytical Engines", "city": "London"},
)


def rendered(source: str, person: Person = ADA, *, html: bool = True) -> str:
    return Template(source, html=html).render(scope_of(person, datetime(2026, 9, 8, 22, 30, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hi {Person.firstName}!", "Hi Ada!"),
        ("{Person.lastName}", "Byron &amp; &lt;Co&gt;"),
        ("{Contact.name}|{Lead.name}|{User.name}", "Ada Byron||"),
        ("{Account.name}, {Account.city}, {Account.none}", "Analytical Engines, London, "),
        ("{Person.city} {Person.visits}", "Zürich 3"),
        ("{today} / {now} / {currentYear}", "9 septembre 2026 / 9 septembre 2026 00:30 / 2026"),
        ("{color:red} { Person.firstName } {} {1} {a b}", "{color:red} { Person.firstName } {} {1} {a b}"),
        ("<style>a{color:red} .{Person.name}{{x}}</style>", "<style>a{color:red} .{Person.name}{{x}}</style>"),
        (
            "<!--[if mso]><style>*{x:y}</style>{Person.firstName}<![endif]-->",
            "<!--[if mso]><style>*{x:y}</style>Ada<![endif]-->",
        ),
        ('{{ Person.nick | default: "you & me" }}', "you & me"),
        ("{{ Person.lastName }}", "Byron &amp; &lt;Co&gt;"),
        ("{% if Person.city == 'Zürich' %}{Person.firstName}{% else %}no{% endif %}", "Ada"),
        ("{% for n in (1..3) %}{{ n }}{% endfor %}", "123"),
        ('{{ Person["Job title"] | upcase }}', "POET"),
        ('{{ today | date: "%Y-%m-%d" }} {{ "now" | date: "%H:%M" }}', "2026-09-09 00:30"),
        ("{% raw %}{{ Person.name }}{% endraw %}", "{{ Person.name }}"),
        ("{% assign who = Person.firstName %}{{ who }}", "Ada"),
        ("{% capture c %}" + "x" * 100 + "{% endcapture %}{{ c | size }}", "100"),
    ],
)
def test_a_source_says_for_a_person(source: str, expected: str):
    assert rendered(source) == expected


def test_text_is_not_escaped_and_knows_no_style():
    assert (
        rendered("{Person.lastName} <style>{Person.firstName}</style>", html=False) == "Byron & <Co> <style>Ada</style>"
    )


def test_a_long_literal_inside_of_liquid_is_kept_apart_and_comes_back():
    long = "a long sentence, " * 20
    template = Template(f"{{% if Person.name %}}{long}{{Person.firstName}}{{% endif %}}", html=True)
    (value,) = template.values(scope_of(ADA, factories.NOW))
    assert len(value) < 60
    assert template.passages == [long]
    assert template.whole(value) == long + "Ada"


@pytest.mark.parametrize(
    ("source", "line", "column", "key"),
    [
        ("<p>\n  {Person.fistName}", 2, 3, "template.unknown_placeholder_near"),
        ("{foo}", 1, 1, "template.unknown_placeholder"),
        ("{Persona.name}", 1, 1, "template.unknown_placeholder_near"),
        ("{Person}", 1, 1, "template.unknown_placeholder"),
        ("{optOutUrl.x}", 1, 1, "template.unknown_placeholder_near"),
        ("{opturl:55f2c87b09a220a78}", 1, 1, "template.unknown_placeholder"),
        ("{trackingUrl:xyz}", 1, 1, "template.tracking_code"),
        ("{trackingUrl}", 1, 1, "template.tracking_code"),
        ("{trackingUrl:55F2C87B09A220A78}", 1, 1, "template.tracking_code"),
        ("a\n{{ Person.foo }}", 2, 4, "template.unknown_placeholder"),
        ("{{ nobody }}", 1, 4, "template.unknown_placeholder"),
        ("{{ _track }}", 1, 4, "template.unknown_placeholder"),
        ("{% for x in Person %}{% endfor %}", 1, 13, "template.unknown_placeholder"),
        ("{{ Person.name | foo }}", 1, 18, "template.unknown_filter"),
        ("{{ Person.name | safe }}", 1, 18, "template.unknown_filter"),
        ("\n {{ Person.name", 2, 2, "template.unclosed"),
        ("{% if Person.name %}", 1, 21, "template.liquid"),
        ("{% include 'x' %}", 1, 4, "template.liquid"),
        ("{% render 'x' %}", 1, 4, "template.liquid"),
        ("<p>\n<script>1</script>", 2, 1, "template.script"),
        ("a\0", 1, 2, "errors.control_character"),
        ("\ud800", 1, 1, "errors.control_character"),
        ("x" * 1_000_001, 1, 1_000_001, "template.too_long"),
    ],
)
def test_a_fault_is_refused_with_line_and_column(source: str, line: int, column: int, key: str):
    with pytest.raises(Invalid) as refused:
        parse_template("Subject", source)
    problem = refused.value.problems["html"]
    assert (problem.key, problem.values["line"], problem.values["column"]) == (key, line, column)


def test_each_part_has_its_own_fault():
    with pytest.raises(Invalid) as refused:
        parse_template("{x}", "{y}", "{z}")
    assert set(refused.value.problems) == {"subject", "html", "text"}
    with pytest.raises(Invalid) as refused:
        parse_template("two\nlines", "")
    assert set(refused.value.problems) == {"subject"}


def test_what_a_template_names_is_told():
    parsed = parse_template(
        "{Person.firstName}",
        '<a href="{trackingUrl:55f2c87b09a220a78}">{Person.city}</a> {{ Contact.name }} {optOutUrl}',
        fields=["city"],
    )
    assert parsed.names == ("Person.firstName", "Person.city", "optOutUrl", "Contact.name")
    assert parsed.tracking_codes == ("55f2c87b09a220a78",)
    assert parsed.uses_liquid
    assert parsed.has_opt_out


def test_structured_data_is_no_script():
    assert parse_template("s", '<script type="application/ld+json">{"@type": "Event"}</script>').names == ()


def test_a_field_that_does_not_apply_is_empty_and_counted():
    parsed = parse_template("s", "{Person.firstName} {Lead.name} {Person.company} {Account.name}")
    assert empty_names(parsed, ADA) == ["Lead.name", "Person.company"]


@pytest.mark.parametrize(
    "bomb",
    [
        "{% for a in (1..1000000000) %}x{% endfor %}",
        "{% for a in (1..900) %}{% for b in (1..900) %}x{% endfor %}{% endfor %}",
        '{% assign a = "xxxxxxxxxxxxxxxx" %}{% for i in (1..900) %}{% assign a = a | append: a %}{% endfor %}',
        '{{ "' + "a" * 1000 + '"' + ' | replace: "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"' * 5 + " }}",
        "{{ (1..2000000000) | join }}",
        "{{ (1..1000000000000000000000000000) | reverse }}",
        '{% assign a = "' + "x" * 9000 + '" %}{{ a | split: "" | join: a }}',
        '{% assign a = "'
        + "x" * 9000
        + '" | split: "," %}'
        + "{% for i in (1..15) %}{% assign a = a | concat: a %}{% endfor %}{{ a }}",
        "{% assign n = 9 %}{% for i in (1..20) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
        "{{ Person.visits | divided_by: 0 }}",
        "{% break %}",
    ],
)
def test_liquid_that_would_not_end_fails_that_person_quickly(bomb: str):
    template, started = Template(bomb, html=True), time.monotonic()
    with pytest.raises(Invalid):
        template.render(scope_of(ADA, factories.NOW))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("source", ["{{ Person.city | round }}", '{{ Person.city | date: "%Y" }}'])
@pytest.mark.parametrize("value", ["nan", "inf", "99999999999999999999", "9" * 5000, "-1e999"])
def test_a_number_that_is_none_fails_that_person_and_never_the_mailing(source: str, value: str):
    with suppress(Invalid):
        rendered(source, Person(1, Kind.LEAD, "a@b.example", fields={"city": value}))


@pytest.mark.parametrize("piece", ["{{", "<!--", "<style>", "{% raw %}", "{a", "{Person.firstName}", "<script", "{%"])
def test_scanning_a_megabyte_of_openers_takes_no_time(piece: str):
    source, started = piece * (1_000_000 // len(piece)), time.monotonic()
    with suppress(TemplateError):
        list(scan(source, html=True))
    assert time.monotonic() - started < 5


@given(st.text(alphabet="{}%<>!-/ \nabPerson.firstNamestyle:|'\"", max_size=80))
def test_any_source_is_taken_or_refused_with_a_place(source: str):
    fault = None
    try:
        parse_template("s", source, fields=None)
    except Invalid as invalid:
        fault = invalid.problems["html"]
    assert fault is None or 1 <= fault.values["line"] <= source.count("\n") + 1


@given(value=st.text(max_size=60))
def test_a_value_is_never_markup(value: str):
    person = Person(1, Kind.LEAD, "a@b.example", first_name=value)
    for source in ("{Person.firstName}", "{{ Person.firstName }}", "{% if true %}{Person.firstName}{% endif %}"):
        assert not set("<>\"'") & set(rendered(source, person))


def test_an_unknown_language_reads_english_and_zones_come_from_the_mailing():
    person = Person(1, Kind.LEAD, "a@b.example", language="xx-YY")
    scope = scope_of(person, datetime(2026, 12, 31, 23, 30, tzinfo=UTC), zone="Asia/Tokyo")
    assert (scope["today"], scope["currentYear"]) == ("January 1, 2027", "2027")


def test_persons_are_read_with_their_account_in_one_query(database):
    with db.unit_of_work() as session:
        account = factories.recipient(
            session, kind=Kind.ACCOUNT, name="Engines", first_name="", last_name="", fields={"city": "London"}
        )
        person = factories.recipient(session, "Ada@Example.com", account_id=account.id, fields={"city": "Paris"})
        alone = factories.recipient(session, None, kind=Kind.LEAD, company="Acme", fields={})
    with db.reading() as session:
        found = load_persons(session, [person.id, alone.id, 10**9])
    assert set(found) == {person.id, alone.id}
    assert rendered(
        "{Contact.firstName} {Person.emailAddress} {Account.name} {Account.city} {Person.city}", found[person.id]
    ) == ("Ada Ada@Example.com Engines London Paris")
    assert rendered("{Account.name} {Lead.accountName} {Contact.name}", found[alone.id]) == "Acme Acme "


def test_the_picker_says_for_how_many_a_placeholder_is_filled(database):
    with db.unit_of_work() as session:
        factories.recipient(session, fields={"city": "Paris", "Job title": "Poet"})
        factories.recipient(session, first_name="", last_name="Curie")
        factories.recipient(session, kind=Kind.LEAD)
        factories.recipient(session, archived_at=factories.NOW + timedelta(days=1), fields={"gone": "x"})
    with db.reading() as session:
        shares = {choice.code: choice.filled for choice in placeholder_choices(session)}
    assert shares["{Person.firstName}"] == pytest.approx(2 / 3)
    assert shares["{Contact.firstName}"] == 0.5
    assert shares["{Contact.city}"] == 0.5
    assert shares['{{ Contact["Job title"] }}'] == 0.5
    assert shares["{User.name}"] is None
    assert shares["{optOutUrl}"] is None
    assert "{Person.gone}" not in shares
