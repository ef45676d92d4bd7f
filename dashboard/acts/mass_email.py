"""What may be done with a mass email wherever it is listed. The page is loaded again after each act.

mass_email_items(row.id, row.status)     the entries of a row's menu
MassEmailActs.pause(row.id), …           the events by themselves; ask_… ask first
mass_email_dialogs()                     the questions: put it once on a page that offers the acts, and
                                         create_list_dialog() with it: cancelling may go on there
"""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.create_list import CreateList
from dashboard.acts.send_test import SendTest, send_test_dialog
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import Prefs, number, say, tr, tr_with
from models.audience import preview_audience
from models.errors import Invalid, Refused
from models.log_filter import LogFilter
from models.mass_email import CONFIRM_SITE_URL, MassEmailStatus, delete_mass_email, move, start, what_goes
from models.mass_email_page import MassEmailRow, get_mass_email_row
from models.queue_item import ItemState, cancel_rest, queue_counts, retry_failed
from models.undo import clear_queue

DRAFT, PENDING, PAUSED = MassEmailStatus.DRAFT, MassEmailStatus.PENDING, MassEmailStatus.PAUSED
IN_PROCESS, COMPLETE, FAILED = MassEmailStatus.IN_PROCESS, MassEmailStatus.COMPLETE, MassEmailStatus.FAILED


class MassEmailActs(rx.State):
    """`asking`: the question that is open, "" none. `people`: whom the act is about, `had_it`: who has got it,
    `may_have`: who is uncertain. `listing`: a target list of these two is made next."""

    asking: str = ""
    name: str = ""
    people: int = 0
    had_it: int = 0
    may_have: int = 0
    listing: bool = False
    kept: bool = False
    sending: bool = False
    why: str = ""
    _id: int = 0

    @allowed(Right.SEND)
    async def start(self, user: Viewer, mass_email_id: int):
        return await self._start(user, int(mass_email_id), confirm=False)

    @allowed(Right.SEND)
    async def confirm_start(self, user: Viewer):
        self.asking = ""
        return await self._start(user, self._id, confirm=True)

    @allowed(Right.SEND)
    async def pause(self, user: Viewer, mass_email_id: int):
        return await self._move(user, int(mass_email_id), PAUSED, "mass_emails.paused")

    @allowed(Right.SEND)
    async def resume(self, user: Viewer, mass_email_id: int):
        return await self._move(user, int(mass_email_id), IN_PROCESS, "mass_emails.resumed")

    @allowed(Right.SEND)
    async def back_to_draft(self, user: Viewer, mass_email_id: int):
        """From Pending or Failed; from In Process and Paused as long as no message has begun: then the queue goes."""
        row = await self._about(int(mass_email_id))
        if row.status not in {IN_PROCESS, PAUSED}:
            return await self._move(user, row.id, DRAFT, "mass_emails.is_draft")
        await data.run(move, row.id, DRAFT, data.now(), user.email)
        people = await data.work(clear_queue, row.id)
        await ui.tell(self, say(user.language, "mass_emails.undone", name=row.name, count=people))
        return _again(self)

    @allowed(Right.SEND)
    async def ask_cancel(self, user: Viewer, mass_email_id: int):
        """A Pending one has no queue yet: then it is about the people who would get it."""
        row = await self._about(int(mass_email_id))
        counts = await data.read(queue_counts, row.id)
        self.people, self.had_it, self.may_have = counts.waiting + counts.held, counts.sent, counts.uncertain
        self.listing = False
        if row.queued is None:
            self.people = (await data.work(preview_audience, row.id, data.now())).final
        self.asking = "cancel"

    @allowed(Right.SEND)
    async def confirm_cancel(self, user: Viewer):
        self.asking = ""
        await data.run(move, self._id, MassEmailStatus.CANCELLED, data.now(), user.email)  # at once, before long work
        people = await data.work(cancel_rest, self._id, data.now())
        await ui.tell(self, say(user.language, "mass_emails.cancelled", count=people, name=self.name))
        return [_again(self), CreateList.ask(who_has_it(self._id))] if self.listing else _again(self)

    @allowed(Right.SEND)
    async def list_them(self, user: Viewer, on: bool):
        self.listing = on is True

    @allowed(Right.SEND)
    async def pause_instead(self, user: Viewer):
        self.asking = ""
        return await self._move(user, self._id, PAUSED, "mass_emails.paused")

    @allowed(Right.SEND)
    async def ask_retry(self, user: Viewer, mass_email_id: int):
        row = await self._about(int(mass_email_id))
        self.people, self.asking = row.figures.failed, "retry"

    @allowed(Right.SEND)
    async def confirm_retry(self, user: Viewer):
        self.asking = ""
        again = await data.work(retry_failed, self._id, data.now(), user.email)
        await ui.tell(self, say(user.language, "mass_emails.retried", count=again))
        return _again(self)

    @allowed(Right.EDIT)
    async def ask_delete(self, user: Viewer, mass_email_id: int):
        row = await self._about(int(mass_email_id))
        going = await data.read(what_goes, row.id)
        self.people, self.had_it, self.kept, self.asking = going.people, row.figures.sent, going.kept, "delete"

    @allowed(Right.EDIT)
    async def confirm_delete(self, user: Viewer):
        self.asking = ""
        await data.run(delete_mass_email, self._id, data.now(), user.email)
        await ui.tell(self, say(user.language, "mass_emails.deleted", name=self.name))
        its_page = routes.to(routes.MASS_EMAIL, mass_email_id=self._id)
        here = self.router.url.path.rstrip("/")
        return rx.redirect(routes.MASS_EMAILS) if here == its_page else _again(self)

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = ""

    async def _about(self, mass_email_id: int) -> MassEmailRow:
        row = await data.read(get_mass_email_row, mass_email_id)
        self._id, self.name = row.id, row.name
        self.sending = row.status is IN_PROCESS
        return row

    async def _start(self, user: Viewer, mass_email_id: int, *, confirm: bool) -> Any:
        row = await self._about(mass_email_id)
        try:
            await data.run(start, row.id, data.now(), user.email, confirm=confirm)
        except Invalid as error:  # there is no form here: the sentences, and the way to the form
            said = " ".join(problem.text(user.language) for problem in error.problems.values())
            edit = routes.to(routes.MASS_EMAIL_EDIT, mass_email_id=row.id)
            await ui.tell(self, said, tone="bad", to=edit, act=say(user.language, "ui.edit"))
            return None
        except Refused as error:
            if error.problem.key != CONFIRM_SITE_URL:
                raise
            self.why, self.asking = error.text(user.language), "start"
            return None
        await ui.tell(self, say(user.language, "mass_emails.started", name=row.name))
        return _again(self)

    async def _move(self, user: Viewer, mass_email_id: int, to: MassEmailStatus, said: str) -> Any:
        row = await self._about(mass_email_id)
        await data.run(move, row.id, to, data.now(), user.email)
        await ui.tell(self, say(user.language, said, name=row.name), tone="warn" if to is PAUSED else "ok")
        return _again(self)

    def _clear(self) -> None:
        self.asking, self.name, self.why, self.people, self.had_it, self._id = "", "", "", 0, 0, 0
        self.may_have, self.listing = 0, False


