"""The right half of the editor: the mail as a person would read it, as one types; and what the checks say of it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.email_templates.draft import NOBODY, OFTEN_EMPTY, Draft, Look, Shown, look_at, person_at, value_for
from dashboard.i18n import format, say, tr, tr_with
from models.catalogue import Problem
from models.email_template import known_fields
from models.person import Person
from models.placeholder_picker import Choice, placeholder_choices
from models.template_advice import Check, Level

VIEWS = {"desktop": "monitor", "phone": "smartphone", "dark": "moon", "text": "align-left"}
LONGEST_SEARCH = 120
TEASER = 140
HEIGHT = "max(480px, calc(100vh - 400px))"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check in words. `line` and `column` 0: it is about no place. `code`: the placeholder that lacks a default."""

    level: str
    part: str
    words: str
    line: int = 0
    column: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class PickLine:
    """A placeholder that may be put in: what it says to the person shown, how often it says something."""

    code: str
    group: str
    value: str
    filled: str


class TemplatePreview(rx.State):
    """`html`: the document of the frame; `stale`: it is that of an earlier draft, as this one cannot be shown."""

    view: str = "desktop"
    images: bool = False
    html: str = ""
    text: str = ""
    subject: str = ""
    teaser: str = ""
    stale: bool = False
    blank: bool = True
    dark_own: bool = False
    name: str = ""
    kind: str = ""
    initials: str = ""
    place: int = 0
    total: int = 0
    place_text: str = ""
    search: str = ""
    nobody: bool = False
    checks: list[CheckLine] = []
    counts: dict[str, int] = {}
    choices: list[PickLine] = []
    _draft: Draft = Draft()
    _person: Person = NOBODY
    _mail_html: str = ""
    _fields: list[str] = []
    _known: list[Choice] = []

    @allowed(Right.LOOK)
    async def choose_view(self, user: Viewer, view: str):
        self.view = view if view in VIEWS else "desktop"
        self._seal()

    @allowed(Right.LOOK)
    async def load_images(self, user: Viewer):
        self.images = not self.images
        self._seal()

    @allowed(Right.LOOK)
    async def step(self, user: Viewer, by: int):
        await self._find(user, self.search, self.place + (1 if by == 1 else -1))

    @allowed(Right.LOOK)
    async def find(self, user: Viewer, text: str):
        await self._find(user, str(text)[:LONGEST_SEARCH], 1)

    @allowed(Right.LOOK)
    async def toggle_nobody(self, user: Viewer):
        if self.nobody:
            await self._find(user, self.search, self.place)
        else:
            await self._show(user, Shown(NOBODY, self.place, self.total))

    async def _begin(self, user: Viewer, draft: Draft) -> None:
        """Show a template that was just opened, to the person shown last."""
        self._fields = list(await data.read(known_fields))
        self._known = sorted(await data.read(placeholder_choices), key=lambda choice: not choice.group)
        self._draft, self.images, self._mail_html = draft, False, ""
        await self._find(user, self.search, max(1, self.place))

    async def _follow(self, user: Viewer, draft: Draft) -> None:
        """Show what the draft has become."""
        self._draft = draft
        self._say(user, await data.read(look_at, draft, self._person, self._fields, self._known, data.now()))

    async def _find(self, user: Viewer, text: str, place: int) -> None:
        found = await data.read(person_at, text, max(1, place))
        self.search = text
        await self._show(user, found)

    async def _show(self, user: Viewer, shown: Shown) -> None:
        person, language = shown.person, user.language
        self._person, self.place, self.total = person, shown.place, shown.total
        self.nobody = person is NOBODY
        self.name = say(language, "templates.nobody") if self.nobody else person.name or person.address
        self.kind = (
            say(language, "templates.nobody_hint") if self.nobody else say(language, f"status.{person.kind}").lower()
        )
        self.initials = "".join(word[0] for word in self.name.split()[:2]).upper()
        key = "templates.place_more" if shown.more else "templates.place"
        self.place_text = say(language, key, place=shown.place, total=shown.total) if shown.total else ""
        self.choices = [_pick_line(choice, person, language) for choice in self._known]
        await self._follow(user, self._draft)

    def _say(self, user: Viewer, look: Look) -> None:
        self.checks = [_check_line(check, user.language) for check in look.checks]
        self.counts = {level: sum(check.level is level for check in look.checks) for level in Level}
        self.blank = not (self._draft.html.strip() or self._draft.text.strip())
        self.stale = look.mail is None and not self.blank
        if look.mail is not None:
            self.subject, self.text = look.mail.subject, look.mail.text
            self.teaser = " ".join(look.mail.text.split())[:TEASER]
            self._mail_html = look.mail.html
        elif self.blank:
            self.subject = self.teaser = self.text = self._mail_html = ""
        self._seal()

    def _seal(self) -> None:
        """The frame's document. A mail of text alone has none."""
        self.dark_own = ui.has_dark_styles(self._mail_html)
        dark = self.view == "dark"
        self.html = ui.sealed(self._mail_html, images=self.images, dark=dark) if self._mail_html else ""

    def _clear(self) -> None:
        self.html = self.text = self.subject = self.teaser = self.name = self.kind = self.place_text = self.search = ""
        self.checks, self.choices, self.counts, self.blank, self._mail_html = [], [], {}, True, ""
        self._draft, self._person, self._known, self._fields = Draft(), NOBODY, [], []


