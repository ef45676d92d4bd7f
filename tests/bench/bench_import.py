"""T3: the import of a million rows with validation, mapping and dedupe into a list, while others click.

    python -m tests.bench.bench_import [ROWS] [URL of an empty PostgreSQL database]

Prints rows per second, of a check and of a second run too, the longest write lock, how long a click committed meanwhile
waits, how the memory grows; on SQLite beside a yardstick: the bare sqlite3 module that puts the same cells into
the same tables, 500 rows to a commit, judging nothing.
"""

import csv
import itertools
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlmodel import SQLModel

from models import db
from models.import_mapping import propose_mapping
from models.recipient import Kind, derived
from models.recipient_import import ImportPlan, ImportResult, check, run_import
from models.spreadsheet_format import sniff
from tests import factories
from tests.bench.bench_queue import Clicks, Locks
from tests.schema import every_table

ROWS = 1_000_000
CHUNK = 500
"""Rows to a commit of the yardstick."""
HEADER = ["First name", "Last name", "Email", "Company", "City", "Language"]


def write_people(path: Path, rows: int) -> None:
    """People as a customer's export has them: 2,000 domains, one row in 200 malformed, one in 100 there twice."""
    rnd = random.Random(1)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            local = f"p{number - 50 if number % 100 == 99 else number}.{rnd.randrange(1_000)}"
            at = " at " if number % 200 == 5 else "@"
            domain = f"d{number % 2_000}.example.com"
            name = (f"Name{rnd.randrange(3_000)}", f"Last{rnd.randrange(30_000)}")
            writer.writerow([*name, f"{local}{at}{domain}", f"Company {number % 20_000}", f"City{number % 300}", "fr"])


def measure(rows: int) -> dict[str, float]:
    """The figures of one import. The database behind the doors is empty."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "people.csv"
        write_people(path, rows)
        form = sniff(path).format
        with db.unit_of_work() as session:
            list_id = factories.target_list(session).id
        mapping = propose_mapping(form.header, Kind.LEAD)
        plan = ImportPlan(path, form, mapping, Kind.LEAD, list_id, total=rows)
        figures = {"rows": float(rows), "check, rows/s": rows / _timed(lambda doors: check(doors, plan))}
        locks, clicks, memory = Locks(), Clicks(), Memory()
        clicks.start()
        errors = Path(home) / "errors.csv"
        with locks.watch():
            took = _timed(
                lambda doors: run_import(doors, plan, factories.NOW, "bench", errors=errors, on_chunk=memory.look)
            )
        clicks.ended.set()
        clicks.join()
        figures |= {
            "import, rows/s": rows / took,
            "longest lock, ms": max(locks.held) * 1_000,
            "longest wait of a click, ms": max(clicks.waited) * 1_000,
            "longest wait for the lock, ms": max(clicks.for_lock) * 1_000,
            "memory growth, MB": memory.peak - memory.before,
        }
        second = _timed(lambda doors: run_import(doors, plan, factories.NOW, "bench"))
        return figures | {"second run, rows/s": rows / second}


def _timed(work: Callable[[db.Doors], ImportResult]) -> float:
    began = time.perf_counter()
    with db.pinned() as doors:
        result = work(doors)
    if result.rows != result.new + result.updated + result.unchanged + result.problem_count:
        raise AssertionError(f"rows are lost: {result}")
    return time.perf_counter() - began


class Memory:
    """The process's own memory in MB, `before` and at its `peak`: without the mapped pages of the database file,
    which the system takes back when it needs them."""

    def __init__(self) -> None:
        self.before = self.peak = self._own()

    def look(self, _done: int, _total: int) -> None:
        """Called after each chunk."""
        self.peak = max(self.peak, self._own())

    def _own(self) -> float:
        status = Path("/proc/self/status")
        if not status.exists():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return int(status.read_text().partition("RssAnon:")[2].split()[0]) / 1024


def yardstick(rows: int, file: Path) -> float:
    """Rows per second of the bare sqlite3 module into the same tables, indexes and full text included."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "people.csv"
        write_people(path, rows)
        connection = sqlite3.connect(file, isolation_level=None)
        connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;")
        began = time.perf_counter()
        with path.open(newline="") as text:
            cells = itertools.islice(csv.reader(text), 1, None)
            numbers = itertools.count(1)
            while chunk := list(itertools.islice(cells, CHUNK)):
                _put(connection, [(next(numbers), *row) for row in chunk])
        return rows / (time.perf_counter() - began)


def _put(connection: sqlite3.Connection, chunk: list[tuple[int, str, str, str, str, str, str]]) -> None:
    people = []
    for number, first, last, typed, company, city, language in chunk:
        keys = derived({"name": f"{first} {last}", "company": company, "address_typed": typed})
        person = (number, f"{first} {last}", first, last, company, number, typed, language, json.dumps({"city": city}))
        people.append((*person, keys["name_key"], keys["address_key"], keys["search"]))
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO address (id, normal, domain_id, created_at) VALUES (?, ?, 1, 0)",
        [(number, f"{number}{typed}") for number, _, _, typed, *_ in chunk],
    )
    connection.execute(  # in one statement: the full-text index is written once
        "INSERT INTO recipient (kind, id, name, first_name, last_name, company, address_id, address_typed, language, "
        "fields, name_key, address_key, search, time_zone, created_at, revision) VALUES "
        + ", ".join(["(3, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 1)"] * len(people)),
        list(itertools.chain.from_iterable(people)),
    )
    connection.executemany(
        "INSERT INTO membership (list_id, recipient_id, added_at, source) VALUES (1, ?, 0, 2)",
        [(n,) for n, *_ in chunk],
    )
    connection.execute("COMMIT")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    every_table()
    with tempfile.TemporaryDirectory() as home:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(home) / 'bench.sqlite'}"
        engine = db.connect(url)
        SQLModel.metadata.create_all(engine)
        db.use(engine)
        figures = measure(rows)
        engine.dispose()
        if url.startswith("sqlite"):
            bare = Path(home) / "bare.sqlite"
            SQLModel.metadata.create_all(db.connect(f"sqlite:///{bare}"))
            figures["yardstick, rows/s"] = yardstick(rows, bare)
            figures["ratio"] = figures["import, rows/s"] / figures["yardstick, rows/s"]
        for name, figure in figures.items():
            print(f"{name:<28}{figure:>14,.2f}")


if __name__ == "__main__":
    main()
