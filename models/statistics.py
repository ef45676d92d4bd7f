"""The figures: read from counters by the dozen, at a thousand and at ten million log rows (D20).

`firsts` add up to distinct people, over hours and providers too; `hits` are all events. counter.bump() writes them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, not_, or_, select
from sqlmodel import Session

from models.column_types import from_milliseconds, table
from models.counter import (
    HOUR,
    INFERRED,
    PARTED,
    REJECTED,
    SLOT,
    STEPS,
    Counter,
    Dimension,
    Mark,
    bump,
    in_milliseconds,
    touch,
)
from models.log_table import UNKNOWN, Action, BounceKind, MachineReason
from models.mass_email import MassEmail, followed
from models.queue_table import ItemState, QueueItem
from models.recount import Difference, recount
from models.tracking_url import Link, TrackingUrl

__all__ = [
    "HOUR",
    "SLOT",
    "Action",
    "Counter",
    "Difference",
    "Dimension",
    "Mark",
    "bump",
    "recount",
    "touch",
]

_COUNTER = table(Counter)


@dataclass(frozen=True, slots=True)
class Figures:
    """The results of one mass email, or of several together. People are counted once per mass email. `bounced` holds
    `rejected`, the refusals in the SMTP dialogue; the rest came back later. `opened` holds `inferred`: known by a click
    alone. `failed` and `uncertain`: queue items in that state now. `sent_*_followed`: what of `sent` the
    opens and clicks are shares of. *_hits are of people, anonymous ones too."""

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
    replied: int = 0
    inferred: int = 0
    sent_opens_followed: int = 0
    sent_clicks_followed: int = 0

    @property
    def returned(self) -> int:
        """Whose message was taken at first and came back later."""
        return self.bounced - self.rejected

    def base(self, name: str) -> int:
        """What a figure is a share of. Opens and clicks: sent by mass emails that follow them person by person;
        bounces: sent and rejected (D20); all else: sent. A page that shows a rate says which."""
        if name in {"opened", "machine_opened", "inferred"}:
            return self.sent_opens_followed
        if name in {"clicked", "machine_clicked"}:
            return self.sent_clicks_followed
        return self.sent + self.rejected if name.startswith(("bounced", "rejected", "returned")) else self.sent

    def rate(self, name: str) -> float | None:
        """The share of a figure in its base, 0 to 1. None: there is none; nothing was sent, or nobody could know."""
        share, whole = getattr(self, name), self.base(name)
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
        _COUNTER.c.mass_email_id.in_(mass_email_ids),
        or_(
            _COUNTER.c.dimension.in_([Dimension.TOTAL, Dimension.REASON]),
            (_COUNTER.c.dimension == Dimension.HOW) & (_COUNTER.c.key == INFERRED),
        ),
    )
    for row in session.execute(counters):
        values[row.mass_email_id].update(_named(row))
    for row in session.execute(_open_states(mass_email_ids)):
        values[row.mass_email_id][row.state.value] = row.n
    for row in session.execute(_followed(list(values))):
        sent = values[row.id].get("sent", 0)
        values[row.id].update(sent_opens_followed=sent * row.opens, sent_clicks_followed=sent * row.clicks)
    return {mass_email_id: Figures(**named) for mass_email_id, named in values.items()}


def _followed(mass_email_ids: Sequence[int]) -> Select[Any]:
    """Whether mass emails follow opens, by pixel or by click, and clicks."""
    opens, clicks = followed("track_opens") | followed("track_links"), followed("track_links")
    mail = table(MassEmail).c
    return select(mail.id, opens.label("opens"), clicks.label("clicks")).where(mail.id.in_(mass_email_ids))


def _named(row: Any) -> dict[str, int]:
    """The fields of Figures that one counter of TOTAL, REASON or HOW gives."""
    action, found = row.action, dict[str, int]()
    if row.dimension is Dimension.HOW:
        found["inferred"] = row.firsts
    elif row.dimension is Dimension.REASON:
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
    complained: int = 0
    replied: int = 0


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
    dimension = next(kind for kind, length in STEPS.items() if length == step)
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
    moments = ((from_milliseconds(key * in_milliseconds(step)), found) for key, found in sorted(by_time.items()))
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
    scope = _scope(session, campaign_id, mass_email_id)
    rows = session.execute(
        select(_COUNTER.c.mass_email_id, _COUNTER.c.key, _COUNTER.c.action, _COUNTER.c.firsts)
        .where(_COUNTER.c.mass_email_id.in_(scope), _COUNTER.c.dimension == Dimension.PROVIDER, _COUNTER.c.human)
    )  # fmt: skip
    follows = {row.id: row for row in session.execute(_followed(scope))}
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        sums = found[row.key]
        sums[row.action.value] += row.firsts
        if row.action is Action.SENT and row.mass_email_id in follows:
            sums["sent_opens_followed"] += row.firsts * follows[row.mass_email_id].opens
            sums["sent_clicks_followed"] += row.firsts * follows[row.mass_email_id].clicks
    figures = [(provider, Figures(**values)) for provider, values in found.items()]
    return sorted(figures, key=lambda pair: (pair[0] == "other", -pair[1].sent, pair[0]))


@dataclass(frozen=True, slots=True)
class BounceReason:
    """The people of a mailbox provider whose message came back, or was refused, for one reason: a word of
    delivery.reason.*, or a server's words; UNKNOWN where none was given."""

    provider: str
    reason: str
    people: int


