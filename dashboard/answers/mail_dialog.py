"""A mail that came, opened: its verdict, its words, its source; and a person's word about whose it is."""

from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.acts.answer import AnswerDialog, answer_dialog, as_sent, read_assignment
from dashboard.answers.words import evidence_said, verdict_said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from models.errors import Invalid
from models.mail_assignment import ASSIGNABLE, assign, ignore
from models.mail_reading import Reading, get_reading


class MailDialog(AnswerDialog, rx.State):
    """`words`: its text; `source` "": its time is over; `cut`: it is longer; `as_source`: the source is shown."""

    subject: str = ""
    sender: str = ""
    account: str = ""
    words: str = ""
    source: str = ""
    cut: bool = False
    as_source: bool = False

    @allowed(Right.LOOK)
    async def open_one(self, user: Viewer, mail_id: int):
        self._fill(user, await data.read(get_reading, int(mail_id)))

    @allowed(Right.LOOK)
    async def show_source(self, user: Viewer, which: str):
        self.as_source = which == "source"

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        """The mail is of the chosen person, and means what was chosen."""
        try:
            recipient, meaning = read_assignment(given, ASSIGNABLE)
            await data.run(assign, self.id_, recipient, meaning, data.now(), by=user.email, durable=True)
        except Invalid as error:
            return self._fail(user, error)
        return await self._done(say(user.language, "mail_in.assigned"))

    @allowed(Right.EDIT)
    async def put_aside(self, user: Viewer):
        await data.run(ignore, self.id_, data.now(), by=user.email)
        return await self._done(say(user.language, "mail_in.put_aside"))

    def _fill(self, user: Viewer, reading: Reading) -> None:
        row = reading.row
        self.subject, self.sender = row.subject or say(user.language, "mail_in.no_subject"), row.from_address
        self.account, self.words, self.source, self.cut = row.account, reading.words, reading.source, reading.cut
        self.as_source = not reading.words
        self._show(user, row, verdict_said(user.language, row), evidence_said(row))


def mail_dialog() -> rx.Component:
    """The dialog; put it once on the page that opens it."""
    state = MailDialog
    return answer_dialog(
        state,
        _text(),
        title=state.subject,
        facts=[
            (tr("mail_in.from"), state.sender),
            (tr("mail_in.account"), state.account),
            (tr("mail_in.came"), state.at),
        ],
        meanings=ASSIGNABLE,
    )


def _text() -> rx.Component:
    state = MailDialog
    ways = [("text", tr("mail_in.as_text")), ("source", tr("mail_in.as_source"))]
    shown = rx.cond(state.as_source, state.source, state.words)
    body = as_sent(shown, tr("mail_in.text"))
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
