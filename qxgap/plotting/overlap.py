"""Which classes select the same maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from .style import styled


@styled
def class_overlap(matrices: Mapping[str, NDArray], classes: Sequence[str]) -> Figure:
    """Class-class overlap of the selected maps, one panel per selection rule.

    Parameters
    ----------
    matrices : name -> (c, c) Bhattacharyya coefficients; NaN for classes without selections.
    classes : c names.
    """
    figure = Figure(figsize=(4.1 * len(matrices) + 0.6, 4.4), layout="constrained")
    axes = figure.subplots(1, len(matrices), squeeze=False)[0]
    for axis, (name, matrix) in zip(axes, matrices.items(), strict=True):
        picture = axis.imshow(matrix, cmap="cividis", vmin=0, vmax=1)
        ticks = range(len(classes))
        axis.set(title=name, xticks=ticks, yticks=ticks, xticklabels=classes, yticklabels=classes)
        for i, j in np.argwhere(matrix >= 0.10):
            colour = "white" if matrix[i, j] < 0.5 else "black"
            text = f"{matrix[i, j]:.1f}".replace("0.", ".")
            axis.text(j, i, text, ha="center", va="center", fontsize=7, color=colour)
    figure.colorbar(
        picture, ax=axes, shrink=0.8, label="overlap", format=FuncFormatter(lambda x, _: f"{x:g}")
    )
    return figure
