"""Why an address is suppressed, opened: the proof word for word, and the mail or event that brought it."""

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from dashboard.suppressions.release import Release
from models.suppression import SuppressionReason
from models.suppression_evidence import Evidence, get_evidence


class EvidenceDialog(rx.State):
    """`key` 0: nothing is open. `brought` "": by no mail and no event; `text` "": it is not kept any more."""

    key: int = 0
    address: str = ""
    reason: str = ""
    since: str = ""
    until: str = ""
    proof: str = ""
    reply: str = ""
    mass_email: str = ""
    mass_email_href: str = ""
    brought: str = ""
    text: str = ""
    whose: str = ""
    whose_href: str = ""

    @allowed(Right.LOOK)
    async def open_one(self, user: Viewer, key: int):
        self._fill(user, await data.read(get_evidence, int(key)))

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self.key = 0

    def _fill(self, user: Viewer, found: Evidence) -> None:
        row, language, zone, now = found.row, user.language, user.time_zone, data.now()
        self.key, self.reason, self.proof = row.key, row.reason, row.evidence
        self.address = row.address or say(language, "suppressions.erased_address")
        self.since = format.full_moment(language, zone, row.since)
        self.until = format.full_moment(language, zone, row.until) if row.until else ""
        self.whose = row.name
        self.whose_href = routes.to(routes.RECIPIENT, recipient_id=row.recipient_id) if row.recipient_id else ""
        message, carrier = found.message, found.carrier
        self.reply = message.reply if message and message.reply != row.evidence else ""
        self.mass_email = message.mass_email if message else ""
        self.mass_email_href = routes.to(routes.MASS_EMAIL, mass_email_id=message.mass_email_id) if message else ""
        self.brought, self.text = "", ""
        if carrier:
            key = "suppressions.by_mail" if carrier.is_mail else "suppressions.by_event"
            at = format.moment(language, zone, carrier.at, now)
            self.brought, self.text = say(language, key, name=carrier.name, at=at), carrier.text

    def _clear(self) -> None:
        self.reset()


def evidence_dialog() -> rx.Component:
    """The dialog; put it once on the page that opens it."""
    state = EvidenceDialog
    may_release = Prefs.can_administer & (state.reason != SuppressionReason.ERASED.value)
    return ui.dialog(
        ui.facts(
            (tr("suppressions.reason"), ui.status(state.reason, SuppressionReason, words="suppressions.is")),
            (tr("people.since"), state.since),
            (tr("suppressions.until"), rx.cond(state.until != "", state.until, tr("suppressions.for_good"))),
            (tr("recipients.one"), _link(state.whose, state.whose_href, tr("suppressions.nobody"))),
            (tr("suppressions.message"), _link(state.mass_email, state.mass_email_href, format.UNKNOWN)),
        ),
        _words(tr("suppressions.evidence"), state.proof),
        _words(tr("suppressions.reply"), state.reply),
        rx.cond(
            state.brought != "",
            rx.fragment(
                _words(state.brought, state.text),
                rx.cond(state.text == "", rx.el.p(tr("suppressions.not_kept"), class_name="mute small")),
            ),
        ),
        rx.cond(
            (state.proof == "") & (state.reply == "") & (state.brought == ""),
            rx.el.p(tr("suppressions.no_evidence"), class_name="mute"),
        ),
        title=state.address,
        is_open=state.key > 0,
        on_close=state.close(),
        width=760,
        left=rx.cond(
            may_release,
            ui.button(
                tr("people.release"),
                icon_name="shield-off",
                look="bad",
                on_click=[state.close(), Release.ask_one(state.key)],
            ),
        ),
        acts=[ui.button(tr("ui.close"), on_click=state.close())],
    )


def _link(words: rx.Var[str], to: rx.Var[str], otherwise: object) -> rx.Component:
    return rx.cond(to != "", ui.text_link(words, to), rx.el.span(otherwise, class_name="mute"))


def _words(title: rx.Var[str], said: rx.Var[str]) -> rx.Component:
    """Foreign words as they came, under a title; nothing without them."""
    body = rx.el.pre(
        said,
        class_name="mono small",
        tab_index=0,
        style={"whiteSpace": "pre-wrap", "overflowWrap": "anywhere", "maxHeight": "240px", "overflow": "auto"},
    )
    shown = rx.cond(said != "", rx.el.div(rx.el.div(title, class_name="lab"), body, class_name="col"))
    return rx.cond(title != "", shown)
