"""What every process does before its work: data directory, log, schema; and the ports it will listen on."""

import errno
import os
import socket

from models import db
from models.errors import Unavailable
from models.logs import configure
from models.migrations import migrate
from models.settings import settings


def prepare(*, migrated: bool = True) -> None:
    """Check what can go wrong with the machine, and bring the schema to head. Raises Unavailable with one sentence."""
    configure(settings())
    _check_data_directory()
    db.ping()
    if migrated:
        migrate()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a taken port is known before anything else is done. Raises Unavailable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise _why_not(error, host, port) from error
    listener.setblocking(False)
    return listener


def _why_not(error: OSError, host: str, port: int) -> Unavailable:
    if error.errno == errno.EADDRINUSE:
        return Unavailable("cli.start.port_taken", port=port)
    if error.errno == errno.EACCES:
        return Unavailable("cli.start.port_forbidden", port=port)
    return Unavailable("cli.start.no_address", host=host, port=port, reply=error.strerror or str(error))


def _check_data_directory() -> None:
    directory = settings().data_dir
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Unavailable("cli.start.data_read_only", directory=directory, reply=error.strerror or "") from error
