"""Every state as icon, ink and word: never a colour alone."""

from collections.abc import Iterable
from typing import Any, Final

import reflex as rx

from dashboard.i18n import tr
from dashboard.ui.element import Words, icon

# value → (Lucide icon, ink); one table for campaigns, mass emails, log records, queue items, reasons and kinds
STATES: Final[dict[str, tuple[str, str]]] = {
    "planning": ("circle-dashed", "gray"),
    "active": ("circle-play", "ok"),
    "inactive": ("circle-pause", "warn"),
    "complete": ("circle-check", "ok"),
    "draft": ("pencil-line", "gray"),
    "pending": ("clock", "gray"),
    "in_process": ("send", "accent"),
    "paused": ("circle-pause", "warn"),
    "cancelled": ("ban", "gray"),
    "failed": ("circle-x", "bad"),
    "sent": ("send", "gray"),
    "opened": ("mail-open", "accent"),
    "clicked": ("mouse-pointer-click", "accent"),
    "opted_out": ("bell-off", "gray"),
    "opted_in": ("bell", "ok"),
    "bounced": ("undo-2", "bad"),
    "complained": ("flag", "bad"),
    "replied": ("reply", "accent"),
    "known": ("copy-check", "gray"),
    "noted": ("circle-dot", "gray"),
    "unmatched": ("circle-help", "warn"),
    "not_understood": ("circle-help", "warn"),
    "other": ("mail", "gray"),
    "ignored": ("archive", "gray"),
    "waiting": ("clock", "gray"),
    "held": ("send", "accent"),
    "uncertain": ("circle-help", "warn"),
    "skipped": ("circle-minus", "gray"),
    "left_out": ("circle-minus", "gray"),
    "excluded": ("list-x", "gray"),
    "duplicate": ("copy", "gray"),
    "suppressed": ("shield-ban", "gray"),
    "released": ("shield-check", "ok"),
    "invalid": ("mail-x", "gray"),
    "hard_bounce": ("undo-2", "bad"),
    "soft_bounces": ("undo-2", "warn"),
    "complaint": ("flag", "bad"),
    "manual": ("shield-ban", "gray"),
    "erased": ("user-x", "gray"),
    "no_address": ("at-sign", "gray"),
    "archived": ("archive", "gray"),
    "opted_out_entirely": ("bell-off", "gray"),
    "listed": ("list-plus", "gray"),
    "created": ("plus", "gray"),
    "account": ("building-2", "gray"),
    "contact": ("user", "gray"),
    "lead": ("user-plus", "gray"),
    "user": ("circle-user", "gray"),
    "done": ("circle-check", "ok"),
    "running": ("loader-circle", "accent"),
    "can_be_mailed": ("circle-check", "ok"),
    "ok": ("circle-check", "ok"),
    "warn": ("triangle-alert", "warn"),
    "bad": ("circle-x", "bad"),
}


def status(value: Any, states: Iterable[str] = (), *, words: str = "status", word: Words | None = None) -> rx.Component:
    """Icon and word of a state, as tables show it.

    `value`: a plain value, or a Var with `states` naming what it may be (an enum). `words`: prefix of its keys
    where a feature says it otherwise. `word` replaces the word, the icon stays.
    """
    return _by_state(value, states, lambda state: rx.el.span(*_sign(state, words, word, 16), class_name="st"), "st")


def badge(value: Any, states: Iterable[str] = (), *, words: str = "status") -> rx.Component:
    """The state as a pill: beside a page's title, nowhere else."""
    return _by_state(
        value, states, lambda state: rx.el.span(*_sign(state, words, None, 14), class_name="badge"), "badge"
    )


def plain_badge(word: Words) -> rx.Component:
    """A pill without a state: a type, a count beside a title."""
    return rx.el.span(word, class_name="badge plain num")


def state_icon(value: Any, states: Iterable[str] = (), size: int = 16) -> rx.Component:
    """The icon of a state alone; its word must stand near."""
    return _by_state(value, states, lambda state: _inked(state, size), "")


def _by_state(value: Any, states: Iterable[str], draw: Any, name: str) -> rx.Component:
    if not isinstance(value, rx.Var):
        return draw(str(value))
    return rx.match(value, *[(str(state), draw(str(state))) for state in states], rx.el.span(value, class_name=name))


def _sign(state: str, words: str, word: Words | None, size: int) -> list[Any]:
    return [_inked(state, size), rx.el.span(tr(f"{words}.{state}") if word is None else word)]


def _inked(state: str, size: int) -> rx.Component:
    name, ink = STATES[state]
    return icon(name, size, class_name=f"ink-{ink}")
