"""SQLite's write-ahead log, kept short.

Behind 1,000 pages each commit copies the log into the database by itself, but the log begins anew only when somebody
starts to write and all of it is copied. While two processes write, that moment may not come for minutes: during an
import with clicks beside it the log grew to 300 MB, and cutting it afterwards held the write lock for 50 to 180 ms. So
whoever has committed, and finds the log long, copies what has been written since under the write lock: a few pages.

https://sqlite.org/wal.html#avoiding_excessively_large_wal_files
"""

import os
import time
from typing import Any, Final

LONG: Final = 16 << 20
"""Octets. Behind as many it is cut when it begins anew (journal_size_limit)."""
BETWEEN: Final = 0.1
"""Seconds between two attempts of a process: somebody who reads for long keeps the log from ending."""
_WAIT: Final = 10
"""Milliseconds to wait for other writers, and under the write lock for readers (D23)."""
_LOOKS: Final = 30
_POLL: Final = 0.002
"""Seconds between two looks whether somebody else still copies."""

_tried = 0.0


def is_long(database: str) -> bool:
    """Whether the log of a database file should end now; asked after each commit, so it may only cost a look."""
    try:
        return os.stat(f"{database}-wal").st_size > LONG and time.monotonic() - _tried > BETWEEN
    except FileNotFoundError:
        return False


def end(connection: Any, patience: float) -> bool:
    """Copy the log to its end, so that the next writer begins it anew: nearly all of it while others write, the rest
    under the write lock. `connection`: sqlite3's, in no transaction; `patience`: the seconds it waits for a lock
    otherwise. False: somebody else copies, writes or reads, and it is tried again. Raises sqlite3.Error."""
    global _tried  # noqa: PLW0603 - one log for the process
    connection.execute(f"PRAGMA busy_timeout={_WAIT}").close()
    try:
        return _copied(connection, "PASSIVE") and _copied(connection, "FULL")
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience * 1000:.0f}").close()
        _tried = time.monotonic()


def _copied(connection: Any, mode: str) -> bool:
    """Only one connection copies at a time, and SQLite does not wait for it: a passive one we do."""
    for _ in range(_LOOKS if mode == "PASSIVE" else 1):
        ((busy, _, _),) = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        if not busy:
            return True
        time.sleep(_POLL)
    return False
