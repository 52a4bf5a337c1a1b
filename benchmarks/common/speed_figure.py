"""Draw the speed of qxgap beside a few others, as the README shows it.

    python -m benchmarks.common.speed_figure

Reads benchmarks/results/gap.csv and dynamics.csv; writes speed.png and speed.svg beside them.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.dynamics import dynamics_table
from benchmarks.gap import gap_table
from qxgap.plotting.style import STYLE

RESULTS = Path(__file__).parents[1] / "results"
GAP = {
    "ours": "qxgap, bracket over all s",
    "free-equal": "eigsh without a matrix, 101 points",
    "qutip": "QuTiP, 101 points",
    "quspin": "QuSpin, 101 points",
    "authors": "authors' procedure, 101 points",
}
SUCCESS = {
    "ours": "qxgap, error estimated",
    "qutip-vern7": "QuTiP vern7, tolerance by hindsight",
    "quspin": "QuSpin dop853, tolerance by hindsight",
    "authors": "authors' loop",
}
COLORS = {
    "ours": "#0072B2",
    "free-equal": "#009E73",
    "qutip": "#E69F00",
    "qutip-vern7": "#E69F00",
    "quspin": "#CC79A7",
    "authors": "#7F7F7F",
}


def draw(axis: Axes, summary: pd.DataFrame, names: dict[str, str], title: str) -> None:
    """Draw a line for each solver; hollow markers where the number is extrapolated."""
    for solver, name in names.items():
        line = summary.loc[solver].dropna(subset=["seconds"])
        color, width = COLORS[solver], 2.5 if solver == "ours" else 1.2
        axis.plot(line.index, line.seconds, color=color, linewidth=width)
        for marked, part in line.groupby("marked"):
            face = "white" if marked else color
            axis.plot(part.index, part.seconds, "o", color=color, markerfacecolor=face)
        axis.plot([], [], "o-", color=color, linewidth=width, label=name)
    axis.set(yscale="log", xlabel="qubits d", ylabel="seconds, one thread", title=title)
    axis.set_ylim(top=200 * axis.get_ylim()[1])  # room for the legend
    axis.grid(True)
    axis.legend(fontsize=8, loc="upper left")


def figure() -> Figure:
    """Return the figure: the gap on the left, the success probability on the right."""
    with mpl.rc_context(STYLE):
        result = Figure(figsize=(9.0, 3.6), layout="constrained")
        left, right = result.subplots(1, 2)
        gap = gap_table.summarise(gap_table.read(RESULTS / "gap.csv")[0])
        draw(left, gap, GAP, "minimum gap to 0.1 %")
        success = dynamics_table.summarise(dynamics_table.read(RESULTS / "dynamics.csv")[0])
        draw(right, success, SUCCESS, "success at tau = 50 to 1e-6")
        return result


def main() -> None:
    """Write both files."""
    with mpl.rc_context(STYLE):
        drawn = figure()
        for suffix, metadata in ((".png", None), (".svg", {"Date": None})):
            drawn.savefig(RESULTS / f"speed{suffix}", dpi=150, metadata=metadata)


if __name__ == "__main__":
    main()
