"""The hit: an open or a click, as many at once as came together, each written with everything that follows (D18, D20).

One hit or two hundred take the same dozen statements: what the database knows of their items is read first, each hit is
judged in the order in which it came, and what follows is written at once. The nth hit of a batch sees what those before
it did, as if each had been committed alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from models.counter import Mark, bump, how_of, touch
from models.errors import EnvoiError, NotFound
from models.hit_rows import Known, Record, add_past, clicks_since, held_mails, known_items, write_flags, write_records
from models.log_table import Action, EventSource, MachineReason
from models.machine import Knock, reason_of, verdict_of_rules
from models.machine_rule import active_rules
from models.queue_table import ItemState
from models.reclassification import turn
from models.settlement import count_as_sent
from models.tracking import Tracking
from models.tracking_url import Destination, find_destinations

ROWS_PER_DAY: Final = 20
"""Log rows per item, action, link and day (UTC); of what comes after only firsts have one, all of it counts (D18)."""

HIDDEN_LINK: Final = 0
"""The number of the link that no person sees: whoever follows it reads the source of the mail."""

AT_ONCE: Final = timedelta(seconds=1)
IN_A_ROW: Final = timedelta(seconds=2)
"""Two different links of a mail within AT_ONCE, or three within IN_A_ROW, are no person's doing."""

FAST: Final = timedelta(seconds=5)
"""A click so soon after sending, and before any open, is a scanner's: no person has read a mail by then."""

_HUMAN: Final = MachineReason.HUMAN


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
    if not hits:
        return []
    batch = _Batch(session, hits)
    answers = [batch.take(hit, *verdict) for hit, verdict in zip(hits, batch.verdicts, strict=True)]
    batch.write()
    return answers


