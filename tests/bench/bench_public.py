"""T6: opens and clicks over HTTP, each committed before its answer, by a public process of its own; wrk asks.

    python -m tests.bench.bench_public [SECONDS]

Seven of ten requests are pixels and three are links, of 20,000 people in turn, by visitors with 500 user agents. The
process runs on one core, wrk on another. Afterwards the counters must hold every answer, and the recount agree.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import text
from sqlmodel import Session

from models import db
from models.claim import claim_items, mark_on_wire
from models.mass_email import MassEmail, MassEmailStatus
from models.migrations import migrate
from models.settlement import settle
from models.statistics import mass_email_figures, recount
from models.tracking import Purpose, keys_of, make_token
from models.tracking_url import ensure_links
from models.verdict import Outcome, Verdict
from tests import factories
from tests.conftest import free_port
from tests.schema import every_table

ROOT = Path(__file__).resolve().parents[2]
PEOPLE, LINKS, SECONDS = 20_000, 20, 8
SECRET = "a secret for the bench"
ASKS = """
local tokens, agents, n = {}, {}, 0
for line in io.lines("%(tokens)s") do tokens[#tokens + 1] = line end
for i = 1, 500 do agents[i] = { ["User-Agent"] = "Mozilla/5.0 (X11; Linux) Reader/" .. i } end
function request()
    n = n + 1
    local token = tokens[(n * 7919) %% #tokens + 1]
    local path = n %% 10 < 3 and ("/c/" .. token .. "/" .. (n %% %(links)d + 1)) or ("/o/" .. token .. ".gif")
    return wrk.format("GET", path, agents[n %% 500 + 1])
end
%(delay)s
function done(summary, latency)
    io.write(string.format("RESULT %%d %%d %%f %%f %%f\\n", summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), latency.max))
    io.write(string.format("ERRORS %%d\\n", summary.errors.status + summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout))
end
"""
BARE = """
PIXEL = bytes(43)
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"43")]})
    await send({"type": "http.response.body", "body": PIXEL})
"""


def measure(seconds: int = SECONDS) -> dict[str, float]:
    """Hits a second alone on one core; and, at 500 a second beside a worker that settles 1,000 a second, the 99th
    percentile of the answers in milliseconds. Raises AssertionError when an answered hit is in no counter."""
    with tempfile.TemporaryDirectory() as home:
        mails = _populate(Path(home))
        with _serving(Path(home)) as port:
            alone = _ask(Path(home), port, seconds, connections=128)
        _check(mails[0], alone["answered"])
        with _serving(Path(home)) as port, _sending(Path(home), mails[1]):
            beside = _ask(Path(home), port, seconds, connections=50, delay=80)
        sent = _check(mails[0], alone["answered"] + beside["answered"], mails[1])
        return {
            "hits/s": alone["rate"],
            "p99 alone, ms": alone["p99"],
            "hits/s beside a worker": beside["rate"],
            "p99 beside a worker, ms": beside["p99"],
            "messages/s of that worker": sent / seconds,
        }


def bare(seconds: int = 3) -> float:
    """The yardstick: requests a second of uvicorn on one core with an application that does nothing."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "bare.py").write_text(BARE)
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "bare:app", "--port", str(port), "--no-access-log"]
        with _running(command, {}, port, cwd=home):
            return _ask(Path(home), port, seconds, connections=64)["rate"]


def _populate(home: Path) -> tuple[int, int]:
    """(a mass email that PEOPLE were sent, one that is being sent to as many)."""
    db.use(db.connect(_url(home)))
    migrate()
    with db.unit_of_work() as session:
        targets = factories.target_list(session, "customers")
        factories.smtp_account(session)
        factories.address(session, "nobody@example.com")
        yesterday = datetime.now(UTC) - timedelta(days=1)
        sent = factories.mass_email(session, targets, status=MassEmailStatus.COMPLETE, queue_done_at=yesterday)
        sending = factories.mass_email(
            session, targets, in_campaign=None, status=MassEmailStatus.IN_PROCESS, queue_done_at=yesterday
        )
        ensure_links(session, sent.id, [f"https://shop.example/articles/{n}" for n in range(LINKS)])
        for mail, state in ((sent, 3), (sending, 1)):
            for statement in _rows(mail, state, 0 if mail is sent else PEOPLE):
                session.execute(text(statement), {"people": PEOPLE, "at": int(yesterday.timestamp() * 1000)})
        mails = sent.id, sending.id
        ids = session.scalars(text(f"SELECT id FROM queue_item WHERE mass_email_id = {sent.id}")).all()
    keys = keys_of(SECRET.encode())
    (home / "tokens").write_text("\n".join(make_token(keys, Purpose.TRACK, item) for item in ids))
    return mails


