"""Suppressions on the screen: list, adding, evidence, releasing, import, export; and the command beside it."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
import reflex as rx
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import func, select
from starlette.testclient import TestClient

from dashboard import routes
from dashboard.cli import main
from dashboard.suppressions.add_form import SuppressionForm
from dashboard.suppressions.evidence import EvidenceDialog
from dashboard.suppressions.import_files import UPLOADS
from dashboard.suppressions.import_state import SuppressionImport
from dashboard.suppressions.list_page import Suppressions
from dashboard.suppressions.release import Release
from models import db, mail_in
from models.audit import Audit
from models.mail_in import MailIn, MailKind, MatchedBy, Standing
from models.queue_table import ItemState
from models.suppression import Suppression, SuppressionReason, key_of, suppress
from models.suppression_import import check_file, plan_file
from models.suppression_page import SuppressionFilter, suppressions_after
from models.suppression_row import COLUMNS, Defaults
from models.user import Role, viewer_of
from tests import factories
from tests.dashboard.conftest import signed_in
from tests.dashboard.tab import Tab, tab_of

NOW = factories.NOW
Reason = SuppressionReason


@pytest.fixture
def administrator(sqlite_database: Engine) -> Tab:
    return tab_of(Role.ADMINISTRATOR)


@pytest.fixture
def ada(sqlite_database: Engine) -> int:
    """The key of a suppression with all its evidence: a message, the mail that came back, its words."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, "ada@example.com")
        mail = factories.mass_email(session)
        item = factories.queue_item(session, mail, person, ItemState.SENT, bounced=True, reply="250 taken")
        suppress(session, person.address_id, Reason.HARD_BOUNCE, NOW, evidence="5.1.1 550 no such user")
        came = MailIn(
            account_id=1,
            folder="INBOX",
            uidvalidity=1,
            uid="1",
            digest="d",
            at=NOW,
            taken_at=NOW,
            kind=MailKind.HARD,
            standing=Standing.BOUNCED,
            matched_by=MatchedBy.RETURN_PATH,
            item_id=item.id,
            recipient_id=person.id,
            address_id=person.address_id,
            size=9,
        )
        session.add(came)
        session.flush()
        mail_in.keep_text(session, came.id, b"Subject: returned\r\n\r\nThe mailbox is gone.")
        return key_of(person.address_id, Reason.HARD_BOUNCE)


async def shown(tab: Tab, **query: object) -> Suppressions:
    tab.go(routes.SUPPRESSIONS, **query)
    await tab.do(Suppressions.load, Suppressions)
    return await tab.state(Suppressions)


async def test_a_row_says_who_why_since_when_and_by_what(administrator: Tab, ada: int) -> None:
    page = await shown(administrator)
    (row,) = page.rows
    assert (row.id, row.address, row.reason, row.evidence) == (
        ada, "ada@example.com", Reason.HARD_BOUNCE, "5.1.1 550 no such user"
    )  # fmt: skip
    assert (row.whose, row.whose_href, row.until) == ("Ada Byron", "/recipients/1", "for good")
    assert (page.view_counts[""], page.view_counts["hard_bounce"], page.view_counts["manual"]) == ("1", "1", "0")
    assert page.export == routes.SUPPRESSIONS_EXPORT


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ADA@"}, 1),
        ({"q": "nobody"}, 0),
        ({"reason": "hard_bounce"}, 1),
        ({"reason": "manual"}, 0),
        ({"since": "2026-09-08..2026-09-08"}, 1),
        ({"since": "2026-09-09.."}, 0),
        ({"until": "..2030-01-01"}, 0),
        ({"provider": "other"}, 1),
        ({"provider": "La Poste"}, 0),
        ({"provider": "'; DROP"}, 1),
        ({"reason": "<script>"}, 1),
    ],
)
async def test_the_list_is_searched_and_filtered_by_its_address(
    administrator: Tab, ada: int, query: dict, found: int
) -> None:
    assert (await shown(administrator, **query)).total == found


