"""A portion over real SMTP: who got it, what is written about it, and what a bad server makes of it."""

import asyncio
import contextlib
import itertools
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from jobs import database, delivery, frame, lane
from jobs.delivery import Portion, send_portion
from jobs.plans import load_plan
from jobs.portion import REFUSALS
from jobs.queueing import run_send_mass_emails
from models import db, outbound_emails, pacing, smtp_account
from models.address import Suppression
from models.campaign import Campaign, CampaignStatus
from models.claim import renew_claims
from models.log_table import Action, BounceKind, LogRecord
from models.mass_email import MassEmail, MassEmailStatus, move
from models.queue_item import queue_counts
from models.queue_table import Claim, ClaimState, ItemState, QueueItem
from models.smtp_account import SmtpAccount
from models.verdict import Outcome
from tests import factories
from tests.jobs.smtp_server import HANG, RESET, SmtpServer

CONNECTIONS = 4

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = factories.NOW

    def __call__(self) -> datetime:
        return self.now


def _mailing(server: SmtpServer, people: int, **values) -> int:
    """A mass email In Process with so many people waiting, through an account at the server; its id."""
    with db.unit_of_work() as session:
        account = factories.smtp_account(session, port=server.port, connections=CONNECTIONS)
        members = [factories.recipient(session, f"person{n}@example.org", first_name=f"Ada{n}") for n in range(people)]
        in_process = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": factories.NOW, **values}
        lists = factories.target_list(session, members=members)
        mail = factories.mass_email(session, lists, smtp_account_id=account.id, **in_process)
        for member in members:
            factories.queue_item(session, mail, member, list_id=lists.id)
        return mail.id


async def _send(mail: int, clock=None, stop: asyncio.Event | None = None) -> Portion:
    return await send_portion(mail, "worker-1", clock=clock or Clock(), stop=stop)


def _states(mail: int) -> dict[str, int]:
    with db.reading() as session:
        counts = queue_counts(session, mail)
    return {name: n for name in ItemState if (n := getattr(counts, name.value))}


def _account() -> SmtpAccount:
    with db.reading() as session:
        return session.exec(select(SmtpAccount)).one()


def _mail(mail: int) -> MassEmail:
    with db.reading() as session:
        return session.get_one(MassEmail, mail)


def _actions(mail: int) -> list[Action]:
    with db.reading() as session:
        return sorted(session.exec(select(LogRecord.action).where(LogRecord.mass_email_id == mail)))


async def test_everybody_gets_exactly_one_message_of_their_own() -> None:
    async with SmtpServer() as server:
        mail = _mailing(server, 50)
        portion = await _send(mail)
        assert (portion.handled, portion.counts, portion.error) == (50, {Outcome.SENT: 50}, "")
        assert sorted(m.recipient for m in server.messages) == sorted(f"person{n}@example.org" for n in range(50))
        for received in server.messages:
            message = message_from_bytes(received.content, policy=policy.default)
            number = received.recipient.removeprefix("person").partition("@")[0]
            assert f"Hello Ada{number}" in message.get_body(("html",)).get_content()
            assert received.recipient in message["To"]
        assert server.connections <= CONNECTIONS
    assert _states(mail) == {ItemState.SENT: 50}
    assert _actions(mail) == [Action.SENT] * 50
    assert (_mail(mail).status, _mail(mail).portions_done) == (MassEmailStatus.COMPLETE, 1)
    with db.reading() as session:
        assert set(session.exec(select(Claim.state))) == {ClaimState.SETTLED}
        assert pacing.used(pacing.usage(session, _account().id, factories.NOW), factories.NOW) == 50


async def test_the_frame_is_built_once_for_a_version_whoever_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    whole = frame.build_frame
    monkeypatch.setattr(frame, "build_frame", lambda *parts: built.append(parts[1]) or whole(*parts))
    async with SmtpServer() as server:
        mail = _mailing(server, 50)
        await _send(mail)
        assert (len(server.messages), len(built)) == (50, 1)


@pytest.mark.parametrize(
    ("setting", "value", "sent"), [("portion_size", 7, [7, 7, 6]), ("max_per_hour", 12, [12, 0, 0])]
)
async def test_a_portion_keeps_to_size_and_hourly_limit(setting: str, value: int, sent: list[int]) -> None:
    with db.unit_of_work() as session:
        outbound_emails.change(session, {setting: value}, factories.NOW, "admin@example.com")
    async with SmtpServer() as server:
        mail = _mailing(server, 20)
        assert [(await _send(mail)).handled for _ in sent] == sent
        assert len(server.messages) == sum(sent)


