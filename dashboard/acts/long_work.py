"""Long acts on a page: what they do is seen while it runs, and can be stopped after any chunk (D23).

    class Remove(LongWork, rx.State):
        @allowed(Right.EDIT, background=True)
        async def confirm(self, user: Viewer):
            if not await self._may_begin():
                return
            removed = await self._work(remove_members, list_id, chosen)

Of the work of somebody who left the page, nothing is lost: it goes on to its end.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import reflex as rx

from dashboard import data, ui
from dashboard.auth import Right, Viewer, allowed
from dashboard.i18n import say, tr, tr_with

LOOK = 0.25
"""Seconds between two looks at how far it is."""


class Stopped(BaseException):
    """The work ends early: somebody stopped it, or the process ends. What was written stays: `done` of `total` rows.

    No Exception: a background task is not failed by it, and goes on behind its last chunk."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"stopped after {done} of {total}")
        self.done, self.total = done, total

    def said(self, language: str) -> str:
        """Where it was stopped, and that what was done stays."""
        return say(language, "work.stopped", count=self.done, total=self.total)


class Progress:
    """How far the work is, told by its thread after each chunk; `stop` makes it end there."""

    done = 0
    total = 0
    stop = False

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.stop and done < total:
            raise Stopped(done, total)


class LongWork(rx.State, mixin=True):
    """`working`: an act runs, `work_done` of `work_total` rows (0: not known yet)."""

    working: bool = False
    work_done: int = 0
    work_total: int = 0
    work_stops: bool = False

    @allowed(Right.EDIT)
    async def stop_work(self, user: Viewer):
        self.work_stops = True

    async def _may_begin(self) -> bool:
        """Whether nothing runs yet: of two presses the first does it."""
        async with self:
            if self.working:
                return False
            self.working, self.work_done, self.work_total, self.work_stops = True, 0, 0, False
        return True

    async def _work(self, act: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """The result of long work of models, once begun. Raises Stopped, and what the work raises."""
        progress = Progress()
        work = asyncio.ensure_future(data.work(act, *args, on_chunk=progress, **named))
        try:
            while not (await asyncio.wait({work}, timeout=LOOK))[0]:
                async with self:
                    self.work_done, self.work_total, progress.stop = progress.done, progress.total, self.work_stops
            return work.result()
        finally:
            await self._end_work()

    async def _end_work(self) -> None:
        async with self:
            self.working = False


def work_progress(state: Any) -> rx.Component:
    """How far the work is, with a button that stops it; nothing while none runs."""
    share = rx.cond(state.work_total > 0, state.work_done * 100 / state.work_total, 0)
    return rx.cond(
        state.working,
        rx.el.div(
            ui.progress(ui.Part(share), label=tr("work.running"), value=share),
            rx.el.div(
                rx.cond(
                    state.work_total > 0,
                    rx.el.span(tr_with("ui.of", part=state.work_done, whole=state.work_total)),
                    rx.el.span(tr("work.running")),
                ),
                ui.button(
                    tr("work.stop"), icon_name="x", small=True, on_click=state.stop_work(), disabled=state.work_stops
                ),
                class_name="row between small mute num",
            ),
            class_name="col",
        ),
    )
