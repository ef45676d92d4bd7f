"""The import wizard: file, columns, check, import; nothing is written before the last step, and a restart goes on."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import reflex as rx
from sqlalchemy import Engine
from sqlmodel import func, select
from starlette.testclient import TestClient

from dashboard import data, routes
from dashboard.auth import COOKIE
from dashboard.recipients import import_files, import_work
from dashboard.recipients.import_run import ImportWork
from dashboard.recipients.import_state import Import
from models import background_task, db
from models.background_task import TaskState, get_task
from models.recipient import Kind, Recipient
from models.recipient_import import ImportPlan, start_import
from models.settings import settings
from models.sign_in import SESSION, open_session
from models.spreadsheet_format import sniff
from models.target_list import TargetList
from models.user import Role
from tests import factories
from tests.dashboard.conftest import signed_in
from tests.factories import NOW

ROWS = (
    "Prénom;Courriel;Ville\nÉlodie;elodie@example.com;Lyon\nKarim;karim@@example.com;\nLucie;lucie@example.com;Metz\n"
)


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads go into a directory of the test's own."""
    monkeypatch.setattr(settings(), "data_dir", tmp_path)


async def page_of(role: Role = Role.EDITOR, query: str = "") -> rx.State:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    with db.unit_of_work() as session:
        user = factories.user(session, role=role, email=f"{role}@example.com")
        secret = open_session(session, user.id, SESSION, datetime.now(UTC))
    at(root, query, f"{COOKIE}={secret}")
    return root


def at(root: rx.State, query: str, cookie: str = "") -> None:
    cookie = cookie or root.router.headers.cookie
    path = f"{routes.IMPORT}?{query}" if query else routes.IMPORT
    root.router_data = {"headers": {"cookie": cookie}, "asPath": path, "pathname": routes.IMPORT}
    root._update_router_vars(root.router_data, {})


@pytest.fixture
async def wizard(sqlite_database: Engine) -> AsyncIterator[Import]:
    root = await page_of()
    state = await root.get_state(Import)
    await Import.load.fn(state)
    yield state
    await ended()


async def upload(state: Import, content: bytes | str = ROWS, name: str = "people.csv") -> None:
    content = content.encode() if isinstance(content, str) else content
    file = rx.UploadFile(file=io.BytesIO(content), path=Path(name), size=len(content))
    async for _ in Import.take_file.fn(state, [file]):
        pass


async def checked(state: Import, **given: str) -> None:
    """On to the third step, as the person who accepts what is proposed."""
    await Import.to_columns.fn(state, given)
    assert state.errors == {}
    await Import.check_rows.fn(state)
    await Import.go.fn(state, "check")


async def ended() -> None:
    """Every import of this process."""
    await asyncio.gather(*import_work._under_way.values())


def csv_files(below: Path) -> list[Path]:
    return list(below.rglob("*.csv"))


def people() -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).where(Recipient.kind != Kind.USER)).one()


async def test_from_the_file_to_the_list(wizard: Import) -> None:
    await upload(wizard)
    assert (wizard.file_name, wizard.file_facts, wizard.encoding_name) == ("people.csv", "3 rows, 110 B", "UTF-8")
    await Import.choose_target.fn(wizard, "new")
    await checked(wizard, new_list="Salon")
    assert [line.becomes for line in wizard.columns] == ["first_name", "address", "fields.city"]
    assert (wizard.step, wizard.result.new, wizard.result.wrong) == ("check", "2", "1")
    assert [(row.number, row.address) for row in wizard.problems] == [("3", "karim@@example.com")]
    assert wizard.preview[0].cells == ["Élodie", "elodie@example.com", "Lyon"]
    assert people() == 0
    with db.reading() as session:
        assert session.exec(select(TargetList)).all() == []

    await Import.start.fn(wizard)
    await ended()
    assert people() == 2
    with db.reading() as session:
        made = session.exec(select(TargetList)).one()
        task = background_task.get_task(session, 1)
    assert (made.name, made.entry_count, task.state) == ("Salon", 2, TaskState.DONE)
    assert (wizard.step, wizard.file_name) == ("file", "")
    assert [file.name[32:] for file in import_files.directory().iterdir()] == [".problems.csv"]


