"""The editor of templates: checks and preview as one types, what a save does, versions; the tracking URL's dialog."""

import pytest
from sqlalchemy import Engine

from dashboard import ui
from dashboard.acts.tracking_url import TrackingUrlForm
from dashboard.email_templates.delete import TemplateDelete
from dashboard.email_templates.draft import DiffLine, Draft, differences
from dashboard.email_templates.editor import TemplateEditor
from dashboard.email_templates.list_page import EmailTemplates
from dashboard.email_templates.pickers import TemplatePickers
from dashboard.email_templates.preview import CheckLine, TemplatePreview
from dashboard.email_templates.source_editor import MOST_SENT
from dashboard.email_templates.versions import TemplateVersions
from dashboard.tracking_urls.list_page import TrackingUrls
from models import db
from models.email_template import create_template, get_template, save_version, versions_of
from models.mass_email import MassEmailStatus
from models.tracking_url import get_tracking_url
from models.user import Role
from tests import factories
from tests.dashboard.tab import Tab, tab_of
from tests.factories import NOW

HTML = "<p>Hello {Person.firstName}</p><p><a href='{optOutUrl}'>Stop</a></p>"


@pytest.fixture
def tab(sqlite_database: Engine) -> Tab:
    with db.unit_of_work() as session:
        factories.recipient(session, "ada@example.com", first_name="Ada", last_name="Byron")
        factories.recipient(session, "mary@example.com", first_name="Mary", last_name="Somerville")
    return tab_of()


@pytest.fixture
def template(tab: Tab) -> int:
    with db.unit_of_work() as session:
        return create_template(session, "News", "Hi {Person.firstName}", HTML, "", NOW, "ada@example.com").id


async def opened(tab: Tab, template: int | str = "new") -> TemplateEditor:
    tab.go(f"/email-templates/{template}")
    await tab.do(TemplateEditor.load, TemplateEditor)
    return await tab.state(TemplateEditor)


def typed(**values: str) -> dict[str, str]:
    return {"name": "News", "subject": "Hi {Person.firstName}", "html": HTML, "text": ""} | values


async def save(tab: Tab, **values: str) -> object:
    """As the form does, based on the revision that the editor was told last."""
    revision = str((await tab.state(TemplateEditor)).revision)
    return await tab.do(TemplateEditor.save, TemplateEditor, typed(**{"revision": revision, **values}))


async def test_the_preview_follows_what_is_typed_for_the_person_chosen(tab: Tab, template: int) -> None:
    await opened(tab, template)
    preview = await tab.state(TemplatePreview)
    assert (preview.name, preview.subject, preview.place_text) == ("Ada Byron", "Hi Ada", "1 / 2")
    await tab.do(TemplatePreview.step, TemplatePreview, 1)
    assert (preview.name, preview.subject) == ("Mary Somerville", "Hi Mary")
    await tab.do(TemplateEditor.write, TemplateEditor, "html", "<p>Dear {Person.lastName}</p>")
    assert "Dear Somerville" in preview.html
    assert "Dear Somerville" in preview.text
    await tab.do(TemplatePreview.toggle_nobody, TemplatePreview)
    assert preview.subject == "Hi"
    await tab.do(TemplatePreview.find, TemplatePreview, "byron")
    assert (preview.name, preview.place_text) == ("Ada Byron", "1 / 1")


async def test_somebody_without_an_address_sees_the_mail_too(tab: Tab, template: int) -> None:
    with db.unit_of_work() as session:
        factories.recipient(session, None, first_name="Aaron", last_name="Abel")
    await opened(tab, template)
    preview = await tab.state(TemplatePreview)
    assert (preview.name, preview.subject, preview.blank) == ("Aaron Abel", "Hi Aaron", False)
    assert [check.words for check in preview.checks if check.level == "error"] == []


async def test_a_preview_loads_nothing_unless_asked(tab: Tab, template: int) -> None:
    await opened(tab, template)
    preview = await tab.state(TemplatePreview)
    assert "img-src data: cid:;" in preview.html
    await tab.do(TemplatePreview.load_images, TemplatePreview)
    assert "img-src data: cid: https:;" in preview.html


def test_a_dark_preview_takes_the_mails_own_styles_or_turns_it_round() -> None:
    own = "<style>@media (prefers-color-scheme: dark) { p { color: #fff } }</style><p>x"
    assert "@media (min-width:0)" in ui.sealed(own, dark=True)
    assert "@media (max-width:0)" in ui.sealed(own)
    assert "invert(1)" not in ui.sealed(own, dark=True)
    assert "invert(1)" in ui.sealed("<p>x", dark=True)


