"""The names of the instances behind the points of a figure, written into its SVG.

A page can then show the instance of a point, filter points and open the part about an instance. A
point is one element ``<use>`` of the SVG. It carries the attribute ``data-instance``, and one
attribute for each column in ``ATTRIBUTES`` that the table of the figure has.
"""

from __future__ import annotations

import math
import re
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

ATTRIBUTES = {
    "instance": "instance",
    "group": "group",
    "class_name": "class",
    "num_qubits": "d",
    "tau": "tau",
    "setting": "setting",
    "convention": "convention",
    "sampler": "sampler",
    "model": "model",
}
"""Columns of tables, and the names of their attributes after ``data-``."""

NEAR = 0.01
"""Largest distance, in points of 1/72 inch, of the element of a point from the point."""

_INSTANCES = "_qxgap_instances"


def instances_of(table: pd.DataFrame) -> dict[str, Any]:
    """Return the arguments of ``scatter`` that mark a point for each row of a table.

    Parameters
    ----------
    table : DataFrame
        Rows in the order of the points; without a column ``instance`` no point is marked.
    """
    if "instance" not in table:
        return {}
    known = [name for name in ATTRIBUTES if name in table and name != "instance"]
    return {"instances": table["instance"], "details": table[known]}


def mark(points: PathCollection, instances: Any, details: pd.DataFrame | None = None) -> None:
    """Give names to the points of a scatter plot, and to the plot an id within its figure.

    Parameters
    ----------
    points : PathCollection
        The points, all with one color and one marker.
    instances : sequence of str, shape (n,)
        Name of the instance of each point.
    details : DataFrame, optional
        n rows; columns that are not in ``ATTRIBUTES`` are left out.
    """
    names = [str(name) for name in instances]
    number = len(_offsets(points))
    if len(names) != number:
        raise ValueError(f"{len(names)} names for {number} points")
    rows: list[dict[str, Any]] = [{"instance": name} for name in names]
    if details is not None:
        known = details[[name for name in details if name in ATTRIBUTES]]
        rows = [{**row, **more} for row, more in zip(rows, known.to_dict("records"), strict=True)]
    root = points.get_figure(root=True)
    points.set_gid(f"points-{1 + len(_marked(root))}")  # type: ignore[arg-type]
    setattr(points, _INSTANCES, [_attributes(row) for row in rows])


def with_instances(text: str, figure: Figure) -> str:
    """Return the SVG of a figure with the attributes of all marked points.

    Parameters
    ----------
    text : str
        The SVG that ``figure`` has just been written as.
    figure : Figure
        The figure.
    """
    for points in _marked(figure):
        if points.get_visible():
            text = _with_points(text, figure, points)
    return text


def _marked(figure: Figure) -> list[PathCollection]:
    """Return the scatter plots of a figure whose points have names."""
    return [artist for artist in figure.findobj(PathCollection) if hasattr(artist, _INSTANCES)]


def _offsets(points: PathCollection) -> NDArray[np.float64]:
    """Return the coordinates of the points, of shape (n, 2); masked ones are NaN."""
    offsets: Any = np.ma.asarray(points.get_offsets(), dtype=float)
    return np.ma.filled(offsets, np.nan)


def _with_points(text: str, figure: Figure, points: PathCollection) -> str:
    """Write the attributes into the elements of one scatter plot, which are in order."""
    attributes = getattr(points, _INSTANCES)
    at = points.get_offset_transform().transform(_offsets(points)) * 72.0 / figure.dpi
    width, height = 72.0 * figure.get_size_inches()
    at[:, 1] = height - at[:, 1]  # an SVG counts from above
    inside = np.all((at >= 0) & (at <= (width, height)), axis=1)
    waiting = list(np.flatnonzero(inside))

    def written(element: re.Match[str]) -> str:
        # matplotlib leaves out points beyond the figure; it may add some where lines between
        # points leave the figure, and those belong to no instance
        position = (float(element[1]), float(element[2]))
        if not waiting or np.abs(at[waiting[0]] - position).max() > NEAR:
            return element[0]
        return element[0].replace("<use ", f"<use {attributes[waiting.pop(0)]} ", 1)

    gid = re.escape(str(points.get_gid()))
    group = re.compile(rf'\n( *)<g id="{gid}">.*?\n\1</g>', re.S)
    use = re.compile(r'<use [^>]*\bx="([-\d.]+)" y="([-\d.]+)"[^>]*>')
    text = group.sub(lambda found: use.sub(written, found[0]), text, count=1)
    if waiting:
        raise RuntimeError(
            f"{len(waiting)} of the {inside.sum()} points of {points.get_gid()} are no elements "
            "of the SVG; points with names need one color and one marker, and must not be pixels"
        )
    return text


def _attributes(row: dict[str, Any]) -> str:
    """Return the attributes of one point; what is not known is left out."""
    known = {name: value for name, value in row.items() if not _is_missing(value)}
    return " ".join(f'data-{ATTRIBUTES[name]}="{_text(value)}"' for name, value in known.items())


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _text(value: Any) -> str:
    """Return a value as the text of an attribute, in which no id or color can be found."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return escape(text, {'"': "&quot;", "#": "&#35;", "\n": "&#10;"})
