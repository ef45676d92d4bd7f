"""Webhooks: where providers report what came back, how each stands, and everything that they reported."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from dashboard import data, routes, ui
from dashboard.admin.connections import DELETE, ConnectionList, asked_confirmation, health_cell, name_link
from dashboard.admin.webhook_event_dialog import event_dialog
from dashboard.admin.webhook_events import WebhookEvents, events_panel
from dashboard.admin.webhook_form import WebhookForm, webhook_form
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from models.webhook import Provider, WebhookRow, delete_webhook, get_webhook_row, set_active, webhook_rows


@dataclass(frozen=True, slots=True)
class Line:
    """A webhook as its row shows it. `health`: ok · warn · off; `words`: why its last request was refused."""

    id: int
    name: str
    provider: str
    about: str
    active: bool
    health: str
    health_words: str
    words: str


class Webhooks(ConnectionList, rx.State):
    """The webhooks. It may be asked about deleting one."""

    rows: list[Line] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        now, found = data.now(), await data.read(webhook_rows)
        self.rows = [_line(row, user, now) for row in found]
        self.asking, self.shown = "", True

    @allowed(Right.ADMINISTER)
    async def switch(self, user: Viewer, webhook_id: int, active: bool):
        await data.run(set_active, int(webhook_id), active is True, data.now(), by=user.email)
        return Webhooks.load

    @allowed(Right.ADMINISTER)
    async def ask_delete(self, user: Viewer, webhook_id: int):
        found = await data.read(get_webhook_row, int(webhook_id))
        self._ask(DELETE, found.id, found.name, say(user.language, "webhook.delete_text"))

    @allowed(Right.ADMINISTER)
    async def confirm_delete(self, user: Viewer):
        self.asking = ""
        await data.run(delete_webhook, self._asked_id, data.now(), by=user.email)
        await ui.tell(self, say(user.language, "webhook.deleted"))
        return [Webhooks.load, WebhookEvents.load]

    def _clear(self) -> None:
        self.rows, self.shown, self.asking = [], False, ""


def webhooks_page() -> rx.Component:
    """The page, part by part."""
    state = Webhooks
    listed = ui.table(state.rows, _columns(), menu=_row_menu, two_lines=True, label=tr("webhook.title"))
    none = ui.empty(
        tr("webhook.none"), tr("webhook.none_text"), icon_name="webhook", acts=[ui.for_administrators(_create())]
    )
    acts = rx.cond(state.rows.length() > 0, _create())
    return ui.page(
        ui.page_header(tr("webhook.title"), facts=[tr("webhook.about")], acts=[ui.for_administrators(acts)]),
        ui.panel(
            rx.cond(state.shown, rx.cond(state.rows.length() > 0, listed, none), ui.skeleton_rows(2)), padded=False
        ),
        rx.cond((state.rows.length() > 0) | (WebhookEvents.total > 0) | WebhookEvents.filtered, events_panel()),
        webhook_form(),
        event_dialog(),
        asked_confirmation(state, DELETE, "webhook.delete_question", tr("ui.delete"), state.confirm_delete()),
        here="webhooks",
        crumbs=[(tr("nav.administration"), routes.OUTBOUND_EMAILS), (tr("webhook.title"), routes.WEBHOOKS)],
    )


def _create() -> rx.Component:
    return ui.button(tr("webhook.create"), icon_name="plus", look="pri", key="c", on_click=WebhookForm.create_new())


def _columns() -> list[ui.Column]:
    return [
        ui.Column("name", tr("webhook.name"), _name, phone=1, named=True),
        ui.text_column("provider", tr("webhook.provider"), lambda row: row.provider),
        ui.Column("health", tr("webhook.status"), _health, phone=3),
    ]


def _name(row: rx.Var[Line]) -> rx.Component:
    opens = name_link(row, WebhookForm.edit_one(row.id))
    return rx.fragment(opens, rx.el.span(row.about, class_name="sub mono"))


def _health(row: rx.Var[Line]) -> rx.Component:
    return health_cell(row, row.words, note_class="")


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    state, changes = Webhooks, Prefs.can_administer
    stop, start = state.switch(row.id, False), state.switch(row.id, True)
    return [
        ui.Item(tr("ui.edit"), "pencil", on_click=WebhookForm.edit_one(row.id), when=changes),
        ui.Item(tr("webhook.deactivate"), "circle-pause", on_click=stop, when=changes & row.active),
        ui.Item(tr("webhook.activate"), "circle-play", on_click=start, when=changes & ~row.active),
        ui.Item(tr("ui.delete"), "trash-2", on_click=state.ask_delete(row.id), bad=True, when=changes),
    ]


def _line(row: WebhookRow, user: Viewer, now: datetime) -> Line:
    health, words = _health_of(row, user, now)
    refused = row.active and row.trouble is not None
    return Line(
        id=row.id,
        name=row.name,
        provider=say(user.language, f"webhook.provider.{row.provider}"),
        about=row.topic_arn,
        active=row.active,
        health=health,
        health_words=words,
        words=say(user.language, f"webhook.trouble.{row.trouble}") if refused else "",
    )


def _health_of(row: WebhookRow, user: Viewer, now: datetime) -> tuple[str, str]:
    def said(key: str, at: datetime | None = None) -> str:
        return say(user.language, key, time=format.moment(user.language, user.time_zone, at, now))

    if not row.active:
        return "off", said("webhook.off")
    if row.trouble:
        return "warn", said("webhook.refused", row.trouble_at)
    if row.provider is Provider.SENDGRID and not row.public_key:
        return "warn", said("webhook.waits_for_key")
    if row.last_event_at:
        return "ok", said("webhook.last", row.last_event_at)
    if row.confirmed_at:
        return "ok", said("webhook.confirmed", row.confirmed_at)
    waits = "webhook.waits_for_subscription" if row.provider is Provider.AMAZON_SES else "webhook.nothing_yet"
    return "off", said(waits)
