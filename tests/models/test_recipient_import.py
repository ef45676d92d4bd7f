"""The import of recipients: what it decides, what it writes, what it leaves alone."""

import csv
import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from models import background_task, db, recipient_import
from models.address import EVERYTHING, OptOut, Suppression, SuppressionReason, opt_out, suppress
from models.background_task import TaskState
from models.chunk_size import AIM, FEWEST, MOST, ChunkSize
from models.chunk_size import FIRST as CHUNK
from models.errors import Invalid, NotFound
from models.import_mapping import check_mapping, custom_field, example_file, propose_mapping
from models.import_row import Group, SeenAddresses, read_language, split_name
from models.import_write import Change
from models.recipient import Kind, Recipient
from models.recipient_import import ImportPlan, ImportResult, check, resume_import, run_import, start_import
from models.spreadsheet_format import sniff
from models.target_list import Membership, TargetList
from tests import factories
from tests.samples.make_samples import HERE

CONTACTS = HERE / "contacts/contacts-utf8-comma.csv"
BY = "ada@example.com"


def steady() -> Callable[[], float]:
    """A clock by which every chunk takes what it should: all are as large as the first."""
    return itertools.count(0.0, AIM).__next__


def plan_of(path: Path, kind: Kind = Kind.CONTACT, list_id: int | None = None) -> ImportPlan:
    found = sniff(path)
    mapping = propose_mapping(found.format.header, kind)
    return ImportPlan(path, found.format, mapping, kind, list_id, total=found.row_count)


def plan_for(folder: Path, text: str, kind: Kind = Kind.CONTACT, list_id: int | None = None) -> ImportPlan:
    path = folder / "people.csv"
    path.write_text(text)
    return plan_of(path, kind, list_id)


def imported(plan: ImportPlan, now: datetime, errors: Path | None = None) -> ImportResult:
    with db.pinned() as doors:
        return run_import(doors, plan, now, BY, errors=errors)


def checked(plan: ImportPlan, errors: Path | None = None) -> ImportResult:
    with db.pinned() as doors:
        return check(doors, plan, errors=errors)


def people(*columns: str) -> list[tuple[object, ...]]:
    with db.reading() as session:
        rows = session.exec(select(Recipient).order_by(Recipient.id)).all()
    return [tuple(getattr(row, column) for column in columns) for row in rows]


def new_list() -> int:
    with db.unit_of_work() as session:
        return factories.target_list(session).id


def many(count: int) -> str:
    return "email,first name\n" + "".join(f"p{number}@example.com,P{number}\n" for number in range(count))


# --- the mapping ---


@pytest.mark.parametrize(
    ("header", "kind", "mapping"),
    [
        (["Prénom", "NOM", "Courriel"], Kind.CONTACT, ("first_name", "last_name", "address")),
        (["Vorname", "Nachname", "E-Mail-Adresse"], Kind.LEAD, ("first_name", "last_name", "address")),
        (["First_Name", "LAST NAME", "e-mail"], Kind.LEAD, ("first_name", "last_name", "address")),
        (["Nom", "Adresse e-mail"], Kind.CONTACT, ("name", "address")),
        (["Name", "Mail"], Kind.ACCOUNT, ("company", "address")),
        (["Société", "Mail"], Kind.CONTACT, ("account", "address")),
        (["Société", "Mail"], Kind.LEAD, ("company", "address")),
        (["Langue", "Sprache", "Fuseau horaire"], Kind.LEAD, ("language", None, "time_zone")),
        (["email", "email (2)", "Commentaire"], Kind.LEAD, ("address", None, None)),
        (["CP", "Ville", "Pointure"], Kind.LEAD, ("fields.postcode", "fields.city", "fields.pointure")),
    ],
)
def test_columns_are_recognised_in_three_languages(
    header: list[str], kind: Kind, mapping: tuple[str | None, ...]
) -> None:
    assert propose_mapping(header, kind, known=["pointure"]) == mapping


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_column_of_the_example_to_download_is_recognised(tmp_path: Path, language: str) -> None:
    path = tmp_path / "example.csv"
    path.write_bytes(example_file(language))
    mapping = plan_of(path).mapping
    assert mapping == ("first_name", "last_name", "address", "account", "language", "fields.city")


def test_a_custom_field_is_named_as_a_template_can_name_it() -> None:
    labels = ["Date d'inscription", "CODE CLIENT", "Straße", "名前", "2e choix", "First name"]
    fields = [custom_field(label).removeprefix("fields.") for label in labels]
    assert fields == ["dateDInscription", "codeClient", "strasse", "column", "column2EChoix", "firstNameColumn"]


