"""The engine and the two doors to it, no third: reading() and unit_of_work().

SQLite: a deferred transaction that reads and then writes fails at once with "database is locked" (the busy time-out
does not apply), so a unit of work begins IMMEDIATE. A unit that must survive a power cut (consent, suppression, a claim
on the wire) is durable=True: synchronous=FULL on SQLite, synchronous_commit on PostgreSQL; others survive kill -9.

Long work (D23) reads first into a TEMP table and then writes in chunks: both on one connection, which pinned() holds.
"""

import gc
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, Table, TableClause, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from models import write_ahead_log
from models.errors import Unavailable
from models.settings import settings

log = logging.getLogger("envoi.database")

Door = Literal["reading", "writing", "durable", "scratch"]

PATIENCE = 15.0
"""Seconds that a unit of work waits for SQLite's write lock before it fails with "database is locked"."""
POLL = 0.001
"""Seconds between two looks at the write lock. SQLite's own waiting slows down to 100 ms a look and starves."""
GAP = 0.003
"""Seconds between two chunks of long work: three looks."""

_current: Engine | None = None
_lock = threading.Lock()


def connect(url: str) -> Engine:
    """A new engine for an address, with the doors' rules fixed to its transactions."""
    sqlite = url.startswith("sqlite")
    engine = create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=not sqlite)
    event.listen(engine, "connect", _prepare_sqlite if sqlite else _prepare_postgresql)
    event.listen(engine, "begin", _begin_sqlite if sqlite else _begin_postgresql)
    return engine


def use(engine: Engine | None) -> None:
    """Make an engine the one behind the doors; None: the one of the settings, at the next call. For start and tests."""
    global _current  # noqa: PLW0603 - the process has one database
    _current = engine


def engine() -> Engine:
    """The engine of this process, made at the first call from the settings."""
    global _current  # noqa: PLW0603
    with _lock:
        if _current is None:
            if settings().url.startswith("sqlite"):
                settings().data_dir.mkdir(parents=True, exist_ok=True)
            _current = connect(settings().url)
        return _current


@contextmanager
def reading() -> Iterator[Session]:
    """A session that sees one snapshot and cannot write. Keep it under a second: the WAL grows behind it."""
    with _session(engine().execution_options(door="reading")) as session:
        yield session


@contextmanager
def unit_of_work(*, durable: bool = False) -> Iterator[Session]:
    """A session that writes: committed at the end, rolled back on error. It holds SQLite's only write lock: brief."""
    with _session(engine().execution_options(door="durable" if durable else "writing")) as session:
        yield session
    _keep_log_short(engine())


@dataclass(frozen=True, slots=True)
class Doors:
    """The two doors on one connection, so that TEMP tables live from one transaction to the next."""

    connection: Connection

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """As the module's, but TEMP tables may be made and filled: they take no lock that others wait for."""
        with _session(self.connection.execution_options(door="scratch")) as session:
            yield session

    @contextmanager
    def unit_of_work(self, *, durable: bool = False, rest: bool = True) -> Iterator[Session]:
        """As the module's, with a `rest` after it: others get in between two chunks."""
        with _session(self.connection.execution_options(door="durable" if durable else "writing")) as session:
            yield session
        _keep_log_short(self.connection.engine)
        if rest:
            self.rest()

    def rest(self) -> None:
        """On SQLite leave the write lock alone for GAP."""
        if self.connection.dialect.name == "sqlite":
            time.sleep(GAP)


@contextmanager
def pinned() -> Iterator[Doors]:
    """Doors on one connection of their own, closed at the end together with their TEMP tables.

    On SQLite these, and the sorts that fill them, live in a file: memory stays flat at a million rows. What the program
    holds by now is left out of garbage collections meanwhile: a full one took 85 ms, and the write lock was held.
    """
    connection = engine().connect()
    gc.freeze()
    try:
        if connection.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA temp_store=FILE").close()
        yield Doors(connection)
    finally:
        gc.unfreeze()
        connection.invalidate()  # not back to the pool: TEMP tables end with the connection
        connection.close()


