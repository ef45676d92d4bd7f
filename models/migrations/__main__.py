"""`make migration`: write 0001 anew from the tables. For development; once 0001 has been released it stays as it is."""

import tempfile
import warnings
from pathlib import Path

from alembic import command

from models import db
from models.migrations import HERE, _config
from models.migrations.tables import statements_of_one_database


def rewrite_initial() -> Path:
    """The file of the whole schema, as the tables are now."""
    file = HERE / "versions" / "0001_initial.py"
    file.unlink(missing_ok=True)
    warnings.filterwarnings("ignore", "autogenerate skipping")  # an index of one database: added below
    with tempfile.TemporaryDirectory() as directory:
        engine = db.connect(f"sqlite:///{directory}/empty.sqlite")
        with engine.begin() as connection:
            command.revision(_config(connection), "initial", autogenerate=True, rev_id="0001")
        engine.dispose()
    file.write_text(file.read_text() + _of_one_database())
    return file


def _of_one_database() -> str:
    lines = ["", "    dialect = op.get_bind().dialect.name"]
    for dialect, statement in statements_of_one_database():
        lines += [f'    if dialect == "{dialect}":', f"        op.execute({statement!r})"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(rewrite_initial())
