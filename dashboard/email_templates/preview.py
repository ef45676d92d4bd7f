"""The state of the preview: the draft as a person would read it, as one types; and what the checks say of it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.email_templates.draft import NOBODY, OFTEN_EMPTY, Draft, Look, Shown, look_at, person_at, value_for
from dashboard.i18n import format, say
from models.catalogue import Problem
from models.email_template import known_fields
from models.person import Person
from models.placeholder_picker import Choice, placeholder_choices
from models.template_advice import Check, Level

VIEWS = {"desktop": "monitor", "phone": "smartphone", "dark": "moon", "text": "align-left"}
LONGEST_SEARCH = 120
TEASER = 140


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