def preview_panel(example: Any) -> rx.Component:
    """The panel; `example`: the act that stands there while nothing is written."""
    state = TemplatePreview
    return rx.el.section(
        _bar(),
        _person(),
        rx.cond(state.blank, _nothing(example), rx.cond(_unshown(state), _cannot(), _mail())),
        class_name="panel flush",
        aria_label=tr("templates.preview"),
        id="preview",
        custom_attrs={"data-stale": rx.cond(state.stale, "true", "false")},
    )


def _unshown(state: Any) -> Any:
    return state.stale & (state.html == "") & (state.text == "")


def _bar() -> rx.Component:
    state = TemplatePreview
    stale = rx.el.span(rx.el.span(class_name="pulse"), tr("templates.before_error"), class_name="live late")
    fresh = rx.el.span(rx.el.span(class_name="pulse"), tr("templates.as_you_type"), class_name="live")
    return rx.el.div(
        rx.el.div(
            *[_view(view, icon_name) for view, icon_name in VIEWS.items()],
            class_name="seg",
            role="radiogroup",
            aria_label=tr("templates.preview_as"),
        ),
        rx.el.span(rx.cond(state.stale, stale, fresh), class_name="end", role="status"),
        class_name="panel-h tools",
    )


def _view(view: str, icon_name: str) -> rx.Component:
    state, key = TemplatePreview, "as_text" if view == "text" else view
    return rx.el.button(
        ui.icon(icon_name, 14, class_name="only-desk"),
        rx.el.span(tr(f"templates.{key}")),
        type="button",
        role="radio",
        title=tr(f"templates.{key}"),
        on_click=state.choose_view(view),
        custom_attrs={"aria-checked": rx.cond(state.view == view, "true", "false")},
    )


def _person() -> rx.Component:
    state = TemplatePreview
    who = rx.el.div(
        rx.el.span(state.initials, class_name="ava", aria_hidden="true"),
        rx.el.span(state.name, class_name="strong trunc", id="preview-person"),
        rx.el.span(state.kind, class_name="mute nowrap wide-label"),
        rx.cond(
            ~state.nobody, rx.el.span(state.place_text, class_name="mute num nowrap", style={"marginLeft": "auto"})
        ),
        ui.icon_button(
            tr("templates.previous_person"),
            "chevron-left",
            small=True,
            on_click=state.step(-1),
            disabled=state.nobody | (state.place <= 1),
        ),
        ui.icon_button(
            tr("templates.next_person"),
            "chevron-right",
            small=True,
            on_click=state.step(1),
            disabled=state.nobody | (state.place >= state.total),
        ),
        class_name="in grow person",
    )
    find = rx.el.label(
        ui.icon("search", 15),
        ui.spoken(tr("templates.person")),
        rx.el.input(
            type="search",
            default_value="",
            placeholder=tr("templates.find_person"),
            on_change=state.find.debounce(250),
            auto_complete="off",
            id="preview-search",
        ),
        class_name="in",
        style={"flex": "0 1 150px"},
    )
    empty = rx.el.button(
        ui.icon("user-x", 15),
        rx.el.span(tr("templates.empty_fields"), class_name="wide-label"),
        type="button",
        title=tr("templates.empty_fields"),
        class_name=rx.cond(state.nobody, "btn on", "btn"),
        on_click=state.toggle_nobody(),
        custom_attrs={"aria-pressed": rx.cond(state.nobody, "true", "false")},
    )
    return rx.el.div(
        rx.el.div(who, find, empty, class_name="row wrap"),
        ui.facts(
            (tr("templates.subject"), rx.el.span(state.subject, class_name="strong", id="preview-subject")),
            (tr("templates.teaser"), rx.el.span(state.teaser, class_name="mute trunc block")),
        ),
        class_name="col g3 preview-head",
    )


