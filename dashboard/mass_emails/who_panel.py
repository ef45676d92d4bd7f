"""Who gets it: the members, those left out by reason, those who will receive. Before the queue is built it is counted
as if it were built now; after, it is what was kept."""

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr
from dashboard.mass_emails.address import id_in, left_out, people_in
from dashboard.mass_emails.plan_panel import PlanPanel
from models.audience import Audience, preview_audience
from models.campaign import ListRole
from models.errors import NotFound
from models.mass_email import LeftOutReason, lists_of
from models.mass_email_news import read_audience
from models.queue_table import ItemState


class WhoGetsIt(live.LiveState, rx.State):
    """`kept`: the numbers are of the queue, not counted for now."""

    steps: list[ui.Step] = []
    kept: bool = False
    _id: int = 0
    _list: int = 0

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        wanted = id_in(self.router.url.path)
        if wanted == self._id and "left_out" in self.router.url.query_parameters:
            return  # its people are listed over the page: nothing here changes
        if wanted != self._id:
            self._clear()
        self._id = wanted
        try:
            lists = await data.read(lists_of, wanted, ListRole.TARGET)
            self._list = lists[0] if len(lists) == 1 else 0
            audience = await live.follow(self, user, read_audience, mass_email_id=wanted)
            await self._count(user) if audience is None else self._take(user, audience)
        except NotFound:  # the page says it
            return

    def _take(self, user: Viewer, news: Audience | None) -> None:
        if news is not None:
            self.steps, self.kept = _steps(user.language, self._id, news, self._list, kept=True), True

    async def _count(self, user: Viewer) -> None:
        audience = await data.work(preview_audience, self._id, data.now())
        self.steps, self.kept = _steps(user.language, self._id, audience, self._list, kept=False), False
        plan = await self.get_state(PlanPanel)
        await plan._plan_for(user, audience.final)

    def _clear(self) -> None:
        self.steps, self.kept, self.live, self._id, self._list = [], False, False, 0, 0


def who_panel() -> rx.Component:
    """The waterfall; every number opens."""
    who = WhoGetsIt
    under = rx.cond(who.kept, tr("mass_emails.kept"), tr("mass_emails.counted_now"))
    return ui.panel(
        rx.cond(
            who.steps.length() > 0,
            rx.el.div(
                ui.waterfall(who.steps, list(LeftOutReason), tr("mass_emails.topic_who")),
                rx.el.div(under, class_name="mute small"),
                class_name="col",
                id="who-gets-it",
            ),
            ui.skeleton_rows(5, (40, 30, 20)),
        ),
        title=tr("mass_emails.topic_who"),
    )


def _steps(language: str, mass_email_id: int, audience: Audience, list_id: int, *, kept: bool) -> list[ui.Step]:
    """The waterfall's lines; a reason that nobody has is left out."""
    reasons = [(reason, n) for reason in LeftOutReason if (n := audience.left_out(reason))]
    all_, less, rest = ui.shares(audience.chosen, [n for _, n in reasons], audience.final)
    out = audience.chosen - audience.final
    will = people_in(mass_email_id, *ItemState) if kept else left_out(mass_email_id, "none")
    return [
        ui.Step(
            "all",
            say(language, "audience.chosen", count=audience.chosen),
            format.count(language, audience.chosen),
            all_,
            href=routes.to(routes.TARGET_LIST, list_id=list_id) if list_id else "",
        ),
        ui.Step(
            "head",
            say(language, "mass_emails.left_out_share", share=format.percent(language, out, audience.chosen)),
            format.loss(language, out),
            href=left_out(mass_email_id, "all") if out else "",
        ),
        *[
            ui.Step(
                "less",
                say(language, f"audience.{reason}"),
                format.loss(language, n),
                share,
                state=reason,
                href=left_out(mass_email_id, reason),
            )
            for (reason, n), share in zip(reasons, less, strict=True)
        ],
        ui.Step(
            "rest",
            say(language, "audience.final"),
            format.count(language, audience.final),
            rest,
            href=will if audience.final else "",
        ),
    ]
