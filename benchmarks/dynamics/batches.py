"""Time ``qx.anneal_many`` against a loop of ``qx.anneal``, interleaved, on one thread.

    python -m benchmarks.dynamics.batches [--sizes 6 8 10 12] [--instances 64 256] [--tau 20]
        [--repeats 5]

For each d and number of random feature-selection instances: CPU ms per anneal of the two, the loop
over the batch (median of the ratios of single turns, and their range), the steps of the runs that
are reported (of both: they must agree), and the largest difference of a success probability.
CPU time is that of this process, so that others disturb it less than they do the clock.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numba
import numpy as np
import pandas as pd

import qxgap as qx
from benchmarks.common.machine import machine
from qxgap.testing import random_feature_selection


def cpu_seconds(task: Callable[[], list[qx.AnnealResult]]) -> tuple[float, list[qx.AnnealResult]]:
    begin = time.process_time()
    runs = task()
    return time.process_time() - begin, runs


def measure(d: int, instances: int, tau: float, repeats: int) -> dict[str, object]:
    problems = [random_feature_selection(d, seed=seed) for seed in range(instances)]
    hamiltonians = [qx.AnnealHamiltonian(problem) for problem in problems]
    spent = []
    for turn in range(repeats + 1):
        batch, together = cpu_seconds(lambda: qx.anneal_many(hamiltonians, tau))
        loop, alone = cpu_seconds(lambda: [qx.anneal(H, tau) for H in hamiltonians])
        if turn:  # the first one compiles
            spent.append((batch, loop))
    batch, loop = np.array(spent).T
    steps = [sum(run.steps or 0 for run in runs) for runs in (together, alone)]
    apart = [
        abs(a.success_probability - b.success_probability)
        for a, b in zip(together, alone, strict=True)
    ]
    return {
        **{"d": d, "instances": instances, "batch ms": 1e3 * np.median(batch) / instances},
        **{"loop ms": 1e3 * np.median(loop) / instances, "loop/batch": np.median(loop / batch)},
        "range": f"{(loop / batch).min():.2f}-{(loop / batch).max():.2f}",
        **{"steps": steps[0], "steps of loop": steps[1], "apart": max(apart)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[6, 8, 10, 12])
    parser.add_argument("--instances", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--tau", type=float, default=20.0)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    numba.set_num_threads(1)
    print(machine())
    cells = [(d, n) for d in arguments.sizes for n in arguments.instances]
    rows = [measure(d, n, arguments.tau, arguments.repeats) for d, n in cells]
    print(pd.DataFrame(rows).to_string(index=False, float_format="%.3g"))


if __name__ == "__main__":
    main()
