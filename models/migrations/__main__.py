"""`make migration`: write what the tables need beyond LANDED anew, as one migration. For development."""

import sys
import tempfile
import warnings
from pathlib import Path
from typing import Final

from alembic import command

from models import db
from models.migrations import HERE, _config
from models.migrations.fills import FILLS
from models.migrations.tables import statements_of_one_database

LANDED: Final = "0002"
"""The newest migration that installations have run: it and those before stay as they are."""
NEXT: Final = f"{int(LANDED) + 1:04}"


def rewrite_next(name: str) -> Path:
    """The file of the migration from LANDED to the tables as they are now; it keeps its name where it has one.

    A new column of an old table has a server_default or may be NULL: the rows are there already.
    """
    versions = HERE / "versions"
    file = next(versions.glob(f"{NEXT}_*.py"), versions / f"{NEXT}_{name}.py")
    file.unlink(missing_ok=True)
    warnings.filterwarnings("ignore", "autogenerate skipping")  # an index of one database: added below
    with tempfile.TemporaryDirectory() as directory:
        engine = db.connect(f"sqlite:///{directory}/landed.sqlite")
        with engine.begin() as connection:
            command.upgrade(_config(connection), LANDED)
            command.revision(_config(connection), file.stem.removeprefix(f"{NEXT}_"), autogenerate=True, rev_id=NEXT)
        engine.dispose()
    fills = "".join(f"    op.execute({statement!r})\n" for statement in FILLS.get(NEXT, ()))
    file.write_text(file.read_text() + _of_one_database() + fills)
    return file


def _of_one_database() -> str:
    landed = "".join(path.read_text() for path in (HERE / "versions").glob("*.py") if path.name < NEXT)
    all_of_them = statements_of_one_database()
    new = [(dialect, s) for dialect, s in all_of_them if repr(s) not in landed and f'"{s}"' not in landed]
    lines = ["", "    dialect = op.get_bind().dialect.name"] if new else []
    for dialect, statement in new:
        lines += [f'    if dialect == "{dialect}":', f"        op.execute({statement!r})"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(rewrite_next(sys.argv[1] if len(sys.argv) > 1 else "changes"))