async def test_a_limit_per_minute_is_waited_out_within_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "TICK_SECONDS", 0.01)
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"max_per_minute": 8}, factories.NOW, "admin@example.com")
    clock = Clock()

    async def move_on() -> None:
        while True:
            await asyncio.sleep(0.05)
            clock.now += timedelta(seconds=10)

    async with SmtpServer() as server:
        mail = _mailing(server, 20)
        moving = asyncio.create_task(move_on())
        assert (await _send(mail, clock)).handled == 20
        moving.cancel()
        assert len(server.messages) == 20
    assert clock.now >= factories.NOW + timedelta(seconds=120)


async def test_a_refused_recipient_has_bounced_and_is_suppressed_the_others_go_on() -> None:
    def refuse(argument: str, _: int) -> str | None:
        return "550 5.1.1 no such user" if "person3@" in argument else None

    async with SmtpServer(on={"RCPT": refuse}) as server:
        mail = _mailing(server, 10)
        assert (await _send(mail)).counts == {Outcome.SENT: 9, Outcome.PERMANENT: 1}
    assert _states(mail) == {ItemState.SENT: 9, ItemState.FAILED: 1}
    assert _actions(mail).count(Action.BOUNCED) == 1
    with db.reading() as session:
        failed = session.exec(select(QueueItem).where(QueueItem.state == ItemState.FAILED)).one()
        assert (failed.code, failed.enhanced_status, failed.reply) == (550, "5.1.1", "550 5.1.1 no such user")
        assert session.exec(select(Suppression.address_id)).one() == failed.address_id
        assert session.exec(select(LogRecord.bounce_kind).where(LogRecord.action == Action.BOUNCED)).one() is (
            BounceKind.HARD
        )


async def test_a_temporary_refusal_is_tried_again_later_and_then_sent() -> None:
    clock = Clock()
    async with SmtpServer(on={"RCPT": lambda _, n: "451 4.7.1 greylisted" if n <= 3 else None}) as server:
        mail = _mailing(server, 3)
        assert (await _send(mail, clock)).counts == {Outcome.TEMPORARY: 3}
        assert _states(mail) == {ItemState.WAITING: 3}
        assert (await _send(mail, clock)).handled == 0
        clock.now += timedelta(minutes=10)
        assert (await _send(mail, clock)).counts == {Outcome.SENT: 3}
    assert _states(mail) == {ItemState.SENT: 3}


@pytest.mark.parametrize(
    ("on", "features", "words"),
    [
        ({"AUTH": "535 5.7.8 wrong password"}, ("AUTH PLAIN",), "535 5.7.8 wrong password"),
        ({"CONNECT": "421 4.7.0 too many connections"}, (), "421 4.7.0 too many connections"),
        ({"MAIL": "550 5.7.1 you may not send"}, (), "550 5.7.1 you may not send"),
        ({"RCPT": "554 5.7.1 relay access denied"}, ("PIPELINING",), "554 5.7.1 relay access denied"),
        ({"DATA": RESET}, (), None),
        ({"CONNECT": b"HTTP/1.1 400 Bad Request\r\n"}, (), "The answer is not SMTP: HTTP/1.1 400 Bad Request"),
    ],
)
async def test_trouble_of_the_account_is_nobodys_attempt_and_opens_the_breaker(on, features, words) -> None:
    clock = Clock()
    async with SmtpServer(on=on, features=features) as server:
        mail = _mailing(server, 30)
        if "AUTH" in on:
            with db.unit_of_work() as session:
                account = session.exec(select(SmtpAccount)).one()
                account.username, account.secret = "envoi", smtp_account.encrypt("wrong")
        portion = await _send(mail, clock)
        assert (portion.handled, server.messages) == (0, [])
        assert words is None or portion.error.endswith(words)
        asked = server.connections
        assert (await _send(mail, clock)).handled == 0
        assert server.connections == asked  # the breaker is open
        account = _account()
        assert (account.trouble_count, account.last_reply) == (1, words or account.last_reply)
        assert timedelta(seconds=24) <= account.retry_at - clock.now <= timedelta(seconds=36)
        with db.reading() as session:
            assert pacing.used(pacing.usage(session, account.id, clock.now), clock.now) == 0
            assert {item.attempts for item in session.exec(select(QueueItem))} == {0}
        # half open: one message tries; the trouble is over, the rest follows
        server.on.clear()
        clock.now += timedelta(minutes=1)
        assert (await _send(mail, clock)).handled == 30
    account = _account()
    assert (account.trouble, account.trouble_count, account.retry_at) == ("", 0, None)
    assert _states(mail) == {ItemState.SENT: 30}


