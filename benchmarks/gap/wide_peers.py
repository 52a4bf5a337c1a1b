"""Two levels beyond 2^d: selected configurations against DMRG and projection Monte Carlo.

    pip install physics-tenpy
    python -m benchmarks.gap.wide_peers run --output benchmarks/results/wide_peers.csv
    python -m benchmarks.gap.wide_peers table benchmarks/results/wide_peers.csv

Rows that the CSV holds are kept: delete it to measure anew. `cell` runs one method at one point.

Two real problems, linear schedule, driver of the paper: a digit with 21 qubits, where the exact
levels are known, at its minimum gap and at an early point; and the photograph "camera" with 159.
Every method gets the lowest classical states for free, and estimates its own error:

* ours: selected configurations; error: the change of the gap from a threshold eight times as large.
* dmrg: TeNPy, see wide_dmrg.py; error: the change of the gap when the bond dimension is doubled.
* monte-carlo: see wide_monte_carlo.py; error: one standard error, by the jackknife.
* exact: Davidson's method in all 2^d amplitudes, where they fit.

Each cell, one method at one point, is a process of its own with one thread. Its seconds are of
processor time and contain everything from the classical states on, but no compilation.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import qxgap as qx
from benchmarks.common.cells import ROOT
from benchmarks.common.machine import machine
from benchmarks.common.real_problems import real_problems
from benchmarks.gap import wide_dmrg, wide_monte_carlo
from qxgap.problem import lowest_states, photograph_problems
from qxgap.spectra.wide import SelectedConfigurations, selected_levels
from qxgap.testing import random_feature_selection

Row = dict[str, Any]

POINTS = (
    ("d21_digit3", 0.9),
    ("d21_digit3", 0.9906),
    ("camera", 0.99),
    ("camera", 0.998),
)
"""Problem and s. The second is where the smallest gap of the first problem lies."""
METHODS = {
    "exact": "all 2^d amplitudes (Davidson)",
    "ours": "**qxgap selected configurations**",
    "dmrg": "DMRG (TeNPy)",
    "monte-carlo": "projection Monte Carlo",
}
LEVELS = 3
"""Levels that every method but Monte Carlo is asked for, because levels lie close to each other."""
THRESHOLDS = {("d21_digit3", 0.9): 1e-5, ("camera", 0.99): 1e-4, ("camera", 0.998): 1e-5}
"""Last threshold of the selected configurations; the default elsewhere."""
COARSER = 8
"""Factor of the threshold whose gap says how exact that of the last threshold is."""
BONDS = {"d21_digit3": (16, 32), "camera": (12, 24)}
"""Two bond dimensions of DMRG."""
PROJECTIONS = {
    ("d21_digit3", 0.9): (40, 8.0, 1_000_000),
    ("d21_digit3", 0.9906): (40, 50.0, 2_000_000),
    ("camera", 0.99): (40, 40.0, 800_000),
    ("camera", 0.998): (40, 200.0, 1_600_000),
}
"""Product states, imaginary time and paths of the projection, chosen by short runs beforehand."""
COLUMNS = ("instance", "d", "s", "method", "status", "gap", "error", "seconds", "parameters")
EXACT = 1e-9
"""Relative residual of the exact levels."""


def problem_of(name: str) -> qx.QuboProblem:
    """Return a problem by its name."""
    embedded = photograph_problems()
    return embedded[name] if name in embedded else real_problems()[name]


def exact(H: qx.AnnealHamiltonian, s: float) -> Row:
    """All amplitudes."""
    found = qx.spectrum(H, [s], levels=2, method=qx.Davidson(tol=EXACT))
    low, high = found.energies[0]
    return {"gap": high - low, "error": 0.0, "parameters": f"{H.dimension} amplitudes"}


def ours(H: qx.AnnealHamiltonian, s: float, name: str) -> Row:
    """Selected configurations, and the same with a larger threshold."""
    method = SelectedConfigurations()
    last = THRESHOLDS.get((name, s), method.last_threshold)
    before, found = (
        selected_levels(H, s, LEVELS, SelectedConfigurations(last_threshold=threshold))
        for threshold in (COARSER * last, last)
    )
    gaps = [levels.corrected[1] - levels.corrected[0] for levels in (before, found)]
    return {
        "gap": gaps[1],
        "error": abs(gaps[1] - gaps[0]),
        "parameters": f"threshold {found.threshold:.1e}, {found.num_configurations} configurations",
    }


def dmrg(H: qx.AnnealHamiltonian, s: float, name: str) -> Row:
    """TeNPy at two bond dimensions."""
    starts = list(lowest_states(H.problem, LEVELS).occupations.astype(float))
    small, large = (wide_dmrg.line_states(H, s, starts, bond) for bond in BONDS[name])
    gaps = [found.levels[1] - found.levels[0] for found in (small, large)]
    return {
        "gap": gaps[1],
        "error": abs(gaps[1] - gaps[0]),
        "parameters": f"bonds {BONDS[name][0]} and {BONDS[name][1]}, operator {large.rank}, "
        f"{small.sweeps + large.sweeps} sweeps, truncation {large.truncation:.0e}",
    }


def monte_carlo(H: qx.AnnealHamiltonian, s: float, name: str) -> Row:
    """Projection at one imaginary time, and at a half of it to see whether it still moves."""
    number, tau, paths = PROJECTIONS[name, s]
    trial = wide_monte_carlo.trial_states(H, s, number)
    found = wide_monte_carlo.project(H, s, trial, np.array([tau / 2, tau]), paths)
    start = trial.energies[1] - trial.energies[0]
    return {
        "gap": found.gaps[1],
        "error": found.gap_errors[1],
        "parameters": f"{len(trial.amplitudes)} product states (gap {start:.5f}), {paths} paths, "
        f"tau {tau:g} (at {tau / 2:g}: {found.gaps[0]:.5f}({found.gap_errors[0]:.5f}))",
    }


def warm_up(method: str) -> None:
    """Compile what the method needs, on a small problem."""
    H = qx.AnnealHamiltonian(random_feature_selection(8, seed=0))
    if method == "ours":
        selected_levels(H, 0.9, LEVELS)
    elif method == "monte-carlo":
        trial = wide_monte_carlo.trial_states(H, 0.9, 4)
        wide_monte_carlo.project(H, 0.9, trial, np.array([0.1]), wide_monte_carlo.BLOCKS)
    elif method == "dmrg":
        wide_dmrg.line_states(H, 0.9, [np.zeros(8)], 4, max_sweeps=2)
    lowest_states(H.problem, 2)


def cell(name: str, s: float, method: str) -> Row:
    """Return the row of one method at one point."""
    H = qx.AnnealHamiltonian(problem_of(name))
    warm_up(method)
    begin = time.process_time()
    if method == "exact":
        row = exact(H, s)
    else:
        row = {"ours": ours, "dmrg": dmrg, "monte-carlo": monte_carlo}[method](H, s, name)
    return {"d": H.num_qubits, "status": "done", "seconds": time.process_time() - begin, **row}


def run_cell(name: str, s: float, method: str, limit: float) -> Row:
    """Run a cell in a process of its own, with one thread."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    environment = os.environ | {f"{name}_NUM_THREADS": "1" for name in names}
    command = [sys.executable, "-m", "benchmarks.gap.wide_peers", "cell", name, str(s), method]
    identity = {"instance": name, "s": s, "method": method}
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=ROOT,
            timeout=limit,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return identity | {"status": f"over {limit:g} s"}
    if done.returncode:
        return identity | {"status": (done.stderr.splitlines() or ["failed"])[-1][:120]}
    return identity | json.loads(done.stdout.splitlines()[-1])


