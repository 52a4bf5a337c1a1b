"""Random anneals in selected configurations against exact ones: do the proven intervals hold?

    python -m benchmarks.dynamics.selected_dynamics [--anneals 200] [--seed 0] [--output FILE.md]

Every anneal is drawn from a seed of its own: a problem, a driver, a schedule, a time, a tolerance
and a largest number of configurations, mostly far too small. The success probability by
``SplitOperator`` at 1e-9 must lie in the proven interval of ``SelectedDynamics``. Exit status 1 if
one does not.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

import qxgap as qx
from benchmarks.common.machine import machine
from benchmarks.dynamics.error_estimates import (
    Rng,
    bent,
    duplicates,
    ferromagnet,
    free,
    glass,
    linear,
    one_hot,
    pair,
    paused,
    quenched,
    selection,
    strong,
    table,
    uniform,
)

EXACT_TOL = 1e-9
"""Tolerance of the exact anneals."""


@dataclass(frozen=True)
class Kind:
    """A part of the campaign: which sizes, problems, schedules, and how many of all anneals."""

    name: str
    share: float
    sizes: tuple[int, ...]
    problems: tuple[Callable[[int, Rng], qx.QuboProblem], ...]
    schedules: tuple[Callable[[Rng], qx.AnnealSchedule], ...]
    most: float
    """Largest anneal time."""


KINDS = (
    Kind("selection", 0.4, (8, 10, 12, 14, 16), (selection,), (linear, linear, table), 100.0),
    Kind("glass", 0.2, (5, 7, 9, 11), (uniform, glass, strong), (linear, paused, bent), 50.0),
    Kind(
        "degenerate",
        0.2,
        (4, 6, 8),
        (pair, ferromagnet, one_hot, duplicates),
        (linear, paused, bent),
        50.0,
    ),
    Kind("small", 0.2, (1, 2, 3, 4), (uniform, free, pair, glass), (linear, bent, quenched), 300.0),
)


def draw(kind: Kind, rng: Rng) -> tuple[qx.AnnealHamiltonian, float, qx.SelectedDynamics]:
    """One anneal of a kind."""
    d = int(rng.choice(kind.sizes))
    problem = kind.problems[rng.integers(len(kind.problems))](d, rng)
    schedule = kind.schedules[rng.integers(len(kind.schedules))](rng)
    weight = (1.0, 1.0 / d, tuple(rng.uniform(0.3, 1.5, d)))[rng.integers(3)]
    tau = 10 ** rng.uniform(-0.5, np.log10(kind.most))
    if schedule.unit == "GHz":
        tau = min(tau, 5.0)
    size = int(min(2**d, 10 ** rng.uniform(0.5, 3.0)))
    tol = float(rng.choice([1e-2, 1e-3, 1e-4]))
    H = qx.AnnealHamiltonian(problem, schedule, qx.TransverseField(weight))
    return H, tau, qx.SelectedDynamics(tol, max_configurations=size)


def compare(kind: Kind, seed: int, index: int) -> dict[str, object]:
    """One anneal in selected configurations, and the exact success probability."""
    number = [known.name for known in KINDS].index(kind.name)
    H, tau, method = draw(kind, np.random.default_rng((seed, number, index)))
    begin = time.perf_counter()
    run = qx.anneal(H, tau, method)
    seconds = time.perf_counter() - begin
    exact = qx.anneal(H, tau, qx.SplitOperator(EXACT_TOL), throw=False)
    low, high = run.interval
    return {
        **{"kind": kind.name, "index": index, "d": H.num_qubits, "tau": tau, "tol": method.tol},
        **{"schedule": H.schedule.name, "configurations": run.num_configurations},
        **{"exact": exact.success_probability, "estimate": run.success_probability},
        **{"lower": low, "upper": high, "exact_error": exact.error_estimate},
        "error": abs(exact.success_probability - run.success_probability),
        "converged": run.status is qx.AnnealStatus.CONVERGED,
        "seconds": seconds,
    }


def campaign(anneals: int, seed: int, kinds: tuple[Kind, ...] = KINDS) -> pd.DataFrame:
    """One row for each anneal, the kinds in their shares."""
    tasks = [(kind, i) for kind in kinds for i in range(round(anneals * kind.share))]
    rows = pd.DataFrame([compare(kind, seed, i) for kind, i in tqdm(tasks, disable=None)])
    above, below = rows.exact - rows.upper, rows.lower - rows.exact
    rows["violated"] = np.maximum(above, below) > rows.exact_error
    rows["missed"] = rows.converged & (rows.error > rows.tol + rows.exact_error)
    return rows


def summary(rows: pd.DataFrame) -> str:
    """Table in Markdown: a line for each kind of anneal and one for all."""
    lines = [
        "| kind | anneals | converged | interval violated | tol exceeded | median width "
        "| median error | median s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, group in [*rows.groupby("kind", sort=False), ("all", rows)]:
        counts = len(group), group.converged.sum(), group.violated.sum(), group.missed.sum()
        width, error = (group.upper - group.lower).median(), group.error.median()
        lines.append(
            f"| {name} | "
            + " | ".join(map(str, counts))
            + f" | {width:.1g} | {error:.1g} | {group.seconds.median():.1f} |"
        )
    return "\n".join(lines)


def report(rows: pd.DataFrame, anneals: int, seed: int) -> str:
    """The whole result: what was drawn, the table, and the anneals that fail."""
    kinds = [
        f"* {kind.name}: d = {', '.join(map(str, kind.sizes))}, tau up to {kind.most:g}; "
        f"{', '.join(problem.__name__ for problem in kind.problems)}; schedules "
        f"{', '.join(dict.fromkeys(schedule.__name__ for schedule in kind.schedules))}"
        for kind in KINDS
    ]
    parts = [
        "# Anneals in selected configurations against exact anneals",
        f"* command: python -m benchmarks.dynamics.selected_dynamics --anneals {anneals} "
        f"--seed {seed}\n"
        f"* machine: {machine()}\n* versions: qxgap {qx.__version__}",
        "The exact success probability is that of `SplitOperator` at 1e-9. It must lie in the\n"
        "proven interval, whether or not the set of configurations was large enough for `tol`\n"
        "(1e-2, 1e-3 or 1e-4). The largest number of configurations is drawn between 3 and 1,000,\n"
        "so that many anneals end without reaching `tol`. The driver weight is 1, 1/d, or one of\n"
        "each qubit.",
        "\n".join(kinds),
        summary(rows),
    ]
    failed = rows[rows.violated | rows.missed]
    if len(failed):
        parts.append(f"```\n{failed.to_string(index=False)}\n```")
    return "\n\n".join(parts) + "\n"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anneals", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, help="where the table goes, as Markdown")
    arguments = parser.parse_args(argv)
    rows = campaign(arguments.anneals, arguments.seed)
    text = report(rows, arguments.anneals, arguments.seed)
    print(text)
    if arguments.output:
        arguments.output.write_text(text)
    return int((rows.violated | rows.missed).any())


if __name__ == "__main__":
    sys.exit(main())
