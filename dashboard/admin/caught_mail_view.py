"""A caught message: as it looks, its text, headers, source and links; and what its recipient could do with it."""

import re
from dataclasses import dataclass
from typing import Final

import reflex as rx

from dashboard import data, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from models.caught_mail import CaughtParts, answers_in, get_caught
from models.errors import NotFound

PARTS: Final = ("html", "text", "headers", "source", "links")
LONGEST: Final = 200_000
"""Characters of a part that are drawn."""
# The policy of a sealed preview blocks them in any case; the browser complains of each.
_REMOTE_PICTURE: Final = re.compile(r"""(<img\b[^>]*?\s)src(?=\s*=\s*["']?(?:https?:)?//)""", re.IGNORECASE)
ICONS: Final = {"desktop": "monitor", "phone": "smartphone"}


@dataclass(frozen=True, slots=True)
class Mail:
    """The head of a message, and its public addresses as paths of this site: "" where it has none."""

    id: int = 0
    subject: str = ""
    sender: str = ""
    recipient: str = ""
    at: str = ""
    at_full: str = ""
    is_test: bool = False
    opt_out_headers: str = ""
    header_count: str = ""
    octets: str = ""
    link_count: str = ""
    pixel: str = ""
    click: str = ""
    opt_out: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """One line of the head."""

    name: str
    value: str


class CaughtMailView(rx.State):
    """The message at the right; only the part that is shown travels to the page. `gone`: why there is none."""

    mail: Mail = Mail()
    part: str = PARTS[0]
    hrefs: dict[str, str] = {}
    html: str = ""
    body: str = ""
    cut: bool = False
    headers: list[Header] = []
    links: list[str] = []
    width: str = "desktop"
    gone: str = ""

    @allowed(Right.LOOK)
    async def set_width(self, user: Viewer, width: str):
        self.width = width if width in ICONS else "desktop"

    async def _open_mail(self, user: Viewer, mail_id: int, part: str, hrefs: dict[str, str]) -> None:
        self._clear()
        if not mail_id:
            return
        try:
            found = await data.read(get_caught, mail_id)
        except NotFound as error:
            self.gone = error.text(user.language)
            return
        self.part, self.hrefs, self.mail = part, hrefs, _mail_of(found, user)
        self._fill(found)

    def _fill(self, found: CaughtParts) -> None:
        match self.part:
            case "html":
                self.html = ui.sealed(_REMOTE_PICTURE.sub(r"\1data-src", found.html)) if found.html else ""
            case "headers":
                self.headers = [Header(name, value) for name, value in found.headers]
            case "links":
                self.links = list(found.links)
            case _:
                whole = found.text if self.part == "text" else found.source
                self.body, self.cut = whole[:LONGEST], len(whole) > LONGEST

    def _clear(self) -> None:
        self.mail, self.html, self.body, self.cut = Mail(), "", "", False
        self.headers, self.links, self.gone = [], [], ""


def message() -> rx.Component:
    """The open message, part by part."""
    return rx.fragment(_head(), _tabs(), _part(), _play())


def _head() -> rx.Component:
    mail = CaughtMailView.mail
    return rx.el.header(
        rx.el.div(
            rx.el.h2(mail.subject, class_name="strong grow", style={"fontSize": "var(--font-size-3)"}),
            rx.cond(mail.is_test, ui.plain_badge(tr("status.test"))),
            rx.el.span(mail.at, class_name="mute num nowrap", title=mail.at_full),
            class_name="row",
            style={"alignItems": "flex-start"},
        ),
        ui.facts(
            (tr("catcher.from"), mail.sender),
            (tr("catcher.to"), mail.recipient),
            (tr("catcher.opt_out"), mail.opt_out_headers),
        ),
        class_name="col",
        style={"padding": "16px 20px 8px"},
    )


def _tabs() -> rx.Component:
    view = CaughtMailView
    counts = {"headers": view.mail.header_count, "source": view.mail.octets, "links": view.mail.link_count}
    items = [(tr(f"catcher.part.{part}"), view.hrefs[part], view.part == part, counts.get(part, "")) for part in PARTS]
    widths = ui.segments(
        view.width,
        [("desktop", tr("catcher.desktop")), ("phone", tr("catcher.phone"))],
        view.set_width,
        tr("catcher.width"),
        ICONS,
    )
    return rx.el.div(ui.tabs(*items), rx.cond(view.part == "html", widths), class_name="row between letter-tabs")


