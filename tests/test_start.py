"""Starting and stopping: what is wrong with the machine is said in one sentence; a signal ends everything in peace."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from dashboard import build
from models.errors import Unavailable
from tests.conftest import free_port
from tests.dashboard.conftest import ROOT, running

pytestmark = pytest.mark.slow  # each starts a process

ENVOI = [sys.executable, "-m", "dashboard.cli"]


def envoi(*words: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "LC_ALL": "C.UTF-8", **environment}
    return subprocess.run(
        [*ENVOI, *words], env=given, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("word", ["serve", "web"])
def test_a_taken_port_is_one_sentence(word: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = envoi(word, "--port", str(port), ENVOI_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(f"envoi: Port {port} is taken")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("word", [("serve",), ("web",), ("worker", "--once"), ("migrate",), ("doctor",), ("check",)])
def test_a_data_directory_that_cannot_be_written_is_one_sentence(word: tuple[str, ...]) -> None:
    """/proc takes no directory from anybody, not even from root."""
    done = envoi(*word, ENVOI_DATA_DIR="/proc/envoi", ENVOI_PORT=str(free_port()))
    assert done.returncode == 1
    assert done.stderr.startswith("envoi: The data directory /proc/envoi cannot be written")
    assert done.stderr.count("\n") == 1


def test_a_checkout_that_cannot_be_written_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reflex writes beside the page also when that is current; /proc takes no directory from anybody."""
    monkeypatch.setattr(build, "ROOT", Path("/proc/envoi"))
    monkeypatch.setattr(build, "PAGE", Path("/proc/envoi/build/page"))
    with pytest.raises(Unavailable, match=r"^The page is built and served in /proc/envoi, which cannot be written"):
        build.build_page(lambda key: pytest.fail(f"{key} was begun"))


def test_a_virtual_environment_that_cannot_be_made_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    refusing = tmp_path / "python"
    refusing.write_text('#!/bin/sh\ncase "$*" in *"-m venv"*) echo Permission denied >&2; exit 1;; esac\n')
    refusing.chmod(0o755)
    done = make(tmp_path, refusing)
    assert "The virtual environment could not be made: see above." in done.stderr
    assert (done.returncode != 0, (tmp_path / ".venv").exists()) == (True, False)


def test_a_database_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    done = envoi("migrate", ENVOI_DATA_DIR=str(tmp_path), ENVOI_DATABASE_URL=away)
    assert (done.returncode, done.stderr) == (1, "envoi: The database cannot be reached.\n")


@pytest.mark.parametrize(
    ("words", "environment", "sentence", "status"),
    [
        (("migrate",), {"ENVOI_PORT": "many"}, "envoi: ENVOI_PORT: ", 2),
        (("serve", "--port", "0"), {}, "envoi: Invalid value for '--port'", 2),
        (("nothing",), {}, "envoi: No such command 'nothing'.", 2),
        (("user", "add", "no address"), {}, "envoi: email: ", 2),
        (("user", "reset", "nobody@example.com"), {}, "envoi: Nobody signs in as nobody@example.com.", 1),
        (("user", "reset", "nobody@example.com"), {"LC_ALL": "fr_FR.UTF-8"}, "envoi: Aucun compte pour ", 1),
    ],
)
def test_what_is_wrong_is_one_sentence_on_standard_error(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], sentence: str, status: int
) -> None:
    done = envoi(*words, **{"ENVOI_DATA_DIR": str(tmp_path), **environment})
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("serve",),
        ("web",),
        ("worker",),
        ("migrate",),
        ("check",),
        ("doctor",),
        ("build",),
        ("user", "add"),
        ("user", "reset"),
    ],
)
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    done = envoi(*words, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_make_says_which_python_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && { echo Python 3.9.2; exit; }\nexit 1\n')
    old.chmod(0o755)
    done = make(tmp_path, old)
    assert "Envoi needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert done.returncode != 0


def test_make_says_how_to_get_the_venv_module(tmp_path: Path) -> None:
    bare = tmp_path / "bare-python"
    bare.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n')
    bare.chmod(0o755)
    assert "apt install python3-venv" in make(tmp_path, bare).stderr


def make(directory: Path, python: Path) -> subprocess.CompletedProcess[str]:
    """`make build` in a copy of the Makefile's world without a virtual environment."""
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (directory / name).write_bytes((ROOT / name).read_bytes())
    return subprocess.run(
        ["make", "-C", str(directory), "build", f"PYTHON={python}"], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_serve_prints_the_first_link_and_keeps_a_worker_and_ends_in_peace(tmp_path: Path) -> None:
    with running("serve", tmp_path) as server:
        link = _said(server.log, r"http://localhost:\d+(/welcome/[\w-]{43})")
        assert httpx.get(server.url + link[1]).status_code == 200
        first = _worker_of(server.process.pid)
        os.kill(first, signal.SIGKILL)
        assert _worker_of(server.process.pid, other_than=first) != first
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(40) == 0
        said = server.log.read_text()
    assert "The worker ended by itself" in said
    assert said.rstrip().endswith("Envoi has ended.")
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv is Linux's (util-linux)")
def test_a_killed_server_takes_its_worker_with_it(tmp_path: Path) -> None:
    with running("serve", tmp_path) as server:
        worker = _worker_of(server.process.pid)
        server.process.kill()
        end = time.monotonic() + 40
        while Path(f"/proc/{worker}").exists() and time.monotonic() < end:
            time.sleep(0.1)
        assert not Path(f"/proc/{worker}").exists()


def _said(log: Path, pattern: str, seconds: float = 30) -> re.Match[str]:
    """What the process prints within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text()):
            return found
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def _worker_of(parent: int, other_than: int = 0, seconds: float = 30) -> int:
    """The process id of the child that runs `python -m jobs`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for child in map(int, children):
            if b"jobs" in Path(f"/proc/{child}/cmdline").read_bytes() and child != other_than:
                return child
        time.sleep(0.1)
    raise AssertionError("no worker")
