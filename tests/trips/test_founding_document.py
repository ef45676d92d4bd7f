"""The founding document, line by line: one test per statement, named by the statement."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import pytest_asyncio

from jobs.return_path_mail import verify_return_path
from jobs.scheduler import run_due
from models import db, scheduled_job
from models.campaign import CampaignType
from models.catalogue import pair
from models.errors import Invalid, Refused
from models.group_email_account import create_account as create_group_account
from models.group_email_account import set_active as set_group_account_active
from models.health import checks
from models.log_record import Action, BounceKind, EventSource
from models.mail_assignment import assign
from models.mail_in import MailRow, MatchedBy, Standing, mail_page, read_text
from models.mail_intake import Meaning
from models.mass_email import MassEmailStatus, create_mass_email, move
from models.membership import add_members
from models.outbound_emails import site_url_warning
from models.recipient import Kind
from models.recipient_filter import RecipientFilter
from models.recipient_page import recipient_page
from models.report import create_report, fill_from_report
from models.scheduled_job import run_page
from models.smtp_account import create_account, set_default
from models.statistics import mass_email_figures
from models.target_list import Source
from models.user import NewUser, Role, create_user
from tests.jobs import dovecot, returned_mail
from tests.jobs.dovecot import Dovecot
from tests.jobs.smtp_server import SmtpServer
from tests.trips.trip import BY, SITE, Mail, Trip

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("sqlite_database")]

PAGES = list((Path(__file__).resolve().parents[2] / "dashboard").rglob("*.py"))

LINK = "https://www.example.com/demo?a=1&b=2"


@pytest_asyncio.fixture
async def trip() -> AsyncIterator[Trip]:
    async with SmtpServer() as server:
        yield Trip(server)


def refused(trip: Trip, campaign: int, **values: object) -> Invalid:
    with pytest.raises(Invalid) as error, db.unit_of_work() as session:
        create_mass_email(session, campaign, {"start_at": trip.now, **values}, trip.now, BY)
    return error.value


# How to send


async def test_without_a_target_list_it_is_refused_beside_the_field(trip: Trip) -> None:
    error = refused(trip, trip.campaign([]), template=trip.template())
    assert set(error.problems) == {"target_lists"}


async def test_without_an_email_template_it_is_refused_beside_the_field(trip: Trip) -> None:
    error = refused(trip, trip.campaign([trip.target_list("Customers", trip.people(1))]))
    assert set(error.problems) == {"template"}


@pytest.mark.parametrize("kind", [CampaignType.EMAIL, CampaignType.NEWSLETTER])
async def test_a_campaign_of_type_email_or_newsletter_with_several_lists_is_sent_to_all_of_them(
    trip: Trip, kind: CampaignType
) -> None:
    one, two, three = trip.people(3)
    lists = [trip.target_list("A", [one, two]), trip.target_list("B", [two, three])]
    trip.mass_email(trip.campaign(lists, kind=kind))
    await trip.wait()
    assert trip.addressees() == ["person0@example.org", "person1@example.org", "person2@example.org"]


async def test_a_pending_mass_email_goes_out_by_itself(trip: Trip) -> None:
    mass_email = trip.mass_email(trip.campaign([trip.target_list("A", trip.people(2))]))
    assert trip.status(mass_email) == MassEmailStatus.PENDING
    await trip.wait()
    assert (trip.status(mass_email), trip.counts(mass_email).sent) == (MassEmailStatus.COMPLETE, 2)


async def test_of_a_draft_nothing_leaves(trip: Trip) -> None:
    mass_email = trip.mass_email(trip.campaign([trip.target_list("A", trip.people(2))]), status="draft")
    assert "send_mass_emails" in await trip.wait(timedelta(minutes=4))
    assert trip.server.messages == []
    with db.unit_of_work() as session:
        move(session, mass_email, MassEmailStatus.PENDING, trip.now, BY)
    await trip.wait()
    assert len(trip.server.messages) == 2


async def test_before_date_start_nothing_leaves_and_after_it_the_first_run_begins(trip: Trip) -> None:
    campaign = trip.campaign([trip.target_list("A", trip.people(2))])
    trip.mass_email(campaign, start_at=trip.now + timedelta(minutes=25))
    await trip.wait()
    await trip.wait()
    assert trip.server.messages == []
    await trip.wait()
    assert len(trip.server.messages) == 2


async def test_it_goes_out_in_portions_whose_size_may_change_while_it_runs(trip: Trip) -> None:
    trip.settings(portion_size=2)
    mass_email = trip.mass_email(trip.campaign([trip.target_list("A", trip.people(9))]))
    seen = []
    for size in (2, 2, 5):
        trip.settings(portion_size=size)
        await trip.wait()
        seen.append(len(trip.server.messages))
    assert seen == [2, 4, 9]
    assert trip.status(mass_email) == MassEmailStatus.COMPLETE
    assert len(set(trip.addressees())) == 9


async def test_the_scheduling_may_change_while_it_runs_and_the_next_run_obeys(trip: Trip) -> None:
    trip.settings(portion_size=1)
    trip.mass_email(trip.campaign([trip.target_list("A", trip.people(5))]))
    await trip.wait()
    with db.unit_of_work() as session:
        scheduled_job.change_schedule(session, "send_mass_emails", "0 * * * *", trip.now, by=BY)
    assert await trip.wait(timedelta(minutes=1)) == []
    assert len(trip.server.messages) == 1
    assert "send_mass_emails" in await trip.wait(timedelta(hours=1))
    assert len(trip.server.messages) == 2


async def test_while_the_job_is_inactive_nothing_leaves(trip: Trip) -> None:
    trip.mass_email(trip.campaign([trip.target_list("A", trip.people(2))]))
    with db.unit_of_work() as session:
        scheduled_job.deactivate(session, "send_mass_emails", trip.now, by=BY)
    await trip.wait(timedelta(hours=5))
    assert trip.server.messages == []
    with db.unit_of_work() as session:
        scheduled_job.activate(session, "send_mass_emails", trip.now, by=BY)
    await trip.wait()
    assert len(trip.server.messages) == 2


# Testing what will be sent


async def test_send_test_sends_what_a_recipient_gets_also_of_a_draft_and_changes_no_figure(trip: Trip) -> None:
    person = trip.person("eve@example.org", first_name="Ève")
    campaign = trip.campaign([trip.target_list("A", [person])])
    mass_email = trip.mass_email(campaign, trip.template("<p>Bonjour {Person.firstName}</p>"), status="draft")
    (outcome,) = await trip.send_test(mass_email, person)
    assert outcome.delivered
    (mail,) = trip.mails()
    assert "Bonjour Ève" in mail.html
    assert mail.message["X-Envoi-Test"] == "1"
    assert trip.log() == []
    assert trip.status(mass_email) == MassEmailStatus.DRAFT
    trip.web.post(mail.links("u")[0])
    trip.web.get(mail.links("o")[0])
    assert trip.log() == []


# Log


async def sent_with_links(trip: Trip) -> Mail:
    """A mail that one of two people got, with a pixel, a tracking link and a link to opt out."""
    campaign = trip.campaign([trip.target_list("A", trip.people(2))])
    html = f'<p>Hello</p><a href="{trip.tracking_url(campaign, LINK)}">Demo</a><a href="{{optOutUrl}}">Stop</a>'
    trip.mass_email(campaign, trip.template(html))
    await trip.wait()
    return trip.mails()[1]


async def test_the_log_shows_the_emails_opened_by_the_recipient(trip: Trip) -> None:
    mail = await sent_with_links(trip)
    trip.web.get(mail.links("o")[0])
    assert [row.address for row in trip.log(included=(Action.OPENED,))] == [mail.to]


async def test_the_log_shows_the_links_clicked_by_the_recipient(trip: Trip) -> None:
    mail = await sent_with_links(trip)
    assert trip.web.get(mail.links("c")[0]).headers["location"] == LINK
    assert [(row.address, row.link) for row in trip.log(included=(Action.CLICKED,))] == [(mail.to, "Demo")]


async def test_the_log_shows_the_recipients_who_unsubscribed(trip: Trip) -> None:
    mail = await sent_with_links(trip)
    assert trip.web.get(mail.links("u")[0]).status_code == 200
    assert trip.log(included=(Action.OPTED_OUT,)) == []
    trip.web.post(mail.links("u")[0])
    assert [row.address for row in trip.log(included=(Action.OPTED_OUT,))] == [mail.to]


async def test_the_log_shows_who_was_sent_opened_clicked_and_opted_out(trip: Trip) -> None:
    campaign = trip.campaign([trip.target_list("A", trip.people(1))])
    html = f'<p>Hello</p><a href="{trip.tracking_url(campaign, LINK)}">Demo</a><a href="{{optOutUrl}}">Stop</a>'
    trip.mass_email(campaign, trip.template(html))
    await trip.wait()
    (mail,) = trip.mails()
    trip.web.get(mail.links("o")[0])
    trip.web.get(mail.links("c")[0])
    assert trip.web.get(mail.links("u")[0]).status_code == 200
    trip.web.post(mail.links("u")[0])
    assert trip.actions() == [Action.SENT, Action.OPENED, Action.CLICKED, Action.OPTED_OUT]


async def test_a_mail_that_the_server_returns_at_once_stands_in_the_log_as_bounced_and_is_not_sent_again(
    trip: Trip,
) -> None:
    trip.server.on["RCPT"] = "550 5.1.1 no such user"
    lists = [trip.target_list("A", trip.people(1))]
    mass_email = trip.mass_email(trip.campaign(lists))
    await trip.wait()
    assert trip.actions() == [Action.BOUNCED]
    assert trip.counts(mass_email).failed == 1
    trip.server.on.clear()
    trip.mass_email(trip.campaign(lists))
    await trip.wait()
    assert trip.server.messages == []


# Opt-out link


async def test_an_own_opt_out_url_is_the_only_link_to_opt_out(trip: Trip) -> None:
    campaign = trip.campaign([trip.target_list("A", trip.people(1))])
    trip.mass_email(campaign, trip.template('<a href="{optOutUrl}">Unsubscribe from the mailing list.</a>'))
    await trip.wait()
    (mail,) = trip.mails()
    assert len(mail.links("u")) == 1
    assert "Unsubscribe from the mailing list." in mail.html


async def test_without_one_a_link_to_opt_out_is_added(trip: Trip) -> None:
    trip.mass_email(trip.campaign([trip.target_list("A", trip.people(1))]))
    await trip.wait()
    (mail,) = trip.mails()
    assert len(mail.links("u")) == 1
    assert "/u/" in mail.part("plain")


async def test_the_administrator_may_switch_the_added_link_off_and_the_header_stays(trip: Trip) -> None:
    trip.settings(mandatory_opt_out_link=False)
    trip.mass_email(trip.campaign([trip.target_list("A", trip.people(1))]))
    await trip.wait()
    (mail,) = trip.mails()
    assert mail.links("u") == []
    assert mail.message["List-Unsubscribe"].startswith("<https://news.sender.example/u/")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


# Tracking link


async def test_a_tracking_link_is_personal_is_logged_and_leads_where_it_should(trip: Trip) -> None:
    campaign = trip.campaign([trip.target_list("A", trip.people(2))])
    code = trip.tracking_url(campaign, LINK)
    assert len(code.removeprefix("{trackingUrl:").removesuffix("}")) == 17
    trip.mass_email(campaign, trip.template(f'<a href="{code}">Testez notre démonstration</a>'))
    await trip.wait()
    one, two = trip.mails()
    assert one.links("c") != two.links("c")
    answer = trip.web.get(one.links("c")[0])
    assert (answer.status_code, answer.headers["location"]) == (302, LINK)
    (clicked,) = trip.log(included=(Action.CLICKED,))
    assert (clicked.address, clicked.link) == (one.to, "Demo")


# Target lists


async def test_target_lists_hold_accounts_contacts_leads_and_users(trip: Trip) -> None:
    with db.unit_of_work() as session:
        create_user(session, NewUser("Grace", "grace@example.org"), Role.VIEWER, trip.now, BY)
    people = [
        trip.person("office@example.org", Kind.ACCOUNT, company="Office", first_name="", last_name=""),
        trip.person("contact@example.org"),
        trip.person("lead@example.org", Kind.LEAD),
    ]
    with db.reading() as session:
        rows, _ = recipient_page(session, RecipientFilter(kind=Kind.USER))
    trip.mass_email(trip.campaign([trip.target_list("All", [*people, *(row.id for row in rows)])]))
    await trip.wait()
    assert trip.addressees() == [
        "contact@example.org", "grace@example.org", "lead@example.org", "office@example.org",
    ]  # fmt: skip


async def test_select_with_a_filter_adds_all_results_beyond_the_page(trip: Trip) -> None:
    for number in range(60):
        trip.person(f"fr{number}@example.org", language="fr")
    trip.person("en@example.org", language="en")
    list_id = trip.target_list("French", [])
    with db.pinned() as doors:
        add_members(doors, list_id, RecipientFilter(language="fr"), Source.SELECT, trip.now)
    assert len(trip.members(list_id)) == 60
    assert "en@example.org" not in trip.members(list_id)


async def test_a_report_fills_a_target_list_with_those_who_match_it(trip: Trip) -> None:
    for name, language in (("one", "fr"), ("two", "fr"), ("three", "en")):
        trip.person(f"{name}@example.org", language=language)
    list_id = trip.target_list("French", [])
    with db.unit_of_work() as session:
        report = create_report(session, {"name": "French", "filter": {"language": "fr"}}, trip.now)
    with db.pinned() as doors:
        fill_from_report(doors, list_id, report, trip.now)
    assert trip.members(list_id) == ["one@example.org", "two@example.org"]


# Excluding target lists


async def test_an_excluded_lead_with_the_same_address_in_other_case_keeps_the_contact_out(trip: Trip) -> None:
    contact, other = trip.person("Same.Person@Example.org"), trip.person("other@example.org")
    lead = trip.person("same.person@example.ORG", Kind.LEAD)
    campaign = trip.campaign([trip.target_list("A", [contact, other])], [trip.target_list("Not these", [lead])])
    mass_email = trip.mass_email(campaign)
    await trip.wait()
    assert trip.addressees() == ["other@example.org"]
    assert trip.counts(mass_email).queued == 1


# Campaign log


async def test_a_target_list_is_made_of_the_contacts_who_clicked_the_link(trip: Trip) -> None:
    people = [*trip.people(3), trip.person("lead@example.org", Kind.LEAD)]
    campaign = trip.campaign([trip.target_list("A", people)])
    trip.mass_email(campaign, trip.template(f'<a href="{trip.tracking_url(campaign, LINK)}">Demo</a>'))
    await trip.wait()
    for mail in trip.mails():
        if mail.to != "person1@example.org":
            trip.web.get(mail.links("c")[0])
    made = trip.list_from_log("Clicked", campaign_id=campaign, included=(Action.CLICKED,), kind=Kind.CONTACT)
    assert trip.members(made) == ["person0@example.org", "person2@example.org"]


# Troubleshooting


async def test_a_wrong_password_stands_word_for_word_in_send_test_and_in_the_log_of_the_job(trip: Trip) -> None:
    words = "535 5.7.8 Authentication credentials invalid"
    trip.server.on["AUTH"] = words
    trip.server.features = (*trip.server.features, "AUTH PLAIN LOGIN")
    with db.unit_of_work() as session:
        login = {**trip._account(trip.server.port), "name": "login", "username": "ada", "password": "wrong"}
        set_default(session, create_account(session, login, trip.now, by=BY), trip.now, by=BY, confirmed=True)
    (person,) = trip.people(1)
    mass_email = trip.mass_email(trip.campaign([trip.target_list("A", [person])]))
    (outcome,) = await trip.send_test(mass_email, person)
    assert not outcome.delivered
    assert words in outcome.words
    await trip.wait()
    with db.reading() as session:
        run = run_page(session, "send_mass_emails")[0][0]
    assert words in run.error
    counts = trip.counts(mass_email)
    assert (counts.waiting, counts.failed) == (1, 0)
    trip.server.on.clear()
    await trip.wait(timedelta(hours=1))
    assert trip.counts(mass_email).sent == 1


@pytest.mark.parametrize(
    ("site_url", "warned"),
    [
        ("", True),
        ("http://localhost:3000", True),
        ("https://192.168.0.7", True),
        ("http://news.example.org", True),
        ("https://news.example.org", False),
    ],
)
async def test_a_site_url_that_is_unset_local_or_not_https_is_warned_of(site_url: str, warned: bool) -> None:
    assert (site_url_warning(site_url) is not None) is warned


async def test_one_scheduler_leads_however_many_ask(trip: Trip) -> None:
    import asyncio

    ran: list[str] = []

    async def job(stop: asyncio.Event):
        from jobs.ran import Ran

        ran.append("ran")
        await asyncio.sleep(0.2)
        return Ran(0, {}, ())

    stop = asyncio.Event()
    both = await asyncio.gather(*(run_due(f"w{n}", {"send_mass_emails": job}, stop, clock=trip.clock) for n in (1, 2)))
    assert None in both
    assert ran == ["ran"]


@pytest.mark.parametrize(
    ("english", "french", "key"),
    [
        ("Campaigns", "Campagnes", "nav.campaigns"),
        ("Mass Emails", "Emails en masse", "nav.mass_emails"),
        ("Target Lists", "Listes cibles", "target_lists.title"),
        ("Reports", "Rapports", "reports.title"),
        ("Tracking URLs", "Liens de traçage", "nav.tracking_urls"),
        ("Log", "Log", "nav.log"),
        ("Administration", "Administration", "nav.administration"),
        ("Outbound Emails", "Emails sortants", "nav.outbound_emails"),
        ("Scheduled Jobs", "Tâches planifiées", "nav.scheduled_jobs"),
        ("Group Email Accounts", "Comptes email de groupe", "nav.group_email_accounts"),
        ("Date Start", "Date de début", "mass_emails.start_at"),
        ("Email Template", "Modèle d’email", "mass_emails.template"),
        ("Status", "Statut", "mass_emails.status"),
        ("Target Lists", "Listes cibles", "mass_emails.target_lists"),
        ("Send Test", "Envoyer un test", "mass_emails.send_test"),
        ("Select", "Sélectionner", "target_lists.select"),
        ("Name", "Nom", "tracking_urls.name"),
        ("URL", "URL", "tracking_urls.url"),
        ("Scheduling", "Planification (Scheduling)", "jobs.scheduling"),
        ("Pending", "En attente", "status.pending"),
        ("Active", "Active", "jobs.active"),
    ],
)
async def test_the_interface_uses_the_words_of_the_document(english: str, french: str, key: str) -> None:
    """And they stand on a page, or in the table of the words for a state."""
    assert pair(key) == (english, french)
    assert key.startswith("status.") or any(f'"{key}"' in page.read_text() for page in PAGES)


# Returned mails


@pytest.fixture(scope="module")
def dovecot_server() -> Iterator[Dovecot]:
    server = dovecot.start()
    yield server
    dovecot.stop(server)


@pytest.fixture
def mailbox(dovecot_server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """A mailbox of the test's own."""
    monkeypatch.setattr(dovecot, "USER", f"bounce{next(_mailboxes)}")
    return dovecot_server


