"""To decide: whose message is uncertain or failed, with the server's words. Nothing is sent again undecided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import reflex as rx

from dashboard import data, live, routes, ui
from dashboard.acts.event_words import reason_said
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import format, say, tr, tr_with
from dashboard.mass_emails.address import id_in, people_in
from models.mass_email_news import SHOWN, ToDecide, read_to_decide
from models.queue_item import DECIDES, ItemRow, ItemState, decide_all, decide_items, queue_again
from models.recipient import Kind

KINDS: Final = {
    "all": (ItemState.UNCERTAIN, ItemState.FAILED),
    "uncertain": (ItemState.UNCERTAIN,),
    "failed": (ItemState.FAILED,),
}
SAID: Final = {
    "sent": "mass_emails.counted_as_sent",
    "send_again": "mass_emails.sent_again",
    "leave_out": "mass_emails.were_left_out",
}


QUESTIONS: Final = {"sent": "sent", "send_again": "again", "leave_out": "leave"}


@dataclass(frozen=True, slots=True)
class Line:
    """A person to decide about. `reply`: the server's words; `why`: what is known without any."""

    id: int
    name: str
    href: str
    address: str
    kind: str
    state: str
    reply: str
    why: str
    at: str
    full: str


class DecidePanel(live.LiveState, rx.State):
    """`which`: all, uncertain or failed ones. What somebody has selected stays while news come. `picking`: boxes are
    there on phones too, as a table of the kit asks. `asking`: the decision that is asked once more, `asked`: about how
    many people."""

    which: str = "all"
    rows: list[Line] = []
    all_count: int = 0
    uncertain_count: int = 0
    failed_count: int = 0
    changed: int = 0
    selected: list[int] = []
    picking: bool = True
    everything: bool = False
    more_to: str = ""
    asking: str = ""
    asked: int = 0
    _id: int = 0
    _news: ToDecide = ToDecide((), 0, (), 0, 0)

    @rx.var
    def count(self) -> int:
        """How many are shown or not, of the kind that is looked at."""
        return {"uncertain": self.uncertain_count, "failed": self.failed_count}.get(self.which, self.all_count)

    @rx.var
    def with_uncertain(self) -> bool:
        """Whether an uncertain one is selected: only of those one can say that it was sent."""
        uncertain = {row.id for row in self.rows if row.state == ItemState.UNCERTAIN}
        chosen = uncertain if self.everything else uncertain & set(self.selected)
        return bool(chosen)

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        wanted = id_in(self.router.url.path)
        if wanted != self._id:
            self._clear()
        self._id = wanted
        self._take(user, await live.follow(self, user, read_to_decide, mass_email_id=wanted))

    @allowed(Right.LOOK)
    async def show(self, user: Viewer, which: str):
        self.which = which if which in KINDS else "all"
        self.selected, self.everything = [], False
        self._take(user, self._news)

    @allowed(Right.LOOK)
    async def toggle(self, user: Viewer, item_id: int):
        kept = [chosen for chosen in self.selected if chosen != item_id]
        self.selected = kept if item_id in self.selected else [*kept, int(item_id)][:SHOWN]
        self.everything = False

    @allowed(Right.LOOK)
    async def toggle_page(self, user: Viewer):
        """All rows that are shown, or none."""
        shown = [row.id for row in self.rows]
        self.selected = [] if len(self.selected) == len(shown) else shown
        self.everything = False

    @allowed(Right.LOOK)
    async def select_all(self, user: Viewer):
        self.selected, self.everything = [row.id for row in self.rows], True

    @allowed(Right.SEND)
    async def ask(self, user: Viewer, decision: str):
        """Decide, or ask first: about more than one page shows, and what may make somebody get it twice."""
        if decision not in SAID or not self.selected:
            return None
        twice = decision == "send_again" and self.with_uncertain
        if not (self.everything or twice):
            return DecidePanel.decide(decision)
        self.asking, self.asked = decision, self._about(decision)
        return None

    @allowed(Right.LOOK)
    async def keep(self, user: Viewer):
        self.asking = ""

    def _about(self, decision: str) -> int:
        if not self.everything:
            return len(self.selected)
        numbers = {ItemState.UNCERTAIN: self.uncertain_count, ItemState.FAILED: self.failed_count}
        return sum(numbers[state] for state in DECIDES[decision] if state in KINDS[self.which])

    @allowed(Right.SEND)
    async def decide(self, user: Viewer, decision: str):
        self.asking = ""
        if decision not in SAID or not self.selected:
            return
        if self.everything:
            decided = await data.work(decide_all, self._id, KINDS[self.which], decision, data.now(), user.email)
        else:
            decided = await data.run(decide_items, list(self.selected), decision, data.now(), user.email)
        self.selected, self.everything = [], False
        await ui.tell(self, say(user.language, SAID[decision], count=decided))
        self._take(user, await data.read(read_to_decide, self._id, data.now()))

    @allowed(Right.SEND)
    async def queue_changed(self, user: Viewer):
        """Those left out for a changed address wait again, at the new one (D7)."""
        again = await data.work(queue_again, self._id, data.now(), user.email)
        await ui.tell(self, say(user.language, "mass_emails.queued_again", count=again))
        self._take(user, await data.read(read_to_decide, self._id, data.now()))

    def _take(self, user: Viewer, news: ToDecide) -> None:
        items = {"uncertain": news.uncertain, "failed": news.failed}.get(self.which, (*news.uncertain, *news.failed))
        self.rows = [_line(user, item, data.now()) for item in items[:SHOWN]]
        self.uncertain_count, self.failed_count = news.uncertain_count, news.failed_count
        self.all_count, self.changed = news.uncertain_count + news.failed_count, news.changed
        self.selected = [chosen for chosen in self.selected if any(row.id == chosen for row in self.rows)]
        self.more_to, self._news = people_in(self._id, *KINDS[self.which]), news

    def _clear(self) -> None:
        self.which, self.rows, self.all_count, self.uncertain_count, self.failed_count = "all", [], 0, 0, 0
        self.changed, self.selected, self.everything, self.live, self._id = 0, [], False, False, 0
        self.asking, self.asked = "", 0
        self._news = ToDecide((), 0, (), 0, 0)


