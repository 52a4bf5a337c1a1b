"""Exact solvers on feature-selection files: own branch and bound, HiGHS, tree decomposition.

A row per file and solver is printed: energy, lower bound, seconds of processor time, and whether
the optimum is proven. ``--seconds`` limits HiGHS by the clock on the wall: run it on a free core.
Exit status 1 if two solvers that claim a proof disagree.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

import qxgap as qx
from benchmarks.gap.certify_folder import instances

MAX_TREEWIDTH = 24
TOLERANCE = 1e-3
"""HiGHS stops at a relative gap of 1e-4."""

Outcome = tuple[float, float, bool]


def branch_and_bound(problem: qx.QuboProblem, seconds: float) -> Outcome:
    """Double the budget of nodes until the proof is there or half the time is gone."""
    begun, nodes = time.process_time(), 1000
    while True:
        found = qx.minimize(problem, max_nodes=nodes)
        proven = found.status.name == "OPTIMAL"
        if proven or time.process_time() - begun > seconds / 2:
            return found.energy, found.lower, proven
        nodes *= 2


def highs(problem: qx.QuboProblem, seconds: float) -> Outcome:
    """The linearised problem, ``y_pq >= n_p + n_q - 1`` for couplings that are all positive."""
    d, pairs = problem.num_qubits, np.argwhere(problem.J > 0)
    rows, ones = np.arange(len(pairs)), np.ones(len(pairs))
    columns = np.concatenate([pairs[:, 0], pairs[:, 1], d + rows])
    matrix = sparse.csr_array(
        (np.concatenate([ones, ones, -ones]), (np.tile(rows, 3), columns)),
        shape=(len(pairs), d + len(pairs)),
    )
    found = milp(
        np.concatenate([problem.h, problem.J[tuple(pairs.T)]]),
        constraints=LinearConstraint(matrix, ub=1),
        integrality=np.arange(d + len(pairs)) < d,
        bounds=Bounds(0, 1),
        options={"time_limit": seconds},
    )
    energy = np.inf if found.fun is None else found.fun
    lower = -np.inf if found.mip_dual_bound is None else found.mip_dual_bound
    return energy + problem.offset, lower + problem.offset, found.status == 0


def tree_decomposition(problem: qx.QuboProblem, seconds: float) -> Outcome:
    """dwave-samplers' solver; a complete graph of d variables has treewidth d - 1."""
    from dwave.samplers import TreeDecompositionSolver

    if problem.num_qubits > MAX_TREEWIDTH:
        return np.inf, -np.inf, False
    energy = float(TreeDecompositionSolver().sample(problem.to_bqm()).first.energy)
    return energy, energy, True


SOLVERS: dict[str, Callable[[qx.QuboProblem, float], Outcome]] = {
    "branch and bound": branch_and_bound,
    "HiGHS": highs,
    "tree decomposition": tree_decomposition,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="+", help="folders of .npz files, or files")
    parser.add_argument("--seconds", type=float, default=60.0, help="per file and solver")
    parser.add_argument("--solver", choices=SOLVERS, action="append", help="default: all")
    arguments = parser.parse_args()
    branch_and_bound(qx.QuboProblem([-1.0] * 3, np.triu(np.full((3, 3), 0.6), 1)), 1.0)  # compile
    rows = []
    for path in instances(arguments.paths):
        problem = qx.load(path)
        fixed = qx.reduce(problem).num_fixed
        for name in arguments.solver or SOLVERS:
            begun = time.process_time()
            energy, lower, proven = SOLVERS[name](problem, arguments.seconds)
            rows.append(
                {
                    "file": f"{path.parent.name}/{path.name}",
                    "d": problem.num_qubits,
                    "fixed": fixed,
                    "solver": name,
                    "energy": energy,
                    "lower": lower,
                    "seconds": time.process_time() - begun,
                    "proven": proven,
                }
            )
            print(*rows[-1].values(), flush=True)
    return report(pd.DataFrame(rows))


def report(table: pd.DataFrame) -> int:
    """Print a summary by folder and solver; return whether proofs contradict each other."""
    table["folder"] = table.file.str.split("/").str[0]
    summary = table.groupby(["folder", "solver"]).agg(
        files=("file", "size"),
        d_min=("d", "min"),
        d_max=("d", "max"),
        settled=("fixed", lambda x: int((x == table.d[x.index]).sum())),
        proven=("proven", "sum"),
        median_seconds=("seconds", "median"),
        max_seconds=("seconds", "max"),
    )
    print(summary.to_string(float_format="%.3f"))
    proofs = table[table.proven].groupby("file").energy
    worst = float((proofs.max() - proofs.min()).max())
    print(f"largest difference of proven energies: {worst:.1e}")
    return int(worst > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
