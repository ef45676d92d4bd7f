"""T9 and T10: what the browser loads, gzip-compressed, and how long the start takes with everything set up."""

import gzip
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "build" / "page"
PAGES = {"a list": "campaigns/index.html", "the overview": "index.html"}


def weigh() -> dict[str, int]:
    """Octets of gzip-compressed JavaScript that a page names in its HTML, with the modules those import at once."""
    return {name: sum(_sizes(_modules(PAGE / file)).values()) for name, file in PAGES.items() if (PAGE / file).exists()}


def _modules(page: Path) -> set[Path]:
    found: set[Path] = set()
    waiting = [PAGE / name.lstrip("/") for name in re.findall(r'["\'](/assets/[^"\']+\.js)', page.read_text())]
    while waiting:
        module = waiting.pop()
        if module in found or not module.exists():
            continue
        found.add(module)
        names = re.findall(r'(?:from|import)\s*["\']\./([^"\']+\.js)["\']', module.read_text())
        waiting += [module.parent / name for name in names]
    return found


def _sizes(modules: set[Path]) -> dict[Path, int]:
    return {module: len(gzip.compress(module.read_bytes(), 6)) for module in modules}


def start() -> float:
    """Seconds from `envoi serve` to the first answer of the sign-in page, on an empty data directory."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "ENVOI_DATA_DIR": home, "ENVOI_CATCHER_PORT": str(free_port())}
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "dashboard.cli", "serve", "--port", str(port)],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while not _answers(port):
                if time.perf_counter() - began > 60 or server.poll() is not None:
                    raise RuntimeError("envoi serve does not answer")
                time.sleep(0.05)
            return time.perf_counter() - began
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=40)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
