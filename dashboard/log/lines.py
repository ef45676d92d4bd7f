"""What the log shows of an event, of a person and of a filter, in the viewer's words."""

from dataclasses import dataclass
from datetime import datetime

from dashboard import routes, ui
from dashboard.acts.event_words import about, provider_said, reason_said
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from dashboard.log.spec import PERIOD, period_said
from models.log_choices import LogChoices
from models.log_filter import LogFilter
from models.log_table import Action, EventSource, MachineReason
from models.log_view import EventRow, PersonRow

HUMAN, MACHINE = "human", "machine"
"""The two sides that an open or click may count on."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event, or a person. `about`: the link; or why it failed, came back, was a machine's, was left out; `machine`:
    the sentence that it is one's; `evidence`: the words that prove it; `read`: where the mail that brought it is read;
    `turns`: HUMAN or MACHINE, as which it could count but does not."""

    id: int
    name: str
    href: str
    address: str
    kind: str
    when: str = ""
    full: str = ""
    action: str = ""
    about: str = ""
    mass_email: str = ""
    mass_email_href: str = ""
    provider: str = ""
    machine: str = ""
    evidence: str = ""
    read: str = ""
    turns: str = ""


def event_line(user: Viewer, row: EventRow, now: datetime) -> Line:
    """An event in the viewer's language and zone."""
    return Line(
        id=row.id,
        name=row.name or row.address,
        href=routes.to(routes.RECIPIENT, recipient_id=row.recipient_id),
        address=row.address,
        kind=row.kind,
        when=format.moment(user.language, user.time_zone, row.at, now),
        full=format.full_moment(user.language, user.time_zone, row.at),
        action=row.action,
        about=about(user.language, row),
        mass_email=row.mass_email,
        mass_email_href=routes.to(routes.MASS_EMAIL, mass_email_id=row.mass_email_id),
        provider=provider_said(user.language, row.provider),
        machine="" if row.machine is MachineReason.HUMAN else say(user.language, f"log.machine.{row.machine}"),
        evidence=row.evidence,
        read=_read(row),
        turns=_turns(row),
    )


def _read(row: EventRow) -> str:
    """What Came Back, with the mails of this person that were counted as this."""
    if row.mail_id is None:
        return ""
    return routes.to(routes.ANSWERS, standing=row.action, person=row.recipient_id)


def _turns(row: EventRow) -> str:
    if row.action not in {Action.OPENED, Action.CLICKED} or row.source is EventSource.INFERRED:
        return ""
    return MACHINE if row.machine is MachineReason.HUMAN else HUMAN


def person_line(language: str, row: PersonRow) -> Line:
    """A person, with the reason of those who were left out."""
    return Line(
        id=row.recipient_id,
        name=row.name or row.address,
        href=routes.to(routes.RECIPIENT, recipient_id=row.recipient_id),
        address=row.address,
        kind=row.kind,
        about=say(language, f"status.{row.left_out}") if row.left_out else "",
    )


def offered(user: Viewer, asked: ui.Asked, chosen: LogFilter, choices: LogChoices) -> dict[str, list[ui.Option]]:
    """The options of each filter that has some."""
    named = {
        "campaign_id": choices.campaigns,
        "mass_email_id": choices.mass_emails,
        "link_id": choices.links,
        "tracking_url_id": choices.tracking_urls,
    }
    options = {key: [ui.Option(str(id_), name) for id_, name in pairs] for key, pairs in named.items()}
    options["version_id"] = [
        ui.Option(str(id_), say(user.language, "log.version_no", no=no)) for id_, no in choices.versions
    ]
    options["reason"] = [ui.Option(word, reason_said(user.language, word)) for word in choices.reasons]
    options["provider"] = [ui.Option(name, provider_said(user.language, name)) for name in choices.providers]
    period = asked.get(PERIOD)
    options[PERIOD] = [ui.Option(period, period_said(chosen, user.language, user.time_zone))] if period else []
    return options
