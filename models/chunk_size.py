"""How many rows of long work go into one unit of work: as many as hold SQLite's write lock for about 12 ms (D23)."""

from collections import deque
from collections.abc import Callable
from typing import Final

Clock = Callable[[], float]
"""Seconds that only grow: time.monotonic, or a test's own."""

AIM: Final = 0.012
"""Seconds of the write lock. Now and then a chunk merges the full-text index too, and takes three times as long."""
FEWEST: Final = 50
FIRST: Final = 200
MOST: Final = 800
_REMEMBERED: Final = 10
_NOTHING: Final = 1e-9


class ChunkSize:
    """`rows`: of the next chunk; at most twice as many as in the last one, at least half.

    The fastest of the last chunks counts: one that the system kept from the processor says nothing of what its rows
    take, and smaller ones would be kept from it as long."""

    def __init__(self, first: int = FIRST) -> None:
        self.rows = first
        self._costs: deque[float] = deque(maxlen=_REMEMBERED)

    def learn(self, rows: int, seconds: float) -> None:
        """A chunk of so many rows held the lock for so long."""
        self._costs.append(max(seconds, _NOTHING) / max(rows, 1))
        wanted = round(AIM / min(self._costs))
        self.rows = max(FEWEST, self.rows // 2, min(MOST, self.rows * 2, wanted))
