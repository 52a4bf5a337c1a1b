"""A figure with a slider over the anneal fraction, as HTML that loads nothing.

It is plain SVG with a little script, because that works wherever HTML does: in a notebook with or
without a kernel, in one that was exported to HTML, and in the documentation. Where scripts are
forbidden, or on paper, it shows one anneal fraction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from .style import BLUE, GREY, ORANGE

Array = NDArray[np.float64]

LEFT, RIGHT, TOP, BOTTOM = 46.0, 408.0, 16.0, 220.0
"""Edges of the plane of both panels, in units of the SVG, which is 420 wide."""

HEADROOM = 1.4
"""Height of the panel of levels, over the largest gap; higher levels are cut."""

TEMPLATE = "anneal_slider.html.j2"


@dataclass(frozen=True)
class HtmlFigure:
    """A figure of HTML, which shows itself in a notebook.

    Attributes
    ----------
    html : str
        One element with its style and its script.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import qxgap as qx
    >>> figure = qx.plotting.HtmlFigure("<p>An anneal</p>")
    >>> with TemporaryDirectory() as folder:
    ...     figure.save(Path(folder, "anneal.html"))
    ...     print(Path(folder, "anneal.html").read_text(encoding="utf-8").splitlines()[-1])
    <p>An anneal</p>
    """

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def save(self, path: str | Path) -> None:
        """Write the figure as a page of its own.

        Parameters
        ----------
        path : str or pathlib.Path
            The file, which is overwritten.
        """
        page = (
            '<!doctype html>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f"<title>Anneal</title>\n{self.html}\n"
        )
        Path(path).write_text(page, encoding="utf-8")


def anneal_slider(
    s: ArrayLike,
    levels: ArrayLike,
    degeneracy: int,
    states: Sequence[str],
    ground: ArrayLike,
    anneals: Mapping[float, tuple[ArrayLike, ArrayLike]] | None = None,
    *,
    start: float = 0.0,
    unit: str = "",
) -> HtmlFigure:
    """Levels over s with a moving line, and bars for the states that are probable at that s.

    Parameters
    ----------
    s : array_like of float, shape (n,)
        Anneal fractions, ascending.
    levels : array_like of float, shape (n, k)
        Energies above the lowest level.
    degeneracy : int
        Number g of levels that end in a ground state; the gap is that of level g.
    states : sequence of str, length m
        Names of the basis states that are shown.
    ground : array_like of float, shape (n, m)
        Probability of each state in the ground state of H(s).
    anneals : dict of float to (array_like, array_like), optional
        For each anneal time the probability (n,) of the lowest levels, and the probability (n, m)
        of each state.
    start : float, optional
        The anneal fraction that is shown at first, and where scripts are forbidden.
    unit : str, optional
        Unit of the energies; empty if they are dimensionless.

    Returns
    -------
    HtmlFigure
        The figure.

    Examples
    --------
    >>> import qxgap as qx
    >>> levels, ground = [[0.0, 2.0], [0.0, 0.5], [0.0, 1.0]], [[0.5, 0.5], [0.8, 0.2], [1.0, 0.0]]
    >>> figure = qx.plotting.anneal_slider([0, 0.6, 1], levels, 1, ["01", "10"], ground, start=0.6)
    >>> 'type="range"' in figure.html
    True
    """
    fractions, energies = np.asarray(s, dtype=float), np.asarray(levels, dtype=float)
    gaps, probabilities = energies[:, degeneracy], np.asarray(ground, dtype=float)
    runs = [
        {"tau": f"{tau:g}", "in_ground": _short(population), "states": _short(annealed)}
        for tau, (population, annealed) in (anneals or {}).items()
    ]
    top = HEADROOM * float(gaps.max())
    height = (BOTTOM - TOP) / top
    data = {
        "s": _short(fractions, 4),
        "gap": [float(f"{gap:.3g}") for gap in gaps],
        "height": _short(gaps * height, 2),
        "ground": _short(probabilities),
        "anneals": runs,
    }
    x = LEFT + fractions * (RIGHT - LEFT)
    lines = [_polyline(x, BOTTOM - level * height) for level in energies.T]
    environment = Environment(
        loader=PackageLoader("qxgap.plotting"), autoescape=True, undefined=StrictUndefined
    )
    text = environment.get_template(TEMPLATE).render(
        data=json.dumps(data, separators=(",", ":")),
        shown=data,
        at=int(np.abs(fractions - start).argmin()),
        smallest=int(gaps.argmin()),
        lines=lines,
        degeneracy=degeneracy,
        ticks=_ticks(top, height),
        bars=_bars(states),
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        colors={"blue": BLUE, "orange": ORANGE, "grey": GREY},
        unit=f" {unit}" if unit else "",
    )
    return HtmlFigure(text)


def _short(values: ArrayLike, digits: int = 3) -> Any:
    """Return numbers as lists with few digits, which keeps the page small."""
    return (np.round(np.asarray(values, dtype=float), digits) + 0.0).tolist()


def _polyline(x: Array, y: Array) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def _ticks(top: float, height: float) -> list[dict[str, Any]]:
    """Return the marks of the axis of energies."""
    values = np.asarray(MaxNLocator(5).tick_values(0.0, top))
    return [
        {"text": f"{value:g}", "y": round(BOTTOM - value * height, 1)}
        for value in values.tolist()
        if 0.0 <= value <= top
    ]


def _bars(states: Sequence[str]) -> list[dict[str, Any]]:
    """Return the name of each state, where its two bars stand and how wide they are."""
    step = (RIGHT - LEFT) / max(len(states), 1)
    width = min(0.38 * step, 24.0)
    centers = [LEFT + step * (i + 0.5) for i in range(len(states))]
    return [
        {"name": name, "x": round(x, 1), "width": round(width, 1)}
        for name, x in zip(states, centers, strict=True)
    ]
