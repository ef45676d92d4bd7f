"""The log filter: it selects people of a campaign or mass email, shows their events, makes lists of them (D21).

What is seen is what is listed: one filter, two views. Included actions are met by log rows or, where nothing but people
matters, by the people flags of queue items; excluded actions look at the whole scope and always at people's flags. So
no query asks the log once per person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, FromClause, Select, case, exists, func, literal, not_, or_, select
from sqlmodel import Session

from models.address import Address, Domain
from models.campaign import Campaign, ListRole
from models.column_types import table
from models.db import Doors
from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason
from models.mass_email import LeftOut, LeftOutReason, MassEmail, MassEmailList
from models.membership import Added, add_members, take_over_opt_outs
from models.queue_table import ItemState, QueueItem
from models.recipient import Kind, Recipient
from models.recipient_filter import EXACT_UP_TO, RecipientFilter
from models.recipient_page import Count
from models.selection import OnChunk
from models.target_list import Source, create_list
from models.tracking_url import Link, TrackingUrl

_ITEM, _LOG, _PERSON, _LEFT = table(QueueItem), table(LogRecord), table(Recipient), table(LeftOut)
_item, _log, _person, _left = _ITEM.c, _LOG.c, _PERSON.c, _LEFT.c
_ADDRESS, _DOMAIN, _MAIL = table(Address), table(Domain), table(MassEmail)

Condition = ColumnElement[bool]


class Who(StrEnum):
    """Whose events meet an included action."""

    PEOPLE = "people"
    EVERYBODY = "everybody"
    MACHINES = "machines"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """People of a campaign or of one mass email; of all of them without either.

    `included`: at least one of these happened to the person (none named: whatever happened, or nothing). `excluded`:
    none of these did, anywhere in the scope, by a person's doing. Link or tracking URL, bounce kind, dates [since, until)
    and `who` narrow which events meet the included actions. `states`: what became of their message, so also people
    to whom nothing happened yet. `left_out`: people who do not get it, for these reasons; no event can be theirs. `text`:
    every word begins a word of the name, the company or the address.
    """

    campaign_id: int | None = None
    mass_email_id: int | None = None
    included: tuple[Action, ...] = ()
    excluded: tuple[Action, ...] = ()
    states: tuple[ItemState, ...] = ()
    left_out: tuple[LeftOutReason, ...] = ()
    link_id: int | None = None
    tracking_url_id: int | None = None
    kind: Kind | None = None
    bounce_kind: BounceKind | None = None
    provider: str = ""
    since: datetime | None = None
    until: datetime | None = None
    who: Who = Who.PEOPLE
    text: str = ""

    def to_query(self) -> dict[str, str]:
        """The filter as the values of a URL's query; what has its default is not in it."""
        changed = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _written(value) for name, value in changed.items() if value != getattr(_NOTHING, name)}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """The filter of a URL's query. What it does not know, or cannot read, is as if it were not there."""
        found = {}
        for name, read in _READ.items():
            if text := query.get(name, "").strip():
                try:
                    found[name] = read(text)
                except (ValueError, OverflowError):
                    continue  # an address typed or cut by hand: the page shows what remains of the filter
        return cls(**found)

    @property
    def narrowed(self) -> bool:
        """Whether an included action is met by certain events only, so that people's flags do not answer it."""
        dated = (self.link_id, self.tracking_url_id, self.bounce_kind, self.since, self.until)
        return self.who is not Who.PEOPLE or any(value is not None for value in dated)


_NOTHING: Final = LogFilter()


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _several(enum: type[StrEnum]) -> Callable[[str], tuple[StrEnum, ...]]:
    return lambda text: tuple(dict.fromkeys(enum(part.strip()) for part in text.split(",")))


