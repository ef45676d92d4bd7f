"""Surfaces: panel, figures, progress, facts, columns of a page."""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx

from dashboard.ui.element import Words, classes, given, icon, link, spoken, when


def panel(*children: Any, title: Words = "", end: Any = None, flush: bool = False, padded: bool = True) -> rx.Component:
    """A bordered surface. `title` and `end` (facts or small acts) make its head. `padded=False`: a table or lines."""
    head = [panel_head(title, end)] if given(title) else []
    body = rx.el.div(*children, class_name="panel-b") if padded else rx.fragment(*children)
    return rx.el.section(*head, body, class_name=classes("panel", "flush" if flush or not padded else ""))


def panel_head(title: Words, end: Any = None, badge: Any = None) -> rx.Component:
    """The head of a panel: its title, a count beside it, and what stands at the right."""
    parts = [rx.el.h2(title), *([badge] if badge is not None else [])]
    return rx.el.div(*parts, *([rx.el.div(end, class_name="end")] if end is not None else []), class_name="panel-h")


def columns(main: list[Any], side: list[Any], *, halves: bool = False) -> rx.Component:
    """Main and side column, 1.75 : 1; one column up to 1100 px."""
    stack = {"class_name": "col g4"}
    return rx.el.div(
        rx.el.div(*main, **stack), rx.el.div(*side, **stack), class_name="g cols-half" if halves else "g cols-main"
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: `value` is shown text, `to` what it opens, `percent` beside it, `fact` one line below, `share` 0–100 of
    the bar in `color` (a chart token such as "sent"). `base`: what the percent is of."""

    label: Words
    icon_name: str
    value: Words
    to: Words = ""
    percent: Words = ""
    fact: Any = ""
    share: Any = None
    color: Literal["sent", "opened", "clicked", "opted-out", "bounced"] = "sent"
    base: Words = ""


def figures(*cells: Figure) -> rx.Component:
    """The figure card: divided cells, each opens to its people; 3 × n in a narrow panel, 2 × n on phones."""
    return rx.el.section(
        rx.el.div(*[_cell(cell) for cell in cells], class_name=classes("figs", "five" if len(cells) == 5 else "")),
        class_name="panel",
    )


def _cell(cell: Figure) -> rx.Component:
    opens = given(cell.to)
    parts = [
        rx.el.span(icon(cell.icon_name), cell.label, class_name="l"),
        rx.el.span(rx.el.span(cell.value, class_name="open" if opens else "num"), _percent_of(cell), class_name="v"),
        rx.el.span(cell.fact, class_name="s block"),
    ]
    if cell.share is not None:
        parts.append(rx.el.span(bar(cell.share, f"var(--chart-{cell.color})"), class_name="bar", aria_hidden="true"))
    return link(*parts, to=cell.to, class_name="fig") if opens else rx.el.div(*parts, class_name="fig")


def _percent_of(cell: Figure) -> rx.Component:
    """The percent; what it is of shows under the pointer and is spoken."""
    if not given(cell.base):
        return rx.el.small(cell.percent)
    return rx.el.small(cell.percent, spoken(rx.Var.create(" ") + cell.base), title=cell.base)


def bar(share: Any, color: str) -> rx.Component:
    """The filled part of a bar, `share` percent of its track."""
    return rx.el.i(style={"width": _percent(share), "background": color})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a progress: `share` percent of the whole; tone "" done · ok · bad · skip (left out) · warn."""

    share: Any
    tone: Literal["", "ok", "bad", "skip", "warn"] = ""


def progress(*parts: Part, label: Words, value: Any = None, thin: bool = False, paused: Any = False) -> rx.Component:
    """A stacked bar; `value` (percent done) is spoken with the label; what is not covered is still to do."""
    return rx.el.div(
        *[rx.el.i(class_name=part.tone, style={"width": _percent(part.share)}) for part in parts],
        class_name=classes(
            "progress", "thin" if thin else "", when(paused, "paused", "") if paused is not False else ""
        ),
        role="progressbar",
        aria_label=label,
        custom_attrs={
            "aria-valuemin": 0,
            "aria-valuemax": 100,
            "aria-valuenow": parts[0].share if value is None else value,
        },
    )


def portion_cells(done: int, planned: int, most: int = 60) -> list[str]:
    """What each cell of `portions` shows: "" done, "next", "todo". Above `most` portions a cell stands for several."""
    several = max(1, -(-planned // most))
    cells, filled = -(-planned // several), done // several
    return ["" if cell < filled else "next" if cell == filled else "todo" for cell in range(cells)]


def portions(cells: rx.Var[list[str]], label: Words) -> rx.Component:
    """One cell per portion, from a state var that `portion_cells` fills."""
    return rx.el.div(
        rx.foreach(cells, lambda cell: rx.el.i(class_name=cell)), class_name="portions", role="img", aria_label=label
    )


def facts(*pairs: tuple[Words, Any]) -> rx.Component:
    """Names and values in two columns."""
    return rx.el.dl(*[part for name, value in pairs for part in (rx.el.dt(name), rx.el.dd(value))], class_name="facts")


def _percent(share: Any) -> Any:
    return share.to_string() + "%" if isinstance(share, rx.Var) else f"{share}%"
