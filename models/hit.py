"""The hit: an open or a click, as many at once as came together, each written with everything that follows (D18, D20).

One hit or two hundred take the same dozen statements: what the database knows of their items is read first, each hit is
judged in the order in which it came, and what follows is written at once. The nth hit of a batch sees what those before
it did, as if each had been committed alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, case, func, insert, select, update
from sqlmodel import Session

from models import outbound_emails
from models.address import Address, Domain
from models.column_types import table
from models.counter import Mark, bump, touch
from models.errors import EnvoiError, NotFound
from models.log_table import Action, EventSource, LogRecord, MachineReason, Visit
from models.machine import AGENT_LENGTH, Knock, reason_of, verdict_of_rules
from models.machine_rule import active_rules
from models.mass_email import MassEmail
from models.queue_table import ItemState, QueueItem
from models.reclassification import turn
from models.settlement import count_as_sent
from models.tracking import Tracking
from models.tracking_url import Destination, find_destinations
from models.visit import kept

ROWS_PER_DAY: Final = 20
"""Log rows per item, action, link and day (UTC); what comes after only counts (D18)."""

HIDDEN_LINK: Final = 0
"""The number of the link that no person sees: whoever follows it reads the source of the mail."""

AT_ONCE: Final = timedelta(seconds=1)
IN_A_ROW: Final = timedelta(seconds=2)
"""Two different links of a mail within AT_ONCE, or three within IN_A_ROW, are no person's doing."""

FAST: Final = timedelta(seconds=5)
"""A click so soon after sending, and before any open, is a scanner's: no person has read a mail by then."""

_ITEM, _LOG, _MAIL, _VISIT = table(QueueItem), table(LogRecord), table(MassEmail), table(Visit)
_item, _log, _mail = _ITEM.c, _LOG.c, _MAIL.c
_HUMAN: Final = MachineReason.HUMAN
_LIVELY: Final = frozenset({_HUMAN, MachineReason.ALL_LINKS_AT_ONCE, MachineReason.TOO_FAST, MachineReason.HIDDEN_LINK})
"""Clicks that may be one visitor running through the links of a mail."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A request of the pixel (`no` None) or of a link. `item_id` None: nobody was told apart, `mass_email_id` says of
    which mass email it is. `machine`: known already, HUMAN too; None: to be judged from `knock`, who asked."""

    item_id: int | None
    at: datetime
    no: int | None = None
    mass_email_id: int | None = None
    machine: MachineReason | None = None
    knock: Knock | None = None
    source: EventSource = EventSource.PUBLIC_PAGE

    @property
    def action(self) -> Action:
        return Action.OPENED if self.no is None else Action.CLICKED


Answer = Destination | EnvoiError | None
"""What became of a hit: where its link leads; NotFound, and nothing is written; None: an open, or the hidden link."""


def record_hits(session: Session, hits: Sequence[Hit]) -> list[Answer]:
    """Write hits in the order in which they came; one answer each. A hit of an item or link that is none fails alone.

    At most a few hundred: it is one transaction (D23). Counted only: hits of a mass email that tracks anonymously, and
    those beyond ROWS_PER_DAY. Not even that: those of one that does not track.
    """
    batch = _Batch(session, hits)
    answers = [batch.take(hit) for hit in hits]
    batch.write()
    return answers


@dataclass(slots=True)
class _Known:
    """What is known of an item, moved on by each hit. `rows`: log rows of today by (action, link). `seen`: the actions
    of machines; `links`: (link, human) that it clicked; `clicks`: (at, link) of a moment ago, None being the
    hidden link. `before`: retention may have taken log rows from before it. `uncertain`: sent nobody knows when."""

    id: int
    mass_email_id: int
    recipient_id: int
    provider: str
    state: ItemState
    sent_at: datetime | None
    flags: dict[Action, datetime | None]
    before: datetime | None
    rows: dict[tuple[Action, int | None], int] = field(default_factory=lambda: defaultdict(int))
    seen: set[Action] = field(default_factory=set)
    links: set[tuple[int, bool]] = field(default_factory=set)
    clicks: list[tuple[datetime, int | None]] = field(default_factory=list)
    uncertain: bool = False
    dirty: bool = False

    def may_have(self, moment: datetime | None) -> bool:
        """Whether retention may have taken log rows of that moment: then nothing counts as a first any more."""
        return self.before is not None and moment is not None and moment < self.before


