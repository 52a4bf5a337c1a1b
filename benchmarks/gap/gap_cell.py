"""One cell of the gap benchmark in a process of its own: one solver on one instance.

    python -m benchmarks.gap.gap_cell SOLVER NUM_QUBITS SEED LIMIT

prints a JSON object for each stage that it finishes; the last one counts. SOLVER is ``ours``,
``reference`` or a peer. A peer tries 3, then 10, then all 101 points of the grid, as far as LIMIT
seconds seem to suffice, and scales up from what it has.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator

import numpy as np
import scipy.linalg
import scipy.optimize

import qxgap as qx
from benchmarks.common.cells import Growth, Row
from benchmarks.gap.gap_peers import PEERS, Peer, Solve, csr_eigsh
from qxgap.testing import random_feature_selection

GRID = np.linspace(0.0, 1.0, 101)
STAGES = ((16, 50, 84), range(5, 101, 10), range(101))
RTOL = 1e-3
DENSE_UP_TO = 10
INDEPENDENT_UP_TO = 14
WARM_UP_SOLVES = 3


def instance(num_qubits: int, seed: int) -> qx.AnnealHamiltonian:
    return qx.AnnealHamiltonian(random_feature_selection(num_qubits, seed=seed))


def ours(num_qubits: int, seed: int, rtol: float = RTOL) -> Row:
    """The certified search, everything compiled beforehand, the diagonal not."""
    qx.minimum_gap(instance(num_qubits, seed), max_eigensolves=WARM_UP_SOLVES, throw=False)
    H = instance(num_qubits, seed)
    growth, begin = Growth(), time.perf_counter()
    gap = qx.minimum_gap(H, rtol=rtol, throw=False)
    return {
        "status": gap.status.name.lower(),
        "points": gap.eigensolves,
        "seconds": time.perf_counter() - begin,
        "matvecs": gap.matvecs,
        "gap": gap.value,
        "lower": gap.lower,
        "s_star": gap.s_star,
        **growth.row(),
    }


def reference(num_qubits: int, seed: int) -> Row:
    """The gap to about 1e-8: on the grid and polished there, or a bracket too narrow to matter.

    Dense to d = 10 and eigsh to d = 14, which know nothing of qxgap's search; beyond, the certified
    search at rtol = 1e-6.
    """
    if num_qubits > INDEPENDENT_UP_TO:
        return ours(num_qubits, seed, rtol=1e-6) | {"method": "bracket"}
    H = instance(num_qubits, seed)
    sparse = csr_eigsh(float)(H)

    def gap(s: float) -> float:
        if num_qubits > DENSE_UP_TO:
            return sparse(s).gap
        levels = scipy.linalg.eigvalsh(
            H.to_sparse(*H.schedule(s)).toarray(), subset_by_index=[0, 1]
        )
        return float(levels[1] - levels[0])

    gaps = [gap(float(s)) for s in GRID]
    best = int(np.argmin(gaps))
    bounds = max(GRID[best] - 0.01, 0.0), min(GRID[best] + 0.01, 1.0)
    found = scipy.optimize.minimize_scalar(
        gap, bounds=bounds, method="bounded", options={"xatol": 1e-7}
    )
    value, s_star = min((gaps[best], float(GRID[best])), (float(found.fun), float(found.x)))
    method = "dense" if num_qubits <= DENSE_UP_TO else "eigsh"
    return {"status": "reference", "gap": value, "s_star": s_star, "method": method}


def peer_rows(peer: Peer, num_qubits: int, seed: int, limit: float) -> Iterator[Row]:
    """One row for each stage, the next only if it should end within the limit."""
    peer.prepare(instance(4, seed))(0.5)
    H = instance(num_qubits, seed)
    H.to_linear_operator(*H.schedule(0.5)).matvec(np.ones(H.dimension))
    H = instance(num_qubits, seed)
    growth, begin = Growth(), time.perf_counter()
    solve = peer.prepare(H)
    setup = time.perf_counter() - begin
    for stage in STAGES:
        row = run_points(peer, solve, stage)
        each = row.pop("seconds") / len(stage)
        spent = time.perf_counter() - begin
        row |= {"seconds": setup + each * len(GRID), **growth.row()}
        yield row
        following = STAGES[min(STAGES.index(stage) + 1, len(STAGES) - 1)]
        lead_ins = peer.warm and len(following) < len(GRID)
        if spent + each * len(following) * (2 if lead_ins else 1) > limit:
            return


def run_points(peer: Peer, solve: Solve, indices: Iterable[int]) -> Row:
    """Solve at some grid points and scale counts up to all.

    A warm start comes from the point just before on the grid, which is solved and not counted if
    it is not among the points.
    """
    indices = list(indices)
    seconds, solutions = 0.0, []
    for index in indices:
        if peer.warm and index > 0 and index - 1 not in indices:
            solve(GRID[index - 1])
        begin = time.perf_counter()
        solutions.append(solve(GRID[index]))
        seconds += time.perf_counter() - begin
    row: Row = {"points": len(indices), "seconds": seconds, "status": "extrapolated"}
    row["unconverged"] = sum(not solution.converged for solution in solutions)
    if all(solution.matvecs is not None for solution in solutions):
        spent = sum(solution.matvecs for solution in solutions)
        row["matvecs"] = round(spent * len(GRID) / len(indices))
    if len(indices) == len(GRID):
        best = min(range(len(GRID)), key=lambda index: solutions[index].gap)
        row |= {"status": "complete", "gap": solutions[best].gap, "s_star": float(GRID[best])}
    return row


def main() -> None:
    solver, num_qubits, seed, limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if solver in PEERS:
        rows = peer_rows(PEERS[solver], num_qubits, seed, float(limit))
    else:
        rows = iter([{"ours": ours, "reference": reference}[solver](num_qubits, seed)])
    for row in rows:
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
