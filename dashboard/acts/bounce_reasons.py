"""Why messages came back, by mailbox provider: a table whose every number opens to its people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import reflex as rx

from dashboard import routes, ui
from dashboard.acts.event_words import reason_said
from dashboard.i18n import format, say, tr
from models.address import OTHER_PROVIDER
from models.log_filter import LogFilter
from models.log_table import Action
from models.results import Results

COLUMNS: Final = 4
"""Mailbox providers with a column of their own; the others share one."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of people and where they are; "" where there are none."""

    value: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A reason at each provider, and everywhere. `whole`: the last row, all reasons together."""

    reason: str
    numbers: tuple[Number, ...]
    total: Number
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Reasons:
    """The table: a head for each column of providers, the commonest reason first."""

    heads: tuple[str, ...] = ()
    rows: tuple[Row, ...] = field(default_factory=tuple)


def reasons_of(results: Results, language: str) -> Reasons:
    """The table in the viewer's words; its numbers add up to the bounced."""
    if not results.reasons:
        return Reasons()
    columns = _columns(results)
    heads = tuple(_head(providers, language) for providers in columns)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    everything: dict[str, int] = defaultdict(int)
    for one in results.reasons:
        found[one.reason][one.provider] = one.people
        everything[one.provider] += one.people
    order = sorted(found, key=lambda reason: (-sum(found[reason].values()), reason))
    back = replace(results.scope, included=(Action.BOUNCED,))
    rows = [
        _row_of(reason_said(language, reason), found[reason], columns, replace(back, reason=reason), language)
        for reason in order
    ]
    whole = _row_of(say(language, "results.all_reasons"), everything, columns, back, language)
    return Reasons(heads, (*rows, replace(whole, whole=True)))


def _columns(results: Results) -> list[tuple[str, ...]]:
    """The providers of each column: those that return most, then the others together."""
    people: dict[str, int] = defaultdict(int)
    for one in results.reasons:
        people[one.provider] += one.people
    named = sorted((name for name in people if name != OTHER_PROVIDER), key=lambda name: (-people[name], name))
    rest = (*named[COLUMNS:], *([OTHER_PROVIDER] if OTHER_PROVIDER in people else []))
    return [*((name,) for name in named[:COLUMNS]), *([rest] if rest else [])]


def _head(providers: tuple[str, ...], language: str) -> str:
    alone = len(providers) == 1 and providers[0] != OTHER_PROVIDER
    return providers[0] if alone else say(language, "results.other_providers")


def _row_of(
    reason: str, people: Mapping[str, int], columns: Iterable[tuple[str, ...]], opens: LogFilter, language: str
) -> Row:
    numbers = [
        _number(language, sum(people.get(name, 0) for name in providers), replace(opens, provider=providers))
        for providers in columns
    ]
    return Row(reason, tuple(numbers), _number(language, sum(people.values()), opens))


def _number(language: str, people: int, opens: LogFilter) -> Number:
    if not people:
        return Number()
    return Number(format.count(language, people), routes.to(routes.LOG, **opens.to_query()))


def reasons_panel(reasons: rx.Var[Reasons]) -> rx.Component:
    """The panel; nothing before something came back."""
    heads = rx.el.tr(
        rx.el.th(tr("results.reason"), scope="col"),
        rx.el.th(tr("results.all_providers"), scope="col", class_name="r"),
        rx.foreach(reasons.heads, lambda head: rx.el.th(head, scope="col", class_name="r")),
    )
    table = rx.el.div(
        rx.el.table(
            rx.el.thead(heads),
            rx.el.tbody(rx.foreach(reasons.rows, _row)),
            class_name="t",
            aria_label=tr("results.why_back"),
        ),
        class_name="tw",
    )
    by_provider = rx.el.span(tr("results.people_by_provider"))
    shown = ui.panel(table, title=tr("results.why_back"), end=by_provider, padded=False)
    return rx.cond(reasons.rows.length() > 0, rx.el.div(shown, id="reasons"))


def _row(row: rx.Var[Row]) -> rx.Component:
    def cell(number: rx.Var[Number]) -> rx.Component:
        nobody = rx.el.span("·", class_name="mute", aria_hidden="true")
        door = ui.door(number.value, number.href, label=row.reason)
        return rx.el.td(rx.cond(number.href != "", door, nobody), class_name="r num")

    return rx.el.tr(
        rx.el.td(row.reason, class_name="wide"),
        cell(row.total),  # before the others: it is the one that a phone shows without scrolling
        rx.foreach(row.numbers, cell),
        class_name=rx.cond(row.whole, "sum", ""),
    )