class _Batch:
    """The items of some hits, and what they add to the books."""

    def __init__(self, session: Session, hits: Sequence[Hit]) -> None:
        self.session, self.hits = session, hits
        self.mails = {row.id: row for row in session.execute(_held_mails(hits))}
        self.items = _known_items(session, hits, self.mails)
        self.links = find_destinations(session, self._links_asked())
        judged = any(hit.knock is not None and hit.machine is None for hit in hits)
        self.rules = active_rules(session) if judged else ()
        self.verdicts = {n: self._general_verdict(hit) for n, hit in enumerate(hits)}
        self.taken = -1
        _add_history(session, self._whose_past_counts(), hits[0].at if hits else None)
        self.marks: list[Mark] = []
        self.records: list[dict[str, Any]] = []
        self.knocks: list[Knock | None] = []
        self.bursts: dict[int, datetime] = {}
        self.touched: dict[int, datetime] = {}

    def _links_asked(self) -> set[tuple[int, int]]:
        asked = set()
        for hit in self.hits:
            if hit.no is not None and (mail_id := self._mail_of(hit)) is not None:
                asked.add((mail_id, hit.no))
        return asked

    def _mail_of(self, hit: Hit) -> int | None:
        item = self.items.get(hit.item_id) if hit.item_id is not None else None
        return item.mass_email_id if item else hit.mass_email_id if hit.mass_email_id in self.mails else None

    def _general_verdict(self, hit: Hit) -> tuple[MachineReason, bool]:
        """(the reason, whether it is final): what the order of events cannot change is final."""
        if hit.machine is not None or hit.knock is None:
            return hit.machine or _HUMAN, True
        if hit.no == HIDDEN_LINK:
            return MachineReason.HIDDEN_LINK, True
        human = verdict_of_rules(self.rules, hit.knock.agent, hit.knock.ip)
        if human is not None:
            return _HUMAN if human else MachineReason.RULE, True
        reason = reason_of(hit.action, hit.knock)
        return reason, reason is not _HUMAN

    def _whose_past_counts(self) -> dict[int, _Known]:
        """The items whose log must be looked at: all but those that were just opened for the first time by a person."""
        asked: dict[int, list[int]] = defaultdict(list)
        for n, hit in enumerate(self.hits):
            if hit.item_id in self.items:
                asked[hit.item_id].append(n)
        return {item_id: self.items[item_id] for item_id, places in asked.items() if not self._is_new(item_id, places)}

    def _is_new(self, item_id: int, places: list[int]) -> bool:
        only = places[0]
        alone = len(places) == 1 and self.hits[only].no is None and self.verdicts[only][0] is _HUMAN
        return alone and self.items[item_id].flags[Action.OPENED] is None

    # One hit

    def take(self, hit: Hit) -> Answer:
        """What becomes of the next hit."""
        self.taken += 1
        item = self.items.get(hit.item_id) if hit.item_id is not None else None
        mail_id = self._mail_of(hit)
        if mail_id is None:
            return NotFound("delivery.no_item")
        destination = self.links.get((mail_id, hit.no)) if hit.no else None
        if destination is None and hit.no not in {None, HIDDEN_LINK}:
            return NotFound("delivery.no_link")
        mail, link_id = self.mails[mail_id], destination.link_id if destination else None
        if item is None or mail.tracking is not Tracking.INDIVIDUAL:
            if mail.tracking is not Tracking.NONE:
                self._count(mail_id, hit, link_id)
            return destination
        self._note_evidence(item, hit)
        machine = self._judge(item, hit, link_id)
        if hit.action is Action.CLICKED and machine is _HUMAN and item.flags[Action.OPENED] is None:
            self._log(item, Action.OPENED, hit.at, _HUMAN, EventSource.INFERRED)
        self._log(item, hit.action, hit.at, machine, hit.source, link_id, hit.knock)
        return destination

    def _count(self, mail_id: int, hit: Hit, link_id: int | None) -> None:
        """A hit of nobody in particular: no row, no flag, no first; a counter moves."""
        human = self.verdicts[self.taken][0] is _HUMAN
        mark = Mark(mail_id, hit.action, hit.at, "", human=human, first=False, link_id=link_id, logged=False)
        self.marks.append(mark)
        self.touched[mail_id] = hit.at

    def _note_evidence(self, item: _Known, hit: Hit) -> None:
        """Whoever has the token has the message (D12)."""
        if item.state is ItemState.UNCERTAIN:
            count_as_sent(self.session, [item.id], hit.at, hit.source)
            item.state, item.sent_at, item.uncertain = ItemState.SENT, hit.at, True

    def _judge(self, item: _Known, hit: Hit, link_id: int | None) -> MachineReason:
        reason, final = self.verdicts[self.taken]
        if hit.action is not Action.CLICKED or hit.machine is not None:
            return reason
        together = _together(item, hit.at, link_id)
        if reason in _LIVELY:
            item.clicks.append((hit.at, link_id))
        if together and reason in _LIVELY and not self._is_called_human():
            self.bursts[item.id] = min(self.bursts.get(item.id, hit.at), hit.at - together)
            return reason if final else MachineReason.ALL_LINKS_AT_ONCE
        return MachineReason.TOO_FAST if not final and _is_too_fast(item, hit.at) else reason

    def _is_called_human(self) -> bool:
        """Whether a rule says so: then the order of events changes nothing."""
        reason, final = self.verdicts[self.taken]
        return final and reason is _HUMAN

    def _log(
        self,
        item: _Known,
        action: Action,
        at: datetime,
        machine: MachineReason,
        source: EventSource,
        link_id: int | None = None,
        knock: Knock | None = None,
    ) -> None:
        human = machine is _HUMAN
        first = item.flags[action] is None if human else action not in item.seen and not item.may_have(item.sent_at)
        first_on_link = link_id is not None and (link_id, human) not in item.links
        if first_on_link and item.may_have(item.flags[Action.CLICKED] if human else item.sent_at):
            first_on_link = False
        logged = first or first_on_link or item.rows[action, link_id] < ROWS_PER_DAY
        if human and first:
            item.flags[action], item.dirty = at, True
        elif not human:
            item.seen.add(action)
        if link_id is not None:
            item.links.add((link_id, human))
        self.marks.append(
            Mark(item.mass_email_id, action, at, item.provider, human, first, link_id, first_on_link, logged=logged)
        )
        self.touched[item.mass_email_id] = at
        if logged:
            item.rows[action, link_id] += 1
            self.knocks.append(knock)
            self.records.append(
                {
                    "at": at,
                    "campaign_id": self.mails[item.mass_email_id].campaign_id,
                    "mass_email_id": item.mass_email_id,
                    "item_id": item.id,
                    "recipient_id": item.recipient_id,
                    "action": action,
                    "link_id": link_id,
                    "machine": machine,
                    "first": first,
                    "source": source,
                }
            )

    # All of them

    def write(self) -> None:
        """Put it into the books; then earlier clicks of who ran through the links are turned to a machine's."""
        session = self.session
        if self.records:
            visits = _insert_visits(session, self.knocks)
            rows = [{**record, "visit_id": visit} for record, visit in zip(self.records, visits, strict=True)]
            session.connection().execute(insert(_LOG), rows)
        if changed := [item for item in self.items.values() if item.dirty]:
            flags = [
                {"item": i.id, "opened": i.flags[Action.OPENED], "clicked": i.flags[Action.CLICKED]} for i in changed
            ]
            session.connection().execute(_FLAG, flags)
        bump(session, self.marks)
        if self.bursts:
            turn(
                session,
                _recent_clicks(session, self.bursts),
                MachineReason.ALL_LINKS_AT_ONCE,
                max(self.touched.values()),
            )
        for mass_email_id, at in sorted(self.touched.items()):
            touch(session, mass_email_id, at)


