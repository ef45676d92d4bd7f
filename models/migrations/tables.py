"""Every module of models that declares tables, so that the metadata is whole; and what only one database has."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from sqlalchemy import DDL, Index
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex
from sqlmodel import SQLModel

import models

FULL_TEXT = "recipient_words"
"""SQLite's full-text table, and the start of the names of those that it is made of."""


def import_every_table() -> None:
    """Import them all; a new file in models is found by itself."""
    for module in pkgutil.iter_modules(models.__path__):
        if not module.ispkg:
            importlib.import_module(f"models.{module.name}")


def is_common(item: Any, name: str | None, kind: str, reflected: bool, compared_to: Any) -> bool:
    """Whether Alembic compares it: what is made for one database alone (ddl_if) it would take for missing, and the
    tables of SQLite's full text for left over."""
    if kind == "table" and reflected and compared_to is None and name is not None:
        return not name.startswith(FULL_TEXT)
    return not (isinstance(item, Index) and _only_for(item))


def statements_of_one_database() -> Iterator[tuple[str, str]]:
    """(dialect, statement) of what is made beside the tables on one database alone, in the order of the tables."""
    for table in SQLModel.metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            if dialect := _only_for(index):
                yield dialect, str(CreateIndex(index).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        for step in table.dispatch.after_create:
            if isinstance(step, DDL):
                yield str(step._ddl_if.dialect if step._ddl_if else ""), str(step.statement)


def _only_for(index: Index) -> str:
    return str(index._ddl_if.dialect) if index._ddl_if else ""
