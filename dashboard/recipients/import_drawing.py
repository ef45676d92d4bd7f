"""Parts that several steps of the wizard draw: the steps themselves, the bar of a result, its lines."""

from typing import Any

import reflex as rx

from dashboard import ui
from dashboard.i18n import tr
from dashboard.recipients.import_lines import KINDS

STEPS = ("file", "columns", "check", "import")


def steps(at: Any) -> rx.Component:
    """Where the wizard is. `at`: a Var with the name of the step."""
    place = rx.match(at, *[(name, number) for number, name in enumerate(STEPS)], 0).to(int)
    drawn = [_step(number, name, place) for number, name in enumerate(STEPS)]
    return rx.el.ol(*drawn, class_name="steps", aria_label=tr("import.steps"))


def _step(number: int, name: str, place: rx.Var[int]) -> rx.Component:
    here = place == number
    sign = rx.cond(place > number, ui.icon("check", 13), str(number + 1))
    return rx.el.li(
        rx.el.span(sign, class_name="no", aria_hidden="true"),
        rx.el.span(tr(f"import.step.{name}")),
        class_name=rx.cond(here, "on", rx.cond(place > number, "past", "")),
        custom_attrs={"aria-current": rx.cond(here, "step", "false")},
    )


def by_kind(kind: Any, key: str) -> Any:
    """The words of a key for each kind of people: `key.contact` …"""
    return rx.match(kind, *[(str(one), tr(f"{key}.{one}")) for one in KINDS], tr(f"{key}.contact"))


def result_bar(result: Any) -> rx.Component:
    """New, updated, unchanged and wrong rows, as shares of all rows."""
    return ui.progress(
        ui.Part(result.new_share, "ok"),
        ui.Part(result.updated_share),
        ui.Part(result.unchanged_share, "skip"),
        ui.Part(result.wrong_share, "bad"),
        label=tr("import.result_bar"),
        value=(result.new_share + result.updated_share + result.unchanged_share),
    )


def result_lines(kind: Any, result: Any) -> rx.Component:
    """The counts of the bar's parts with their words."""
    return rx.el.dl(
        _line("ok", by_kind(kind, "import.new"), result.new, "new"),
        _line("", by_kind(kind, "import.updated"), result.updated, "updated"),
        _line("skip", by_kind(kind, "import.unchanged"), result.unchanged, "unchanged"),
        _line("bad", tr("import.wrong"), result.wrong, "problems"),
        class_name="keyed",
    )


def _line(tone: str, words: Any, number: Any, name: str) -> rx.Component:
    return rx.el.div(
        rx.el.dt(rx.el.i(class_name=tone), words), rx.el.dd(number, class_name="num strong"), id=f"result-{name}"
    )


def download(label: Any, href: Any, *, small: bool = False) -> rx.Component:
    """A file of the server's: a link that the browser follows itself."""
    names = "btn sm" if small else "btn"
    return ui.server_link(ui.icon("download", 15), rx.el.span(label), to=href, class_name=names, download="")
