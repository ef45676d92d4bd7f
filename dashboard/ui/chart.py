"""A chart: Plotly's basic bundle in the house's look, with a legend and a table of its own. Loaded on its page only."""

import json
from typing import Any, Final

import reflex as rx
from plotly.graph_objects import Figure as PlotlyFigure
from plotly.graph_objects import layout as plotly_layout

from dashboard.i18n import Prefs, tr
from dashboard.ui.chart_data import COLORS, LINES, Series
from dashboard.ui.element import Words

CONFIG: Final = {"displayModeBar": False, "responsive": True}


def _template(mode: str) -> plotly_layout.Template:
    colors = COLORS[mode]
    grid = {"gridcolor": colors["grid"], "zeroline": False, "tickfont": {"color": colors["axis"]}}
    layout = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter Variable, Inter, sans-serif", "size": 11, "color": colors["axis"]},
        "bargap": 0.16,
        "barcornerradius": 2,
        "barmode": "overlay",
        "xaxis": {**grid, "showgrid": False, "ticks": ""},
        "yaxis": {**grid, "rangemode": "tozero", "nticks": 4, "tickformat": ","},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colors["panel"],
            "bordercolor": colors["edge"],
            "font": {"size": 12, "color": colors["text"]},
        },
        "showlegend": False,
        "colorway": [
            colors[name]
            for name in ("sent", "planned", "opened", "clicked", "opted_out", "bounced", "replied", "complained")
        ],
        "transition": {"duration": 0},
        "dragmode": False,
    }
    return plotly_layout.Template(layout=layout)


TEMPLATES: Final = {"envoi-light": _template("light"), "envoi-dark": _template("dark")}


def chart(
    figure: rx.Var[dict[str, Any]],
    label: Words,
    *,
    legend: list[tuple[Series, str, Words]],
    height: int = 216,
    table: rx.Component | None = None,
    on_click: Any = None,
) -> rx.Component:
    """`figure`: a state var that `plot` made. `label`: its sentence, for those who do not see it. `legend`: (series,
    "bar" or "line", words). `table`: the same numbers, behind "Show as table". `on_click(points)` opens the people."""
    template = rx.color_mode_cond(light=TEMPLATES["envoi-light"], dark=TEMPLATES["envoi-dark"])
    drawn = rx.plotly.basic(
        data=_colored(figure),
        template=rx.Var.create(template).to(plotly_layout.Template),
        config=CONFIG,
        locale=Prefs.lang,
        width="100%",
        height=f"{height}px",
        **({"on_click": on_click} if on_click is not None else {}),
    )
    shown = [rx.el.details(rx.el.summary(tr("chart.as_table")), table)] if table is not None else []
    return rx.el.figure(
        rx.el.div(drawn, class_name="plot", role="img", aria_label=label, style={"minHeight": f"{height}px"}),
        rx.el.figcaption(*[_legend(*entry) for entry in legend], class_name="legend"),
        *shown,
        class_name="chart",
    )


def _colored(figure: rx.Var[dict[str, Any]]) -> rx.Var[PlotlyFigure]:
    """The figure with the theme's colours in place of their names."""
    text = f"JSON.stringify({figure!s})"
    light, dark = (
        text
        + "".join(
            f".replaceAll({json.dumps(json.dumps('@' + name))}, {json.dumps(json.dumps(color))})"
            for name, color in COLORS[mode].items()
        )
        for mode in ("light", "dark")
    )
    known = figure._get_all_var_data()
    return rx.color_mode_cond(
        light=rx.Var(f"JSON.parse({light})", _var_data=known).to(PlotlyFigure),
        dark=rx.Var(f"JSON.parse({dark})", _var_data=known).to(PlotlyFigure),
    )


def _legend(series: Series, shape: str, words: Words) -> rx.Component:
    css = f"var(--chart-{series.replace('_', '-')}, var(--gray-9))"
    if shape == "bar":
        look = {"background": css} if series != "planned" else {"border": "1px dashed var(--gray-9)"}
        return rx.el.span(rx.el.i(class_name="sq", style=look), words)
    dash, symbol = LINES[series]
    stroke = {"solid": "", "dashdot": "6 3 2 3"}.get(dash, dash.replace("px", ""))
    mark = {
        "circle-open": rx.el.svg.circle(cx=12, cy=6, r=3, fill="var(--color-panel-solid)", stroke=css, stroke_width=2),
        "diamond": rx.el.svg.path(d="M12 2l4 4-4 4-4-4z", fill=css),
        "triangle-up": rx.el.svg.path(d="M12 2l4.5 8h-9z", fill=css),
        "triangle-down": rx.el.svg.path(d="M12 10l4.5-8h-9z", fill=css),
        "x": rx.el.svg.path(d="M9 3l6 6m0-6l-6 6", stroke=css, stroke_width=2),
        "square": rx.el.svg.path(d="M9 3h6v6h-6z", fill=css),
        "circle": rx.el.svg.circle(cx=12, cy=6, r=2, fill=css),
    }[symbol]
    path = rx.el.svg.path(d="M0 6h24", stroke=css, stroke_width=2, custom_attrs={"strokeDasharray": stroke})
    return rx.el.span(rx.el.svg(path, mark, width=24, height=12, custom_attrs={"aria-hidden": "true"}), words)
