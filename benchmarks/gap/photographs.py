"""The minimum gap of the problems of six photographs, 20 to 183 qubits, in both conventions.

    python -m benchmarks.gap.photographs run [--workers 2]
    python -m benchmarks.gap.photographs table [--note TEXT]

The problems are the embedded ones of EfficientNet-Lite0, blocks 10 and 15, and of block 15 also
the problems of the most important 20, 50 and 100 maps: what one does whose annealer is too small.
Up to 20 qubits the gap is certified, above it is estimated.

`run` computes what benchmarks/results/photographs.jsonl does not hold yet: delete it to measure
anew. Each problem and driver is a process of its own with one thread; its seconds are of processor
time and contain everything but imports and compilation. `table` writes photographs.md, .png and
.svg.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import qxgap as qx
from benchmarks.common.cells import ROOT
from benchmarks.common.machine import machine
from qxgap.plotting.style import STYLE
from qxgap.problem import photograph_problems
from qxgap.problem.feature_selection import feature_selection_of
from qxgap.testing import random_feature_selection

OUTPUT = Path(__file__).parents[1] / "results"
ROWS = OUTPUT / "photographs.jsonl"
SIZES = (20, 50, 100)
"""Numbers of maps of block 15, besides all."""
DRIVERS = {"paper": "driver 1", "authors-code": "driver 1/d"}
COLORS = {"paper": "#0072B2", "authors-code": "#D55E00"}
ALL = "block15_all"
GROUPS = (ALL, "block15_100", "block10", "block15_50", "block15_20")
CERTIFIED = 20
"""Largest number of qubits at which the gap is certified."""


def most_important(problem: qx.QuboProblem, number: int) -> qx.QuboProblem:
    """Return the problem of the maps of largest importance, in their old order."""
    source = feature_selection_of(problem)
    kept = np.sort(np.argsort(-source.rewards, kind="stable")[:number])
    return replace(
        source,
        rewards=source.rewards[kept],
        redundancy=source.redundancy[np.ix_(kept, kept)],
        labels=[source.labels[p] for p in kept],
        alpha=None if source.alpha is None else source.alpha[kept],
    ).qubo()


def problem_of(group: str, name: str) -> qx.QuboProblem:
    """Return a problem by its group and name."""
    if group == "block10":
        return photograph_problems(10)[name]
    problem = photograph_problems(15)[name]
    return problem if group == ALL else most_important(problem, int(group.split("_")[1]))


def cell(group: str, name: str, convention: str) -> dict[str, Any]:
    """Return the row of one problem and driver."""
    problem = problem_of(group, name)
    H = qx.AnnealHamiltonian(problem, driver=qx.Convention(convention).driver(problem.num_qubits))
    method = None if problem.num_qubits <= CERTIFIED else qx.SelectedConfigurations()
    warm_up = random_feature_selection(12, seed=0)
    qx.minimum_gap(warm_up, method=method)  # compiles
    begin = time.process_time()
    gap = qx.minimum_gap(H, method=method)
    row = {
        "group": group,
        "instance": name,
        "convention": convention,
        "num_qubits": problem.num_qubits,
        "seconds": time.process_time() - begin,
        **gap.to_dict(),
    }
    return {key: rounded(value) for key, value in row.items()}


def rounded(value: Any) -> Any:
    """Return a value with eight significant digits, lists too."""
    if isinstance(value, float):
        return float(f"{value:.8g}")
    return [rounded(part) for part in value] if isinstance(value, list | tuple) else value


def run_cell(cell: tuple[str, str, str]) -> None:
    """Run a cell in a process of its own, with one thread, and append its row."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    environment = os.environ | {f"{name}_NUM_THREADS": "1" for name in names}
    command = [sys.executable, "-m", "benchmarks.gap.photographs", "cell", *cell]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(*cell, done.stderr.splitlines()[-1], file=sys.stderr, flush=True)
        return
    line = done.stdout.splitlines()[-1]
    row = json.loads(line)
    print(*cell, row["gap"], row["status"], f"{row['seconds']:.0f} s", file=sys.stderr, flush=True)
    with ROWS.open("a") as file:
        file.write(line + "\n")


def run(workers: int) -> None:
    """Run all cells that the file does not hold yet."""
    known = set()
    if ROWS.exists():
        rows = map(json.loads, ROWS.read_text().splitlines())
        known = {(row["group"], row["instance"], row["convention"]) for row in rows}
    cells = [(g, name, c) for g in GROUPS for name in photograph_problems() for c in DRIVERS]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run_cell, [cell for cell in cells if cell not in known]))


def interval_text(row: pd.Series) -> str:
    """Return the 95 % interval of an estimate, or the bracket of a certified gap."""
    low, high = (row.gap_lower, row.gap) if row.status == "BRACKETED" else row.gap_interval
    return f"{low:.4g} to {high:.4g}"


