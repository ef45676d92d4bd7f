"""The traces that mailing somebody leaves, and how each is emptied when that person is erased (D25).

Rows, figures, links and the history of consent stay; what they tell of the person goes. Each kind of trace is a query
for the rows that still tell something, and an act that empties those: cut off anywhere, it can be run again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from models.address import ConsentEvent
from models.caught_mail import CaughtMail, delete_caught
from models.column_types import count_changed, table
from models.log_table import LogRecord, Visit
from models.mail_in import MailIn, MailText
from models.queue_table import QueueItem
from models.test_send import TestSend
from models.webhook_table import WebhookEvent, WebhookText

_item, _log, _visit, _event = table(QueueItem), table(LogRecord), table(Visit), table(ConsentEvent)
_mail, _text, _test, _caught = table(MailIn), table(MailText), table(TestSend), table(CaughtMail)
_hook, _body = table(WebhookEvent), table(WebhookText)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is erased: records, the addresses that go with them, and the spellings of these, in small letters."""

    recipients: tuple[int, ...]
    addresses: tuple[int, ...]
    spellings: tuple[str, ...]


class Trace(NamedTuple):
    """One kind: the ids of the rows that still tell something, and what empties rows of these ids."""

    find: Callable[[Subject], sa.Select[tuple[int]]]
    empty: Callable[[Session, Sequence[int]], int]


def _messages(who: Subject) -> sa.Select[tuple[int]]:
    told = sa.or_(_item.c.personal.is_not(None), _item.c.reply != "")
    return sa.select(_item.c.id).where(_item.c.recipient_id.in_(who.recipients), told)


def _visits(who: Subject) -> sa.Select[tuple[int]]:
    """Other log records may name the same visit: whoever came by the same proxy at the same moment. So it is emptied,
    not deleted: its number must not become a stranger's."""
    told = sa.or_(_visit.c.agent != "", _visit.c.ip != "")
    visits = sa.select(_visit.c.id).join_from(_log, _visit, _visit.c.id == _log.c.visit_id)
    return visits.where(_log.c.recipient_id.in_(who.recipients), told)


def _consent(who: Subject) -> sa.Select[tuple[int]]:
    return sa.select(_event.c.id).where(_event.c.address_id.in_(who.addresses), _event.c.ip.is_not(None))


_MAIL_WORDS: Final = ("address", "from_address", "subject", "evidence", "message_id")


def _mails(who: Subject) -> sa.Select[tuple[int]]:
    theirs = sa.or_(
        _mail.c.recipient_id.in_(who.recipients),
        _mail.c.address_id.in_(who.addresses),
        sa.func.lower(_mail.c.address).in_(who.spellings),
        sa.func.lower(_mail.c.from_address).in_(who.spellings),
    )
    kept = sa.exists().select_from(_text).where(_text.c.mail_id == _mail.c.id).correlate(_mail)
    return sa.select(_mail.c.id).where(theirs, sa.or_(kept, *(_mail.c[word] != "" for word in _MAIL_WORDS)))


def _empty_mails(session: Session, ids: Sequence[int]) -> int:
    session.execute(sa.delete(_text).where(_text.c.mail_id.in_(ids)))
    return _emptied(_mail, dict.fromkeys(_MAIL_WORDS, ""))(session, ids)


def _hooks(who: Subject) -> sa.Select[tuple[int]]:
    theirs = sa.or_(
        _hook.c.recipient_id.in_(who.recipients),
        _hook.c.address_id.in_(who.addresses),
        sa.func.lower(_hook.c.address).in_(who.spellings),
    )
    kept = sa.exists().select_from(_body).where(_body.c.event_id == _hook.c.id).correlate(_hook)
    return sa.select(_hook.c.id).where(theirs, sa.or_(kept, _hook.c.address != "", _hook.c.evidence != ""))


def _empty_hooks(session: Session, ids: Sequence[int]) -> int:
    session.execute(sa.delete(_body).where(_body.c.event_id.in_(ids)))
    return _emptied(_hook, {"address": "", "evidence": ""})(session, ids)


def _tests(who: Subject) -> sa.Select[tuple[int]]:
    theirs = sa.or_(_test.c.recipient_id.in_(who.recipients), sa.func.lower(_test.c.address).in_(who.spellings))
    return sa.select(_test.c.id).where(theirs, sa.or_(_test.c.address != "", _test.c.reply != ""))


def _caught_mails(who: Subject) -> sa.Select[tuple[int]]:
    return sa.select(_caught.c.id).where(sa.func.lower(_caught.c.recipient).in_(who.spellings))


def _emptied(rows: sa.Table, values: Mapping[str, Any]) -> Callable[[Session, Sequence[int]], int]:
    return lambda session, ids: count_changed(session, sa.update(rows).where(rows.c.id.in_(ids)).values(values))


TRACES: Final[Mapping[str, Trace]] = {
    "messages": Trace(_messages, _emptied(_item, {"personal": None, "reply": ""})),
    "visits": Trace(_visits, _emptied(_visit, {"agent": "", "ip": ""})),
    "consent_ips": Trace(_consent, _emptied(_event, {"ip": None})),
    "mails": Trace(_mails, _empty_mails),
    "webhook_events": Trace(_hooks, _empty_hooks),
    "tests": Trace(_tests, _emptied(_test, {"address": "", "reply": ""})),
    "caught_mails": Trace(_caught_mails, delete_caught),
}
"""Every kind of trace, by its word."""
