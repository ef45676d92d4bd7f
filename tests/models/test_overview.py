"""The overview: people of the last 30 days, what asks for a person, the first steps."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from models import db
from models.campaign import CampaignType
from models.health import Verdict, checks, worst
from models.log_filter import LogFilter
from models.log_record import BounceKind, record_clicked, record_complained, record_opened, record_opted_out
from models.log_table import Action
from models.log_view import people_count
from models.mass_email import MassEmailStatus
from models.overview import DAYS, FirstStep, ToDecide, read_overview
from models.queue_item import Outcome, claim_items, settle
from models.queue_item import Verdict as Settled
from models.recipient import Kind
from models.reputation import alarms_of
from models.statistics import Figures
from models.tracking_url import ensure_links
from tests import factories
from tests.factories import NOW

DAY = timedelta(days=1)


def send(session, people, at, outcomes=None, **values):
    """A mass email sent to these people at a moment; gives it and the items."""
    target = factories.target_list(session, "Customers", people)
    mail = factories.mass_email(session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=at, **values)
    ensure_links(session, mail.id, ["https://example.com/a"])
    items = [factories.queue_item(session, mail, one, list_id=target.id, next_try_at=at).id for one in people]
    held = claim_items(session, mail.id, 1, 99, "w", timedelta(hours=1), at)
    how = dict(zip(items, outcomes or [], strict=False))
    settle(session, held.claim_id, [how.get(i.id) or Settled(i.id, Outcome.SENT) for i in held.items], at)
    return mail.id, items


def test_the_month_counts_people_once_per_mass_email_on_the_days_of_the_zone(database: Engine) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(3)]
        late = NOW.replace(hour=22, minute=30)  # half past midnight in Paris
        _, items = send(session, people, late - DAY)
        record_opened(session, items[0], NOW)
        record_opened(session, items[0], NOW + timedelta(minutes=5))
        record_clicked(session, items[1], 1, NOW)
        record_opted_out(session, items[2], NOW)
        send(session, people[:2], NOW - 40 * DAY)
    with db.reading() as session:
        month = read_overview(session, "Europe/Paris", NOW).month
        in_utc = read_overview(session, "UTC", NOW).month
    assert (month.sent, month.mass_emails, month.tracked) == (3, 1, 3)
    assert (month.opened, month.clicked, month.opted_out, month.bounced) == (2, 1, 1, 0)
    assert len(month.days) == DAYS
    assert [day for day in month.days if day[1]] == [(date(2026, 9, 8), 3)]
    assert [day for day in in_utc.days if day[1]] == [(date(2026, 9, 7), 3)]


def test_what_an_informational_email_sends_is_not_tracked(database: Engine) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(2)]
        campaign = factories.campaign(session, type=CampaignType.INFORMATIONAL)
        send(session, people, NOW, in_campaign=campaign)
    with db.reading() as session:
        month = read_overview(session, "UTC", NOW).month
    assert (month.sent, month.tracked) == (2, 0)


def test_a_refused_address_asks_for_nobody_but_the_uncertain_and_the_given_up_do(database: Engine) -> None:
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(4)]
        target = factories.target_list(session, "Customers", people)
        mail = factories.mass_email(
            session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW, name="Rentrée 2026"
        )
        items = [factories.queue_item(session, mail, one, list_id=target.id, next_try_at=NOW).id for one in people]
        held = claim_items(session, mail.id, 1, 99, "w", timedelta(hours=1), NOW)
        settle(
            session,
            held.claim_id,
            [
                Settled(items[0], Outcome.SENT),
                Settled(items[1], Outcome.PERMANENT, 550, "5.1.1", "550 no", "user_unknown", BounceKind.HARD),
                Settled(items[2], Outcome.UNCERTAIN),
                Settled(items[3], Outcome.RENDER_FAILED, reason="render"),
            ],
            NOW,
        )
        mail_id = mail.id
    with db.reading() as session:
        found = read_overview(session, "UTC", NOW)
    assert found.to_decide == (ToDecide(mail_id, "Rentrée 2026", uncertain=1, failed=1),)


@pytest.mark.parametrize(
    ("made", "done"),
    [
        ((), set()),
        (("lead",), {FirstStep.PEOPLE}),
        (("lead", "campaign"), {FirstStep.PEOPLE, FirstStep.CAMPAIGN}),
        (("template",), {FirstStep.TEMPLATE}),
    ],
)
def test_the_first_steps_are_ticked_off(database: Engine, made, done) -> None:
    makers = {
        "lead": lambda session: factories.recipient(session, kind=Kind.LEAD),
        "campaign": factories.campaign,
        "template": factories.template,
    }
    with db.unit_of_work() as session:
        factories.recipient(session, kind=Kind.USER)
        for what in made:
            makers[what](session)
    with db.reading() as session:
        found = read_overview(session, "UTC", NOW)
    assert found.done == done
    assert found.empty is not bool(done & {FirstStep.PEOPLE, FirstStep.CAMPAIGN})


def test_an_installation_whose_worker_never_ran_is_in_trouble(database: Engine) -> None:
    with db.reading() as session:
        found = checks(session, NOW)
        overview = read_overview(session, "UTC", NOW)
    by_name = {check.name: check.verdict for check in found}
    assert worst(found) is Verdict.BAD
    assert by_name["scheduler"] is Verdict.BAD
    assert by_name["site url"] is Verdict.WARNING
    assert by_name["database"] is by_name["queue"] is Verdict.GOOD
    assert {check.name for check in overview.troubles} >= {"scheduler", "site url"}


def figures(**numbers: int) -> dict[int, Figures]:
    return {7: Figures(**{"sent": 1000, **numbers})}


@pytest.mark.parametrize(
    ("numbers", "alarm"),
    [
        ({"complained": 1}, None),
        ({"complained": 1, "sent": 900}, None),  # one complaint alone is no rate
        ({"complained": 2}, (Action.COMPLAINED, 0.002, False)),
        ({"complained": 3}, (Action.COMPLAINED, 0.003, True)),
        ({"bounced": 50}, None),
        ({"bounced": 60, "rejected": 60}, (Action.BOUNCED, 60 / 1060, False)),
        ({"bounced": 40, "sent": 40}, None),
        ({"bounced": 40, "sent": 50}, (Action.BOUNCED, 0.8, False)),
    ],
)
def test_a_mass_email_warns_above_what_gmail_and_yahoo_bear(numbers: dict[str, int], alarm: tuple | None) -> None:
    found = [(one.action, one.rate, one.bad) for one in alarms_of(figures(**numbers))]
    assert found == ([alarm] if alarm else [])


def test_the_worst_alarm_comes_first() -> None:
    many = {1: Figures(sent=100, bounced=30), 2: Figures(sent=1000, complained=2), 3: Figures(sent=1000, complained=5)}
    assert [alarm.mass_email_id for alarm in alarms_of(many)] == [3, 1, 2]


def test_the_overview_names_the_mass_email_that_people_complain_about(database: Engine) -> None:
    with db.unit_of_work(durable=True) as session:
        people = [factories.recipient(session) for _ in range(4)]
        mail, items = send(session, people, NOW, name="Rentrée 2026")
        for item in items[:2]:
            record_complained(session, item, NOW)
    with db.reading() as session:
        found = read_overview(session, "UTC", NOW)
        assert [(one.name, one.alarm.people, one.alarm.bad) for one in found.warned] == [("Rentrée 2026", 2, True)]
        assert found.month.complained == 2
        chosen = LogFilter(mass_email_id=mail, included=(Action.COMPLAINED,))
        assert people_count(session, chosen) == found.warned[0].alarm.people
        assert read_overview(session, "UTC", NOW + 40 * DAY).warned == ()
