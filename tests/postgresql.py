"""A real PostgreSQL of one's own, for as long as a block lasts."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoServer(Exception):
    """There is no PostgreSQL to start."""


@contextmanager
def running() -> Iterator[str]:
    """The address of an empty database; it is gone afterwards. Nothing is flushed to disk. Raises NoServer."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise NoServer("no PostgreSQL server: install the package postgresql, or set ENVOI_TEST_POSTGRESQL_URL")
    binaries, home = found[-1].parent, Path(tempfile.mkdtemp(prefix="envoi-postgresql-"))
    port, user = _free_port(), None
    if os.geteuid() == 0:  # the server refuses to run as root
        user = "postgres"
        entry = pwd.getpwnam(user)
        os.chown(home, entry.pw_uid, entry.pw_gid)

    def call(*command: str) -> None:
        subprocess.run(command, user=user, check=True, cwd="/", capture_output=True)

    encoding = ("-E", "UTF8", "--locale=C.UTF-8")
    call(str(binaries / "initdb"), "-D", str(home / "d"), "-U", "envoi", "-A", "trust", *encoding)
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
    call(str(binaries / "pg_ctl"), "-D", str(home / "d"), "-w", "-l", str(home / "log"), "-o", options, "start")
    try:
        call(str(binaries / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "envoi", "envoi")
        yield f"postgresql+pg8000://envoi@127.0.0.1:{port}/envoi"
    finally:
        call(str(binaries / "pg_ctl"), "-D", str(home / "d"), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