def _rows(mail: MassEmail, state: int, before: int) -> list[str]:
    numbers = f"WITH RECURSIVE t(n) AS (SELECT {before} + 1 UNION ALL SELECT n + 1 FROM t WHERE n < {before} + :people)"
    log = (
        "INSERT INTO log_record (at, campaign_id, mass_email_id, item_id, recipient_id, action, machine, first, reason,"
        f" source) SELECT :at, {mail.campaign_id}, {mail.id}, id, recipient_id, 1, 1, 1, '', 1 FROM queue_item WHERE "
        f"mass_email_id = {mail.id} AND :people > 0"
    )
    return [
        f"INSERT INTO address (id, normal, domain_id, created_at) {numbers} "
        "SELECT n + 1, 'person' || n || '@example.com', 1, :at FROM t",
        "INSERT INTO recipient (id, kind, name, first_name, last_name, company, address_id, address_typed, language, "
        f"time_zone, fields, created_at, revision, name_key, address_key, search) {numbers} "
        "SELECT n, 2, 'Ada ' || n, 'Ada', '', '', n + 1, 'person' || n || '@example.com', '', '', '{}', :at, 1, "
        "'ada ' || n, 'person' || n || '@example.com', 'ada ' || n FROM t",
        "INSERT INTO queue_item (mass_email_id, address_id, recipient_id, list_id, version_id, state, reason, attempts,"
        f" next_try_at, sent_at, enhanced_status, reply, bounced, complained) {numbers} SELECT {mail.id}, n + 1, n, 1, "
        f"{mail.version_id}, {state}, '', 0, :at, {':at' if state == 3 else 'NULL'}, '', '', 0, 0 FROM t",
        *([log] if state == 3 else []),
    ]


@contextmanager
def _serving(home: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "dashboard.cli", "web", "--public-only", "--port", str(port)]
    environment = {"ENVOI_DATA_DIR": str(home), "ENVOI_SECRET_KEY": SECRET, "ENVOI_DATABASE_URL": _url(home)}
    with _running(command, environment, port, cwd=str(ROOT)):
        yield port


def _url(home: Path) -> str:
    return f"sqlite:///{home / 'envoi.sqlite'}"


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int, *, cwd: str) -> Iterator[None]:
    command = ["taskset", "-c", "0", *command]
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=cwd, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    sys.exit(f"{' '.join(command)} ended at once")
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _sending(home: Path, mail_id: int) -> Iterator[None]:
    """A process that does a worker's work on the database, 1,000 messages a second in claims of 20."""
    command = [
        "taskset",
        "-c",
        "1",
        sys.executable,
        "-m",
        "tests.bench.bench_public",
        "--send",
        _url(home),
        str(mail_id),
    ]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        time.sleep(2)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _send(url: str, mail_id: int) -> None:
    every_table()
    db.use(db.connect(url))
    began, sent = time.monotonic(), 0
    while True:
        now = datetime.now(UTC)
        with db.unit_of_work() as session:
            held = claim_items(session, mail_id, 1, 20, "bench", timedelta(minutes=1), now)
        if held is None:
            return
        with db.unit_of_work(durable=True) as session:
            mark_on_wire(session, held.claim_id, "bench", now)
        with db.unit_of_work() as session:
            settle(session, held.claim_id, [Verdict(item.id, Outcome.SENT, 250) for item in held.items], now)
        sent += len(held.items)
        time.sleep(max(0.0, began + sent / 1000 - time.monotonic()))


def _ask(home: Path, port: int, seconds: int, *, connections: int, delay: int = 0) -> dict[str, float]:
    """wrk for some seconds; what it was answered. `delay`: milliseconds that each connection waits between requests."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("wrk is missing: it is a Debian package of that name.")
    script, tokens = home / "asks.lua", home / "tokens"
    if not tokens.exists():
        tokens.write_text("x\n")
    waits = f"function delay() return {delay} end" if delay else ""
    script.write_text(ASKS % {"tokens": tokens, "links": LINKS, "delay": waits})
    command = ["taskset", "-c", "1", wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    result, errors = re.search(r"RESULT (\S+) (\S+) (\S+) (\S+) (\S+)", said), re.search(r"ERRORS (\d+)", said)
    assert result, said
    assert errors is not None, said
    assert errors[1] == "0", said
    answered, micros, p50, p99, longest = map(float, result.groups())
    return {
        "answered": answered,
        "rate": answered / micros * 1e6,
        "p50": p50 / 1e3,
        "p99": p99 / 1e3,
        "max": longest / 1e3,
    }


def _check(mail_id: int, answered: float, sending: int = 0) -> int:
    """How many the worker sent. Raises AssertionError when an answer is missing in the counters, or these are wrong."""
    with db.reading() as session:
        direct = _direct_hits(session)
        assert direct >= answered, f"{answered:.0f} answers, {direct} hits"
        differences = [one for one in recount(session, mail_id) if one.action.value in {"opened", "clicked"}]
        assert differences == [], differences[:3]
        return mass_email_figures(session, sending).sent if sending else 0


def _direct_hits(session: Session) -> int:
    """Opens and clicks that were asked for: inferred opens left aside, machines counted too."""
    inferred = session.scalar(text("SELECT count(*) FROM log_record WHERE source = 5")) or 0
    hits = session.scalar(text("SELECT sum(hits) FROM counter WHERE dimension = 1 AND action IN (2, 3)")) or 0
    return int(hits) - int(inferred)


def main() -> None:
    if "--send" in sys.argv:
        _send(sys.argv[-2], int(sys.argv[-1]))
        return
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    print(f"{'uvicorn, nothing done':<28}{bare():>12,.0f}")
    for name, figure in measure(seconds).items():
        print(f"{name:<28}{figure:>12,.1f}")


if __name__ == "__main__":
    main()
