"""The migrations and the tables say the same, on both databases."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, Engine, MetaData, func, insert, select
from sqlmodel import SQLModel

from models import db
from models.column_types import code_of, table
from models.counter import Counter, Dimension
from models.log_table import Action
from models.migrations import HERE, _config, head, migrate
from models.migrations.tables import FULL_TEXT, is_common, statements_of_one_database
from tests.schema import every_table

VERSIONS = sorted(file.name[:4] for file in (HERE / "versions").glob("[0-9]*.py"))


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
    """What Alembic would change to make the database like the tables."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_common})
        return list(compare_metadata(context, SQLModel.metadata))


def test_an_empty_database_upgraded_to_head_has_exactly_the_declared_tables(empty: Engine) -> None:
    assert migrate(empty) == (None, head())
    assert differences(empty) == []


def test_migrating_twice_changes_nothing(empty: Engine) -> None:
    migrate(empty)
    assert migrate(empty) == (head(), head())


@pytest.mark.parametrize("version", VERSIONS)
def test_an_installation_of_any_version_keeps_every_row(empty: Engine, version: str) -> None:
    with empty.begin() as connection:
        command.upgrade(_config(connection), version)
        before = MetaData()
        before.reflect(connection)
        filled = [one for one in before.sorted_tables if not one.name.startswith((FULL_TEXT, "alembic"))]
        for one in filled:
            connection.execute(insert(one).values({column.name: _something(column) for column in one.columns}))
    migrate(empty)
    with empty.connect() as connection:
        rows = {one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in filled}
    assert set(rows.values()) == {1}


def test_bounces_that_were_logged_before_are_counted_by_provider_and_reason_too(empty: Engine) -> None:
    with empty.begin() as connection:
        command.upgrade(_config(connection), "0001")
        before = MetaData()
        before.reflect(connection)
        for name, values in {
            "domain": {"name": "example.com", "provider": "Gmail"},
            "address": {},
            "queue_item": {},
            "log_record": {"action": code_of(Action.BOUNCED), "machine": 1, "reason": "mailbox_full"},
        }.items():
            row = {column.name: _something(column) for column in before.tables[name].columns} | values
            connection.execute(insert(before.tables[name]).values(row))
    migrate(empty)
    counter = table(Counter)
    with empty.connect() as connection:
        found = connection.execute(select(counter.c.key, counter.c.dimension, counter.c.firsts, counter.c.human)).all()
    assert [tuple(row) for row in found] == [("Gmail|mailbox_full", Dimension.PROVIDER_REASON, 1, True)]


def _something(column: Column[Any]) -> object:
    """A value that fits: 1 leads to the one row of every other table."""
    fitting = {bool: True, int: 1, str: "1", bytes: b"1", date: date(2026, 1, 1)}
    return {} if isinstance(column.type, JSON) else fitting.get(column.type.python_type)  # else NULL


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
    written = "".join(path.read_text() for path in (HERE / "versions").glob("*.py"))
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
    assert done.stdout.startswith(f'{{"before": null, "now": "{head()}"')
