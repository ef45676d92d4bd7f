"""T1: a whole delivery to smtp-sink, through the functions of a portion, and `smtp-source` on the same sink beside it.

    python -m tests.bench.bench_delivery [PEOPLE] [--liquid]      PROFILE=FILE keeps a profile

The message has 30 KB: 10 placeholders, 20 tracked links, a pixel, an opt-out link and a text part. Claim with every
check of D7, render, send, settle with log and counters, on the default database; the account's limits are read from it.
"""

import cProfile
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from sqlalchemy import text
from sqlmodel import SQLModel

from jobs.delivery import send_portion
from models import db, outbound_emails
from models.audience import build_queue
from models.statistics import recount
from tests import factories
from tests.bench.bench_compose import BLOCK
from tests.schema import every_table

PEOPLE = 100_000
CONNECTIONS = 20
OCTETS = 30_000
PLACEHOLDERS = (
    "{Person.firstName} {Person.lastName} {Person.name} {Person.emailAddress} {Person.company} {Contact.firstName} "
    "{Contact.lastName} {Person.accountName} {Person.city} {today}"
)
LIQUID = (
    '{% if Person.city == "Lyon" %}<p>À Lyon</p>{% else %}<p>Ailleurs</p>{% endif %}'
    '<p>{{ Person.nick | default: "vous" }}</p>'
)


def newsletter(*, liquid: bool = False) -> str:
    """HTML that makes a message of OCTETS with its text part, encoded."""
    links = "".join(f'<p><a href="https://shop.example/articles/{n}">Article {n}</a></p>\n' for n in range(20))
    extra = LIQUID if liquid else ""
    start = f"<html><body><h1>Bonjour {PLACEHOLDERS}</h1>{extra}{links}"
    filling = BLOCK * 40
    return f'{start}{filling}<p><a href="{{optOutUrl}}">Se désinscrire</a></p></body></html>'


def populate(people: int, port: int, *, liquid: bool = False, portion_size: int = 10_000_000) -> int:
    """A mass email whose queue is built for `people` in one list, with an account at `port` and no limit that bites.
    Gives its id."""
    with db.unit_of_work() as session:
        targets = factories.target_list(session, "customers")
        kept = {"connections": CONNECTIONS, "messages_per_connection": 1_000_000}
        factories.smtp_account(session, port=port, max_per_hour=10_000_000, **kept)
        version = factories.template(session, newsletter(liquid=liquid), "Nouvelles pour {Person.firstName}")
        mail = factories.mass_email(session, targets, version=version)
        factories.address(session, "nobody@example.com")
        outbound_emails.change(
            session,
            {"portion_size": portion_size, "site_url": "https://mail.example", "company": "Atelier"},
            factories.NOW,
            "bench",
        )
        sqlite, mail_id = db.is_sqlite(session), mail.id
        for statement in _rows(targets.id, "JSON" if not sqlite else "TEXT"):
            session.execute(text(statement if sqlite else statement.replace("%", "%%")), {"people": people})
    with db.pinned() as doors:
        build_queue(doors, mail_id, factories.NOW)
    return mail_id


def _rows(target: int, json_type: str) -> list[str]:
    numbers = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < :people)"
    return [
        f"INSERT INTO address (id, normal, domain_id, created_at) {numbers} "
        "SELECT n + 1, 'person' || n || '@example.com', 1, 0 FROM t",
        "INSERT INTO recipient (id, kind, name, first_name, last_name, company, address_id, address_typed, language, "
        f"time_zone, fields, created_at, revision, name_key, address_key, search) {numbers} "
        "SELECT n, 2, 'Ada Byron ' || n, 'Ada', 'Byron ' || n, 'Atelier', n + 1, 'person' || n || '@example.com', "
        "'', '', CAST(CASE WHEN n % 2 = 0 THEN '{\"city\": \"Lyon\"}' ELSE '{}' END "
        f"AS {json_type}), 0, 1, 'ada ' || n, "
        "'person' || n || '@example.com', 'ada ' || n || ' person' || n FROM t",
        f"INSERT INTO membership (list_id, recipient_id, added_at, source) {numbers} SELECT {target}, n, 0, 1 FROM t",
    ]


