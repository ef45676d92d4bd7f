"""The progress of a mass email: how far, when it ends, the next portion, one cell per portion, and sums that add up."""

from dataclasses import dataclass

import reflex as rx

from dashboard import ui
from dashboard.i18n import format, say, tr
from dashboard.mass_emails.address import people_in
from dashboard.mass_emails.plan_panel import PlanPanel
from models.mass_email import MassEmailStatus
from models.mass_email_news import Progress
from models.queue_table import ItemState

STATES = ("sent", "skipped", "failed", "uncertain", "waiting", "cancelled")
"""What the sums are of, in their order; "waiting" stands for who is being mailed at this moment too."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One summand: how many people are in a state, and where they are listed."""

    state: str
    shown: str
    href: str


@dataclass(frozen=True, slots=True)
class Far:
    """How far it is, in words; `queued` False: there is no queue yet, and nothing to sum up."""

    queued: bool = False
    percent: str = ""
    done: str = ""
    share: float = 0.0
    sums: tuple[Sum, ...] = ()
    whole: str = ""
    whole_to: str = ""


def progress_panel(far: rx.Var[Far], status: rx.Var[str]) -> rx.Component:
    """`far`: how far it is; the forecast is the plan panel's."""
    facts = rx.el.div(
        _done(far),
        *_foreseen(status),
        class_name="row wrap between",
        style={"gap": "16px 24px", "alignItems": "flex-start"},
    )
    return ui.panel(
        rx.el.div(facts, _portions(far, status), rx.cond(far.queued, _sums(far)), class_name="col g3"), padded=True
    )


def _done(far: rx.Var[Far]) -> rx.Component:
    value = rx.el.div(
        rx.el.span(far.percent, class_name="num", style={"fontSize": "30px", "lineHeight": "36px", "fontWeight": 600}),
        rx.el.span(far.done, class_name="mute num"),
        class_name="row",
        style={"alignItems": "baseline"},
    )
    return rx.cond(
        far.queued,
        rx.el.div(rx.el.div(tr("mass_emails.progress"), class_name="mute"), value, id="progress"),
        _fact(tr("mass_emails.will_receive"), PlanPanel.people, tr("mass_emails.if_now")),
    )


def _foreseen(status: rx.Var[str]) -> list[rx.Component]:
    plan = PlanPanel.foreseen
    finishes = rx.fragment(tr("mass_emails.in_"), " ", ui.countdown(plan.finishes_until, plan.finishes_full))
    following = rx.fragment(
        plan.next_people, ", ", tr("mass_emails.in_"), " ", ui.countdown(plan.next_until, plan.next_full)
    )
    known = [
        _fact(tr("mass_emails.finishes"), plan.finishes, finishes),
        _fact(tr("mass_emails.next_portion"), plan.next_at, following),
        _fact(tr("mass_emails.pace"), plan.pace, plan.limited_by),
    ]
    goes_on = (plan.next_until > 0) & (status != MassEmailStatus.PAUSED.value)
    return [rx.cond(goes_on, fact) for fact in known]


def _fact(label: rx.Var[str], value: rx.Var[str], under: rx.Var[str] | rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.div(label, class_name="mute"),
        rx.el.div(value, class_name="num strong", style={"fontSize": "16px", "lineHeight": "24px"}),
        rx.el.div(under, class_name="mute small"),
    )


def _portions(far: rx.Var[Far], status: rx.Var[str]) -> rx.Component:
    plan = PlanPanel.foreseen
    under = rx.el.div(
        rx.el.span(plan.first_portion),
        rx.el.span(plan.portions_said),
        rx.el.span(plan.last_portion),
        class_name="row between mute small num",
    )
    cells = rx.fragment(ui.portions(plan.cells, plan.portions_said), under)
    bar = ui.progress(
        ui.Part(far.share), label=tr("mass_emails.progress"), paused=status == MassEmailStatus.PAUSED.value
    )
    planned = (plan.cells.length() > 0) & (status != MassEmailStatus.CANCELLED.value)
    return rx.el.div(rx.cond(planned, cells, rx.cond(far.queued, bar)), class_name="col")


def _sums(far: rx.Var[Far]) -> rx.Component:
    def one(part: rx.Var[Sum]) -> rx.Component:
        number = rx.cond(part.href != "", ui.door(part.shown, part.href), rx.el.span(part.shown, class_name="num"))
        return rx.el.span(
            ui.status(part.state, STATES, words="mass_emails.sum"),
            rx.el.b(number, class_name="strong"),
            class_name="row",
        )

    return rx.el.div(
        rx.foreach(far.sums, one),
        rx.el.span("= ", ui.door(far.whole, far.whole_to), class_name="mute num", style={"marginLeft": "auto"}),
        class_name="row wrap line",
        style={"gap": "4px 24px", "paddingTop": "12px"},
        id="sums",
    )


def far_of(language: str, news: Progress) -> Far:
    """How far it is, in the reader's words."""
    counts = news.counts
    if news.row.queued is None:
        return Far()
    numbers = {
        "sent": counts.sent,
        "skipped": counts.skipped,
        "failed": counts.failed,
        "uncertain": counts.uncertain,
        "waiting": counts.waiting + counts.held,
        "cancelled": counts.cancelled,
    }
    done = counts.queued - numbers["waiting"] - numbers["cancelled"]
    return Far(
        queued=True,
        percent=format.percent(language, done, counts.queued) if counts.queued else format.UNKNOWN,
        done=say(language, "ui.of", part=done, whole=counts.queued),
        share=100 * done / counts.queued if counts.queued else 0.0,
        sums=tuple(
            Sum(state, format.count(language, n), _people(news.row.id, state) if n else "")
            for state, n in numbers.items()
            if n or state != "cancelled"
        ),
        whole=format.count(language, counts.queued),
        whole_to=people_in(news.row.id, *ItemState),
    )


def _people(mass_email_id: int, state: str) -> str:
    states = (ItemState.WAITING, ItemState.HELD) if state == "waiting" else (ItemState(state),)
    return people_in(mass_email_id, *states)
