"""The things that the command names by their names."""

from datetime import datetime

from sqlmodel import Session

from models import db
from models.errors import NotFound
from models.target_list import create_list
from models.target_list_page import find_by_name


def list_named(name: str, now: datetime, *, make: bool = False) -> int | None:
    """The id of the target list of this name; `make`: a new one where there is none, else NotFound."""
    with db.unit_of_work() as session:
        if found := find_by_name(session, name):
            return found
        if make:
            return create_list(session, {"name": name}, now)
    return None


def lists_named(session: Session, names: tuple[str, ...]) -> list[int]:
    """The ids of target lists, in the order given. Raises NotFound."""
    ids = []
    for name in names:
        found = find_by_name(session, name)
        if found is None:
            raise NotFound("errors.not_found", what=name)
        ids.append(found)
    return ids
