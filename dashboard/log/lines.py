"""What the log shows of an event, of a person and of a filter, in the viewer's words."""

from dataclasses import dataclass
from datetime import datetime

from dashboard import routes, ui
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from dashboard.log.spec import PERIOD, period_said
from models.address import OTHER_PROVIDER
from models.catalogue import WORDS
from models.log_choices import LogChoices
from models.log_filter import LogFilter
from models.log_table import MachineReason
from models.log_view import EventRow, PersonRow


@dataclass(frozen=True, slots=True)
class Line:
    """An event, or a person. `about`: the link; or why it failed, came back, was a machine's, was left out."""

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
    )


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


def about(language: str, row: EventRow) -> str:
    """The link, the reason, the machine: what there is, one after the other."""
    reason = reason_said(language, row.detail)
    kind = say(language, f"status.{row.bounce_kind}") if row.bounce_kind else ""
    machine = "" if row.machine is MachineReason.HUMAN else say(language, f"log.machine.{row.machine}")
    return " · ".join(part for part in (row.link, reason, kind, machine) if part)


def reason_said(language: str, reason: str) -> str:
    """Why something failed or came back, in words where there are any; else as the server said it."""
    key = f"delivery.reason.{reason}"
    return say(language, key) if key in WORDS else reason


def provider_said(language: str, provider: str) -> str:
    """A mailbox provider's name; those without one of their own are "Others"."""
    return say(language, "log.provider.other") if provider == OTHER_PROVIDER else provider


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
    options["reason"] = [ui.Option(chosen.reason, reason_said(user.language, chosen.reason))] if chosen.reason else []
    options["provider"] = [ui.Option(name, provider_said(user.language, name)) for name in choices.providers]
    period = asked.get(PERIOD)
    options[PERIOD] = [ui.Option(period, period_said(chosen, user.language, user.time_zone))] if period else []
    return options
