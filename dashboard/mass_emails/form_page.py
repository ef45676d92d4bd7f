"""Create or edit a mass email: /mass-emails/new?campaign=ID, /mass-emails/ID/edit."""

from dataclasses import replace
from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from dashboard.mass_emails import form_fields
from dashboard.mass_emails.form_values import (
    FIRST,
    LABELS,
    LISTS,
    demand_send,
    held_in_words,
    read_values,
    stored_values,
    typed_values,
)
from models.errors import Conflict, Invalid, NotFound, Refused
from models.mass_email import (
    CONFIRM_SITE_URL,
    MassEmailStatus,
    create_mass_email,
    edit_mass_email,
    new_values,
)
from models.mass_email_page import Choices, form_choices, get_mass_email


class MassEmailForm(ui.FormState, rx.State):
    """`editing`: the mass email's id, 0 for a new one. `fixed`: the fields that its status no longer lets change, and
    `shown` what they hold. `why`: the question of D24, "" when nothing is asked."""

    editing: int = 0
    campaign_id: int = 0
    campaign: str = ""
    name: str = ""
    informational: bool = False
    fixed: list[str] = []
    shown: dict[str, str] = {}
    campaigns: list[ui.Option] = []
    templates: list[ui.Option] = []
    lists: list[ui.Option] = []
    accounts: list[ui.Option] = []
    ready: bool = False
    missing: bool = False
    why: str = ""
    _given: dict[str, Any] = {}

    @allowed(Right.EDIT)
    async def load_new(self, user: Viewer):
        """Without a campaign, or with one that has no mass emails, the page asks for one first."""
        choices = await data.read(form_choices)
        self._offer(user, choices)
        if self._is_back():
            return
        self._forget()
        asked = self.router.url.query_parameters.get("campaign", "")
        if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
            return
        values = await data.read(new_values, int(asked), data.now(), user.time_zone)
        self.campaign_id, self.campaign = int(asked), dict(choices.campaigns).get(int(asked), "")
        status = MassEmailStatus.PENDING if Right.SEND in user.rights else MassEmailStatus.DRAFT
        self._open(typed_values({**values, "status": status.value}))

    @allowed(Right.EDIT)
    async def load_edit(self, user: Viewer):
        try:
            found = await data.read(get_mass_email, _id_in(self.router.url.path))
        except NotFound:
            self._forget()
            self.missing = True
            return
        self.missing = False
        self._offer(user, await data.read(form_choices))
        self.editing, self.campaign_id, self.campaign = found.row.id, found.row.campaign_id, found.row.campaign
        self.name, self.informational = found.row.name, found.campaign_type == "informational"
        self.fixed = [*sorted(set(LABELS) - found.editable - {"status"})]
        if found.row.status not in FIRST:
            self.fixed = [*self.fixed, "status"]
        self.shown = held_in_words(user.language, stored_values(found), self._named())
        if self._open_page(stored_values(found), found.row.revision):
            self.why, self._given = "", {}

    @allowed(Right.EDIT)
    async def choose_campaign(self, user: Viewer, campaign_id: str):
        return rx.redirect(routes.to(routes.MASS_EMAIL_NEW, campaign=str(campaign_id)), replace=True)

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        return await self._save(user, given)

    @allowed(Right.SEND)
    async def confirm(self, user: Viewer):
        """Start though every link would be dead (D24)."""
        self.why = ""
        return await self._save(user, self._given, confirm=True)

    @allowed(Right.EDIT)
    async def save_as_draft(self, user: Viewer):
        self.why = ""
        return await self._save(user, {**self._given, "status": MassEmailStatus.DRAFT.value})

    @allowed(Right.LOOK)
    async def think_again(self, user: Viewer):
        self.why = ""

    @allowed(Right.LOOK)
    async def leave(self, user: Viewer):
        self._close()
        page = routes.to(routes.MASS_EMAIL, mass_email_id=self.editing) if self.editing else routes.MASS_EMAILS
        return rx.redirect(page)

    async def _save(self, user: Viewer, given: dict[str, Any], *, confirm: bool = False) -> Any:
        if not self.form_open:  # pressed twice: the first one did it
            return None
        try:
            values = read_values(given, self.values, self.fixed)
            demand_send(user, values)
            saved = await self._write(user, values, ui.revision_in(given, self._revision), confirm=confirm)
        except Invalid as error:
            return self._fail(user, error)
        except Conflict as error:
            return await self._meet(user, error)
        except Refused as error:
            if error.problem.key != CONFIRM_SITE_URL:
                raise
            self._given, self.why, self.errors = dict(given), error.text(user.language), {}
            return None
        self._close()
        await ui.tell(self, say(user.language, "mass_emails.saved" if self.editing else "mass_emails.created"))
        return rx.redirect(routes.to(routes.MASS_EMAIL, mass_email_id=saved), replace=True)

    async def _write(self, user: Viewer, values: dict[str, Any], revision: int, *, confirm: bool) -> int:
        now = data.now()
        if not self.editing:
            return await data.run(create_mass_email, self.campaign_id, values, now, user.email, confirm=confirm)
        await data.run(edit_mass_email, self.editing, revision, values, now, user.email, confirm=confirm)
        return self.editing

    async def _meet(self, user: Viewer, error: Conflict) -> None:
        """Somebody else was faster: what they chose is said by name, not by number."""
        found = await data.read(get_mass_email, self.editing)
        stored = stored_values(found)
        labels = {name: say(user.language, key) for name, key in LABELS.items()}
        self._collide(user, error, stored, found.row.revision, labels)
        said = held_in_words(user.language, stored, self._named())
        theirs = {label: said[name] for name, label in labels.items()}
        self.differences = [replace(one, theirs=theirs.get(one.label, one.theirs)) for one in self.differences]

    def _named(self) -> dict[str, list[ui.Option]]:
        """The fields that hold ids, with what these are called."""
        return {"template": self.templates, "smtp_account": self.accounts, **dict.fromkeys(LISTS, self.lists)}

    def _offer(self, user: Viewer, choices: Choices) -> None:
        def people(entries: int) -> str:
            return say(user.language, "ui.people", count=entries)

        default = say(user.language, "mass_emails.default_account", name=choices.accounts[0][1])
        self.campaigns = [ui.Option(str(id_), name) for id_, name in choices.campaigns]
        self.templates = [ui.Option("", say(user.language, "ui.choose")), *_options(choices.templates)]
        self.lists = [ui.Option(str(id_), name, people(entries)) for id_, name, entries in choices.lists]
        self.accounts = [ui.Option("", default), *_options(choices.accounts)]
        self.ready = True

    def _forget(self) -> None:
        self.form_open = False
        self.editing, self.campaign_id, self.campaign, self.name, self.why = 0, 0, "", "", ""
        self.informational, self.fixed, self.shown, self._given = False, [], {}, {}