_FLAG: Final = (
    update(_ITEM)
    .where(_item.id == bindparam("item"))
    .values(opened_at=bindparam("opened"), clicked_at=bindparam("clicked"))
)


def _together(item: _Known, at: datetime, link_id: int | None) -> timedelta | None:
    """How far back reaches what was clicked together with this; None: this click stands alone."""
    for span, least in ((IN_A_ROW, 2), (AT_ONCE, 1)):
        others = {link for moment, link in item.clicks if at - moment <= span and link != link_id}
        if len(others) >= least:
            return span
    return None


def _is_too_fast(item: _Known, at: datetime) -> bool:
    if item.flags[Action.OPENED] is not None or item.uncertain:
        return False
    return item.state is ItemState.HELD or (item.sent_at is not None and at - item.sent_at < FAST)


# --- what is read ---


def _held_mails(hits: Iterable[Hit]) -> Any:
    """The mass emails, locked in the order of their ids: two hits of an item at once are a first and a second."""
    items = [hit.item_id for hit in hits if hit.item_id is not None]
    own = [hit.mass_email_id for hit in hits if hit.mass_email_id is not None]
    wanted = _mail.id.in_(select(_item.mass_email_id).where(_item.id.in_(items)))
    return (
        select(_mail.id, _mail.campaign_id, _mail.tracking, _mail.log_kept_from)
        .where(wanted | _mail.id.in_(own) if own else wanted)
        .order_by(_mail.id)
        .with_for_update()
    )


