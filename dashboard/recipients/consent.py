"""Consent and suppression of one person: the whole history of what they declined and took again, by which message; why
an address is not mailed; both can be lifted by those who may, after being asked once more (D2, D3)."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.person_words import by_whom, consent_source
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from models.address import EVERYTHING, Consent, SuppressionReason, opt_in, opt_out, release
from models.consent_proof import ProofRow, count_proof, proof_page
from models.errors import NotFound
from models.recipient_page import RecipientDetail, get_recipient

DECISIONS: Final = ("opt_out", "opt_in")
PORTION: Final = 20


@dataclass(frozen=True, slots=True)
class SuppressionLine:
    """A reason why the address is not mailed, since when, and its evidence word for word. `final`: nobody lifts it."""

    reason: str
    title: str
    href: str
    since: str
    evidence: str
    final: bool


class Consents(rx.State):
    """The consent of the page's person. `may_decide`: there is an address, and it was not erased. `count`: events of
    the history, of which `history` shows the newest. `asking`: one of DECISIONS, "release", or "" for none."""

    entirely: bool = False
    may_decide: bool = False
    address: str = ""
    history: list[ui.Event] = []
    count: int = 0
    csv: str = ""
    json: str = ""
    suppressions: list[SuppressionLine] = []
    asking: str = ""
    reason: str = ""
    _address_id: int = 0
    _before: int = 0

    @allowed(Right.LOOK)
    async def load_more(self, user: Viewer):
        """The events before those that are shown."""
        if self._address_id and len(self.history) < self.count:
            await self._add(user)

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

    async def _take(self, user: Viewer, found: RecipientDetail) -> None:
        """Put a person's consent into the vars."""
        language, zone, now = user.language, user.time_zone, data.now()
        address_id = found.row.address_id
        self.entirely, self.asking, self.address = found.opted_out_entirely, "", found.row.address
        self.may_decide = address_id is not None and found.erased_at is None
        self._address_id, self._before, self.history = address_id or 0, 0, []
        self.count = await data.read(count_proof, address_id) if address_id else 0
        self.csv, self.json = (routes.to(routes.CONSENT, recipient_id=found.row.id, ending=e) for e in ("csv", "json"))
        if self.count:
            await self._add(user)
        self.suppressions = [
            SuppressionLine(
                reason=one.reason,
                title=say(language, f"people.reason.{one.reason}"),
                href=routes.to(routes.SUPPRESSIONS, address=one.address_id, reason=one.reason),
                since=say(language, "people.since_at", at=format.moment(language, zone, one.since, now)),
                evidence=one.evidence,
                final=one.reason is SuppressionReason.ERASED,
            )
            for one in found.suppressions
        ]

    async def _add(self, user: Viewer) -> None:
        rows = await data.read(proof_page, self._address_id, self._before or None, PORTION)
        self.history = [*self.history, *(_event(row, user) for row in rows)]
        self._before = rows[-1].id if rows else 0

    def _clear(self) -> None:
        self.history, self.suppressions, self.asking, self.address, self.count = [], [], "", "", 0


def _event(row: ProofRow, user: Viewer) -> ui.Event:
    """What proves one change: which way, of what, by which way and message, from where, by whom."""
    language = user.language
    message = row.mass_email
    if row.version is not None:
        message = say(language, "consent.message", name=row.mass_email, version=row.version)
    ip = say(language, "consent.ip", ip=row.ip) if row.ip else ""
    told = (consent_source(language, row.source), message, ip, by_whom(language, row.by))
    what = row.list_name or say(language, "people.everything")
    return ui.Event(
        state="opted_out" if row.way is Consent.OUT else "opted_in",
        title=say(language, f"people.consent.{row.way}", what=what),
        at=format.moment(language, user.time_zone, row.at, data.now()),
        full=format.full_moment(language, user.time_zone, row.at),
        detail=" · ".join(part for part in told if part),
        href=routes.to(routes.MASS_EMAIL, mass_email_id=row.mass_email_id) if row.mass_email_id else "",
    )


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
        rx.cond(
            state.count > 0,
            rx.fragment(
                rx.el.div(ui.timeline(state.history, ["opted_out", "opted_in"]), id="consent-history"),
                _foot(),
            ),
        ),
        title=tr("people.consent"),
        end=rx.cond(state.may_decide, ui.for_editors(act)),
        padded=False,
    )


def _foot() -> rx.Component:
    """How much of the history is shown, the rest of it, and the whole as a file."""
    state = Consents
    shown = tr_with("consent.shown", count=state.count, shown=state.history.length())
    more = ui.button(tr("people.load_more"), icon_name="chevron-down", small=True, on_click=state.load_more())
    files = [("CSV", state.csv, tr("consent.csv")), ("JSON", state.json, tr("consent.json"))]
    return rx.el.div(
        rx.cond(state.history.length() < state.count, more),
        rx.el.span(shown, class_name="mute small num"),
        rx.el.div(
            *[
                ui.server_link(name, to=to, class_name="link small", download="", title=said)
                for name, to, said in files
            ],
            class_name="row g3",
            style={"marginLeft": "auto"},
        ),
        class_name="panel-b row wrap g3",
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
    may_release = rx.cond(line.final, rx.fragment(), ui.for_administrators(release_it))
    return rx.el.div(
        rx.el.div(
            rx.el.span(ui.state_icon("suppressed"), ui.text_link(line.title, line.href), class_name="st"),
            rx.el.div(line.since, class_name="mute small num"),
            rx.cond(line.evidence != "", rx.el.code(line.evidence, class_name="small")),
            class_name="grow",
        ),
        may_release,
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