async def test_an_address_is_suppressed_by_hand(sqlite_database: Engine) -> None:
    tab = tab_of(Role.EDITOR)
    await shown(tab)
    await tab.do(SuppressionForm.open_new, SuppressionForm)
    await tab.do(SuppressionForm.save, SuppressionForm, {"address": "nobody", "until": "2020-01-01T10:00", "note": ""})
    form = await tab.state(SuppressionForm)
    assert set(form.errors) == {"address", "until"}
    assert form.form_open
    given = {"address": "New@Example.com", "until": "", "note": "asked by phone"}
    await tab.do(SuppressionForm.save, SuppressionForm, given)
    await tab.do(SuppressionForm.save, SuppressionForm, given)  # pressed twice
    (row,) = (await shown(tab)).rows
    assert (row.address, row.reason, row.evidence, row.whose) == ("new@example.com", "manual", "asked by phone", "")
    assert await tab.told() == ["The address is suppressed."]


async def test_the_evidence_opens_to_the_mail_that_came_back(administrator: Tab, ada: int) -> None:
    await shown(administrator)
    await administrator.do(EvidenceDialog.open_one, EvidenceDialog, ada)
    dialog = await administrator.state(EvidenceDialog)
    assert (dialog.proof, dialog.reply, dialog.text) == (
        "5.1.1 550 no such user", "250 taken", "The mailbox is gone."
    )  # fmt: skip
    assert dialog.mass_email.startswith("Rentrée 2026")
    assert dialog.mass_email_href == "/mass-emails/1"
    with db.unit_of_work() as session:
        assert mail_in.forget_texts(session, NOW + timedelta(days=1)) == 1
    await administrator.do(EvidenceDialog.open_one, EvidenceDialog, ada)
    assert (dialog.text, dialog.brought != "") == ("", True)


async def test_releasing_asks_first_and_only_administrators_may(administrator: Tab, ada: int) -> None:
    editor = tab_of(Role.EDITOR)
    for tab, left in ((editor, 1), (administrator, 0)):
        await shown(tab)
        await tab.do(Release.ask_one, Release, ada)
        assert (await tab.state(Release)).asking is (tab is administrator)
        await _confirm(tab)
        assert (await shown(tab)).total == left


async def test_all_results_are_released_but_those_erased_on_request(administrator: Tab, ada: int) -> None:
    with db.unit_of_work() as session:
        for number in range(60):
            address = factories.address(session, f"p{number}@example.com").id
            suppress(session, address, Reason.ERASED if number == 0 else Reason.COMPLAINT, NOW)
    page = await shown(administrator)
    await administrator.do(Suppressions.select_all, Suppressions)
    await administrator.do(Suppressions.ask_release, Suppressions)
    asked = await administrator.state(Release)
    assert (page.total, asked.count, asked.stay, asked.to_type) == (61, 60, 1, 0)
    await _confirm(administrator)
    with db.reading() as session:
        assert session.exec(select(Suppression.reason)).all() == [Reason.ERASED]
        released = select(func.count()).where(Audit.act == "suppression.released")
        assert session.exec(released).one() == 60


async def test_more_than_a_thousand_are_released_only_when_the_number_is_typed(administrator: Tab) -> None:
    with db.unit_of_work() as session:
        for number in range(1_001):
            suppress(session, factories.address(session, f"p{number}@example.com").id, Reason.MANUAL, NOW)
    await shown(administrator)
    await administrator.do(Suppressions.select_all, Suppressions)
    await administrator.do(Suppressions.ask_release, Suppressions)
    await _confirm(administrator)
    assert (await shown(administrator)).total == 1_001
    await administrator.do(Release.type_number, Release, "1001")
    await _confirm(administrator)
    assert (await shown(administrator)).total == 0


