"""Mass emails on the screen: the form, the list, the page of one, what may be done with it, Send Test."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
import reflex as rx
from sqlalchemy import Engine
from sqlmodel import select

from dashboard import data, routes
from dashboard.acts.create_list import CreateList
from dashboard.acts.mass_email import MassEmailActs
from dashboard.acts.send_test import SendTest
from dashboard.mass_emails.decide_panel import DecidePanel
from dashboard.mass_emails.detail_page import MassEmailPage
from dashboard.mass_emails.form_page import MassEmailForm
from dashboard.mass_emails.list_page import MassEmails
from dashboard.mass_emails.people_dialog import LeftOutPeople
from dashboard.mass_emails.plan_panel import PlanPanel
from dashboard.mass_emails.preview_panel import PreviewPanel
from dashboard.mass_emails.tests_panel import TestsPanel
from dashboard.mass_emails.version_panel import VersionPanel
from dashboard.mass_emails.who_panel import WhoGetsIt
from dashboard.ui.toast import Toasts
from models import db, outbound_emails, queue_count, scheduled_job
from models.address import EVERYTHING, OptOut, Suppression, SuppressionReason
from models.audience import build_queue
from models.campaign import Campaign, CampaignType
from models.claim import claim_items
from models.email_template import get_template, save_version
from models.log_filter import LogFilter
from models.log_view import people_count
from models.mass_email import MassEmail, MassEmailStatus, edit_mass_email
from models.queue_item import ItemState, QueueItem
from models.queue_table import SkipReason
from models.recipient import Recipient
from models.smtp_account import SmtpAccount
from models.target_list import TargetList
from models.user import RIGHTS, Right, Role, User
from tests import factories
from tests.dashboard.tab import Tab, tab_of
from tests.jobs.smtp_server import SmtpServer

DRAFT = {"status": MassEmailStatus.DRAFT, "version_id": None}


@pytest.fixture
def house(sqlite_database: Engine) -> dict[str, int]:
    """A campaign with two lists, a template, the mail catcher's account: what a form needs."""
    with db.unit_of_work() as session:
        scheduled_job.ensure_jobs(session)
        people = [factories.recipient(session, f"p{n}@example.com", first_name=f"P{n}") for n in range(6)]
        nobody = factories.recipient(session, None, first_name="Nobody")
        wanted = factories.target_list(session, "Customers", [*people, nobody])
        unwanted = factories.target_list(session, "Pause", [people[0]])
        account = factories.smtp_account(session, name="Catcher", is_catcher=True)
        campaign = factories.campaign(session, wanted, excluded=(unwanted,))
        web = factories.campaign(session, type=CampaignType.WEB)
        return {
            "campaign": campaign.id,
            "web": web.id,
            "list": wanted.id,
            "excluded": unwanted.id,
            "template": factories.template(session).template_id,
            "account": account.id,
            **{f"p{n}": person.id for n, person in enumerate(people)},
        }


@pytest.fixture
def tab(house: dict[str, int]) -> Tab:
    return tab_of(Role.ADMINISTRATOR)


def new_mail(house: dict[str, int], *, queued: bool = False, **values: object) -> int:
    """A mass email of the house, due for a minute; `queued`: its queue is built."""
    now = data.now()
    with db.unit_of_work() as session:
        wanted, unwanted = (session.get_one(TargetList, house[name]) for name in ("list", "excluded"))
        values = {"start_at": now - timedelta(minutes=1), "smtp_account_id": house["account"], **values}
        campaign = session.get_one(Campaign, house["campaign"])
        mail = factories.mass_email(session, wanted, excluded=(unwanted,), in_campaign=campaign, **values)
        mail_id = mail.id
    if queued:
        with db.pinned() as doors:
            build_queue(doors, mail_id, now)
    return mail_id


def mails() -> list[MassEmail]:
    with db.reading() as session:
        return list(session.exec(select(MassEmail).order_by(MassEmail.id)).all())


def set_states(mail_id: int, *states: ItemState, **values: object) -> list[int]:
    """The first items of the queue get these states; their ids."""
    with db.unit_of_work() as session:
        items = session.exec(select(QueueItem).where(QueueItem.mass_email_id == mail_id).order_by(QueueItem.id)).all()
        for item, state in zip(items, states, strict=False):
            item.state = state
            for name, value in values.items():
                setattr(item, name, value)
            session.add(item)
        session.flush()
        queue_count.forget(session, mail_id)  # it is counted from its items again
        return [item.id for item in items[: len(states)]]


