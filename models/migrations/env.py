"""How Alembic runs here: on the connection of migrate(), or against an SQLite when a migration is written."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel

from models.column_types import Code, Utc
from models.migrations.tables import import_every_table, is_common

import_every_table()


def plain_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name what the database stores, so that they do not change with the code."""
    if kind == "type" and isinstance(item, Code):
        return "sa.SmallInteger()"
    if kind == "type" and isinstance(item, Utc):
        return "sa.BigInteger()"
    if kind == "type" and type(item).__name__ == "AutoString":
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_item=plain_types,
    compare_type=True,
    include_object=is_common,
)
with context.begin_transaction():
    context.run_migrations()
