"""Email templates: versions that never change, who uses them, what the editor says (D8)."""

from datetime import timedelta

import pytest

from models import db
from models.email_template import (
    create_template,
    duplicate_template,
    get_template,
    get_version,
    newest_version,
    rename_template,
    save_version,
    versions_of,
)
from models.email_template_page import delete_templates, template_choices, template_page, usage_of
from models.errors import Conflict, Invalid, NotFound, Refused
from models.mass_email import MassEmailStatus
from models.template_advice import Level, checks
from tests import factories
from tests.factories import NOW

LATER = NOW + timedelta(minutes=5)


def make(session, name="News", subject="Hello {Person.firstName}", html="<p>Hi</p>", text=""):
    return create_template(session, name, subject, html, text, NOW, "ada@example.com")


def test_saving_makes_a_version_only_when_something_changed(database):
    with db.unit_of_work() as session:
        made = make(session)
        assert (made.version_no, made.revision, made.saved_by) == (1, 1, "ada@example.com")
        same = save_version(session, made.id, 1, made.subject, made.html, made.text, LATER, "bob@example.com")
        assert (same.id, get_template(session, made.id).revision) == (made.version_id, 1)
        changed = save_version(session, made.id, 1, made.subject, "<p>Bye</p>", "", LATER, "bob@example.com")
        assert (changed.no, changed.created_by) == (2, "bob@example.com")
        now = get_template(session, made.id)
        assert (now.html, now.version_no, now.revision, now.changed_at) == ("<p>Bye</p>", 2, 2, LATER)
        assert get_version(session, made.version_id).html == "<p>Hi</p>"
        assert newest_version(session, made.id).id == changed.id
        assert [version.no for version in versions_of(session, made.id)] == [2, 1]


def test_the_digest_tells_the_parts_apart(sqlite_database):
    with db.unit_of_work() as session:
        made = make(session, html="<p>a</p>", text="b")
        moved = save_version(session, made.id, 1, made.subject, "<p>a</p>b", "", LATER)
        assert moved.no == 2


def test_the_second_of_two_editors_is_told(database):
    with db.unit_of_work() as session:
        made = make(session)
        save_version(session, made.id, 1, "Mine", "<p>1</p>", "", LATER, "bob@example.com")
        with pytest.raises(Conflict) as told:
            save_version(session, made.id, 1, "Other", "<p>2</p>", "", LATER, "ada@example.com")
        assert told.value.problem.values["who"] == "bob@example.com"
        with pytest.raises(Conflict):
            rename_template(session, made.id, 1, "Other", LATER)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"name": " "}, {"name"}),
        ({"name": "a\nb"}, {"name"}),
        ({"subject": ""}, {"subject"}),
        ({"subject": "x" * 501}, {"subject"}),
        ({"html": "", "text": ""}, {"html"}),
        ({"html": "<p>{Person.nickname}"}, {"html"}),
        ({"html": "x" * 5_000_000}, {"html"}),
        ({"name": "", "subject": "{x}", "html": "<script>", "text": "{{"}, {"name", "subject", "html", "text"}),
    ],
)
def test_what_cannot_be_taken_is_refused_beside_its_field(sqlite_database, values: dict[str, str], fields: set[str]):
    with db.unit_of_work() as session, pytest.raises(Invalid) as refused:
        make(session, **values)
    assert set(refused.value.problems) == fields


def test_a_custom_field_of_any_recipient_is_a_placeholder(database):
    with db.unit_of_work() as session:
        factories.recipient(session, fields={"nickname": "Ada"})
        assert make(session, html="<p>{Person.nickname}").version_no == 1


def test_a_template_is_renamed_and_copied(database):
    with db.unit_of_work() as session:
        made = make(session)
        rename_template(session, made.id, 1, "September", LATER)
        copy = duplicate_template(session, made.id, LATER, language="fr")
        assert (copy.name, copy.subject, copy.html, copy.version_no) == (
            "September (copie)",
            made.subject,
            made.html,
            1,
        )
        assert copy.id != made.id


