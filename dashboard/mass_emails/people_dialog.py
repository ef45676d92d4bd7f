"""The people behind a number of "Who gets it", each with the reason: /mass-emails/ID?left_out=excluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from dashboard.mass_emails.address import id_in
from models.audience import LeftOutRow, left_out_page, preview_left_out, preview_recipients
from models.errors import NotFound
from models.mass_email import LeftOutReason
from models.mass_email_news import read_audience
from models.recipient import Kind
from models.recipient_page import RecipientRow, load_rows

ALL, NONE = "all", "none"
"""Everybody who is left out; those who are not, and would get it."""

SPEC: Final = ui.ListSpec(
    route=routes.MASS_EMAIL,
    sorts=("reason",),
    sort="reason",
    filters=(
        ui.Filter("left_out", "mass_emails.reason", "choice", (ALL, NONE, *LeftOutReason), "mass_emails.left_out"),
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A person, and why."""

    id: int
    name: str
    href: str
    address: str
    kind: str
    because: str


class LeftOutPeople(ui.ListState, rx.State):
    """Open while the address asks for it."""

    _spec: ClassVar = SPEC
    rows: list[Line] = []
    is_open: bool = False
    title: str = ""
    with_reason: bool = False

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self._asked()
        which = asked.get("left_out")
        if which is None:
            self.is_open = False
            return
        try:
            self.rows, total = await self._read(user, which, asked)
        except NotFound:  # the page says it
            return
        self._show(user, total)
        self.title = say(user.language, f"mass_emails.left_out.{which}")
        self.with_reason, self.is_open = which != NONE, True

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self.is_open = False
        return rx.redirect(self.router.url.path, replace=True)

    async def _read(self, user: Viewer, which: str, asked: ui.Asked) -> tuple[list[Line], int]:
        wanted, now = id_in(self.router.url.path), data.now()
        if which == NONE:
            ids, total = await data.work(preview_recipients, wanted, now, asked.page, asked.size)
            return _members(await data.read(load_rows, ids)), total
        reason = None if which == ALL else LeftOutReason(which)
        if await data.read(read_audience, wanted, now) is None:
            rows, total = await data.work(preview_left_out, wanted, now, reason, asked.page, asked.size)
        else:
            rows, total = await data.read(left_out_page, wanted, reason, asked.page, asked.size)
        return _lines(user.language, rows), total


def people_dialog() -> rx.Component:
    """The list over the page."""
    people = LeftOutPeople
    because = ui.text_column("because", tr("mass_emails.reason"), lambda row: row.because, phone=4, wide=True)
    columns = [
        ui.link_column("name", tr("mass_emails.recipient"), lambda row: row.name, lambda row: row.href),
        ui.text_column("address", tr("mass_emails.address"), lambda row: row.address, phone=3),
        ui.status_column("kind", tr("mass_emails.kind"), lambda row: row.kind, Kind, phone=2),
    ]
    tables = rx.cond(
        people.with_reason,
        ui.table(people.rows, [*columns, because], label=people.title),
        ui.table(people.rows, columns, label=people.title),
    )
    return ui.dialog(
        rx.el.section(
            rx.cond(people.total > 0, rx.fragment(tables, ui.paging(people)), ui.empty(tr("mass_emails.nobody"))),
            class_name="panel flush",
            style={"flex": "none"},
        ),
        title=people.title,
        text=people.range_text,
        is_open=people.is_open,
        on_close=people.close(),
        acts=[ui.button(tr("ui.close"), on_click=people.close())],
        width=920,
    )


def _lines(language: str, rows: Sequence[LeftOutRow]) -> list[Line]:
    return [
        Line(row.recipient_id, row.name, _page_of(row.recipient_id), row.address, row.kind, row.because.text(language))
        for row in rows
    ]


def _members(rows: Sequence[RecipientRow]) -> list[Line]:
    return [Line(row.id, row.name, _page_of(row.id), row.address, row.kind, "") for row in rows]


def _page_of(recipient_id: int) -> str:
    return routes.to(routes.RECIPIENT, recipient_id=recipient_id)
