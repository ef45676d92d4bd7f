"""The import of suppressions: files of our own and of mail providers, bad rows, a second run, the write lock."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from models import db
from models.audit import Audit
from models.db import Doors
from models.errors import Invalid
from models.spreadsheet import write_rows
from models.suppression import Suppression, SuppressionReason, suppress
from models.suppression_import import SuppressionCounts, check_file, import_file, plan_file
from models.suppression_page import SuppressionFilter, suppressions_after
from models.suppression_row import COLUMNS, Defaults
from tests import factories

BY = "grace@example.com"
Reason = SuppressionReason


def given(folder: Path, text: str) -> Path:
    path = folder / "suppressions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def checked(path: Path, now: datetime, defaults: Defaults | None = None) -> SuppressionCounts:
    with db.pinned() as doors:
        return check_file(doors, plan_file(path, defaults or Defaults()), now)


def imported(
    path: Path, now: datetime, defaults: Defaults | None = None, errors: Path | None = None
) -> SuppressionCounts:
    with db.pinned() as doors:
        return import_file(doors, plan_file(path, defaults or Defaults()), now, BY, errors=errors)


def stored() -> list[tuple[str, Reason, datetime, datetime | None, str]]:
    with db.reading() as session:
        rows = suppressions_after(session, SuppressionFilter())
    return [(row.address, row.reason, row.since, row.until, row.evidence) for row in rows]


def test_a_bare_list_of_addresses_is_suppressed_by_hand(database: Engine, now: datetime, tmp_path: Path) -> None:
    path = given(tmp_path, "Ada@Example.com\nbob@example.com\nno address\nADA@example.com\n")
    defaults = Defaults(until=now + timedelta(days=30), note="from the old system")
    for count in (checked, imported):
        found = count(path, now, defaults)
        assert (found.rows, found.new, found.already, found.problems) == (4, 2, 0, 2)
    assert [row.problem.key for row in found.shown] == ["address.space", "imports.same_as_row"]
    assert stored() == [
        (name, Reason.MANUAL, now, now + timedelta(days=30), "from the old system")
        for name in ("ada@example.com", "bob@example.com")
    ]
    again = imported(path, now + timedelta(days=1), defaults)
    assert (again.new, again.already, again.problems) == (0, 2, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # SendGrid
            "status,reason,email,created\n5.1.1,550 5.1.1 no such user,a@example.com,1443651141\n",
            (Reason.MANUAL, datetime(2015, 9, 30, 22, 12, 21, tzinfo=UTC), "5.1.1"),
        ),
        (  # Amazon SES
            "EmailAddress,Reason,LastUpdateTime\na@example.com,BOUNCE,2026-02-03T04:05:06Z\n",
            (Reason.HARD_BOUNCE, datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), ""),
        ),
        (  # Postmark
            "Email;Type;Created At\na@example.com;SpamComplaint;2026-02-03\n",
            (Reason.COMPLAINT, datetime(2026, 2, 3, tzinfo=UTC), ""),
        ),
        ("Adresse e-mail;Motif\na@example.com;a déménagé\n", (Reason.MANUAL, None, "a déménagé")),
    ],
    ids=["sendgrid", "ses", "postmark", "french"],
)
def test_files_of_mail_providers_are_understood(
    sqlite_database: Engine, now: datetime, tmp_path: Path, text: str, expected: tuple
) -> None:
    imported(given(tmp_path, text), now)
    ((address, reason, since, until, evidence),) = stored()
    assert (address, until) == ("a@example.com", None)
    assert (reason, since, evidence) == (expected[0], expected[1] or now, expected[2])


def test_what_was_exported_is_imported_as_it_was(database: Engine, now: datetime, tmp_path: Path) -> None:
    with db.unit_of_work() as session:
        for number, reason in enumerate(Reason):
            row = factories.address(session, f"p{number}@example.com")
            until = now + timedelta(days=number) if number % 2 else None
            suppress(session, row.id, reason, now - timedelta(days=number), until=until, evidence="=550 no")
    before = stored()
    path = tmp_path / "out.csv"
    with path.open("w", newline="") as file:
        write_rows(file, [COLUMNS])
        write_rows(file, [(a, r, s.isoformat(), u.isoformat() if u else "", e) for a, r, s, u, e in before])
    with db.unit_of_work() as session:
        for row in session.exec(select(Suppression)):
            session.delete(row)
    found = imported(path, now)
    assert (found.new, found.problems) == (len(Reason) - 1, 1)
    assert found.shown[0].problem.key == "suppressions.erased_row"
    assert stored() == [row for row in before if row[1] is not Reason.ERASED]


def test_rows_with_a_problem_are_kept_with_the_reason(sqlite_database: Engine, now: datetime, tmp_path: Path) -> None:
    text = "email,until,since\na@example.com,2020-01-01,\nb@example.com,soon,\n,,\nc@example.com,,2099-01-01\n"
    errors = tmp_path / "errors.csv"
    found = imported(given(tmp_path, text), now, errors=errors)
    assert [row.problem.key for row in found.shown] == ["suppressions.ended", "suppressions.no_moment"]
    assert [line.split(",")[3] for line in errors.read_text("utf-8-sig").splitlines()] == ["Row", "2", "3"]
    assert stored() == [("c@example.com", Reason.MANUAL, now, None, "")]


def test_a_suppression_that_stands_is_left_as_it_is(database: Engine, now: datetime, tmp_path: Path) -> None:
    with db.unit_of_work() as session:
        suppress(session, factories.address(session, "a@example.com").id, Reason.HARD_BOUNCE, now, evidence="550")
    path = given(tmp_path, "email,reason,note\na@example.com,bounce,other\na@example.com,manual,by phone\n")
    found = imported(path, now + timedelta(days=1))
    assert (found.new, found.already) == (1, 1)
    assert [row[1:] for row in stored()] == [
        (Reason.HARD_BOUNCE, now, None, "550"),
        (Reason.MANUAL, now + timedelta(days=1), None, "by phone"),
    ]
    with db.reading() as session:
        (line,) = session.exec(select(Audit)).all()
    assert (line.act, line.by, line.detail["new"]) == ("suppressions.imported", BY, 1)


@pytest.mark.parametrize("text", ["", "name,city\nAda,Lyon\n"])
def test_a_file_without_addresses_is_refused(sqlite_database: Engine, tmp_path: Path, text: str) -> None:
    with pytest.raises(Invalid) as error:
        plan_file(given(tmp_path, text), Defaults())
    assert list(error.value.problems) == ["file"]


def test_an_import_goes_in_chunks_and_a_stop_keeps_what_was_written(
    sqlite_database: Engine, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = given(tmp_path, "email\n" + "".join(f"p{number}@d{number % 500}.example\n" for number in range(20_000)))
    units: list[Doors] = []
    unit = Doors.unit_of_work

    @contextmanager
    def counted(self, **named):
        with unit(self, **named) as session:
            yield session
        units.append(self)

    monkeypatch.setattr(Doors, "unit_of_work", counted)

    class Stopped(BaseException):
        pass

    def stop(done: int, total: int) -> None:
        assert total == 20_000
        if done > 5_000:
            raise Stopped

    with db.pinned() as doors, pytest.raises(Stopped):
        import_file(doors, plan_file(path, Defaults()), now, BY, on_chunk=stop)
    with db.reading() as session:
        written = session.exec(select(func.count()).select_from(Suppression)).one()
        assert session.exec(select(Audit.detail)).one()["new"] == written
    found = imported(path, now)
    assert (found.new, found.already) == (20_000 - written, written)
    assert len(units) >= 8