async def _confirm(tab: Tab) -> None:
    await tab.do(Release.confirm, Release)


# --- import ---

FILE = "email;reason;note\nada@example.com;bounce;other\nnew@example.com;;\nno address;;\n"


@pytest.fixture
async def wizard(administrator: Tab, ada: int) -> Tab:
    administrator.go(routes.SUPPRESSIONS_IMPORT)
    await administrator.do(SuppressionImport.load, SuppressionImport)
    return administrator


async def upload(tab: Tab, content: str = FILE) -> SuppressionImport:
    raw = content.encode()
    file = rx.UploadFile(file=io.BytesIO(raw), path=Path("list.csv"), size=len(raw))
    steps = await tab.do(SuppressionImport.take_file, SuppressionImport, [file])
    if SuppressionImport.check in (steps or []):
        await tab.do(SuppressionImport.check, SuppressionImport)
    return await tab.state(SuppressionImport)


def stored() -> dict[str, Reason]:
    with db.reading() as session:
        return {row.address: row.reason for row in suppressions_after(session, SuppressionFilter())}


async def test_a_file_says_what_it_would_do_and_one_press_does_it(wizard: Tab) -> None:
    page = await upload(wizard)
    assert (page.checked, page.new, page.already_said, page.problems_said) == (True, 1, "1", "1")
    assert [(row.where, row.address) for row in page.problems] == [("Row 4", "no address")]
    assert page.columns_read == "Read from it: address, reason, evidence"
    assert "new@example.com" not in stored()
    await wizard.do(SuppressionImport.start, SuppressionImport, {"until": "", "note": "former system"})
    assert (page.done, page.stopped, page.new) == (True, False, 1)
    assert stored()["new@example.com"] is Reason.MANUAL
    (left,) = UPLOADS.directory().iterdir()
    assert left.name.endswith(".problems.csv")
    assert page.problems_href.endswith(left.name.removesuffix(".problems.csv"))
    await wizard.do(SuppressionImport.discard, SuppressionImport)
    assert list(UPLOADS.directory().iterdir()) == []
    assert (page.done, page.file_name) == (False, "")


async def test_the_reason_of_rows_that_say_none_decides_what_is_new(wizard: Tab) -> None:
    page = await upload(wizard, "ada@example.com\n")
    assert (page.new, page.already_said) == (1, "0")
    assert await wizard.do(SuppressionImport.choose_reason, SuppressionImport, "hard_bounce")
    await wizard.do(SuppressionImport.check, SuppressionImport)
    assert (page.new, page.already_said) == (0, "1")
    assert not await wizard.do(SuppressionImport.choose_reason, SuppressionImport, "erased")


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "The file is empty."), ("a,b\n1,2\n", "No column holds addresses"), ("PK\x03\x04", "This is a workbook")],
)
async def test_a_file_that_is_none_is_refused_and_not_kept(wizard: Tab, content: str, said: str) -> None:
    page = await upload(wizard, content)
    assert page.errors["file"].startswith(said)
    assert list(UPLOADS.directory().iterdir()) == []
    assert not page.checked


async def test_what_is_typed_wrongly_stops_the_import(wizard: Tab) -> None:
    page = await upload(wizard)
    await wizard.do(SuppressionImport.start, SuppressionImport, {"until": "2020-01-01T00:00", "note": ""})
    assert (list(page.errors), page.done, page.working) == (["until"], False, False)


async def test_viewers_import_nothing(wizard: Tab) -> None:
    viewer = tab_of(Role.VIEWER)
    viewer.go(routes.SUPPRESSIONS_IMPORT)
    await upload(viewer)
    assert list(UPLOADS.directory().iterdir()) == []


# --- files ---


