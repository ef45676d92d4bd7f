"""Addresses of mass emails: which one a path names, and where its numbers open."""

from dashboard import routes
from models.log_filter import LogFilter
from models.queue_table import ItemState


def id_in(path: str) -> int:
    """The id of /mass-emails/ID…; 0, which nothing has, for anything else."""
    parts = path.strip("/").split("/")
    part = parts[1] if len(parts) > 1 else ""
    return int(part) if part.isascii() and part.isdigit() and len(part) < 18 else 0


def people_in(mass_email_id: int, *states: ItemState) -> str:
    """The people of a mass email whose message is in one of these states, in the log; all of them without one."""
    chosen = LogFilter(mass_email_id=mass_email_id, states=states)
    return routes.to(routes.LOG, **chosen.to_query(), show="people")


def left_out(mass_email_id: int, reason: str) -> str:
    """The people who are left out for a reason, listed on the page itself."""
    return routes.to(routes.MASS_EMAIL, mass_email_id=mass_email_id, left_out=reason)
