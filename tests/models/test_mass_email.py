"""The mass email: its moves, its form, its lists, and what deleting leaves."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import Session

from models import db, outbound_emails
from models.audience import build_queue
from models.audit import Audit
from models.campaign import CampaignStatus, CampaignType, ListRole
from models.catalogue import Language
from models.column_types import table
from models.email_template import TemplateVersion
from models.errors import Conflict, Invalid, NotFound, Refused
from models.mass_email import (
    CONFIRM_SITE_URL,
    MOVES,
    WORKER,
    MassEmail,
    MassEmailStatus,
    Mover,
    create_mass_email,
    current_version,
    delete_mass_email,
    edit_mass_email,
    get_row,
    lists_of,
    move,
    new_values,
    queue_due,
    start,
    status_name,
    what_goes,
)
from models.mass_email_page import MassEmailFilter, get_mass_email, mass_email_page
from models.test_send import finish_test, record_test, test_page
from models.tracking_url import create_tracking_url, ensure_links, get_tracking_url
from tests import factories
from tests.factories import NOW

BY = "ada@example.com"
DRAFT, PENDING, IN_PROCESS = MassEmailStatus.DRAFT, MassEmailStatus.PENDING, MassEmailStatus.IN_PROCESS
PAUSED, COMPLETE, CANCELLED = MassEmailStatus.PAUSED, MassEmailStatus.COMPLETE, MassEmailStatus.CANCELLED


def put(session: Session, **values) -> MassEmail:
    return factories.mass_email(session, factories.target_list(session), **values)


def create(session: Session, campaign_id: int, **values: Any) -> int:
    values.setdefault("template", factories.template(session).template_id)
    return create_mass_email(session, campaign_id, values, NOW, BY)


def ready(session: Session) -> int:
    """A campaign with a list."""
    return factories.campaign(session, factories.target_list(session)).id


def problems(invalid: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {name: problem.key for name, problem in invalid.value.problems.items()}


# Moves


@pytest.mark.parametrize("mover", list(Mover))
def test_only_the_moves_of_the_table_happen(sqlite_database: Engine, mover: Mover) -> None:
    for before, after in itertools.product(MassEmailStatus, repeat=2):
        with db.unit_of_work() as session:
            mail = put(session, status=before).id
            by = WORKER if mover is Mover.WORKER else BY
            allowed = mover in MOVES.get((before, after), ())
            if allowed:
                move(session, mail, after, NOW, by)
            else:
                with pytest.raises(Refused):
                    move(session, mail, after, NOW, by)
            assert get_row(session, mail).status is (after if allowed else before)


def test_cancelled_is_final_and_every_other_status_is_left_again() -> None:
    assert {before for before, _ in MOVES} == set(MassEmailStatus) - {CANCELLED}
    assert {after for _, after in MOVES} == set(MassEmailStatus)


def test_a_move_is_seen_by_those_who_watch_and_kept_in_the_trail(database: Engine) -> None:
    later = NOW + timedelta(seconds=5)
    with db.unit_of_work() as session:
        mail = put(session, status=IN_PROCESS).id
        move(session, mail, PAUSED, later, BY)
        row = get_row(session, mail)
        assert (row.change_seq, row.changed_at, row.finished_at) == (1, later, None)
        move(session, mail, CANCELLED, later, BY)
        assert get_row(session, mail).finished_at == later
        acts = session.execute(select(table(Audit).c.act, table(Audit).c.by).order_by(table(Audit).c.id)).all()
        assert acts == [("mass_email.paused", BY), ("mass_email.cancelled", BY)]


def test_of_two_who_move_it_at_once_the_second_is_told(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from models import mass_email

    with db.unit_of_work() as session:
        mail = put(session, status=IN_PROCESS).id

        def overtaken(session: Session, mass_email_id: int) -> MassEmail:
            row = get_row(session, mass_email_id)
            session.expunge(row)
            session.execute(update(table(MassEmail)).values(status=COMPLETE))
            return row

        monkeypatch.setattr(mass_email, "get_row", overtaken)
        with pytest.raises(Refused) as refused:
            move(session, mail, PAUSED, NOW, BY)
        assert refused.value.problem.key == "mass_email.moved_meanwhile"


def test_pending_freezes_the_newest_version_and_draft_lets_it_go(database: Engine) -> None:
    with db.unit_of_work() as session:
        version = factories.template(session)
        second = TemplateVersion(
            template_id=version.template_id, no=2, subject="s", html="h", sha256="x", created_at=NOW
        )
        session.add(second)
        mail = put(session, version=version, version_id=None, status=DRAFT).id
        assert current_version(session, mail).no == 2
        start(session, mail, NOW, BY)
        assert get_row(session, mail).version_id == second.id
        session.add(
            TemplateVersion(template_id=version.template_id, no=3, subject="", html="", sha256="", created_at=NOW)
        )
        session.flush()
        detail = get_mass_email(session, mail)
        assert (detail.row.version_no, detail.newest_version_no) == (2, 3)
        edit_mass_email(session, mail, detail.row.revision, {"name": "Renamed"}, NOW, BY)
        assert get_row(session, mail).version_id == second.id  # offered, never taken silently
        move(session, mail, DRAFT, NOW, BY)
        assert get_row(session, mail).version_id is None


def test_pending_names_everything_that_is_missing(database: Engine) -> None:
    with db.unit_of_work() as session:
        campaign, other = factories.campaign(session), factories.campaign(session)
        code = get_tracking_url(
            session, create_tracking_url(session, other.id, {"name": "x", "url": "https://x.example"}, NOW, BY)
        ).code
        version = factories.template(session, html=f'<a href="{{trackingUrl:{code}}}">')
        late = NOW - timedelta(minutes=6)
        mail = factories.mass_email(session, in_campaign=campaign, version=version, status=DRAFT, start_at=late).id
        with pytest.raises(Invalid) as invalid:
            start(session, mail, NOW, BY)
        assert problems(invalid) == {
            "target_lists": "mass_email.list_required",
            "template": "mass_email.foreign_code",
            "start_at": "mass_email.start_passed",
        }
        assert code in str(invalid.value)


def test_a_campaign_that_is_no_email_campaign_sends_none(database: Engine) -> None:
    with db.unit_of_work() as session:
        for kind in CampaignType:
            campaign = factories.campaign(session, factories.target_list(session), type=kind).id
            if kind in {CampaignType.EMAIL, CampaignType.NEWSLETTER, CampaignType.INFORMATIONAL}:
                assert create(session, campaign)
            else:
                with pytest.raises(Refused, match="is not an email campaign"):
                    create(session, campaign)


@pytest.mark.parametrize("site_url", ["", "https://localhost:3000", "http://news.example.com"])
def test_a_real_account_and_dead_links_need_a_word_of_confirmation(database: Engine, site_url: str) -> None:
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"site_url": site_url}, NOW, BY)
        real = factories.smtp_account(session)
        mail = put(session, status=DRAFT).id
        with pytest.raises(Refused) as refused:
            start(session, mail, NOW, BY)
        assert refused.value.problem.key == CONFIRM_SITE_URL
        assert "Start nevertheless" in str(refused.value)
        start(session, mail, NOW, BY, confirm=True)
        catcher = factories.smtp_account(session, is_catcher=True, is_default=False)
        start(session, put(session, status=DRAFT, smtp_account_id=catcher.id).id, NOW, BY)
        outbound_emails.change(session, {"site_url": "https://news.example.com"}, NOW, BY)
        start(session, put(session, status=DRAFT).id, NOW, BY)
        real.from_address = ""
        with pytest.raises(Invalid) as invalid:
            start(session, put(session, status=DRAFT).id, NOW, BY)
        assert problems(invalid) == {"from_address": "mass_email.from_required"}


def test_due_is_pending_with_its_date_start_come_in_a_campaign_that_is_not_inactive(database: Engine) -> None:
    with db.unit_of_work() as session:
        late = put(session, start_at=NOW).id
        early = put(session, start_at=NOW - timedelta(days=1)).id
        put(session, start_at=NOW + timedelta(milliseconds=1))
        put(session, status=DRAFT)
        put(session, deleted_at=NOW)
        put(session, in_campaign=factories.campaign(session, status=CampaignStatus.INACTIVE))
        assert queue_due(session, NOW) == [early, late]


# The form


def test_a_new_one_takes_name_lists_and_pending_from_its_campaign(database: Engine) -> None:
    with db.unit_of_work() as session:
        first, second, out = (factories.target_list(session, name) for name in ("1", "2", "x"))
        campaign = factories.campaign(session, second, first, excluded=(out,))
        midnight = datetime(2026, 9, 8, 23, 0, tzinfo=UTC)
        values = new_values(session, campaign.id, midnight, "Europe/Paris")
        assert (values["name"], values["status"]) == ("Rentrée 2026 – 2026-09-09", PENDING)
        row = get_row(session, create(session, campaign.id))
        assert (row.name, row.status, row.start_at) == ("Rentrée 2026 – 2026-09-08", PENDING, NOW)
        assert lists_of(session, row.id, ListRole.TARGET) == [second.id, first.id]
        assert lists_of(session, row.id, ListRole.EXCLUDED) == [out.id]


def test_no_list_and_no_template_are_refused_beside_the_field_even_in_draft(database: Engine) -> None:
    with db.unit_of_work() as session:
        campaign = factories.campaign(session).id
        for status in ("draft", "pending"):
            with pytest.raises(Invalid) as invalid:
                create(session, campaign, template=None, status=status)
            assert problems(invalid) == {
                "target_lists": "mass_email.list_required",
                "template": "mass_email.template_required",
            }
        assert mass_email_page(session, MassEmailFilter()) == ([], 0)


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("name", " ", "errors.required"),
        ("name", "a\r\nBcc: b@example.com", "errors.control_character"),
        ("name", "a" * 201, "errors.too_long"),
        ("zone", "Mars/Olympus", "errors.unknown_choice"),
        ("start_at", "soon", "mass_email.not_a_moment"),
        ("start_at", NOW - timedelta(minutes=6), "mass_email.start_passed"),
        ("start_at", "2027-03-28T02:30", "mass_email.skipped_hour"),
        ("template", 999, "mass_email.template_gone"),
        ("template", "1; DROP TABLE", "mass_email.template_gone"),
        ("smtp_account", "999", "mass_email.smtp_account_gone"),
        ("target_lists", [999], "mass_email.list_gone"),
        ("excluded_lists", ["x"], "mass_email.list_gone"),
        ("from_name", "Ada\nBcc: x", "errors.control_character"),
        ("from_address", "ada@@example", "address.two_ats"),
        ("from_address", "a@example.com\r\nBcc: b@example.com", "errors.control_character"),
        ("reply_to", "nobody", "address.no_at"),
        ("status", "complete", "errors.unknown_choice"),
        ("tracking", "secretly", "errors.unknown_choice"),
    ],
)
def test_bad_input_is_refused_beside_its_field(sqlite_database: Engine, field: str, value: object, key: str) -> None:
    with db.unit_of_work() as session:
        with pytest.raises(Invalid) as invalid:
            create(session, ready(session), **{"zone": "Europe/Paris", field: value})
        assert problems(invalid) == {field: key}
        for language in Language:
            assert invalid.value.problems[field].text(language)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-09-09T08:30", datetime(2026, 9, 9, 6, 30, tzinfo=UTC)),
        (datetime(2026, 12, 9, 8, 30), datetime(2026, 12, 9, 7, 30, tzinfo=UTC)),  # noqa: DTZ001 - as a form gives it
        ("2026-09-09T08:30:00+00:00", datetime(2026, 9, 9, 8, 30, tzinfo=UTC)),
        (NOW - timedelta(minutes=5), NOW - timedelta(minutes=5)),
    ],
)
def test_date_start_is_read_in_its_zone(sqlite_database: Engine, typed: object, moment: datetime) -> None:
    with db.unit_of_work() as session:
        mail = create(session, ready(session), zone="Europe/Paris", start_at=typed)
        assert get_row(session, mail).start_at == moment


def test_a_field_that_does_not_exist_is_the_programmers_error(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session, pytest.raises(TypeError, match="template_id"):
        create(session, ready(session), template_id=1)


def test_an_edit_changes_what_it_names_and_the_second_editor_is_told(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, other = create(session, ready(session)), factories.target_list(session, "other")
        kept = lists_of(session, mail, ListRole.TARGET)
        edit_mass_email(session, mail, 1, {"target_lists": [other.id, *kept, other.id]}, NOW, "grace@example.com")
        assert lists_of(session, mail, ListRole.TARGET) == [other.id, *kept]
        with pytest.raises(Conflict, match=r"grace@example\.com changed this"):
            edit_mass_email(session, mail, 1, {"name": "Mine"}, NOW, BY)
        edit_mass_email(session, mail, 2, {"status": "draft", "name": "Mine"}, NOW, BY)
        row = get_row(session, mail)
        assert (row.name, row.status, row.version_id, row.revision) == ("Mine", DRAFT, None, 3)
        edit_mass_email(session, mail, 3, {"status": "pending"}, NOW, BY)
        assert get_row(session, mail).status is PENDING


def test_a_pending_one_may_be_edited_after_its_date_start_but_not_to_another_past(database: Engine) -> None:
    later = NOW + timedelta(hours=1)
    with db.unit_of_work() as session:
        mail = create(session, ready(session))
        edit_mass_email(session, mail, 1, {"name": "Late"}, later, BY)
        with pytest.raises(Invalid) as invalid:
            edit_mass_email(session, mail, 2, {"start_at": NOW + timedelta(minutes=1)}, later, BY)
        assert problems(invalid) == {"start_at": "mass_email.start_passed"}


def test_a_pending_one_that_gets_another_template_freezes_that(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, other = create(session, ready(session)), factories.template(session)
        edit_mass_email(session, mail, 1, {"template": str(other.template_id)}, NOW, BY)
        assert get_row(session, mail).version_id == other.id


def test_what_is_settled_is_fixed(database: Engine) -> None:
    with db.unit_of_work() as session:
        other = factories.target_list(session, "other").id
        sending, done = put(session, status=IN_PROCESS).id, put(session, status=COMPLETE).id
        queued = put(session, status=DRAFT, queue_done_at=NOW).id
        edit_mass_email(session, sending, 1, {"name": "New", "from_name": "Ada", "reply_to": "a@example.com"}, NOW, BY)
        for mail, revision, values in (
            (sending, 2, {"target_lists": [other]}),
            (sending, 2, {"template": factories.template(session).template_id}),
            (done, 1, {"from_name": "Ada"}),
            (queued, 1, {"target_lists": [other]}),
        ):
            with pytest.raises(Invalid) as invalid:
                edit_mass_email(session, mail, revision, values, NOW, BY)
            assert problems(invalid) == dict.fromkeys(values, "mass_email.fixed_now")


# Delete


def test_deleted_a_draft_is_gone_and_its_campaigns_list_empty(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = create(session, ready(session), status="draft")
        assert not what_goes(session, mail).kept
        delete_mass_email(session, mail, NOW, BY)
        assert session.execute(select(MassEmail)).all() == []
        with pytest.raises(NotFound):
            get_mass_email(session, mail)


@pytest.mark.parametrize("left", ["item", "link", "test"])
def test_deleted_with_mail_that_left_it_is_only_hidden(database: Engine, left: str) -> None:
    with db.unit_of_work() as session:
        mail = put(session, status=DRAFT)
        if left == "item":
            factories.queue_item(session, mail, factories.recipient(session))
        elif left == "link":
            ensure_links(session, mail.id, ["https://example.com"])
        else:
            record_test(session, mail.id, "a@example.com", mail.version_id, NOW, BY)
        mail_id = mail.id
        assert what_goes(session, mail_id).kept
        delete_mass_email(session, mail_id, NOW, BY)
        assert mass_email_page(session, MassEmailFilter()) == ([], 0)
        assert session.get(MassEmail, mail_id).deleted_at == NOW
        for act in (get_mass_email, get_row, what_goes):
            with pytest.raises(NotFound):
                act(session, mail_id)


@pytest.mark.parametrize("status", [IN_PROCESS, PAUSED])
def test_what_is_being_sent_is_cancelled_first(database: Engine, status: MassEmailStatus) -> None:
    with db.unit_of_work() as session:
        mail = put(session, status=status).id
        with pytest.raises(Refused, match="Cancel it first"):
            delete_mass_email(session, mail, NOW, BY)


# Pages


def test_the_list_filters_sorts_and_pages(database: Engine) -> None:
    with db.unit_of_work() as session:
        spring = factories.campaign(session, name="Spring")
        put(session, name="beta", in_campaign=spring, start_at=NOW)
        put(session, name="Alpha", in_campaign=spring, status=DRAFT, start_at=NOW + timedelta(days=1))
        put(session, name="100%", status=COMPLETE, start_at=NOW + timedelta(days=2))

        def names(sort: str = "name", page: int = 1, size: int = 50, **chosen: Any) -> list[str]:
            return [row.name for row in mass_email_page(session, MassEmailFilter(**chosen), sort, page, size)[0]]

        assert names() == ["100%", "Alpha", "beta"]
        assert names("-start_at") == names("no such sort")[::-1] == ["100%", "Alpha", "beta"]
        assert names(size=2, page=2) == ["beta"]
        assert names(text="spring") == ["Alpha", "beta"]
        assert names(text="%") == ["100%"]
        assert names(text="' OR 1=1 --") == []
        assert names(campaign_id=spring.id, statuses=(DRAFT, COMPLETE)) == ["Alpha"]
        assert names(start_from=NOW + timedelta(days=1), start_before=NOW + timedelta(days=2)) == ["Alpha"]
        assert mass_email_page(session, MassEmailFilter(), size=1)[1] == 3


def test_the_detail_holds_what_the_page_shows(database: Engine) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session), factories.recipient(session, None)]
        mailed, out = factories.target_list(session, "mailed", people), factories.target_list(session, "out")
        mail = factories.mass_email(session, mailed, excluded=(out,)).id
        before = get_mass_email(session, mail)
        assert (before.audience, before.row.queued) == (None, None)
        assert before.row.moves == (DRAFT, CANCELLED)
        assert before.values["target_lists"] == [mailed.id]
    with db.pinned() as doors:
        built = build_queue(doors, mail, NOW)
    with db.reading() as session:
        detail = get_mass_email(session, mail)
        assert (detail.audience, detail.row.queued, detail.row.moves) == (built, 1, (DRAFT, PAUSED, CANCELLED))
        assert [(row.name, row.entries) for row in detail.target_lists] == [("mailed", 2)]
        assert "target_lists" not in detail.editable
        assert (what_goes(session, mail).people, what_goes(session, mail).left_out) == (1, 1)


def test_a_test_is_kept_with_the_answer_word_for_word(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = put(session)
        first = record_test(session, mail.id, "a@example.com", mail.version_id, NOW, BY)
        record_test(session, mail.id, "b@example.com", mail.version_id, NOW, BY)
        finish_test(session, first, delivered=False, reply="535 5.7.8 No, «thanks»")
        (newest, oldest), total = test_page(session, mail.id, 1, 20)
        assert (newest.address, newest.reply, total) == ("b@example.com", "", 2)
        assert (oldest.reply, oldest.delivered, oldest.version_no) == ("535 5.7.8 No, «thanks»", False, 1)
        with pytest.raises(NotFound):
            finish_test(session, 999, delivered=True, reply="")


def test_every_status_has_its_name_in_both_languages() -> None:
    for language in Language:
        assert len({status_name(status).text(language) for status in MassEmailStatus}) == len(MassEmailStatus)
