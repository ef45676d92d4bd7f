"""What happened to a person, in words: the lines of the timeline, the ways of consent."""

from typing import Final

from dashboard import data, routes, ui
from dashboard.acts.event_words import reason_said, way_said
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from models.address import Consent
from models.audit import COMMAND
from models.catalogue import WORDS
from models.log_table import Action, EventSource
from models.mass_email import LeftOutReason
from models.queue_table import ItemState
from models.timeline import Happening, TimelineRow

STATES: Final = [
    *dict.fromkeys(
        [
            *map(str, Action),
            *map(str, ItemState),
            *map(str, LeftOutReason),
            *(Happening.SUPPRESSED.value, Happening.RELEASED.value, Happening.LISTED.value, "created"),
        ]
    )
]
"""The icons that a timeline may show."""


def consent_source(language: str, source: str) -> str:
    """By which way consent was given or taken back; a way without words stands for itself."""
    key = f"people.way.{source}"
    return say(language, key) if key in WORDS else source


def event_of(row: TimelineRow, user: Viewer, recipient_id: int) -> ui.Event:
    """A line of a person's timeline in the viewer's words, zone and language: it opens the mass email it is about, and
    leads to the mail that brought it."""
    language, zone = user.language, user.time_zone
    machine = f" · {say(language, f'log.machine.{row.machine}')}" if row.machine else ""
    return ui.Event(
        state=_icon(row),
        title=_title(row, language),
        at=format.moment(language, zone, row.at, data.now()),
        full=format.full_moment(language, zone, row.at),
        detail=_detail(row, language) + machine,
        href=routes.to(routes.MASS_EMAIL, mass_email_id=row.mass_email_id) if row.mass_email_id else "",
        words=row.evidence,
        act=say(language, "log.read_mail") if row.mail_id else "",
        act_to=routes.to(routes.ANSWERS, standing=row.what, person=recipient_id) if row.mail_id else "",
    )


def _icon(row: TimelineRow) -> str:
    match row.happening:
        case Happening.CONSENT:
            return Action.OPTED_OUT if row.what == Consent.OUT else Action.OPTED_IN
        case Happening.LISTED:
            return Happening.LISTED
        case _:
            return row.what


def _title(row: TimelineRow, language: str) -> str:
    match row.happening:
        case Happening.CONSENT:
            what = row.detail or say(language, "people.everything")
            return say(language, f"people.consent.{row.what}", what=what)
        case Happening.LEFT_OUT:
            return say(language, "people.left_out", reason=say(language, f"status.{row.what}"))
        case Happening.LISTED:
            return say(language, "people.listed", name=row.detail)
        case Happening.SUPPRESSED | Happening.RELEASED:
            return say(language, f"people.{row.what}", reason=say(language, f"people.reason.{row.detail}"))
        case Happening.CREATED:
            return say(language, "people.was_created")
        case _:
            clicked = row.what == Action.CLICKED and row.detail
            return say(language, "people.clicked", link=row.detail) if clicked else say(language, f"status.{row.what}")


def _detail(row: TimelineRow, language: str) -> str:
    if row.happening is Happening.LISTED:
        return say(language, "people.by", way=say(language, f"people.source.{row.what}"))
    return " · ".join(part for part in (row.mass_email, *_told(row, language)) if part)


def _told(row: TimelineRow, language: str) -> list[str]:
    """Hard or soft, why, by which way or by whom: what there is."""
    match row.happening:
        case Happening.LOG:
            kind = say(language, f"status.{row.bounce_kind}") if row.bounce_kind else ""
            reason = reason_said(language, row.detail) if row.what != Action.CLICKED else ""
            return [kind, reason, way_said(language, Action(row.what), EventSource(row.source))]
        case Happening.QUEUE:
            return [reason_said(language, row.detail)]
        case Happening.CONSENT:
            return [consent_source(language, row.source)]
        case Happening.RELEASED:
            return [row.source]
        case _:
            return []


def by_whom(language: str, by: str) -> str:
    """Who did it, as the trail has it: a user's address as it is, the command in the viewer's language."""
    return say(language, "people.by_command") if by == COMMAND else by