def people_behind(href: str) -> int:
    """How many people the log counts at an address of its own."""
    path, _, query = href.partition("?")
    assert path == routes.LOG
    with db.reading() as session:
        return people_count(session, LogFilter.from_query(dict(parse_qsl(query))))


async def open_form(tab: Tab, house: dict[str, int]) -> MassEmailForm:
    tab.go(routes.MASS_EMAIL_NEW, campaign=house["campaign"])
    await tab.do(MassEmailForm.load_new, MassEmailForm)
    return await tab.state(MassEmailForm)


# --- the form ---


async def test_a_new_form_starts_with_the_campaigns_lists_and_pending(tab: Tab, house) -> None:
    form = await open_form(tab, house)
    assert form.values["status"] == "pending"
    assert form.values["target_lists"] == str(house["list"])
    assert form.values["excluded_lists"] == str(house["excluded"])
    assert form.values["name"].startswith("Rentrée 2026 – ")


async def test_without_a_campaign_the_form_asks_for_one_of_the_email_types(tab: Tab, house) -> None:
    for campaign in ("", "x", house["web"], 999_999):
        tab.go(routes.MASS_EMAIL_NEW, campaign=campaign)
        await tab.do(MassEmailForm.load_new, MassEmailForm)
        form = await tab.state(MassEmailForm)
        assert (form.form_open, form.campaign_id) == (False, 0), campaign
        assert [option.value for option in form.campaigns] == [str(house["campaign"])]


async def test_what_is_missing_stands_beside_its_field_and_typed_text_stays(tab: Tab, house) -> None:
    form = await open_form(tab, house)
    before = form.serial
    given = {**form.values, "name": " ", "target_lists": "", "template": "", "from_address": "no", "zone": "Mars"}
    await tab.do(MassEmailForm.save, MassEmailForm, given)
    assert set(form.errors) == {"name", "target_lists", "template", "from_address", "zone"}
    assert form.serial == before
    assert mails() == []


async def test_a_form_left_open_for_an_hour_still_means_now(tab: Tab, house, monkeypatch) -> None:
    form = await open_form(tab, house)
    later = data.now() + timedelta(hours=1)
    monkeypatch.setattr(data, "now", lambda: later)
    given = {**form.values, "template": str(house["template"])}
    await tab.do(MassEmailForm.save, MassEmailForm, given)
    assert form.errors == {}
    (made,) = mails()
    assert (made.status, made.start_at) == (
        MassEmailStatus.PENDING,
        later.replace(microsecond=made.start_at.microsecond),
    )
    await tab.do(MassEmailForm.save, MassEmailForm, given)  # pressed twice
    assert len(mails()) == 1


async def test_dead_links_are_asked_about_before_it_starts(tab: Tab, house) -> None:
    with db.unit_of_work() as session:
        real = factories.smtp_account(session, name="Real", is_default=False).id
    form = await open_form(tab, house)
    given = {**form.values, "template": str(house["template"]), "smtp_account": str(real), "name": "Mine"}
    await tab.do(MassEmailForm.save, MassEmailForm, given)
    assert "Start nevertheless?" in form.why
    assert (form.form_open, mails()) == (True, [])
    await tab.do(MassEmailForm.save_as_draft, MassEmailForm)
    assert [(made.name, made.status) for made in mails()] == [("Mine", MassEmailStatus.DRAFT)]


async def test_two_who_edit_see_each_others_choice_by_name(tab: Tab, house) -> None:
    mail = new_mail(house, **DRAFT)
    tab.go(f"/mass-emails/{mail}/edit")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    form = await tab.state(MassEmailForm)
    with db.unit_of_work() as session:
        other = {"name": "Theirs", "target_lists": [house["excluded"]], "excluded_lists": []}
        edit_mass_email(session, mail, 1, other, data.now(), "bob@example.com")
    given = {**form.values, "name": "Mine"}
    await tab.do(MassEmailForm.save, MassEmailForm, given)
    assert "bob@example.com" in form.conflict
    assert [(one.label, one.theirs) for one in form.differences] == [
        ("Name", "Theirs"),
        ("Target Lists", "Pause"),
        ("Excluding Target Lists", ""),
    ]
    await tab.do(MassEmailForm.save, MassEmailForm, given)
    assert mails()[0].name == "Mine"


