"""A mail that came, opened: its verdict, its words, its source; and a person's word about whose it is."""

from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.answers.words import evidence_said, matched_said, verdict_said, waits
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.catalogue import Problem
from models.errors import Invalid
from models.mail_assignment import ASSIGNABLE, assign, ignore
from models.mail_in import Standing
from models.mail_intake import Meaning
from models.mail_reading import Reading, get_reading
from models.recipient_filter import RecipientFilter
from models.recipient_page import recipient_page

OFFERED: Final = 8
LONGEST: Final = 120


class MailDialog(ui.FormState, rx.State):
    """`id_` 0: nothing is open. `waits`: somebody may say whose it is; `as_source`: the source is shown."""

    id_: int = 0
    subject: str = ""
    sender: str = ""
    at: str = ""
    verdict: str = ""
    evidence: str = ""
    standing: str = ""
    account: str = ""
    person: str = ""
    person_href: str = ""
    matched: str = ""
    words: str = ""
    source: str = ""
    cut: bool = False
    waits: bool = False
    as_source: bool = False
    found: list[ui.Option] = []

    @allowed(Right.LOOK)
    async def open_one(self, user: Viewer, mail_id: int):
        self._fill(user, await data.read(get_reading, int(mail_id)))
        self._open({"recipient": "", "meaning": ""})

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self._close()
        self.id_ = 0

    @allowed(Right.LOOK)
    async def show_source(self, user: Viewer, which: str):
        self.as_source = which == "source"

    @allowed(Right.EDIT)
    async def search(self, user: Viewer, text: str):
        chosen = RecipientFilter(text=str(text)[:LONGEST])
        rows, _ = await data.read(recipient_page, chosen, "name", 1, OFFERED)
        self.found = [ui.Option(str(row.id), row.name or row.address, row.address) for row in rows if row.address]

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        """The mail is of the chosen person, and means what was chosen."""
        try:
            recipient, meaning = _read(given)
            await data.run(assign, self.id_, recipient, meaning, data.now(), by=user.email, durable=True)
        except Invalid as error:
            return self._fail(user, error)
        return await self._done(say(user.language, "mail_in.assigned"))

    @allowed(Right.EDIT)
    async def put_aside(self, user: Viewer):
        await data.run(ignore, self.id_, data.now(), by=user.email)
        return await self._done(say(user.language, "mail_in.put_aside"))

    async def _done(self, told: str) -> Any:
        self._close()
        self.id_ = 0
        await ui.tell(self, told)
        return rx.redirect(self.router.url.path + (f"?{self.router.url.query}" if self.router.url.query else ""))

    def _fill(self, user: Viewer, reading: Reading) -> None:
        row, language = reading.row, user.language
        self.id_, self.subject, self.sender = (
            row.id,
            row.subject or say(language, "mail_in.no_subject"),
            row.from_address,
        )
        self.at = format.full_moment(language, user.time_zone, row.at)
        self.verdict, self.evidence = verdict_said(language, row), evidence_said(row)
        self.standing, self.account = row.standing, row.account
        self.person, self.matched = row.person, matched_said(language, row)
        whose = row.recipient_id
        self.person_href = routes.to(routes.RECIPIENT, recipient_id=whose) if whose else ""
        self.words, self.source, self.cut = reading.words, reading.source, reading.cut
        self.waits, self.as_source, self.found = waits(row), not reading.words, []


def _read(given: dict[str, Any]) -> tuple[int, Meaning]:
    typed = ui.Typed(given)
    people, meaning = typed.text("recipient"), typed.text("meaning")
    problems = {}
    if not people.isdecimal():
        problems["recipient"] = Problem("mail_in.one_person")
    if meaning not in set(ASSIGNABLE):
        problems["meaning"] = Problem("errors.required")
    if problems:
        raise Invalid(problems)
    return int(people), Meaning(meaning)


def mail_dialog() -> rx.Component:
    """The dialog; put it once on the page that opens it."""
    state = MailDialog
    return ui.dialog(
        ui.facts(
            (tr("mail_in.from"), state.sender),
            (tr("mail_in.account"), state.account),
            (tr("mail_in.came"), state.at),
        ),
        _verdict(),
        _assignment(),
        _text(),
        title=state.subject,
        is_open=state.form_open & (state.id_ > 0),
        on_close=state.close(),
        width=760,
        form=state.save,
        form_key=state.serial.to_string(),
        left=rx.cond(
            state.waits & Prefs.can_edit & (state.standing != Standing.IGNORED),
            ui.button(tr("mail_in.ignore"), icon_name="archive", on_click=state.put_aside()),
        ),
        acts=[
            ui.button(tr("ui.close"), on_click=state.close()),
            rx.cond(
                state.waits & Prefs.can_edit,
                ui.button(tr("mail_in.assign"), icon_name="user-check", look="pri", type="submit"),
            ),
        ],
    )


def _verdict() -> rx.Component:
    state = MailDialog
    person = ui.text_link(state.person, state.person_href)
    return rx.el.div(
        rx.el.div(ui.status(state.standing, Standing), rx.el.span(state.verdict), class_name="row wrap g3"),
        rx.cond(state.evidence != "", rx.el.div(state.evidence, class_name="mono small", style={"marginTop": "6px"})),
        rx.cond(
            state.person_href != "",
            rx.el.div(
                person,
                rx.el.span(state.matched, class_name="mute small"),
                class_name="row wrap g3",
                style={"marginTop": "6px"},
            ),
        ),
        class_name="whole",
    )


def _assignment() -> rx.Component:
    state = MailDialog
    meanings = [("", tr("ui.choose")), *((str(one), tr(f"mail_in.meaning.{one}")) for one in ASSIGNABLE)]
    fields = ui.fields(
        ui.lists_field(
            state,
            "recipient",
            tr("mail_in.whose"),
            state.found,
            whole=False,
            on_search=state.search,
            placeholder=tr("mail_in.name_or_address"),
        ),
        ui.select_field(state, "meaning", tr("mail_in.means"), meanings),
    )
    return rx.cond(state.waits & Prefs.can_edit, fields)


def _text() -> rx.Component:
    state = MailDialog
    ways = [("text", tr("mail_in.as_text")), ("source", tr("mail_in.as_source"))]
    shown = rx.cond(state.as_source, state.source, state.words)
    body = rx.el.pre(
        shown,
        class_name="mono small",
        tab_index=0,
        aria_label=tr("mail_in.text"),
        style={"whiteSpace": "pre-wrap", "overflowWrap": "anywhere", "maxHeight": "320px", "overflow": "auto"},
    )
    chosen = rx.cond(state.as_source, "source", "text")
    return rx.cond(
        state.source != "",
        rx.el.div(
            rx.el.div(
                ui.segments(chosen, ways, state.show_source, tr("mail_in.text")),
                rx.cond(state.cut, rx.el.span(tr("mail_in.cut"), class_name="mute small")),
                class_name="row wrap g3",
            ),
            body,
            class_name="col whole",
        ),
        rx.el.p(tr("mail_in.text_gone"), class_name="mute"),
    )
