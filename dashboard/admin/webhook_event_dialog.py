"""An event of a provider, opened: its verdict, what was sent; and a person's word about whose it is."""

from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.event_words import reason_said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.answer import log_reason
from models.catalogue import Problem
from models.errors import Invalid
from models.mail_in import TO_DECIDE, Standing
from models.mail_intake import Meaning
from models.recipient_filter import RecipientFilter
from models.recipient_page import recipient_page
from models.webhook_event import ASSIGNABLE_MEANINGS, EventRow, assign, get_event, ignore

OFFERED: Final = 8
LONGEST: Final = 120
_WAIT: Final = frozenset({*TO_DECIDE, Standing.IGNORED})


def verdict_said(language: str, row: EventRow) -> str:
    """ "Hard bounce · No such mailbox (5.1.1)"; the provider's word for an event that no rule knows."""
    kind = say(language, f"webhook.kind.{row.kind}")
    reason = reason_said(language, log_reason(row.reason)) if row.reason else ""
    said = f"{kind} · {reason}" if reason else kind
    return f"{said} ({row.status})" if row.status else said


class EventDialog(ui.FormState, rx.State):
    """`id_` 0: nothing is open. `waits`: somebody may say whose it is. `raw` "": its time is over."""

    id_: int = 0
    address: str = ""
    webhook: str = ""
    word: str = ""
    at: str = ""
    verdict: str = ""
    evidence: str = ""
    standing: str = ""
    person: str = ""
    person_href: str = ""
    matched: str = ""
    raw: str = ""
    waits: bool = False
    found: list[ui.Option] = []

    @allowed(Right.LOOK)
    async def open_one(self, user: Viewer, event_id: int):
        row, raw = await data.read(get_event, int(event_id))
        self._fill(user, row, raw)
        self._open({"recipient": "", "meaning": ""})

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self._leave()

    @allowed(Right.EDIT)
    async def search(self, user: Viewer, text: str):
        chosen = RecipientFilter(text=str(text)[:LONGEST])
        rows, _ = await data.read(recipient_page, chosen, "name", 1, OFFERED)
        self.found = [ui.Option(str(row.id), row.name or row.address, row.address) for row in rows if row.address]

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        """The event is of the chosen person, and means what was chosen."""
        try:
            recipient, meaning = _read(given)
            await data.run(assign, self.id_, recipient, meaning, data.now(), by=user.email, durable=True)
        except Invalid as error:
            return self._fail(user, error)
        return await self._done(say(user.language, "webhook.assigned"))

    @allowed(Right.EDIT)
    async def put_aside(self, user: Viewer):
        await data.run(ignore, self.id_, data.now(), by=user.email)
        return await self._done(say(user.language, "webhook.put_aside"))

    async def _done(self, told: str) -> Any:
        self._leave()
        await ui.tell(self, told)
        return rx.redirect(self.router.url.path + (f"?{self.router.url.query}" if self.router.url.query else ""))

    def _leave(self) -> None:
        self._close()
        self.id_, self.raw = 0, ""

    def _fill(self, user: Viewer, row: EventRow, raw: str) -> None:
        language = user.language
        self.id_, self.address = row.id, row.address or say(language, "webhook.no_address")
        self.webhook, self.word, self.raw = row.webhook, row.word, raw
        self.at = format.full_moment(language, user.time_zone, row.at)
        self.verdict, self.evidence, self.standing = verdict_said(language, row), row.evidence, row.standing
        self.person = row.person
        self.person_href = routes.to(routes.RECIPIENT, recipient_id=row.recipient_id) if row.recipient_id else ""
        self.matched = say(language, f"mail_in.matched.{row.matched_by}") if row.matched_by else ""
        self.waits, self.found = row.standing in _WAIT, []


def _read(given: dict[str, Any]) -> tuple[int, Meaning]:
    typed = ui.Typed(given)
    people, meaning = typed.ids("recipient"), typed.text("meaning")
    problems = {}
    if len(people) != 1:
        problems["recipient"] = Problem("mail_in.one_person")
    if meaning not in set(ASSIGNABLE_MEANINGS):
        problems["meaning"] = Problem("errors.required")
    if problems:
        raise Invalid(problems)
    return people[0], Meaning(meaning)


def event_dialog() -> rx.Component:
    """The dialog; put it once on the page that opens it."""
    state = EventDialog
    may = state.waits & Prefs.can_edit
    return ui.dialog(
        ui.facts(
            (tr("webhook.webhook"), state.webhook), (tr("webhook.word"), state.word), (tr("webhook.came"), state.at)
        ),
        _verdict(),
        rx.cond(may, _assignment()),
        _raw(),
        title=state.address,
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


def _verdict() -> rx.Component:
    state = EventDialog
    apart = {"marginTop": "6px"}
    person = rx.el.div(
        ui.text_link(state.person, state.person_href),
        rx.el.span(state.matched, class_name="mute small"),
        class_name="row wrap g3",
        style=apart,
    )
    return rx.el.div(
        rx.el.div(ui.status(state.standing, Standing), rx.el.span(state.verdict), class_name="row wrap g3"),
        rx.cond(state.evidence != "", rx.el.div(state.evidence, class_name="mono small anywhere", style=apart)),
        rx.cond(state.person_href != "", person),
        class_name="whole",
    )


def _assignment() -> rx.Component:
    state = EventDialog
    meanings = [("", tr("ui.choose")), *((str(one), tr(f"mail_in.meaning.{one}")) for one in ASSIGNABLE_MEANINGS)]
    people = ui.lists_field(
        state,
        "recipient",
        tr("mail_in.whose"),
        state.found,
        whole=False,
        on_search=state.search,
        placeholder=tr("mail_in.name_or_address"),
    )
    return ui.fields(people, ui.select_field(state, "meaning", tr("mail_in.means"), meanings))


def _raw() -> rx.Component:
    state = EventDialog
    body = rx.el.pre(
        state.raw,
        class_name="mono small",
        tab_index=0,
        aria_label=tr("webhook.raw"),
        style={"whiteSpace": "pre-wrap", "overflowWrap": "anywhere", "maxHeight": "320px", "overflow": "auto"},
    )
    shown = rx.el.div(rx.el.div(tr("webhook.raw"), class_name="lab"), body, class_name="col whole")
    return rx.cond(state.raw != "", shown, rx.el.p(tr("webhook.raw_gone"), class_name="mute"))
