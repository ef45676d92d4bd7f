"""The two views of a log filter: events, and people (D21).

Included actions are met by log rows or, where nothing but people matters, by the people flags of queue items; what
happened also, or not, is looked for in the whole scope and always at people's flags. So no query asks the log once per
person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Row, Select, case, exists, func, literal, not_, or_, select
from sqlmodel import Session

from models.address import Address, Domain
from models.campaign import Campaign
from models.column_types import table
from models.log_evidence import Evidence, News, find_evidence
from models.log_filter import LogFilter, Who
from models.log_table import UNKNOWN, Action, BounceKind, EventSource, LogRecord, MachineReason
from models.mass_email import LeftOut, LeftOutReason, MassEmail
from models.queue_table import MADE, ItemState, QueueItem
from models.recipient import Kind, Recipient
from models.recipient_filter import EXACT_UP_TO, RecipientFilter
from models.recipient_page import Count
from models.tracking_url import Link, TrackingUrl

_ITEM, _LOG, _PERSON, _LEFT = table(QueueItem), table(LogRecord), table(Recipient), table(LeftOut)
_item, _log, _person, _left = _ITEM.c, _LOG.c, _PERSON.c, _LEFT.c
_ADDRESS, _DOMAIN, _MAIL = table(Address), table(Domain), table(MassEmail)

MOST_NEW: Final = 100

Condition = ColumnElement[bool]

Scope = tuple[int, ...] | None
"""The mass emails that are looked at; None: all."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """A log record as lists show it. `address` was mailed. `link`: name of the tracking URL, else where it leads.
    `detail`: reason of a failure or bounce, a word of delivery.reason.* or a server's reply. `evidence`: the words that
    prove a bounce or complaint; `mail_id`: the mail in What Came Back that brought it."""

    id: int
    at: datetime
    recipient_id: int
    name: str
    address: str
    kind: Kind
    action: Action
    link: str
    mass_email_id: int
    mass_email: str
    campaign_id: int
    campaign: str
    provider: str
    machine: MachineReason
    bounce_kind: BounceKind | None
    detail: str
    source: EventSource
    evidence: str = ""
    mail_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of the filter. `left_out`: why, in one of its mass emails; None for those who are in the queue."""

    recipient_id: int
    name: str
    address: str
    kind: Kind
    left_out: LeftOutReason | None


