"""The state of the editor: what is stored, what is written, what a save does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.email_templates.draft import DiffLine, Draft, differences
from dashboard.email_templates.preview import TemplatePreview
from dashboard.email_templates.source_editor import MOST_SENT
from dashboard.email_templates.versions import TemplateVersions
from dashboard.i18n import format, say
from models.email_template import TemplateDetail, create_template, get_template, save_template
from models.email_template_page import usage_of
from models.errors import Conflict, Invalid, NotFound
from models.template_advice import Level

NEW: Final = "new"
PARTS: Final = ("html", "text")
WRITTEN: Final = ("subject", *PARTS)
USERS_NAMED: Final = 3
EXAMPLE: Final = Template((Path(__file__).parent / "example.html").read_text())
EXAMPLE_WORDS: Final = ("hello", "friend", "body", "button", "address", "opt_out")


@dataclass(frozen=True, slots=True)
class User:
    """A mass email that uses the template."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A place in a source that is wrong."""

    line: int
    column: int
    words: str


class TemplateEditor(ui.FormState, rx.State):
    """`editing`: the template's id, 0 for a new one; `version` its newest; `revision` what a save may replace.

    Counted for the browser, which keeps what is not saved when the page finds its connection again: `saves`; `loads`,
    the stored text was read again; `replaced`, what was typed is to give way; `based`, `revision` has become another.
    """

    editing: int = 0
    ready: bool = False
    missing: bool = False
    name: str = ""
    version: int = 0
    part: str = "html"
    unsaved: bool = False
    revision: int = 0
    saves: int = 0
    loads: int = 0
    replaced: int = 0
    based: int = 0
    users: list[User] = []
    more_users: int = 0
    differs: list[DiffLine] = []
    faults: dict[str, list[Fault]] = {}
    _stored: Draft = Draft()
    _draft: Draft = Draft()
    _stored_name: str = ""
    _open_as: str = ""

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        asked = self.router.url.path.rstrip("/").rpartition("/")[2]
        await self._load(user, asked)

    @allowed(Right.LOOK)
    async def write(self, user: Viewer, part: str, text: str):
        """Told while one types, so that checks and preview follow."""
        if part not in WRITTEN or not isinstance(text, str) or len(text) > MOST_SENT:
            return
        await self._follow(user, replace(self._draft, **{part: text}))

    @allowed(Right.LOOK)
    async def write_name(self, user: Viewer, name: str):
        self.name = str(name)[:200]
        self._compare()

    @allowed(Right.LOOK)
    async def show_part(self, user: Viewer, part: str):
        self.part = part if part in PARTS else "html"

    @allowed(Right.EDIT)
    async def refuse_file(self, user: Viewer, name: str, octets: int):
        size = format.size(user.language, octets if isinstance(octets, int) else 0)
        said = say(user.language, "templates.file_refused", name=str(name)[:120], size=size)
        self.errors = {**self.errors, "html": said}

    @allowed(Right.EDIT)
    async def start_from_example(self, user: Viewer):
        """Only where nothing is written yet."""
        if not self._draft.html.strip():
            draft = replace(self._draft, html=_example(user.language))
            self.values = {"name": self.name, "subject": draft.subject, "html": draft.html, "text": draft.text}
            self._replace()
            await self._follow(user, draft)

    @allowed(Right.EDIT)
    async def save(self, user: Viewer, given: dict[str, Any]):
        values, now = _read(given), data.now()
        parts = (values["subject"], values["html"], values["text"])
        try:
            if self.editing:
                await data.run(save_template, self.editing, _revision(given), values, now, user.email)
                return await self._saved(user, await data.read(get_template, self.editing))
            created = await data.run(create_template, values["name"], *parts, now, user.email)
        except Invalid as error:
            return self._refuse(user, error)
        except Conflict as error:
            return await self._meet(user, error, values)
        self._keep(created)
        self._open_as = str(created.id)
        await ui.tell(self, say(user.language, "templates.created"), created.name)
        return rx.redirect(routes.to(routes.EMAIL_TEMPLATE, template_id=created.id), replace=True)

    @allowed(Right.EDIT)
    async def restore(self, user: Viewer):
        versions = await self.get_state(TemplateVersions)
        number = versions.number
        made = await versions._restore(user, self.revision)
        await self._load(user, str(self.editing))
        self._replace()
        await ui.tell(self, say(user.language, "templates.restored", number=number, made=made))

    @allowed(Right.LOOK)
    async def take_stored(self, user: Viewer):
        """Show what is stored now; what was typed is given up."""
        await self._load(user, str(self.editing))
        self._replace()

    async def _load(self, user: Viewer, asked: str) -> None:
        found = None
        if asked != NEW:
            try:
                found = await data.read(get_template, _number(asked))
            except NotFound:
                self._clear()
                self.missing = self.ready = True
                return
        again = self.ready and not self.missing and asked == self._open_as
        self._keep(found, saved=not again)
        if again:
            self.loads += 1
        else:
            self._open_as, self.part, self.missing, self.serial = asked, "html", False, self.serial + 1
        await self._read_users()
        preview = await self.get_state(TemplatePreview)
        await preview._begin(user, self._draft)
        self._take_faults(preview)
        self.ready = True

    async def _read_users(self) -> None:
        used = await data.read(usage_of, [self.editing]) if self.editing else []
        self.users = [
            User(usage.name, routes.to(routes.MASS_EMAIL, mass_email_id=usage.mass_email_id))
            for usage in used[:USERS_NAMED]
        ]
        self.more_users = max(0, len(used) - USERS_NAMED)

    async def _follow(self, user: Viewer, draft: Draft) -> None:
        stored, self.errors = self._stored, {}
        older = bool(draft.text.strip()) and draft.text == stored.text and draft.html != stored.html
        self._draft = replace(draft, older_text=older)
        self._compare()
        preview = await self.get_state(TemplatePreview)
        await preview._follow(user, self._draft)
        self._take_faults(preview)

    def _compare(self) -> None:
        same = replace(self._draft, older_text=False) == self._stored and self.name.strip() == self._stored_name
        self.unsaved = not same

    def _take_faults(self, preview: TemplatePreview) -> None:
        self.faults = {
            part: [
                Fault(check.line, check.column, check.words)
                for check in preview.checks
                if check.level == Level.ERROR and check.part == part and check.line
            ]
            for part in PARTS
        }

    def _replace(self) -> None:
        """What was typed gives way to the values, and the fields are drawn anew."""
        self.replaced, self.serial = self.replaced + 1, self.serial + 1

    def _keep(self, found: TemplateDetail | None, *, saved: bool = True) -> None:
        """What is stored. `saved`: it is also what is in the editor."""
        self._stored = Draft(found.subject, found.html, found.text) if found else Draft()
        self._draft, self._stored_name = self._stored, found.name if found else ""
        self.name, self.version = self._stored_name, found.version_no if found else 0
        self.editing, self.revision = (found.id, found.revision) if found else (0, 0)
        self.values, self.unsaved = _typed_values(found), False
        self.errors, self.conflict, self.differs = {}, "", []
        if saved:
            self.saves, self.based = self.saves + 1, self.based + 1

    async def _saved(self, user: Viewer, found: TemplateDetail) -> None:
        before, name = self.version, self._stored_name
        self._keep(found)
        if found.version_no > before:
            said = say(user.language, "templates.saved", number=found.version_no)
            await ui.tell(self, said, say(user.language, "templates.saved_detail") if self.users else "")
        else:
            key = "templates.unchanged" if found.name == name else "templates.renamed"
            await ui.tell(self, say(user.language, key, number=found.version_no))

    def _refuse(self, user: Viewer, error: Invalid) -> Any:
        """The part that is wrong is opened, when the one that is shown is right."""
        wrong = [part for part in PARTS if part in error.problems]
        if wrong and self.part not in wrong:
            self.part = wrong[0]
        return self._fail(user, error)

    async def _meet(self, user: Viewer, error: Conflict, values: Mapping[str, str]) -> None:
        """Somebody else was faster: what was typed stays, and how it differs is shown. Saving again saves it."""
        found = await data.read(get_template, self.editing)
        self._stored, self._stored_name = Draft(found.subject, found.html, found.text), found.name
        self.revision, self.version, self.based = found.revision, found.version_no, self.based + 1
        self.conflict = error.problem.text(user.language)
        mine = Draft(values["subject"], values["html"], values["text"])
        names = [DiffLine("-", found.name), DiffLine("+", values["name"])] if found.name != values["name"] else []
        self.differs, self.unsaved, self.saving = [*names, *differences(self._stored, mine)], True, False

    def _clear(self) -> None:
        self.values, self.errors, self.conflict, self.differs, self.users = {}, {}, "", [], []
        self.editing, self.name, self.ready, self.missing, self.faults, self._open_as = 0, "", False, False, {}, ""
        self._stored = self._draft = Draft()


def _read(given: Mapping[str, Any]) -> dict[str, str]:
    """What the form holds, as it was typed: a source is not trimmed."""
    return {name: str(given.get(name, ""))[:MOST_SENT] for name in ("name", *WRITTEN)}


def _revision(given: Mapping[str, Any]) -> int:
    """The revision that was edited, as the form says; 0, which is nobody's, for anything else."""
    said = str(given.get("revision", ""))
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _typed_values(found: TemplateDetail | None) -> dict[str, str]:
    return {name: getattr(found, name) if found else "" for name in ("name", *WRITTEN)}


def _number(asked: str) -> int:
    """The id of an address. Raises NotFound."""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        raise NotFound("template.not_found")
    return int(asked)


def _example(language: str) -> str:
    return EXAMPLE.substitute({word: say(language, f"templates.example.{word}") for word in EXAMPLE_WORDS})