async def test_the_result_of_an_import_leads_to_its_people(wizard: Import, tmp_path: Path) -> None:
    await upload(wizard)
    await checked(wizard)
    await Import.start.fn(wizard)
    await ended()
    at(wizard.parent_state, "task=1")
    shown = await wizard.get_state(ImportWork)
    await ImportWork.load.fn(shown)
    assert (shown.open, shown.state, shown.result.new, shown.result.problems) == (True, "done", "2", 1)
    assert shown.people_href == "/recipients?kind=contact"
    assert shown.problems_href.startswith("/import/problem-rows/")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"PK\x03\x04 a workbook", "workbook"), (b"\n\n", "empty")],
)
async def test_what_is_no_table_is_said_beside_the_file(wizard: Import, content: bytes, said: str) -> None:
    await upload(wizard)
    await upload(wizard, content, "other.csv")
    assert said in wizard.errors["file"]
    assert wizard.file_name == "people.csv"  # the one before stays
    assert len(list(import_files.directory().iterdir())) == 1


async def test_without_a_file_or_a_name_the_wizard_stays_and_says_why(wizard: Import) -> None:
    await Import.to_columns.fn(wizard, {})
    assert list(wizard.errors) == ["file"]
    await upload(wizard)
    await Import.choose_target.fn(wizard, "new")
    await Import.to_columns.fn(wizard, {"new_list": "  "})
    assert list(wizard.errors) == ["new_list"]
    assert wizard.step == "file"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/cron.d/x", "..\\..\\x.csv", "", "\0.csv"])
async def test_a_path_in_the_name_of_an_upload_leads_nowhere(wizard: Import, tmp_path: Path, name: str) -> None:
    await upload(wizard, name=name)
    (kept,) = csv_files(tmp_path)
    assert kept.parent == tmp_path / "imports"
    assert kept.stat().st_mode & 0o077 == 0


async def test_a_file_above_the_limit_is_not_kept(wizard: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files._uploads, "largest", 10)
    await upload(wizard)
    assert "larger" in wizard.errors["file"]
    assert list(import_files.directory().iterdir()) == []


async def test_a_mapping_that_cannot_be_is_said_in_its_row_and_not_checked(wizard: Import) -> None:
    await upload(wizard)
    await Import.to_columns.fn(wizard, {})
    await Import.map_column.fn(wizard, 0, "address")
    assert [bool(line.error) for line in wizard.columns] == [False, True, False]
    await Import.check_rows.fn(wizard)
    await Import.go.fn(wizard, "check")
    assert (wizard.checked, wizard.step) == (False, "columns")
    await Import.map_column.fn(wizard, 0, "")
    await Import.map_column.fn(wizard, 1, "")
    assert "address" in wizard.errors["mapping"]
    await Import.map_column.fn(wizard, 1, "no such field")
    assert "no such field" in wizard.columns[1].error
    await Import.map_column.fn(wizard, 7, "address")
    await Import.start.fn(wizard)
    assert people() == 0


async def test_encoding_and_separator_can_be_chosen_by_hand(wizard: Import) -> None:
    await upload(wizard, "Prénom,E-mail\nÉlodie,e@example.com\n".encode("cp1252"))
    assert wizard.encoding_name == "Windows-1252"
    await Import.read_as.fn(wizard, "encoding", "cp850")
    assert wizard.encoding_name == "CP850"
    assert wizard.columns[0].label != "Prénom"
    await Import.read_as.fn(wizard, "encoding", "klingon")
    assert list(wizard.errors) == ["encoding"]
    assert wizard.encoding == "cp850"
    await Import.read_as.fn(wizard, "encoding", "")
    assert wizard.columns[0].label == "Prénom"
    await Import.read_as.fn(wizard, "delimiter", "|")
    assert len(wizard.columns) == 1


