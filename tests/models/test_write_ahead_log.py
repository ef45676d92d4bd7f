"""SQLite's write-ahead log stays short, whoever writes beside whom."""

import itertools
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models import db, write_ahead_log

LONG = 2 << 20


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of a new database file; it is long from 2 MB on."""
    monkeypatch.setattr(write_ahead_log, "LONG", LONG)
    monkeypatch.setattr(write_ahead_log, "BETWEEN", 0.01)
    monkeypatch.setattr(write_ahead_log, "_tried", -1e9)
    engine = db.connect(f"sqlite:///{tmp_path / 'written.sqlite'}")
    monkeypatch.setattr(db, "_current", engine)
    with db.unit_of_work() as session:
        session.execute(text("CREATE TABLE written (id INTEGER PRIMARY KEY, what BLOB)"))
    yield tmp_path / "written.sqlite-wal"
    engine.dispose()


def write(octets: int) -> None:
    with db.unit_of_work() as session:
        session.execute(text("INSERT INTO written (what) VALUES (randomblob(:octets))"), {"octets": octets})


def test_it_begins_anew_while_two_write_all_the_time(log: Path) -> None:
    ended = threading.Event()

    def click() -> None:
        while not ended.wait(0.001):
            write(10)

    clicks = threading.Thread(target=click)
    clicks.start()
    longest = 0
    for _ in range(150):
        write(LONG // 5)
        longest = max(longest, log.stat().st_size)
    ended.set()
    clicks.join()
    assert LONG < longest < 4 * LONG


def test_somebody_who_reads_for_long_keeps_it_and_nobody_waits_for_that(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = itertools.count()
    whole = write_ahead_log.end

    def counted(connection: object, patience: float) -> bool:
        next(tries)
        return whole(connection, patience)

    monkeypatch.setattr(write_ahead_log, "end", counted)
    monkeypatch.setattr(write_ahead_log, "BETWEEN", 60)
    with db.reading() as session:
        session.execute(text("SELECT count(*) FROM written")).all()
        for _ in range(20):
            write(LONG)
    assert next(tries) == 1
    assert log.stat().st_size > 20 * LONG
    monkeypatch.setattr(write_ahead_log, "BETWEEN", 0)
    write(1)  # copies it
    write(1)  # begins it anew
    assert log.stat().st_size <= LONG


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), PoolTimeout("none is free")])
def test_what_is_committed_is_committed_though_the_log_cannot_be_ended(
    log: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(write_ahead_log, "end", fails)
    write(2 * LONG)
    with db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM written")).scalar_one() == 1
    assert "SQLite's log cannot be ended" in caplog.text
