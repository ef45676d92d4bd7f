"""Erasing a person and proving consent: on the page of the person, as a file, and by the command."""

import csv
import io
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from starlette.testclient import TestClient

from dashboard import routes
from dashboard.acts.consent_file import COLUMNS
from dashboard.cli import main
from dashboard.recipients.consent import PORTION, Consents
from dashboard.recipients.erase import Erase
from dashboard.recipients.person_page import PersonPage
from models import db
from models.address import EVERYTHING, Address, opt_in, opt_out
from models.queue_table import ItemState
from models.recipient import Kind, Recipient
from models.user import Role, viewer_of
from tests import factories
from tests.dashboard.conftest import signed_in
from tests.dashboard.tab import Tab, tab_of

NOW = factories.NOW


@pytest.fixture
def ada(sqlite_database: Engine) -> int:
    """Ada, mailed once, who declined and took again thirty times; a lead has her address too."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, "ada@example.com")
        factories.recipient(session, "ada@example.com", kind=Kind.LEAD, name="A. Byron")
        mail = factories.mass_email(session, factories.target_list(session, "News", [person]), name="September")
        item = factories.queue_item(session, mail, person, ItemState.SENT, personal={"Person.firstName": "Ada"})
        for day in range(30):
            at = NOW + timedelta(days=day)
            if day % 2:
                opt_in(session, person.address_id, [EVERYTHING], at, source="person", by="grace@example.com")
            else:
                told = {"source": "one_click", "item_id": item.id, "ip": "203.0.113.0/24"}
                opt_out(session, person.address_id, [EVERYTHING], at, **told)
        return person.id


async def opened(tab: Tab, person_id: int) -> PersonPage:
    tab.go(f"/recipients/{person_id}")
    await tab.do(PersonPage.load, PersonPage)
    return await tab.state(PersonPage)


async def test_the_dialog_names_what_goes_and_what_stays(ada: int) -> None:
    tab = tab_of(Role.ADMINISTRATOR)
    await opened(tab, ada)
    await tab.do(Erase.ask, Erase, ada)
    dialog = await tab.state(Erase)
    assert (dialog.asking, dialog.count, dialog.twins, dialog.which) == (True, 2, 1, "all")
    assert dialog.records == ["Contact · Ada Byron · ada@example.com", "Lead · A. Byron · ada@example.com"]
    assert [(one.words, one.number) for one in dialog.goes] == [
        ("Stored values and server replies of messages", "1"),
        ("IP in the history of consent", "15"),
    ]
    assert [one.number for one in dialog.stays] == ["1", "1", "30"]
    await tab.do(Erase.choose, Erase, "only")
    assert (dialog.count, dialog.kept_by, dialog.keeps_address) == (1, 1, True)
    await tab.do(Erase.choose, Erase, "all")
    await tab.do(Erase.confirm, Erase)
    assert await tab.told() == ["2 records erased."]
    page = await opened(tab, ada)
    assert (page.name, page.erased != "", dialog.asking) == (f"#{ada}", True, False)
    assert ("Address", "Erased on request") in [(fact.name, fact.value) for fact in page.facts]
    consents = await tab.state(Consents)
    assert (consents.may_decide, consents.count) == (False, 30)
    assert [(line.title, line.final) for line in consents.suppressions] == [("erased on request", True)]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_only_administrators_erase(ada: int, role: Role) -> None:
    tab = tab_of(role)
    await opened(tab, ada)
    await tab.do(Erase.ask, Erase, ada)
    await tab.do(Erase.confirm, Erase)
    with db.reading() as session:
        assert session.get_one(Recipient, ada).erased_at is None


async def test_the_history_of_consent_is_shown_whole_with_its_messages(ada: int) -> None:
    tab = tab_of(Role.VIEWER)
    await opened(tab, ada)
    consents = await tab.state(Consents)
    assert (len(consents.history), consents.count) == (PORTION, 30)
    await tab.do(Consents.load_more, Consents)
    await tab.do(Consents.load_more, Consents)
    assert len(consents.history) == 30
    taken, declined = consents.history[0], consents.history[1]
    assert (taken.title, taken.detail, taken.href) == (
        "Opted in again to everything", "by a user · grace@example.com", ""
    )  # fmt: skip
    assert declined.detail == "one click · September (version 1) · IP 203.0.113.0/24"
    assert declined.href == "/mass-emails/1"


@pytest.mark.parametrize("of_all", [False, True])
def test_the_proof_is_downloaded_as_csv_and_as_json(browser: TestClient, ada: int, of_all: bool) -> None:
    route = routes.CONSENT_OF_ALL if of_all else routes.CONSENT
    assert browser.get(routes.to(route, recipient_id=ada, ending="csv")).status_code == 303
    with db.unit_of_work() as session:
        factories.recipient(session, None)
        signed = viewer_of(factories.user(session, role=Role.VIEWER))
    signed_in(browser, signed)
    answer = browser.get(routes.to(route, recipient_id=ada, ending="csv").partition("?")[0])
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert "consent-" in answer.headers["content-disposition"]
    assert (len(rows), tuple(rows[0])) == (30, COLUMNS)
    assert {key: rows[0][key] for key in ("address", "way", "list", "source", "ip", "mass_email", "version")} == {
        "address": "ada@example.com",
        "way": "out",
        "list": "*",
        "source": "one_click",
        "ip": "203.0.113.0/24",
        "mass_email": "September",
        "version": "1",
    }
    assert rows[0]["link"].endswith("/mass-emails/1")
    found = browser.get(routes.to(route, recipient_id=ada, ending="json").partition("?")[0]).json()
    assert [str(one["event"]) for one in found] == [row["event"] for row in rows]


@pytest.mark.parametrize(
    "path", ["/recipients/99999/consent.csv", "/recipients/1/consent.exe", "/recipients/2/consent.csv"]
)
def test_what_is_not_there_is_not_downloaded(browser: TestClient, path: str) -> None:
    with db.unit_of_work() as session:
        factories.recipient(session, "ada@example.com")
        factories.recipient(session, None)
        user = viewer_of(factories.user(session))
    signed_in(browser, user)
    assert browser.get(f"/recipients/{path}").status_code == 404


@pytest.fixture
def command(sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.commands.start.migrate", lambda: None)
    monkeypatch.setattr("dashboard.commands.start.configure", lambda _settings: None)


def envoi(*words: str) -> str:
    ran = CliRunner(env={"LC_ALL": "C"}).invoke(main, words)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_the_command_erases_and_proves(command: None, ada: int) -> None:
    everything = json.loads(envoi("export", "consent", "--json"))
    assert len(everything) == 30 == len(envoi("export", "consent", "--address", "ada@example.com").splitlines()) - 1
    dry = json.loads(envoi("erase", "ADA@example.com", "--dry-run", "--json"))
    assert (dry["erased"], dry["records"], dry["goes"]["messages"]) == (False, [1, 2], 1)
    done = envoi("erase", "--recipient", str(ada), "--json")
    assert json.loads(done)["erased"]
    assert "ada@" not in done
    with db.reading() as session:
        assert session.get_one(Address, 1).normal is None
    proof = json.loads(envoi("export", "consent", "--address", "ada@example.com", "--json"))
    assert [one["event"] for one in proof] == [one["event"] for one in everything]
    assert {(one["address"], one["ip"]) for one in proof} == {("", "")}
    assert json.loads(envoi("erase", "ada@example.com", "--dry-run", "--json"))["records"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("ada@example.com", "--recipient", "1"), 2),
        (("ada@example.com", "--only"), 2),
        (("no address",), 2),
        (("never@example.com",), 1),
        (("--recipient", "999"), 1),
    ],
)
def test_the_command_says_whom_it_cannot_erase(command: None, words: tuple[str, ...], code: int) -> None:
    with pytest.raises(SystemExit) as end:
        main.main(["erase", *words])
    assert end.value.code == code
