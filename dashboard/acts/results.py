"""The results of a campaign or mass email: the cells of its figures and, line by line, all that came of what was sent.

Every number opens to exactly that many people; every percent says in words what it is of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import reflex as rx

from dashboard import routes, ui
from dashboard.i18n import format, say, tr
from models.log_filter import REJECTED_BY, RETURNED_BY, LogFilter, by_machines, opened_by_clicking
from models.log_table import Action, BounceKind
from models.results import Results

ICONS: Final = {
    "sent": "send",
    "opened": "mail-open",
    "clicked": "mouse-pointer-click",
    "replied": "reply",
    "opted_out": "bell-off",
    "bounced": "undo-2",
    "complained": "flag",
    "failed": "circle-x",
}
_COLORS: Final[dict[str, Literal["sent", "opened", "clicked", "opted-out", "bounced"]]] = {
    "sent": "sent",
    "replied": "opened",
    "opened": "opened",
    "clicked": "clicked",
    "opted_out": "opted-out",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """`share` of the bar in percent; `base`: what the percent is of; `warn`: the fact asks for a person; `href` ""
    opens nothing."""

    value: str = "–"
    href: str = ""
    percent: str = ""
    fact: str = ""
    share: float = 0.0
    warn: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the detail. `part`: of the line above it; `state` "": no icon; `value` "": a head over lines."""

    words: str
    value: str = ""
    href: str = ""
    percent: str = ""
    state: str = ""
    part: bool = False


# --- cells ---


def cell_of(results: Results, name: str, language: str) -> Cell:
    """The cell of a figure that is an action of people; what nobody can know is no zero."""
    number = getattr(results.figures, name)
    if name in _unknown(results):
        return Cell(fact=_counted_only(results, name, language))
    cell = counted(language, number, results.figures.rate(name), _scope(results, name))
    return replace(cell, fact=_fact(results, name, language), base=_base(results, name, language))


def counted(language: str, number: int, rate: float | None, opens: LogFilter) -> Cell:
    """A number that opens, with its share."""
    return Cell(
        value=format.count(language, number),
        href=routes.to(routes.LOG, **opens.to_query()),
        percent=_percent(language, rate),
        share=100 * (rate or 0),
    )


def figures_card(cells: rx.Var[dict[str, Cell]], names: tuple[str, ...]) -> rx.Component:
    """The card of cells by name, in this order."""
    return ui.figures(
        *[
            ui.Figure(
                tr(f"results.{name}"),
                ICONS[name],
                cells[name].value,
                cells[name].href,
                cells[name].percent,
                rx.cond(cells[name].warn, rx.el.span(cells[name].fact, class_name="ink-warn"), cells[name].fact),
                cells[name].share,
                _COLORS.get(name, "bounced"),
                cells[name].base,
            )
            for name in names
        ]
    )


def _fact(results: Results, name: str, language: str) -> str:
    """One line below a number, where there is something to say; else what its percent is of."""
    figures = results.figures
    said = {
        "opened": ("by_machines", {"count": figures.machine_opened}),
        "clicked": ("by_scanners", {"count": figures.machine_clicked}),
        "bounced": ("bounce_kinds", {"hard": figures.bounced_hard, "soft": figures.bounced_soft}),
    }
    key, numbers = said.get(name, ("", {}))
    return say(language, f"results.{key}", **numbers) if any(numbers.values()) else _base(results, name, language)


def _counted_only(results: Results, name: str, language: str) -> str:
    """What is known where people are not told apart."""
    hits = {"opened": results.figures.open_hits, "clicked": results.figures.click_hits}.get(name, 0)
    if results.anonymous:
        return say(language, f"results.{name}_anonymously", count=hits)
    return say(language, "results.not_tracked")


def _unknown(results: Results) -> list[str]:
    known = {"opened": results.opens_known, "clicked": results.clicks_known, "opted_out": results.consents}
    return [name for name, is_known in known.items() if not is_known]


# --- rates ---


def _base(results: Results, name: str, language: str) -> str:
    """What the percent of a figure is of, in words."""
    figures, whole = results.figures, results.figures.base(name)
    if not whole:
        return ""
    if whole == figures.sent:
        return say(language, "results.of_sent")
    refused = name.startswith(("bounced", "rejected", "returned"))
    return say(language, "results.of_handed_over" if refused else "results.of_followed", count=whole)


def _percent(language: str, rate: float | None) -> str:
    return format.percent(language, round(rate * 1_000_000), 1_000_000) if rate is not None else ""


# --- where a number opens ---


