"""Several SMTP accounts in one portion: by weight, and when one is in trouble the others go on."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from jobs import lane
from jobs.account import Account
from jobs.delivery import send_portion
from jobs.lane import Lane
from jobs.made import Made
from jobs.portion import UnderWay
from jobs.replies import Reply, Step
from jobs.smtp import Answer, Server
from jobs.turn import Stock
from models import db, domain_pause, outbound_emails
from models.address import Address
from models.claim import HeldItem
from models.mass_email import MassEmail, MassEmailStatus
from models.smtp_account import SmtpAccount
from models.verdict import Outcome
from tests import factories
from tests.jobs.smtp_server import SmtpServer

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


def _now() -> datetime:
    return factories.NOW


def _mailing(*accounts: dict[str, object], people: int) -> int:
    """A mass email by the default route, which these accounts make: the first is the default one."""
    with db.unit_of_work() as session:
        for place, values in enumerate(accounts):
            factories.smtp_account(session, **{"is_default": place == 0, "connections": 2, **values})
        members = [factories.recipient(session, f"person{n}@example.org") for n in range(people)]
        lists = factories.target_list(session, members=members)
        in_process = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": factories.NOW}
        mail = factories.mass_email(session, lists, **in_process)
        for member in members:
            factories.queue_item(session, mail, member, list_id=lists.id)
        return mail.id


async def test_accounts_take_part_by_their_weights_and_everybody_gets_it_once() -> None:
    async with SmtpServer(delay=0.01) as heavy, SmtpServer() as light:  # the light one could take most
        mail = _mailing({"port": heavy.port, "weight": 3}, {"port": light.port, "weight": 1}, people=160)
        with db.unit_of_work() as session:
            outbound_emails.change(session, {"portion_size": 160}, factories.NOW, "admin@example.com")
        portion = await send_portion(mail, "w", clock=_now)
        assert portion.counts == {Outcome.SENT: 160}
        everybody = [message.recipient for server in (heavy, light) for message in server.messages]
        assert len(set(everybody)) == len(everybody) == 160
        assert 20 <= len(light.messages) <= 65  # a quarter, give or take what a lane may be ahead


async def test_nobody_waits_for_an_account_that_waits_for_its_minute() -> None:
    """The limit is each account's own: together they send twice as much, as the forecast says."""
    async with SmtpServer() as heavy, SmtpServer() as light:
        mail = _mailing({"port": heavy.port, "weight": 10}, {"port": light.port, "weight": 1}, people=150)
        with db.unit_of_work() as session:
            outbound_emails.change(session, {"max_per_minute": 60}, factories.NOW, "admin@example.com")
        stop = asyncio.Event()
        running = asyncio.create_task(send_portion(mail, "w", clock=_now, stop=stop))
        for server in (heavy, light):
            await server.until(messages=60)
        stop.set()
        assert (await running).counts[Outcome.SENT] == len(heavy.messages) + len(light.messages) == 120


async def test_the_portion_size_holds_for_all_accounts_together() -> None:
    async with SmtpServer() as one, SmtpServer() as other:
        mail = _mailing({"port": one.port}, {"port": other.port, "weight": 1}, people=60)
        with db.unit_of_work() as session:
            outbound_emails.change(session, {"portion_size": 25}, factories.NOW, "admin@example.com")
        assert (await send_portion(mail, "w", clock=_now)).handled == 25
        assert len(one.messages) + len(other.messages) == 25


async def test_when_an_account_is_in_trouble_the_other_takes_its_part() -> None:
    async with SmtpServer(on={"MAIL": "451 4.3.0 disk full"}) as ill, SmtpServer() as well:
        mail = _mailing({"port": ill.port, "weight": 1}, {"port": well.port, "weight": 1}, people=50)
        portion = await send_portion(mail, "w", clock=_now)
        assert portion.counts[Outcome.SENT] == len(well.messages) == 50
        assert len({message.recipient for message in well.messages}) == 50
        assert "disk full" in portion.error
    with db.reading() as session:
        accounts = session.exec(select(SmtpAccount).order_by(SmtpAccount.id)).all()
        assert [bool(account.trouble) for account in accounts] == [True, False]
        assert session.get_one(MassEmail, mail).status is MassEmailStatus.COMPLETE


