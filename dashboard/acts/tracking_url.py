"""Creating, editing and deleting a tracking URL, wherever it is listed. The page is loaded again after each act.

TrackingUrlForm.create_new(campaign_id)      the event that opens the form; 0: the campaign is chosen in it
TrackingUrlForm.edit_one(row.id)             …
TrackingUrlDelete.ask(row.id)                asks first
tracking_url_dialogs()                       the dialogs: put them once on a page that offers the acts
tracking_code(placeholder, name)             a code to paste, with its copy button
"""

from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from models.campaign import get_campaign
from models.campaign_page import CampaignFilter, campaign_page
from models.catalogue import Problem
from models.errors import Conflict, Invalid
from models.tracking_url import (
    LONGEST,
    TrackingAction,
    TrackingUrlRow,
    create_tracking_url,
    delete_tracking_url,
    edit_tracking_url,
    get_tracking_url,
)

LABELS = {
    "name": "tracking_urls.name",
    "action": "tracking_urls.action",
    "url": "tracking_urls.url",
    "message": "tracking_urls.message",
}
CAMPAIGNS_OFFERED = 500


class TrackingUrlForm(ui.FormState, rx.State):
    """`editing`: its id, 0 for a new one. `code`: what to paste, "" until there is one. `made`: just now."""

    editing: int = 0
    code: str = ""
    made: bool = False
    action: str = TrackingAction.REDIRECT
    campaign: str = ""
    campaigns: list[ui.Option] = []
    _campaign_id: int = 0

    @allowed(Right.EDIT)
    async def create_new(self, user: Viewer, campaign_id: int = 0):
        self.campaigns, self.campaign, self._campaign_id = [], "", int(campaign_id)
        if self._campaign_id:
            self.campaign = (await data.read(get_campaign, self._campaign_id)).name
        else:
            found, _ = await data.read(campaign_page, CampaignFilter(), "-created", 1, CAMPAIGNS_OFFERED)
            first = ui.Option("", say(user.language, "tracking_urls.choose_campaign"))
            self.campaigns = [first, *(ui.Option(str(row.id), row.name) for row in found)]
        self.editing, self.code, self.made, self.action = 0, "", False, TrackingAction.REDIRECT
        self._open({"campaign": "", **dict.fromkeys(LABELS, ""), "action": self.action})

    @allowed(Right.EDIT)
    async def edit_one(self, user: Viewer, tracking_url_id: int):
        found = await data.read(get_tracking_url, int(tracking_url_id))
        self._show(found, made=False)
        self._open(_typed_values(found), found.revision)

    @allowed(Right.EDIT)
    async def choose_action(self, user: Viewer, action: str):
        self.action = TrackingAction(action) if action in set(TrackingAction) else TrackingAction.REDIRECT

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        typed, now = ui.Typed(given), data.now()
        values = {name: typed.text(name) for name in LABELS}
        try:
            if self.editing:
                await data.run(edit_tracking_url, self.editing, self._revision, values, now, user.email)
                self._close()
                await ui.tell(self, say(user.language, "tracking_urls.saved"))
            else:
                campaign_id = self._campaign_id or _chosen_campaign(typed)
                made = await data.run(create_tracking_url, campaign_id, values, now, user.email)
                self._show(await data.read(get_tracking_url, made), made=True)
        except Invalid as error:
            return self._fail(user, error)
        except Conflict as error:
            stored = await data.read(get_tracking_url, self.editing)
            labels = {name: say(user.language, label) for name, label in LABELS.items()}
            return self._collide(user, error, _typed_values(stored), stored.revision, labels)
        return _again(self)

    def _show(self, row: TrackingUrlRow, *, made: bool) -> None:
        self.editing, self.code, self.made, self.action = row.id, row.placeholder, made, row.action
        self.campaign, self.campaigns, self._campaign_id = row.campaign, [], row.campaign_id
        self.errors = {}


class TrackingUrlDelete(rx.State):
    """What is about to go, said before it does."""

    asking: bool = False
    name: str = ""
    mass_emails: str = ""
    people: str = ""
    _id: int = 0

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, tracking_url_id: int):
        row = await data.read(get_tracking_url, int(tracking_url_id))
        self._id, self.name = row.id, row.name
        self.mass_emails = format.count(user.language, row.mass_emails)
        self.people = format.count(user.language, row.clicked)
        self.asking = True

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.EDIT)
    async def confirm(self, user: Viewer):
        self.asking = False
        await data.run(delete_tracking_url, self._id, data.now(), user.email)
        await ui.tell(self, say(user.language, "tracking_urls.deleted"), self.name)
        return _again(self)

    def _clear(self) -> None:
        self.asking, self.name, self.mass_emails, self.people, self._id = False, "", "", "", 0