def event_page(
    session: Session, chosen: LogFilter, page: int = 1, size: int = 25, *, oldest_first: bool = False
) -> tuple[list[EventRow], Count]:
    """One page of the events of the filter's people, newest first, and how many there are (to 10,000; of more, the last
    page that is counted is shown)."""
    total = count_events(session, chosen)
    last = max((int(total) - 1) // size, 0)
    ids = event_ids(session, chosen).order_by(_log.id if oldest_first else _log.id.desc())
    found = list(session.scalars(ids.limit(size).offset(min(max(page - 1, 0), last) * size)))
    return sorted(_event_rows(session, found), key=lambda row: row.id, reverse=not oldest_first), total


def last_events(session: Session, chosen: LogFilter, limit: int) -> list[EventRow]:
    """The newest events of the filter's people, newest first; not counted, so at one price whatever their number."""
    found = list(session.scalars(event_ids(session, chosen).order_by(_log.id.desc()).limit(limit)))
    return _event_rows(session, found)[::-1]


def events_after(session: Session, chosen: LogFilter, after: int = 0, limit: int = 1000) -> list[EventRow]:
    """The next events by id, oldest first: an export goes on from the last id, and holds no long transaction."""
    ids = event_ids(session, chosen).where(_log.id > after).order_by(_log.id).limit(limit)
    return _event_rows(session, list(session.scalars(ids)))


def count_events(session: Session, chosen: LogFilter) -> Count:
    """How many events: exact to 10,000."""
    within = event_ids(session, chosen).limit(EXACT_UP_TO + 1).subquery()
    return Count(session.scalar(select(func.count()).select_from(within)) or 0)


def people_count(session: Session, chosen: LogFilter) -> int:
    """How many people, exactly."""
    return session.scalar(select(func.count()).select_from(people(session, chosen).subquery())) or 0


def newest_event(session: Session) -> int:
    """The id of the newest event of all; 0: there is none."""
    return session.scalar(select(func.max(_log.id))) or 0


def count_new(session: Session, chosen: LogFilter, after: int, _now: datetime) -> int:
    """How many events of the filter came after an id, to MOST_NEW + 1: those that wait while somebody reads."""
    newer = event_ids(session, chosen).where(_log.id > after).limit(MOST_NEW + 1).subquery()
    return session.scalar(select(func.count()).select_from(newer)) or 0


def people_after(session: Session, chosen: LogFilter, after: int = 0, limit: int = 1000) -> list[PersonRow]:
    """The next people by id: an export goes on from the last id, and holds no long transaction."""
    found = people(session, chosen).subquery()
    rows = session.execute(
        select(_person.id, _person.name, _person.address_typed, _person.kind, found.c.why)
        .join_from(found, _PERSON, _person.id == found.c.recipient_id)
        .where(_person.id > after)
        .order_by(_person.id)
        .limit(limit)
    )
    return [PersonRow(*row) for row in rows]


def people_page(session: Session, chosen: LogFilter, page: int = 1, size: int = 25) -> tuple[list[PersonRow], int]:
    """One page of the people of the filter, by name, and how many there are."""
    found = people(session, chosen).subquery()
    rows = session.execute(
        select(_person.id, _person.name, _person.address_typed, _person.kind, found.c.why)
        .join_from(found, _PERSON, _person.id == found.c.recipient_id)
        .order_by(_person.name_key, _person.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return [PersonRow(*row) for row in rows], people_count(session, chosen)


def event_ids(session: Session, chosen: LogFilter) -> Select[Any]:
    """The ids of the events of the filter's people."""
    if chosen.left_out:
        return select(_log.id).where(_log.id.is_(None))  # who was left out has no event
    scope = scope_of(session, chosen)
    source = _LOG.join(_ITEM, _item.id == _log.item_id).join(_PERSON, _person.id == _log.recipient_id)
    events = select(_log.id).select_from(_with_provider(source, chosen))
    return events.where(*_met_by_events(chosen), *_of_items(chosen, scope), *_of_people(chosen))


def _event_rows(session: Session, ids: Sequence[int]) -> list[EventRow]:
    link, place, campaign = table(Link), table(TrackingUrl), table(Campaign)
    unchanged = _person.address_id == _item.address_id
    mailed = case((unchanged, _person.address_typed), else_=func.coalesce(_ADDRESS.c.normal, ""))
    linked = func.coalesce(place.c.name, link.c.url, "")
    source = (
        _LOG.join(_ITEM, _item.id == _log.item_id)
        .join(_PERSON, _person.id == _log.recipient_id)
        .join(_ADDRESS, _ADDRESS.c.id == _item.address_id)
        .join(_DOMAIN, _DOMAIN.c.id == _ADDRESS.c.domain_id)
        .join(_MAIL, _MAIL.c.id == _log.mass_email_id)
        .join(campaign, campaign.c.id == _log.campaign_id)
        .outerjoin(link, link.c.id == _log.link_id)
        .outerjoin(place, place.c.id == link.c.tracking_url_id)
    )
    rows = session.execute(
        select(_log.id, _log.at, _log.recipient_id, _person.name, mailed, _person.kind, _log.action, linked)
        .add_columns(_log.mass_email_id, _MAIL.c.name, _log.campaign_id, campaign.c.name, _DOMAIN.c.provider)
        .add_columns(_log.machine, _log.bounce_kind, _log.reason, _log.source, _log.item_id)
        .select_from(source)
        .where(_log.id.in_(ids))
        .order_by(_log.id)
    ).all()
    proofs = find_evidence(session, (News(row.id, row.item_id, row.action, row.at, row.source) for row in rows))
    return [_event_row(row, proofs.get(row.id, Evidence())) for row in rows]


def _event_row(row: Row[Any], proof: Evidence) -> EventRow:
    shown: dict[str, Any] = dict(zip(_SHOWN, row, strict=False))
    return EventRow(**shown, evidence=proof.words, mail_id=proof.mail_id)


_SHOWN: Final = [name for name in EventRow.__dataclass_fields__ if name not in {"evidence", "mail_id"}]


def people(session: Session, chosen: LogFilter) -> Select[Any]:
    """(recipient_id, why) of the people, each once; `why` they were left out, NULL for those in the queue."""
    scope = scope_of(session, chosen)
    if chosen.left_out:
        return _left_out_people(chosen, scope)
    source = _with_provider(_ITEM.join(_PERSON, _person.id == _item.recipient_id), chosen)
    why = literal(None, _left.reason.type).label("why")
    found = select(_item.recipient_id.label("recipient_id"), why).select_from(source)
    found = found.where(*_met_by_flags(chosen, scope), *_of_items(chosen, scope), *_of_people(chosen))
    return found if _single(scope) else found.distinct()


def _left_out_people(chosen: LogFilter, scope: Scope) -> Select[Any]:
    source = _LEFT.join(_PERSON, _person.id == _left.recipient_id)
    if chosen.provider:
        source = source.join(_ADDRESS, _ADDRESS.c.id == _person.address_id).join(_DOMAIN)
    found = select(_left.recipient_id.label("recipient_id"), func.min(_left.reason).label("why"))
    return (
        found.select_from(source)
        .where(_left.reason.in_(chosen.left_out), *within(_left.mass_email_id, scope), *_of_people(chosen))
        .group_by(_left.recipient_id)
    )


def _with_provider(source: FromClause, chosen: LogFilter) -> FromClause:
    if not chosen.provider:
        return source
    return source.join(_ADDRESS, _ADDRESS.c.id == _item.address_id).join(_DOMAIN, _DOMAIN.c.id == _ADDRESS.c.domain_id)


# --- scope and conditions ---


def scope_of(session: Session, chosen: LogFilter) -> Scope:
    """The mass emails that a filter looks at."""
    if chosen.mass_email_id is not None:
        return (chosen.mass_email_id,)
    if chosen.campaign_id is None:
        return None
    return tuple(session.scalars(select(_MAIL.c.id).where(_MAIL.c.campaign_id == chosen.campaign_id)))


def _single(scope: Scope) -> bool:
    return scope is not None and len(scope) == 1


def within(column: ColumnElement[int], scope: Scope) -> Iterator[Condition]:
    """The condition that a mass email is in the scope; none when all are."""
    if scope is not None:
        yield column == scope[0] if len(scope) == 1 else column.in_(scope)


def _of_people(chosen: LogFilter) -> Iterator[Condition]:
    """Conditions on the recipient, and on the domain when a provider is asked for."""
    if chosen.kind is not None:
        yield _person.kind == chosen.kind
    if chosen.provider:
        yield _DOMAIN.c.provider.in_(chosen.provider)
    if chosen.text.strip():
        yield from RecipientFilter(text=chosen.text, archived=None).where()


def _of_items(chosen: LogFilter, scope: Scope) -> Iterator[Condition]:
    yield from within(_item.mass_email_id, scope)
    if chosen.states:
        yield _item.state.in_(chosen.states)
    if chosen.version_id is not None:  # who waits has the version of the queue: the claim gives them theirs
        yield _item.version_id == chosen.version_id
        yield _item.state.in_(MADE)
    for action in chosen.also:
        yield _did(action, scope)
    for action in chosen.excluded:
        yield not_(_did(action, scope))


def _did(action: Action, scope: Scope) -> Condition:
    """Whether it happened to the item's person in the scope."""
    return _flag(_ITEM, action, scope) if _single(scope) else _anywhere(action, scope)


def _anywhere(action: Action, scope: Scope) -> Condition:
    """Whether the action stands at any item of the same person in the scope: by the person's index, a few rows each."""
    other = _ITEM.alias()
    same = (other.c.recipient_id == _item.recipient_id, *within(other.c.mass_email_id, scope))
    return exists().where(*same, _flag(other, action, scope))


_FLAGS: Final[Mapping[Action, Callable[[Any], Condition]]] = {
    Action.SENT: lambda item: item.c.state == ItemState.SENT,
    Action.OPENED: lambda item: item.c.opened_at.is_not(None),
    Action.CLICKED: lambda item: item.c.clicked_at.is_not(None),
    Action.OPTED_OUT: lambda item: item.c.opted_out_at.is_not(None),
    Action.BOUNCED: lambda item: item.c.bounced,
    Action.COMPLAINED: lambda item: item.c.complained,
    Action.REPLIED: lambda item: item.c.replied_at.is_not(None),
}


def _flag(item: FromClause, action: Action, scope: Scope) -> Condition:
    """Whether the action happened to an item: its people flag, or where there is none, the log read once."""
    if action in _FLAGS:
        return _FLAGS[action](item)
    rare = select(_log.item_id).where(_log.action == action, *within(_log.mass_email_id, scope))
    return item.c.id.in_(rare)


def _met_by_flags(chosen: LogFilter, scope: Scope) -> Iterator[Condition]:
    """That an included action happened to the item."""
    if chosen.narrowed:
        yield _item.id.in_(select(_log.item_id).where(*_met_by_events(chosen)))
    elif chosen.included:
        yield or_(*(_flag(_ITEM, action, scope) for action in chosen.included))


def _met_by_events(chosen: LogFilter) -> Iterator[Condition]:
    """That a log row is of an included action, and not narrowed away."""
    if chosen.mass_email_id is not None:
        yield _log.mass_email_id == chosen.mass_email_id
    elif chosen.campaign_id is not None:
        yield _log.campaign_id == chosen.campaign_id
    if chosen.included:
        yield _log.action.in_(chosen.included)
    if chosen.machine is not None:
        yield _log.machine == chosen.machine
    elif chosen.who is not Who.EVERYBODY:
        human = _log.machine == MachineReason.HUMAN
        yield human if chosen.who is Who.PEOPLE else not_(human)
    if chosen.reason:
        yield _log.reason.in_([chosen.reason, ""] if chosen.reason == UNKNOWN else [chosen.reason])
    if chosen.sources:
        yield _log.source.in_(chosen.sources)
    if chosen.link_id is not None:
        yield _log.link_id == chosen.link_id
    if chosen.tracking_url_id is not None:
        link = table(Link).c
        yield _log.link_id.in_(select(link.id).where(link.tracking_url_id == chosen.tracking_url_id))
    if chosen.bounce_kind is not None:
        yield _log.bounce_kind == chosen.bounce_kind
    if chosen.since is not None:
        yield _log.at >= chosen.since
    if chosen.until is not None:
        yield _log.at < chosen.until
