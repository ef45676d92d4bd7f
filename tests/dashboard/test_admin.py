"""Administration and the mail catcher: what the handlers make of what is typed, and what each page says."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import reflex as rx
from sqlalchemy import Engine

from dashboard import data
from dashboard.admin.caught_mail_view import CaughtMailView
from dashboard.admin.mail_catcher_page import MailCatcher
from dashboard.admin.outbound_emails_page import OutboundPage
from dashboard.admin.schedule_form import ScheduleForm
from dashboard.admin.scheduled_jobs_page import ScheduledJobs
from dashboard.admin.smtp_account_form import SmtpForm
from dashboard.admin.smtp_accounts_page import SmtpAccounts
from dashboard.auth import COOKIE
from dashboard.ui.toast import Toasts
from models import caught_mail, db, outbound_emails, scheduled_job, smtp_account
from models.crontab import parse_crontab
from models.pace import Pace, pace_of
from models.sign_in import SESSION, open_session
from models.user import Role
from tests import factories

PIXEL, CLICK, LEAVE = "/o/AQEAAAAABCuTTGYwnZuh0g.gif", "/c/AQEAAAAABCuTTGYwnZuh0g/2", "/u/AQIAAAAABCtKMNNWN4HrRw"
HTML = (
    f'<img src="https://m.example{PIXEL}"><a href="https://m.example{CLICK}">x</a><a href="http://other.example/">y</a>'
)
MAIL = (
    "From: Tea House <tea@example.com>\r\nTo: Ada Ek <ada@example.org>\r\nSubject: Before the snow\r\n"
    f"X-Envoi-Test: 1\r\nList-Unsubscribe: <https://m.example{LEAVE}>\r\n"
    f"Content-Type: text/html; charset=utf-8\r\n\r\n{HTML}\r\n"
)
ACCOUNT = {
    "name": "Relay",
    "host": "127.0.0.1",
    "port": "1",
    "tls": "none",
    "check_certificate": "on",
    "password": "s p ",
}


class Visit:
    """A person at a page: their States, and a handler called as the browser would."""

    def __init__(self, secret: str, path: str) -> None:
        self.root = rx.State(_reflex_internal_init=True)
        route = {"headers": {"cookie": f"{COOKIE}={secret}"}, "asPath": path, "pathname": path.partition("?")[0]}
        self.root.router_data = route
        self.root._update_router_vars(route, {})

    async def at(self, state: type[rx.State]) -> rx.State:
        return await self.root.get_state(state)

    async def do(self, state: type[rx.State], handler: str, *args: object) -> rx.State:
        here = await self.at(state)
        answer = getattr(state, handler).fn(here, *args)
        if isinstance(answer, AsyncIterator):
            async for _ in answer:
                pass
        else:
            await answer
        return here

    async def toasts(self) -> list[str]:
        return [toast.title for toast in (await self.at(Toasts)).shown]


@pytest.fixture
def secrets(sqlite_database: Engine) -> dict[Role, str]:
    """A session of each role, in an installation that has just been started."""
    with db.unit_of_work() as session:
        smtp_account.ensure_catcher(session, 2525, data.now())
        scheduled_job.ensure_jobs(session)
        people = {role: factories.user(session, role, email=f"{role}@example.com") for role in Role}
        return {role: open_session(session, user.id, SESSION, data.now()) for role, user in people.items()}


@pytest.mark.parametrize(
    ("portion", "hour", "minute", "crontab", "pace"),
    [
        (1000, 7000, None, "*/10 * * * *", Pace(6000, "hour", "portion", 1000)),
        (200, 1000, None, "*/10 * * * *", Pace(1000, "hour", "hour", 0)),
        (200, 9000, 5, "*/10 * * * *", Pace(300, "hour", "minute", 8700)),
        (200, 1000, None, "0 9,15 * * *", Pace(400, "day", "portion", 800)),
    ],
)
def test_the_pace_is_the_lowest_of_portions_and_limits(portion, hour, minute, crontab, pace) -> None:
    assert pace_of(portion, hour, minute, parse_crontab(crontab)) == pace


def test_accounts_that_share_the_route_add_up_each_within_its_own_limits() -> None:
    every_ten = parse_crontab("*/10 * * * *")
    assert pace_of(1000, 1000, None, every_ten, [None, 300]) == Pace(1300, "hour", "hour", 0)
    assert pace_of(100, 1000, None, every_ten, [None, 300]) == Pace(600, "hour", "portion", 700)
    assert pace_of(1000, 1000, 10, every_ten, [None, 300]) == Pace(900, "hour", "minute", 400)


async def test_a_refused_number_stands_beside_its_field_and_nothing_is_changed(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/outbound-emails")
    state = await page.do(OutboundPage, "load")
    assert state.pace == "1,000 people per hour."
    before = state.serial
    given = {**state.values, "portion_size": "0", "from_address": "nobody", "max_per_hour": "7,000"}
    await page.do(OutboundPage, "save", given)
    assert set(state.errors) == {"portion_size", "from_address"}
    assert state.error_count == 2
    assert state.serial == before  # the fields are not drawn anew: what was typed stays
    with db.reading() as session:
        assert outbound_emails.read(session).max_per_hour == 1000


async def test_outbound_emails_are_saved_and_the_sentence_follows_what_is_typed(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/outbound-emails")
    state = await page.do(OutboundPage, "load")
    await page.do(OutboundPage, "follow", "max_per_hour", "7,000")
    assert state.pace == "1,200 people per hour."
    await page.do(OutboundPage, "follow", "site_url", "http://localhost:3000")
    assert "local" in state.warning
    given = {
        **state.values,
        "max_per_hour": "7,000",
        "max_per_minute": "",
        "mandatory_opt_out_link": "",
        "language": "fr",
        "ip_addresses": "none",
        "keep_visits_days": "30",
        "keep_log_days": "",
    }
    await page.do(OutboundPage, "save", given)
    assert (state.errors, state.values["max_per_hour"]) == ({}, "7,000")
    with db.reading() as session:
        kept = outbound_emails.read(session)
    assert (kept.max_per_hour, kept.max_per_minute, kept.mandatory_opt_out_link, kept.language) == (
        7000,
        None,
        False,
        "fr",
    )
    assert (kept.ip_addresses, kept.keep_visits_days, kept.keep_log_days) == ("none", 30, None)


async def test_outbound_emails_keep_when_an_address_is_given_up_and_how_long_mails_that_came_back_are_kept(
    secrets: dict[Role, str],
) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/outbound-emails")
    state = await page.do(OutboundPage, "load")
    names = ("soft_bounce_count", "soft_bounce_days", "keep_mails_days")
    assert [state.values[name] for name in names] == ["3", "7", "90"]
    typed = dict(zip(names, ("5", "0", "1,000"), strict=True))
    await page.do(OutboundPage, "save", {**state.values, **typed})
    assert (state.errors, state.values["keep_mails_days"]) == ({}, "1,000")
    with db.reading() as session:
        kept = outbound_emails.read(session)
    assert (kept.soft_bounce_count, kept.soft_bounce_days, kept.keep_mails_days) == (5, 0, 1000)
    wrong = dict(zip(names, ("0", "-1", ""), strict=True))
    await page.do(OutboundPage, "save", {**state.values, **wrong})
    assert set(state.errors) == set(names)


async def test_who_does_not_administer_changes_nothing(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.EDITOR], "/admin/outbound-emails")
    state = await page.do(OutboundPage, "load")
    await page.do(OutboundPage, "save", {**state.values, "portion_size": "5"})
    await page.do(ScheduledJobs, "switch", "clean_up", False)
    await page.do(SmtpForm, "save_or_test", ACCOUNT)
    assert len(await page.toasts()) == 3
    with db.reading() as session:
        assert outbound_emails.read(session).portion_size == 200
        assert scheduled_job.get_job(session, "clean_up").active
        assert smtp_account.find_account(session, "Relay") is None


async def test_a_connection_is_tried_before_the_account_is_saved(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/smtp-accounts")
    await page.do(SmtpForm, "create_new")
    await page.do(SmtpForm, "test_only")
    form = await page.do(SmtpForm, "save_or_test", ACCOUNT)
    assert (form.works, form.tested, form.testing) == (False, "Failed at Connect.", False)
    assert form.tested_words
    with db.reading() as session:
        assert smtp_account.find_account(session, "Relay") is None
    await page.do(SmtpForm, "save_or_test", {**ACCOUNT, "host": ""})
    assert set(form.errors) == {"host"}
    await page.do(SmtpForm, "save_or_test", ACCOUNT)
    assert not form.form_open
    with db.reading() as session:
        assert smtp_account.decrypt(smtp_account.find_account(session, "Relay").secret) == "s p "


async def test_a_dkim_key_is_made_shown_as_a_record_and_kept_when_the_account_is_saved(
    secrets: dict[Role, str],
) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/smtp-accounts")
    await page.do(SmtpForm, "create_new")
    await page.do(SmtpForm, "key_only")
    form = await page.do(SmtpForm, "save_or_test", {**ACCOUNT, "dkim_domain": "nowhere", "dkim_selector": "a b"})
    assert set(form.errors) == {"dkim_domain", "dkim_selector"}
    assert form.signature_open
    signing = {"dkim_domain": "sender.example", "dkim_selector": "envoi1", "dkim_algorithm": "ed25519-sha256"}
    await page.do(SmtpForm, "key_only")
    await page.do(SmtpForm, "save_or_test", {**ACCOUNT, **signing})
    assert (form.errors, form.key_is_new, form.form_open) == ({}, True, True)
    assert form.record_name == "envoi1._domainkey.sender.example"
    assert not any("PRIVATE" in str(value) for value in form.dict()[form.get_full_name()].values())
    published = form.record_value
    await page.do(SmtpForm, "save_or_test", {**ACCOUNT, **signing})
    with db.reading() as session:
        account = smtp_account.find_account(session, "Relay")
        assert smtp_account.dkim_record(session, account.id).value == published
        account_id = account.id
    await page.do(SmtpForm, "edit_one", account_id)
    assert (form.record_value, form.key_is_new, form.signature_open) == (published, False, True)
    await page.do(SmtpForm, "save_or_test", {**ACCOUNT, "password": "", **signing, "dkim_key": "not a key"})
    assert set(form.errors) == {"dkim_key"}
    await page.do(SmtpForm, "save_or_test", {**ACCOUNT, "password": "", **signing, "dkim_domain": ""})
    with db.reading() as session:
        assert smtp_account.get_account(session, account_id).dkim_secret == ""


async def test_an_account_that_signs_in_with_tokens_shows_their_fields_and_what_is_missing(secrets) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/smtp-accounts")
    await page.do(SmtpForm, "create_new")
    form = await page.do(SmtpForm, "choose_sign_in", "xoauth2")
    assert form.sign_in == "xoauth2"
    given = {**ACCOUNT, "sign_in": "xoauth2", "token_url": "ftp://x", "answer_seconds": "1"}
    await page.do(SmtpForm, "save_or_test", given)
    assert set(form.errors) == {"username", "token_url", "client_id", "refresh_token", "answer_seconds"}
    assert form.bears_open
    tokens = {"username": "n@sender.example", "client_id": "app", "refresh_token": "r", "answer_seconds": "900"}
    await page.do(SmtpForm, "save_or_test", {**given, **tokens, "token_url": "https://login.example.com/token"})
    assert form.errors == {}
    with db.reading() as session:
        account = smtp_account.find_account(session, "Relay")
        assert (account.sign_in, smtp_account.decrypt(account.refresh_secret), account.secret) == ("xoauth2", "r", "")


async def test_the_first_real_account_is_made_the_default_only_when_confirmed(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/smtp-accounts")
    with db.unit_of_work() as session:
        account_id = smtp_account.create_account(session, ACCOUNT, data.now(), by="a@example.com")
    state = await page.do(SmtpAccounts, "make_default", account_id)
    assert state.asking == "real"
    assert "0 people wait" in state.question
    with db.reading() as session:
        assert smtp_account.mail_goes_to_catcher(session)
    await page.do(SmtpAccounts, "confirm_default")
    with db.reading() as session:
        assert smtp_account.default_account(session).id == account_id


async def test_an_account_in_trouble_says_why_until_when_and_the_reply(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.VIEWER], "/admin/smtp-accounts")
    with db.unit_of_work() as session:
        account_id = smtp_account.create_account(session, ACCOUNT, data.now(), by="a@example.com")
        smtp_account.trip(session, account_id, "login", "535 5.7.8 bad password", data.now())
    state = await page.do(SmtpAccounts, "load")
    catcher, relay = state.rows
    assert (catcher.is_catcher, catcher.is_default, catcher.health) == (True, True, "off")
    assert relay.reply == "535 5.7.8 bad password"
    assert relay.health_words.startswith("Login refused; tries again at ")


async def test_a_schedule_is_said_while_it_is_typed_and_refused_beside_its_field(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/scheduled-jobs?job=clean_up")
    await page.do(ScheduledJobs, "load")
    form = await page.at(ScheduleForm)
    assert (form.job, form.values["scheduling"]) == ("clean_up", "20 3 * * *")
    await page.do(ScheduleForm, "type_scheduling", "*/5 * * * *")
    assert form.words == "Every 5 minutes"
    assert form.following.count(",") == 2
    await page.do(ScheduleForm, "type_scheduling", "every day")
    assert form.words == ""
    assert set(form.errors) == {"scheduling"}
    await page.do(ScheduledJobs, "load")
    assert set(form.errors) == {"scheduling"}  # reading the log does not take what was typed
    await page.do(ScheduleForm, "save", {"scheduling": "every day", "active": "on"})
    assert set(form.errors) == {"scheduling"}
    await page.do(ScheduleForm, "save", {"scheduling": "*/5  * * * *"})
    with db.reading() as session:
        job = scheduled_job.get_job(session, "clean_up")
        assert (job.scheduling, job.active) == ("*/5 * * * *", False)


async def test_the_log_shows_errors_word_for_word_and_only_them_when_asked(secrets: dict[Role, str]) -> None:
    at = data.now() - timedelta(hours=1)
    with db.unit_of_work() as session:
        good = scheduled_job.begin_run(session, "clean_up", at)
        scheduled_job.end_run(session, good, scheduled_job.Outcome.DONE, at, message=json.dumps({"runs": 3}))
        bad = scheduled_job.begin_run(session, "clean_up", at)
        scheduled_job.end_run(session, bad, scheduled_job.Outcome.FAILED, at, error="OSError: <disk> full")
    page = Visit(secrets[Role.VIEWER], "/admin/scheduled-jobs?job=clean_up")
    state = await page.do(ScheduledJobs, "load")
    assert [(run.outcome, run.message, run.error) for run in state.rows] == [
        ("failed", "", "OSError: <disk> full"),
        ("done", "3 old runs", ""),
    ]
    line = next(job for job in state.jobs if job.id == "clean_up")
    assert [bar.failed for bar in line.bars] == [False, True]
    assert (state.beats, state.beat) == (False, "Scheduler is not running. Start the worker.")
    errors = Visit(secrets[Role.VIEWER], "/admin/scheduled-jobs?job=clean_up&result=failed")
    assert [run.id for run in (await errors.do(ScheduledJobs, "load")).rows] == [bad]


async def test_run_now_asks_for_a_run_and_an_inactive_job_is_refused(secrets: dict[Role, str]) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], "/admin/scheduled-jobs")
    await page.do(ScheduledJobs, "run_now", "clean_up")
    with db.reading() as session:
        assert scheduled_job.get_job(session, "clean_up").run_now_at is not None
    await page.do(ScheduledJobs, "switch", "clean_up", False)
    await page.do(ScheduledJobs, "run_now", "clean_up")
    assert (await page.toasts())[-1] == "Clean Up is Inactive. Activate it first."


def _catch(*subjects: str) -> None:
    for subject in subjects:
        content = MAIL.replace("Before the snow", subject).encode()
        arrived = caught_mail.Arrived("tea@example.com", ("ada@example.org",), content, datetime.now(UTC))
        with db.unit_of_work() as session:
            caught_mail.keep(session, [(arrived, caught_mail.write_file(arrived))])


async def test_a_caught_mail_is_read_in_parts_and_offers_what_its_recipient_can_do(secrets: dict[Role, str]) -> None:
    _catch("First", "Second")
    state = await Visit(secrets[Role.VIEWER], "/mail-catcher").do(MailCatcher, "load")
    assert [(row.subject, row.name, row.is_test) for row in state.rows] == [
        ("Second", "Ada Ek", True),
        ("First", "Ada Ek", True),
    ]
    page = Visit(secrets[Role.VIEWER], "/mail-catcher?mail=1&part=links")
    await page.do(MailCatcher, "load")
    view = await page.at(CaughtMailView)
    assert (view.mail.subject, view.mail.pixel, view.mail.click, view.mail.opt_out) == ("First", PIXEL, CLICK, LEAVE)
    assert view.links == [f"https://m.example{CLICK}", "http://other.example/"]
    assert view.html == ""  # only the part that is shown travels
    page = Visit(secrets[Role.VIEWER], "/mail-catcher?mail=1")
    await page.do(MailCatcher, "load")
    assert f' src="https://m.example{PIXEL}"' not in (await page.at(CaughtMailView)).html


async def test_a_search_and_a_mail_that_is_gone(secrets: dict[Role, str]) -> None:
    _catch("First", "Second")
    page = Visit(secrets[Role.VIEWER], "/mail-catcher?q=first&mail=99")
    state = await page.do(MailCatcher, "load")
    assert [row.subject for row in state.rows] == ["First"]
    assert state.caught == 2
    assert (await page.at(CaughtMailView)).gone == "This mail is not kept any more."
