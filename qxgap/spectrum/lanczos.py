"""ARPACK's restarted Lanczos, checked by deflation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from ..problem.errors import require_memory
from .status import ConvergenceError, EigenStatus


@dataclass(frozen=True)
class Lanczos:
    """ARPACK's implicitly restarted Lanczos, padded, then checked by deflation.

    Lanczos can skip a member of a cluster and still report convergence. So ``padding`` more levels
    than asked for are sought, and the operator with the found ones shifted away is solved again
    from a fresh random start; what that finds below the highest wanted level is put in its place.

    Parameters
    ----------
    tol : relative accuracy asked of ARPACK.
    padding : levels sought beyond those wanted.
    max_restarts : per solve.
    max_repairs : deflated re-solves before the status says INCOMPLETE.
    """

    tol: float = 1e-12
    padding: int = 4
    max_restarts: int = 2000
    max_repairs: int = 6


class CountedOperator:
    """An operator that counts its applications."""

    def __init__(self, op: LinearOperator, norm_bound: float) -> None:
        self.op, self.n, self.norm, self.count = op, op.shape[0], norm_bound, 0

    def __call__(self, v: NDArray) -> NDArray[np.float64]:
        """``op v`` for v of shape (n,)."""
        self.count += 1
        return self.op.matvec(v)

    def block(self, block: NDArray) -> NDArray[np.float64]:
        """``op block`` column by column, (n, m)."""
        return np.column_stack([self(column) for column in np.ascontiguousarray(block.T)])


def lanczos(
    op: CountedOperator, k: int, method: Lanczos, start: NDArray, rng: np.random.Generator
) -> tuple[NDArray, float, EigenStatus]:
    """Lowest ``k`` vectors or more, (n, m), from ``start`` (n,).

    Also a lower bound of the levels beyond them, -inf if not known, and how it ended.
    """
    wanted = min(k + method.padding, op.n // 2)
    values, vectors, converged = _arpack(op, wanted, method, start)
    if values.size < k:
        unknown = rng.normal(size=(op.n, k - values.size))
        return np.column_stack([vectors, unknown]), -np.inf, EigenStatus.NOT_CONVERGED
    for _ in range(method.max_repairs):
        lowest, extra, found = _arpack(op, 1, method, rng.normal(size=op.n), deflate=vectors)
        if not (converged and found):
            return vectors, -np.inf, EigenStatus.NOT_CONVERGED
        tolerance = 100 * method.tol * op.norm
        if lowest[0] >= values[k - 1] - tolerance:
            return vectors, float(lowest[0]) - tolerance, EigenStatus.CONVERGED
        vectors = np.linalg.qr(np.column_stack([vectors, extra]))[0]
        small = vectors.T @ op.block(vectors)
        values, rotation = np.linalg.eigh((small + small.T) / 2)
        vectors = vectors @ rotation
    return vectors, -np.inf, EigenStatus.INCOMPLETE


def _arpack(
    op: CountedOperator,
    k: int,
    method: Lanczos,
    start: NDArray,
    deflate: NDArray | None = None,
) -> tuple[NDArray, NDArray, bool]:
    """Values ascending, vectors and whether all converged; ``deflate`` is shifted to the top."""

    def multiply(v: NDArray) -> NDArray:
        v = np.asarray(v).reshape(-1)
        if deflate is None:
            return op(v)
        return op(v) + deflate @ (2.0 * op.norm * (deflate.T @ v))

    subspace = min(op.n - 1, max(2 * k + 1, 20))
    require_memory(8 * op.n * (subspace + k + 4), f"Lanczos vectors of dimension {op.n}")
    linear = LinearOperator((op.n, op.n), matvec=multiply, dtype=np.float64)
    try:
        values, vectors = eigsh(
            linear,
            k,
            which="SA",
            v0=start,
            tol=method.tol,
            maxiter=method.max_restarts,
            ncv=subspace,
        )
    except ArpackNoConvergence as partial:
        return partial.eigenvalues, partial.eigenvectors, False
    except ArpackError as error:
        raise ConvergenceError(f"ARPACK failed on dimension {op.n}: {error}") from error
    order = np.argsort(values)
    return values[order], vectors[:, order], True
