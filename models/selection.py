"""The selection: rows as they are at one moment, for long work that goes through them in chunks (D23).

Read first into a TEMP table; then each chunk writes in a unit of work of its own, and others write between two chunks.
"""

import json
from collections.abc import Callable, Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from models.address import batches
from models.db import Doors, is_sqlite

OnChunk = Callable[[int, int], object]
"""Called after each commit with (done, total) rows; it may raise to stop: what is done stays, and is consistent."""
Ids = sa.Select[tuple[int]] | Iterable[int]

CHUNK = 1_000
"""Rows per unit of work: far under 50 ms of the write lock, with every index of a row."""

_SELECTION = sa.table("selection", sa.column("id", sa.Integer))


def in_chunks(
    doors: Doors,
    ids: Ids,
    act: Callable[[Session, list[int]], int],
    *,
    on_chunk: OnChunk | None = None,
    durable: bool = False,
) -> int:
    """The sum of what `act` gives for each chunk of the ids, found once at the beginning. `act` must do no harm when it
    meets an id again: then the whole may be run again after a crash."""
    total, done, result = select_ids(doors, ids), 0, 0
    for chunk in selected(doors):
        with doors.unit_of_work(durable=durable) as session:
            result += act(session, chunk)
        done += len(chunk)
        if on_chunk:
            on_chunk(done, total)
    return result


def select_ids(doors: Doors, ids: Ids) -> int:
    """Keep the ids of a query, or these, on this connection; how many. An earlier selection is forgotten."""
    with doors.reading() as session:
        session.execute(sa.text("DROP TABLE IF EXISTS selection"))
        session.execute(sa.text("CREATE TEMPORARY TABLE selection (id INTEGER PRIMARY KEY)"))
        if isinstance(ids, sa.Select):
            session.execute(sa.insert(_SELECTION).from_select(["id"], ids.distinct()))
        else:
            for batch in batches(sorted(set(ids))):
                session.execute(sa.insert(_SELECTION).from_select(["id"], _as_rows(session, batch)))
        return session.scalar(sa.select(sa.func.count()).select_from(_SELECTION)) or 0


def _as_rows(session: Session, ids: list[int]) -> sa.Select[tuple[int]]:
    """The ids as rows, carried over as one value: thousands of parameters take longer to bind than to insert."""
    if is_sqlite(session):
        return sa.select(sa.func.json_each(json.dumps(ids)).table_valued("value").c.value)
    return sa.select(sa.func.unnest(sa.cast(ids, postgresql.ARRAY(sa.Integer))).column_valued("id"))


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
