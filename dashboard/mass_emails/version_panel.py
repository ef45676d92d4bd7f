"""A newer version of the template: looked at beside the frozen one, taken for who is not mailed; and who got which."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import reflex as rx

from dashboard import data, routes, ui
from dashboard.acts.person_words import by_whom
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.mass_emails.address import id_in
from jobs.plans import AsRead, load_preview
from models.audience import preview_recipients
from models.errors import EnvoiError, Invalid, NotFound
from models.log_filter import LogFilter
from models.new_version import Offer, VersionUse, find_offer, find_unmailed, take_version, versions_of_mass_email
from models.queue_table import ItemState

MOST_LINES: Final = 60


@dataclass(frozen=True, slots=True)
class Got:
    """A version that it went out with: how many people got it, and where they are listed."""

    id: int
    label: str
    since: str
    people: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the text that goes ("-"), that comes ("+"), or that stands around them (" ")."""

    sign: Literal["-", "+", " "]
    text: str


class VersionPanel(rx.State):
    """`trouble`: why there is nothing to show; `person`: who would read it so; `ready`: it may be taken."""

    got: list[Got] = []
    is_open: bool = False
    no: int = 0
    frozen_no: int = 0
    people: int = 0
    person: str = ""
    subject: str = ""
    frozen_subject: str = ""
    changes: list[Change] = []
    document: str = ""
    trouble: str = ""
    ready: bool = False
    taking: bool = False
    _id: int = 0
    _version_id: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        self._id = id_in(self.router.url.path)
        self.got = [_got(user, self._id, use) for use in await data.read(versions_of_mass_email, self._id)]

    @allowed(Right.LOOK)
    async def look(self, user: Viewer):
        """The difference, as one person who may get it would read it."""
        self._id = id_in(self.router.url.path)
        offer = await data.read(find_offer, self._id)
        if offer is None:
            await ui.tell(self, say(user.language, "mass_emails.no_newer"), tone="warn")
            return
        self._begin(offer)
        try:
            recipient_id = await self._somebody()
            before, after = [
                await data.read(load_preview, self._id, recipient_id, data.now(), version_id)
                for version_id in (offer.frozen_id, offer.version_id)
            ]
            self._put(before, after)
        except EnvoiError as error:  # it cannot be a mail, or nobody is there to read it: why, word for word
            self.trouble = error.text(user.language)
        self.is_open = True

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self.is_open = False

    @allowed(Right.SEND)
    async def take(self, user: Viewer):
        if not self._version_id:
            return None
        self.is_open = False
        try:
            await data.run(take_version, self._id, self._version_id, data.now(), user.email)
        except Invalid as error:
            said = " ".join(problem.text(user.language) for problem in error.problems.values())
            await ui.tell(self, said, tone="bad")
            return None
        await ui.tell(self, say(user.language, "mass_emails.version_taken", no=self.no))
        return rx.redirect(self.router.url.path, replace=True)

    async def _somebody(self) -> int:
        unmailed = await data.read(find_unmailed, self._id)
        if unmailed is not None:
            return unmailed
        ids, _ = await data.work(preview_recipients, self._id, data.now(), 1, 1)
        if not ids:
            raise NotFound("mass_emails.nobody_to_show")
        return ids[0]

    def _begin(self, offer: Offer) -> None:
        self._clear_offer()
        self.no, self.frozen_no, self._version_id = offer.no, offer.frozen_no, offer.version_id
        self.people = offer.people or 0

    def _put(self, before: AsRead, after: AsRead) -> None:
        self.person = after.person or after.address
        self.frozen_subject, self.subject = before.mail.subject, after.mail.subject
        self.changes = list(differences(before.mail.text, after.mail.text))
        self.document, self.ready = ui.sealed(after.mail.html, dark=False), True

    def _clear_offer(self) -> None:
        self.subject, self.frozen_subject, self.person, self.document, self.trouble = "", "", "", "", ""
        self.changes, self.ready, self._version_id, self.no, self.frozen_no = [], False, 0, 0, 0

    def _clear(self) -> None:
        self._clear_offer()
        self.got, self.is_open, self._id = [], False, 0