async def test_a_lost_connection_leaves_the_form_as_it_stands_and_a_visit_opens_it_anew(tab: Tab, house) -> None:
    mail = new_mail(house, **DRAFT)
    tab.go(f"/mass-emails/{mail}/edit", connection="first")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    form = await tab.state(MassEmailForm)
    await tab.do(MassEmailForm.save, MassEmailForm, {**form.values, "name": " "})
    drawn = form.serial
    tab.go(f"/mass-emails/{mail}/edit", connection="second")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    assert (form.form_open, form.serial, set(form.errors), form.given_up) == (True, drawn, {"name"}, 0)
    await tab.do(MassEmailForm.load_edit, MassEmailForm)  # by a link of the page itself
    assert (form.serial, form.errors) == (drawn + 1, {})


async def test_a_lost_connection_leaves_a_new_mass_email_as_it_stands(tab: Tab, house) -> None:
    form = await open_form(tab, house)
    drawn = form.serial
    tab.go(routes.MASS_EMAIL_NEW, connection="second", campaign=house["campaign"])
    await tab.do(MassEmailForm.load_new, MassEmailForm)
    assert (form.form_open, form.serial, form.campaign_id) == (True, drawn, house["campaign"])
    tab.go(routes.MASS_EMAIL_NEW, connection="third")
    await tab.do(MassEmailForm.load_new, MassEmailForm)
    assert (form.form_open, form.campaign_id) == (False, 0)


async def test_what_was_typed_before_somebody_else_saved_is_a_conflict_after_a_restart_too(tab: Tab, house) -> None:
    """The server began again while one typed: the form comes back with its revision."""
    mail = new_mail(house, **DRAFT)
    tab.go(f"/mass-emails/{mail}/edit")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    form = await tab.state(MassEmailForm)
    typed = {**form.values, "name": "Mine", "revision": str(form.revision_open)}
    with db.unit_of_work() as session:
        edit_mass_email(session, mail, 1, {"name": "Theirs"}, data.now(), "bob@example.com")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    await tab.do(MassEmailForm.save, MassEmailForm, typed)
    assert "bob@example.com" in form.conflict
    await tab.do(MassEmailForm.save, MassEmailForm, {**typed, "revision": str(form.revision_open)})
    assert mails()[0].name == "Mine"


async def test_who_may_edit_but_not_send_makes_drafts_only(house, monkeypatch) -> None:
    monkeypatch.setitem(RIGHTS, Role.EDITOR, frozenset({Right.LOOK, Right.EDIT}))
    tab = tab_of(Role.EDITOR)
    form = await open_form(tab, house)
    assert form.values["status"] == "draft"
    given = {**form.values, "template": str(house["template"])}
    await tab.do(MassEmailForm.save, MassEmailForm, {**given, "status": "pending"})
    assert "status" in form.errors
    assert mails() == []
    await tab.do(MassEmailForm.save, MassEmailForm, given)
    (made,) = mails()
    assert made.status is MassEmailStatus.DRAFT
    tab.go(f"/mass-emails/{made.id}/edit")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    await tab.do(MassEmailForm.save, MassEmailForm, {**form.values, "status": "pending"})
    assert "status" in form.errors
    assert mails()[0].status is MassEmailStatus.DRAFT


async def test_a_queued_mass_email_keeps_its_people_whatever_is_sent_in(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    tab.go(f"/mass-emails/{mail}/edit")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    form = await tab.state(MassEmailForm)
    assert {"target_lists", "template", "start_at", "status"} <= set(form.fixed)
    assert form.shown["target_lists"] == "Customers"
    forged = {**form.values, "name": "New name", "target_lists": str(house["excluded"]), "template": "999"}
    await tab.do(MassEmailForm.save, MassEmailForm, forged)
    assert form.errors == {}
    assert mails()[0].name == "New name"
    assert mails()[0].audience["final"] == 5


# --- the list ---


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Waiting", "Running", "Early"]),
        ({"status": "draft"}, ["Early"]),
        ({"q": "runn"}, ["Running"]),
        ({"sort": "name"}, ["Early", "Running", "Waiting"]),
        ({"dates": "2020-01-01..2020-01-02"}, ["Early"]),
        ({"campaign": "999"}, []),
    ],
)
async def test_the_address_chooses_which_are_listed(tab: Tab, house, query, names) -> None:
    early = datetime(2020, 1, 2, 12, tzinfo=UTC)
    new_mail(house, name="Early", **{**DRAFT, "start_at": early})
    new_mail(house, name="Running", queued=True)
    new_mail(house, name="Waiting", start_at=data.now() + timedelta(days=1))
    tab.go(routes.MASS_EMAILS, **query)
    await tab.do(MassEmails.load, MassEmails)
    rows = (await tab.state(MassEmails)).rows
    assert [row.name for row in rows] == names


