"""Figures, their sums, and the recount that finds what is wrong with them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update
from sqlmodel import select

from models import db
from models.address import Domain
from models.campaign import Campaign
from models.hit import Hit, record_hits
from models.log_filter import LogFilter, by_machines, opened_by_clicking
from models.log_record import Action, BounceKind, MachineReason, record_bounced, record_clicked, record_opened
from models.log_view import people_count
from models.machine import Knock
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import Outcome, QueueItem, Verdict, claim_items, settle
from models.recount import ITEMS
from models.statistics import (
    SLOT,
    Counter,
    Difference,
    Dimension,
    Mark,
    activity,
    bounce_reasons,
    bump,
    by_provider,
    campaign_figures,
    changed_mass_emails,
    figures_of,
    machine_events,
    mass_email_figures,
    recount,
)
from models.tracking import Tracking
from models.tracking_url import ensure_links
from tests import factories
from tests.factories import NOW

MINUTES = timedelta(minutes=1)


def sent_mass_email(people: int = 4, at: datetime = NOW, in_campaign=None) -> MassEmail:
    """A complete mass email: everybody got it, with one link."""
    with db.unit_of_work() as session:
        members = [factories.recipient(session) for _ in range(people)]
        target = factories.target_list(session, members=members)
        mail = factories.mass_email(
            session, target, in_campaign=in_campaign, status=MassEmailStatus.IN_PROCESS, queue_done_at=at
        )
        ensure_links(session, mail.id, ["https://example.com/a"])
        for member in members:
            factories.queue_item(session, mail, member, list_id=target.id, next_try_at=at)
    with db.unit_of_work() as session:
        held = claim_items(session, mail.id, 1, people, "w", MINUTES, at)
        settle(session, held.claim_id, [Verdict(item.id, Outcome.SENT) for item in held.items], at)
    return mail


def ids_of(mail: MassEmail) -> list[int]:
    with db.reading() as session:
        return list(session.exec(select(QueueItem.id).where(QueueItem.mass_email_id == mail.id)).all())


def test_hours_and_slots_add_up_to_distinct_people(database: Engine) -> None:
    mail = sent_mass_email()
    for place, item_id in enumerate(ids_of(mail)):
        for again in range(3):
            with db.unit_of_work() as session:
                record_clicked(session, item_id, 1, NOW + (place * 25 + again * 40) * MINUTES)
    with db.reading() as session:
        for step in (SLOT, timedelta(hours=1)):
            found = activity(session, mass_email_id=mail.id, step=step)
            assert (sum(a.sent for a in found), sum(a.opened for a in found), sum(a.clicked for a in found)) == (
                4,
                4,
                4,
            )
            assert [a.at for a in found] == sorted({a.at for a in found})
        assert mass_email_figures(session, mail.id).click_hits == 12
        assert activity(session, mass_email_id=mail.id, since=NOW + timedelta(days=1)) == []
        assert recount(session) == []


def test_rates_of_opens_and_clicks_are_of_what_was_followed_person_by_person(database: Engine) -> None:
    """A mass email that follows nobody does not make the others look worse, nor does one that only counts hits."""
    followed = sent_mass_email(4)
    campaign_id = followed.campaign_id
    with db.reading() as session:
        campaign = session.get_one(Campaign, campaign_id)
    others = [sent_mass_email(4, in_campaign=campaign) for _ in range(4)]
    changes = [
        {"tracking": Tracking.ANONYMOUS},
        {"tracking": Tracking.NONE},
        {"track_opens": False, "track_links": False},
        {"track_links": False},
    ]
    with db.unit_of_work() as session:
        for mail, change in zip(others, changes, strict=True):
            session.execute(update(MassEmail).where(MassEmail.id == mail.id).values(**change))
        record_clicked(session, ids_of(followed)[0], 1, NOW)
        record_opened(session, ids_of(others[3])[0], NOW)
        record_hits(session, [Hit(None, NOW, mass_email_id=others[0].id, knock=Knock("Reader"))])
    with db.reading() as session:
        figures = campaign_figures(session, campaign_id)
        assert (figures.sent, figures.base("opened"), figures.base("clicked")) == (20, 8, 4)
        assert (figures.rate("opened"), figures.rate("clicked"), figures.open_hits) == (0.25, 0.25, 3)
        assert mass_email_figures(session, others[0].id).rate("opened") is None
        ((_, by_other),) = by_provider(session, campaign_id=campaign_id)
        assert (by_other.rate("opened"), by_other.rate("clicked")) == (0.25, 0.25)


def test_rates_are_of_what_was_sent_and_bounces_of_sent_and_rejected(database: Engine) -> None:
    mail = sent_mass_email()
    first, second, *_ = ids_of(mail)
    with db.unit_of_work() as session:
        assert mass_email_figures(session, 99).rate("opened") is None
        record_opened(session, first, NOW)
        record_bounced(session, second, BounceKind.SOFT, NOW)
        figures = mass_email_figures(session, mail.id)
    assert (figures.rate("opened"), figures.rate("bounced"), figures.rate("bounced_hard")) == (0.25, 0.25, 0)


def test_a_campaign_adds_up_its_mass_emails_and_lists_get_many_at_once(database: Engine) -> None:
    one = sent_mass_email(2)
    with db.reading() as session:
        campaign = session.get_one(Campaign, one.campaign_id)
    other = sent_mass_email(3, in_campaign=campaign)
    with db.reading() as session:
        assert campaign_figures(session, campaign.id).sent == 5
        assert {key: f.sent for key, f in figures_of(session, [one.id, other.id, 99]).items()} == {
            one.id: 2,
            other.id: 3,
        }


def test_providers_are_told_apart_and_the_others_come_last(database: Engine) -> None:
    with db.unit_of_work() as session:
        people = [
            factories.recipient(session, f"{n}@{d}") for n, d in ((1, "a.example"), (2, "b.example"), (3, "a.example"))
        ]
        session.execute(update(Domain).where(Domain.name == "b.example").values(provider="gmail"))
        target = factories.target_list(session, members=people)
        mail = factories.mass_email(session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW)
        for person in people:
            factories.queue_item(session, mail, person, list_id=target.id)
        held = claim_items(session, mail.id, 1, 9, "w", MINUTES, NOW)
        settle(session, held.claim_id, [Verdict(item.id, Outcome.SENT) for item in held.items], NOW)
        assert [(name, figures.sent) for name, figures in by_provider(session, mass_email_id=mail.id)] == [
            ("gmail", 1),
            ("other", 2),
        ]
        assert recount(session, mail.id) == []


def test_bump_adds_to_what_is_there_and_counts_machines_apart(database: Engine) -> None:
    mark = Mark(1, Action.CLICKED, NOW, "other", link_id=7, first_on_link=True)
    for _ in range(2):
        with db.unit_of_work() as session:
            bump(session, [mark, Mark(1, Action.CLICKED, NOW, "other", human=False, first=False)])
            bump(session, [])
    with db.reading() as session:
        rows = session.exec(select(Counter).where(Counter.dimension != Dimension.HOUR)).all()
    assert {(row.dimension, row.key, row.human): (row.firsts, row.hits) for row in rows if row.dimension != "slot"} == {
        (Dimension.TOTAL, "", True): (2, 2),
        (Dimension.TOTAL, "", False): (0, 2),
        (Dimension.PROVIDER, "other", True): (2, 2),
        (Dimension.PROVIDER, "other", False): (0, 2),
        (Dimension.LINK, "7", True): (2, 2),
    }


def test_the_recount_names_a_wrong_counter_a_missing_one_and_a_wrong_flag(database: Engine) -> None:
    mail = sent_mass_email(2)
    item_id = ids_of(mail)[0]
    with db.unit_of_work() as session:
        record_opened(session, item_id, NOW, machine=MachineReason.PREFETCH)
        total = (Counter.dimension == Dimension.TOTAL, Counter.action == Action.SENT)
        session.execute(update(Counter).where(*total).values(firsts=3))
        session.execute(update(QueueItem).where(QueueItem.id == item_id).values(opened_at=NOW))
        session.delete(
            session.exec(select(Counter).where(Counter.dimension == "provider", Counter.action == "opened")).one()
        )
    with db.reading() as session:
        assert recount(session) == [
            Difference(mail.id, Dimension.TOTAL, "", Action.SENT, True, (3, 2), (2, 2)),
            Difference(mail.id, Dimension.PROVIDER, "other", Action.OPENED, False, (0, 0), (1, 1)),
            Difference(mail.id, Dimension.TOTAL, ITEMS, Action.OPENED, True, (1, 1), (0, 0)),
        ]
        assert recount(session, mail.id) == recount(session)
        assert recount(session, mail.id + 1) == []


def test_the_live_watcher_learns_what_changed_since(database: Engine) -> None:
    early, late = sent_mass_email(1), sent_mass_email(1, at=NOW + MINUTES)
    with db.reading() as session:
        assert [one.id for one in changed_mass_emails(session, NOW)] == [early.id, late.id]
        changed = changed_mass_emails(session, NOW + MINUTES)
    assert [(one.id, one.campaign_id, one.changed_at) for one in changed] == [
        (late.id, late.campaign_id, NOW + MINUTES)
    ]
    assert changed[0].change_seq > 0


@pytest.mark.parametrize("step", [SLOT, timedelta(hours=1)])
def test_a_moment_falls_into_the_step_that_holds_it(sqlite_database: Engine, step: timedelta) -> None:
    with db.unit_of_work() as session:
        bump(session, [Mark(1, Action.OPENED, datetime(2026, 9, 8, 11, 59, 59, tzinfo=UTC), "other")])
        assert activity(session, mass_email_id=1, step=step)[0].at == datetime(2026, 9, 8, 12, tzinfo=UTC) - step


def test_how_opens_and_clicks_are_known_is_counted_by_people_for_each_reason(database: Engine) -> None:
    mail = sent_mass_email()
    one, two, three, _ = ids_of(mail)
    with db.unit_of_work() as session:
        record_opened(session, one, NOW, machine=MachineReason.PREFETCH)
        record_opened(session, one, NOW + MINUTES, machine=MachineReason.PREFETCH)
        record_opened(session, one, NOW + MINUTES, machine=MachineReason.SCANNER)
        record_opened(session, two, NOW + MINUTES, machine=MachineReason.SCANNER)
        record_clicked(session, two, 1, NOW + MINUTES, machine=MachineReason.SCANNER)
        record_clicked(session, three, 1, NOW + MINUTES)
    with db.reading() as session:
        assert recount(session) == []
        figures = mass_email_figures(session, mail.id)
        assert (figures.machine_opened, figures.machine_clicked, figures.opened, figures.inferred) == (2, 1, 1, 1)
        found = machine_events(session, mass_email_id=mail.id)
        assert [(one.action, one.machine, one.people) for one in found] == [
            (Action.OPENED, MachineReason.SCANNER, 2),
            (Action.OPENED, MachineReason.PREFETCH, 1),
            (Action.CLICKED, MachineReason.SCANNER, 1),
        ]
        for one in found:
            chosen = by_machines(LogFilter(mass_email_id=mail.id), one.action, one.machine)
            assert people_count(session, chosen) == one.people
        assert people_count(session, opened_by_clicking(LogFilter(mass_email_id=mail.id))) == figures.inferred


def test_bounces_of_no_given_reason_are_one_reason_and_open_to_their_people(database: Engine) -> None:
    mail = sent_mass_email()
    one, two, three, _ = ids_of(mail)
    with db.unit_of_work() as session:
        for item, reason in ((one, ""), (two, "unknown"), (three, "mailbox_full")):
            record_bounced(session, item, BounceKind.SOFT, NOW, reason=reason)
    with db.reading() as session:
        found = bounce_reasons(session, mass_email_id=mail.id)
        assert {(one.reason, one.people) for one in found} == {("unknown", 2), ("mailbox_full", 1)}
        for one in found:
            chosen = LogFilter(
                mass_email_id=mail.id, included=(Action.BOUNCED,), reason=one.reason, provider=(one.provider,)
            )
            assert people_count(session, chosen) == one.people
