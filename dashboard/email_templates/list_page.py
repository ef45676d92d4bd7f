"""All email templates: search, new, duplicate, delete."""

from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.email_templates.delete import TemplateDelete, delete_dialog
from dashboard.i18n import Prefs, format, say, tr
from models.email_template import duplicate_template
from models.email_template_page import TemplateRow, template_page

SPEC = ui.ListSpec(route=routes.EMAIL_TEMPLATES, sorts=("name", "subject", "used", "changed"), sort="-changed")


@dataclass(frozen=True, slots=True)
class Line:
    """A template as it is shown."""

    id: int
    name: str
    href: str
    subject: str
    version: str
    size: str
    used: str
    used_to: str
    changed: str
    changed_full: str


class EmailTemplates(ui.ListState, rx.State):
    """The rows as the address asks for them, and the acts on the chosen ones."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        found, total = await data.read(template_page, asked.text, asked.sort, asked.page, asked.size)
        self.rows = [_line(row, user) for row in found]
        self._show(user, total)

    @allowed(Right.EDIT)
    async def duplicate(self, user: Viewer, template_id: int):
        made = await data.run(duplicate_template, int(template_id), data.now(), user.email, user.language)
        page = routes.to(routes.EMAIL_TEMPLATE, template_id=made.id)
        said = say(user.language, "templates.duplicated", name=made.name)
        await ui.tell(self, said, to=page, act=say(user.language, "ui.open"))
        return rx.redirect(self._address(self._asked()), replace=True)


def email_templates_page() -> rx.Component:
    """The page, part by part."""
    return ui.page(
        ui.page_header(tr("nav.email_templates"), acts=[ui.for_editors(_create())]),
        ui.list_panel(
            EmailTemplates,
            _columns(),
            search=tr("templates.search"),
            menu=_row_menu,
            none_yet=ui.empty(
                tr("templates.none"),
                tr("templates.none_text"),
                icon_name="file-text",
                acts=[ui.for_editors(_create())],
            ),
            label=tr("nav.email_templates"),
        ),
        delete_dialog(),
        here="email_templates",
        crumbs=[(tr("nav.email_templates"), routes.EMAIL_TEMPLATES)],
    )


def _create() -> rx.Component:
    return ui.button(tr("templates.create"), icon_name="plus", look="pri", key="c", to=routes.EMAIL_TEMPLATE_NEW)


def _columns() -> list[ui.Column]:
    return [
        ui.link_column("name", tr("templates.name"), lambda row: row.name, lambda row: row.href, sort="name"),
        ui.text_column(
            "subject", tr("templates.subject"), lambda row: row.subject, sort="subject", phone=3, cut=True, wide=True
        ),
        ui.number_column("version", tr("templates.version"), lambda row: row.version),
        ui.number_column("size", tr("templates.size"), lambda row: row.size, low=True),
        ui.count_column("used", tr("templates.used"), lambda row: row.used, lambda row: row.used_to, sort="used"),
        ui.time_column(
            "changed",
            tr("templates.changed"),
            lambda row: row.changed,
            lambda row: row.changed_full,
            sort="changed",
            phone=4,
        ),
    ]


def _row_menu(row: rx.Var[Line]) -> list[ui.Item | None]:
    may = Prefs.can_edit
    return [
        ui.Item(tr("ui.open"), "arrow-right", to=row.href),
        ui.Item(tr("templates.duplicate"), "copy", on_click=EmailTemplates.duplicate(row.id), when=may),
        None,
        ui.Item(tr("ui.delete"), "trash-2", on_click=TemplateDelete.ask(row.id), bad=True, when=may),
    ]


def _line(row: TemplateRow, user: Viewer) -> Line:
    return Line(
        id=row.id,
        name=row.name,
        href=routes.to(routes.EMAIL_TEMPLATE, template_id=row.id),
        subject=row.subject,
        version=format.count(user.language, row.version_no),
        size=format.size(user.language, row.characters),
        used=format.count(user.language, row.used),
        used_to=routes.to(routes.EMAIL_TEMPLATE, template_id=row.id) if row.used else "",
        changed=format.moment(user.language, user.time_zone, row.changed_at, data.now()),
        changed_full=format.full_moment(user.language, user.time_zone, row.changed_at),
    )
