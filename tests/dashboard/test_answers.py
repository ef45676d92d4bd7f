"""Group Email Accounts and What Came Back: what the handlers make of what is typed, and what each page says."""

import pytest
from sqlmodel import Session, select

from dashboard import routes
from dashboard.admin.group_account_form import GroupAccountForm
from dashboard.admin.group_email_accounts_page import GroupEmailAccounts
from dashboard.answers.list_page import Answers
from dashboard.answers.mail_dialog import MailDialog
from dashboard.campaigns.detail_page import CampaignPage
from dashboard.mass_emails.detail_page import MassEmailPage
from models import db
from models.bounce import judge_mail
from models.group_email_account import create_account, find_account, set_active
from models.log_record import Action, LogRecord
from models.mail_in import MailIn, Standing, get_mail
from models.mail_intake import Came, Place, take_mail
from models.queue_item import ItemState
from models.secret import decrypt
from models.user import Role
from models.webhook import create_webhook
from models.webhook_table import Provider
from tests import factories
from tests.dashboard.tab import tab_of
from tests.dashboard.test_admin import Visit, secrets
from tests.factories import NOW
from tests.jobs.returned_mail import bounce, tagged, written

__all__ = ["secrets"]  # the fixture

ACCOUNTS, CAME = "/admin/group-email-accounts", "/answers"
TYPED = {
    "name": "Returned mails",
    "address": "bounce@sender.example",
    "protocol": "imap",
    "host": "127.0.0.1",
    "port": "1",
    "tls": "none",
    "check_certificate": "on",
    "username": "bounce",
    "sign_in": "password",
    "password": " s3cret ",
    "folders": "INBOX\nJunk",
    "afterwards": "mark_seen",
    "return_domain": "",
    "active": "on",
}


def came(session: Session, raw: bytes, uid: str, account_id: int) -> int:
    """The id of a mail that is taken in."""
    place = Place(account_id, "INBOX", 1, uid)
    take_mail(session, Came(place, raw, len(raw)), judge_mail(raw), NOW)
    return session.exec(select(MailIn.id).where(MailIn.uid == uid)).one()


@pytest.fixture
def mails(secrets: dict[Role, str]) -> dict[str, int]:
    """A bounce of a person's, one of nobody's, one that is not understood; by name, with `person`."""
    with db.unit_of_work() as session:
        account_id = create_account(session, TYPED, NOW, by="ada@example.com")
        person = factories.recipient(session, "ada@example.com")
        mail = factories.mass_email(session, factories.target_list(session, "A", [person]))
        item = factories.queue_item(session, mail, person, ItemState.UNCERTAIN, first_tried_at=NOW)
        found = {
            "bounce": bounce("ada@example.com", to=tagged(item.id)),
            "stranger": bounce("stranger@elsewhere.example.net"),
            "strange": written("Zxq: nope", subject="Zxq", sender="postmaster@strange.example.net"),
        }
        ids = {name: came(session, raw, str(uid), account_id) for uid, (name, raw) in enumerate(found.items())}
        return {**ids, "person": person.id}


async def test_a_mailbox_is_tried_before_it_is_saved_and_its_password_is_kept_unreadable(secrets: dict) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], ACCOUNTS)
    await page.do(GroupAccountForm, "create_new")
    await page.do(GroupAccountForm, "test_only")
    form = await page.do(GroupAccountForm, "save_or_test", TYPED)
    assert (form.works, form.tested, form.tested_words) == (False, "Failed at: connecting", "Connection refused")
    with db.reading() as session:
        assert find_account(session, "returned mails") is None
    await page.do(GroupAccountForm, "save_or_test", {**TYPED, "address": "nobody", "folders": ""})
    assert set(form.errors) == {"address", "folders"}
    await page.do(GroupAccountForm, "save_or_test", TYPED)
    assert not form.form_open
    with db.reading() as session:
        kept = find_account(session, "returned mails")
    assert (kept.folders, decrypt(kept.secret)) == (["INBOX", "Junk"], " s3cret ")
    assert "s3cret" not in kept.secret


async def test_another_server_gets_no_kept_password_and_a_second_editor_is_told(mails: dict, secrets: dict) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], ACCOUNTS)
    form = await page.do(GroupAccountForm, "edit_one", 1)
    assert (form.values["folders"], form.values["password"]) == ("INBOX\nJunk", "")
    await page.do(GroupAccountForm, "save_or_test", {**TYPED, "password": "", "host": "evil.example"})
    assert set(form.errors) == {"password"}
    other = Visit(secrets[Role.ADMINISTRATOR], ACCOUNTS)
    await other.do(GroupAccountForm, "edit_one", 1)
    await other.do(GroupAccountForm, "save_or_test", {**TYPED, "password": "", "name": "Theirs"})
    await page.do(GroupAccountForm, "save_or_test", {**TYPED, "password": ""})
    assert form.conflict
    assert [one.theirs for one in form.differences] == ["Theirs"]


async def test_the_list_says_how_the_last_look_went_and_that_nobody_watches(mails: dict, secrets: dict) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], ACCOUNTS)
    state = await page.do(GroupEmailAccounts, "load")
    (line,) = state.rows
    assert (line.health_words, line.path_words, line.folders) == ("Not checked yet", "Not used", "INBOX, Junk")
    assert state.watched
    await page.do(GroupEmailAccounts, "switch", 1, False)
    await page.do(GroupEmailAccounts, "load")
    assert (state.watched, state.rows[0].health_words) == (False, "Inactive")


