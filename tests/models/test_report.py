"""Reports: saved filters, previewed, and target lists filled from them."""

from datetime import datetime

import pytest
from sqlalchemy import Engine

from models import db
from models.errors import Conflict, Invalid, NotFound
from models.membership import entry_page
from models.recipient import Kind
from models.recipient_filter import RecipientFilter
from models.report import create_report, delete_report, edit_report, fill_from_report, get_report, preview, report_page
from models.target_list import Source
from models.target_list_page import get_list
from tests import factories

LEADS = RecipientFilter(kind=Kind.LEAD)


def test_a_report_is_made_edited_listed_and_deleted(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        made = create_report(session, {"name": "Leads", "filter": LEADS}, now)
        create_report(session, {"name": "all", "filter": {}}, now)
        assert [row.name for row in report_page(session)[0]] == ["all", "Leads"]
        assert [row.name for row in report_page(session, "LEA")[0]] == ["Leads"]
        edit_report(session, made, 1, {"filter": {"kind": "user"}})
        assert get_report(session, made).filter == RecipientFilter(kind=Kind.USER)
        with pytest.raises(Conflict):
            edit_report(session, made, 1, {"name": "x"})
        delete_report(session, made, now)
        with pytest.raises(NotFound):
            get_report(session, made)
        assert report_page(session)[1] == 1


def test_every_problem_of_a_report_is_told_at_once(sqlite_database: Engine, now: datetime) -> None:
    with pytest.raises(Invalid) as error, db.unit_of_work() as session:
        create_report(session, {"name": "", "filter": {"any_of": [{"kind": "dog"}]}}, now)
    assert {place: problem.key for place, problem in error.value.problems.items()} == {
        "name": "errors.required",
        "filter.any_of.0.kind": "filter.value",
    }


def test_a_preview_shows_and_counts_whom_a_filter_finds(database: Engine) -> None:
    with db.unit_of_work() as session:
        leads = [factories.recipient(session, kind=Kind.LEAD).id for _ in range(12)]
        factories.recipient(session)
        rows, total = preview(session, {"kind": "lead"})
        assert (total, total.exact, [row.id for row in rows]) == (12, True, leads[:10])
        with pytest.raises(Invalid):
            preview(session, {"nonsense": 1})


def test_a_list_is_filled_with_whom_the_report_finds_now_and_knows_it(database: Engine, now: datetime) -> None:
    with db.unit_of_work() as session:
        leads = [factories.recipient(session, kind=Kind.LEAD) for _ in range(3)]
        contact = factories.recipient(session)
        target = factories.target_list(session, "t", [contact, leads[0]]).id
        report = create_report(session, {"name": "Leads", "filter": LEADS}, now)
    with db.pinned() as doors:
        added = fill_from_report(doors, target, report, now)
        assert (added.added, added.already) == (2, 1)
        with pytest.raises(NotFound):
            fill_from_report(doors, target, report + 1, now)
    with db.reading() as session:
        row = get_list(session, target)
        assert (row.entry_count, row.report) == (4, "Leads")
        assert get_report(session, report).lists == ("t",)
        sources = [entry.source for entry in entry_page(session, target, sort="created")[0]]
        assert sources.count(Source.REPORT) == 2