def _mail() -> rx.Component:
    state = TemplatePreview
    shown = rx.cond(
        (state.view == "text") | (state.html == ""),
        rx.el.pre(state.text, class_name="code preview-text", style={"minHeight": HEIGHT}, id="preview-plain"),
        ui.mail_frame(state.html, tr("templates.preview_of"), phone=state.view == "phone", height=HEIGHT),
    )
    return rx.fragment(
        rx.el.div(shown, class_name=rx.cond(state.stale, "faded", "")), rx.cond(state.html != "", _foot())
    )


def _foot() -> rx.Component:
    state = TemplatePreview
    said = rx.cond(
        state.view == "dark",
        rx.cond(state.dark_own, tr("templates.dark_own"), tr("templates.dark_turned")),
        tr("templates.images_hint"),
    )
    load = ui.button(
        rx.cond(state.images, tr("templates.images_loaded"), tr("templates.load_images")),
        icon_name="image",
        small=True,
        on_click=state.load_images(),
        custom_attrs={"aria-pressed": rx.cond(state.images, "true", "false")},
    )
    return rx.el.div(rx.el.span(said), rx.el.div(load, class_name="end"), class_name="foot")


def _nothing(example: Any) -> rx.Component:
    return ui.empty(
        tr("templates.nothing_yet"), tr("templates.nothing_yet_text"), icon_name="eye", acts=[ui.for_editors(example)]
    )


def _cannot() -> rx.Component:
    return ui.empty(tr("templates.cannot_show"), tr("templates.cannot_show_text"), icon_name="circle-alert")


def checks_panel(show_part: Any) -> rx.Component:
    """What the checks say, errors first. `show_part(part)`: the event that opens the part an error is in."""
    state = TemplatePreview
    return ui.panel(
        ui.panel_head(tr("templates.checks"), _counts()),
        rx.el.div(rx.foreach(state.checks, lambda check: _check(check, show_part)), class_name="lines", id="checks"),
        padded=False,
    )


def _counts() -> rx.Component:
    state = TemplatePreview

    def count(level: Level, icon_name: str, ink: str, key: str) -> rx.Component:
        number = state.counts[level]
        return rx.cond(
            number > 0,
            rx.el.span(
                ui.icon(icon_name, 14, class_name=ink), number, class_name="st num", title=tr_with(key, count=number)
            ),
        )

    return rx.el.span(
        count(Level.ERROR, "circle-x", "ink-bad", "templates.errors"),
        count(Level.WARNING, "triangle-alert", "ink-warn", "templates.warnings"),
        count(Level.FINE, "circle-check", "ink-ok", "templates.fine"),
        class_name="row g3",
    )


def _check(check: rx.Var[CheckLine], show_part: Any) -> rx.Component:
    sign = rx.match(
        check.level,
        (str(Level.ERROR), ui.icon("circle-x", 15, class_name="ink-bad")),
        (str(Level.WARNING), ui.icon("triangle-alert", 15, class_name="ink-warn")),
        ui.icon("circle-check", 15, class_name="ink-ok"),
    )
    word = rx.match(
        check.level,
        (str(Level.ERROR), tr("templates.level.error")),
        (str(Level.WARNING), tr("templates.level.warning")),
        tr("templates.level.fine"),
    )
    show = rx.el.button(
        tr("templates.show"),
        type="button",
        class_name="link",
        on_click=show_part(check.part),
        custom_attrs={"data-part": check.part, "data-line": check.line, "data-column": check.column},
    )
    give_default = rx.el.button(
        tr("templates.set_default"), type="button", class_name="link", custom_attrs={"data-default": check.code}
    )
    return rx.el.div(
        sign,
        ui.spoken(word),
        rx.el.span(check.words, class_name="grow"),
        rx.cond(check.line > 0, show),
        rx.cond(check.code != "", ui.for_editors(give_default)),
        class_name="row check",
        custom_attrs={"data-level": check.level},
    )


def _check_line(check: Check, language: str) -> CheckLine:
    values, words = check.problem.values, _words(check.problem, language)
    line, column = (value if isinstance(value := values.get(name), int) else 0 for name in ("line", "column"))
    code = str(values["name"]) if check.problem.key == OFTEN_EMPTY else ""
    if line and check.part in ("html", "text"):
        return CheckLine(check.level, check.part, words, line, column or 1, code)
    return CheckLine(check.level, check.part, words, code=code)


def _words(problem: Problem, language: str) -> str:
    """The sentence; a number with a fraction is a share."""
    said: dict[str, Any] = {
        name: format.percent(language, round(value * 1000), 1000) if isinstance(value, float) else value
        for name, value in problem.values.items()
    }
    return Problem(problem.key, **said).text(language)


def _pick_line(choice: Choice, person: Person, language: str) -> PickLine:
    filled = "" if choice.filled is None else format.percent(language, round(choice.filled * 1000), 1000)
    return PickLine(choice.code, choice.group, value_for(person, choice.code), filled)
