"""An event of a provider, opened: its verdict, what was sent; and a person's word about whose it is."""

from typing import Any

import reflex as rx

from dashboard import data
from dashboard.acts.answer import AnswerDialog, answer_dialog, as_sent, read_assignment
from dashboard.acts.event_words import reason_said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from models.answer import log_reason
from models.errors import Invalid
from models.webhook_event import ASSIGNABLE_MEANINGS, EventRow, assign, get_event, ignore


def verdict_said(language: str, row: EventRow) -> str:
    """ "Hard bounce · No such mailbox (5.1.1)"; the provider's word for an event that no rule knows."""
    kind = say(language, f"webhook.kind.{row.kind}")
    reason = reason_said(language, log_reason(row.reason)) if row.reason else ""
    said = f"{kind} · {reason}" if reason else kind
    return f"{said} ({row.status})" if row.status else said


class EventDialog(AnswerDialog, rx.State):
    """`word`: the provider's; `raw`: what it sent, "" when its time is over."""

    address: str = ""
    webhook: str = ""
    word: str = ""
    raw: str = ""

    @allowed(Right.LOOK)
    async def open_one(self, user: Viewer, event_id: int):
        row, self.raw = await data.read(get_event, int(event_id))
        self.address = row.address or say(user.language, "webhook.no_address")
        self.webhook, self.word = row.webhook, row.word
        self._show(user, row, verdict_said(user.language, row), row.evidence)

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        """The event is of the chosen person, and means what was chosen."""
        try:
            recipient, meaning = read_assignment(given, ASSIGNABLE_MEANINGS)
            await data.run(assign, self.id_, recipient, meaning, data.now(), by=user.email, durable=True)
        except Invalid as error:
            return self._fail(user, error)
        return await self._done(say(user.language, "webhook.assigned"))

    @allowed(Right.EDIT)
    async def put_aside(self, user: Viewer):
        await data.run(ignore, self.id_, data.now(), by=user.email)
        return await self._done(say(user.language, "webhook.put_aside"))


def event_dialog() -> rx.Component:
    """The dialog; put it once on the page that opens it."""
    state = EventDialog
    return answer_dialog(
        state,
        _raw(),
        title=state.address,
        facts=[
            (tr("webhook.webhook"), state.webhook),
            (tr("webhook.word"), state.word),
            (tr("webhook.came"), state.at),
        ],
        meanings=ASSIGNABLE_MEANINGS,
    )


def _raw() -> rx.Component:
    state = EventDialog
    body = as_sent(state.raw, tr("webhook.raw"))
    shown = rx.el.div(rx.el.div(tr("webhook.raw"), class_name="lab"), body, class_name="col whole")
    return rx.cond(state.raw != "", shown, rx.el.p(tr("webhook.raw_gone"), class_name="mute"))