def decide_panel() -> rx.Component:
    """Shown only when there is something to decide."""
    panel = DecidePanel
    names = {"all": panel.all_count, "uncertain": panel.uncertain_count, "failed": panel.failed_count}
    kinds = [(which, tr_with(f"mass_emails.which.{which}", number=number)) for which, number in names.items()]
    table = rx.el.section(
        ui.panel_head(
            tr("mass_emails.to_decide"),
            ui.segments(panel.which, kinds, panel.show, tr("mass_emails.to_decide")),
            ui.plain_badge(panel.all_count),
        ),
        rx.cond(panel.selected.length() > 0, _bulk()),
        ui.table(panel.rows, _columns(), state=panel, picks=True, two_lines=True, label=tr("mass_emails.to_decide")),
        _foot(),
        class_name="panel flush",
        id="to-decide",
    )
    return rx.fragment(
        rx.cond(panel.all_count > 0, table),
        *[_question(decision, key) for decision, key in QUESTIONS.items()],
        rx.cond(
            panel.changed > 0,
            ui.note(
                tr_with("mass_emails.changed_addresses", count=panel.changed),
                icon_name="at-sign",
                end=ui.for_senders(
                    ui.button(tr("mass_emails.queue_again"), small=True, on_click=panel.queue_changed())
                ),
            ),
        ),
    )


def _question(decision: str, key: str) -> rx.Component:
    panel = DecidePanel
    acts = {"sent": "count_as_sent", "send_again": "send_again", "leave_out": "leave_out"}
    return ui.dialog(
        title=tr_with(f"mass_emails.{key}_question", count=panel.asked),
        text=tr(f"mass_emails.{key}_text"),
        is_open=panel.asking == decision,
        on_close=panel.keep(),
        acts=[
            ui.button(tr("ui.back"), on_click=panel.keep()),
            ui.button(
                tr(f"mass_emails.{acts[decision]}"),
                look="pri",
                on_click=panel.decide(decision),
                id=f"confirm-{decision}",
            ),
        ],
    )


def _columns() -> list[ui.Column]:
    def why(row: rx.Var[Line]) -> rx.Component:
        return rx.el.span(
            rx.cond(row.reply != "", row.reply, row.why),
            class_name=rx.cond(row.reply != "", "mono", ""),
            style={"whiteSpace": "normal", "display": "inline-block", "maxWidth": "min(34vw, 320px)"},
        )

    return [
        ui.link_column(
            "name",
            tr("mass_emails.recipient"),
            lambda row: row.name,
            lambda row: row.href,
            sub=lambda row: row.address,
            cut=True,
        ),
        ui.status_column("kind", tr("mass_emails.kind"), lambda row: row.kind, Kind, low=True, fixed=True),
        ui.status_column("state", tr("mass_emails.state"), lambda row: row.state, KINDS["all"], phone=3, fixed=True),
        ui.Column("why", tr("mass_emails.why"), why, wide=True, phone=4, fixed=True),
        ui.time_column(
            "at", tr("mass_emails.when"), lambda row: row.at, lambda row: row.full, phone=2, right=True, fixed=True
        ),
    ]


def _bulk() -> rx.Component:
    panel = DecidePanel
    chosen = rx.cond(panel.everything, panel.count, panel.selected.length()).to(int)
    acts = [
        _act("sent", "mass_emails.count_as_sent", "check", ~panel.with_uncertain),
        _act("send_again", "mass_emails.send_again", "rotate-cw", None),
        _act("leave_out", "mass_emails.leave_out", "circle-minus", None),
    ]
    return rx.el.div(
        rx.el.b(tr_with("list.selected", count=chosen)),
        rx.cond(
            ~panel.everything & (panel.count > panel.selected.length()),
            rx.el.button(
                tr_with("mass_emails.select_all", count=panel.count),
                type="button",
                class_name="link",
                on_click=panel.select_all(),
            ),
        ),
        ui.for_senders(rx.el.div(*acts, class_name="acts")),
        class_name="bulk",
        role="status",
    )


def _act(decision: str, words: str, icon_name: str, disabled: rx.Var[bool] | None) -> rx.Component:
    more = {} if disabled is None else {"disabled": disabled}
    return ui.button(
        tr(words),
        icon_name=icon_name,
        small=True,
        on_click=DecidePanel.ask(decision),
        id=f"decide-{decision}",
        **more,
    )


def _foot() -> rx.Component:
    panel = DecidePanel
    rest = rx.cond(
        panel.count > panel.rows.length(),
        ui.text_link(tr_with("mass_emails.all_in_log", count=panel.count), panel.more_to),
    )
    return rx.el.div(
        ui.icon("circle-help", class_name="ink-warn"),
        rx.el.span(tr("mass_emails.uncertain_means")),
        rx.el.span(rest, class_name="end"),
        class_name="foot",
    )


def _line(user: Viewer, item: ItemRow, now: datetime) -> Line:
    return Line(
        id=item.id,
        name=item.name,
        href=routes.to(routes.RECIPIENT, recipient_id=item.recipient_id),
        address=item.address,
        kind=item.kind,
        state=item.state,
        reply=item.reply,
        why=reason_said(user.language, item.reason),
        at=format.moment(user.language, user.time_zone, item.at, now),
        full=format.full_moment(user.language, user.time_zone, item.at),
    )
