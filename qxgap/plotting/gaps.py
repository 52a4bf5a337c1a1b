"""Figures of minimum gaps: how large, against d and the classical gap, and where they lie.

Every frame has a row per instance and setting (driver, schedule): columns setting, instance,
num_qubits, gap, classical_gap, s_star, interior_gap, interior_s. Gaps that are not known are NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .style import (
    GREY,
    INK,
    RED,
    below,
    diagonal,
    logarithmic,
    looks,
    panels,
    scatter,
    spread,
    styled,
    whole_numbers,
)

GAP = "minimum gap"
HARDEST = 5
"""Instances that are named in the figure of the gap against d."""


@styled
def gap_histogram(frame: pd.DataFrame, unit: str = "") -> Figure:
    """Histogram of the first setting's minimum gap; cumulative curves of all, and classical."""
    figure, ((counts,),) = panels(1, 1, 5.6, 4.0)
    share = counts.twinx()
    names = looks(frame.setting)
    first = frame[frame.setting == next(iter(names))]
    top = max(float(frame[["gap", "classical_gap"]].max().max()), 1e-12) * 1.02
    counts.hist(first.gap, bins=np.linspace(0.0, top, 21), color=GREY, alpha=0.35)
    for (name, look), line in zip(names.items(), _lines(), strict=False):
        gaps = frame.gap[frame.setting == name].dropna()
        if len(gaps):
            share.ecdf(gaps, color=look["color"], linestyle=line, linewidth=1.8, label=name)
    share.ecdf(first.classical_gap, color=INK, linestyle=":", linewidth=1.4, label="classical gap")
    counts.set(xlabel=_with(GAP, unit), ylabel="instances (bars, first driver)", xlim=(0, top))
    counts.yaxis.set_major_locator(MaxNLocator(integer=True))
    share.set(ylabel="share with a smaller gap (lines)", ylim=(0, 1.02))
    share.yaxis.set_major_formatter(PercentFormatter(1.0))
    share.spines["right"].set_visible(True)
    below(figure, share, 2)
    return figure


@styled
def gap_by_size(frame: pd.DataFrame, unit: str = "") -> Figure:
    """Gap against d: every instance, medians with quartile bars, the hardest ones ringed."""
    names = looks(frame.setting)
    figure, axes = panels(1, len(names), 5.2 if len(names) == 1 else 4.4, 4.2, sharey=True)
    for axis, (name, look) in zip(axes[0], names.items(), strict=True):
        part = frame[(frame.setting == name) & (frame.gap > 0)]
        scatter(axis, part.num_qubits + spread(len(part)), part.gap, color=look["color"], alpha=0.4)
        quartiles(axis, part, "num_qubits", "gap", color=INK, marker="D", label="median, quartiles")
        classical = part.groupby("num_qubits").classical_gap.median()
        axis.plot(classical, color=GREY, linestyle=":", label="classical gap, median")
        hardest = part.nsmallest(HARDEST, "gap")
        axis.scatter(
            hardest.num_qubits + spread(len(part))[part.index.get_indexer(hardest.index)],
            hardest.gap,
            **{"s": 70, "facecolors": "none", "edgecolors": RED, "linewidths": 1.4},
            label=f"the {len(hardest)} hardest",
        )
        axis.set(title=name, xlabel="qubits d")
        logarithmic(axis, "y")
        whole_numbers(axis)
    axes[0][0].set_ylabel(_with(GAP, unit))
    below(figure, axes[0][0])
    return figure


@styled
def gap_against_classical(frame: pd.DataFrame, unit: str = "") -> Figure:
    """Minimum gap against the classical gap; on the line the anneal adds no hardness."""
    figure, ((axis,),) = panels(1, 1, 5.2, 4.4)
    for name, look in looks(frame.setting).items():
        part = frame[(frame.setting == name) & (frame.gap > 0)]
        scatter(axis, part.classical_gap, part.gap, **look, label=name)
    logarithmic(axis)
    diagonal(axis)
    axis.set(xlabel=_with("classical gap", unit), ylabel=_with(GAP, unit))
    below(figure, axis, 2)
    return figure


@styled
def minimum_place(frame: pd.DataFrame, unit: str = "") -> Figure:
    """Where the minimum lies, s* = t_min / tau: against the gap, and as a histogram."""
    figure, axes = panels(1, 2, 4.6, 3.9, sharey=True)
    names, bins = looks(frame.setting), np.linspace(0, 1, 41)
    known = frame.dropna(subset=["s_star"])
    for name, look in names.items():
        part = known[known.setting == name]
        scatter(axes[0][0], part.gap, part.s_star, **look, label=name)
    values = [known.s_star[known.setting == name] for name in names]
    colours = [look["color"] for look in names.values()]
    axes[0][1].hist(values, bins=bins, orientation="horizontal", color=colours)
    axes[0][0].set(xlabel=_with(GAP, unit), ylabel="s* = t_min / tau", ylim=(0, 1.03))
    axes[0][1].set(xlabel="instances")
    whole_numbers(axes[0][1])
    below(figure, axes[0][0], 2)
    return figure


@styled
def interior_gaps(frame: pd.DataFrame) -> Figure:
    """Smallest minimum strictly inside the anneal, over the classical gap, against its s."""
    figure, ((axis,),) = panels(1, 1, 5.2, 3.8)
    found = frame[np.isfinite(frame.interior_gap) & (frame.classical_gap > 0)]
    for name, look in looks(frame.setting).items():
        part = found[found.setting == name]
        label = f"{name}: {len(part)} of {(frame.setting == name).sum()}"
        scatter(axis, part.interior_s, part.interior_gap / part.classical_gap, **look, label=label)
    axis.axhline(1.0, color=INK, linestyle="--", linewidth=1, label="the classical gap")
    axis.set(xlabel="s of the interior minimum", ylabel="interior gap / classical gap")
    below(figure, axis, 1)
    return figure


@styled
def side_by_side(pairs: dict[str, pd.DataFrame], first: str, second: str) -> Figure:
    """The same instances under two settings: a panel per quantity, a dot per instance.

    Parameters
    ----------
    pairs : title of the panel -> columns first, second, both positive.
    """
    figure, axes = panels(1, len(pairs), 3.8, 3.9)
    for axis, (title, pair), look in zip(
        axes[0], pairs.items(), looks(list(pairs)).values(), strict=True
    ):
        scatter(axis, pair["first"], pair["second"], **look)
        axis.set(title=title, xlabel=first)
        logarithmic(axis)
        diagonal(axis)
    axes[0][0].set_ylabel(second)
    return figure


def quartiles(axis: Any, part: pd.DataFrame, by: str, value: str, **options: Any) -> None:
    """Median with quartile bars of ``value`` at each ``by``."""
    groups = part.groupby(by)[value]
    middle, low, high = groups.median(), groups.quantile(0.25), groups.quantile(0.75)
    bars = (middle - low, high - middle)
    axis.errorbar(middle.index, middle, bars, **{"capsize": 3, "markersize": 5, **options})


def _with(quantity: str, unit: str) -> str:
    return f"{quantity} ({unit or 'dimensionless'})"


def _lines() -> list[str]:
    return ["-", "--", "-.", "-", "--", "-.", "-"]
