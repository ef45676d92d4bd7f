"""The figures: counters kept in the same transaction as the log, read by the dozen at any size (D20).

A counter is a marginal: all events of a mass email and action, people's and machines' apart, in total or by hour,
ten-minute slot, link, provider or reason. `firsts` add up to distinct people, over hours and providers too; `hits`
are all events.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    case,
    func,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models import db
from models.address import Address, Domain
from models.column_types import code_field, code_of, from_milliseconds, table, to_milliseconds
from models.log_table import Action, BounceKind, EventSource, LogRecord, MachineReason
from models.queue_table import ItemState, QueueItem
from models.tracking_url import Link, TrackingUrl


class Dimension(StrEnum):
    """What a counter is broken down by. Stored by place: append only."""

    TOTAL = "total"
    HOUR = "hour"
    LINK = "link"
    PROVIDER = "provider"
    REASON = "reason"
    SLOT = "slot"


class Counter(SQLModel, table=True):
    """A marginal of the log. `key`: "" | hours since 1970 | link id | provider | reason | ten minutes since 1970.
    Reasons of a bounce: its kind, and "rejected" when it came in the SMTP dialogue; "unlogged" counts hits without a
    row. `firsts`: first events, so distinct people; `hits`: all events of that humanity."""

    __tablename__ = "counter"
    mass_email_id: int = Field(primary_key=True)
    dimension: Dimension = code_field(Dimension, primary_key=True)
    key: str = Field(primary_key=True)
    action: Action = code_field(Action, primary_key=True)
    human: bool = Field(primary_key=True)
    firsts: int = 0
    hits: int = 0


REJECTED: Final = "rejected"
UNLOGGED: Final = "unlogged"
HOUR: Final = timedelta(hours=1)
SLOT: Final = timedelta(minutes=10)
_STEPS: Final = {Dimension.HOUR: HOUR, Dimension.SLOT: SLOT}
_COUNTER: Final = table(Counter)
_LOG: Final = table(LogRecord)


@dataclass(frozen=True, slots=True)
class Mark:
    """What one event adds to the counters. `first`: the item's first of this action and humanity; `first_on_link`: its
    first on this link. `logged` False: the event has no row, only this count (D18)."""

    mass_email_id: int
    action: Action
    at: datetime
    provider: str
    human: bool = True
    first: bool = True
    link_id: int | None = None
    first_on_link: bool = False
    reasons: tuple[str, ...] = ()
    logged: bool = True


class _Key(NamedTuple):
    """The primary key of a counter, as stored: its order is the order in which rows are locked."""

    mass_email_id: int
    dimension: int
    key: str
    action: int
    human: bool


def bump(session: Session, marks: Iterable[Mark]) -> None:
    """Add events to the counters: one upsert per touched counter, in key order, so that two writers never deadlock."""
    sums: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    for mark in marks:
        for dimension, key, first in _parts(mark):
            place = _Key(mark.mass_email_id, code_of(dimension), key, code_of(mark.action), mark.human)
            sums[place][0] += first
            sums[place][1] += 1
    if sums:
        rows = [{**key._asdict(), "firsts": n[0], "hits": n[1]} for key, n in sorted(sums.items())]
        session.connection().execute(_UPSERT[db.is_sqlite(session)], rows)


def _parts(mark: Mark) -> Iterable[tuple[Dimension, str, bool]]:
    yield Dimension.TOTAL, "", mark.first
    for dimension, step in _STEPS.items():
        yield dimension, _moment_key(mark.at, step), mark.first
    yield Dimension.PROVIDER, mark.provider, mark.first
    if mark.link_id is not None:
        yield Dimension.LINK, str(mark.link_id), mark.first_on_link
    for reason in mark.reasons:
        yield Dimension.REASON, reason, mark.first
    if not mark.logged:
        yield Dimension.REASON, UNLOGGED, False


def _moment_key(at: datetime, step: timedelta) -> str:
    return str(to_milliseconds(at) // _in_milliseconds(step))


def _in_milliseconds(step: timedelta) -> int:
    return step // timedelta(milliseconds=1)


def _upsert(insert: Any) -> Any:
    added = insert(_COUNTER)
    sums = {name: _COUNTER.c[name] + added.excluded[name] for name in ("firsts", "hits")}
    return added.on_conflict_do_update(index_elements=list(_COUNTER.primary_key), set_=sums)


_UPSERT: Final = {True: _upsert(sqlite.insert), False: _upsert(postgresql.insert)}


@dataclass(frozen=True, slots=True)
class Figures:
    """The results of one mass email, or of several together. People are counted once per mass email. `bounced` holds
    `rejected`, the refusals in the SMTP dialogue. `failed` and `uncertain`: queue items in that state now."""

    sent: int = 0
    opened: int = 0
    clicked: int = 0
    opted_out: int = 0
    opted_in: int = 0
    bounced: int = 0
    bounced_hard: int = 0
    bounced_soft: int = 0
    rejected: int = 0
    complained: int = 0
    failed: int = 0
    uncertain: int = 0
    machine_opened: int = 0
    machine_clicked: int = 0
    open_hits: int = 0
    click_hits: int = 0

    def rate(self, name: str) -> float | None:
        """The share of a figure in what was sent, 0 to 1; of bounces in sent + rejected (D20). None: nothing sent."""
        whole = self.sent + self.rejected if name.startswith(("bounced", "rejected")) else self.sent
        share: int = getattr(self, name)
        return share / whole if whole else None


def mass_email_figures(session: Session, mass_email_id: int) -> Figures:
    """The figures of one mass email: about twenty counters, whatever its size."""
    return figures_of(session, [mass_email_id]).get(mass_email_id, Figures())


def campaign_figures(session: Session, campaign_id: int) -> Figures:
    """The figures of all mass emails of a campaign, added up."""
    return _added(figures_of(session, _mass_emails_of(session, campaign_id)).values())


def figures_of(session: Session, mass_email_ids: Sequence[int]) -> dict[int, Figures]:
    """The figures of many mass emails by id: for lists. A mass email of which nothing is known is not in it."""
    values: dict[int, dict[str, int]] = defaultdict(dict)
    counters = select(_COUNTER).where(
        _COUNTER.c.mass_email_id.in_(mass_email_ids), _COUNTER.c.dimension.in_([Dimension.TOTAL, Dimension.REASON])
    )
    for row in session.execute(counters):
        values[row.mass_email_id].update(_named(row))
    for row in session.execute(_open_states(mass_email_ids)):
        values[row.mass_email_id][row.state.value] = row.n
    return {mass_email_id: Figures(**named) for mass_email_id, named in values.items()}


def _named(row: Any) -> dict[str, int]:
    """The fields of Figures that one counter of TOTAL or REASON gives."""
    action, found = row.action, dict[str, int]()
    if row.dimension is Dimension.REASON:
        if action is Action.BOUNCED and row.key in {*BounceKind, REJECTED}:
            found["rejected" if row.key == REJECTED else f"bounced_{row.key}"] = row.firsts
    elif not row.human:
        if action in {Action.OPENED, Action.CLICKED}:
            found[f"machine_{action}"] = row.firsts
    elif action is not Action.FAILED:
        found[action.value] = row.firsts
        if action in {Action.OPENED, Action.CLICKED}:
            found["open_hits" if action is Action.OPENED else "click_hits"] = row.hits
    return found


def _open_states(mass_email_ids: Sequence[int]) -> Select[Any]:
    item = table(QueueItem).c
    return (
        select(item.mass_email_id, item.state, func.count().label("n"))
        .where(item.mass_email_id.in_(mass_email_ids), item.state.in_([ItemState.FAILED, ItemState.UNCERTAIN]))
        .group_by(item.mass_email_id, item.state)
    )


def _added(many: Iterable[Figures]) -> Figures:
    sums: dict[str, int] = defaultdict(int)
    for figures in many:
        for name in Figures.__dataclass_fields__:
            sums[name] += getattr(figures, name)
    return Figures(**sums)


def _mass_emails_of(session: Session, campaign_id: int) -> list[int]:
    from models.mass_email import MassEmail  # it builds the queue, so it may import this module

    mail = table(MassEmail).c
    return list(session.scalars(select(mail.id).where(mail.campaign_id == campaign_id)))


def _scope(session: Session, campaign_id: int | None, mass_email_id: int | None) -> list[int]:
    if mass_email_id is not None:
        return [mass_email_id]
    if campaign_id is None:
        raise ValueError("name a campaign or a mass email")
    return _mass_emails_of(session, campaign_id)


@dataclass(frozen=True, slots=True)
class Activity:
    """What people did in one hour or ten-minute slot that begins `at`. Distinct people: the hours add up."""

    at: datetime
    sent: int = 0
    opened: int = 0
    clicked: int = 0
    opted_out: int = 0
    bounced: int = 0


def activity(
    session: Session,
    *,
    campaign_id: int | None = None,
    mass_email_id: int | None = None,
    step: timedelta = HOUR,
    since: datetime | None = None,
) -> list[Activity]:
    """What people did, per hour or per ten minutes (`step` HOUR or SLOT), oldest first; times without events are left
    out. With SLOT its `sent` is the series of portions. Raises ValueError without a scope."""
    dimension = next(kind for kind, length in _STEPS.items() if length == step)
    rows = session.execute(
        select(_COUNTER.c.key, _COUNTER.c.action, func.sum(_COUNTER.c.firsts).label("n"))
        .where(_COUNTER.c.mass_email_id.in_(_scope(session, campaign_id, mass_email_id)))
        .where(_COUNTER.c.dimension == dimension, _COUNTER.c.human)
        .where(_COUNTER.c.action.in_([Action(name) for name in Activity.__dataclass_fields__ if name != "at"]))
        .group_by(_COUNTER.c.key, _COUNTER.c.action)
    )
    by_time: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        by_time[int(row.key)][row.action.value] = row.n
    moments = ((from_milliseconds(key * _in_milliseconds(step)), found) for key, found in sorted(by_time.items()))
    return [Activity(at, **found) for at, found in moments if since is None or at + step > since]


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """The clicks on one destination. `people` are distinct per mass email; `code` "" is an automatic link. `id`: of the
    link, or of its newest namesake where a campaign's mass emails share a tracking URL."""

    id: int
    tracking_url_id: int | None
    name: str
    url: str
    code: str
    people: int
    hits: int
    machine_hits: int


