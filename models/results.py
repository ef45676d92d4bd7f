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
    """`scope`: whose figures they are. `opens_of` and `clicks_of`: how many of those sent are followed person by
    person; None: nobody is. `anonymous`: some opens and clicks are counted without telling people apart. `consents`:
    the message had an opt-out link."""

    scope: LogFilter
    figures: Figures
    machines: tuple[MachineEvents, ...]
    reasons: tuple[BounceReason, ...]
    opens_of: int | None
    clicks_of: int | None
    anonymous: bool
    consents: bool


def read_results(
    session: Session, scope: LogFilter, figures: Figures, mails: Sequence[MassEmailRow], *, informational: bool
) -> Results:
    """The results of a scope with its figures and mass emails: a few counters, whatever was sent.

    `informational`: neither tracked nor with an opt-out link (D6).
    """
    queued = [mail for mail in mails if mail.queued is not None]
    apart = [] if informational else [mail for mail in queued if mail.tracking is Tracking.INDIVIDUAL]
    none_yet = not queued and not informational
    opens = [mail.figures.sent for mail in apart if mail.track_opens or mail.track_links]
    clicks = [mail.figures.sent for mail in apart if mail.track_links]
    return Results(
        scope=scope,
        figures=figures,
        machines=tuple(machine_events(session, campaign_id=scope.campaign_id, mass_email_id=scope.mass_email_id)),
        reasons=tuple(bounce_reasons(session, campaign_id=scope.campaign_id, mass_email_id=scope.mass_email_id)),
        opens_of=sum(opens) if opens or none_yet else None,
        clicks_of=sum(clicks) if clicks or none_yet else None,
        anonymous=any(mail.tracking is Tracking.ANONYMOUS for mail in queued) and not informational,
        consents=not informational,
    )