@contextmanager
def sink() -> Iterator[int]:
    """A running smtp-sink that takes everything and keeps nothing; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [_tool("smtp-sink"), "-u", "nobody", f"127.0.0.1:{port}", "1000"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait()


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if not found:
        sys.exit(f"{name} is missing: it comes with Debian's package postfix.")
    return found


def source_rate(port: int, messages: int, octets: int) -> float:
    """Messages a second of smtp-source, C to C, with as many connections, the same static message each time."""
    command = [_tool("smtp-source"), "-d", "-s", str(CONNECTIONS), "-l", str(octets), "-m", str(messages)]
    command += ["-f", "news@sender.example", "-t", "person@example.com", f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return messages / (time.perf_counter() - began)


def deliver(mail_id: int) -> dict[str, float]:
    """Send it all in one portion; its figures. Raises AssertionError when the books do not add up."""
    sent_before = _sent(mail_id)
    began, cpu = time.perf_counter(), time.process_time()
    portion = uvloop.run(send_portion(mail_id, "bench", clock=lambda: factories.NOW))
    seconds = time.perf_counter() - began
    sent = _sent(mail_id) - sent_before
    if portion.error or not sent:
        raise AssertionError(f"{sent} sent: {portion}")
    return {
        "sent": sent,
        "messages/s": sent / seconds,
        "processor, µs per message": (time.process_time() - cpu) / sent * 1e6,
        "memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _sent(mail_id: int) -> int:
    with db.reading() as session:
        statement = "SELECT count(*) FROM queue_item WHERE mass_email_id = :mail AND state = 3"
        return session.execute(text(statement), {"mail": mail_id}).scalar_one()


def check() -> None:
    """Recount every counter. Raises AssertionError for a difference."""
    with db.reading() as session:
        if differences := list(recount(session)):
            raise AssertionError(differences)


def measure(people: int, *, liquid: bool = False) -> dict[str, float]:
    """The figures of one delivery on SQLite, and `smtp-source` on the same sink just before and after."""
    every_table()
    with tempfile.TemporaryDirectory() as home, sink() as port:
        url = f"sqlite:///{Path(home) / 'bench.sqlite'}"
        engine = db.connect(url)
        SQLModel.metadata.create_all(engine)
        db.use(engine)
        try:
            mail_id = populate(people, port, liquid=liquid)
            before = source_rate(port, people // 2, OCTETS)
            figures = _send_apart(url, mail_id)
            after = source_rate(port, people // 2, OCTETS)
            check()
        finally:
            db.use(None)
            engine.dispose()
    return figures | {"smtp-source": 2 / (1 / before + 1 / after)}


def _send_apart(url: str, mail_id: int) -> dict[str, float]:
    """deliver() in a process of its own, as a worker does."""
    command = [sys.executable, "-m", "tests.bench.bench_delivery", "--send", url, str(mail_id)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _send(url: str, mail_id: int, profile: str = "") -> None:
    db.use(db.connect(url))
    profiler = cProfile.Profile() if profile else None
    figures = profiler.runcall(deliver, mail_id) if profiler else deliver(mail_id)
    if profiler:
        profiler.dump_stats(profile)
    print(json.dumps(figures))


def main() -> None:
    every_table()
    if "--send" in sys.argv:
        place = sys.argv.index("--send")
        _send(sys.argv[place + 1], int(sys.argv[place + 2]), os.environ.get("PROFILE", ""))
        return
    people = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else PEOPLE
    figures = measure(people, liquid="--liquid" in sys.argv)
    for name, figure in figures.items():
        print(f"{name:<28}{figure:>14,.0f}")
    print(f"{'ratio':<28}{figures['messages/s'] / figures['smtp-source']:>14.2f}")


if __name__ == "__main__":
    main()
