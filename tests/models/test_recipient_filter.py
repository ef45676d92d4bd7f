"""The recipient filter: whom each condition finds, groups, and its JSON."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from models import db
from models.address import EVERYTHING, SuppressionReason, opt_out, suppress
from models.column_types import table
from models.errors import Invalid
from models.filter_json import MAX_CONDITIONS, MAX_DEPTH, filter_from_json, filter_to_json
from models.queue_table import ItemState
from models.recipient import Kind, MailState, Recipient
from models.recipient_filter import Did, Engagement, FieldRule, RecipientFilter, Test
from models.recipient_page import SORTS, page_of_ids
from models.target_list import Source
from tests import factories


def found(session, chosen: RecipientFilter) -> str:
    """The first names of those found: the same ones by an index and on a walk along each sort."""
    r = table(Recipient)
    ids, total = page_of_ids(session, chosen, "name", 1, 100)
    for sort in SORTS:
        assert sorted(session.scalars(select(r.c.id).where(*chosen.walking(sort)))) == sorted(ids)
    assert sorted(session.scalars(chosen.ids())) == sorted(ids)
    assert len(ids) == total
    return "".join(session.scalars(select(r.c.first_name).where(r.c.id.in_(ids)).order_by(r.c.first_name)))


def person(session, name: str, **values):
    return factories.recipient(session, values.pop("typed", ""), first_name=name, last_name="", **values)


@pytest.fixture
def people(database: Engine, now: datetime):
    """a, b, c in list 1 (c opted out of it); d and e not; e is archived; f has no address."""
    with db.unit_of_work() as session:
        a = person(session, "a", typed="a@gmail.com", language="fr", fields={"City": "Lyon", "n": 12})
        b = person(
            session, "b", kind=Kind.LEAD, language="fr", fields={"City": "LYON 3e"}, created_at=now + timedelta(days=1)
        )
        c = person(session, "c", kind=Kind.ACCOUNT, language="de", company="100% Bois_Sec")
        d = person(session, "d", account_id=c.id)
        e = person(session, "e", archived_at=now)
        f = person(session, "f", typed=None)
        first = factories.target_list(session, "first", [a, b, c])
        opt_out(session, c.address_id, [first.id], now, source="page")
        opt_out(session, d.address_id, [EVERYTHING], now, source="page")
        suppress(session, b.address_id, SuppressionReason.MANUAL, now)
        mail = factories.mass_email(session, first)
        opened = {"sent_at": now, "opened_at": now + timedelta(hours=1)}
        factories.queue_item(session, mail, a, ItemState.SENT, **opened, clicked_at=now + timedelta(hours=2))
        factories.queue_item(session, mail, c, ItemState.SENT, **opened)
        factories.queue_item(session, mail, d, ItemState.FAILED, bounced=True)
    return {"list": first.id, "account": c.id, "mail": mail.id, "campaign": mail.campaign_id, "f": f, "e": e}


NOW = datetime(2026, 9, 8, 11, 46, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
CITY = "fields.City"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ("abcdf", RecipientFilter()),
        ("abcdef", RecipientFilter(archived=None)),
        ("e", RecipientFilter(archived=True)),
        ("e", RecipientFilter(state=MailState.ARCHIVED)),
        ("b", RecipientFilter(kind=Kind.LEAD)),
        ("ab", RecipientFilter(language="fr")),
        ("cdf", RecipientFilter(none_of=(RecipientFilter(language="fr"),))),
        ("b", RecipientFilter(language="fr", kind=Kind.LEAD, text="b")),
        ("b", RecipientFilter(created_from=NOW + HOUR)),
        ("acdf", RecipientFilter(created_to=NOW + HOUR)),
        ("f", RecipientFilter(state=MailState.NO_ADDRESS)),
        ("b", RecipientFilter(state=MailState.SUPPRESSED)),
        ("d", RecipientFilter(state=MailState.OPTED_OUT_ENTIRELY)),
        ("ac", RecipientFilter(state=MailState.CAN_BE_MAILED)),
        ("a", RecipientFilter(fields=(FieldRule(CITY, Test.IS, "lyon"),))),
        ("ab", RecipientFilter(fields=(FieldRule(CITY, Test.BEGINS, "Ly"),))),
        ("b", RecipientFilter(fields=(FieldRule(CITY, Test.CONTAINS, "3E"),))),
        ("ab", RecipientFilter(fields=(FieldRule(CITY, Test.FILLED),))),
        ("cdf", RecipientFilter(fields=(FieldRule(CITY, Test.EMPTY),))),
        ("bcdf", RecipientFilter(fields=(FieldRule(CITY, Test.IS_NOT, "Lyon"),))),
        ("a", RecipientFilter(fields=(FieldRule("fields.n", Test.IS, "12"),))),
        ("c", RecipientFilter(fields=(FieldRule("company", Test.CONTAINS, "0% b"),))),
        ("c", RecipientFilter(fields=(FieldRule("company", Test.CONTAINS, "s_s"),))),
        ("", RecipientFilter(fields=(FieldRule("company", Test.CONTAINS, "1__%"),))),
        ("a", RecipientFilter(fields=(FieldRule("domain", Test.IS, "gmail.com"),))),
        ("d", RecipientFilter(fields=(FieldRule("account", Test.FILLED),))),
        ("ac", RecipientFilter(engagement=(Engagement(Did.MAILED),))),
        ("ac", RecipientFilter(engagement=(Engagement(Did.OPENED, since=NOW + HOUR, until=NOW + 2 * HOUR),))),
        ("", RecipientFilter(engagement=(Engagement(Did.OPENED, since=NOW + 2 * HOUR),))),
        ("", RecipientFilter(engagement=(Engagement(Did.OPENED, until=NOW + HOUR),))),
        ("c", RecipientFilter(engagement=(Engagement(Did.OPENED), Engagement(Did.CLICKED, never=True)))),
        ("d", RecipientFilter(engagement=(Engagement(Did.BOUNCED),))),
        ("ab", RecipientFilter(any_of=(RecipientFilter(kind=Kind.LEAD), RecipientFilter(text="gmail")))),
        (
            "a",
            RecipientFilter(
                all_of=(
                    RecipientFilter(any_of=(RecipientFilter(language="fr"), RecipientFilter(language="de"))),
                    RecipientFilter(any_of=(RecipientFilter(kind=Kind.CONTACT), RecipientFilter(kind=Kind.USER))),
                )
            ),
        ),
        ("cdf", RecipientFilter(none_of=(RecipientFilter(language="fr"), RecipientFilter(kind=Kind.USER)))),
    ],
    ids=str,
)
def test_a_condition_finds_whom_it_says(people, names: str, chosen: RecipientFilter) -> None:
    with db.reading() as session:
        assert found(session, chosen) == names


def test_conditions_of_lists_and_mails_find_whom_they_say(people) -> None:
    here = RecipientFilter(in_list=people["list"])
    of_mail = Engagement(Did.OPENED, mass_email_id=people["mail"], campaign_id=people["campaign"])
    cases = [
        ("abc", here),
        ("ab", replace(here, language="fr")),
        ("bc", replace(here, text="b")),
        ("df", RecipientFilter(not_in_list=people["list"])),
        ("c", replace(here, state=MailState.OPTED_OUT)),
        ("a", replace(here, state=MailState.CAN_BE_MAILED)),
        ("abc", replace(here, added_by=Source.SELECT)),
        ("", replace(here, added_by=Source.IMPORT)),
        ("d", RecipientFilter(account_id=people["account"])),
        ("ac", RecipientFilter(engagement=(of_mail,))),
        ("", RecipientFilter(engagement=(replace(of_mail, mass_email_id=people["mail"] + 1),))),
        ("", RecipientFilter(engagement=(replace(of_mail, campaign_id=people["campaign"] + 1),))),
        ("bdf", RecipientFilter(engagement=(replace(of_mail, never=True),))),
        ("abcd", RecipientFilter(any_of=(here, RecipientFilter(text="d")))),
    ]
    with db.reading() as session:
        assert [found(session, chosen) for _, chosen in cases] == [names for names, _ in cases]


def test_a_filter_goes_to_json_and_back() -> None:
    chosen = RecipientFilter(
        text="élodie",
        kind=Kind.LEAD,
        in_list=3,
        state=MailState.OPTED_OUT,
        created_from=NOW,
        archived=None,
        fields=(FieldRule(CITY, Test.BEGINS, "Ly"),),
        engagement=(Engagement(Did.CLICKED, never=True, since=NOW, mass_email_id=4),),
        any_of=(RecipientFilter(language="fr"), RecipientFilter(none_of=(RecipientFilter(kind=Kind.USER),))),
    )
    plain = filter_to_json(chosen)
    assert plain["any_of"] == [{"language": "fr"}, {"none_of": [{"kind": "user"}]}]
    assert filter_from_json(plain) == chosen
    assert filter_to_json(RecipientFilter()) == {}


def nested(depth: int) -> dict[str, object]:
    return {"any_of": [nested(depth - 1)]} if depth else {"text": "x"}


@pytest.mark.parametrize(
    ("plain", "place", "key"),
    [
        ([], "", "filter.not_an_object"),
        ({"sql": "1=1"}, "sql", "filter.unknown_key"),
        ({"any_of": [{"kind": "dog"}]}, "any_of.0.kind", "filter.value"),
        ({"in_list": "x"}, "in_list", "filter.value"),
        ({"created_from": "2026-01-01T00:00:00"}, "created_from", "filter.moment"),
        ({"created_from": "2026-01-02T00:00:00Z", "created_to": "2026-01-01T00:00:00Z"}, "created_to", "filter.range"),
        ({"fields": [{"field": "password"}]}, "fields.0.field", "filter.unknown_field"),
        ({"fields": [{"field": 'fields.a"b'}]}, "fields.0.field", "filter.unknown_field"),
        ({"fields": [{"test": "is"}]}, "fields.0.field", "errors.required"),
        ({"engagement": [{"did": "slept"}]}, "engagement.0.did", "filter.value"),
        ({"state": "opted_out"}, "in_list", "filter.needs_list"),
        (nested(MAX_DEPTH), "", "filter.too_deep"),
        ({"any_of": [{"text": "x"}] * (MAX_CONDITIONS + 1)}, "", "filter.too_many"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_filter_is_refused_with_its_place(plain: object, place: str, key: str) -> None:
    with pytest.raises(Invalid) as error:
        filter_from_json(plain)
    assert {where: problem.key for where, problem in error.value.problems.items()} == {place: key}
    assert error.value.problems[place].text("fr")
