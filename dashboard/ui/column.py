"""Typed columns: what a table shows of a row, and where it stands on a phone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from dashboard.ui.element import Words, door, given, link
from dashboard.ui.status import status

Take = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it (column choice); `sort` the name it sorts by, "" not at all. `phone`: 1 top left · 2 top right ·
    3 below left · 4 below right · 0 not shown. `low`: leaves first when it gets narrow. `cut`: long text ends in an
    ellipsis. `named`: it begins with the row's name, which ends in an ellipsis once the other columns need the room;
    with `cut` earlier. `fixed`: cannot be put away. `when`: a Var; the column is there while it is true."""

    key: str
    head: Words
    cell: Take
    sort: str = ""
    right: bool = False
    phone: Literal[0, 1, 2, 3, 4] = 0
    low: bool = False
    fixed: bool = False
    wide: bool = False
    cut: bool = False
    named: bool = False
    when: Any = True


def link_column(key: str, head: Words, text: Take, to: Take, *, sub: Take | None = None, **more: Any) -> Column:
    """The first column: the row's name, which opens it; `sub`: a second line."""

    def cell(row: Any) -> rx.Component:
        under = [rx.el.span(sub(row), class_name="sub")] if sub else []
        return rx.fragment(link(text(row), to=to(row), class_name="name", title=text(row)), *under)

    return Column(key, head, cell, **{"phone": 1, "fixed": True, "named": True, **more})


def text_column(key: str, head: Words, text: Take, **more: Any) -> Column:
    """Plain second text."""
    return Column(key, head, lambda row: rx.el.span(text(row), class_name="mute"), **more)


def count_column(key: str, head: Words, text: Take, to: Take, *, said: Words = "", **more: Any) -> Column:
    """A number that opens to its people; a dash (nothing known) opens nothing. `said`: what is counted, spoken."""

    def cell(row: Any) -> Any:
        return rx.cond(
            to(row) != "",
            door(text(row), to(row), label=said if given(said) else head),
            rx.el.span(text(row), class_name="mute"),
        )

    return Column(key, head, cell, **{"right": True, **more})


def number_column(key: str, head: Words, text: Take, **more: Any) -> Column:
    """A number that does not open: a percent, a size."""
    return Column(key, head, lambda row: rx.el.span(text(row), class_name="num"), **{"right": True, **more})


def status_column(
    key: str, head: Words, value: Take, states: Iterable[str], *, words: str = "status", **more: Any
) -> Column:
    """Icon and word of a state."""
    known = tuple(states)
    return Column(key, head, lambda row: status(value(row), known, words=words), **more)


def time_column(key: str, head: Words, text: Take, full: Take | None = None, **more: Any) -> Column:
    """A moment in the viewer's zone; the full time with its zone is in the title."""
    return Column(
        key,
        head,
        lambda row: rx.el.span(text(row), class_name="mute num", **({"title": full(row)} if full else {})),
        **more,
    )
