"""Fixtures for every room: a fresh database on SQLite and on a real PostgreSQL, and the strict mode of CI.

ENVOI_TEST_POSTGRESQL_URL names a server to use; without it one is started from the Debian package, where installed.
ENVOI_TEST_STRICT=1 turns every skip into a failure.
"""

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel

from models import db
from models.settings import settings
from tests import postgresql
from tests.schema import every_table

STRICT = os.environ.get("ENVOI_TEST_STRICT") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: skipped in strict mode: {report.longrepr}"
    return report


def free_port() -> int:
    """A port of the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def now() -> datetime:
    """A fixed moment: Tuesday 8 September 2026, 11:46:12 UTC."""
    return datetime(2026, 9, 8, 11, 46, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    every_table()
    file = tmp_path_factory.mktemp("schema") / "empty.sqlite"
    engine = db.connect(f"sqlite:///{file}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One for all tests: compiling the statements anew takes longer than running them. The file is each test's own."""
    engine = db.connect(f"sqlite:///{tmp_path_factory.mktemp('database') / 'envoi.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a running PostgreSQL with an empty database of the tests' own."""
    if given := os.environ.get("ENVOI_TEST_POSTGRESQL_URL"):
        yield given
        return
    try:
        with postgresql.running() as url:
            yield url
    except postgresql.NoServer as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgresql_engine(postgresql_url: str) -> Iterator[Engine]:
    every_table()
    engine = db.connect(postgresql_url)
    SQLModel.metadata.drop_all(engine)
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Every test that takes it runs twice: on SQLite and on PostgreSQL, each time on empty tables behind the doors."""
    yield from _behind_the_doors(request, request.param)


@pytest.fixture
def sqlite_database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """For tests of what does not depend on the database: once, on SQLite."""
    yield from _behind_the_doors(request, "sqlite")


@pytest.fixture
def postgresql_database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Once, on PostgreSQL: for fixtures that choose by themselves."""
    yield from _behind_the_doors(request, "postgresql")


def _behind_the_doors(request: pytest.FixtureRequest, kind: str) -> Iterator[Engine]:
    if kind == "postgresql":
        engine = request.getfixturevalue("postgresql_engine")
        names = ", ".join(f'"{name}"' for name in SQLModel.metadata.tables)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    else:
        engine = request.getfixturevalue("sqlite_engine")
        _empty(Path(engine.url.database), request.getfixturevalue("sqlite_template"))
    db.use(engine)
    yield engine
    db.use(None)
    if kind == "sqlite":
        engine.dispose()


def _empty(file: Path, template: Path) -> None:
    """A new file in the place of another: whoever still has that one open does not disturb this one."""
    for old in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        old.unlink(missing_ok=True)
    shutil.copy(template, file)


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Each test has a data directory and a secret of its own."""
    monkeypatch.setenv("ENVOI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ENVOI_SECRET_KEY", "a secret for tests")
    settings.cache_clear()
    yield
    settings.cache_clear()