async def test_half_open_one_message_at_a_time_and_the_wait_grows() -> None:
    clock = Clock()
    async with SmtpServer(on={"MAIL": "451 4.3.0 sick"}) as server:
        mail = _mailing(server, 10)
        await _send(mail, clock)
        asked = server.counts["MAIL"]
        clock.now += timedelta(minutes=1)
        await _send(mail, clock)
        assert server.counts["MAIL"] == asked + 1
    assert _account().trouble_count == 2
    assert _account().retry_at - clock.now >= timedelta(seconds=48)


async def test_an_answer_that_never_comes_is_uncertain_and_never_sent_again() -> None:
    async with SmtpServer(on={".": lambda to, _: RESET if to.startswith("person2@") else None}) as server:
        mail = _mailing(server, 8)
        counts = (await _send(mail)).counts
        assert counts == {Outcome.SENT: 7, Outcome.UNCERTAIN: 1}
        assert (await _send(mail)).handled == 0
        assert sorted(m.recipient for m in server.messages) == sorted(f"person{n}@example.org" for n in range(8))
    assert _states(mail) == {ItemState.SENT: 7, ItemState.UNCERTAIN: 1}
    assert _mail(mail).status is MassEmailStatus.COMPLETE


async def test_a_server_that_never_answers_makes_few_uncertain_before_the_account_waits() -> None:
    async with SmtpServer(on={".": RESET}) as server:
        mail = _mailing(server, 40)
        counts = (await _send(mail)).counts
        assert lane.SILENCES <= counts[Outcome.UNCERTAIN] <= CONNECTIONS + 1
        assert len(server.messages) == counts[Outcome.UNCERTAIN]
    assert _account().trouble == "closing"
    assert _mail(mail).status is MassEmailStatus.IN_PROCESS


async def test_silences_with_answers_between_them_are_no_trouble_of_the_account() -> None:
    silent = {"person2@example.org", "person20@example.org", "person38@example.org"}
    async with SmtpServer(on={".": lambda to, _: RESET if to in silent else None}) as server:
        mail = _mailing(server, 40)
        assert (await _send(mail)).counts == {Outcome.SENT: 37, Outcome.UNCERTAIN: 3}
        assert len(server.messages) == 40
    assert _account().trouble == ""


async def test_the_message_refused_for_several_people_in_a_row_pauses_the_mass_email() -> None:
    async with SmtpServer(on={".": "554 5.7.1 looks like spam"}) as server:
        mail = _mailing(server, 40)
        portion = await _send(mail)
        assert portion.error == "554 5.7.1 looks like spam"
        assert portion.counts[Outcome.PERMANENT] <= REFUSALS + CONNECTIONS
    row = _mail(mail)
    assert (row.status, row.trouble) == (MassEmailStatus.PAUSED, "554 5.7.1 looks like spam")
    assert _account().trouble == ""


async def test_refusals_with_others_taken_between_them_do_not_pause_the_mass_email() -> None:
    spam = {f"person{n}@example.org" for n in range(0, 40, 4)}
    async with SmtpServer(on={".": lambda to, _: "554 5.7.1 looks like spam" if to in spam else None}) as server:
        mail = _mailing(server, 40)
        assert (await _send(mail)).counts == {Outcome.SENT: 30, Outcome.PERMANENT: len(spam)}
    assert (_mail(mail).status, _mail(mail).trouble) == (MassEmailStatus.COMPLETE, "")


async def test_a_sender_that_is_refused_burns_nobody_and_pauses() -> None:
    async with SmtpServer(on={"MAIL": "553 5.1.8 sender address rejected"}) as server:
        mail = _mailing(server, 3)
        assert (await _send(mail)).handled == 0
    assert _states(mail) == {ItemState.WAITING: 3}
    assert _mail(mail).trouble == "553 5.1.8 sender address rejected"


async def test_a_421_between_messages_takes_another_connection_and_charges_nobody() -> None:
    async with SmtpServer(on={"MAIL": lambda _, n: "421 4.7.0 enough for now" if n % 5 == 0 else None}) as server:
        mail = _mailing(server, 20)
        sent = (await _send(mail)).counts[Outcome.SENT]
        assert len({m.recipient for m in server.messages}) == len(server.messages) == sent
    states = _states(mail)
    assert (states.get(ItemState.SENT, 0), states.get(ItemState.WAITING, 0)) == (sent, 20 - sent)


