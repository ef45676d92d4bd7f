"""Campaigns: rules of D4, lists, deletion, and what their list shows."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from models import db
from models.audit import Audit
from models.campaign import (
    Campaign,
    CampaignStatus,
    CampaignType,
    create_campaign,
    delete_campaigns,
    edit_campaign,
    get_campaign,
    going_with,
    set_campaign_status,
)
from models.campaign_page import SORTS, CampaignFilter, campaign_ids, campaign_page, count_by_status
from models.errors import Conflict, Invalid, NotFound, Refused
from models.log_table import Action
from models.mass_email import MassEmailStatus
from models.queue_table import ItemState
from models.statistics import Counter, Dimension
from tests import factories

VALUES = {"name": "Rentrée 2026", "type": "newsletter", "status": "planning"}


def sent(session, mail, people, opened=0):
    for action, number in ((Action.SENT, people), (Action.OPENED, opened)):
        session.add(
            Counter(
                mass_email_id=mail.id,
                dimension=Dimension.TOTAL,
                key="",
                action=action,
                human=True,
                firsts=number,
                hits=number,
            )
        )
    session.flush()


def test_a_campaign_keeps_its_lists_in_the_order_chosen(database, now):
    with db.unit_of_work() as session:
        first, second, out = (factories.target_list(session, name) for name in ("B", "A", "Out"))
        made = create_campaign(
            session, {**VALUES, "lists": [first.id, second.id], "excluded": [out.id]}, now, "a@b.example"
        )
        found = get_campaign(session, made)
        trail = session.exec(select(Audit)).one()
    assert found.lists == ((first.id, "B"), (second.id, "A"))
    assert found.excluded == ((out.id, "Out"),)
    assert (trail.act, trail.by, trail.noun_id) == ("campaign.created", "a@b.example", made)


@pytest.mark.parametrize(
    ("wrong", "field", "key"),
    [
        ({"name": "  "}, "name", "errors.required"),
        ({"name": "x" * 201}, "name", "errors.too_long"),
        ({"name": "a\nb"}, "name", "errors.control_character"),
        ({"type": "pigeon"}, "type", "errors.required"),
        ({"status": ""}, "status", "errors.required"),
        ({"start_date": date(2026, 9, 2), "end_date": date(2026, 9, 1)}, "end_date", "campaigns.end_before_start"),
        ({"budget": -1}, "budget", "errors.at_least"),
        ({"lists": [404]}, "lists", "campaigns.list_gone"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(sqlite_database, now, wrong, field, key):
    with db.unit_of_work() as session, pytest.raises(Invalid) as refused:
        create_campaign(session, {**VALUES, **wrong}, now)
    assert {name: problem.key for name, problem in refused.value.problems.items()} == {field: key}


def test_a_list_is_not_mailed_and_excluded_at_once(sqlite_database, now):
    with db.unit_of_work() as session:
        chosen = factories.target_list(session)
        with pytest.raises(Invalid) as refused:
            create_campaign(session, {**VALUES, "lists": [chosen.id], "excluded": [chosen.id]}, now)
    assert refused.value.problems["excluded"].key == "campaigns.list_both"


def test_an_end_is_compared_with_the_start_that_is_stored(sqlite_database, now):
    with db.unit_of_work() as session:
        made = create_campaign(session, {**VALUES, "start_date": date(2026, 9, 10)}, now)
        with pytest.raises(Invalid):
            edit_campaign(session, made, 1, {"end_date": date(2026, 9, 9)}, now)


def test_the_second_of_two_editors_is_told_who_was_faster(database, now):
    with db.unit_of_work() as session:
        made = create_campaign(session, VALUES, now, "first@example.com")
        edit_campaign(session, made, 1, {"name": "Mine"}, now, "second@example.com")
        with pytest.raises(Conflict) as told:
            edit_campaign(session, made, 1, {"name": "Theirs"}, now)
        assert get_campaign(session, made).name == "Mine"
    assert "second@example.com" in str(told.value)


def test_the_type_is_fixed_once_there_is_a_mass_email(database, now):
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session))
        edit_campaign(session, mail.campaign_id, 1, {"type": "newsletter", "name": "New name"}, now)
        with pytest.raises(Invalid) as refused:
            edit_campaign(session, mail.campaign_id, 2, {"type": "web"}, now)
    assert refused.value.problems["type"].key == "campaigns.type_fixed"


def test_only_the_three_email_types_can_mail(sqlite_database, now):
    with db.unit_of_work() as session:
        able = {
            kind
            for kind in CampaignType
            if get_campaign(session, create_campaign(session, {**VALUES, "type": kind}, now)).can_mail
        }
    assert able == {CampaignType.EMAIL, CampaignType.NEWSLETTER, CampaignType.INFORMATIONAL}


def test_deleting_says_what_goes_and_keeps_what_was_mailed(database, now):
    with db.unit_of_work() as session:
        person = factories.recipient(session)
        mail = factories.mass_email(session, factories.target_list(session), status=MassEmailStatus.COMPLETE)
        factories.queue_item(session, mail, person, ItemState.SENT)
        going = going_with(session, [mail.campaign_id])
        assert (going.campaigns, going.mass_emails, going.people) == (1, 1, 1)
        assert delete_campaigns(session, [mail.campaign_id], now) == 1
        assert delete_campaigns(session, [mail.campaign_id], now) == 0
        with pytest.raises(NotFound):
            get_campaign(session, mail.campaign_id)
        assert campaign_page(session, CampaignFilter(), "name", 1, 25) == ([], 0)
        assert session.get(Campaign, mail.campaign_id).deleted_at == now
        session.refresh(mail)
        assert mail.deleted_at == now


def test_a_campaign_that_is_being_sent_is_not_deleted(database, now):
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session), status=MassEmailStatus.IN_PROCESS)
        with pytest.raises(Refused):
            delete_campaigns(session, [mail.campaign_id], now)
        assert get_campaign(session, mail.campaign_id).mass_emails == 1


def test_the_list_shows_figures_and_never_a_zero_for_the_unknown(database, now):
    with db.unit_of_work() as session:
        plain = factories.campaign(session, factories.target_list(session, "L1"), name="plain")
        quiet = factories.campaign(session, name="quiet", type=CampaignType.INFORMATIONAL)
        factories.campaign(session, name="never sent")
        sent(session, factories.mass_email(session, in_campaign=plain), 100, 36)
        sent(session, factories.mass_email(session, in_campaign=plain), 20, 4)
        sent(session, factories.mass_email(session, in_campaign=quiet), 50)
        rows, total = campaign_page(session, CampaignFilter(), "-sent", 1, 25)
    assert total == 3
    assert [(row.name, row.sent, row.opened) for row in rows] == [
        ("plain", 120, 40),
        ("quiet", 50, None),
        ("never sent", None, None),
    ]
    assert rows[0].lists == ("L1",)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (CampaignFilter(text="RENTRÉE".lower()), {"Rentrée"}),
        (CampaignFilter(text="100%"), {"100% sale"}),
        (CampaignFilter(text="_"), set()),
        (CampaignFilter(status=CampaignStatus.PLANNING), {"100% sale"}),
        (CampaignFilter(type=CampaignType.RADIO), {"On air"}),
        (CampaignFilter(start=date(2026, 9, 15), end=date(2026, 9, 20)), {"Rentrée"}),
        (CampaignFilter(end=date(2026, 8, 1)), {"On air"}),
    ],
)
def test_filters_narrow_the_list_and_count_the_same(database, now, wanted, names):
    with db.unit_of_work() as session:
        factories.campaign(session, name="Rentrée", start_date=date(2026, 9, 1), end_date=date(2026, 9, 30))
        factories.campaign(session, name="100% sale", status=CampaignStatus.PLANNING)
        factories.campaign(session, name="On air", type=CampaignType.RADIO, start_date=date(2026, 8, 1))
        rows, total = campaign_page(session, wanted, "name", 1, 25)
        assert {row.name for row in rows} == names
        assert total == len(names) == len(campaign_ids(session, wanted))


def test_a_list_filter_finds_campaigns_that_use_the_list(database, now):
    with db.unit_of_work() as session:
        used = factories.target_list(session)
        with_it, _ = factories.campaign(session, used), factories.campaign(session)
        rows, _ = campaign_page(session, CampaignFilter(list_id=used.id), "name", 1, 25)
    assert [row.id for row in rows] == [with_it.id]


def test_every_sort_offered_works_in_both_directions_and_pages_do_not_overlap(database, now):
    with db.unit_of_work() as session:
        for number in range(7):
            factories.campaign(session, name=f"c{number}", start_date=date(2026, 9, 1) + timedelta(number))
        for sort in (*SORTS, *(f"-{name}" for name in SORTS)):
            pages = [campaign_page(session, CampaignFilter(), sort, page, 3)[0] for page in (1, 2, 3)]
            assert len({row.id for rows in pages for row in rows}) == 7
        newest, _ = campaign_page(session, CampaignFilter(), "-start", 1, 1)
    assert newest[0].name == "c6"


def test_a_status_changes_for_many_and_counts_only_what_changed(database, now):
    with db.unit_of_work() as session:
        one = factories.campaign(session, status=CampaignStatus.PLANNING)
        two = factories.campaign(session, status=CampaignStatus.ACTIVE)
        assert set_campaign_status(session, [one.id, two.id, 404], CampaignStatus.ACTIVE, now) == 1
        assert count_by_status(session) == {"": 2, "planning": 0, "active": 2, "inactive": 0, "complete": 0}
        assert get_campaign(session, one.id).revision == 2
