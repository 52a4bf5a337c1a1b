"""Try to break the bracket of the minimum gap, and the certificate that no level was missed.

    python -m benchmarks.gap.bracket_attack gaps [--instances 2000] [--seed 0] [--every-node 10]
    python -m benchmarks.gap.bracket_attack levels [--trials 10000] [--seed 0]

``gaps``: problems of ten qubits that are hard on an iterative eigensolver: one to three fields 1e3
to 1e6 times the others, penalties for a size or for one-hot choices, large driver weights, and
pairs of nearly degenerate lowest states. Of every search that says BRACKETED, the gap at s* is
compared with that of the whole matrix by LAPACK. At two more of the points that the search solved,
at all of them for every tenth instance, the number of eigenvalues below each level that it found is
counted by the law of inertia, from a triangular factorisation: a level that was missed shows there.
``levels``: matrices of dimension 600 to 8,000 whose lowest levels hide in a coupled pair of states
high up on the diagonal; the levels are known in closed form. Exit status 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd
import scipy.linalg
import scipy.sparse as sp
from scipy.sparse.linalg import aslinearoperator

import qxgap as qx
from qxgap.linalg import EigenStatus, lowest_eigenpairs
from qxgap.spectra.bracket import Node

QUBITS = 10
RTOL = 1e-3


def feature_problem(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Fields and strict upper couplings of an ordinary feature-selection problem."""
    return -0.7 * rng.random(QUBITS), np.triu(0.3 * rng.random((QUBITS, QUBITS)), 1)


def huge_fields(rng: np.random.Generator) -> qx.AnnealHamiltonian:
    """One to three fields are 1e3 to 1e6 times the others, of either sign."""
    h, J = feature_problem(rng)
    chosen = rng.choice(QUBITS, rng.integers(1, 4), replace=False)
    h[chosen] *= 10 ** rng.uniform(3, 6) * rng.choice([-1, 1], chosen.size)
    return qx.AnnealHamiltonian(qx.QuboProblem(h, J))


def size_penalty(rng: np.random.Generator) -> qx.AnnealHamiltonian:
    """A penalty ``weight (n - k)^2`` on the number n of chosen variables."""
    h, J = feature_problem(rng)
    weight, k = 10 ** rng.uniform(0, 5), rng.integers(1, QUBITS)
    pairs = np.triu(np.full_like(J, 2.0), 1)
    return qx.AnnealHamiltonian(qx.QuboProblem(h + weight * (1 - 2 * k), J + weight * pairs))