def new_page() -> rx.Component:
    """Create one: first its campaign, then the rest."""
    form = MassEmailForm
    return ui.page(
        ui.page_header(tr("mass_emails.create"), facts=[rx.cond(form.campaign_id > 0, _campaign_line())]),
        rx.cond(
            form.ready,
            rx.cond(form.campaign_id > 0, _form(tr("mass_emails.create")), _choose_campaign()),
            ui.skeleton_rows(),
        ),
        _confirm(),
        here="mass_emails",
        crumbs=[(tr("mass_emails.title"), routes.MASS_EMAILS), (tr("mass_emails.create"), routes.MASS_EMAIL_NEW)],
    )


def edit_page() -> rx.Component:
    """Edit one, as far as its status lets it change."""
    form = MassEmailForm
    its_page = "/mass-emails/" + form.editing.to_string()
    whole = rx.fragment(
        ui.page_header(tr("mass_emails.edit"), facts=[_campaign_line()]),
        rx.cond(form.form_open, _form(tr("ui.save")), ui.skeleton_rows()),
    )
    nothing = ui.missing(
        tr("mass_email.not_found"),
        tr("mass_emails.not_found_text"),
        icon_name="mails",
        act=ui.button(tr("mass_emails.title"), to=routes.MASS_EMAILS),
    )
    return ui.page(
        rx.cond(form.missing, nothing, whole),
        _confirm(),
        here="mass_emails",
        crumbs=[
            (tr("mass_emails.title"), routes.MASS_EMAILS),
            (rx.cond(form.name != "", form.name, tr("mass_emails.one")), its_page),
            (tr("mass_emails.edit"), its_page + "/edit"),
        ],
    )


