"""The evidence of a log record: the words that prove a bounce or complaint, the mail that brought the news (D19)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from models.column_types import table
from models.log_table import Action, EventSource
from models.mail_in import MailIn, Standing
from models.queue_table import QueueItem
from models.webhook_table import WebhookEvent

BY_MAIL: Final = frozenset({EventSource.MAILBOX, EventSource.MAILTO, EventSource.REPLY})
"""Sources whose news came as a mail into a group email account."""

_ACTIONS: Final[Mapping[Standing, Action]] = {
    Standing.BOUNCED: Action.BOUNCED,
    Standing.COMPLAINED: Action.COMPLAINED,
    Standing.REPLIED: Action.REPLIED,
    Standing.OPTED_OUT: Action.OPTED_OUT,
}


@dataclass(frozen=True, slots=True)
class News:
    """A log record as its evidence is looked for."""

    record_id: int
    item_id: int
    action: Action
    at: datetime
    source: EventSource


@dataclass(frozen=True, slots=True)
class Evidence:
    """`words`: a server's reply or the line of a mail that decided, "" where there are none; `mail_id`: the mail in
    What Came Back, None where none brought it."""

    words: str = ""
    mail_id: int | None = None


def find_evidence(session: Session, news: Iterable[News]) -> dict[int, Evidence]:
    """The evidence by log record; records without any are not in it. Three look-ups by index, however many records."""
    asked = [one for one in news if one.action in _ACTIONS.values() or one.action is Action.FAILED]
    said = _replies(session, {one.item_id for one in asked if one.source is EventSource.SMTP})
    told = _mails(session, {one.item_id for one in asked if one.source in BY_MAIL})
    told |= _events(session, {one.item_id for one in asked if one.source is EventSource.WEBHOOK})
    found = {}
    for one in asked:
        if one.source is EventSource.SMTP and (words := said.get(one.item_id)):
            found[one.record_id] = Evidence(words)
        elif brought := told.get((one.item_id, one.action)):
            found[one.record_id] = _nearest(brought, one.at)
    return found


def _replies(session: Session, item_ids: set[int]) -> dict[int, str]:
    item = table(QueueItem).c
    if not item_ids:
        return {}
    rows = session.execute(select(item.id, item.reply).where(item.id.in_(item_ids), item.reply != ""))
    return {row.id: row.reply for row in rows}


_Told = dict[tuple[int, Action], list[tuple[datetime, Evidence]]]


def _events(session: Session, item_ids: set[int]) -> _Told:
    """What providers told of items, in their words."""
    event = table(WebhookEvent).c
    if not item_ids:
        return {}
    rows = session.execute(
        select(event.item_id, event.standing, event.at, event.evidence)
        .where(event.item_id.in_(item_ids), event.standing.in_(list(_ACTIONS)), event.evidence != "")
        .order_by(event.id)
    )
    found: _Told = {}
    for row in rows:
        found.setdefault((row.item_id, _ACTIONS[row.standing]), []).append((row.at, Evidence(row.evidence)))
    return found


def _mails(session: Session, item_ids: set[int]) -> _Told:
    """The mails of items by what they were counted as, oldest first."""
    mail = table(MailIn).c
    if not item_ids:
        return {}
    rows = session.execute(
        select(mail.id, mail.item_id, mail.standing, mail.at, mail.evidence)
        .where(mail.item_id.in_(item_ids), mail.standing.in_(list(_ACTIONS)))
        .order_by(mail.id)
    )
    found: _Told = {}
    for row in rows:
        action = _ACTIONS[row.standing]
        words = row.evidence if action in {Action.BOUNCED, Action.COMPLAINED} else ""
        found.setdefault((row.item_id, action), []).append((row.at, Evidence(words, row.id)))
    return found


def _nearest(brought: list[tuple[datetime, Evidence]], at: datetime) -> Evidence:
    """Of several answers of one person, the one that this record is of: it has its moment."""
    return min(brought, key=lambda one: abs(one[0] - at))[1]
