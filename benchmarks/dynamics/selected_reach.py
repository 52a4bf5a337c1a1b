"""Which anneals of real problems are within the reach of selected configurations?

    python -m benchmarks.dynamics.selected_reach [--configurations 1000] [--output FILE.md]

The problems are those of a photograph in two layers of a network with ImageNet weights
(``qxgap.problem.photograph_problems``), whole or cut to the maps with the largest rewards. Each is
annealed by both drivers of arXiv 2604.25649 and by a schedule of D-Wave. Up to 16 qubits the exact
success probability stands beside the interval. Exit status 1 if it lies outside of one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import qxgap as qx
from benchmarks.common.machine import machine
from qxgap.digits import probability
from qxgap.problem import photograph_problems

PHOTOGRAPH = "camera"
SIZES = (12, 16, 24, 100, 159)
LARGEST_EXACT = 16
TABLE = "Advantage2_system1.4_fast"
TIMES = {"paper": (0.1, 1.0, 10.0, 100.0), "authors-code": (10.0, 100.0), TABLE: (1.0, 5.0)}
"""Anneal times of each driver, in ns for the schedule of D-Wave."""


def problem(size: int) -> qx.QuboProblem:
    """The problem of the photograph with so many qubits: those with the largest rewards."""
    whole = photograph_problems(10 if size <= 50 else 15)[PHOTOGRAPH]
    if whole.num_qubits == size:
        return whole
    chosen = np.sort(np.argsort(whole.h, kind="stable")[:size])
    couplings = whole.J + whole.J.T
    return qx.QuboProblem.from_symmetric(whole.h[chosen], couplings[np.ix_(chosen, chosen)])


def hamiltonian(size: int, driver: str) -> qx.AnnealHamiltonian:
    if driver == TABLE:
        return qx.AnnealHamiltonian(problem(size), qx.schedule_named(TABLE))
    return qx.AnnealHamiltonian(problem(size), driver=qx.Convention(driver).driver(size))


def anneals(sizes: tuple[int, ...]) -> Iterator[tuple[int, str, float]]:
    for size in sizes:
        for driver, taus in TIMES.items():
            for tau in taus:
                yield size, driver, tau


def measure(size: int, driver: str, tau: float, configurations: int) -> dict[str, object]:
    """One anneal: its interval, what it cost, and the exact probability if it is in reach."""
    H = hamiltonian(size, driver)
    begin = time.perf_counter()
    run = qx.anneal(H, tau, qx.SelectedDynamics(max_configurations=configurations))
    row = {
        **{"d": size, "driver": driver, "tau": tau, "estimate": run.success_probability},
        **{"lower": run.interval[0], "upper": run.interval[1], "norm_left": run.norm_left},
        **{"configurations": run.num_configurations, "status": run.status.name},
        **{"mean_field": run.mean_field_success, "product": qx.product_success(H, tau)},
        "seconds": time.perf_counter() - begin,
        **{"exact": np.nan, "violated": False},
    }
    if size <= LARGEST_EXACT:
        exact = qx.anneal(H, tau, qx.SplitOperator(1e-9))
        row["exact"], margin = exact.success_probability, exact.error_estimate
        row["violated"] = not (
            run.interval[0] - margin <= exact.success_probability <= run.interval[1] + margin
        )
    return row


HEAD = (
    "| d | driver | tau | proven interval | computed | exact | mean field | each qubit alone "
    "| left | configurations | s |\n|" + "---|" * 11
)


def line(row: dict[str, object]) -> str:
    """One anneal as a row of the table."""
    exact = "" if np.isnan(row["exact"]) else probability(row["exact"])
    cells = (
        row["d"],
        row["driver"].replace("_", " "),
        f"{row['tau']:g}",
        f"{probability(row['lower'])} to {probability(row['upper'])}",
        probability(row["estimate"]),
        exact,
        probability(row["mean_field"]),
        probability(row["product"]),
        f"{row['norm_left']:.2g}",
        f"{row['configurations']:,}",
        f"{row['seconds']:.0f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def report(lines: list[str], configurations: int) -> str:
    """The whole result: the command, the machine, and a line for each anneal."""
    parts = [
        "# Which anneals are in reach of selected configurations",
        "* command: python -m benchmarks.dynamics.selected_reach --configurations "
        f"{configurations}\n* machine: {machine()}\n* versions: qxgap {qx.__version__}",
        f"The problem of the photograph `{PHOTOGRAPH}` of `photograph_problems` (block 10 up to\n"
        "50 qubits, else block 15), cut to the d maps with the largest rewards. tau is in ns for\n"
        "the schedule of D-Wave. `tol` is 1e-3. *Computed* is the weight of the computed state on\n"
        "the ground states; it means something only as far as the interval is narrow. *Left* is\n"
        "a bound of the norm that leaves the set: above 1.4 it proves nothing. *Mean field*: each\n"
        "qubit feels the mean of the others. *Each qubit alone*: `product_success`.",
        "\n".join([HEAD, *lines]),
    ]
    return "\n\n".join(parts) + "\n"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configurations", type=int, default=1000)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--output", type=Path, help="where the table goes, as Markdown")
    arguments = parser.parse_args(argv)
    lines, violated = [], False
    print(HEAD)
    for task in anneals(tuple(arguments.sizes)):
        row = measure(*task, arguments.configurations)
        violated |= bool(row["violated"])
        lines.append(line(row))
        print(lines[-1], flush=True)
        if arguments.output:
            arguments.output.write_text(report(lines, arguments.configurations))
    return int(violated)


if __name__ == "__main__":
    sys.exit(main())
