"""The pace on the screens and in the command: sending window, limits per domain, undo minutes, route of accounts."""

import json

import pytest

from dashboard import data
from dashboard.admin.outbound_emails_page import OutboundPage
from dashboard.admin.smtp_account_form import SmtpForm
from dashboard.mass_emails.form_page import MassEmailForm
from dashboard.mass_emails.plan_panel import PlanPanel
from dashboard.ui import Typed, said_window, typed_window, window_values
from models import db, outbound_emails, rate, smtp_account
from models.sending_window import DAYS, read
from models.user import Role
from tests import factories
from tests.dashboard.tab import Tab, tab_of
from tests.dashboard.test_commands import Installation, here
from tests.dashboard.test_mass_emails import DRAFT, house, mails, new_mail, open_form

__all__ = ["here", "house"]


@pytest.fixture
def tab(house: dict[str, int]) -> Tab:
    return tab_of(Role.ADMINISTRATOR)


def ticked(*days: str, opens: str = "", closes: str = "") -> dict[str, str]:
    """What a browser sends of the field: boxes without a tick are not there."""
    days_on = {f"sending_window_{day}": "on" for day in days}
    return {**days_on, "sending_window_opens": opens, "sending_window_closes": closes}


def untouched(values: dict[str, str]) -> dict[str, str]:
    """A form as it opened, without the boxes of the week."""
    return {name: value for name, value in values.items() if name.removeprefix("sending_window_") not in DAYS}


@pytest.mark.parametrize("window", ["", "mon-fri 09:00-18:00", "sat,sun", "22:00-06:00"])
def test_a_window_opens_in_its_field_and_is_read_back(window: str) -> None:
    values = window_values("sending_window", window)
    assert str(read(typed_window(Typed(values), "sending_window"))) == window


@pytest.mark.parametrize(
    ("window", "english", "french"),
    [
        ("", "every day", "tous les jours"),
        ("mon-fri 09:00-18:00", "Mon – Fri, 09:00 – 18:00", "Lun – Ven, 09:00 – 18:00"),
        ("sat,sun", "Sat, Sun", "Sam, Dim"),
        ("22:00-06:00", "every day, 22:00 – 06:00", "tous les jours, 22:00 – 06:00"),
    ],
)
def test_a_window_in_words(window: str, english: str, french: str) -> None:
    assert (said_window("en", window), said_window("fr", window)) == (english, french)


async def test_a_mass_email_gets_the_window_of_its_form(tab: Tab, house) -> None:
    form = await open_form(tab, house)
    assert (form.values["sending_window"], form.values["sending_window_mon"]) == ("", "true")
    given = {**untouched(form.values), "template": str(house["template"]), "status": "draft"}
    for wrong in (ticked("mon", opens="09:00", closes="09:00"), ticked(opens="09:00", closes="18:00")):
        await tab.do(MassEmailForm.save, MassEmailForm, {**given, **wrong})
        assert set((await tab.state(MassEmailForm)).errors) == {"sending_window"}
    await tab.do(MassEmailForm.save, MassEmailForm, {**given, **ticked("mon", "tue", opens="22:00", closes="06:00")})
    assert [mail.sending_window for mail in mails()] == ["mon,tue 22:00-06:00"]


async def test_the_window_is_changed_while_it_is_sent(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True, sending_window="mon-fri 09:00-18:00")
    tab.go(f"/mass-emails/{mail}/edit")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    form = await tab.state(MassEmailForm)
    assert "sending_window" not in form.fixed
    assert "zone" in form.fixed
    given = {**untouched(form.values), **ticked("sat", "sun")}
    await tab.do(MassEmailForm.save, MassEmailForm, given)
    assert (await tab.state(MassEmailForm)).errors == {}
    assert mails()[0].sending_window == "sat,sun"


async def test_a_form_without_the_field_leaves_the_window_as_it_is(tab: Tab, house) -> None:
    mail = new_mail(house, **DRAFT, sending_window="mon-fri 09:00-18:00")
    tab.go(f"/mass-emails/{mail}/edit")
    await tab.do(MassEmailForm.load_edit, MassEmailForm)
    form = await tab.state(MassEmailForm)
    given = {name: value for name, value in form.values.items() if not name.startswith("sending_window")}
    await tab.do(MassEmailForm.save, MassEmailForm, {**given, "name": "Renamed"})
    assert [(one.name, one.sending_window) for one in mails()] == [("Renamed", "mon-fri 09:00-18:00")]


async def test_the_plan_names_window_and_accounts_and_what_it_cannot_foresee(tab: Tab, house) -> None:
    now = data.now()
    mail = new_mail(house, queued=True, sending_window="mon-fri 09:00-18:00", smtp_account_id=None)
    with db.unit_of_work() as session:
        smtp_account.get_account(session, house["account"]).is_catcher = False
        second = factories.smtp_account(session, name="Second", is_default=False, weight=3, max_per_hour=70)
        factories.smtp_account(session, name="Reserve", is_default=False, stand_by=True)
        rate.charge(session, second.id, 12, now)
        smtp_account.trip(session, second.id, "login", "535 no", now)
        outbound_emails.change(session, {"max_per_hour_per_domain": 50}, now, "someone@example.com")
    tab.go(f"/mass-emails/{mail}")
    await tab.do(PlanPanel.load, PlanPanel)
    plan = await tab.state(PlanPanel)
    assert plan.window == "Mon – Fri, 09:00 – 18:00 (Europe/Paris)"
    assert [(line.name, line.part, line.used, bool(line.trouble)) for line in plan.route] == [
        ("Catcher", "25.0%", "0 of 1,000 used in this hour", False),
        ("Second", "75.0%", "12 of 70 used in this hour", True),
        ("Reserve", "on stand-by", "0 of 1,000 used in this hour", False),
    ]
    assert plan.unforeseen.startswith("At the earliest: a limit per domain")