async def test_progress_counts_everybody_who_does_not_wait_any_more(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    set_states(mail, ItemState.SENT, ItemState.FAILED, ItemState.SKIPPED)
    tab.go(routes.MASS_EMAILS)
    await tab.do(MassEmails.load, MassEmails)
    (row,) = (await tab.state(MassEmails)).rows
    assert (row.progress, row.share, row.failed) == ("3 of 5", 60.0, 1)


# --- what may be done ---


async def test_pause_and_resume_say_what_they_did(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True, name="News")
    tab.go(routes.MASS_EMAILS)
    await tab.do(MassEmailActs.pause, MassEmailActs, mail)
    assert mails()[0].status is MassEmailStatus.PAUSED
    await tab.do(MassEmailActs.resume, MassEmailActs, mail)
    assert mails()[0].status is MassEmailStatus.IN_PROCESS
    assert (await tab.told())[-1] == "“News” goes on with the next portion"


async def test_cancelling_names_the_people_and_can_become_a_pause(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    set_states(mail, ItemState.SENT, ItemState.FAILED)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailActs.ask_cancel, MassEmailActs, mail)
    acts = await tab.state(MassEmailActs)
    assert (acts.asking, acts.people, acts.had_it, acts.sending) == ("cancel", 3, 1, True)
    await tab.do(MassEmailActs.pause_instead, MassEmailActs)
    assert (acts.asking, mails()[0].status) == ("", MassEmailStatus.PAUSED)
    await tab.do(MassEmailActs.ask_cancel, MassEmailActs, mail)
    await tab.do(MassEmailActs.confirm_cancel, MassEmailActs)
    assert mails()[0].status is MassEmailStatus.CANCELLED
    assert "3 people do not get it" in (await tab.told())[-1]


async def test_cancelling_before_date_start_names_who_would_have_got_it(tab: Tab, house) -> None:
    mail = new_mail(house, start_at=data.now() + timedelta(days=1))
    tab.go(routes.MASS_EMAILS)
    await tab.do(MassEmailActs.ask_cancel, MassEmailActs, mail)
    assert (await tab.state(MassEmailActs)).people == 5


async def test_what_keeps_a_draft_from_starting_is_said_with_the_way_to_the_form(tab: Tab, house) -> None:
    mail = new_mail(house, **{**DRAFT, "start_at": datetime(2020, 1, 1, tzinfo=UTC)})
    tab.go(routes.MASS_EMAILS)
    await tab.do(MassEmailActs.start, MassEmailActs, mail)
    (toast,) = (await tab.state(Toasts)).shown
    assert (toast.tone, toast.href) == ("bad", f"/mass-emails/{mail}/edit")
    assert toast.title == "This Date Start has passed. Choose now or later."
    assert mails()[0].status is MassEmailStatus.DRAFT


async def test_deleting_says_what_goes_and_what_is_being_sent_is_kept(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True, name="News")
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailActs.ask_delete, MassEmailActs, mail)
    acts = await tab.state(MassEmailActs)
    assert (acts.people, acts.kept) == (5, True)
    await tab.do(MassEmailActs.confirm_delete, MassEmailActs)
    assert mails()[0].deleted_at is None
    assert "Cancel it first" in (await tab.told())[-1]