def differences(before: str, after: str) -> Iterator[Change]:
    """The lines of two texts that differ, with one line around them; at most MOST_LINES."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    shown = [line for line in lines if line[:3] not in {"---", "+++"} and not line.startswith("@@")]
    for line in shown[:MOST_LINES]:
        if line[0] in "-+" or line.strip():
            yield Change("-" if line[0] == "-" else "+" if line[0] == "+" else " ", line[1:])


def versions_panel() -> rx.Component:
    """Who got which version: shown once there are several."""
    panel = VersionPanel
    return rx.fragment(
        rx.cond(
            panel.got.length() > 0,
            ui.panel(
                rx.el.div(rx.foreach(panel.got, _one), class_name="lines", id="versions"),
                title=tr("mass_emails.versions"),
            ),
        ),
        _dialog(),
    )


def _one(got: rx.Var[Got]) -> rx.Component:
    people = rx.cond(got.href != "", ui.door(got.people, got.href), rx.el.span(got.people, class_name="num"))
    return rx.el.div(
        rx.el.b(got.label),
        rx.el.span(got.since, class_name="mute small"),
        rx.cond(got.current, ui.plain_badge(tr("mass_emails.version_now"))),
        rx.el.span(people, style={"marginLeft": "auto"}),
        class_name="row wrap",
        style={"padding": "8px 0"},
    )


def _dialog() -> rx.Component:
    panel = VersionPanel
    taken = rx.cond(
        panel.people < 1,
        tr_with("mass_emails.take_version", no=panel.no),
        tr_with("mass_emails.take_version_for", no=panel.no, count=panel.people),
    )
    shown = rx.fragment(
        ui.facts((tr("mass_emails.subject"), _subject()), (tr("mass_emails.read_by"), panel.person)),
        _changes(),
        ui.mail_frame(panel.document, tr_with("mass_emails.version_no", no=panel.no), height="320px"),
    )
    return ui.dialog(
        rx.el.div(
            rx.cond(panel.trouble != "", ui.note(panel.trouble, tone="bad"), shown),
            class_name="col g3",
            id="new-version",
        ),
        title=tr_with("mass_emails.version_question", newest=panel.no, frozen=panel.frozen_no),
        text=tr("mass_emails.version_text"),
        is_open=panel.is_open,
        on_close=panel.close(),
        acts=[
            ui.button(tr_with("mass_emails.keep_version", no=panel.frozen_no), on_click=panel.close()),
            ui.for_senders(
                ui.button(taken, look="pri", on_click=panel.take(), disabled=~panel.ready, id="take-version")
            ),
        ],
        width=760,
    )


def _subject() -> rx.Component:
    panel = VersionPanel
    both = rx.fragment(rx.el.del_(panel.frozen_subject, class_name="mute"), " ", rx.el.ins(panel.subject))
    return rx.cond(panel.subject == panel.frozen_subject, rx.el.span(panel.subject), both)


def _changes() -> rx.Component:
    """The lines that differ; when only the look does, that is said."""
    panel = VersionPanel

    def line(change: rx.Var[Change]) -> rx.Component:
        tone = rx.match(change.sign, ("-", "ink-bad"), ("+", "ink-ok"), "mute")
        return rx.el.div(change.sign, " ", change.text, class_name=tone)

    lines = rx.el.div(
        rx.foreach(panel.changes, line),
        class_name="code",
        style={"padding": "12px", "maxHeight": "220px", "overflow": "auto", "whiteSpace": "pre-wrap"},
        tab_index=0,
        role="region",
        aria_label=tr("mass_emails.differences"),
    )
    return rx.cond(panel.changes.length() > 0, lines, rx.el.p(tr("mass_emails.only_looks"), class_name="mute"))


def _got(user: Viewer, mass_email_id: int, use: VersionUse) -> Got:
    language = user.language
    chosen = LogFilter(mass_email_id=mass_email_id, states=(ItemState.SENT,), version_id=use.version_id)
    since = format.moment(language, user.time_zone, use.since, data.now()) if use.since else ""
    said = "mass_emails.version_since" if use.since else "mass_emails.version_first"
    return Got(
        id=use.version_id,
        label=say(language, "mass_emails.version_no", no=use.no),
        since=say(language, said, at=since, by=by_whom(language, use.by)),
        people=say(language, "mass_emails.got_it", count=use.people),
        href=routes.to(routes.LOG, **chosen.to_query(), show="people") if use.people else "",
        current=use.current,
    )
