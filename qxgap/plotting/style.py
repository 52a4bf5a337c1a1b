"""The common style of all figures: colors, text and panels, and the writing of files.

The colors are those of Okabe and Ito, which people with any common color blindness can distinguish;
series differ in their marker or line too. Text and axes are drawn in ``INK``. A page replaces that
color by its own text color, so that a figure is readable on a dark page and on a light one.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from xml.sax.saxutils import escape

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from ..errors import InputError
from .marks import mark, with_instances

P = ParamSpec("P")
PanelAxes = Axes | Sequence[Axes] | None
"""The axes for the panels of a figure, in reading order; None makes a new figure."""

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#7F7F7F"
PURPLE, SKY = "#CC79A7", "#56B4E9"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY, GREY)
MARKERS = "osD^vPX"
INK = "#0b0c0d"
MANY_POINTS = 3000
"""A scatter of more points is drawn as pixels inside an SVG, which keeps the file small."""

INK_SETTINGS = (
    "text.color",
    "axes.edgecolor",
    "axes.labelcolor",
    "axes.titlecolor",
    "xtick.color",
    "ytick.color",
    "xtick.labelcolor",
    "ytick.labelcolor",
    "legend.labelcolor",
)
"""The settings of matplotlib that are set to ``INK``."""

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
    **dict.fromkeys(INK_SETTINGS, INK),
}


class PanelFigure(Figure):
    """A figure that :func:`panels` made; its legend stands below its panels.

    A notebook shows it without a magic command, in the text color of the page, light or dark.

    Attributes
    ----------
    legend_in_panel : bool
        Whether every panel has its own legend, below it.
    """

    legend_in_panel = False

    def _repr_html_(self) -> str:
        """Return the figure as an ``<svg>`` element that is never wider than the page."""
        return notebook_svg(self)


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw with ``STYLE``, whatever the caller's settings of matplotlib are."""

    @wraps(draw)
    def draw_in_style(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return draw_in_style


def panels(
    rows: int,
    columns: int,
    width: float,
    height: float,
    ax: PanelAxes = None,
    **options: Any,
) -> tuple[Any, Any]:
    """Return a figure and the axes of its panels, an array of shape (rows, columns).

    Parameters
    ----------
    rows, columns : int
        Number of panels in each direction.
    width, height : float
        Size of one panel of a new figure, in inches.
    ax : Axes or sequence of Axes, optional
        The axes to draw in, one for each panel; by default a new figure is made.
    **options
        Arguments of ``Figure.subplots`` for a new figure.

    Raises
    ------
    InputError
        If ``ax`` has another number of axes than the figure has panels.
    """
    if ax is None:
        figure = PanelFigure(figsize=(width * columns, height * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **options)
    else:
        axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if axes.size != rows * columns:
            raise InputError(
                f"ax has {axes.size} axes; this figure needs one for each of its {rows * columns} "
                "panels, or None for a new figure"
            )
        axes = axes.reshape(rows, columns)
    for axis in axes.ravel():
        axis.grid(True)
    return axes.flat[0].figure, axes


def series_styles(names: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Return the color and the marker of every series, in order; they repeat after seven."""
    return {
        name: {"color": PALETTE[i % len(PALETTE)], "marker": MARKERS[i % len(MARKERS)]}
        for i, name in enumerate(dict.fromkeys(names))
    }


def scatter(
    axis: Any,
    x: Any,
    y: Any,
    instances: Any = None,
    details: Any = None,
    **options: Any,
) -> None:
    """Draw small transparent dots; they are pixels inside an SVG if there are very many.

    Parameters
    ----------
    axis : Axes
        Where to draw.
    x, y : array_like of float, shape (n,)
        The points.
    instances : sequence of str, shape (n,), optional
        Name of the instance of each point, for the attribute ``data-instance`` of its element of
        the SVG. More than ``MANY_POINTS`` points are pixels and have no names.
    details : DataFrame, optional
        n rows with further attributes; see :mod:`qxgap.plotting.marks`.
    **options
        Arguments of ``Axes.scatter``.
    """
    many = len(x) > MANY_POINTS
    defaults = {"s": 18, "alpha": 0.65, "linewidths": 0, "rasterized": many}
    points = axis.scatter(x, y, **{**defaults, **options})
    if instances is not None and not many:
        mark(points, instances, details)


def spread(count: int, width: float = 0.5) -> Any:
    """Return sideways shifts of ``count`` dots within ``width``, which are always the same."""
    return width * (np.mod(np.arange(count) * 0.6180339887, 1.0) - 0.5)


def quartiles(axis: Any, table: Any, by: str, value: str, **options: Any) -> None:
    """Draw the median of ``value`` at each ``by``, with a bar between its quartiles."""
    groups = table.groupby(by)[value]
    middle, low, high = groups.median(), groups.quantile(0.25), groups.quantile(0.75)
    bars = (middle - low, high - middle)
    axis.errorbar(middle.index, middle, bars, **{"capsize": 3, "markersize": 5, **options})


def whole_numbers(axis: Any, largest: float = 0) -> None:
    """Put the ticks of a horizontal axis at whole numbers only."""
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8 if largest < 100 else 5))


def logarithmic(axis: Any, which: str = "xy") -> None:
    """Make the scales logarithmic, in each direction in which the axis shows anything positive."""
    if "x" in which and np.isfinite(axis.dataLim.minposx):
        axis.set_xscale("log")
        _set_ticks(axis.xaxis, axis.get_xlim())
    if "y" in which and np.isfinite(axis.dataLim.minposy):
        axis.set_yscale("log")
        _set_ticks(axis.yaxis, axis.get_ylim())


def _set_ticks(axis: Any, limits: tuple[float, float]) -> None:
    """Write plain numbers where there are few powers of ten, and no labels between the ticks."""
    axis.set_minor_formatter(NullFormatter())  # matplotlib's own labels would overlap
    if not limits[1] / 100 < limits[0]:  # the ratio of the limits could overflow
        if limits[0] > 1e-4 and limits[1] < 1e5:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        return
    narrow = limits[1] < 4 * limits[0]
    axis.set_major_locator(MaxNLocator(4) if narrow else LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if narrow:
        axis.set_minor_locator(NullLocator())


def diagonal(axis: Any, label: str = "equal") -> None:
    """Draw the dashed line y = x on logarithmic axes, without a change of their limits."""
    limits = {"xlim": axis.get_xlim(), "ylim": axis.get_ylim()}
    axis.axline((1, 1), (10, 10), color=INK, linestyle="--", linewidth=1, label=label)
    axis.set(**limits)


SHORT_LABEL = 30
"""Number of characters up to which two names stand beside each other below a panel of several."""


def legend_below(axis: Any, columns: int = 3) -> None:
    """Put the legend of ``axis`` below the panels, or inside axes that a caller passed."""
    handles, labels = axis.get_legend_handles_labels()
    if not handles:
        return
    figure = axis.figure
    if not isinstance(figure, PanelFigure):  # the rest of the figure is the caller's
        axis.legend(handles, labels)
    elif figure.legend_in_panel:
        short = max(map(len, labels)) <= SHORT_LABEL
        below = {"loc": "upper left", "bbox_to_anchor": (0.0, -0.16), "borderaxespad": 0.0}
        axis.legend(handles, labels, **below, ncols=2 if short else 1, fontsize=8.0)
    else:
        figure.legend(handles, labels, loc="outside lower center", ncols=columns)


_NO_METADATA = dict.fromkeys(["Date", "Creator", "Format", "Type"])


def save(figure: Figure, stem: Path) -> str:
    """Write a figure as PNG and SVG, with the same bytes for the same numbers.

    The background of the files is white.

    Parameters
    ----------
    figure : Figure
        A result of one of the functions of this package.
    stem : Path
        Path of the files without their ending; ``.svg`` and ``.png`` are appended.

    Returns
    -------
    str
        The text of the SVG without a background, for :func:`inline_svg`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import qxgap as qx
    >>> figure = qx.plotting.bars(["a", "b"], [3, 5], "variable", "qubits in its chain")
    >>> with TemporaryDirectory() as folder:
    ...     text = qx.plotting.save(figure, Path(folder, "chains"))
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['chains.png', 'chains.svg']
    """
    text = _svg(figure)
    with mpl.rc_context(STYLE):
        # the layout is computed already; to compute it again for the PNG would take much time
        figure.set_layout_engine("none")
        figure.savefig(stem.with_name(stem.name + ".png"), dpi=160, metadata={"Software": None})
    start = text.index("<svg")
    end = text.index(">", start) + 1
    white = '<rect width="100%" height="100%" fill="#ffffff"/>'
    file = stem.with_name(stem.name + ".svg")
    file.write_text(text[:end] + white + text[end:], encoding="utf-8")
    return text[start:]


def notebook_svg(figure: Figure, alt: str = "") -> str:
    """Return a figure as an ``<svg>`` element for a notebook, readable in dark and light.

    Parameters
    ----------
    figure : Figure
        A result of one of the functions of this package.
    alt : str, optional
        A description of the figure for those who cannot see it; by default the names of its axes.

    Returns
    -------
    str
        The element. Text and axes have the text color of the notebook, and it is never wider than
        the page.

    Examples
    --------
    >>> import qxgap as qx
    >>> figure = qx.plotting.bars(["a", "b"], [3, 5], "variable", "qubits in its chain")
    >>> element = qx.plotting.notebook_svg(figure, "two bars")
    >>> element.startswith("<svg"), "currentColor" in element
    (True, True)
    """
    text = _svg(figure)
    name = f"figure-{hashlib.sha256(text.encode()).hexdigest()[:10]}"
    about = [f"{a.get_ylabel()} against {a.get_xlabel()}" for a in figure.axes if a.get_xlabel()]
    description, width = alt or "; ".join(about), 96.0 * figure.get_figwidth()
    element = inline_svg(text[text.index("<svg") :], name, description, width)
    return element.replace('style="', 'style="max-width:100%;height:auto;', 1)


def svg_text(figure: Figure) -> str:
    """Return the text of a figure as SVG without a background, for :func:`inline_svg`.

    Parameters
    ----------
    figure : Figure
        A result of one of the functions of this package.
    """
    text = _svg(figure)
    return text[text.index("<svg") :]


def _svg(figure: Figure) -> str:
    """Return the text of an SVG file without a background, with the names of all points."""
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA, facecolor="none")
    return with_instances(buffer.getvalue(), figure)


def _with_two_digits(attribute: re.Match[str]) -> str:
    """Return the coordinates of an element to a hundredth of a point, which nobody can see."""
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute[0])


def inline_svg(text: str, name: str, alt: str, width: float) -> str:
    """Return an ``<svg>`` element for a page: transparent, in the page's text color and blue.

    Parameters
    ----------
    text : str
        The result of :func:`save`.
    name : str
        Prefix of every id, so that the ids of several figures differ; letters and hyphens.
    alt : str
        A description of the figure for those who cannot see it.
    width : float
        Width in pixels, if the page has room for it.

    Returns
    -------
    str
        The element, which contains the whole figure.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import qxgap as qx
    >>> figure = qx.plotting.bars(["a", "b"], [3, 5], "variable", "qubits in its chain")
    >>> with TemporaryDirectory() as folder:
    ...     text = qx.plotting.save(figure, Path(folder, "chains"))
    >>> element = qx.plotting.inline_svg(text, "chains", "Two bars", 480)
    >>> 'aria-label="Two bars" style="width:480px"' in element
    True
    """
    text = text.replace(INK, "currentColor").replace(BLUE.lower(), f"var(--blue, {BLUE.lower()})")
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\1{name}-", text)
    text = re.sub(r' (?:x|y|d|points)="[^"]*"', _with_two_digits, text)
    opening, rest = text.split(">", 1)
    attributes = re.sub(r'\b(width|height)="[\d.]+pt" ?', "", opening)
    label = escape(alt, {'"': "&quot;"})
    return f'{attributes} role="img" aria-label="{label}" style="width:{width:.0f}px">{rest}'