async def test_an_unknown_placeholder_is_named_with_its_place_and_keeps_the_last_preview(
    tab: Tab, template: int
) -> None:
    editor, preview = await opened(tab, template), await tab.state(TemplatePreview)
    await tab.do(TemplateEditor.write, TemplateEditor, "html", "<p>one</p>\n<p>{Person.firstNam}</p>")
    words = "Line 2, column 4: {Person.firstNam} is not a placeholder. Did you mean {Person.firstName}?"
    assert preview.checks[0] == CheckLine("error", "html", words, 2, 4)
    assert preview.stale
    assert "Hello Ada" in preview.html
    assert [(fault.line, fault.column) for fault in editor.faults["html"]] == [(2, 4)]


async def test_a_placeholder_that_is_often_empty_is_warned_of_unless_it_has_a_default(tab: Tab, template: int) -> None:
    with db.unit_of_work() as session:
        factories.recipient(session, "info@example.com", first_name="")
    await opened(tab, template)
    preview = await tab.state(TemplatePreview)
    words = "{Person.firstName} is empty for 33.3% of people."
    assert words in [check.words for check in preview.checks]
    for part in ("html", "subject"):
        source = '{{ Person.firstName | default: "you" }}'
        await tab.do(TemplateEditor.write, TemplateEditor, part, source)
    assert words not in [check.words for check in preview.checks]


async def test_what_is_refused_stands_beside_its_field_and_opens_its_part(tab: Tab, template: int) -> None:
    editor = await opened(tab, template)
    await save(tab, name=" ", text="{nobody}")
    assert set(editor.errors) == {"name", "text"}
    assert editor.errors["text"].startswith("Line 1, column 1:")
    assert editor.part == "text"
    with db.reading() as session:
        assert get_template(session, template).version_no == 1


async def test_a_save_makes_a_version_only_of_what_has_changed(tab: Tab, template: int) -> None:
    editor = await opened(tab, template)
    await save(tab)
    await save(tab, name="Renamed")
    await save(tab, name="Renamed", html=HTML + "\n<p>P.S.</p>\n")
    assert await tab.told() == [
        "Nothing has changed: it stays version 1",
        "Renamed; it stays version 1",
        "Saved as version 2",
    ]
    assert (editor.version, editor.name, editor.unsaved, editor.conflict) == (2, "Renamed", False, "")
    with db.reading() as session:
        assert get_template(session, template).html == HTML + "\n<p>P.S.</p>\n"


async def test_the_first_save_leads_to_the_templates_own_address_and_keeps_the_editor(tab: Tab) -> None:
    editor = await opened(tab)
    assert await save(tab, name="Fresh") is not None
    serial = editor.serial
    await opened(tab, editor.editing)
    assert (editor.serial, editor.version, editor.name) == (serial, 1, "Fresh")


async def test_what_somebody_else_saved_meanwhile_is_shown_and_mine_stays_mine(tab: Tab, template: int) -> None:
    editor = await opened(tab, template)
    with db.unit_of_work() as session:
        save_version(session, template, 1, "Hi", HTML, "", NOW, "mary@example.com")
    await save(tab, html=HTML.replace("Hello", "Dear"))
    assert "mary@example.com" in editor.conflict
    assert DiffLine("-", "Hi") in editor.differs
    assert DiffLine("+", HTML.replace("Hello", "Dear")) in editor.differs
    await save(tab, html=HTML.replace("Hello", "Dear"))
    assert (editor.conflict, editor.version) == ("", 3)


async def test_a_page_that_finds_its_connection_again_keeps_the_editor_and_its_revision(
    tab: Tab, template: int
) -> None:
    editor = await opened(tab, template)
    drawn, based = editor.serial, editor.based
    with db.unit_of_work() as session:
        save_version(session, template, 1, "Theirs", HTML, "", NOW, "mary@example.com")
    await opened(tab, template)
    assert (editor.serial, editor.based, editor.loads, editor.replaced) == (drawn, based, 1, 0)
    assert editor.values["subject"] == "Theirs"
    await save(tab, revision="1", subject="Mine")
    assert "mary@example.com" in editor.conflict
    await tab.do(TemplateEditor.take_stored, TemplateEditor)
    assert (editor.serial > drawn, editor.replaced, editor.conflict) == (True, 1, "")


async def test_a_restored_version_is_a_new_one(tab: Tab, template: int) -> None:
    editor = await opened(tab, template)
    await save(tab, subject="Second")
    await tab.do(TemplateVersions.open, TemplateVersions, template)
    versions = await tab.state(TemplateVersions)
    assert [line.number for line in versions.lines] == [2, 1]
    await tab.do(TemplateVersions.choose, TemplateVersions, versions.lines[1].id)
    assert DiffLine("-", "Hi {Person.firstName}") in versions.changes
    await tab.do(TemplateEditor.restore, TemplateEditor)
    assert (editor.version, editor.values["subject"]) == (3, "Hi {Person.firstName}")


