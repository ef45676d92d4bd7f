"""Target lists: acts, lists of them, entries, long work in chunks, opt-outs that go along."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func
from sqlmodel import select

from models import db
from models.address import EVERYTHING, ConsentEvent, SuppressionReason, opt_out, suppress
from models.errors import Conflict, Invalid, NotFound, Refused
from models.log_table import Action, EventSource, LogRecord
from models.mass_email import MassEmailStatus
from models.membership import (
    add_members,
    duplicate_list,
    entry_page,
    list_figures,
    merge_lists,
    opt_in_entries,
    opt_out_entries,
    opted_out_page,
    remove_members,
)
from models.recipient import Kind, MailState, archive_recipients
from models.recipient_filter import RecipientFilter
from models.selection import CHUNK
from models.target_list import Membership, Source, TargetList, create_list, edit_list
from models.target_list_page import delete_list, get_list, goes_with, list_choices, list_page
from tests import factories


def members(session, list_id: int) -> list[int]:
    return sorted(session.exec(select(Membership.recipient_id).where(Membership.list_id == list_id)).all())


def counts(list_id: int) -> tuple[int, int]:
    with db.reading() as session:
        row = get_list(session, list_id)
        return row.entry_count, row.opted_out_count


def test_a_list_is_made_edited_and_deleted(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        made = create_list(session, {"name": " Clients ", "description": "two\nlines"}, now)
        edit_list(session, made, 1, {"name": "Clients actifs"})
        with pytest.raises(Conflict):
            edit_list(session, made, 1, {"name": "x"})
        row = get_list(session, made)
        assert (row.name, row.description, row.revision) == ("Clients actifs", "two\nlines", 2)
        delete_list(session, made, now)
        for act in (lambda: get_list(session, made), lambda: delete_list(session, made, now)):
            with pytest.raises(NotFound):
                act()
        assert list_page(session) == ([], 0)


@pytest.mark.parametrize(
    ("values", "field", "key"),
    [
        ({}, "name", "errors.required"),
        ({"name": "  "}, "name", "errors.required"),
        ({"name": "a\nb"}, "name", "errors.control_character"),
        ({"name": "x" * 201}, "name", "errors.too_long"),
        ({"name": "x", "description": "a\0"}, "description", "errors.control_character"),
    ],
)
def test_a_list_needs_a_sound_name(sqlite_database: Engine, now: datetime, values, field: str, key: str) -> None:
    with pytest.raises(Invalid) as error, db.unit_of_work() as session:
        create_list(session, values, now)
    assert error.value.problems[field].key == key


def test_lists_are_searched_sorted_and_know_their_campaigns(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        news = factories.target_list(session, "news", [factories.recipient(session)])
        factories.target_list(session, "Offers 100%")
        factories.campaign(session, news)
        factories.campaign(session, excluded=(news,))
        factories.campaign(session, news, deleted_at=now)
        rows, total = list_page(session)
        assert (total, [(row.name, row.entry_count, row.campaigns) for row in rows]) == (
            2,
            [("news", 1, 2), ("Offers 100%", 0, 0)],
        )
        for sort, first in (
            ("-name", "Offers 100%"),
            ("-entries", "news"),
            ("-campaigns", "news"),
            ("created", "news"),
        ):
            assert list_page(session, sort=sort)[0][0].name == first
        assert [row.name for row in list_page(session, "0%")[0]] == ["Offers 100%"]
        assert list_page(session, page=2, size=1)[0][0].name == "Offers 100%"
        assert list_choices(session)[0] == (news.id, "news", 1)


def test_what_uses_a_list_goes_with_it_and_may_forbid_its_deletion(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        used = factories.target_list(session, "used", [factories.recipient(session)])
        campaign = factories.campaign(session, used)
        factories.mass_email(session, used, in_campaign=campaign, name="draft", status=MassEmailStatus.DRAFT)
        mail = factories.mass_email(session, excluded=(used,), in_campaign=campaign, name="ready")
        gone = goes_with(session, used.id)
        assert (gone.entries, list(gone.campaigns)) == (1, ["Rentrée 2026"])
        assert [(mail.name, mail.still_chooses) for mail in gone.mass_emails] == [("draft", False), ("ready", True)]
        with pytest.raises(Refused) as error:
            delete_list(session, used.id, now)
        assert error.value.problem.values["names"] == "ready"
        mail.queue_done_at = now
        session.flush()
        delete_list(session, used.id, now)


def test_people_are_added_by_id_once_and_counted(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(3)]
        ids = [person.id for person in people]
        target = factories.target_list(session).id
        opt_out(session, people[0].address_id, [target], now, source="page")
    with db.pinned() as doors:
        first = add_members(doors, target, [*ids[:2], ids[0], 999_999], Source.SELECT, now)
        again = add_members(doors, target, ids, Source.SELECT, now)
    assert (first.added, first.already, first.opted_out) == (2, 0, 1)
    assert (again.added, again.already, again.opted_out) == (1, 2, 1)
    assert counts(target) == (3, 1)
    with db.reading() as session:
        assert members(session, target) == ids
    with pytest.raises(NotFound), db.pinned() as doors:
        add_members(doors, target + 1, ids, Source.SELECT, now)


def test_all_results_are_added_as_they_are_at_that_moment(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        wanted = [factories.recipient(session, kind=Kind.LEAD).id for _ in range(30)]
        factories.recipient(session)
        factories.recipient(session, kind=Kind.LEAD, archived_at=now)
        target = factories.target_list(session).id
    with db.pinned() as doors:
        assert (
            add_members(doors, target, RecipientFilter(kind=Kind.LEAD, not_in_list=target), Source.SELECT, now).added
            == 30
        )
        removed = remove_members(doors, target, RecipientFilter(text="person"))
        assert (removed, counts(target)) == (30, (0, 0))
        assert add_members(doors, target, wanted, Source.SELECT, now).added == 30
        assert remove_members(doors, target, wanted[:4]) == 4
    assert counts(target) == (26, 0)


def many_people(number: int) -> None:
    with db.unit_of_work() as session:
        factories.many_recipients(session, number)


@pytest.mark.slow
def test_another_unit_of_work_commits_between_two_chunks_of_twenty_thousand(database: Engine, now: datetime) -> None:
    many_people(20_000)
    with db.unit_of_work() as session:
        target = factories.target_list(session).id
        address = factories.address(session, "ada@example.com").id
    events: list[tuple[str, int]] = []

    def click() -> None:
        with db.unit_of_work() as session:
            opt_out(session, address, [target], now, source="one-click")
        with db.reading() as session:
            events.append(("click", get_list(session, target).entry_count))

    def between(done: int, total: int) -> None:
        if done == 5 * CHUNK:
            other = threading.Thread(target=click)
            other.start()
            other.join()
        events.append(("chunk", done))

    with db.pinned() as doors:
        added = add_members(doors, target, RecipientFilter(), Source.SELECT, now, on_chunk=between)
    assert added.added == 20_000
    assert events.index(("click", 5 * CHUNK)) == 4  # committed after the fifth chunk, and it saw exactly five
    assert events[-1] == ("chunk", 20_000)
    assert len(events) == 20_000 // CHUNK + 1
    assert counts(target) == (20_000, 1)


def test_adding_that_was_stopped_goes_on_and_adds_nobody_twice(database: Engine, now: datetime) -> None:
    many_people(2_500)
    with db.unit_of_work() as session:
        target = factories.target_list(session).id

    def crash(done: int, total: int) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError), db.pinned() as doors:
        add_members(doors, target, RecipientFilter(), Source.SELECT, now, on_chunk=crash)
    assert counts(target) == (CHUNK, 0)
    with db.pinned() as doors:
        added = add_members(doors, target, RecipientFilter(), Source.SELECT, now)
    assert (added.added, added.already, counts(target)) == (1_500, CHUNK, (2_500, 0))


def test_adding_ends_when_the_list_is_deleted_meanwhile(database: Engine, now: datetime) -> None:
    many_people(1_500)
    with db.unit_of_work() as session:
        target = factories.target_list(session).id

    def delete(done: int, total: int) -> None:
        with db.unit_of_work() as session:
            delete_list(session, target, now)

    with pytest.raises(NotFound), db.pinned() as doors:
        add_members(doors, target, RecipientFilter(), Source.SELECT, now, on_chunk=delete)
    with db.reading() as session:
        assert session.get(TargetList, target).entry_count == CHUNK == len(members(session, target))


def test_entries_show_state_source_and_last_action(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        a, b, c = (factories.recipient(session, first_name=name, last_name="") for name in "abc")
        target = factories.target_list(session, "t", [a, b, c])
        other = factories.target_list(session, "o", [a])
        opt_out(session, b.address_id, [target.id], now, source="page")
        opt_out(session, c.address_id, [other.id], now, source="page")
        archive_recipients(session, [c.id], now)
        for action, hours in ((Action.SENT, 1), (Action.OPENED, 2)):
            event = {"campaign_id": 1, "mass_email_id": 1, "item_id": 1, "source": EventSource.WORKER}
            session.add(LogRecord(at=now + timedelta(hours=hours), recipient_id=a.id, action=action, **event))
        session.flush()
        rows, total = entry_page(session, target.id)
        assert total == 3
        assert [(row.person.name, row.person.state) for row in rows] == [
            ("a", MailState.CAN_BE_MAILED),
            ("b", MailState.OPTED_OUT),
            ("c", MailState.ARCHIVED),
        ]
        assert (rows[0].last_action, rows[0].last_at) == (Action.OPENED, now + timedelta(hours=2))
        assert (rows[1].last_action, rows[1].source, rows[1].added_at) == (None, Source.SELECT, now)
        opted_out, _ = entry_page(session, target.id, RecipientFilter(state=MailState.OPTED_OUT))
        assert [row.person.name for row in opted_out] == ["b"]
        both, _ = entry_page(session, target.id, RecipientFilter(in_list=other.id))
        assert [row.person.name for row in both] == ["a"]


def test_the_figures_of_a_list_sum_up(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session, kind=kind) for kind in (*Kind, Kind.LEAD, Kind.LEAD)]
        nowhere = factories.recipient(session, None)
        target = factories.target_list(session, "t", [*people, nowhere])
        opt_out(session, people[0].address_id, [target.id], now, source="page")
        opt_out(session, people[1].address_id, [EVERYTHING, target.id], now, source="page")
        suppress(session, people[2].address_id, SuppressionReason.INVALID, now)
        archive_recipients(session, [people[3].id], now)
        figures = list_figures(session, target.id)
        assert figures.by_kind == {Kind.ACCOUNT: 1, Kind.CONTACT: 2, Kind.LEAD: 3, Kind.USER: 1}
        assert figures.by_state == {
            MailState.CAN_BE_MAILED: 2,
            MailState.OPTED_OUT: 1,
            MailState.OPTED_OUT_ENTIRELY: 1,
            MailState.SUPPRESSED: 1,
            MailState.NO_ADDRESS: 1,
            MailState.ARCHIVED: 1,
        }
        assert figures.entries == sum(figures.by_state.values()) == 7


def test_a_person_opts_entries_out_and_in_and_it_is_kept(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        a, twin = (factories.recipient(session, "ada@example.com", kind=kind) for kind in (Kind.CONTACT, Kind.LEAD))
        b, nowhere = factories.recipient(session), factories.recipient(session, None)
        target = factories.target_list(session, "t", [a, twin, b, nowhere]).id
    with db.pinned() as doors:
        assert opt_out_entries(doors, target, RecipientFilter(), now, by="grace@example.com") == 2
        assert opt_out_entries(doors, target, [a.id], now, by="grace@example.com") == 0
        assert counts(target) == (4, 2)
        assert opt_in_entries(doors, target, [twin.id], now, by="grace@example.com") == 1
    assert counts(target) == (4, 1)
    with db.reading() as session:
        rows, total = opted_out_page(session, target)
        assert (total, [(row.address, row.source, row.names) for row in rows]) == (
            1,
            [(b.address_typed, "person", ("Ada Byron",))],
        )
        assert opted_out_page(session, target, "nobody") == ([], 0)
        assert set(session.exec(select(ConsentEvent.by)).all()) == {"grace@example.com"}
        assert session.exec(select(func.count()).select_from(ConsentEvent)).one() == 3


def test_removing_somebody_keeps_the_opt_out(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        person = factories.recipient(session)
        target = factories.target_list(session, "t", [person]).id
        opt_out(session, person.address_id, [target], now, source="page")
    with db.pinned() as doors:
        assert remove_members(doors, target, [person.id]) == 1
        assert add_members(doors, target, [person.id], Source.SELECT, now).opted_out == 1
    assert counts(target) == (1, 1)


def test_a_merged_or_duplicated_list_takes_over_the_opt_outs_and_says_how_many(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        a, b, c = (factories.recipient(session) for _ in range(3))
        left = factories.target_list(session, "left", [a, b]).id
        right = factories.target_list(session, "right", [b, c]).id
        opt_out(session, a.address_id, [left], now, source="page")
        opt_out(session, b.address_id, [left, right], now, source="page")
        outsider = factories.address(session, "not-a-member@example.com").id
        opt_out(session, outsider, [right], now, source="page")
    with db.pinned() as doors:
        copy = duplicate_list(doors, left, "copy", now, by="grace@example.com")
        merged = merge_lists(doors, [left, right], copy.list_id, now)
        again = merge_lists(doors, [left, right], copy.list_id, now)
        with pytest.raises(Invalid):
            merge_lists(doors, [left], left, now)
    assert (copy.added, copy.opt_outs) == (2, 2)
    assert (merged.added, merged.opt_outs) == (1, 1)
    assert (again.added, again.opt_outs) == (0, 0)
    assert counts(copy.list_id) == (3, 3)
    assert (counts(left), counts(right)) == ((2, 2), (2, 2))