def _campaign_line() -> rx.Component:
    form = MassEmailForm
    campaign = ui.text_link(form.campaign, "/campaigns/" + form.campaign_id.to_string())
    other = rx.fragment(" · ", ui.text_link(tr("mass_emails.other_campaign"), routes.MASS_EMAIL_NEW))
    change = rx.cond(form.editing == 0, other)
    return rx.el.span(tr("mass_emails.campaign"), " ", campaign, change)


def _choose_campaign() -> rx.Component:
    form = MassEmailForm
    control = rx.el.div(
        rx.el.select(
            rx.el.option(tr("ui.choose"), value=""),
            rx.foreach(form.campaigns, lambda option: rx.el.option(option.label, value=option.value)),
            name="campaign",
            id="campaign",
            default_value="",
            on_change=form.choose_campaign,
        ),
        ui.icon("chevron-down", 15),
        class_name="in select",
    )
    field = rx.el.div(rx.el.label(tr("mass_emails.campaign"), html_for="campaign"), control, class_name="field whole")
    return rx.cond(
        form.campaigns.length() > 0,
        rx.el.div(
            ui.topic(tr("mass_emails.which_campaign"), tr("mass_emails.which_campaign_text"), field),
            class_name="form",
        ),
        ui.panel(
            ui.empty(
                tr("mass_emails.no_campaign"),
                tr("mass_emails.no_campaign_text"),
                icon_name="megaphone",
                acts=[ui.button(tr("campaigns.create"), icon_name="plus", look="pri", to=routes.CAMPAIGNS)],
            ),
            padded=False,
        ),
    )


def _form(save: rx.Var[str]) -> rx.Component:
    form = MassEmailForm
    return ui.form(
        form,
        rx.cond(form.fixed.length() > 1, ui.note(tr("mass_emails.some_fixed"), icon_name="lock")),
        ui.topic(tr("mass_emails.topic_when"), tr("mass_emails.topic_when_text"), *form_fields.when(form)),
        ui.topic(tr("mass_emails.sending_window"), tr("mass_emails.topic_window_text"), form_fields.window(form)),
        ui.topic(tr("mass_emails.topic_what"), tr("mass_emails.topic_what_text"), form_fields.template(form)),
        ui.topic(tr("mass_emails.topic_who"), tr("mass_emails.topic_who_text"), *form_fields.who(form)),
        ui.topic(tr("mass_emails.topic_from"), tr("mass_emails.topic_from_text"), *form_fields.sender(form)),
        ui.topic(tr("mass_emails.topic_more"), tr("mass_emails.topic_more_text"), *form_fields.switches(form)),
        on_submit=form.save,
        save=rx.cond(form.conflict != "", tr("form.keep_mine"), save),
        discard=form.leave(),
    )


def _confirm() -> rx.Component:
    form = MassEmailForm
    return ui.confirmation(
        title=tr("mass_emails.dead_links"),
        text=form.why,
        is_open=form.why != "",
        on_close=form.think_again(),
        confirm=tr("mass_emails.start_nevertheless"),
        on_confirm=form.confirm(),
        instead=[ui.button(tr("mass_emails.save_as_draft"), on_click=form.save_as_draft())],
    )


def _options(choices: tuple[tuple[int, str], ...]) -> list[ui.Option]:
    return [ui.Option(str(id_), name) for id_, name in choices]


def _id_in(path: str) -> int:
    """The id of /mass-emails/ID/edit; 0, which nothing has, for anything else."""
    part = path.strip("/").split("/")[1] if path.count("/") > 1 else ""
    return int(part) if part.isascii() and part.isdigit() and len(part) < 18 else 0
