"""The books as a whole: in whatever order things happen, the sum is exact and every counter says what the log says."""

from dataclasses import fields
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, func
from sqlmodel import SQLModel, select

from models import db
from models.errors import Refused
from models.hit import Hit, record_hits
from models.log_filter import LogFilter
from models.log_record import (
    Action,
    BounceKind,
    LogRecord,
    MachineReason,
    record_bounced,
    record_clicked,
    record_complained,
    record_opened,
    record_opted_in,
    record_opted_out,
)
from models.log_view import people_count
from models.machine import Knock
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import (
    Held,
    ItemState,
    Outcome,
    QueueItem,
    Verdict,
    cancel_waiting,
    claim_items,
    decide_items,
    mark_on_wire,
    queue_counts,
    release_expired,
    retry_failed,
    settle,
)
from models.reclassification import turn
from models.retention import forget_records, old_records
from models.statistics import activity, campaign_figures, mass_email_figures, recount
from models.tracking_url import ensure_links
from tests import factories
from tests.factories import NOW

PEOPLE = 6
LEASE = timedelta(minutes=1)
BY = "someone@example.com"
places = st.integers(0, PEOPLE - 1)
machines = st.sampled_from([MachineReason.HUMAN, MachineReason.HUMAN, MachineReason.SCANNER, MachineReason.PREFETCH])
agents = st.sampled_from(["Firefox", "Firefox", "Mozilla/5.0", "Barracuda Sentinel"])
verdicts = st.tuples(st.sampled_from(Outcome), st.sampled_from([None, *BounceKind]))


