"""Recipients and reports on the screen: list, form, the page of a person, archiving, saving and editing filters."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from dashboard import routes
from dashboard.recipients.archive import Archive
from dashboard.recipients.consent import Consents
from dashboard.recipients.form import RecipientForm
from dashboard.recipients.list_page import Recipients
from dashboard.recipients.person_page import PORTION, PersonPage
from dashboard.recipients.save_report import SaveReport
from dashboard.reports.form import ReportForm
from dashboard.reports.list_page import Reports
from models import db
from models.address import EVERYTHING, OptOut, Suppression, SuppressionReason, suppress
from models.mass_email import LeftOut, LeftOutReason
from models.recipient import Kind, Recipient
from models.recipient_filter import Did, Engagement, RecipientFilter
from models.report import Report, create_report
from models.user import Role
from tests import factories
from tests.dashboard.tab import Tab, tab_of
from tests.factories import NOW


@pytest.fixture
def tab(sqlite_database: Engine) -> Tab:
    return tab_of(Role.EDITOR)


@pytest.fixture
def people(sqlite_database: Engine) -> dict[str, int]:
    """An account with its contact, a French lead, somebody without an address."""
    with db.unit_of_work() as session:
        account = factories.recipient(
            session, "desk@mill.example", kind=Kind.ACCOUNT, first_name="", last_name="", company="Mill", name="Mill"
        )
        made = {
            "account": account,
            "contact": factories.recipient(
                session, "ada@mill.example", account_id=account.id, fields={"city": "Lyon", "visits": 3}
            ),
            "lead": factories.recipient(session, "lea@example.com", kind=Kind.LEAD, last_name="Lead", language="fr"),
            "nobody": factories.recipient(session, None, last_name="Nobody"),
        }
        return {name: row.id for name, row in made.items()}


async def shown(tab: Tab, **query: object) -> Recipients:
    tab.go(routes.RECIPIENTS, **query)
    await tab.do(Recipients.load, Recipients)
    return await tab.state(Recipients)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Ada Byron", "Ada Lead", "Ada Nobody", "Mill"]),
        ({"kind": "lead"}, ["Ada Lead"]),
        ({"language": "fr", "sort": "-name"}, ["Ada Lead"]),
        ({"state": "no_address"}, ["Ada Nobody"]),
        ({"q": "ada@mill"}, ["Ada Byron"]),
        ({"q": "mill", "kind": "account"}, ["Mill"]),
    ],
)
async def test_the_address_chooses_who_is_listed(tab: Tab, people, query, names) -> None:
    page = await shown(tab, **query)
    assert [row.name for row in page.rows] == names


async def test_tabs_count_each_kind_under_the_same_filters(tab: Tab, people) -> None:
    page = await shown(tab, language="fr", kind="contact")
    assert page.view_counts == {"": "1", "account": "0", "contact": "0", "lead": "1", "user": "0"}
    assert page.view_links["lead"] == "/recipients?language=fr&kind=lead"
    assert page.chips["language"] == "French"


async def test_contacts_of_an_account_are_found_by_its_name(tab: Tab, people) -> None:
    page = await shown(tab, account=people["account"])
    assert [row.name for row in page.rows] == ["Ada Byron"]
    assert page.chips["account"] == "Mill"


async def test_all_results_are_archived_and_can_come_back(tab: Tab, people) -> None:
    await shown(tab, kind="contact")
    await tab.do(Recipients.select_all, Recipients)
    await tab.do(Recipients.ask_archive, Recipients)
    await tab.do(Archive.confirm, Archive)
    assert await tab.told() == ["2 recipients archived."]
    assert [row.name for row in (await shown(tab, state="archived")).rows] == ["Ada Byron", "Ada Nobody"]
    await tab.do(Archive.restore, Archive, people["contact"])
    assert [row.name for row in (await shown(tab, kind="contact")).rows] == ["Ada Byron"]


async def test_what_is_wrong_in_the_form_stands_beside_its_field(tab: Tab, people) -> None:
    tab.go(routes.RECIPIENTS)
    await tab.do(RecipientForm.create_new, RecipientForm, "lead")
    form = await tab.state(RecipientForm)
    assert form.kind == "lead"
    for given, field in (
        ({"address": "no"}, "address"),
        ({"last_name": "X", "fields": "city"}, "fields"),
        ({"last_name": "X", "time_zone": "Mars"}, "time_zone"),
        ({}, "last_name"),
    ):
        await tab.do(RecipientForm.save, RecipientForm, given)
        assert list(form.errors) == [field], given
    await tab.do(
        RecipientForm.save, RecipientForm, {"last_name": "New", "address": "new@example.com", "fields": "a = b"}
    )
    with db.reading() as session:
        made = session.exec(select(Recipient).where(Recipient.last_name == "New")).one()
    assert (made.kind, made.address_typed, made.fields) == (Kind.LEAD, "new@example.com", {"a": "b"})


async def test_editing_keeps_numbers_and_changes_the_rest(tab: Tab, people) -> None:
    tab.go(f"/recipients/{people['contact']}")
    await tab.do(RecipientForm.edit_one, RecipientForm, people["contact"])
    form = await tab.state(RecipientForm)
    assert form.values["fields"] == "city = Lyon\nvisits = 3"
    given = {**form.values, "fields": "city = Paris\nvisits = 3", "account_id": ""}
    await tab.do(RecipientForm.save, RecipientForm, given)
    with db.reading() as session:
        stored = session.get(Recipient, people["contact"])
        assert (stored.fields, stored.account_id) == ({"city": "Paris", "visits": 3}, None)


async def test_the_persons_page_tells_what_happened_newest_first(tab: Tab, people) -> None:
    with db.unit_of_work() as session:
        person = session.get(Recipient, people["contact"])
        target = factories.target_list(session, "Customers", [person])
        for n in range(PORTION):
            mail = factories.mass_email(session, target, name=f"Letter {n}", start_at=NOW + timedelta(days=n + 1))
            session.add(LeftOut(mass_email_id=mail.id, recipient_id=person.id, reason=LeftOutReason.EXCLUDED))
    tab.go(f"/recipients/{people['contact']}")
    await tab.do(PersonPage.load, PersonPage)
    page = await tab.state(PersonPage)
    first = page.events[0]
    assert (first.state, first.title, first.detail) == ("excluded", "Left out: Excluded", f"Letter {PORTION - 1}")
    assert (len(page.events), page.more) == (PORTION, True)
    await tab.do(PersonPage.load_more, PersonPage)
    assert [event.title for event in page.events[PORTION:]] == ["Added to Customers", "Created"]
    assert not page.more
    assert [one.name for one in page.lists] == ["Customers"]
    assert ("Account", "Mill") in [(fact.name, fact.value) for fact in page.facts]
    tab.go("/recipients/99999")
    await tab.do(PersonPage.load, PersonPage)
    assert page.missing


async def test_a_suppression_is_released_by_administrators_alone(tab: Tab, people) -> None:
    with db.unit_of_work() as session:
        address_id = session.get(Recipient, people["contact"]).address_id
        suppress(session, address_id, SuppressionReason.HARD_BOUNCE, NOW, evidence="550 5.1.1 No such user")
    for one, rows in ((tab, 1), (tab_of(Role.ADMINISTRATOR), 0)):
        one.go(f"/recipients/{people['contact']}")
        await one.do(PersonPage.load, PersonPage)
        (line,) = (await one.state(Consents)).suppressions
        assert (line.title, line.evidence) == ("bounced for good", "550 5.1.1 No such user")
        await one.do(Consents.ask_release, Consents, "hard_bounce")
        await one.do(Consents.confirm_release, Consents)
        with db.reading() as session:
            assert len(session.exec(select(Suppression)).all()) == rows


async def test_a_person_is_opted_out_of_everything_and_in_again(tab: Tab, people) -> None:
    tab.go(f"/recipients/{people['contact']}")
    for act, declined in (("opt_out", True), ("opt_in", False)):
        await tab.do(Consents.ask, Consents, act)
        await tab.do(Consents.confirm, Consents)
        await tab.do(PersonPage.load, PersonPage)
        consents = await tab.state(Consents)
        assert consents.entirely is declined
        with db.reading() as session:
            address_id = session.get(Recipient, people["contact"]).address_id
            assert (session.get(OptOut, (address_id, EVERYTHING)) is not None) is declined
    assert [event.title for event in consents.history] == ["Opted in again to everything", "Opted out of everything"]


async def test_what_a_list_shows_becomes_a_report(tab: Tab, people) -> None:
    await shown(tab, kind="lead", language="fr")
    await tab.do(SaveReport.ask, SaveReport)
    await tab.do(SaveReport.save, SaveReport, {"name": ""})
    assert list((await tab.state(SaveReport)).errors) == ["name"]
    await tab.do(SaveReport.save, SaveReport, {"name": "French leads"})
    tab.go(routes.REPORTS)
    await tab.do(Reports.load, Reports)
    (row,) = (await tab.state(Reports)).rows
    assert (row.name, row.asks, row.people) == ("French leads", "Leads · French", "1")
    assert row.people_to == "/recipients?kind=lead&language=fr"


async def test_a_report_is_counted_while_it_is_typed(tab: Tab, people) -> None:
    tab.go(routes.REPORTS)
    await tab.do(ReportForm.create_new, ReportForm)
    form = await tab.state(ReportForm)
    assert form.found == "4 people now"
    await tab.do(ReportForm.try_part, ReportForm, "kind", "lead")
    assert (form.found, form.names) == ("1 person now", "Ada Lead")
    await tab.do(ReportForm.try_part, ReportForm, "kind", "pigeon")
    assert form.found == "4 people now"
    await tab.do(ReportForm.save, ReportForm, {"name": "Leads", "kind": "lead"})
    with db.reading() as session:
        assert session.exec(select(Report)).one().filter == {"kind": "lead"}


async def test_editing_a_report_keeps_the_conditions_the_form_does_not_show(tab: Tab, people) -> None:
    with db.unit_of_work() as session:
        never = Engagement(Did.OPENED, never=True)
        report = create_report(session, {"name": "Quiet", "filter": RecipientFilter(engagement=(never,))}, NOW)
    tab.go(routes.REPORTS)
    await tab.do(ReportForm.edit_one, ReportForm, report)
    form = await tab.state(ReportForm)
    assert form.further == 1
    await tab.do(ReportForm.save, ReportForm, {"name": "Quiet leads", "kind": "lead"})
    with db.reading() as session:
        stored = session.get(Report, report)
        assert (stored.name, stored.filter["kind"], len(stored.filter["engagement"])) == ("Quiet leads", "lead", 1)
    await tab.do(Reports.ask_delete, Reports, report)
    await tab.do(Reports.confirm, Reports)
    await tab.do(Reports.load, Reports)
    assert (await tab.state(Reports)).rows == []
