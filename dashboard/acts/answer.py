"""What came back, by mail or webhook: opened, and said by a person whose it is and what it means; its cells in lists.

AnswerDialog          the state: a page's own adds what it reads, `save` and `put_aside`
answer_dialog(…)      its dialog: put it once on the page that opens it
verdict_cell, mass_email_cell, answer_menu      of a list's rows
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.catalogue import Problem
from models.errors import Invalid
from models.mail_in import TO_DECIDE, MatchedBy, Standing
from models.mail_intake import Meaning
from models.recipient_filter import RecipientFilter
from models.recipient_page import recipient_page

OFFERED: Final = 8
LONGEST: Final = 120
_WAIT: Final = frozenset({*TO_DECIDE, Standing.OTHER, Standing.IGNORED})
_APART: Final = {"marginTop": "6px"}


class Answer(Protocol):
    """A row of models: a mail that came, or an event of a provider."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def standing(self) -> Standing: ...
    @property
    def matched_by(self) -> MatchedBy | None: ...
    @property
    def recipient_id(self) -> int | None: ...
    @property
    def person(self) -> str: ...


class AnswerDialog(ui.FormState, rx.State, mixin=True):
    """`id_` 0: nothing is open. `waits`: somebody may say whose it is. `person` "": nobody is known."""

    id_: int = 0
    at: str = ""
    verdict: str = ""
    evidence: str = ""
    standing: str = ""
    person: str = ""
    person_href: str = ""
    matched: str = ""
    waits: bool = False
    found: list[ui.Option] = []

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self._leave()

    @allowed(Right.EDIT)
    async def search(self, user: Viewer, text: str):
        chosen = RecipientFilter(text=str(text)[:LONGEST])
        rows, _ = await data.read(recipient_page, chosen, "name", 1, OFFERED)
        self.found = [ui.Option(str(row.id), row.name or row.address, row.address) for row in rows if row.address]

    def _show(self, user: Viewer, row: Answer, verdict: str, evidence: str) -> None:
        language, whose = user.language, row.recipient_id
        self.id_, self.at = row.id, format.full_moment(language, user.time_zone, row.at)
        self.verdict, self.evidence, self.standing = verdict, evidence, row.standing
        self.person, self.person_href = row.person, routes.to(routes.RECIPIENT, recipient_id=whose) if whose else ""
        self.matched = say(language, f"mail_in.matched.{row.matched_by}") if row.matched_by else ""
        self.waits, self.found = row.standing in _WAIT, []
        self._open({"recipient": "", "meaning": ""})

    async def _done(self, told: str) -> Any:
        self._leave()
        await ui.tell(self, told)
        return rx.redirect(self.router.url.path + (f"?{self.router.url.query}" if self.router.url.query else ""))

    def _leave(self) -> None:
        self._close()
        self.id_ = 0


def read_assignment(given: dict[str, Any], meanings: Sequence[Meaning]) -> tuple[int, Meaning]:
    """The one person chosen, and which of the meanings. Raises Invalid beside "recipient" and "meaning"."""
    typed = ui.Typed(given)
    people, meaning = typed.ids("recipient"), typed.text("meaning")
    problems = {}
    if len(people) != 1:
        problems["recipient"] = Problem("mail_in.one_person")
    if meaning not in set(meanings):
        problems["meaning"] = Problem("errors.required")
    if problems:
        raise Invalid(problems)
    return people[0], Meaning(meaning)


def answer_dialog(
    state: Any,
    body: rx.Component,
    *,
    title: rx.Var[str],
    facts: Sequence[tuple[Any, Any]],
    meanings: Sequence[Meaning],
) -> rx.Component:
    """The dialog of an AnswerDialog: its facts, the verdict, whose it is, and what was sent."""
    may = state.waits & Prefs.can_edit
    return ui.dialog(
        ui.facts(*facts),
        _verdict(state),
        rx.cond(may, _assignment(state, meanings)),
        body,
        title=title,
        is_open=state.form_open & (state.id_ > 0),
        on_close=state.close(),
        width=760,
        form=state.save,
        form_key=state.serial.to_string(),
        left=rx.cond(
            may & (state.standing != Standing.IGNORED),
            ui.button(tr("mail_in.ignore"), icon_name="archive", on_click=state.put_aside()),
        ),
        acts=[
            ui.button(tr("ui.close"), on_click=state.close()),
            rx.cond(may, ui.button(tr("mail_in.assign"), icon_name="user-check", look="pri", type="submit")),
        ],
    )


def _verdict(state: Any) -> rx.Component:
    person = rx.el.div(
        ui.text_link(state.person, state.person_href),
        rx.el.span(state.matched, class_name="mute small"),
        class_name="row wrap g3",
        style=_APART,
    )
    return rx.el.div(
        rx.el.div(ui.status(state.standing, Standing), rx.el.span(state.verdict), class_name="row wrap g3"),
        rx.cond(state.evidence != "", rx.el.div(state.evidence, class_name="mono small anywhere", style=_APART)),
        rx.cond(state.person_href != "", person),
        class_name="whole",
    )


def _assignment(state: Any, meanings: Sequence[Meaning]) -> rx.Component:
    choices = [("", tr("ui.choose")), *((str(one), tr(f"mail_in.meaning.{one}")) for one in meanings)]
    people = ui.lists_field(
        state,
        "recipient",
        tr("mail_in.whose"),
        state.found,
        whole=False,
        on_search=state.search,
        placeholder=tr("mail_in.name_or_address"),
    )
    return ui.fields(people, ui.select_field(state, "meaning", tr("mail_in.means"), choices))


def as_sent(text: rx.Var[str], label: rx.Var[str]) -> rx.Component:
    """What was sent, as it was: every space and line of it."""
    return rx.el.pre(
        text,
        class_name="mono small",
        tab_index=0,
        aria_label=label,
        style={"whiteSpace": "pre-wrap", "overflowWrap": "anywhere", "maxHeight": "320px", "overflow": "auto"},
    )


def verdict_cell(row: Any) -> rx.Component:
    """The verdict, with the words that decided below it."""
    evidence = rx.cond(row.evidence != "", rx.el.span(row.evidence, class_name="sub mono", title=row.evidence))
    return rx.fragment(rx.el.span(row.verdict, title=row.verdict), evidence)


def mass_email_cell(row: Any) -> rx.Component:
    """The mass email it answers; nothing where that is not known."""
    there = ui.link(row.mass_email, to=row.mass_email_href, class_name="mute", title=row.mass_email)
    return rx.cond(row.mass_email_href != "", there)


def answer_menu(opens: Callable[[Any], Any], read: str) -> Callable[[Any], list[ui.Item | None]]:
    """The menu of a row: reading it, which is called `read`, and saying whose it is. `opens(id)` is the event."""

    def menu(row: Any) -> list[ui.Item | None]:
        waits = (row.standing == Standing.UNMATCHED) | (row.standing == Standing.NOT_UNDERSTOOD)
        return [
            ui.Item(tr(read), "mail-open", on_click=opens(row.id)),
            ui.Item(tr("mail_in.assign"), "user-check", on_click=opens(row.id), when=Prefs.can_edit & waits),
        ]

    return menu
