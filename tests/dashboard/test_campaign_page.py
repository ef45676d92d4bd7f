"""The campaign's page: what it says of a campaign that is sent, of an empty one, of one that is not tracked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from dashboard import live, routes
from dashboard.campaigns import activity_chart, figures, log_panel, progress_panel, providers_panel
from dashboard.campaigns.detail_page import CampaignPage
from models import db
from models.answer import record_bounced, record_complained, record_reply
from models.audience import Audience
from models.campaign import CampaignStatus, CampaignType
from models.campaign_news import CampaignNews, campaign_news
from models.log_filter import LogFilter
from models.log_record import record_clicked, record_opened, record_opted_out
from models.log_table import Action, BounceKind, MachineReason
from models.log_view import event_page, people_count
from models.mass_email import MassEmailStatus
from models.pacing import charge
from models.queue_table import ItemState, QueueItem
from models.scheduled_job import SCHEDULER, acquire_lease, ensure_jobs
from models.statistics import Mark, bump
from models.tracking_url import ensure_links
from models.user import Viewer, viewer_of
from tests import factories
from tests.dashboard.tab import tab_of

NOW = factories.NOW
AUDIENCE = Audience(chosen=12, no_address=1, excluded=1, final=10).as_json()
SENT_AT = NOW - timedelta(hours=2)


def sending_campaign(of: MassEmailStatus = MassEmailStatus.IN_PROCESS, **campaign) -> tuple[int, int]:
    """(campaign, mass email): 10 people in the queue, 6 sent, 1 failed, 1 uncertain, 2 waiting; 3 opened, 1 clicked."""
    with db.unit_of_work() as session:
        ensure_jobs(session)
        acquire_lease(session, SCHEDULER, "worker", timedelta(minutes=5), NOW)
        account = factories.smtp_account(session)
        row = factories.campaign(session, **campaign)
        mail = factories.mass_email(
            session, in_campaign=row, status=of, audience=AUDIENCE, queue_done_at=SENT_AT, portions_done=1
        )
        states = [ItemState.SENT] * 6 + [ItemState.FAILED, ItemState.UNCERTAIN] + [ItemState.WAITING] * 2
        items = [factories.queue_item(session, mail, factories.recipient(session), state=state) for state in states]
        bump(session, [Mark(mail.id, Action.SENT, SENT_AT, "Gmail") for _ in range(6)])
        no = ensure_links(session, mail.id, ["https://sender.example/offer"])["https://sender.example/offer"]
        for item in items[:3]:
            record_opened(session, item.id, NOW - timedelta(hours=1))
        record_opened(session, items[4].id, NOW, machine=MachineReason.PREFETCH)
        record_clicked(session, items[0].id, no, NOW - timedelta(minutes=3))
        charge(session, account.id, 6, SENT_AT)
        return row.id, mail.id


def news_of(campaign_id: int, now: datetime = NOW) -> CampaignNews:
    with db.reading() as session:
        return campaign_news(session, campaign_id, now)


@pytest.fixture
def user(sqlite_database: Engine) -> Viewer:
    with db.unit_of_work() as session:
        return viewer_of(factories.user(session, time_zone="Europe/Paris"))


@pytest.fixture
def french(sqlite_database: Engine) -> Viewer:
    with db.unit_of_work() as session:
        return viewer_of(factories.user(session, language="fr", time_zone="Europe/Paris"))


def behind(address: str, count: Callable[..., int] = people_count) -> int:
    """How many people a door opens to."""
    chosen = LogFilter.from_query(dict(parse_qsl(urlsplit(address).query)))
    with db.reading() as session:
        return count(session, chosen)


# --- progress ---


def test_progress_says_how_far_it_is_and_what_comes(user: Viewer):
    campaign, _ = sending_campaign()
    (one,) = news_of(campaign).under_way
    said = progress_panel.running_of(one, user, NOW)
    assert said.done == "8 of 10 · 80.0%"
    assert (said.sent, said.failed, said.uncertain, said.left_out) == (60.0, 10.0, 10.0, 0.0)
    assert said.portion == "Portion 1 of 2 done"
    assert said.until == int(datetime(2026, 9, 8, 11, 50, tzinfo=UTC).timestamp() * 1000)
    assert (said.until_clock, said.because) == ("at 13:50", "")
    assert said.decide == "1 uncertain, decide"
    assert (said.waiting, behind(said.waiting_to)) == ("2 not yet sent", 2)


@pytest.mark.parametrize(
    ("status", "campaign", "because"),
    [
        (MassEmailStatus.PAUSED, {}, "Paused by hand."),
        (MassEmailStatus.IN_PROCESS, {"status": CampaignStatus.INACTIVE}, "The campaign is Inactive"),
    ],
)
def test_what_keeps_it_stands_there_and_nothing_is_foreseen(user: Viewer, status, campaign, because):
    campaign_id, _ = sending_campaign(status, **campaign)
    (one,) = news_of(campaign_id).under_way
    said = progress_panel.running_of(one, user, NOW)
    assert because in said.because
    assert (said.until, said.portion, said.finish) == (0, "", "")


def test_a_pending_one_counts_down_to_its_date_start_in_the_viewers_zone(user: Viewer):
    with db.unit_of_work() as session:
        mail = factories.mass_email(session, start_at=NOW + timedelta(hours=1))
    (one,) = news_of(mail.campaign_id).under_way
    said = progress_panel.running_of(one, user, NOW)
    assert said.to_start
    assert said.until == int((NOW + timedelta(hours=1)).timestamp() * 1000)
    assert "14:46 CEST" in said.because


# --- figures ---


def test_every_figure_opens_to_exactly_as_many_people(user: Viewer):
    campaign, _ = sending_campaign()
    cells = figures.cells_of(news_of(campaign), "en")
    assert [cells[name].value for name in figures.NAMES] == ["6", "3", "1", "0", "0", "1"]
    for name in ("opened", "clicked", "sent", "failed", "opted_out", "bounced"):
        assert behind(cells[name].href) == int(cells[name].value), name
    assert (cells["sent"].percent, cells["sent"].fact) == ("60.0%", "of 10")
    assert cells["opened"].fact == "+ 1 by machines"
    assert (cells["failed"].fact, cells["failed"].warn) == ("1 uncertain, decide", True)


def test_what_is_not_tracked_is_a_word_and_never_zero(french: Viewer):
    campaign, _ = sending_campaign(type=CampaignType.INFORMATIONAL)
    cells = figures.cells_of(news_of(campaign), "fr")
    for name in ("opened", "clicked", "opted_out"):
        assert (cells[name].value, cells[name].fact, cells[name].href) == ("–", "non suivi", "")
    assert cells["sent"].value == "6"


def test_the_log_count_is_that_of_the_log(user: Viewer):
    campaign, _ = sending_campaign()
    news = news_of(campaign)
    with db.reading() as session:
        _, total = event_page(session, LogFilter(campaign_id=campaign))
    # what a portion sent is in this campaign's counters only, not in its log
    assert news.event_count == int(total) + 6
    assert [line.action for line in log_panel.lines_of(news, user, NOW)] == ["clicked", "opened", "opened", "opened"]


def test_a_provider_above_the_limit_is_named_with_its_people(user: Viewer):
    campaign, mail = sending_campaign()
    with db.unit_of_work() as session:
        bump(session, [Mark(mail, Action.SENT, SENT_AT, "Outlook") for _ in range(100)])
        bump(session, [Mark(mail, Action.BOUNCED, SENT_AT, "Outlook") for _ in range(3)])
    news = news_of(campaign)
    assert [line.name for line in providers_panel.lines_of(news, "en")] == ["Outlook", "Gmail", "Others", "All"]
    warning = providers_panel.warning_of(news, "en")
    assert warning.title == "Outlook returns 3.0%, above the limit of 2%."
    assert "provider=Outlook" in warning.href


# --- activity ---


def test_activity_is_drawn_in_the_viewers_time_with_the_plan_at_its_right(user: Viewer):
    campaign, _ = sending_campaign()
    drawn = activity_chart.drawn_of(news_of(campaign), user, "", NOW)
    sent, planned = drawn.sent["data"]
    assert (drawn.time, sent["x"], sent["y"]) == ("today", ["2026-09-08 11:40:00"], [6])
    assert (planned["x"], planned["y"]) == (["2026-09-08 13:50:00"], [2])
    opened, clicked = drawn.people["data"]
    assert (sum(opened["y"]), sum(clicked["y"])) == (3, 1)
    assert drawn.planned == "1 planned, until 13:50"
    assert len(drawn.rows) == 3


def test_what_comes_back_after_the_sending_is_drawn_by_itself_and_opens_to_its_people(user: Viewer):
    """The next day nothing is sent, and four people answer: the plots keep their axis."""
    campaign, _ = sending_campaign(MassEmailStatus.COMPLETE)
    later = NOW + timedelta(days=1)
    with db.unit_of_work(durable=True) as session:
        first, second, third, fourth = session.exec(select(QueueItem.id).order_by(QueueItem.id).limit(4))
        record_reply(session, first, at=later, now=later)
        record_bounced(session, BounceKind.SOFT, item_id=second, reason="mailboxfull", at=later, now=later)
        record_opted_out(session, third, later)
        record_complained(session, item_id=fourth, at=later, now=later)
    drawn = activity_chart.drawn_of(news_of(campaign, later), user, "", later)
    assert (drawn.time, drawn.back) == ("today", True)
    assert drawn.sent["data"][0]["x"] == []
    assert {plot["layout"]["xaxis"]["type"] for plot in (drawn.sent, drawn.people, drawn.answers)} == {"date"}
    assert [sum(line["y"]) for line in drawn.answers["data"]] == [1, 1, 1, 1]
    assert drawn.answers_said.endswith("1 replied, 1 opted out, 1 bounced, 1 complained.")
    at = drawn.answers["data"][0]["x"][drawn.answers["data"][0]["y"].index(1)]
    for curve in range(len(activity_chart.ANSWERS)):
        leads = activity_chart.people_of(
            [{"x": at, "curveNumber": curve}], drawn, f"campaign_id={campaign}", "Europe/Paris", activity_chart.ANSWERS
        )
        assert behind(str(leads.args[0][1]).strip('"')) == 1


def test_yesterdays_work_is_shown_in_hours(user: Viewer):
    campaign, _ = sending_campaign(MassEmailStatus.COMPLETE)
    drawn = activity_chart.drawn_of(news_of(campaign), user, "", NOW + timedelta(days=3))
    assert drawn.time == "all"
    assert drawn.sent["data"][0]["x"] == ["2026-09-08 11:00:00"]
    assert len(drawn.people["data"][0]["x"]) == 7  # to the last event, not through three quiet days
    assert drawn.sent["layout"]["shapes"] == []
    assert not activity_chart.drawn_of(news_of(campaign), user, "today", NOW + timedelta(days=3)).any


def test_a_mark_opens_the_people_of_its_time(user: Viewer):
    campaign, _ = sending_campaign()
    drawn = activity_chart.Drawn("today", any=True)
    query = f"campaign_id={campaign}"
    names = (Action.OPENED, Action.CLICKED)
    at = "2026-09-08 12:45:00"
    leads = activity_chart.people_of([{"x": at, "curveNumber": 0}], drawn, query, "Europe/Paris", names)
    address = urlsplit(str(leads.args[0][1]).strip('"'))
    assert address.path == routes.LOG
    assert behind(address.geturl()) == 3


@pytest.mark.parametrize(
    "points", [None, [], ["x"], [{"x": "now", "curveNumber": 0}], [{"x": "2026-09-08", "curveNumber": 7}]]
)
def test_what_is_no_mark_opens_nothing(points):
    drawn = activity_chart.Drawn("today", any=True)
    assert activity_chart.people_of(points, drawn, "campaign_id=1", "UTC", (Action.SENT,)) is None


# --- the page ---


async def page_at(path: str, **query: str) -> CampaignPage:
    tab = tab_of()
    tab.go(path, **query)
    await tab.do(CampaignPage.load, CampaignPage)
    return await tab.state(CampaignPage)


@pytest.fixture
def following(monkeypatch: pytest.MonkeyPatch) -> live.Watcher:
    watcher = live.Watcher()
    monkeypatch.setattr(live, "watcher", watcher)
    return watcher


async def test_the_page_shows_the_campaign_and_follows_it(user: Viewer, following: live.Watcher):
    campaign, _ = sending_campaign()
    page = await page_at(f"/campaigns/{campaign}", tab="log")
    assert (page.ready, page.missing, page.tab) == (True, False, "log")
    assert (page.head.name, page.head.mails) == ("Rentrée 2026", "1 of 1 mass emails in process")
    assert [follower.topic.campaign_id for follower in following.followers.values()] == [campaign]
    page._take(user, news_of(campaign))
    assert page.cells["sent"].value == "6"


@pytest.mark.parametrize("part", ["999", "x", "1%27", "9" * 30])
async def test_an_address_of_nothing_says_so(sqlite_database: Engine, following: live.Watcher, part: str):
    page = await page_at(f"/campaigns/{part}")
    assert (page.ready, page.missing, page.head.name) == (True, True, "")
    assert not following.followers
