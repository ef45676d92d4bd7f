"""A site in this process with a small page and no Reflex behind it, and the real one in a process of its own."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from dashboard.asgi import Site
from dashboard.auth import COOKIE
from dashboard.built_page import BuiltPage
from models import db
from models.sign_in import SESSION, open_session
from models.user import Role, Viewer, hash_password, viewer_of
from tests import factories
from tests.conftest import free_port

PASSWORD = "a long enough password"
ROOT = Path(__file__).resolve().parents[2]


async def fake_reflex(scope: Scope, receive: Receive, send: Send) -> None:
    """Echoes on sockets; says that it was reached on HTTP."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["type"] == "http":
        await PlainTextResponse("reflex")(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


@pytest.fixture
def page(tmp_path: Path) -> BuiltPage:
    """index, a page with a value in its path, an asset, the chunk of addresses."""
    present, former = tmp_path / "page", tmp_path / "former"
    (present / "assets").mkdir(parents=True)
    (former / "assets").mkdir(parents=True)
    (present / "index.html").write_text("<script>let a = 1</script><script src='/assets/x.js'></script><p>index</p>")
    (present / "404.html").write_text("<p>nothing here</p>")
    (present / "__spa-fallback.html").write_text("<p>drawn in the browser</p>")
    (present / "assets" / "x-1.js").write_text("new")
    (former / "assets" / "x-0.js").write_text("old")
    (present / "assets" / "reflex-env-1.js").write_text(
        "var e={EVENT:`ws://localhost:8000/_event`,UPLOAD:`http://localhost:8000/_upload`}"
    )
    (tmp_path / "secret.txt").write_text("not a file of the page")
    return BuiltPage(present, former, lambda path: "item/[id]" if re.fullmatch(r"/item/\d+", path) else None)


@pytest.fixture
def browser(sqlite_database: Engine, page: BuiltPage) -> Iterator[TestClient]:
    """A client without a session; redirects are looked at, not followed."""
    with TestClient(Site(page, fake_reflex), "http://envoi.example", follow_redirects=False) as client:
        yield client


@pytest.fixture
def ada(sqlite_database: Engine) -> Viewer:
    """An administrator with PASSWORD."""
    with db.unit_of_work() as session:
        return viewer_of(factories.user(session, email="ada@example.com", password_hash=hash_password(PASSWORD)))


def signed_in(client: TestClient, user: Viewer, length: timedelta = SESSION, at: datetime | None = None) -> str:
    """Give the client a session of the user, last seen `at`; the secret."""
    with db.unit_of_work() as session:
        secret = open_session(session, user.id, length, at or datetime.now(UTC))
    client.cookies.set(COOKIE, secret)
    return secret


@dataclass(frozen=True)
class Running:
    """An `envoi web` in a process of its own. `log`: what it printed. `environment`: for further commands."""

    url: str
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def envoi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command against the same data."""
        command = [sys.executable, "-m", "dashboard.cli", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, cwd=ROOT, check=False)


@contextmanager
def running(word: str, directory: Path, port: int = 0) -> Iterator[Running]:
    """`envoi WORD` on a free port with data of its own, answering /healthz. `port`: that of one before."""
    port, log = port or free_port(), directory / "log"
    environment = {
        **os.environ,
        "ENVOI_DATA_DIR": str(directory / "data"),
        "ENVOI_PORT": str(port),
        "ENVOI_CATCHER_PORT": str(free_port()),
        "LC_ALL": "C.UTF-8",
    }
    with log.open("wb") as out:
        command = [sys.executable, "-m", "dashboard.cli", word]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/healthz", process, log)
        yield Running(url, log, environment, process)
    finally:
        process.terminate()
        process.wait(40)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 240) -> None:
    end = time.monotonic() + seconds  # the first start builds the page
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer: {log.read_text()}")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real site, for the tests of one module."""
    with running("web", tmp_path_factory.mktemp("web")) as server:
        yield server


__all__ = ["PASSWORD", "Role", "Running", "running", "signed_in"]
