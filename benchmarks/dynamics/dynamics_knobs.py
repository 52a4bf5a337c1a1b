"""The cheapest knob of each solver that reaches the accuracy; ``dynamics_peers.py`` uses them.

    python -m benchmarks.dynamics.dynamics_knobs [--sizes 8 10 12] [--seeds 3]
        [--solvers NAME ...] [--check]

Climbs each solver's ladder until the error of the success probability is below 1e-6 on all
instances of a size, and prints what that knob costs; with --check tries the chosen knob alone.
Peers are tuned with hindsight; ours is not.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

import qxgap as qx
from benchmarks.dynamics.dynamics_peers import OWN, PEERS, TARGET, TAU
from qxgap.testing import random_feature_selection

SOLVERS = PEERS | OWN


def climb(
    name: str, ladder: Sequence[float], instances: list[qx.AnnealHamiltonian], truth: list[float]
) -> str:
    """One line about the first knob of the ladder that reaches TARGET on all instances."""
    peer, errors, knob = SOLVERS[name], [np.inf], np.nan
    for knob in ladder:
        errors, applications, begin = [], [], time.perf_counter()
        for H, expected in zip(instances, truth, strict=True):
            start = np.full(H.dimension, H.dimension**-0.5, dtype=complex)
            outcome = peer.prepare(H, knob)(start, 0.0, TAU)
            weights = np.abs(outcome.state) ** 2
            errors.append(abs(float(weights[H.problem.ground_indices].sum()) - expected))
            applications.append(outcome.applications or np.nan)
            if errors[-1] > TARGET:
                break
        if max(errors) <= TARGET:
            break
    seconds = (time.perf_counter() - begin) / len(errors)
    return (
        f"{name}: knob {knob:g}, error {max(errors):.1e}, "
        f"applications {np.mean(applications):.0f}, about {seconds:.3g} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 10, 12])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--solvers", nargs="+", choices=SOLVERS, default=list(SOLVERS))
    parser.add_argument("--check", action="store_true", help="try the chosen knobs alone")
    arguments = parser.parse_args()
    for d in arguments.sizes:
        problems = [random_feature_selection(d, seed=seed) for seed in range(arguments.seeds)]
        instances = [qx.AnnealHamiltonian(problem) for problem in problems]
        method = qx.SplitOperator(tol=1e-10)
        truth = [qx.anneal(H, TAU, method).success_probability for H in instances]
        for name in arguments.solvers:
            try:
                ladder = [SOLVERS[name].knob(d)] if arguments.check else SOLVERS[name].ladder
                print(f"d = {d}, {climb(name, ladder, instances, truth)}", flush=True)
            except ModuleNotFoundError as error:
                print(f"d = {d}, {name}: {error}", flush=True)


if __name__ == "__main__":
    main()
