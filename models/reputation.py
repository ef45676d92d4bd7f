"""The reputation: the rates that mailbox providers judge a sender by, and where the last mass emails pass them.

Gmail and Yahoo ask for complaints below 0.10 % and never at 0.30 % or more (their guidelines for senders, since 2024);
above 5 % of returned mail they begin to block.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from models.log_table import Action
from models.statistics import Figures

COMPLAINTS: Final = 0.001
TOO_MANY_COMPLAINTS: Final = 0.003
BOUNCES: Final = 0.05
FEWEST_COMPLAINTS: Final = 2
"""One complaint alone says nothing of a rate."""
FEWEST_MESSAGES: Final = 50
"""Messages below which a share of bounces says nothing."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A mass email that more people complained about, or that came back more often, than providers bear. `rate` of what
    was sent, of bounces of sent + refused; `bad`: it costs the sender dear."""

    mass_email_id: int
    action: Action
    people: int
    rate: float
    bad: bool


def alarms_of(figures: Mapping[int, Figures]) -> list[Alarm]:
    """The alarms of mass emails by their figures, the bad ones first, then the highest above its limit."""
    found = [alarm for mass_email_id, one in figures.items() for alarm in _alarms(mass_email_id, one)]
    return sorted(found, key=lambda alarm: (not alarm.bad, -alarm.rate / _LIMITS[alarm.action], alarm.mass_email_id))


_LIMITS: Final = {Action.COMPLAINED: COMPLAINTS, Action.BOUNCED: BOUNCES}


def _alarms(mass_email_id: int, figures: Figures) -> Iterable[Alarm]:
    complaints, bounces = figures.rate("complained") or 0.0, figures.rate("bounced") or 0.0
    if figures.complained >= FEWEST_COMPLAINTS and complaints > COMPLAINTS:
        bad = complaints >= TOO_MANY_COMPLAINTS
        yield Alarm(mass_email_id, Action.COMPLAINED, figures.complained, complaints, bad)
    if figures.sent + figures.rejected >= FEWEST_MESSAGES and bounces > BOUNCES:
        yield Alarm(mass_email_id, Action.BOUNCED, figures.bounced, bounces, False)