@pytest.mark.parametrize(
    ("mapping", "kind", "problems"),
    [
        (("address", "first_name"), Kind.LEAD, {}),
        (("address", "fields.shoeSize"), Kind.LEAD, {}),
        ((None, "first_name"), Kind.LEAD, {"mapping": "imports.no_address_column"}),
        (("address", "address"), Kind.LEAD, {"1": "imports.field_twice"}),
        (("address", "password"), Kind.LEAD, {"1": "imports.unknown_field"}),
        (("address", "fields.no way"), Kind.LEAD, {"1": "imports.unknown_field"}),
        (("address", "fields.firstName"), Kind.LEAD, {"1": "imports.unknown_field"}),
        (("address", "account"), Kind.LEAD, {"1": "imports.account_of_contact"}),
        (("address",), Kind.LEAD, {"mapping": "imports.other_columns"}),
        (("address", None), Kind.USER, {"mapping": "imports.no_users"}),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_beside_its_column(
    mapping: tuple[str | None, ...], kind: Kind, problems: dict[str, str]
) -> None:
    if not problems:
        return check_mapping(mapping, kind, 2)
    with pytest.raises(Invalid) as refused:
        check_mapping(mapping, kind, 2)
    assert {field: problem.key for field, problem in refused.value.problems.items()} == problems


# --- one row ---


@pytest.mark.parametrize(
    ("cell", "code"),
    [("FR", "fr"), ("fr_ca", "fr-CA"), ("français", "fr"), ("German", "de"), ("Anglais", "en"), ("", "")],
)
def test_a_language_is_read_by_code_and_by_name(cell: str, code: str) -> None:
    assert read_language(cell) == code


def test_a_whole_name_is_split() -> None:
    assert split_name("Ada Byron") == split_name("Byron, Ada") == {"first_name": "Ada", "last_name": "Byron"}
    assert split_name("Anna de la Vega") == {"first_name": "Anna", "last_name": "de la Vega"}
    assert split_name("Byron") == {"last_name": "Byron"}


def test_seen_addresses_tell_the_first_row_of_each() -> None:
    seen = SeenAddresses()
    assert [seen.earlier(f"p{number}", number) for number in range(1, 5_001)] == [0] * 5_000
    assert [seen.earlier(f"p{number}", 9_999) for number in range(1, 5_001)] == list(range(1, 5_001))


# --- the samples ---


def verdicts(result: ImportResult) -> dict[str, str]:
    return {row.address: row.problem.key for row in result.shown}


def test_every_trouble_of_the_sample_gets_its_verdict(sqlite_database: Engine) -> None:
    result = checked(plan_of(CONTACTS))
    wrong = verdicts(result)
    assert wrong == {
        "zoe.example.com": "address.no_at",
        "henrik@@example.com": "address.two_ats",
        "lucie@localhost": "address.no_dot",
        "a.benomar@example..com": "address.two_dots",
        "paul corvin@example.com": "address.space",
        '"l ""x"""@example.com': "address.space",
        "Ana <ana.castellanos@example.com>": "address.with_name",
        "j.weiss@example.com; juergen@example.org": "address.several",
        "inj@example.com\nBcc: victim@example.net": "errors.control_character",
        "x" * 388 + "@example.com": "address.too_long",
        "y" * 65 + "@example.com": "address.local_too_long",
        "ILSE@xn--bcher-kva.example": "imports.same_as_row",
        "": "imports.no_address",
        "   ": "imports.no_address",
        "spaces@example.com": "imports.same_as_row",
        "dup.person@example.com": "imports.same_as_row",
        "long.name@example.com": "imports.too_long",
        "tongue@example.com": "imports.unknown_language",
        "nul@example.com": "imports.nul",
        "cut.off@example.com": "imports.too_many_cells",
    }
    assert result.problems == {Group.MALFORMED: 11, Group.EMPTY: 2, Group.TWICE: 3, Group.ROW: 4}
    assert result.rows == result.new + result.problem_count == 1199
    assert [row.change for row in result.preview] == [Change.NEW] * 20


def test_the_sample_goes_in_as_it_was_checked_and_a_second_time_changes_nothing(
    database: Engine, now: datetime
) -> None:
    list_id = new_list()
    plan = plan_of(CONTACTS, list_id=list_id)
    foreseen, first = checked(plan), imported(plan, now)
    assert (first.new, first.problems, first.shown) == (foreseen.new, foreseen.problems, foreseen.shown)
    assert first.added == first.new
    assert first.accounts == 5
    before = people("id", "name", "fields", "revision", "address_id", "account_id")
    again = imported(plan, now)
    assert (again.new, again.updated, again.added, again.accounts) == (0, 0, 0, 0)
    assert again.unchanged == first.new
    assert people("id", "name", "fields", "revision", "address_id", "account_id") == before
    with db.reading() as session:
        assert session.get_one(TargetList, list_id).entry_count == first.new
        assert session.exec(select(func.count()).select_from(Membership)).one() == first.new


def test_what_is_dangerous_is_text_and_what_is_odd_is_kept(database: Engine, now: datetime) -> None:
    imported(plan_of(CONTACTS), now)
    found = {typed: (first, last) for typed, first, last in people("address_typed", "first_name", "last_name")}
    assert found["formula.equals@example.com"][0] == '=HYPERLINK("http://evil.example","x")'
    assert found["html@example.com"] == ("Noémie", "<script>alert(1)</script>")
    assert found["SPACES@Example.COM"] == ("Inès", "Nowak")
    assert found["ilse@bücher.example"] == ("Ilse", "Bücher")
    assert found["emoji@example.com"] == ("Chloé 🎉", "👩‍👩‍👧 Fontanel")
    assert found["comte@example.org"] == ("Eléonore", "Comte")
    assert found["sql@example.com"][0] == "Robert'); DROP TABLE recipient;--"
    assert found["short.row@example.com"] == ("Short", "Row")
    assert not any("\n" in name or "\r" in name for names in found.values() for name in names)
    assert ("multi\nline, city",) in people_fields("city")


def people_fields(key: str) -> set[tuple[object]]:
    return {(fields.get(key),) for (fields,) in people("fields")}


@pytest.mark.parametrize("name", ["contacts-cp1252-semicolon.csv", "contacts-utf16-tab.csv"])
def test_the_same_people_come_out_of_other_encodings(sqlite_database: Engine, now: datetime, name: str) -> None:
    result = imported(plan_of(HERE / "contacts" / name), now)
    assert result.rows == 399
    assert result.new >= 375
    assert ("Noémie", "<script>alert(1)</script>") in people("first_name", "last_name")


# --- problem rows ---


def test_problem_rows_go_to_a_file_that_can_be_corrected_and_imported(
    sqlite_database: Engine, now: datetime, tmp_path: Path
) -> None:
    text = "Email;First name;City\nbad;=1+1;Lyon\nok@example.com;Ada;Paris\nok@example.com;Bob;Rome\n"
    errors = tmp_path / "errors.csv"
    plan = replace(plan_for(tmp_path, text), language="fr")
    assert checked(plan, errors).problem_count == 2
    assert imported(plan, now, errors).problem_count == 2
    written = errors.read_text("utf-8-sig")
    rows = list(csv.reader(written.splitlines(), delimiter=";"))
    assert rows[0] == ["Email", "First name", "City", "Ligne", "Problème"]
    assert rows[1][:4] == ["bad", "'=1+1", "Lyon", "2"]
    assert rows[2] == ["ok@example.com", "Bob", "Rome", "4", "Identique à la ligne 3"]
    (tmp_path / "corrected.csv").write_text(written.replace("bad;", "good@example.com;"))
    second = imported(plan_of(tmp_path / "corrected.csv"), now)
    assert (second.new, second.updated) == (1, 1)
    assert people("address_typed", "first_name") == [("ok@example.com", "Bob"), ("good@example.com", "=1+1")]


# --- what is there already ---


def test_filled_cells_replace_and_empty_ones_leave_alone(database: Engine, now: datetime, tmp_path: Path) -> None:
    with db.unit_of_work() as session:
        ada = factories.recipient(session, "Ada@Example.com", language="fr", fields={"city": "London", "shoe": "38"})
        ada_id = ada.id
        lead_id = factories.recipient(session, "ada@example.com", kind=Kind.LEAD, first_name="Lead").id
    text = "email,first name,last name,language,city,company\nADA@example.com,Augusta,,,Paris,Difference Ltd\n"
    result = imported(plan_for(tmp_path, text), now)
    assert (result.new, result.updated, result.accounts) == (0, 1, 1)
    with db.reading() as session:
        row, lead = session.get_one(Recipient, ada_id), session.get_one(Recipient, lead_id)
        account = session.get_one(Recipient, row.account_id)
    assert (row.name, row.language, row.fields) == ("Augusta Byron", "fr", {"city": "Paris", "shoe": "38"})
    assert (row.address_typed, row.revision, row.search) == ("Ada@Example.com", 2, "augusta byron ada example com")
    assert (account.kind, account.name) == (Kind.ACCOUNT, "Difference Ltd")
    assert lead.first_name == "Lead"


def test_an_account_is_found_by_its_name_in_any_case_and_made_once(
    database: Engine, now: datetime, tmp_path: Path
) -> None:
    with db.unit_of_work() as session:
        there = factories.recipient(session, None, kind=Kind.ACCOUNT, name="Évian SA", company="Évian SA").id
    text = "email,company\na@example.com,évian sa\nb@example.com,New Ltd\nc@example.com,NEW LTD\n"
    assert imported(plan_for(tmp_path, text), now).accounts == 1
    a, b, c = (account for kind, account in people("kind", "account_id") if kind is Kind.CONTACT)
    assert a == there
    assert b == c != there


def test_an_archived_person_is_not_brought_back(database: Engine, now: datetime, tmp_path: Path) -> None:
    with db.unit_of_work() as session:
        factories.recipient(session, "p0@example.com", archived_at=now)
    assert imported(plan_for(tmp_path, many(1)), now).new == 1
    assert [archived for (archived,) in people("archived_at")] == [now, None]
    assert imported(plan_for(tmp_path, many(1)), now).new == 0


def test_opt_outs_and_suppressions_stay_and_are_counted(database: Engine, now: datetime, tmp_path: Path) -> None:
    list_id, other = new_list(), new_list()
    with db.unit_of_work() as session:
        ids = [factories.address(session, f"p{number}@example.com").id for number in range(5)]
        opt_out(session, ids[0], [EVERYTHING], now, source="page")
        opt_out(session, ids[1], [list_id], now, source="page")
        opt_out(session, ids[2], [other], now, source="page")
        suppress(session, ids[3], SuppressionReason.HARD_BOUNCE, now)
        suppress(session, ids[3], SuppressionReason.MANUAL, now)
    plan = plan_for(tmp_path, many(6), list_id=list_id)
    for result in (checked(plan), imported(plan, now)):
        assert (result.opted_out, result.suppressed) == (2, 1)
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(OptOut)).one() == 3
        assert session.exec(select(func.count()).select_from(Suppression)).one() == 2
        assert session.get_one(TargetList, list_id).opted_out_count == 1


def test_a_list_that_is_not_there_is_refused_before_anything_is_written(
    database: Engine, now: datetime, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        imported(plan_for(tmp_path, many(3), list_id=999), now)
    assert people("id") == []


# --- chunks ---


def test_a_click_is_committed_between_two_chunks(database: Engine, now: datetime, tmp_path: Path) -> None:
    """D23 as an order of events: what another writer wants to write while the import runs is committed meanwhile."""
    plan = plan_for(tmp_path, many(4 * CHUNK))
    events: list[str] = []
    wanted, clicked = threading.Event(), threading.Event()

    def click() -> None:
        wanted.wait(10)
        with db.unit_of_work() as session:
            session.add(TargetList(name="click", created_at=now))
        events.append("click")
        clicked.set()

    def on_chunk(done: int, total: int) -> None:
        events.append(f"{done} of {total}")
        wanted.set()
        if done == CHUNK:
            assert clicked.wait(10)

    other = threading.Thread(target=click)
    other.start()
    with db.pinned() as doors:
        run_import(doors, plan, now, BY, on_chunk=on_chunk, clock=steady())
    other.join()
    total = 4 * CHUNK
    assert events == [f"{CHUNK} of {total}", "click", *(f"{n * CHUNK} of {total}" for n in (2, 3, 4))]


def test_no_unit_of_work_writes_more_than_a_chunk(database: Engine, now: datetime, tmp_path: Path) -> None:
    counts = [0]

    def on_chunk(_done: int, _total: int) -> None:
        with db.reading() as session:
            counts.append(session.exec(select(func.count()).select_from(Recipient)).one())

    with db.pinned() as doors:
        run_import(doors, plan_for(tmp_path, many(3 * CHUNK + 7)), now, BY, on_chunk=on_chunk, clock=steady())
    steps = [after - before for before, after in itertools.pairwise(counts)]
    assert steps == [CHUNK, CHUNK, CHUNK, 7]


@pytest.mark.parametrize(
    ("seconds_a_row", "sizes"),
    [
        (0.000_001, [200, 400, 800, 800]),  # more than it can: never above the most
        (0.000_04, [200, 300, 300]),
        (0.000_16, [200, 100, 75, 75]),  # a slow machine
        (0.01, [200, 100, 50, 50]),  # never below the fewest
    ],
)
def test_a_chunk_is_as_large_as_the_write_lock_may_be_held(seconds_a_row: float, sizes: list[int]) -> None:
    size, seen = ChunkSize(), []
    for _ in sizes:
        seen.append(size.rows)
        size.learn(size.rows, size.rows * seconds_a_row)
    assert seen == sizes
    assert FEWEST <= min(seen) <= max(seen) <= MOST


def test_one_chunk_that_was_kept_waiting_makes_no_small_ones() -> None:
    size = ChunkSize()
    size.learn(200, 0.008)
    size.learn(300, 0.400)
    assert size.rows == 300


def test_on_a_slow_machine_an_import_goes_in_smaller_chunks(database: Engine, now: datetime, tmp_path: Path) -> None:
    done = [0]
    slow = itertools.count(0.0, 4 * AIM).__next__
    with db.pinned() as doors:
        run_import(doors, plan_for(tmp_path, many(450)), now, BY, on_chunk=lambda n, _: done.append(n), clock=slow)
    assert [after - before for before, after in itertools.pairwise(done)] == [200, 100, 50, 50, 50]
    assert len(people("id")) == 450


def test_a_cancel_stops_after_the_chunk_and_what_was_written_stays(
    database: Engine, now: datetime, tmp_path: Path
) -> None:
    plan = plan_for(tmp_path, many(3 * CHUNK))

    def on_chunk(_done: int, _total: int) -> None:
        with db.unit_of_work() as session:
            [task] = background_task.running_tasks(session, recipient_import.TASK)
            background_task.request_cancel(session, task.id)

    with db.pinned() as doors:
        result = run_import(doors, plan, now, BY, on_chunk=on_chunk, clock=steady())
    assert result.cancelled
    assert result.new == len(people("id")) == 2 * CHUNK  # asked after the first, told in the second
    with db.reading() as session:
        assert background_task.get_task(session, result.task_id).state is TaskState.CANCELLED


def test_after_a_crash_it_goes_on_where_it_was_with_the_same_verdicts(
    database: Engine, now: datetime, tmp_path: Path
) -> None:
    text = many(2 * CHUNK) + "P3@Example.com,Twin\nbad,Bad\n"
    list_id, errors = new_list(), tmp_path / "errors.csv"
    plan = plan_for(tmp_path, text, list_id=list_id)
    with db.unit_of_work() as session:
        task_id = start_import(session, plan, now, BY, errors=errors)

    def crash(done: int, _total: int) -> None:
        if done == CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), db.pinned() as doors:
        resume_import(doors, task_id, now, on_chunk=crash, clock=steady())
    with db.reading() as session:
        task = background_task.get_task(session, task_id)
        assert (task.state, task.done, task.key) == (TaskState.RUNNING, CHUNK, CHUNK + 1)
    with db.pinned() as doors:
        result = resume_import(doors, task_id, now)
    assert (result.rows, result.new, result.added, result.unchanged) == (2 * CHUNK + 2, 2 * CHUNK, 2 * CHUNK, 0)
    assert result.problems == {Group.TWICE: 1, Group.MALFORMED: 1}
    assert "Same as row 5" in errors.read_text("utf-8-sig")
    assert len(people("id")) == 2 * CHUNK


def test_an_error_is_kept_with_the_task_and_raised(sqlite_database: Engine, now: datetime, tmp_path: Path) -> None:
    plan = plan_for(tmp_path, many(1))
    with db.unit_of_work() as session:
        task_id = start_import(session, plan, now, BY)
    plan.path.unlink()
    with pytest.raises(FileNotFoundError), db.pinned() as doors:
        resume_import(doors, task_id, now)
    with db.reading() as session:
        task = background_task.get_task(session, task_id)
    assert task.state is TaskState.FAILED
    assert "people.csv" in task.error


def test_two_imports_of_one_file_at_once_make_nobody_twice(database: Engine, now: datetime, tmp_path: Path) -> None:
    plan = plan_for(tmp_path, many(3 * CHUNK))
    results: list[ImportResult] = []
    threads = [threading.Thread(target=lambda: results.append(imported(plan, now))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.new for result in results) == len(people("id")) == 3 * CHUNK
    assert sum(result.unchanged for result in results) == 3 * CHUNK


def test_checking_writes_nothing(database: Engine, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    total = recipient_import.CHECKED + 1
    with db.pinned() as doors:
        check(doors, plan_for(tmp_path, many(total)), on_chunk=lambda done, of: seen.append((done, of)))
    assert seen == [(total - 1, total), (total, total)]
    assert people("id") == []


def test_a_plan_survives_its_task() -> None:
    plan = plan_of(CONTACTS, list_id=7)
    assert ImportPlan.from_json(plan.as_json()) == plan