async def test_retry_failed_names_them_and_lets_them_wait_again(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    set_states(mail, ItemState.FAILED, ItemState.FAILED)
    tab.go(routes.MASS_EMAILS)
    await tab.do(MassEmailActs.ask_retry, MassEmailActs, mail)
    assert (await tab.state(MassEmailActs)).people == 2
    await tab.do(MassEmailActs.confirm_retry, MassEmailActs)
    with db.reading() as session:
        assert {item.state for item in session.exec(select(QueueItem)).all()} == {ItemState.WAITING}


async def test_a_viewer_looks_and_sends_nothing(tab: Tab, house) -> None:
    mail, viewer = new_mail(house, queued=True), tab_of(Role.VIEWER)
    viewer.go(f"/mass-emails/{mail}")
    for handler in (MassEmailActs.pause, MassEmailActs.ask_cancel, MassEmailActs.ask_delete):
        await viewer.do(handler, MassEmailActs, mail)
    await viewer.do(SendTest.ask, SendTest, mail)
    await viewer.do(MassEmailPage.load, MassEmailPage)
    assert (await viewer.state(MassEmailActs)).asking == ""
    assert not (await viewer.state(SendTest)).form_open
    assert mails()[0].status is MassEmailStatus.IN_PROCESS
    assert (await viewer.state(MassEmailPage)).head.id == mail


# --- the page of one ---


async def test_the_sums_add_up_and_each_opens_to_that_many_people(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    set_states(mail, ItemState.SENT, ItemState.FAILED, ItemState.UNCERTAIN, ItemState.SKIPPED)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailPage.load, MassEmailPage)
    far = (await tab.state(MassEmailPage)).far
    assert [(one.state, one.shown) for one in far.sums] == [
        ("sent", "1"),
        ("skipped", "1"),
        ("failed", "1"),
        ("uncertain", "1"),
        ("waiting", "1"),
    ]
    assert (far.percent, far.done, far.whole) == ("80.0%", "4 of 5", "5")
    assert [people_behind(one.href) for one in far.sums] == [1, 1, 1, 1, 1]
    assert people_behind(far.whole_to) == 5


async def test_why_nothing_is_sent_is_said_in_the_viewers_zone(tab: Tab, house) -> None:
    mail = new_mail(house, start_at=datetime(2099, 7, 1, 10, tzinfo=UTC))
    with db.unit_of_work() as session:
        for user in session.exec(select(User)).all():
            user.time_zone = "Europe/Paris"
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailPage.load, MassEmailPage)
    head = (await tab.state(MassEmailPage)).head
    assert head.because == "Waits for its Date Start, 2099-07-01 12:00 CEST."
    await tab.do(MassEmailActs.back_to_draft, MassEmailActs, mail)
    await tab.do(MassEmailPage.load, MassEmailPage)
    assert (await tab.state(MassEmailPage)).head.because == "This is a Draft: nothing is sent until it is Pending."


@pytest.mark.parametrize("path", ["/mass-emails/999", "/mass-emails/abc", "/mass-emails/99999999999999999999"])
async def test_a_page_of_nothing_says_so(tab: Tab, house, path) -> None:
    tab.go(path)
    for state, handler in (
        (MassEmailPage, MassEmailPage.load),
        (PlanPanel, PlanPanel.load),
        (DecidePanel, DecidePanel.load),
        (TestsPanel, TestsPanel.load),
        (WhoGetsIt, WhoGetsIt.load),
        (PreviewPanel, PreviewPanel.load),
    ):
        await tab.do(handler, state)
    assert (await tab.state(MassEmailPage)).missing
    assert await tab.told() == []


async def test_who_gets_it_is_counted_before_and_kept_after(tab: Tab, house) -> None:
    expected = [("all", "7", ""), ("head", "−2", ""), ("less", "−1", "no_address"), ("less", "−1", "excluded")]
    mail = new_mail(house)
    for kept in (False, True):
        if kept:
            with db.pinned() as doors:
                build_queue(doors, mail, data.now())
        tab.go(f"/mass-emails/{mail}")
        await tab.do(PlanPanel.load, PlanPanel)
        await tab.do(WhoGetsIt.load, WhoGetsIt)
        who = await tab.state(WhoGetsIt)
        assert who.kept is kept
        assert [(s.kind, s.shown, s.state) for s in who.steps] == [*expected, ("rest", "5", "")]
        for step in who.steps[1:4]:
            tab.go(f"/mass-emails/{mail}", **dict(parse_qsl(step.href.partition("?")[2])))
            await tab.do(LeftOutPeople.load, LeftOutPeople)
            people = await tab.state(LeftOutPeople)
            assert (people.is_open, people.total) == (True, int(step.shown[1:])), step
            assert all(row.because for row in people.rows)
    assert people_behind(who.steps[-1].href) == 5


async def test_going_to_another_mass_email_leaves_nobody_of_the_one_before_on_the_page(tab: Tab, house) -> None:
    one, other = new_mail(house), new_mail(house)
    tab.go(f"/mass-emails/{one}")
    for panel in (MassEmailPage, PlanPanel, DecidePanel, TestsPanel, WhoGetsIt, PreviewPanel):
        await tab.do(panel.load, panel)
    assert (await tab.state(WhoGetsIt)).steps
    assert (await tab.state(PreviewPanel)).person
    tab.go(f"/mass-emails/{other}")
    await tab.do(MassEmailPage.load, MassEmailPage)  # the panels have not asked yet
    assert (await tab.state(WhoGetsIt)).steps == []
    assert (await tab.state(PreviewPanel)).person == ""


async def test_a_draft_is_planned_for_the_people_it_would_have(tab: Tab, house) -> None:
    mail = new_mail(house, **DRAFT)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(PlanPanel.load, PlanPanel)
    await tab.do(WhoGetsIt.load, WhoGetsIt)
    plan = await tab.state(PlanPanel)
    assert (plan.people, plan.foreseen.next_people, plan.foreseen.cells) == ("5", "5 people", ("next",))
    assert plan.sentence.startswith("Started as it is: 1 portion, done about ")


