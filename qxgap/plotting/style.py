"""What all figures share: colours, text, panels, and how they are written.

Colours are those of Okabe and Ito, distinguishable with every common colour blindness; series
differ in marker or line too. Text and axes are drawn in ``INK``, which a page replaces by its own
text colour, so that a figure is readable on a dark page as on a light one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from xml.sax.saxutils import escape

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

P = ParamSpec("P")

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#7F7F7F"
PURPLE, SKY = "#CC79A7", "#56B4E9"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY, GREY)
MARKERS = "osD^vPX"
INK = "#0b0c0d"
CONVENTION_NAMES = {"paper": "driver weight 1 (paper)", "authors-code": "driver weight 1/d (code)"}
MANY_POINTS = 3000
"""Points from which on a scatter is drawn as pixels inside an SVG, to keep the file small."""

_INKED = (
    *("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor"),
    *("xtick.color", "ytick.color", "xtick.labelcolor", "ytick.labelcolor", "legend.labelcolor"),
)
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10.0,
    "axes.titlesize": 10.5,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "qxgap",
    "axes.axisbelow": True,
    "grid.alpha": 0.25,
    **dict.fromkeys(_INKED, INK),
}


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw with ``STYLE``, whatever the caller's settings of matplotlib are."""

    @wraps(draw)
    def inner(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return inner


def panels(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Any, Any]:
    """Return a figure and its axes, an array (rows, columns); sizes of one panel in inches."""
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    for axis in axes.ravel():
        axis.grid(True)
    return figure, axes


def looks(names: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Colour and marker of every series, in order; they repeat after seven."""
    return {
        name: {"color": PALETTE[i % len(PALETTE)], "marker": MARKERS[i % len(MARKERS)]}
        for i, name in enumerate(dict.fromkeys(names))
    }


def scatter(axis: Any, x: Any, y: Any, **options: Any) -> None:
    """Small dots that let others through; pixels inside an SVG if there are very many."""
    defaults = {"s": 18, "alpha": 0.65, "linewidths": 0, "rasterized": len(x) > MANY_POINTS}
    axis.scatter(x, y, **{**defaults, **options})


def spread(count: int, width: float = 0.5) -> Any:
    """Sideways shifts of ``count`` dots within ``width``, even and the same every time."""
    return width * (np.mod(np.arange(count) * 0.6180339887, 1.0) - 0.5)


def whole_numbers(axis: Any, largest: float = 0) -> None:
    """Ticks of a horizontal axis at whole numbers only."""
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8 if largest < 100 else 5))


def logarithmic(axis: Any, which: str = "xy") -> None:
    """Logarithmic scales, in each direction in which the axis shows anything positive."""
    if "x" in which and np.isfinite(axis.dataLim.minposx):
        axis.set_xscale("log")
        _ticks(axis.xaxis, axis.get_xlim())
    if "y" in which and np.isfinite(axis.dataLim.minposy):
        axis.set_yscale("log")
        _ticks(axis.yaxis, axis.get_ylim())


def _ticks(axis: Any, limits: tuple[float, float]) -> None:
    """Plain numbers where there are few powers of ten, and no labels between the ticks."""
    axis.set_minor_formatter(NullFormatter())  # matplotlib's own lie on each other
    if not limits[1] / 100 < limits[0]:  # as a ratio it could overflow
        return
    few = limits[1] < 4 * limits[0]
    axis.set_major_locator(MaxNLocator(4) if few else LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if few:
        axis.set_minor_locator(NullLocator())


def diagonal(axis: Any, label: str = "equal") -> None:
    """Dashed line y = x on logarithmic axes, which keep the limits of what is drawn already."""
    limits = {"xlim": axis.get_xlim(), "ylim": axis.get_ylim()}
    axis.axline((1, 1), (10, 10), color=INK, linestyle="--", linewidth=1, label=label)
    axis.set(**limits)


def below(figure: Any, axis: Any, columns: int = 3) -> None:
    """Put the legend of ``axis`` below the panels."""
    handles, labels = axis.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=columns)


_NO_METADATA = dict.fromkeys(["Date", "Creator", "Format", "Type"])


def save(figure: Figure, stem: Path) -> str:
    """Write ``stem`` as .svg and .png, the same bytes for the same numbers; return the SVG's text.

    The files are on white; the text returned has no background and is for :func:`inline_svg`.
    """
    written = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(written, format="svg", metadata=_NO_METADATA, facecolor="none")
        figure.set_layout_engine("none")  # the panels stay where they are, which saves much time
        figure.savefig(stem.with_name(stem.name + ".png"), dpi=160, metadata={"Software": None})
    text = written.getvalue()
    start = text.index("<svg")
    end = text.index(">", start) + 1
    white = '<rect width="100%" height="100%" fill="#ffffff"/>'
    file = stem.with_name(stem.name + ".svg")
    file.write_text(text[:end] + white + text[end:], encoding="utf-8")
    return text[start:]


def inline_svg(text: str, name: str, alt: str, width: float) -> str:
    """Return an ``<svg>`` for a page: see-through, in its text colour and its ``--blue``.

    Parameters
    ----------
    text : of :func:`save`.
    name : put before every id, so that those of several figures differ; letters and hyphens.
    alt : what the figure shows, for those who do not see it.
    width : in pixels, if there is room.
    """
    text = text.replace(INK, "currentColor").replace(BLUE.lower(), f"var(--blue, {BLUE.lower()})")
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{name}-", text)
    opening, rest = text.split(">", 1)
    kept = re.sub(r'\b(width|height)="[\d.]+pt" ?', "", opening)
    label = escape(alt, {'"': "&quot;"})
    return f'{kept} role="img" aria-label="{label}" style="width:{width:.0f}px">{rest}'