def ping() -> None:
    """Ask the database for nothing. Raises Unavailable when it cannot be reached."""
    try:
        with engine().connect().execution_options(door="reading") as connection:
            connection.exec_driver_sql("SELECT 1")
    except (DBAPIError, OSError) as error:
        raise Unavailable("errors.database_away") from error


def is_away(error: Exception) -> bool:
    """Whether the database itself cannot be had (locked for too long, full, unreachable): trying again at once is in
    vain."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError):
        return True
    return str(_told(error).get("C", ""))[:2] in _AWAY


_AWAY: Final = ("08", "53", "57")
"""Classes of SQLSTATE: connection, resources, the operator's intervention; pg8000 gives them as errors of a program."""


def words(error: Exception) -> str:
    """What an error says; of one of the database its own words, without the statement and the people it was about."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(_told(error).get("M") or inner) or type(inner).__name__


def _told(error: Exception) -> Mapping[str, Any]:
    """The fields in which PostgreSQL told of an error, by letter; {} for any other one."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig else error
    fields = inner.args[0] if inner.args else None
    return fields if isinstance(fields, dict) else {}


def is_sqlite(session: Session) -> bool:
    """Whether statements may use SQLite's dialect; the other one is PostgreSQL's."""
    return session.get_bind().dialect.name == "sqlite"


def insert_new(session: Session, into: Table | TableClause) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that leaves a row alone that is there already, whatever unique key it meets."""
    if is_sqlite(session):
        return sqlite.insert(into).on_conflict_do_nothing()
    return postgresql.insert(into).on_conflict_do_nothing()


@contextmanager
def _session(bind: Engine | Connection) -> Iterator[Session]:
    with Session(bind, expire_on_commit=False, autoflush=True) as session, session.begin():
        yield session


def _keep_log_short(bind: Engine) -> None:
    """After a commit, which must not look as if it had failed: what goes wrong is tried again after the next one."""
    database = bind.url.database
    if bind.dialect.name != "sqlite" or not database or not write_ahead_log.is_long(database):
        return
    try:
        with closing(bind.raw_connection()) as connection:
            write_ahead_log.end(connection.driver_connection, PATIENCE)
    except (sqlite3.Error, DBAPIError, PoolTimeout) as error:
        log.warning("SQLite's log cannot be ended: %s", error)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 must not begin by itself: the doors do
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={PATIENCE * 1000:.0f}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-8000",
        f"journal_size_limit={write_ahead_log.LONG}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # compiling a statement took a third of a second in each window of an audience, more than running it
    connection.cursor().execute("SET jit = off")
    connection.commit()


def _door(connection: Connection) -> Door:
    door: Door = connection.get_execution_options().get("door", "writing")
    return door


def _begin_sqlite(connection: Connection) -> None:
    door = _door(connection)
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA query_only={'ON' if door == 'reading' else 'OFF'}").close()
    driver.execute(f"PRAGMA synchronous={'FULL' if door == 'durable' else 'NORMAL'}").close()
    if door in {"reading", "scratch"}:
        connection.exec_driver_sql("BEGIN")
    elif not _got_write_lock(driver):
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # to fail with SQLAlchemy's error


def _got_write_lock(connection: Any) -> bool:
    """Begin IMMEDIATE, looking every POLL; False: not within PATIENCE, or for another reason than a lock."""
    connection.execute("PRAGMA busy_timeout=0").close()
    try:
        patient_until = time.monotonic() + PATIENCE
        while time.monotonic() < patient_until:
            try:
                connection.execute("BEGIN IMMEDIATE").close()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # extended codes share the low byte
                    return False
                time.sleep(POLL)
            else:
                return True
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}").close()


def _begin_postgresql(connection: Connection) -> None:
    door = _door(connection)
    if door == "reading":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    elif door == "writing":
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
