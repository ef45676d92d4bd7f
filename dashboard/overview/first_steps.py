"""What to do first, while nothing was ever sent: the four steps, or demo data to look round in."""

from typing import Any, Final

import reflex as rx

from dashboard import data, routes, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr
from models.demo import make_demo
from models.overview import FirstStep

_PLACES: Final = {
    FirstStep.PEOPLE: ("users", routes.IMPORT),
    FirstStep.TEMPLATE: ("file-text", routes.EMAIL_TEMPLATE_NEW),
    FirstStep.CAMPAIGN: ("megaphone", routes.to(routes.CAMPAIGNS, create="1")),
    FirstStep.MASS_EMAIL: ("send", routes.MASS_EMAIL_NEW),
}

WORDS: Final = {"flex": "1 1 220px"}
"""Room enough to be read: on a phone the button goes below."""


class Demo(rx.State):
    """The demo data, made on request."""

    making: bool = False

    @allowed(Right.ADMINISTER, background=True)
    async def make(self, user: Viewer):
        """Some seconds of work; of two presses the first does it."""
        async with self:
            if self.making:
                return None
            self.making = True
        try:
            await data.work(make_demo, data.now())
        finally:
            async with self:
                self.making = False
        async with self:
            await ui.tell(self, say(user.language, "overview.demo_done"))
        return rx.redirect(routes.OVERVIEW, replace=True)


def first_steps(home: Any) -> rx.Component:
    """The steps with what is done; demo data while there are neither people nor campaigns."""
    steps = rx.el.ol(rx.foreach(home.steps, _step), class_name="lines line", id="first-steps")
    return rx.fragment(
        ui.panel(steps, title=tr("overview.first"), padded=False),
        rx.cond(home.empty | Demo.making, ui.for_administrators(_demo())),
        ui.note(tr("overview.first_text"), icon_name="mail-check"),
    )


def _step(step: Any) -> rx.Component:
    return rx.match(step.key, *[(key.value, _line(key, step.done)) for key in FirstStep], rx.fragment())


def _line(key: FirstStep, done: rx.Var[bool]) -> rx.Component:
    icon_name, place = _PLACES[key]
    words = rx.el.div(
        rx.el.div(tr(f"overview.step.{key}"), class_name="strong"),
        rx.el.div(tr(f"overview.step.{key}_text"), class_name="mute small"),
        style=WORDS,
    )
    is_done = rx.el.span(ui.icon("circle-check", class_name="ink-ok"), tr("overview.done"), class_name="st")
    act = ui.for_editors(ui.button(tr(f"overview.step.{key}"), icon_name=icon_name, small=True, to=place))
    return rx.el.li(ui.icon(icon_name), words, rx.cond(done, is_done, act), class_name="row g3 now wrap")


def _demo() -> rx.Component:
    return rx.el.section(
        rx.el.div(tr("overview.demo_text"), class_name="mute", style=WORDS),
        ui.button(
            tr("overview.demo"), icon_name="sparkles", look="pri", busy=Demo.making, on_click=Demo.make(), id="demo"
        ),
        class_name="panel row wrap now between",
    )
