"""Time and memory of the gap benchmark against d.

    python -m benchmarks.gap.gap_figure RESULTS.csv

Writes gap_scaling.png and gap_scaling.svg beside the CSV.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.gap.gap_table import LABELS, read, summarise

COLOURS = {
    **{"ours": "#000000", "authors": "#D55E00", "qutip": "#CC79A7", "quspin": "#E69F00"},
    **{"csr": "#009E73", "free": "#56B4E9", "free-equal": "#0072B2", "lobpcg-equal": "#8C6BB1"},
    **{"free-loose": "#9A9A9A", "lobpcg-loose": "#C9A66B"},
}
LEAST_MIB = 2.0
"""Growth below this is noise and is not drawn."""


def draw(axis: Axes, summary: pd.DataFrame, column: str, least: float = 0.0) -> None:
    """One line for each solver; hollow markers where the number is extrapolated."""
    for solver, colour in COLOURS.items():
        if solver not in summary.index.get_level_values("solver"):
            continue
        line = summary.loc[solver]
        line = line[line[column] > least]
        width = 2.6 if solver == "ours" else 1.3
        axis.plot(line.index, line[column], color=colour, linewidth=width)
        for marked, part in line.groupby("marked"):
            face = "white" if marked else colour
            axis.plot(part.index, part[column], "o", color=colour, markerfacecolor=face)
        axis.plot([], [], "o-", color=colour, linewidth=width, label=LABELS[solver].strip("*"))
    axis.set_yscale("log")
    axis.set_xticks(sorted(summary.index.get_level_values("d").unique()))
    axis.grid(alpha=0.25)


def figure(summary: pd.DataFrame) -> Figure:
    result = Figure(figsize=(10.0, 5.6), layout="constrained")
    seconds, memory = result.subplots(1, 2)
    draw(seconds, summary, "seconds")
    seconds.set(xlabel="qubits d", ylabel="seconds", title="Time (hollow: extrapolated)")
    extent = summary[~summary.growth_mib.isna()]
    draw(memory, extent, "growth_mib", LEAST_MIB)
    memory.set(xlabel="qubits d", ylabel="MiB", title="Memory held while solving")
    handles, labels = seconds.get_legend_handles_labels()
    result.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", type=Path)
    path = parser.parse_args().csv
    mpl.rcParams["svg.hashsalt"] = "qxgap"
    drawn = figure(summarise(read(path)[0]))
    for suffix, metadata in ((".png", None), (".svg", {"Date": None})):
        drawn.savefig(path.with_name(f"gap_scaling{suffix}"), dpi=150, metadata=metadata)


if __name__ == "__main__":
    main()