def tracking_url_dialogs() -> rx.Component:
    """The form and the question; put them once on a page whose acts open them."""
    return rx.fragment(_form_dialog(), _delete_dialog())


def tracking_code(placeholder: rx.Var[str], name: rx.Var[str]) -> rx.Component:
    """A code to paste, with its copy button."""
    return rx.el.span(
        rx.el.code(placeholder, class_name="trunc"),
        ui.copy_button(placeholder, tr_with("tracking_urls.copy_code", name=name)),
        class_name="row g1",
    )


def _form_dialog() -> rx.Component:
    form = TrackingUrlForm
    return ui.dialog(
        rx.cond(form.code != "", _code()),
        rx.cond(form.made, rx.fragment(), rx.fragment(ui.form_problems(form), ui.fields(*_fields()))),
        title=rx.cond(
            form.made,
            tr("tracking_urls.created"),
            rx.cond(form.editing > 0, tr("tracking_urls.edit"), tr("tracking_urls.create")),
        ),
        text=form.campaign,
        is_open=form.form_open,
        on_close=form.close_form(),
        acts=[
            rx.cond(
                form.made,
                ui.button(tr("ui.close"), look="pri", on_click=form.close_form()),
                rx.fragment(ui.button(tr("ui.cancel"), on_click=form.close_form()), _save()),
            )
        ],
        width=760,
        form=form.save,
        form_key=form.serial,
    )


def _save() -> rx.Component:
    form = TrackingUrlForm
    label = rx.cond(
        form.conflict != "",
        tr("form.keep_mine"),
        rx.cond(form.editing > 0, tr("ui.save"), tr("tracking_urls.create")),
    )
    return ui.button(label, look="pri", type="submit", busy=form.saving, id="save-tracking-url")


def _fields() -> list[rx.Component]:
    form = TrackingUrlForm
    campaigns = ui.select_field(form, "campaign", tr("tracking_urls.campaign"), form.campaigns, whole=True)
    return [
        rx.cond(form.campaigns.length() > 0, campaigns),
        ui.text_field(
            form, "name", tr("tracking_urls.name"), hint=tr("tracking_urls.name_hint"), auto_focus=True, max_length=200
        ),
        ui.select_field(
            form,
            "action",
            tr("tracking_urls.action"),
            [(action, tr(f"tracking_url.action.{action}")) for action in TrackingAction],
            on_change=form.choose_action,
        ),
        _shown_for(
            TrackingAction.REDIRECT,
            ui.text_field(
                form,
                "url",
                tr("tracking_urls.url"),
                kind="url",
                whole=True,
                hint=rx.cond(form.editing > 0, tr("tracking_urls.url_hint"), ""),
                placeholder="https://",
                max_length=LONGEST,
            ),
        ),
        _shown_for(
            TrackingAction.SHOW_MESSAGE,
            ui.text_area(form, "message", tr("tracking_urls.message"), hint=tr("tracking_urls.message_hint"), rows=6),
        ),
    ]


def _shown_for(action: TrackingAction, field: rx.Component) -> rx.Component:
    """Put away without forgetting what was typed."""
    return rx.el.div(
        field,
        class_name="whole",
        style={"display": rx.cond(TrackingUrlForm.action == action, "block", "none")},
    )


def _code() -> rx.Component:
    form = TrackingUrlForm
    return rx.el.div(
        rx.el.span(tr("tracking_urls.code"), class_name="lab"),
        rx.el.div(
            rx.el.code(form.code, class_name="grow", id="tracking-code"), ui.copy_button(form.code), class_name="in"
        ),
        rx.el.div(tr("tracking_urls.code_hint"), class_name="hint"),
        class_name="field",
    )


def _delete_dialog() -> rx.Component:
    state = TrackingUrlDelete
    return ui.confirmation(
        _line(tr("tracking_urls.mass_emails"), state.mass_emails),
        _line(tr("tracking_urls.people"), state.people),
        title=tr_with("tracking_urls.delete_question", name=state.name),
        text=tr("tracking_urls.delete_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr("tracking_urls.delete"),
        on_confirm=state.confirm(),
    )


def _line(words: rx.Var[str], number: rx.Var[str]) -> rx.Component:
    return rx.el.div(words, rx.el.b(number, class_name="num strong"), class_name="row between")


def _chosen_campaign(typed: ui.Typed) -> int:
    chosen = typed.ids("campaign")
    if not chosen:
        raise Invalid({"campaign": Problem("errors.required")})
    return chosen[0]


def _typed_values(row: TrackingUrlRow) -> dict[str, str]:
    return {name: str(getattr(row, name)) for name in LABELS}


def _again(state: rx.State) -> rx.event.EventSpec:
    """Load the page anew, where it stands."""
    url = state.router.url
    return rx.redirect(f"{url.path}?{url.query}" if url.query else url.path, replace=True)
