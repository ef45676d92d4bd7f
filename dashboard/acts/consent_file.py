"""The proof of consent as a file: the same columns on the page and in the command, as CSV and as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from dashboard import routes
from models.consent_proof import ProofRow

COLUMNS: Final = (
    *("event", "time", "address", "way", "list", "source", "by", "ip"),
    *("mass_email", "version", "template", "link"),
)
"""`event`: its number, which only grows; `way`: out or in; `list`: "*" for everything."""


def cells(row: ProofRow, site: str) -> Sequence[object]:
    """The values of COLUMNS; moments in ISO 8601, UTC. `site`: what the link to the mass email starts with."""
    lists = row.list_name or (f"#{row.list_id}" if row.list_id else "*")
    link = routes.to(routes.MASS_EMAIL, mass_email_id=row.mass_email_id) if row.mass_email_id else ""
    message = (row.mass_email, "" if row.version is None else row.version, row.template, link and site + link)
    return row.id, row.at.isoformat(), row.address, row.way, lists, row.source, row.by, row.ip, *message


def objects(rows: Iterable[ProofRow], site: str) -> Iterator[str]:
    """One line of JSON for each row, with the names of COLUMNS."""
    return (json.dumps(dict(zip(COLUMNS, cells(row, site), strict=True)), ensure_ascii=False) for row in rows)
