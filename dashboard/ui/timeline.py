"""What happened, newest first: icon, words, time; used for a person's history and an item's."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from dashboard.ui.element import link, text_link
from dashboard.ui.status import state_icon


@dataclass(frozen=True, slots=True)
class Event:
    """`state`: a value of status.STATES; `title`, `detail`, `at` in words; `full`: the time with its zone. `words`:
    what proves it, word for word; `act` leads to `act_to`, "" nowhere."""

    state: str
    title: str
    at: str
    full: str = ""
    detail: str = ""
    href: str = ""
    words: str = ""
    act: str = ""
    act_to: str = ""


def timeline(events: rx.Var[list[Event]], states: list[str]) -> rx.Component:
    """`states`: those that may occur."""

    def line(event: Any) -> rx.Component:
        return rx.el.li(
            state_icon(event.state, states),
            rx.cond(event.href != "", link(event.title, to=event.href, class_name="name"), rx.el.span(event.title)),
            rx.el.span(event.at, class_name="at", title=event.full),
            rx.cond(event.detail != "", rx.el.span(event.detail, class_name="sub")),
            rx.cond(event.words != "", rx.el.span(event.words, class_name="sub mono")),
            rx.cond(event.act_to != "", rx.el.span(text_link(event.act, event.act_to), class_name="sub")),
        )

    return rx.el.ol(rx.foreach(events, line), class_name="timeline")