async def test_the_planner_saves_for_administrators_and_says_what_is_wrong(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(PlanPanel.load, PlanPanel)
    plan = await tab.state(PlanPanel)
    assert plan.values == {"portion_size": "200", "max_per_hour": "1000"}
    await tab.do(PlanPanel.save, PlanPanel, {"portion_size": "0", "max_per_hour": "1000"})
    assert set(plan.errors) == {"portion_size"}
    await tab.do(PlanPanel.save, PlanPanel, {"portion_size": "2", "max_per_hour": "3,000"})
    with db.reading() as session:
        setting = outbound_emails.read(session)
    assert (setting.portion_size, setting.max_per_hour) == (2, 3000)
    await tab.do(PlanPanel.load, PlanPanel)
    assert plan.foreseen.portions_said == "portions: 0 done, 3 to go"
    assert "A portion of " in plan.advice
    editor = tab_of(Role.EDITOR)
    editor.go(f"/mass-emails/{mail}")
    await editor.do(PlanPanel.save, PlanPanel, {"portion_size": "9"})
    with db.reading() as session:
        assert outbound_emails.read(session).portion_size == 2


async def test_uncertain_and_failed_are_decided_by_a_person(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    reply = "554 5.7.1 Refused by policy"
    (failed,) = set_states(mail, ItemState.FAILED, reply=reply)
    failed, *uncertain = set_states(mail, ItemState.FAILED, *[ItemState.UNCERTAIN] * 3)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(DecidePanel.load, DecidePanel)
    panel = await tab.state(DecidePanel)
    assert [row.state for row in panel.rows] == ["uncertain"] * 3 + ["failed"]
    assert panel.rows[-1].reply == reply
    await tab.do(DecidePanel.toggle, DecidePanel, failed)
    assert not panel.with_uncertain
    await tab.do(DecidePanel.toggle, DecidePanel, uncertain[0])
    assert panel.with_uncertain
    await tab.do(DecidePanel.decide, DecidePanel, "sent")
    assert (await tab.told())[-1] == "1 counted as sent"
    await tab.do(DecidePanel.show, DecidePanel, "uncertain")
    await tab.do(DecidePanel.select_all, DecidePanel)
    await tab.do(DecidePanel.decide, DecidePanel, "leave_out")
    assert (panel.uncertain_count, panel.failed_count, panel.rows) == (0, 1, [])
    await tab.do(DecidePanel.decide, DecidePanel, "burn")
    with db.reading() as session:
        states = [item.state for item in session.exec(select(QueueItem).order_by(QueueItem.id)).all()]
    assert states == [ItemState.FAILED, ItemState.SENT, ItemState.SKIPPED, ItemState.SKIPPED, ItemState.WAITING]


async def test_who_was_left_out_for_a_changed_address_is_queued_again(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    set_states(mail, ItemState.SKIPPED, reason=SkipReason.ADDRESS_CHANGED.value)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(DecidePanel.load, DecidePanel)
    panel = await tab.state(DecidePanel)
    assert panel.changed == 1
    await tab.do(DecidePanel.queue_changed, DecidePanel)
    assert panel.changed == 0


async def test_sending_again_is_asked_first_and_names_the_people(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    uncertain, _, failed = set_states(mail, ItemState.UNCERTAIN, ItemState.UNCERTAIN, ItemState.FAILED)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(DecidePanel.load, DecidePanel)
    panel = await tab.state(DecidePanel)
    await tab.do(DecidePanel.toggle, DecidePanel, failed)
    await tab.do(DecidePanel.ask, DecidePanel, "send_again")  # nobody of them can get it twice
    assert panel.asking == ""
    await tab.do(DecidePanel.toggle, DecidePanel, uncertain)
    await tab.do(DecidePanel.ask, DecidePanel, "send_again")
    assert (panel.asking, panel.asked) == ("send_again", 2)
    await tab.do(DecidePanel.select_all, DecidePanel)
    for decision, asked in (("sent", 2), ("leave_out", 3), ("send_again", 3)):
        await tab.do(DecidePanel.ask, DecidePanel, decision)
        assert (panel.asking, panel.asked) == (decision, asked)
    await tab.do(DecidePanel.decide, DecidePanel, "send_again")
    assert (panel.asking, panel.all_count) == ("", 0)
    assert (await tab.told())[-1] == "3 wait for the next portion"


async def test_before_the_first_message_it_can_be_taken_back(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True, name="News")
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"undo_minutes": 5}, data.now(), "admin@example.com")
        now = scheduled_job.database_time(session)
        scheduled_job.acquire_lease(session, scheduled_job.SCHEDULER, "w", timedelta(hours=1), now)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailPage.load, MassEmailPage)
    head = (await tab.state(MassEmailPage)).head
    built = mails()[0].queue_done_at
    assert (head.may_undo, head.undo_until) == (True, int((built + timedelta(minutes=5)).timestamp() * 1000))
    await tab.do(MassEmailActs.back_to_draft, MassEmailActs, mail)
    assert (mails()[0].status, mails()[0].queue_done_at) == (MassEmailStatus.DRAFT, None)
    assert (await tab.told())[-1] == "“News” is a Draft again: nobody got it, 5 people left the queue"


async def test_once_a_message_has_begun_there_is_no_way_back(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    with db.unit_of_work() as session:
        claim_items(session, mail, house["account"], 1, "w", timedelta(minutes=1), data.now())
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailPage.load, MassEmailPage)
    assert not (await tab.state(MassEmailPage)).head.may_undo
    await tab.do(MassEmailActs.back_to_draft, MassEmailActs, mail)
    assert mails()[0].status is MassEmailStatus.IN_PROCESS
    assert "not taken back" in (await tab.told())[-1]


async def test_who_has_a_cancelled_one_is_named_and_becomes_a_list(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    set_states(mail, ItemState.SENT, ItemState.SENT, ItemState.UNCERTAIN)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailActs.ask_cancel, MassEmailActs, mail)
    acts = await tab.state(MassEmailActs)
    assert (acts.people, acts.had_it, acts.may_have) == (2, 2, 1)
    await tab.do(MassEmailActs.list_them, MassEmailActs, True)
    await tab.do(MassEmailActs.confirm_cancel, MassEmailActs)
    await tab.do(MassEmailPage.load, MassEmailPage)
    head = (await tab.state(MassEmailPage)).head
    assert head.had_it == "2 people have it already. 1 person more may have it."
    await tab.do(CreateList.ask, CreateList, head.had_it_query)
    assert ((await tab.state(CreateList)).found, (await tab.state(CreateList)).people) == (3, 3)


def save_newer(mail_id: int, html: str) -> None:
    with db.unit_of_work() as session:
        template = get_template(session, session.get_one(MassEmail, mail_id).template_id)
        save_version(session, template.id, template.revision, "Corrected", html, "", data.now(), "bob@example.com")


async def test_a_newer_version_is_shown_beside_the_frozen_one_and_taken_by_hand(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    set_states(mail, ItemState.SENT)
    save_newer(mail, "<p>Good day {Person.firstName}</p>")
    tab.go(f"/mass-emails/{mail}")
    await tab.do(MassEmailPage.load, MassEmailPage)
    assert "newer version, 2" in (await tab.state(MassEmailPage)).head.newer
    await tab.do(VersionPanel.look, VersionPanel)
    panel = await tab.state(VersionPanel)
    assert (panel.trouble, panel.frozen_subject, panel.subject, panel.people) == ("", "News", "Corrected", 4)
    signs = {change.sign: change.text for change in panel.changes if change.sign != " "}
    assert signs == {"-": "Hello P2", "+": "Good day P2"}
    await tab.do(VersionPanel.take, VersionPanel)
    await tab.do(VersionPanel.load, VersionPanel)
    assert [(got.label, got.people, got.current) for got in panel.got] == [
        ("Version 2", "0 people got it", True),
        ("Version 1", "1 person got it", False),
    ]
    assert people_behind(panel.got[1].href) == 1
    await tab.do(PreviewPanel.load, PreviewPanel)
    seen = await tab.state(PreviewPanel)
    assert (seen.version, seen.subject) == ("Version 1", "News")  # the first person has theirs
    await tab.do(PreviewPanel.leaf, PreviewPanel, 2)
    assert (seen.version, seen.subject) == ("Version 2", "Corrected")


async def test_a_version_that_only_looks_different_says_so_and_a_viewer_takes_none(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    save_newer(mail, "<p style='color: red'>Hello {Person.firstName}</p>")
    viewer = tab_of(Role.VIEWER)
    viewer.go(f"/mass-emails/{mail}")
    await viewer.do(VersionPanel.look, VersionPanel)
    panel = await viewer.state(VersionPanel)
    assert (panel.is_open, panel.ready, panel.changes) == (True, True, [])
    await viewer.do(VersionPanel.take, VersionPanel)
    assert mails()[0].version_id == panel._version_id - 1


async def test_the_preview_leafs_through_real_people_before_and_after(tab: Tab, house) -> None:
    mail = new_mail(house)
    for queued in (False, True):
        if queued:
            with db.pinned() as doors:
                build_queue(doors, mail, data.now())
        tab.go(f"/mass-emails/{mail}")
        await tab.do(PreviewPanel.load, PreviewPanel)
        seen, read = await tab.state(PreviewPanel), []
        for place in range(1, 6):
            await tab.do(PreviewPanel.leaf, PreviewPanel, place)
            read.append(re.search(r"Hello (P\d)", seen.document)[1])
        assert (read, seen.position, seen.trouble) == (["P1", "P2", "P3", "P4", "P5"], "5 / 5", "")
        assert "default-src 'none'" in seen.document
        await tab.do(PreviewPanel.leaf, PreviewPanel, 1)


# --- Send Test ---


class Locked:
    """A state as a background handler has it: its own lock is a step by itself."""

    def __init__(self, state: rx.State) -> None:
        object.__setattr__(self, "state", state)

    def __getattr__(self, name: str) -> object:
        return getattr(self.state, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.state, name, value)

    async def __aenter__(self) -> "Locked":
        return self

    async def __aexit__(self, *error: object) -> None:
        pass


async def send(tab: Tab, addresses: str) -> SendTest:
    state = await tab.state(SendTest)
    await SendTest.send.fn(Locked(state), {"addresses": addresses})
    return state


async def test_a_test_shows_the_servers_words_asks_about_opt_outs_and_refuses_suppressed(tab: Tab, house) -> None:
    async with SmtpServer() as server:
        with db.unit_of_work() as session:
            session.get_one(SmtpAccount, house["account"]).port = server.port
            out, blocked = (session.get_one(Recipient, house[name]).address_id for name in ("p1", "p2"))
            session.add(OptOut(address_id=out, list_id=EVERYTHING))
            session.add(Suppression(address_id=blocked, reason=SuppressionReason.COMPLAINT, since=data.now()))
        mail = new_mail(house, **DRAFT)
        tab.go(f"/mass-emails/{mail}")
        await tab.do(SendTest.ask, SendTest, mail)
        chosen = f"{house['p1']},{house['p2']},typed@example.com"
        dialog = await send(tab, chosen)
        assert "p1@example.com" in dialog.question
        assert server.messages == []
        await send(tab, chosen)
        assert dialog.question == ""
        assert [(one.address, one.delivered, one.tried) for one in dialog.results] == [
            ("p1@example.com", True, True),
            ("typed@example.com", True, True),
            ("p2@example.com", False, False),
        ]
        assert dialog.results[0].words == "250 2.0.0 taken"
        assert "complaint" in dialog.results[2].words
        assert len(server.messages) == 2
    await send(tab, "not an address")
    assert set(dialog.errors) == {"addresses"}
    assert not dialog.saving
    await tab.do(TestsPanel.load, TestsPanel)
    assert (await tab.state(TestsPanel)).total == 2
    assert mails()[0].status is MassEmailStatus.DRAFT


async def test_a_server_that_is_not_there_is_shown_word_for_word(tab: Tab, house) -> None:
    with db.unit_of_work() as session:
        session.get_one(SmtpAccount, house["account"]).port = 1
    mail = new_mail(house, **DRAFT)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(SendTest.ask, SendTest, mail)
    dialog = await send(tab, "typed@example.com")
    (result,) = dialog.results
    assert (result.delivered, result.tried) == (False, True)
    assert result.words == "Connect call failed ('127.0.0.1', 1)"


async def test_a_bug_leaves_the_dialog_ready_and_is_said(tab: Tab, house, monkeypatch) -> None:
    async def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("dashboard.acts.send_test.send_test", broken)
    mail = new_mail(house, **DRAFT)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(SendTest.ask, SendTest, mail)
    dialog = await send(tab, "typed@example.com")
    assert (dialog.form_open, dialog.saving) == (True, False)
    (said,) = await tab.told()
    assert "Reference" in said


async def test_people_are_found_by_their_names_and_the_asker_is_chosen_first(tab: Tab, house) -> None:
    mail = new_mail(house, **DRAFT)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(SendTest.ask, SendTest, mail)
    dialog = await tab.state(SendTest)
    assert dialog.values["addresses"] == dialog.found[0].value
    await tab.do(SendTest.search, SendTest, "p3")
    assert [(option.value, option.hint) for option in dialog.found] == [(str(house["p3"]), "p3@example.com")]
