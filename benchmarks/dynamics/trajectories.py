"""Quantum-jump trajectories: are their intervals right, what do they cost, and how far do they go?

    python -m benchmarks.dynamics.trajectories [--anneals 150] [--seed 0] [--output FILE.md]

Four parts. Random open anneals of one to five qubits are held against the master equation. The time
of one trajectory is held against that of one closed anneal, and against one of ``qutip.mcsolve`` on
the same machine in the same run. The success probability of 12 and 16 qubits is computed for rising
rates of dephasing. Exit status 1 if the intervals of the first part cover too seldom.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import qutip
from tqdm import tqdm

import qxgap as qx
from benchmarks.common.machine import machine
from benchmarks.dynamics.error_estimates import Rng, bent, glass, linear, paused, selection, uniform
from qxgap.dynamics.states import initial_state
from qxgap.open_system.trajectories.ensemble import Ensemble, Setting
from qxgap.open_system.trajectories.jump_rates import jump_rates
from qxgap.progress import silent
from qxgap.statistics import jeffreys_interval

PROBLEMS, SCHEDULES = (selection, glass, uniform), (linear, paused, bent)

T = TypeVar("T")

Noise = qx.Dephasing | qx.Relaxation

TAU = 20.0
"""Anneal time of the second and the third part."""

LONG, RATES = 50.0, (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Anneal time and rates of the fourth part."""

MOST_FOR_QUTIP = 10
"""Largest number of qubits that mcsolve is run for."""

CLOSED_RUNS = 5
"""Closed anneals of which the median time is taken."""

LEAST_COVERAGE = 0.88
"""Share of intervals that must hold the true value; 95 % are meant to."""

RATE = 0.02
"""Rate of dephasing or relaxation in the second and the third part."""

COUNT = 200
"""Trajectories of each average."""

THEIR_TRAJECTORIES = 10
"""Trajectories of mcsolve that are timed."""


def draw(rng: Rng) -> tuple[qx.AnnealHamiltonian, float, tuple[Noise, ...]]:
    """One open anneal."""
    d = int(rng.integers(1, 6))
    problem = PROBLEMS[rng.integers(len(PROBLEMS))](d, rng)
    schedule = SCHEDULES[rng.integers(len(SCHEDULES))](rng)
    driver = qx.TransverseField(tuple(rng.uniform(0.3, 1.5, d)))
    tau = 10 ** rng.uniform(-0.5, 1.0)
    strength = 10 ** rng.uniform(-2.5, 0.5)  # jumps of a qubit in one anneal
    share = rng.uniform(0, 1, 3) * rng.integers(0, 2, 3)
    baths = (
        qx.Dephasing(strength * share[0] / tau),
        qx.Relaxation(strength * share[1] / tau, strength * share[2] / tau),
    )
    return qx.AnnealHamiltonian(problem, schedule, driver), tau, baths


def against_master_equation(anneals: int, seed: int) -> pd.DataFrame:
    """Success probabilities by trajectories and by the master equation, one row for each anneal."""
    rows = []
    for index in tqdm(range(anneals), disable=None):
        H, tau, baths = draw(np.random.default_rng((seed, index)))
        run = qx.open_anneal(H, tau, baths, qx.Trajectories(100), seed=index)
        exact = qx.open_anneal(H, tau, baths, qx.DensityODE(1e-8, 1e-10)).success_probability
        low, high = run.interval
        margin = run.success_step_error
        rows.append(
            {
                "index": index,
                "d": H.num_qubits,
                "jumps": run.mean_jumps,
                "exact": exact,
                "found": run.success_probability,
                "standard_error": run.standard_error,
                "step_error": run.success_step_error,
                "covered": low - margin <= exact <= high + margin,
                "narrow": low <= exact <= high,
                "drawn": run.num_trajectories > 0,
            }
        )
    return pd.DataFrame(rows)


def timed(compute: Callable[..., T], *arguments: object) -> tuple[T, float]:
    """Return what a function returns, and the milliseconds that it takes."""
    begin = time.perf_counter()
    result = compute(*arguments)
    return result, 1e3 * (time.perf_counter() - begin)


