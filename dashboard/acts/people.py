"""What lists of people share: the tabs of their kinds, and the words of states, languages and reasons."""

from collections.abc import Iterable
from typing import Any, Final

import reflex as rx

from dashboard import data, ui
from dashboard.i18n import format, say, tr
from models.recipient import Kind, MailState
from models.recipient_page import RecipientRow, languages_in_use
from models.target_list_page import list_choices

KINDS: Final = (Kind.ACCOUNT, Kind.CONTACT, Kind.LEAD, Kind.USER)
KIND_VIEWS: Final = (
    ui.View("", "people.all"),
    *(ui.View(kind.value, f"people.kinds.{kind}", {"kind": kind.value}) for kind in KINDS),
)
KIND_FILTER: Final = ui.Filter("kind", "people.kind", "choice", tuple(Kind), "status", chip="never")


def state_column(key: str, head: Any, **more: Any) -> ui.Column:
    """Whether somebody can be mailed: the row's `state`, and `why` where there is more to say."""

    def cell(row: Any) -> rx.Component:
        return rx.el.span(
            ui.status(row.state, MailState, words="people.state"),
            rx.cond(row.why != "", rx.el.span(row.why, class_name="mute small")),
            class_name="row g1",
        )

    return ui.Column(key, head, cell, **more)


def why(language: str, person: RecipientRow) -> str:
    """For which reasons an address is suppressed, in words; "" when it is not, or when something else comes first."""
    if person.state is not MailState.SUPPRESSED:
        return ""
    return ", ".join(say(language, f"people.reason.{reason}") for reason in person.suppressed)


def counted(language: str, number: int) -> str:
    """A number of people; with a plus when it was counted to there only."""
    return format.count(language, int(number)) + ("" if getattr(number, "exact", True) else "+")


async def language_options(language: str) -> list[ui.Option]:
    """The languages that recipients have, by their names in the viewer's language."""
    return named_languages(language, await data.read(languages_in_use))


def named_languages(language: str, codes: Iterable[str]) -> list[ui.Option]:
    """Codes as options, by name."""
    options = [ui.Option(code, format.language_name(language, code)) for code in codes]
    return sorted(options, key=lambda option: option.label.casefold())


async def list_options() -> list[ui.Option]:
    """Every target list by name."""
    return [ui.Option(str(list_id), name) for list_id, name, _ in await data.read(list_choices)]


def nothing(language: str, key: str) -> ui.Option:
    """The first entry of a choice that may stay open."""
    return ui.Option("", say(language, key))


def kind_choices() -> list[tuple[str, rx.Var[str]]]:
    """The kinds, to choose one."""
    return [(kind.value, tr(f"status.{kind}")) for kind in KINDS]