def _part() -> rx.Component:
    view = CaughtMailView
    return rx.match(
        view.part,
        ("text", _body(tr("catcher.no_text"))),
        ("source", _body(tr("catcher.no_text"))),
        ("headers", _headers()),
        ("links", _links()),
        _html(),
    )


def _html() -> rx.Component:
    view = CaughtMailView
    frame = ui.mail_frame(view.html, tr("catcher.preview"), phone=view.width == "phone", height="560px")
    anew = rx.fragment(
        frame, key=view.mail.id.to_string()
    )  # another mail is another frame: never the former one's page
    return rx.cond(view.html != "", anew, ui.empty(tr("catcher.no_html")))


def _body(none: rx.Var[str]) -> rx.Component:
    view = CaughtMailView
    cut = rx.cond(view.cut, rx.el.div(tr_with("catcher.cut", count=rx.Var.create(LONGEST)), class_name="mute"))
    shown = rx.el.div(
        rx.el.pre(view.body, class_name="code", style={"margin": 0}), cut, class_name="letter-body", id="mail-body"
    )
    return rx.cond(view.body != "", shown, ui.empty(none))


def _headers() -> rx.Component:
    columns = [
        ui.Column("name", tr("catcher.header"), lambda line: rx.el.code(line.name), phone=1),
        ui.Column(
            "value", tr("catcher.value"), lambda line: rx.el.span(line.value, class_name="code"), phone=3, wide=True
        ),
    ]
    return ui.table(CaughtMailView.headers, columns, label=tr("catcher.part.headers"))


def _links() -> rx.Component:
    view = CaughtMailView

    def line(url: rx.Var[str]) -> rx.Component:
        return rx.el.li(
            rx.el.a(url, href=url, target="_blank", rel="noopener noreferrer", class_name="link"),
            style={"padding": "8px 0", "overflowWrap": "anywhere"},
        )

    shown = rx.el.ul(rx.foreach(view.links, line), class_name="lines letter-body", id="mail-links")
    return rx.cond(view.links.length() > 0, shown, ui.empty(tr("catcher.no_links")))


def _play() -> rx.Component:
    mail = CaughtMailView.mail
    acts = [
        _act(mail.pixel, "catcher.open", "mail-open"),
        _act(mail.click, "catcher.click", "mouse-pointer-click"),
        _act(mail.opt_out, "catcher.leave", "bell-off"),
    ]
    none = (mail.pixel == "") & (mail.click == "") & (mail.opt_out == "")
    head = rx.el.div(
        rx.el.b(tr("catcher.play")),
        rx.el.span(rx.cond(mail.is_test, tr("catcher.is_test"), tr("catcher.play_text")), class_name="mute small"),
        class_name="row between wrap",
    )
    return rx.el.section(
        head,
        rx.cond(none, rx.el.span(tr("catcher.untracked"), class_name="mute"), rx.el.div(*acts, class_name="row wrap")),
        class_name="play",
        aria_label=tr("catcher.play"),
    )


def _act(path: rx.Var[str], words: str, icon_name: str) -> rx.Component:
    """A plain link to the public address, in a tab of its own: what the recipient's mail program would ask for."""
    shown = [ui.icon(icon_name, 15), rx.el.span(tr(words))]
    return rx.cond(
        path != "", rx.el.a(*shown, href=path, target="_blank", rel="noopener noreferrer", class_name="btn sm")
    )


def _mail_of(found: CaughtParts, user: Viewer) -> Mail:
    language, zone, row = user.language, user.time_zone, found.row
    given = {name.lower(): value for name, value in found.headers}
    offers = "one_click" if "list-unsubscribe-post" in given else "unsubscribe"
    answers = answers_in(found)
    return Mail(
        id=row.id,
        subject=row.subject or say(language, "catcher.no_subject"),
        sender=given.get("from", row.sender),
        recipient=f"{row.to_name} <{row.recipient}>" if row.to_name else row.recipient,
        at=format.moment(language, zone, row.at, data.now()),
        at_full=format.full_moment(language, zone, row.at),
        is_test=row.is_test,
        opt_out_headers=say(language, f"catcher.{offers if 'list-unsubscribe' in given else 'no_unsubscribe'}"),
        header_count=format.count(language, len(found.headers)),
        octets=format.size(language, row.size),
        link_count=format.count(language, len(found.links)),
        pixel=answers.pixel,
        click=next(iter(answers.clicks), ""),
        opt_out=answers.opt_out,
    )