def _id(text: str) -> int:
    if not 0 < (number := int(text)) < 2**63:
        raise ValueError(text)
    return number


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "campaign_id": _id,
    "mass_email_id": _id,
    "included": _several(Action),
    "excluded": _several(Action),
    "states": _several(ItemState),
    "left_out": _several(LeftOutReason),
    "link_id": _id,
    "tracking_url_id": _id,
    "kind": Kind,
    "bounce_kind": BounceKind,
    "provider": str,
    "since": _moment,
    "until": _moment,
    "who": Who,
    "text": str,
}


# --- shortcuts: each takes a scope and narrows it ---


def opened_not_clicked(scope: LogFilter) -> LogFilter:
    """Who opened but did not click."""
    return replace(scope, included=(Action.OPENED,), excluded=(Action.CLICKED,))


def did_not_open(scope: LogFilter) -> LogFilter:
    """Who was mailed and did not open; a click without an open counts as one (D18)."""
    return replace(scope, included=(Action.SENT,), excluded=(Action.OPENED,))


def clicked_link(scope: LogFilter, link_id: int | None = None, tracking_url_id: int | None = None) -> LogFilter:
    """Who clicked one link, or one tracking URL in whichever mass email."""
    return replace(scope, included=(Action.CLICKED,), link_id=link_id, tracking_url_id=tracking_url_id)


def failed(scope: LogFilter) -> LogFilter:
    """Whose message failed, refusals in the SMTP dialogue among them."""
    return replace(scope, states=(ItemState.FAILED,))


def not_yet_sent(scope: LogFilter) -> LogFilter:
    """Who still waits, or is being mailed at this moment."""
    return replace(scope, states=(ItemState.WAITING, ItemState.HELD))


def left_out_because(scope: LogFilter, *reasons: LeftOutReason) -> LogFilter:
    """Who does not get it, for these reasons; for any without one."""
    return replace(scope, left_out=reasons or tuple(LeftOutReason))


# --- the two views ---


@dataclass(frozen=True, slots=True)
class EventRow:
    """A log record as lists show it. `address` was mailed. `link`: name of the tracking URL, else where it leads.
    `detail`: reason of a failure or bounce, a word of delivery.reason.* or a server's reply."""

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
    ids = _event_ids(session, chosen).order_by(_log.id if oldest_first else _log.id.desc())
    found = list(session.scalars(ids.limit(size).offset(min(max(page - 1, 0), last) * size)))
    return sorted(_event_rows(session, found), key=lambda row: row.id, reverse=not oldest_first), total


def events_after(session: Session, chosen: LogFilter, after: int = 0, limit: int = 1000) -> list[EventRow]:
    """The next events by id, oldest first: an export goes on from the last id, and holds no long transaction."""
    ids = _event_ids(session, chosen).where(_log.id > after).order_by(_log.id).limit(limit)
    return _event_rows(session, list(session.scalars(ids)))


def count_events(session: Session, chosen: LogFilter) -> Count:
    """How many events: exact to 10,000."""
    within = _event_ids(session, chosen).limit(EXACT_UP_TO + 1).subquery()
    return Count(session.scalar(select(func.count()).select_from(within)) or 0)


def people_count(session: Session, chosen: LogFilter) -> int:
    """How many people, exactly."""
    return session.scalar(select(func.count()).select_from(_people(session, chosen).subquery())) or 0