def test_the_list_searches_sorts_and_pages(database):
    with db.unit_of_work() as session:
        first = make(session, "Autumn", "Leaves")
        second = make(session, "100% winter", "Snow")
        make(session, "spring", "Leaves again")
        save_version(session, first.id, 1, "Leaves fall", "<p>longer text</p>", "", LATER)
        factories.mass_email(session, version=newest_version(session, second.id))
    with db.reading() as session:
        rows, total = template_page(session, sort="name", size=2)
        assert ([row.name for row in rows], total) == (["100% winter", "Autumn"], 3)
        assert [row.name for row in template_page(session, sort="name", page=2, size=2)[0]] == ["spring"]
        assert template_page(session)[0][0].name == "Autumn"
        assert [row.name for row in template_page(session, "LEAVES", "-subject")[0]] == ["Autumn", "spring"]
        assert [row.name for row in template_page(session, "0%")[0]] == ["100% winter"]
        used = template_page(session, sort="-used")[0][0]
        assert (used.name, used.used, used.version_no, used.characters) == ("100% winter", 1, 1, 9)
        assert template_choices(session)[0][1] == "100% winter"
        with pytest.raises(KeyError):
            template_page(session, sort="nonsense")


@pytest.mark.parametrize(
    ("status", "deleted"),
    [
        (MassEmailStatus.DRAFT, False),
        (MassEmailStatus.PENDING, False),
        (MassEmailStatus.IN_PROCESS, False),
        (MassEmailStatus.COMPLETE, True),
        (MassEmailStatus.CANCELLED, True),
    ],
)
def test_a_template_in_use_is_not_deleted_and_says_by_whom(sqlite_database, status: MassEmailStatus, deleted: bool):
    with db.unit_of_work() as session:
        made = make(session)
        mail = factories.mass_email(session, version=newest_version(session, made.id), status=status, name="To all")
        (usage,) = usage_of(session, [made.id])
        assert (usage.mass_email_id, usage.name, usage.status) == (mail.id, "To all", status)
        if not deleted:
            with pytest.raises(Refused, match="To all"):
                delete_templates(session, [made.id], LATER)
            return
        assert delete_templates(session, [made.id], LATER) == 1
        assert template_page(session)[1] == 0
        assert get_version(session, made.version_id).html == made.html
        with pytest.raises(NotFound):
            get_template(session, made.id)
        with pytest.raises(NotFound):
            save_version(session, made.id, 2, "s", "h", "", LATER)


@pytest.mark.parametrize(
    ("html", "key", "level"),
    [
        ("<p>{optOutUrl}", "template.check_opt_out", Level.FINE),
        ("<p>x", "template.check_opt_out_added", Level.FINE),
        ("<p>" + "x" * 105_000, "template.check_clipped", Level.WARNING),
        ("<p>small", "template.check_size", Level.FINE),
        ('<img src="https://a.example/x.png">', "template.check_no_alt", Level.WARNING),
        ('<img alt="" src="x.png">', "template.check_relative", Level.WARNING),
        ('<a href="http://a.example">x</a>', "template.check_insecure", Level.WARNING),
        ('<a href="#">x</a>', "template.check_no_address", Level.WARNING),
        ("<form><input>", "template.check_removed", Level.WARNING),
        ('<link rel="stylesheet" href="x.css">', "template.check_stylesheet", Level.WARNING),
        ("{foo}", "template.unknown_placeholder", Level.ERROR),
        ("<script>", "template.script", Level.ERROR),
    ],
)
def test_the_editor_says_what_mail_programs_do(html: str, key: str, level: Level):
    assert (level, key) in [(check.level, check.problem.key) for check in checks("Subject", html, "")]


def test_the_editor_counts_and_points_to_the_first():
    html = '<a href="https://a.example">ok</a>\n<img src="https://a.example/1"><img src="https://a.example/2">'
    (found,) = [check for check in checks("s", html, "") if check.problem.key == "template.check_no_alt"]
    assert found.problem.text("en") == "2 images have no alt text (the first in line 2)."


def test_the_editor_puts_errors_first_and_speaks_of_the_switched_off_link():
    found = checks("", "<p>{x}<img>", "")
    assert [check.level for check in found] == sorted((c.level for c in found), key=["error", "warning", "fine"].index)
    assert "template.check_no_subject" in [check.problem.key for check in found]
    (missing,) = [c for c in checks("s", "<p>", "", mandatory_opt_out_link=False) if "no_opt_out" in c.problem.key]
    assert "{optOutUrl}" in missing.problem.text("en")
