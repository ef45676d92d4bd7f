"""T8: what the worker takes while it sends out of a long queue, and what the web process takes with 200 sessions.

python -m tests.bench.bench_memory [PEOPLE]
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import socketio

from dashboard.auth import COOKIE
from models import db
from models.migrations import migrate
from models.sign_in import SESSION, open_session
from tests import factories
from tests.bench import bench_delivery
from tests.bench.bench_page import ROOT, _answers
from tests.conftest import free_port

PEOPLE = 1_000_000
SENT = 50_000
"""Messages sent while the worker's memory is watched."""
SESSIONS = 200


def worker(people: int = PEOPLE) -> float:
    """MB of a worker process that sends SENT messages out of a queue of `people`: its resident set at the highest."""
    with tempfile.TemporaryDirectory() as home, bench_delivery.sink() as port:
        url = f"sqlite:///{Path(home) / 'bench.sqlite'}"
        with _at(url):
            bench_delivery.populate(people, port, portion_size=SENT)
        environment = {**os.environ, "ENVOI_DATA_DIR": home, "ENVOI_DATABASE_URL": url}
        environment["ENVOI_CATCHER_PORT"] = str(free_port())
        process = subprocess.Popen([sys.executable, "-m", "jobs", "--once"], cwd=ROOT, env=environment)
        highest = 0.0
        while process.poll() is None:
            highest = max(highest, _highest(process.pid))
            time.sleep(0.2)
        if process.returncode:
            raise AssertionError(f"the worker ended with {process.returncode}")
    return highest


def _highest(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):  # it has just ended
        return 0.0


@contextmanager
def _at(url: str) -> Iterator[None]:
    engine = db.connect(url)
    migrate(engine)
    db.use(engine)
    try:
        yield
    finally:
        db.use(None)
        engine.dispose()


def web() -> float:
    """MB of `envoi web` with SESSIONS tabs of signed-in people connected, each with its page loaded."""
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        environment = {**os.environ, "ENVOI_DATA_DIR": home, "ENVOI_CATCHER_PORT": str(free_port())}
        subprocess.run([sys.executable, "-m", "dashboard.cli", "migrate"], cwd=ROOT, env=environment, check=True)
        with _at(f"sqlite:///{Path(home) / 'envoi.sqlite'}"), db.unit_of_work() as session:
            secret = open_session(session, factories.user(session).id, SESSION, datetime.now(UTC))
        server = subprocess.Popen(
            [sys.executable, "-m", "dashboard.cli", "web", "--port", str(port)],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return asyncio.run(_connected(port, secret, server.pid))
        finally:
            server.terminate()
            server.wait(timeout=40)


async def _connected(port: int, secret: str, pid: int) -> float:
    while not await asyncio.to_thread(_answers, port):  # noqa: ASYNC110 - another process has no event to give
        await asyncio.sleep(0.1)
    async with AsyncExitStack() as tabs:
        for _ in range(SESSIONS):
            await tabs.enter_async_context(_tab(port, secret))
        await asyncio.sleep(2)
        return resident(pid)


@asynccontextmanager
async def _tab(port: int, secret: str):
    """A page of the campaigns list, connected and loaded."""
    client, loaded = socketio.AsyncClient(reconnection=False), asyncio.Event()

    def told(news: object) -> None:
        if "is_hydrated_rx_state_" in json.dumps(news):
            loaded.set()

    client.on("event", told, namespace="/_event")
    where = {"pathname": "/campaigns", "asPath": "/campaigns", "query": {}}
    await client.connect(
        f"http://127.0.0.1:{port}/_event?token={uuid.uuid4()}",
        headers={"Cookie": f"{COOKIE}={secret}"},
        transports=["websocket"],
        socketio_path="/_event",
        namespaces=["/_event"],
        auth={"event": {"name": "reflex___state____state.hydrate_and_load", "router_data": where}},
    )
    await asyncio.wait_for(loaded.wait(), 30)
    yield
    await client.disconnect()


def resident(pid: int) -> float:
    """MB of a process and of those it has started."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = int(status.split("VmRSS:")[1].split()[0]) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(resident(int(child)) for child in children)


def main() -> None:
    print(f"{'worker, MB':<28}{worker(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE):>12,.0f}")
    print(f"{f'web, {SESSIONS} sessions, MB':<28}{web():>12,.0f}")


if __name__ == "__main__":
    main()
