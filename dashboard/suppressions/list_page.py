"""All suppressions: search, filters, evidence; adding by hand, releasing one, some or all results; export."""

from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.event_words import provider_said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, format, say, tr
from dashboard.suppressions.add_form import SuppressionForm, add_form
from dashboard.suppressions.evidence import EvidenceDialog, evidence_dialog
from dashboard.suppressions.release import Release, release_dialog
from dashboard.suppressions.spec import SPEC, suppression_filter
from models.suppression import SuppressionReason
from models.suppression_page import (
    SuppressionFilter,
    SuppressionRow,
    count_by_reason,
    providers_in_use,
    suppression_page,
    suppressions_of,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A suppression as its row shows it. `id`: its key. `whose` "": no recipient has the address."""

    id: int
    address: str
    erased: bool
    reason: str
    evidence: str
    whose: str
    whose_href: str
    provider: str
    since: str
    since_full: str
    until: str
    until_full: str


class Suppressions(ui.ListState, rx.State):
    """The rows as the address asks for them."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    export: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        (await self.get_state(EvidenceDialog)).key = 0  # whoever went on by one of its links comes back to the list
        chosen = suppression_filter(asked, user.time_zone)
        found, total = await data.read(suppression_page, chosen, sort=asked.sort, page=asked.page, size=asked.size)
        counts = await data.read(count_by_reason, chosen)
        self.rows = [_line(row, user) for row in found]
        providers = [ui.Option(name, provider_said(user.language, name)) for name in await data.read(providers_in_use)]
        self._show(
            user,
            total,
            options={"provider": providers, "address": await _addresses(chosen)},
            view_counts={"": sum(counts.values()), **counts},
        )
        self.export = SPEC.address(asked, routes.SUPPRESSIONS_EXPORT)

    @allowed(Right.ADMINISTER)
    async def ask_release(self, user: Viewer):
        """The chosen ones, or all results as they are at the moment of releasing."""
        chosen = self._chosen()
        asked = chosen if chosen is not None else suppression_filter(self._asked(), user.time_zone)
        await (await self.get_state(Release))._ask(asked)


def suppressions_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(
            tr("nav.suppressions"),
            facts=[tr("suppressions.about")],
            acts=[
                ui.for_editors(ui.button(tr("suppressions.import"), icon_name="upload", to=routes.SUPPRESSIONS_IMPORT)),
                ui.for_editors(_add()),
            ],
        ),
        ui.list_panel(
            Suppressions,
            _columns(),
            search=tr("people.address"),
            bulk=[ui.for_administrators(_release_chosen())],
            menu=_row_menu,
            name=lambda row: row.address,
            export=Suppressions.export,
            none_yet=ui.empty(
                tr("suppressions.none"),
                tr("suppressions.none_text"),
                icon_name="shield-ban",
                acts=[
                    ui.for_editors(_add(primary=False)),
                    ui.for_editors(
                        ui.button(tr("suppressions.import"), icon_name="upload", to=routes.SUPPRESSIONS_IMPORT)
                    ),
                ],
            ),
            label=tr("nav.suppressions"),
        ),
        add_form(),
        evidence_dialog(),
        release_dialog(),
        here="suppressions",
        crumbs=[(tr("nav.suppressions"), routes.SUPPRESSIONS)],
    )


def _add(*, primary: bool = True) -> rx.Component:
    keys = {"look": "pri", "key": "c"} if primary else {}
    return ui.button(tr("suppressions.add"), icon_name="plus", on_click=SuppressionForm.open_new(), **keys)


def _release_chosen() -> rx.Component:
    return ui.button(
        tr("people.release"), icon_name="shield-off", look="bad", small=True, on_click=Suppressions.ask_release()
    )


def _columns() -> list[ui.Column]:
    return [
        ui.Column("address", tr("people.address"), _address, sort="address", phone=1, fixed=True, named=True),
        ui.status_column(
            "reason",
            tr("suppressions.reason"),
            lambda row: row.reason,
            SuppressionReason,
            words="suppressions.is",
            sort="reason",
            phone=2,
        ),
        ui.Column("evidence", tr("suppressions.evidence"), _evidence, cut=True, wide=True),
        ui.Column("whose", tr("recipients.one"), _whose, cut=True, phone=3),
        ui.text_column("provider", tr("suppressions.provider"), lambda row: row.provider, sort="provider", low=True),
        ui.time_column(
            "since", tr("people.since"), lambda row: row.since, lambda row: row.since_full, sort="since", phone=4
        ),
        ui.time_column(
            "until", tr("suppressions.until"), lambda row: row.until, lambda row: row.until_full, sort="until"
        ),
    ]


def _address(row: rx.Var[Line]) -> rx.Component:
    return rx.el.button(
        row.address,
        type="button",
        class_name="link name",
        title=row.address,
        on_click=EvidenceDialog.open_one(row.id),
    )


def _evidence(row: rx.Var[Line]) -> rx.Component:
    words = rx.el.span(row.evidence, class_name="mono small mute", title=row.evidence)
    return rx.cond(row.evidence != "", words, rx.el.span(format.UNKNOWN, class_name="mute"))


def _whose(row: rx.Var[Line]) -> rx.Component:
    person = ui.link(row.whose, to=row.whose_href)
    return rx.cond(row.whose_href != "", person, rx.el.span(tr("suppressions.nobody"), class_name="mute"))


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    return [
        ui.Item(tr("suppressions.show_evidence"), "file-search", on_click=EvidenceDialog.open_one(row.id)),
        None,
        ui.Item(
            tr("people.release"),
            "shield-off",
            on_click=Release.ask_one(row.id),
            bad=True,
            when=Prefs.can_administer & ~row.erased,
        ),
    ]


async def _addresses(chosen: SuppressionFilter) -> list[ui.Option]:
    """The address that a link asked for, so that its chip says it."""
    if chosen.address_id is None:
        return []
    return [ui.Option(str(row.address_id), row.address) for row in await data.read(suppressions_of, chosen.address_id)][
        :1
    ]


def _line(row: SuppressionRow, user: Viewer) -> Line:
    language, zone, now = user.language, user.time_zone, data.now()
    whose = say(language, "people.and_more", name=row.name, more=row.people - 1) if row.people > 1 else row.name
    return Line(
        id=row.key,
        address=row.address or say(language, "suppressions.erased_address"),
        erased=row.reason is SuppressionReason.ERASED,
        reason=row.reason,
        evidence=row.evidence,
        whose=whose,
        whose_href=routes.to(routes.RECIPIENT, recipient_id=row.recipient_id) if row.recipient_id else "",
        provider=provider_said(language, row.provider),
        since=format.moment(language, zone, row.since, now),
        since_full=format.full_moment(language, zone, row.since),
        until=format.moment(language, zone, row.until, now) if row.until else say(language, "suppressions.for_good"),
        until_full=format.full_moment(language, zone, row.until),
    )