_mailboxes = iter(range(1, dovecot.USERS))


def group_email_account(trip: Trip, server: Dovecot, **values: object) -> int:
    with db.unit_of_work() as session:
        return create_group_account(session, server.values(dovecot.USER, **values), trip.now, by=BY)


def came(trip: Trip) -> list[MailRow]:
    with db.reading() as session:
        return mail_page(session, sort="at")[0]


@pytest.mark.servers
async def test_a_mail_that_comes_back_to_the_watched_mailbox_stands_in_the_log_as_bounced(
    trip: Trip, mailbox: Dovecot
) -> None:
    group_email_account(trip, mailbox)
    members = trip.target_list("A", trip.people(2))
    mass_email = trip.mass_email(trip.campaign([members]))
    await trip.wait()
    mail = trip.mails()[1]
    mailbox.put(
        returned_mail.bounce("elsewhere@example.net", returned={"Message-ID": mail.message["Message-ID"]}),
        user=dovecot.USER,
    )
    assert "check_group_email_accounts" in await trip.wait(timedelta(minutes=5))
    (bounced,) = trip.log(included=(Action.BOUNCED,))
    assert (bounced.address, bounced.detail, bounced.bounce_kind) == (mail.to, "user_unknown", BounceKind.HARD)
    with db.reading() as session:
        assert mass_email_figures(session, mass_email).bounced_hard == 1
    trip.mass_email(trip.campaign([members]))
    await trip.wait()
    assert trip.addressees().count(mail.to) == 1


