"""The tests of a mass email so far, with the server's words. They are in no statistics."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from dashboard import data, ui
from dashboard.acts.person_words import by_whom
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.mass_emails.address import id_in
from models.test_send import TestRow, test_page

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One test."""

    id: int
    address: str
    result: str
    reply: str
    version: str
    by: str
    at: str
    full: str


class TestsPanel(rx.State):
    """The newest ones, and how many there were."""

    __test__ = False
    rows: list[Line] = []
    total: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        found, self.total = await data.read(test_page, id_in(self.router.url.path), 1, SHOWN)
        self.rows = [_line(user, row, data.now()) for row in found]

    def _clear(self) -> None:
        self.rows, self.total = [], 0


def tests_panel() -> rx.Component:
    """Shown once there was a test."""
    tests = TestsPanel
    columns = [
        ui.text_column("address", tr("mass_emails.address"), lambda row: row.address, phone=1),
        ui.Column("result", tr("mass_emails.result"), _result, phone=3, wide=True),
        ui.text_column("version", tr("mass_emails.version"), lambda row: row.version, low=True),
        ui.text_column("by", tr("mass_emails.by"), lambda row: row.by, low=True, cut=True),
        ui.time_column("at", tr("mass_emails.when"), lambda row: row.at, lambda row: row.full, phone=2, right=True),
    ]
    more = rx.cond(
        tests.total > SHOWN, rx.el.div(tr_with("mass_emails.newest_of", total=tests.total), class_name="foot")
    )
    return rx.cond(
        tests.total > 0,
        rx.el.section(
            ui.panel_head(tr("mass_emails.tests"), tr("mass_emails.tests_text"), ui.plain_badge(tests.total)),
            ui.table(tests.rows, columns, name=lambda row: row.address, label=tr("mass_emails.tests")),
            more,
            class_name="panel flush",
            id="tests",
        ),
    )


def _result(row: rx.Var[Line]) -> rx.Component:
    return rx.el.div(
        ui.state_icon(row.result, ["ok", "bad"]), rx.el.span(row.reply, class_name="mono mute"), class_name="row"
    )


def _line(user: Viewer, row: TestRow, now: datetime) -> Line:
    return Line(
        id=row.id,
        address=row.address,
        result="ok" if row.delivered else "bad",
        reply=row.reply or say(user.language, "mass_emails.no_answer"),
        version=say(user.language, "ui.number", number=row.version_no),
        by=by_whom(user.language, row.by),
        at=format.moment(user.language, user.time_zone, row.at, now),
        full=format.full_moment(user.language, user.time_zone, row.at),
    )
