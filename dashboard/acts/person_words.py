"""What happened to a person, in words: the lines of the timeline, the ways of consent."""

from typing import Final

from dashboard import data, routes, ui
from dashboard.auth import Viewer
from dashboard.i18n import format, say
from models.address import Consent
from models.catalogue import WORDS
from models.log_table import Action
from models.mass_email import LeftOutReason
from models.queue_table import ItemState
from models.timeline import Happening, TimelineRow

STATES: Final = [
    *dict.fromkeys(
        [*map(str, Action), *map(str, ItemState), *map(str, LeftOutReason), Happening.LISTED.value, "created"]
    )
]
"""The icons that a timeline may show."""


def consent_source(language: str, source: str) -> str:
    """By which way consent was given or taken back; a way without words stands for itself."""
    key = f"people.way.{source}"
    return say(language, key) if key in WORDS else source


def event_of(row: TimelineRow, user: Viewer, recipient_id: int = 0) -> ui.Event:
    """A line of the timeline in the viewer's words, zone and language; it opens the mass email it is about, an answer
    of theirs the mails that they wrote."""
    language, zone = user.language, user.time_zone
    machine = f" · {say(language, 'people.by_machine')}" if row.machine else ""
    return ui.Event(
        state=_icon(row),
        title=_title(row, language),
        at=format.moment(language, zone, row.at, data.now()),
        full=format.full_moment(language, zone, row.at),
        detail=_detail(row, language) + machine,
        href=_href(row, recipient_id),
    )


def _href(row: TimelineRow, recipient_id: int) -> str:
    if recipient_id and row.happening is Happening.LOG and row.what == Action.REPLIED:
        return routes.to(routes.ANSWERS, person=recipient_id)
    return routes.to(routes.MASS_EMAIL, mass_email_id=row.mass_email_id) if row.mass_email_id else ""


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
        case Happening.CREATED:
            return say(language, "people.was_created")
        case _ if row.what == Action.CLICKED and row.detail:
            return say(language, "people.clicked", link=row.detail)
        case _:
            return say(language, f"status.{row.what}")


def _detail(row: TimelineRow, language: str) -> str:
    if row.happening is Happening.LISTED:
        return say(language, "people.by", way=say(language, f"people.source.{row.what}"))
    reason = row.detail if row.happening in {Happening.LOG, Happening.QUEUE} and row.what != Action.CLICKED else ""
    return " · ".join(part for part in (row.mass_email, reason) if part)