async def test_versions_of_another_template_are_not_shown(tab: Tab, template: int) -> None:
    with db.unit_of_work() as session:
        other = create_template(session, "Other", "Secret", HTML, "", NOW)
        version = versions_of(session, other.id)[0].id
    await tab.do(TemplateVersions.open, TemplateVersions, template)
    await tab.do(TemplateVersions.choose, TemplateVersions, version)
    assert (await tab.state(TemplateVersions)).subject != "Secret"


async def test_an_address_without_a_template_says_so(tab: Tab) -> None:
    for address in ("7", "x", "9" * 30):
        assert (await opened(tab, address)).missing


async def test_a_browser_that_sends_anything_changes_nothing(tab: Tab, template: int) -> None:
    editor = await opened(tab, template)
    for part, text in (("name", "x"), ("html", {"a": 1}), ("html", "x" * (MOST_SENT + 1)), (None, "x")):
        await tab.do(TemplateEditor.write, TemplateEditor, part, text)
    await tab.do(TemplateEditor.show_part, TemplateEditor, "subject")
    assert (editor.unsaved, editor.part) == (False, "html")


async def test_who_may_only_look_cannot_save(tab: Tab, template: int) -> None:
    reader = tab_of(Role.VIEWER)
    await opened(reader, template)
    await save(reader, subject="Mine")
    with db.reading() as session:
        assert get_template(session, template).version_no == 1


async def test_the_picker_finds_by_name_and_by_what_it_says(tab: Tab, template: int) -> None:
    await opened(tab, template)
    await tab.do(TemplatePickers.find, TemplatePickers, "byron")
    picker = await tab.state(TemplatePickers)
    found = await picker.found
    assert {choice.code for choice in found} >= {"{Person.lastName}", "{Contact.lastName}"}
    assert all("byron" in (choice.code + choice.value).lower() for choice in found)


def test_differences_are_lines_with_their_place() -> None:
    theirs, mine = Draft("s", "a\n-->\nc"), Draft("s", "a\nb\nc")
    assert differences(theirs, mine) == [
        DiffLine("@", "html:1"),
        DiffLine(" ", "a"),
        DiffLine("-", "-->"),
        DiffLine("+", "b"),
        DiffLine(" ", "c"),
    ]
    assert differences(mine, mine) == []


async def test_the_list_finds_duplicates_and_asks_before_deleting(tab: Tab, template: int) -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session), status=MassEmailStatus.COMPLETE)
        mail.template_id, mail.name = template, "In September"
    tab.go("/email-templates")
    await tab.do(EmailTemplates.duplicate, EmailTemplates, template)
    tab.go("/email-templates", q="copy")
    await tab.do(EmailTemplates.load, EmailTemplates)
    rows = (await tab.state(EmailTemplates)).rows
    assert [row.name for row in rows] == ["News (copy)"]
    await tab.do(TemplateDelete.ask, TemplateDelete, template)
    asked = await tab.state(TemplateDelete)
    assert (asked.name, asked.users) == ("News", ["In September"])
    await tab.do(TemplateDelete.confirm, TemplateDelete)
    assert (await opened(tab, template)).missing


async def test_a_tracking_url_is_made_with_its_code_and_its_campaign(tab: Tab) -> None:
    with db.unit_of_work() as session:
        campaign = factories.campaign(session, factories.target_list(session)).id
    tab.go("/tracking-urls")
    await tab.do(TrackingUrlForm.create_new, TrackingUrlForm, 0)
    form = await tab.state(TrackingUrlForm)
    given = {"name": "Shop", "action": "redirect", "url": "shop.example", "message": ""}
    await tab.do(TrackingUrlForm.save, TrackingUrlForm, given)
    assert set(form.errors) == {"campaign"}
    await tab.do(TrackingUrlForm.save, TrackingUrlForm, given | {"campaign": str(campaign)})
    assert set(form.errors) == {"url"}
    given |= {"campaign": str(campaign), "url": "https://shop.example/"}
    await tab.do(TrackingUrlForm.save, TrackingUrlForm, given)
    with db.reading() as session:
        made = get_tracking_url(session, form.editing)
    assert (form.made, form.code, made.url) == (True, made.placeholder, "https://shop.example/")
    await tab.do(TrackingUrls.load, TrackingUrls)
    assert [(row.name, row.code) for row in (await tab.state(TrackingUrls)).rows] == [("Shop", made.placeholder)]
