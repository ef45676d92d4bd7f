"""The live feed: who is told what, when, and how often the database is asked for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import reflex as rx
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from dashboard import live
from dashboard.auth import COOKIE, Viewer
from models import db
from models.errors import NotFound
from models.mass_email import MassEmail
from models.sign_in import close_session, open_session
from models.statistics import touch
from models.user import viewer_of
from tests import factories

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class News:
    changes: int


def news_of_campaign(session: Session, campaign_id: int, now: datetime) -> News:
    mails = session.exec(select(MassEmail).where(MassEmail.campaign_id == campaign_id)).all()
    if not mails:
        raise NotFound("campaigns.not_found")
    return News(sum(mail.change_seq for mail in mails))


class FollowingPage(live.LiveState, rx.State):
    """A page as a feature writes one."""

    changes: int = -1

    def _take(self, user: Viewer, news: News) -> None:
        self.changes = news.changes


class FakeApp:
    """What the watcher needs of the app: connected tokens and their states, each behind its lock."""

    def __init__(self) -> None:
        self.event_namespace = self
        self.token_to_sid: dict[str, str] = {}
        self.states: dict[str, rx.State] = {}
        self.locks: dict[str, asyncio.Lock] = {}
        self.pushes = 0

    @asynccontextmanager
    async def modify_state(self, token: rx.BaseStateToken) -> AsyncIterator[rx.State]:
        async with self.locks[token.ident]:
            yield self.states[token.ident]
            self.pushes += 1

    async def open(self, token: str, secret: str, path: str = "/campaigns/1") -> FollowingPage:
        root = rx.State(_reflex_internal_init=True)
        move(root, token, secret, path)
        self.states[token], self.token_to_sid[token] = root, token
        self.locks[token] = asyncio.Lock()
        return await root.get_state(FollowingPage)


def move(root: rx.State, token: str, secret: str, path: str) -> None:
    data = {"headers": {"cookie": f"{COOKIE}={secret}"}, "asPath": path, "pathname": path, "token": token}
    root.router_data = data
    root._update_router_vars(data, {})


@dataclass
class Scene:
    app: FakeApp
    watcher: live.Watcher
    user: Viewer
    secret: str
    mail: int
    campaign: int
    clock: list[float]

    async def open(self, token: str, secret: str | None = None) -> FollowingPage:
        page = await self.app.open(token, self.secret if secret is None else secret)
        page._take(self.user, await live.follow(page, self.user, news_of_campaign, campaign_id=self.campaign))
        return page

    async def look(self, after: float = 1.0) -> None:
        self.clock[0] += after
        await self.watcher.look(self.app)
        tasks = [one.telling for one in self.watcher.followers.values() if one.telling]
        await asyncio.wait(tasks, timeout=0.2) if tasks else None

    def change(self) -> None:
        with db.unit_of_work() as session:
            touch(session, self.mail, datetime.now(UTC))


@pytest.fixture
def scene(sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Scene:
    clock = [1000.0]
    watcher = live.Watcher(answered_at=clock[0], clock=lambda: clock[0])
    monkeypatch.setattr(live, "watcher", watcher)
    with db.unit_of_work() as session:
        user = viewer_of(factories.user(session, language="fr", time_zone="Europe/Paris"))
        secret = open_session(session, user.id, HOUR, datetime.now(UTC))
        mail = factories.mass_email(session, version=factories.template(session))
        return Scene(FakeApp(), watcher, user, secret, mail.id, mail.campaign_id, clock)


async def test_a_page_has_the_news_of_now_and_is_told_newer_ones(scene: Scene):
    page = await scene.open("a")
    assert (page.changes, page.live) == (0, True)
    await scene.look()
    await scene.look()
    pushes = scene.app.pushes
    scene.change()
    await scene.look()
    assert (page.changes, scene.app.pushes) == (1, pushes + 1)
    assert len(page.last_news) == len("13:46:08")


async def test_equal_news_are_told_to_nobody(scene: Scene):
    await scene.open("a")
    for _ in range(5):
        await scene.look(live.AGAIN)
    assert scene.app.pushes == 0


async def test_changes_within_a_second_are_told_together(scene: Scene):
    page = await scene.open("a")
    await scene.look(0)
    for _ in range(4):
        scene.change()
        await scene.look(0.2)
    assert page.changes == 0
    await scene.look(0.2)
    assert (page.changes, scene.app.pushes) == (4, 1)


async def test_questions_to_the_database_do_not_grow_with_the_pages(scene: Scene, sqlite_database: Engine):
    asked: list[str] = []
    event.listen(sqlite_database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for pages in (1, 30):
        for number in range(pages):
            await scene.open(f"{pages}-{number}")
        await scene.look()
        scene.change()
        asked.clear()
        await scene.look()
        counts.append(len([one for one in asked if one.startswith("SELECT")]))
    assert counts == [3, 3]  # what changed, the news, who may see them
    assert scene.app.pushes >= 31


async def test_who_has_signed_out_gets_nothing_more(scene: Scene):
    page = await scene.open("a")
    with db.unit_of_work() as session:
        close_session(session, scene.secret)
    scene.change()
    await scene.look()
    assert page.changes == 0
    assert not scene.watcher.followers


async def test_a_closed_page_is_forgotten_and_its_topic_no_longer_read(scene: Scene):
    await scene.open("a")
    scene.app.token_to_sid.clear()
    await scene.look()
    assert not scene.watcher.followers
    assert not scene.watcher.held


async def test_a_page_that_was_left_for_another_is_not_written_to(scene: Scene):
    page = await scene.open("a")
    move(scene.app.states["a"], "a", scene.secret, "/campaigns")
    scene.change()
    await scene.look()
    assert page.changes == 0
    assert not scene.watcher.followers


async def test_a_page_busy_with_a_long_act_keeps_nobody_waiting_and_is_told_afterwards(scene: Scene):
    busy, other = await scene.open("busy"), await scene.open("other")
    async with scene.app.locks["busy"]:
        scene.change()
        await scene.look()
        scene.change()
        await scene.look()
        assert (busy.changes, other.changes) == (0, 2)
    await scene.look()
    assert busy.changes == 2


async def test_another_campaign_is_not_read(scene: Scene):
    page = await scene.open("a")
    with db.unit_of_work() as session:
        elsewhere = factories.mass_email(session, version=factories.template(session))
        touch(session, elsewhere.id, datetime.now(UTC))
    await scene.look()
    assert not live.Topic(news_of_campaign, campaign_id=scene.campaign).is_moved_by(
        live.ChangedMassEmail(elsewhere.id, elsewhere.campaign_id, 1, factories.NOW)
    )
    assert page.changes == 0


async def test_what_was_deleted_is_left_alone(scene: Scene):
    page = await scene.open("a")
    with db.unit_of_work() as session:
        session.get_one(MassEmail, scene.mail).campaign_id = factories.campaign(session).id
        touch(session, scene.mail, datetime.now(UTC))
    await scene.look(live.AGAIN)
    assert not scene.watcher.followers
    assert page.changes == 0


async def test_pages_say_so_while_the_database_is_away_and_come_back(scene: Scene, caplog: pytest.LogCaptureFixture):
    page = await scene.open("a")
    engine = db.engine()
    db.use(db.connect("sqlite:////nowhere/at/all.sqlite"))
    try:
        await scene.look()
        assert page.live
        await scene.look(live.LATE)
        assert not page.live
    finally:
        db.use(engine)
    await scene.look()
    assert page.live
    assert "cannot be told" in caplog.text
