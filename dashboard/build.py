"""The page's build: once per state of its sources, kept in build/page, replaced only by a whole new one.

Reflex builds in .web with Node.js and Bun, which are wheels of the virtual environment: nothing else is downloaded than
the page's own packages, as locked in reflex.lock. With those in Bun's cache the build needs no network.
"""

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from models.errors import Unavailable

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "build" / "page"
FORMER: Final = ROOT / "build" / "page.former"
"""The page before: a tab that was open during the build still asks for its assets."""
LOG: Final = ROOT / "build" / "page.log"
_STAMP: Final = "sources"
_OUTPUT: Final = ROOT / ".web" / "build" / "client"

# The page is made of these. Rules that only the server runs are not among them.
_SOURCES: Final = ("dashboard/**/*", "models/*.py", "models/catalogue/*.py", "assets/**/*", "rxconfig.py")
_NOT_DRAWN: Final = ("dashboard/public/", "dashboard/commands/", "dashboard/cli.py", "dashboard/asgi.py")

LARGEST_EVENT: Final = 4 * 1024 * 1024
"""Octets that a browser may send over the socket at once."""

# Reflex reads these when it is imported; the two with underscores are internal, which is why it is pinned exactly.
ENVIRONMENT: Final = {
    "REFLEX_USE_SYSTEM_BUN": "true",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    "REFLEX_ENV_MODE": "prod",
    # One event from a browser: a template's HTML and text of a million characters each (MOST_SOURCE), mostly ASCII.
    "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": str(LARGEST_EVENT),
}
SERVE_ONLY: Final = {"__REFLEX_SKIP_COMPILE": "true", "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "false"}


def is_current() -> bool:
    """Whether the built page is that of the present sources."""
    stamp = PAGE / _STAMP
    return stamp.is_file() and stamp.read_text() == sources_digest()


def build_page(say: Callable[[str], None], *, again: bool = False) -> bool:
    """Build the page unless it is current; `again`: in any case. False: there was nothing to do.

    `say` is given catalogue keys. A failed or interrupted build leaves the former page. Raises Unavailable.
    """
    _check_writable()
    if is_current() and not again:
        return False
    with _alone():
        if is_current() and not again:  # another process has just built it
            return False
        say("cli.build.first" if not (ROOT / ".web" / "node_modules").is_dir() else "cli.build.start")
        digest = sources_digest(lock=False)
        _export()
        _put_in_place(digest + _lock_digest())
    return True


def sources_digest(*, lock: bool = True) -> str:
    """Stands for all that the page is made of: sources, Reflex's version and the locked packages."""
    digest = hashlib.sha256(importlib.metadata.version("reflex").encode())
    for file in _source_files():
        digest.update(f"\0{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest() + (_lock_digest() if lock else "")


def environment() -> dict[str, str]:
    """The environment of a build: the virtual environment's Node.js and Bun come first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    made = os.environ | ENVIRONMENT | {"PATH": path}
    if "NPM_CONFIG_REGISTRY" not in made:  # else Reflex measures several registries of its own choice
        made["NPM_CONFIG_REGISTRY"] = _configured_registry(made)
    return made


def _lock_digest() -> str:
    """The packages apart from the sources: a build that meets a new component writes them down."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "reflex.lock").glob("*")):
        digest.update(file.read_bytes())
    return "-" + digest.hexdigest()


def _source_files() -> list[Path]:
    found = {file for pattern in _SOURCES for file in ROOT.glob(pattern) if file.is_file()}
    return sorted(file for file in found if _is_drawn(file.relative_to(ROOT).as_posix()))


def _is_drawn(name: str) -> bool:
    return "__pycache__" not in name and not name.startswith((*_NOT_DRAWN, "assets/external/"))


def _configured_registry(env: dict[str, str]) -> str:
    asked = subprocess.run(
        ["npm", "config", "get", "registry"],  # noqa: S607 - of the virtual environment, first on PATH
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()


def _check_writable() -> None:
    """Reflex writes into .web whenever it starts, also when the page is current. Raises Unavailable."""
    web = ROOT / ".web"  # which Reflex makes
    try:
        PAGE.parent.mkdir(exist_ok=True)
        for directory in (PAGE.parent, web if web.exists() else ROOT):
            TemporaryFile(dir=directory).close()
    except OSError as error:
        raise Unavailable("cli.build.read_only", directory=ROOT, reply=error.strerror or "") from error


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time; who comes second waits."""
    with (PAGE.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _export() -> None:
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--env", "prod"]
    with LOG.open("w") as log:
        done = subprocess.run(command, cwd=ROOT, env=environment(), stdout=log, stderr=log, check=False)
    if done.returncode != 0 or not (_OUTPUT / "index.html").is_file():
        raise Unavailable("cli.build.failed", log=LOG.relative_to(ROOT))


def _put_in_place(digest: str) -> None:
    """Make the output the page: two renames, so that nothing is ever half there."""
    new = PAGE.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(_OUTPUT, new)
    (new / _STAMP).write_text(digest)
    shutil.rmtree(FORMER, ignore_errors=True)
    if PAGE.exists():
        PAGE.rename(FORMER)
    new.rename(PAGE)