def one_trajectory(H: qx.AnnealHamiltonian, bath: Noise, steps: int, count: int) -> float:
    """Milliseconds of one trajectory of ours in so many steps, without what is done only once."""
    rates = jump_rates([bath], H.num_qubits)
    setting = Setting(H, TAU, initial_state(H), rates, seed=1)
    ensemble = Ensemble(setting, np.array([steps]))
    return timed(ensemble.extend, count, silent)[1] / count


def by_mcsolve(H: qx.AnnealHamiltonian, bath: Noise) -> float:
    """Milliseconds of one trajectory of QuTiP with its own tolerances."""
    d, ground = H.num_qubits, np.zeros(H.dimension)
    ground[H.problem.ground_indices] = 1.0
    square = [[2] * d] * 2
    operators = [qutip.Qobj(L, dims=square) for L in bath.operators(d)]
    start = qutip.Qobj(initial_state(H)[:, None], dims=[[2] * d, [1] * d])
    measured = qutip.qdiags(ground, 0, dims=square)
    evolving = qx.to_qobjevo(H, TAU)
    options = {"progress_bar": "", "store_states": False}

    def compute() -> object:
        return qutip.mcsolve(
            *(evolving, start, [0.0, TAU], operators),
            e_ops=[measured],
            ntraj=THEIR_TRAJECTORIES,
            seeds=1,
            options=options,
        )

    return timed(compute)[1] / THEIR_TRAJECTORIES


def cost(sizes: tuple[int, ...], seed: int) -> pd.DataFrame:
    """Time of a closed anneal, and of one trajectory with each bath, ours and QuTiP's."""
    rows = []
    for d in sizes:
        H = qx.AnnealHamiltonian(qx.testing.random_feature_selection(d, seed=seed + d))
        count = COUNT if d < 16 else 30
        splitting = qx.SplitOperator(1e-3)
        qx.anneal(H, 1.0, splitting)  # compiled before anything is timed
        runs = [timed(qx.anneal, H, TAU, splitting) for _ in range(CLOSED_RUNS)]
        closed, milliseconds = runs[0][0], float(np.median([took for _, took in runs]))
        for bath in (qx.Dephasing(RATE), qx.Relaxation(RATE)):
            method = qx.Trajectories(count)
            qx.open_anneal(H, 1.0, bath, qx.Trajectories(2))
            run, whole = timed(qx.open_anneal, H, TAU, bath, method)
            own = one_trajectory(H, bath, run.steps, count)
            theirs = by_mcsolve(H, bath) if d <= MOST_FOR_QUTIP else math.nan
            rows.append(
                {
                    **{"d": d, "bath": type(bath).__name__, "closed_layers": 6 * closed.steps},
                    **{"closed": milliseconds, "layers": run.steps, "jumps": run.mean_jumps},
                    **{"own": own, "theirs": theirs, "count": count, "whole": whole / 1e3},
                    "step_error": run.success_step_error,
                }
            )
    return pd.DataFrame(rows)


def rising_rates(sizes: tuple[int, ...], seed: int) -> pd.DataFrame:
    """Success probability at rising rates of dephasing."""
    rows = []
    for d in sizes:
        problem = qx.testing.random_feature_selection(d, seed=seed + d)
        for rate in RATES:
            method, bath = qx.Trajectories(COUNT), qx.Dephasing(rate)
            run, milliseconds = timed(qx.open_anneal, problem, LONG, bath, method)
            low, high = run.interval
            rows.append(
                {
                    **{"d": d, "rate": rate, "success": run.success_probability, "low": low},
                    **{"high": high, "guess": run.random_guess, "jumps": run.mean_jumps},
                    **{"energy": run.residual_energy, "energy_error": run.energy_error},
                    **{"steps": run.steps, "step_error": run.success_step_error},
                    "seconds": milliseconds / 1e3,
                }
            )
    return pd.DataFrame(rows)