def _known_items(session: Session, hits: Iterable[Hit], mails: dict[int, Row[Any]]) -> dict[int, _Known]:
    address, domain = table(Address), table(Domain)
    names = ("id", "mass_email_id", "recipient_id", "state", "sent_at", "opened_at", "clicked_at")
    rows = session.execute(
        select(*(_item[name] for name in names), domain.c.provider)
        .join_from(_ITEM, address, address.c.id == _item.address_id)
        .join(domain, domain.c.id == address.c.domain_id)
        .where(_item.id.in_([hit.item_id for hit in hits if hit.item_id is not None]))
    )
    return {
        row.id: _Known(
            row.id,
            row.mass_email_id,
            row.recipient_id,
            row.provider,
            row.state,
            row.sent_at,
            {Action.OPENED: row.opened_at, Action.CLICKED: row.clicked_at},
            mails[row.mass_email_id].log_kept_from,
        )
        for row in rows
    }


def _add_history(session: Session, items: dict[int, _Known], now: datetime | None) -> None:
    """What the log says of the items: machines' firsts, clicked links, rows of today, clicks of a moment ago."""
    if not items or now is None:
        return
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    alike = [_log.item_id, _log.action, _log.link_id, _log.machine]
    mine = (_log.item_id.in_(items), _log.action.in_([Action.OPENED, Action.CLICKED]))
    rows = session.execute(
        select(*alike, func.count(case((_log.at >= day, 1))).label("today")).where(*mine).group_by(*alike)
    )
    for row in rows:
        item, human = items[row.item_id], row.machine is _HUMAN
        item.rows[row.action, row.link_id] += row.today
        if not human:
            item.seen.add(row.action)
        if row.link_id is not None:
            item.links.add((row.link_id, human))
    clicked = [item.id for item in items.values() if item.links or Action.CLICKED in item.seen]
    if clicked:
        recent = select(_log.item_id, _log.at, _log.link_id).where(
            _log.item_id.in_(clicked),
            _log.action == Action.CLICKED,
            _log.machine.in_(_LIVELY),
            _log.at >= now - IN_A_ROW,
        )
        for row in session.execute(recent):
            items[row.item_id].clicks.append((row.at, row.link_id))


def _recent_clicks(session: Session, bursts: dict[int, datetime]) -> list[int]:
    """The ids of the clicks that count as a person's and belong to who ran through the links."""
    rows = session.execute(
        select(_log.id, _log.item_id, _log.at).where(
            _log.item_id.in_(bursts), _log.action == Action.CLICKED, _log.machine == _HUMAN,
            _log.at >= min(bursts.values()),
        )
    )  # fmt: skip
    return [row.id for row in rows if row.at >= bursts[row.item_id]]


# --- visits ---


def _insert_visits(session: Session, knocks: Sequence[Knock | None]) -> list[int | None]:
    """The visit of each record, None for nobody's: one row for all that the same visitor did in this batch."""
    if not any(knocks):
        return [None] * len(knocks)
    how = outbound_emails.read(session).ip_addresses
    visitors = [(knock.agent[:AGENT_LENGTH], kept(knock.ip, how)) if knock else None for knock in knocks]
    new = list(dict.fromkeys(visitor for visitor in visitors if visitor))
    values = [{"agent": agent, "ip": ip} for agent, ip in new]
    ids = session.scalars(insert(_VISIT).returning(_VISIT.c.id, sort_by_parameter_order=True), values)
    numbers = dict(zip(new, ids, strict=True))
    return [numbers[visitor] if visitor else None for visitor in visitors]
