"""What the dialog of "Create target list" shows of a log filter, in words: actions, waterfall, kinds, a name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dashboard import data, routes, ui
from dashboard.i18n import format, say
from models.campaign import get_campaign
from models.errors import NotFound
from models.log_filter import LogFilter
from models.log_list import ListPreview
from models.log_table import Action
from models.mass_email_page import get_mass_email_row
from models.recipient import Kind

INCLUDE, EXCLUDE, IGNORE = "include", "exclude", "ignore"
_ALWAYS: Final = (Action.CLICKED, Action.OPENED, Action.SENT, Action.OPTED_OUT, Action.BOUNCED, Action.COMPLAINED)
_KINDS: Final = (Kind.CONTACT, Kind.LEAD, Kind.ACCOUNT, Kind.USER)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen for an action: include, exclude or ignore."""

    action: str
    choice: str


def missing(actions: tuple[Action, ...], chosen: LogFilter) -> list[Action]:
    """Those of the actions about which nothing is chosen."""
    return [action for action in actions if action not in {*chosen.included, *chosen.excluded}]


def choices_of(chosen: LogFilter) -> list[Choice]:
    """A line per action; none for people who were left out, to whom nothing can have happened."""
    if chosen.left_out:
        return []
    rare = [action for action in Action if action in {*chosen.included, *chosen.excluded} and action not in _ALWAYS]
    return [Choice(action, _choice(action, chosen)) for action in (*_ALWAYS, *rare)]


def _choice(action: Action, chosen: LogFilter) -> str:
    return INCLUDE if action in chosen.included else EXCLUDE if action in chosen.excluded else IGNORE


def steps_of(language: str, chosen: LogFilter, found: ListPreview, *, existing: bool) -> list[ui.Step]:
    """The waterfall: who matches, whom each excluded action takes, who remains."""
    everybody, shares, rest = ui.shares(found.matching, [number for _, number in found.taken], found.people)
    less = [
        ui.Step(
            "less",
            say(language, f"status.{action}"),
            format.loss(language, number),
            share,
            action,
            _door(_taken_by(chosen, place), number),
        )
        for place, ((action, number), share) in enumerate(zip(found.taken, shares, strict=True))
    ]
    first = _door(replace(chosen, excluded=()), found.matching)
    last = say(language, "create_list.added" if existing else "create_list.in_new")
    return [
        ui.Step(
            "all", say(language, "create_list.match"), format.count(language, found.matching), everybody, href=first
        ),
        *less,
        ui.Step("rest", last, format.count(language, found.people), rest, href=_door(chosen, found.people)),
    ]


def _taken_by(chosen: LogFilter, place: int) -> LogFilter:
    """The people whom the excluded action at a place takes: those before it left them."""
    before, action = chosen.excluded[:place], chosen.excluded[place]
    return replace(chosen, excluded=before, also=(*chosen.also, action))


def _door(chosen: LogFilter, number: int) -> str:
    return routes.to(routes.LOG, show="people", **chosen.to_query()) if number else ""


def kinds_said(language: str, by_kind: Mapping[Kind, int]) -> str:
    """How many of each kind: 2,197 contacts · 610 leads."""
    return " · ".join(
        say(language, f"create_list.kind.{kind}", count=by_kind[kind]) for kind in _KINDS if by_kind[kind]
    )


async def suggested_name(language: str, chosen: LogFilter) -> str:
    """The mass email or campaign and what the people did: Rentrée 2026, clicked."""
    scope = await _scope(chosen)
    said = [*chosen.included, *chosen.states, *chosen.left_out]
    what = ", ".join(say(language, f"status.{one}").lower() for one in said)
    if scope and what:
        return say(language, "create_list.suggested", scope=scope, what=what)
    return scope or what.capitalize()


async def _scope(chosen: LogFilter) -> str:
    try:
        if chosen.mass_email_id is not None:
            return (await data.read(get_mass_email_row, chosen.mass_email_id)).name
        if chosen.campaign_id is not None:
            return (await data.read(get_campaign, chosen.campaign_id)).name
    except NotFound:  # deleted meanwhile: its log remains
        return ""
    return ""


def list_option(language: str, list_id: int, name: str, entries: int) -> ui.Option:
    """A target list as the field offers it."""
    return ui.Option(str(list_id), say(language, "create_list.entries", name=name, entries=entries))
