"""Hits by the batch, and how machines among them are told from people."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db
from models.errors import NotFound
from models.hit import FAST, HIDDEN_LINK, ROWS_PER_DAY, Hit, record_hits
from models.log_record import Action, EventSource, LogRecord, MachineReason, Visit
from models.machine import Knock, Rule, Told, reason_of
from models.machine_rule import apply_rule, create_rule, delete_rule
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import ItemState, QueueItem
from models.reclassification import turn
from models.settlement import count_as_sent
from models.statistics import Figures, mass_email_figures, recount
from models.tracking import Tracking
from models.tracking_url import ensure_links
from tests import factories
from tests.factories import NOW

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
LATER = NOW + HOUR
FIREFOX = Knock("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "192.0.2.77")
HUMAN = MachineReason.HUMAN
BY = "someone@example.com"


@pytest.fixture
def items(database: Engine) -> list[int]:
    """The items of three people who were sent a mass email with three links at NOW."""
    return sent()


def sent(**values) -> list[int]:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(3)]
        target = factories.target_list(session, members=people)
        mail = factories.mass_email(session, target, status=MassEmailStatus.COMPLETE, queue_done_at=NOW, **values)
        ensure_links(session, mail.id, [f"https://example.com/{n}" for n in "abc"])
        rows = [factories.queue_item(session, mail, person, ItemState.HELD, list_id=target.id) for person in people]
        for row in rows:
            row.state = ItemState.UNCERTAIN
    with db.unit_of_work() as session:
        count_as_sent(session, [row.id for row in rows], NOW, EventSource.PERSON)
    return [row.id for row in rows]


def hit(*hits: Hit) -> list:
    with db.unit_of_work() as session:
        return record_hits(session, hits)


def click(item: int, no: int, at: datetime = LATER, knock: Knock = FIREFOX) -> Hit:
    return Hit(item, at, no, knock=knock)


def opened(item: int, at: datetime = LATER, knock: Knock = FIREFOX) -> Hit:
    return Hit(item, at, knock=knock)


def log(action: Action | None = None) -> list[tuple[Action, MachineReason]]:
    with db.reading() as session:
        rows = session.exec(select(LogRecord).where(LogRecord.action != Action.SENT).order_by(LogRecord.id)).all()
        return [(row.action, row.machine) for row in rows if action in {None, row.action}]


def figures() -> Figures:
    with db.reading() as session:
        assert recount(session) == []
        return mass_email_figures(session, 1)


def ids_of(action: Action) -> list[int]:
    with db.reading() as session:
        return list(session.exec(select(LogRecord.id).where(LogRecord.action == action).order_by(LogRecord.id)))


def flags(item: int) -> tuple[datetime | None, datetime | None]:
    with db.reading() as session:
        row = session.get_one(QueueItem, item)
        return row.opened_at, row.clicked_at


def test_a_batch_writes_what_its_hits_would_have_written_one_by_one(items: list[int]) -> None:
    one, two, _ = items
    scanner = Knock("Barracuda Sentinel (EE)", "198.51.100.4")
    hits = [
        opened(one),
        opened(one),
        click(two, 1, knock=scanner),
        click(two, 1),
        click(two, 1, LATER + SECOND),
        opened(two, LATER + 9 * SECOND),
        click(one, 2, LATER + 30 * SECOND),
    ]
    hit(*hits)
    together, books = log(), figures()
    assert together == [
        (Action.OPENED, HUMAN),
        (Action.OPENED, HUMAN),
        (Action.CLICKED, MachineReason.SCANNER),
        (Action.OPENED, HUMAN),
        (Action.CLICKED, HUMAN),
        (Action.CLICKED, HUMAN),
        (Action.OPENED, HUMAN),
        (Action.CLICKED, HUMAN),
    ]
    assert (books.opened, books.open_hits, books.clicked, books.click_hits) == (2, 4, 2, 3)
    assert (books.machine_clicked, flags(two)) == (1, (LATER, LATER))


def test_one_by_one_comes_to_the_same(items: list[int]) -> None:
    one, two, _ = items
    for each in (opened(one), opened(one), click(two, 1), click(two, 1, LATER + SECOND)):
        hit(each)
    books = figures()
    assert (books.opened, books.open_hits, books.clicked, books.click_hits) == (2, 3, 1, 2)


def test_a_hit_that_is_none_fails_alone(items: list[int]) -> None:
    answers = hit(opened(999), click(items[0], 1), click(items[0], 7), click(999, 1))
    assert [type(answer) for answer in answers[::3]] == [NotFound, NotFound]
    assert (answers[1].url, type(answers[2])) == ("https://example.com/a", NotFound)
    assert figures().clicked == 1


@pytest.mark.parametrize("size", [1, 7, 60])
def test_after_twenty_rows_a_day_only_the_counter_grows_whatever_the_batches(items: list[int], size: int) -> None:
    hits = [opened(items[0], LATER + n * SECOND) for n in range(60)]
    for start in range(0, len(hits), size):
        hit(*hits[start : start + size])
    assert len(log()) == ROWS_PER_DAY
    assert (figures().opened, figures().open_hits) == (1, 60)
    hit(opened(items[0], LATER + 24 * HOUR))
    assert len(log()) == ROWS_PER_DAY + 1


@pytest.mark.parametrize(
    ("action", "knock", "reason"),
    [
        (Action.OPENED, Knock("Mozilla/5.0"), MachineReason.MAIL_PRIVACY),
        (Action.CLICKED, Knock("Mozilla/5.0"), HUMAN),
        (Action.OPENED, Knock("Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)"), HUMAN),
        (Action.OPENED, Knock("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"), HUMAN),
        (Action.CLICKED, Knock("Mozilla/5.0 (compatible; proofpoint URL defense)"), MachineReason.SCANNER),
        (Action.CLICKED, Knock("Slackbot-LinkExpanding 1.0"), MachineReason.SCANNER),
        (Action.OPENED, Knock("Microsoft Office/16.0 (Microsoft Outlook 16.0.17)"), HUMAN),
        (Action.CLICKED, FIREFOX, HUMAN),
        (Action.CLICKED, Knock(FIREFOX.agent, head=True), MachineReason.HEAD_REQUEST),
        (Action.OPENED, Knock(FIREFOX.agent, prefetch=True), MachineReason.PREFETCH),
        (Action.CLICKED, Knock(""), HUMAN),
    ],
)
def test_who_asks_is_told_by_what_it_says_of_itself(action: Action, knock: Knock, reason: MachineReason) -> None:
    assert reason_of(action, knock) is reason


@pytest.mark.parametrize("together", [True, False])
def test_the_first_of_each_machine_has_a_row_however_many_others_came_that_day(
    items: list[int], together: bool
) -> None:
    scanner, privacy = Knock("Barracuda Sentinel (EE)"), Knock("Mozilla/5.0")
    hits = [opened(items[0], knock=knock) for knock in [scanner] * (ROWS_PER_DAY + 3) + [privacy] * 2]
    for group in [hits] if together else [[one] for one in hits]:
        hit(*group)
    rows = [machine for _, machine in log(Action.OPENED)]
    assert (rows.count(MachineReason.SCANNER), rows.count(MachineReason.MAIL_PRIVACY)) == (ROWS_PER_DAY, 1)
    assert figures().machine_opened == 1


@pytest.mark.parametrize("together", [True, False])
def test_all_links_at_once_are_a_machine_and_so_were_those_before(items: list[int], together: bool) -> None:
    hits = [click(items[0], no, LATER + no * SECOND / 2) for no in (1, 2, 3)]
    for group in [hits] if together else [[one] for one in hits]:
        hit(*group)
    assert log(Action.CLICKED) == [(Action.CLICKED, MachineReason.ALL_LINKS_AT_ONCE)] * 3
    assert log(Action.OPENED) == [(Action.OPENED, MachineReason.ALL_LINKS_AT_ONCE)]
    assert (figures().clicked, figures().machine_clicked, flags(items[0])) == (0, 1, (None, None))


def test_a_person_who_opened_before_stays_one_when_a_scanner_runs_through_the_links(items: list[int]) -> None:
    hit(opened(items[0], NOW + 30 * SECOND))
    hit(click(items[0], 1), click(items[0], 2))
    assert flags(items[0]) == (NOW + 30 * SECOND, None)
    hit(click(items[0], 3, LATER + 60 * SECOND))
    assert flags(items[0]) == (NOW + 30 * SECOND, LATER + 60 * SECOND)
    assert (figures().opened, figures().clicked, figures().machine_clicked) == (1, 1, 1)


@pytest.mark.parametrize(("gap", "machine"), [(0.9, True), (1.1, False)])
def test_two_links_are_clicked_by_a_person_when_a_second_lies_between(
    items: list[int], gap: float, machine: bool
) -> None:
    hit(opened(items[0]), click(items[0], 1))
    hit(click(items[0], 2, LATER + gap * SECOND))
    assert {found is not HUMAN for _, found in log(Action.CLICKED)} == {machine}
    figures()


def test_the_same_link_twice_is_a_double_click(items: list[int]) -> None:
    hit(click(items[0], 1), click(items[0], 1, LATER + SECOND / 5))
    assert log(Action.CLICKED) == [(Action.CLICKED, HUMAN)] * 2


def test_a_click_at_once_and_before_any_open_is_a_machine(items: list[int]) -> None:
    hit(click(items[0], 1, NOW + FAST - SECOND))
    hit(opened(items[1], NOW + SECOND), click(items[1], 1, NOW + FAST - SECOND))
    hit(click(items[2], 1, NOW + FAST))
    assert log(Action.CLICKED) == [
        (Action.CLICKED, MachineReason.TOO_FAST),
        (Action.CLICKED, HUMAN),
        (Action.CLICKED, HUMAN),
    ]
    assert (figures().clicked, figures().machine_clicked, figures().opened) == (2, 1, 2)


def test_the_hidden_link_is_no_persons_and_shows_who_came_before(items: list[int]) -> None:
    hit(click(items[0], 1))
    assert hit(click(items[0], HIDDEN_LINK, LATER + SECOND / 2)) == [None]
    assert log(Action.CLICKED) == [
        (Action.CLICKED, MachineReason.ALL_LINKS_AT_ONCE),
        (Action.CLICKED, MachineReason.HIDDEN_LINK),
    ]
    assert (figures().clicked, figures().machine_clicked) == (0, 1)


def rule(told_by: Told, pattern: str, human: bool) -> int:
    with db.unit_of_work() as session:
        return create_rule(session, {"told_by": told_by, "pattern": pattern, "human": human}, NOW, BY)


def apply(rule_id: int) -> int:
    with db.pinned() as doors:
        return apply_rule(doors, rule_id, LATER, BY)


def test_a_rule_decides_before_all_else_and_can_be_applied_to_what_is_there(items: list[int]) -> None:
    hit(*(click(item, 1) for item in items[:2]), click(items[2], 1, knock=Knock(FIREFOX.agent, "203.0.113.9")))
    assert figures().clicked == 3
    machine = rule(Told.NETWORK, "192.0.2.0/24", human=False)
    hit(click(items[0], 2, LATER + HOUR))
    assert log()[-1] == (Action.CLICKED, MachineReason.RULE)
    assert (apply(machine), apply(machine)) == (2, 0)
    assert (figures().clicked, figures().opened, figures().machine_clicked) == (1, 1, 2)
    human = rule(Told.AGENT, "firefox", human=True)
    assert apply(human) == 0, "the older rule decides about these"
    with db.unit_of_work() as session:
        delete_rule(session, machine, LATER, BY)
    assert apply(human) == 3
    assert (figures().clicked, figures().opened, figures().machine_clicked) == (3, 3, 0)


@pytest.mark.parametrize(
    ("pattern", "ip", "meets"),
    [
        ("192.0.2.0/24", "192.0.2.9", True),
        ("192.0.2.0/24", "192.0.3.9", False),
        ("192.0.2.0/24", "::ffff:192.0.2.9", True),
        ("192.0.2.0/24", "192.0.2.0/24", True),
        ("192.0.2.0/25", "192.0.2.0/24", False),
        ("2001:db8::/32", "2001:db8:1::5", True),
        ("2001:db8::/32", "192.0.2.9", False),
        ("192.0.2.0/24", "", False),
    ],
)
def test_a_rule_of_a_network_meets_whoever_lies_in_it_whole(pattern: str, ip: str, meets: bool) -> None:
    assert Rule(1, Told.NETWORK, pattern, False).meets("", ip) is meets


def test_by_hand_an_event_changes_sides_and_back_with_all_that_hangs_on_it(items: list[int]) -> None:
    hit(click(items[0], 1), opened(items[0], LATER + HOUR), click(items[0], 2, LATER + 2 * HOUR))
    before = figures()
    clicks = ids_of(Action.CLICKED)

    def by_hand(ids: list[int], human: bool) -> int:
        with db.unit_of_work() as session:
            return turn(session, ids, MachineReason.HUMAN if human else MachineReason.BY_HAND, LATER)

    assert by_hand(clicks[:1], False) == 1
    assert flags(items[0]) == (LATER, LATER + 2 * HOUR)
    assert by_hand(clicks, False) == 1
    assert flags(items[0]) == (LATER + HOUR, None), "the inferred open went with the last click"
    assert (figures().clicked, figures().machine_clicked, figures().opened) == (0, 1, 1)
    assert by_hand(ids_of(Action.OPENED), False) == 1
    assert flags(items[0]) == (None, None)
    assert by_hand([*clicks, *ids_of(Action.OPENED)], True) == 4
    assert figures() == before
    assert by_hand(ids_of(Action.SENT), False) == 0


def test_anonymous_tracking_moves_counters_and_nothing_of_a_person(database: Engine) -> None:
    items = sent(tracking=Tracking.ANONYMOUS)
    whole = [Hit(None, LATER, mass_email_id=1, knock=FIREFOX), Hit(None, LATER, 1, mass_email_id=1, knock=FIREFOX)]
    scanner = Hit(None, LATER, 1, mass_email_id=1, knock=Knock("Mimecast"))
    answers = hit(*whole, *whole, scanner, opened(items[0]), Hit(None, LATER, 9, mass_email_id=1))
    assert (answers[1].url, type(answers[-1])) == ("https://example.com/a", NotFound)
    assert (log(), flags(items[0])) == ([], (None, None))
    books = figures()
    assert (books.opened, books.open_hits, books.clicked, books.click_hits) == (0, 3, 0, 2)
    with db.reading() as session:
        assert session.exec(select(Visit)).all() == []


def test_without_tracking_links_lead_on_and_nothing_moves(database: Engine) -> None:
    items = sent(tracking=Tracking.NONE)
    before = figures()
    answers = hit(Hit(None, LATER, 1, mass_email_id=1, knock=FIREFOX), click(items[0], 2), opened(items[0]))
    assert [answer.url if answer else None for answer in answers] == [
        "https://example.com/a",
        "https://example.com/b",
        None,
    ]
    assert (log(), figures()) == ([], before)


def test_the_mass_email_says_once_per_batch_that_it_moved(items: list[int]) -> None:
    def seq() -> int:
        with db.reading() as session:
            return session.get_one(MassEmail, 1).change_seq

    before = seq()
    hit(*(opened(item) for item in items))
    assert seq() == before + 1
