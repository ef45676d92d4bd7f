"""The filter that shows the log and makes lists: what is seen is what is listed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import db
from models.address import Domain, OptOut
from models.campaign import Campaign
from models.errors import Invalid, NotFound
from models.log_filter import (
    REJECTED_BY,
    RETURNED_BY,
    LogFilter,
    Who,
    clicked_link,
    did_not_open,
    failed,
    left_out_because,
    not_yet_sent,
    opened_not_clicked,
)
from models.log_list import make_list, preview_list
from models.log_record import (
    Action,
    BounceKind,
    EventSource,
    MachineReason,
    record_bounced,
    record_clicked,
    record_complained,
    record_opened,
    record_opted_in,
    record_opted_out,
)
from models.log_table import UNKNOWN
from models.log_view import event_page, events_after, people_count, people_page
from models.mass_email import LeftOut, LeftOutReason, MassEmail, MassEmailStatus
from models.queue_item import ItemState, Outcome, QueueItem, Verdict, claim_items, settle
from models.recipient import Kind, Recipient
from models.target_list import Membership, Source, TargetList
from models.tracking_url import ensure_links
from tests import factories
from tests.factories import NOW

HOUR = timedelta(hours=1)
NAMES = ("opener", "clicker", "second", "robot", "leaver", "bouncer", "complainer", "quiet", "rejected", "waiting")


def queue(session: Session, campaign, target: TargetList, people, at=NOW) -> tuple[MassEmail, dict[str, int]]:
    """A mass email to these people; gives it and the item ids by last name."""
    mail = factories.mass_email(
        session, target, in_campaign=campaign, status=MassEmailStatus.IN_PROCESS, queue_done_at=at, name=f"at {at}"
    )
    ensure_links(session, mail.id, ["https://example.com/a", "https://example.com/b"])
    items = {p.last_name: factories.queue_item(session, mail, p, list_id=target.id, next_try_at=at).id for p in people}
    return mail, items


def deliver(session: Session, mail: MassEmail, items: dict[str, int], at=NOW) -> None:
    """Everybody gets it but "rejected" and "waiting"."""
    held = claim_items(session, mail.id, 1, 99, "w", HOUR, at)
    outcome = {items.get("rejected"): Outcome.PERMANENT, items.get("waiting"): Outcome.NOT_TRIED}
    settle(session, held.claim_id, [Verdict(i.id, outcome.get(i.id, Outcome.SENT)) for i in held.items], at)


@pytest.fixture
def scope(database: Engine) -> LogFilter:
    """A campaign with a mass email to ten people, to whom one thing each happened, and one who is left out."""
    with db.unit_of_work() as session:
        kinds = dict(zip(NAMES, (Kind.LEAD, Kind.ACCOUNT, Kind.USER, *[Kind.CONTACT] * 7), strict=True))
        people = [
            factories.recipient(session, f"{name}@{name}.example", kind=kind, last_name=name)
            for name, kind in kinds.items()
        ]
        session.exec(select(Domain).where(Domain.name == "opener.example")).one().provider = "gmail"
        target = factories.target_list(session, "Customers", people)
        campaign = factories.campaign(session, target)
        mail, items = queue(session, campaign, target, people)
        deliver(session, mail, items)
        nobody = factories.recipient(session, None, last_name="nobody")
        session.add(LeftOut(mass_email_id=mail.id, recipient_id=nobody.id, reason=LeftOutReason.NO_ADDRESS))
        record_opened(session, items["opener"], NOW + HOUR)
        record_clicked(session, items["clicker"], 1, NOW + HOUR)
        record_clicked(session, items["clicker"], 1, NOW + 3 * HOUR)
        record_clicked(session, items["second"], 2, NOW + 2 * HOUR)
        record_clicked(session, items["robot"], 1, NOW, machine=MachineReason.SCANNER)
        record_opted_out(session, items["leaver"], NOW)
        record_bounced(session, items["bouncer"], BounceKind.HARD, NOW, reason="user_unknown")
        record_complained(session, items["complainer"], NOW)
    return LogFilter(mass_email_id=mail.id)


def names(chosen: LogFilter) -> set[str]:
    """The last names of the people, who are also those of the events when an action is included."""
    with db.reading() as session:
        rows, total = people_page(session, chosen, size=100)
        assert total == len(rows) == people_count(session, chosen)
        found = {row.name.split()[-1] for row in rows}
        events, number = event_page(session, chosen, size=1000)
        assert len(events) == number
        if chosen.included:
            assert {event.name.split()[-1] for event in events} == found
        else:
            assert {event.name.split()[-1] for event in events} <= found
    return found


MAILED = {"opener", "clicker", "second", "robot", "leaver", "bouncer", "complainer", "quiet"}
OPENERS = {"opener", "clicker", "second"}
CASES = {
    "everybody": ({}, MAILED | {"rejected", "waiting"}),
    "sent": ({"included": (Action.SENT,)}, MAILED),
    "opened, an inferred open among them": ({"included": (Action.OPENED,)}, OPENERS),
    "clicked": ({"included": (Action.CLICKED,)}, {"clicker", "second"}),
    "clicked or opted out": (
        {"included": (Action.CLICKED, Action.OPTED_OUT)},
        {"clicker", "second", "leaver"},
    ),
    "clicked, machines counted": (
        {"included": (Action.CLICKED,), "who": Who.EVERYBODY},
        {"clicker", "second", "robot"},
    ),
    "machines": ({"who": Who.MACHINES}, {"robot"}),
    "clicked the first link": ({"included": (Action.CLICKED,), "link_id": 1}, {"clicker"}),
    "clicked from two hours on": (
        {"included": (Action.CLICKED,), "since": NOW + 2 * HOUR},
        {"clicker", "second"},
    ),
    "clicked before that": ({"included": (Action.CLICKED,), "until": NOW + 2 * HOUR}, {"clicker"}),
    "bounced": ({"included": (Action.BOUNCED,)}, {"bouncer", "rejected"}),
    "bounced hard": ({"included": (Action.BOUNCED,), "bounce_kind": BounceKind.HARD}, {"bouncer"}),
    "came back later, for a reason": (
        {"included": (Action.BOUNCED,), "sources": RETURNED_BY, "reason": "user_unknown"},
        {"bouncer"},
    ),
    "rejected, no reason given": (
        {"included": (Action.BOUNCED,), "sources": REJECTED_BY, "reason": UNKNOWN},
        {"rejected"},
    ),
    "opened, known by a click": (
        {"included": (Action.OPENED,), "sources": (EventSource.INFERRED,)},
        {"clicker", "second"},
    ),
    "a scanner clicked": ({"included": (Action.CLICKED,), "machine": MachineReason.SCANNER}, {"robot"}),
    "a prefetch clicked": ({"included": (Action.CLICKED,), "machine": MachineReason.PREFETCH}, set()),
    "opened, by kind": ({"included": (Action.OPENED,), "kind": Kind.LEAD}, {"opener"}),
    "opened, by provider": ({"included": (Action.OPENED,), "provider": ("gmail",)}, {"opener"}),
    "sent, by text": ({"included": (Action.SENT,), "text": "QUI ada"}, {"quiet"}),
    "text is no pattern": ({"text": "%' OR 1=1 --"}, set()),
    "sent, but neither opened nor bounced nor complained": (
        {"included": (Action.SENT,), "excluded": (Action.OPENED, Action.BOUNCED, Action.COMPLAINED)},
        {"robot", "leaver", "quiet"},
    ),
    "opened, and clicked too": (
        {"included": (Action.OPENED,), "also": (Action.SENT, Action.CLICKED)},
        {"clicker", "second"},
    ),
    "sent and nobody who failed": ({"excluded": (Action.SENT, Action.FAILED)}, {"rejected", "waiting"}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("whole_campaign", [False, True])
def test_both_views_hold_the_same_people(scope: LogFilter, case: str, whole_campaign: bool) -> None:
    values, expected = CASES[case]
    if whole_campaign:
        scope = LogFilter(campaign_id=1)
    assert names(replace(scope, **values)) == expected


def test_shortcuts(scope: LogFilter) -> None:
    assert names(opened_not_clicked(scope)) == {"opener"}
    assert names(did_not_open(scope)) == MAILED - OPENERS
    assert names(clicked_link(scope, link_id=2)) == {"second"}
    assert names(failed(scope)) == {"rejected"}
    assert names(not_yet_sent(scope)) == {"waiting"}
    assert names(left_out_because(scope)) == names(left_out_because(scope, LeftOutReason.NO_ADDRESS)) == {"nobody"}
    assert names(left_out_because(scope, LeftOutReason.SUPPRESSED)) == set()


def test_an_exclusion_looks_at_all_mass_emails_of_the_campaign(scope: LogFilter) -> None:
    with db.unit_of_work() as session:
        first = session.get_one(MassEmail, scope.mass_email_id)
        opener = session.exec(select(Recipient).where(Recipient.last_name == "opener")).one()
        second = factories.mass_email(session, in_campaign=session.get_one(Campaign, first.campaign_id))
        ensure_links(session, second.id, ["https://example.com/c"])
        record_clicked(session, factories.queue_item(session, second, opener, ItemState.UNCERTAIN).id, 1, NOW)
    assert names(opened_not_clicked(scope)) == {"opener"}
    assert names(opened_not_clicked(LogFilter(campaign_id=first.campaign_id))) == set()
    assert names(opened_not_clicked(LogFilter())) == set()
    assert names(LogFilter(campaign_id=first.campaign_id, included=(Action.CLICKED,))) == OPENERS


def test_rare_actions_without_a_flag_are_found_in_the_log(scope: LogFilter) -> None:
    with db.unit_of_work() as session:
        leaver = session.exec(select(QueueItem).where(QueueItem.opted_out_at.is_not(None))).one()
        record_opted_in(session, leaver.id, NOW + HOUR)
    assert names(replace(scope, included=(Action.OPTED_IN,))) == {"leaver"}
    assert names(replace(scope, included=(Action.OPTED_OUT,), excluded=(Action.OPTED_IN,))) == set()


def test_events_come_newest_first_in_pages_and_say_what_happened(scope: LogFilter) -> None:
    with db.reading() as session:
        clicks = replace(scope, included=(Action.CLICKED,))
        (newest,), total = event_page(session, clicks, 1, 1)
        (oldest,), _ = event_page(session, clicks, 1, 1, oldest_first=True)
        (beyond,), _ = event_page(session, clicks, 99, 1)
        (bounce,), _ = event_page(session, replace(scope, bounce_kind=BounceKind.HARD))
    assert (total, total.exact) == (3, True)
    assert (newest.name, newest.link, newest.at) == ("Ada second", "https://example.com/b", NOW + 2 * HOUR)
    assert (oldest.name, oldest.address, oldest.kind) == ("Ada clicker", "clicker@clicker.example", Kind.ACCOUNT)
    assert oldest == beyond
    assert (bounce.detail, bounce.bounce_kind, bounce.provider) == ("user_unknown", BounceKind.HARD, "other")
    assert (bounce.mass_email, bounce.campaign) == (f"at {NOW}", "Rentrée 2026")


def test_an_export_goes_on_from_the_last_id_and_meets_every_event_once(scope: LogFilter) -> None:
    found, after = [], 0
    with db.reading() as session:
        while rows := events_after(session, scope, after, 3):
            found += [row.id for row in rows]
            after = rows[-1].id
        assert found == sorted(set(found))
        assert len(found) == event_page(session, scope)[1]


def test_the_preview_of_a_list_is_a_waterfall_that_ends_with_the_people_by_kind(scope: LogFilter) -> None:
    chosen = replace(scope, included=(Action.SENT,), excluded=(Action.OPENED, Action.BOUNCED, Action.CLICKED))
    with db.reading() as session:
        preview = preview_list(session, chosen)
        scanners = preview_list(session, replace(scope, included=(Action.CLICKED,)))
    assert (preview.matching, preview.people) == (8, 4)
    assert preview.taken == ((Action.OPENED, 3), (Action.BOUNCED, 1), (Action.CLICKED, 0))
    assert preview.by_kind == {Kind.ACCOUNT: 0, Kind.CONTACT: 4, Kind.LEAD: 0, Kind.USER: 0}
    assert (scanners.people, scanners.machine_only) == (2, 1)


def members(list_id: int) -> set[int]:
    with db.reading() as session:
        assert set(session.exec(select(Membership.source).where(Membership.list_id == list_id)).all()) <= {Source.LOG}
        return set(session.exec(select(Membership.recipient_id).where(Membership.list_id == list_id)).all())


def test_the_list_is_what_was_seen_with_the_opt_outs_of_its_sources_and_harmless_twice(scope: LogFilter) -> None:
    chosen = replace(scope, included=(Action.SENT,))
    with db.pinned() as doors:
        made = make_list(doors, chosen, "Mailed", NOW)
        twice = make_list(doors, chosen, made.list_id, NOW)
    with db.reading() as session:
        row = session.get_one(TargetList, made.list_id)
        rows, _ = people_page(session, chosen, size=100)
        declined = session.exec(select(OptOut).where(OptOut.list_id == made.list_id)).all()
    assert members(made.list_id) == {row.recipient_id for row in rows}
    assert (made.added, made.already, made.opt_outs) == (8, 0, 1)
    assert (twice.list_id, twice.added, twice.already, twice.opt_outs) == (made.list_id, 0, 8, 0)
    assert (row.name, row.entry_count, row.opted_out_count, len(declined)) == ("Mailed", 8, 1, 1)


def test_making_a_list_needs_a_name_or_a_list_that_is_there(scope: LogFilter) -> None:
    with db.pinned() as doors:
        with pytest.raises(Invalid):
            make_list(doors, scope, "  ", NOW)
        with pytest.raises(NotFound):
            make_list(doors, scope, 99, NOW)


ids = st.none() | st.integers(1, 2**40)
moments = st.none() | st.datetimes().map(lambda m: m.replace(year=2026, microsecond=0, tzinfo=NOW.tzinfo))
filters = st.builds(
    LogFilter,
    campaign_id=ids,
    mass_email_id=ids,
    included=st.lists(st.sampled_from(Action), unique=True).map(tuple),
    also=st.lists(st.sampled_from(Action), unique=True).map(tuple),
    excluded=st.lists(st.sampled_from(Action), unique=True).map(tuple),
    states=st.lists(st.sampled_from(ItemState), unique=True).map(tuple),
    left_out=st.lists(st.sampled_from(LeftOutReason), unique=True).map(tuple),
    link_id=ids,
    tracking_url_id=ids,
    kind=st.none() | st.sampled_from(Kind),
    bounce_kind=st.none() | st.sampled_from(BounceKind),
    reason=st.sampled_from(["", "user_unknown", UNKNOWN]),
    sources=st.lists(st.sampled_from(EventSource), unique=True).map(tuple),
    machine=st.none() | st.sampled_from(MachineReason),
    provider=st.sampled_from([(), ("gmail",), ("La Poste", "other")]),
    since=moments,
    until=moments,
    who=st.sampled_from(Who),
    text=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])),
)


@given(filters)
def test_a_filter_survives_its_url(chosen: LogFilter) -> None:
    assert LogFilter.from_query(chosen.to_query()) == chosen


@pytest.mark.parametrize(
    "query",
    [
        {"campaign_id": "x"},
        {"campaign_id": "-1"},
        {"campaign_id": "9" * 30},
        {"included": "opened,exploded"},
        {"since": "yesterday"},
        {"until": "2026-09-08T10:00:00"},
        {"kind": "dog", "unknown": "1"},
        {"who": ""},
        {"text": "\0", "provider": "\0"},
    ],
)
def test_what_a_url_says_wrongly_is_as_if_it_were_not_there(query: dict[str, str]) -> None:
    assert LogFilter.from_query(query) == LogFilter()