def bounce_reasons(
    session: Session, *, campaign_id: int | None = None, mass_email_id: int | None = None
) -> list[BounceReason]:
    """Why messages came back, by mailbox provider, most people first. They add up to what is bounced."""
    rows = session.execute(
        select(_COUNTER.c.key, func.sum(_COUNTER.c.firsts).label("n"))
        .where(_COUNTER.c.mass_email_id.in_(_scope(session, campaign_id, mass_email_id)))
        .where(_COUNTER.c.dimension == Dimension.PROVIDER_REASON, _COUNTER.c.human, _COUNTER.c.firsts > 0)
        .group_by(_COUNTER.c.key)
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        provider, reason = row.key.split(PARTED, 1)
        found[provider, reason or UNKNOWN] += row.n
    reasons = [BounceReason(provider, reason, people) for (provider, reason), people in found.items()]
    return sorted(reasons, key=lambda one: (-one.people, one.reason, one.provider))


@dataclass(frozen=True, slots=True)
class MachineEvents:
    """The people for whom a machine opened or clicked, for one reason. One person may stand at several reasons."""

    action: Action
    machine: MachineReason
    people: int


def machine_events(
    session: Session, *, campaign_id: int | None = None, mass_email_id: int | None = None
) -> list[MachineEvents]:
    """What machines did and why it is taken for theirs, opens first, most people first."""
    rows = session.execute(
        select(_COUNTER.c.action, _COUNTER.c.key, func.sum(_COUNTER.c.firsts).label("n"))
        .where(_COUNTER.c.mass_email_id.in_(_scope(session, campaign_id, mass_email_id)))
        .where(_COUNTER.c.dimension == Dimension.HOW, not_(_COUNTER.c.human), _COUNTER.c.firsts > 0)
        .group_by(_COUNTER.c.action, _COUNTER.c.key)
    )
    found = [MachineEvents(row.action, MachineReason(row.key), row.n) for row in rows]
    return sorted(found, key=lambda one: (one.action is not Action.OPENED, -one.people, one.machine))


@dataclass(frozen=True, slots=True)
class ChangedMassEmail:
    """A mass email whose figures moved. `change_seq` grows by at least one with every change."""

    id: int
    campaign_id: int
    change_seq: int
    changed_at: datetime


def changed_mass_emails(session: Session, since: datetime) -> list[ChangedMassEmail]:
    """The mass emails changed at or after a moment, oldest change first. Commits can overtake each other: ask again
    from some seconds before the newest `changed_at` seen, and compare `change_seq`."""
    mail = table(MassEmail).c
    rows = session.execute(
        select(mail.id, mail.campaign_id, mail.change_seq, mail.changed_at)
        .where(mail.changed_at >= since)
        .order_by(mail.changed_at, mail.id)
    )
    return [ChangedMassEmail(*row) for row in rows]
