"""The results: what came of the messages of a campaign or of one mass email, and what each rate is of (D18, D20)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from models.log_filter import LogFilter
from models.mass_email_page import MassEmailRow
from models.statistics import BounceReason, Figures, MachineEvents, bounce_reasons, machine_events
from models.tracking import Tracking


@dataclass(frozen=True, slots=True)
class Results:
    """`scope`: whose figures they are. `opens_known`, `clicks_known`: somebody is followed person by person, or nothing
    was sent yet. `anonymous`: some opens and clicks are counted without telling people apart. `consents`: the message
    had an opt-out link."""

    scope: LogFilter
    figures: Figures
    machines: tuple[MachineEvents, ...]
    reasons: tuple[BounceReason, ...]
    opens_known: bool
    clicks_known: bool
    anonymous: bool
    consents: bool


def read_results(
    session: Session, scope: LogFilter, figures: Figures, mails: Sequence[MassEmailRow], *, informational: bool
) -> Results:
    """The results of a scope with its figures and mass emails: a few counters, whatever was sent.

    `informational`: neither tracked nor with an opt-out link (D6).
    """
    queued = [mail for mail in mails if mail.queued is not None]
    none_yet = not queued and not informational
    return Results(
        scope=scope,
        figures=figures,
        machines=tuple(machine_events(session, campaign_id=scope.campaign_id, mass_email_id=scope.mass_email_id)),
        reasons=tuple(bounce_reasons(session, campaign_id=scope.campaign_id, mass_email_id=scope.mass_email_id)),
        opens_known=none_yet or any(mail.track_opens or mail.track_links for mail in queued),
        clicks_known=none_yet or any(mail.track_links for mail in queued),
        anonymous=any(mail.tracking is Tracking.ANONYMOUS for mail in queued) and not informational,
        consents=not informational,
    )