def test_the_export_holds_what_the_filter_finds_and_is_read_again(
    browser: TestClient, ada: int, tmp_path: Path
) -> None:
    assert browser.get(routes.SUPPRESSIONS_EXPORT).status_code == 303
    with db.unit_of_work() as session:
        user = viewer_of(factories.user(session, role=Role.VIEWER))
        suppress(session, factories.address(session, "x@example.com").id, Reason.MANUAL, NOW, evidence="=cmd()")
    signed_in(browser, user)
    answer = browser.get(routes.SUPPRESSIONS_EXPORT)
    assert "suppressions-" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["address"], row["reason"], row["evidence"]) for row in rows] == [
        ("ada@example.com", "hard_bounce", "5.1.1 550 no such user"),
        ("x@example.com", "manual", "'=cmd()"),
    ]
    assert len(browser.get(f"{routes.SUPPRESSIONS_EXPORT}?reason=manual").text.splitlines()) == 2
    path = tmp_path / "export.csv"
    path.write_bytes(answer.content)
    with db.pinned() as doors:
        again = check_file(doors, plan_file(path, Defaults()), NOW)
    assert (again.new, again.already, again.problems) == (0, 2, 0)


def test_problem_rows_are_for_those_who_may_import(browser: TestClient, ada: int) -> None:
    upload = UPLOADS.keep(io.BytesIO(b"x"))
    UPLOADS.problems_of(upload).write_text("email,Row,Problem\n")
    address = routes.to(routes.SUPPRESSIONS_PROBLEMS, upload=upload)
    for role, status in ((Role.VIEWER, 403), (Role.EDITOR, 200)):
        with db.unit_of_work() as session:
            user = viewer_of(factories.user(session, role=role))
        signed_in(browser, user)
        assert browser.get(address).status_code == status
    assert browser.get(routes.to(routes.SUPPRESSIONS_PROBLEMS, upload="..%2f..%2fsecret_key")).status_code == 404


# --- the command ---


def envoi(*words: str, code: int = 0) -> str:
    ran = CliRunner(env={"LC_ALL": "C"}).invoke(main, ["suppression", *words])
    assert ran.exit_code == code, ran.output
    return ran.output


@pytest.fixture
def command(sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.commands.start.migrate", lambda: None)
    monkeypatch.setattr("dashboard.commands.start.configure", lambda _settings: None)


def test_the_command_does_what_the_page_does(command: None, ada: int, tmp_path: Path) -> None:
    assert json.loads(envoi("add", "X@Example.com", "--note", "by phone", "--json"))["new"]
    assert json.loads(envoi("add", "x@example.com", "--until", "2040-01-01", "--json")) == {
        "address": "x@example.com", "reason": "manual", "new": False
    }  # fmt: skip
    assert [row["address"] for row in json.loads(envoi("list", "--json"))] == ["ada@example.com", "x@example.com"]
    assert envoi("list", "--reason", "manual").startswith("x@example.com  manual")
    exported = envoi("export")
    assert exported.splitlines()[0] == ",".join(COLUMNS)
    assert json.loads(envoi("release", "ada@example.com", "--json"))["released"] == ["hard_bounce"]
    path = tmp_path / "in.csv"
    path.write_text(exported)
    counts = {"rows": 2, "new": 1, "already": 1, "problems": 0}
    assert json.loads(envoi("import", str(path), "--dry-run", "--json")) == {**counts, "dry_run": True}
    assert json.loads(envoi("import", str(path), "--json")) == {**counts, "dry_run": False}
    assert stored() == {"ada@example.com": Reason.HARD_BOUNCE, "x@example.com": Reason.MANUAL}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "nobody"), 2),
        (("add", "a@example.com", "--until", "soon"), 2),
        (("add", "a@example.com", "--until", "2020-01-01"), 2),
        (("add", "a@example.com", "--reason", "erased"), 2),
        (("release", "never@example.com"), 1),
    ],
)
def test_the_command_says_what_cannot_be(command: None, words: tuple[str, ...], code: int) -> None:
    with pytest.raises(SystemExit) as end:
        main.main(["suppression", *words])
    assert end.value.code == code