def one_hot(rng: np.random.Generator) -> qx.AnnealHamiltonian:
    """Exactly one variable of each of two groups, by penalties."""
    h, J = feature_problem(rng)
    weight = 10 ** rng.uniform(0, 4)
    for group in (slice(0, QUBITS // 2), slice(QUBITS // 2, QUBITS)):
        h[group] -= weight
        J[group, group] += 2 * weight * np.triu(np.ones((QUBITS // 2,) * 2), 1)
    return qx.AnnealHamiltonian(qx.QuboProblem(h, J))


def large_driver(rng: np.random.Generator) -> qx.AnnealHamiltonian:
    """One or two driver weights are 1e2 to 1e6 times the others."""
    weights = np.ones(QUBITS)
    weights[rng.choice(QUBITS, rng.integers(1, 3), replace=False)] = 10 ** rng.uniform(2, 6)
    driver = qx.TransverseField(tuple(weights.tolist()))
    return qx.AnnealHamiltonian(qx.QuboProblem(*feature_problem(rng)), driver=driver)


def near_degenerate(rng: np.random.Generator) -> qx.AnnealHamiltonian:
    """Two variables are equal but for 1e-5 to 1e-9, and choosing both is not worth it."""
    h, J = feature_problem(rng)
    J = J + J.T
    J[1], J[:, 1] = J[0], J[:, 0]
    J[0, 1] = J[1, 0] = 2.0
    J[1, 1] = J[0, 0] = 0.0
    h[0] = -1.0
    h[1] = h[0] + 10 ** rng.uniform(-9, -5)
    return qx.AnnealHamiltonian(qx.QuboProblem(h, np.triu(J, 1)))


KINDS = [huge_fields, huge_fields, size_penalty, one_hot, large_driver, near_degenerate]
"""Every third problem has huge fields, of which the first attack found most."""


def gap_at(H: qx.AnnealHamiltonian, s: float) -> float:
    """``E_g - E_0`` at s by LAPACK."""
    A, B = map(float, H.schedule(s))
    levels = scipy.linalg.eigvalsh(H.to_dense(A, B), subset_by_index=[0, H.degeneracy])
    return float(levels[-1] - levels[0])


def count_below(matrix: np.ndarray, energy: float) -> int:
    """The number of eigenvalues below ``energy``, by Sylvester's law of inertia."""
    _, blocks, _ = scipy.linalg.ldl(matrix - energy * np.eye(len(matrix)))
    diagonal, beside = np.diag(blocks), np.diag(blocks, 1)
    return int(np.count_nonzero(scipy.linalg.eigvalsh_tridiagonal(diagonal, beside) < 0))


def missed_at(H: qx.AnnealHamiltonian, node: Node) -> bool:
    """Whether the matrix has more levels below the highest one of the node than the node has."""
    strengths = node.levels.A, node.levels.B
    matrix = H.to_dense(*strengths)
    # the sum of the levels may be too high by the slack; each of them by no more
    margin = node.slack + 1e-13 * H.norm_bound(*strengths)
    return count_below(matrix, float(node.levels.values[-1]) - margin) > node.g


def attack_gaps(args: argparse.Namespace) -> bool:
    """One row per kind of problem; True if all is right."""
    rows = []
    for index in range(args.first, args.first + args.instances):
        rng = np.random.default_rng([args.seed, index])
        kind = KINDS[index % len(KINDS)]
        H = kind(rng)
        begin = time.perf_counter()
        result = qx.minimum_gap(H, RTOL, throw=False, seed=index % 5)
        seconds = time.perf_counter() - begin
        row = {"kind": kind.__name__, "status": result.status.name, "seconds": seconds}
        row |= {"eigensolves": result.eigensolves, "matvecs": result.matvecs, "wrong": False}
        if result.status is qx.GapStatus.BRACKETED:
            scale = H.norm_bound(*map(float, H.schedule(result.s_star)))
            exact = gap_at(H, result.s_star)
            nodes = result.known.nodes
            if index % args.every_node:
                nodes = [nodes[i] for i in rng.integers(len(nodes), size=2)]
            row["wrong"] = bool(
                abs(exact - result.value) > RTOL * exact + 1e-13 * scale
                or result.lower > exact + 1e-13 * scale
                or result.lower < result.value * (1 - RTOL)
                or any(missed_at(H, node) for node in nodes)
            )
            if row["wrong"]:
                print(f"WRONG: {kind.__name__}, instance {index}: {result}; exact {exact!r}")
        rows.append(row)
        if len(rows) % 100 == 0:
            wrong = sum(row["wrong"] for row in rows)
            print(f"{len(rows)} of {args.instances}, wrong {wrong}", flush=True)
    table = pd.DataFrame(rows)
    counts = table.pivot_table(index="kind", columns="status", values="matvecs", aggfunc="count")
    summary = table.groupby("kind").agg(
        instances=("wrong", "size"), wrong=("wrong", "sum"), products=("matvecs", "median")
    )
    print(summary.join(counts.fillna(0).astype(int)).to_string())
    return not table.wrong.any()


def hidden_pair(rng: np.random.Generator) -> tuple[sp.csr_array, np.ndarray]:
    """A matrix and its lowest levels: one or two of them in coupled pairs of high states."""
    n, pairs = int(10 ** rng.uniform(np.log10(600), np.log10(8000))), rng.integers(1, 3)
    top = 10 ** rng.uniform(0.5, 5)
    diagonal = rng.uniform(-0.3, 1.0, n)
    diagonal[:2] = -1.0, -0.3
    matrix = sp.lil_array((n, n))
    for i in range(pairs):
        level = rng.uniform(-1.5, -0.31)
        a, b = n - 2 * i - 2, n - 2 * i - 1
        diagonal[[a, b]] = top
        matrix[a, b] = matrix[b, a] = -(top - level)
    matrix.setdiag(diagonal)
    exact = [top - abs(matrix[n - 2 * i - 2, n - 2 * i - 1]) for i in range(pairs)]
    levels = np.sort(np.concatenate([diagonal[: n - 2 * pairs], exact]))
    # turned by random rotations of neighbours, so that no state is an eigenstate
    return _turned(sp.csr_array(matrix), rng), levels


def _turned(matrix: sp.csr_array, rng: np.random.Generator) -> sp.csr_array:
    """The matrix in a basis turned by a small angle in disjoint pairs of states."""
    n = matrix.shape[0]
    order = rng.permutation(n)[: 2 * (n // 2)].reshape(-1, 2)
    angles = rng.uniform(-0.1, 0.1, len(order))
    rotation = sp.eye_array(n, format="lil")
    for (a, b), angle in zip(order, angles, strict=True):
        c, s = np.cos(angle), np.sin(angle)
        rotation[a, a], rotation[a, b], rotation[b, a], rotation[b, b] = c, -s, s, c
    rotation = sp.csr_array(rotation)
    turned = sp.csr_array(rotation @ matrix @ rotation.T)
    return sp.csr_array((turned + turned.T) / 2)


def attack_levels(args: argparse.Namespace) -> bool:
    """True if no solve that says CONVERGED lacks a level."""
    rows = []
    for trial in range(args.trials):
        rng = np.random.default_rng([args.seed, trial])
        matrix, levels = hidden_pair(rng)
        k = int(rng.integers(1, 4))
        norm = float(abs(matrix).sum(axis=1).max())
        pairs = lowest_eigenpairs(
            aslinearoperator(matrix),
            k,
            norm_bound=norm,
            seed=trial,
            diagonal=matrix.diagonal() if trial % 4 else None,
        )
        error = np.abs(pairs.values - levels[:k]).max()
        converged = pairs.status is EigenStatus.CONVERGED
        wrong = bool(converged and error > k * 1e-8 * norm + 1e-12)
        rows.append({"status": pairs.status.name, "wrong": wrong, "products": pairs.matvecs})
        if wrong:
            print(f"WRONG: trial {trial}: {pairs.values}, exact {levels[:k]}")
        if (trial + 1) % 1000 == 0:
            print(
                f"{trial + 1} of {args.trials}, wrong {sum(r['wrong'] for r in rows)}", flush=True
            )
    table = pd.DataFrame(rows)
    print(table.groupby("status").agg(trials=("wrong", "size"), wrong=("wrong", "sum")))
    print(f"products: median {table.products.median():.0f}, largest {table.products.max()}")
    return not table.wrong.any()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["gaps", "levels"])
    parser.add_argument("--instances", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="index of the first instance")
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--every-node", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    right = attack_gaps(args) if args.what == "gaps" else attack_levels(args)
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