async def test_each_page_that_shows_bounces_says_when_they_are_not_recorded(mails: dict, secrets: dict) -> None:
    async def watched() -> list[bool]:
        tab = tab_of(Role.ADMINISTRATOR)
        seen = []
        for path, page in (
            (routes.to(routes.CAMPAIGN, campaign_id=1), CampaignPage),
            (routes.to(routes.MASS_EMAIL, mass_email_id=1), MassEmailPage),
            (CAME, Answers),
        ):
            tab.go(path)
            await tab.do(page.load, page)
            state = await tab.state(page)
            seen.append(state.head.watched if page is MassEmailPage else state.watched)
        return seen

    assert await watched() == [True] * 3
    with db.unit_of_work() as session:
        set_active(session, 1, False, NOW, by="ada@example.com")
    assert await watched() == [False] * 3
    with db.unit_of_work() as session:
        create_webhook(session, {"name": "Postmark", "provider": Provider.POSTMARK}, NOW, by="ada@example.com")
    assert await watched() == [True] * 3


async def test_the_return_path_cannot_be_verified_while_mail_goes_to_the_catcher(mails: dict, secrets: dict) -> None:
    page = Visit(secrets[Role.ADMINISTRATOR], ACCOUNTS)
    state = await page.do(GroupEmailAccounts, "ask_verify", 1)
    assert "bounce+…@sender.example" in state.question
    await page.do(GroupEmailAccounts, "confirm_verify")
    assert await page.toasts() == ["Mail goes to the catcher: make a real SMTP account the default first."]


async def test_what_came_back_shows_verdict_and_person_and_counts_what_waits(mails: dict, secrets: dict) -> None:
    page = Visit(secrets[Role.VIEWER], CAME)
    state = await page.do(Answers, "load")
    assert [row.standing for row in state.rows] == [Standing.NOT_UNDERSTOOD, Standing.UNMATCHED, Standing.BOUNCED]
    assert state.view_counts["decide"] == "2"
    assert (state.rows[2].whose, state.rows[2].verdict) == ("Ada Byron", "Hard bounce · No such mailbox (5.1.1)")
    some = Visit(secrets[Role.VIEWER], f"{CAME}?standing=unmatched,not_understood&q=zxq")
    assert [row.id for row in (await some.do(Answers, "load")).rows] == [mails["strange"]]
    theirs = Visit(secrets[Role.VIEWER], f"{CAME}?person={mails['person']}")
    assert [row.id for row in (await theirs.do(Answers, "load")).rows] == [mails["bounce"]]


async def test_a_mail_is_read_and_assigned_by_hand_to_a_person(mails: dict, secrets: dict) -> None:
    page = Visit(secrets[Role.EDITOR], CAME)
    dialog = await page.do(MailDialog, "open_one", mails["strange"])
    assert (dialog.words, dialog.waits) == ("Zxq: nope", True)
    await page.do(MailDialog, "save", {"recipient": "", "meaning": ""})
    assert set(dialog.errors) == {"recipient", "meaning"}
    await page.do(MailDialog, "save", {"recipient": "9" * 30, "meaning": "reply"})
    assert set(dialog.errors) == {"recipient"}
    await page.do(MailDialog, "save", {"recipient": str(mails["person"]), "meaning": "reply"})
    with db.reading() as session:
        assert get_mail(session, mails["strange"]).standing is Standing.REPLIED
        actions = list(session.exec(select(LogRecord.action).order_by(LogRecord.id)))
    assert actions == [Action.SENT, Action.BOUNCED, Action.REPLIED]


async def test_mails_are_ignored_one_by_one_or_together_and_a_viewer_decides_nothing(
    mails: dict, secrets: dict
) -> None:
    viewer = Visit(secrets[Role.VIEWER], CAME)
    await viewer.do(MailDialog, "open_one", mails["strange"])
    await viewer.do(MailDialog, "put_aside")
    await viewer.do(MailDialog, "save", {"recipient": str(mails["person"]), "meaning": "hard"})
    editor = Visit(secrets[Role.EDITOR], CAME)
    await editor.do(MailDialog, "open_one", mails["strange"])
    await editor.do(MailDialog, "put_aside")
    state = await editor.do(Answers, "load")
    state.selected = [mails["bounce"], mails["stranger"], mails["strange"]]
    await editor.do(Answers, "ignore_chosen")
    with db.reading() as session:
        standings = [get_mail(session, mails[name]).standing for name in ("bounce", "stranger", "strange")]
    assert standings == [Standing.BOUNCED, Standing.IGNORED, Standing.IGNORED]


async def test_who_does_not_administer_changes_no_account(mails: dict, secrets: dict) -> None:
    page = Visit(secrets[Role.EDITOR], ACCOUNTS)
    await page.do(GroupAccountForm, "save_or_test", {**TYPED, "name": "Mine"})
    await page.do(GroupEmailAccounts, "switch", 1, False)
    await page.do(GroupEmailAccounts, "confirm_delete")
    with db.reading() as session:
        assert find_account(session, "Mine") is None
        assert find_account(session, "Returned mails").active