async def test_a_server_that_bears_fewer_connections_gets_fewer_and_everybody_is_sent_to() -> None:
    def bears_two(_argument: str, _count: int) -> str | None:
        return "421 4.7.0 too many connections from you" if len(server._writers) > 2 else None

    async with SmtpServer(on={"CONNECT": bears_two}, delay=0.01) as server:
        mail = _mailing(server, 40)
        assert (await _send(mail)).counts == {Outcome.SENT: 40}
        assert len({m.recipient for m in server.messages}) == len(server.messages) == 40
        assert server.connections == CONNECTIONS
    assert (_account().trouble, _states(mail)) == ("", {ItemState.SENT: 40})


@pytest.mark.parametrize("how", ["paused", "campaign inactive", "stop"])
async def test_no_new_message_begins_soon_after_the_word(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setattr(delivery, "WATCH_SECONDS", 0.05)
    stop = asyncio.Event()
    async with SmtpServer(delay=0.05) as server:
        mail = _mailing(server, 200)
        running = asyncio.create_task(_send(mail, stop=stop))
        await server.until(messages=10)
        await _say(how, mail, stop)
        portion = await asyncio.wait_for(running, 5)
        assert portion.handled == len(server.messages) < 100
    states = _states(mail)
    assert states == {ItemState.SENT: portion.handled, ItemState.WAITING: 200 - portion.handled}


async def _say(how: str, mail: int, stop: asyncio.Event) -> None:
    if how == "stop":
        stop.set()
        return
    with db.unit_of_work() as session:
        if how == "paused":
            move(session, mail, MassEmailStatus.PAUSED, factories.NOW, "editor@example.com")
        else:
            session.exec(select(Campaign)).one().status = CampaignStatus.INACTIVE


async def test_when_nobody_can_look_whether_it_may_go_on_nothing_new_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr(delivery, "WATCH_SECONDS", 0.05)
    async with SmtpServer(delay=0.05) as server:
        mail = _mailing(server, 200)
        running = asyncio.create_task(_send(mail))
        await server.until(messages=10)
        monkeypatch.setattr(delivery, "get_mailing", away)
        sent = (await asyncio.wait_for(running, 5)).counts[Outcome.SENT]
        assert len(server.messages) == sent < 100
    assert _states(mail) == {ItemState.SENT: sent, ItemState.WAITING: 200 - sent}


async def test_a_portion_that_takes_long_keeps_its_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds, renewed = itertools.count(database.passed(), 30), []
    monkeypatch.setattr(delivery, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(delivery, "passed", lambda: next(seconds))

    def renew(session, worker, lease, now):
        renewed.append(renew_claims(session, worker, lease, now))
        return renewed[-1]

    monkeypatch.setattr(delivery, "renew_claims", renew)
    async with SmtpServer(delay=0.05) as server:
        assert (await _send(_mailing(server, 40))).counts == {Outcome.SENT: 40}
    assert max(renewed) > 0


async def test_a_portion_cut_short_records_who_waits_for_an_answer_as_uncertain() -> None:
    async with SmtpServer(on={".": HANG}) as server:
        mail = _mailing(server, 30)
        running = asyncio.create_task(_send(mail))
        await server.until(messages=CONNECTIONS)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert _states(mail) == {ItemState.UNCERTAIN: CONNECTIONS, ItemState.WAITING: 30 - CONNECTIONS}


async def test_who_opted_out_or_was_suppressed_meanwhile_is_skipped() -> None:
    async with SmtpServer() as server:
        mail = _mailing(server, 5)
        with db.unit_of_work() as session:
            item = session.exec(select(QueueItem)).first()
            session.add(Suppression(address_id=item.address_id, reason="manual", since=factories.NOW))
        portion = await _send(mail)
        assert (portion.handled, portion.skipped, len(server.messages)) == (4, 1, 4)
    assert _states(mail) == {ItemState.SENT: 4, ItemState.SKIPPED: 1}


async def test_values_are_stored_with_the_item_when_the_mass_email_says_so() -> None:
    async with SmtpServer() as server:
        keeping, forgetting = _mailing(server, 1, store_sent_emails=True), _mailing(server, 1)
        await _send(keeping)
        await _send(forgetting)
        sent = server.messages[0].content
    with db.reading() as session:
        kept = session.exec(select(QueueItem).where(QueueItem.mass_email_id == keeping)).one().personal
        assert session.exec(select(QueueItem).where(QueueItem.mass_email_id == forgetting)).one().personal is None
    plan = await database.write(load_plan, keeping, _mail(keeping).version_id)
    assert plan.join(kept) == sent


async def test_an_error_in_one_mass_email_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async with SmtpServer() as server:
        broken = _mailing(server, 2)
        with db.unit_of_work() as session:
            session.get_one(MassEmail, broken).from_address = "no address"
            session.exec(select(SmtpAccount)).one().is_default = False
        good = _mailing(server, 2)
        ran = await run_send_mass_emails("worker-1", clock=Clock())
        assert (ran.counts["sent"], len(ran.errors)) == (2, 1)
        assert len(server.messages) == 2
    assert _states(good) == {ItemState.SENT: 2}
    assert _states(broken) == {ItemState.WAITING: 2}


async def test_mass_emails_take_turns_within_the_limit_of_their_account() -> None:
    with db.unit_of_work() as session:
        outbound_emails.change(session, {"max_per_hour": 60}, factories.NOW, "admin@example.com")
    async with SmtpServer() as server:
        first, second = _mailing(server, 100), _mailing(server, 100)
        with db.unit_of_work() as session:
            session.get_one(MassEmail, second).smtp_account_id = session.get_one(MassEmail, first).smtp_account_id
        await run_send_mass_emails("worker-1", clock=Clock())
        assert len(server.messages) == 60
    assert min(_states(first)[ItemState.SENT], _states(second)[ItemState.SENT]) >= 20


async def test_of_a_group_whose_lease_is_lost_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    moments = iter([factories.NOW] * 4)

    def jumping() -> datetime:
        return next(moments, factories.NOW + timedelta(minutes=5))

    async with SmtpServer() as server:
        mail = _mailing(server, 2)
        ran = await run_send_mass_emails("worker-1", clock=jumping)
        assert server.messages == []
        assert len(ran.errors) == 1
        clock.now = datetime(2026, 9, 8, 13, tzinfo=UTC)
        assert (await run_send_mass_emails("worker-2", clock=clock)).counts["sent"] == 2
    assert _states(mail) == {ItemState.SENT: 2}


async def test_a_portion_cut_short_gives_back_what_waits_on_the_wire_for_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lane.Lane, "_bound", property(lambda _: 20))
    async with SmtpServer(on={".": HANG}) as server:
        mail = _mailing(server, 30)
        running = asyncio.create_task(_send(mail))
        await server.until(messages=CONNECTIONS)
        await asyncio.sleep(0.2)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(running, 20)
    assert _states(mail) == {ItemState.UNCERTAIN: CONNECTIONS, ItemState.WAITING: 30 - CONNECTIONS}


async def test_while_the_database_takes_nothing_answers_are_kept_and_nothing_is_uncertain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, refusals = lane.take_turn, iter(range(3))

    def refused_at_first(session, turn):
        if turn.known and next(refusals, None) is not None:
            raise OperationalError("UPDATE", {}, Exception("disk I/O error"))
        return whole(session, turn)

    monkeypatch.setattr(lane, "take_turn", refused_at_first)
    monkeypatch.setattr(lane, "TICK_SECONDS", 0.05)
    async with SmtpServer(delay=0.02) as server:
        mail = _mailing(server, 12)
        with pytest.raises(OperationalError):
            await _send(mail)
        assert _states(mail)[ItemState.SENT] == len(server.messages) > 0
        await _send(mail)
    assert _states(mail) == {ItemState.SENT: 12}
    assert len({m.recipient for m in server.messages}) == len(server.messages) == 12


@pytest.mark.parametrize(
    ("answer", "survives"), [("550 5.1.1 no such user", True), ("452 4.2.2 mailbox full", True), (None, False)]
)
async def test_a_turn_that_may_suppress_an_address_survives_a_power_cut(
    monkeypatch: pytest.MonkeyPatch, answer: str | None, survives: bool
) -> None:
    doors: list[tuple[bool, bool]] = []
    for name, durable in (("write", False), ("write_durably", True)):
        door = getattr(database, name)

        async def seen(act, *args, door=door, durable=durable, **named):
            if act is lane.take_turn and args[0].known:
                doors.append((durable, args[0].put is not None))
            return await door(act, *args, **named)

        monkeypatch.setattr(lane.database, name, seen)
    async with SmtpServer(on={"RCPT": answer} if answer else {}) as server:
        await _send(_mailing(server, 1))
    assert doors == [(survives, False)]
