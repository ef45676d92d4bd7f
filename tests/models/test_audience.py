"""The audience and its queue: every reason, the sums, and what a crash leaves behind."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session

from models import audience as audience_module
from models import audience_selection, db
from models.address import EVERYTHING, OptOut, Suppression, SuppressionReason
from models.audience import (
    Audience,
    build_queue,
    find_audience,
    left_out_page,
    preview_audience,
    preview_left_out,
    preview_recipients,
)
from models.campaign import CampaignType
from models.column_types import table
from models.errors import NotFound, Refused
from models.mass_email import LeftOut, LeftOutReason, MassEmail, MassEmailStatus, edit_mass_email, move
from models.queue_table import ItemState, QueueItem
from models.recipient import Kind, Recipient
from models.target_list import TargetList
from tests import factories
from tests.factories import NOW

Rows = tuple[set[tuple[int, int, int]], set[tuple[int, LeftOutReason, int | None]]]


def written(mass_email_id: int) -> Rows:
    """(recipient, address, list) of the items, (recipient, reason, because) of those left out."""
    item, out = table(QueueItem).c, table(LeftOut).c
    with db.reading() as session:
        items = session.execute(
            select(item.recipient_id, item.address_id, item.list_id).where(item.mass_email_id == mass_email_id)
        )
        others = session.execute(
            select(out.recipient_id, out.reason, out.because_id).where(out.mass_email_id == mass_email_id)
        )
        return {tuple(row) for row in items}, {tuple(row) for row in others}


def build(mass_email_id: int) -> Audience:
    with db.pinned() as doors:
        return build_queue(doors, mass_email_id, NOW)


def preview(mass_email_id: int) -> Audience:
    with db.pinned() as doors:
        return preview_audience(doors, mass_email_id, NOW)


def status_of(mass_email_id: int) -> MassEmailStatus:
    with db.reading() as session:
        return session.get(MassEmail, mass_email_id).status


@contextmanager
def small_steps(monkeypatch: pytest.MonkeyPatch, chunk: int = 3, window: int = 4) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(audience_module, "CHUNK", chunk)
        patch.setattr(audience_selection, "WINDOW", window)
        yield


# Each reason


@dataclass
class Stage:
    """Lists A and B are mailed, X and Y excluded; `person` is in A."""

    session: Session
    kind: CampaignType = CampaignType.NEWSLETTER
    a: list[Recipient] = field(default_factory=list)
    b: list[Recipient] = field(default_factory=list)
    x: list[Recipient] = field(default_factory=list)
    y: list[Recipient] = field(default_factory=list)
    person: Recipient | None = None
    lists: dict[str, TargetList] = field(default_factory=dict)

    def mail(self) -> int:
        for name in "abxy":
            self.lists[name] = factories.target_list(self.session, name, getattr(self, name))
        campaign = factories.campaign(self.session, type=self.kind)
        mailed, excluded = (self.lists["a"], self.lists["b"]), (self.lists["x"], self.lists["y"])
        return factories.mass_email(self.session, *mailed, excluded=excluded, in_campaign=campaign).id

    def decline(self, *names: str) -> None:
        for name in names:
            list_id = self.lists[name].id if name else EVERYTHING
            self.session.add(OptOut(address_id=self.person.address_id, list_id=list_id))

    def suppress(self, reason: SuppressionReason, until=None) -> None:
        self.session.add(Suppression(address_id=self.person.address_id, reason=reason, since=NOW, until=until))


def _person(stage: Stage, **values) -> None:
    stage.person = factories.recipient(stage.session, **values)
    stage.a.append(stage.person)


def _plain(stage: Stage) -> None:
    _person(stage)


def _archived(stage: Stage) -> None:
    _person(stage, typed=None, archived_at=NOW)


def _no_address(stage: Stage) -> None:
    _person(stage, typed=None)
    stage.x.append(stage.person)


def _excluded(stage: Stage) -> None:
    _person(stage)
    stage.y.append(stage.person)


def _excluded_by_a_twin_of_other_kind_and_case(stage: Stage) -> None:
    _person(stage, typed="ada@example.com", kind=Kind.CONTACT)
    stage.x.append(factories.recipient(stage.session, "Ada@Example.com", kind=Kind.LEAD, archived_at=NOW))


def _in_b_too(stage: Stage) -> None:
    _person(stage)
    stage.b.append(stage.person)


WAYS: list[tuple[str, Callable[[Stage], None], Callable[[Stage], None], LeftOutReason | None]] = [
    ("nothing against", _plain, lambda s: None, None),
    ("archived", _archived, lambda s: None, LeftOutReason.ARCHIVED),
    ("no address, before excluded", _no_address, lambda s: None, LeftOutReason.NO_ADDRESS),
    (
        "suppressed, before excluded and opted out",
        _excluded,
        lambda s: (s.suppress(SuppressionReason.COMPLAINT), s.decline("", "a")),
        LeftOutReason.SUPPRESSED,
    ),
    (
        "suppressed until later",
        _plain,
        lambda s: s.suppress(SuppressionReason.SOFT_BOUNCES, NOW + timedelta(seconds=1)),
        LeftOutReason.SUPPRESSED,
    ),
    ("suppression over", _plain, lambda s: s.suppress(SuppressionReason.MANUAL, NOW - timedelta(seconds=1)), None),
    ("excluded, before opted out", _excluded, lambda s: s.decline("", "a"), LeftOutReason.EXCLUDED),
    ("excluded by address", _excluded_by_a_twin_of_other_kind_and_case, lambda s: None, LeftOutReason.EXCLUDED),
    ("opted out of everything", _plain, lambda s: s.decline("", "a"), LeftOutReason.OPTED_OUT_ENTIRELY),
    ("opted out of its list", _plain, lambda s: s.decline("a"), LeftOutReason.OPTED_OUT),
    ("opted out of a list that does not bring it", _plain, lambda s: s.decline("b", "x"), None),
    ("opted out of one of its lists", _in_b_too, lambda s: s.decline("a"), None),
    ("opted out of both of its lists", _in_b_too, lambda s: s.decline("a", "b"), LeftOutReason.OPTED_OUT),
]


@pytest.mark.parametrize(("arrange", "act", "reason"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_a_person_is_left_out_for_the_first_reason_that_applies(
    database: Engine, arrange: Callable[[Stage], None], act: Callable[[Stage], None], reason: LeftOutReason | None
) -> None:
    with db.unit_of_work() as session:
        stage = Stage(session)
        arrange(stage)
        mail = stage.mail()
        act(stage)
        person = stage.person.id
    seen = preview(mail)
    assert build(mail) == seen
    items, others = written(mail)
    assert {row[:2] for row in others} == ({(person, reason)} if reason else set())
    assert {row[0] for row in items} == (set() if reason else {person})
    assert (seen.chosen, seen.final, seen.left_out(reason) if reason else 0) == (
        1,
        0 if reason else 1,
        1 if reason else 0,
    )


def test_informational_email_ignores_opt_outs_but_no_suppression(database: Engine) -> None:
    with db.unit_of_work() as session:
        stage = Stage(session, CampaignType.INFORMATIONAL)
        _plain(stage)
        declined, blocked = stage.person, factories.recipient(session)
        stage.a.append(blocked)
        mail = stage.mail()
        stage.decline("", "a")
        stage.person = blocked
        stage.suppress(SuppressionReason.HARD_BOUNCE)
    assert build(mail).suppressed == 1
    assert {row[0] for row in written(mail)[0]} == {declined.id}


def test_why_is_kept_and_said(database: Engine) -> None:
    with db.unit_of_work() as session:
        stage = Stage(session)
        stage.a = [factories.recipient(session, f"{name}@example.com") for name in ("shut", "out", "twin")]
        stage.a.append(factories.recipient(session, "TWIN@example.com", first_name="Grace", last_name=""))
        stage.x = stage.y = [stage.a[1]]
        mail = stage.mail()
        stage.person = stage.a[0]
        stage.suppress(SuppressionReason.MANUAL)
        stage.suppress(SuppressionReason.COMPLAINT)
    with db.pinned() as doors:
        before = preview_left_out(doors, mail, NOW)
        assert preview_recipients(doors, mail, NOW) == ([stage.a[2].id], 1)
    found = build(mail)
    assert (found.suppressed_by, found.excluded_by) == ({SuppressionReason.COMPLAINT: 1}, {stage.lists["x"].id: 1})
    with db.reading() as session:
        assert left_out_page(session, mail) == before
        assert [str(row.because) for row in before[0]] == [
            "The person complained.",
            "In the excluded list “x”, by record or by address.",
            "Same address as Ada Byron.",
        ]
        (double,), total = left_out_page(session, mail, LeftOutReason.DUPLICATE)
        assert (double.name, double.address, double.because_id, total) == (
            "Grace",
            "TWIN@example.com",
            stage.a[2].id,
            1,
        )
        assert left_out_page(session, mail, page=2, size=2) == (before[0][2:], 3)


@pytest.mark.parametrize("first", ["list", "kind", "record"])
def test_of_twins_the_first_list_then_kind_then_record_wins(database: Engine, first: str) -> None:
    with db.unit_of_work() as session:
        low = factories.recipient(session, "ada@example.com", kind=Kind.LEAD)
        high = factories.recipient(session, "ADA@example.com", kind=Kind.LEAD if first == "record" else Kind.CONTACT)
        stage = Stage(session, a=[low] if first == "list" else [low, high], b=[high])
        mail = stage.mail()
        winner, other = (high, low) if first == "kind" else (low, high)
    build(mail)
    items, others = written(mail)
    assert {row[0] for row in items} == {winner.id}
    assert others == {(other.id, LeftOutReason.DUPLICATE, winner.id)}


def test_a_twin_that_is_out_anyway_beats_nobody(database: Engine) -> None:
    with db.unit_of_work() as session:
        gone = factories.recipient(session, "ada@example.com", archived_at=NOW)
        there = factories.recipient(session, "ada@example.com")
        mail = Stage(session, a=[gone, there]).mail()
    assert build(mail).final == 1
    assert {row[0] for row in written(mail)[0]} == {there.id}


def test_a_deleted_target_list_brings_nobody_and_a_deleted_excluded_list_still_protects(database: Engine) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(2)]
        stage = Stage(session, a=people, b=[people[0]], x=[people[0]])
        mail = stage.mail()
        stage.lists["b"].deleted_at = stage.lists["x"].deleted_at = NOW
    assert (build(mail).excluded, written(mail)[0]) == (1, {(people[1].id, people[1].address_id, stage.lists["a"].id)})


# Against a plain reimplementation


@dataclass
class World:
    """A small world drawn by chance, with what must come of it."""

    mail: int
    items: set[tuple[int, int, int]]
    others: set[tuple[int, LeftOutReason, int | None]]


def draw(session: Session, chance: random.Random) -> World:
    addresses = [f"person{n}@example.com" for n in range(8)]
    people = [
        factories.recipient(
            session,
            chance.choice([*addresses, None]),
            kind=chance.choice(list(Kind)),
            archived_at=NOW if chance.random() < 0.1 else None,
        )
        for _ in range(chance.randint(0, 16))
    ]
    names = [factories.target_list(session, f"l{n}", [p for p in people if chance.random() < 0.5]) for n in range(4)]
    members = {row.id: set(ids) for row in names for ids in [_members(session, row.id)]}
    chance.shuffle(names)
    cut = chance.randint(1, 4)
    mailed, excluded = names[:cut], names[cut - 1 :]  # one list may be both
    informational = chance.random() < 0.2
    kind = CampaignType.INFORMATIONAL if informational else CampaignType.EMAIL
    mail = factories.mass_email(
        session, *mailed, excluded=tuple(excluded), in_campaign=factories.campaign(session, type=kind)
    )
    addressed = sorted({p.address_id for p in people if p.address_id})
    declined = {(a, n) for a in addressed for n in (0, *(row.id for row in names)) if chance.random() < 0.15}
    shut = {
        (a, reason, until)
        for a in addressed
        for reason in SuppressionReason
        for until in [chance.choice([None, NOW, NOW + timedelta(days=1)])]
        if chance.random() < 0.05
    }
    session.add_all([OptOut(address_id=a, list_id=n) for a, n in declined])
    session.add_all([Suppression(address_id=a, reason=r, since=NOW, until=u) for a, r, u in shut])
    session.flush()
    mailed_ids, excluded_ids = [row.id for row in mailed], [row.id for row in excluded]
    return World(
        mail.id, *expect(people, members, mailed_ids, excluded_ids, set() if informational else declined, shut)
    )


def _members(session: Session, list_id: int) -> list[int]:
    return list(
        session.execute(text("SELECT recipient_id FROM membership WHERE list_id = :id"), {"id": list_id}).scalars()
    )


def expect(people, members, mailed, excluded, declined, shut) -> Rows:
    """Who must get it and who not, by the words of D6: person by person, in plain Python."""
    order = list(SuppressionReason)
    of = {p.id: p.address_id for p in people}
    candidates, others = [], set()
    for p in people:
        own = [n for n in mailed if p.id in members[n]]
        if not own:
            continue
        bad = [r for a, r, until in shut if a == p.address_id and (until is None or until > NOW)]
        barred = [n for n in excluded if any(of[m] == p.address_id for m in members[n])]
        open_lists = [n for n in own if (p.address_id, n) not in declined]
        if p.archived_at:
            others.add((p.id, LeftOutReason.ARCHIVED, None))
        elif p.address_id is None:
            others.add((p.id, LeftOutReason.NO_ADDRESS, None))
        elif bad:
            others.add((p.id, LeftOutReason.SUPPRESSED, min(order.index(r) for r in bad) + 1))
        elif barred:
            others.add((p.id, LeftOutReason.EXCLUDED, barred[0]))
        elif (p.address_id, 0) in declined:
            others.add((p.id, LeftOutReason.OPTED_OUT_ENTIRELY, None))
        elif not open_lists:
            others.add((p.id, LeftOutReason.OPTED_OUT, None))
        else:
            candidates.append(
                (mailed.index(open_lists[0]), list(Kind).index(p.kind), p.id, p.address_id, open_lists[0])
            )
    winners: dict[int, int] = {}
    items = set()
    for _, _, person, address, list_id in sorted(candidates):
        if address in winners:
            others.add((person, LeftOutReason.DUPLICATE, winners[address]))
        else:
            winners[address] = person
            items.add((person, address, list_id))
    return items, others


@pytest.mark.parametrize("seed", range(25))
def test_any_world_comes_out_as_by_hand(database: Engine, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.unit_of_work() as session:
        world = draw(session, random.Random(seed))
    with small_steps(monkeypatch):
        seen = preview(world.mail)
        assert build(world.mail) == seen
    assert written(world.mail) == (world.items, world.others)
    counts = Counter(row[1] for row in world.others)
    assert {reason: seen.left_out(reason) for reason in LeftOutReason} == {r: counts[r] for r in LeftOutReason}
    assert seen.chosen == seen.final + sum(counts.values())
    assert (sum(seen.by_list.values()), sum(seen.excluded_by.values())) == (seen.final, seen.excluded)
    with db.reading() as session:
        assert find_audience(session, world.mail) == seen


# The queue


def crowd(session: Session, people: int = 20) -> int:
    """A mass email to `people` persons, one of them twice, one without an address, one excluded."""
    members = [factories.recipient(session) for _ in range(people)]
    members += [factories.recipient(session, members[0].address_typed), factories.recipient(session, None)]
    return Stage(session, a=members, b=members[5:], x=[members[3]]).mail()


def test_the_queue_opens_with_its_last_step_only(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.unit_of_work() as session:
        mail = crowd(session)
    seen: list[tuple[int, int]] = []

    def look(done: int, total: int) -> None:
        with db.reading() as session:
            row = session.get(MassEmail, mail)
            assert (row.status, row.queue_done_at, row.audience) == (MassEmailStatus.PENDING, None, None)
        seen.append((done, total))

    with small_steps(monkeypatch), db.pinned() as doors:
        build_queue(doors, mail, NOW, look)
    assert seen == [*((done, 22) for done in range(3, 22, 3)), (22, 22)]
    with db.reading() as session:
        row = session.get(MassEmail, mail)
        assert (row.status, row.queue_done_at, row.change_seq, row.changed_at) == (
            MassEmailStatus.IN_PROCESS,
            NOW,
            1,
            NOW,
        )
        items = session.exec(select(QueueItem)).scalars().all()
        assert {(item.state, item.version_id, item.next_try_at) for item in items} == {
            (ItemState.WAITING, row.version_id, NOW)
        }


def test_nobody_to_mail_makes_it_complete(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = Stage(session, a=[factories.recipient(session, None)]).mail()
    assert build(mail).final == 0
    assert status_of(mail) is MassEmailStatus.COMPLETE


class Killed(Exception):
    pass


def kill_after(chunks: int) -> Callable[[int, int], None]:
    left = iter(range(chunks - 1))

    def killed(done: int, total: int) -> None:
        if next(left, None) is None:
            raise Killed

    return killed


@pytest.mark.parametrize("chunks", [1, 2, 5, 8])
def test_killed_and_run_again_it_ends_with_the_same_rows(
    database: Engine, chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.unit_of_work() as session:
        mail = crowd(session)
    with small_steps(monkeypatch), db.pinned() as doors:
        with pytest.raises(Killed):
            build_queue(doors, mail, NOW, kill_after(chunks))
        with db.reading() as session:
            kept = dict(session.execute(select(QueueItem.recipient_id, QueueItem.id)).all())
        found = build_queue(doors, mail, NOW)
    items, others = written(mail)
    assert (len(items), len(others)) == (found.final, found.chosen - found.final) == (19, 3)
    with db.reading() as session:
        ids = dict(session.execute(select(QueueItem.recipient_id, QueueItem.id)).all())
    assert kept.items() <= ids.items()  # it went on; what stood was not written again


def test_run_again_it_follows_what_changed_meanwhile(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.unit_of_work() as session:
        mail = crowd(session)
    with small_steps(monkeypatch), db.pinned() as doors:
        with pytest.raises(Killed):
            build_queue(doors, mail, NOW, kill_after(8))
        with db.unit_of_work() as session:  # the winner of the twins declines, one is archived, one comes back
            first = session.execute(select(Recipient).order_by(Recipient.id)).scalars().all()
            session.add(OptOut(address_id=first[0].address_id, list_id=EVERYTHING))
            first[1].archived_at = NOW
            session.execute(
                text("DELETE FROM membership WHERE recipient_id = :id AND list_id = 3"), {"id": first[3].id}
            )
        found = build_queue(doors, mail, NOW)
    items, others = written(mail)
    assert (len(items), len(others)) == (found.final, found.chosen - found.final) == (18, 4)
    assert Counter(row[1] for row in others) == {
        LeftOutReason.OPTED_OUT_ENTIRELY: 2,
        LeftOutReason.ARCHIVED: 1,
        LeftOutReason.NO_ADDRESS: 1,
    }


def _back_to_draft(session: Session, mail: int) -> None:
    move(session, mail, MassEmailStatus.DRAFT, NOW, "ada@example.com")


def _edit(session: Session, mail: int) -> None:
    edit_mass_email(session, mail, 1, {"name": "Other"}, NOW, "ada@example.com")


def _other_builder(session: Session, mail: int) -> None:
    session.execute(text("UPDATE mass_email SET queue_fence = queue_fence + 1"))


@pytest.mark.parametrize("meddle", [_back_to_draft, _edit, _other_builder])
def test_a_build_stops_when_the_mass_email_is_moved_edited_or_built_by_another(
    database: Engine, meddle: Callable[[Session, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.unit_of_work() as session:
        factories.smtp_account(session, is_catcher=True)
        mail = crowd(session)

    def once(done: int, total: int) -> None:
        assert done == 3, "it went on"
        with db.unit_of_work() as session:
            meddle(session, mail)

    with small_steps(monkeypatch), db.pinned() as doors, pytest.raises(Refused) as refused:
        build_queue(doors, mail, NOW, once)
    assert refused.value.problem.key == "mass_email.queue_stopped"


def test_a_queue_is_built_once_and_only_when_pending(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = crowd(session)
    build(mail)
    with pytest.raises(Refused):
        build(mail)
    with pytest.raises(Refused):
        build(mail + 1)
    with pytest.raises(NotFound):
        preview(mail + 1)


def test_failed_and_started_again_the_queue_stands(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = crowd(session)
    found = build(mail)
    before = written(mail)
    with db.unit_of_work() as session:
        session.execute(text("UPDATE mass_email SET status = 2"))  # Pending, by way of Failed and Draft
        session.execute(text("DELETE FROM membership"))
    assert build(mail) == found
    assert (written(mail), status_of(mail)) == (before, MassEmailStatus.IN_PROCESS)


@pytest.mark.slow
def test_a_click_is_committed_between_two_chunks_of_a_queue_of_200_000(sqlite_database: Engine) -> None:
    from tests.bench.bench_queue import populate

    mail = populate(200_000)
    order: list[str] = []
    clicked, chunks = threading.Event(), iter(range(1_000))

    def click() -> None:
        with db.unit_of_work() as session:
            session.execute(text("UPDATE target_list SET revision = revision + 1 WHERE id = 1"))
            order.append("click")
        clicked.set()

    def on_chunk(done: int, total: int) -> None:
        order.append("chunk")
        if next(chunks) == 10:
            threading.Thread(target=click).start()

    with db.pinned() as doors:
        found = build_queue(doors, mail, NOW, on_chunk)
    assert clicked.wait(10)
    assert (found.chosen, len(order) - 1) == (200_000, 100)
    assert 11 <= order.index("click") < 100, "the click waited for the whole queue"
