"""make bench: the figures of docs/benchmarks.md, each beside a yardstick of the same minute on the same machine.

    python -m tests.bench [T2 T3 …]      PEOPLE=1000000 for the full size; BENCH_JSON=FILE writes them as a list
                                         of {target, figure, unit, yardstick, ratio}

Figures are printed, never asserted: machines are shared and noisy. A figure is the median of ROUNDS (3).
"""

import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlmodel import SQLModel

from models import db
from tests import postgresql
from tests.bench import (
    bench_bounces,
    bench_compose,
    bench_delivery,
    bench_import,
    bench_memory,
    bench_page,
    bench_public,
    bench_queue,
    bounce_folds,
)
from tests.schema import every_table

PEOPLE = int(os.environ.get("PEOPLE", "100000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))


@dataclass(frozen=True)
class Row:
    """One line of the table. `yardstick` and `ratio` None: the target is a plain bound, such as a size."""

    target: str
    figure: float
    unit: str
    yardstick: float | None = None
    ratio: float | None = None


def queue() -> list[Row]:
    """T2 and D23: the queue of PEOPLE, and the bare INSERT … SELECT of as many rows."""
    rounds = [_on_sqlite(lambda: bench_queue.measure(PEOPLE)) for _ in range(ROUNDS)]
    bare = statistics.median(_bare_insert_select(PEOPLE) for _ in range(ROUNDS))
    seconds = _median(rounds, "seconds")
    return [
        Row(f"T2 queue of {PEOPLE:,}", seconds, "s", bare, seconds / bare),
        Row("D23 queue: longest write lock", _median(rounds, "longest lock") * 1000, "ms"),
        Row("D23 queue: longest wait of a click", _median(rounds, "longest wait of a click") * 1000, "ms"),
        Row("D23 queue: … for the write lock", _median(rounds, "longest wait for the lock") * 1000, "ms"),
        Row("T2 memory growth", _median(rounds, "memory growth, MB"), "MB"),
        *_queue_on_postgresql(),
    ]


def _queue_on_postgresql() -> list[Row]:
    try:
        seconds = _on_postgresql(lambda: bench_queue.measure(PEOPLE))["seconds"]
    except postgresql.NoServer as missing:
        print(f"T2 on PostgreSQL: {missing}")
        return []
    return [Row(f"T2 queue of {PEOPLE:,}, PostgreSQL", seconds, "s")]


def imports() -> list[Row]:
    """T3 and D23: the import of PEOPLE rows, and the same cells put into the same tables by the bare sqlite3 module."""
    rounds = [_on_sqlite(lambda: bench_import.measure(PEOPLE)) for _ in range(ROUNDS)]
    bare = statistics.median(_bare_import(PEOPLE) for _ in range(ROUNDS))
    rate = _median(rounds, "import, rows/s")
    return [
        Row(f"T3 import of {PEOPLE:,}", rate, "rows/s", bare, rate / bare),
        Row("T3 the same file again", _median(rounds, "second run, rows/s"), "rows/s"),
        Row("D23 import: longest write lock", _median(rounds, "longest lock, ms"), "ms"),
        Row("D23 import: longest wait of a click", _median(rounds, "longest wait of a click, ms"), "ms"),
        Row("D23 import: … for the write lock", _median(rounds, "longest wait for the lock, ms"), "ms"),
        Row("T3 memory growth", _median(rounds, "memory growth, MB"), "MB"),
    ]


def compose() -> list[Row]:
    """The message alone: built by joining segments, and by `emails` per person."""
    rows = []
    bare = bench_compose.rate_of_emails()
    for name, rate in bench_compose.measure().items():
        rows.append(Row(f"compose, {name}", rate, "messages/s", bare, rate / bare))
    return rows


def page() -> list[Row]:
    """T9 and T10: what a first load weighs, and how long `envoi serve` takes until the first page answers."""
    weight = bench_page.weigh()
    started = statistics.median(bench_page.start() for _ in range(ROUNDS))
    return [
        *(Row(f"T9 JavaScript of {name}, gzip", size / 1024, "KB") for name, size in weight.items()),
        Row("T10 start until the first answer", started, "s"),
    ]


def delivery() -> list[Row]:
    """T1: a whole delivery of PEOPLE, and `smtp-source -s 20` on the same sink before and after it."""
    return _delivery("T1 delivery", liquid=False)


def delivery_with_liquid() -> list[Row]:
    """T1b: the same with conditions and defaults in the template."""
    return _delivery("T1b delivery, some Liquid", liquid=True)


def _delivery(name: str, *, liquid: bool) -> list[Row]:
    rounds = [bench_delivery.measure(PEOPLE, liquid=liquid) for _ in range(ROUNDS)]
    ratio = statistics.median(one["messages/s"] / one["smtp-source"] for one in rounds)
    rate, bare = _median(rounds, "messages/s"), _median(rounds, "smtp-source")
    return [
        Row(f"{name} to {PEOPLE:,}", rate, "messages/s", bare, ratio),
        Row(f"{name}: processor time", _median(rounds, "processor, µs per message"), "µs/message"),
    ]


def public() -> list[Row]:
    """T6: opens and clicks through the public process, alone and while a worker sends; beside a server that does
    nothing."""
    bare = bench_public.bare()
    rows = []
    for name, figure in bench_public.measure().items():
        rate = name == "hits/s"
        rows.append(Row(f"T6 {name}", figure, "", bare if rate else None, figure / bare if rate else None))
    return rows


def memory() -> list[Row]:
    """T8: the worker while it sends out of a queue of PEOPLE, the web process with 200 sessions."""
    return [
        Row(f"T8 worker, {PEOPLE:,} queued", bench_memory.worker(PEOPLE), "MB"),
        Row(f"T8 web, {bench_memory.SESSIONS} sessions", bench_memory.web(), "MB"),
    ]


def growth() -> list[Row]:
    """T11: ten times the people: how many times the seconds of T1, T2 and T3, each beside the tenth."""
    few, many = PEOPLE // 10, PEOPLE
    seconds: dict[str, Callable[[int], float]] = {
        "T1": lambda n: n / bench_delivery.measure(n)["messages/s"],
        "T2": lambda n: _on_sqlite(lambda: bench_queue.measure(n))["seconds"],
        "T3": lambda n: n / _on_sqlite(lambda: bench_import.measure(n))["import, rows/s"],
    }
    rows = []
    for name, measured in seconds.items():
        small, large = measured(few), measured(many)
        rows.append(Row(f"T11 {name}, {few:,} to {many:,}", large, "s", small, large / small))
    return rows


def bounces() -> list[Row]:
    """Verdicts on mails that came back, by the samples (ENVOI_SAMPLES_DIR: real ones): by all the rules, and family by
    family by what the others attest; and 10,000 of them."""
    given = bench_bounces.families(bench_bounces.folder())
    folding = bounce_folds.Folding(given)
    alone = [one for name in given for one in folding.judge([name])]
    dealt = [one for fold in bounce_folds.by_hash(given) for one in folding.judge(fold)]
    mails = [mail for family in given.values() for mail, _ in family]
    return [
        *_right("bounces", bench_bounces.judge_families(given)),
        *_right("bounces, each family by the others", alone),
        *_right(f"bounces, {bounce_folds.FOLDS} folds of families", dealt),
        Row("bounces: 10,000 mails", statistics.median(bench_bounces.seconds_for(mails) for _ in range(ROUNDS)), "s"),
    ]


def _right(name: str, found: list[bench_bounces.Family]) -> list[Row]:
    total = bench_bounces.together(found)
    return [
        Row(f"{name}: hard or not, of {total.mails}", total.right_hard * 100, "%"),
        Row(f"{name}: not hard called hard", total.called_hard_wrongly * 100, "%"),
        Row(f"{name}: hard found", total.hard_found * 100, "%"),
        Row(f"{name}: right reason", total.right_reason * 100, "%"),
        Row(f"{name}: complaints found", total.complaints_found * 100, "%"),
        Row(f"{name}: answers, receipts left alone", total.answers_left_alone * 100, "%"),
    ]


TARGETS: dict[str, Callable[[], list[Row]]] = {
    "T1": delivery,
    "T1b": delivery_with_liquid,
    "T2": queue,
    "T3": imports,
    "T6": public,
    "T8": memory,
    "T9": page,
    "T11": growth,
    "compose": compose,
    "bounces": bounces,
}


def _median(rounds: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in rounds)


def _on_sqlite(work: Callable[[], dict[str, float]]) -> dict[str, float]:
    with _empty_database() as file:
        engine = db.connect(f"sqlite:///{file}")
        db.use(engine)
        try:
            return work()
        finally:
            db.use(None)
            engine.dispose()


def _on_postgresql(work: Callable[[], dict[str, float]]) -> dict[str, float]:
    with postgresql.running() as url:
        engine = db.connect(url)
        SQLModel.metadata.create_all(engine)
        db.use(engine)
        try:
            return work()
        finally:
            db.use(None)
            engine.dispose()


def _bare_import(rows: int) -> float:
    with _empty_database() as file:
        return bench_import.yardstick(rows, file)


def _bare_insert_select(rows: int) -> float:
    """Seconds of one INSERT … SELECT of as many queue items, in one transaction, reading one table."""
    with _empty_database() as file:
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, address_id INTEGER)")
        connection.execute(
            "INSERT INTO person WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ?) "
            "SELECT n, n FROM t",
            (rows,),
        )
        began = time.perf_counter()
        connection.execute(
            "INSERT INTO queue_item (mass_email_id, address_id, recipient_id, list_id, version_id, state, reason, "
            "attempts, next_try_at, enhanced_status, reply, bounced, complained) "
            "SELECT 1, address_id, id, 1, 1, 1, '', 0, 0, '', '', 0, 0 FROM person"
        )
        return time.perf_counter() - began


@contextmanager
def _empty_database() -> Iterator[Path]:
    every_table()
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "bench.sqlite"
        engine = db.connect(f"sqlite:///{file}")
        SQLModel.metadata.create_all(engine)
        engine.dispose()
        yield file


def main() -> None:
    every_table()
    chosen = sys.argv[1:] or list(TARGETS)
    if unknown := set(chosen) - TARGETS.keys():
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}.")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    rows = []
    for name in chosen:
        for row in TARGETS[name]():
            beside = f"  {row.yardstick:>12,.1f}  ratio {row.ratio:.2f}" if row.ratio and row.yardstick else ""
            print(f"{row.target:<42}{row.figure:>12,.1f} {row.unit:<11}{beside}", flush=True)
            rows.append(row)
    if file := os.environ.get("BENCH_JSON"):
        Path(file).write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