def people_page(session: Session, chosen: LogFilter, page: int = 1, size: int = 25) -> tuple[list[PersonRow], int]:
    """One page of the people of the filter, by name, and how many there are."""
    people = _people(session, chosen).subquery()
    rows = session.execute(
        select(_person.id, _person.name, _person.address_typed, _person.kind, people.c.why)
        .join_from(people, _PERSON, _person.id == people.c.recipient_id)
        .order_by(_person.name_key, _person.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return [PersonRow(*row) for row in rows], people_count(session, chosen)


def _event_ids(session: Session, chosen: LogFilter) -> Select[Any]:
    if chosen.left_out:
        return select(_log.id).where(_log.id.is_(None))  # who was left out has no event
    scope = _scope(session, chosen)
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
        .add_columns(_log.machine, _log.bounce_kind, _log.reason, _log.source)
        .select_from(source)
        .where(_log.id.in_(ids))
        .order_by(_log.id)
    )
    return [EventRow(*row) for row in rows]


def _people(session: Session, chosen: LogFilter) -> Select[Any]:
    """(recipient_id, why) of the people, each once."""
    scope = _scope(session, chosen)
    if chosen.left_out:
        return _left_out_people(chosen, scope)
    source = _with_provider(_ITEM.join(_PERSON, _person.id == _item.recipient_id), chosen)
    why = literal(None, _left.reason.type).label("why")
    people = select(_item.recipient_id.label("recipient_id"), why).select_from(source)
    people = people.where(*_met_by_flags(chosen, scope), *_of_items(chosen, scope), *_of_people(chosen))
    return people if _single(scope) else people.distinct()


def _left_out_people(chosen: LogFilter, scope: "_Scope") -> Select[Any]:
    source = _LEFT.join(_PERSON, _person.id == _left.recipient_id)
    if chosen.provider:
        source = source.join(_ADDRESS, _ADDRESS.c.id == _person.address_id).join(_DOMAIN)
    people = select(_left.recipient_id.label("recipient_id"), func.min(_left.reason).label("why"))
    return (
        people.select_from(source)
        .where(_left.reason.in_(chosen.left_out), *_within(_left.mass_email_id, scope), *_of_people(chosen))
        .group_by(_left.recipient_id)
    )


def _with_provider(source: FromClause, chosen: LogFilter) -> FromClause:
    if not chosen.provider:
        return source
    return source.join(_ADDRESS, _ADDRESS.c.id == _item.address_id).join(_DOMAIN, _DOMAIN.c.id == _ADDRESS.c.domain_id)


# --- scope and conditions ---

_Scope = tuple[int, ...] | None
"""The mass emails that are looked at; None: all."""


def _scope(session: Session, chosen: LogFilter) -> _Scope:
    if chosen.mass_email_id is not None:
        return (chosen.mass_email_id,)
    if chosen.campaign_id is None:
        return None
    return tuple(session.scalars(select(_MAIL.c.id).where(_MAIL.c.campaign_id == chosen.campaign_id)))


def _single(scope: _Scope) -> bool:
    return scope is not None and len(scope) == 1


def _within(column: ColumnElement[int], scope: _Scope) -> Iterator[Condition]:
    if scope is not None:
        yield column == scope[0] if len(scope) == 1 else column.in_(scope)


def _of_people(chosen: LogFilter) -> Iterator[Condition]:
    """Conditions on the recipient, and on the domain when a provider is asked for."""
    if chosen.kind is not None:
        yield _person.kind == chosen.kind
    if chosen.provider:
        yield _DOMAIN.c.provider == chosen.provider
    if chosen.text.strip():
        yield from RecipientFilter(text=chosen.text, archived=None).where()


def _of_items(chosen: LogFilter, scope: _Scope) -> Iterator[Condition]:
    yield from _within(_item.mass_email_id, scope)
    if chosen.states:
        yield _item.state.in_(chosen.states)
    for action in chosen.excluded:
        yield not_(_flag(_ITEM, action, scope) if _single(scope) else _anywhere(action, scope))


def _anywhere(action: Action, scope: _Scope) -> Condition:
    """Whether the action stands at any item of the same person in the scope: by the person's index, a few rows each."""
    other = _ITEM.alias()
    same = (other.c.recipient_id == _item.recipient_id, *_within(other.c.mass_email_id, scope))
    return exists().where(*same, _flag(other, action, scope))


_FLAGS: Final[Mapping[Action, Callable[[Any], Condition]]] = {
    Action.SENT: lambda item: item.c.state == ItemState.SENT,
    Action.OPENED: lambda item: item.c.opened_at.is_not(None),
    Action.CLICKED: lambda item: item.c.clicked_at.is_not(None),
    Action.OPTED_OUT: lambda item: item.c.opted_out_at.is_not(None),
    Action.BOUNCED: lambda item: item.c.bounced,
    Action.COMPLAINED: lambda item: item.c.complained,
}


def _flag(item: FromClause, action: Action, scope: _Scope) -> Condition:
    """Whether the action happened to an item: its people flag, or for the rare ones without a flag, the log read once."""
    if action in _FLAGS:
        return _FLAGS[action](item)
    rare = select(_log.item_id).where(_log.action == action, *_within(_log.mass_email_id, scope))
    return item.c.id.in_(rare)


def _met_by_flags(chosen: LogFilter, scope: _Scope) -> Iterator[Condition]:
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
    if chosen.who is not Who.EVERYBODY:
        human = _log.machine == MachineReason.HUMAN
        yield human if chosen.who is Who.PEOPLE else not_(human)
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


# --- from the log to a list ---


@dataclass(frozen=True, slots=True)
class ListPreview:
    """What a list would hold: `matching` people, minus those whom each excluded action takes (in the order given, each
    person once), leaves `people`. `machine_only`: who would match too if machines counted."""

    matching: int
    taken: tuple[tuple[Action, int], ...]
    people: int
    by_kind: Mapping[Kind, int]
    machine_only: int


def preview_list(session: Session, chosen: LogFilter) -> ListPreview:
    """Count what make_list() would put into a list, exclusion by exclusion."""
    steps = [
        people_count(session, replace(chosen, excluded=chosen.excluded[:n])) for n in range(len(chosen.excluded) + 1)
    ]
    taken = tuple((action, steps[n] - steps[n + 1]) for n, action in enumerate(chosen.excluded))
    people = _people(session, chosen).subquery()
    kinds = session.execute(
        select(_person.kind, func.count())
        .join_from(people, _PERSON, _person.id == people.c.recipient_id)
        .group_by(_person.kind)
    )
    more = 0
    if chosen.who is Who.PEOPLE and chosen.included:
        more = people_count(session, replace(chosen, who=Who.EVERYBODY)) - steps[-1]
    return ListPreview(steps[0], taken, steps[-1], dict.fromkeys(Kind, 0) | {kind: n for kind, n in kinds}, more)


@dataclass(frozen=True, slots=True)
class MadeList:
    """`added` people are new in the list, `already` were in it. `opt_outs`: addresses newly opted out of it, because they
    declined a list that the mass emails were sent to (D3)."""

    list_id: int
    added: int
    already: int
    opt_outs: int


def make_list(
    doors: Doors,
    chosen: LogFilter,
    into: str | int,
    now: datetime,
    *,
    by: str | None = None,
    on_chunk: OnChunk | None = None,
) -> MadeList:
    """Put the people of the filter into a new list of that name, or into the list of that id, in chunks (D23).

    The opt-outs of the lists that the scope's mass emails were sent to come first, so that at no moment somebody who
    declined can be mailed. Twice into the same list adds nobody twice. Raises Invalid for the name, NotFound.
    """
    if isinstance(into, str):
        with doors.unit_of_work() as session:
            list_id = create_list(session, {"name": into}, now)
    else:
        list_id = into
    with doors.reading() as session:
        people = _people(session, chosen).subquery()
        sources = set(session.scalars(_source_lists(session, chosen))) - {list_id}
    opt_outs = take_over_opt_outs(doors, list_id, sources, now, by=by)
    made: Added = add_members(doors, list_id, select(people.c.recipient_id), Source.LOG, now, on_chunk=on_chunk)
    return MadeList(list_id, made.added, made.already, opt_outs)


def _source_lists(session: Session, chosen: LogFilter) -> Select[Any]:
    target = table(MassEmailList).c
    lists = select(target.list_id).where(target.role == ListRole.TARGET).distinct()
    return lists.where(*_within(target.mass_email_id, _scope(session, chosen)))
