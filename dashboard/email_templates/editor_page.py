"""The editor of an email template: source left, preview for a real person right, checks below. Also /new."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.email_templates.draft import DiffLine, Draft, differences
from dashboard.email_templates.pickers import placeholder_picker, tracking_url_picker
from dashboard.email_templates.preview_panel import TemplatePreview, checks_panel, preview_panel
from dashboard.email_templates.source_editor import MOST_SENT, source_editor, source_file, unsaved_guard
from dashboard.email_templates.versions import TemplateVersions, diff, versions_dialog
from dashboard.i18n import Prefs, format, say, tr, tr_with
from models.email_template import TemplateDetail, create_template, get_template, save_template
from models.email_template_page import usage_of
from models.errors import Conflict, Invalid, NotFound
from models.template_advice import Level

NEW: Final = "new"
PARTS: Final = ("html", "text")
WRITTEN: Final = ("subject", *PARTS)
FORM: Final = "template-form"
HEIGHT: Final = "clamp(320px, calc(100vh - 520px), 720px)"
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


def email_template_page() -> rx.Component:
    """The page, part by part."""
    state = TemplateEditor
    title = rx.cond(state.name != "", state.name, tr("templates.new"))
    return ui.page(
        rx.cond(
            state.ready,
            rx.cond(state.missing, _missing(), rx.fragment(_header(title), _conflict(), _wrong(), _halves())),
            ui.skeleton_rows(),
        ),
        versions_dialog(state.restore(), state.unsaved),
        here="email_templates",
        crumbs=[(tr("nav.email_templates"), routes.EMAIL_TEMPLATES), (title, routes.EMAIL_TEMPLATE_NEW)],
    )


def _header(title: rx.Var[str]) -> rx.Component:
    state = TemplateEditor
    number = state.version + 1
    badge = rx.cond(
        state.unsaved,
        rx.cond(state.editing > 0, tr_with("templates.unsaved_version", number=number), tr("templates.not_saved")),
        rx.cond(state.editing > 0, tr_with("templates.is_version", number=state.version), tr("templates.not_saved")),
    )
    versions = ui.button(
        tr("templates.versions"), icon_name="history", on_click=TemplateVersions.open(state.editing), id="versions"
    )
    save = ui.button(
        rx.cond(state.conflict != "", tr("form.keep_mine"), tr("ui.save")),
        icon_name="check",
        look="pri",
        type="submit",
        form=FORM,
        busy=state.saving,
        id="save",
    )
    return ui.page_header(
        title,
        badges=[ui.plain_badge(badge)],
        acts=[rx.cond(state.editing > 0, versions), ui.for_editors(save)],
        facts=[_users()],
    )


def _users() -> rx.Component:
    state = TemplateEditor
    named = rx.el.span(
        tr("templates.used_in"),
        rx.foreach(state.users, lambda one: ui.link(one.name, to=one.href, class_name="open")),
        rx.cond(state.more_users > 0, rx.el.span(tr_with("templates.and_more", count=state.more_users))),
        class_name="row wrap",
    )
    return rx.cond(state.users.length() > 0, named, rx.el.span(tr("templates.not_used")))


def _conflict() -> rx.Component:
    state = TemplateEditor
    return rx.cond(
        state.conflict != "",
        ui.note(
            rx.el.div(tr("templates.conflict_text"), " ", tr("templates.conflict_lines")),
            diff(state.differs),
            tone="warn",
            icon_name="users",
            title=state.conflict,
            end=ui.button(tr("templates.take_theirs"), small=True, on_click=state.take_stored()),
            alert=True,
        ),
    )


def _wrong() -> rx.Component:
    state = TemplateEditor
    return rx.cond(
        state.error_count > 0,
        ui.note(
            tr("form.nothing_lost"),
            tone="bad",
            title=tr_with("form.to_correct", count=state.error_count),
            alert=True,
        ),
    )


def _halves() -> rx.Component:
    state = TemplateEditor
    example = ui.button(tr("templates.from_example"), icon_name="sparkles", on_click=state.start_from_example())
    form = rx.el.form(
        ui.panel(_names()),
        _source(),
        checks_panel(state.show_part),
        unsaved_guard(FORM, state),
        id=FORM,
        class_name="col g4",
        on_submit=state.save,
        no_validate=True,
        custom_attrs={"data-main": "", "data-serial": state.serial, "data-saves": state.saves},
    )
    return rx.el.div(form, preview_panel(example), class_name="g cols-half")


def _names() -> rx.Component:
    state = TemplateEditor
    typed = {"key": state.serial, "read_only": ~Prefs.can_edit, "auto_complete": "off"}
    return ui.fields(
        ui.text_field(
            state, "name", tr("templates.name"), max_length=200, on_change=state.write_name.debounce(300), **typed
        ),
        ui.text_field(
            state,
            "subject",
            tr("templates.subject"),
            max_length=500,
            class_name="writes",
            on_change=lambda text: state.write("subject", text).debounce(300),
            **typed,
        ),
    )


def _source() -> rx.Component:
    state = TemplateEditor
    tools = rx.el.span(
        placeholder_picker(),
        tracking_url_picker(),
        rx.cond(
            state.part == "html",
            source_file(
                "html", ui.icon("upload", 15), rx.el.span(tr("templates.load_file")), on_refused=state.refuse_file
            ),
        ),
        class_name="end row wrap",
    )
    parts = [(part, tr(f"templates.{part}")) for part in PARTS]
    return rx.el.section(
        rx.el.div(
            ui.segments(state.part, parts, state.show_part, tr("templates.parts")),
            ui.for_editors(tools),
            class_name="panel-h tools",
        ),
        *[_part(part) for part in PARTS],
        class_name="panel flush",
        aria_label=tr("templates.source"),
    )


def _part(part: str) -> rx.Component:
    state = TemplateEditor
    error = rx.cond(
        state.errors.contains(part),
        rx.el.div(
            ui.icon("circle-alert", 14),
            rx.el.span(state.errors[part]),
            class_name="err",
            role="alert",
            id=f"{part}-error",
        ),
    )
    return rx.el.div(
        source_editor(
            state,
            part,
            tr(f"templates.{part}_label"),
            hint=tr(f"templates.{part}_hint"),
            height=HEIGHT,
            read_only=~Prefs.can_edit,
            choices=TemplatePreview.choices,
            faults=state.faults[part],
            on_write=lambda text: state.write(part, text),
        ),
        error,
        class_name="source-part",
        style={"display": rx.cond(state.part == part, "block", "none")},
    )


def _missing() -> rx.Component:
    return ui.panel(
        ui.empty(
            tr("templates.gone"),
            tr("templates.gone_text"),
            icon_name="file-x",
            acts=[ui.button(tr("templates.all"), to=routes.EMAIL_TEMPLATES)],
        )
    )


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
