"""What providers reported, as a list: those that wait for a decision have a view of their own."""

from dataclasses import dataclass
from typing import ClassVar, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.answer import answer_menu, mass_email_cell, verdict_cell
from dashboard.admin.webhook_event_dialog import EventDialog, verdict_said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr
from models.mail_in import TO_DECIDE, Standing
from models.webhook import webhook_rows
from models.webhook_event import SORTS, EventKind, EventRow, count_by_standing, event_page, ignore_all
from models.webhook_table import NOT_KEPT

_VIEWS: Final = {
    "decide": TO_DECIDE,
    "bounces": (Standing.BOUNCED,),
    "complaints": (Standing.COMPLAINED,),
    "opt_outs": (Standing.OPTED_OUT,),
    "other": (Standing.NOTED, Standing.KNOWN, Standing.IGNORED),
}
_STANDINGS: Final = tuple(one for one in Standing if one not in {Standing.REPLIED, Standing.OTHER})
SPEC: Final = ui.ListSpec(
    route=routes.WEBHOOKS,
    sorts=SORTS,
    sort="-at",
    filters=(
        ui.Filter("standing", "webhook.standing", "several", _STANDINGS, "status"),
        ui.Filter("kind", "webhook.kind", "choice", tuple(k for k in EventKind if k not in NOT_KEPT), "webhook.kind"),
        ui.Filter("webhook", "webhook.webhook", "pick"),
    ),
    views=(
        ui.View("", "webhook.view.all"),
        *(ui.View(key, f"webhook.view.{key}", {"standing": ",".join(which)}) for key, which in _VIEWS.items()),
    ),
)


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as its row shows it. `whose` "": nobody is known."""

    id: int
    at: str
    full: str
    standing: str
    verdict: str
    evidence: str
    address: str
    webhook: str
    whose: str
    whose_href: str
    mass_email: str
    mass_email_href: str


class WebhookEvents(ui.ListState, rx.State):
    """The events as the address asks for them."""

    _spec: ClassVar = SPEC
    rows: list[EventLine] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked, kind = self._asked(), self._asked().get("kind")
        found, total = await data.read(
            event_page,
            standings=[Standing(one) for one in (asked.get("standing") or "").split(",") if one],
            kind=EventKind(kind) if kind else None,
            webhook_id=asked.number("webhook"),
            text=asked.text,
            sort=asked.sort,
            page=asked.page,
            size=asked.size,
        )
        counts, webhooks = await data.read(count_by_standing), await data.read(webhook_rows)
        self.rows = [_line(row, user) for row in found]
        self._show(
            user,
            total,
            options={"webhook": [ui.Option(str(one.id), one.name) for one in webhooks]},
            view_counts={"decide": sum(counts.get(one, 0) for one in TO_DECIDE)},
        )

    @allowed(Right.EDIT)
    async def ignore_chosen(self, user: Viewer):
        """Nothing follows from the chosen events, as far as they wait for a decision."""
        done = await data.run(ignore_all, list(self.selected), data.now(), by=user.email)
        await ui.tell(self, say(user.language, "webhook.ignored_many", count=done))
        return WebhookEvents.load


def events_panel() -> rx.Component:
    """The list with its heading."""
    state = WebhookEvents
    ignores = ui.button(tr("mail_in.ignore"), small=True, on_click=state.ignore_chosen())
    return rx.fragment(
        rx.el.h2(tr("webhook.events"), style={"fontSize": "var(--font-size-3)", "fontWeight": 600}),
        ui.list_panel(
            state,
            _columns(),
            search=tr("webhook.search"),
            bulk=[ui.for_editors(ignores)],
            menu=answer_menu(EventDialog.open_one, "webhook.read"),
            name=lambda row: row.address,
            none_yet=ui.empty(tr("webhook.no_events"), tr("webhook.no_events_text"), icon_name="inbox"),
            two_lines=True,
            label=tr("webhook.events"),
        ),
    )


def _columns() -> list[ui.Column]:
    return [
        ui.Column("address", tr("webhook.recipient"), _address, sort="address", phone=1, fixed=True, named=True),
        ui.status_column("standing", tr("webhook.standing"), lambda row: row.standing, Standing, phone=2),
        ui.Column("verdict", tr("webhook.verdict"), verdict_cell, cut=True),
        ui.Column("whose", tr("mail_in.person"), _whose, phone=3, cut=True),
        ui.Column("mass_email", tr("log.mass_email"), mass_email_cell, cut=True, low=True),
        ui.time_column("at", tr("webhook.came"), lambda row: row.at, lambda row: row.full, sort="at", phone=4),
    ]


def _address(row: rx.Var[EventLine]) -> rx.Component:
    opens = rx.el.button(row.address, type="button", class_name="link", on_click=EventDialog.open_one(row.id))
    return rx.fragment(opens, rx.el.span(row.webhook, class_name="sub"))


def _whose(row: rx.Var[EventLine]) -> rx.Component:
    return rx.cond(row.whose_href != "", ui.link(row.whose, to=row.whose_href), rx.el.span("–", class_name="mute"))


def _line(row: EventRow, user: Viewer) -> EventLine:
    language, mass_email = user.language, row.mass_email_id
    return EventLine(
        id=row.id,
        at=format.moment(language, user.time_zone, row.at, data.now()),
        full=format.full_moment(language, user.time_zone, row.at),
        standing=row.standing,
        verdict=verdict_said(language, row),
        evidence=row.evidence,
        address=row.address or say(language, "webhook.no_address"),
        webhook=row.webhook,
        whose=row.person,
        whose_href=routes.to(routes.RECIPIENT, recipient_id=row.recipient_id) if row.recipient_id else "",
        mass_email=row.mass_email,
        mass_email_href=routes.to(routes.MASS_EMAIL, mass_email_id=mass_email) if mass_email else "",
    )
