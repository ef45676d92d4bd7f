"""The selection: people as they are at one moment, for long work that goes through them in chunks (D23).

total = select_people(doors, chosen)                 # reads, into a TEMP table
for ids in selected(doors): ...                      # each chunk then writes in a unit of work of its own
"""

from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa

from models.address import batches
from models.db import Doors

OnChunk = Callable[[int, int], object]
"""Called after each commit with (done, total) people; it may raise to stop: what is done stays, and is consistent."""

CHUNK = 1_000
"""People per unit of work: far under 50 ms of the write lock with every index of a row."""

_SELECTION = sa.table("selection", sa.column("id", sa.Integer))


def select_people(doors: Doors, ids: sa.Select[tuple[int]] | Iterable[int]) -> int:
    """Keep the ids of a query, or these ids, on this connection; how many. An earlier selection is forgotten."""
    with doors.reading() as session:
        session.execute(sa.text("DROP TABLE IF EXISTS selection"))
        session.execute(sa.text("CREATE TEMPORARY TABLE selection (id INTEGER PRIMARY KEY)"))
        if isinstance(ids, sa.Select):
            session.execute(sa.insert(_SELECTION).from_select(["id"], ids.distinct()))
        else:
            for batch in batches(sorted(set(ids))):
                session.execute(sa.insert(_SELECTION).values([{"id": id_} for id_ in batch]))
        return session.scalar(sa.select(sa.func.count()).select_from(_SELECTION)) or 0


def selected(doors: Doors, size: int = CHUNK) -> Iterator[list[int]]:
    """The ids of the selection in order, in chunks."""
    after = 0
    while True:
        with doors.reading() as session:
            query = sa.select(_SELECTION.c.id).where(_SELECTION.c.id > after).order_by(_SELECTION.c.id).limit(size)
            ids = list(session.scalars(query))
        if not ids:
            return
        yield ids
        after = ids[-1]
