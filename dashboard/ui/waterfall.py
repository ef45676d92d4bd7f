"""Who gets it: members, left out by reason, will receive. Totals share one scale, the reasons have their own."""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from dashboard.ui.element import door, icon, spoken
from dashboard.ui.status import STATES


@dataclass(frozen=True, slots=True)
class Step:
    """`kind`: all (the first), less (a reason), head (all reasons together), rest (what remains). `state`: a reason of
    status.STATES, for its icon. `shown`: the number in words (losses with their minus), `href`: what it opens."""

    kind: Literal["all", "less", "head", "rest"]
    label: str
    shown: str
    share: float = 0.0
    state: str = ""
    href: str = ""


def shares(all_: int, reasons: list[int], rest: int) -> tuple[float, list[float], float]:
    """Percent of each bar: totals on the scale of all, reasons on that of the largest reason."""
    most = max(reasons, default=0)
    return (
        100.0 if all_ else 0.0,
        [100 * n / most if most else 0.0 for n in reasons],
        100 * rest / all_ if all_ else 0.0,
    )


def waterfall(steps: rx.Var[list[Step]], states: list[str], label: Any, *, rest: str = "send") -> rx.Component:
    """`states`: the reasons that may stand in it; `rest`: the icon of what remains."""
    signs = {"all": "list-checks", "head": "circle-minus", "rest": rest}

    def line(step: Any) -> rx.Component:
        under = rx.cond(step.kind == "less", " sub", "")
        total = rx.cond(step.kind == "rest", " tot", "")
        sign = rx.match(
            rx.cond(step.kind == "less", step.state, step.kind),
            *[(kind, icon(name)) for kind, name in signs.items()],
            *[(state, icon(STATES[state][0])) for state in states],
            rx.fragment(),
        )
        tone = rx.match(step.kind, ("rest", "full"), ("less", "less"), "")
        track = rx.cond(
            (step.kind == "head") | (step.share == 0),
            rx.fragment(),
            rx.el.i(class_name=tone, style={"width": step.share.to_string() + "%"}),
        )
        number = rx.cond(step.href != "", door(step.shown, step.href, label=step.label), rx.el.span(step.shown))
        return rx.el.li(
            rx.el.span(sign, rx.el.span(step.label), class_name="lbl" + under + total),
            rx.el.span(track, class_name="tr" + under, aria_hidden="true"),
            rx.el.span(number, class_name="v" + under + total),
        )

    return rx.el.div(spoken(label), rx.el.ul(rx.foreach(steps, line), class_name="wf"))