async def test_the_lanes_of_a_process_share_what_may_be_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many mass emails and accounts: at most 200 messages, and each lane has some of them."""
    account = Account(1, "smtp", Server("127.0.0.1", 25), 10, 100, 1, 0, None)
    lanes = [Lane(UnderWay(n, "w", _now, asyncio.Event(), keeps_values=False), account) for n in range(30)]
    for one in lanes:
        one._pace.per_second = 5000.0
    bounds = {}
    for n in (1, 2, 7, 30):
        monkeypatch.setattr(lane, "_AT_WORK", set(lanes[:n]))
        bounds[n] = [one._bound for one in lanes[:n]]
    assert bounds[1] == [lane.IN_DOUBT_MOST]
    assert all(min(those) > 0 and sum(those) <= lane.IN_DOUBT_MOST for those in bounds.values())


@pytest.mark.parametrize(("a_second", "bound"), [(0, 10), (90, 10), (400, 40), (5000, 200)])
async def test_what_may_be_in_doubt_is_a_tenth_of_a_second_of_sending(a_second: int, bound: int) -> None:
    account = Account(1, "smtp", Server("127.0.0.1", 25), 10, 100, 1, 0, None)
    one = Lane(UnderWay(1, "w", _now, asyncio.Event(), keeps_values=False), account)
    one._pace.per_second = float(a_second)
    assert one._bound == bound


async def test_who_has_ended_takes_no_part_of_what_may_be_in_doubt() -> None:
    async with SmtpServer() as server:
        await send_portion(_mailing({"port": server.port}, people=3), "w", clock=_now)
    assert not lane._AT_WORK


async def test_who_is_on_stand_by_goes_on_within_the_portion() -> None:
    async with SmtpServer(on={"MAIL": "451 4.3.0 disk full"}) as ill, SmtpServer() as reserve:
        mail = _mailing({"port": ill.port}, {"port": reserve.port, "stand_by": True, "weight": 0}, people=30)
        with db.unit_of_work() as session:
            outbound_emails.change(session, {"portion_size": 25}, factories.NOW, "admin@example.com")
        portion = await send_portion(mail, "w", clock=_now)
        assert (portion.counts[Outcome.SENT], len(reserve.messages), ill.messages) == (25, 25, [])
        assert "disk full" in portion.error


async def test_a_domain_that_answers_later_rests_and_the_others_go_on() -> None:
    def slow(argument: str, _: int) -> str | None:
        return "421 4.7.28 Too many messages for this domain" if "@slow.example" in argument else None

    async with SmtpServer(on={"RCPT": slow}) as server:
        mail = _mailing({"port": server.port}, people=20)
        with db.unit_of_work() as session:
            row, person = session.get_one(MassEmail, mail), factories.recipient(session, "ada@slow.example")
            factories.queue_item(session, row, person, next_try_at=factories.NOW.replace(hour=0))
        portion = await send_portion(mail, "w", clock=_now)
        assert portion.counts[Outcome.SENT] == 20
        assert portion.counts[Outcome.NOT_TRIED] >= 1
        offered = len(server.messages)
        assert (await send_portion(mail, "w", clock=_now)).counts == {}
        assert len(server.messages) == offered
        server.on.clear()
        later = _now() + timedelta(hours=1)
        assert (await send_portion(mail, "w", clock=lambda: later)).counts == {Outcome.SENT: 1}
    with db.reading() as session:
        assert domain_pause.pauses(session, session.exec(select(SmtpAccount.id)).one()) == {}


async def test_a_domain_that_rests_is_minded_by_the_next_claim_whatever_is_in_stock() -> None:
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, factories.target_list(session))
        item = factories.queue_item(session, mail, factories.recipient(session, "ada@slow.example"))
        domain_id = session.get_one(Address, item.address_id).domain_id
        under_way = UnderWay(mail.id, "w", _now, asyncio.Event(), keeps_values=False)
    held = HeldItem(item.id, item.recipient_id, item.address_id, domain_id, 1, 0, None)
    one = Lane(under_way, Account(1, "smtp", Server("127.0.0.1", 25), 2, 100, 1, 0, None))
    one._stock = Stock(50, _now(), domains=False)
    later = Answer(Step.RCPT, Reply(451, ("4.7.28 too much mail for this domain",)))
    one.answered(Made(held, 1, "news@sender.example", "ada@slow.example", b"", None), later)
    turn = one._asked([], [], 5)
    assert (turn.stock, dict(turn.domains_paused)) == (Stock(50, _now(), domains=True), {domain_id: later.reply.text})
