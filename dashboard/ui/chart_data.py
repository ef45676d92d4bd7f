"""What a chart is made of, on the server: traces in the look of their series, with colours by name ("@sent").

The browser puts the theme's colours in place of the names, so that a change of theme needs no reload.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, Literal

Series = Literal["sent", "planned", "opened", "clicked", "opted_out", "bounced", "complained", "replied", "machine"]

COLORS: Final[dict[str, dict[str, str]]] = {
    "light": {
        "sent": "#758ee3",
        "planned": "#8b8d98",
        "opened": "#3358d4",
        "clicked": "#c95f06",
        "opted_out": "#12806f",
        "bounced": "#8f0f33",
        "complained": "#8a6d00",
        "replied": "#a06bd6",
        "machine": "#8b8d98",
        "text": "#1c2024",
        "axis": "#60646c",
        "grid": "#e8e8ec",
        "panel": "#ffffff",
        "edge": "#d9d9e0",
    },
    "dark": {
        "sent": "#4560b5",
        "planned": "#696e77",
        "opened": "#a9b9ff",
        "clicked": "#ffb866",
        "opted_out": "#38c9b0",
        "bounced": "#e8495f",
        "complained": "#d9b13b",
        "replied": "#9a6fe0",
        "machine": "#696e77",
        "text": "#edeef0",
        "axis": "#b0b4ba",
        "grid": "#2e3135",
        "panel": "#18191b",
        "edge": "#363a3f",
    },
}

# series → (dash, marker): shape differs where colour may not be seen
LINES: Final[dict[str, tuple[str, str]]] = {
    "planned": ("4px 3px", "circle-open"),
    "opened": ("solid", "circle-open"),
    "clicked": ("5px 3px", "diamond"),
    "opted_out": ("2px 3px", "triangle-up"),
    "bounced": ("dashdot", "x"),
    "complained": ("10px 3px", "triangle-down"),
    "replied": ("7px 2px", "square"),
    "sent": ("solid", "circle-open"),
    "machine": ("1px 2px", "circle"),
}

MOST_MARKERS: Final = 12
LINE_HEIGHT: Final = 14
FEWEST_TICKED: Final = 4
"""From here on four ticks stand at whole numbers by themselves."""
_MARGIN: Final = {"l": 44, "r": 12, "t": 20, "b": 26}


def bars(series: Series, x: Sequence[Any], y: Sequence[float], name: str) -> dict[str, Any]:
    """Bars of a series; planned ones are hollow with a dashed look."""
    marker: dict[str, Any] = {"color": f"@{series}"}
    if series == "planned":
        marker = {"color": "rgba(0,0,0,0)", "line": {"color": "@planned", "width": 1}}
    return {"type": "bar", "x": list(x), "y": list(y), "name": name, "marker": marker}


def line(
    series: Series, x: Sequence[Any], y: Sequence[float | None], name: str, *, steps: bool = False, rare: bool = False
) -> dict[str, Any]:
    """A line of a series with its dash and marker; `plot` writes its name and last value at the last known point.
    `rare`: mostly nothing happens, so that every marker stands where something does."""
    dash, symbol = LINES[series]
    size: Any = [8 if value else 0 for value in y] if rare else 8
    color = f"@{series}"
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(x),
        "y": list(y),
        "name": name,
        "line": {"color": color, "width": 2, "dash": dash, "shape": "hv" if steps else "linear"},
        "marker": {
            "color": color,
            "symbol": symbol,
            "size": size,
            "line": {"width": [2 if value else 0 for value in y] if rare else 2, "color": color},
            "maxdisplayed": 0 if rare else max(1, min(MOST_MARKERS, len(y) // 4)),
        },
        "cliponaxis": False,
    }


def plot(
    *traces: dict[str, Any],
    height: Literal[120, 216, 342] = 216,
    language: str = "en",
    now: Any = None,
    now_words: str = "",
    room: int = 12,
    x: dict[str, Any] | None = None,
    y: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A figure for `chart`: one unit, values from 0. `now`: where the line of this moment stands, right of it is plan;
    `room`: pixels at the right for labels; `x` and `y`: more of Plotly's axes."""
    shapes: list[Any] = []
    labels = [_last_label(trace) for trace in traces if trace["type"] == "scatter" and any(trace["y"])]
    notes = _apart(labels, traces, height)
    if now is not None:
        edge = {"color": "@text", "width": 1}
        shapes = [{"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1, "line": edge}]
        font = {"color": "@text", "size": 11}
        notes.append(
            {"x": now, "y": 1, "yref": "paper", "text": now_words, "showarrow": False, "yshift": 10, "font": font}
        )
    layout = {
        "height": height,
        "separators": ",\u202f" if language == "fr" else ".,",
        "margin": {**_MARGIN, "r": room},
        "shapes": shapes,
        "annotations": notes,
        "xaxis": x or {},
        "yaxis": _whole_ticks(traces) | (y or {}),
    }
    return {"data": list(traces), "layout": layout}


def _whole_ticks(traces: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Ticks at whole numbers where Plotly would put some between them: there is no half a person."""
    most = max((value for trace in traces for value in trace["y"] if value is not None), default=0)
    return {"dtick": 1} if most < FEWEST_TICKED else {}


def _apart(labels: list[dict[str, Any]], traces: Sequence[dict[str, Any]], height: int) -> list[dict[str, Any]]:
    """Labels that would lie on each other, moved up: none is nearer than a line to the one below it. The lowest may go
    down by half a line."""
    most = max((value for trace in traces for value in trace["y"] if value is not None), default=0) or 1
    pixels = (height - _MARGIN["t"] - _MARGIN["b"]) / most
    inorder = sorted(labels, key=lambda label: label["y"])
    for below, above in pairwise(inorder):
        if below["x"] == above["x"]:
            gap = (above["y"] - below["y"]) * pixels - below.get("yshift", 0)
            if gap < LINE_HEIGHT:
                below.setdefault("yshift", -LINE_HEIGHT // 2)
                above["yshift"] = round(below["yshift"] + LINE_HEIGHT - (above["y"] - below["y"]) * pixels)
    return labels


def _last_label(trace: dict[str, Any]) -> dict[str, Any]:
    last = max(place for place, value in enumerate(trace["y"]) if value is not None)
    return {
        "x": trace["x"][last],
        "y": trace["y"][last],
        "text": trace["name"],
        "showarrow": False,
        "xanchor": "left",
        "xshift": 10,
        "font": {"color": "@text", "size": 11},
    }