class _Batch:
    """The items of some hits, and what they add to the books."""

    def __init__(self, session: Session, hits: Sequence[Hit]) -> None:
        self.session, self.hits = session, hits
        ids = {hit.item_id for hit in hits if hit.item_id is not None}
        self.mails = held_mails(session, ids, {hit.mass_email_id for hit in hits if hit.mass_email_id is not None})
        self.items = known_items(session, ids, self.mails)
        self.links = find_destinations(session, self._links_asked())
        judged = any(hit.knock is not None and hit.machine is None for hit in hits)
        self.rules = active_rules(session) if judged else ()
        self.verdicts = [self._general_verdict(hit) for hit in hits]
        add_past(session, self._with_a_past(), max(hit.at for hit in hits), IN_A_ROW)
        self.marks: list[Mark] = []
        self.records: list[Record] = []
        self.bursts: dict[int, datetime] = {}
        self.touched: dict[int, datetime] = {}

    def _links_asked(self) -> set[tuple[int, int]]:
        places = ((self._mail_of(hit), hit.no) for hit in self.hits)
        return {(mail_id, no) for mail_id, no in places if mail_id is not None and no}

    def _mail_of(self, hit: Hit) -> int | None:
        """The mass email of a hit; None: it is of an item, or a mass email, that is none."""
        if hit.item_id is None:
            return hit.mass_email_id if hit.mass_email_id in self.mails else None
        item = self.items.get(hit.item_id)
        return item.mail.id if item else None

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

    def _with_a_past(self) -> dict[int, Known]:
        """The items whose log must be looked at: all but those that a person has just opened for the first time."""
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

    def take(self, hit: Hit, reason: MachineReason, final: bool) -> Answer:
        """What becomes of the next hit, with its general verdict."""
        mail_id = self._mail_of(hit)
        if mail_id is None:
            return NotFound("delivery.no_item")
        destination = self.links.get((mail_id, hit.no)) if hit.no else None
        if destination is None and hit.no not in {None, HIDDEN_LINK}:
            return NotFound("delivery.no_link")
        item = self.items[hit.item_id] if hit.item_id is not None else None
        tracking, link_id = self.mails[mail_id].tracking, destination.link_id if destination else None
        if item is not None and tracking is Tracking.INDIVIDUAL:
            self._take_of(item, hit, link_id, self._judged(item, hit, link_id, reason, final))
        elif tracking is not Tracking.NONE:
            self._count(mail_id, hit, link_id, reason)
        return destination

    def _take_of(self, item: Known, hit: Hit, link_id: int | None, machine: MachineReason) -> None:
        if item.state is ItemState.UNCERTAIN:  # whoever has the token has the message (D12)
            count_as_sent(self.session, [item.id], hit.at, hit.source)
            item.state, item.sent_at, item.uncertain = ItemState.SENT, hit.at, True
        if hit.action is Action.CLICKED and machine is _HUMAN and item.flags[Action.OPENED] is None:
            self._log(item, Action.OPENED, hit.at, _HUMAN, EventSource.INFERRED)
        self._log(item, hit.action, hit.at, machine, hit.source, link_id, hit.knock)

    def _count(self, mail_id: int, hit: Hit, link_id: int | None, reason: MachineReason) -> None:
        """A hit of nobody in particular: no row, no flag, no first; a counter moves."""
        human = reason is _HUMAN
        event = (mail_id, hit.action, hit.at, "", human, False, link_id)
        mark = Mark(*event, logged=False, how=how_of(reason, hit.source))
        self.marks.append(mark)
        self.touched[mail_id] = hit.at

    def _judged(self, item: Known, hit: Hit, link_id: int | None, reason: MachineReason, final: bool) -> MachineReason:
        """The verdict with what the order of events says. A rule that calls somebody human has the last word, and so
        has whoever knew already."""
        if (
            hit.action is not Action.CLICKED
            or hit.machine is not None
            or (final and reason is not MachineReason.HIDDEN_LINK)
        ):
            return reason
        together = _together(item, hit.at, link_id)
        item.clicks.append((hit.at, link_id))
        if together:
            self.bursts[item.id] = min(self.bursts.get(item.id, hit.at), hit.at - together)
            return reason if final else MachineReason.ALL_LINKS_AT_ONCE
        return MachineReason.TOO_FAST if not final and _is_too_fast(item, hit.at) else reason

    def _log(
        self,
        item: Known,
        action: Action,
        at: datetime,
        machine: MachineReason,
        source: EventSource,
        link_id: int | None = None,
        knock: Knock | None = None,
    ) -> None:
        human = machine is _HUMAN
        first = (
            item.flags[action] is None if human else not item.was_seen(action) and not item.may_have_lost(item.sent_at)
        )
        first_on_link = link_id is not None and (link_id, human) not in item.links
        if first_on_link and item.may_have_lost(item.flags[Action.CLICKED] if human else item.sent_at):
            first_on_link = False
        how = how_of(machine, source)
        first_of_machine = not human and (action, machine) not in item.seen and not item.may_have_lost(item.sent_at)
        logged = first or first_on_link or first_of_machine or item.rows[action, link_id] < ROWS_PER_DAY
        if human and first:
            item.flags[action], item.dirty = at, True
        elif not human:
            item.seen.add((action, machine))
        if link_id is not None:
            item.links.add((link_id, human))
        mail_id = item.mail.id
        self.touched[mail_id] = at
        event = (mail_id, action, at, item.provider, human, first, link_id, first_on_link)
        self.marks.append(Mark(*event, logged=logged, how=how, first_how=human or first_of_machine))
        if logged:
            item.rows[action, link_id] += 1
            self.records.append(Record(item, action, at, machine, first, source, link_id, knock))

    # All of them

    def write(self) -> None:
        """Put it into the books; then earlier clicks of who ran through the links are turned to a machine's."""
        session = self.session
        if self.records:
            write_records(session, self.records)
        write_flags(session, self.items.values())
        bump(session, self.marks)
        if self.bursts:
            now = max(self.touched.values())
            turn(session, clicks_since(session, self.bursts), MachineReason.ALL_LINKS_AT_ONCE, now)
        for mass_email_id, at in sorted(self.touched.items()):
            touch(session, mass_email_id, at)


def _together(item: Known, at: datetime, link_id: int | None) -> timedelta | None:
    """How far back reaches what was clicked together with this; None: this click stands alone."""
    for span, least in ((IN_A_ROW, 2), (AT_ONCE, 1)):
        others = {link for moment, link in item.clicks if at - moment <= span and link != link_id}
        if len(others) >= least:
            return span
    return None


def _is_too_fast(item: Known, at: datetime) -> bool:
    if item.flags[Action.OPENED] is not None or item.uncertain:
        return False
    return item.state is ItemState.HELD or (item.sent_at is not None and at - item.sent_at < FAST)