def by_link(session: Session, *, campaign_id: int | None = None, mass_email_id: int | None = None) -> list[LinkFigures]:
    """Every link of a mass email or campaign with its clicks, most people first, never clicked ones included. Tracking
    URLs are one row for the whole campaign; so are automatic links to the same place."""
    ids = _scope(session, campaign_id, mass_email_id)
    link, place = table(Link), table(TrackingUrl)
    rows = session.execute(
        select(link.c.id, link.c.tracking_url_id, place.c.name, place.c.code, func.coalesce(place.c.url, link.c.url))
        .select_from(link.outerjoin(place, place.c.id == link.c.tracking_url_id))
        .where(link.c.mass_email_id.in_(ids))
        .order_by(link.c.id)
    )
    clicks = _clicks(session, ids)
    found: dict[object, LinkFigures] = {}
    for link_id, tracking_url_id, name, code, url in rows:
        people, hits, machine_hits = clicks.get(link_id, (0, 0, 0))
        before = found.get(tracking_url_id or url)
        found[tracking_url_id or url] = LinkFigures(
            link_id,
            tracking_url_id,
            name or url,
            url,
            code or "",
            people + (before.people if before else 0),
            hits + (before.hits if before else 0),
            machine_hits + (before.machine_hits if before else 0),
        )
    return sorted(found.values(), key=lambda one: (-one.people, -one.hits, one.id))


