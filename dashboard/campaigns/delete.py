"""Deleting campaigns: asked once more, saying what goes with them; above 1,000 the number is typed."""

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from models.campaign import delete_campaigns, going_with

TYPED_ABOVE = 1_000


class CampaignDelete(rx.State):
    """What is about to go, said before it does."""

    asking: bool = False
    count: int = 0
    to_type: int = 0
    typed: str = ""
    mass_emails: str = ""
    people: str = ""
    _ids: list[int] = []

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, campaign_ids: list[int]):
        ids = [int(campaign_id) for campaign_id in campaign_ids]
        going = await data.read(going_with, ids)
        self._ids, self.count, self.typed = ids, going.campaigns, ""
        self.to_type = going.campaigns if going.campaigns > TYPED_ABOVE else 0
        self.mass_emails = format.count(user.language, going.mass_emails)
        self.people = format.count(user.language, going.people)
        self.asking = True

    @allowed(Right.EDIT)
    async def type_number(self, user: Viewer, typed: str):
        self.typed = typed.strip()

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = False

    @allowed(Right.EDIT)
    async def confirm(self, user: Viewer):
        if self.to_type and self.typed != str(self.to_type):
            return None
        self.asking = False
        deleted = await data.run(delete_campaigns, self._ids, data.now(), user.email)
        await ui.tell(self, say(user.language, "campaigns.deleted", count=deleted))
        return rx.redirect(routes.CAMPAIGNS, replace=True)


def delete_dialog() -> rx.Component:
    """The confirmation; put it once on a page whose acts ask for it."""
    state = CampaignDelete
    return ui.confirmation(
        _line(tr("campaigns.goes_mass_emails"), state.mass_emails),
        _line(tr("campaigns.goes_people"), state.people),
        title=tr_with("campaigns.delete_question", count=state.count),
        text=tr("campaigns.delete_text"),
        is_open=state.asking,
        on_close=state.keep(),
        confirm=tr_with("campaigns.delete_count", count=state.count),
        on_confirm=state.confirm(),
        keep=tr("campaigns.keep"),
        type_number=state.to_type,
        number_typed=state.typed,
        on_type=state.type_number,
    )


def _line(words: rx.Var[str], number: rx.Var[str]) -> rx.Component:
    return rx.el.div(words, rx.el.b(number, class_name="num strong"), class_name="row between")
