"""The evidence of a suppression, opened: the words that prove it, and the mail or the provider's event that brought
them, as far as they are kept (D19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models.column_types import table
from models.errors import NotFound
from models.mail_in import MailIn, MailKind, get_mail
from models.mail_reading import get_reading
from models.mass_email import MassEmail
from models.queue_table import QueueItem
from models.suppression import SuppressionReason, read_key
from models.suppression_page import SuppressionFilter, SuppressionRow, suppression_page
from models.webhook_event import get_event
from models.webhook_table import EventKind, WebhookEvent

_mail, _event, _item = table(MailIn).c, table(WebhookEvent).c, table(QueueItem).c
_PROVED_BY: Final[Mapping[SuppressionReason, tuple[str, ...]]] = {
    SuppressionReason.HARD_BOUNCE: ("hard",),
    SuppressionReason.SOFT_BOUNCES: ("soft", "hard"),
    SuppressionReason.COMPLAINT: ("complaint",),
}
"""The kinds of mails and events that give a reason."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """The mail or the event that brought the news. `name`: of the mailbox or the provider's address; `text` "": not
    kept any more."""

    at: datetime
    name: str
    is_mail: bool
    text: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """The message that came back. `reply`: the server's words when it was handed over, which may be a refusal."""

    mass_email_id: int
    mass_email: str
    sent_at: datetime | None
    reply: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of why an address is suppressed."""

    row: SuppressionRow
    carrier: Carrier | None
    message: Bounced | None


def get_evidence(session: Session, key: int) -> Evidence:
    """The evidence of the suppression of this key (suppression.key_of). Raises NotFound."""
    address_id, reason = read_key(key)
    chosen = SuppressionFilter(address_id=address_id, reason=reason)
    rows = suppression_page(session, chosen)[0] if reason else []
    if not rows or reason is None:
        raise NotFound("suppressions.gone")
    kinds = _PROVED_BY.get(reason, ())
    carried = [one for one in (_mail_of(session, address_id, kinds), _event_of(session, address_id, kinds)) if one]
    return Evidence(
        rows[0],
        max(carried, key=lambda one: one.at, default=None),
        _message(session, address_id, reason) if kinds else None,
    )


def _mail_of(session: Session, address_id: int, kinds: tuple[str, ...]) -> Carrier | None:
    about = (_mail.address_id == address_id, _mail.kind.in_([MailKind(kind) for kind in kinds]))
    mail_id = session.scalar(sa.select(_mail.id).where(*about).order_by(_mail.id.desc()).limit(1))
    if mail_id is None:
        return None
    row, reading = get_mail(session, mail_id), get_reading(session, mail_id)
    return Carrier(row.at, row.account, True, reading.words or reading.source)


def _event_of(session: Session, address_id: int, kinds: tuple[str, ...]) -> Carrier | None:
    about = (_event.address_id == address_id, _event.kind.in_([EventKind(kind) for kind in kinds]))
    event_id = session.scalar(sa.select(_event.id).where(*about).order_by(_event.id.desc()).limit(1))
    if event_id is None:
        return None
    row, text = get_event(session, event_id)
    return Carrier(row.at, row.webhook, False, text)


def _message(session: Session, address_id: int, reason: SuppressionReason) -> Bounced | None:
    """The newest message of the address that came back; of a complaint what it was about is known by its mail alone."""
    mail = table(MassEmail).c
    of_complaint = (
        sa.select(_mail.item_id).where(_mail.address_id == address_id, _mail.kind == MailKind.COMPLAINT),
        sa.select(_event.item_id).where(_event.address_id == address_id, _event.kind == EventKind.COMPLAINT),
    )
    items: sa.ColumnElement[bool] = sa.and_(_item.address_id == address_id, _item.bounced)
    if reason is SuppressionReason.COMPLAINT:
        items = sa.or_(*(_item.id.in_(found) for found in of_complaint))
    row = session.execute(
        sa.select(mail.id, mail.name, _item.sent_at, _item.reply)
        .join_from(table(QueueItem), table(MassEmail), mail.id == _item.mass_email_id)
        .where(items)
        .order_by(_item.id.desc())
        .limit(1)
    ).first()
    return Bounced(*row) if row else None
