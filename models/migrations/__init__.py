"""The schema, from one state to the next (Alembic). Nothing else makes or changes a table.

What installations have run stays as it is; what the tables need beyond it is one migration, written anew by
`make migration` whenever a table changes, until it has landed too.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from models import db
from models.migrations.tables import import_every_table

HERE: Final = Path(__file__).parent
_LOCK: Final = 0x456E766F69  # "Envoi": PostgreSQL's advisory lock of whoever migrates


def migrate(engine: Engine | None = None) -> tuple[str | None, str | None]:
    """Bring the schema to head; (revision before, revision now).

    Everything happens in one transaction behind a lock: of two processes that start at once the second finds nothing to
    do, and an interrupted one leaves the schema as it was. Every table is declared afterwards, wherever its module is
    needed: foreign keys find each other by name.
    """
    import_every_table()
    with (engine or db.engine()).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        before = revision_of(connection)
        if before != head():
            command.upgrade(_config(connection), "head")
        return before, revision_of(connection)


def head() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory(str(HERE)).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at; None: empty."""
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
