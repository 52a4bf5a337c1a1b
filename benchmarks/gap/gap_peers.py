"""What finds the two lowest levels at a given s, other than qxgap: the peers of the gap benchmark.

Each is used as its documentation shows, on one thread, and written here from descriptions. None
but the matrix-free ones with a ``tol`` is told to do less than its default. What the peers are
given for free: ready-made matrices in place of their own slow assembly, and qxgap's fast product
for those that take an operator.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, aslinearoperator, eigsh, lobpcg

from qxgap import AnnealHamiltonian

RESIDUAL = 1e-5
"""Residual norm that encloses a gap of 0.02, the median of these instances, to 0.1 %.

``|E - theta| <= |r|`` for each of two levels. A grid at this tolerance vouches for its gaps as the
certified search does for its bracket, so it is what "equal accuracy" compares with.
"""
LOOSE = 1e-3
"""Residual norm that, as hindsight shows, leaves the gaps of these instances right to 0.1 %."""


@dataclass(frozen=True)
class Solution:
    """Two lowest levels, products spent (None if they cannot be counted), and whether converged."""

    levels: NDArray[np.float64]
    matvecs: int | None = None
    converged: bool = True

    @property
    def gap(self) -> float:
        """E_1 - E_0."""
        low, high = np.sort(self.levels.real)
        return float(high - low)


Solve = Callable[[float], Solution]


@dataclass(frozen=True)
class Peer:
    """A solver with the way it is used.

    Attributes
    ----------
    prepare : does once what does not depend on s; the result solves at one s after another.
    warm : a solve starts from the vectors of the one before.
    equal : vouches for its levels no less than the certified search does; the gate asks these.
    """

    label: str
    prepare: Callable[[AnnealHamiltonian], Solve]
    warm: bool = False
    equal: bool = False


class CountingOperator(LinearOperator):
    """Passes products on and counts them, one per column."""

    def __init__(self, operator: LinearOperator) -> None:
        super().__init__(operator.dtype, operator.shape)
        self.operator = operator
        self.count = 0

    def _matvec(self, v: NDArray) -> NDArray:
        self.count += 1
        return self.operator.matvec(v)

    def _matmat(self, V: NDArray) -> NDArray:
        self.count += V.shape[1]
        return self.operator.matmat(V)


def random_start(n: int) -> NDArray:
    """(n,) the same for every point, as good as any."""
    return np.random.default_rng(0).normal(size=n)


def matrices(H: AnnealHamiltonian, dtype: type) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """H_D and H_P of the linear schedule, with 32-bit indices as scipy itself would choose."""

    def compact(matrix: sp.csr_array) -> sp.csr_matrix:
        indices, pointers = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
        return sp.csr_matrix((matrix.data.astype(dtype), indices, pointers), shape=matrix.shape)

    return compact(H.to_sparse(*H.schedule(0.0))), compact(H.to_sparse(*H.schedule(1.0)))


def csr_eigsh(dtype: type) -> Callable[[AnnealHamiltonian], Solve]:
    """ARPACK on the matrix of each point, cold start, default tolerance.

    Of complex entries, as in the authors' procedure, scipy silently makes a nonsymmetric problem.
    """

    def prepare(H: AnnealHamiltonian) -> Solve:
        driver, problem = matrices(H, dtype)
        start = random_start(H.dimension).astype(dtype)

        def solve(s: float) -> Solution:
            op = CountingOperator(aslinearoperator((1.0 - s) * driver + s * problem))
            levels = eigsh(op, k=2, which="SA", v0=start, return_eigenvectors=False)
            return Solution(levels, op.count)

        return solve

    return prepare


def qutip_sparse(H: AnnealHamiltonian) -> Solve:
    import qutip

    dims = [[2] * H.num_qubits] * 2
    driver, problem = (qutip.Qobj(matrix, dims=dims) for matrix in matrices(H, complex))

    def solve(s: float) -> Solution:
        return Solution(((1.0 - s) * driver + s * problem).eigenenergies(sparse=True, eigvals=2))

    return solve


def quspin_hamiltonian(
    H: AnnealHamiltonian, A: Callable[[float], float], B: Callable[[float], float]
) -> Any:
    """``A(t) H_D + B(t) H_P`` less a multiple of B(t), which changes no gap and no probability.

    Spins up are n = 0, so the states come in our order.
    """
    from quspin.basis import spin_basis_1d
    from quspin.operators import hamiltonian

    d, h, J = H.num_qubits, H.problem.h, H.problem.J
    fields = -(h / 2 + (J + J.T).sum(axis=1) / 4)
    flips = [[-float(weight), q] for q, weight in enumerate(H.driver.weights(d))]
    pairs = [[J[p, q] / 4, p, q] for p in range(d) for q in range(p + 1, d)]
    dynamic = [
        ["x", flips, A, ()],
        ["z", [[field, q] for q, field in enumerate(fields)], B, ()],
        ["zz", pairs, B, ()],
    ]
    basis = spin_basis_1d(d, pauli=1)
    unchecked = {"check_herm": False, "check_symm": False, "check_pcon": False}
    return hamiltonian([], dynamic, basis=basis, dtype=np.float64, **unchecked)


def quspin_eigsh(H: AnnealHamiltonian) -> Solve:
    operator = quspin_hamiltonian(H, lambda s: 1.0 - s, lambda s: s)

    def solve(s: float) -> Solution:
        return Solution(operator.eigsh(time=s, k=2, which="SA", return_eigenvectors=False))

    return solve


def free_eigsh(residual: float) -> Callable[[AnnealHamiltonian], Solve]:
    """ARPACK on the matrix-free product, started from the vectors before; 0: default tolerance."""

    def prepare(H: AnnealHamiltonian) -> Solve:
        start = random_start(H.dimension)

        def solve(s: float) -> Solution:
            nonlocal start
            op = CountingOperator(H.to_linear_operator(*H.schedule(s)))
            tol = residual / H.norm_bound(1.0 - s, s)  # ARPACK's is relative to the level
            levels, vectors = eigsh(op, k=2, which="SA", v0=start, tol=tol)
            start = vectors.sum(axis=1)
            return Solution(levels, op.count)

        return solve

    return prepare


def free_lobpcg(residual: float) -> Callable[[AnnealHamiltonian], Solve]:
    """LOBPCG on a block of two (more cost more), preconditioned by 1 / (diagonal - level)."""

    def prepare(H: AnnealHamiltonian) -> Solve:
        block = np.random.default_rng(0).normal(size=(H.dimension, 2))

        def solve(s: float) -> Solution:
            nonlocal block
            op = CountingOperator(H.to_linear_operator(*H.schedule(s)))
            ground = block[:, 0] / np.linalg.norm(block[:, 0])
            level = ground @ op.matvec(ground)
            distance = np.maximum(s * H.diagonal - level, 0.01 * H.norm_bound(1.0 - s, s))
            with warnings.catch_warnings(record=True) as complaints:
                warnings.simplefilter("always")
                levels, vectors = lobpcg(
                    op,
                    block,
                    M=lambda r: r / distance[:, None],
                    largest=False,
                    tol=residual,
                    maxiter=300,
                )
            block = vectors[:, np.argsort(levels)]
            return Solution(levels, op.count, not complaints)

        return solve

    return prepare


PEERS = {
    "authors": Peer("authors' procedure (complex CSR, eigsh)", csr_eigsh(complex), equal=True),
    "qutip": Peer("QuTiP eigenenergies(sparse=True)", qutip_sparse, equal=True),
    "quspin": Peer("QuSpin eigsh", quspin_eigsh, equal=True),
    "csr": Peer("scipy eigsh, real CSR", csr_eigsh(float), equal=True),
    "free": Peer(
        "eigsh matrix-free, warm, default tolerance", free_eigsh(0.0), warm=True, equal=True
    ),
    "free-equal": Peer(
        "eigsh matrix-free, warm, residual 1e-5", free_eigsh(RESIDUAL), warm=True, equal=True
    ),
    "lobpcg-equal": Peer(
        "LOBPCG matrix-free, warm, residual 1e-5", free_lobpcg(RESIDUAL), warm=True, equal=True
    ),
    "free-loose": Peer("eigsh matrix-free, warm, residual 1e-3", free_eigsh(LOOSE), warm=True),
    "lobpcg-loose": Peer("LOBPCG matrix-free, warm, residual 1e-3", free_lobpcg(LOOSE), warm=True),
}
