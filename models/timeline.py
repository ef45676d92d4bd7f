"""The timeline of a recipient: all that happened to one person, of whatever kind, newest first."""

import heapq
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models.address import ConsentEvent
from models.audit import Audit
from models.column_types import Utc, table, to_milliseconds
from models.errors import NotFound
from models.log_evidence import News, find_evidence
from models.log_table import LogRecord, MachineReason
from models.mass_email import LeftOut, MassEmail
from models.queue_table import ItemState, QueueItem
from models.recipient import Recipient
from models.suppression import KEY, Suppression, is_release
from models.target_list import Membership, TargetList
from models.tracking_url import Link, TrackingUrl

_mail, _item = table(MassEmail), table(QueueItem)


class Happening(StrEnum):
    """Where a line of the timeline comes from; the order decides between lines of one moment."""

    LOG = "log"
    CONSENT = "consent"
    SUPPRESSED = "suppressed"
    RELEASED = "released"
    QUEUE = "queue"
    LEFT_OUT = "left_out"
    LISTED = "listed"
    CREATED = "created"


Key = tuple[int, int, int]
"""(milliseconds, place of the happening, id): the page below begins after the key of the last line."""
_PLACES: Final = {happening: place for place, happening in enumerate(reversed(Happening))}


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One line. `what`: the action of a log record, out or in of consent, the state of a queue item, the reason of
    being left out, suppressed or released, the source of an entry; `detail`: link, reason or list. Of a log record:
    `machine`, why it is no person's, "" it is one's, `source`, where the news came from, and `bounce_kind`; of consent
    and a release: `source`, by which way or by whom. `evidence`: the words that prove it; `mail_id`: the mail in What
    Came Back that brought it."""

    key: Key
    at: datetime
    happening: Happening
    what: str
    detail: str
    mass_email_id: int | None
    mass_email: str
    machine: str = ""
    source: str = ""
    bounce_kind: str = ""
    evidence: str = ""
    mail_id: int | None = None


def timeline(session: Session, recipient_id: int, before: Key | None = None, limit: int = 50) -> list[TimelineRow]:
    """At most `limit` lines, newest first; `before`: the key of the last line of the page above. Raises NotFound.

    Consent that a mail to this very person changed stands once, as its log record; consent that came with a mail to
    somebody else of the same address stands as such.
    """
    person = session.get(Recipient, recipient_id)
    if person is None:
        raise NotFound("recipient.not_found")
    queries = {
        Happening.LOG: _log(recipient_id),
        Happening.CONSENT: _consent(recipient_id, person.address_id),
        Happening.SUPPRESSED: _suppressed(person.address_id),
        Happening.RELEASED: _released(person.address_id),
        Happening.QUEUE: _queue(recipient_id),
        Happening.LEFT_OUT: _left_out(recipient_id),
        Happening.LISTED: _listed(recipient_id),
        Happening.CREATED: _created(recipient_id),
    }
    parts = [_lines(session, happening, query, before, limit) for happening, query in queries.items()]
    lines = list(islice(heapq.merge(*parts, key=lambda line: line.key, reverse=True), limit))
    return _with_evidence(session, recipient_id, lines)


def _with_evidence(session: Session, recipient_id: int, lines: list[TimelineRow]) -> list[TimelineRow]:
    """The lines of the log with what proves them."""
    log = table(LogRecord).c
    ids = [line.key[-1] for line in lines if line.happening is Happening.LOG]
    rows = session.execute(
        sa.select(log.id, log.item_id, log.action, log.at, log.source).where(
            log.id.in_(ids), log.recipient_id == recipient_id
        )
    )
    proofs = find_evidence(session, [News(*row) for row in rows])

    def proven(line: TimelineRow) -> TimelineRow:
        proof = proofs.get(line.key[-1]) if line.happening is Happening.LOG else None
        return replace(line, evidence=proof.words, mail_id=proof.mail_id) if proof else line

    return [proven(line) for line in lines]


def _lines(
    session: Session, happening: Happening, query: sa.Select[Any], before: Key | None, limit: int
) -> list[TimelineRow]:
    """The newest lines of one kind. The query gives what _line() names."""
    part, place = query.subquery(), _PLACES[happening]
    chosen = sa.select(part).order_by(part.c.at.desc(), part.c.id.desc()).limit(limit)
    if before is not None:
        moment, its_place, its_id = before
        at = sa.type_coerce(part.c.at, sa.BigInteger)
        same = part.c.id < its_id if place == its_place else sa.literal(place < its_place)
        chosen = chosen.where(sa.or_(at < moment, sa.and_(at == moment, same)))
    return [
        TimelineRow(
            key=(to_milliseconds(row.at), place, row.id),
            at=row.at,
            happening=happening,
            what=str(row.what),
            detail=row.detail or "",
            mass_email_id=row.mass_email_id,
            mass_email=row.mass_email or "",
            machine="" if row.machine in {"", MachineReason.HUMAN} else str(row.machine),
            source=str(row.source or ""),
            bounce_kind=str(row.bounce_kind or ""),
            evidence=row.evidence or "",
        )
        for row in session.execute(chosen)
    ]


def _line(
    id_: sa.ColumnElement[int],
    at: sa.ColumnElement[Any],
    what: sa.ColumnElement[Any],
    detail: sa.ColumnElement[Any],
    *,
    of_mail: bool = False,
    machine: sa.ColumnElement[Any] | None = None,
    source: sa.ColumnElement[Any] | None = None,
    bounce_kind: sa.ColumnElement[Any] | None = None,
    evidence: sa.ColumnElement[str] | None = None,
) -> sa.Select[Any]:
    nothing = sa.literal("")
    return sa.select(
        id_.label("id"),
        sa.type_coerce(at, Utc).label("at"),
        what.label("what"),
        detail.label("detail"),
        (_mail.c.id if of_mail else sa.cast(sa.null(), sa.Integer)).label("mass_email_id"),
        (_mail.c.name if of_mail else sa.literal("")).label("mass_email"),
        (nothing if machine is None else machine).label("machine"),
        (nothing if source is None else source).label("source"),
        (nothing if bounce_kind is None else bounce_kind).label("bounce_kind"),
        (nothing if evidence is None else evidence).label("evidence"),
    )


def _log(recipient_id: int) -> sa.Select[Any]:
    log, link, tracked = table(LogRecord), table(Link), table(TrackingUrl)
    target = sa.func.coalesce(tracked.c.name, link.c.url, log.c.reason)
    told = {"machine": log.c.machine, "source": log.c.source, "bounce_kind": log.c.bounce_kind}
    return (
        _line(log.c.id, log.c.at, log.c.action, target, of_mail=True, **told)
        .select_from(
            log.outerjoin(_mail, _mail.c.id == log.c.mass_email_id)
            .outerjoin(link, link.c.id == log.c.link_id)
            .outerjoin(tracked, tracked.c.id == link.c.tracking_url_id)
        )
        .where(log.c.recipient_id == recipient_id)
    )


def _consent(recipient_id: int, address_id: int | None) -> sa.Select[Any]:
    event, lists = table(ConsentEvent), table(TargetList)
    logged = sa.exists().select_from(_item).where(_item.c.id == event.c.item_id, _item.c.recipient_id == recipient_id)
    return (
        _line(event.c.id, event.c.at, event.c.way, lists.c.name, of_mail=True, source=event.c.source)
        .select_from(
            event.outerjoin(lists, lists.c.id == event.c.list_id)
            .outerjoin(_item, _item.c.id == event.c.item_id)
            .outerjoin(_mail, _mail.c.id == _item.c.mass_email_id)
        )
        .where(event.c.address_id == address_id, sa.not_(logged.correlate(event)))
    )


def _suppressed(address_id: int | None) -> sa.Select[Any]:
    """Why the address is not mailed, since when; of what was released before only the release tells."""
    row = table(Suppression).c
    what = sa.literal(Happening.SUPPRESSED.value)
    return _line(KEY, row.since, what, row.reason, evidence=row.evidence).where(row.address_id == address_id)


def _released(address_id: int | None) -> sa.Select[Any]:
    trail = table(Audit).c
    reason = trail.detail["reason"].as_string()
    line = _line(trail.id, trail.at, sa.literal(Happening.RELEASED.value), reason, source=trail.by)
    return line.where(is_release(address_id))


def _queue(recipient_id: int) -> sa.Select[Any]:
    """What the log does not tell: items that are not, or not surely, sent."""
    told = [ItemState.SENT, ItemState.FAILED]
    at = sa.func.coalesce(_item.c.sent_at, _item.c.next_try_at)
    return (
        _line(_item.c.id, at, _item.c.state, _item.c.reason, of_mail=True)
        .join_from(_item, _mail, _mail.c.id == _item.c.mass_email_id)
        .where(_item.c.recipient_id == recipient_id, _item.c.state.not_in(told))
    )


def _left_out(recipient_id: int) -> sa.Select[Any]:
    left = table(LeftOut)
    at = sa.func.coalesce(_mail.c.queue_done_at, _mail.c.start_at)
    return (
        _line(left.c.mass_email_id, at, left.c.reason, sa.literal(""), of_mail=True)
        .join_from(left, _mail, _mail.c.id == left.c.mass_email_id)
        .where(left.c.recipient_id == recipient_id)
    )


def _listed(recipient_id: int) -> sa.Select[Any]:
    member, lists = table(Membership), table(TargetList)
    return (
        _line(member.c.list_id, member.c.added_at, member.c.source, lists.c.name)
        .join_from(member, lists, lists.c.id == member.c.list_id)
        .where(member.c.recipient_id == recipient_id)
    )


def _created(recipient_id: int) -> sa.Select[Any]:
    person = table(Recipient)
    return _line(person.c.id, person.c.created_at, sa.literal("created"), sa.literal("")).where(
        person.c.id == recipient_id
    )
