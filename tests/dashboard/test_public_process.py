"""`envoi web --public-only` in a process of its own: what it answered is in the books, whatever happens to it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from models import db
from models.address import OptOut
from models.log_record import Action, EventSource, LogRecord
from models.migrations import migrate
from models.queue_item import ItemState, QueueItem
from models.statistics import Counter, Dimension, recount
from models.token_key import ring
from models.tracking import Purpose, make_token, own_keys
from models.tracking_url import ensure_links
from tests import factories
from tests.conftest import free_port
from tests.dashboard.conftest import ROOT, _wait_for

pytestmark = pytest.mark.slow
PEOPLE = 40


@pytest.fixture
def database_file(tmp_path: Path) -> Iterator[Path]:
    """A migrated database in the data directory, with a mass email that PEOPLE were sent."""
    file = tmp_path / "data" / "envoi.sqlite"
    file.parent.mkdir(exist_ok=True)
    engine: Engine = db.connect(f"sqlite:///{file}")
    db.use(engine)
    migrate()
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(PEOPLE)]
        mail = factories.mass_email(session, factories.target_list(session, "News", people))
        ensure_links(session, mail.id, ["https://example.com/a", "https://example.com/b"])
        for person in people:
            factories.queue_item(session, mail, person, ItemState.SENT)
    yield file
    db.use(None)
    engine.dispose()


@contextmanager
def public(directory: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port, log = free_port(), directory / "log"
    environment = {**os.environ, "ENVOI_DATA_DIR": str(directory / "data"), "ENVOI_PORT": str(port)}
    command = [sys.executable, "-m", "dashboard.cli", "web", "--public-only"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/healthz", process, log)
        yield url, process
    finally:
        process.kill()
        process.wait(10)


def token(purpose: Purpose, number: int) -> str:
    return make_token(own_keys(), purpose, number)


def envoi(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ENVOI_DATA_DIR": str(directory / "data"), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "dashboard.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, check=False)


@dataclass
class Answered:
    """What many readers at once were answered before the process was killed in their midst."""

    opens: int = 0
    clicks: int = 0
    opted_out: set[int] = field(default_factory=set)

    @property
    def total(self) -> int:
        return self.opens + self.clicks + len(self.opted_out)


async def _knock_until_it_dies(url: str, process: subprocess.Popen[bytes], deaths_after: int) -> Answered:
    answered = Answered()

    async def reader(client: httpx.AsyncClient, place: int) -> None:
        person = place % PEOPLE + 1
        mine, consent = token(Purpose.TRACK, person), token(Purpose.CONSENT, person)
        for n in range(10_000):
            try:
                if n == place:  # not all at once: some of them die while they ask
                    assert (await client.post(f"{url}/u/{consent}")).status_code == 200
                    answered.opted_out.add(person)
                if n % 2:
                    assert (await client.get(f"{url}/c/{mine}/1")).status_code == 302
                    answered.clicks += 1
                else:
                    assert (await client.get(f"{url}/o/{mine}.gif")).status_code == 200
                    answered.opens += 1
            except httpx.TransportError:
                return
            if answered.total >= deaths_after and process.poll() is None:
                process.send_signal(signal.SIGKILL)

    async with httpx.AsyncClient(timeout=20, limits=httpx.Limits(max_connections=60)) as client:
        await asyncio.gather(*(reader(client, place) for place in range(60)))
    return answered


def test_after_kill_9_every_answered_hit_is_in_the_log_or_its_counter(database_file: Path, tmp_path: Path) -> None:
    with public(tmp_path) as (url, process):
        answered = asyncio.run(_knock_until_it_dies(url, process, 700))
        assert process.wait(10) == -signal.SIGKILL
    with db.reading() as session:
        differences = [one for one in recount(session) if one.action is not Action.SENT]
        hits = dict(
            session.exec(
                select(Counter.action, func.sum(Counter.hits))
                .where(Counter.dimension == Dimension.TOTAL)
                .group_by(Counter.action)
            ).all()
        )
        inferred = session.exec(select(func.count()).where(LogRecord.source == EventSource.INFERRED)).one()
        out = set(session.exec(select(QueueItem.id).join(OptOut, OptOut.address_id == QueueItem.address_id)))
        logged = set(session.exec(select(LogRecord.item_id).where(LogRecord.action == Action.OPTED_OUT)))
    assert differences == []
    assert answered.total >= 700
    assert answered.clicks <= hits[Action.CLICKED] <= answered.clicks + 60, "at most one each was on its way"
    assert answered.opens <= hits[Action.OPENED] - inferred <= answered.opens + 60
    assert answered.opted_out
    assert answered.opted_out <= out == logged


def test_it_is_the_public_addresses_alone_and_brings_no_dashboard(database_file: Path, tmp_path: Path) -> None:
    with public(tmp_path) as (url, _process):
        mine = token(Purpose.CONSENT, 1)
        assert httpx.get(f"{url}/u/{mine}").status_code == 200
        assert httpx.get(f"{url}/p/{mine}").status_code == 200
        for path in ("/", "/sign-in", "/campaigns", "/_event", "/assets/x.js", "/o/", "/c/x"):
            assert httpx.get(f"{url}{path}").status_code == 404, path
    asked = "import sys, dashboard.server; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", asked]
    loaded = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout.split()
    assert {"starlette", "uvicorn"} <= set(loaded)
    assert not {"reflex", "reflex_base", "plotly", "premailer", "apscheduler"} & set(loaded)


def test_a_running_process_takes_tokens_of_a_key_that_was_rotated_elsewhere(
    database_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = token(Purpose.TRACK, 1)
    with public(tmp_path) as (url, _process):
        assert httpx.get(f"{url}/o/{old}.gif").status_code == 200
        turned = envoi(tmp_path, "key", "rotate", "--json")
        assert (turned.returncode, turned.stdout.strip()) == (0, '{"version": 2}'), turned.stderr
        monkeypatch.setattr("models.tracking._own", {})
        with db.reading() as session:
            new = make_token(ring(session), Purpose.TRACK, 2)
        assert new != make_token(b"a secret for tests", Purpose.TRACK, 2)
        for each in (new, old):
            assert httpx.get(f"{url}/o/{each}.gif").status_code == 200
    listed = envoi(tmp_path, "key", "list").stdout.splitlines()
    assert [line.partition(",")[0] for line in listed] == ["version 2", "version 1"]
    assert listed[0].endswith("it signs")
