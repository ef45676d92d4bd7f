"""The proof of consent: what an address declined and took again, when, by which way, by which message (D3).

The history itself is append only: the database refuses anything else (address.CONSENT_IS_KEPT).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models.address import Address, Consent, ConsentEvent, find_addresses, normal_form
from models.column_types import table
from models.email_template import EmailTemplate, TemplateVersion
from models.errors import NotFound
from models.mass_email import MassEmail
from models.queue_table import QueueItem
from models.target_list import TargetList

_event = table(ConsentEvent).c


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One event. `address` "": it was erased. `list_id` EVERYTHING: every mailing. `source`: by which way; `item_id` to
    `version`: the message it came by, None and "" without one. `ip`: as configured; `by`: who did it for the person."""

    id: int
    at: datetime
    address_id: int
    address: str
    way: Consent
    list_id: int
    list_name: str
    source: str
    item_id: int | None
    mass_email_id: int | None
    mass_email: str
    template: str
    version: int | None
    ip: str
    by: str


def proof_page(session: Session, address_id: int, before: int | None = None, limit: int = 20) -> list[ProofRow]:
    """The history of an address, newest first. `before`: the id of the last row of the page above."""
    query = _proof().where(_event.address_id == address_id).order_by(_event.id.desc()).limit(limit)
    return [ProofRow(*row) for row in session.execute(query if before is None else query.where(_event.id < before))]


def proof_after(session: Session, address_id: int | None, after: int = 0, limit: int = 1_000) -> list[ProofRow]:
    """The next events in the order in which they happened, of one address or (None) of all: an export goes on from the
    last id."""
    query = _proof().where(_event.id > after).order_by(_event.id).limit(limit)
    if address_id is not None:
        query = query.where(_event.address_id == address_id)
    return [ProofRow(*row) for row in session.execute(query)]


def count_proof(session: Session, address_id: int) -> int:
    """How many events the history of an address has."""
    mine = sa.select(sa.func.count()).select_from(table(ConsentEvent)).where(_event.address_id == address_id)
    return session.scalar(mine) or 0


def address_id_of(session: Session, typed: str) -> int:
    """The address whose history is asked for; an erased one is found too, by who can name it. Raises Invalid,
    NotFound."""
    normal = normal_form(typed)
    found = find_addresses(session, [normal]).get(normal)
    if found is None:
        raise NotFound("consent.unknown_address")
    return found


def _proof() -> sa.Select[Any]:
    address, lists, item, mail = table(Address), table(TargetList), table(QueueItem), table(MassEmail)
    version, template = table(TemplateVersion), table(EmailTemplate)

    def text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        return sa.func.coalesce(column, "")

    return (
        sa.select(_event.id, _event.at, _event.address_id, text(address.c.normal), _event.way, _event.list_id)
        .add_columns(text(lists.c.name), _event.source, _event.item_id, mail.c.id, text(mail.c.name))
        .add_columns(text(template.c.name), version.c.no, text(_event.ip), text(_event.by))
        .select_from(
            table(ConsentEvent)
            .outerjoin(address, address.c.id == _event.address_id)
            .outerjoin(lists, lists.c.id == _event.list_id)
            .outerjoin(item, item.c.id == _event.item_id)
            .outerjoin(mail, mail.c.id == item.c.mass_email_id)
            .outerjoin(version, version.c.id == item.c.version_id)
            .outerjoin(template, template.c.id == version.c.template_id)
        )
    )