class Ledger(RuleBasedStateMachine):
    """One mass email to six people, two workers, impatient readers, and a clock that only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.claims: list[Held] = []
        with db.unit_of_work() as session:
            people = [factories.recipient(session) for _ in range(PEOPLE)]
            target = factories.target_list(session, members=people)
            mail = factories.mass_email(session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW)
            ensure_links(session, mail.id, ["https://example.com/a", "https://example.com/b"])
            self.items = [factories.queue_item(session, mail, p, list_id=target.id).id for p in people]
            self.mail_id, self.campaign_id = mail.id, mail.campaign_id

    def do(self, act, *args, **values):
        with db.unit_of_work() as session:
            return act(session, *args, **values)

    @rule(minutes=st.sampled_from([0, 1, 7, 60, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(limit=st.integers(1, 4), worker=st.sampled_from("ab"))
    def a_worker_claims(self, limit: int, worker: str) -> None:
        if held := self.do(claim_items, self.mail_id, 1, limit, worker, LEASE, self.now):
            self.claims.append(held)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def a_worker_goes_on_the_wire(self, data) -> None:
        held = data.draw(st.sampled_from(self.claims))
        try:
            for worker in "ab":
                self.do(mark_on_wire, held.claim_id, worker, self.now)
        except Refused:
            pass

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), outcomes=st.lists(verdicts, min_size=4, max_size=4))
    def a_worker_settles_in_time_or_late(self, data, outcomes) -> None:
        held = data.draw(st.sampled_from(self.claims))
        said = [
            Verdict(item.id, outcome, 250, reply="said", bounce_kind=kind)
            for item, (outcome, kind) in zip(held.items, outcomes, strict=False)
        ]
        self.do(settle, held.claim_id, said, self.now)

    @rule()
    def a_lease_ends(self) -> None:
        self.do(release_expired, self.now)

    @rule(place=places, machine=machines)
    def somebody_opens(self, place: int, machine: MachineReason) -> None:
        self.do(record_opened, self.items[place], self.now, machine=machine)

    @rule(place=places, machine=machines, no=st.integers(1, 2), times=st.sampled_from([1, 1, 25]))
    def somebody_clicks(self, place: int, machine: MachineReason, no: int, times: int) -> None:
        with db.unit_of_work() as session:
            for _ in range(times):
                record_clicked(session, self.items[place], no, self.now, machine=machine)

    @rule(data=st.data(), seconds=st.sampled_from([0, 1, 3, 9]))
    def visitors_come_at_once(self, data, seconds: int) -> None:
        """Several hits in one unit of work, to be judged: scanners among them."""
        self.now += timedelta(seconds=seconds)
        hits = data.draw(
            st.lists(st.tuples(places, st.sampled_from([None, 0, 1, 2, 3]), agents), min_size=1, max_size=6)
        )
        self.do(
            record_hits,
            [Hit(self.items[place], self.now, no, knock=Knock(agent, "192.0.2.7")) for place, no, agent in hits],
        )

    @rule(data=st.data(), human=st.booleans())
    def somebody_reclassifies(self, data, human: bool) -> None:
        with db.reading() as session:
            ids = session.exec(select(LogRecord.id)).all()
        if ids:
            chosen = data.draw(st.lists(st.sampled_from(ids), max_size=5))
            self.do(turn, chosen, MachineReason.HUMAN if human else MachineReason.BY_HAND, self.now)

    @rule(hours=st.sampled_from([0, 3, 30]))
    def retention_takes_what_is_old(self, hours: int) -> None:
        before = self.now - timedelta(hours=hours)
        with db.unit_of_work() as session:
            if (old := old_records(session, before, 7)).ids:
                forget_records(session, old, before)

    @rule(place=places, entirely=st.booleans())
    def somebody_opts_out(self, place: int, entirely: bool) -> None:
        self.do(record_opted_out, self.items[place], self.now, entirely=entirely)

    @rule(place=places)
    def somebody_subscribes_again(self, place: int) -> None:
        self.do(record_opted_in, self.items[place], self.now)

    @rule(place=places, kind=st.sampled_from(BounceKind))
    def a_mail_comes_back(self, place: int, kind: BounceKind) -> None:
        self.do(record_bounced, self.items[place], kind, self.now)

    @rule(place=places)
    def somebody_complains(self, place: int) -> None:
        self.do(record_complained, self.items[place], self.now)

    @rule()
    def failed_ones_are_tried_again(self) -> None:
        try:
            with db.pinned() as doors:
                retry_failed(doors, self.mail_id, self.now, BY)
        except Refused:
            assert self.status() is MassEmailStatus.CANCELLED

    @rule(place=places, decision=st.sampled_from(["sent", "send_again", "leave_out"]))
    def a_person_decides(self, place: int, decision) -> None:
        try:
            self.do(decide_items, [self.items[place]], decision, self.now, BY)
        except Refused:
            assert self.status() is MassEmailStatus.CANCELLED

    @rule()
    def somebody_cancels(self) -> None:
        with db.unit_of_work() as session:
            mail = session.get_one(MassEmail, self.mail_id)
            if mail.status is MassEmailStatus.IN_PROCESS and mail.change_seq > 20:
                mail.status = MassEmailStatus.CANCELLED
                session.flush()
                cancel_waiting(session, self.mail_id, self.now)

    def status(self) -> MassEmailStatus:
        with db.reading() as session:
            return session.get_one(MassEmail, self.mail_id).status

    @invariant()
    def the_sum_is_exact(self) -> None:
        with db.reading() as session:
            counts = queue_counts(session, self.mail_id)
        parts = [getattr(counts, one.name) for one in fields(counts) if one.name != "queued"]
        assert counts.queued == sum(parts) == PEOPLE

    @invariant()
    def the_recount_finds_no_difference(self) -> None:
        with db.reading() as session:
            assert recount(session) == []

    @invariant()
    def whoever_clicked_has_opened(self) -> None:
        with db.reading() as session:
            silent = select(QueueItem.id).where(QueueItem.clicked_at.is_not(None), QueueItem.opened_at.is_(None))
            assert session.exec(silent).all() == []

    @invariant()
    def nobody_is_logged_as_sent_twice(self) -> None:
        with db.reading() as session:
            twice = select(LogRecord.item_id).where(LogRecord.action == Action.SENT).group_by(LogRecord.item_id)
            assert session.exec(twice.having(func.count() > 1)).all() == []

    @invariant()
    def every_figure_opens_to_as_many_people(self) -> None:
        with db.reading() as session:
            figures = mass_email_figures(session, self.mail_id)
            assert campaign_figures(session, self.campaign_id) == figures
            for action in (Action.SENT, Action.OPENED, Action.CLICKED, Action.OPTED_OUT, Action.BOUNCED):
                chosen = LogFilter(mass_email_id=self.mail_id, included=(action,))
                assert people_count(session, chosen) == getattr(figures, action.value), action
            assert (
                people_count(session, LogFilter(campaign_id=self.campaign_id, states=(ItemState.FAILED,)))
                == figures.failed
            )
            hours = activity(session, mass_email_id=self.mail_id)
            assert sum(hour.clicked for hour in hours) == figures.clicked
            assert figures.bounced == figures.bounced_hard + figures.bounced_soft

    @invariant()
    def what_waits_is_in_nobodys_hands_and_a_mass_email_is_complete_only_when_nothing_waits(self) -> None:
        with db.reading() as session:
            waiting = session.exec(select(QueueItem).where(QueueItem.state == ItemState.WAITING)).all()
            held = session.exec(select(QueueItem).where(QueueItem.state == ItemState.HELD)).all()
        assert {item.claim_id for item in waiting} <= {None}
        if self.status() is MassEmailStatus.COMPLETE:
            assert waiting == held == []


@pytest.mark.slow
def test_any_order_of_events_keeps_the_books(database: Engine) -> None:
    examples = 12 if database.dialect.name == "sqlite" else 5  # the other one waits for its server at each step
    few = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(lambda: fresh(database), settings=few)


def fresh(database: Engine) -> Ledger:
    """The machine on tables that hold nothing of the run before."""
    on = "" if database.dialect.name == "sqlite" else " ON consent_event"
    with database.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS consent_event_delete{on}")  # the history is append only
        for model in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(model.delete())
    return Ledger()
