"""The log filter: which people of a campaign or mass email, and which of their events (D21).

What is seen is what is listed: log_view shows its two views, events and people; log_list makes target lists of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

from models.log_table import Action, BounceKind, EventSource, MachineReason
from models.mass_email import LeftOutReason
from models.queue_table import ItemState
from models.recipient import Kind


class Who(StrEnum):
    """Whose events meet an included action."""

    PEOPLE = "people"
    EVERYBODY = "everybody"
    MACHINES = "machines"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """People of a campaign or of one mass email; of all of them without either.

    `included`: at least one of these happened to the person (none named: whatever happened, or nothing). `also`: each
    of these did, and `excluded`: none of these, anywhere in the scope, by a person's doing. Link or tracking URL,
    bounce kind, `reason` (as the log says it; UNKNOWN: none given), `sources` of the news, `who` or why it is taken for
    a `machine`'s, and dates (from `since` to before `until`) narrow which events meet the included actions.
    `states`: what became of their message, so also people to whom nothing happened yet. `version_id`: their message was
    made with this template version. `left_out`: people who do not get it, for these reasons; no event can be theirs.
    `provider`: their mailbox is at one of these. `text`: every word begins a word of the name, the company or the
    address.
    """

    campaign_id: int | None = None
    mass_email_id: int | None = None
    included: tuple[Action, ...] = ()
    also: tuple[Action, ...] = ()
    excluded: tuple[Action, ...] = ()
    states: tuple[ItemState, ...] = ()
    left_out: tuple[LeftOutReason, ...] = ()
    version_id: int | None = None
    link_id: int | None = None
    tracking_url_id: int | None = None
    kind: Kind | None = None
    bounce_kind: BounceKind | None = None
    reason: str = ""
    sources: tuple[EventSource, ...] = ()
    machine: MachineReason | None = None
    provider: tuple[str, ...] = ()
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
            if text := query.get(name, "").replace("\0", "").strip():
                try:
                    found[name] = read(text)
                except (ValueError, OverflowError):
                    continue  # an address typed or cut by hand: the page shows what remains of the filter
        return cls(**found)

    @property
    def narrowed(self) -> bool:
        """Whether an included action is met by certain events only, so that people's flags do not answer it."""
        dated = (self.link_id, self.tracking_url_id, self.bounce_kind, self.machine, self.since, self.until)
        named = bool(self.reason or self.sources)
        return self.who is not Who.PEOPLE or named or any(value is not None for value in dated)


_NOTHING: Final = LogFilter()


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _several(enum: type[StrEnum]) -> Callable[[str], tuple[StrEnum, ...]]:
    return lambda text: tuple(dict.fromkeys(enum(part.strip()) for part in text.split(",")))


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


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
    "also": _several(Action),
    "excluded": _several(Action),
    "states": _several(ItemState),
    "left_out": _several(LeftOutReason),
    "version_id": _id,
    "link_id": _id,
    "tracking_url_id": _id,
    "kind": Kind,
    "bounce_kind": BounceKind,
    "reason": str,
    "sources": _several(EventSource),
    "machine": MachineReason,
    "provider": _names,
    "since": _moment,
    "until": _moment,
    "who": Who,
    "text": str,
}


REJECTED_BY: Final = (EventSource.SMTP,)
RETURNED_BY: Final = tuple(source for source in EventSource if source not in REJECTED_BY)
"""Where a bounce was learnt of: in the SMTP dialogue, or later by whatever way."""


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


def by_machines(scope: LogFilter, action: Action, machine: MachineReason | None = None) -> LogFilter:
    """For whom machines opened or clicked, for one reason or any."""
    return replace(scope, included=(action,), who=Who.MACHINES, machine=machine)


def opened_by_clicking(scope: LogFilter) -> LogFilter:
    """Whose open is known by a click alone (D18)."""
    return replace(scope, included=(Action.OPENED,), sources=(EventSource.INFERRED,))


def not_yet_sent(scope: LogFilter) -> LogFilter:
    """Who still waits, or is being mailed at this moment."""
    return replace(scope, states=(ItemState.WAITING, ItemState.HELD))


def left_out_because(scope: LogFilter, *reasons: LeftOutReason) -> LogFilter:
    """Who does not get it, for these reasons; for any without one."""
    return replace(scope, left_out=reasons or tuple(LeftOutReason))
