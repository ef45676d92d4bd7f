"""Send Test: one mass email to chosen people or typed addresses, at once, from this process (D11).

SendTest.ask(mass_email_id)              the event that opens it
send_test_dialog()                       the dialog; mass_email_dialogs() has it already
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from jobs.test_sending import CONFIRM_OPTED_OUT, MOST, TestOutcome, send_test
from models.account_use import find_account_use
from models.errors import EnvoiError, Invalid, Refused
from models.mass_email_page import get_mass_email_row
from models.recipient import Kind
from models.recipient_filter import RecipientFilter
from models.recipient_page import RecipientRow, recipient_page
from models.test_send import TestRow, test_page

OFFERED = 8
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test: the server's words as they came, or why it was not even tried."""

    address: str
    delivered: bool
    tried: bool
    words: str


class SendTest(ui.FormState, rx.State):
    """`found`: the people that the typed words mean; `question`: the opted-out people that are asked about."""

    name: str = ""
    found: list[ui.Option] = []
    count: int = 0
    question: str = ""
    trouble: str = ""
    account: str = ""
    left: str = ""
    catching: bool = False
    arrived: bool = False
    results: list[Result] = []
    results_head: str = ""
    results_sum: str = ""
    _id: int = 0
    _sent: bool = False

    @allowed(Right.SEND)
    async def ask(self, user: Viewer, mass_email_id: int):
        """Open it for a mass email, with whoever asks as the first to get the test."""
        row = await data.read(get_mass_email_row, int(mass_email_id))
        me = await _find_me(user)
        self._id, self.name, self._sent = row.id, row.name, False
        self.found, self.count, self.question, self.trouble = [me], 1, "", ""
        await self._read_account(user)
        earlier, _ = await data.read(test_page, row.id, 1, MOST)
        self._show_earlier(user, earlier)
        self._open({"addresses": me.value})

    @allowed(Right.SEND)
    async def search(self, user: Viewer, text: str):
        chosen = RecipientFilter(text=str(text)[:LONGEST])
        rows, _ = await data.read(recipient_page, chosen, "name", 1, OFFERED)
        self.found = [_option(row) for row in rows if row.address]

    @allowed(Right.SEND)
    async def choose(self, user: Viewer, values: str):
        self.count = len([value for value in str(values).split(",") if value])
        self.errors, self.question, self.trouble = {}, "", ""

    @allowed(Right.SEND, background=True)
    async def send(self, user: Viewer, given: dict[str, Any]):
        async with self:
            if self.saving or not self.form_open:
                return
            ids, addresses = _read(ui.Typed(given))
            confirm, mass_email_id = self.question != "", self._id
            self.saving, self.errors, self.question, self.trouble = True, {}, "", ""
        try:
            outcomes = await send_test(mass_email_id, ids, addresses, user.email, confirm=confirm)
            async with self:
                self._report(user, outcomes, data.now())
                await self._read_account(user)
        except EnvoiError as error:
            async with self:
                self._explain(user, error)
        finally:  # whatever happened: a bug is told by the guard, and the dialog can be used again
            async with self:
                self.saving = False

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        """The page is loaded again when a test went out: it lists the tests."""
        self._close()
        if not self._sent:
            return None
        self._sent = False
        return rx.redirect(self._here(), replace=True)

    def _explain(self, user: Viewer, error: EnvoiError) -> None:
        if isinstance(error, Invalid) and "addresses" in error.problems:
            self._fail(user, error)
        elif isinstance(error, Refused) and error.problem.key == CONFIRM_OPTED_OUT:
            self.question = error.text(user.language)
        else:
            self.trouble = error.text(user.language)

    def _report(self, user: Viewer, outcomes: list[TestOutcome], now: datetime) -> None:
        shown = [
            Result(
                outcome.address,
                outcome.delivered,
                outcome.problem is None,
                outcome.problem.text(user.language) if outcome.problem else outcome.words,
            )
            for outcome in outcomes
        ]
        self._show(user, shown, now)
        self._sent = any(result.tried for result in shown)

    def _show_earlier(self, user: Viewer, earlier: list[TestRow]) -> None:
        """The last test: those that began in the same moment."""
        last = [row for row in earlier if row.at == earlier[0].at]
        unanswered = say(user.language, "mass_emails.no_answer")
        shown = [Result(row.address, row.delivered, True, row.reply or unanswered) for row in last]
        self._show(user, shown, last[0].at if last else None)

    def _show(self, user: Viewer, results: list[Result], at: datetime | None) -> None:
        sent = sum(result.delivered for result in results)
        self.results, self.arrived = results, sent > 0
        moment = format.moment(user.language, user.time_zone, at, data.now())
        self.results_head = say(user.language, "mass_emails.last_test", at=moment)
        self.results_sum = say(user.language, "mass_emails.test_sum", sent=sent, refused=len(results) - sent)

    async def _read_account(self, user: Viewer) -> None:
        use = await data.read(find_account_use, self._id, data.now())
        self.account = use.name if use else say(user.language, "delivery.waiting.no_account")
        self.left = say(user.language, "mass_emails.left_this_hour", count=use.left) if use else ""
        self.catching = use is not None and use.is_catcher

    def _here(self) -> str:
        url = self.router.url
        return f"{url.path}?{url.query}" if url.query else url.path


