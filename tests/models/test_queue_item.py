"""The queue protocol: claim, wire, settle, release, and what people decide."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func
from sqlmodel import Session, select

from models import address, db, queue_count
from models import decision as decision_module
from models.address import Suppression, SuppressionReason
from models.audit import Audit
from models.campaign import Campaign, CampaignStatus, CampaignType
from models.catalogue import WORDS
from models.errors import NotFound, Refused
from models.log_record import Action, BounceKind, EventSource, LogRecord, record_clicked
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import (
    Claim,
    ClaimState,
    Held,
    ItemState,
    Outcome,
    QueueItem,
    SkipReason,
    Verdict,
    cancel_waiting,
    claim_items,
    decide_all,
    decide_items,
    item_page,
    mark_on_wire,
    queue_again,
    queue_counts,
    release_expired,
    renew_claims,
    retry_failed,
    settle,
)
from models.recipient import Recipient
from models.statistics import mass_email_figures, recount
from models.tracking_url import ensure_links
from models.verdict import GIVE_UP_AFTER, WAITS, Tried, judge, retry_wait
from tests import factories
from tests.factories import NOW

LEASE = timedelta(minutes=1)
ACCOUNT = 1
BY = "someone@example.com"


def running(session: Session, people: int = 3, **values) -> MassEmail:
    """An In Process mass email with that many people waiting."""
    members = [factories.recipient(session) for _ in range(people)]
    target = factories.target_list(session, members=members)
    in_campaign = factories.campaign(session, target, type=values.pop("type", CampaignType.NEWSLETTER))
    values = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, **values}
    mail = factories.mass_email(session, target, in_campaign=in_campaign, **values)
    for member in members:
        factories.queue_item(session, mail, member, list_id=target.id)
    return mail


def claim(mail: MassEmail, limit: int = 10, now=NOW, worker: str = "w") -> Held | None:
    with db.unit_of_work() as session:
        return claim_items(session, mail.id, ACCOUNT, limit, worker, LEASE, now)


def on_wire(held: Held, now=NOW, worker: str = "w") -> None:
    with db.unit_of_work(durable=True) as session:
        mark_on_wire(session, held.claim_id, worker, now)


def settled(held: Held, outcome: Outcome, now=NOW, **values) -> None:
    with db.unit_of_work() as session:
        settle(session, held.claim_id, [Verdict(item.id, outcome, **values) for item in held.items], now)


def work(act, *args) -> int:
    """What long work gives, on doors of its own."""
    with db.pinned() as doors:
        return act(doors, *args)


def items(mail: MassEmail) -> Sequence[QueueItem]:
    with db.reading() as session:
        return session.exec(select(QueueItem).where(QueueItem.mass_email_id == mail.id).order_by(QueueItem.id)).all()


def counts(mail: MassEmail) -> dict[str, int]:
    """The states that are not empty, and the sum."""
    with db.reading() as session:
        found = queue_counts(session, mail.id)
    return {name: n for name in found.__slots__ if (n := getattr(found, name))}


def status(mail: MassEmail) -> MassEmailStatus:
    with db.reading() as session:
        return session.get_one(MassEmail, mail.id).status


def no_difference() -> bool:
    with db.reading() as session:
        return recount(session) == []


@pytest.fixture
def mail(database: Engine) -> MassEmail:
    with db.unit_of_work() as session:
        return running(session)


def test_claim_holds_the_longest_due_first_and_never_the_same_twice(mail: MassEmail) -> None:
    first, second = claim(mail, 2), claim(mail, 2)
    assert [item.id for item in first.items] == [item.id for item in items(mail)][:2]
    assert [item.id for item in second.items] == [items(mail)[2].id]
    assert claim(mail) is None
    assert counts(mail) == {"queued": 3, "held": 3}


def test_claim_gives_the_address_as_typed(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 0)
        factories.queue_item(session, mail, factories.recipient(session, "Ada.Byron@Example.com"))
    assert claim(mail).items[0].address == "Ada.Byron@Example.com"


def test_claim_leaves_alone_what_is_not_due(mail: MassEmail) -> None:
    assert claim(mail, now=NOW - timedelta(hours=1)) is None


@pytest.mark.parametrize("stand", [s for s in MassEmailStatus if s is not MassEmailStatus.IN_PROCESS])
def test_claim_takes_nothing_of_a_mass_email_that_is_not_in_process(sqlite_database: Engine, stand) -> None:
    with db.unit_of_work() as session:
        mail = running(session, status=stand)
    assert claim(mail) is None


def test_claim_obeys_an_inactive_campaign(mail: MassEmail) -> None:
    with db.unit_of_work() as session:
        session.get_one(Campaign, mail.campaign_id).status = CampaignStatus.INACTIVE
    assert claim(mail) is None


def suppress_it(session: Session, item: QueueItem) -> None:
    address.suppress(session, item.address_id, SuppressionReason.MANUAL, NOW)


def suppress_it_for_a_past_while(session: Session, item: QueueItem) -> None:
    address.suppress(session, item.address_id, SuppressionReason.MANUAL, NOW, until=NOW)


def opt_it_out_of_its_list(session: Session, item: QueueItem) -> None:
    address.opt_out(session, item.address_id, [item.list_id], NOW, source="page")


def opt_it_out_entirely(session: Session, item: QueueItem) -> None:
    address.opt_out(session, item.address_id, [address.EVERYTHING], NOW, source="page")


def opt_it_out_of_a_foreign_list(session: Session, item: QueueItem) -> None:
    address.opt_out(session, item.address_id, [factories.target_list(session, "foreign").id], NOW, source="page")


def archive_it(session: Session, item: QueueItem) -> None:
    session.get_one(Recipient, item.recipient_id).archived_at = NOW


def change_its_address(session: Session, item: QueueItem) -> None:
    person = session.get_one(Recipient, item.recipient_id)
    person.address_id = factories.address(session, "moved@example.com").id
    person.address_typed = "moved@example.com"


def take_its_address(session: Session, item: QueueItem) -> None:
    session.get_one(Recipient, item.recipient_id).address_id = None


@pytest.mark.parametrize(
    ("meanwhile", "reason", "informational"),
    [
        (suppress_it, "suppressed", False),
        (suppress_it, "suppressed", True),
        (suppress_it_for_a_past_while, "", False),
        (opt_it_out_of_its_list, "opted_out", False),
        (opt_it_out_of_its_list, "", True),
        (opt_it_out_entirely, "opted_out_entirely", False),
        (opt_it_out_entirely, "", True),
        (opt_it_out_of_a_foreign_list, "", False),
        (archive_it, "archived", False),
        (change_its_address, "address_changed", False),
        (take_its_address, "address_changed", False),
    ],
)
def test_claim_skips_who_left_meanwhile_and_keeps_the_reason(
    database: Engine, meanwhile, reason: str, informational: bool
) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 2, type=CampaignType.INFORMATIONAL if informational else CampaignType.NEWSLETTER)
    first, second = items(mail)
    with db.unit_of_work() as session:
        meanwhile(session, first)
    held = claim(mail)
    assert held.skipped == bool(reason)
    assert [item.id for item in held.items] == ([second.id] if reason else [first.id, second.id])
    assert items(mail)[0].state == (ItemState.SKIPPED if reason else ItemState.HELD)
    assert items(mail)[0].reason == reason


def test_claim_goes_on_while_another_target_list_of_the_person_is_not_declined(database: Engine) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(2)]
        one, other = (factories.target_list(session, name, people) for name in ("one", "other"))
        mail = factories.mass_email(session, one, other, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW)
        for person, declined in zip(people, ([one.id], [one.id, other.id]), strict=True):
            factories.queue_item(session, mail, person, list_id=one.id)
            address.opt_out(session, person.address_id, declined, NOW, source="page")
    held = claim(mail)
    assert [item.recipient_id for item in held.items] == [people[0].id]
    assert items(mail)[1].reason == "opted_out"


def test_a_claim_in_which_everybody_had_left_is_empty_and_can_be_settled(mail: MassEmail) -> None:
    with db.unit_of_work() as session:
        for item in session.exec(select(QueueItem)).all():
            archive_it(session, item)
    held = claim(mail)
    assert (held.items, held.skipped) == ((), 3)
    on_wire(held)
    settled(held, Outcome.SENT)
    assert counts(mail) == {"queued": 3, "skipped": 3}
    assert status(mail) is MassEmailStatus.COMPLETE


def test_the_wire_is_refused_to_other_workers_after_the_lease_and_a_second_time(mail: MassEmail) -> None:
    held = claim(mail)
    for worker, now in (("other", NOW), ("w", NOW + LEASE)):
        with pytest.raises(Refused):
            on_wire(held, now, worker)
    on_wire(held)
    with pytest.raises(Refused):
        on_wire(held)


def test_renewal_moves_the_end_of_open_leases_but_not_of_ended_ones(mail: MassEmail) -> None:
    held = claim(mail)
    with db.unit_of_work() as session:
        assert renew_claims(session, "w", LEASE, NOW + LEASE / 2) == 1
        assert renew_claims(session, "other", LEASE, NOW) == 0
        assert renew_claims(session, "w", LEASE, NOW + 2 * LEASE) == 0
    on_wire(held, NOW + LEASE)


def test_sent_items_stand_in_queue_log_and_figures_and_complete_the_mass_email(mail: MassEmail) -> None:
    settled(claim(mail), Outcome.SENT, code=250, reply="250 2.0.0 Ok: queued")
    assert counts(mail) == {"queued": 3, "sent": 3}
    assert {(i.sent_at, i.code, i.reply, i.attempts) for i in items(mail)} == {(NOW, 250, "250 2.0.0 Ok: queued", 1)}
    with db.reading() as session:
        log = session.exec(select(LogRecord)).all()
        assert {(one.action, one.source, one.first) for one in log} == {(Action.SENT, EventSource.WORKER, True)}
        assert {one.item_id for one in log} == {item.id for item in items(mail)}
        assert mass_email_figures(session, mail.id).sent == 3
        assert session.exec(select(Claim.state)).one() is ClaimState.SETTLED
        done = session.get_one(MassEmail, mail.id)
        assert (done.status, done.finished_at) == (MassEmailStatus.COMPLETE, NOW)
        assert done.change_seq > mail.change_seq
    assert no_difference()


def test_a_claim_may_be_settled_piece_by_piece(mail: MassEmail) -> None:
    held = claim(mail)
    for item in held.items:
        with db.unit_of_work() as session:
            assert session.get_one(Claim, held.claim_id).state is ClaimState.CLAIMED
            settle(session, held.claim_id, [Verdict(item.id, Outcome.SENT)], NOW)
    with db.reading() as session:
        assert session.get_one(Claim, held.claim_id).state is ClaimState.SETTLED


def test_settling_an_unknown_claim_is_not_found(mail: MassEmail) -> None:
    with pytest.raises(NotFound), db.unit_of_work() as session:
        settle(session, 99, [], NOW)


def test_settling_twice_changes_nothing_more(mail: MassEmail) -> None:
    held = claim(mail)
    settled(held, Outcome.SENT)
    settled(held, Outcome.PERMANENT)
    assert counts(mail) == {"queued": 3, "sent": 3}
    assert no_difference()


def test_a_refused_recipient_is_failed_and_logged_once_as_bounced_and_hard_ones_are_suppressed(
    database: Engine,
) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 2)
    held = claim(mail)
    hard, soft = held.items
    with db.unit_of_work() as session:
        verdicts = [
            Verdict(
                hard.id, Outcome.PERMANENT, 550, "5.1.1", "550 5.1.1 No such user", "user_unknown", BounceKind.HARD
            ),
            Verdict(soft.id, Outcome.PERMANENT, 554, "5.7.1", "554 5.7.1 Policy", "policy"),
        ]
        settle(session, held.claim_id, verdicts, NOW)
    assert counts(mail) == {"queued": 2, "failed": 2}
    with db.reading() as session:
        log = session.exec(select(LogRecord).order_by(LogRecord.item_id)).all()
        kept = session.exec(select(Suppression)).all()
        figures = mass_email_figures(session, mail.id)
    assert [(one.action, one.source, one.bounce_kind, one.reason) for one in log] == [
        (Action.BOUNCED, EventSource.SMTP, BounceKind.HARD, "user_unknown"),
        (Action.BOUNCED, EventSource.SMTP, BounceKind.SOFT, "policy"),
    ]
    assert [(one.address_id, one.reason) for one in kept] == [(hard.address_id, SuppressionReason.HARD_BOUNCE)]
    assert (figures.bounced_hard, figures.bounced_soft, figures.rejected, figures.failed) == (1, 1, 2, 2)
    assert figures.rate("bounced") == 1
    assert status(mail) is MassEmailStatus.COMPLETE
    assert no_difference()


def test_a_message_that_cannot_be_made_fails_alone_with_its_reason(mail: MassEmail) -> None:
    held = claim(mail)
    bad, *good = held.items
    with db.unit_of_work() as session:
        verdicts = [Verdict(bad.id, Outcome.RENDER_FAILED, reason="no such field"), *_sent(good)]
        settle(session, held.claim_id, verdicts, NOW)
    assert counts(mail) == {"queued": 3, "sent": 2, "failed": 1}
    with db.reading() as session:
        failed = session.exec(select(LogRecord).where(LogRecord.action == Action.FAILED)).one()
    assert (failed.item_id, failed.reason, failed.source) == (bad.id, "no such field", EventSource.WORKER)


def _sent(held_items) -> list[Verdict]:
    return [Verdict(item.id, Outcome.SENT) for item in held_items]


def test_a_temporary_failure_waits_longer_each_time_and_fails_after_three_days(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 1)
    now, waits = NOW, []
    while held := claim(mail, now=now):
        settled(held, Outcome.TEMPORARY, now, code=451, reply=f"451 4.7.1 try {len(waits) + 1}")
        item = items(mail)[0]
        if item.state is ItemState.WAITING:
            assert claim(mail, now=item.next_try_at - timedelta(seconds=1)) is None
            waits.append(item.next_try_at - now)
            now = item.next_try_at
    for wait, planned in zip(waits, WAITS, strict=False):
        assert planned <= wait <= planned * 1.2
    assert now == NOW + GIVE_UP_AFTER
    assert item.state is ItemState.FAILED
    assert item.reply == f"451 4.7.1 try {len(waits) + 1}"
    with db.reading() as session:
        assert session.exec(select(LogRecord.action, LogRecord.source)).one() == (Action.FAILED, EventSource.SMTP)
    assert no_difference()


def test_waits_differ_between_people_refused_together() -> None:
    assert len({retry_wait(item, 1) for item in range(100)}) > 90


def test_what_was_not_tried_waits_again_and_is_charged_nothing(mail: MassEmail) -> None:
    settled(claim(mail), Outcome.NOT_TRIED, code=421, reply="421 closing")
    assert {(i.state, i.attempts, i.reply, i.claim_id, i.first_tried_at) for i in items(mail)} == {
        (ItemState.WAITING, 0, "", None, None)
    }
    assert len(claim(mail).items) == 3


def test_after_a_crash_before_the_wire_items_wait_again(mail: MassEmail) -> None:
    claim(mail)
    with db.unit_of_work() as session:
        assert release_expired(session, NOW) == (0, 0)
        assert release_expired(session, NOW + LEASE) == (3, 0)
        assert release_expired(session, NOW + LEASE) == (0, 0)
    assert len(claim(mail, now=NOW + LEASE).items) == 3


def test_after_a_crash_on_the_wire_items_are_uncertain_and_never_claimed_again(mail: MassEmail) -> None:
    on_wire(claim(mail))
    with db.unit_of_work() as session:
        assert release_expired(session, NOW + LEASE) == (0, 3)
    assert counts(mail) == {"queued": 3, "uncertain": 3}
    assert {item.reason for item in items(mail)} == {"worker_stopped"}
    assert claim(mail, now=NOW + LEASE) is None
    assert status(mail) is MassEmailStatus.COMPLETE


def test_a_holder_that_wakes_up_late_settles_what_is_uncertain_under_its_own_claim(mail: MassEmail) -> None:
    held = claim(mail)
    on_wire(held)
    with db.unit_of_work() as session:
        release_expired(session, NOW + LEASE)
        assert decide_items(session, [held.items[2].id], "send_again", NOW, BY) == 1
    settled(held, Outcome.SENT, NOW + LEASE)
    assert counts(mail) == {"queued": 3, "sent": 2, "waiting": 1}
    assert status(mail) is MassEmailStatus.IN_PROCESS
    assert no_difference()


def test_what_a_late_holder_settles_was_one_attempt(mail: MassEmail) -> None:
    held = claim(mail)
    on_wire(held)
    with db.unit_of_work() as session:
        release_expired(session, NOW + LEASE)
    settled(held, Outcome.SENT, NOW + LEASE)
    assert {item.attempts for item in items(mail)} == {1}


@pytest.mark.parametrize("outcome", [Outcome.NOT_TRIED, Outcome.TEMPORARY])
def test_nobody_waits_in_a_mass_email_that_is_complete_because_of_a_late_holder(mail: MassEmail, outcome) -> None:
    """Nobody would be sent to: they stay uncertain, for a person to decide."""
    held = claim(mail)
    on_wire(held)
    with db.unit_of_work() as session:
        release_expired(session, NOW + LEASE)
    assert status(mail) is MassEmailStatus.COMPLETE
    settled(held, outcome, NOW + LEASE)
    assert counts(mail) == {"queued": 3, "uncertain": 3}
    assert status(mail) is MassEmailStatus.COMPLETE


def test_what_a_late_holder_did_not_send_waits_again_while_the_mass_email_goes_on(mail: MassEmail) -> None:
    held = claim(mail, limit=2)
    on_wire(held)
    with db.unit_of_work() as session:
        release_expired(session, NOW + LEASE)
    settled(held, Outcome.NOT_TRIED, NOW + LEASE)
    assert counts(mail) == {"queued": 3, "waiting": 3}
    assert {item.attempts for item in items(mail)} == {0}


def test_a_holder_whose_items_went_back_settles_nothing(mail: MassEmail) -> None:
    late = claim(mail)
    with db.unit_of_work() as session:
        release_expired(session, NOW + LEASE)
    again = claim(mail, now=NOW + LEASE, worker="other")
    settled(late, Outcome.SENT, NOW + LEASE)
    assert counts(mail) == {"queued": 3, "held": 3}
    settled(again, Outcome.SENT, NOW + LEASE)
    assert counts(mail) == {"queued": 3, "sent": 3}


@pytest.mark.parametrize(
    ("decision", "state", "stand"),
    [
        ("sent", "sent", MassEmailStatus.COMPLETE),
        ("send_again", "waiting", MassEmailStatus.IN_PROCESS),
        ("leave_out", "skipped", MassEmailStatus.COMPLETE),
    ],
)
def test_a_person_decides_about_uncertain_items(mail: MassEmail, decision, state: str, stand) -> None:
    settled(claim(mail), Outcome.UNCERTAIN, reason="no_reply")
    ids = [item.id for item in items(mail)]
    with db.unit_of_work() as session:
        assert decide_items(session, ids[:2], decision, NOW, BY) == 2
        assert decide_items(session, ids[:2], decision, NOW, BY) == 0
    assert counts(mail) == {"queued": 3, "uncertain": 1, state: 2}
    assert status(mail) is stand
    assert no_difference()


def test_a_failed_message_can_be_sent_again_or_left_out_but_never_counts_as_sent(mail: MassEmail) -> None:
    settled(claim(mail), Outcome.PERMANENT)
    ids = [item.id for item in items(mail)]
    with db.unit_of_work() as session:
        assert decide_items(session, ids, "sent", NOW, BY) == 0
        assert decide_items(session, ids[:1], "leave_out", NOW, BY) == 1
        assert decide_items(session, ids[1:2], "send_again", NOW, BY) == 1
    assert counts(mail) == {"queued": 3, "skipped": 1, "waiting": 1, "failed": 1}
    assert (items(mail)[0].reason, items(mail)[0].bounced) == (SkipReason.DECIDED, True)
    assert work(retry_failed, mail.id, NOW, BY) == 1
    assert counts(mail) == {"queued": 3, "skipped": 1, "waiting": 2}
    assert no_difference()


def test_the_doubtful_try_counts_when_it_is_sent_again_and_who_decided_is_kept(mail: MassEmail) -> None:
    settled(claim(mail), Outcome.UNCERTAIN, reason="no_reply")
    assert work(decide_all, mail.id, [ItemState.UNCERTAIN, ItemState.FAILED], "send_again", NOW, BY) == 3
    settled(claim(mail), Outcome.SENT)
    assert {(item.state, item.attempts) for item in items(mail)} == {(ItemState.SENT, 2)}
    with db.reading() as session:
        trail = session.exec(select(Audit).where(Audit.act == "mass_email.decided_send_again")).one()
    assert (trail.by, trail.noun_id, trail.detail) == (BY, mail.id, {"people": 3})


@pytest.mark.parametrize("decision", ["sent", "send_again", "leave_out"])
def test_deciding_about_all_goes_in_chunks_and_takes_nobody_twice(
    database: Engine, monkeypatch: pytest.MonkeyPatch, decision
) -> None:
    monkeypatch.setattr(decision_module, "CHUNK", 3)
    with db.unit_of_work() as session:
        mail = running(session, 10)
        queue_count.begin(session, mail.id, {ItemState.WAITING: 10})
    settled(claim(mail), Outcome.UNCERTAIN)
    keep_books(mail)
    assert work(decide_all, mail.id, [ItemState.UNCERTAIN], decision, NOW, BY) == 10
    keep_books(mail)
    state = {"sent": "sent", "send_again": "waiting", "leave_out": "skipped"}[decision]
    assert counts(mail) == {"queued": 10, state: 10}
    assert work(decide_all, mail.id, [ItemState.UNCERTAIN], decision, NOW, BY) == 0
    assert no_difference()


def keep_books(mail: MassEmail) -> None:
    """The kept counts are what the queue says."""
    with db.reading() as session:
        assert queue_count.differences(session, mail.id) == []


def test_failed_people_are_tried_again_and_the_suppressed_among_them_skipped(mail: MassEmail) -> None:
    held = claim(mail)
    with db.unit_of_work() as session:
        hard, *rest = held.items
        refused = Verdict(hard.id, Outcome.PERMANENT, 550, reply="550 gone", bounce_kind=BounceKind.HARD)
        verdicts = [refused, *(Verdict(item.id, Outcome.PERMANENT) for item in rest)]
        settle(session, held.claim_id, verdicts, NOW)
    assert work(retry_failed, mail.id, NOW, BY) == 3
    assert status(mail) is MassEmailStatus.IN_PROCESS
    again = claim(mail)
    assert (len(again.items), again.skipped) == (2, 1)
    settled(again, Outcome.SENT)
    assert counts(mail) == {"queued": 3, "sent": 2, "skipped": 1}
    assert no_difference()


def test_a_second_refusal_is_a_hit_and_no_second_person(mail: MassEmail) -> None:
    for outcome in (Outcome.PERMANENT, Outcome.RENDER_FAILED, Outcome.PERMANENT, Outcome.RENDER_FAILED):
        settled(claim(mail), outcome)
        work(retry_failed, mail.id, NOW, BY)
    with db.reading() as session:
        assert mass_email_figures(session, mail.id).bounced == 3
        firsts = select(LogRecord.action, func.count()).where(LogRecord.first).group_by(LogRecord.action)
        assert dict(session.exec(firsts).all()) == {Action.BOUNCED: 3, Action.FAILED: 3}
    assert no_difference()


def test_retry_is_refused_for_a_cancelled_mass_email(mail: MassEmail) -> None:
    settled(claim(mail), Outcome.PERMANENT)
    with db.unit_of_work() as session:
        session.get_one(MassEmail, mail.id).status = MassEmailStatus.CANCELLED
    with pytest.raises(Refused):
        work(retry_failed, mail.id, NOW, BY)
    assert counts(mail) == {"queued": 3, "failed": 3}


def test_cancelling_goes_in_chunks_and_takes_what_comes_back(mail: MassEmail) -> None:
    held = claim(mail, 1)
    with db.unit_of_work() as session:
        session.get_one(MassEmail, mail.id).status = MassEmailStatus.CANCELLED
        assert [cancel_waiting(session, mail.id, NOW, limit=1) for _ in range(3)] == [1, 1, 0]
    settled(held, Outcome.TEMPORARY)
    assert counts(mail) == {"queued": 3, "cancelled": 3}


def test_what_a_stopped_cancelling_left_is_cancelled_with_the_next_look_at_leases(mail: MassEmail) -> None:
    with db.unit_of_work() as session:
        session.get_one(MassEmail, mail.id).status = MassEmailStatus.CANCELLED
    with db.unit_of_work() as session:
        assert release_expired(session, NOW) == (0, 0)
    assert counts(mail) == {"queued": 3, "cancelled": 3}


def test_workers_and_readers_at_the_same_time_lose_and_double_nothing(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 60)
        ensure_links(session, mail.id, ["https://example.com/a"])
    ids = [item.id for item in items(mail)]
    taken: list[int] = []

    def work(worker: str) -> None:
        while held := claim(mail, 4, worker=worker):
            taken.extend(item.id for item in held.items)
            settled(held, Outcome.SENT)

    def read(part: list[int]) -> None:
        for item_id in part:
            with db.unit_of_work() as session:
                record_clicked(session, item_id, 1, NOW)

    workers = [(work, "a"), (work, "b"), (read, ids[::2]), (read, ids[::-3])]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(act, given) for act, given in workers]:
            done.result()
    assert sorted(taken) == ids
    assert counts(mail) == {"queued": 60, "sent": 60}
    with db.reading() as session:
        assert mass_email_figures(session, mail.id).clicked == len({*ids[::2], *ids[::-3]})
    assert no_difference()


def test_a_changed_address_can_be_queued_again_but_not_twice(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 3)
        for item in session.exec(select(QueueItem).order_by(QueueItem.id)).all()[:2]:
            change_its_address(session, item)
    assert claim(mail).skipped == 2
    assert work(queue_again, mail.id, NOW, BY) == 1
    assert [(i.state, i.reason) for i in items(mail)[:2]] == [(ItemState.WAITING, ""), (ItemState.SKIPPED, "duplicate")]
    assert claim(mail).items[0].address == "moved@example.com"


def test_two_who_swapped_their_addresses_are_both_queued_again(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 2)
        one, other = (session.get_one(Recipient, item.recipient_id) for item in session.exec(select(QueueItem)).all())
        one.address_id, other.address_id = other.address_id, one.address_id
    assert claim(mail).skipped == 2
    assert work(queue_again, mail.id, NOW, BY) == 2
    assert {item.recipient_id: item.address_id for item in items(mail)} == {
        one.id: one.address_id,
        other.id: other.address_id,
    }
    assert counts(mail) == {"queued": 2, "waiting": 2}


def test_who_moved_to_the_address_of_one_that_stays_a_duplicate_waits_for_nothing(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 3)
        people = [session.get_one(Recipient, item.recipient_id) for item in session.exec(select(QueueItem)).all()]
        shared = factories.address(session, "shared@example.com").id
        old = people[1].address_id
        people[0].address_id, people[1].address_id, people[2].address_id = shared, shared, old
    assert claim(mail).skipped == 3
    assert work(queue_again, mail.id, NOW, BY) == 1
    assert [item.reason for item in items(mail)] == ["", SkipReason.DUPLICATE, SkipReason.DUPLICATE]


def test_rows_to_decide_show_uncertain_ones_first_with_who_and_why(mail: MassEmail) -> None:
    held = claim(mail)
    with db.unit_of_work() as session:
        verdicts = [
            Verdict(held.items[0].id, Outcome.PERMANENT, 552, "5.3.4", "552 5.3.4 Too big", "too_big"),
            Verdict(held.items[1].id, Outcome.SENT),
            Verdict(held.items[2].id, Outcome.UNCERTAIN, reason="no_reply"),
        ]
        settle(session, held.claim_id, verdicts, NOW)
    with db.reading() as session:
        rows, total = item_page(session, mail.id)
        last, _ = item_page(session, mail.id, page=2, size=1)
    assert total == 2
    assert [(row.id, row.state, row.reason, row.reply, row.at) for row in rows] == [
        (held.items[2].id, ItemState.UNCERTAIN, "no_reply", "", NOW),
        (held.items[0].id, ItemState.FAILED, "too_big", "552 5.3.4 Too big", NOW),
    ]
    assert [row.id for row in last] == [held.items[0].id]
    assert rows[0].name == "Ada Byron"


def test_a_portion_of_200_takes_a_few_statements_not_one_per_person(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = running(session, 200)
    statements: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *args: statements.append(args[2]))
    held = claim(mail, 200)
    claimed = len(statements)
    settled(held, Outcome.SENT)
    assert len(held.items) == 200
    assert claimed <= 10
    assert len(statements) - claimed <= 25


def test_judging_a_temporary_failure_never_plans_beyond_the_last_day() -> None:
    item = Tried(1, 12, NOW, NOW)
    fate = judge(Verdict(1, Outcome.TEMPORARY), item, NOW + GIVE_UP_AFTER - timedelta(minutes=1))
    assert (fate.state, fate.next_try_at) == (ItemState.WAITING, NOW + GIVE_UP_AFTER)


def test_every_reason_to_skip_has_its_words() -> None:
    for reason in [*SkipReason, "worker_stopped", "no_reply"]:
        assert f"delivery.reason.{reason}" in WORDS
