"""Toasts from a state var: the page's policy allows no eval, so the framework's own toasts stay unused."""

from dataclasses import dataclass
from itertools import count

import reflex as rx

from dashboard.auth import Right, Viewer, allowed, problems_shown_by
from dashboard.i18n import tr
from dashboard.ui.button import icon_button
from dashboard.ui.element import icon, text_link

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Toast:
    """`tone`: ok · warn · bad. What went wrong stays, the rest leaves after six seconds. `href` and `act`: a way on."""

    id: int
    tone: str
    title: str
    detail: str = ""
    href: str = ""
    act: str = ""


class Toasts(rx.State):
    """The toasts on the screen, the newest last; at most five."""

    shown: list[Toast] = []

    @allowed(Right.LOOK)
    async def dismiss(self, user: Viewer, toast_id: int):
        self.shown = [toast for toast in self.shown if toast.id != toast_id]

    def _add(self, toast: Toast) -> None:
        self.shown = [*self.shown, toast][-5:]

    def _clear(self) -> None:
        self.shown = []


async def tell(state: rx.State, title: str, detail: str = "", *, tone: str = "ok", to: str = "", act: str = "") -> None:
    """Show a toast from a handler, in words already said: `await ui.tell(self, say(user.language, "…"))`."""
    toasts = await state.get_state(Toasts)
    toasts._add(Toast(next(_numbers), tone, title, detail, to, act))


@problems_shown_by
async def tell_problem(state: rx.State, sentence: str) -> None:
    """An error that a handler let through: a toast that stays."""
    await tell(state, sentence, tone="bad")


class Leaving(rx.el.Div):
    """A div that says when its animation is over: the browser counts the six seconds, and waits while one reads."""

    on_animation_end: rx.EventHandler[rx.event.no_args_event_spec]


def toasts() -> rx.Component:
    """The list at the lower right, spoken as it changes."""
    return rx.el.section(
        rx.foreach(Toasts.shown, _toast),
        class_name="toasts",
        aria_label=tr("shell.notices"),
        aria_live="polite",
    )


def _toast(toast: rx.Var[Toast]) -> rx.Component:
    body = (
        rx.match(
            toast.tone,
            ("bad", icon("circle-x", class_name="ink-bad")),
            ("warn", icon("circle-pause", class_name="ink-warn")),
            icon("circle-check", class_name="ink-ok"),
        ),
        rx.el.div(
            rx.el.div(toast.title),
            rx.cond(toast.detail != "", rx.el.div(toast.detail, class_name="detail")),
            class_name="grow",
        ),
        rx.cond(toast.href != "", text_link(toast.act, toast.href)),
        icon_button(tr("ui.dismiss"), "x", small=True, on_click=Toasts.dismiss(toast.id)),
    )
    return rx.cond(
        toast.tone == "bad",
        rx.el.div(*body, class_name="toast", role="alert", key=toast.id),
        Leaving.create(*body, class_name="toast leaves", key=toast.id, on_animation_end=Toasts.dismiss(toast.id)),
    )
