"""Create or edit a campaign, in a dialog on the list and on its page."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from models.campaign import (
    CampaignDetail,
    CampaignStatus,
    CampaignType,
    create_campaign,
    edit_campaign,
    get_campaign,
)
from models.campaign_page import list_choices
from models.errors import Conflict, Invalid

LABELS = {
    "name": "campaigns.name",
    "type": "campaigns.type",
    "status": "campaigns.status",
    "start_date": "campaigns.start_date",
    "end_date": "campaigns.end_date",
    "budget": "campaigns.budget",
    "description": "campaigns.description",
}


class CampaignForm(ui.FormState, rx.State):
    """`editing`: the campaign's id, 0 for a new one. `after`: the page that is loaded again when it is saved."""

    editing: int = 0
    type_fixed: bool = False
    lists: list[ui.Option] = []
    _after: str = ""

    @allowed(Right.EDIT)
    async def create_new(self, user: Viewer, after: str = ""):
        await self._offer_lists(user)
        self.editing, self.type_fixed, self._after = 0, False, after
        self._open(
            {name: "" for name in (*LABELS, "lists", "excluded")} | {"type": CampaignType.EMAIL, "status": "planning"}
        )

    @allowed(Right.EDIT)
    async def edit_one(self, user: Viewer, campaign_id: int, after: str = ""):
        found = await data.read(get_campaign, campaign_id)
        await self._offer_lists(user)
        self.editing, self.type_fixed, self._after = found.id, found.mass_emails > 0, after
        self._open(_typed_values(found), found.revision)

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        try:
            values, now = _read(given, self.values["type"] if self.type_fixed else ""), data.now()
            if self.editing:
                await data.run(edit_campaign, self.editing, self._revision, values, now, user.email)
            else:
                self.editing = await data.run(create_campaign, values, now, user.email)
        except Invalid as error:
            return self._fail(user, error)
        except Conflict as error:
            stored = await data.read(get_campaign, self.editing)
            labels = {name: say(user.language, label) for name, label in LABELS.items()}
            return self._collide(user, error, _typed_values(stored), stored.revision, labels)
        return await self._done(user, created=not self._revision)

    async def _done(self, user: Viewer, *, created: bool) -> Any:
        self._close()
        page = routes.to(routes.CAMPAIGN, campaign_id=self.editing)
        title = say(user.language, "campaigns.created" if created else "campaigns.saved")
        await ui.tell(self, title, to=page, act=say(user.language, "ui.open"))
        return rx.redirect(self._after or page, replace=not created)

    async def _offer_lists(self, user: Viewer) -> None:
        found = await data.read(list_choices)
        self.lists = [
            ui.Option(str(choice.id), choice.name, say(user.language, "campaigns.people", count=choice.entries))
            for choice in found
        ]


def campaign_form() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    form = CampaignForm
    return ui.form_dialog(
        form,
        ui.text_field(form, "name", tr("campaigns.name"), whole=True, auto_focus=True, max_length=200),
        ui.select_field(
            form,
            "type",
            tr("campaigns.type"),
            [(kind, tr(f"campaigns.type.{kind}")) for kind in CampaignType],
            hint=rx.cond(form.type_fixed, tr("campaigns.type_fixed"), ""),
            disabled=form.type_fixed,
        ),
        ui.select_field(
            form,
            "status",
            tr("campaigns.status"),
            [(status, tr(f"campaigns.status.{status}")) for status in CampaignStatus],
        ),
        ui.lists_field(form, "lists", tr("campaigns.target_lists"), form.lists, hint=tr("campaigns.lists_hint")),
        ui.lists_field(
            form,
            "excluded",
            tr("campaigns.excluded_lists"),
            form.lists,
            hint=tr("campaigns.excluded_hint"),
            optional=True,
        ),
        ui.date_field(form, "start_date", tr("campaigns.start_date"), optional=True),
        ui.date_field(form, "end_date", tr("campaigns.end_date"), optional=True),
        ui.number_field(form, "budget", tr("campaigns.budget"), unit="€", optional=True),
        ui.text_area(form, "description", tr("campaigns.description"), rows=3, optional=True),
        title=rx.cond(form.editing > 0, tr("campaigns.edit"), tr("campaigns.create")),
        on_submit=form.save,
        save=rx.cond(form.editing > 0, tr("ui.save"), tr("campaigns.create")),
    )


def _read(given: Mapping[str, Any], fixed_type: str) -> dict[str, Any]:
    """The values of create_campaign as they were typed. Raises Invalid. A disabled select is not in what was given."""
    typed = ui.Typed(given)
    values = {
        "name": typed.text("name"),
        "type": fixed_type or typed.text("type"),
        "status": typed.text("status"),
        "lists": typed.ids("lists"),
        "excluded": typed.ids("excluded"),
        "start_date": typed.day("start_date"),
        "end_date": typed.day("end_date"),
        "budget": typed.cents("budget"),
        "description": typed.text("description"),
    }
    typed.check()
    return values


def _typed_values(found: CampaignDetail) -> dict[str, Any]:
    return {
        "name": found.name,
        "type": found.type,
        "status": found.status,
        "lists": ",".join(str(list_id) for list_id, _ in found.lists),
        "excluded": ",".join(str(list_id) for list_id, _ in found.excluded),
        "start_date": found.start_date,
        "end_date": found.end_date,
        "budget": "" if found.budget is None else f"{found.budget / 100:.2f}",
        "description": found.description,
    }
