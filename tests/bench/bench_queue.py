"""T2: the queue of a million recipients over three lists, with an exclusion list, opt-outs, suppressions and twins.

    python -m tests.bench.bench_queue [PEOPLE] [URL of an empty PostgreSQL database]

Prints the time, the longest write lock, how long a click committed meanwhile waits, and how the memory grows.
"""

import resource
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlmodel import SQLModel

from models import db
from models.audience import Audience, build_queue
from tests import factories
from tests.schema import every_table

PEOPLE = 1_000_000


def populate(people: int) -> int:
    """A mass email to `people` records in three lists that overlap: a tenth excluded, a twentieth twins, one in 50
    opted out of one list, one in 200 suppressed. Gives its id."""
    with db.unit_of_work() as session:
        lists = [factories.target_list(session, name) for name in ("customers", "leads", "fair")]
        excluded = factories.target_list(session, "partners")
        mail = factories.mass_email(session, *lists, excluded=(excluded,))
        a, b, c = (row.id for row in lists)
        factories.address(session, "nobody@example.com")
        sqlite, mail_id = db.is_sqlite(session), mail.id
        for statement in _rows(a, b, c, excluded.id):
            session.execute(text(statement if sqlite else statement.replace("%", "%%")), {"people": people})
    _settle(sqlite)
    return mail_id


def _settle(sqlite: bool) -> None:
    """Leave no work of the rows just made to what is measured."""
    raw = db.engine().raw_connection()
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else "ANALYZE")
    raw.commit()
    raw.close()


def _rows(a: int, b: int, c: int, excluded: int) -> list[str]:
    numbers = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < :people)"
    entry = "INSERT INTO membership (list_id, recipient_id, added_at, source)"
    return [
        f"INSERT INTO address (id, normal, domain_id, created_at) {numbers} "
        "SELECT n + 1, 'person' || n || '@example.com', 1, 0 FROM t",
        "INSERT INTO recipient (id, kind, name, first_name, last_name, company, address_id, address_typed, language, "
        f"time_zone, fields, created_at, revision, name_key, address_key, search) {numbers} "
        "SELECT n, 1 + n % 3, 'Ada ' || n, 'Ada', CAST(n AS TEXT), '', "
        "CASE WHEN n % 500 = 0 THEN NULL WHEN n % 20 = 7 THEN n ELSE n + 1 END, 'person' || n || '@example.com', "
        "'', '', '{}', 0, 1, 'ada ' || n, 'person' || n || '@example.com', 'ada ' || n || ' person' || n FROM t",
        f"{entry} {numbers} SELECT {a}, n, 0, 1 FROM t WHERE n % 10 < 6",
        f"{entry} {numbers} SELECT {b}, n, 0, 1 FROM t WHERE n % 10 BETWEEN 5 AND 8",
        f"{entry} {numbers} SELECT {c}, n, 0, 1 FROM t WHERE n % 10 IN (0, 9)",
        f"{entry} {numbers} SELECT {excluded}, n, 0, 1 FROM t WHERE n % 10 = 3",
        f"INSERT INTO opt_out (address_id, list_id) {numbers} SELECT n + 1, {a} FROM t WHERE n % 50 = 1",
        f"INSERT INTO suppression (address_id, reason, since, evidence) {numbers} SELECT n + 1, 1, 0, '' FROM t "
        "WHERE n % 200 = 4",
    ]


class Locks:
    """How long units of work held the write lock, in seconds."""

    def __init__(self) -> None:
        self.held: list[float] = []

    @contextmanager
    def watch(self):
        """Measure every unit of work until the block ends."""
        whole = db.Doors.unit_of_work

        @contextmanager
        def measured(doors: db.Doors, *, durable: bool = False, rest: bool = True):
            with whole(doors, durable=durable, rest=rest) as session:
                session.connection()
                began = time.perf_counter()
                yield session
            self.held.append(time.perf_counter() - began)

        db.Doors.unit_of_work = measured
        try:
            yield
        finally:
            db.Doors.unit_of_work = whole


class Clicks(threading.Thread):
    """A small unit of work every 20 ms; `waited`: how long each took until its commit, in seconds; `for_lock`: how long
    until it had the write lock, so how long somebody else held it."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []
        self.for_lock: list[float] = []
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.02):
            began = time.perf_counter()
            with db.unit_of_work() as session:
                session.connection()
                self.for_lock.append(time.perf_counter() - began)
                session.execute(text("UPDATE target_list SET revision = revision + 1 WHERE id = 1"))
            self.waited.append(time.perf_counter() - began)


def measure(people: int) -> dict[str, float]:
    """The figures of one build, in seconds and MB; the sum of the waterfall is checked."""
    mail, locks, clicks = populate(people), Locks(), Clicks()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clicks.start()
    began = time.perf_counter()
    with locks.watch(), db.pinned() as doors:
        audience = build_queue(doors, mail, factories.NOW)
    took = time.perf_counter() - began
    clicks.ended.set()
    clicks.join()
    _check(audience)
    return {
        "people": audience.chosen,
        "queued": audience.final,
        "seconds": took,
        "longest lock": max(locks.held),
        "longest wait of a click": max(clicks.waited),
        "longest wait for the lock": max(clicks.for_lock),
        "memory growth, MB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024,
    }


def _check(audience: Audience) -> None:
    with db.reading() as session:
        items = session.execute(text("SELECT count(*) FROM queue_item")).scalar_one()
        others = session.execute(text("SELECT count(*) FROM left_out")).scalar_one()
    if (items, items + others) != (audience.final, audience.chosen):
        raise AssertionError(f"{items} queued and {others} left out are not {audience}")


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    every_table()
    with tempfile.TemporaryDirectory() as home:
        engine = db.connect(sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(home) / 'bench.sqlite'}")
        SQLModel.metadata.create_all(engine)
        db.use(engine)
        for name, figure in measure(people).items():
            print(f"{name:<26}{figure:>14,.3f}")


if __name__ == "__main__":
    main()