def who_has_it(mass_email_id: int) -> str:
    """Who got a mass email or may have got it, for CreateList.ask."""
    return urlencode(LogFilter(mass_email_id=mass_email_id, states=(ItemState.SENT, ItemState.UNCERTAIN)).to_query())


def mass_email_items(mass_email_id: rx.Var[int], status: rx.Var[str], failed: Any = None) -> list[ui.Item | None]:
    """What a row's menu offers for the status, to those who may. `failed`: a Var, how many messages failed."""
    acts, page = MassEmailActs, "/mass-emails/" + mass_email_id.to_string()

    def is_(*states: MassEmailStatus) -> rx.Var[bool]:
        found = status == states[0].value
        for state in states[1:]:
            found |= status == state.value
        return found & Prefs.can_send

    retry = [] if failed is None else [_retry(mass_email_id, (failed > 0) & is_(IN_PROCESS, PAUSED, COMPLETE))]
    return [
        ui.Item(tr("ui.open"), "arrow-right", to=page),
        ui.Item(
            tr("mass_emails.send_test"), "flask-conical", on_click=SendTest.ask(mass_email_id), when=Prefs.can_send
        ),
        ui.Item(tr("mass_emails.start"), "send", on_click=acts.start(mass_email_id), when=is_(DRAFT)),
        ui.Item(tr("mass_emails.pause"), "pause", on_click=acts.pause(mass_email_id), when=is_(IN_PROCESS)),
        ui.Item(tr("mass_emails.resume"), "play", on_click=acts.resume(mass_email_id), when=is_(PAUSED)),
        *retry,
        ui.Item(tr("ui.edit"), "pencil", to=page + "/edit", when=Prefs.can_edit),
        ui.Item(
            tr("mass_emails.to_draft"),
            "pencil-line",
            on_click=acts.back_to_draft(mass_email_id),
            when=is_(PENDING, FAILED),
        ),
        None,
        ui.Item(
            tr("mass_emails.cancel"),
            "circle-stop",
            on_click=acts.ask_cancel(mass_email_id),
            bad=True,
            when=is_(PENDING, IN_PROCESS, PAUSED),
        ),
        ui.Item(
            tr("ui.delete"),
            "trash-2",
            on_click=acts.ask_delete(mass_email_id),
            bad=True,
            when=Prefs.can_edit & ~is_(IN_PROCESS, PAUSED),
        ),
    ]


