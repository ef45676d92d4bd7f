"""Target lists on the screen: making one, selecting people for it, what happens to its entries, filling, merging."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from dashboard import routes
from dashboard.acts.fill_list import FillList
from dashboard.acts.long_work import Progress, Stopped
from dashboard.target_lists.copying import ListCopy
from dashboard.target_lists.delete import TargetListDelete
from dashboard.target_lists.entries_page import Entries
from dashboard.target_lists.entry_acts import EntryAct
from dashboard.target_lists.form import TargetListForm
from dashboard.target_lists.head import TargetListHead
from dashboard.target_lists.list_page import TargetLists
from dashboard.target_lists.opted_out_page import OptedOut
from dashboard.target_lists.select_page import SPEC, Select
from models import db
from models.address import opt_out
from models.mass_email import MassEmail, MassEmailStatus
from models.recipient import Kind
from models.recipient_filter import RecipientFilter
from models.report import create_report
from models.target_list import Membership, TargetList
from models.user import Role
from tests import factories
from tests.dashboard.tab import Tab, tab_of
from tests.factories import NOW


@pytest.fixture
def tab(sqlite_database: Engine) -> Tab:
    return tab_of(Role.EDITOR)


@pytest.fixture
def customers(sqlite_database: Engine) -> int:
    """A list of 3 contacts, of whom one opted out; 40 more French contacts and 2 leads are not in it."""
    with db.unit_of_work() as session:
        members = [factories.recipient(session, f"m{n}@example.com", last_name=f"M{n}") for n in range(3)]
        row = factories.target_list(session, "Customers", members)
        for n in range(40):
            factories.recipient(session, f"f{n}@example.com", last_name=f"F{n:02}", language="fr")
        for n in range(2):
            factories.recipient(session, f"l{n}@example.com", kind=Kind.LEAD, language="fr")
        opt_out(session, members[0].address_id, [row.id], NOW, source="person")
        return row.id


def members(list_id: int) -> int:
    with db.reading() as session:
        return len(session.exec(select(Membership).where(Membership.list_id == list_id)).all())


async def test_a_list_is_made_named_and_found(tab: Tab) -> None:
    tab.go(routes.TARGET_LISTS)
    await tab.do(TargetListForm.create_new, TargetListForm)
    await tab.do(TargetListForm.save, TargetListForm, {"name": " "})
    form = await tab.state(TargetListForm)
    assert list(form.errors) == ["name"]
    assert form.form_open
    await tab.do(TargetListForm.save, TargetListForm, {"name": "Autumn", "description": "Tea", "public_name": "Tea"})
    with db.reading() as session:
        assert session.exec(select(TargetList.public_name).where(TargetList.name == "Autumn")).one() == "Tea"
    tab.go(routes.TARGET_LISTS, q="autu")
    await tab.do(TargetLists.load, TargetLists)
    (row,) = (await tab.state(TargetLists)).rows
    assert (row.name, row.people, row.people_to) == ("Autumn", "0", "")


async def test_select_adds_all_results_as_they_are_at_that_moment(tab: Tab, customers: int) -> None:
    tab.go(f"/target-lists/{customers}/select", kind="contact", language="fr", absent="1")
    await tab.do(Select.load, Select)
    page = await tab.state(Select)
    assert (len(page.rows), page.total, page.results) == (25, 40, 40)
    await tab.do(Select.select_all, Select)
    with db.unit_of_work() as session:
        factories.recipient(session, "late@example.com", language="fr")
    await tab.do(Select.add, Select)
    assert await tab.told() == ["41 people are new in the list."]
    assert members(customers) == 44
    assert not page.open
    assert not page.working


async def test_select_adds_only_the_checked_and_says_who_stays_opted_out(tab: Tab, customers: int) -> None:
    tab.go(f"/target-lists/{customers}/select", kind="contact", q="M")
    await tab.do(Select.load, Select)
    page = await tab.state(Select)
    assert [(row.name, row.note) for row in page.rows] == [
        ("Ada M0", "opted out of this list"),
        ("Ada M1", "in the list already"),
        ("Ada M2", "in the list already"),
    ]
    await tab.do(Select.toggle, Select, page.rows[0].id)
    assert page.stay_out == 1
    await tab.do(Select.add, Select)
    assert await tab.told() == ["0 people are new in the list."]
    assert members(customers) == 3


async def test_select_keeps_its_filters_from_kind_to_kind(tab: Tab, customers: int) -> None:
    tab.go(f"/target-lists/{customers}/select", kind="contact", language="fr", absent="1", page="2")
    await tab.do(Select.load, Select)
    page = await tab.state(Select)
    assert page.view_links["lead"] == f"/target-lists/{customers}/select?language=fr&absent=1&kind=lead"
    assert page.view == "contact"
    assert SPEC.view_of(SPEC.read({"kind": "user", "language": "fr"})) == "user"


async def test_who_may_not_edit_cannot_add(customers: int) -> None:
    tab = tab_of(Role.VIEWER)
    tab.go(f"/target-lists/{customers}/select", kind="contact", language="fr")
    await tab.do(Select.add, Select)
    assert members(customers) == 3


async def test_the_page_shows_each_entry_as_seen_from_the_list(tab: Tab, customers: int) -> None:
    tab.go(f"/target-lists/{customers}")
    await tab.do(TargetListHead.load, TargetListHead)
    await tab.do(Entries.load, Entries)
    head, page = await tab.state(TargetListHead), await tab.state(Entries)
    assert (head.name, head.entries, head.opted_out) == ("Customers", "3", "1")
    assert [row.state for row in page.rows] == ["opted_out", "can_be_mailed", "can_be_mailed"]
    assert (page.states["all"], page.states["opted_out"], page.shares["can_be_mailed"]) == ("3", "1", "66.7%")
    assert page.view_counts == {"": "3", "account": "0", "contact": "3", "lead": "0", "user": "0"}
    tab.go("/target-lists/999")
    await tab.do(TargetListHead.load, TargetListHead)
    assert head.missing


@pytest.mark.parametrize(
    ("act", "said", "left", "declined"),
    [
        ("remove", "3 people removed from the list.", 0, 1),
        ("opt_out", "2 addresses opted out of the list.", 3, 3),
        ("opt_in", "1 address opted in again.", 3, 0),
    ],
)
async def test_all_results_are_removed_opted_out_or_in(tab: Tab, customers, act, said, left, declined) -> None:
    tab.go(f"/target-lists/{customers}", kind="contact")
    await tab.do(Entries.load, Entries)
    await tab.do(Entries.select_all, Entries)
    await tab.do(Entries.ask, Entries, act)
    dialog = await tab.state(EntryAct)
    assert (dialog.asking, dialog.act, dialog.count) == (True, act, 3)
    await tab.do(EntryAct.confirm, EntryAct)
    assert await tab.told() == [said]
    assert members(customers) == left
    with db.reading() as session:
        assert session.get(TargetList, customers).opted_out_count == declined
    assert not dialog.asking


async def test_removing_more_than_a_thousand_asks_for_the_number(tab: Tab, customers: int) -> None:
    tab.go(f"/target-lists/{customers}")
    dialog = await tab.state(EntryAct)
    dialog._ask("remove", None, 1_001)
    await tab.do(EntryAct.confirm, EntryAct)
    assert members(customers) == 3
    assert not dialog.working
    await tab.do(EntryAct.type_number, EntryAct, "1001")
    await tab.do(EntryAct.confirm, EntryAct)
    assert members(customers) == 0


async def test_who_opted_out_is_listed_and_can_be_opted_in(tab: Tab, customers: int) -> None:
    tab.go(f"/target-lists/{customers}/opted-out")
    await tab.do(OptedOut.load, OptedOut)
    page = await tab.state(OptedOut)
    assert [(row.name, row.names, row.source) for row in page.rows] == [("m0@example.com", "Ada M0", "by a user")]
    await tab.do(OptedOut.ask, OptedOut, page.rows[0].id, page.rows[0].name)
    await tab.do(OptedOut.confirm, OptedOut)
    await tab.do(OptedOut.load, OptedOut)
    assert page.rows == []


async def test_a_report_fills_a_new_list_and_an_old_one(tab: Tab, customers: int) -> None:
    with db.unit_of_work() as session:
        report = create_report(session, {"name": "French", "filter": RecipientFilter(language="fr")}, NOW)
    tab.go(routes.REPORTS)
    await tab.do(FillList.ask_report, FillList, report)
    dialog = await tab.state(FillList)
    assert (dialog.people, dialog.counted) == (42, True)
    await tab.do(FillList.fill, FillList, {"name": ""})
    assert list(dialog.errors) == ["name"]
    assert not dialog.working
    await tab.do(FillList.fill, FillList, {"name": "French"})
    tab.go(f"/target-lists/{customers}")
    await tab.do(FillList.ask_list, FillList, customers)
    await tab.do(FillList.fill, FillList, {})
    assert list(dialog.errors) == ["report"]
    await tab.do(FillList.choose_report, FillList, str(report))
    await tab.do(FillList.fill, FillList, {"report": str(report)})
    assert await tab.told() == ["42 people are new in the list."] * 2
    assert members(customers) == 45


async def test_a_copy_takes_entries_and_opt_outs_along(tab: Tab, customers: int) -> None:
    tab.go(routes.TARGET_LISTS)
    await tab.do(ListCopy.ask_duplicate, ListCopy, customers)
    await tab.do(ListCopy.copy, ListCopy, {"name": "Copy"})
    with db.unit_of_work() as session:
        copy = session.exec(select(TargetList).where(TargetList.name == "Copy")).one()
        assert (copy.entry_count, copy.opted_out_count) == (3, 1)
        empty = factories.target_list(session, "Empty").id
    await tab.do(ListCopy.ask_merge, ListCopy, empty)
    await tab.do(ListCopy.copy, ListCopy, {"sources": ""})
    assert list((await tab.state(ListCopy)).errors) == ["sources"]
    await tab.do(ListCopy.copy, ListCopy, {"sources": str(customers)})
    assert members(empty) == 3


async def test_deleting_says_what_goes_with_it_and_waits_for_mass_emails(tab: Tab, customers: int) -> None:
    with db.unit_of_work() as session:
        row = session.get(TargetList, customers)
        mail = factories.mass_email(session, row, in_campaign=factories.campaign(session, row), name="October").id
    tab.go(routes.TARGET_LISTS)
    await tab.do(TargetListDelete.ask, TargetListDelete, customers)
    dialog = await tab.state(TargetListDelete)
    assert (dialog.entries, dialog.opted_out, dialog.campaigns) == (3, "1", "Rentrée 2026")
    assert (dialog.mass_emails, dialog.waiting) == ("October", "October")
    await tab.do(TargetListDelete.confirm, TargetListDelete)
    assert "still has to choose its people" in (await tab.told())[0]
    with db.unit_of_work() as session:
        session.get(MassEmail, mail).status = MassEmailStatus.CANCELLED
    await tab.do(TargetListDelete.ask, TargetListDelete, customers)
    await tab.do(TargetListDelete.confirm, TargetListDelete)
    assert (await tab.told())[-1] == "“Customers” is deleted."


def test_work_stops_after_a_chunk_but_not_when_it_is_done() -> None:
    progress = Progress()
    progress(1_000, 3_000)
    progress.stop = True
    with pytest.raises(Stopped):
        progress(2_000, 3_000)
    progress(3_000, 3_000)
    assert progress.done == 3_000