def proven_text(row: pd.Series) -> str:
    """Return what is proven: at most, and at least from where on."""
    if row.status == "BRACKETED":
        return f"{row.gap_lower:.4g} to {row.gap:.4g} for all s"
    if math.isnan(row.proven_from):
        return f"at most {row.gap_upper:.4g}"
    late = f"from s = {row.proven_from:.3f} at least {row.proven_lower:.4g}"
    return f"at most {row.gap_upper:.4g}; {late}"


def table(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the lines of the table, a row for every problem and driver."""
    yield (
        "| problem | d | driver | gap | 95 % interval | proven | s* | classical gap | ratio "
        "| seconds |"
    )
    yield "|---" * 10 + "|"
    for row in rows.itertuples():
        seconds = f"{row.seconds:.0f}"
        cells = (
            f"{row.group}/{row.instance}",
            str(row.num_qubits),
            DRIVERS[row.convention],
            f"{row.gap:.4g}",
            interval_text(row),
            proven_text(row),
            f"{row.s_star:.4f}",
            f"{row.classical_gap:.4g}",
            f"{row.gap / row.classical_gap:.3f}",
            seconds,
        )
        yield f"| {' | '.join(cells)} |"


def medians(rows: pd.DataFrame) -> Iterator[str]:
    """Yield a table of medians over the six photographs, for each group and driver."""
    yield "| group | d | driver | gap | classical gap | ratio: median | smallest | s* < 1 |"
    yield "|---" * 8 + "|"
    for (_, group, convention), part in rows.groupby(["typical_d", "group", "convention"]):
        ratio = part.gap / part.classical_gap
        low, high = part.num_qubits.min(), part.num_qubits.max()
        yield (
            f"| {group} | {low if low == high else f'{low} to {high}'} | {DRIVERS[convention]} | "
            f"{part.gap.median():.3g} | {part.classical_gap.median():.3g} | {ratio.median():.3f} | "
            f"{ratio.min():.3f} | {(part.s_star < 1).sum()} of {len(part)} |"
        )


def slopes(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the exponents of d within the photographs of block 15, with 95 % intervals.

    Every photograph has a slope of its own (least squares of log gap on log d over its sizes); the
    interval is Student's over the six photographs.
    """
    last = rows[rows.group != "block10"]
    if last.group.nunique() < 3:
        yield "Not measured yet: the smaller problems of block 15 are missing."
        return
    columns = {"gap": "smallest gap", "classical_gap": "classical gap"}
    for convention, part in last.groupby("convention"):
        for column, text in columns.items():
            found = np.array(
                [
                    np.polyfit(np.log(own.num_qubits), np.log(own[column]), 1)[0]
                    for _, own in part.groupby("instance")
                ]
            )
            mean = qx.statistics.mean_interval(found)
            yield (
                f"* {DRIVERS[convention]}, {text}: exponent {mean.mean:.2f} "
                f"[{mean.interval[0]:.2f}, {mean.interval[1]:.2f}]; "
                f"of the photographs {', '.join(f'{x:.2f}' for x in found)}"
            )
        most = part[part.group.isin(["block15_100", ALL])]
        sizes, gaps = (
            most.pivot_table(column, "instance", "group") for column in ("num_qubits", "gap")
        )
        grown = gaps[ALL] / gaps["block15_100"]
        law = sizes["block15_100"] / sizes[ALL]
        yield (
            f"* {DRIVERS[convention]}, from 100 maps to all the smallest gap changes by factors "
            f"{', '.join(f'{x:.2f}' for x in grown)}; a law 1/d asks for "
            f"{law.min():.2f} to {law.max():.2f}"
        )


def markdown(rows: pd.DataFrame, note: str) -> str:
    """Return the page."""
    estimated = rows[rows.status != "BRACKETED"]
    large = estimated[estimated.num_qubits >= 100]
    error = (large.gap_standard_error / large.gap).max()
    width = ((large.gap_interval.str[1] - large.gap_interval.str[0]) / large.gap).max()
    proven = (large.status == "BRACKETED_ABOVE").sum()
    head = [
        "# The smallest gap of six photographs, 20 to 183 qubits",
        "",
        "* command: python -m benchmarks.gap.photographs run; ... table",
        f"* machine: {machine()}",
        *([f"* {note}"] if note else []),
        "* versions: " + ", ".join(f"{k} {v}" for k, v in rows.versions.iloc[0].items()),
        f"* {len(rows)} rows; with 100 qubits and more {len(large)}, in at most "
        f"{large.seconds.max():.0f} s each; largest standard error {100 * error:.2g} % of the gap, "
        f"widest 95 % interval {100 * width:.0f} % of it; a lower bound is proven for the "
        f"last part of {proven} of these anneals",
        "",
        "The gap up to 20 qubits is certified in the whole space. Above it is estimated in",
        "selected configurations, and proven as far as the column says. *Ratio*: gap over",
        "classical gap, the distance of the two lowest energies of the problem. *Seconds*: of",
        "processor time, one thread.",
        "",
        "![smallest gaps, and gaps along the anneal](photographs.png)",
        "",
        "Left: the smallest gap of each problem against its classical gap, larger dots for more",
        "qubits; on the dotted line both are equal. Middle and right: the gap along the anneal,",
        "from left to right, for the problems with all maps; a dot is the smallest gap.",
        "",
        "## Medians over the six photographs",
        "",
        *medians(rows),
        "",
        "## How the gap falls with the number of maps, in block 15",
        "",
        *slopes(rows),
        "",
        "## Every problem",
        "",
        *table(rows),
    ]
    return "\n".join(head) + "\n"


def draw_classical(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw the smallest gap of every problem against its classical gap; dots grow with d."""
    for convention, part in rows.groupby("convention"):
        axis.scatter(
            part.classical_gap,
            part.gap,
            s=part.num_qubits / 3,
            color=COLORS[convention],
            alpha=0.8,
            label=DRIVERS[convention],
        )
    ends = np.array([rows.gap.min() / 1.5, rows.classical_gap.max() * 1.5])
    axis.plot(ends, ends, ":", color="#444444", lw=0.8)
    axis.set(xscale="log", yscale="log", xlabel="classical gap", ylabel="smallest gap")
    axis.legend(fontsize=8, loc="upper left")
    axis.set_title("smallest gap of each problem")


def draw_curves(axis: Axes, rows: pd.DataFrame, convention: str) -> None:
    """Draw the gap along the anneal for all maps of the photographs, in units of the classical."""
    part = rows[(rows.group == ALL) & (rows.convention == convention)]
    for number, row in enumerate(part.itertuples()):
        s, gap = np.array(row.curve_s), np.array(row.curve_gap) / row.classical_gap
        inside = (s > 0) & (s < 1)
        color = f"C{number}"
        axis.plot(1 - s[inside], gap[inside], "-", lw=1.0, color=color)
        if 0 < row.s_star < 1:
            axis.plot(1 - row.s_star, row.gap / row.classical_gap, "o", ms=6, color=color)
        axis.plot([], [], "o-", color=color, label=f"{row.instance}, d = {row.num_qubits}")
    axis.axhline(1.0, color="#444444", lw=0.8, ls=":")
    axis.set(xscale="log", yscale="log", xlabel="1 - s", ylabel="gap / classical gap")
    axis.set_xlim(1.0, min(1 - max(x for x in s if x < 1) for s in part.curve_s) / 2)
    axis.set_title(f"along the anneal, {DRIVERS[convention]}")


def figure(rows: pd.DataFrame) -> Figure:
    """Return the figure: all problems on the left, the gap along the anneal on the right."""
    result = Figure(figsize=(11.0, 3.9), layout="constrained")
    left, middle, right = result.subplots(1, 3)
    draw_classical(left, rows)
    draw_curves(middle, rows, "paper")
    draw_curves(right, rows, "authors-code")
    right.legend(fontsize=7, loc="upper center")
    return result


def recorded() -> pd.DataFrame:
    """Return the rows of the file, the smallest problems first."""
    rows = pd.DataFrame(list(map(json.loads, ROWS.read_text().splitlines())))
    rows["typical_d"] = rows.groupby("group").num_qubits.transform("median")
    return rows.sort_values(["typical_d", "group", "instance", "convention"])


def write_table(note: str) -> None:
    """Write page and figure."""
    rows = recorded()
    text = markdown(rows, note)
    (OUTPUT / "photographs.md").write_text(text, encoding="utf-8")
    with mpl.rc_context({**STYLE, "svg.hashsalt": "qxgap"}):
        drawn = figure(rows)
        for suffix, metadata in ((".png", None), (".svg", {"Date": None})):
            drawn.savefig(OUTPUT / f"photographs{suffix}", dpi=150, metadata=metadata)
    print(text)


def main() -> None:
    """Run all cells, one of them, or write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    every = commands.add_parser("run", help="run the cells that the file does not hold yet")
    every.add_argument("--workers", type=int, default=1, help="cells at a time")
    one = commands.add_parser("cell", help="run one problem and driver and print its row as JSON")
    one.add_argument("group", choices=GROUPS)
    one.add_argument("instance", choices=photograph_problems())
    one.add_argument("convention", choices=DRIVERS)
    shown = commands.add_parser("table", help="write page and figure")
    shown.add_argument("--note", default="", help="what else ran on the machine")
    arguments = parser.parse_args()
    if arguments.command == "run":
        run(arguments.workers)
    elif arguments.command == "cell":
        print(json.dumps(cell(arguments.group, arguments.instance, arguments.convention)))
    else:
        write_table(arguments.note)


if __name__ == "__main__":
    main()