async def test_a_second_import_of_the_same_file_changes_nobody(wizard: Import) -> None:
    for new, unchanged in (("2", "0"), ("0", "2")):
        await upload(wizard)
        await checked(wizard)
        assert (wizard.result.new, wizard.result.unchanged) == (new, unchanged)
        await Import.start.fn(wizard)
        await ended()
    assert people() == 2


async def test_an_import_that_a_former_process_left_goes_on(sqlite_database: Engine) -> None:
    path = import_files.path_of(import_files.keep(io.BytesIO(ROWS.encode())))
    found = sniff(path)
    plan = ImportPlan(path, found.format, ("first_name", "address", None), Kind.CONTACT, total=3)
    with db.unit_of_work() as session:
        task_id = start_import(session, plan, NOW, "a@example.com")
        own = start_import(session, replace(plan, path=Path("/somewhere/own.csv")), NOW, "command line")
    await import_work.take_up()
    await ended()
    with db.reading() as session:
        assert get_task(session, task_id).state is TaskState.DONE
        assert get_task(session, own).state is TaskState.RUNNING  # of the command, which does it itself
    assert people() == 2


async def test_a_file_that_another_process_imports_is_left_to_it(sqlite_database: Engine) -> None:
    path = import_files.path_of(import_files.keep(io.BytesIO(ROWS.encode())))
    plan = ImportPlan(path, sniff(path).format, (None, "address", None), Kind.CONTACT, total=3)
    with db.unit_of_work() as session:
        task_id = start_import(session, plan, NOW, "a@example.com")
    with import_files.held(path) as ours:
        assert ours
        await import_work._carry_out(task_id, path)
    assert people() == 0
    await import_work._carry_out(task_id, path)
    assert people() == 2


async def test_an_ending_process_leaves_the_task_to_the_next(sqlite_database: Engine) -> None:
    path = import_files.path_of(import_files.keep(io.BytesIO(ROWS.encode())))
    plan = ImportPlan(path, sniff(path).format, (None, "address", None), Kind.CONTACT, total=3)
    with db.unit_of_work() as session:
        task_id = start_import(session, plan, NOW, "a@example.com")
    import_work._stopping.set()
    try:
        await import_work._carry_out(task_id, path)
    finally:
        import_work._stopping.clear()
    task = await data.read(get_task, task_id)
    assert (task.state, task.done, path.is_file()) == (TaskState.RUNNING, 3, True)


async def test_lookers_import_nothing(sqlite_database: Engine) -> None:
    root = await page_of(Role.VIEWER)
    state = await root.get_state(Import)
    await Import.load.fn(state)
    await upload(state)
    assert state.file_name == ""
    assert list(import_files.directory().iterdir()) == []


@pytest.mark.parametrize(("role", "status"), [(Role.EDITOR, 200), (Role.VIEWER, 403), (None, 303)])
def test_problem_rows_are_for_those_who_may_import(browser: TestClient, role: Role | None, status: int) -> None:
    upload = import_files.keep(io.BytesIO(b"x"))
    import_files.problems_of(upload).write_text("Courriel;Row;Problem\n")
    if role is not None:
        with db.unit_of_work() as session:
            user = factories.user(session, role=role)
            session.expunge(user)
        signed_in(browser, user)
    answer = browser.get(routes.to(routes.IMPORT_PROBLEMS, upload=upload))
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-disposition"] == 'attachment; filename="problem-rows.csv"'
        assert browser.get(routes.to(routes.IMPORT_PROBLEMS, upload="0" * 32)).status_code == 404
        assert browser.get(routes.to(routes.IMPORT_PROBLEMS, upload="../secret_key")).status_code == 404


def test_the_sample_is_one_that_the_wizard_recognises(browser: TestClient, ada, tmp_path: Path) -> None:
    signed_in(browser, ada)
    answer = browser.get(routes.IMPORT_SAMPLE)
    (tmp_path / "sample.csv").write_bytes(answer.content)
    assert sniff(tmp_path / "sample.csv").row_count == 2
    assert answer.headers["cache-control"] == "no-store, private"
