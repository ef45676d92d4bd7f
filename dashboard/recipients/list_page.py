"""All recipients, by kind: search, filters, archiving, saving what is shown as a report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.people import KINDS, language_options, list_options, state_column, why
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, tr
from dashboard.recipients.archive import Archive, archive_dialog
from dashboard.recipients.form import RecipientForm, recipient_form
from dashboard.recipients.list_spec import SPEC, recipient_filter
from dashboard.recipients.save_report import SaveReport, save_report_dialog
from models.errors import NotFound
from models.recipient import Kind, MailState
from models.recipient_filter import RecipientFilter
from models.recipient_page import RecipientRow, count_exactly, count_recipients, get_recipient, recipient_page


@dataclass(frozen=True, slots=True)
class Line:
    """A recipient as the list shows it."""

    id: int
    name: str
    href: str
    kind: str
    address: str
    account: str
    language: str
    state: str
    why: str
    created: str
    created_full: str


class Recipients(ui.ListState, rx.State):
    """The rows as the address asks for them."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        chosen = recipient_filter(asked)
        found, total = await data.read(recipient_page, chosen, asked.sort, asked.page, asked.size)
        self.rows = [_line(row, user) for row in found]
        options = {
            "language": await language_options(user.language),
            "list": await list_options(),
            "account": await _account(asked.number("account")),
        }
        self._show(user, total, options=options, view_counts=await _counts(chosen))
        yield
        if not total.exact:
            self._count_up(user, await data.read(count_exactly, chosen))

    @allowed(Right.EDIT)
    async def ask_archive(self, user: Viewer):
        chosen = self._chosen()
        (await self.get_state(Archive))._ask(chosen, self.results if chosen is None else len(chosen))


def recipients_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(
            tr("recipients.title"),
            acts=[
                ui.for_editors(ui.button(tr("people.import"), icon_name="upload", to=routes.IMPORT)),
                ui.for_editors(_create()),
            ],
        ),
        ui.list_panel(
            Recipients,
            _columns(),
            search=tr("people.name_or_address"),
            bulk=[
                ui.for_editors(
                    ui.button(
                        tr("recipients.archive"),
                        icon_name="archive",
                        look="bad",
                        small=True,
                        on_click=Recipients.ask_archive(),
                    )
                )
            ],
            menu=_row_menu,
            more=rx.fragment(_consent_of_all(), ui.for_editors(_save_as_report())),
            none_yet=ui.empty(
                tr("recipients.none"),
                tr("recipients.none_text"),
                icon_name="users",
                acts=[ui.button(tr("people.import"), icon_name="upload", to=routes.IMPORT)],
            ),
            label=tr("recipients.title"),
        ),
        recipient_form(),
        archive_dialog(),
        save_report_dialog(),
        here="recipients",
        crumbs=[(tr("recipients.title"), routes.RECIPIENTS)],
    )


def _create() -> rx.Component:
    return ui.button(
        tr("recipients.create"),
        icon_name="plus",
        look="pri",
        key="c",
        on_click=RecipientForm.create_new(Recipients.filters["kind"]),
    )


def _save_as_report() -> rx.Component:
    return ui.button(
        tr("reports.save_as"),
        icon_name="funnel",
        look="ghost",
        small=True,
        on_click=SaveReport.ask(),
        id="save-as-report",
    )


def _consent_of_all() -> rx.Component:
    """The history of consent of every address, as a file."""
    href = routes.to(routes.CONSENT_OF_ALL, ending="csv")
    words = rx.el.span(tr("consent.of_all"))
    return ui.server_link(ui.icon("download", 15), words, to=href, class_name="btn ghost sm only-desk", download="")


def _columns() -> list[ui.Column]:
    return [
        ui.link_column("name", tr("people.name"), lambda row: row.name, lambda row: row.href, sort="name"),
        ui.status_column("kind", tr("people.kind"), lambda row: row.kind, Kind, low=True),
        ui.text_column("address", tr("people.address"), lambda row: row.address, sort="address", phone=3, cut=True),
        ui.text_column("account", tr("people.account"), lambda row: row.account, low=True, cut=True),
        ui.text_column("language", tr("people.language"), lambda row: row.language, sort="language", low=True),
        state_column("state", tr("people.is_state"), phone=2),
        ui.time_column(
            "created",
            tr("people.created"),
            lambda row: row.created,
            lambda row: row.created_full,
            sort="created",
            phone=4,
        ),
    ]


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    gone = row.state == MailState.ARCHIVED.value
    return [
        ui.Item(tr("ui.open"), "arrow-right", to=row.href),
        ui.Item(tr("ui.edit"), "pencil", on_click=RecipientForm.edit_one(row.id)),
        None,
        ui.Item(tr("recipients.restore"), "archive-restore", on_click=Archive.restore(row.id), when=gone),
        ui.Item(tr("recipients.archive"), "archive", on_click=Archive.ask_one(row.id), bad=True, when=~gone),
    ]


async def _counts(chosen: RecipientFilter) -> Mapping[str, int]:
    """How many there are of each kind under the same filters."""
    kinds = {"": None, **{kind.value: kind for kind in KINDS}}
    return {key: await data.read(count_recipients, replace(chosen, kind=kind)) for key, kind in kinds.items()}


async def _account(account_id: int | None) -> list[ui.Option]:
    """The account whose contacts are shown, so that its chip says its name."""
    if account_id is None:
        return []
    try:
        found = await data.read(get_recipient, account_id)
    except NotFound:  # an old address
        return []
    return [ui.Option(str(account_id), found.row.name)]


def _line(row: RecipientRow, user: Viewer) -> Line:
    language = user.language
    return Line(
        id=row.id,
        name=row.name,
        href=routes.to(routes.RECIPIENT, recipient_id=row.id),
        kind=row.kind,
        address=row.address or format.UNKNOWN,
        account=row.account or row.company or format.UNKNOWN,
        language=format.language_name(language, row.language) if row.language else format.UNKNOWN,
        state=row.state,
        why=why(language, row),
        created=format.moment(language, user.time_zone, row.created_at, data.now()),
        created_full=format.full_moment(language, user.time_zone, row.created_at),
    )