def _clicks(session: Session, mass_email_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """(people, hits, machine hits) by link id."""
    clicks: dict[int, tuple[int, int, int]] = {}
    rows = select(_COUNTER).where(
        _COUNTER.c.mass_email_id.in_(mass_email_ids),
        _COUNTER.c.dimension == Dimension.LINK,
        _COUNTER.c.action == Action.CLICKED,
    )
    for row in session.execute(rows):
        people, hits, machine_hits = clicks.get(int(row.key), (0, 0, 0))
        clicks[int(row.key)] = (row.firsts, row.hits, machine_hits) if row.human else (people, hits, row.hits)
    return clicks


def by_provider(
    session: Session, *, campaign_id: int | None = None, mass_email_id: int | None = None
) -> list[tuple[str, Figures]]:
    """The figures of each mailbox provider, most sent first, "other" last. Only people's events; bounces by kind are
    not told apart here, so `rejected` is 0 and a bounce rate is of what was sent."""
    rows = session.execute(
        select(_COUNTER.c.key, _COUNTER.c.action, func.sum(_COUNTER.c.firsts).label("n"))
        .where(_COUNTER.c.mass_email_id.in_(_scope(session, campaign_id, mass_email_id)))
        .where(_COUNTER.c.dimension == Dimension.PROVIDER, _COUNTER.c.human)
        .group_by(_COUNTER.c.key, _COUNTER.c.action)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.key][row.action.value] = row.n
    figures = [(provider, Figures(**values)) for provider, values in found.items()]
    return sorted(figures, key=lambda pair: (pair[0] == "other", -pair[1].sent, pair[0]))


@dataclass(frozen=True, slots=True)
class ChangedMassEmail:
    """A mass email whose figures moved. `change_seq` grows by at least one with every change."""

    id: int
    campaign_id: int
    change_seq: int
    changed_at: datetime


def touch(session: Session, mass_email_id: int, now: datetime) -> None:
    """Say that the figures or states of a mass email moved: what the live watcher follows. Last in a unit of work: on
    PostgreSQL it is the row that writers of one mass email wait for each other on."""
    from models.mass_email import MassEmail

    mail = table(MassEmail)
    moved = {"change_seq": mail.c.change_seq + 1, "changed_at": now}
    session.execute(update(mail).where(mail.c.id == mass_email_id).values(moved))


def changed_mass_emails(session: Session, since: datetime) -> list[ChangedMassEmail]:
    """The mass emails changed at or after a moment, oldest change first. Commits can overtake each other: ask again
    from some seconds before the newest `changed_at` seen, and compare `change_seq`."""
    from models.mass_email import MassEmail

    mail = table(MassEmail).c
    rows = session.execute(
        select(mail.id, mail.campaign_id, mail.change_seq, mail.changed_at)
        .where(mail.changed_at >= since)
        .order_by(mail.changed_at, mail.id)
    )
    return [ChangedMassEmail(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say what the log says. `counted` and `logged`: (firsts, hits)."""

    mass_email_id: int
    dimension: Dimension
    key: str
    action: Action
    human: bool
    counted: tuple[int, int]
    logged: tuple[int, int]


def recount(session: Session, mass_email_id: int | None = None) -> list[Difference]:
    """Every counter that differs from what the log gives when counted anew; [] is what should come out. Of one mass
    email, or of all. Reads the whole log: minutes at tens of millions of rows."""
    counted, unlogged = _counted(session, mass_email_id)
    logged = _logged(session, mass_email_id)
    differences = []
    for key in sorted(counted.keys() | logged.keys()):
        found, expected = counted.get(key, (0, 0)), logged.get(key, (0, 0))
        more = unlogged.get((key.mass_email_id, key.action, key.human), 0)
        hits_fit = expected[1] <= found[1] <= expected[1] + more
        if key.dimension == code_of(Dimension.TOTAL):
            hits_fit = found[1] == expected[1] + more
        if found[0] != expected[0] or not hits_fit:
            dimension, action = list(Dimension)[key.dimension - 1], list(Action)[key.action - 1]
            differences.append(Difference(key[0], dimension, key.key, action, key.human, found, expected))
    return differences


_Sums = dict[_Key, tuple[int, int]]


def _counted(session: Session, mass_email_id: int | None) -> tuple[_Sums, dict[tuple[int, int, bool], int]]:
    """The counters by key, and the hits that have no log row by (mass email, action, human)."""
    rows = select(_COUNTER)
    if mass_email_id is not None:
        rows = rows.where(_COUNTER.c.mass_email_id == mass_email_id)
    sums: _Sums = {}
    unlogged = {}
    for row in session.execute(rows):
        key = _Key(row.mass_email_id, code_of(row.dimension), row.key, code_of(row.action), row.human)
        if row.dimension is Dimension.REASON and row.key == UNLOGGED:
            unlogged[(key.mass_email_id, key.action, key.human)] = row.hits
        else:
            sums[key] = (row.firsts, row.hits)
    return sums, unlogged


def _logged(session: Session, mass_email_id: int | None) -> _Sums:
    item, address, domain = table(QueueItem), table(Address), table(Domain)
    at = type_coerce(_LOG.c.at, BigInteger)
    whole = _LOG.join(item, item.c.id == _LOG.c.item_id).join(address, address.c.id == item.c.address_id)
    firsts = func.sum(case((_LOG.c.first, 1), else_=0))
    per_link = func.count(_LOG.c.item_id.distinct())
    kinds = case(*((_LOG.c.bounce_kind == kind, kind.value) for kind in BounceKind))
    bounced = _LOG.c.action == Action.BOUNCED
    counts: list[tuple[Dimension, ColumnElement[Any], ColumnElement[Any], FromClause, ColumnElement[bool] | None]] = [
        (Dimension.TOTAL, literal("", Text), firsts, _LOG, None),
        (Dimension.HOUR, at // _in_milliseconds(HOUR), firsts, _LOG, None),
        (Dimension.SLOT, at // _in_milliseconds(SLOT), firsts, _LOG, None),
        (Dimension.LINK, _LOG.c.link_id, per_link, _LOG, _LOG.c.link_id.is_not(None)),
        (Dimension.PROVIDER, domain.c.provider, firsts, whole.join(domain), None),
        (Dimension.REASON, kinds, firsts, _LOG, bounced),
        (Dimension.REASON, literal(REJECTED, Text), firsts, _LOG, bounced & (_LOG.c.source == EventSource.SMTP)),
    ]
    sums: _Sums = {}
    for dimension, key, first, source, only in counts:
        human = (_LOG.c.machine == MachineReason.HUMAN).label("human")
        columns = [_LOG.c.mass_email_id, key.label("key"), _LOG.c.action, human]
        rows = select(*columns, first.label("firsts"), func.count().label("hits")).select_from(source)
        rows = rows.group_by(*(columns[0], key, columns[2], human))
        if only is not None:
            rows = rows.where(only)
        if mass_email_id is not None:
            rows = rows.where(_LOG.c.mass_email_id == mass_email_id)
        for row in session.execute(rows):
            place = _Key(row.mass_email_id, code_of(dimension), str(row.key), code_of(row.action), bool(row.human))
            sums[place] = (row.firsts, row.hits)
    return sums
