"""Soft bounces that persist: when an address that cannot be reached for the time being is given up (D19)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import Session

from models import outbound_emails
from models.column_types import table
from models.log_table import Action, BounceKind, LogRecord
from models.mass_email import MassEmail
from models.queue_table import QueueItem
from models.suppression import SuppressionReason, last_release, suppress

_ITEM, _LOG = table(QueueItem), table(LogRecord)
_item, _log = _ITEM.c, _LOG.c


def suppress_if_persistent(
    session: Session, address_ids: Sequence[int], now: datetime, *, evidence: str = ""
) -> list[int]:
    """Suppress those of the addresses whose soft bounces came from enough different mass emails, over enough days, with
    no open or click of a person between, nor a release; gives them. The settings say what is enough:
    soft_bounce_count (3), soft_bounce_days (7). In a durable unit of work."""
    setting = outbound_emails.read(session)
    given_up = [
        address_id
        for address_id in sorted(set(address_ids))
        if _persists(session, address_id, setting.soft_bounce_count, timedelta(days=setting.soft_bounce_days))
    ]
    for address_id in given_up:
        suppress(session, address_id, SuppressionReason.SOFT_BOUNCES, now, evidence=evidence)
    return given_up


def _persists(session: Session, address_id: int, count: int, span: timedelta) -> bool:
    rows = session.execute(
        select(_item.mass_email_id, _log.at)
        .join_from(_ITEM, _LOG, _log.item_id == _item.id)
        .where(_item.address_id == address_id, _item.bounced)
        .where(_log.action == Action.BOUNCED, _log.bounce_kind == BounceKind.SOFT)
        .order_by(_log.at)
    ).all()
    if len({row.mass_email_id for row in rows}) < count:  # of most addresses: the first
        return False
    anew = (_last_sign_of_life(session, address_id, rows[0].at), last_release(session, address_id))
    since = [row for row in rows if all(moment is None or row.at > moment for moment in anew)]
    different = {row.mass_email_id for row in since}
    return len(different) >= count and since[-1].at - since[0].at >= span


def _last_sign_of_life(session: Session, address_id: int, since: datetime) -> datetime | None:
    """When a person opened or clicked last. An item that somebody opened since then is of a mass email that changed
    since then: so the items are found by their key, not by reading all of an address."""
    mail = table(MassEmail).c
    changed = select(mail.id).where(mail.changed_at >= since)
    opened, clicked = session.execute(
        select(func.max(_item.opened_at), func.max(_item.clicked_at))
        .where(_item.mass_email_id.in_(changed), _item.address_id == address_id)
        .where(or_(_item.opened_at >= since, _item.clicked_at >= since))
    ).one()
    return max((moment for moment in (opened, clicked) if moment), default=None)