@pytest.mark.servers
async def test_returned_mails_are_handled_by_a_group_email_account_alone_and_without_one_the_system_says_so(
    trip: Trip, mailbox: Dovecot
) -> None:
    def says() -> list[str]:
        with db.reading() as session:
            return [str(check.says) for check in checks(session, trip.now) if check.name.startswith("group account")]

    assert says() == ["No group email account is active: returned mails are not recorded."]
    account = group_email_account(trip, mailbox)
    assert says() == ["The mailbox Returned mails is watched."]
    with db.unit_of_work() as session:
        set_group_account_active(session, account, False, trip.now, by=BY)
    mailbox.put(returned_mail.bounce(), user=dovecot.USER)
    await trip.wait()
    assert came(trip) == []
    assert says() == ["No group email account is active: returned mails are not recorded."]


@pytest.mark.servers
async def test_the_scheduling_of_check_group_email_accounts_may_be_changed(trip: Trip, mailbox: Dovecot) -> None:
    group_email_account(trip, mailbox)
    with db.unit_of_work() as session:
        scheduled_job.change_schedule(session, "check_group_email_accounts", "0 * * * *", trip.now, by=BY)
    await trip.wait(timedelta(minutes=1))
    mailbox.put(returned_mail.written("x"), user=dovecot.USER)
    assert "check_group_email_accounts" not in await trip.wait(timedelta(minutes=5))
    assert "check_group_email_accounts" in await trip.wait(timedelta(minutes=10))
    assert len(came(trip)) == 1