async def test_a_mass_email_with_one_account_and_no_window_is_planned_without_either(tab: Tab, house) -> None:
    mail = new_mail(house, queued=True)
    tab.go(f"/mass-emails/{mail}")
    await tab.do(PlanPanel.load, PlanPanel)
    plan = await tab.state(PlanPanel)
    assert (plan.window, plan.route, plan.unforeseen) == ("", [], "")


async def test_outbound_emails_keep_limits_per_domain_undo_minutes_and_the_last_day(tab: Tab, house) -> None:
    tab.go("/admin/outbound-emails")
    await tab.do(OutboundPage.load, OutboundPage)
    page = await tab.state(OutboundPage)
    typed = {"max_per_hour_per_domain": "1,500", "max_per_minute_per_domain": "", "undo_minutes": "10"}
    window = ticked("mon", "tue", "wed", "thu", "fri", opens="08:00", closes="20:00")
    given = {**untouched(page.values), **typed, "give_up_after_days": "5", **window}
    await tab.do(OutboundPage.save, OutboundPage, given)
    assert page.errors == {}
    with db.reading() as session:
        kept = outbound_emails.read(session)
    assert (kept.max_per_hour_per_domain, kept.max_per_minute_per_domain) == (1500, None)
    assert (kept.undo_minutes, kept.give_up_after_days) == (10, 5)
    assert kept.sending_window == "mon-fri 08:00-20:00"
    assert (page.values["sending_window_opens"], page.values["sending_window_sat"]) == ("08:00", "")
    wrong = {"undo_minutes": "-1", "give_up_after_days": "0", "max_per_hour_per_domain": "0"}
    await tab.do(
        OutboundPage.save, OutboundPage, {**untouched(given), **wrong, **ticked(opens="08:00", closes="20:00")}
    )
    assert set(page.errors) == {*wrong, "sending_window"}


async def test_a_setting_that_the_page_does_not_show_is_left_alone(tab: Tab, house) -> None:
    tab.go("/admin/outbound-emails")
    await tab.do(OutboundPage.load, OutboundPage)
    await tab.do(OutboundPage.save, OutboundPage, {"portion_size": "300"})
    with db.reading() as session:
        kept = outbound_emails.read(session)
    assert (kept.portion_size, kept.max_per_hour, kept.give_up_after_days) == (300, 1000, 3)


async def test_weight_and_stand_by_of_an_account_are_typed(tab: Tab, house) -> None:
    tab.go("/admin/smtp-accounts")
    await tab.do(SmtpForm.create_new, SmtpForm)
    form = await tab.state(SmtpForm)
    assert (form.values["weight"], form.values.get("stand_by", "")) == ("0", "")
    given = {**form.values, "name": "Second", "host": "smtp.example.com", "weight": "4", "stand_by": "on"}
    await tab.do(SmtpForm.save_or_test, SmtpForm, given)
    assert form.errors == {}
    with db.reading() as session:
        found = smtp_account.find_account(session, "Second")
        assert (found.weight, found.stand_by) == (4, True)


@pytest.mark.slow
def test_the_command_sets_window_weight_and_stand_by(here: Installation) -> None:
    here.imported()
    letter = str(here.home / "letter.html")
    words = ("send", "--campaign", "Autumn", "--list", "Readers", "--template", letter, "--subject", "News")
    assert here.fails(*words, "--window", "mon 09:00-09:00")[0] == 2
    made = here.json(*words, "--window", "mon-fri 09:00-18:00", "--zone", "Europe/Paris")["mass_email"]
    changed = here.json("mass-email", "window", str(made), "Sat,Sun 10:00-12:00")
    assert changed == {"id": made, "sending_window": "sat,sun 10:00-12:00", "zone": "Europe/Paris"}
    assert "at any time" in here.run("mass-email", "window", str(made), "")
    assert here.fails("mass-email", "window", str(made), "sometimes")[0] == 2
    place = ("--host", "127.0.0.1", "--weight", "3", "--stand-by")
    here.run("smtp-account", "set", "relay", *place)
    here.run("smtp-account", "set", "relay", "--no-stand-by")
    row = next(row for row in json.loads(here.run("smtp-account", "list", "--json")) if row["name"] == "relay")
    assert (row["weight"], row["stand_by"]) == (3, False)
    here.run("settings", "set", "sending_window", "mon-fri 08:00-20:00")
    assert here.json("settings", "get", "sending_window") == "mon-fri 08:00-20:00"
    assert here.fails("settings", "set", "undo_minutes", "-1")[0] == 2
