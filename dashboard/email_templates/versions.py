"""The versions of a template: what each said, how it differs from the newest, restoring it as a new one."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.acts.person_words import by_whom
from dashboard.auth import Right, Viewer, allowed
from dashboard.email_templates.draft import DiffLine, Draft, differences
from dashboard.i18n import Prefs, format, say, tr, tr_with
from models.email_template import get_template, get_version, save_version, versions_of
from models.errors import NotFound

SHOWN_AS = ("preview", "source", "changes")
HEIGHT = "min(480px, calc(100vh - 340px))"


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in the list."""

    id: int
    number: int
    title: str
    saved: str
    subject: str
    newest: bool


class TemplateVersions(rx.State):
    """`chosen`: the version that is shown; `number` is its number."""

    is_open: bool = False
    name: str = ""
    lines: list[VersionLine] = []
    chosen: int = 0
    number: int = 0
    newest: bool = True
    shown_as: str = "preview"
    document: str = ""
    source: str = ""
    subject: str = ""
    changes: list[DiffLine] = []
    _template: int = 0

    @allowed(Right.LOOK)
    async def open(self, user: Viewer, editing: int):
        found = await data.read(get_template, int(editing))
        rows = await data.read(versions_of, found.id)
        self._template, self.name, self.shown_as = found.id, found.name, "preview"
        self.lines = [
            VersionLine(
                row.id,
                row.no,
                say(user.language, "templates.is_version", number=row.no),
                _saved(user, row.created_at, by_whom(user.language, row.created_by)),
                row.subject,
                row.id == found.version_id,
            )
            for row in rows
        ]
        await self._choose(found.version_id)
        self.is_open = True

    @allowed(Right.LOOK)
    async def close(self, user: Viewer):
        self._clear()

    @allowed(Right.LOOK)
    async def choose(self, user: Viewer, version_id: int):
        await self._choose(int(version_id))

    @allowed(Right.LOOK)
    async def show_as(self, user: Viewer, shown_as: str):
        self.shown_as = shown_as if shown_as in SHOWN_AS else "preview"

    async def _choose(self, version_id: int) -> None:
        version = await data.read(get_version, version_id)
        if version.template_id != self._template:
            raise NotFound("template.not_found")
        newest = await data.read(get_template, self._template)
        self.chosen, self.number, self.newest = version_id, version.no, version_id == newest.version_id
        self.subject, self.source = version.subject, version.html or version.text
        self.document = ui.sealed(version.html) if version.html else ""
        then = Draft(version.subject, version.html, version.text)
        self.changes = differences(then, Draft(newest.subject, newest.html, newest.text))

    async def _restore(self, user: Viewer, revision: int) -> int:
        """The number of the new version that says what the chosen one said."""
        old = await data.read(get_version, self.chosen)
        if old.template_id != self._template:
            raise NotFound("template.not_found")
        parts = (old.subject, old.html, old.text)
        made = await data.run(save_version, self._template, revision, *parts, data.now(), user.email)
        self._clear()
        return made.no

    def _clear(self) -> None:
        self.is_open, self.lines, self.changes, self.chosen = False, [], [], 0
        self.document = self.source = self.subject = ""


def versions_dialog(restore: Any, unsaved: rx.Var[bool]) -> rx.Component:
    """`restore`: the event that restores the chosen version; `unsaved`: whether text would be replaced by it."""
    state = TemplateVersions
    button = ui.button(
        tr_with("templates.restore", number=state.number),
        icon_name="history",
        look="pri",
        on_click=restore,
        disabled=state.newest,
        id="restore",
    )
    warning = rx.cond(
        unsaved & ~state.newest,
        rx.el.span(
            ui.icon("triangle-alert", 15, class_name="ink-warn"), tr("templates.restore_unsaved"), class_name="row"
        ),
    )
    return ui.dialog(
        rx.el.div(
            rx.el.div(rx.foreach(state.lines, _line), class_name="version-list"),
            _version(),
            class_name="versions",
        ),
        title=tr_with("templates.versions_of", name=state.name),
        text=tr("templates.versions_text"),
        is_open=state.is_open,
        on_close=state.close(),
        left=rx.cond(Prefs.can_edit, warning),
        acts=[ui.button(tr("ui.close"), on_click=state.close()), ui.for_editors(button)],
        width=920,
    )


def _line(line: rx.Var[VersionLine]) -> rx.Component:
    state = TemplateVersions
    return rx.el.button(
        rx.el.span(
            rx.el.b(line.title),
            rx.cond(line.newest, rx.el.span(tr("templates.newest"), class_name="mute small")),
            class_name="row",
        ),
        rx.el.span(line.saved, class_name="mute small trunc block"),
        type="button",
        class_name=rx.cond(state.chosen == line.id, "version on", "version"),
        on_click=state.choose(line.id),
        custom_attrs={"aria-pressed": rx.cond(state.chosen == line.id, "true", "false")},
    )


def _version() -> rx.Component:
    state = TemplateVersions
    frame = rx.cond(
        state.document != "",
        ui.mail_frame(state.document, tr("templates.preview_of"), height=HEIGHT),
        _code(state.source),
    )
    return rx.el.div(
        rx.el.div(
            ui.segments(
                state.shown_as,
                [(shown_as, tr(f"templates.{shown_as}")) for shown_as in SHOWN_AS],
                state.show_as,
                tr("templates.preview_as"),
            ),
            rx.el.span(state.subject, class_name="strong trunc"),
            class_name="row g3",
        ),
        rx.match(
            state.shown_as, ("source", _code(state.source)), ("changes", diff(state.changes, height=HEIGHT)), frame
        ),
        class_name="col g3 grow",
    )


def diff(lines: rx.Var[list[DiffLine]], *, height: str = "260px") -> rx.Component:
    """Lines that one has and the other has not."""

    def line(one: rx.Var[DiffLine]) -> rx.Component:
        name = rx.match(one.sign, ("+", "add"), ("-", "del"), ("@", "at"), "")
        sign = rx.match(one.sign, ("+", "+"), ("-", "−"), "")
        return rx.el.div(rx.el.i(sign), rx.el.span(one.text), class_name=name)

    same = rx.el.div(tr("templates.no_changes"), class_name="mute")
    return rx.cond(
        lines.length() > 0,
        rx.el.div(rx.foreach(lines, line), class_name="code diff", style={"maxHeight": height}, tab_index=0),
        same,
    )


def _code(source: rx.Var[str]) -> rx.Component:
    return rx.el.pre(source, class_name="code framed", style={"height": HEIGHT}, tab_index=0)


def _saved(user: Viewer, at: Any, by: str) -> str:
    when = format.moment(user.language, user.time_zone, at, data.now())
    return f"{when} · {by}" if by else when
