"""News without reloading: one watcher per web process looks every half second what changed and tells the open pages.

    class CampaignPage(live.LiveState, rx.State):
        @allowed(Right.LOOK)
        async def load(self, user: Viewer):
            self._take(user, await live.follow(self, user, campaign_news, campaign_id=7))

        def _take(self, user: Viewer, news: CampaignNews) -> None:
            self.sent = format.count(user.language, news.sent)

The query is a plain function of models, `(session, id, now)` or `(session, now)`, with `args` `(session, *args, now)`,
and gives a frozen value. It is read once for everybody who follows the same thing, at most once a second, and told to
those whose last news differ: what the database is asked does not grow with the number of pages. A page left, closed or
signed out is forgotten.
The page shows `live.sign(CampaignPage)` as `live` of ui.page.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from dashboard import data, ui
from dashboard.auth import Viewer, secret_in
from dashboard.i18n import format
from models.errors import NotFound
from models.sign_in import digest, viewers_of_sessions
from models.statistics import ChangedMassEmail, changed_mass_emails

_log = logging.getLogger(__name__)

LOOK: Final = 0.5
"""Seconds between two looks at what changed."""
READ: Final = 1.0
"""Seconds at least between two readings of the same thing."""
AGAIN: Final = 10.0
"""Seconds after which it is read again though its figures did not move: a job, a limit or the clock may have."""
LATE: Final = 5.0
"""Seconds without an answer of the database until the pages say since when they have had no news."""
_OVERLAP: Final = timedelta(minutes=1)
_NONE: Final = object()
_READERS: Final = 64
_said: OrderedDict[tuple[int, Hashable], tuple[Any, Any]] = OrderedDict()

T = TypeVar("T")


class LiveState(rx.State, mixin=True):
    """A page that follows. `live`: news arrive; `last_news`: when the last ones did, as the viewer reads it."""

    live: bool = False
    last_news: str = ""

    def _take(self, user: Viewer, news: Any) -> None:
        """Put news into the vars, in the viewer's language and zone: called by `load` and by the watcher."""
        raise NotImplementedError

    def _put(self, **values: Any) -> None:
        """Set the vars that differ: what is set is sent to the browser, also when it is the same."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def once(news: Any, reader: Hashable, say: Callable[[], T]) -> T:
    """What `say()` makes of these very news for one kind of reader (language, zone, …): once for all who read alike."""
    key = (id(news), reader)
    if key not in _said or _said[key][0] is not news:
        _said[key] = (news, say())
        while len(_said) > _READERS:
            _said.popitem(last=False)
    said: T = _said[key][1]
    return said


def sign(page: type[LiveState]) -> rx.Component:
    """The live sign of a page that follows: amber when the database or the connection is away."""
    return ui.live_sign(page.live & ~has_connection_errors, page.last_news)


@dataclass(frozen=True, slots=True)
class Topic:
    """What is followed: the news of a campaign, of a mass email, or of everything."""

    query: Callable[..., Any]
    campaign_id: int | None = None
    mass_email_id: int | None = None
    args: tuple[Hashable, ...] = ()

    async def read(self) -> Any:
        ids = [number for number in (self.campaign_id, self.mass_email_id) if number is not None]
        return await data.read(self.query, *(self.args or ids), data.now())

    def is_moved_by(self, changed: ChangedMassEmail) -> bool:
        return self.campaign_id in (None, changed.campaign_id) and self.mass_email_id in (None, changed.id)


@dataclass(slots=True, eq=False)
class Follower:
    """An open page. `session`: digest of its session's secret; `path`: where it stood; `told`: its last news."""

    token: str
    page: type[LiveState]
    topic: Topic
    session: str
    path: str
    told: Any = _NONE
    telling: asyncio.Task[None] | None = None

    @property
    def is_free(self) -> bool:
        """Whether it took the last news: a page busy with a long act is told when it is done, and keeps nobody."""
        return self.telling is None or self.telling.done()


@dataclass(slots=True)
class Held:
    """The news of a topic as they were last read. `read_at`: of the monotonic clock."""

    news: Any = _NONE
    read_at: float = 0.0
    moved: bool = False

    def is_due(self, at: float) -> bool:
        return at - self.read_at >= (READ if self.moved else AGAIN)