def send_test_dialog() -> rx.Component:
    """The dialog; put it once on a page whose acts open it."""
    test = SendTest
    return ui.dialog(
        _people(),
        rx.cond(test.trouble != "", ui.note(test.trouble, tone="bad", alert=True)),
        rx.cond(test.question != "", ui.note(test.question, tone="warn", icon_name="bell-off", alert=True)),
        _results(),
        title=tr("mass_emails.send_test"),
        text=tr_with("mass_emails.send_test_text", name=test.name),
        is_open=test.form_open,
        on_close=test.close(),
        left=rx.el.div(
            ui.icon("server", 15), rx.el.span(test.account), rx.el.span(test.left), class_name="row mute small"
        ),
        acts=[ui.button(tr("ui.close"), on_click=test.close()), _send()],
        width=760,
        form=test.send,
        form_key=test.serial,
    )


def _people() -> rx.Component:
    test = SendTest
    return ui.lists_field(
        test,
        "addresses",
        tr("mass_emails.test_to"),
        test.found,
        hint=tr("mass_emails.test_to_hint"),
        free=True,
        on_search=test.search,
        on_change=test.choose,
        placeholder=tr("mass_emails.name_or_address"),
    )


def _send() -> rx.Component:
    test = SendTest
    label = rx.cond(
        test.question != "", tr("mass_emails.send_all_the_same"), tr_with("mass_emails.send_test_to", count=test.count)
    )
    return ui.button(label, icon_name="flask-conical", look="pri", type="submit", busy=test.saving, id="send-test")


def _results() -> rx.Component:
    test = SendTest
    head = rx.el.div(
        rx.el.b(test.results_head), rx.el.span(test.results_sum, class_name="mute small"), class_name="row between"
    )
    caught = ui.note(
        tr("mass_emails.test_caught"),
        icon_name="mail-check",
        end=ui.text_link(tr("nav.mail_catcher"), routes.MAIL_CATCHER),
    )
    lines = rx.el.div(rx.foreach(test.results, _result), class_name="lines")
    return rx.cond(
        test.results.length() > 0,
        rx.el.section(
            rx.el.div(head, class_name="panel-h"),
            lines,
            rx.cond(test.catching & test.arrived, rx.el.div(caught, style={"padding": "12px 16px 16px"})),
            class_name="panel flush",
            id="test-results",
            role="status",
        ),
    )


def _result(result: rx.Var[Result]) -> rx.Component:
    sign = rx.cond(
        result.delivered,
        ui.icon("circle-check", class_name="ink-ok"),
        rx.cond(result.tried, ui.icon("circle-x", class_name="ink-bad"), ui.icon("shield-ban", class_name="ink-warn")),
    )
    words = rx.cond(
        result.tried,
        rx.el.div(result.words, class_name="mono mute small"),
        rx.el.div(result.words, class_name="mute small"),
    )
    said = rx.el.div(rx.el.div(result.address), words, class_name="grow")
    return rx.el.div(sign, said, class_name="row g3", style={"padding": "8px 16px"})


async def _find_me(user: Viewer) -> ui.Option:
    """Who asks, as the recipient that stands for the account (D1)."""
    chosen = RecipientFilter(text=user.email, kind=Kind.USER)
    rows, _ = await data.read(recipient_page, chosen, "name", 1, OFFERED)
    mine = next((row for row in rows if row.address.lower() == user.email), None)
    return _option(mine) if mine else ui.Option(user.email, user.name, user.email)


def _option(row: RecipientRow) -> ui.Option:
    return ui.Option(str(row.id), row.name, row.address)


def _read(typed: ui.Typed) -> tuple[list[int], list[str]]:
    """The recipients and the typed addresses among what was chosen."""
    chosen = [value.strip() for value in typed.text("addresses").split(",") if value.strip()][: MOST + 1]
    ids = [int(value) for value in chosen if value.isascii() and value.isdigit() and len(value) < 18]
    return ids, [value for value in chosen if not value.isdigit()]
