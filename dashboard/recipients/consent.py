"""Consent and suppression of one person: what they declined and when, why an address is not mailed; both can be lifted
by those who may, after being asked once more (D2, D3)."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.person_words import consent_source
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from models.address import EVERYTHING, Consent, SuppressionReason, opt_in, opt_out, release
from models.errors import NotFound
from models.recipient_page import RecipientDetail, get_recipient

DECISIONS: Final = ("opt_out", "opt_in")
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class SuppressionLine:
    """A reason why the address is not mailed, since when, and its evidence word for word."""

    reason: str
    title: str
    since: str
    evidence: str


class Consents(rx.State):
    """The consent of the page's person. `asking`: one of DECISIONS, "release", or "" for none."""

    entirely: bool = False
    has_address: bool = False
    address: str = ""
    history: list[ui.Event] = []
    suppressions: list[SuppressionLine] = []
    asking: str = ""
    reason: str = ""

    @allowed(Right.EDIT)
    async def ask(self, user: Viewer, act: str):
        self.asking = str(act) if act in DECISIONS else ""

    @allowed(Right.ADMINISTER)
    async def ask_release(self, user: Viewer, reason: str):
        self.reason, self.asking = SuppressionReason(str(reason)).value, "release"

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = ""

    @allowed(Right.EDIT)
    async def confirm(self, user: Viewer):
        act, self.asking = self.asking, ""
        if act not in DECISIONS:
            return None
        decide = opt_out if act == "opt_out" else opt_in
        address_id = await self._address()
        await data.run(decide, address_id, [EVERYTHING], data.now(), source="person", by=user.email, durable=True)
        await ui.tell(self, say(user.language, f"people.{act}_done"))
        return rx.redirect(self.router.url.path, replace=True)

    @allowed(Right.ADMINISTER)
    async def confirm_release(self, user: Viewer):
        if self.asking != "release":
            return None
        self.asking = ""
        reason = SuppressionReason(self.reason)
        await data.run(release, await self._address(), reason, data.now(), user.email, durable=True)
        await ui.tell(self, say(user.language, "people.release_done"))
        return rx.redirect(self.router.url.path, replace=True)

    async def _address(self) -> int:
        found = await data.read(get_recipient, routes.id_in(self.router.url.path))
        if found.row.address_id is None:
            raise NotFound("recipient.not_found")
        return found.row.address_id

    def _take(self, user: Viewer, found: RecipientDetail) -> None:
        """Put a person's consent into the vars."""
        language, zone, now = user.language, user.time_zone, data.now()
        self.entirely, self.asking, self.address = found.opted_out_entirely, "", found.row.address
        self.has_address = found.row.address_id is not None
        self.history = [
            ui.Event(
                state="opted_out" if one.way is Consent.OUT else "opted_in",
                title=say(
                    language, f"people.consent.{one.way}", what=one.list_name or say(language, "people.everything")
                ),
                at=format.moment(language, zone, one.at, now),
                full=format.full_moment(language, zone, one.at),
                detail=" · ".join(part for part in (consent_source(language, one.source), one.by) if part),
            )
            for one in found.consent[:SHOWN]
        ]
        self.suppressions = [
            SuppressionLine(
                reason=one.reason,
                title=say(language, f"people.reason.{one.reason}"),
                since=say(language, "people.since_at", at=format.moment(language, zone, one.since, now)),
                evidence=one.evidence,
            )
            for one in found.suppressions
        ]

    def _clear(self) -> None:
        self.history, self.suppressions, self.asking, self.address = [], [], "", ""


def consent_panel() -> rx.Component:
    """Whether the person declined everything, and the history; opting out or in for them."""
    state = Consents
    act = rx.cond(
        state.entirely,
        ui.button(tr("people.opt_in_all"), icon_name="bell", small=True, on_click=state.ask("opt_in")),
        ui.button(tr("people.opt_out_all"), icon_name="bell-off", small=True, on_click=state.ask("opt_out")),
    )
    return ui.panel(
        rx.el.div(
            rx.cond(
                state.entirely,
                ui.status("opted_out_entirely", words="people.state"),
                rx.el.span(tr("people.not_opted_out_of_all"), class_name="mute"),
            ),
            class_name="panel-b",
        ),
        rx.cond(state.history.length() > 0, ui.timeline(state.history, ["opted_out", "opted_in"])),
        title=tr("people.consent"),
        end=rx.cond(state.has_address, ui.for_editors(act)),
        padded=False,
    )


def suppression_panel() -> rx.Component:
    """Why the address is not mailed; nothing when it is."""
    return rx.cond(
        Consents.suppressions.length() > 0,
        ui.panel(
            rx.el.div(rx.foreach(Consents.suppressions, _suppression), class_name="col g3"),
            title=tr("people.suppression"),
        ),
    )


def _suppression(line: rx.Var[SuppressionLine]) -> rx.Component:
    release_it = ui.button(tr("people.release"), small=True, on_click=Consents.ask_release(line.reason))
    return rx.el.div(
        rx.el.div(
            rx.el.span(ui.state_icon("suppressed"), rx.el.span(line.title), class_name="st"),
            rx.el.div(line.since, class_name="mute small num"),
            rx.cond(line.evidence != "", rx.el.code(line.evidence, class_name="small")),
            class_name="grow",
        ),
        ui.for_administrators(release_it),
        class_name="row between",
    )


def consent_dialog() -> rx.Component:
    """The confirmations; put it once on the page of the person."""
    state = Consents
    return rx.fragment(
        ui.confirmation(
            title=rx.cond(state.asking == "opt_out", tr("people.opt_out_question"), tr("people.opt_in_question")),
            text=rx.cond(
                state.asking == "opt_out",
                tr_with("people.opt_out_text", address=state.address),
                tr_with("people.opt_in_text", address=state.address),
            ),
            is_open=(state.asking == "opt_out") | (state.asking == "opt_in"),
            on_close=state.keep(),
            confirm=rx.cond(state.asking == "opt_out", tr("people.opt_out_all"), tr("people.opt_in_all")),
            on_confirm=state.confirm(),
        ),
        ui.confirmation(
            title=tr("people.release_question"),
            text=tr_with("people.release_text", address=state.address),
            is_open=state.asking == "release",
            on_close=state.keep(),
            confirm=tr("people.release"),
            on_confirm=state.confirm_release(),
        ),
    )