@dataclass
class Watcher:
    """Who follows what in this process, and what was last seen of it."""

    followers: dict[tuple[str, type[LiveState]], Follower] = field(default_factory=dict)
    held: dict[Topic, Held] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    newest: datetime | None = None
    answered_at: float = 0.0
    clock: Callable[[], float] = time.monotonic

    def add(self, follower: Follower) -> None:
        """Follow from now on; what the same page followed before is left."""
        self.followers[follower.token, follower.page] = follower
        self.held.setdefault(follower.topic, Held(read_at=self.clock()))

    def drop(self, follower: Follower) -> None:
        """Forget a page, unless it follows something else by now."""
        if self.followers.get((follower.token, follower.page)) is follower:
            del self.followers[follower.token, follower.page]

    async def look(self, app: rx.App) -> None:
        """One look: who left, what changed, and to whom that is news."""
        self._forget(app)
        try:
            if self.followers:
                await self._look()
                await self._tell(app)
        except Exception:
            _log.exception("Open pages cannot be told what is new")
            self._say_late(app)
        else:
            self.answered_at = self.clock()

    async def _look(self) -> None:
        await self._mark_moved()
        for topic in [topic for topic, held in self.held.items() if held.is_due(self.clock())]:
            await self._read(topic)

    def _forget(self, app: rx.App) -> None:
        connected = app.event_namespace.token_to_sid if app.event_namespace else {}
        self.followers = {key: one for key, one in self.followers.items() if one.token in connected}
        followed = {one.topic for one in self.followers.values()}
        self.held = {topic: held for topic, held in self.held.items() if topic in followed}

    async def _mark_moved(self) -> None:
        """Commits can overtake each other, and a clock can be set back: each look begins some time before the newest
        change, or before now, and compares."""
        since = min(self.newest or data.now(), data.now()) - _OVERLAP
        changed = await data.read(changed_mass_emails, since)
        for one in changed:
            if self.seen.get(one.id) != one.change_seq:
                for topic, held in self.held.items():
                    held.moved = held.moved or topic.is_moved_by(one)
        self.seen = {one.id: one.change_seq for one in changed}
        self.newest = max((one.changed_at for one in changed), default=self.newest)

    async def _read(self, topic: Topic) -> None:
        held = self.held[topic]
        held.moved, held.read_at = False, self.clock()  # before it is read: what moves meanwhile is read again
        try:
            held.news = await topic.read()
        except NotFound:  # deleted: its pages keep what they show until they are used
            for follower in [one for one in self.followers.values() if one.topic == topic]:
                self.drop(follower)

    async def _tell(self, app: rx.App) -> None:
        waiting = [one for one in self.followers.values() if one.is_free and self._is_news(one)]
        if not waiting:
            return
        viewers = await data.read(viewers_of_sessions, {one.session for one in waiting}, data.now())
        for follower in waiting:
            if user := viewers.get(follower.session):
                follower.telling = asyncio.create_task(self._tell_one(app, follower, user))
            else:
                self.drop(follower)

    def _is_news(self, follower: Follower) -> bool:
        news = self.held[follower.topic].news
        return news is not _NONE and news is not follower.told and news != follower.told

    async def _tell_one(self, app: rx.App, follower: Follower, user: Viewer) -> None:
        news = self.held[follower.topic].news
        try:
            async with app.modify_state(rx.BaseStateToken(ident=follower.token, cls=follower.page)) as root:
                state = await root.get_state(follower.page)
                if state.router.url.path != follower.path:
                    self.drop(follower)
                    return
                state._take(user, news)
                _note(state, user)
                follower.told = news
        except Exception:
            _log.exception("An open page could not take its news")
            self.drop(follower)

    def _say_late(self, app: rx.App) -> None:
        if self.clock() - self.answered_at < LATE:
            return
        for held in self.held.values():
            held.moved = True
        for follower in [one for one in self.followers.values() if one.is_free and one.told is not _NONE]:
            follower.told = _NONE  # so that the next answer is news again
            follower.telling = asyncio.create_task(self._turn_amber(app, follower))

    async def _turn_amber(self, app: rx.App, follower: Follower) -> None:
        async with app.modify_state(rx.BaseStateToken(ident=follower.token, cls=follower.page)) as root:
            (await root.get_state(follower.page)).live = False


watcher: Final = Watcher()


async def follow(
    page: LiveState,
    user: Viewer,
    query: Callable[..., Any],
    *,
    campaign_id: int | None = None,
    mass_email_id: int | None = None,
    args: tuple[Hashable, ...] = (),
) -> Any:
    """The news of now; from here on `page._take` is called with newer ones, until the page is left.

    Call it in a guarded `load`. `query(session, campaign_id or mass_email_id, now)`; without either, all mass emails
    are followed by `query(session, now)`. `args`: what the query takes instead of the id. Raises what the query raises.
    """
    topic, session = Topic(query, campaign_id, mass_email_id, args), digest(secret_in(page.router.headers.cookie))
    follower = Follower(page.router.session.client_token, type(page), topic, session, page.router.url.path)
    watcher.add(follower)  # before it is read: what changes meanwhile is seen
    try:
        follower.told = await topic.read()
    except BaseException:
        watcher.drop(follower)
        raise
    _note(page, user)
    return follower.told


def _note(page: LiveState, user: Viewer) -> None:
    now = data.now()
    page.live, page.last_news = True, format.moment(user.language, user.time_zone, now, now)


async def watch(app: rx.App) -> None:
    """The lifespan task: looks until the process ends."""
    while True:
        await watcher.look(app)
        await asyncio.sleep(LOOK)
