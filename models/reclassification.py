"""Reclassification: an open or click that counted as a person's becomes a machine's, or the other way round (D18).

The log row stays where it is; flags, firsts and counters follow in the same transaction, so that `envoi check` finds
nothing. Which row is the first of its item is worked out anew: by when it happened.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, insert, select, update
from sqlmodel import Session

from models.address import Address, Domain
from models.column_types import table
from models.counter import Mark, bump, how_of, touch
from models.log_table import Action, EventSource, LogRecord, MachineReason
from models.mailing import hold
from models.mass_email import MassEmail
from models.queue_table import QueueItem

_ITEM, _LOG, _MAIL = table(QueueItem), table(LogRecord), table(MassEmail)
_item, _log = _ITEM.c, _LOG.c
_HUMAN: Final = MachineReason.HUMAN
_BOTH: Final = (Action.OPENED, Action.CLICKED)


def turn(session: Session, record_ids: Sequence[int], machine: MachineReason, now: datetime) -> int:
    """How many opens and clicks turned from a person's to a machine's for this reason, or to a person's (HUMAN); at
    most some hundred records at a time (D23). Other records, and unknown ones, are passed over. With the last click of
    a person goes the open that was inferred from it; with the first, one comes."""
    asked = select(_log.item_id, _log.mass_email_id).where(_log.id.in_(record_ids), _log.action.in_(_BOTH))
    found = session.execute(asked.distinct()).all()
    if not found:
        return 0
    mass_emails = sorted({row.mass_email_id for row in found})
    for mass_email_id in mass_emails:
        hold(session, mass_email_id)
    past = _pasts(session, sorted({row.item_id for row in found}))
    changed = sum(one.turn(frozenset(record_ids), machine) for one in past)
    if changed:
        _write(session, past)
        for mass_email_id in mass_emails:
            touch(session, mass_email_id, now)
    return changed


@dataclass(frozen=True, slots=True)
class _Event:
    """One row of the log. `id` None: not written yet."""

    id: int | None
    action: Action
    at: datetime
    link_id: int | None
    machine: MachineReason
    first: bool
    source: EventSource

    @property
    def human(self) -> bool:
        return self.machine is _HUMAN


@dataclass(slots=True)
class _Past:
    """The opens and clicks of one item, as they were and as they become. `flags`: its first human events, which
    retention may have outlived (`kept_from`: before that moment rows may be missing)."""

    item_id: int
    mass_email_id: int
    campaign_id: int
    recipient_id: int
    provider: str
    sent_at: datetime | None
    kept_from: datetime | None
    flags: dict[Action, datetime | None]
    before: list[_Event] = field(default_factory=list)
    after: list[_Event] = field(default_factory=list)

    def turn(self, record_ids: frozenset[int], machine: MachineReason) -> int:
        """Change what is asked; gives how many rows changed sides."""
        self.after = [
            replace(one, machine=machine) if one.id in record_ids and one.human != (machine is _HUMAN) else one
            for one in self.before
        ]
        changed = sum(new is not old for new, old in zip(self.after, self.before, strict=True))
        self._flag(Action.CLICKED)
        self._infer(machine)
        self._flag(Action.OPENED)
        self.after = self._with_firsts()
        return changed

    def _flag(self, action: Action) -> None:
        """The first human event of the rows there are; where retention took it, what is known of it stays."""
        if not self._is_lost(action, human=True):
            self.flags[action] = min((one.at for one in self.after if one.human and one.action is action), default=None)

    def _is_lost(self, action: Action, *, human: bool) -> bool:
        """Whether the first event of this kind is one whose row retention has taken."""
        if any(one.first and one.human == human and one.action is action for one in self.before):
            return False
        moment = self.flags[action] if human else self.sent_at
        return self.kept_from is not None and moment is not None and moment < self.kept_from

    def _infer(self, machine: MachineReason) -> None:
        """A person who clicked has opened; who has not clicked, of them nothing was inferred."""
        clicked = self.flags[Action.CLICKED]
        inferred = [n for n, one in enumerate(self.after) if one.source is EventSource.INFERRED]
        if clicked is None:
            for n in inferred:
                if self.after[n].human:
                    self.after[n] = replace(self.after[n], machine=machine)
        elif not self._is_opened():
            if inferred:
                self.after[inferred[0]] = replace(self.after[inferred[0]], machine=_HUMAN)
            else:
                self.after.append(_Event(None, Action.OPENED, clicked, None, _HUMAN, True, EventSource.INFERRED))

    def _is_opened(self) -> bool:
        opened = any(one.human and one.action is Action.OPENED for one in self.after)
        return opened or (self.flags[Action.OPENED] is not None and self._is_lost(Action.OPENED, human=True))

    def _with_firsts(self) -> list[_Event]:
        firsts: set[int] = set()
        for action in _BOTH:
            for human in (True, False):
                alike = [n for n, one in enumerate(self.after) if one.action is action and one.human == human]
                if alike and not self._is_lost(action, human=human):
                    firsts.add(min(alike, key=lambda n: (self.after[n].at, self.after[n].id or 0)))
        return [replace(one, first=n in firsts) for n, one in enumerate(self.after)]

    def marks(self, events: Iterable[_Event]) -> Iterable[Mark]:
        """What these rows count."""
        clicked: set[tuple[int, bool]] = set()
        known: set[tuple[Action, str]] = set()
        for one in events:
            new = one.link_id is not None and (one.link_id, one.human) not in clicked
            if one.link_id is not None:
                clicked.add((one.link_id, one.human))
            how = how_of(one.machine, one.source)
            event = (self.mass_email_id, one.action, one.at, self.provider, one.human, one.first, one.link_id, new)
            yield Mark(*event, how=how, first_how=(one.action, how) not in known)
            known.add((one.action, how))


def _pasts(session: Session, item_ids: Sequence[int]) -> list[_Past]:
    past = {row.id: _past(row) for row in session.execute(_items(item_ids))}
    names = ("id", "item_id", "action", "at", "link_id", "machine", "first", "source")
    rows = session.execute(
        select(*(_log[name] for name in names))
        .where(_log.item_id.in_(item_ids), _log.action.in_(_BOTH))
        .order_by(_log.item_id, _log.at, _log.id)
    )
    for row in rows:
        event = _Event(row.id, row.action, row.at, row.link_id, row.machine, row.first, row.source)
        past[row.item_id].before.append(event)
    return list(past.values())


def _items(item_ids: Sequence[int]) -> Select[Any]:
    address, domain = table(Address), table(Domain)
    names = ("id", "mass_email_id", "recipient_id", "sent_at", "opened_at", "clicked_at")
    return (
        select(*(_item[name] for name in names), _MAIL.c.campaign_id, _MAIL.c.log_kept_from, domain.c.provider)
        .join_from(_ITEM, _MAIL, _MAIL.c.id == _item.mass_email_id)
        .join(address, address.c.id == _item.address_id)
        .join(domain, domain.c.id == address.c.domain_id)
        .where(_item.id.in_(item_ids))
        .order_by(_item.id)
    )


def _past(row: Any) -> _Past:
    flags = {Action.OPENED: row.opened_at, Action.CLICKED: row.clicked_at}
    who = (row.id, row.mass_email_id, row.campaign_id, row.recipient_id, row.provider)
    return _Past(*who, row.sent_at, row.log_kept_from, flags)


def _write(session: Session, pasts: Sequence[_Past]) -> None:
    rows, new, flags = [], [], []
    added: dict[str, list[Mark]] = defaultdict(list)
    for past in pasts:
        old = {one.id: one for one in past.before}
        rows += [
            {"record": one.id, "is": one.machine, "is_first": one.first}
            for one in past.after
            if one.id is not None and one != old[one.id]
        ]
        new += [_inferred(past, one) for one in past.after if one.id is None]
        opened, clicked = (past.flags[action] for action in _BOTH)
        flags.append({"item": past.item_id, "opened": opened, "clicked": clicked})
        added["now"] += past.marks(past.after)
        added["then"] += past.marks(past.before)
    connection = session.connection()
    if rows:
        connection.execute(_TURN, rows)
    if new:
        connection.execute(insert(_LOG), new)
    connection.execute(_FLAG, flags)
    bump(session, added["now"], taken_back=added["then"])


def _inferred(past: _Past, event: _Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "campaign_id": past.campaign_id,
        "mass_email_id": past.mass_email_id,
        "item_id": past.item_id,
        "recipient_id": past.recipient_id,
        "action": event.action,
        "machine": event.machine,
        "first": event.first,
        "source": event.source,
    }


_TURN: Final = (
    update(_LOG).where(_log.id == bindparam("record")).values(machine=bindparam("is"), first=bindparam("is_first"))
)
_FLAG: Final = (
    update(_ITEM)
    .where(_item.id == bindparam("item"))
    .values(opened_at=bindparam("opened"), clicked_at=bindparam("clicked"))
)
