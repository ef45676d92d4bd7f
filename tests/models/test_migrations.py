"""The migrations and the tables say the same, on both databases."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

from models import db
from models.migrations import HERE, head, migrate
from models.migrations.tables import is_common, statements_of_one_database
from tests.schema import every_table


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without a single table."""
    every_table()
    if request.param == "sqlite":
        engine = db.connect(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield engine
        engine.dispose()
        return
    maker = db.connect(request.getfixturevalue("postgresql_url")).execution_options(isolation_level="AUTOCOMMIT")
    with maker.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS migrations WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE migrations")
    engine = db.connect(maker.url.set(database="migrations").render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    maker.dispose()


def differences(engine: Engine) -> list[object]:
    """What Alembic would change to make the database like the tables (SQLite's full-text index is none of them)."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_common})
        found = compare_metadata(context, SQLModel.metadata)
    return [d for d in found if not (d[0] == "remove_table" and d[1].name.startswith("recipient_words"))]


def test_an_empty_database_upgraded_to_head_has_exactly_the_declared_tables(empty: Engine) -> None:
    assert migrate(empty) == (None, head())
    assert differences(empty) == []


def test_migrating_twice_changes_nothing(empty: Engine) -> None:
    migrate(empty)
    assert migrate(empty) == (head(), head())


def test_two_that_start_at_once_do_not_collide(empty: Engine) -> None:
    outcomes: list[object] = []

    def start() -> None:
        try:
            outcomes.append(migrate(empty))
        except Exception as error:  # the assertion below shows it
            outcomes.append(error)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes, key=str) == sorted([(None, head()), (head(), head())], key=str)


def test_what_one_database_alone_has_is_in_the_migration_too() -> None:
    every_table()
    written = (HERE / "versions" / "0001_initial.py").read_text()
    missing = [s for _, s in statements_of_one_database() if repr(s) not in written and f'"{s}"' not in written]
    assert missing == []


@pytest.mark.slow
def test_the_command_migrates_and_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dashboard.cli", "migrate", "--json"],
        env={"ENVOI_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('{"before": null, "now": "0001"')