@pytest.mark.servers
async def test_a_returned_mail_that_deviates_from_the_norm_is_kept_listed_and_assigned_by_hand(
    trip: Trip, mailbox: Dovecot
) -> None:
    group_email_account(trip, mailbox)
    (person,) = trip.people(1)
    trip.mass_email(trip.campaign([trip.target_list("A", [person])]))
    await trip.wait()
    strange = returned_mail.written("Zxq 77: nope.", subject="Zxq", sender="postmaster@strange.example.net")
    mailbox.put(strange, user=dovecot.USER)
    await trip.wait()
    (mail,) = came(trip)
    assert mail.standing is Standing.NOT_UNDERSTOOD
    with db.unit_of_work() as session:
        assert b"Zxq 77" in read_text(session, mail.id)
        assign(session, mail.id, person, Meaning.HARD, trip.now, by=BY)
    assert [row.address for row in trip.log(included=(Action.BOUNCED,))] == ["person0@example.org"]
    with pytest.raises(Refused), db.unit_of_work() as session:
        assign(session, mail.id, person, Meaning.HARD, trip.now, by=BY)


@pytest.mark.servers
async def test_an_opt_out_by_mail_to_the_address_in_the_header_is_an_opt_out(trip: Trip, mailbox: Dovecot) -> None:
    group_email_account(trip, mailbox)
    (person,) = trip.people(1)
    members = trip.target_list("A", [person])
    trip.mass_email(trip.campaign([members]))
    await trip.wait()
    (mail,) = trip.mails()
    page, by_mail = mail.message["List-Unsubscribe"].split(", ")
    assert page.startswith(f"<{SITE}/u/")
    address, _, subject = by_mail.strip("<>").removeprefix("mailto:").partition("?subject=")
    assert address == "bounce@sender.example"
    mailbox.put(returned_mail.written("", to=address, subject=unquote(subject)), user=dovecot.USER)
    await trip.wait()
    (opted_out,) = trip.log(included=(Action.OPTED_OUT,))
    assert (opted_out.address, opted_out.source) == (mail.to, EventSource.MAILTO)
    trip.mass_email(trip.campaign([members]))
    await trip.wait()
    assert len(trip.mails()) == 1


@pytest.mark.servers
async def test_once_verified_every_message_leaves_with_a_return_path_of_its_own(trip: Trip, mailbox: Dovecot) -> None:
    account = group_email_account(trip, mailbox)
    people = trip.people(2)
    to = await verify_return_path(account, BY, clock=trip.clock)
    (loop,) = trip.server.messages
    assert (loop.recipient, to.partition("+")[0]) == (to, "bounce")
    mailbox.put(loop.content, user=dovecot.USER)
    await trip.wait()
    trip.server.messages.clear()
    trip.mass_email(trip.campaign([trip.target_list("A", people)]))
    await trip.wait()
    assert len({one.sender for one in trip.server.messages}) == 2
    gone = trip.server.messages[0]
    assert gone.sender.endswith("@sender.example")
    mailbox.put(returned_mail.bounce("elsewhere@example.net", to=gone.sender), user=dovecot.USER)
    await trip.wait()
    assert [row.address for row in trip.log(included=(Action.BOUNCED,))] == [gone.recipient]
    assert came(trip)[-1].matched_by is MatchedBy.RETURN_PATH