def _retry(mass_email_id: rx.Var[int], when: rx.Var[bool]) -> ui.Item:
    return ui.Item(
        tr("mass_emails.retry_failed"), "rotate-cw", on_click=MassEmailActs.ask_retry(mass_email_id), when=when
    )


def mass_email_dialogs() -> rx.Component:
    """The questions and Send Test."""
    return rx.fragment(_cancel(), _delete(), _retry_failed(), _start_nevertheless(), send_test_dialog())


def _cancel() -> rx.Component:
    acts = MassEmailActs
    return ui.confirmation(
        _line(tr("mass_emails.goes_without"), acts.people),
        _line(tr("mass_emails.have_it"), acts.had_it),
        rx.cond(acts.may_have > 0, _line(tr("mass_emails.may_have"), acts.may_have)),
        rx.cond(acts.had_it + acts.may_have > 0, ui.for_editors(_list_them())),
        title=tr_with("mass_emails.cancel_question", name=acts.name),
        text=tr("mass_emails.cancel_text"),
        is_open=acts.asking == "cancel",
        on_close=acts.keep(),
        confirm=tr_with("mass_emails.cancel_count", count=acts.people),
        on_confirm=acts.confirm_cancel(),
        instead=[rx.cond(acts.sending, ui.button(tr("mass_emails.pause_instead"), on_click=acts.pause_instead()))],
    )


def _list_them() -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        class_name="cb",
        checked=MassEmailActs.listing,
        on_change=MassEmailActs.list_them,
        name="listing",
        id="list-who-has-it",
    )
    return rx.el.label(box, tr("mass_emails.then_list"), class_name="row")


def _delete() -> rx.Component:
    acts = MassEmailActs
    return ui.confirmation(
        _line(tr("mass_emails.goes_people"), acts.people),
        _line(tr("mass_emails.have_it"), acts.had_it),
        title=tr_with("mass_emails.delete_question", name=acts.name),
        text=rx.cond(acts.kept, tr("mass_emails.delete_kept"), tr("mass_emails.delete_gone")),
        is_open=acts.asking == "delete",
        on_close=acts.keep(),
        confirm=tr("mass_emails.delete"),
        on_confirm=acts.confirm_delete(),
        keep=tr("mass_emails.keep"),
    )


def _retry_failed() -> rx.Component:
    acts = MassEmailActs
    return ui.dialog(
        title=tr("mass_emails.retry_question"),
        text=tr("mass_emails.retry_text"),
        is_open=acts.asking == "retry",
        on_close=acts.keep(),
        acts=[
            ui.button(tr("ui.back"), on_click=acts.keep()),
            ui.button(tr_with("mass_emails.retry_count", count=acts.people), look="pri", on_click=acts.confirm_retry()),
        ],
    )


def _start_nevertheless() -> rx.Component:
    acts = MassEmailActs
    return ui.confirmation(
        title=tr_with("mass_emails.start_question", name=acts.name),
        text=acts.why,
        is_open=acts.asking == "start",
        on_close=acts.keep(),
        confirm=tr("mass_emails.start_nevertheless"),
        on_confirm=acts.confirm_start(),
        instead=[ui.for_administrators(ui.button(tr("nav.outbound_emails"), to=routes.OUTBOUND_EMAILS))],
    )


def _line(words: rx.Var[str], count: rx.Var[int]) -> rx.Component:
    return rx.el.div(words, rx.el.b(number(count), class_name="num strong"), class_name="row between")


def _again(state: rx.State) -> Any:
    """Load the page anew where it stands."""
    url = state.router.url
    return rx.redirect(f"{url.path}?{url.query}" if url.query else url.path, replace=True)