def coverage(rows: pd.DataFrame) -> str:
    """Say how often the intervals hold the success probability of the master equation."""
    drawn = rows[rows.drawn]
    low, high = jeffreys_interval(int(drawn.covered.sum()), len(drawn))
    return (
        f"Of {len(drawn)} open anneals with jumps the interval of the success probability, widened "
        f"by the estimated error of the steps, holds that of the master equation in "
        f"{drawn.covered.sum()}: {drawn.covered.mean():.0%} (95 % interval {low:.0%} to "
        f"{high:.0%}). Without the widening it is {drawn.narrow.mean():.0%}. The standard error is "
        f"{drawn.standard_error.median():.1g} in the median, the error of the steps "
        f"{drawn.step_error.median():.1g}. {len(rows) - len(drawn)} anneals without jumps deviate "
        f"by {(rows.found - rows.exact)[~rows.drawn].abs().max():.1g} at most."
    )


def cost_table(rows: pd.DataFrame) -> str:
    """Table of the times in Markdown."""
    lines = [
        "| d | bath | closed anneal: layers, ms | one trajectory: layers, jumps, ms "
        "| ratio of times | mcsolve, one trajectory: ms | mcsolve / ours | whole average |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows.itertuples():
        theirs, ratio = f"{row.theirs:.3g}", f"{row.theirs / row.own:.2g}"
        if math.isnan(row.theirs):
            theirs = ratio = "not run"
        lines.append(
            f"| {row.d} | {row.bath} | {row.closed_layers}, {row.closed:.3g} | {row.layers}, "
            f"{row.jumps:.2g}, {row.own:.3g} | {row.own / row.closed:.2g} | {theirs} | {ratio} "
            f"| {row.count} in {row.whole:.2g} s |"
        )
    return "\n".join(lines)


def rates_table(rows: pd.DataFrame) -> str:
    """Table of the success probabilities in Markdown."""
    lines = [
        "| d | rate | jumps | success probability | 95 % interval | random guess "
        "| energy above the lowest | steps, their error | s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows.itertuples():
        lines.append(
            f"| {row.d} | {row.rate:g} | {row.jumps:.2g} | {row.success:.2g} | {row.low:.2g} to "
            f"{row.high:.2g} | {row.guess:.2g} | {row.energy:.2g} +- {row.energy_error:.1g} "
            f"| {row.steps}, {row.step_error:.1g} | {row.seconds:.2g} |"
        )
    return "\n".join(lines)


def report(
    checked: pd.DataFrame, costs: pd.DataFrame, rates: pd.DataFrame, anneals: int, seed: int
) -> str:
    """The whole result."""
    parts = [
        "# Quantum-jump trajectories",
        f"* command: python -m benchmarks.dynamics.trajectories --anneals {anneals} --seed {seed}\n"
        f"* machine: {machine()}\n* versions: qxgap {qx.__version__}, qutip {qutip.__version__}",
        "## Against the master equation",
        "Random problems of 1 to 5 qubits, schedules and times, with up to three jumps of a qubit "
        "by each of dephasing, relaxation and excitation, 100 trajectories each, against "
        "`DensityODE` at 1e-8.",
        coverage(checked),
        "## Cost",
        f"tau = {TAU:g}, rate {RATE:g}, random feature selection. A layer is one rotation of all "
        "qubits with the phases of the problem. The closed anneal is `SplitOperator(1e-3)`, of "
        "order 4, with all the runs that find its steps in the time; a trajectory is of order 2 in "
        "steps whose error is at most 1e-3, without what is done once. The whole average has that "
        "too. "
        f"`qutip.mcsolve` runs {THEIR_TRAJECTORIES} trajectories in one process with its own "
        "tolerances (adams, 1e-6).",
        cost_table(costs),
        "## Dephasing, beyond the density matrix",
        f"Random feature selection, tau = {LONG:g}, {COUNT} trajectories.",
        rates_table(rates),
    ]
    return "\n\n".join(parts) + "\n"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anneals", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, help="where the tables go, as Markdown")
    arguments = parser.parse_args(argv)
    checked = against_master_equation(arguments.anneals, arguments.seed)
    costs = cost((6, 8, 10, 12, 14, 16), arguments.seed)
    rates = rising_rates((12, 16), arguments.seed)
    text = report(checked, costs, rates, arguments.anneals, arguments.seed)
    print(text)
    if arguments.output:
        arguments.output.write_text(text)
    drawn = checked[checked.drawn]
    return int(drawn.covered.mean() < LEAST_COVERAGE)


if __name__ == "__main__":
    sys.exit(main())