def describe() -> dict[str, str]:
    """Return what the numbers depend on besides the code."""

    def installed(name: str) -> str:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            return f"{name} not installed"

    return {
        "command": " ".join(["python -m benchmarks.gap.wide_peers", *sys.argv[1:]]),
        "machine": machine(),
        "versions": ", ".join(map(installed, ("qxgap", "scipy", "physics-tenpy"))),
        "date": time.strftime("%Y-%m-%d"),
    }


def run(path: Path, methods: list[str], limit: float) -> None:
    """Run all cells that the file does not hold yet, and append their rows."""
    if not path.exists():
        header = [f"# {key}: {value}\n" for key, value in describe().items()]
        path.write_text("".join(header) + ",".join(COLUMNS) + "\n")
    known = {(row.instance, row.s, row.method) for row in read(path)[0].itertuples()}
    for name, s in POINTS:
        for method in methods:
            too_large = method == "exact" and name == "camera"
            if (name, s, method) in known or too_large:
                continue
            row = run_cell(name, s, method, limit)
            print(row, file=sys.stderr, flush=True)
            with path.open("a", newline="") as file:
                csv.DictWriter(file, COLUMNS, lineterminator="\n").writerow(row)


def read(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows and the lines of the header."""
    head = [line[2:] for line in path.read_text().splitlines() if line.startswith("# ")]
    return pd.read_csv(path, comment="#"), head


NOTE = """\
Linear schedule, driver of weight 1. `d21_digit3` is a digit seen by the embedded network with 32
maps; s = 0.9906 is where its gap is smallest. `camera` is the photograph in the last block of
EfficientNet-Lite0. Everybody starts from the lowest classical states.

The *error* is what each method says of itself: for selected configurations the change of the gap
from a threshold eight times as large, for DMRG its change when the bond dimension is doubled (no
standard errors, only signs of convergence), for Monte Carlo one standard error. *Off by*: distance
from the exact gap. Seconds are processor time of one thread, with both runs where the error needs
two."""


def table(rows: pd.DataFrame, head: list[str]) -> str:
    """Return the Markdown page."""
    lines = ["# Levels beyond 2^d against DMRG and Monte Carlo", "", *(f"* {x}" for x in head)]
    lines += ["", NOTE]
    for name, s in POINTS:
        here = rows[(rows.instance == name) & (rows.s == s)].set_index("method")
        if here.empty:
            continue
        known = here.gap.get("exact", np.nan)
        lines += ["", f"## {name}, d = {int(here.d.max())}, s = {s:g}", ""]
        lines += ["| method | gap | error | off by | seconds | parameters |", "|---" * 6 + "|"]
        for method, label in METHODS.items():
            if method in here.index:
                lines.append(table_line(here.loc[method], label, known))
    return "\n".join(lines) + "\n"


def table_line(row: pd.Series, label: str, known: float) -> str:
    """Return one line of the table."""
    if row.status != "done":
        return f"| {label} | {row.status} | | | | |"
    is_exact = row["error"] == 0
    error = "" if is_exact else f"{row['error']:.1e}"
    off = "" if is_exact or np.isnan(known) else f"{abs(row.gap - known):.1e}"
    return f"| {label} | {row.gap:.7f} | {error} | {off} | {row.seconds:.3g} | {row.parameters} |"


def main() -> None:
    """Run all cells, one of them, or write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    every = commands.add_parser("run", help="run the cells that the file does not hold yet")
    every.add_argument("--output", type=Path, required=True, help="CSV file")
    every.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    every.add_argument(
        "--limit", type=float, default=1500.0, help="seconds for a cell, by the clock"
    )
    one = commands.add_parser("cell", help="run one method at one point and print its row as JSON")
    one.add_argument("instance")
    one.add_argument("s", type=float)
    one.add_argument("method", choices=METHODS)
    shown = commands.add_parser("table", help="write the Markdown table beside the CSV file")
    shown.add_argument("csv", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "cell":
        print(json.dumps(cell(arguments.instance, arguments.s, arguments.method)))
    elif arguments.command == "run":
        run(arguments.output, arguments.methods, arguments.limit)
    else:
        text = table(*read(arguments.csv))
        arguments.csv.with_suffix(".md").write_text(text)
        print(text)


if __name__ == "__main__":
    main()
