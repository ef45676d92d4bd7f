"""The message as one real person reads it: desktop, phone, dark, text; from person to person."""

from typing import Final

import reflex as rx

from dashboard import data, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from dashboard.mass_emails.address import id_in
from jobs.plans import AsRead, load_preview
from models.audience import preview_recipients
from models.errors import EnvoiError, NotFound
from models.mass_email_news import read_audience
from models.queue_item import queued_recipients

WAYS: Final = {"desktop": "monitor", "phone": "smartphone", "dark": "moon", "text": "align-left"}
AT_ONCE: Final = 50
"""People that are looked up together: leafing is quick."""


class PreviewPanel(rx.State):
    """`place`: whose message it is, from 1 in the order of the queue; `trouble`: why there is none to show."""

    way: str = "desktop"
    place: int = 1
    total: int = 0
    person: str = ""
    initials: str = ""
    subject: str = ""
    sender: str = ""
    document: str = ""
    plain: str = ""
    position: str = ""
    version: str = ""
    trouble: str = ""
    ready: bool = False
    _id: int = 0
    _ids: list[int] = []
    _page: int = 0
    _html: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        wanted = id_in(self.router.url.path)
        if wanted == self._id and "left_out" in self.router.url.query_parameters:
            return  # people are listed over the page: nothing here changes
        if wanted != self._id:
            self._clear()
        self._id, self._page = wanted, 0
        await self._show(user, self.place)

    @allowed(Right.LOOK)
    async def leaf(self, user: Viewer, place: int):
        await self._show(user, int(place))

    @allowed(Right.LOOK)
    async def look(self, user: Viewer, way: str):
        self.way = way if way in WAYS else "desktop"
        self.document = ui.sealed(self._html, dark=self.way == "dark")

    async def _show(self, user: Viewer, place: int) -> None:
        self.place, self.trouble = max(1, place), ""
        try:
            await self._look_up(1 + (self.place - 1) // AT_ONCE)
            if not self._ids:
                self.trouble = say(user.language, "mass_emails.nobody_to_show")
                return
            self.place = min(self.place, self.total)
            recipient_id = self._ids[(self.place - 1) % AT_ONCE]
            self._put(user, await data.read(load_preview, self._id, recipient_id, data.now()))
        except NotFound as error:
            self.trouble = error.text(user.language)
        except EnvoiError as error:  # the template cannot be a mail: what is wrong, word for word
            self.trouble = error.text(user.language)
        finally:
            self.ready = True

    async def _look_up(self, page: int) -> None:
        if page == self._page:
            return
        now = data.now()
        if await data.read(read_audience, self._id, now) is None:
            self._ids, self.total = await data.work(preview_recipients, self._id, now, page, AT_ONCE)
        else:
            self._ids, self.total = await data.read(queued_recipients, self._id, page, AT_ONCE)
        self._page = page

    def _put(self, user: Viewer, seen: AsRead) -> None:
        self.person = seen.person or seen.address
        self.initials = "".join(part[0] for part in self.person.split()[:2]).upper()
        self.subject, self.sender, self.plain, self._html = (
            seen.mail.subject,
            seen.sender,
            seen.mail.text,
            seen.mail.html,
        )
        self.document = ui.sealed(seen.mail.html, dark=self.way == "dark")
        self.version = say(user.language, "mass_emails.version_no", no=seen.version_no)
        self.position = say(user.language, "mass_emails.place", place=self.place, total=self.total)

    def _clear(self) -> None:
        self.place, self.total, self.person, self.initials, self.subject, self.sender = 1, 0, "", "", "", ""
        self.document, self.plain, self.position, self.trouble, self.ready = "", "", "", "", False
        self._id, self._ids, self._page, self._html = 0, [], 0, ""


def preview_panel(name: rx.Var[str]) -> rx.Component:
    """`name`: of the mass email, for those who do not see the frame."""
    seen = PreviewPanel
    ways = [(way, tr(f"mass_emails.way.{way}")) for way in WAYS]
    inside = rx.fragment(
        rx.el.div(
            _person(),
            ui.facts(
                (tr("mass_emails.subject"), rx.el.b(seen.subject)),
                (tr("mass_emails.from"), seen.sender),
                (tr("mass_emails.template"), seen.version),
            ),
            class_name="panel-b col g3",
        ),
        rx.cond(
            seen.way == "text",
            rx.el.pre(
                seen.plain,
                class_name="code",
                style={"padding": "16px", "maxHeight": "520px", "overflow": "auto"},
                tab_index=0,
            ),
            ui.mail_frame(seen.document, name, phone=seen.way == "phone"),
        ),
    )
    return rx.el.section(
        ui.panel_head(
            tr("mass_emails.preview"),
            ui.segments(seen.way, ways, seen.look, tr("mass_emails.preview"), icons=WAYS),
        ),
        rx.cond(
            seen.trouble != "",
            rx.el.div(ui.note(seen.trouble, tone="warn"), class_name="panel-b"),
            rx.cond(seen.ready, inside, ui.skeleton_rows(5, (60,))),
        ),
        class_name="panel flush",
        id="preview",
    )


def _person() -> rx.Component:
    seen = PreviewPanel
    return rx.el.div(
        rx.el.span(seen.initials, class_name="ava", aria_hidden="true"),
        rx.el.span(seen.person, class_name="grow trunc"),
        ui.icon_button(
            tr("mass_emails.previous_person"),
            "chevron-left",
            small=True,
            disabled=seen.place <= 1,
            on_click=seen.leaf(seen.place - 1),
        ),
        rx.el.span(seen.position, class_name="mute num"),
        ui.icon_button(
            tr("mass_emails.next_person"),
            "chevron-right",
            small=True,
            disabled=seen.place >= seen.total,
            on_click=seen.leaf(seen.place + 1),
        ),
        class_name="in",
        style={"padding": "0 4px"},
    )
