"""Recipients: what is kept of them, lists of them, their page, the archive."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db
from models.address import EVERYTHING, OptOut, Suppression, SuppressionReason, opt_out, suppress
from models.consent_proof import proof_page
from models.errors import Conflict, Invalid, NotFound
from models.recipient import (
    Kind,
    MailState,
    Recipient,
    archive_recipients,
    create_recipient,
    edit_recipient,
    fold,
    restore_recipients,
    words_of,
)
from models.recipient_filter import EXACT_UP_TO, RecipientFilter
from models.recipient_page import (
    Count,
    archive_matching,
    count_exactly,
    custom_field_names,
    get_recipient,
    recipient_page,
)
from tests import factories


def test_folding_leaves_small_letters_without_accents() -> None:
    assert fold("Élodie ŒUVRÉ Straße") == "elodie œuvre strasse"
    assert words_of("Jean-Luc O'Neill <jl_o@exemple.fr>") == ["jean", "luc", "o", "neill", "jl", "o", "exemple", "fr"]


def test_a_new_recipient_gets_a_name_an_address_row_and_its_sort_keys(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        account = create_recipient(session, {"kind": Kind.ACCOUNT, "company": "Ébène SARL"}, now)
        values = {"kind": Kind.CONTACT, "first_name": " Zoé ", "last_name": "Ångström", "address": " Zoe@MÜNCHEN.de "}
        values |= {"account_id": account, "language": "fr_fr", "time_zone": "Europe/Paris"}
        contact = create_recipient(session, values | {"fields": {"City": "Lyon", "empty": "", "age": 41}}, now)
        alone = create_recipient(session, {"kind": Kind.LEAD, "address": "lead@example.com"}, now)
    with db.reading() as session:
        row = session.get(Recipient, contact)
        assert (row.name, row.name_key, row.address_typed) == ("Zoé Ångström", "zoe angstrom", "Zoe@MÜNCHEN.de")
        assert (row.language, row.fields) == ("fr-FR", {"City": "Lyon", "age": 41})
        assert session.get(Recipient, account).name_key == "ebene sarl"
        assert session.get(Recipient, alone).name == "lead@example.com"
        detail = get_recipient(session, contact)
        assert (detail.row.account, detail.row.state, detail.revision) == ("Ébène SARL", MailState.CAN_BE_MAILED, 1)


@pytest.mark.parametrize(
    ("values", "field", "key"),
    [
        ({"kind": Kind.CONTACT}, "last_name", "recipient.who_required"),
        ({"kind": Kind.CONTACT, "address": "nowhere"}, "address", "address.no_at"),
        (
            {"kind": Kind.CONTACT, "last_name": "x", "first_name": "a\r\nBcc: b"},
            "first_name",
            "errors.control_character",
        ),
        ({"kind": Kind.CONTACT, "last_name": "x" * 101}, "last_name", "errors.too_long"),
        (
            {"kind": Kind.CONTACT, "last_name": "x", "time_zone": "Mars/Base"},
            "time_zone",
            "recipient.time_zone_unknown",
        ),
        ({"kind": Kind.CONTACT, "last_name": "x", "language": "français"}, "language", "recipient.language_unknown"),
        ({"kind": Kind.CONTACT, "last_name": "x", "account_id": 999}, "account_id", "recipient.account_unknown"),
        ({"kind": Kind.LEAD, "last_name": "x", "account_id": 999}, "account_id", "recipient.account_of_contact"),
        ({"kind": Kind.LEAD, "last_name": "x", "fields": {'a"b': "c"}}, "fields", "recipient.field_name"),
        ({"kind": Kind.LEAD, "last_name": "x", "fields": {"a": ["c"]}}, "fields", "recipient.field_value"),
        ({"kind": Kind.LEAD, "last_name": "x", "fields": {"a": "half \ud83d"}}, "fields", "recipient.field_value"),
        ({"kind": Kind.LEAD, "last_name": "x", "fields": {"a": float("inf")}}, "fields", "recipient.field_value"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(sqlite_database: Engine, now, values, field, key) -> None:
    with pytest.raises(Invalid) as error, db.unit_of_work() as session:
        create_recipient(session, values, now)
    assert error.value.problems[field].key == key


def test_an_edit_that_is_refused_changes_nothing(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        person = factories.recipient(session, "ada@example.com").id
        with pytest.raises(Invalid):
            edit_recipient(session, person, 1, {"last_name": "King", "address": "a@@b"}, now)
        with pytest.raises(Invalid):
            edit_recipient(session, person, 1, {"kind": Kind.LEAD}, now)
    with db.reading() as session:
        row = session.get(Recipient, person)
        assert (row.last_name, row.address_typed, row.revision) == ("Byron", "ada@example.com", 1)


def test_of_two_who_edit_the_second_is_told(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        person = factories.recipient(session, "ada@example.com").id
        edit_recipient(session, person, 1, {"last_name": "King"}, now)
        with pytest.raises(Conflict):
            edit_recipient(session, person, 1, {"last_name": "Queen"}, now)
        with pytest.raises(NotFound):
            edit_recipient(session, person + 1, 1, {}, now)
        assert recipient_page(session, RecipientFilter(text="king"))[1] == 1
        assert recipient_page(session, RecipientFilter(text="byron"))[1] == 0


def test_a_changed_address_clears_no_opt_out_and_no_suppression(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        person = factories.recipient(session, "ada@example.com")
        old = person.address_id
        opt_out(session, old, [EVERYTHING], now, source="page")
        suppress(session, old, SuppressionReason.COMPLAINT, now)
        edit_recipient(session, person.id, 1, {"address": "new@example.com"}, now)
        assert get_recipient(session, person.id).row.state is MailState.CAN_BE_MAILED
        assert session.get(OptOut, (old, EVERYTHING))
        assert session.exec(select(Suppression.address_id)).all() == [old]
        edit_recipient(session, person.id, 2, {"address": "ADA@example.com"}, now)
        assert get_recipient(session, person.id).row.state is MailState.SUPPRESSED
        edit_recipient(session, person.id, 3, {"address": ""}, now)
        assert get_recipient(session, person.id).row.state is MailState.NO_ADDRESS


def test_the_page_of_a_recipient_knows_lists_consent_suppressions_and_twins(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        person, twin = (factories.recipient(session, "ada@example.com", kind=k) for k in (Kind.CONTACT, Kind.LEAD))
        news = factories.target_list(session, "news", [person])
        offers = factories.target_list(session, "Offers")
        opt_out(session, person.address_id, [offers.id], now, source="page", item_id=5)
        suppress(session, person.address_id, SuppressionReason.HARD_BOUNCE, now, evidence="550")
        detail = get_recipient(session, person.id)
        assert [(x.id, x.member, x.opted_out) for x in detail.lists] == [
            (news.id, True, False),
            (offers.id, False, True),
        ]
        assert [row.evidence for row in detail.suppressions] == ["550"]
        assert [row.item_id for row in proof_page(session, detail.row.address_id)] == [5]
        assert [row.id for row in detail.twins] == [twin.id]
        assert not detail.opted_out_entirely
        with pytest.raises(NotFound):
            get_recipient(session, 12345)


def test_the_state_is_the_first_that_applies(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        people = {name: factories.recipient(session, last_name=name) for name in ("fine", "out", "held", "gone")}
        nowhere = factories.recipient(session, None, last_name="nowhere")
        opt_out(session, people["out"].address_id, [EVERYTHING], now, source="page")
        for name in ("held", "gone"):
            opt_out(session, people[name].address_id, [EVERYTHING], now, source="page")
            suppress(session, people[name].address_id, SuppressionReason.MANUAL, now)
        archive_recipients(session, [people["gone"].id], now)
        rows, total = recipient_page(session, RecipientFilter(archived=None), "created")
        assert total == 5
        assert {row.id: row.state for row in rows} == {
            people["fine"].id: MailState.CAN_BE_MAILED,
            people["out"].id: MailState.OPTED_OUT_ENTIRELY,
            people["held"].id: MailState.SUPPRESSED,
            people["gone"].id: MailState.ARCHIVED,
            nowhere.id: MailState.NO_ADDRESS,
        }
        for row in rows:  # the filter and the row say the same
            assert [r.id for r in recipient_page(session, RecipientFilter(state=row.state))[0]] == [row.id]


def test_lists_are_sorted_both_ways_and_paged(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        for number, (name, language) in enumerate([("Zoé", "fr"), ("élodie", "de"), ("Ada", "fr"), ("Émile", "")]):
            values = {"first_name": name, "last_name": "", "language": language}
            values["created_at"] = now + timedelta(minutes=number)
            factories.recipient(session, f"{9 - number}@example.com", **values)
    with db.reading() as session:
        names = {
            sort: [row.name for row in recipient_page(session, RecipientFilter(), sort)[0]]
            for sort in ("name", "-name", "address", "created", "-created", "language")
        }
        assert names["name"] == ["Ada", "élodie", "Émile", "Zoé"]
        assert names["-name"] == names["name"][::-1]
        assert names["address"] == ["Émile", "Ada", "élodie", "Zoé"]
        assert names["created"] == ["Zoé", "élodie", "Ada", "Émile"]
        assert names["-created"] == names["created"][::-1]
        assert names["language"] == ["Émile", "élodie", "Zoé", "Ada"]
        rows, total = recipient_page(session, RecipientFilter(), "name", page=2, size=3)
        assert ([row.name for row in rows], total, total.exact) == (["Zoé"], 4, True)
        assert [row.name for row in recipient_page(session, RecipientFilter(), "name", page=99, size=3)[0]] == ["Zoé"]


def test_a_search_finds_words_by_their_beginning_whatever_their_accents(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        factories.recipient(session, "e.marchand@exemple.fr", first_name="Élodie", last_name="Marchand")
        factories.recipient(session, "info@valmont.example", first_name="", last_name="", company="Imprimerie Valmont")
        found = {
            text: [row.name for row in recipient_page(session, RecipientFilter(text=text))[0]]
            for text in (
                "elo",
                "MARCHAND élodie",
                "valm",
                "exemple.fr",
                "E.Marchand@exemple.fr",
                "élodie e.m@x",
                "e.marchand@ex",
                "@exemple",
                "chand",
                "%",
                "' OR 1=1",
            )
        }
        assert found == {
            "elo": ["Élodie Marchand"],
            "MARCHAND élodie": ["Élodie Marchand"],
            "valm": ["Imprimerie Valmont"],
            "exemple.fr": ["Élodie Marchand"],
            "E.Marchand@exemple.fr": ["Élodie Marchand"],
            "élodie e.m@x": [],
            "e.marchand@ex": ["Élodie Marchand"],
            "@exemple": ["Élodie Marchand"],
            "chand": [],
            "%": [],
            "' OR 1=1": [],
        }


@pytest.mark.slow
def test_beyond_ten_thousand_the_count_is_bounded_and_every_page_in_order(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        factories.many_recipients(session, EXACT_UP_TO + 500)
    with db.reading() as session:
        everybody = RecipientFilter()
        rows, total = recipient_page(session, everybody, "name", page=2, size=25)
        assert (total, total.exact) == (EXACT_UP_TO, False)
        assert [row.name for row in rows] == [f"Person {n:06}" for n in range(25, 50)]
        assert count_exactly(session, everybody) == EXACT_UP_TO + 500
        rows, total = recipient_page(session, RecipientFilter(text="person", kind=Kind.CONTACT), "-created", size=3)
        assert (total.exact, [row.name for row in rows]) == (
            False,
            [f"Person {n:06}" for n in (10_499, 10_498, 10_497)],
        )
        rows, total = recipient_page(session, RecipientFilter(text="person 010499"))
        assert (total, [row.name for row in rows]) == (1, ["Person 010499"])


def test_the_count_is_a_number_that_knows_whether_it_is_exact() -> None:
    assert (Count(7), Count(7).exact) == (7, True)
    assert (Count(EXACT_UP_TO + 1), Count(EXACT_UP_TO + 1).exact) == (EXACT_UP_TO, False)


def test_the_archived_are_left_out_and_come_back(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(3)]
        ids = [person.id for person in people]
        assert archive_recipients(session, ids[:2], now) == 2
        assert archive_recipients(session, ids, now) == 1
        assert restore_recipients(session, ids[:1]) == 1
        assert [row.id for row in recipient_page(session, RecipientFilter())[0]] == ids[:1]
        assert recipient_page(session, RecipientFilter(archived=True))[1] == 2


def test_everybody_who_matches_is_archived_in_chunks(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        factories.many_recipients(session, 2_500)
        factories.recipient(session, kind=Kind.USER)
    seen = []
    with db.pinned() as doors:
        chosen = RecipientFilter(kind=Kind.CONTACT)
        assert archive_matching(doors, chosen, now, on_chunk=lambda done, total: seen.append((done, total))) == 2_500
        assert archive_matching(doors, chosen, now) == 0
    assert seen == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]
    with db.reading() as session:
        assert recipient_page(session, RecipientFilter())[1] == 1


def test_custom_fields_are_known_by_name(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        factories.recipient(session, fields={"City": "Lyon", "age": 3})
        factories.recipient(session, fields={"City": "Bron"})
        assert custom_field_names(session) == ["age", "City"]