def _scope(results: Results, name: str) -> LogFilter:
    scope = results.scope
    back = replace(scope, included=(Action.BOUNCED,))
    special = {
        "inferred": opened_by_clicking(scope),
        "bounced_hard": replace(back, bounce_kind=BounceKind.HARD),
        "bounced_soft": replace(back, bounce_kind=BounceKind.SOFT),
        "rejected": replace(back, sources=REJECTED_BY),
        "returned": replace(back, sources=RETURNED_BY),
        "machine_opened": by_machines(scope, Action.OPENED),
        "machine_clicked": by_machines(scope, Action.CLICKED),
    }
    return special[name] if name in special else replace(scope, included=(Action(name),))


# --- the detail ---


def lines_of(results: Results, language: str) -> list[Line]:
    """All that came of it, in groups that say what their percents are of; nothing before something was sent."""
    if not results.figures.sent and not results.figures.bounced:
        return []
    return [*_people(results, language), *_came_back(results, language), *_machines(results, language)]


def _people(results: Results, language: str) -> Iterator[Line]:
    unknown = _unknown(results)
    yield Line(say(language, "results.people"), percent=say(language, "results.of_sent"))
    for name in ("opened", "clicked", "replied", "opted_out", "opted_in", "complained"):
        if name in unknown:
            yield Line(say(language, f"results.{name}"), format.UNKNOWN, state=name)
        elif name != "opted_in" or results.figures.opted_in:
            yield _line(results, name, language, state=name)
        if name == "opened" and results.figures.inferred:
            yield _line(results, "inferred", language, part=True)


def _came_back(results: Results, language: str) -> Iterator[Line]:
    figures = results.figures
    yield Line(say(language, "results.came_back"), percent=_base(results, "bounced", language))
    yield _line(results, "bounced", language, state="bounced")
    if figures.bounced:
        for name in ("bounced_hard", "bounced_soft", "rejected", "returned"):
            yield _line(results, name, language, part=True)


def _machines(results: Results, language: str) -> Iterator[Line]:
    """Machines are no people: their numbers are apart, and of nothing."""
    if not results.machines:
        return
    yield Line(say(language, "results.machines"), percent=say(language, "results.not_among"))
    for action in (Action.OPENED, Action.CLICKED):
        found = [one for one in results.machines if one.action is action]
        if found:
            yield replace(_line(results, f"machine_{action}", language, state=action), percent="")
        for one in found:
            opens = by_machines(results.scope, action, one.machine)
            words = say(language, f"log.why_machine.{one.machine}")
            yield Line(words, format.count(language, one.people), _door(opens), part=True)


def _line(results: Results, name: str, language: str, *, state: str = "", part: bool = False) -> Line:
    number: int = getattr(results.figures, name)
    words = say(language, f"results.{name}")
    base = _base(results, name, language)
    if name in {"opened", "clicked"} and results.figures.sent and base != say(language, "results.of_sent"):
        words = f"{words}, {base}"
    percent = _percent(language, results.figures.rate(name))
    return Line(
        words, format.count(language, number), _door(_scope(results, name)) if number else "", percent, state, part
    )


def _door(opens: LogFilter) -> str:
    return routes.to(routes.LOG, **opens.to_query())


def results_panel(lines: rx.Var[list[Line]]) -> rx.Component:
    """The panel; nothing before something was sent."""
    table = rx.el.div(
        rx.el.table(
            rx.el.tbody(rx.foreach(lines, _row)),
            class_name="t dense",
            aria_label=tr("results.title"),
        ),
        class_name="tw",
    )
    return rx.cond(
        lines.length() > 0, rx.el.div(ui.panel(table, title=tr("results.title"), padded=False), id="results")
    )


def _row(line: rx.Var[Line]) -> rx.Component:
    number = rx.cond(line.href != "", ui.door(line.value, line.href, label=line.words), rx.el.span(line.value))
    words = rx.el.span(
        rx.cond(line.state != "", ui.state_icon(line.state, list(Action))),
        rx.el.span(line.words),
        class_name=rx.cond(line.part, "st part mute", "st"),
    )
    counted_row = rx.el.tr(
        rx.el.td(words, class_name="wide"),
        rx.el.td(number, class_name="r num"),
        rx.el.td(line.percent, class_name="r num mute"),
    )
    head = rx.el.tr(
        rx.el.th(line.words, scope="rowgroup"),
        rx.el.th(line.percent, col_span=2, class_name="r"),
        class_name="group",
    )
    return rx.cond(line.value == "", head, counted_row)
